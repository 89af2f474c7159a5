"""Files to fill in: the header of a table, rows of it as examples, and which values its cells take."""

import io
from itertools import islice
from typing import Any

from openpyxl import Workbook

from crimewatch.exchange.catalog import Table
from crimewatch.exchange.documentation import values
from crimewatch.records.resources import csv_line
from crimewatch.records.resources.widgets import ChoiceWidget, DecimalWidget, IntegerWidget

from .selection import Exported, Selection
from .writing import cell_of, heading, save

EXAMPLES = 3
#: The sheet that says what the cells take; an import passes over it.
VALUES = "values"


def template_csv(table: Table) -> bytes:
    """The header alone."""
    return csv_line(table.resource().columns).encode()


def template_workbook(table: Table, user: Any) -> bytes:
    """A sheet with the header and, as examples, some rows that are stored: importing these again changes nothing.

    On a second sheet stands each column with the values that it takes and what they mean.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(table.name)
    sheet.freeze_panes = "A2"
    (exported,) = Selection.of([table.name], form="xlsx").rows(user)
    columns = exported.resource.columns
    sheet.append([heading(sheet, name) for name in columns])
    for number, row in enumerate(islice(_examples(exported), EXAMPLES), start=2):
        sheet.append(
            [
                cell_of(sheet, text, name, number, is_number=isinstance(_widget(exported, name), NUMBERS))
                for name, text in zip(columns, row, strict=True)
            ]
        )
    explained = book.create_sheet(VALUES)
    explained.append([heading(explained, name) for name in ("column", "value", "meaning")])
    for name in columns:
        for value, meaning in _values(exported, name):
            explained.append([cell_of(explained, text, name, 0) for text in (name, value, meaning)])
    file = io.BytesIO()
    save(book, file)
    return file.getvalue()


NUMBERS = (IntegerWidget, DecimalWidget)


def _examples(exported: Exported) -> Any:
    """The rows that were changed last: of those somebody has just seen that they are right."""
    pks = exported.queryset.order_by("-updated_at").values_list("pk", flat=True)[:EXAMPLES]
    return exported.resource.export_rows(exported.queryset.filter(pk__in=list(pks)))


def _widget(exported: Exported, name: str) -> Any:
    return exported.resource.fields[name].widget


def _values(exported: Exported, name: str) -> list[tuple[str, str]]:
    field = exported.resource.model._meta.get_field(name)
    widget = _widget(exported, name)
    if isinstance(widget, ChoiceWidget):
        labels = dict(field.flatchoices)
        return [(text, str(labels[value])) for text, value in widget.values.items()]
    return [("", values(exported.resource, name).replace("`", "").replace("\\|", "|"))]
