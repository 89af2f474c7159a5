"""Files of rows: the same rows give the same bytes, whenever and wherever they are written."""

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO, Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from crimewatch.exchange.datapackage import DESCRIPTOR, PACKAGE_NAME, PACKAGE_TITLE, descriptor_of_files
from crimewatch.exchange.dataset import one_moment
from crimewatch.exchange.imports import Progress
from crimewatch.records.downloads import CHARACTERS_OF_A_CELL, ROWS_OF_A_SHEET
from crimewatch.records.resources import Export, RefusedError, Stage, TableResource, csv_line
from crimewatch.records.resources.widgets import DecimalWidget, IntegerWidget

from .selection import Exported, Selection

#: The time of every file in an archive: the earliest that the format knows.
ANY_TIME = (1980, 1, 1, 0, 0, 0)
#: How many rows are told of at a time.
TOLD = 1000
#: More digits than this, and Excel would round.
SAFE_DIGITS = 15

Told = Callable[[Progress], None]


def write(selection: Selection, file: IO[bytes], *, user: Any = None, progress: Told | None = None) -> int:
    """Write what is selected to a file that can be sought in; returns the number of rows.

    All tables are as of one moment. `progress` is told now and then how far it has come, and may raise. Raises
    `RefusedError` where the form cannot hold the rows.
    """
    with one_moment():
        exported = list(selection.rows(user))
        counted = [_Counted(each, progress, len(exported), place) for place, each in enumerate(exported)]
        WRITERS[selection.form](file, counted)
    return sum(each.done for each in counted)


def lines(selection: Selection, *, user: Any) -> Iterator[bytes]:
    """A CSV file or one of JSON lines, row by row as the database gives them."""
    (exported,) = selection.rows(user)
    with one_moment():
        rows = _Counted(exported)
        yield from rows.csv() if selection.form == "csv" else rows.json()


class _Counted:
    """The rows of a table, counted as they pass."""

    def __init__(self, exported: Exported, progress: Told | None = None, tables: int = 1, place: int = 0) -> None:
        self.table, self.columns = exported.choice.table, exported.choice.columns
        self.resource: TableResource = exported.resource
        self._exported, self._progress, self._tables, self._place = exported, progress, tables, place
        self.done = 0

    def __iter__(self) -> Iterator[list[str]]:
        total = self._exported.count if self._progress else 0
        for row in self._exported.cells():
            yield row
            self.done += 1
            if self._progress and self.done % TOLD == 0:
                self._tell(total)

    def csv(self) -> Iterator[bytes]:
        """The same rows as CSV, with its header, as the database writes it. Nobody may ask it anything meanwhile."""
        export = self._exported.export()
        return self._told(export, export.csv())

    def json(self) -> Iterator[bytes]:
        """The same rows as JSON lines, in the same way."""
        export = self._exported.export()
        return self._told(export, export.json())

    def _told(self, export: Export, pieces: Iterator[bytes]) -> Iterator[bytes]:
        total = self._exported.count if self._progress else 0
        for piece in pieces:
            yield piece
            is_far = export.count - self.done >= TOLD
            self.done = export.count
            if is_far:
                self._tell(total)
        self.done = export.count

    def _tell(self, total: int) -> None:
        if self._progress:
            self._progress(Progress(self.table, Stage.READING, self.done, total, self._tables, self._place))


def write_csv(file: IO[bytes], tables: Sequence[_Counted]) -> None:
    (rows,) = tables
    file.writelines(rows.csv())


def write_json_lines(file: IO[bytes], tables: Sequence[_Counted]) -> None:
    (rows,) = tables
    file.writelines(rows.json())


def write_package(file: IO[bytes], tables: Sequence[_Counted]) -> None:
    """A ZIP archive of CSV files and the `datapackage.json` that describes them."""
    described = {rows.table: rows.columns for rows in tables}
    descriptor = descriptor_of_files(described, name=PACKAGE_NAME, title=PACKAGE_TITLE)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for rows in tables:
            with archive.open(_entry(rows.table.file_name), "w") as content:
                for line in rows.csv():
                    content.write(line)
        archive.writestr(_entry(DESCRIPTOR), descriptor)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, ANY_TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system, entry.external_attr = 3, 0o100644 << 16  # the same on every system
    return entry


