"""Counts beside the choices of a list's filters: how many rows each would leave, all other filters as they are."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models.expressions import RawSQL

#: Of how many rows the choices are counted. Where a list has more, none is: to read them all for a few small numbers
#: would take longer than the page.
MOST_ROWS = 10_000

#: The counts of one filter by its words; None where there are too many rows to count.
Counts = dict[str, int] | None


@dataclass
class Facet:
    """A filter whose choices are counted, and of which rows."""

    name: str
    rows: tuple[str, ...]
    sql: str


def key_in(rows: str) -> RawSQL:
    """The key of a record in the set ``rows`` that another set is taken ``each_of``."""
    return RawSQL(f'"{rows}"."record"', [], models.BigIntegerField())  # noqa: S611 - a name of our own


def keys_of(rows: str) -> RawSQL:
    """The keys of all records in the set ``rows``."""
    return RawSQL(f'SELECT "record" FROM "{rows}"', [], models.BigIntegerField())  # noqa: S611 - a name of our own


class Tally:
    """Counts the words of several columns of several sets of rows, in one query."""

    def __init__(self) -> None:
        self.sets: dict[str, str] = {}
        self.parameters: list[Any] = []
        self.facets: list[Facet] = []

    def add_rows(
        self, name: str, columns: Sequence[str], rows: Any, each_of: str = "", most: int | None = None
    ) -> None:
        """A set of rows, given by a queryset of the values of ``columns``, up to one more than ``most``.

        ``each_of`` is a set whose rows the queryset names by ``key_in``: it is asked for each of them in turn, until
        there are enough.
        """
        most = most or MOST_ROWS
        if name in self.sets:
            return
        names = ", ".join(f'"{column}"' for column in columns)
        try:
            sql, parameters = rows.query.sql_with_params()
        except EmptyResultSet:
            empty = ", ".join("NULL::bigint" if column == "record" else "NULL::text" for column in columns)
            sql, parameters = f"SELECT {empty} LIMIT 0", ()
        each = f'"{each_of}" CROSS JOIN LATERAL ' if each_of else ""
        limited = f"SELECT found.* FROM {each}({sql}) AS found ({names}) LIMIT {most + 1}"
        self.sets[name] = f'"{name}" ({names}) AS MATERIALIZED ({limited})'
        self.parameters += parameters
        self.facets.append(Facet("", (name,), f"SELECT '', '{name}', count(*) > {most}, 0 FROM \"{name}\""))

    def count(self, facet: str, rows: str, word_sql: str, of: str = "*", within: str = "") -> None:
        """Count, for each word that ``word_sql`` makes of the column ``facet``, the rows or what differs in ``of``.

        ``within`` is a set that the rows were taken from: cut short, it makes their counts worthless too.
        """
        word = word_sql.replace("{column}", f'"{facet}"')
        other = "" if of == "*" else f', "{of}"'
        what = "*" if of == "*" else f'DISTINCT "{of}"'
        self.facets.append(
            Facet(
                facet,
                (rows, within) if within else (rows,),
                f"SELECT '{facet}', word, false, count({what})"
                f' FROM (SELECT {word} AS word{other} FROM "{rows}") AS said WHERE word IS NOT NULL GROUP BY word',
            )
        )

    def count_rest(self, facet: str, word: str, records: str, said: str = "") -> None:
        """Count, for a ``word`` that stands for nothing, the records without a word in the column ``facet``.

        Where the words are in another set, ``said``, it is the records that have none there.
        """
        has_word = f"nullif(\"{facet}\"::text, '') IS NOT NULL"
        having = f'(SELECT count(DISTINCT "record") FROM "{said or records}" WHERE {has_word})'
        sql = f"SELECT '{facet}', '{word}', false, count(*) - {having} FROM \"{records}\""
        self.facets.append(Facet(facet, (records, said) if said else (records,), sql))

    def run(self) -> dict[str, Counts]:
        """The counts of each facet."""
        if not self.sets:
            return {}
        sql = f"WITH {', '.join(self.sets.values())} {' UNION ALL '.join(facet.sql for facet in self.facets)}"
        with connection.cursor() as cursor:
            cursor.execute(sql, self.parameters)
            found = cursor.fetchall()
        cut_short = {word for facet, word, is_cut_short, _number in found if not facet and is_cut_short}
        counts: dict[str, dict[str, int]] = defaultdict(dict)
        for name, word, _is_cut_short, number in found:
            counts[name][word] = number
        facets = [facet for facet in self.facets if facet.name]
        return {facet.name: None if cut_short.intersection(facet.rows) else counts[facet.name] for facet in facets}
