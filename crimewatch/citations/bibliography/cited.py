"""A source or a page of this site, with all the ways in which it is cited."""

import json
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone, translation
from django.utils.dateformat import format as date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from crimewatch.citations.models import Source

from .bibtex import entry_of
from .csl import Item, day_of, item_of
from .styles import in_style

SITE = "CrimeWatch"


class Cited(NamedTuple):
    """An item of CSL-JSON, and the same in words, as HTML."""

    item: Item
    apa: SafeString
    chicago: SafeString

    @property
    def bibtex(self) -> str:
        return entry_of(self.item)

    @property
    def csl_json(self) -> str:
        return json.dumps(self.item, ensure_ascii=False, indent=2)


def cite_source(source: Source) -> Cited:
    """``source`` by itself, as one cites what has been read there."""
    item = item_of(source)
    return Cited(item, in_style(item, "apa"), in_style(item, "chicago-author-date"))


def cite_page(title: str, key: str, address: str, changed_at: datetime) -> Cited:
    """A page of this site as it is today. The styles are English, whatever the language of the page."""
    changed, today = timezone.localtime(changed_at).date(), timezone.localdate()
    item = {
        "id": f"crimewatch-{key}",
        "type": "entry",
        "title": title,
        "container-title": SITE,
        "issued": day_of(changed),
        "accessed": day_of(today),
        "URL": address,
    }
    with translation.override("en"):
        dates = {
            "apa_changed": date_format(changed, "Y, F j"),
            "year": changed.year,
            "changed": date_format(changed, "F j, Y"),
            "accessed": date_format(today, "F j, Y"),
        }
    words = {"title": title, "site": SITE, "address": address, **dates}
    return Cited(
        item,
        format_html("<i>{title}</i>. ({apa_changed}). {site}. Retrieved {accessed}, from {address}", **words),
        format_html(
            "{site}. {year}. “{title}.” Last modified {changed}. Accessed {accessed}. {address}.",
            **words,
        ),
    )
