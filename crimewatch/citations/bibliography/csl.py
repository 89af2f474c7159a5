"""Sources as items of CSL-JSON, the data format of the Citation Style Language 1.0.2.

Specification: https://docs.citationstyles.org/en/stable/specification.html, csl-data.json for the shape of dates.
"""

import re
from datetime import date
from typing import Any

from crimewatch.citations.models import Source
from crimewatch.records import edtf

#: Schemes of addresses that are passed on; what came by SQL may be anything.
SCHEMES = ("https://", "http://", "ftp://", "ftps://")

Item = dict[str, Any]


def item_of(source: Source) -> Item:
    """``source`` in CSL-JSON: what it does not know is left out."""
    item = {
        "id": source.slug,
        "type": source.source_type,
        "title": source.name,
        "author": [name_of(author) for author in source.authors if author.strip()],
        "container-title": source.container_title,
        "publisher": source.publisher,
        "publisher-place": source.publisher_place,
        "issued": date_of(source.issued),
        "volume": source.volume,
        "issue": source.issue,
        "page": source.pages,
        "URL": web_address(source.url) or web_address(source.archive_url),
        "accessed": date_of(source.accessed),
        "DOI": source.doi,
        "ISBN": source.isbn,
        "language": source.language,
    }
    return {name: value for name, value in item.items() if value}


def name_of(author: str) -> dict[str, str]:
    """``Ellis, R. Evan`` as family and given name; a name without a comma, such as a body's, as it is."""
    family, *others = [part.strip() for part in author.split(",")]
    if not family or not others or not others[0]:
        return {"literal": author.strip()}
    suffix = {"suffix": " ".join(others[1:])} if others[1:] else {}
    return {"family": family, "given": others[0], **suffix}


def web_address(address: str) -> str:
    return address if address.lower().startswith(SCHEMES) else ""


def day_of(day: date) -> dict[str, Any]:
    return {"date-parts": [[day.year, day.month, day.day]]}


def date_of(text: str) -> dict[str, Any] | None:
    """A date or interval of EDTF as CSL has it, nothing added: what CSL has no place for stays as it was typed.

    ``2017-05-04`` and ``1990/1999`` become numbers, ``2017~`` and ``2017?`` are about so, ``2017-21`` is a season, and
    ``199X`` and ``2016/..`` are left as text.
    """
    if not text:
        return None
    try:
        period = edtf.parse(text)
    except edtf.EDTFError:
        return {"literal": text}
    sides = [period.start, period.end] if period.is_interval else [period.start]
    parts = [parts_of(side.text) if side else None for side in sides]
    seasons = [part[1] - 20 for part in parts if part and len(part) > 1 and part[1] > 20]
    if not all(parts) or (seasons and period.is_interval):
        return {"literal": text}
    found: dict[str, Any] = {"date-parts": [part[:1] if seasons else part for part in parts if part]}
    if seasons:
        found["season"] = seasons[0]
    if period.is_approximate or period.is_uncertain:
        found["circa"] = True
    return found


def parts_of(text: str) -> list[int] | None:
    """Year, month and day as numbers, as far as they are known; None where not even the year is."""
    match = re.match(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?", text)
    return [int(part) for part in match.groups() if part] if match else None
