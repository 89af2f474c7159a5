"""A look through a whole file before its first row is imported."""

from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

#: Rows are counted as a spreadsheet counts them, the header being row 1.
FIRST_ROW = 2


class Survey:
    """Which keys a file has in which rows, which of them are stored, and what is wrong with them.

    `key` is the column that names a row, `parent` the one that names the row above, where rows lie below one another.
    """

    def __init__(self, dataset: Any, key: str, parent: str | None) -> None:
        self.keys_in_order: list[str] = []
        self.stored: dict[str, int] = {}
        self.new_keys: set[str] = set()
        #: Sentences by row: rows that cannot be read at all, and rows whose key is wrong.
        self.misfits: dict[int, str] = {}
        self.mistakes: dict[int, str] = {}
        #: For a table whose rows lie below one another, the key of the row above, "" for none.
        self.parents: dict[str, str] = {}
        self._rows: dict[str, list[int]] = {}
        headers = list(dataset.headers)
        at = headers.index(key)
        above = headers.index(parent) if parent in headers else None
        for number, cells in enumerate(dataset, start=FIRST_ROW):
            if len(cells) != len(headers):
                self.misfits[number] = _misfit(len(cells), len(headers))
                continue
            value = _text(cells[at])
            if not value:
                continue
            self.keys_in_order.append(value)
            self._rows.setdefault(value, []).append(number)
            if above is not None:
                self.parents[value] = _text(cells[above])

    def look_up(self, find: Callable[[Iterable[str]], dict[str, int | ValidationError]]) -> None:
        """Ask `find` for the primary keys of the stored rows, and refuse what stands in the file more than once.

        `find` gives a `ValidationError` for a key that several stored rows answer to.
        """
        rows_of: dict[Any, list[int]] = {}
        found = find(self._rows)
        for key, rows in self._rows.items():
            pk = found.get(key)
            if isinstance(pk, ValidationError):
                self.mistakes |= dict.fromkeys(rows, " ".join(pk.messages))
                continue
            if pk is not None:
                self.stored[key] = pk
            rows_of.setdefault(key if pk is None else pk, []).extend(rows)
        for rows in rows_of.values():
            if len(rows) > 1:
                self.mistakes |= dict.fromkeys(rows, _repeated(sorted(rows)))

        self.new_keys = self._rows.keys() - self.stored.keys()


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()


def _misfit(cells: int, columns: int) -> str:
    words = {"cells": cells, "columns": columns}
    sentence = (
        _("The row has %(cells)s cells under %(columns)s columns: a cell is missing, or the file is cut off.")
        if cells < columns
        else _(
            "The row has %(cells)s cells under %(columns)s columns: a text with a comma in it needs quotation marks."
        )
    )
    return sentence % words


def _repeated(rows: list[int]) -> str:
    shown = [str(row) for row in rows[:10]] + (["…"] if len(rows) > 10 else [])
    return _("The same key stands in rows %(rows)s: each may stand in a file only once.") % {
        "rows": _("%(first)s and %(last)s") % {"first": ", ".join(shown[:-1]), "last": shown[-1]}
    }
