"""Where places lie, as far as points and outlines tell."""

from typing import TYPE_CHECKING, Any

from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from regions.models import Region

from .base import Check, worked_on

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer

#: In degrees, some eleven kilometres: outlines are drawn coarsely, and towns lie on borders.
TOLERANCE = 0.1

# The outer rings of an outline as PostgreSQL's own polygons, whose distance to a point within them is none. What is not
# made as GeoJSON has it is passed over: an outline that came by SQL may hold anything.
OUTSIDE = """
    WITH ring AS MATERIALIZED (
        SELECT region.id AS region_id, (
            '(' || string_agg(
                '(' || (corner.place ->> 0) || ',' || (corner.place ->> 1) || ')', ',' ORDER BY corner.number
            ) || ')'
        )::polygon AS area
        FROM regions_region AS region
        CROSS JOIN LATERAL jsonb_array_elements(
            CASE
                WHEN jsonb_typeof(region.outline -> 'coordinates') <> 'array' THEN '[]'::jsonb
                WHEN region.outline ->> 'type' = 'Polygon' THEN jsonb_build_array(region.outline -> 'coordinates')
                WHEN region.outline ->> 'type' = 'MultiPolygon' THEN region.outline -> 'coordinates'
                ELSE '[]'::jsonb
            END
        ) WITH ORDINALITY AS part (rings, number)
        CROSS JOIN LATERAL jsonb_array_elements(
            CASE WHEN jsonb_typeof(part.rings -> 0) = 'array' THEN part.rings -> 0 ELSE '[]'::jsonb END
        ) WITH ORDINALITY AS corner (place, number)
        WHERE jsonb_typeof(region.outline) = 'object'
            AND jsonb_typeof(corner.place -> 0) = 'number' AND jsonb_typeof(corner.place -> 1) = 'number'
        GROUP BY region.id, part.number
    )
    SELECT place.id
    FROM regions_region AS place
    JOIN ring ON ring.region_id = place.parent_id
    WHERE place.latitude IS NOT NULL AND place.longitude IS NOT NULL
    GROUP BY place.id
    HAVING min(point(place.longitude, place.latitude) <-> ring.area) > %s
"""


class NoPoint(Check):
    name = "no-point"
    title = _("Regions without a point")
    sentence = _("The map cannot show them: give latitude and longitude.")

    def models(self) -> list[Any]:
        return [Region]

    def found(self, model: Any, user: "Viewer") -> Any:
        return worked_on(model, user).without_point()

    def detail(self, row: Any) -> str:
        return str(row.get_kind_display())


class OutsideParent(Check):
    name = "outside-parent"
    title = _("Places outside of what they lie in")
    sentence = _(
        "Their point is more than a tenth of a degree outside of the outline of the region that is said to hold them."
    )

    def models(self) -> list[Any]:
        return [Region]

    def found(self, model: Any, user: "Viewer") -> Any:
        outside = RawSQL(OUTSIDE, [TOLERANCE])  # noqa: S611 - a constant
        rows = worked_on(model, user)
        return rows.filter(pk__in=outside, parent__in=model.objects.visible_to(user).order_by().values("pk"))

    def detail(self, row: Any) -> str:
        return f"{row.latitude.normalize():f}, {row.longitude.normalize():f} · {row.parent}"
