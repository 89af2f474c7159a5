"""Where the rows of an import come from: a file of any form, read row by row as often as it is asked for."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Protocol

from django.utils.translation import gettext as _

from .results import RefusedError


class RowSource(Protocol):
    """The rows of one table.

    `name` is what a person calls the file. Each row is a list of texts under `headers`, "" for an empty cell; a row
    that has more or fewer of them than there are headers is told to be wrong, and one of empty cells is passed over.
    `notes` says what was taken for granted in reading it. It can be iterated over again and again, and gives the same
    rows each time; row 1 is the header, so the first row that comes is row 2.
    """

    @property
    def name(self) -> str: ...

    @property
    def headers(self) -> Sequence[str]: ...

    @property
    def notes(self) -> Sequence[str]: ...

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[list[str]]: ...


class UnreadableSource:
    """A file that could not be opened as a table: an import of it is told `sentence`, and goes on with the others."""

    notes: Sequence[str] = ()

    def __init__(self, name: str, sentence: str) -> None:
        self.name = name
        self.sentence = sentence

    @property
    def headers(self) -> Sequence[str]:
        raise RefusedError(self.sentence)

    def __len__(self) -> int:
        raise RefusedError(self.sentence)

    def __iter__(self) -> Iterator[list[str]]:
        raise RefusedError(self.sentence)


class JoinedSource:
    """Several files of one table, read as one: all their rows, one file after the other.

    They have the same columns, in any order; raises `RefusedError` where they have not.
    """

    def __init__(self, sources: Sequence[RowSource]) -> None:
        self._sources = sources
        self.name = " + ".join(source.name for source in sources)
        self.headers = list(sources[0].headers)
        self.notes = [f"{source.name}: {note}" for source in sources for note in source.notes]
        for source in sources[1:]:
            if sorted(source.headers) != sorted(self.headers):
                words = {"one": sources[0].name, "other": source.name}
                raise RefusedError(
                    _("%(one)s and %(other)s are files of one table, but have not the same columns: import one by one.")
                    % words
                )
        #: After how many rows each file ends.
        self._ends = list(accumulate(len(source) for source in sources))

    def __len__(self) -> int:
        return self._ends[-1]

    def __iter__(self) -> Iterator[list[str]]:
        for source in self._sources:
            places = [list(source.headers).index(name) for name in self.headers]
            for cells in source:
                fits = len(cells) == len(places)
                yield [cells[place] for place in places] if fits else cells

    def place(self, row: int) -> tuple[str, int]:
        """The file that a row comes from, and its number there."""
        file = bisect_right(self._ends, row - 2)
        return self._sources[file].name, row - (self._ends[file - 1] if file else 0)

    def label(self, row: int) -> str:
        name, number = self.place(row)
        return f"{name}:{number}"
