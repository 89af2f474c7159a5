"""Items of CSL-JSON as entries of BibTeX, which biblatex reads as well."""

import re
from typing import Any

from .csl import Item

ENTRY_TYPES = {
    "article": "article",
    "article-journal": "article",
    "article-magazine": "article",
    "article-newspaper": "article",
    "book": "book",
    "chapter": "incollection",
    "entry-dictionary": "inreference",
    "entry-encyclopedia": "inreference",
    "dataset": "dataset",
    "software": "software",
    "manuscript": "unpublished",
    "pamphlet": "booklet",
    "paper-conference": "inproceedings",
    "patent": "patent",
    "periodical": "periodical",
    "post": "online",
    "post-weblog": "online",
    "report": "report",
    "review": "article",
    "review-book": "article",
    "thesis": "thesis",
    "webpage": "online",
}

#: What the title of the whole is called that an entry is part of.
CONTAINERS = {
    "article": "journal",
    "incollection": "booktitle",
    "inproceedings": "booktitle",
    "inreference": "booktitle",
    "online": "organization",
}

#: Characters that TeX reads as commands.
SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def entry_of(item: Item) -> str:
    """``item`` as an entry of BibTeX, in UTF-8, a field a line."""
    kind = ENTRY_TYPES.get(item["type"], "misc")
    issued, accessed = (date_text(item.get(name)) for name in ("issued", "accessed"))
    year = re.match(r"[0-9]{4}", issued)
    texts = {
        "author": " and ".join(map(name_text, item.get("author", []))),
        "title": f"{{{escaped(item['title'])}}}",  # kept in its own capitals
        CONTAINERS.get(kind, "howpublished"): escaped(item.get("container-title", "")),
        "publisher": escaped(item.get("publisher", "")),
        "address": escaped(item.get("publisher-place", "")),
        "year": year[0] if year else "",
        "date": issued,
        "volume": escaped(item.get("volume", "")),
        "number": escaped(item.get("issue", "")),
        "pages": escaped(item.get("page", "")).replace("–", "--"),
        "doi": verbatim(item.get("DOI", "")),
        "isbn": escaped(item.get("ISBN", "")),
        "url": verbatim(item.get("URL", "")),
        "urldate": accessed,
        "langid": escaped(item.get("language", "")),
    }
    lines = [f"  {name} = {{{text}}},\n" for name, text in texts.items() if text]
    return f"@{kind}{{{item['id']},\n{''.join(lines)}}}\n"


def name_text(name: dict[str, str]) -> str:
    """A name as BibTeX sorts it; a body's in braces, so that no word of it is taken for a family name."""
    if "literal" in name:
        return f"{{{escaped(name['literal'])}}}"
    parts = [name["family"], name.get("suffix", ""), name["given"]]
    # An “and” inside a name would part it in two.
    return ", ".join(re.sub(r"(?i)\band\b", r"{\g<0>}", escaped(part)) for part in parts if part)


def date_text(date: dict[str, Any] | None) -> str:
    """A date of CSL-JSON as EDTF, which biblatex reads."""
    if not date:
        return ""
    if "literal" in date:
        return escaped(date["literal"])
    if "season" in date:
        return f"{date['date-parts'][0][0]:04d}-{date['season'] + 20}"
    sides = [
        "-".join(f"{part:0{4 if place == 0 else 2}d}" for place, part in enumerate(side)) for side in date["date-parts"]
    ]
    circa = "~" if date.get("circa") else ""
    return "/".join(f"{side}{circa}" for side in sides)


def escaped(text: str) -> str:
    """``text`` on one line, with what TeX would take for a command written out."""
    return "".join(SPECIAL.get(letter, letter) for letter in " ".join(text.split()))


def verbatim(text: str) -> str:
    """An address, which TeX reads as it is; what would end its field is percent-encoded."""
    signs = {"{": "%7B", "}": "%7D", "\\": "%5C", " ": "%20"}
    return "".join(signs.get(letter, letter) for letter in " ".join(text.split()))
