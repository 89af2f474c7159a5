"""A record at a moment, with the claims and links that named it then, and the same at two moments side by side.

A moment is exclusive: what a transaction wrote belongs to the moments behind the time that it bears.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.apps import apps
from django.db import connection
from django.utils.translation import pgettext

from crimewatch.citations.querysets import mentioned_record_fields
from crimewatch.curation.changes import Change, FieldChange, History, Model, Names, kind_of_row, label_of
from crimewatch.records.history import Link, events_of, links_of
from crimewatch.records.models import Record
from crimewatch.records.profiles import Piece

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer

#: The newest state before a moment of each row that has ever named the record, where it was there and named it then.
AT = """
    SELECT '{kind}' AS kind, {place} AS place, pgh_row.pgh_id FROM (
        SELECT DISTINCT ON (pgh_event.pgh_obj_id) pgh_event.* FROM {events} AS pgh_event
        WHERE pgh_event.pgh_created_at < %(moment)s
            AND pgh_event.pgh_obj_id IN (SELECT named.pgh_obj_id FROM {events} AS named WHERE {ever_named})
        ORDER BY pgh_event.pgh_obj_id, pgh_event.pgh_id DESC
    ) AS pgh_row
    WHERE pgh_row.pgh_label <> 'delete' AND {named} AND {condition}
"""

#: The newest states before two moments of each row that was written between them.
BETWEEN = """
    SELECT '{kind}' AS kind, {place} AS place, moved.row_id, first.pgh_id, second.pgh_id FROM (
        SELECT DISTINCT pgh_event.pgh_obj_id AS row_id FROM {events} AS pgh_event
        WHERE pgh_event.pgh_created_at >= %(first)s AND pgh_event.pgh_created_at < %(second)s
            AND pgh_event.pgh_obj_id IN (SELECT named.pgh_obj_id FROM {events} AS named WHERE {ever_named})
    ) AS moved
    LEFT JOIN LATERAL ({at_first}) AS first ON true
    LEFT JOIN LATERAL ({at_second}) AS second ON true
    WHERE first.pgh_id IS DISTINCT FROM second.pgh_id
"""
NEWEST = """
    SELECT pgh_row.pgh_id FROM (
        SELECT * FROM {events} AS pgh_event
        WHERE pgh_event.pgh_obj_id = moved.row_id AND pgh_event.pgh_created_at < %({moment})s
        ORDER BY pgh_event.pgh_id DESC LIMIT 1
    ) AS pgh_row
    WHERE pgh_row.pgh_label <> 'delete' AND {named} AND {condition}
"""

#: The links of a record in one field at a moment; whether the user may see what one leads to.
LINKS = """
    SELECT {place}, pgh_row.{other}, pgh_row.pgh_id, {condition} FROM (
        SELECT DISTINCT ON (pgh_event.pgh_obj_id) pgh_event.* FROM {events} AS pgh_event
        WHERE pgh_event.{owner} = %(record)s AND pgh_event.pgh_created_at < %(moment)s
        ORDER BY pgh_event.pgh_obj_id, pgh_event.pgh_id DESC
    ) AS pgh_row
    WHERE pgh_row.pgh_label <> 'delete'
