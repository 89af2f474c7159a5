"""Which sources are independent of one another: the one definition, for pages and for lists."""

import unicodedata
from collections.abc import Hashable, Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

from django.db import connection

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
    return number_of_circles(map(origins_of, sources))


def number_of_circles(origins: Iterable[Iterable[Hashable]]) -> int:
    """How many circles there are of what has origins, each with one at least: those that share one are in one circle.

    A list asks this of a million mentions of sources, a step for each name of an origin.
    """
    # Each name leads to another of its circle, and in the end to the one that stands for the circle.
    leads_to: dict[Hashable, Hashable] = {}
    number = 0
    for names in origins:
        circle: Hashable = None
        for name in names:
            top = leads_to.get(name)
            if top is None:
                if circle is None:
                    circle = name
                    number += 1
                leads_to[name] = circle
                continue
            while (above := leads_to[top]) != top:
                leads_to[name] = top = above
            if circle is None:
                circle = top
            elif top != circle:
                leads_to[top] = circle
                number -= 1
    return number


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


def numbers_of_independent(mentions: str, parameters: Sequence[Any], least: int) -> dict[int, int]:
    """How many independent sources each record with ``least`` so many sources has, by the record's id.

    ``mentions`` is SQL for a row of record and source for each claim. The database leaves one row for each source of a
    record, and the records that have enough: no record has more independent sources than sources.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT record, array_agg(source) FROM ("
            f" SELECT DISTINCT record, source FROM ({mentions}) AS mention (record, source)"
            ") AS pair GROUP BY record HAVING count(*) >= %s",
            [*parameters, least],
        )
        candidates = cursor.fetchall()
    keys = {key for _record, sources in candidates for key in sources}
    numbered: dict[str, int] = {}
    origins = {
        key: tuple(numbered.setdefault(name, len(numbered)) for name in origins_of(Origin(*told)))
        for key, *told in Source.objects.filter(pk__in=keys).order_by().values_list("pk", *Origin._fields)
    }
    return {record: number_of_circles(map(origins.__getitem__, sources)) for record, sources in candidates}
