"""A look through a whole file before its first row is imported."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from .cells import is_text

#: Rows are counted as a spreadsheet counts them, the header being row 1.
FIRST_ROW = 2


@dataclass
class KnownRows:
    """What is known of some rows of a file: the primary keys of those that are stored, by their keys, the keys of new
    ones, and sentences by row: of rows that cannot be read at all, and of rows whose key is wrong.
    """

    stored: dict[str, int] = field(default_factory=dict)
    new_keys: set[str] = field(default_factory=set)
    misfits: dict[int, str] = field(default_factory=dict)
    mistakes: dict[int, str] = field(default_factory=dict)
    #: The number of rows, blank ones among them.
    length: int = 0


class Survey(KnownRows):
    """Which keys a file has in which rows, which of them are stored, and what is wrong with them.

    `key` is the column that names a row, `parent` the one that names the row above, where rows lie below one another.
    """

    def __init__(self, dataset: Any, key: str, parent: str | None, row_label: Callable[[int], str] = str) -> None:
        self._row_label = row_label
        super().__init__()
        #: For a table whose rows lie below one another, the key of the row above, "" for none.
        self.parents: dict[str, str] = {}
        #: The first row of each key, in the order of the file, and the other rows of those that stand more than once.
        self._first_rows: dict[str, int] = {}
        self._other_rows: dict[str, list[int]] = {}
        headers = list(dataset.headers)
        at = headers.index(key)
        above = headers.index(parent) if parent in headers else None
        for number, cells in enumerate(dataset, start=FIRST_ROW):
            self.length += 1
            if len(cells) != len(headers):
                self.misfits[number] = misfit(len(cells), len(headers))
                continue
            value = _text(cells[at])
            if not value or not is_text(value):  # of what is no text, its own cell tells
                continue
            if self._first_rows.setdefault(value, number) != number:
                self._other_rows.setdefault(value, []).append(number)
            if above is not None:
                parent_key = _text(cells[above])
                self.parents[value] = parent_key if is_text(parent_key) else ""

    def look_up(self, find: Callable[[Iterable[str]], dict[str, int | ValidationError]]) -> None:
        """Ask `find` for the primary keys of the stored rows, and refuse what stands in the file more than once.

        `find` gives a `ValidationError` for a key that several stored rows answer to.
        """
        by_pk: dict[int, str] = {}
        for key, pk in find(self._first_rows).items():
            if isinstance(pk, ValidationError):
                self.mistakes |= dict.fromkeys(self._rows(key), " ".join(pk.messages))
                continue
            self.stored[key] = pk
            if by_pk.setdefault(pk, key) != key:  # a present and a past key of one record
                self._other_rows.setdefault(by_pk[pk], []).extend(self._rows(key))
        self.new_keys = self._first_rows.keys() - self.stored.keys()
        for key in self._other_rows:
            rows = sorted(self._rows(key))
            self.mistakes |= dict.fromkeys(rows, repeated(rows, self._row_label))

    @property
    def keys(self) -> Iterable[str]:
        """The keys of the file, each once, in the order of their rows."""
        return self._first_rows

    def rows_of_new_keys(self) -> Iterator[tuple[str, int]]:
        """Each key of the file that is not stored, with the first row that it stands in, in the order of the rows."""
        return ((key, row) for key, row in self._first_rows.items() if key in self.new_keys)

    def _rows(self, key: str) -> list[int]:
        return [self._first_rows[key], *self._other_rows.get(key, [])]


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()


def misfit(cells: int, columns: int) -> str:
    words = {"cells": cells, "columns": columns}
    sentence = (
        _("The row has %(cells)s cells under %(columns)s columns: a cell is missing, or the file is cut off.")
        if cells < columns
        else _(
            "The row has %(cells)s cells under %(columns)s columns: a text with a comma in it needs quotation marks."
        )
    )
    return sentence % words


def repeated(rows: list[int], label: Callable[[int], str] = str) -> str:
    """What is said of a key that stands in all of `rows`."""
    shown = [label(row) for row in rows[:10]] + (["…"] if len(rows) > 10 else [])
    return _("The same key stands in rows %(rows)s: each may stand in a file only once.") % {
        "rows": _("%(first)s and %(last)s") % {"first": ", ".join(shown[:-1]), "last": shown[-1]}
    }
