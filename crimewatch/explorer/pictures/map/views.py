"""Where it happens: regions by what claims tell of them, and the legs of routes between them."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crimewatch.explorer.filters import ClaimFilterSet
from crimewatch.explorer.pictures.base import FactPictureView, Picture
from crimewatch.explorer.pictures.map.drawing import MapDrawing
from crimewatch.explorer.pictures.map.filters import MapFilterSet
from crimewatch.explorer.pictures.map.legs import Leg, legs_of
from crimewatch.explorer.pictures.map.places import Place, fetch_outlines, make_up_zones, places_of
from crimewatch.explorer.pictures.map.tables import MapTable

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer

#: How many regions and how many legs the table holds at most; those with most claims.
MOST_PLACES = 2_000
MOST_LEGS = 2_000


class MapView(FactPictureView):
    """Countries and departments as areas, other places as points, zones as what they are made of, legs as lines."""

    title = _("Map")
    name = "map"
    filterset_class = MapFilterSet
    table_class = MapTable
    main_filters = ("colour", "region", "activity", "during", "q")
    is_small: ClassVar[bool] = False

    @cached_property
    def drawing(self) -> MapDrawing:
        colour = self.filterset.form.cleaned_data["colour"]
        return drawing_of(self.filterset, self.request.user, colour, is_small=self.is_small)

    def facts(self) -> list[Place | Leg]:
        return [*self.drawing.places, *self.drawing.legs]

    def row(self, fact: Place | Leg) -> dict[str, Any]:
        return self.row_of_place(fact) if isinstance(fact, Place) else self.row_of_leg(fact)

    def row_of_place(self, place: Place) -> dict[str, Any]:
        region = place.region
        return {
            "name": region.name,
            "name_key": region.name_key,
            "slug": region.slug,
            "kind": region.get_kind_display(),
            "within": ", ".join(above.name for above in place.above),
            "claims": place.claims,
            "own": place.own,
            "trend": self.drawing.told(place.trends),
            "intensity": self.drawing.told(place.intensities),
            "shown_as": shown_as(place),
            "latitude": region.latitude,
            "longitude": region.longitude,
            "precision": region.get_precision_display() or "",
            "address": region.get_absolute_url(),
        }

    def row_of_leg(self, leg: Leg) -> dict[str, Any]:
        ends = [self.drawing.by_region.get(pk) for pk in (leg.origin, leg.destination)]
        name = " → ".join(end.region.name if end else "…" for end in ends)
        return {
            "name": name,
            "name_key": " ".join(end.region.name_key if end else "" for end in ends),
            "slug": leg.route.slug,
            "kind": leg.kind,
            "within": f"{leg.route.name} · {capfirst(leg.commodity_name)}",
            "claims": leg.claims,
            "own": leg.claims,
            "trend": "",
            "intensity": "",
            "shown_as": gettext("line") if self.drawing.can_draw(leg) else gettext("not shown"),
            "latitude": None,
            "longitude": None,
            "precision": "",
            "address": leg.route.get_absolute_url(),
        }

    def picture(self) -> Picture:
        return self.drawing.picture(self.name, str(self.title))


def drawing_of(filterset: ClaimFilterSet, user: "Viewer", colour: str, *, is_small: bool) -> MapDrawing:
    """The map of what ``filterset`` leaves, as ``user`` may see it."""
    places = places_of(filterset, user, MOST_PLACES)
    legs = legs_of(filterset, MOST_LEGS)
    make_up_zones(places, user)
    is_cut = len(places) == MOST_PLACES or len(legs) == MOST_LEGS
    drawing = MapDrawing(places, legs, colour, is_small=is_small, is_cut=is_cut)
    fetch_outlines(drawing.drawn)
    return drawing


def shown_as(place: Place) -> str:
    if place.has_outline or place.shape:
        return gettext("area")
    if place.shapes or len(place.points) > 2:
        return gettext("zone")
    return gettext("point") if place.is_placed else gettext("not shown")


class SmallMapView(MapView):
    """The map as a part of other pages, which fetch it when it comes into view: the drawing and its words alone."""

    is_small = True
    template_name = part_template_name = "explorer/pictures/_small.html"
