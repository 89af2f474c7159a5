"""What flows can be narrowed by, and how far their places are put together."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from crimewatch.citations.filters import AboutFilter, ClaimChoice, ClaimCondition, ClaimConditions
from crimewatch.explorer.flows.flows import Flows, Level, Width
from crimewatch.explorer.networks.filters import OptionFilter
from crimewatch.records.filters import RecordFilter
from regions.models import Commodity, IllicitActivity, Mode, Region, Route, RouteLeg


class CommodityFilter(ClaimChoice):
    """Legs of routes of one commodity."""

    def narrow(self, claims: Any, value: str) -> Any:
        return claims.filter(route__commodity=value)


class ServedActivityFilter(ClaimCondition, RecordFilter):
    """Legs of routes that serve the activity or one below it."""

    def narrow(self, claims: Any, value: Any) -> Any:
        # Only through what the viewer may see: a draft must not show by what it is linked to.
        return claims.filter(route__activity__in=self.field.queryset.within(value).order_by().values("pk"))


class FlowFilterSet(ClaimConditions):
    """Legs of routes, and how they are put together."""

    commodity = CommodityFilter(label=_("commodity"), choices=Commodity.choices)
    region = AboutFilter(Region, help_text=_("Legs that begin or end there, in what lies in it or overlaps it."))
    activity = ServedActivityFilter(IllicitActivity, help_text=_("That the route serves, with everything below it."))
    route = AboutFilter(Route)
    mode = ClaimChoice(label=_("travelled by"), choices=Mode.choices)
    level = OptionFilter(label=_("places put together"), choices=Level.choices)
    width = OptionFilter(label=_("width counts"), choices=Width.choices)

    def flows(self) -> Flows:
        """The flows that all conditions leave."""
        given = self.form.cleaned_data
        legs = self.narrow(RouteLeg.objects.visible_to(self.request.user).search(given["q"]))
        return Flows(self.request.user, legs, level=given["level"] or Level.PLACE, by=given["width"] or Width.CLAIMS)
