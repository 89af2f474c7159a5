"""One row of a file on its way into a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError


@dataclass
class Entry:
    """A row with the instance that it is about, and everything that is wrong with it.

    `before` and `after` hold values by column: as stored, and as the row wants them. A key of `errors` is a column, or
    several with a comma between them where a rule looks at several.
    """

    number: int
    row: Mapping[str, Any]
    instance: Any
    is_new: bool
    before: dict[str, Any]
    after: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)
    #: Columns that refer to rows which are not stored: yet, or because of mistakes of their own.
    unsettled: set[str] = field(default_factory=set)
    is_blocked: bool = False

    def key(self, column: str) -> str:
        """What the cell in `column`, which names the row, says."""
        value = self.row[column]
        return "" if value is None else str(value).strip()

    @property
    def changed(self) -> list[str]:
        return [column for column, value in self.after.items() if value != self.before[column]]

    @property
    def doubtful(self) -> set[str]:
        """The columns about which no rule can be asked: what they say is wrong, or not known yet."""
        return {*self.errors, *self.unsettled}

    @property
    def is_storable(self) -> bool:
        return not self.errors and not self.is_blocked

    def errors_in_order(self, columns: Sequence[str]) -> dict[str, list[str]]:
        """The mistakes as one reads the row, from left to right, those of the row as a whole last."""
        places = {column: place for place, column in enumerate(columns)}
        return dict(sorted(self.errors.items(), key=lambda item: places.get(item[0].split(", ")[0], len(places))))

    def refuse(self, column: str, *sentences: str) -> None:
        """Note mistakes in `column`, or in the row as a whole where that is empty."""
        known = self.errors.setdefault(column or NON_FIELD_ERRORS, [])
        known += [sentence for sentence in sentences if sentence not in known]

    def refuse_all(self, error: ValidationError) -> None:
        """Note what a model's own validation says of columns that are not known to be wrong yet."""
        by_column = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
        for column, mistakes in by_column.items():
            if column not in self.errors or column == NON_FIELD_ERRORS:
                # What Django says of a slug in general, "invalid", is no help beside our own sentence on it.
                telling = [mistake for mistake in mistakes if mistake.code != "invalid"] or mistakes
                self.refuse(column, *(sentence for mistake in telling for sentence in mistake.messages))
