"""The form in which a bulk edit is typed: for each column what is to be done with it."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crimewatch.exchange.catalog import Table
from crimewatch.records.resources.widgets import BooleanWidget, CellWidget, ChoiceWidget
from crimewatch.records.workflow import LONGEST_REASON

from .changes import WAYS, Change, editable_columns, ways_of

#: What a select says where a choice is one of the things that can be done.
SET, CLEAR = "set:", "clear"


class TypedColumn(NamedTuple):
    """A column as the form shows it; ``way`` is None where one select says it all."""

    label: str
    help: str
    way: Any
    value: Any


class EditForm(forms.Form):
    """What is to be done with the columns that all chosen rows have, and why. ``changes`` is what was asked for."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=LONGEST_REASON,
        help_text=gettext_lazy("Why they are changed. It stands in the history of every row."),
    )

    def __init__(self, *args: Any, tables: Sequence[Table], user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", "use_required_attribute": False, **kwargs})
        self.changes: list[Change] = []
        self._model = tables[0].model
        self._columns = editable_columns(tables)
        for name, widget in self._columns.items():
            index = getattr(widget, "index", None)
            if index is not None:
                index.user = user
            self._add(name, widget)

    def _add(self, name: str, widget: CellWidget) -> None:
        field = self._model._meta.get_field(name)
        label = capfirst(str(field.verbose_name))
        if isinstance(widget, ChoiceWidget | BooleanWidget):
            self.fields[name] = forms.ChoiceField(label=label, required=False, choices=self._choices(field, widget))
            return
        ways = [("", _("leave it as it is")), *((way, WAYS[way]) for way in ways_of(widget))]
        self.fields[f"{name}-way"] = forms.ChoiceField(label=label, required=False, choices=ways)
        is_long = isinstance(field, models.TextField)
        self.fields[name] = forms.CharField(
            label=_("%(column)s: what") % {"column": label},
            required=False,
            strip=False,
            widget=forms.Textarea(attrs={"rows": 2}) if is_long else forms.TextInput(attrs={"autocomplete": "off"}),
        )

    @staticmethod
    def _choices(field: Any, widget: Any) -> list[tuple[str, Any]]:
        labels = dict(field.flatchoices) if field.choices else {True: _("yes"), False: _("no")}
        cells = {widget.render(value): label for value, label in labels.items() if widget.render(value)}
        choices = [("", _("leave it as it is")), *((SET + cell, label) for cell, label in cells.items())]
        return choices if widget.is_required else [*choices, (CLEAR, WAYS["clear"])]

    def columns(self) -> Iterator[TypedColumn]:
        """The columns that most edits are about."""
        return (column for name, column in self._typed() if not self._is_text(name))

    def texts(self) -> Iterator[TypedColumn]:
        """Columns with texts of some length, which are seldom the same in many rows."""
        return (column for name, column in self._typed() if self._is_text(name))

    def _is_text(self, name: str) -> bool:
        return isinstance(self._model._meta.get_field(name), models.TextField)

    @property
    def texts_are_used(self) -> bool:
        return any(column.value.data or column.value.errors for column in self.texts())

    def _typed(self) -> Iterator[tuple[str, TypedColumn]]:
        for name, widget in self._columns.items():
            is_choice = f"{name}-way" not in self.fields
            help_text = "" if is_choice else capfirst(widget.expects)
            label = str(self.fields[name if is_choice else f"{name}-way"].label)
            yield name, TypedColumn(label, help_text, None if is_choice else self[f"{name}-way"], self[name])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name, widget in self._columns.items():
            try:
                change = self._change(name, widget, cleaned)
            except ValidationError as error:
                self.add_error(name, error)
                continue
            if change is not None:
                self.changes.append(change)
        if not self.changes and not self.errors:
            raise ValidationError(_("Say for at least one column what is to be done with it."))
        return cleaned

    def _change(self, name: str, widget: CellWidget, cleaned: dict[str, Any]) -> Change | None:
        typed = cleaned.get(name, "")
        if f"{name}-way" not in self.fields:
            way, cell = ("set", typed.removeprefix(SET)) if typed.startswith(SET) else (typed, "")
        else:
            way, cell = cleaned.get(f"{name}-way", ""), typed
            self._refuse_half(way, cell)
        if not way:
            return None
        if way == "clear":
            return Change(name, way)
        return Change(name, way, widget.render(widget.clean(cell)))

    @staticmethod
    def _refuse_half(way: str, cell: str) -> None:
        if cell.strip() and way in {"", "clear"}:
            raise ValidationError(_("“%(value)s” is typed here, but not what to do with it."), params={"value": cell})
        if way not in {"", "clear"} and not cell.strip():
            raise ValidationError(_("Say what: the field is empty."))
