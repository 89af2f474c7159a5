"""Regions below and across one another, and activities and routes by region."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self, TypeVar

from django.db import connections, models
from django.db.models import Exists, OuterRef
from django.db.models.expressions import RawSQL

from crimewatch.records.querysets import RecordQuerySet, TreeQuerySet

if TYPE_CHECKING:
    from regions.models import IllicitActivity, Region

#: How many levels lie above the smallest place: settlement, district, province, department, country.
LEVELS = 4

_Model_co = TypeVar("_Model_co", bound=models.Model, covariant=True)

# Ids of the regions asked for, of everything below them, and of every region that overlaps those. A zone is made of its
# parts, so what lies in a part lies in the zone, and a zone made of whole departments overlaps each of their districts.
# The parts of a river, valley or border area are what it runs through, which holds in the one direction only.
# Each step is a LATERAL lookup by index: what lies in a department is found without reading all regions.
WITHIN = """
    WITH RECURSIVE
    below (id) AS (
        SELECT unnest(%s::bigint[])
        UNION
        SELECT step.id
        FROM below
        CROSS JOIN LATERAL (
            SELECT child.id FROM regions_region AS child WHERE child.parent_id = below.id
            UNION ALL
            SELECT part.to_region_id
            FROM regions_region_parts AS part
            WHERE part.from_region_id = below.id
                AND (SELECT zone.kind FROM regions_region AS zone WHERE zone.id = below.id) = 'zone'
        ) AS step
    ),
    above (id) AS (
        (
            SELECT unnest(%s::bigint[])
            UNION
            SELECT part.to_region_id
            FROM below
            CROSS JOIN LATERAL (SELECT kind FROM regions_region WHERE id = below.id OFFSET 0) AS zone
            CROSS JOIN LATERAL (
                SELECT to_region_id FROM regions_region_parts WHERE from_region_id = below.id OFFSET 0
            ) AS part
            WHERE zone.kind = 'zone'
        )
        UNION
        SELECT upper.parent_id
        FROM above
        CROSS JOIN LATERAL (SELECT parent_id FROM regions_region WHERE id = above.id OFFSET 0) AS upper
        WHERE upper.parent_id IS NOT NULL
    )
    SELECT id FROM below
    UNION
    SELECT part.from_region_id
    FROM below
    CROSS JOIN LATERAL (
        SELECT from_region_id FROM regions_region_parts WHERE to_region_id = below.id OFFSET 0
    ) AS part
    UNION
    SELECT part.from_region_id
    FROM above
    CROSS JOIN LATERAL (
        SELECT from_region_id FROM regions_region_parts WHERE to_region_id = above.id OFFSET 0
    ) AS part
    CROSS JOIN LATERAL (SELECT kind FROM regions_region WHERE id = part.from_region_id OFFSET 0) AS zone
    WHERE zone.kind = 'zone'
"""


class RegionQuerySet(RecordQuerySet[_Model_co]):
    """Regions by place in the tree and overlap."""

    def within(self, *records: models.Model) -> Self:
        """The regions, everything below them in the tree, and every zone, river or border area that overlaps those."""
        keys = [record.pk for record in records]
        return self.filter(pk__in=RawSQL(WITHIN, [keys, keys]))

    def with_context(self) -> Self:
        """With what each region lies in, up to the country, in the same query: enough to tell two of one name apart."""
        above = ["__".join(["parent"] * level) for level in range(1, LEVELS + 1)]
        heavy = [f"{region}__{name}" for region in above for name in self.model.heavy_fields]  # type: ignore[attr-defined]
        return self.select_related(above[-1]).defer(*heavy)

    def parents_from(self, regions: Iterable[int]) -> dict[int, int | None]:
        """What each of ``regions``, and each that these lie in, lies in itself: ids, asked for at once."""
        above = """
            WITH RECURSIVE above (id, parent_id) AS (
                SELECT id, parent_id FROM regions_region WHERE id = ANY (%s)
                UNION
                SELECT upper.id, upper.parent_id FROM above JOIN regions_region AS upper ON upper.id = above.parent_id
            )
            SELECT id, parent_id FROM above
        """
        with connections[self.db].cursor() as cursor:
            cursor.execute(above, [list(regions)])
            return dict(cursor.fetchall())

    def parts_from(self, zones: Iterable[int]) -> list[tuple[int, int]]:
        """Each of ``zones`` with each region that it is made of: for a zone among its parts, the parts of that."""
        made = """
            WITH RECURSIVE made (zone_id, part_id) AS (
                SELECT from_region_id, to_region_id FROM regions_region_parts WHERE from_region_id = ANY (%s)
                UNION
                SELECT made.zone_id, part.to_region_id
                FROM made
                JOIN regions_region AS inner_zone ON inner_zone.id = made.part_id AND inner_zone.kind = 'zone'
                JOIN regions_region_parts AS part ON part.from_region_id = inner_zone.id
            )
            SELECT zone_id, part_id
            FROM made
            JOIN regions_region AS region ON region.id = made.part_id
            WHERE region.kind <> 'zone'
                OR NOT EXISTS (SELECT FROM regions_region_parts WHERE from_region_id = made.part_id)
        """
        with connections[self.db].cursor() as cursor:
            cursor.execute(made, [list(zones)])
            return cursor.fetchall()

    def without_point(self) -> Self:
        return self.filter(latitude__isnull=True)


class ActivityQuerySet(TreeQuerySet[_Model_co]):
    """Illicit activities by place in the tree and by region."""

    def in_region(self, region: "Region") -> Self:
        """Activities that some claim places in ``region``, below it, or in a zone over it."""
        from regions.models import Occurrence

        return self.filter(Exists(Occurrence.objects.about(region).filter(activity=OuterRef("pk"))))


class RouteQuerySet(RecordQuerySet[_Model_co]):
    """Routes by region and activity."""

    def in_region(self, region: "Region") -> Self:
        """Routes with a leg that begins or ends in ``region``, below it, or in a zone over it."""
        from regions.models import RouteLeg

        return self.filter(Exists(RouteLeg.objects.about(region).filter(route=OuterRef("pk"))))

    def of_activity(self, activity: "IllicitActivity") -> Self:
        """Routes that serve ``activity`` or one below it."""
        return self.filter(activity__in=type(activity).objects.within(activity))
