"""What an import has to say: how many rows are new, changed or unchanged, and what is wrong with the others."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from import_export.results import Result, RowResult

LONGEST_VALUE = 80


class RefusedError(Exception):
    """A whole file cannot be imported; the message is one sentence."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a file: where it stands, what stands there, and a sentence on what would be right.

    Rows are counted as a spreadsheet counts them: the header is row 1. `row` is None for what concerns the whole file.
    `column` may be several with commas between them. `hint` says what cells of the column take in general. `file` is
    the one of several files of a table.
    """

    sentence: str
    row: int | None = None
    column: str = ""
    value: str = ""
    hint: str = ""
    file: str = ""

    def __str__(self) -> str:
        place = [f"row {self.row}"] if self.row is not None else []
        if self.column:
            place.append(f'{self.column} "{shortened(self.value)}"')
        return f"{' '.join(place)}: {self.sentence}" if place else self.sentence


def shortened(value: str) -> str:
    """`value` on one line and not longer than one."""
    start = value[: LONGEST_VALUE + 1]  # of a cell of megabytes not more is looked at
    value = "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in start)
    return value if len(value) <= LONGEST_VALUE else f"{value[: LONGEST_VALUE - 1]}…"


class TableRowResult(RowResult):
    """What became of one row, and which columns it changed."""

    def __init__(self) -> None:
        super().__init__()
        self.changed: list[str] = []


class TableResult(Result):
    """The outcome of the import of one table, for the preview: with each row."""

    keeps_rows = True

    def __init__(self, hints: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self.hints = hints or {}
        self.problems: list[Problem] = []
        self.has_bad_rows = False
        self.changed_columns: Counter[str] = Counter()

    def append_row_result(self, row_result: Any) -> None:
        self.changed_columns.update(getattr(row_result, "changed", ()))
        if self.keeps_rows:
            super().append_row_result(row_result)

    def append_base_error(self, error: Any) -> None:
        super().append_base_error(error)
        self.problems.append(Problem(str(error.error)))

    def append_invalid_row(self, number: int, row: Any, validation_error: ValidationError) -> None:
        """Keep what is wrong with the row. `number` counts from 1 below the header, `Problem.row` from the header."""
        self.has_bad_rows = True
        if self.keeps_rows:
            super().append_invalid_row(number + 1, row, validation_error)
        self.problems += problems_of(number + 1, row, validation_error, self.hints)

    def has_validation_errors(self) -> bool:
        return self.has_bad_rows


def problems_of(
    number: int, row: Mapping[str, Any], mistakes: ValidationError, hints: Mapping[str, str]
) -> list[Problem]:
    """What is wrong with row `number`. `mistakes` are by column, or by several with commas between them."""
    found = []
    for columns, sentences in mistakes.message_dict.items():
        names = [] if columns == NON_FIELD_ERRORS else columns.split(", ")
        value = ", ".join(str(row.get(name) or "") for name in names)
        hint = hints.get(columns, "")
        found += [Problem(sentence, number, ", ".join(names), value, hint) for sentence in sentences]
    return found


class TableTally(TableResult):
    """The outcome of the import of one table without its rows, so that memory does not grow with the file."""

    keeps_rows = False
