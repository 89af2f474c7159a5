"""Taking back all that was done under one name: what it would take, what stands in the way, and the doing of it.

What was done is read from the history, by the contexts of its events: those of an import, or of a merge. Rows that came
then are deleted; rows that were changed, or deleted, get the state that they had before.

The plan stands in a temporary table and is asked and followed by the database, however many rows it has.
"""

import itertools
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import connection, models
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from crimewatch.citations.models import Claim
from crimewatch.citations.querysets import mentioned_record_fields
from crimewatch.curation.merging.references import has_history, is_written
from crimewatch.records.history import bring_back_where, events_of, lock_rows_where, take_away_where
from crimewatch.records.models import Record, Status
from crimewatch.records.workflow import needs_reason

Model = type[models.Model]

#: So many obstacles are put in words; the number of all of them is known besides.
TOLD = 200

#: A row that is to be deleted has no event, one that is to be brought back the one with its state. A row with an
#: obstacle stays as it is. The obstacle is a word for the reason, the details are what its sentence needs.
PLAN = """
    CREATE TEMPORARY TABLE {plan} (
        "table" text, row bigint, event bigint, obstacle text, details jsonb, PRIMARY KEY ("table", row)
    ) ON COMMIT DROP
"""

#: Of each row that was touched: its first event there, the last one before, the next one since with its time and its
#: author, and whether the row is there now. What was changed since and taken back again counts as not changed.
LOOK = """
    WITH mine AS (
        SELECT pgh_obj_id AS row, min(pgh_id) AS first, max(pgh_id) AS last
        FROM {events} WHERE pgh_context_id = ANY (%(contexts)s) GROUP BY pgh_obj_id
    ), touched AS (
        SELECT mine.row, mine.first, begun.pgh_label AS begun_as,
            before.pgh_id AS before, before.pgh_label AS before_as,
            EXISTS (SELECT FROM {table} AS present WHERE present.id = mine.row) AS is_there,
            since.pgh_label AS since_as, since.pgh_created_at AS since, author.username AS author
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
        WHERE %(with_changed)s OR begun.pgh_label <> 'update'
    ), judged AS (
        SELECT *, before IS NOT NULL AND before_as <> 'delete' AS was_there,
            CASE
                WHEN since_as IS NOT NULL THEN 'changed'
                WHEN begun_as = 'update' AND before IS NULL THEN 'unknown'
            END AS obstacle
        FROM touched
    )
    INSERT INTO {plan}
    SELECT %(table)s, row, CASE WHEN was_there THEN before WHEN begun_as = 'delete' THEN first END, obstacle,
        CASE obstacle WHEN 'changed' THEN jsonb_build_object('as', since_as, 'at', since, 'author', author) END
    FROM judged WHERE obstacle IS NOT NULL OR was_there OR begun_as = 'delete' OR is_there
"""


@dataclass
class Obstacle:
    """A row that cannot be taken back, and a sentence on why."""

    model: Model
    row: int
    sentence: str


@dataclass
class Part:
    """What is to be done to the rows of one table: how many to delete, and how many to bring to an earlier state."""

    model: Model
    plan: str
    away: int = 0
    back: int = 0

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    def rows_away(self) -> tuple[str, list[Any]]:
        """The primary keys of the rows to delete, as SQL with its values."""
        return f"{self._chosen('row')} AND event IS NULL", [self.table]

    def events_back(self) -> tuple[str, list[Any]]:
        """The events with the states to bring back, as SQL with its values."""
        return f"{self._chosen('event')} AND event IS NOT NULL", [self.table]

    def _chosen(self, column: str) -> str:
        return f'SELECT {column} FROM {self.plan} WHERE "table" = %s AND obstacle IS NULL'


