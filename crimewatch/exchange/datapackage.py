"""The description that travels with a package: Frictionless Data Package, tables with their columns, rules and keys.

Specification: https://specs.frictionlessdata.io/tabular-data-package/
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils import translation

from crimewatch.exchange.catalog import TABLES, Table
from crimewatch.records.resources import TableResource
from crimewatch.records.resources.widgets import (
    BooleanWidget,
    CellWidget,
    ChoiceWidget,
    DecimalWidget,
    IntegerWidget,
    JSONWidget,
    KeyWidget,
)

DESCRIPTOR = "datapackage.json"
PACKAGE_NAME = "crimewatch"
PACKAGE_TITLE = "CrimeWatch: organised crime, claim by claim"


def descriptor_of(tables: Iterable[Table], *, with_names: bool = False) -> str:
    """`datapackage.json` for a package of `tables`, each with all its columns: the same text for the same tables."""
    columns = {table: columns_of(table.resource(), with_names=with_names) for table in tables}
    return descriptor_of_files(columns, name=PACKAGE_NAME, title=PACKAGE_TITLE)


def columns_of(resource: TableResource, *, with_names: bool) -> Sequence[str]:
    """All columns of a table, with names for people behind those with keys or without."""
    return resource.every_column if with_names else resource.columns


def descriptor_of_files(files: Mapping[Table, Sequence[str]], *, name: str, title: str) -> str:
    """`datapackage.json` for a package of one file for each table, with the columns that stand in its header."""
    # A file without the columns of a new row only changes records that another package brings: it need not hold all of
    # those that are referred to.
    complete = {table for table, columns in files.items() if table.resource().required_columns <= set(columns)}
    with translation.override("en"):
        package = {
            "profile": "tabular-data-package",
            "name": name,
            "title": title,
            "resources": [resource_of(table, columns, complete) for table, columns in files.items()],
        }
    return json.dumps(package, ensure_ascii=False, indent=2) + "\n"


def resource_of(table: Table, columns: Sequence[str], targets: Collection[Table]) -> dict[str, Any]:
    """The file of `table` with these `columns`, of which those that name a record of `targets` are foreign keys."""
    resource = table.resource()
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "path": table.file_name,
        "title": str(table.model._meta.verbose_name_plural),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": {
            "fields": [field_of(resource, name) for name in columns],
            "missingValues": [""],
            "primaryKey": resource.key,
            "foreignKeys": foreign_keys(resource, columns, targets),
        },
    }


def field_of(resource: TableResource, name: str) -> dict[str, Any]:
    if name in resource.name_columns:
        return name_field_of(resource, name)
    field = resource.model._meta.get_field(name)
    widget = resource.fields[name].widget
    described: dict[str, Any] = {"name": name, "type": type_of(widget), "title": str(field.verbose_name)}
    if field.help_text:
        described["description"] = str(field.help_text)
    rules = constraints(field, widget, is_key=name == resource.key)
    return {**described, "constraints": rules} if rules else described


def name_field_of(resource: TableResource, name: str) -> dict[str, Any]:
    keys = resource.name_columns[name]
    title = f"{resource.model._meta.get_field(keys).verbose_name}, by name"
    about = f"For people: the names of the records whose keys stand in {keys}. An import checks them and uses the keys."
    return {"name": name, "type": "string", "title": title, "description": about}


def type_of(widget: CellWidget) -> str:
    """The type of a cell as Frictionless names it. Lists and dates in EDTF are texts to it."""
    if isinstance(widget, ChoiceWidget):
        return "integer" if all(isinstance(value, int) for value in widget.values.values()) else "string"
    types: dict[type[CellWidget], str] = {
        BooleanWidget: "boolean",
        IntegerWidget: "integer",
        DecimalWidget: "number",
        JSONWidget: "object",
    }
    return next((name for kind, name in types.items() if isinstance(widget, kind)), "string")


def constraints(field: Any, widget: CellWidget, *, is_key: bool) -> dict[str, Any]:
    """What a cell must be. The length of texts is left out: the guard against formulas may add a character."""
    found: dict[str, Any] = {}
    if widget.is_required or is_key:
        found["required"] = True
    if is_key:
        found["unique"] = True
    if isinstance(widget, ChoiceWidget):
        found["enum"] = list(widget.values.values())
        return found
    if isinstance(field, models.PositiveIntegerField | models.PositiveSmallIntegerField):
        found["minimum"] = 0
    for validator in getattr(field, "validators", []):
        if type(validator) is RegexValidator:  # and not one for addresses, whose pattern is no reading
            found["pattern"] = pattern_of(validator)
        elif isinstance(validator, MinValueValidator):
            found["minimum"] = max(validator.limit_value, found.get("minimum", validator.limit_value))
        elif isinstance(validator, MaxValueValidator) and not isinstance(field, models.IntegerField):
            found["maximum"] = validator.limit_value
    return found


def pattern_of(validator: Any) -> str:
    """The regular expression, which in Frictionless is for the whole cell without saying so."""
    pattern: str = validator.regex.pattern
    return pattern.removeprefix(r"\A").removesuffix(r"\Z")


def foreign_keys(resource: TableResource, columns: Sequence[str], targets: Collection[Table]) -> list[dict[str, Any]]:
    """Those of `columns` that name one record of a table among `targets`. Frictionless has no keys in lists."""
    found = []
    for name in columns:
        widget = resource.widget_of(name)
        if name in resource.name_columns or not isinstance(widget, KeyWidget) or resource.fields[name].is_many:
            continue
        target = next(table for table in TABLES if table.model is widget.model)
        if target in targets:
            own = target.model is resource.model
            found.append({"fields": name, "reference": {"resource": "" if own else target.name, "fields": "slug"}})
    return found
