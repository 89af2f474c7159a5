"""Taking back all that was done under one name: what it would take, what stands in the way, and the doing of it.

What was done is read from the history, by the contexts of its events: those of an import, or of a merge. Rows that came
then are deleted; rows that were changed, or deleted, get the state that they had before.
"""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import starmap
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import connection, models
from django.utils.translation import gettext as _

from crimewatch.curation.merging.references import has_history, is_written
from crimewatch.records.history import bring_back, events_of, lock_rows, take_away
from crimewatch.records.models import Record, Status

Model = type[models.Model]

#: For each row that was touched: its first event there, the last one before, the next one since with its time and
#: its author, and whether the row is there now. What was changed since and taken back again counts as not changed.
TOUCHED = """
    WITH mine AS (
        SELECT pgh_obj_id AS row, min(pgh_id) AS first, max(pgh_id) AS last
        FROM {events} WHERE pgh_context_id = ANY (%(contexts)s) GROUP BY pgh_obj_id
    )
    SELECT mine.row, mine.first, begun.pgh_label, before.pgh_id, before.pgh_label,
        EXISTS (SELECT FROM {table} AS present WHERE present.id = mine.row),
        since.pgh_label, since.pgh_created_at, author.username
    FROM mine
    JOIN {events} AS begun ON begun.pgh_id = mine.first
    LEFT JOIN LATERAL (
        SELECT pgh_id, pgh_label FROM {events} AS earlier
        WHERE earlier.pgh_obj_id = mine.row AND earlier.pgh_id < mine.first ORDER BY pgh_id DESC LIMIT 1
    ) AS before ON true
    LEFT JOIN LATERAL (
        SELECT pgh_label, pgh_created_at, pgh_context_id FROM {events} AS later
        WHERE later.pgh_obj_id = mine.row AND later.pgh_id > mine.last ORDER BY pgh_id LIMIT 1
    ) AS since ON (
        SELECT count(DISTINCT (
            pgh_state.pgh_label = 'delete',
            to_jsonb(pgh_state) - '{{pgh_id,pgh_created_at,pgh_label,pgh_context_id,updated_at}}'::text[]
        )) > 1
        FROM {events} AS pgh_state WHERE pgh_state.pgh_id IN (
            mine.last, (SELECT max(newest.pgh_id) FROM {events} AS newest WHERE newest.pgh_obj_id = mine.row)
        )
    )
    LEFT JOIN pghistory_context AS context ON context.id = since.pgh_context_id
    LEFT JOIN {users} AS author ON author.id::text = context.metadata ->> 'user'
    ORDER BY mine.row
"""


@dataclass
class Touched:
    """A row of `TOUCHED`."""

    row: int
    first: int
    begun_as: str
    before: int | None
    before_as: str | None
    is_there: bool
    since_as: str | None
    since: datetime | None
    author: str | None


@dataclass
class Obstacle:
    """A row that cannot be taken back, and a sentence on why."""

    model: Model
    row: int
    sentence: str


@dataclass
class Part:
    """What is to be done to the rows of one table: primary keys to delete, and events to go back to by primary key."""

    model: Model
    away: set[int] = field(default_factory=set)
    back: dict[int, int] = field(default_factory=dict)

    def drop(self, row: int) -> bool:
        """Leave a row as it is; says whether that changes anything."""
        was_meant = row in self.away or row in self.back
        self.away.discard(row)
        self.back.pop(row, None)
        return was_meant


