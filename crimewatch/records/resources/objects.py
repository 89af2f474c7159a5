"""Rows as objects of JSON: numbers, truths and lists as what they are, null for nothing; in Python and in SQL.

Tests hold the one against the other, byte by byte.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from .cells import split_list
from .expressions import composed
from .widgets import (
    BooleanWidget,
    ChoiceWidget,
    DecimalWidget,
    IntegerWidget,
    JSONWidget,
    KeysWidget,
    ListWidget,
)

# By Python


def json_lines(columns: Sequence[str], widgets: Sequence[Any], rows: Iterable[list[str]]) -> Iterator[str]:
    """An object for each row of cells, a line each. A number keeps its digits."""
    names = [json.dumps(name) for name in columns]
    writers = [_writer(widget) for widget in widgets]
    for row in rows:
        parts = (f"{name}: {write(cell)}" for name, write, cell in zip(names, writers, row, strict=True))
        yield f"{{{', '.join(parts)}}}\n"


def _writer(widget: Any) -> Callable[[str], str]:
    if is_list(widget):
        return lambda cell: json.dumps(split_list(cell), ensure_ascii=False)
    if _is_bare(widget):
        return lambda cell: cell or "null"
    return lambda cell: json.dumps(cell, ensure_ascii=False) if cell else "null"


def is_list(widget: Any) -> bool:
    """Whether the cells of a column are lists."""
    return isinstance(widget, ListWidget | KeysWidget)


def _is_bare(widget: Any) -> bool:
    """Whether the text of a cell is JSON already."""
    is_number = isinstance(widget, IntegerWidget | DecimalWidget) or (
        isinstance(widget, ChoiceWidget) and all(isinstance(value, int) for value in widget.values.values())
    )
    return is_number or isinstance(widget, BooleanWidget | JSONWidget)


# By the database


def json_value(widget: Any, text: str) -> str:
    """The expression for a cell that is no list, of the expression for its text."""
    if _is_bare(widget):
        return f"COALESCE(NULLIF({text}, ''), 'null')"
    return f"CASE WHEN {text} = '' THEN 'null' ELSE to_json({text})::text END"


def json_list(items: str) -> str:
    """The expression for a list; `items` is a query of its texts, one a row."""
    return f"'[' || array_to_string(ARRAY(SELECT to_json(item)::text FROM ({items}) AS listed (item)), ', ') || ']'"


def texts_of(value: str) -> str:
    """A query of the texts of an array. One that has a single empty text is an empty cell, and no list."""
    return (
        f"SELECT item FROM unnest({value}) WITH ORDINALITY AS listed (item, place)"
        f" WHERE {value}::text[] <> ARRAY[''] ORDER BY place"
    )


def json_object(columns: Sequence[str], values: Sequence[str]) -> str:
    """The expression for a whole row, of those for its values, none of them null."""
    before = ["{", *[", "] * (len(columns) - 1)]
    heads = [composed("%s", [f"{sign}{json.dumps(name)}: "]) for sign, name in zip(before, columns, strict=True)]
    parts = [part for pair in zip(heads, values, strict=True) for part in pair]
    return f"concat(VARIADIC ARRAY[{', '.join(parts)}, '}}'])"
