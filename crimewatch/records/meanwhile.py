"""What others have saved while a form was open: shown beside what was typed, and chosen field by field.

A form says which state of the row it was opened at: the number of the newest event that the history has kept of it, and
the records that it was linked to. Whoever writes the row, by whatever way, moves that number.
"""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple, Self

from django import forms
from django.contrib.auth import get_user_model
from django.core.files import File
from django.db import models
from django.db.models import QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from crimewatch.records import readable
from crimewatch.records.history import events_of

#: The names under which a form says at which state it was opened, to which other it was compared, and what is chosen.
OPENED = "_opened"
COMPARED = "_compared"
CHOICE = "_choice-"

MINE, THEIRS = "mine", "theirs"


class Version(NamedTuple):
    """A state of a row: its newest event, 0 where there is none, and the keys of what it is linked to, by field."""

    event: int
    links: dict[str, list[int]]

    def __str__(self) -> str:
        return json.dumps({"event": self.event, "links": self.links})

    @classmethod
    def of(cls, form: forms.ModelForm) -> Self:
        """The state of the row that ``form`` is about, as it was read."""
        row = form.instance
        links = {
            field.name: sorted(record.pk for record in form.initial.get(field.name, ()))
            for field in row._meta.local_many_to_many
            if field.name in form.fields
        }
        return cls(row.newest_event, links)

    @classmethod
    def read(cls, text: str) -> Self:
        """The state that a form names; one that cannot be read is older than all others."""
        try:
            value = json.loads(text)
            links = {str(name): sorted(map(int, keys)) for name, keys in value["links"].items()}
            return cls(int(value["event"]), links)
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls(0, {})


def newest_event(model: type[models.Model], pk: int) -> int:
    """The number of the newest event of a row, 0 where there is none.

    Ask before the row is read: whoever writes in between is then asked about once too often, and never overwritten.
    """
    events = events_of(model).objects.filter(pgh_obj_id=pk).order_by("-pgh_id")
    return events.values_list("pgh_id", flat=True).first() or 0


class Difference(NamedTuple):
    """A field that somebody else has changed: as it was when the form was opened, as it is now, and as it was typed."""

    name: str
    label: str
    original: str
    theirs: str
    mine: str
    #: What is to stay, ``mine`` or ``theirs``; empty until it is chosen.
    choice: str

    @property
    def input_name(self) -> str:
        return f"{CHOICE}{self.name}"


class Meanwhile(NamedTuple):
    """All that others have changed since a form was opened, and who was the last of them."""

    opened: Version
    now: Version
    differences: list[Difference]
    who: str
    at: Any
    #: Whether the person has been shown just this, and has chosen in every field.
    is_settled: bool


def meanwhile(form: forms.ModelForm) -> Meanwhile | None:
    """What others have done to the row of a bound form since it was opened; None where that touches no field of it."""
    if OPENED not in form.data:
        return None
    opened, now = Version.read(form.data[OPENED]), Version.of(form)
    if opened == now:
        return None
    model = type(form.instance)
    events = events_of(model).objects.filter(pgh_obj_id=form.instance.pk).select_related("pgh_context")
    original = events.filter(pgh_id=opened.event).first()
    is_compared = form.data.get(COMPARED) == str(now)
    differences = []
    for name, field in form.fields.items():
        column: Any = model._meta.get_field(name)
        theirs = plain(form.initial.get(name)) if column.many_to_many else plain(getattr(form.instance, column.attname))
        before = _before(column, original, opened)
        mine = plain(form.cleaned_data[name]) if name in form.cleaned_data else plain(form[name].data)
        if theirs in (before, mine):
            continue
        choice = form.data.get(f"{CHOICE}{name}", "") if is_compared else ""
        if choice not in (MINE, THEIRS):
            choice = THEIRS if mine == before and not is_compared else ""
        original_words, their_words, my_words = (in_words(column, field, value) for value in (before, theirs, mine))
        label = capfirst(str(field.label or name))
        differences.append(Difference(name, label, original_words, their_words, my_words, choice))
    if not differences:
        return None
    latest = events.order_by("-pgh_id").first()
    settled = is_compared and all(difference.choice for difference in differences)
    return Meanwhile(opened, now, differences, _who(latest), latest and latest.pgh_created_at, settled)


def settle(form: forms.ModelForm, found: Meanwhile) -> None:
    """Take over into what ``form`` saves whatever is chosen of theirs."""
    for name in (difference.name for difference in found.differences if difference.choice == THEIRS):
        form.errors.pop(name, None)
        form.cleaned_data[name] = form.initial.get(name)
        column: Any = form.instance._meta.get_field(name)
        if not column.many_to_many:
            form.cleaned_data[name] = getattr(form.instance, name)
        if name in form.changed_data:
            form.changed_data.remove(name)


def plain(value: Any) -> Any:
    """A value as it can be compared with that of an event, of an instance or of a form."""
    if value is None:
        return ""
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, File):
        return value.name or ""
    if isinstance(value, QuerySet):
        return tuple(sorted(value.values_list("pk", flat=True)))
    if isinstance(value, list | tuple):
        return tuple(sorted(each.pk for each in value) if value and isinstance(value[0], models.Model) else value)
    return value


def in_words(column: Any, field: forms.Field, value: Any) -> str:
    """A plain value of a column as a person reads it; records as the form's own choice would name them."""
    if value in ("", (), None):
        return ""
    if isinstance(field, forms.ModelChoiceField):
        keys = value if isinstance(value, tuple) else (value,)
        return _joined(_labels(field, keys))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if column.choices:
        return {str(key): str(label) for key, label in column.flatchoices}.get(str(value), str(value))
    if isinstance(column, models.DecimalField) and not isinstance(value, str):
        return readable.number(value)
    return _joined(map(str, value)) if isinstance(value, tuple) else str(value)


def _labels(field: forms.ModelChoiceField, keys: Iterable[Any]) -> list[str]:
    numbers = [int(key) for key in keys if str(key).isdecimal()]
    found = {record.pk: field.label_from_instance(record) for record in field.queryset.filter(pk__in=numbers)}  # type: ignore[union-attr]
    return [found.get(number, _("a record that is not there")) for number in numbers]


def _joined(words: Iterable[str]) -> str:
    return " · ".join(words)


def _before(column: Any, original: Any, opened: Version) -> Any:
    """What the field held when the form was opened; nothing equals it where that is not known."""
    if column.many_to_many:
        return tuple(opened.links[column.name]) if column.name in opened.links else None
    return plain(getattr(original, column.attname)) if original is not None else None


def _who(event: Any) -> str:
    metadata = (event.pgh_context.metadata if event is not None and event.pgh_context else None) or {}
    person = get_user_model().objects.filter(pk=metadata["user"]).first() if metadata.get("user") else None
    name = (person.get_full_name() or person.get_username()) if person else ""
    file = metadata.get("import_file", "")
    return " · ".join(filter(None, [name, _("import of %(file)s") % {"file": file} if file else ""]))
