"""Rows of any origin, put down once as CSV in an unnamed file, so that they can be read again and again."""

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import IO

from crimewatch.records.resources import CSVTable, csv_line


def spooled(name: str, rows: Iterable[Sequence[str]], into: ExitStack, *, notes: Iterable[str] = ()) -> CSVTable:
    """A source of `rows`, the header first. Its file lasts as long as `into`."""
    file: IO[bytes] = into.enter_context(TemporaryFile())  # noqa: SIM115 - it is one
    for row in rows:
        file.write(csv_line(row).encode())
    source = CSVTable(file, name, encoding="utf-8", delimiter=",", limit=file.tell())  # type: ignore[arg-type]
    source.notes += notes
    return source
