"""What flows can be narrowed by, and how far their places are put together."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crimewatch.citations.filters import AboutFilter, ClaimChoice, ClaimCondition
from crimewatch.explorer.filters import ClaimFilterSet, OptionFilter, kinds_of_claims
from crimewatch.explorer.models import AnyClaim
from crimewatch.explorer.pictures.flows.flows import Level, Width
from crimewatch.records.filters import ChoiceFilter, RecordFilter
from regions.models import Commodity, IllicitActivity, Mode, Region, RouteLeg


class CommodityFilter(ClaimChoice):
    """Legs of routes of one commodity."""

    def condition(self, model: type[models.Model], value: Any) -> Q:
        return Q(route__commodity__in=value)


class ServedActivityFilter(ClaimCondition, RecordFilter):
    """Legs of routes that serve the activity or one below it."""

    def condition(self, model: type[models.Model], value: Any) -> Q:
        # Only through what the viewer may see: a draft must not show by what it is linked to.
        meant = self.visible if value is None else self.visible.within(*value)
        return Q(route__activity__isnull=False, route__activity__in=meant.order_by().values("pk"))


class FlowFilterSet(ClaimFilterSet):
    """Legs of routes, and how they are put together."""

    kinds = [RouteLeg]

    commodity = CommodityFilter("route__commodity", label=_("commodity"), choices=Commodity.choices)
    level = OptionFilter(label=_("places put together"), choices=Level.choices, usual=Level.PLACE)
    width = OptionFilter(label=_("width counts"), choices=Width.choices, usual=Width.CLAIMS)
    region = AboutFilter(Region, help_text=_("Legs that begin or end there, in what lies in it or overlaps it."))
    activity = ServedActivityFilter(IllicitActivity, help_text=_("That the route serves, or one below it."))
    mode = ClaimChoice(label=_("travelled by"), choices=Mode.choices)
    kind = ChoiceFilter("claim_type", label=_("kind of claim"), choices=kinds_of_claims([RouteLeg]))
    group = person = agency = program = None  # type: ignore[assignment]  # how django-filter is told to leave them out

    class Meta:
        model = AnyClaim
        fields: list[str] = []