"""


class Linked(NamedTuple):
    """A record that another was linked to: its key, the event of the link, and whether the user may see it."""

    other: int
    event: int
    is_open: bool


@dataclass
class Compared:
    """A row that is not the same at two moments: what became of it, and its fields side by side."""

    model: Model
    title: str
    address: str
    what: str
    fields: list[FieldChange]

    @property
    def kind(self) -> str:
        return kind_of_row(self.model)

    @property
    def in_words(self) -> str:
        """What became of the row between the two moments, in a word."""
        words = {
            "added": pgettext("of a row", "added"),
            "changed": pgettext("of a row", "changed"),
            "gone": pgettext("of a row", "gone"),
        }
        return words[self.what]


class Versions(History):
    """The states of one record that ``user`` may look at. Every question takes a few queries, whatever it finds."""

    def __init__(self, user: "Viewer", record: Record) -> None:
        super().__init__(user)
        self.record = record
        self.links = links_of(type(record))

    # At one moment

    def at(self, moment: datetime, start: int, stop: int) -> list[Change]:
        """The record as it was, its links among its fields, and then the claims and links that named it."""
        values: dict[str, Any] = {"moment": moment}
        parts = [AT.format(**each) for each in self._places(values)]
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT kind, pgh_id FROM ({' UNION ALL '.join(parts)}) AS found"
                " ORDER BY place, pgh_id LIMIT %(number)s OFFSET %(start)s",
                {**values, "number": stop - start, "start": start},
            )
            keys = [(apps.get_model(kind), pgh_id) for kind, pgh_id in cursor.fetchall()]
        found = self._load(keys, whole=True)
        if found and found[0].model is type(self.record):
            found[0].fields += [
                FieldChange(link.field.name, label_of(link.field), [], pieces)
                for link, (pieces,) in self.links_in_words(moment).items()
                if pieces
            ]
        return found

    def links_at(self, moment: datetime) -> dict[Link, list[Linked]]:
        """What each field of many to many of the record led to, in one query."""
        values: dict[str, Any] = {"record": self.record.pk, "moment": moment}
        parts = [
            LINKS.format(
                place=place,
                events=_events(link.table),
                owner=_quoted(link.owner.column),
                other=_quoted(link.other.column),
                condition=self._condition(link.table, values),
            )
            for place, link in enumerate(self.links)
        ]
        found: dict[Link, list[Linked]] = {link: [] for link in self.links}
        if parts:
            with connection.cursor() as cursor:
                cursor.execute(" UNION ALL ".join(parts), values)
                for place, *linked in cursor.fetchall():
                    found[self.links[place]].append(Linked(*linked))
        return found

    def links_in_words(self, *moments: datetime) -> dict[Link, list[list[Piece]]]:
        """What each field of many to many led to at each of some moments, as far as the user may see it."""
        then = [self.links_at(moment) for moment in moments]
        events = {(link.table, one.event) for each in then for link, linked in each.items() for one in linked}
        pieces = {(one.model, one.event): one.fields[0].after for one in self._load(sorted_keys(events), whole=True)}
        return {
            link: [
                sorted(
                    (piece for one in each[link] if one.is_open for piece in pieces[link.table, one.event]),
                    key=lambda piece: piece.text,
                )
                for each in then
            ]
            for link in self.links
        }

    # At two moments

    def between(self, first: datetime, second: datetime, start: int, stop: int) -> list[Compared]:
        """What is not the same at the second moment as at the first: the record, then claims and links that name it."""
        values: dict[str, Any] = {"first": first, "second": second}
        parts = [
            BETWEEN.format(
                at_first=NEWEST.format(moment="first", **each),
                at_second=NEWEST.format(moment="second", **each),
                **each,
            )
            for each in self._places(values)
        ]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT kind, first, second"
                f" FROM ({' UNION ALL '.join(parts)}) AS found (kind, place, row_id, first, second)"
                " ORDER BY place, row_id LIMIT %(number)s OFFSET %(start)s",
                {**values, "number": stop - start, "start": start},
            )
            rows = [(apps.get_model(kind), one, other) for kind, one, other in cursor.fetchall()]
        states = {
            (change.model, change.event): change
            for change in self._load(
                [(model, pgh_id) for model, *both in rows for pgh_id in both if pgh_id], whole=True
            )
        }
        names = Names(self.user, states.values())
        pairs = ((model, states.get((model, one)), states.get((model, other))) for model, one, other in rows)
        compared = [compare(names, model, before, after) for model, before, after in pairs]
        if start == 0:
            self._compare_links(compared, first, second)
        return [each for each in compared if each.fields]

    def _compare_links(self, compared: list[Compared], first: datetime, second: datetime) -> None:
        """Put the links that are not the same among the fields of the record, which stands first."""
        differing = [
            FieldChange(link.field.name, label_of(link.field), before, after)
            for link, (before, after) in self.links_in_words(first, second).items()
            if before != after
        ]
        if not differing:
            return
        if not compared or compared[0].model is not type(self.record):
            address = self.record.get_absolute_url()
            compared.insert(0, Compared(type(self.record), self.record.name, address, "changed", []))
        compared[0].fields += differing

    # Where

    def _places(self, values: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """What the statements above need of each table in which the record stands or is named; ``values`` are filled.

        The links that the record itself has are told among its fields.
        """
        values["record"] = self.record.pk
        own = {link.table: link.owner.column for link in self.links}
        for place, model in enumerate([type(self.record), *self.models]):
            if issubclass(model, Record):
                columns = ["pgh_obj_id"] if place == 0 else []
            else:
                keys = [key for key in mentioned_record_fields(model) if isinstance(self.record, key.related_model)]
                columns = [key.column for key in keys if key.column != own.get(model)]
            if columns:
                yield {
                    "kind": model._meta.label_lower,
                    "place": place,
                    "events": _events(model),
                    "ever_named": naming("named", columns),
                    "named": naming("pgh_row", columns),
                    "condition": self._condition(model, values),
                }

    def _condition(self, model: Model, values: dict[str, Any]) -> str:
        """That the user may see a state, its values by name among ``values``."""
        condition, given = self._open(model)
        for value in given:
            name = f"open_{len(values)}"
            values[name] = value
            condition = condition.replace("%s", f"%({name})s", 1)
        return condition


def compare(names: Names, model: Model, before: Change | None, after: Change | None) -> Compared:
    """Two states of a row side by side, of which one may be missing."""
    there: Any = after or before  # the database leaves out what was at neither moment
    if there.link is not None:
        fields = list(names.fields_of(there))
    elif after is None:
        fields = list(names.differences(model, None, there.state))
    else:
        fields = list(names.differences(model, before.state if before else None, after.state))
    if after is None:
        fields = [FieldChange(each.name, each.label, each.after, []) for each in fields]
    what = "added" if before is None else "gone" if after is None else "changed"
    return Compared(model, there.title, there.address if after else "", what, fields)


def sorted_keys(keys: Iterable[tuple[Model, int]]) -> list[tuple[Model, int]]:
    return sorted(keys, key=lambda key: (key[0]._meta.label_lower, key[1]))


def naming(alias: str, columns: Sequence[str]) -> str:
    """That a state names the record in one of some columns."""
    return f"({' OR '.join(f'{alias}.{_quoted(column)} = %(record)s' for column in columns)})"


def _events(model: Model) -> str:
    return _quoted(events_of(model)._meta.db_table)


def _quoted(name: str) -> str:
    return str(connection.ops.quote_name(name))
