"""The rows of a list as CSV, XLSX and JSON files: exactly what the list shows, all pages of it."""

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from tempfile import TemporaryFile
from typing import Any

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from crimewatch.records.resources import csv_line
from crimewatch.records.resources.cells import plain_number

FORMATS = {"csv": "CSV", "xlsx": "Excel", "json": "JSON"}

#: What a sheet of Excel holds, its header included, and what one of its cells does.
ROWS_OF_A_SHEET = 1_048_576
CHARACTERS_OF_A_CELL = 32_767


def download(form: str, name: str, header: list[str], rows: Iterable[list[Any]]) -> HttpResponseBase:
    """``rows`` under ``header`` as a file called ``name``; CSV and JSON leave while the rows are still being read."""
    if form == "xlsx":
        return FileResponse(_workbook(header, rows), as_attachment=True, filename=f"{name}.xlsx")
    lines = csv_lines(header, rows) if form == "csv" else json_lines(header, rows)
    return streamed(form, name, (line.encode() for line in lines))


def streamed(form: str, name: str, lines: Iterable[bytes]) -> HttpResponseBase:
    """The bytes of a file of CSV or JSON that is called ``name``, as they come."""
    kind = "text/csv" if form == "csv" else "application/json"
    return StreamingHttpResponse(
        lines,
        content_type=f"{kind}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.{form}"'},
    )


def csv_lines(header: list[str], rows: Iterable[list[Any]]) -> Iterator[str]:
    yield csv_line(header)
    for row in rows:
        yield csv_line(as_text(cell) for cell in row)


def json_lines(header: list[str], rows: Iterable[list[Any]]) -> Iterator[str]:
    """A list of objects, one a line."""
    before = "[\n"
    for row in rows:
        values = dict(zip(header, map(_for_json, row), strict=True))
        yield before + json.dumps(values, ensure_ascii=False)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def _for_json(cell: Any) -> Any:
    """Numbers and nothing at all as what they are, the rest as text."""
    if isinstance(cell, Decimal):
        return int(cell) if cell == int(cell) else float(cell)
    return cell if cell is None or isinstance(cell, int | float) else as_text(cell)


def as_text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return plain_number(cell)
    if isinstance(cell, datetime):
        return timezone.localtime(cell).isoformat(timespec="seconds")
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _workbook(header: list[str], rows: Iterable[list[Any]]) -> Any:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append([_cell(sheet, name) for name in header])
    for number, row in enumerate(rows, start=2):
        if number == ROWS_OF_A_SHEET:
            sheet.append([_cell(sheet, str(_("A sheet holds no more rows: download the rest as CSV.")))])
            break
        sheet.append([_cell(sheet, value) for value in row])
    file = TemporaryFile()  # noqa: SIM115 - the response closes it
    book.save(file)
    file.seek(0)
    return file


def _cell(sheet: Any, value: Any) -> WriteOnlyCell:
    """A number as a number and all else as text, which no spreadsheet runs as a formula."""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return WriteOnlyCell(sheet, value)
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", as_text(value))[:CHARACTERS_OF_A_CELL])
    cell.data_type = "s"
    return cell
