"""What a network shows, in sentences."""

from collections import Counter
from collections.abc import Iterable

from django.utils.translation import gettext, ngettext

from crimewatch.citations.models import Wording
from crimewatch.citations.profiles import in_words
from crimewatch.explorer.pictures.network.network import Link, Network, Node
from crimewatch.explorer.pictures.network.ties import CLAIMED, NODE_KINDS
from crimewatch.records import readable

#: So many dates, sources and well-connected records are named; of more there is only the number.
DATES_NAMED = 3
SOURCES_NAMED = 2
RECORDS_NAMED = 3


def kind_in_words(kind: str, number: int = 1) -> str:
    """What records of a kind are called: ``group``, ``groups``."""
    options = NODE_KINDS[kind]._meta
    return str(options.verbose_name if number == 1 else options.verbose_name_plural)


def named(names: list[str], most: int) -> str:
    """The first few of ``names``, and how many there are besides."""
    text = ", ".join(names[:most])
    more = len(names) - most
    if more <= 0:
        return text
    return ngettext("%(names)s and %(n)s more", "%(names)s and %(n)s more", more) % {"names": text, "n": more}


def kind_of_claim(link: Link) -> str:
    """The kind of claim that a link rests on; empty for what a record tells of itself."""
    names = {model._meta.model_name: model._meta.verbose_name for model in CLAIMED}
    return str(names.get(link.kind, ""))


def sources_of(link: Link) -> str:
    return named([source.name for source in link.sources], SOURCES_NAMED)


def wording_of(link: Link) -> str:
    return ", ".join(str(Wording(wording).label) for wording in link.wordings)


def named_dates(dates: list[str]) -> str:
    """The first few of ``dates`` in words, and how many there are besides, which take no words."""
    return named([*map(in_words, dates[:DATES_NAMED]), *dates[DATES_NAMED:]], DATES_NAMED)


def dates_of(link: Link) -> str:
    return named_dates(link.dates)


def marks_of(link: Link) -> str:
    """What sets the link apart in the picture."""
    marks = [gettext("disputed")] if link.is_disputed else []
    marks += [gettext("past")] if link.is_ended else []
    return ", ".join(marks)


def claims_of(link: Link) -> str:
    """How many claims the link rests on."""
    if not link.claims:
        return gettext("told by the record itself, without a claim")
    claims = ngettext("%(n)s claim", "%(n)s claims", link.claims) % {"n": link.claims}
    if not link.disputing:
        return claims
    disputing = ngettext("%(n)s disputes it", "%(n)s dispute it", link.disputing) % {"n": link.disputing}
    return f"{claims}, {disputing}"


def tip_of_link(link: Link) -> str:
    """What a link says and rests on, line by line."""
    said = f"{link.origin.record.name} {link.label} {link.target.record.name}"
    put = " · ".join(filter(None, [wording_of(link), dates_of(link), marks_of(link)]))
    return "\n".join(filter(None, [said, claims_of(link), sources_of(link), put]))


def tip_of_node(node: Node, *, is_centre: bool) -> str:
    """What a record is, and where a click leads."""
    ties = ngettext("tied to %(n)s record here", "tied to %(n)s records here", node.degree) % {"n": node.degree}
    leads = gettext("Click for its page.") if is_centre else gettext("Click for what is around it.")
    return f"{node.record.name}\n{kind_in_words(node.kind)} · {ties}\n{leads}"


def description_of(network: Network) -> list[str]:
    """What is to be seen in ``network``, what it rests on, and what it leaves out."""
    if not network.links:
        return []
    whole = " ".join(filter(None, [_whole(network), _best_connected(network)]))
    return [whole, *_apart(network), *_left_out(network), *_looked_at(network)]


def _looked_at(network: Network) -> Iterable[str]:
    if network.ties.is_cut:
        yield gettext("There are more claims: the newest %(n)s of each kind are looked at.") % {
            "n": readable.number(network.ties.newest)
        }


def _whole(network: Network) -> str:
    counted = Counter(node.kind for node in network.nodes.values())
    kinds = [f"{counted[kind]} {kind_in_words(kind, counted[kind])}" for kind in NODE_KINDS if counted[kind]]
    claims = sum(link.claims for link in network.links)
    return gettext(
        "%(records)s records (%(kinds)s) are tied to one another by %(links)s links, which rest on %(claims)s claims."
    ) % {
        "records": len(network.nodes),
        "kinds": ", ".join(kinds),
        "links": len(network.links),
        "claims": claims,
    }


def _best_connected(network: Network) -> str:
    others = [node for node in network.nodes.values() if node.record != network.around]
    best = [f"{node.record.name} ({node.degree})" for node in others[:RECORDS_NAMED]]
    return gettext("Tied to most others: %(names)s.") % {"names": ", ".join(best)} if len(others) > 2 else ""


def _apart(network: Network) -> Iterable[str]:
    disputed = sum(link.is_disputed for link in network.links)
    ended = sum(link.is_ended for link in network.links)
    unclaimed = sum(not link.claims for link in network.links)
    if disputed:
        yield ngettext(
            "%(n)s link is disputed: its line is dashed.", "%(n)s links are disputed: their lines are dashed.", disputed
        ) % {"n": disputed}
    if ended:
        yield ngettext(
            "%(n)s link is past: its line is pale.", "%(n)s links are past: their lines are pale.", ended
        ) % {"n": ended}
    if unclaimed:
        yield ngettext(
            "%(n)s link is told by the record of a state response itself, which names its agencies; no claim says so.",
            "%(n)s links are told by the records of state responses themselves, which name their agencies; no claim"
            " says so.",
            unclaimed,
        ) % {"n": unclaimed}


def _left_out(network: Network) -> Iterable[str]:
    left = network.left_out
    if left.records and left.step:
        yield ngettext(
            "The picture is full: of the records at a distance of %(step)s, %(n)s is left out, one with fewer ties.",
            "The picture is full: of the records at a distance of %(step)s, %(n)s are left out, those with fewer ties.",
            left.records,
        ) % {"n": f"{left.records:,}", "step": left.step}
    elif left.records:
        yield ngettext(
            "The picture is full: %(n)s record is left out, one that is tied to fewer others.",
            "The picture is full: %(n)s records are left out, those that are tied to fewer others.",
            left.records,
        ) % {"n": f"{left.records:,}"}
    if left.links:
        yield ngettext("%(n)s link is left out as well.", "%(n)s links are left out as well.", left.links) % {
            "n": f"{left.links:,}"
        }
