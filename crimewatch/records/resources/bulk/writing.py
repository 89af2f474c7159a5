"""The planned rows into their table, many with one statement."""

from collections.abc import Iterator
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from crimewatch.records.resources.constraints import is_about_a_row
from crimewatch.records.resources.outcomes import Stage as Step

from .plans import Link, Plan
from .readers import default_of
from .staging import quote

#: How many rows are written with one statement, and how many go to the row engine when it is refused.
WRITTEN_AT_ONCE = 25_000
FEW = 40


class Writer:
    """Writes what the plan has no doubts about."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.stage, self.resource = plan, plan.stage, plan.resource
        self.model = plan.model
        self.now = timezone.now()
        self.rows = f"{plan.name} AS p JOIN {self.stage.name} AS s USING (_row)"
        self.many = [name for name in self.stage.fields if self.stage.is_many(name)]
        self.parent = self.resource.parent if self.resource.parent in self.stage.fields else None

    def write(self) -> None:
        done, rows = 0, self._count()
        for first, last, count in self._parts():
            self._write(first, last)
            done += count
            self.resource.teller.watch(Step.WRITING, done, rows)

    def _count(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {self.plan.name} WHERE NOT _doubtful")
            count: int = cursor.fetchone()[0]
            return count

    def _parts(self) -> Iterator[tuple[int, int, int]]:
        """The first and last rows of each part of the plan, and how many it has."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                SELECT min(_row), max(_row), count(*) FROM (
                    SELECT _row, (row_number() OVER (ORDER BY _row) - 1) / %s AS part
                    FROM {self.plan.name} WHERE NOT _doubtful
                ) AS numbered GROUP BY part ORDER BY part
                """,
                [WRITTEN_AT_ONCE],
            )
            yield from cursor.fetchall()

    def _write(self, first: int, last: int) -> None:
        """Write the rows from `first` to `last`; leave those to the row engine that the database refuses."""
        try:
            with transaction.atomic():
                self._insert(first, last)
                self._update(first, last)
                for name in self.many:
                    self._link(name, first, last)
        except DatabaseError as error:
            if not is_about_a_row(error):
                raise
            if last - first < FEW:
                self.plan.doubt("_row BETWEEN %s AND %s", [first, last])
                return
            middle = (first + last) // 2
            self._write(first, middle)
            self._write(middle + 1, last)

    def _insert(self, first: int, last: int) -> None:
        columns, values, parameters = [], [], []
        for field in self.model._meta.concrete_fields:
            if field.generated or (field.primary_key and not self.plan.is_record):
                continue
            value, defaults = self._new_value(field)
            columns.append(quote(field.column))
            values.append(value)
            parameters += defaults
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                INSERT INTO {self.plan.table} ({", ".join(columns)})
                SELECT {", ".join(values)} FROM {self.rows}
                WHERE p._new AND NOT p._doubtful AND _row BETWEEN %s AND %s ORDER BY _row
                """,
                [*parameters, first, last],
            )

    def _new_value(self, field: Any) -> tuple[str, list[Any]]:
        stage, column = self.stage, quote(field.column)
        if field.primary_key:
            return "p._pk", []
        if field.name == self.parent:
            return f"CASE WHEN NOT p._waits THEN s.{column} END", []
        if field.name in stage.fields:
            return f"s.{column}", []
        if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
            return "%s", [self.now]
        kind = self.resource.rules.checks.columns[field.column][0]
        if field.name in stage.made:
            return f"COALESCE(s.{column}, %s::{kind})", [default_of(field)]
        return f"%s::{kind}", [default_of(field)]

    def _update(self, first: int, last: int) -> None:
        """One statement for all rows in which the same fields change, so that triggers on a column are not woken."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT DISTINCT _changed FROM {self.plan.name}"
                " WHERE NOT _new AND NOT _doubtful AND _row BETWEEN %s AND %s ORDER BY 1",
                [first, last],
            )
            for (changed,) in cursor.fetchall():
                names = [name for name in changed if name != self.parent]
                if not names:
                    continue
                columns = [self.stage.column(name) for name in names if name not in self.many]
                settings = "".join(f"{column} = s.{column}, " for column in columns)
                cursor.execute(
                    f"""
                    UPDATE {self.plan.table} AS t SET {settings}updated_at = %s
                    FROM {self.rows}
                    WHERE t.id = p._pk AND NOT p._new AND NOT p._doubtful AND p._changed = %s::text[]
                        AND _row BETWEEN %s AND %s
                    """,
                    [self.now, changed, first, last],
                )

    def _link(self, name: str, first: int, last: int) -> None:
        """Take away and add the links of a field that names many records."""
        link = Link(self.model._meta.get_field(name))
        wanted = f"s.{self.stage.column(name)}"
        chosen = "NOT p._doubtful AND (p._new OR %s = ANY (p._changed)) AND _row BETWEEN %s AND %s"
        with connection.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {link.table} AS l USING {self.rows}"
                f" WHERE l.{link.owner} = p._pk AND NOT l.{link.used} = ANY ({wanted}) AND NOT p._new AND {chosen}",
                [name, first, last],
            )
            cursor.execute(
                f"""
                INSERT INTO {link.table} ({link.owner}, {link.used})
                SELECT p._pk, used FROM {self.rows}, unnest({wanted}) AS used
                WHERE {chosen} AND (p._new OR NOT EXISTS (
                    SELECT FROM {link.table} AS l WHERE l.{link.owner} = p._pk AND l.{link.used} = used
                ))
                """,
                [name, first, last],
            )

    def settle(self) -> None:
        """Put the rows below others that had to wait until all rows were stored."""
        if self.parent is None:
            return
        column = self.stage.column(self.parent)
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                UPDATE {self.plan.table} AS t SET {column} = s.{column}, updated_at = %s
                FROM {self.rows}
                WHERE t.id = p._pk AND NOT p._doubtful AND (p._waits OR (NOT p._new AND %s = ANY (p._changed)))
                """,
                [timezone.now(), self.parent],
            )
