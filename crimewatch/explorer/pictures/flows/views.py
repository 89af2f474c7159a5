"""The page of flows: what is moved from where through where to where, drawn, in words, as a table and as files."""

from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crimewatch.citations.independence import number_of_independent
from crimewatch.explorer.marking import folded
from crimewatch.explorer.pictures.base import FactPictureView
from crimewatch.explorer.pictures.flows import words
from crimewatch.explorer.pictures.flows.filters import FlowFilterSet
from crimewatch.explorer.pictures.flows.flows import Flow, Flows
from crimewatch.explorer.pictures.flows.tables import FlowTable
from crimewatch.explorer.pictures.network.words import SOURCES_NAMED, named
from regions.models import Commodity, Region, RouteLeg


class FlowsView(FactPictureView):
    """The legs of routes from origin through transit to destination; their width counts claims or routes."""

    title = _("Flows")
    name = "flows"
    filterset_class = FlowFilterSet
    filterset: FlowFilterSet
    table_class = FlowTable
    script = "explorer/pictures/flows.js"
    main_filters = ("q", "commodity", "level", "region", "during")

    @cached_property
    def flows(self) -> Flows:
        """What the address asks for; it has to make sense."""
        given = self.filterset.form.cleaned_data
        legs = self.filterset.claims(RouteLeg)
        return Flows(self.request.user, legs, level=given["level"], by=given["width"])

    def facts(self) -> list[Flow]:
        return self.flows.every

    def look_up(self, facts: list[Flow]) -> None:
        self.flows.look_up(facts)

    def row(self, flow: Flow) -> dict[str, Any]:
        sources = self.flows.sources_of(flow)
        return {
            "flow": flow,
            "commodity": flow.label,
            **end("origin", flow.origin),
            **end("destination", flow.destination),
            "claims": flow.claims,
            "routes": len(flow.routes),
            "route": named(self.flows.names_of_routes(flow), words.ROUTES_NAMED),
            "route_address": self.address_of_routes(flow),
            "independent": number_of_independent(sources),
            "source": named(sorted(source.name for source in sources), SOURCES_NAMED),
            "mode": words.modes_of(flow),
            "wording": words.wording_of(flow),
            "when": words.dates_of(flow),
            "marks": words.marks_of(flow),
        }

    def address_of_routes(self, flow: Flow) -> str:
        """The page of the only route of a flow; of several, the flows of its commodity that touch its origin."""
        routes = self.flows.routes_of(flow)
        if len(routes) == 1:
            return routes[0].get_absolute_url()
        return self.address(commodity=flow.commodity, region=flow.origin.slug)

    # The picture

    def chart(self) -> dict[str, Any]:
        drawn = self.flows.drawn
        self.look_up(drawn)
        ends = [end for flow in drawn for end in ((flow.origin, False), (flow.destination, flow.is_back))]
        nodes = {end: number for number, end in enumerate(dict.fromkeys(ends))}
        commodities = list(dict.fromkeys(flow.commodity for flow in drawn))
        return {
            "commodities": [str(Commodity(commodity).label) for commodity in commodities],
            "words": {"disputed": gettext("disputed")},
            "nodes": [
                {
                    "name": gettext("%(place)s (again)") % {"place": place.name} if is_again else place.name,
                    "address": place.get_absolute_url(),
                    "tip": words.tip_of_place(place, drawn),
                }
                for place, is_again in nodes
            ],
            "links": [
                {
                    "source": nodes[flow.origin, False],
                    "target": nodes[flow.destination, flow.is_back],
                    "width": flow.width(self.flows.by),
                    "commodity": commodities.index(flow.commodity),
                    "disputed": flow.is_disputed,
                    "address": self.address_of_routes(flow),
                    "tip": words.tip_of(flow, self.flows.names_of_routes(flow)),
                }
                for flow in drawn
            ],
        }

    def description(self) -> list[str]:
        return words.description_of(self.flows)


def end(name: str, region: Region) -> dict[str, Any]:
    """One of the two places of a flow as the columns of the table."""
    return {
        name: region.name,
        f"{name}_key": folded(region.name)[0],
        f"{name}_slug": region.slug,
        f"{name}_address": region.get_absolute_url(),
    }
