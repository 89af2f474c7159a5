"""Bibliographies as files: BibTeX and CSL-JSON."""

import json
from collections.abc import Iterable, Iterator

from django.http import StreamingHttpResponse

from .bibtex import entry_of
from .csl import Item

BIBLIOGRAPHIES = {"bibtex": "BibTeX", "csl-json": "CSL-JSON"}

TYPES = {"bibtex": "application/x-bibtex", "csl-json": "application/vnd.citationstyles.csl+json"}
ENDINGS = {"bibtex": "bib", "csl-json": "json"}


def bibliography(form: str, name: str, items: Iterable[Item]) -> StreamingHttpResponse:
    """``items`` as a file called ``name``, which leaves while they are still being read."""
    lines = bibtex_lines(items) if form == "bibtex" else csl_lines(items)
    return StreamingHttpResponse(
        (line.encode() for line in lines),
        content_type=f"{TYPES[form]}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.{ENDINGS[form]}"'},
    )


def bibtex_lines(items: Iterable[Item]) -> Iterator[str]:
    for item in items:
        yield f"{entry_of(item)}\n"


def csl_lines(items: Iterable[Item]) -> Iterator[str]:
    before = "[\n"
    for item in items:
        yield before + json.dumps(item, ensure_ascii=False, indent=2)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"
