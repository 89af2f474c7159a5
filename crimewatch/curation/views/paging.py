"""Pages of a list, by number."""

from math import ceil
from typing import Any

from django.http import HttpRequest


def pages_of(request: HttpRequest, page: int, number: int, size: int) -> dict[str, Any]:
    """The addresses before and behind a page of a list of ``number`` rows, as ``curation/_pages.html`` takes them."""
    query = request.GET.copy()
    last = max(1, ceil(number / size))

    def address(other: int) -> str:
        query["page"] = str(other)
        return f"?{query.urlencode()}"

    return {
        "page": page,
        "last_page": last,
        "newer": address(page - 1) if page > 1 else "",
        "older": address(page + 1) if page < last else "",
    }
