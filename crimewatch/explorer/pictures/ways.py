"""The ways in which one choice of claims can be looked at: as a list, or as one of the pictures."""

from typing import NamedTuple

from django.http import QueryDict
from django.urls import NoReverseMatch, resolve, reverse
from django.utils.translation import gettext_lazy as _

#: The name of each way's address, and what it is called, in the order in which they stand side by side.
WAYS = (
    ("explorer:claim_list", _("List")),
    ("explorer:map", _("Map")),
    ("explorer:timeline", _("Time line")),
    ("explorer:network", _("Network")),
    ("explorer:flows", _("Flows")),
    ("explorer:figures", _("Figures")),
)


class Way(NamedTuple):
    """One way to look at what the filters leave. ``dropped`` names the filters that it does not have."""

    text: str
    address: str
    is_current: bool
    dropped: str


def ways(path: str, given: QueryDict) -> list[Way]:
    """All ways to look at what ``given``, the parameters of the page at ``path``, leaves.

    Each gets the filters that it knows; what merely says how one of them is drawn stays behind.
    """
    found = []
    narrowing = narrowing_filters(path)
    for name, text in WAYS:
        try:
            address = reverse(name)
        except NoReverseMatch:
            continue
        known = narrowing_filters(address)
        kept = QueryDict(mutable=True)
        for filter_name, values in given.lists():
            if filter_name in known:
                kept.setlist(filter_name, values)
        dropped = [filter_name for filter_name in given if filter_name in narrowing - known]
        query = kept.urlencode(safe="/:,!")
        found.append(Way(str(text), f"{address}?{query}" if query else address, address == path, ", ".join(dropped)))
    return found


def narrowing_filters(address: str) -> set[str]:
    """The filters of the list or picture at ``address`` that leave out claims."""
    filters = resolve(address).func.view_class.filterset_class.base_filters  # type: ignore[attr-defined]
    return {name for name, each in filters.items() if getattr(each, "narrows", True)}
