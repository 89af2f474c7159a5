"""How many claims name each region, and where on the map it stands."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import BigIntegerField, Count, F, Value
from django.db.models.functions import Cast

from crimewatch.citations.querysets import mentioned_record_fields
from crimewatch.explorer.filters import ClaimFilterSet
from crimewatch.explorer.kinds import together
from crimewatch.explorer.pictures.shapes import shape_of
from regions.models import Region, RegionKind

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer


@dataclass(frozen=True)
class Place:
    """A region with the claims that name it."""

    region: Region
    #: What it lies in, the nearest first, as far as the viewer may see it.
    above: list[Region]
    #: How many claims name it or what lies in it, and how many name it itself.
    claims: int
    own: int
    shape: str = field(init=False)

    def __post_init__(self) -> None:
        country = next((each for each in (self.region, *self.above) if each.kind == RegionKind.COUNTRY), None)
        object.__setattr__(self, "shape", shape_of(self.region, country.iso_3166 if country else ""))

    @property
    def point(self) -> list[float] | None:
        """Longitude and latitude."""
        if self.region.longitude is None or self.region.latitude is None:
            return None
        return [float(self.region.longitude), float(self.region.latitude)]


def places_of(filterset: ClaimFilterSet, user: "Viewer", most: int) -> list[Place]:
    """The regions that the claims left by ``filterset`` name, and what they lie in: the ``most`` with most claims."""
    counted = list(counted_by_regions(filterset))
    parents = Region.objects.parents_from({region for pair, _number in counted for region in pair})
    own: Counter[int] = Counter()
    claims: Counter[int] = Counter()
    for pair, number in counted:
        own.update(dict.fromkeys(pair, number))
        # A leg from one district to the next is one claim about their province.
        claims.update(dict.fromkeys((each for region in pair for each in upward(region, parents)), number))
    top = sorted(claims, key=lambda pk: (-claims[pk], pk))[:most]
    seen = Region.objects.visible_to(user).defer(*Region.heavy_fields).in_bulk(top)
    return [
        Place(
            seen[pk],
            [seen[each] for each in upward(pk, parents) if each in seen and each != pk],
            claims[pk],
            own[pk],
        )
        for pk in top
        if pk in seen
    ]


def upward(region: int | None, parents: dict[int, int | None]) -> Iterator[int]:
    """``region`` and what it lies in, the nearest first."""
    while region is not None:
        yield region
        region = parents.get(region)


def counted_by_regions(filterset: ClaimFilterSet) -> Iterator[tuple[frozenset[int], int]]:
    """The regions that claims name together, mostly a single one, and how many claims do."""
    parts = []
    for model in filterset.kinds:
        fields = [each for each in mentioned_record_fields(model) if each.related_model is Region]
        if fields:
            first, *second = (each.column for each in fields)
            other: Any = F(second[0]) if second else Cast(Value(None), BigIntegerField())
            claims = filterset.claims(model).filter(**{f"{fields[0].name}__isnull": False})
            grouped = claims.values(row_region=F(first), row_other=other).annotate(row_total=Count("pk"))
            parts.append(grouped.values_list("row_region", "row_other", "row_total"))
    for region, other_region, number in together(parts):
        yield frozenset({region, other_region} - {None}), number
