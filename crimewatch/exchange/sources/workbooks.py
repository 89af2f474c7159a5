"""Sheets of Excel workbooks: what was typed into their cells, not what Excel makes of it."""

import re
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, time
from decimal import Decimal
from typing import Any, BinaryIO

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from crimewatch.records.resources import RefusedError
from crimewatch.records.resources.cells import plain_number
from crimewatch.records.resources.files import CSVTable

from .archives import Archive
from .spool import spooled

MOST_COLUMNS = 500
#: So many blank rows between two that are not are taken for a mistake, or for malice.
MOST_BLANK_ROWS = 10_000
MOST_ROWS = 1_048_576
#: How far to the right of a table a cell makes its row too long; what stands farther away is none of its business.
BESIDE = 20
#: Above it, a number is left with its exponent, which no column takes.
LARGEST = 1e60
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_IN_QUOTES = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')


class Workbook:
    """An XLSX file and the names of its sheets. Raises `RefusedError` where it is none, or none that can be trusted."""

    def __init__(self, file: BinaryIO, name: str, into: ExitStack) -> None:
        self.name = name
        self._into = into
        Archive(file, name)  # a workbook is an archive and can be a bomb as well
        file.seek(0)
        try:
            self._book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        except (InvalidFileException, KeyError, ValueError, OSError, zipfile.BadZipFile, SyntaxError) as error:
            sentence = _("%(name)s cannot be opened as a workbook: save it anew as XLSX, or its sheet as CSV UTF-8.")
            raise RefusedError(sentence % {"name": name}) from error
        into.callback(self._book.close)
        self.sheets = [sheet.title for sheet in self._book.worksheets]
        if not self.sheets:
            raise RefusedError(_("%(name)s has no sheet with cells.") % {"name": name})

    def source(self, sheet: str = "", name: str = "") -> CSVTable:
        """The rows of the sheet of that name, or of the first."""
        if sheet and sheet not in self.sheets:
            words = {"name": self.name, "sheet": sheet, "sheets": ", ".join(self.sheets)}
            raise RefusedError(_("%(name)s has no sheet “%(sheet)s”; it has: %(sheets)s.") % words)
        chosen = sheet or self.sheets[0]
        notes = [_("read from the sheet “%(sheet)s”") % {"sheet": chosen}]
        try:
            return spooled(name or self.name, self._rows(chosen), self._into, notes=notes)
        except (KeyError, ValueError, SyntaxError, zipfile.BadZipFile) as error:
            words = {"sheet": chosen, "name": self.name}
            raise RefusedError(_("The sheet “%(sheet)s” of %(name)s is damaged: save it anew.") % words) from error

    def _rows(self, sheet: str) -> Iterator[list[str]]:
        """The header, and the rows below it as wide as the header; what stands beyond it makes a row wider."""
        found = self._book[sheet]
        found.reset_dimensions()  # what the file says of them may be anything
        header = next((_typed_row(cells) for cells in found.iter_rows(max_row=1, max_col=MOST_COLUMNS + 1)), [])
        if not header:
            raise RefusedError(_("The first row of the sheet is empty: it must name the columns."))
        if len(header) > MOST_COLUMNS:
            sentence = _("The sheet has more than %(most)s columns: move the table to a sheet of its own.")
            raise RefusedError(sentence % {"most": MOST_COLUMNS})
        yield header
        width, blank = len(header), 0
        for cells in found.iter_rows(min_row=2, max_col=width + BESIDE):
            row = _typed_row(cells)
            if not row:
                blank += 1
                if blank > MOST_ROWS:  # nothing that Excel has written goes on so
                    break
                continue
            if blank > MOST_BLANK_ROWS:
                sentence = _("There are %(count)s blank rows above the last ones of the sheet: take them out.")
                raise RefusedError(sentence % {"count": blank})
            for _each in range(blank):
                yield [""] * width
            blank = 0
            yield row + [""] * (width - len(row))


def _typed_row(cells: Any) -> list[str]:
    row = [_typed(cell) for cell in cells]
    while row and not row[-1]:
        row.pop()
    return row


def _typed(cell: Any) -> str:
    """What was typed: Excel keeps a date as the number of its day, and a month as that of its first day."""
    value = cell.value
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float():
            return plain_number(Decimal(repr(value))) if abs(value) < LARGEST else repr(value)
        case datetime():
            return _day(value, cell.number_format)
        case str():
            return _unescaped(value)
        case _:  # whole numbers, and dates and times as ISO 8601 has them
            return str(value)


def _unescaped(text: str) -> str:
    """A character that XML cannot hold is written as its number: `_x000D_` for a carriage return."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def _day(value: datetime, number_format: str) -> str:
    """As precise as the cell shows it: `2017-03` typed into Excel is shown as Mar-17 and kept as March 1."""
    shown = _IN_QUOTES.sub("", number_format or "").lower()
    if value.time() != time():
        return value.isoformat(sep="T", timespec="seconds")
    if "d" in shown:
        return f"{value:%Y-%m-%d}" if value.year >= 1000 else value.date().isoformat()
    if "m" in shown:
        return value.date().isoformat()[:7]
    return value.date().isoformat()[:4] if "y" in shown else value.date().isoformat()
