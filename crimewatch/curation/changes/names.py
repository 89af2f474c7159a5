"""Changes in words: what their rows are called, and what each field was and became."""

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models
from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from crimewatch.records.models import Record
from crimewatch.records.profiles import Piece

from .change import Change, FieldChange, Model

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer

#: Columns that say nothing of a row besides when and by what it was written.
NOT_SHOWN = frozenset({"id", "uid", "created_at", "updated_at"})


class Names:
    """The names of all records that some changes speak of, in one query; none for those that the viewer may not see."""

    def __init__(self, user: "Viewer", changes: Iterable[Change]) -> None:
        wanted: dict[Any, set[int]] = {}
        for change in changes:
            if issubclass(change.model, Record):
                wanted.setdefault(change.model, set()).add(change.row)
            for key in _foreign_keys(change.model):
                states = (change.state, change.before or {})
                wanted.setdefault(key.related_model, set()).update(
                    state[key.column] for state in states if state.get(key.column)
                )
        parts = [
            model.objects.visible_to(user)
            .filter(pk__in=keys)
            .order_by()
            .annotate(row_kind=models.Value(model._meta.label_lower))
            .values_list("row_kind", "pk", "slug", "name")
            for model, keys in wanted.items()
            if keys
        ]
        self.records: dict[tuple[Model, int], Record] = {}
        if parts:
            for kind, pk, slug, name in parts[0].union(*parts[1:], all=True):
                model: Any = apps.get_model(kind)
                self.records[model, pk] = model(pk=pk, slug=slug, name=name)

    def title(self, change: Change) -> tuple[str, str]:
        """What the changed row is called, and its address where it is still there."""
        if issubclass(change.model, Record):
            there = self.records.get((change.model, change.row))
            return str(change.state["name"]), there.get_absolute_url() if there else ""
        if change.link is not None:
            (owner,) = self.pieces(change.link.owner, change.state[change.link.owner.column])
            return owner.text, owner.address
        claim = self.instance(change.model, change.state)
        is_there = change.action != "delete" and claim.subject_record.slug
        return str(claim), claim.get_absolute_url() if is_there else ""

    def instance(self, model: Any, state: dict[str, Any]) -> Any:
        """The row in a state, with the records that it names; one that is not known has no key and says so."""
        columns = [column for column in model._meta.concrete_fields if column.column in state]
        row = model(**{column.attname: column.to_python(state[column.column]) for column in columns})
        for key in _foreign_keys(model):
            if pk := state.get(key.column):
                known = self.records.get((key.related_model, pk))
                setattr(row, key.name, known or self._unknown(key.related_model, pk))
        return row

    @staticmethod
    def _unknown(model: Any, pk: int) -> Any:
        return model(pk=pk, name=_("a record that is not there"))

    def fields_of(self, change: Change) -> Iterator[FieldChange]:
        """What a change tells field by field: of a link, what it leads to; of a deleted row nothing."""
        if change.link is not None:
            pieces = self.pieces(change.link.other, change.state[change.link.other.column])
            before, after = (pieces, []) if change.action == "delete" else ([], pieces)
            yield FieldChange(change.link.field.name, label_of(change.link.field), before, after)
        elif change.action != "delete":
            yield from self.differences(change.model, change.before, change.state)

    def differences(self, model: Any, before: dict[str, Any] | None, after: dict[str, Any]) -> Iterator[FieldChange]:
        """The fields that differ between two states of a row; those filled in where there is one state only."""
        for column in model._meta.concrete_fields:
            if column.name in NOT_SHOWN or column.generated or column.column not in after:
                continue
            old, new = (before or {}).get(column.column), after[column.column]
            if old != new and not (before is None and new in (None, "", [], False)):
                yield FieldChange(column.name, label_of(column), self.pieces(column, old), self.pieces(column, new))

    def pieces(self, column: Any, value: Any) -> list[Piece]:
        """A value as a person reads it."""
        if value in (None, "", []):
            return []
        if isinstance(column, models.ForeignKey):
            record = self.records.get((column.related_model, value))  # type: ignore[arg-type]
            return [Piece(record.name, record.get_absolute_url()) if record else Piece(_("a record that is not there"))]
        return [Piece(in_words(column, each)) for each in (value if isinstance(value, list) else [value])]


def label_of(column: Any) -> str:
    return capfirst(str(column.verbose_name))


def in_words(column: Any, value: Any) -> str:
    """What an event has kept of a value, for a reader: the label of a word, a number, yes or no, or text."""
    if column.choices:
        return {str(key): str(label) for key, label in column.flatchoices}.get(str(value), str(value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(column, models.DecimalField):
        return str(number_format(column.to_python(value).normalize(), force_grouping=True))
    return json.dumps(value) if isinstance(value, dict) else str(value)


def _foreign_keys(model: Any) -> list[Any]:
    """The foreign keys of a row that lead to records."""
    return [
        column
        for column in model._meta.concrete_fields
        if isinstance(column, models.ForeignKey) and issubclass(column.related_model, Record)  # type: ignore[arg-type]
    ]
