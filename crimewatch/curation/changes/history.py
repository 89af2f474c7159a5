"""The changes that somebody may see: found among the events of all tables, and read in one query each."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import connection, models
from django.utils.functional import cached_property

from crimewatch.citations.querysets import mentioned_record_fields
from crimewatch.curation.merging.models import merged_into
from crimewatch.records.history import links_of
from crimewatch.records.models import Record, Status
from crimewatch.records.querysets import closed_to, sees_drafts

from .change import Change, Model, tracked_models
from .names import Names

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer

FIND = """
    SELECT kind, pgh_id FROM ({branches}) AS found (kind, pgh_id, at)
    ORDER BY at DESC, kind, pgh_id DESC LIMIT %s OFFSET %s
"""
BRANCH = """
    (SELECT '{kind}', pgh_row.pgh_id, pgh_row.pgh_created_at FROM {events} AS pgh_row {join}
    WHERE {condition} ORDER BY pgh_row.pgh_created_at DESC, pgh_row.pgh_id DESC LIMIT %s)
"""
LOAD = """
    SELECT '{kind}', pgh_this.pgh_id, pgh_this.pgh_obj_id, pgh_this.pgh_created_at, pgh_this.pgh_label,
        to_jsonb(pgh_this)::text,
        (
            SELECT to_jsonb(pgh_row)::text FROM (
                SELECT * FROM {events} AS pgh_earlier
                WHERE pgh_earlier.pgh_obj_id = pgh_this.pgh_obj_id AND pgh_earlier.pgh_id < pgh_this.pgh_id
                ORDER BY pgh_earlier.pgh_id DESC LIMIT 1
            ) AS pgh_row WHERE {condition}
        ),
        context.metadata::text
    FROM {events} AS pgh_this LEFT JOIN pghistory_context AS context ON context.id = pgh_this.pgh_context_id
    WHERE pgh_this.pgh_id = ANY (%s)
"""


#: That a record is gone and was, when it was deleted, neither for everybody nor for one of some groups of logins.
GONE = """
    EXISTS (
        SELECT FROM {events} AS gone WHERE gone.pgh_obj_id = {row} AND gone.pgh_label = 'delete'
        AND NOT (gone.restricted_to = '{{}}' OR gone.restricted_to && %s::varchar[])
    )
