"""The pages of regions, illicit activities and routes, and how the claims that tie them together read."""

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from crimewatch.citations.profiles import ProfileView, sentence
from crimewatch.records.models import Record
from regions.models import IllicitActivity, Occurrence, Region, Route, RouteLeg


@sentence.register
def _occurrence(claim: Occurrence) -> list[Record | str]:
    how = ", ".join(filter(None, [claim.get_intensity_display(), claim.get_trend_display()]))
    return [claim.activity, "·", claim.region, *(["·", how] if how else [])]


@sentence.register
def _route_leg(claim: RouteLeg) -> list[Record | str]:
    return [claim.route, "·", f"{claim.order}.", claim.origin, "→", claim.destination, "·", claim.get_mode_display()]


class RegionProfile(ProfileView):
    """A region: what happens there, who is there, what the state does there, what passes through."""

    model = Region
    left_out = frozenset({"outline"})
    related: ClassVar[dict[str, Any]] = {
        "parts": _("Parts"),
        "zones": _("Lies also in"),
        "children": _("Regions in it"),
    }
    titles: ClassVar[dict[str, Any]] = {
        "occurrence": _("What happens here"),
        "presence": _("Who is here"),
        "involvement": _("What groups do here"),
        "target": _("What the state does here"),
        "routeleg": _("Routes through here"),
    }


class ActivityProfile(ProfileView):
    """An illicit activity: where it occurs, who does it, what the state does about it."""

    model = IllicitActivity
    related: ClassVar[dict[str, Any]] = {"children": _("Activities in it"), "routes": _("Routes that serve it")}
    titles: ClassVar[dict[str, Any]] = {
        "occurrence": _("Where it happens"),
        "involvement": _("Who does it"),
        "target": _("What the state does about it"),
    }


class RouteProfile(ProfileView):
    """A route with its legs in their order, rivals beside one another."""

    model = Route
    titles: ClassVar[dict[str, Any]] = {"routeleg": _("Legs")}
