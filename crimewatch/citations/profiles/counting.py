"""What a page sums up of the claims about a record: how many there are, of when, and how well they support it."""

import itertools
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.contrib.postgres.aggregates import ArrayAgg, BoolOr
from django.db.models import Count, Max, Min, Q, QuerySet, TextField, Value

from crimewatch.citations.independence import Origin, number_of_independent
from crimewatch.citations.models import ClaimStatus, Credibility, Source, Stance
from crimewatch.records.prepared import Asking, prepared
from crimewatch.records.querysets import IsAmong, together

from .reading import Naming, claims_about
from .sentences import span_in_words

#: How many claims of each kind are counted and looked at for what the first screen sums up. Where a record has more of
#: a kind, the page says “more than”, and of how many its numbers are: to read a hundred thousand claims takes seconds.
COUNTED = 300


class Counted(NamedTuple):
    """Claims about a record of one kind and stance, summed up."""

    claim_type: str
    stance: str
    number: int
    sources: list[int]
    in_conflict: int
    grade: int
    begins: date | None
    ends: date | None
    goes_on: bool
    changed_at: datetime


class Support(NamedTuple):
    """How well a record is supported, by what the viewer may see; of very many claims, by so many of each kind."""

    claims: int
    sources: int
    independent: int
    disputing: int
    in_conflict: int
    #: How credible the best supporting claim is, in words.
    best_grade: str
    grade: int
    #: So many claims of each kind were looked at where there are more of one; else 0.
    looked_at: int = 0


@prepared
def _counted(viewer: Any, naming: Naming, most: int) -> QuerySet[Any]:
    """A row of ``Counted`` for each kind and stance.

    Of each kind ``most`` are counted: which, is the database's affair, as to put very many in order takes it longer
    than all else.
    """
    return together(
        [
            model._default_manager.filter(pk__in=claims.order_by().values("pk")[:most])
            .order_by()
            .annotate(claim_type=Value(model._meta.label_lower, output_field=TextField()))
            .values("claim_type", "stance")
            .annotate(
                number=Count("pk"),
                sources=ArrayAgg("source", distinct=True),
                in_conflict=Count("pk", filter=Q(status=ClaimStatus.CONFLICT)),
                grade=Min("credibility"),
                begins=Min("period__startswith"),
                ends=Max("period__endswith"),
                goes_on=BoolOr(Q(when__endswith="/..")),
                changed_at=Max("updated_at"),
            )
            .values_list(*Counted._fields)
            for model, claims in claims_about(viewer, naming).items()
        ]
    )


@prepared
def _origins(viewer: Any, sources: str) -> QuerySet[Any]:
    visible = Source.objects.visible_to(viewer)
    return visible.filter(IsAmong("pk", sources)).order_by().values_list(*Origin._fields)


class Counts:
    """The claims about the record that ``asking`` is about, summed up as far as the viewer may see them."""

    def __init__(self, asking: Asking, naming: Naming) -> None:
        self.asking = asking
        #: How many claims of each kind are counted.
        self.most = COUNTED
        self.rows = list(itertools.starmap(Counted, _counted(asking, asking.viewer, naming, self.most + 1)))
        numbers: dict[str, int] = {}
        for row in self.rows:
            numbers[row.claim_type] = numbers.get(row.claim_type, 0) + row.number
        self.number = sum(numbers.values())
        #: How many claims of each kind there are; None where there are more than are counted.
        self.totals = {kind: total if total <= self.most else None for kind, total in numbers.items()}

    @property
    def is_cut(self) -> bool:
        """Whether there are more claims of a kind than are counted."""
        return None in self.totals.values()

    @property
    def total(self) -> int:
        """How many claims there are, or how many at least."""
        return sum(self.most if total is None else total for total in self.totals.values())

    @property
    def sources(self) -> set[int]:
        """The ids of the sources of all the claims."""
        return _sources_of(self.rows)

    @property
    def changes(self) -> list[datetime]:
        """When claims were changed last, kind by kind."""
        return [row.changed_at for row in self.rows]

    def support(self) -> Support:
        supporting = [row for row in self.rows if row.stance == Stance.SUPPORTS]
        grade = min((row.grade for row in supporting), default=0)
        sources = self.asking.keys("sources", _sources_of(supporting))
        origins = _origins(self.asking, self.asking.viewer, sources)
        return Support(
            claims=self.total,
            sources=len(self.sources),
            independent=number_of_independent(itertools.starmap(Origin, origins)),
            disputing=sum(row.number for row in self.rows if row.stance == Stance.DISPUTES),
            in_conflict=sum(row.in_conflict for row in self.rows),
            best_grade=str(Credibility(grade).label) if grade else "",
            grade=grade,
            looked_at=self.most if self.is_cut else 0,
        )

    def span(self) -> str:
        """The years that the claims cover, those that dispute something aside."""
        told = [row for row in self.rows if row.stance != Stance.DISPUTES]
        day_after = max((row.ends for row in told if row.ends), default=None)
        return span_in_words(
            min((row.begins for row in told if row.begins), default=None),
            day_after and day_after - timedelta(days=1),
            goes_on=any(row.goes_on for row in told),
        )


def _sources_of(rows: Iterable[Counted]) -> set[int]:
    return {source for row in rows for source in row.sources}
