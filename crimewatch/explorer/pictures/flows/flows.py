"""Flows: the legs of routes put together, from origin through transit to destination, commodity by commodity."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import models
from django.db.models import Count, F, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from crimewatch.citations.independence import Origin
from crimewatch.citations.models import Source
from crimewatch.records.querysets import IsAmong
from regions.models import Commodity, Region, Route

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer

#: So many flows are drawn at most, the widest; more are not told apart.
MOST_FLOWS = 80


class Level(models.TextChoices):
    """How far places are put together: as the sources name them, or as the department or country that they lie in."""

    PLACE = "place", _("as sources name them")
    DEPARTMENT = "department", _("departments")
    COUNTRY = "country", _("countries")


class Width(models.TextChoices):
    """What the width of a flow counts. No source gives tonnage leg by leg."""

    CLAIMS = "claims", _("claims")
    ROUTES = "routes", _("routes")


@dataclass
class Flow:
    """All legs of one commodity from one place to another; those that are disputed apart from the others."""

    commodity: str
    origin: Region
    destination: Region
    is_disputed: bool
    claims: int = 0
    routes: set[int] = field(default_factory=set)
    source_ids: set[int] = field(default_factory=set)
    modes: set[str] = field(default_factory=set)
    dates: set[str] = field(default_factory=set)
    wordings: set[str] = field(default_factory=set)
    #: Whether it is in the picture; and whether it leads back there to a place before it, drawn a second time for that.
    is_drawn: bool = False
    is_back: bool = False

    @property
    def ends(self) -> tuple[int, int]:
        return self.origin.pk, self.destination.pk

    @property
    def is_within(self) -> bool:
        """Whether it stays in one place, as the places are put together."""
        return self.origin.pk == self.destination.pk

    @property
    def label(self) -> str:
        return str(Commodity(self.commodity).label)

    def width(self, by: str) -> int:
        return self.claims if by == Width.CLAIMS else len(self.routes)


class Flows:
    """The flows that a viewer may see, of those legs that filters have left in ``legs``."""

    def __init__(
        self, user: "Viewer", legs: Any, *, level: str = Level.PLACE, by: str = Width.CLAIMS, most: int = MOST_FLOWS
    ) -> None:
        self.user = user
        self.legs = legs
        self.level = level
        self.by = by
        self.most = most
        #: What has been looked up, by ids; None stands for what the viewer may not see.
        self.sources: dict[int, Source | None] = {}
        self.routes: dict[int, Route | None] = {}

    @cached_property
    def every(self) -> list[Flow]:
        """All flows, the widest first."""
        rows = list(summed(self.legs))
        places = places_at(self.level, {pk for row in rows for pk in (row["origin"], row["destination"])}, self.user)
        flows: dict[tuple[Any, ...], Flow] = {}
        for row in rows:
            origin, destination = places.get(row["origin"]), places.get(row["destination"])
            if origin is None or destination is None:
                continue
            key = (row["commodity"], origin.pk, destination.pk, row["is_disputed"])
            flow = flows.setdefault(key, Flow(row["commodity"], origin, destination, row["is_disputed"]))
            flow.claims += row["claims"]
            flow.routes.update(row["routes"])
            flow.source_ids.update(row["sources"])
            flow.modes.update(row["modes"])
            flow.dates.update(filter(None, row["dates"]))
            flow.wordings.update(row["wordings"])
        order = list(Commodity.values)
        every = sorted(
            flows.values(),
            key=lambda flow: (
                -flow.width(self.by),
                order.index(flow.commodity),
                flow.origin.name,
                flow.destination.name,
                flow.is_disputed,
                flow.ends,
            ),
        )
        self._choose(every)
        return every

    def _choose(self, every: list[Flow]) -> None:
        """Tell the flows that are drawn so: the widest of those that lead from one place to another."""
        drawn = [flow for flow in every if not flow.is_within][: self.most]
        back = leading_back(flow.ends for flow in drawn)
        for flow in drawn:
            flow.is_drawn, flow.is_back = True, flow.ends in back

    @cached_property
    def drawn(self) -> list[Flow]:
        return [flow for flow in self.every if flow.is_drawn]

    @cached_property
    def within(self) -> list[Flow]:
        """The flows that stay in one place, and so cannot be drawn."""
        return [flow for flow in self.every if flow.is_within]

    @property
    def left_out(self) -> int:
        """How many flows are too narrow to be among those drawn."""
        return sum(not flow.is_drawn and not flow.is_within for flow in self.every)

    def look_up(self, flows: Iterable[Flow]) -> None:
        """Ask for the sources and routes of ``flows``, all that are not known yet."""
        flows = list(flows)
        sources = {pk for flow in flows for pk in flow.source_ids} - self.sources.keys()
        routes = {pk for flow in flows for pk in flow.routes} - self.routes.keys()
        for known, model, ids, fields in (
            (self.sources, Source, sources, ("name", *Origin._fields)),
            (self.routes, Route, routes, ("slug", "name")),
        ):
            if ids:
                visible: Any = model.objects.visible_to(self.user).filter(IsAmong("pk", ids))
                found = {record.pk: record for record in visible.only(*fields).order_by()}
                known.update({**dict.fromkeys(ids), **found})

    def sources_of(self, flow: Flow) -> list[Source]:
        """The sources of a flow that was looked up, as far as the viewer may see them."""
        return [source for pk in sorted(flow.source_ids) if (source := self.sources.get(pk))]

    def routes_of(self, flow: Flow) -> list[Route]:
        """The routes of a flow that was looked up, as far as the viewer may see them."""
        return [route for pk in sorted(flow.routes) if (route := self.routes.get(pk))]

    def names_of_routes(self, flow: Flow) -> list[str]:
        return sorted(route.name for route in self.routes_of(flow))

    def places(self, role: str) -> list[Region]:
        """The places drawn where flows only begin (``origin``), pass (``transit``) or only end (``destination``)."""
        begins = {flow.origin for flow in self.drawn}
        ends = {flow.destination for flow in self.drawn}
        chosen = {"origin": begins - ends, "transit": begins & ends, "destination": ends - begins}[role]
        return sorted(chosen, key=lambda place: (place.name, place.pk))


def summed(legs: Any) -> Any:
    """``legs`` of one commodity between the same two places as one row, those that are disputed apart."""
    disputed = Q(stance="disputes") | Q(status="conflict") | Q(wording="disputed")
    return (
        legs.order_by()
        .annotate(
            commodity=F("route__commodity"),
            is_disputed=models.Case(models.When(disputed, then=True), default=False),
        )
        .values("commodity", "origin", "destination", "is_disputed")
        .annotate(
            claims=Count("pk"),
            routes=ArrayAgg("route_id", distinct=True),
            sources=ArrayAgg("source_id", distinct=True),
            modes=ArrayAgg("mode", distinct=True),
            dates=ArrayAgg("when", distinct=True),
            wordings=ArrayAgg("wording", distinct=True),
        )
    )


def places_at(level: str, ids: set[int], user: "Viewer") -> dict[int, Region]:
    """For each of the regions ``ids`` the place that stands for it at ``level``; none for what ``user`` may not see.

    That is what it lies in; of a zone, what all its parts lie in; and the region itself where there is nothing of the
    kind, as for Europe among countries. What the viewer may not see stands for nothing.
    """
    visible = Region.objects.visible_to(user)
    if level == Level.PLACE:
        return regions_of(visible, ids)
    parts = parts_of(ids)
    parents = Region.objects.parents_from({*ids, *(part for listed in parts.values() for part in listed)})
    regions = regions_of(visible, parents)

    def above(pk: int | None) -> Region | None:
        passed: set[int] = set()
        while pk is not None and pk not in passed:
            if pk in regions and regions[pk].kind == level:
                return regions[pk]
            passed.add(pk)
            pk = parents.get(pk)
        return None

    def standing_for(pk: int) -> Region:
        over = above(pk)
        if over is None:
            common = {above(part) for part in parts.get(pk, ()) if part in regions}
            over = common.pop() if len(common) == 1 else None
        return over or regions[pk]

    return {pk: standing_for(pk) for pk in ids if pk in regions}


def regions_of(visible: Any, ids: Iterable[int]) -> dict[int, Region]:
    """Those of the regions ``ids`` that are ``visible``; they may be many thousands."""
    found = visible.filter(IsAmong("pk", ids)).only("slug", "name", "kind", "status").order_by()
    return {region.pk: region for region in found}


def parts_of(ids: Iterable[int]) -> dict[int, list[int]]:
    """The parts of those of the regions ``ids`` that have any."""
    parts: dict[int, list[int]] = defaultdict(list)
    through: Any = Region.parts.through
    for whole, part in through.objects.filter(from_region__in=ids).values_list("from_region_id", "to_region_id"):
        parts[whole].append(part)
    return dict(parts)


def leading_back(ends: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """Those of the steps from one place to another that close a circle with the ones before them.

    What is drawn from left to right cannot come round: of each circle the last and narrowest step is told to lead back.
    """
    onward: dict[int, set[int]] = defaultdict(set)
    back = set()
    for origin, destination in ends:
        if origin in _reached_from(destination, onward):
            back.add((origin, destination))
        else:
            onward[origin].add(destination)
    return back


def _reached_from(start: int, onward: dict[int, set[int]]) -> set[int]:
    reached, pending = {start}, [start]
    while pending:
        new = onward.get(pending.pop(), set()) - reached
        reached |= new
        pending += new
    return reached