class Undo:
    """The way back from what was done in some contexts to the rows of some models, each after those it refers to.

    It locks the rows that it looks at: make and follow it in one transaction. What stands in the way is for ``user``.
    Of the tables ``but_changed``, rows that were changed are left to the caller: the others come back.
    """

    _numbers = itertools.count(1)

    def __init__(
        self, contexts: Sequence[UUID], models_: Iterable[Model], user: Any = None, but_changed: Container[Model] = ()
    ) -> None:
        self._user = user
        self._but_changed = but_changed
        self.contexts = list(contexts)
        self._plan = f"undo_{next(self._numbers)}"
        self.parts = {model: Part(model, self._plan) for model in models_}
        self._do(PLAN.format(plan=self._plan))
        for part in self._touched():
            self._look_at(part)
        self._do(f"ANALYZE {self._plan}")
        self._count()
        while self.count and self._leave_what_others_need():
            self._count()

    @property
    def count(self) -> int:
        """How many rows can be taken back."""
        return sum(part.away + part.back for part in self.parts.values())

    def follow(self) -> None:
        """Do it. Rules that wait for the end of the transaction speak then."""
        for part in self.parts.values():
            if part.back:
                statement, values = part.events_back()
                bring_back_where(part.model, f"IN ({statement})", values)
        for part in reversed(self.parts.values()):
            if part.away:
                statement, values = part.rows_away()
                self._take_what_goes_along(part)
                take_away_where(part.model, f"IN ({statement})", values)

    @staticmethod
    def _take_what_goes_along(part: Part) -> None:
        """Delete what was only noted of the rows to delete, such as what their addresses answered."""
        relations: list[Any] = part.model._meta.get_fields(include_hidden=True)
        for relation in relations:
            model = relation.related_model
            if relation.one_to_many and relation.on_delete is models.CASCADE and is_written(model):
                if has_history(model):
                    continue
                going = RawSQL(*part.rows_away())  # noqa: S611 - of names of ours
                model._base_manager.filter(**{f"{relation.field.attname}__in": going}).delete()

    # What it would do to records

    def publications(self) -> list[type[Record]]:
        """The kinds of record of which some would be published, or would be no longer."""
        published = Status.PUBLISHED.value
        return [
            model for model, before, after, _number in self._steps() if (before == published) != (after == published)
        ]

    @property
    def to_explain(self) -> int:
        """How many records it would take from readers or from review, which needs a reason."""
        return sum(
            number
            for _model, before, after, number in self._steps()
            # What is deleted is gone from readers and from review as what goes back to be a draft.
            if before is not None and needs_reason(before, after or Status.DRAFT)
        )

    def _steps(self) -> Iterator[tuple[type[Record], str | None, str | None, int]]:
        """Of each kind of record how many would go from one status to another; None where there is no record."""
        for model, part in self.parts.items():
            if not issubclass(model, Record) or not (part.away or part.back):
                continue
            statement = f"""
                SELECT present.status, event.status, count(*) FROM {self._plan} AS plan
                LEFT JOIN {events_of(model)._meta.db_table} AS event ON event.pgh_id = plan.event
                LEFT JOIN {part.table} AS present ON present.id = plan.row
                WHERE plan."table" = %s AND plan.obstacle IS NULL
                    AND event.status IS DISTINCT FROM present.status
                GROUP BY present.status, event.status
            """
            for before, after, number in rows_of_sql(statement, [part.table]):
                yield model, before, after, number

    # What was done, and what has been changed since

    def _touched(self) -> list[Part]:
        """The parts in which anything was done."""
        if not self.contexts or not self.parts:
            return []
        statement = " UNION ALL ".join(
            f"SELECT %s WHERE EXISTS (SELECT FROM {events_of(model)._meta.db_table} WHERE pgh_context_id = ANY (%s))"
            for model in self.parts
        )
        values = [value for part in self.parts.values() for value in (part.table, self.contexts)]
        tables = {table for (table,) in rows_of_sql(statement, values)}
        return [part for part in self.parts.values() if part.table in tables]

    def _look_at(self, part: Part) -> None:
        events = events_of(part.model)._meta.db_table
        touched = f"IN (SELECT pgh_obj_id FROM {events} WHERE pgh_context_id = ANY (%s))"
        lock_rows_where(part.model, touched, [self.contexts])
        users = get_user_model()._meta.db_table
        values = {
            "contexts": self.contexts,
            "table": part.table,
            "with_changed": part.model not in self._but_changed,
        }
        self._do(LOOK.format(events=events, table=part.table, users=users, plan=self._plan), values)

    def _count(self) -> None:
        statement = f"""
            SELECT "table", count(*) FILTER (WHERE event IS NULL), count(event) FROM {self._plan}
            WHERE obstacle IS NULL GROUP BY "table"
        """
        numbers = {table: (away, back) for table, away, back in rows_of_sql(statement, [])}
        for part in self.parts.values():
            part.away, part.back = numbers.get(part.table, (0, 0))

    # What stays and names what would go

    def _leave_what_others_need(self) -> bool:
        """Leave rows as they are that something which stays depends on; says whether there were any."""
        left = 0
        for part in self.parts.values():
            if part.away:
                left += self._leave_what_is_still_named(part)
            if part.back:
                left += self._leave_what_names_what_is_gone(part)
                left += self._leave_what_has_lost_its_key(part)
        return bool(left + self._leave_last_supports())

    def _leave_what_is_still_named(self, part: Part) -> int:
        """Rows to delete that are named by rows which stay."""
        # Links are named by the model that Django has made for them, and planned by ours.
        owners = {model._meta.concrete_model: each for model, each in self.parts.items()}
        relations: list[Any] = part.model._meta.get_fields(include_hidden=True)
        left = 0
        for relation in relations:
            naming = owners.get(relation.related_model) if relation.one_to_many else None
            if naming is None:
                continue
            column = _q(relation.field.column)
            left += self._do(
                f"""
                UPDATE {self._plan} AS plan SET obstacle = 'named', details = found.details
                FROM (
                    SELECT DISTINCT ON (naming.{column}) naming.{column} AS row, jsonb_build_object(
                        'table', %(naming)s::text, 'row', naming.id, 'key', naming.{key_of(naming.model)}
                    ) AS details
                    FROM {self._plan} AS going JOIN {naming.table} AS naming ON naming.{column} = going.row
                    WHERE going."table" = %(table)s AND going.event IS NULL AND going.obstacle IS NULL
                        AND NOT EXISTS (
                            SELECT FROM {self._plan} AS its WHERE its."table" = %(naming)s AND its.row = naming.id
                                AND its.obstacle IS NULL
                        )
                    ORDER BY naming.{column}, naming.id
                ) AS found
                WHERE plan."table" = %(table)s AND plan.row = found.row
                """,
                {"table": part.table, "naming": naming.table},
            )
        return left

    def _leave_what_names_what_is_gone(self, part: Part) -> int:
        """Rows to bring back whose earlier state names a row that is not there and does not come back either."""
        left = 0
        for key in part.model._meta.concrete_fields:
            if not isinstance(key, models.ForeignKey):
                continue
            target: Any = key.related_model
            column = f"event.{_q(key.column)}"
            left += self._do(
                f"""
                UPDATE {self._plan} AS plan
                SET obstacle = 'gone', details = jsonb_build_object('field', %(field)s::text)
                FROM {events_of(part.model)._meta.db_table} AS event
                WHERE plan."table" = %(table)s AND plan.obstacle IS NULL AND event.pgh_id = plan.event
                    AND {column} IS NOT NULL AND NOT coalesce(
                        (
                            SELECT its.event IS NOT NULL FROM {self._plan} AS its
                            WHERE its."table" = %(target)s AND its.row = {column} AND its.obstacle IS NULL
                        ),
                        EXISTS (SELECT FROM {target._meta.db_table} AS present WHERE present.id = {column})
                    )
                """,
                {"table": part.table, "field": key.name, "target": target._meta.db_table},
            )
        return left

    def _leave_what_has_lost_its_key(self, part: Part) -> int:
        """Rows to bring back whose key another row has taken since."""
        key = key_of(part.model)
        if key == "id":
            return 0
        return self._do(
            f"""
            UPDATE {self._plan} AS plan SET obstacle = 'taken', details = jsonb_build_object('key', event.{key})
            FROM {events_of(part.model)._meta.db_table} AS event
            JOIN {part.table} AS present ON present.{key} = event.{key} AND present.id <> event.id
            WHERE plan."table" = %(table)s AND plan.obstacle IS NULL AND event.pgh_id = plan.event
                AND NOT EXISTS (
                    SELECT FROM {self._plan} AS its
                    WHERE its."table" = %(table)s AND its.row = present.id AND its.obstacle IS NULL
                )
            """,
            {"table": part.table},
        )

    def _leave_last_supports(self) -> int:
        """Claims to delete that are the last ones to support a record which stays published: one of each record's."""
        left = 0
        for part in self.parts.values():
            for field in mentioned_record_fields(part.model) if part.away and issubclass(part.model, Claim) else ():
                record: Any = field.related_model
                # First the records, each once, of which few are published; then whether something else supports them.
                left += self._do(
                    f"""
                    WITH losing AS MATERIALIZED (
                        SELECT record.id, record.slug, min(mine.claim_id) AS claim
                        FROM {self._plan} AS going
                        JOIN all_mentions AS mine ON mine.claim_type = %(table)s AND mine.claim_id = going.row
                            AND mine.record_type = %(record)s AND mine.supports
                        JOIN {record._meta.db_table} AS record ON record.id = mine.record_id
                        WHERE going."table" = %(table)s AND going.event IS NULL AND going.obstacle IS NULL
                            AND record.status = 'published' AND NOT EXISTS (
                                SELECT FROM {self._plan} AS its
                                WHERE its."table" = %(record)s AND its.row = record.id AND its.obstacle IS NULL
                            )
                        GROUP BY record.id
                    )
                    UPDATE {self._plan} AS plan
                    SET obstacle = 'last', details = jsonb_build_object('record', losing.slug)
                    FROM losing
                    WHERE plan."table" = %(table)s AND plan.row = losing.claim AND (
                        SELECT true FROM all_mentions AS other
                        WHERE other.record_type = %(record)s AND other.record_id = losing.id AND other.supports
                            AND NOT EXISTS (
                                SELECT FROM {self._plan} AS its
                                WHERE its."table" = other.claim_type AND its.row = other.claim_id
                                    AND its.event IS NULL AND its.obstacle IS NULL
                            )
                        LIMIT 1
                    ) IS NULL
                    """,
                    {"table": part.table, "record": record._meta.db_table},
                )
        return left

    # What stands in the way, in words

    @property
    def obstacle_count(self) -> int:
        """How many rows cannot be taken back."""
        number: int = rows_of_sql(f"SELECT count(*) FROM {self._plan} WHERE obstacle IS NOT NULL", [])[0][0]
        return number

    def obstacles(self) -> list[Obstacle]:
        """The first `TOLD` rows that cannot be taken back, each with its sentence, in the order of the tables."""
        by_table = {part.table: part for part in self.parts.values()}
        statement = f"""
            SELECT "table", row, obstacle, to_json(details) FROM {self._plan} WHERE obstacle IS NOT NULL
            ORDER BY array_position(%s::text[], "table"), row LIMIT %s
        """
        found = rows_of_sql(statement, [list(by_table), TOLD])
        naming: dict[str, list[int]] = {}
        for _table, _row, obstacle, details in found:
            if obstacle == "named":
                naming.setdefault(details["table"], []).append(details["row"])
        visible = {table: self._visible(by_table[table].model, pks) for table, pks in naming.items()}
        return [
            Obstacle(by_table[table].model, row, self._sentence(by_table, visible, table, obstacle, details))
            for table, row, obstacle, details in found
        ]

    def _sentence(
        self, parts: dict[str, Part], visible: dict[str, set[int]], table: str, obstacle: str, details: dict[str, Any]
    ) -> str:
        sentences = {
            "unknown": _("its state before is not in the history"),
            "named": _("it is named by %(kind)s “%(row)s”, which stays"),
            "gone": _("its earlier state names a record under “%(field)s” that is gone"),
            "taken": _("the key “%(key)s” belongs to another row now"),
            "last": _("it is the last claim that supports “%(record)s”, which is published"),
        }
        if obstacle == "changed":
            return changed_since(details["as"], datetime.fromisoformat(details["at"]), details["author"])
        sentence, words = sentences[obstacle], details or {}
        if obstacle == "named":
            if words["row"] not in visible[words["table"]]:
                sentence = _("it is named by a %(kind)s that you may not see")
            words = {"kind": parts[words["table"]].model._meta.verbose_name, "row": words["key"]}
        elif obstacle == "gone":
            field: Any = parts[table].model._meta.get_field(words["field"])
            words["field"] = field.verbose_name
        return sentence % words

    def _visible(self, model: Model, pks: list[int]) -> set[int]:
        """Those of the rows that the person may know of. A link is as visible as that there is one."""
        rows: Any = model._default_manager.filter(pk__in=pks).order_by()
        if self._user is not None and hasattr(rows, "visible_to"):
            rows = rows.visible_to(self._user)
        return set(rows.values_list("pk", flat=True))

    @staticmethod
    def _do(statement: str, values: Any = None) -> int:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return int(cursor.rowcount)


def changed_since(label: str, time: datetime, author: str | None) -> str:
    """Who has changed a row since, and when."""
    words = {"time": f"{time:%Y-%m-%d %H:%M} UTC", "author": author}
    if author is None:
        sentence = _("it was deleted on %(time)s") if label == "delete" else _("it was changed on %(time)s")
    elif label == "delete":
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
