"""From a file of any form, a folder or an archive to the sources of its tables."""

import io
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crimewatch.exchange.catalog import TABLES_BY_NAME
from crimewatch.exchange.datapackage import DESCRIPTOR
from crimewatch.records.resources import CSVTable, NotUnicodeError, RefusedError

from .archives import LARGEST_WHOLE, Archive
from .lines import json_lines
from .workbooks import Workbook

#: The forms of input by the ending of a file's name.
FORMATS = {
    "csv": gettext_lazy("CSV"),
    "tsv": gettext_lazy("CSV with tabs"),
    "xlsx": gettext_lazy("Excel workbook"),
    "jsonl": gettext_lazy("JSON lines"),
    "zip": gettext_lazy("ZIP archive of several tables"),
}
#: Says of a workbook that each of its sheets is a table, named after it.
EVERYTHING = "*"
#: Files of a package besides its tables, which an import passes over.
OTHER_FILES = {DESCRIPTOR, "README.md", "VOCABULARY.csv"}
#: Sheets of a template that are no table.
OTHER_SHEETS = {"values"}

ENDINGS = {
    "csv": "csv",
    "txt": "csv",
    "tsv": "csv",
    "tab": "csv",
    "xlsx": "xlsx",
    "xlsm": "xlsx",
    "jsonl": "jsonl",
    "ndjson": "jsonl",
    "zip": "zip",
}


@dataclass
class TableSource:
    """A source and the name of the table that it is meant for, "" where the file does not tell."""

    table: str
    source: Any
    #: How it was read, in the words of the options of `opened`.
    read_as: dict[str, str] = field(default_factory=dict)


def opened(
    file: BinaryIO,
    name: str,
    into: ExitStack,
    *,
    form: str = "",
    encoding: str = "",
    delimiter: str = "",
    sheet: str = "",
    guesses_encoding: bool = False,
    limit: int | None = None,
) -> list[TableSource]:
    """The sources in `file`, which is called `name`: one, or several for an archive or a workbook of many tables.

    What they keep open lasts as long as `into`.

    `form` is one of `FORMATS`; without it the name tells. With `guesses_encoding` a file that is not Unicode is read as
    Windows-1252, which somebody should then look at; otherwise it is refused. Raises `RefusedError`.
    """
    form = form or form_of(file, name)
    stem = PurePosixPath(name).name.split(".")[0]
    if form == "zip":
        return _from_archive(Archive(file, name), into, encoding, delimiter, guesses_encoding=guesses_encoding)
    if form == "xlsx":
        _refuse_large(file, name)
        return _from_workbook(Workbook(file, name, into), stem, sheet)
    if form == "jsonl":
        return [TableSource(known_as(stem), json_lines(file, name, into, limit=limit), {"form": "jsonl"})]
    source = _csv(file, name, encoding, delimiter, limit, guesses_encoding=guesses_encoding)
    return [
        TableSource(known_as(stem), source, {"form": "csv", "encoding": source.encoding, "delimiter": source.delimiter})
    ]


def form_of(file: BinaryIO, name: str) -> str:
    """The form of a file by its first bytes or else by its name."""
    file.seek(0)
    start = file.read(4)
    file.seek(0)
    ending = ENDINGS.get(PurePosixPath(name).suffix.lower().removeprefix("."), "")
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return ending if ending == "xlsx" else "zip"
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise RefusedError(
            _("%(name)s is a workbook of an old Excel: save it as XLSX, or its sheet as CSV UTF-8.") % {"name": name}
        )
    if ending in {"zip", "xlsx"}:
        raise RefusedError(
            _("%(name)s is no %(form)s in spite of its name: it is cut off, damaged or something else.")
            % {"name": name, "form": FORMATS[ending]}
        )
    return ending or ("jsonl" if start.startswith(b"{") else "csv")


def known_as(stem: str) -> str:
    """The table that a file or a sheet of this name holds, "" if none is called so."""
    return stem if stem in TABLES_BY_NAME else ""


