"""CSV files as researchers have them: read as a stream in any form that spreadsheets write, written in one only."""

import codecs
import csv
import io
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .cells import guard, unguard
from .results import RefusedError, shortened

# A cell may be as long as the whole file: outlines of countries and full texts are.
csv.field_size_limit(sys.maxsize)

DELIMITERS = {",": gettext_lazy("commas"), ";": gettext_lazy("semicolons"), "\t": gettext_lazy("tabs")}
BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
#: What spreadsheets write by default where they do not write UTF-8.
OTHER_ENCODINGS = {"windows-1252": "Windows-1252", "cp850": "DOS code page 850", "mac_roman": "Mac Roman"}
#: The encodings that a person may say a file is in, with their names.
ENCODINGS = {"utf-8-sig": "UTF-8", "utf-16": "UTF-16", **OTHER_ENCODINGS}
SPANISH = "áéíóúñüÁÉÍÓÚÑÜ¿¡"
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_NEEDS_QUOTES = re.compile(r'[",\r\n]')


class NotUnicodeError(RefusedError):
    """A file that is text, but in an encoding that can only be guessed at."""


class _Borrowed(io.RawIOBase):
    """A file that whoever reads it does not close."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        content = self._file.read(len(buffer))
        buffer[: len(content)] = content
        return len(content)


class CSVTable:
    """A CSV file: its header, and its rows as often as they are asked for, read from the file each time.

    Opening it reads it once to the end, so that a file that is cut off or not text is refused before any row is looked
    at: `RefusedError` then says where and what would be right. `notes` tells what was taken for granted.

    `encoding` (one of `ENCODINGS`) and `delimiter` are for somebody who knows better than what the file looks like.
    `limit` is in bytes; without one it is that of uploads.
    """

    def __init__(
        self, file: BinaryIO, name: str, *, encoding: str = "", delimiter: str = "", limit: int | None = None
    ) -> None:
        self.name = name
        self.notes: list[str] = []
        self._file = file
        self._refuse_too_large(settings.UPLOAD_LIMIT if limit is None else limit)
        self._encoding = encoding or self._detected_encoding()
        self._delimiter = delimiter or self._detected_delimiter()
        self.headers = [cell.strip() for cell in next(self._records(), [])]
        if not any(self.headers):
            raise RefusedError(_("The file is empty: its first row must name the columns."))
        self._length = sum(1 for record in self._records()) - 1

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[list[str]]:
        """The rows below the header; a blank line is a row of empty cells."""
        records = self._records()
        next(records)
        blank = [""] * len(self.headers)
        for cells in records:
            yield [unguard(cell) for cell in cells] or blank

    @property
    def encoding(self) -> str:
        """The codec that the file is read with."""
        return self._encoding

    @property
    def delimiter(self) -> str:
        return self._delimiter

    def _refuse_too_large(self, limit: int) -> None:
        size = self._file.seek(0, io.SEEK_END)
        if size > limit:
            raise RefusedError(
                _(
                    "The file has %(size)s MB, and at most %(limit)s MB are read: split it, "
                    "or raise UPLOAD_LIMIT_MB in the environment."
                )
                % {"size": _megabytes(size), "limit": _megabytes(limit)}
            )

    def _detected_encoding(self) -> str:
        self._file.seek(0)
        start = self._file.read(4)
        if start.startswith(WORKBOOKS):
            raise RefusedError(_("This is a workbook, not a CSV file: save its sheet as “CSV UTF-8” first."))
        for mark, encoding in BYTE_ORDER_MARKS.items():
            if start.startswith(mark):
                if encoding == "utf-16":
                    self.notes.append(_("read as UTF-16"))
                return encoding
        if b"\0" in start:  # letters of UTF-16, and before a byte of one fails to be UTF-8
            raise RefusedError(_not_text(1))
        return "utf-8"

    def _detected_delimiter(self) -> str:
        """What stands most often in the header: Spanish spreadsheets write semicolons."""
        self._delimiter = ","  # for a sentence on the place of a mistake in the first line
        try:
            header = next(self._lines(), "")
        except UnicodeError as error:
            raise self._undecodable(error) from error
        bare = re.sub(r'"[^"]*"', "", header)
        found = max(DELIMITERS, key=bare.count)
        if found != ",":
            self.notes.append(_("read with %(delimiter)s between the cells") % {"delimiter": DELIMITERS[found]})
        return found

    def _records(self) -> Iterator[list[str]]:
        """The records of the file, the header included, blank lines as empty lists."""
        reader = csv.reader(self._lines(), delimiter=self._delimiter, strict=True)
        row, line = 0, 0
        try:
            for record in reader:
                row, line = row + 1, reader.line_num
                yield record
        except csv.Error as error:
            raise RefusedError(self._broken(str(error), row + 1, line + 1)) from error
        except UnicodeError as error:
            raise self._undecodable(error) from error

    def _lines(self) -> Iterator[str]:
        self._file.seek(0)
        # Universal newlines would change a lone carriage return within a cell.
        text = io.TextIOWrapper(io.BufferedReader(_Borrowed(self._file)), encoding=self._encoding, newline="")
        for number, line in enumerate(text, start=1):
            if "\0" in line:
                raise RefusedError(_not_text(number))
            yield line

    def _broken(self, reason: str, row: int, line: int) -> str:
        place = {"row": row, "line": line}
        if reason == "unexpected end of data":
            return (
                _(
                    "Row %(row)s, which begins in line %(line)s, has a quotation mark that is never closed: "
                    'the file is cut off, or a quotation mark inside a cell is not doubled ("").'
                )
                % place
            )
        return (
            _(
                "Row %(row)s, which begins in line %(line)s, has text behind a closing quotation mark: "
                'a quotation mark inside a cell is written twice ("").'
            )
            % place
        )

    def _undecodable(self, error: UnicodeError) -> RefusedError:
        if self._encoding == "utf-16":
            return RefusedError(_("The file begins as UTF-16 but does not go on so: it is cut off or damaged."))
        if self._encoding in OTHER_ENCODINGS:
            sentence = _("The file is not %(encoding)s: a byte in it is no character there. Choose another encoding.")
            return RefusedError(sentence % {"encoding": OTHER_ENCODINGS[self._encoding]})
        if getattr(error, "reason", "") == "unexpected end of data":
            return RefusedError(_("The file ends in the middle of a character: it is cut off."))
        return NotUnicodeError(self._not_unicode())

    def _not_unicode(self) -> str:
        offset, prefix = self._valid_prefix()
        row, cell = 0, ""
        for record in csv.reader(io.StringIO(prefix, newline=""), delimiter=self._delimiter):
            row, cell = row + 1, record[-1] if record else ""
        self._file.seek(offset)
        following = re.split(rb'[\r\n",;\t]', self._file.read(40))[0]
        return _(
            "The file is not UTF-8: byte %(offset)s, in row %(row)s after “%(before)s”, is 0x%(byte)02X, which begins "
            "no character there, and it has no byte order mark of UTF-16. %(guess)s Save it as “CSV UTF-8”."
        ) % {
            "offset": offset,
            "row": row,
            "before": shortened(cell[-30:]),
            "byte": following[0] if following else 0,
            "guess": _guess(cell[-30:], following),
        }

    def _valid_prefix(self) -> tuple[int, str]:
        """How many bytes are UTF-8 from the beginning of the file on, and the text that they are."""
        self._file.seek(0)
        content = self._file.read()
        try:
            return len(content), content.decode(self._encoding)
        except UnicodeDecodeError as error:
            skipped = len(codecs.BOM_UTF8) if self._encoding == "utf-8-sig" else 0
            offset = error.start + skipped
            return offset, content[:offset].decode(self._encoding)


def _not_text(line: int) -> str:
    sentence = _(
        "Line %(line)s has a NUL character in it, so this is not a text file, or one in UTF-16 without a byte order "
        "mark: save it as “CSV UTF-8”."
    )
    return sentence % {"line": line}


def _guess(before: str, following: bytes) -> str:
    """Which encoding the bytes seem to be in: the one in which they have most letters and signs of Spanish."""
    readings = {name: following.decode(codec, errors="replace") for codec, name in OTHER_ENCODINGS.items()}
    name = max(readings, key=lambda name: sum(sign in SPANISH for sign in readings[name]))
    return _("It looks like %(encoding)s, in which the cell reads “%(text)s”.") % {
        "encoding": name,
        "text": shortened(before + readings[name]),
    }


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:.1f}".removesuffix(".0")


def csv_line(cells: Iterable[str]) -> str:
    """One row as it is written: comma, quotation marks where they are needed, a line feed at the end.

    Python's own writer leaves a lone carriage return bare, which no reader takes for a part of the cell.
    """
    return ",".join(_quoted(guard(cell)) for cell in cells) + "\n"


def _quoted(cell: str) -> str:
    if _NEEDS_QUOTES.search(cell):
        return '"' + cell.replace('"', '""') + '"'
    return cell
