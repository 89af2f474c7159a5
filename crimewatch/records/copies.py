"""The rows of a list as CSV that the database writes itself: the same bytes as the cells of its table give."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import django_tables2 as tables
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from crimewatch.records.resources import csv_line
from crimewatch.records.resources.exports import gathered
from crimewatch.records.resources.expressions import composed, written


def copied(texts: Mapping[str, str | None], queryset: QuerySet[Any]) -> "Copy | None":
    """The rows of `queryset` as CSV with these columns; None where only Python knows what some column holds."""
    known = {name: text for name, text in texts.items() if text}
    return Copy(known, queryset) if len(known) == len(texts) else None


class Copy:
    """The rows of `queryset`, in its order.

    `texts` says of each column what it holds: SQL of a row that is called `row`, of which null is empty.
    """

    def __init__(self, texts: Mapping[str, str], queryset: QuerySet[Any]) -> None:
        self.header = list(texts)
        self._statement = self._composed(queryset, list(texts.values()))

    def _composed(self, queryset: QuerySet[Any], texts: Sequence[str]) -> str:
        try:
            rows = composed(*queryset.query.sql_with_params())
        except EmptyResultSet:  # the queryset knows that it finds nothing
            return ""
        inner = ", ".join(f"{text} AS c{place}" for place, text in enumerate(texts))
        outer = ", ".join(written(None, f"c{place}") for place in range(len(texts)))
        # The inner query is kept whole by its OFFSET, so that no text is made again for each look at it.
        return (
            f"COPY (SELECT {outer} FROM (SELECT {inner} FROM ({rows}) AS row OFFSET 0) AS cells) TO STDOUT (FORMAT csv)"
        )

    def __iter__(self) -> Iterator[bytes]:
        """The bytes of the file. Nothing else can be asked of the database until the end."""
        yield csv_line(self.header).encode()
        if self._statement:
            with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(self._statement) as copy:
                yield from gathered(copy)


def cell_sql(column: tables.Column, value: str) -> str | None:
    """What `column` writes of `value`, an expression of the type that its rows have; None where only Python knows."""
    if isinstance(column, SaidInSQL):
        return column.sql(value)
    if isinstance(column, tables.BooleanColumn):
        return f"CASE WHEN {value} THEN 'True' ELSE 'False' END"
    return f"{value}::text" if type(column) is tables.Column else None


class SaidInSQL:
    """A column that says in SQL what its `value` says in Python; by itself the text as it stands."""

    def sql(self, value: str) -> str:
        return value


def in_words(value: str, words: Mapping[Any, Any]) -> str:
    """The words for `value`, an expression, among those of a vocabulary; the value itself where it has none."""
    if not words:
        return f"{value}::text"
    cases = " ".join(composed("WHEN %s THEN %s", [str(key), str(label)]) for key, label in words.items())
    return f"CASE {value}::text {cases} ELSE {value}::text END"


def plain_number(value: str) -> str:
    return f"trim_scale({value}::numeric)::text"


def joined(values: str) -> str:
    return f"array_to_string({values}, ', ')"


def day(value: str) -> str:
    return f"to_char({value} {composed('AT TIME ZONE %s', [timezone.get_current_timezone_name()])}, 'YYYY-MM-DD')"
