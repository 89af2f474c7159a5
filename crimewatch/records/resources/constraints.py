"""The rules of a table, asked for each row before it is written, so that all that it breaks is told at once."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, DataError, connection, models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.db.models.functions import Lower
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from crimewatch.records.database_errors import translated

from .entries import Entry

CATALOG = """
    SELECT conname, pg_get_expr(conbin, conrelid),
        ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = conrelid AND attnum = ANY (conkey)),
        EXISTS (
            SELECT FROM pg_depend AS needed
            WHERE needed.classid = 'pg_constraint'::regclass AND needed.objid = pg_constraint.oid
                AND refclassid = 'pg_proc'::regclass
        )
    FROM pg_constraint
    WHERE conrelid = %(table)s::regclass AND contype = 'c'
"""
COLUMNS = """
    SELECT attname, format_type(atttypid, NULL), CASE WHEN attgenerated <> '' THEN pg_get_expr(adbin, adrelid) END
    FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE attrelid = %(table)s::regclass AND attnum > 0 AND NOT attisdropped
"""


@dataclass(frozen=True)
class Check:
    """One rule: the sentence that says it, its condition as the database has it, and the columns that it looks at.

    A costly one calls functions of our own, or looks at a column that is derived by one.
    """

    sentence: str
    condition: str
    columns: tuple[str, ...]
    is_costly: bool


class Rules:
    """What the database demands of a row of `model`: its CHECK constraints and its unique values."""

    def __init__(self, model: type[models.Model], key: str) -> None:
        self.model = model
        self.checks = RowChecks(model)
        #: The rules on single columns that must differ where they are filled in, and the other unique rules.
        self.unique_columns, self.other_unique_rules = unique_columns(model, key)

    def checks_broken_by(self, entries: Sequence[Entry]) -> list[list[Check]]:
        """For each row the CHECK constraints that it breaks, but for those on columns about which none can be asked."""
        return self.checks.broken_by([(entry.instance, entry.doubtful) for entry in entries])

    def broken_by(
        self, entry: Entry, columns: Sequence[str], broken_checks: Iterable[Check]
    ) -> Iterator[tuple[str, str]]:
        """The columns that each broken rule looks at, with commas between them, and its sentence.

        Rules that look at a column which is known to be wrong are left out. `broken_checks` are those of the row.
        """
        wrong = entry.doubtful
        for check in broken_checks:
            names = self.checks.fields_of(check)
            yield ", ".join(name for name in columns if name in names), check.sentence
        for unique in self.unique_columns:
            sentence = None if unique.name in wrong else unique.mistake(entry.instance)
            if sentence:
                yield unique.name, sentence
        for rule in self.other_unique_rules:
            sentence = broken_rule(rule, self.model, entry.instance)
            if sentence:
                yield "", sentence

    def note(self, instance: models.Model, before: Mapping[str, Any]) -> None:
        """Keep up with a row that has just been stored and had the values `before`."""
        for unique in self.unique_columns:
            unique.note(instance, before[unique.name])


class RowChecks:
    """The CHECK constraints of a table as the database itself has them, evaluated for a row with a single query.

    Django's own validation asks one query for each of them, some fifteen a row.
    """

    def __init__(self, model: type[models.Model]) -> None:
        self.model = model

    def broken_by(self, rows: Sequence[tuple[models.Model, Container[str]]]) -> list[list[Check]]:
        """For each instance the rules that it breaks, leaving out those that look at a field named beside it."""
        values = [
            None if field.name in left_out else field.get_db_prep_save(getattr(instance, field.attname), connection)
            for instance, left_out in rows
            for field in self.inputs
        ]
        with connection.cursor() as cursor:
            cursor.execute(self._statement(len(rows)), values)
            answers = cursor.fetchall()
        return [
            [
                check
                for check, holds in zip(self.checks, truths, strict=True)
                if not holds and not any(name in left_out for name in self.fields_of(check))
            ]
            for (_place, *truths), (_instance, left_out) in zip(answers, rows, strict=True)
        ]

    @cached_property
    def checks(self) -> list[Check]:
        rules = {rule.name: rule for rule in self.model._meta.constraints if isinstance(rule, CheckConstraint)}
        with connection.cursor() as cursor:
            cursor.execute(CATALOG, {"table": self.model._meta.db_table})
            found = cursor.fetchall()
        return [
            Check(
                str(rules[name].get_violation_error_message()),
                condition,
                tuple(columns),
                calls_functions or any(self._fields[column].generated for column in columns),
            )
            for name, condition, columns, calls_functions in sorted(found)
            if name in rules
        ]

    @cached_property
    def _fields(self) -> dict[str, Any]:
        """The fields by their columns."""
        return {field.column: field for field in self.model._meta.concrete_fields}

    def fields_of(self, check: Check) -> tuple[str, ...]:
        """The names of the fields that the check looks at; for a derived one, of those that it is derived from."""
        sources = [name for column in check.columns for name in sources_of(self._fields[column])]
        return tuple(dict.fromkeys(sources))

    @cached_property
    def inputs(self) -> list[Any]:
        """The fields whose values the checks need: not the long texts."""
        wanted = {name for check in self.checks for name in self.fields_of(check)}
        return [field for field in self._fields.values() if field.name in wanted]

    @cached_property
    def columns(self) -> dict[str, tuple[str, str | None]]:
        """The columns of the table, each with its type and with what it is derived from, if it is."""
        with connection.cursor() as cursor:
            cursor.execute(COLUMNS, {"table": self.model._meta.db_table})
            return {name: (kind, derivation) for name, kind, derivation in cursor.fetchall()}

    def derived(self, checks: Sequence[Check]) -> str:
        """What the database derives from the other columns and `checks` look at, as more items of a SELECT."""
        quote = connection.ops.quote_name
        looked_at = dict.fromkeys(column for check in checks for column in check.columns)
        return "".join(
            f", ({self.columns[column][1]}) AS {quote(column)}"
            for column in looked_at
            if self._fields[column].generated
        )

    def _statement(self, rows: int) -> str:
        """`SELECT` of one truth per check, over rows made of the values and of what the database derives from them."""
        quote = connection.ops.quote_name
        types = ", ".join(f"%s::{self.columns[field.column][0]}" for field in self.inputs)
        values = ", ".join(f"({place}, {types})" for place in range(rows))
        names = ", ".join(quote(field.column) for field in self.inputs)
        truths = ", ".join(f"({check.condition}) IS NOT FALSE" for check in self.checks).replace("%", "%%")
        derived = self.derived(self.checks).replace("%", "%%")
        # All of it comes from the database's own catalog.
        return (
            f"SELECT _place, {truths} FROM (SELECT given.*{derived} FROM (VALUES {values}) AS given (_place, {names}))"
            " AS whole ORDER BY _place"
        )


def sources_of(field: Any) -> list[str]:
    """The names of the fields that a person fills in: those that a derived field is made of, or the field itself."""
    return names_in(field.expression) if field.generated else [field.name]


def names_in(expression: Any) -> list[str]:
    """The names of the fields in an expression."""
    if isinstance(expression, F):
        return [expression.name]
    return [part.name for part in expression.flatten() if isinstance(part, F)]


class UniqueColumn:
    """The values of a column that no two rows may share, read with one query when first asked for."""

    def __init__(self, model: type[models.Model], rule: UniqueConstraint, name: str, key: str) -> None:
        self.model, self.rule, self.name, self.key = model, rule, name, key
        self.ignores_case = any(isinstance(part, Lower) for part in rule.expressions)

    @cached_property
    def owners(self) -> dict[Any, tuple[Any, str]]:
        """For each value the primary key and the key of the row that has it."""
        rows = self.model._default_manager.filter(self.rule.condition).order_by()
        found = rows.values_list(self.name, "pk", self.key)
        return {self._compared(value): (pk, key) for value, pk, key in found.iterator()}

    def _compared(self, value: Any) -> Any:
        return value.lower() if self.ignores_case else value

    def mistake(self, instance: models.Model) -> str | None:
        """A sentence where another row has the value of `instance`."""
        pk, key = self.owners.get(self._compared(getattr(instance, self.name)), (instance.pk, ""))
        if pk == instance.pk:
            return None
        sentence = str(self.rule.get_violation_error_message()).rstrip(".")
        return _("%(sentence)s: “%(key)s”.") % {"sentence": sentence, "key": key}

    def note(self, instance: models.Model, value_before: Any) -> None:
        """Keep up with a row that has just been stored."""
        before, value = self._compared(value_before), self._compared(getattr(instance, self.name))
        if self.owners.get(before, (None, ""))[0] == instance.pk:
            del self.owners[before]
        if value not in (None, ""):
            self.owners[value] = (instance.pk, getattr(instance, self.key))


def unique_columns(model: type[models.Model], key: str) -> tuple[list[UniqueColumn], list[UniqueConstraint]]:
    """The rules of `model` on single columns that must differ where they are filled in, and its other unique rules."""
    single, others = [], []
    for rule in model._meta.constraints:
        if not isinstance(rule, UniqueConstraint):
            continue
        names = [*rule.fields, *(name for part in rule.expressions for name in names_in(part))]
        is_plain = all(isinstance(part, F | Lower) for part in rule.expressions)
        where_filled_in = (~Q((names[0], "")), Q((f"{names[0]}__isnull", False)))
        if len(names) == 1 and is_plain and rule.condition in where_filled_in:
            single.append(UniqueColumn(model, rule, names[0], key))
        else:
            others.append(rule)
    return single, others


UNIQUE_VIOLATION = "23505"

#: Classes of SQLSTATE that say that a row is wrong: data, constraints, checks of views, errors of triggers' own.
ROW_ERRORS = ("22", "23", "44", "P0")


def is_about_a_row(error: DatabaseError) -> bool:
    """Whether the database refuses a row, and is not in trouble itself or busy."""
    cause = error.__cause__
    diagnosis = getattr(cause, "diag", None)
    if diagnosis is None or not diagnosis.sqlstate:
        return isinstance(error, DataError)  # what psycopg itself will not send
    return diagnosis.sqlstate.startswith(ROW_ERRORS)


def refusal(error: DatabaseError, model: type[models.Model]) -> tuple[str, str]:
    """The column ("" for the row as a whole) and the sentence for what the database says against a row of `model`.

    Raises the error again where it is not about a row.
    """
    if not is_about_a_row(error):
        raise error
    diagnosis = getattr(error.__cause__, "diag", None)
    if diagnosis is None or not diagnosis.message_primary:
        return "", _("The database refuses it: %(reason)s") % {"reason": str(error).strip()}
    rules: dict[str, Any] = {rule.name: rule for rule in model._meta.constraints}
    if diagnosis.constraint_name in rules:
        rule = rules[diagnosis.constraint_name]
        return "", str(rule.get_violation_error_message())
    if diagnosis.sqlstate == UNIQUE_VIOLATION:
        return "", _("Somebody has stored a row with the same key or code meanwhile: import again.")
    # The triggers of the models raise check violations whose message is the sentence itself.
    if diagnosis.sqlstate == "23514" and not diagnosis.message_detail:
        return _field_of(diagnosis.column_name, model), translated(diagnosis.message_primary)
    return "", _("The database refuses it: %(reason)s.") % {"reason": translated(diagnosis.message_primary).rstrip(".")}


def _field_of(column: str | None, model: type[models.Model]) -> str:
    return next((field.name for field in model._meta.concrete_fields if column and field.column == column), "")


def broken_rule(rule: Any, model: type[models.Model], instance: models.Model) -> str | None:
    """A sentence where `instance` breaks a unique rule that `UniqueColumn` cannot judge, by a query of Django's."""
    try:
        rule.validate(model, instance)
    except ValidationError as error:
        return " ".join(error.messages)
    return None