class Undo:
    """The way back from what was done in some contexts to the rows of some models, each after those it refers to.

    It locks the rows that it looks at: make and follow it in one transaction. What stands in the way is for ``user``.
    Of the tables ``but_changed``, rows that were changed are left to the caller: the others come back.
    """

    def __init__(
        self, contexts: Sequence[UUID], models_: Iterable[Model], user: Any = None, but_changed: Container[Model] = ()
    ) -> None:
        self._user = user
        self._but_changed = but_changed
        self.contexts = list(contexts)
        self.parts = {model: Part(model) for model in models_}
        self.obstacles: list[Obstacle] = []
        for part in self.parts.values():
            self._look_at(part)
        while self._drop_what_others_need():
            pass

    @property
    def count(self) -> int:
        """How many rows can be taken back."""
        return sum(len(part.away) + len(part.back) for part in self.parts.values())

    def follow(self) -> None:
        """Do it. Rules that wait for the end of the transaction speak then."""
        for part in self.parts.values():
            bring_back(part.model, part.back.values())
        for part in reversed(self.parts.values()):
            self._take_what_goes_along(part)
            take_away(part.model, sorted(part.away))

    @staticmethod
    def _take_what_goes_along(part: Part) -> None:
        """Delete what was only noted of the rows to delete, such as what their addresses answered."""
        relations: list[Any] = part.model._meta.get_fields(include_hidden=True) if part.away else []
        for relation in relations:
            model = relation.related_model
            if relation.one_to_many and relation.on_delete is models.CASCADE and is_written(model):
                if has_history(model):
                    continue
                model._base_manager.filter(**{f"{relation.field.attname}__in": part.away}).delete()

    def publications(self) -> list[type[Record]]:
        """The kinds of record of which some would be published, or would be no longer."""
        found: list[type[Record]] = []
        for model, part in self.parts.items():
            if not issubclass(model, Record):
                continue
            events = events_of(model)._meta.db_table
            statement = f"""
                SELECT EXISTS (
                    SELECT FROM {events} AS event LEFT JOIN {model._meta.db_table} AS present ON present.id = event.id
                    WHERE event.pgh_id = ANY (%s)
                        AND (event.status = %s) IS DISTINCT FROM coalesce(present.status = %s, false)
                ) OR EXISTS (SELECT FROM {model._meta.db_table} WHERE id = ANY (%s) AND status = %s)
            """
            published = Status.PUBLISHED.value
            values = [list(part.back.values()), published, published, list(part.away), published]
            if rows_of_sql(statement, values)[0][0]:
                found.append(model)
        return found

    # What was done, and what has been changed since

    def _look_at(self, part: Part) -> None:
        if not self.contexts:
            return
        events, table = events_of(part.model)._meta.db_table, part.model._meta.db_table
        rows = [
            row
            for (row,) in rows_of_sql(
                f"SELECT DISTINCT pgh_obj_id FROM {events} WHERE pgh_context_id = ANY (%s)", [self.contexts]
            )
        ]
        if not rows:
            return
        lock_rows(part.model, rows)
        users = get_user_model()._meta.db_table
        statement = TOUCHED.format(events=events, table=table, users=users)
        for touched in starmap(Touched, rows_of_sql(statement, {"contexts": self.contexts})):
            self._look_at_row(part, touched)

    def _look_at_row(self, part: Part, touched: Touched) -> None:
        if touched.begun_as == "update" and part.model in self._but_changed:
            return
        if touched.since_as is not None:
            self._obstruct(part, touched.row, changed_since(touched))
        elif touched.before is not None and touched.before_as != "delete":
            part.back[touched.row] = touched.before
        elif touched.begun_as == "delete":
            part.back[touched.row] = touched.first
        elif touched.begun_as == "update" and touched.before is None:
            self._obstruct(part, touched.row, _("its state before is not in the history"))
        elif touched.is_there:
            part.away.add(touched.row)

    def _obstruct(self, part: Part, row: int, sentence: str) -> None:
        part.drop(row)
        self.obstacles.append(Obstacle(part.model, row, sentence))

    # What stays and names what would go

    def _drop_what_others_need(self) -> bool:
        """Leave rows as they are that something which stays depends on; says whether there were any."""
        found = [*self._still_named(), *self._naming_what_is_gone(), *self._taken_keys(), *self._last_supports()]
        dropped = False
        for part, row, sentence in found:
            if part.drop(row):
                self.obstacles.append(Obstacle(part.model, row, sentence))
                dropped = True
        return dropped

    def _still_named(self) -> Iterator[tuple[Part, int, str]]:
        """Rows to delete that are named by rows which stay."""
        for part in self.parts.values():
            if not part.away:
                continue
            relations: list[Any] = part.model._meta.get_fields(include_hidden=True)
            for relation in relations:
                if not relation.one_to_many or relation.related_model not in self._owners:
                    continue
                naming = self._owners[relation.related_model]
                column = _q(relation.field.column)
                statement = f"""
                    SELECT DISTINCT ON ({column}) {column}, {key_of(naming.model)}, id
                    FROM {naming.model._meta.db_table}
                    WHERE {column} = ANY (%s) AND NOT (id = ANY (%s)) ORDER BY {column}, id
                """
                going = list(naming.away | naming.back.keys())
                found = rows_of_sql(statement, [list(part.away), going])
                visible = self._visible(naming.model, [pk for _row, _key, pk in found])
                for row, key, pk in found:
                    words = {"kind": naming.model._meta.verbose_name, "row": key}
                    if pk in visible:
                        yield part, row, _("it is named by %(kind)s “%(row)s”, which stays") % words
                    else:
                        yield part, row, _("it is named by a %(kind)s that you may not see") % words

    def _visible(self, model: Model, pks: list[int]) -> set[int]:
        """Those of the rows that the person may know of. A link is as visible as that there is one."""
        rows: Any = model._default_manager.filter(pk__in=pks).order_by()
        if self._user is not None and hasattr(rows, "visible_to"):
            rows = rows.visible_to(self._user)
        return set(rows.values_list("pk", flat=True))

    @property
    def _owners(self) -> dict[Any, Part]:
        """The parts by model, those of links also by the model that Django made for them."""
        return {**self.parts, **{model._meta.concrete_model: part for model, part in self.parts.items()}}

    def _naming_what_is_gone(self) -> Iterator[tuple[Part, int, str]]:
        """Rows to bring back whose earlier state names a row that is not there and does not come back either."""
        for part in self.parts.values():
            if not part.back:
                continue
            events = events_of(part.model)._meta.db_table
            for key in part.model._meta.concrete_fields:
                if not isinstance(key, models.ForeignKey):
                    continue
                target: Any = key.related_model
                named = self.parts.get(target)
                statement = f"""
                    SELECT event.id, event.{_q(key.column)} FROM {events} AS event
                    WHERE event.pgh_id = ANY (%s) AND event.{_q(key.column)} IS NOT NULL
                        AND NOT (event.{_q(key.column)} = ANY (%s)) AND (
                            event.{_q(key.column)} = ANY (%s)
                            OR NOT EXISTS (SELECT FROM {target._meta.db_table} AS t WHERE t.id = event.{_q(key.column)})
                        )
                """
                back = list(named.back) if named else []
                away = list(named.away) if named else []
                for row, _gone in rows_of_sql(statement, [list(part.back.values()), back, away]):
                    words = {"field": key.verbose_name}
                    yield part, row, _("its earlier state names a record under “%(field)s” that is gone") % words

    def _taken_keys(self) -> Iterator[tuple[Part, int, str]]:
        """Rows to bring back whose key another row has taken since."""
        for part in self.parts.values():
            key = key_of(part.model)
            if key == "id" or not part.back:
                continue
            statement = f"""
                SELECT event.id, event.{key} FROM {events_of(part.model)._meta.db_table} AS event
                JOIN {part.model._meta.db_table} AS present
                    ON present.{key} = event.{key} AND present.id <> event.id AND NOT (present.id = ANY (%s))
                WHERE event.pgh_id = ANY (%s)
            """
            going = list(part.away | part.back.keys())
            for row, taken in rows_of_sql(statement, [going, list(part.back.values())]):
                yield part, row, _("the key “%(key)s” belongs to another row now") % {"key": taken}

    def _last_supports(self) -> Iterator[tuple[Part, int, str]]:
        """Claims to delete that are the last ones to support a record which stays published."""
        going = [(part.model._meta.db_table, part.away) for part in self.parts.values() if part.away]
        claims = [(table, pk) for table, away in going for pk in away]
        if not claims:
            return
        for model, part in self.parts.items():
            if not issubclass(model, Record):
                continue
            statement = f"""
                WITH going (claim_type, claim_id) AS (SELECT * FROM unnest(%s::text[], %s::bigint[])),
                mine AS (
                    SELECT mention.record_id, mention.claim_type, mention.claim_id
                    FROM going JOIN all_mentions AS mention USING (claim_type, claim_id)
                    WHERE mention.record_type = %s AND mention.supports
                )
                SELECT DISTINCT ON (record.id) mine.claim_type, mine.claim_id, record.slug
                FROM mine JOIN {model._meta.db_table} AS record ON record.id = mine.record_id
                WHERE record.status = 'published' AND NOT (record.id = ANY (%s)) AND NOT EXISTS (
                    SELECT FROM all_mentions AS other
                    WHERE other.record_type = %s AND other.record_id = record.id AND other.supports
                        AND NOT EXISTS (
                            SELECT FROM going
                            WHERE going.claim_type = other.claim_type AND going.claim_id = other.claim_id
                        )
                )
                ORDER BY record.id, mine.claim_id
            """
            name = model._meta.db_table
            leaving = list(part.away | part.back.keys())
            values = [[kind for kind, _pk in claims], [pk for _kind, pk in claims], name, leaving, name]
            by_table = {each.model._meta.db_table: each for each in self.parts.values()}
            for claim_table, claim, slug in rows_of_sql(statement, values):
                sentence = _("it is the last claim that supports “%(record)s”, which is published")
                yield by_table[claim_table], claim, sentence % {"record": slug}


