"""The history: every inserted, changed and deleted row of every table, kept by the database itself.

It is read here as well: what was done in some context, how a row stood before, and the way back to that state.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import pghistory
import pgtrigger
from django.apps import apps
from django.db import connection, models

_Model = TypeVar("_Model", bound=models.Model)

#: Columns of a row that say when it was last written, whatever state it is brought to.
TIMES = ("updated_at",)


def tracked(model: type[_Model]) -> type[_Model]:
    """Class decorator that keeps each state of ``model``'s rows in an event table.

    A row is kept after each insert and update and before it is deleted, all but what the database derives.
    Statement-level triggers write it, so bulk writes, SQL and COPY are in it too, and nobody can change it afterwards.
    """
    derived = [field.name for field in model._meta.concrete_fields if field.generated]
    # Trackers given by the setting are copied, and a copied operation no longer equals the one it was copied from.
    return pghistory.track(
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(),
        pghistory.DeleteEvent(),
        exclude=derived,
        append_only=True,
        level=pgtrigger.Statement,
    )(model)


def events_of(model: type[models.Model]) -> Any:
    """The model of the events of a tracked ``model``."""
    return model.pgh_event_model  # type: ignore[attr-defined]


def tracked_links(model: type[models.Model]) -> list[type[models.Model]]:
    """The tracked tables of the many-to-many links that rows of ``model`` own."""
    return [link.table for link in links_of(model)]


class Link(NamedTuple):
    """A tracked table of the links of one field of many to many, and its columns for both ends."""

    field: Any
    table: type[models.Model]
    owner: Any
    other: Any


def links_of(model: type[models.Model]) -> list[Link]:
    """The tracked links that rows of ``model`` own, in the order of their fields."""
    return [
        Link(
            field,
            proxy,
            proxy._meta.get_field(field.m2m_field_name()),
            proxy._meta.get_field(field.m2m_reverse_field_name()),
        )
        for field in model._meta.local_many_to_many
        for proxy in field.remote_field.through.__subclasses__()  # type: ignore[union-attr]
        if proxy._meta.proxy and hasattr(proxy, "pgh_event_model")
    ]


class LastChanges(NamedTuple):
    """What the history ends with, in the tables of records, claims and links."""

    #: The last event of each table, with its time: to empty a table, or to restore it, may begin its numbers anew.
    events: tuple[str | None, ...]
    #: Whether somebody, be it this connection, has written an event and not yet come to an end.
    is_being_changed: bool
    #: The names of the groups of logins that who asks is in, in the order of the alphabet; none for a stranger.
    groups: tuple[str, ...]


def last_changes(login: int | None = None) -> LastChanges:
    """What tells the present state of the tables of records, claims and links from all others.

    As long as these events are the last, nothing there has changed, with one reservation: who is in the middle of
    writing has numbers for events already, and may come to an end after somebody whose numbers are higher. What is kept
    as of some events has therefore to be made after they were the last while nothing was being changed. Whoever writes
    an event holds a lock on its table from before it gets a number until all see what has been written; the locks are
    looked at after what this statement sees of the events was settled. On a copy that follows another server nobody can
    tell, for the locks are there.

    The groups of a ``login`` are asked for in the same statement, as they tell as well what its owner may be shown.
    """
    last = (
        f"(SELECT concat_ws(' ', pgh_id, pgh_created_at) FROM {table} ORDER BY pgh_id DESC LIMIT 1)"
        for table in _event_tables()
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT ARRAY[{', '.join(last)}], pg_is_in_recovery() OR EXISTS ("
            "SELECT FROM pg_locks WHERE locktype = 'relation'"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND mode NOT IN ('AccessShareLock', 'RowShareLock', 'ShareUpdateExclusiveLock') AND granted"
            " AND relation = ANY (%s::regclass[])), crimewatch_groups_of(%s)",
            [list(_event_tables()), login],
        )
        events, is_being_changed, groups = cursor.fetchone()
    return LastChanges(tuple(events), is_being_changed, tuple(sorted(groups or ())))


@cache
def _event_tables() -> tuple[str, ...]:
    """The quoted names of the tables that keep the history of records, claims and links."""
    return tuple(_quoted(events_of(table)._meta.db_table) for table in tracked_tables())


@cache
def tracked_tables() -> tuple[type[models.Model], ...]:
    """Every kind of record and claim, and the links that records own."""
    kinds = [
        model
        for model in apps.get_models()
        if hasattr(model, "pgh_event_model") and (hasattr(model, "past_slugs") or getattr(model, "is_claim", False))
    ]
    return tuple(table for model in kinds for table in (model, *tracked_links(model)))


@contextmanager
def because(reason: str) -> Iterator[None]:
    """Tell the history why what is written meanwhile is written, and what the same request writes later."""
    if not reason:
        yield
        return
    with pghistory.context(reason=reason):
        yield


def contexts_where(**metadata: str) -> list[UUID]:
    """The contexts whose metadata hold these values, such as those of one import: ``contexts_where(batch=…)``."""
    contexts = pghistory.models.Context.objects.all()
    for name, value in metadata.items():
        contexts = contexts.extra(where=["metadata ? %s AND metadata ->> %s = %s"], params=[name, name, value])
    return list(contexts.order_by().values_list("pk", flat=True))


def gone_into(model: type[models.Model], pk: int) -> int | None:
    """The primary key of the record that one which is gone was merged into, by way of others or not; else None.

    In the context of a merge one record is deleted, and another gets its key, as its present or as a past one.
    """
    events, passed = events_of(model).objects, {pk}
    while True:
        last = events.filter(pgh_obj_id=pk).select_related("pgh_context").order_by("pgh_id").last()
        if last is None or last.pgh_label != "delete" or not last.pgh_context_id:
            break
        if "merge" not in last.pgh_context.metadata:
            break
        has_its_key = models.Q(slug=last.slug) | models.Q(past_slugs__contains=[last.slug])
        kept = events.filter(
            has_its_key, pgh_context_id=last.pgh_context_id, pgh_label="update", pgh_id__gt=last.pgh_id
        )
        into = kept.exclude(pgh_obj_id__in=passed).order_by("pgh_id").values_list("pgh_obj_id", flat=True).last()
        if into is None:
            return None
        passed.add(into)
        pk = into
    return pk if len(passed) > 1 and last is not None and last.pgh_label != "delete" else None


def bring_back(model: type[models.Model], events: Iterable[int]) -> int:
    """Bring rows of ``model`` to the states that these events (by ``pgh_id``, one for a row) have kept.

    A row that is gone comes back with the primary key that it had. Returns the number of rows written. The database's
    rules hold: call it in a transaction and let them speak at its end. Past keys of records stay, as they always do.
    """
    chosen = list(events)
    return bring_back_where(model, "= ANY (%s)", [chosen]) if chosen else 0


def bring_back_where(model: type[models.Model], condition: str, values: Sequence[Any]) -> int:
    """As `bring_back`, of the events whose ``pgh_id`` meets a condition in SQL: any number in two statements."""
    table, kept = _quoted(model._meta.db_table), _quoted(events_of(model)._meta.db_table)
    columns = [field.column for field in model._meta.concrete_fields if not field.generated]
    written = 0
    with connection.cursor() as cursor:
        settable = [column for column in columns if column != model._meta.pk.column]
        cursor.execute(
            f"UPDATE {table} AS present SET {', '.join(f'{_quoted(c)} = {_state(c)}' for c in settable)}"
            f" FROM {kept} AS event WHERE event.pgh_id {condition} AND present.id = event.id",
            values,
        )
        written += cursor.rowcount
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(map(_quoted, columns))})"
            f" SELECT {', '.join(map(_state, columns))} FROM {kept} AS event WHERE event.pgh_id {condition}"
            f" AND NOT EXISTS (SELECT FROM {table} AS present WHERE present.id = event.id)",
            values,
        )
        written += cursor.rowcount
    return written


def take_away(model: type[models.Model], pks: Sequence[int]) -> int:
    """Delete rows of ``model`` by SQL, so that nothing goes with them: what still names one is told by the database."""
    return take_away_where(model, "= ANY (%s)", [list(pks)]) if pks else 0


def take_away_where(model: type[models.Model], condition: str, values: Sequence[Any]) -> int:
    """As `take_away`, of the rows whose primary key meets a condition in SQL."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {_quoted(model._meta.db_table)} WHERE id {condition}", values)
        return int(cursor.rowcount)


def lock_rows(model: type[models.Model], pks: Sequence[int]) -> None:
    """Keep others from changing or naming these rows until the end of the transaction."""
    lock_rows_where(model, "= ANY (%s)", [list(pks)])


def lock_rows_where(model: type[models.Model], condition: str, values: Sequence[Any]) -> None:
    """As `lock_rows`, of the rows whose primary key meets a condition in SQL."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM (SELECT id FROM {_quoted(model._meta.db_table)}"
            f" WHERE id {condition} ORDER BY id FOR UPDATE) AS locked",
            values,
        )


def _state(column: str) -> str:
    return "now()" if column in TIMES else f"event.{_quoted(column)}"


def _quoted(name: str) -> str:
    return str(connection.ops.quote_name(name))
