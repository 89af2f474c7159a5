"""What flows show, in sentences."""

from collections import Counter
from collections.abc import Iterable

from django.utils.translation import gettext, ngettext

from crimewatch.citations.models import Wording
from crimewatch.explorer.pictures.flows.flows import Flow, Flows, Level, Width
from crimewatch.explorer.pictures.network.words import named, named_dates
from regions.models import Mode, Region

#: So many places and routes are named; of more there is only the number.
PLACES_NAMED = 6
ROUTES_NAMED = 2


def modes_of(flow: Flow) -> str:
    return ", ".join(str(Mode(mode).label) for mode in sorted(flow.modes))


def wording_of(flow: Flow) -> str:
    return ", ".join(str(Wording(wording).label) for wording in sorted(flow.wordings))


def dates_of(flow: Flow) -> str:
    return named_dates(sorted(flow.dates))


def marks_of(flow: Flow) -> str:
    """What sets the flow apart, and where it stands if it is not drawn as the others are."""
    marks = [gettext("disputed")] if flow.is_disputed else []
    if flow.is_within:
        marks.append(gettext("stays in one place, not drawn"))
    elif flow.is_back:
        marks.append(gettext("leads back"))
    elif not flow.is_drawn:
        marks.append(gettext("too narrow to be drawn"))
    return ", ".join(marks)


def tip_of(flow: Flow, routes: list[str]) -> str:
    """What is moved, from where to where, and what that rests on, line by line."""
    claims = ngettext("%(n)s claim", "%(n)s claims", flow.claims) % {"n": flow.claims}
    said = f"{flow.label}: {flow.origin.name} → {flow.destination.name}"
    rests_on = f"{claims} · {named(routes, ROUTES_NAMED)}"
    return "\n".join(filter(None, [said, rests_on, modes_of(flow), dates_of(flow), marks_of(flow)]))


def tip_of_place(place: Region, drawn: list[Flow]) -> str:
    """A place, and on how many claims rests what comes in and what goes on."""
    coming = sum(flow.claims for flow in drawn if flow.destination == place)
    going = sum(flow.claims for flow in drawn if flow.origin == place)
    parts = [gettext("coming in: %(n)s") % {"n": coming}, gettext("going on: %(n)s") % {"n": going}]
    told = " · ".join(part for part, number in zip(parts, (coming, going), strict=True) if number)
    return f"{place.name}\n{gettext('Claims')} · {told}"


def description_of(flows: Flows) -> list[str]:
    """What is to be seen in ``flows``, what their width means, and what is not drawn."""
    if not flows.drawn:
        return [*_not_drawn(flows)]
    return [" ".join([_whole(flows), _width(flows)]), " ".join(_places(flows)), *_apart(flows), *_not_drawn(flows)]


def _whole(flows: Flows) -> str:
    commodities = Counter[str]()
    for flow in flows.drawn:
        commodities[flow.label] += flow.width(flows.by)
    told = ", ".join(f"{label} ({number})" for label, number in commodities.most_common())
    return gettext("Flows of %(commodities)s, from left to right.") % {"commodities": told}


def _width(flows: Flows) -> str:
    if flows.by == Width.ROUTES:
        return gettext("The width of a flow is the number of routes that lead that way, not tonnage.")
    return gettext("The width of a flow is the number of claims that say so, not tonnage.")


def _places(flows: Flows) -> Iterable[str]:
    sentences = {
        "origin": gettext("Origins: %(names)s."),
        "transit": gettext("Passed through: %(names)s."),
        "destination": gettext("Destinations: %(names)s."),
    }
    for role, sentence in sentences.items():
        if names := [place.name for place in flows.places(role)]:
            yield sentence % {"names": named(names, PLACES_NAMED)}


def _apart(flows: Flows) -> Iterable[str]:
    disputed = sum(flow.is_disputed for flow in flows.drawn)
    if disputed:
        yield ngettext(
            "%(n)s flow is disputed: its edge is dashed.", "%(n)s flows are disputed: their edges are dashed.", disputed
        ) % {"n": disputed}
    back = sorted({flow.destination.name for flow in flows.drawn if flow.is_back})
    if back:
        yield gettext(
            "What leads back to a place that it came through ends at that place drawn again: %(names)s. Nothing goes on"
            " from there in the picture."
        ) % {"names": ", ".join(back)}


def _not_drawn(flows: Flows) -> Iterable[str]:
    within = len(flows.within)
    if within:
        kind: dict[str, str] = {
            Level.COUNTRY: gettext("one country"),
            Level.DEPARTMENT: gettext("one department or larger region"),
        }
        yield ngettext(
            "%(n)s flow stays within %(place)s; it is in the table and not in the picture.",
            "%(n)s flows stay within %(place)s; they are in the table and not in the picture.",
            within,
        ) % {"n": within, "place": kind.get(flows.level, gettext("one place"))}
    if flows.left_out:
        yield ngettext(
            "The picture is full: %(n)s narrower flow is in the table alone.",
            "The picture is full: %(n)s narrower flows are in the table alone.",
            flows.left_out,
        ) % {"n": f"{flows.left_out:,}"}
