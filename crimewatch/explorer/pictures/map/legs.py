"""The legs of routes that claims tell of, alike ones together."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, Value, When
from django.utils.translation import gettext

from crimewatch.citations.models import Stance, Wording
from crimewatch.explorer.filters import ClaimFilterSet
from regions.models import Commodity, Mode, Route, RouteLeg

#: Modes that a map marks alike.
WAYS_OF_TRAVEL = {
    "water": (Mode.RIVER_BOAT, Mode.SHIP, Mode.FISHING_BOAT, Mode.SEMI_SUBMERSIBLE),
    "air": (Mode.SMALL_AIRCRAFT, Mode.AIRDROP, Mode.COMMERCIAL_FLIGHT),
    "land": (Mode.ON_FOOT, Mode.ROAD, Mode.CONCEALED_IN_VEHICLES, Mode.RAIL),
}


@dataclass(frozen=True)
class Leg:
    """What claims tell alike of one leg: from where to where, how, and whether it is disputed."""

    route: Route
    origin: int
    destination: int
    mode: str
    is_disputed: bool
    claims: int

    @property
    def travel(self) -> str:
        """By water, air or land; empty where that is not told or is none of these."""
        return next((way for way, modes in WAYS_OF_TRAVEL.items() if self.mode in modes), "")

    @property
    def commodity_name(self) -> str:
        return str(dict(Commodity.choices).get(self.route.commodity, self.route.commodity))

    @property
    def mode_name(self) -> str:
        return str(dict(Mode.choices).get(self.mode, self.mode))

    @property
    def kind(self) -> str:
        text = gettext("leg of a route · %(mode)s") % {"mode": self.mode_name}
        return gettext("%(leg)s · disputed") % {"leg": text} if self.is_disputed else text


def legs_of(filterset: ClaimFilterSet, most: int) -> list[Leg]:
    """The legs that the claims left by ``filterset`` tell of: the ``most`` with most claims."""
    disputed = Case(
        When(Q(stance=Stance.DISPUTES) | Q(wording=Wording.DISPUTED), then=Value(1)),
        default=Value(0),
        output_field=IntegerField(),
    )
    columns = ("route_id", "route__slug", "route__name", "route__commodity", "origin_id", "destination_id", "mode")
    grouped: Any = filterset.claims(RouteLeg).values(*columns, row_disputed=disputed).annotate(row_total=Count("pk"))
    ordered = grouped.order_by("-row_total", "route_id", "origin_id", "destination_id", "mode", "row_disputed")
    return [
        Leg(
            Route(pk=pk, slug=slug, name=name, commodity=commodity), origin, destination, mode, bool(is_disputed), total
        )
        for pk, slug, name, commodity, origin, destination, mode, is_disputed, total in ordered.values_list(
            *columns, "row_disputed", "row_total"
        )[:most]
    ]
