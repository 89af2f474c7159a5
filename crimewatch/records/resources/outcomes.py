"""What becomes of each row of an import, for whoever wants to know more than the counts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from .results import Problem


class RowKind(StrEnum):
    """What an import makes of a row. A blocked one refers to a record whose own row is bad, and may itself be good."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    BAD = "bad"
    BLOCKED = "blocked"


class CellChange(NamedTuple):
    """A cell that an import changes, before and after, as texts of a CSV file."""

    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """One row of a file and what becomes of it.

    Rows are counted as a spreadsheet counts them: the header is row 1. `key` is the key of the record or claim; for a
    row that is not stored it is what its cell says. `cells` are those that a changed row changes and those that a new
    one fills in.
    """

    row: int
    key: str
    kind: RowKind
    cells: Sequence[CellChange] = ()
    problems: Sequence[Problem] = ()
    #: Of several files of one table, the one that the row stands in.
    file: str = ""


class Stage(StrEnum):
    """How far the import of a table has come."""

    READING = "reading"
    COMPARING = "comparing"
    JUDGING = "judging"
    WRITING = "writing"


#: Takes the outcomes of many rows at a time, in no order that can be relied on. A row that comes a second time has been
#: refused after all, and what was said of it before no longer holds.
RowSink = Callable[[Sequence[RowOutcome]], None]

#: Told the stage, the rows done and the rows there are; it may raise to call the import off.
Watcher = Callable[[Stage, int, int], None]

#: How many outcomes are told at a time, and after how many rows a watcher is told of progress.
TOLD_AT_ONCE = 500


class Teller:
    """Tells a sink what becomes of rows, many at a time, and a watcher how far the import has come."""

    def __init__(self, sink: RowSink | None = None, watcher: Watcher | None = None) -> None:
        self._sink, self._watcher = sink, watcher
        self._waiting: list[RowOutcome] = []

    @property
    def is_heard(self) -> bool:
        """Whether anybody wants to know of single rows."""
        return self._sink is not None

    def tell(self, outcome: RowOutcome) -> None:
        self._waiting.append(outcome)
        if len(self._waiting) >= TOLD_AT_ONCE:
            self.finish()

    def finish(self) -> None:
        """Tell what has not been told yet."""
        if self._sink is not None and self._waiting:
            self._sink(self._waiting)
        self._waiting = []

    def advance(self, row: int, rows: int) -> None:
        """Say from time to time that the row engine, which does everything with one row after the other, is here."""
        if row % TOLD_AT_ONCE == 0:
            self.watch(Stage.WRITING, row, rows)

    def watch(self, stage: Stage, done: int, rows: int) -> None:
        if self._watcher is not None:
            self._watcher(stage, done, rows)
