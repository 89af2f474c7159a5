"""The texts of cells as SQL: what the widgets and `cells` make of a value, said once more for the database.

Tests hold each of them against its counterpart in Python, byte by byte.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection

from .cells import GUARD, RISKY
from .widgets import (
    BooleanWidget,
    CellWidget,
    ChoiceWidget,
    DecimalWidget,
    IntegerWidget,
    JSONWidget,
    KeyWidget,
    ListWidget,
)

#: Gives the key of the record of a model whose primary key an expression yields.
KeyOf = Callable[[Any, str], str]

# What Python's `strip` takes for space.
_SPACES = r"\t\n\u000B\f\r\u001C\u001D\u001E\u001F \u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000"
_FIRST_SPACE, _LAST_SPACE = f"'^([{_SPACES}])'", f"'([{_SPACES}])$'"


def cell_text(widget: CellWidget, value: str, key_of: KeyOf) -> str:
    """The expression for what `widget` renders of `value`, an expression of the type of its column: never null."""
    if isinstance(widget, KeyWidget):
        return f"COALESCE({key_of(widget.model, value)}, '')"
    if isinstance(widget, BooleanWidget):
        return f"CASE WHEN {value} THEN 'true' WHEN NOT {value} THEN 'false' ELSE '' END"
    if isinstance(widget, DecimalWidget):
        return f"COALESCE(trim_scale({value})::text, '')"
    if isinstance(widget, ListWidget):
        return _joined(value)
    return f"COALESCE({value}::text, '')"


def key_texts(records: str) -> str:
    """The expression for several keys in one cell; `records` is a query of a column `slug`."""
    return f"""COALESCE((SELECT string_agg(slug, '|' ORDER BY slug COLLATE "C") FROM ({records}) AS named), '')"""


def name_texts(records: str) -> str:
    """The expression for several names in one cell, in the order of the keys; a query of `slug` and `name`."""
    items = f"""SELECT {_escaped("name")} FROM ({records}) AS named ORDER BY slug COLLATE "C\""""
    return f"array_to_string(ARRAY({items}), '|')"


def written(widget: CellWidget | None, text: str) -> str:
    """The expression for what `guard` makes of the text of a cell, null where it is empty; without a widget, of any."""
    if widget and not _can_be_risky(widget):
        return f"NULLIF({text}, '')"
    # Most texts begin with a letter, behind all that is risky: they are looked at once. The sign of no text is 0.
    sign, guard = f"ascii({text})", composed("%s", [GUARD])
    risky = ", ".join(str(ord(each)) for each in RISKY)
    return (
        f"CASE WHEN {sign} > {max(map(ord, RISKY))} THEN {text} WHEN {text} = '' THEN NULL"
        f" WHEN {sign} IN ({risky}) AND {text} !~ '^-?[0-9]+(\\.[0-9]+)?$' THEN {guard} || {text} ELSE {text} END"
    )


def _can_be_risky(widget: CellWidget) -> bool:
    """Whether a cell may begin like a formula: numbers, truths and keys do not."""
    if isinstance(widget, ChoiceWidget):
        return any(text.startswith(RISKY) for text in widget.values)
    return not isinstance(widget, KeyWidget | BooleanWidget | DecimalWidget | IntegerWidget)


def _joined(value: str) -> str:
    """What `join_list` makes of an array of texts."""
    items = f"SELECT {_escaped('item')} FROM unnest({value}) WITH ORDINALITY AS listed (item, place) ORDER BY place"
    return f"CASE WHEN cardinality({value}) > 0 THEN array_to_string(ARRAY({items}), '|') ELSE '' END"


def _escaped(item: str) -> str:
    """An item of a list as it is written between the others."""
    inner = rf"replace(replace({item}, '\', '\\'), '|', '\|')"
    first = rf"regexp_replace({inner}, {_FIRST_SPACE}, '\\\1')"
    return rf"CASE WHEN length({inner}) > 1 THEN regexp_replace({first}, {_LAST_SPACE}, '\\\1') ELSE {first} END"


def composed(statement: str, parameters: Sequence[Any]) -> str:
    """A statement with its parameters in it, for COPY, which takes none."""
    operations: Any = connection.ops  # of PostgreSQL
    text: str = operations.compose_sql(statement, parameters)
    return text


def is_writable(widget: CellWidget) -> bool:
    """Whether the database writes a value as Python does. It does not do so with the numbers and spaces of JSON."""
    return not isinstance(widget, JSONWidget)
