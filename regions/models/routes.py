"""How goods and people move: routes and their ordered legs."""

from typing import ClassVar, Self

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crimewatch.citations.models import Citation, Claim
from crimewatch.records.history import tracked
from crimewatch.records.models import Record
from regions.querysets import RouteQuerySet

from .activities import IllicitActivity
from .regions import Region


class Commodity(models.TextChoices):
    """What is moved along a route."""

    COCA = "coca", _("coca leaf or paste")
    COCAINE = "cocaine", _("cocaine")
    OPIUM = "opium", _("opium")
    HEROIN = "heroin", _("heroin")
    CANNABIS = "cannabis", _("cannabis")
    SYNTHETIC_DRUGS = "synthetic-drugs", _("synthetic drugs")
    DRUGS = "drugs", _("drugs, unspecified")
    PRECURSORS = "precursors", _("precursor chemicals")
    GOLD = "gold", _("gold")
    MINERALS = "minerals", _("ores and minerals")
    MERCURY = "mercury", _("mercury")
    TIMBER = "timber", _("timber")
    WILDLIFE = "wildlife", _("wildlife")
    ARMS = "arms", _("arms")
    FUEL = "fuel", _("fuel")
    CONTRABAND = "contraband", _("contraband goods")
    PEOPLE = "people", _("people")
    MONEY = "money", _("money")
    OTHER = "other", _("other")


class Mode(models.TextChoices):
    """How a leg is travelled."""

    RIVER_BOAT = "river-boat", _("river boat")
    SMALL_AIRCRAFT = "small-aircraft", _("small aircraft")
    AIRDROP = "airdrop", _("airdrop")
    COMMERCIAL_FLIGHT = "commercial-flight", _("commercial flight")
    ON_FOOT = "on-foot", _("on foot")
    ROAD = "road", _("road")
    CONCEALED_IN_VEHICLES = "concealed-in-vehicles", _("concealed in vehicles")
    CONTAINER = "container", _("container")
    SHIP = "ship", _("ship")
    FISHING_BOAT = "fishing-boat", _("fishing boat")
    SEMI_SUBMERSIBLE = "semi-submersible", _("semi-submersible")
    RAIL = "rail", _("rail")
    POST = "post", _("post or courier")
    ELECTRONIC = "electronic", _("electronic transfer")
    UNKNOWN = "unknown", _("not said")


@tracked
class Route(Record):
    """A way that a commodity takes, leg by leg, from origin to destination."""

    commodity = models.CharField(_("commodity"), max_length=20, choices=Commodity.choices)
    activity = models.ForeignKey(
        IllicitActivity,
        verbose_name=_("illicit activity"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="routes",
        help_text=_("The activity that the route serves."),
    )

    objects: ClassVar[RouteQuerySet[Self]] = RouteQuerySet.as_manager()  # type: ignore[assignment]

    told_apart_by: ClassVar[tuple[str, ...]] = ("commodity",)

    class Meta(Record.Meta):
        verbose_name = _("route")
        verbose_name_plural = _("routes")
        constraints = [
            *Record.Meta.constraints,
            models.CheckConstraint(
                condition=Q(commodity__in=Commodity.values),
                name="regions_route_commodity_is_known",
                violation_error_message=_("The commodity is not one of the listed ones."),
            ),
        ]


@tracked
class RouteLeg(Claim):
    """One leg of a route, as one source tells it. Rival legs share an order: 2 to Brazil, 2 to Bolivia."""

    subject = "route"

    route = models.ForeignKey(Route, verbose_name=_("route"), on_delete=models.CASCADE, related_name="legs")
    order = models.PositiveSmallIntegerField(
        _("order"),
        validators=[MinValueValidator(1, _("Legs are counted from 1."))],
        help_text=_("From 1 at the origin. Rival accounts of one leg have the same number."),
    )
    origin = models.ForeignKey(Region, verbose_name=_("from"), on_delete=models.PROTECT, related_name="legs_from")
    destination = models.ForeignKey(Region, verbose_name=_("to"), on_delete=models.PROTECT, related_name="legs_to")
    mode = models.CharField(_("mode"), max_length=30, choices=Mode.choices, default=Mode.UNKNOWN)

    class Meta(Claim.Meta):
        verbose_name = _("leg of a route")
        verbose_name_plural = _("legs of routes")
        constraints = [
            *Claim.Meta.constraints,
            models.CheckConstraint(
                condition=Q(order__gte=1),
                name="regions_routeleg_order_counts_from_1",
                violation_error_message=_("Legs are counted from 1."),
            ),
            models.CheckConstraint(
                condition=~Q(origin=models.F("destination")),
                name="regions_routeleg_leads_elsewhere",
                violation_error_message=_("A leg leads from one region to another."),
            ),
            models.CheckConstraint(
                condition=Q(mode__in=Mode.values),
                name="regions_routeleg_mode_is_known",
                violation_error_message=_("The mode is not one of the listed ones."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.route} {self.order}: {self.origin} → {self.destination} · {self.get_mode_display()}"


@tracked
class RouteCitation(Citation):
    """What a source says of a route in words."""

    record = models.ForeignKey(Route, verbose_name=_("route"), on_delete=models.CASCADE, related_name="citations")

    class Meta(Citation.Meta):
        verbose_name = _("statement on a route")
        verbose_name_plural = _("statements on routes")
