"""Rows of any origin, put down once as CSV in an unnamed file, so that they can be read again and again."""

import io
from collections.abc import Iterable, Sequence
from tempfile import TemporaryFile
from typing import IO

from crimewatch.records.resources import CSVTable, RefusedError, csv_line

#: So much more than a packed file its rows may take when they are written out.
UNPACKED = 20


def spooled(name: str, rows: Iterable[Sequence[str]], *, notes: Iterable[str] = ()) -> CSVTable:
    """A source of `rows`, the header first. The file is gone as soon as nobody reads it any more."""
    file: IO[bytes] = TemporaryFile()  # noqa: SIM115 - the source keeps it open
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=False)
    for row in rows:
        # A row of one empty cell would be a blank line, which is a row of empty cells as well.
        text.write(csv_line(row))
    text.flush()
    text.detach()
    source = CSVTable(file, name, encoding="utf-8", delimiter=",", limit=file.tell())  # type: ignore[arg-type]
    source.notes += notes
    return source


def refuse_blank(header: Sequence[str], sentence: str) -> None:
    if not any(header):
        raise RefusedError(sentence)
