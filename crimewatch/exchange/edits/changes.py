"""What can be done with a column of many rows at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from crimewatch.exchange.catalog import Table
from crimewatch.records.resources.cells import join_list, split_list
from crimewatch.records.resources.constraints import unique_columns
from crimewatch.records.resources.widgets import CellWidget, ChoiceWidget, JSONWidget, KeysWidget, KeyWidget, ListWidget

#: What may be done with a cell; to add and to remove is for cells that hold several things.
WAYS = {"set": _("set it to"), "add": _("add"), "remove": _("take out"), "clear": _("empty it")}
#: Columns that tell a row from others, besides its key and what no two rows may share.
NAMES = frozenset({"name", "past_slugs"})


@dataclass(frozen=True)
class Change:
    """What is done with a column of each chosen row; ``value`` is written as in a cell."""

    column: str
    way: str
    value: str = ""

    @property
    def depends_on_the_cell(self) -> bool:
        """Whether the new cell is made of the one before."""
        return self.way in {"add", "remove"}

    def applied_to(self, cell: str) -> str:
        """The cell as it is afterwards."""
        if not self.depends_on_the_cell:
            return self.value
        before, given = (split_list(text) if text else [] for text in (cell, self.value))
        if self.way == "add":
            return join_list(dict.fromkeys((*before, *given)))
        return join_list(item for item in before if item not in given)


def editable_columns(tables: Sequence[Table]) -> dict[str, CellWidget]:
    """The columns that can be changed for rows of all ``tables`` at once, in the order of the first, with how their
    cells are read. They are those of the CSV files, without what tells one row from another."""
    first, *others = [_columns_of(table) for table in tables]
    return {
        name: widget
        for name, widget in first.items()
        if all(name in other and _are_alike(widget, other[name]) for other in others)
    }


def _columns_of(table: Table) -> dict[str, CellWidget]:
    resource = table.resource()
    unique = {column.name for column in unique_columns(resource.model, resource.key)[0]}
    left_out = {resource.key, *NAMES, *unique}
    columns = {name: resource.fields[name].widget for name in resource.columns if name not in left_out}
    return {name: widget for name, widget in columns.items() if not isinstance(widget, JSONWidget)}


def _are_alike(one: Any, other: Any) -> bool:
    """Whether the same text in a cell means the same."""
    if type(one) is not type(other):
        return False
    if isinstance(one, ChoiceWidget):
        return bool(one.values == other.values)
    return not isinstance(one, KeyWidget) or (one.model, one.among) == (other.model, other.among)


def ways_of(widget: CellWidget) -> Iterable[str]:
    """What can be done with the cells of a column."""
    if isinstance(widget, KeysWidget | ListWidget):
        yield from ("add", "remove")
    yield "set"
    if not widget.is_required:
        yield "clear"
