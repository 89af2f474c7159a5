"""The pages of regions, illicit activities and routes, and how the claims that tie them together read."""

from functools import reduce
from operator import or_
from typing import Any, ClassVar, NamedTuple

from django.db.models import Count, Q, QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crimewatch.citations.models import Citation, Claim
from crimewatch.citations.profiles import WIDER_SHOWN, Naming, ProfileView, claims_about, rows_of, sentence
from crimewatch.citations.querysets import mentioned_record_fields
from crimewatch.records.models import Record
from crimewatch.records.prepared import RECORD, prepared
from crimewatch.records.profiles import Piece, link
from crimewatch.records.querysets import IsAmong, together
from regions.models import IllicitActivity, Occurrence, Region, Route, RouteLeg

#: How many places a first screen names.
PLACES = 8


@sentence.register
def _occurrence(claim: Occurrence, _seen_from: Record | None = None) -> list[Record | str]:
    how = ", ".join(filter(None, [claim.get_intensity_display(), claim.get_trend_display()]))
    return [claim.activity, "·", claim.region, *(["·", how] if how else [])]


@sentence.register
def _route_leg(claim: RouteLeg, _seen_from: Record | None = None) -> list[Record | str]:
    return [claim.route, "·", f"{claim.order}.", claim.origin, "→", claim.destination, "·", claim.get_mode_display()]


class Places(NamedTuple):
    """The places that the claims about a record name, those named most first; ``more`` is how many besides.

    Where the claims are too many to look at them all, nobody knows how many, and ``is_cut`` says so.
    """

    pieces: list[Piece]
    more: int
    is_cut: bool = False


class PlacedProfile(ProfileView):
    """A record whose first screen says where it is, by the places that the claims about it name."""

    def told_in_words(self) -> dict[str, Any]:
        return {**super().told_in_words(), "where": self.where()}

    def where(self) -> Places:
        counts: dict[int, int] = {}
        for key, number in self.named_places():
            counts[key] = counts.get(key, 0) + number
        often = sorted(counts, key=lambda key: (-counts[key], key))
        known = self.visible(Region).defer(*Region.heavy_fields).in_bulk(often[:PLACES])
        pieces = [link(known[key]) for key in often[:PLACES] if key in known]
        more = max(0, len(often) - PLACES)
        return Places(pieces, 0 if self.counts.is_cut else more, self.counts.is_cut and bool(more))

    def named_places(self) -> list[tuple[int, int]]:
        """The ids of the regions that the claims about the record name, with how often, kind by kind."""
        naming = self.naming_of_counted()
        if not any(region_fields(model) for model, _names in naming):
            return []
        return named_places(self.asking, self.asking.viewer, naming, self.counts.most)


@prepared
def named_places(viewer: Any, naming: Naming, most: int) -> QuerySet[Any]:
    """The id of a region, and how often the claims of a kind about the record name it, those that dispute aside.

    Of each kind ``most`` claims are looked at, as for all else that the first screen sums up.
    """
    return together(
        [
            model.objects.filter(pk__in=claims.order_by().values("pk")[:most], **{f"{name}__isnull": False})
            .exclude(stance="disputes")
            .order_by()
            .values_list(f"{name}_id")
            .annotate(number=Count("pk"))
            for model, claims in claims_about(viewer, naming).items()
            for name in region_fields(model)
        ]
    )


class RegionProfile(ProfileView):
    """A region: what happens there, who is there, what the state does there, what passes through."""

    model = Region
    kind_field = "kind"
    has_map = True
    wider_title = _("In the regions within it and the zones over it")
    left_out = frozenset({"outline"})
    related: ClassVar[dict[str, Any]] = {
        "zones": _("Lies also in"),
        "parts": _("Parts"),
        "children": _("Regions in it"),
    }
    titles: ClassVar[dict[str, Any]] = {
        "occurrence": _("What happens here"),
        "presence": _("Who is here"),
        "involvement": _("What groups do here"),
        "target": _("What the state does here"),
        "figures": _("Figures"),
        "routeleg": _("Routes through here"),
    }

    @cached_property
    def regions_within(self) -> list[int]:
        """The ids of the regions below this one and of the zones that overlap them, those that the viewer may see."""
        within = self.visible(Region).within(self.object).exclude(pk=self.object.pk)
        return list(within.order_by().values_list("pk", flat=True))

    def ways_title(self) -> str:
        if not self.regions_within:
            return super().ways_title()
        return gettext("Its claims, with those on what lies in it or over it, as:")

    def wider_claims(self) -> list[Claim]:
        """The newest claims on what lies within the region and on the zones over it, kind by kind.

        What is said of them in words is for their own pages.
        """
        if not self.regions_within:
            return []
        within = self.asking.keys("within", self.regions_within)
        kinds = tuple(model for model, _names in self.naming() if not issubclass(model, Citation))
        return self.read(newest_within(self.asking, self.asking.viewer, kinds, within, WIDER_SHOWN + 1))


@prepared
def newest_within(viewer: Any, kinds: tuple[Any, ...], regions: str, most: int) -> QuerySet[Any]:
    """The ``most`` newest claims of each kind that name one of some ``regions`` and not the one that the page is on."""
    rows = []
    for model in kinds:
        names = region_fields(model)
        within = reduce(or_, (Q(IsAmong(name, regions)) for name in names))
        itself = reduce(or_, (Q(**{name: RECORD}) for name in names))
        claims = model.objects.visible_to(viewer).filter(within)
        # By number, which an index has in order: to sort the claims of a whole country takes longer than all else.
        rows.append(rows_of(claims.exclude(itself).order_by("-pk"))[:most])
    return together(rows)


class ActivityProfile(PlacedProfile):
    """An illicit activity: where it occurs, who does it, what the state does about it."""

    model = IllicitActivity
    related: ClassVar[dict[str, Any]] = {"children": _("Activities in it"), "routes": _("Routes that serve it")}
    titles: ClassVar[dict[str, Any]] = {
        "occurrence": _("Where it happens"),
        "involvement": _("Who does it"),
        "target": _("What the state does about it"),
        "figures": _("Figures"),
    }

    def ways_title(self) -> str:
        if not self.visible(IllicitActivity).filter(parent=self.object).exists():
            return super().ways_title()
        return gettext("Its claims, with those on the activities in it, as:")


class RouteProfile(PlacedProfile):
    """A route with its legs in their order, rivals beside one another."""

    model = Route
    kind_field = "commodity"
    has_map = True
    titles: ClassVar[dict[str, Any]] = {"routeleg": _("Legs")}


def region_fields(model: type[Claim]) -> list[str]:
    """The foreign keys by which claims of a kind name regions."""
    return [key.name for key in mentioned_record_fields(model) if key.related_model is Region]
