"""How many claims name each region, and where on the map it stands."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BigIntegerField, Count, F, Q, Value
from django.db.models.functions import Cast

from crimewatch.citations.querysets import mentioned_record_fields
from crimewatch.explorer.filters import ClaimFilterSet
from crimewatch.explorer.pictures.map.shapes import shape_of
from crimewatch.records.querysets import IsAmong, together
from regions.models import Intensity, Occurrence, Region, RegionKind

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer

#: The kinds of region that a map of one country need not show as a whole.
WIDE = (RegionKind.COUNTRY, RegionKind.WORLD_REGION)

#: Where sources tell as often of one trend as of another.
MIXED = "mixed"


@dataclass
class Place:
    """A region with the claims that name it."""

    region: Region
    #: What it lies in, the nearest first, as far as the viewer may see it.
    above: list[Region]
    #: How many claims name it or what lies in it, and how many name it itself.
    claims: int
    own: int
    #: What occurrences in it tell: how often each trend and each intensity.
    trends: Counter[str] = field(default_factory=Counter)
    intensities: Counter[str] = field(default_factory=Counter)
    #: Of a zone: the names of the shapes and the points that it is made of.
    shapes: list[str] = field(default_factory=list)
    points: list[list[float]] = field(default_factory=list)
    #: Its own outline, a GeoJSON geometry, once it has been fetched.
    outline: dict[str, Any] | None = None
    has_outline: bool = False
    #: The name of its shape among the installed outlines.
    shape: str = field(init=False)

    def __post_init__(self) -> None:
        # Its own outline goes first.
        self.shape = "" if self.has_outline else shape_within(self.region, self.above)

    @property
    def point(self) -> list[float] | None:
        return point_of(self.region)

    @property
    def is_placed(self) -> bool:
        return bool(self.has_outline or self.shape or self.point or self.shapes or self.points)

    @property
    def trend(self) -> str:
        """The trend that is told most often; ``mixed`` where two are, nothing where none is."""
        most = self.trends.most_common(2)
        if not most:
            return ""
        return MIXED if len(most) == 2 and most[0][1] == most[1][1] else most[0][0]

    @property
    def intensity(self) -> str:
        """The strongest intensity that is told of it or of what lies in it."""
        return next((intensity for intensity in Intensity.values if self.intensities[intensity]), "")


def shape_within(region: Region, above: list[Region]) -> str:
    """The name of the shape of a region that lies in ``above``; empty where none is installed."""
    country = next((each for each in (region, *above) if each.kind == RegionKind.COUNTRY), None)
    return shape_of(region, country.iso_3166 if country else "")


def point_of(region: Region) -> list[float] | None:
    """Longitude and latitude."""
    if region.longitude is None or region.latitude is None:
        return None
    return [float(region.longitude), float(region.latitude)]


def places_of(filterset: ClaimFilterSet, user: "Viewer", most: int) -> list[Place]:
    """The regions that the claims left by ``filterset`` name, and what they lie in: the ``most`` with most claims."""
    told = occurrences_told(filterset)
    counted = [*counted_by_regions(filterset), *((region, None, number) for region, _trend, _intensity, number in told)]
    parents = Region.objects.parents_from({pk for *pair, _number in counted for pk in pair if pk is not None})
    lines: dict[int, tuple[int, ...]] = {pk: tuple(upward(pk, parents)) for pk in parents}
    own: dict[int, int] = defaultdict(int)
    claims: dict[int, int] = defaultdict(int)
    for region, other, number in counted:
        own[region] += number
        over: Iterable[int] = lines[region]
        if other is not None and other != region:
            own[other] += number
            # A leg from one district to the next is one claim about their province.
            over = {*over, *lines[other]}
        for each in over:
            claims[each] += number
    top = sorted(claims, key=lambda pk: (-claims[pk], pk))[:most]
    regions = Region.objects.visible_to(user).defer(*Region.heavy_fields).filter(IsAmong("pk", top)).order_by()
    seen = {region.pk: region for region in regions.annotate(has_outline=Q(outline__isnull=False))}
    places = {
        pk: Place(
            seen[pk],
            [seen[each] for each in lines[pk] if each in seen and each != pk],
            claims[pk],
            own[pk],
            has_outline=seen[pk].has_outline,
        )
        for pk in top
        if pk in seen
    }
    tell_occurrences(places, told, lines)
    return list(places.values())


def upward(region: int | None, parents: dict[int, int | None]) -> Iterator[int]:
    """``region`` and what it lies in, the nearest first."""
    while region is not None:
        yield region
        region = parents.get(region)


def counted_by_regions(filterset: ClaimFilterSet) -> list[tuple[int, int | None, int]]:
    """The regions that claims name, a second one where they name two, and how many claims do; of all but occurrences.

    Two of the rows may be of the same regions.
    """
    parts = []
    for model in filterset.kinds:
        fields = [each for each in mentioned_record_fields(model) if each.related_model is Region]
        if fields and model is not Occurrence:
            first, *second = (each.column for each in fields)
            other: Any = F(second[0]) if second else Cast(Value(None), BigIntegerField())
            claims = filterset.claims(model).filter(**{f"{fields[0].name}__isnull": False})
            grouped = claims.order_by().values(row_region=F(first), row_other=other).annotate(row_total=Count("pk"))
            parts.append(grouped.values_list("row_region", "row_other", "row_total"))
    sql = "SELECT region, other, sum(number)::bigint FROM ({rows}) AS counted (region, other, number) GROUP BY 1, 2"
    return rows_of(together(parts), sql) if parts else []


def occurrences_told(filterset: ClaimFilterSet) -> list[tuple[int, str, str, int]]:
    """The regions of occurrences with the trend and the intensity that is told, and how often it is."""
    grouped = filterset.claims(Occurrence).order_by().values("region_id", "trend", "intensity")
    return rows_of(grouped.annotate(row_total=Count("pk")).values_list("region_id", "trend", "intensity", "row_total"))


def rows_of(rows: Any, sql: str = "{rows}") -> list[Any]:
    """What the database answers to ``rows``, tens of thousands of them, without a look at each on the way."""
    try:
        asked, parameters = rows.query.sql_with_params()
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql.format(rows=asked), parameters)
        return cursor.fetchall()


def tell_occurrences(
    places: dict[int, Place], told: Iterable[tuple[int, str, str, int]], lines: dict[int, tuple[int, ...]]
) -> None:
    """Give ``places`` what is told of trend and intensity in them and in what lies in them."""
    over: dict[int, list[tuple[Counter[str], Counter[str]]]] = {}
    for region, trend, intensity, number in told:
        if region not in over:
            found = (places[each] for each in lines[region] if each in places)
            over[region] = [(place.trends, place.intensities) for place in found]
        for trends, intensities in over[region]:
            if trend:
                trends[trend] += number
            if intensity:
                intensities[intensity] += number


def make_up_zones(places: Iterable[Place], user: "Viewer") -> None:
    """Give the zones among ``places`` the shapes and points of their parts, and of the parts of zones among these."""
    zones = {place.region.pk: place for place in places if place.region.kind == RegionKind.ZONE}
    pairs: dict[int, set[int]] = defaultdict(set)
    for zone_id, part_id in Region.objects.parts_from(zones) if zones else []:
        pairs[zone_id].add(part_id)
    ids = {part for parts in pairs.values() for part in parts}
    parents = Region.objects.parents_from(ids) if ids else {}
    seen = Region.objects.visible_to(user).defer(*Region.heavy_fields).in_bulk(list(parents)) if parents else {}
    for pk, zone in zones.items():
        for part in sorted(pairs[pk]):
            if part not in seen:
                continue
            above = [seen[each] for each in upward(part, parents) if each in seen and each != part]
            shape, point = shape_within(seen[part], above), point_of(seen[part])
            if shape:
                zone.shapes.append(shape)
            elif point:
                zone.points.append(point)


def fetch_outlines(places: Iterable[Place]) -> None:
    """Give each of ``places`` that has an outline of its own that outline."""
    outlined = {place.region.pk: place for place in places if place.has_outline}
    if outlined:
        rows = Region.objects.filter(pk__in=outlined).order_by().values_list("pk", "outline")
        for pk, outline in rows:
            outlined[pk].outline = outline
