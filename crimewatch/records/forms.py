"""Form fields and widgets of the admin: lists a line each, and selects that name records with their context."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from crimewatch.records.models import Record

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer


class LinesField(forms.CharField):
    """A list of texts, typed one a line; each is checked as the array's base field checks it."""

    widget = forms.Textarea(attrs={"rows": 3, "cols": 50})

    def __init__(self, base_field: forms.Field, *, max_length: int | None = None, **kwargs: Any) -> None:
        self.base_field = base_field
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        if isinstance(value, list):
            return value
        text = super().to_python(value) or ""
        return [line.strip() for line in text.splitlines() if line.strip()]

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        errors = []
        for number, line in enumerate(value, start=1):
            try:
                self.base_field.clean(line)
            except ValidationError as error:
                errors.append(
                    ValidationError(
                        _("Line %(number)s, “%(line)s”: %(reason)s"),
                        code="line",
                        params={"number": number, "line": line[:60], "reason": " ".join(error.messages)},
                    )
                )
        if errors:
            raise ValidationError(errors)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return list(initial or []) != self.to_python(data)


class NumberText(forms.TextInput):
    """A number typed as text: what a browser's own field for numbers cannot read, it sends as nothing at all."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "decimal", "size": 12, **(attrs or {})})


#: Widgets of numbers, for the ``formfield_overrides`` of an admin or inline.
NUMBERS_AS_TEXT: dict[Any, Any] = {
    field: {"widget": NumberText} for field in (models.DecimalField, models.IntegerField)
}


CLOSED = _("something that you may not see")


class LabelledChoice:
    """A choice of records, labelled so that two of one name can be told apart."""

    #: Primary keys of records that are chosen but restricted to others than who looks: they stay, unnamed.
    closed: frozenset[int] = frozenset()

    def label_from_instance(self, obj: Record) -> str:
        return str(CLOSED) if obj.pk in self.closed else obj.label()


class RecordChoiceField(LabelledChoice, forms.ModelChoiceField):
    """A choice of one record."""


class RecordMultipleChoiceField(LabelledChoice, forms.ModelMultipleChoiceField):
    """A choice of several records."""


class RecordSelect(AutocompleteSelect):
    """An autocompleted select that asks the database for its selected record only if nobody has handed it over.

    Django's own asks once for every select of every row; a page of claims has dozens of them.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known: dict[str, str] = {}

    def remember(self, record: Record, label: str = "") -> None:
        """Let the select show ``record``, by its own label or another, without asking the database."""
        self.known[str(record.pk)] = label or record.label()

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> list[Any]:
        selected = [str(item) for item in value if str(item) not in ("", "None")]
        if any(item not in self.known for item in selected):
            return super().optgroups(name, value, attr)
        options = [] if self.is_required else [self.create_option(name, "", "", selected=False, index=0)]
        options += [self.create_option(name, item, self.known[item], selected=True, index=1) for item in selected]
        return [(None, options, 0)]


def remember_records(form: forms.ModelForm) -> None:
    """Hand the records that ``form``'s instance has at hand to its selects, so that none asks the database again."""
    for name, field in form.fields.items():
        widget = getattr(field.widget, "widget", field.widget)
        if not isinstance(widget, RecordSelect):
            continue
        relation = form._meta.model._meta.get_field(name)
        if form.instance.pk is not None and relation.is_cached(form.instance):
            record = getattr(form.instance, name)
            if record is not None:
                widget.remember(record)
        initial = form.initial.get(name)
        if isinstance(initial, Record):
            widget.remember(initial)
            form.initial[name] = initial.pk


def keep_closed_records(form: forms.ModelForm, viewer: "Viewer") -> None:
    """Let a stored row keep the records that it names and ``viewer`` may not see, and do not tell their names.

    Without this the form would refuse a link that nobody has touched, or take it away.
    """
    for name, field in form.fields.items():
        if not isinstance(field, LabelledChoice):
            continue
        records: Any = field.queryset.model.objects  # type: ignore[attr-defined]
        chosen = form.initial.get(name)
        several = chosen if isinstance(chosen, list) else [chosen]
        keys = [getattr(record, "pk", record) for record in several if record]
        closed = list(records.closed_to(viewer).filter(pk__in=keys)) if keys else []
        if closed:
            field.closed = frozenset(record.pk for record in closed)
            field.queryset = records.filter(pk__in=field.closed) | field.queryset  # type: ignore[attr-defined]
            widget = getattr(field.widget, "widget", field.widget)
            if isinstance(widget, RecordSelect):
                for record in closed:
                    widget.remember(record, str(CLOSED))
