"""Keys in a file that no record has: which may be meant, and drafts of those that are to be made."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.text import capfirst, slugify

from crimewatch.exchange.catalog import TABLES, TABLES_BY_NAME, Table
from crimewatch.exchange.models import ImportBatch
from crimewatch.exchange.sources.spool import spooled
from crimewatch.records.models import Status, validate_slug
from crimewatch.records.resources.cells import split_list
from crimewatch.records.resources.widgets import ChoiceWidget, KeysWidget, KeyWidget

#: So many unknown keys are asked for; those that stand there most often first.
MOST_ASKED = 100
#: For so many of them the database looks for records that may be meant.
MOST_SEARCHED = 30
NEAREST = 5

#: Values of the problems of bad rows, by table and column.
VALUES = """
    SELECT "table", problem ->> 0, problem ->> 1, count(*)
    FROM exchange_previewrow CROSS JOIN LATERAL jsonb_array_elements(problems) AS problem
    WHERE batch_id = %s AND kind = 'bad' AND coalesce(problem ->> 1, '') <> ''
    GROUP BY 1, 2, 3 ORDER BY count(*) DESC, 1, 2, 3 LIMIT 2000
"""


@dataclass
class UnknownKey:
    """A text in a column that should name a record of the table `target`; `nearest` are pairs of key and name."""

    table: str
    column: str
    text: str
    target: str
    rows: int
    nearest: list[tuple[str, str]]


def unknown_keys(batch: ImportBatch) -> list[UnknownKey]:
    """The unknown keys of a preview, the frequent ones first."""
    with connection.cursor() as cursor:
        cursor.execute(VALUES, [batch.pk])
        values = cursor.fetchall()
    asked: dict[tuple[str, str, str], UnknownKey] = {}
    for table, column, value, rows in values:
        widget = widget_of(table, column)
        for text in texts_of(widget, value) if widget else ():
            target = table_of(widget.model).name
            found = asked.setdefault((table, column, text), UnknownKey(table, column, text, target, 0, []))
            found.rows += rows
    user = batch.user
    known = {
        target: known_in(TABLES_BY_NAME[target], user, {each.text for each in asked.values() if each.target == target})
        for target in {each.target for each in asked.values()}
    }
    unknown = [each for each in asked.values() if each.text not in known[each.target]]
    unknown = sorted(unknown, key=lambda each: -each.rows)[:MOST_ASKED]
    for each in unknown[:MOST_SEARCHED]:
        each.nearest = list(nearest(TABLES_BY_NAME[each.target], user, each.text))
    return unknown


def visible_in(table: Table, user: Any) -> Any:
    """The records of a table that a person may see; all of them for whoever has the command line."""
    return table.model.objects.all() if user is None else table.model.objects.visible_to(user)


def known_in(table: Table, user: Any, texts: set[str]) -> set[str]:
    """The texts that are keys of the table, present or past, of records that the person may see."""
    records = visible_in(table, user).having_slug(texts).order_by()
    return {key for slug, past in records.values_list("slug", "past_slugs") for key in (slug, *past)}


def widget_of(table: str, column: str) -> Any:
    """The widget of a column that names records; None for any other."""
    resource = TABLES_BY_NAME[table].resource() if table in TABLES_BY_NAME else None
    if resource is None or column not in resource.reference_columns:
        return None
    return resource.fields[column].widget


def texts_of(widget: KeyWidget, value: str) -> list[str]:
    return split_list(value) if isinstance(widget, KeysWidget) else [value.strip()]


def table_of(model: type) -> Table:
    return next(table for table in TABLES if table.model is model)


def nearest(table: Table, user: Any, text: str) -> Iterator[tuple[str, str]]:
    """Records whose name, other names or key look like `text`, the likest first."""
    for record in visible_in(table, user).search(text.replace("-", " "))[:NEAREST]:
        yield record.slug, str(record)


# Drafts


def required_choices(table: Table) -> dict[str, list[tuple[str, str]]] | None:
    """The columns that a new record needs besides key and name, with their values.

    None where it needs more than choices: a record with a reference or a date cannot be made from its key alone.
    """
    resource = table.resource()
    found = {}
    for name in resource.columns:
        if name not in resource.required_columns or name in {"slug", "name"}:
            continue
        widget = resource.fields[name].widget
        if not isinstance(widget, ChoiceWidget):
            return None
        labels = dict(resource.model._meta.get_field(name).flatchoices)
        found[name] = [(text, str(labels[value])) for text, value in widget.values.items()]
    return found


def draft_of(text: str, choices: Mapping[str, str]) -> dict[str, str]:
    """The row of a draft that is made from what a file calls it."""
    is_key = re.fullmatch(validate_slug.regex, text) is not None
    name = capfirst(text.replace("-", " ")) if is_key else text
    key = text if is_key else slugify(text).replace("_", "-")[:90].strip("-")
    return {"slug": key, "name": name, "status": Status.DRAFT.value, **choices}


def drafts(table: Table, rows: Sequence[Mapping[str, str]], into: ExitStack) -> Any:
    """A source of drafts for a table of which the files hold nothing."""
    header = list(dict.fromkeys(name for row in rows for name in row))
    return spooled(table.file_name, [header, *([row.get(name, "") for name in header] for row in rows)], into)
