"""JSON lines: an object on each line, its keys the columns. https://jsonlines.org/"""

import io
import json
from collections.abc import Iterator
from contextlib import ExitStack
from decimal import Decimal
from typing import Any, BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _

from crimewatch.records.resources import RefusedError
from crimewatch.records.resources.cells import join_list, plain_number
from crimewatch.records.resources.files import CSVTable
from crimewatch.records.resources.results import shortened

from .spool import spooled


def json_lines(file: BinaryIO, name: str, into: ExitStack, *, limit: int | None = None) -> CSVTable:
    """A source of the objects in `file`. Raises `RefusedError` with the line that is none, or lacks a key."""
    size, most = file.seek(0, io.SEEK_END), settings.UPLOAD_LIMIT if limit is None else limit
    if size > most:
        sentence = _("%(name)s has %(size)s MB, and at most %(limit)s MB are read: split it.")
        raise RefusedError(sentence % {"name": name, "size": size // 2**20, "limit": most // 2**20})
    return spooled(name, _rows(file), into)


def _rows(file: BinaryIO) -> Iterator[list[str]]:
    header: list[str] = []
    file.seek(0)
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        found = _object(line.removeprefix(b"\xef\xbb\xbf"), number)
        if not header:
            header = list(found)
            if not any(name.strip() for name in header):
                break
            yield header
        elif found.keys() != set(header):
            raise RefusedError(_different(number, set(header), set(found)))
        yield [_text(found[name], number, name) for name in header]
    if not any(name.strip() for name in header):
        raise RefusedError(_("The file is empty: each of its lines must be a JSON object."))


def _object(line: bytes, number: int) -> dict[str, Any]:
    try:
        found = json.loads(line, parse_float=Decimal, parse_int=_whole, object_pairs_hook=_once)
    except UnicodeDecodeError as error:
        raise RefusedError(_("Line %(line)s is not UTF-8: save the file as UTF-8.") % {"line": number}) from error
    except (ValueError, RecursionError) as error:
        words = {"line": number, "reason": str(error)}
        raise RefusedError(_("Line %(line)s is not JSON (%(reason)s).") % words) from error
    if not isinstance(found, dict):
        raise RefusedError(_("Line %(line)s is JSON, but no object: write {…} on each line.") % {"line": number})
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(_("a key stands there twice"))
    return found


def _whole(digits: str) -> Decimal:
    """Any number of digits, which Python's own integers refuse to be read from."""
    return Decimal(digits)


def _different(number: int, expected: set[str], found: set[str]) -> str:
    words = {"line": number}
    if missing := sorted(expected - found):
        sentence = _("Line %(line)s has no “%(key)s”, which the first line has: write null where a cell is empty.")
        return sentence % {**words, "key": shortened(missing[0])}
    sentence = _("Line %(line)s has “%(key)s”, which the first line has not: each line has the same keys.")
    return sentence % {**words, "key": shortened(sorted(found - expected)[0])}


def _text(value: Any, number: int, name: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return plain_number(value) if value.is_finite() and abs(value.adjusted()) < 100 else str(value)
    if isinstance(value, list):
        if not all(isinstance(item, str) for item in value):
            sentence = _("Line %(line)s, %(key)s: a list may hold texts only.")
            raise RefusedError(sentence % {"line": number, "key": shortened(name)})
        return join_list(_proper(item, number) for item in value)
    if isinstance(value, dict):
        return _proper(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_number), number)
    return _proper(str(value), number)


def _proper(text: str, number: int) -> str:
    """JSON can name half of a character, which is none."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        sentence = _("Line %(line)s names half of a character (a lone surrogate): write the character itself.")
        raise RefusedError(sentence % {"line": number}) from error
    return text


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
