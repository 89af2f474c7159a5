"""A source under other headers, without the columns that only help the person who mends it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from crimewatch.records.resources.cells import join_list, split_list

#: The columns that the download of bad rows adds; an import passes over them.
HELP_COLUMNS = ("error", "hint")


class Remapped:
    """The rows of `source` as a table of `columns` wants them.

    `columns_of` names for a header the column that it is, or "" for one to leave out. `answers` says for a column which
    text to read in place of which, for keys that a person has chosen; where a cell names several, each is looked at.
    `more` are further rows, by column, behind those of the file.
    """

    def __init__(
        self,
        source: Any,
        columns: Sequence[str],
        *,
        columns_of: Mapping[str, str] | None = None,
        answers: Mapping[str, Mapping[str, str]] | None = None,
        more: Sequence[Mapping[str, str]] = (),
    ) -> None:
        self._source, self._more = source, more
        self.name: str = source.name
        self.notes: list[str] = list(source.notes)
        wanted = [(columns_of or {}).get(header, header) for header in source.headers]
        helping = [name for name in wanted if name in HELP_COLUMNS and name not in columns]
        if helping:
            self.notes.append(_("passed over: %(columns)s") % {"columns": ", ".join(helping)})
        self._places = [place for place, name in enumerate(wanted) if not self._is_left_out(place, name, helping)]
        self.headers = [wanted[place] for place in self._places]
        self._is_plain = self._places == list(range(len(source.headers)))
        given = answers or {}
        self._answers = [(place, given[name]) for place, name in enumerate(self.headers) if name in given]
        self._length = len(source) + len(more)

    def _is_left_out(self, place: int, name: str, helping: Sequence[str]) -> bool:
        return name in helping or (not name and bool(self._source.headers[place]))

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[list[str]]:
        width = len(self._source.headers)
        for cells in self._source:
            row = cells
            if not self._is_plain and len(cells) == width:
                row = [cells[place] for place in self._places]
            elif not self._is_plain:
                row = self._misfit(cells, width)
            for place, texts in self._answers:
                if place < len(row):
                    row = [*row[:place], _answered(row[place], texts), *row[place + 1 :]]
            yield row
        for given in self._more:
            yield [given.get(name, "") for name in self.headers]

    def _misfit(self, cells: Sequence[str], width: int) -> list[str]:
        """A row with too many or too few cells still has so many too many or too few."""
        kept = [cells[place] for place in self._places if place < len(cells)]
        surplus = list(cells[width:])
        if len(cells) < width and len(kept) == len(self._places):  # what is missing is a column that is left out
            return kept
        return kept + surplus


def _answered(cell: str, texts: Mapping[str, str]) -> str:
    if cell.strip() in texts:
        return texts[cell.strip()]
    if "|" not in cell:
        return cell
    return join_list(texts.get(item, item) for item in split_list(cell))