def write_workbook(file: IO[bytes], tables: Sequence[_Counted]) -> None:
    """A sheet for each table."""
    book = Workbook(write_only=True)
    try:
        _fill(book, tables)
    except BaseException:
        for sheet in book.worksheets:  # each has a file of its own that would stay behind
            sheet.close()
            sheet._writer.cleanup()  # noqa: SLF001 - there is no other way to it
        raise
    save(book, file)


def _fill(book: Any, tables: Sequence[_Counted]) -> None:
    for rows in tables:
        sheet = book.create_sheet(rows.table.name)
        sheet.freeze_panes = "A2"
        sheet.append([heading(sheet, name) for name in rows.columns])
        numeric = [isinstance(rows.resource.widget_of(name), IntegerWidget | DecimalWidget) for name in rows.columns]
        for number, row in enumerate(rows, start=2):
            if number > ROWS_OF_A_SHEET:
                sentence = _("%(table)s has more rows than a sheet of Excel holds: take CSV.")
                raise RefusedError(sentence % {"table": rows.table.name})
            sheet.append(
                [
                    cell_of(sheet, text, rows.columns[place], number, is_number=numeric[place])
                    for place, text in enumerate(row)
                ]
            )


def heading(sheet: Any, text: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, text)
    cell.font = Font(bold=True)
    return cell


def cell_of(sheet: Any, text: str, column: str, row: int, *, is_number: bool = False) -> Any:
    """A cell: a number that Excel can keep as a number, all else as text, which no spreadsheet runs or reads."""
    if not text:
        return None
    if len(text) > CHARACTERS_OF_A_CELL:
        sentence = _(
            "Row %(row)s has a %(column)s of %(length)s characters, more than Excel holds in a cell: take CSV."
        )
        raise RefusedError(sentence % {"row": row, "column": column, "length": len(text)})
    if is_number and sum(sign.isdigit() for sign in text) <= SAFE_DIGITS:
        return WriteOnlyCell(sheet, float(text) if "." in text else int(text))
    cell = WriteOnlyCell(sheet, escaped(text))
    cell.data_type = "s"
    cell.number_format = "@"  # text, so that typing into it changes nothing of its kind
    return cell


def escaped(text: str) -> str:
    """Characters that XML cannot hold, and what would be read as one of them, as Excel writes them: `_x000D_`."""
    if "_x" in text:
        text = text.replace("_x", "_x005F_x")
    return "".join(f"_x{ord(sign):04X}_" if sign < " " and sign not in "\n\t" else sign for sign in text)


def save(book: Any, file: IO[bytes]) -> None:
    """Write a workbook without the times at which it was made, which its archive and its properties would tell."""
    book.properties.creator = "CrimeWatch"
    book.properties.created = datetime(*ANY_TIME)  # noqa: DTZ001 - openpyxl wants it so
    with TemporaryFile() as draft:
        book.save(draft)
        with zipfile.ZipFile(draft) as made, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in sorted(made.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
                with archive.open(_entry(name), "w") as content, made.open(name) as part:
                    if name == "docProps/core.xml":
                        content.write(_timeless(part.read()))
                        continue
                    while chunk := part.read(2**20):
                        content.write(chunk)


def _timeless(properties: bytes) -> bytes:
    head, tag, rest = properties.partition(b"<dcterms:modified")
    _time, _end, tail = rest.partition(b"</dcterms:modified>")
    return head + tail if tag else properties


def csv_file(header: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[bytes]:
    """Lines of a CSV file that is not a table's own, such as that of the bad rows."""
    yield csv_line(header).encode()
    for row in rows:
        yield csv_line(row).encode()


def in_memory(selection: Selection, *, user: Any = None) -> bytes:
    file = io.BytesIO()
    write(selection, file, user=user)
    return file.getvalue()


WRITERS: dict[str, Callable[[IO[bytes], Sequence[_Counted]], None]] = {
    "csv": write_csv,
    "xlsx": write_workbook,
    "jsonl": write_json_lines,
    "zip": write_package,
}
