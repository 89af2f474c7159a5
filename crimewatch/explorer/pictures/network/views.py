"""The page of the network: who and what is tied to whom, drawn, in words, as a table of ties and as files."""

from typing import Any

from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crimewatch.citations.independence import number_of_independent
from crimewatch.explorer.marking import folded
from crimewatch.explorer.packages import D3_FORCE
from crimewatch.explorer.pictures.base import FactPictureView
from crimewatch.explorer.pictures.network import words
from crimewatch.explorer.pictures.network.filters import NetworkFilterSet
from crimewatch.explorer.pictures.network.graphml import graphml
from crimewatch.explorer.pictures.network.network import Link, Network, Node
from crimewatch.explorer.pictures.network.tables import NetworkTable
from crimewatch.explorer.pictures.network.ties import NODE_KINDS
from crimewatch.records.downloads import FORMATS

GRAPHML = "graphml"


class NetworkView(FactPictureView):
    """Records and what ties them to one another: the most connected of all, or what lies around one record."""

    title = _("Network")
    name = "network"
    filterset_class = NetworkFilterSet
    filterset: NetworkFilterSet
    table_class = NetworkTable
    script = "explorer/pictures/network.js"
    packages = D3_FORCE
    main_filters = ("around", "steps", "region", "activity", "during")
    formats = {**FORMATS, GRAPHML: "GraphML"}

    @cached_property
    def network(self) -> Network:
        """What the address asks for; it has to make sense."""
        filters = self.filterset
        return Network(filters.ties, around=filters.record_around, steps=filters.steps_away, most=filters.most_records)

    def _given(self) -> QueryDict:
        """Boxes that are ticked stand in the address as one word."""
        given = super()._given()
        if "show" in given:
            given["show"] = ",".join(given.getlist("show"))
        return given

    def facts(self) -> list[Link]:
        return self.network.links

    def row(self, link: Link) -> dict[str, Any]:
        return {
            "link": link,
            **self.end("origin", link.origin),
            **self.end("target", link.target),
            "relation": link.label,
            "converse": link.converse,
            "kind": words.kind_of_claim(link),
            "claims": link.claims,
            "disputing": link.disputing,
            "independent": number_of_independent(link.sources),
            "source": words.sources_of(link),
            "wording": words.wording_of(link),
            "when": words.dates_of(link),
            "marks": words.marks_of(link),
        }

    def end(self, name: str, node: Node) -> dict[str, Any]:
        """One of the two records of a link as the columns of the table."""
        return {
            name: node.record.name,
            f"{name}_key": folded(node.record.name)[0],
            f"{name}_kind": words.kind_in_words(node.kind),
            f"{name}_slug": node.record.slug,
            f"{name}_address": node.record.get_absolute_url(),
            f"{name}_around": self.address(around=node.key),
        }

    def file(self) -> HttpResponseBase:
        if self.chosen_options.format != GRAPHML:
            return super().file()
        return HttpResponse(
            graphml(self.network),
            content_type="application/graphml+xml",
            headers={"Content-Disposition": f'attachment; filename="{self.name}.graphml"'},
        )

    # The picture

    def chart(self) -> dict[str, Any]:
        nodes = list(self.network.nodes.values())
        places = {node.key: place for place, node in enumerate(nodes)}
        present = {node.kind for node in nodes}
        return {
            "kinds": [
                {"key": kind, "text": capfirst(words.kind_in_words(kind, 2))} for kind in NODE_KINDS if kind in present
            ],
            "words": {"plain": gettext("link"), "disputed": gettext("disputed"), "past": gettext("past")},
            "nodes": [self.drawn_node(node) for node in nodes],
            "links": [
                {
                    "source": places[link.origin.key],
                    "target": places[link.target.key],
                    "claims": link.claims,
                    "points": not link.is_symmetrical,
                    "disputed": link.is_disputed,
                    "past": link.is_ended,
                    "text": link.label,
                    "tip": words.tip_of_link(link),
                }
                for link in self.network.links
            ],
        }

    def drawn_node(self, node: Node) -> dict[str, Any]:
        """A record in the picture; it leads to what lies around it, and the one in the middle to its own page."""
        is_centre = node.record == self.network.around
        return {
            "name": node.record.name,
            "kind": node.kind,
            "degree": node.degree,
            "centre": is_centre,
            "address": node.record.get_absolute_url() if is_centre else self.address(around=node.key),
            "tip": words.tip_of_node(node, is_centre=is_centre),
        }

    def description(self) -> list[str]:
        return words.description_of(self.network)
