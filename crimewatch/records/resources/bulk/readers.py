"""From the text in a cell to what COPY takes, by the widgets and validators of the row engine, once for each value."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import connection, models

from crimewatch.records.resources.cells import is_text
from crimewatch.records.resources.exports import names_text
from crimewatch.records.resources.keys import BlockedError, Later
from crimewatch.records.resources.widgets import TextWidget

#: Stands for a cell that the row engine has to look at. COPY knows no such text.
DOUBTFUL = "\0"
NULL = r"\N"

#: Values are remembered by column: so many, none longer than this, so that memory does not grow with the file.
MOST_REMEMBERED = 20_000
LONGEST_REMEMBERED = 200

_ESCAPED = re.compile(r"[\\\t\n\r]")
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_PLAIN_TEXTS = (models.CharField, models.TextField)


class CellReader(dict[str, str]):
    """For the text of any cell of a column, what COPY takes for its value, or `DOUBTFUL`.

    Whatever the row engine would say against the cell itself makes it doubtful.
    """

    def __init__(self, field: Any, widget: Any, pk_of: Callable[[str], int]) -> None:
        super().__init__()
        self.field, self.widget, self.pk_of = field, widget, pk_of
        self.has_doubts = False

    def __missing__(self, cell: str) -> str:
        text = self.read(cell)
        if text is DOUBTFUL:
            self.has_doubts = True
        if len(cell) <= LONGEST_REMEMBERED:
            if len(self) >= MOST_REMEMBERED:
                self.clear()
            self[cell] = text
        return text

    def read(self, cell: str) -> str:
        try:
            return self.written(self.judged(self.widget.clean(cell)))
        except (ValidationError, BlockedError):
            return DOUBTFUL

    def judged(self, value: Any) -> Any:
        """The value as the model's own validation leaves it; references are judged by their widgets alone."""
        field = self.field
        if field.is_relation or (field.blank and value in field.empty_values):
            return value
        return field.clean(value, None)

    def written(self, value: Any) -> str:
        if isinstance(self.field, models.JSONField):
            return self.written_json(value)
        if isinstance(value, (list, frozenset)):
            return self.written_list(value)
        return copied(self.pk_of(value.key) if isinstance(value, Later) else value)

    def written_list(self, values: Any) -> str:
        if isinstance(values, frozenset):
            numbers = sorted(self.pk_of(value.key) if isinstance(value, Later) else value for value in values)
            return "{" + ",".join(map(str, numbers)) + "}"
        return copied("{" + ",".join(_quoted(value) for value in values) + "}")

    def written_json(self, value: Any) -> str:
        if value is None:
            return NULL
        text = json.dumps(value)
        return DOUBTFUL if r"\u0000" in text else copied(text)


class TextReader(CellReader):
    """The cells of a column of text about which nothing but its length can be wrong."""

    def read(self, cell: str) -> str:
        if len(cell) > self.longest or not is_text(cell) or (self.widget.is_required and not cell.strip()):
            return DOUBTFUL
        return cell.translate(_ESCAPES) if _ESCAPED.search(cell) else cell

    @property
    def longest(self) -> int:
        return self.field.max_length or 2**30


class KeyReader(CellReader):
    """The cells of the column that names the rows. A stored row has its key whatever the file's says of its form."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        #: Keys that no new row may have.
        self.unfit: set[str] = set()

    def read(self, cell: str) -> str:
        key = cell.strip()
        if not is_text(key):
            return DOUBTFUL
        text = copied(key)
        try:
            self.judged(self.widget.clean(cell))
        except ValidationError:
            self.unfit.add(text)
        return text


class NameReader(dict[tuple[str, str], bool]):
    """For a cell with keys and the one with names beside it, whether the row engine has to look at them."""

    def __init__(self, resource: Any, column: str, place: int, place_of_keys: int | None) -> None:
        super().__init__()
        self.column, self.place, self.place_of_keys = resource.fields[column], place, place_of_keys

    def __missing__(self, cells: tuple[str, str]) -> bool:
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        self[cells] = is_doubtful = self._is_doubtful(*cells)
        return is_doubtful

    def _is_doubtful(self, keys: str, names: str) -> bool:
        if not names.strip():
            return False
        try:
            return names.strip() != names_text(self.column, self.column.widget.clean(keys)).strip()
        except (ValidationError, BlockedError, LookupError, AttributeError, TypeError):
            return True  # a mistake in the keys, or a record that is not stored yet

    def doubtful(self, cells: Sequence[Sequence[str]]) -> Iterator[int]:
        """The places of the rows that the row engine has to look at, of rows given by their columns."""
        names = cells[self.place]
        if self.place_of_keys is None:
            return (at for at, name in enumerate(names) if name.strip())
        return (at for at, pair in enumerate(zip(cells[self.place_of_keys], names, strict=True)) if self[pair])


def reader_for(field: Any, widget: Any, pk_of: Callable[[str], int], *, is_key: bool) -> CellReader:
    """The reader of a column. `pk_of` gives the primary key kept for a record that stands in the file itself."""
    if is_key:
        return KeyReader(field, widget, pk_of)
    is_plain = (
        type(widget) is TextWidget
        and type(field) in _PLAIN_TEXTS
        and all(type(validator) is MaxLengthValidator for validator in field.validators)
    )
    return (TextReader if is_plain else CellReader)(field, widget, pk_of)


def copied(value: Any) -> str:
    """A value of a simple type in the text format of COPY."""
    if value is None:
        return NULL
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, Decimal):
        return f"{value:f}"
    text = str(value)
    return text.translate(_ESCAPES) if _ESCAPED.search(text) else text


def _quoted(item: str) -> str:
    """An item as it stands in the literal of an array."""
    escaped = item.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def default_of(field: Any) -> Any:
    """What a new row has in a column that its file does not mention, as a parameter of a query."""
    return field.get_db_prep_save(field.get_default(), connection)