"""


class History:
    """The changes that ``user`` may see: those of kinds of rows whose drafts the user sees, and of nothing restricted.

    Nor of a claim that names the draft of a kind of record whose drafts the user does not see.

    Every part is one query, however many kinds of rows there are.
    """

    def __init__(self, user: "Viewer") -> None:
        self.user = user
        self.models = [model for model in tracked_models() if sees_drafts(user, model)]
        self.models += [link.table for model in self.models for link in links_of(model)]

    @cached_property
    def closed(self) -> dict[Model, list[int]]:
        """The records that the user may not see, those of each kind: restricted to others, or drafts of others."""
        kinds = [model for model in apps.get_models() if issubclass(model, Record)]
        parts = [
            model.objects.filter(closed_to(self.user) | self._drafts_of_others(model))
            .order_by()
            .annotate(row_kind=models.Value(model._meta.label_lower))
            .values_list("row_kind", "pk")
            for model in kinds
        ]
        found: dict[Model, list[int]] = {model: [] for model in kinds}
        for kind, pk in parts[0].union(*parts[1:], all=True):
            found[apps.get_model(kind)].append(pk)
        return found

    def _drafts_of_others(self, model: Model) -> models.Q:
        return models.Q(pk__in=[]) if sees_drafts(self.user, model) else ~models.Q(status=Status.PUBLISHED)

    @cached_property
    def groups(self) -> list[str]:
        """The names of the groups of logins that the user is in."""
        return list(Group.objects.filter(user=self.user.pk).order_by().values_list("name", flat=True))

    # Which

    def recent(
        self,
        start: int,
        stop: int,
        *,
        kind: Model | None = None,
        user: int | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[Change]:
        """The changes of all rows, or of one kind, by one person, in a span of time; the latest first."""
        wanted = [model for model in self.models if kind is None or model is kind]
        conditions: list[tuple[str, Any]] = []
        if since is not None:
            conditions.append(("pgh_row.pgh_created_at >= %s", since))
        if until is not None:
            conditions.append(("pgh_row.pgh_created_at < %s", until))
        if user is not None:
            conditions.append(("context.metadata ->> 'user' = %s", str(user)))
        return self._changes([(model, conditions) for model in wanted], start, stop)

    def of_contexts(self, contexts: Sequence[UUID], start: int, stop: int) -> list[Change]:
        """The changes made in some contexts, such as those of one merge; the latest first."""
        condition: list[tuple[str, Any]] = [("pgh_row.pgh_context_id = ANY (%s)", [list(contexts)])]
        return self._changes([(model, condition) for model in self.models], start, stop)

    def of_record(self, record: Record, start: int, stop: int) -> list[Change]:
        """The changes of ``record``, of what was merged into it, and of claims and links that name or have named them.

        The latest come first.
        """
        keys_of_record = [record.pk, *merged_into(record)]
        wanted: list[tuple[Model, list[tuple[str, Any]]]] = [
            (type(record), [("pgh_row.pgh_obj_id = ANY (%s)", [keys_of_record])])
        ]
        for model in self.models:
            if issubclass(model, Record):
                continue
            keys = [key.column for key in mentioned_record_fields(model) if isinstance(record, key.related_model)]
            if keys:
                either = " OR ".join(f'pgh_row."{column}" = ANY (%s)' for column in keys)
                wanted.append((model, [(f"({either})", [keys_of_record] * len(keys))]))
        return self._changes(wanted, start, stop)

    def change(self, model: Model, event: int) -> Change | None:
        """One change by the number of its event; None where there is none that the user may see."""
        if model not in self.models:
            return None
        return next(iter(self._changes([(model, [("pgh_row.pgh_id = %s", event)])], 0, 1)), None)

    def last_of(self, model: Model, pk: int) -> Change | None:
        """The last change of a row; None where there is none that the user may see."""
        if model not in self.models:
            return None
        return next(iter(self._changes([(model, [("pgh_row.pgh_obj_id = %s", pk)])], 0, 1)), None)

    def _changes(self, wanted: Sequence[tuple[Model, list[tuple[str, Any]]]], start: int, stop: int) -> list[Change]:
        branches, values = [], []
        for model, conditions in wanted:
            closed, closed_values = self._open(model)
            join = "LEFT JOIN pghistory_context AS context ON context.id = pgh_row.pgh_context_id"
            branches.append(
                BRANCH.format(
                    kind=model._meta.label_lower,
                    events=_table(model.pgh_event_model),  # type: ignore[attr-defined]
                    join=join if any("context." in condition for condition, _value in conditions) else "",
                    condition=" AND ".join([*(condition for condition, _value in conditions), closed]),
                )
            )
            for _condition, value in conditions:
                values += value if isinstance(value, list) else [value]
            values += [*closed_values, stop]
        if not branches:
            return []
        with connection.cursor() as cursor:
            cursor.execute(FIND.format(branches=" UNION ALL ".join(branches)), [*values, stop - start, start])
            found = [(apps.get_model(kind), pgh_id) for kind, pgh_id in cursor.fetchall()]
        return self._load(found)

    def _open(self, model: Model) -> tuple[str, list[Any]]:
        """The condition that an event of ``model`` tells of nothing restricted to others, with its values."""
        if self.user.is_active and getattr(self.user, "is_superuser", False):
            return "true", []
        if issubclass(model, Record):
            there = f"EXISTS (SELECT FROM {_table(model)} AS present WHERE present.id = pgh_row.pgh_obj_id)"
            gone = GONE.format(events=_table(model.pgh_event_model), row="pgh_row.pgh_obj_id")  # type: ignore[attr-defined]
            return f"NOT pgh_row.pgh_obj_id = ANY (%s) AND ({there} OR NOT {gone})", [self.closed[model], self.groups]
        conditions, values = [], []
        for key in mentioned_record_fields(model):
            record = key.related_model
            # A record that is gone cannot be asked any more: its last state says whom it was for.
            column = f'pgh_row."{key.column}"'
            gone = GONE.format(events=_table(record.pgh_event_model), row=column)
            conditions.append(f"NOT coalesce({column} = ANY (%s), false) AND NOT {gone}")
            values += [self.closed[record], self.groups]
        return " AND ".join(conditions), values

    # What

    def _load(self, keys: Sequence[tuple[Model, int]], *, whole: bool = False) -> list[Change]:
        """The changes with these events, in this order, in words; with ``whole``, with all fields of each state."""
        by_model: dict[Model, list[int]] = {}
        for model, event in keys:
            by_model.setdefault(model, []).append(event)
        if not by_model:
            return []
        parts, values = [], []
        for model, events in by_model.items():
            condition, closed_values = self._open(model)
            table = _table(model.pgh_event_model)  # type: ignore[attr-defined]
            parts.append(LOAD.format(kind=model._meta.label_lower, events=table, condition=condition))
            values += [*closed_values, events]
        changes: dict[tuple[Model, int], Change] = {}
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts), values)
            for kind, event, row, at, label, state, before, context in cursor.fetchall():
                model = apps.get_model(kind)
                earlier = None if whole else _values(before)
                changes[model, event] = Change(
                    model, event, row, at, label, _values(state), earlier, json.loads(context or "{}")
                )
        found = [changes[key] for key in keys if key in changes]
        self._tell(found)
        return found

    def _tell(self, changes: list[Change]) -> None:
        """Put names, people and the fields that differ to ``changes``."""
        names = Names(self.user, changes)
        known = {int(user) for change in changes if (user := change.context.get("user"))}
        people = get_user_model().objects.in_bulk(known)
        for change in changes:
            user = change.context.get("user")
            person = people.get(int(user)) if user else None
            change.who = (person.get_full_name() or person.get_username()) if person else ""
            change.title, change.address = names.title(change)
            change.fields = list(names.fields_of(change))


def _values(state: str | None) -> Any:
    """The columns of a row that an event has kept; numbers with decimals as texts, for JSON's own are inexact."""
    if state is None:
        return None
    return {name: value for name, value in json.loads(state, parse_float=str).items() if not name.startswith("pgh_")}


def _table(model: Any) -> str:
    return str(connection.ops.quote_name(model._meta.db_table))
