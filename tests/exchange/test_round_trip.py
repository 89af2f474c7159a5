"""Export, import into an empty database, export: the same bytes, for every table and whatever its cells hold."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.db import models
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crimewatch.exchange.catalog import TABLES, Table
from crimewatch.exchange.dataset import export_package, import_package
from regions.models import Region, RegionKind
from tests.exchange.packages import contents, empty_the_database, taken_back
from tests.exchange.values import rows
from tests.kinds import make

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as name:
        yield Path(name)


def make_rows(table: Table, data: st.DataObject) -> None:
    """Up to three rows of a table, which refer to records made for them or to earlier rows of their own table."""
    earlier: list[Any] = []
    for number in range(1, data.draw(st.integers(1, 3)) + 1):
        values = data.draw(rows(table, number))
        for name in table.resource().reference_columns:
            values |= reference(table, name, earlier, data)
        if table.name == "targets" and not any(values.get(name) for name in ("activity", "region", "group")):
            values["region"] = make(Region)
        earlier.append(make(table.model, **values))


def reference(table: Table, name: str, earlier: list[Any], data: st.DataObject) -> dict[str, Any]:
    """What the field `name` refers to; nothing for one that the helper fills in."""
    field = table.model._meta.get_field(name)
    related = field.related_model
    if isinstance(field, models.ManyToManyField):
        others = earlier if related is table.model else [make(related), make(related)]
        return {name: [record for record in others if data.draw(st.booleans())]}
    if not field.null:
        return {}
    if related is table.model:
        return {name: data.draw(st.sampled_from([None, *earlier]))}
    kind = {"kind": RegionKind.COUNTRY} if field.get_limit_choices_to() else {}
    return {name: make(related, **kind) if data.draw(st.booleans()) else None}


@pytest.mark.parametrize("table", TABLES, ids=[table.name for table in TABLES])
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_table_comes_back_byte_by_byte(folder: Path, table: Table, data: st.DataObject) -> None:
    with taken_back():
        make_rows(table, data)
        filled = [each for each in TABLES if each.model.objects.exists()]
        export_package(folder / "one", filled)
        empty_the_database()
        report = import_package(folder / "one")
        assert list(report.problems()) == []
        export_package(folder / "two", filled)
        assert contents(folder / "one") == contents(folder / "two")
        again = import_package(folder / "two")
        assert sum(each.new + each.changed for each in again.tables) == 0
