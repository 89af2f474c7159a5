"""The list of tables is complete, in an order that works, and none of a table's columns is forgotten."""

import pytest
from django.apps import apps

from crimewatch.citations.models import Claim
from crimewatch.exchange.catalog import TABLES, Table
from crimewatch.records.models import Record
from crimewatch.records.resources.widgets import KeyWidget

NOT_IN_CSV = {"id", "created_at", "updated_at", "file", "file_sha256"}
every_table = pytest.mark.parametrize("table", TABLES, ids=[table.name for table in TABLES])


def test_every_kind_of_record_and_claim_has_one_table() -> None:
    kinds = [model for model in apps.get_models() if issubclass(model, Record | Claim) and not model._meta.proxy]
    assert sorted(table.model.__name__ for table in TABLES) == sorted(kind.__name__ for kind in kinds)
    assert len({table.name for table in TABLES}) == len(TABLES)


def test_each_table_comes_after_those_that_it_refers_to() -> None:
    models = [table.model for table in TABLES]
    for place, table in enumerate(TABLES):
        resource = table.resource()
        for name in resource.reference_columns:
            widget = resource.fields[name].widget
            assert isinstance(widget, KeyWidget)
            assert models.index(widget.model) <= place


@every_table
def test_every_field_that_a_person_fills_in_has_a_column(table: Table) -> None:
    meta = table.model._meta
    fields = {field.name for field in [*meta.concrete_fields, *meta.many_to_many] if not field.generated}
    assert set(table.resource().columns) == fields - NOT_IN_CSV


@every_table
def test_a_column_stands_once_and_the_key_first(table: Table) -> None:
    resource = table.resource()
    assert len(set(resource.columns)) == len(resource.columns)
    assert resource.columns[0] == resource.key
    assert list(resource.get_export_headers()) == list(resource.columns)


@every_table
def test_a_resource_takes_at_most_three_steps_from_the_librarys(table: Table) -> None:
    steps = [kind.__name__ for kind in table.resource.__mro__ if not kind.__module__.startswith("import_export")]
    assert len(steps) - 1 <= 3, steps  # the last of them is `object`
