"""What is to be done with the staged rows: compared with what is stored, and judged by the rules of the database."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Q

from crimewatch.records.models import Record, Status
from crimewatch.records.resources.constraints import Check, UniqueColumn
from crimewatch.records.resources.entries import Entry
from crimewatch.records.resources.exports import chosen
from crimewatch.records.workflow import EXPLAINED, NO_WORK

from .readers import default_of
from .staging import Stage, quote

#: How many doubtful rows are asked for at a time.
ASKED_AT_ONCE = 1000


class Plan:
    """A temporary table with the staged rows that are new or changed, and those that the row engine has to look at.

    `_pk` is the primary key of what is stored or, for a new record, will be; `_changed` names the fields that differ,
    `_version` what was compared with, and `_waits` the rows whose parent is a new one further below in the file.
    """

    def __init__(self, resource: Any, stage: Stage, user: Any) -> None:
        self.resource, self.stage, self.user = resource, stage, user
        self.model = resource.model
        self.table = quote(self.model._meta.db_table)
        self.name = quote(f"planned_{self.model._meta.db_table}")
        self.is_record = issubclass(self.model, Record)

    # The rows by themselves, before they are compared

    def judge_staged(self) -> None:
        """Find doubtful rows by what each of them says alone."""
        if not self.is_record:
            stage, key = self.stage, self.stage.key
            repeated = f"SELECT {key} FROM {stage.name} WHERE {key} IS NOT NULL GROUP BY {key} HAVING count(*) > 1"
            stage.doubt(f"s.{key} IN ({repeated})")
            if self.user is not None:
                own = f"t.{key} = s.{key} AND NOT {chosen('t', self.model._default_manager.open_to(self.user))}"
                stage.doubt(_escaped(f"EXISTS (SELECT FROM {self.table} AS t WHERE {own})"))
        self._clean()
        for check in self.resource.rules.checks.checks:
            if self._is_asked_by_value(check):
                self._ask_by_value(check)

    def _clean(self) -> None:
        """Ask the model's own `clean` once for each combination of the values that it looks at."""
        stage = self.stage
        known = [name for name in self.model.cleaned_from if name in stage.fields]
        if not known:
            return
        columns = ", ".join(map(stage.column, known))
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT DISTINCT {columns} FROM {stage.name} WHERE NOT _doubtful")
            found = cursor.fetchall()
        for values in found:
            given = {self.model._meta.get_field(name).attname: value for name, value in zip(known, values, strict=True)}
            instance = self.model(**given)
            self.resource.prepare(Entry(0, {}, instance, is_new=True, before={}))
            same = " AND ".join(f"s.{stage.column(name)} IS NOT DISTINCT FROM %s::{self._kind(name)}" for name in known)
            try:
                instance.clean()
            except ValidationError:
                stage.doubt(same, values)
                continue
            self._take(instance, given, same, values)

    def _take(self, instance: Any, given: dict[str, Any], same: str, values: Sequence[Any]) -> None:
        """Take over what `clean` has filled in."""
        stage = self.stage
        filled = {}
        for name in self.model.cleaned_from:
            field = self.model._meta.get_field(name)
            value = getattr(instance, field.attname)
            if value != given.get(field.attname, field.get_default()):
                filled[name] = field.get_db_prep_save(value, connection)
        if filled:
            settings = ", ".join(f"{stage.column(name)} = %s::{self._kind(name)}" for name in filled)
            with connection.cursor() as cursor:
                cursor.execute(
                    f"UPDATE {stage.name} AS s SET {settings} WHERE NOT _doubtful AND {same}",
                    [*filled.values(), *values],
                )

    def _kind(self, name: str) -> str:
        """The type of a column as PostgreSQL names it."""
        return str(self.resource.rules.checks.columns[self.model._meta.get_field(name).column][0])

    def _is_asked_by_value(self, check: Check) -> bool:
        """Whether a check costs so much that it is asked once for each value that occurs, and can be."""
        fields = self.resource.rules.checks.fields_of(check)
        return check.is_costly and all(name in self.stage.fields for name in fields)

    def _ask_by_value(self, check: Check) -> None:
        checks, stage = self.resource.rules.checks, self.stage
        columns = [stage.column(name) for name in checks.fields_of(check)]
        names = ", ".join(columns)
        # Comparing texts lets the rows be found by hashing; a row too many is doubted at most.
        same = " AND ".join(f"COALESCE(s.{name}::text, '') = COALESCE(bad.{name}::text, '')" for name in columns)
        stage.doubt(
            f"""EXISTS (
                SELECT FROM (
                    SELECT given.*{_escaped(checks.derived([check]))}
                    FROM (SELECT DISTINCT {names} FROM {stage.name} WHERE NOT _doubtful) AS given
                ) AS bad
                WHERE ({_escaped(check.condition)}) IS FALSE AND {same}
            )"""
        )

    # What is stored

    def compare(self) -> None:
        stage, checks = self.stage, self.resource.rules.checks
        asked = [check for check in checks.checks if not self._is_asked_by_value(check)]
        differences = {name: self._differs(name) for name in stage.fields if name != self.resource.key}
        is_changed = " OR ".join(differences.values()) or "false"
        changed = ", ".join(f"CASE WHEN {differs} THEN '{name}' END" for name, differs in differences.items())
        wanted = {name for check in asked for name in checks.fields_of(check)}
        parameters: list[Any] = []
        inputs = ""
        for field in checks.inputs:
            if field.name in wanted:
                expression, defaults = self._given(field)
                inputs += f", {expression} AS {quote(field.column)}"
                parameters += defaults
        holds = " AND ".join(f"({check.condition}) IS NOT FALSE" for check in asked) or "true"
        statement = f"""
            CREATE TEMPORARY TABLE {self.name} ON COMMIT DROP AS
            SELECT _row, _pk, _new, _changed, _version, _waits, _doubtful OR NOT ({_escaped(holds)}) AS _doubtful
            FROM (
                SELECT given.*{_escaped(checks.derived(asked))} FROM (
                    SELECT s._row, COALESCE(t.id, s._pk) AS _pk, t.id IS NULL AS _new, s._doubtful,
                        CASE WHEN t.id IS NULL OR s._doubtful THEN '{{}}'::text[]
                            ELSE array_remove(ARRAY[{changed}]::text[], NULL) END AS _changed,
                        t.xmin AS _version, {self._waits()} AS _waits{inputs}
                    FROM {stage.name} AS s LEFT JOIN {self.table} AS t ON {self._is_same}
                    WHERE s._doubtful OR t.id IS NULL OR {is_changed}
                ) AS given
            ) AS whole
        """
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{self.name}")
            cursor.execute(statement, parameters)
            cursor.execute(f"ALTER TABLE {self.name} ADD PRIMARY KEY (_row)")
            cursor.execute(f"ANALYZE {self.name}")

    @property
    def _is_same(self) -> str:
        """The condition on which a staged row `s` is about a stored row `t`."""
        return "t.id = s._pk" if self.is_record else f"t.{self.stage.key} = s.{self.stage.key}"

    def _differs(self, name: str) -> str:
        column = self.stage.column(name)
        if not self.stage.is_many(name):
            return f"s.{column} IS DISTINCT FROM t.{column}"
        link = Link(self.model._meta.get_field(name))
        stored = f"ARRAY(SELECT {link.used} FROM {link.table} WHERE {link.owner} = t.id ORDER BY 1)"
        return f"COALESCE(s.{column}, '{{}}') IS DISTINCT FROM {stored}"

    def _given(self, field: Any) -> tuple[str, list[Any]]:
        """What a row says in a column or, where its file does not have the column, what it is without it."""
        stage, column = self.stage, quote(field.column)
        if field.name in stage.fields:
            return f"s.{column}", []
        kind = self.resource.rules.checks.columns[field.column][0]
        made = f"COALESCE(s.{column}, %s::{kind})" if field.name in stage.made else f"%s::{kind}"
        return f"CASE WHEN t.id IS NULL THEN {made} ELSE t.{column} END", [default_of(field)]

    def _waits(self) -> str:
        parent = self.resource.parent
        if parent not in self.stage.fields:
            return "false"
        column = self.stage.column(parent)
        return f"""(t.id IS NULL AND EXISTS (
            SELECT FROM {self.stage.name} AS above
            WHERE above._pk = s.{column} AND above._row > s._row
                AND NOT EXISTS (SELECT FROM {self.table} AS old WHERE old.id = above._pk)
        ))"""

    # What only the rows together, or the person who acts, can make wrong

    def judge_planned(self) -> None:
        for unique in self.resource.rules.unique_columns:
            if unique.name in self.stage.fields:
                self._doubt_shared(unique)
        if self.resource.rules.other_unique_rules:
            self.doubt("true")
        if not self.resource.adds_rows or not self.resource.required_columns <= set(self.stage.fields):
            self.doubt("_new")
        if self.stage.made:
            self.doubt("NOT _new AND _changed && %s::text[]", [list(self.model.cleaned_from)])
        if self.user is not None:
            self._doubt_what_is_not_allowed()

    def doubt(self, condition: str, parameters: Sequence[Any] = ()) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {self.name} AS p SET _doubtful = true WHERE NOT _doubtful AND ({condition})", parameters
            )

    def _doubt_shared(self, unique: UniqueColumn) -> None:
        """Leave the rows to the row engine that take or give up a value which others have or want.

        Which of them may have it depends on the order of the rows.
        """
        stage, column = self.stage, self.stage.column(unique.name)
        value = "lower({}." + column + ")" if unique.ignores_case else "{}." + column
        is_filled = f"s.{column} IS NOT NULL" + (f" AND s.{column} <> ''" if _is_text(unique) else "")
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                WITH wanted AS (
                    SELECT p._row, p._pk, {value.format("s")} AS value
                    FROM {self.name} AS p JOIN {stage.name} AS s USING (_row)
                    WHERE {is_filled} AND (p._new OR p._doubtful OR %s = ANY (p._changed))
                ), shared AS (
                    SELECT value FROM wanted GROUP BY value HAVING count(*) > 1
                    UNION
                    SELECT value FROM wanted JOIN {self.table} AS t ON {value.format("t")} = value
                    WHERE t.id IS DISTINCT FROM wanted._pk
                )
                UPDATE {self.name} AS p SET _doubtful = true
                WHERE NOT _doubtful AND (
                    _row IN (SELECT _row FROM wanted WHERE value IN (SELECT value FROM shared))
                    OR _pk IN (SELECT id FROM {self.table} AS t WHERE {value.format("t")} IN (SELECT value FROM shared))
                )
                """,
                [unique.name],
            )

    def _doubt_what_is_not_allowed(self) -> None:
        app, name = self.model._meta.app_label, self.model._meta.model_name
        if not self.user.has_perm(f"{app}.add_{name}"):
            self.doubt("_new")
        if not self.user.has_perm(f"{app}.change_{name}"):
            self.doubt("NOT _new")
        for column, (right, harmless) in self.resource.guarded_columns.items():
            if column in self.stage.fields and not self.user.has_perm(f"{app}.{right}_{name}"):
                other = "".join(
                    f" AND s.{self.stage.column(column)} IS DISTINCT FROM %s::{self._kind(column)}" for _ in harmless
                )
                is_said = f"SELECT FROM {self.stage.name} AS s WHERE s._row = p._row{other}"
                self.doubt(f"'{column}' = ANY (_changed) OR (_new AND EXISTS ({is_said}))", harmless)
        if self.is_record and "status" in self.stage.fields and not settings.AUTHORS_MAY_PUBLISH:
            self._doubt_own_work()

    def _doubt_own_work(self) -> None:
        """Leave the rows to the row engine that would publish what the person who imports has worked on."""
        published = f"SELECT FROM {self.stage.name} AS s WHERE s._row = p._row AND s.{self.stage.column('status')} = %s"
        self.doubt(
            f"(_new OR 'status' = ANY (_changed)) AND EXISTS ({published})"
            " AND (_new OR NOT _changed <@ %s::text[] OR _pk = ANY (%s))",
            [Status.PUBLISHED.value, sorted(NO_WORK), list(self.resource.own_work)],
        )

    def lock(self) -> bool:
        """Keep others from changing what is about to be changed; whether it is still as it was compared."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                SELECT count(*) FROM (
                    SELECT t.xmin AS version, p._version FROM {self.table} AS t JOIN {self.name} AS p ON t.id = p._pk
                    WHERE NOT p._new ORDER BY t.id FOR NO KEY UPDATE OF t
                ) AS locked WHERE version IS DISTINCT FROM _version
                """
            )
            return cursor.fetchone() == (0,)

    # Answers

    def counts(self) -> tuple[int, int, int, dict[str, int]]:
        """How many rows without a doubt are new, changed and unchanged, and how often each column changes."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                SELECT count(*) FILTER (WHERE _new AND NOT _doubtful),
                    count(*) FILTER (WHERE NOT _new AND NOT _doubtful),
                    (SELECT count(*) FROM {self.stage.name}) - count(*)
                FROM {self.name}
                """
            )
            new, changed, unchanged = cursor.fetchone()
            cursor.execute(
                f"SELECT name, count(*) FROM {self.name}, unnest(_changed) AS name WHERE NOT _doubtful GROUP BY name"
            )
            return new, changed, unchanged, dict(cursor.fetchall())

    def rows_to_explain(self) -> set[int]:
        """The rows without a doubt whose step needs a reason; it is asked before they are written."""
        if "status" not in self.stage.fields:
            return set()
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                SELECT _row FROM {self.name} AS p JOIN {self.stage.name} AS s USING (_row)
                JOIN {self.table} AS t ON t.id = p._pk
                WHERE NOT p._new AND NOT p._doubtful AND 'status' = ANY (p._changed)
                    AND (t.status, s.status) IN (SELECT * FROM unnest(%s::text[], %s::text[]))
                """,
                [[before for before, _after in EXPLAINED], [after for _before, after in EXPLAINED]],
            )
            return {row for (row,) in cursor.fetchall()}

    def doubtful_rows(self) -> Iterator[tuple[int, int | None, str | None]]:
        """The doubtful rows, in their order: number, primary key of what is stored, and key."""
        after = 0
        while True:
            with connection.cursor() as cursor:
                cursor.execute(
                    f"""
                    SELECT _row, CASE WHEN p._new THEN NULL ELSE p._pk END, s.{self.stage.key}
                    FROM {self.name} AS p JOIN {self.stage.name} AS s USING (_row)
                    WHERE p._doubtful AND _row > %s ORDER BY _row LIMIT %s
                    """,
                    [after, ASKED_AT_ONCE],
                )
                found = cursor.fetchall()
            if not found:
                return
            yield from found
            after = found[-1][0]

    def rows_of_repeated_keys(self) -> dict[str, list[int]]:
        """The rows of each key that stands in the file more than once; of many rows, the first ones."""
        key = self.stage.key
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                SELECT {key}, (array_agg(_row ORDER BY _row))[:12] FROM {self.stage.name}
                WHERE _doubtful AND {key} IS NOT NULL GROUP BY {key} HAVING count(*) > 1
                """
            )
            return dict(cursor.fetchall())

    def row_of(self, pk: int) -> int | None:
        """The row without a doubt that is about the record with this primary key."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                SELECT min(s._row) FROM {self.stage.name} AS s LEFT JOIN {self.name} AS p USING (_row)
                WHERE s._pk = %s AND NOT COALESCE(p._doubtful, false)
                """,
                [pk],
            )
            row: int | None = cursor.fetchone()[0]
            return row


class Link:
    """The table behind a field that names many records, and its two columns."""

    def __init__(self, field: Any) -> None:
        self.table = quote(field.m2m_db_table())
        self.owner = quote(field.m2m_column_name())
        self.used = quote(field.m2m_reverse_name())


def _is_text(unique: UniqueColumn) -> bool:
    return bool(unique.rule.condition == ~Q((unique.name, "")))


def _escaped(expression: str) -> str:
    return expression.replace("%", "%%")