def _from_archive(
    archive: Archive, into: ExitStack, encoding: str, delimiter: str, *, guesses_encoding: bool
) -> list[TableSource]:
    found: list[TableSource] = []
    for filename in sorted(archive.files):
        path = PurePosixPath(filename)
        if path.name.startswith(".") or path.name in OTHER_FILES or "__MACOSX" in path.parts:
            continue
        _expect_table(path.name, is_file=True)
        file: Any = archive.open(filename, into)
        found += _tables_of(file, path.name, into, encoding, delimiter, guesses_encoding=guesses_encoding)
    _refuse_none(found, archive.name)
    _refuse_twice(found)
    return found


def _tables_of(
    file: BinaryIO, name: str, into: ExitStack, encoding: str, delimiter: str, *, guesses_encoding: bool = False
) -> list[TableSource]:
    if form_of(file, name) == "zip":
        raise RefusedError(_("“%(name)s” is an archive within the archive: unpack it first.") % {"name": name})
    return opened(
        file,
        name,
        into,
        encoding=encoding,
        delimiter=delimiter,
        guesses_encoding=guesses_encoding,
        limit=LARGEST_WHOLE * settings.UPLOAD_LIMIT,  # the archive itself has been judged
    )


def _expect_table(name: str, *, is_file: bool) -> None:
    stem, _dot, ending = name.rpartition(".")
    if (
        is_file
        and ENDINGS.get(ending.lower(), "zip") != "zip"
        and (known_as(stem) or ending.lower() in {"xlsx", "xlsm"})
    ):
        return
    nearest = get_close_matches(stem or name, TABLES_BY_NAME, n=3, cutoff=0.5) or list(TABLES_BY_NAME)
    names = ", ".join(TABLES_BY_NAME[table].file_name for table in nearest)
    sentence = _("%(file)s is not a table of a package; name it after one, such as: %(names)s.")
    raise RefusedError(sentence % {"file": name, "names": names})


def _refuse_none(found: Sequence[TableSource], name: str) -> None:
    if not found:
        raise RefusedError(_("There is no CSV file in %(path)s.") % {"path": name})


def _refuse_twice(found: Sequence[TableSource]) -> None:
    """Two files of one table could hold one key twice."""
    for each in found:
        names = [other.source.name for other in found if other.table == each.table]
        if each.table and len(names) > 1:
            sentence = _("%(files)s are of one table: put their rows into one file.")
            raise RefusedError(sentence % {"files": ", ".join(names)})


def _from_workbook(book: Workbook, stem: str, sheet: str) -> list[TableSource]:
    """The sheet of that name, or the first; all sheets where each is named after a table."""
    tables = [title for title in book.sheets if title.lower() not in OTHER_SHEETS]
    several = len(tables) > 1 and all(known_as(title) for title in tables)
    if sheet == EVERYTHING or (several and not sheet):
        return [
            TableSource(known_as(title), book.source(title, title), {"form": "xlsx", "sheet": title})
            for title in tables
        ]
    chosen = sheet or book.sheets[0]
    return [
        TableSource(
            known_as(chosen) or known_as(stem),
            book.source(chosen),
            {"form": "xlsx", "sheet": chosen, "sheets": "\n".join(book.sheets)},
        )
    ]


def _refuse_large(file: BinaryIO, name: str) -> None:
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size > settings.UPLOAD_LIMIT:
        sentence = _("%(name)s has %(size)s MB, and at most %(limit)s MB are read: split it.")
        raise RefusedError(sentence % {"name": name, "size": size // 2**20, "limit": settings.UPLOAD_LIMIT // 2**20})


def _csv(
    file: BinaryIO, name: str, encoding: str, delimiter: str, limit: int | None, *, guesses_encoding: bool
) -> CSVTable:
    try:
        return CSVTable(file, name, encoding=encoding, delimiter=delimiter, limit=limit)
    except NotUnicodeError:
        if not guesses_encoding:
            raise
    source = CSVTable(file, name, encoding="windows-1252", delimiter=delimiter, limit=limit)
    source.notes.insert(0, _("read as Windows-1252, since it is not UTF-8: look at the accents"))
    return source
