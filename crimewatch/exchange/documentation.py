"""The part of docs/csv-format.md that is made from the tables themselves, so that it cannot go stale."""

from typing import Any

from django.utils import translation

from crimewatch.exchange.catalog import TABLES, Table
from crimewatch.records.fields import EDTFField
from crimewatch.records.resources import TableResource
from crimewatch.records.resources.widgets import (
    BooleanWidget,
    ChoiceWidget,
    DecimalWidget,
    IntegerWidget,
    JSONWidget,
    KeysWidget,
    KeyWidget,
    ListWidget,
)

BEGIN = "<!-- Made by `manage.py document_tables`: what is changed below this line is lost. -->"

VALUES = {
    ListWidget: "texts with `|` between them",
    BooleanWidget: "`true` or `false`",
    IntegerWidget: "a whole number",
    DecimalWidget: "a number",
    JSONWidget: "JSON",
}


def with_tables(page: str) -> str:
    """`page` with its part below the marker made anew."""
    written, marker, _old = page.partition(BEGIN)
    if not marker:
        raise ValueError(f"The page has no line {BEGIN}")
    return f"{written}{BEGIN}\n\n{all_tables()}"


def all_tables() -> str:
    with translation.override("en"):
        return "\n".join(table_in_words(table) for table in TABLES)


def table_in_words(table: Table) -> str:
    """A heading, what a row of the table is, and a line for each column."""
    resource = table.resource()
    about = " ".join((table.model.__doc__ or "").split()).replace("``", "`")
    rows = [
        f"| `{name}` | {escaped(meaning(resource, name))} | {escaped(values(resource, name))} |"
        for name in resource.columns
    ]
    return "\n".join([f"## {table.file_name}", "", about, "", "| column | what | values |", "|---|---|---|", *rows, ""])


def meaning(resource: TableResource, name: str) -> str:
    field = resource.model._meta.get_field(name)
    title, explanation = str(field.verbose_name), str(field.help_text)
    return f"**{title}**. {explanation}" if explanation else f"**{title}**"


def values(resource: TableResource, name: str) -> str:
    """What may stand in the cells of a column."""
    field = resource.model._meta.get_field(name)
    widget = resource.fields[name].widget
    if name == resource.key:
        return "the key of the row; left empty, it is made"
    described = kind_of_value(field, widget)
    return f"{described}; never empty" if widget.is_required else described


def kind_of_value(field: Any, widget: Any) -> str:
    if isinstance(widget, ChoiceWidget):
        return "one of " + ", ".join(f"`{value}`" for value in widget.values)
    if isinstance(widget, KeyWidget):
        file_name = next(table.file_name for table in TABLES if table.model is widget.model)
        several = isinstance(widget, KeysWidget)
        return f"keys in {file_name} with `|` between them" if several else f"a key in {file_name}"
    if isinstance(field, EDTFField):
        return "a date in EDTF"
    text = f"text of up to {field.max_length} characters" if getattr(field, "max_length", None) else "text"
    return next((words for kind, words in VALUES.items() if isinstance(widget, kind)), text)


def escaped(cell: str) -> str:
    """A bar would end the cell, as it does in Markdown even within backquotes."""
    return cell.replace("|", r"\|")
