"""The rules of a table, asked for each row before it is written, so that all that it breaks is told at once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from crimewatch.records.database_errors import translated

CATALOG = """
    SELECT conname, pg_get_expr(conbin, conrelid),
        ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = conrelid AND attnum = ANY (conkey))
    FROM pg_constraint
    WHERE conrelid = %(table)s::regclass AND contype = 'c'
"""
COLUMNS = """
    SELECT attname, format_type(atttypid, NULL), CASE WHEN attgenerated <> '' THEN pg_get_expr(adbin, adrelid) END
    FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE attrelid = %(table)s::regclass AND attnum > 0 AND NOT attisdropped
"""


class Rules:
    """What the database demands of a row of `model`: its CHECK constraints and its unique values."""

    def __init__(self, model: type[models.Model], key: str) -> None:
        self.model = model
        self._checks = RowChecks(model)
        self._unique_columns, self._other_unique_rules = unique_columns(model, key)

    def broken_by(
        self, instance: models.Model, columns: Sequence[str], *, except_on: Iterable[str]
    ) -> Iterator[tuple[str, str]]:
        """The columns that each broken rule looks at, with commas between them, and its sentence.

        Rules that look at a column named in `except_on`, which is known to be wrong, are left out.
        """
        wrong = set(except_on)
        for check in self._checks.broken_by(instance, except_on=wrong):
            names = self._checks.fields_of(check)
            yield ", ".join(name for name in columns if name in names), check.sentence
        for unique in self._unique_columns:
            sentence = None if unique.name in wrong else unique.mistake(instance)
            if sentence:
                yield unique.name, sentence
        for rule in self._other_unique_rules:
            sentence = broken_rule(rule, self.model, instance)
            if sentence:
                yield "", sentence

    def note(self, instance: models.Model, before: Mapping[str, Any]) -> None:
        """Keep up with a row that has just been stored and had the values `before`."""
        for unique in self._unique_columns:
            unique.note(instance, before[unique.name])


@dataclass(frozen=True)
class Check:
    """One rule: the sentence that says it, its condition as the database has it, and the columns that it looks at."""

    sentence: str
    condition: str
    columns: tuple[str, ...]


class RowChecks:
    """The CHECK constraints of a table as the database itself has them, evaluated for a row with a single query.

    Django's own validation asks one query for each of them, some fifteen a row.
    """

    def __init__(self, model: type[models.Model]) -> None:
        self.model = model

    def broken_by(self, instance: models.Model, *, except_on: Iterable[str] = ()) -> list[Check]:
        """The rules that `instance` breaks, leaving out those that look at a field named in `except_on`."""
        left_out = set(except_on)
        values = [
            None if field.name in left_out else field.get_db_prep_save(getattr(instance, field.attname), connection)
            for field in self._inputs
        ]
        with connection.cursor() as cursor:
            cursor.execute(self._statement, values)
            answers = cursor.fetchone()
        return [
            check
            for check, holds in zip(self.checks, answers, strict=True)
            if not holds and left_out.isdisjoint(self.fields_of(check))
        ]

    @cached_property
    def checks(self) -> list[Check]:
        rules = {rule.name: rule for rule in self.model._meta.constraints if isinstance(rule, CheckConstraint)}
        with connection.cursor() as cursor:
            cursor.execute(CATALOG, {"table": self.model._meta.db_table})
            found = cursor.fetchall()
        return [
            Check(str(rules[name].get_violation_error_message()), condition, tuple(columns))
            for name, condition, columns in sorted(found)
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
    def _inputs(self) -> list[Any]:
        """The fields whose values the checks need: not the long texts."""
        wanted = {name for check in self.checks for name in self.fields_of(check)}
        return [field for field in self._fields.values() if field.name in wanted]

    @cached_property
    def _statement(self) -> str:
        """`SELECT` of one truth per check, over a row made of the values and of what the database derives from them."""
        with connection.cursor() as cursor:
            cursor.execute(COLUMNS, {"table": self.model._meta.db_table})
            columns = {name: (kind, derivation) for name, kind, derivation in cursor.fetchall()}
        quote = connection.ops.quote_name
        typed = ", ".join(f"%s::{columns[field.column][0]} AS {quote(field.column)}" for field in self._inputs)
        looked_at = dict.fromkeys(column for check in self.checks for column in check.columns)
        derived = "".join(
            f", ({columns[column][1]}) AS {quote(column)}" for column in looked_at if self._fields[column].generated
        )
        truths = ", ".join(f"({check.condition}) IS NOT FALSE" for check in self.checks)
        derived, truths = derived.replace("%", "%%"), truths.replace("%", "%%")
        # All of it comes from the database's own catalog.
        return f"SELECT {truths} FROM (SELECT given.*{derived} FROM (SELECT {typed}) AS given) AS whole"


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


def refusal(error: DatabaseError, model: type[models.Model]) -> tuple[str, str]:
    """The column ("" for the row as a whole) and the sentence for what the database says against a row of `model`."""
    diagnosis = getattr(error.__cause__, "diag", None)
    if diagnosis is None or not diagnosis.message_primary:
        return "", _("The database refuses it: %(reason)s") % {"reason": str(error).strip()}
    rules: dict[str, Any] = {rule.name: rule for rule in model._meta.constraints}
    if diagnosis.constraint_name in rules:
        rule = rules[diagnosis.constraint_name]
        return "", str(rule.get_violation_error_message())
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