def changed_since(touched: Touched) -> str:
    """Who has changed a row since, and when."""
    words = {"time": f"{touched.since:%Y-%m-%d %H:%M} UTC", "author": touched.author}
    if touched.author is None:
        sentence = _("it was deleted on %(time)s") if touched.since_as == "delete" else _("it was changed on %(time)s")
    elif touched.since_as == "delete":
        sentence = _("%(author)s deleted it on %(time)s")
    else:
        sentence = _("%(author)s changed it on %(time)s")
    return sentence % words


def key_of(model: Model) -> str:
    """The column by which people name a row."""
    names = {column.name for column in model._meta.concrete_fields}
    return next((name for name in ("slug", "uid") if name in names), "id")


def names_of(obstacles: Sequence[Obstacle]) -> list[tuple[Model, str, str]]:
    """Table, key and sentence of each; where a row is gone, its number stands for the key."""
    keys: dict[tuple[Model, int], Any] = {}
    for model in {obstacle.model for obstacle in obstacles}:
        wanted = [obstacle.row for obstacle in obstacles if obstacle.model is model]
        found = model._default_manager.filter(pk__in=wanted).order_by().values_list("pk", key_of(model))
        keys |= {(model, pk): key for pk, key in found}
    return [(each.model, str(keys.get((each.model, each.row), each.row)), each.sentence) for each in obstacles]


def _q(name: str) -> str:
    return str(connection.ops.quote_name(name))


def rows_of_sql(statement: str, values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
