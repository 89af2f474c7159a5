"""Which sources are independent of one another: the one definition, for pages and for lists."""

import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

from django.db import connection
from django.db.models import CharField, F, TextField, Value
from django.db.models.functions import Cast, Coalesce, NullIf, Trim

from crimewatch.citations.models import Source


class Document(Protocol):
    """What tells of a source on whom it depends."""

    @property
    def slug(self) -> str: ...
    @property
    def publisher(self) -> str: ...
    @property
    def container_title(self) -> str: ...
    @property
    def authors(self) -> list[str]: ...


class Origin(NamedTuple):
    """The same, without the rest of a source."""

    slug: str
    publisher: str
    container_title: str
    authors: list[str]


def number_of_independent(sources: Iterable[Document]) -> int:
    """How many of ``sources`` are independent: those that share a publisher or an author count as one.

    Where no publisher is given, the journal, newspaper or site stands for it. Accents and case do not tell two names
    apart. What depends on a third is dependent too: if A and B share an author and B and C a publisher, the three are
    one.
    """
    # Each name leads to another of its circle, and in the end to the one that stands for the circle. A thousand sources
    # are joined in a thousand steps: a busy record's page and list have many more.
    leads_to: dict[str, str] = {}

    def circle_of(name: str) -> str:
        first = name
        while leads_to[name] != name:
            name = leads_to[name]
        while leads_to[first] != name:
            leads_to[first], first = name, leads_to[first]
        return name

    for source in sources:
        names = origins_of(source)
        for name in names:
            leads_to.setdefault(name, name)
        circles = {circle_of(name) for name in names}
        one = circles.pop()
        leads_to.update(dict.fromkeys(circles, one))
    return sum(name == onward for name, onward in leads_to.items())


def origins_of(source: Document) -> set[str]:
    """Where a source comes from, by names that another from there has as well; never empty."""
    authors = {f"author {folded(author)}" for author in source.authors if author.strip()}
    house = source.publisher.strip() or source.container_title.strip()
    return authors | {f"publisher {folded(house)}" if house else f"source {source.slug}"}


@lru_cache(maxsize=20_000)
def folded(name: str) -> str:
    """``name`` without accents, case and double spaces."""
    letters = unicodedata.normalize("NFKD", name)
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).casefold().split())


def house_of(source: str) -> Any:
    """In SQL: the publisher of the source that ``source`` leads to or what stands for it, as it is written.

    A record never has more independent sources than such names, so that few records are left to be looked at closely.
    """
    nothing = Value("", output_field=CharField())
    names = (NullIf(Trim(F(f"{source}__{name}")), nothing) for name in ("publisher", "container_title"))
    return Cast(Coalesce(*names, F(f"{source}__slug")), TextField())


def numbers_of_independent(mentions: str, parameters: Sequence[Any], having: str, number: int) -> dict[int, int]:
    """How many independent sources each of some records has, by the record's id.

    ``mentions`` is SQL for a row of record, source and ``house_of`` that source for each claim. The database picks the
    records by ``having``, a condition on ``count(DISTINCT source)`` or ``count(DISTINCT house)`` that takes ``number``;
    the sources of those are then looked at.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT record, array_agg(DISTINCT source) FROM ({mentions}) AS mention (record, source, house)"
            f" GROUP BY record HAVING {having}",
            [*parameters, number],
        )
        candidates = [(record, tuple(sources)) for record, sources in cursor.fetchall()]
    keys = {key for _record, sources in candidates for key in sources}
    origins = {
        key: Origin(*told)
        for key, *told in Source.objects.filter(pk__in=keys).order_by().values_list("pk", *Origin._fields)
    }
    numbers = {
        sources: number_of_independent(origins[key] for key in sources)
        for sources in {sources for _record, sources in candidates}
    }
    return {record: numbers[sources] for record, sources in candidates}
