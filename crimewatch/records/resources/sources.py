"""Where the rows of an import come from: a file of any form, read row by row as often as it is asked for."""

from collections.abc import Iterator, Sequence
from typing import Protocol

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
