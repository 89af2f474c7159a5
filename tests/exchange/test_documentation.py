"""docs/csv-format.md says what the tables are now."""

import re

import pytest
from django.conf import settings

from crimewatch.exchange.catalog import TABLES, Table
from crimewatch.exchange.documentation import BEGIN, with_tables

PAGE = (settings.BASE_DIR / "docs" / "csv-format.md").read_text(encoding="utf-8")


def test_the_page_is_up_to_date() -> None:
    assert with_tables(PAGE) == PAGE, "run `manage.py document_tables`"


@pytest.mark.parametrize("table", TABLES, ids=[table.name for table in TABLES])
def test_every_column_of_every_table_is_documented_and_no_other(table: Table) -> None:
    pattern = rf"^## {re.escape(table.file_name)}\n(.*?)(?=^## |\Z)"
    (section,) = re.findall(pattern, PAGE, flags=re.MULTILINE | re.DOTALL)
    assert re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE) == list(table.resource().columns)


def test_no_table_is_documented_that_is_gone() -> None:
    assert re.findall(r"^## (\w+\.csv)$", PAGE, flags=re.MULTILINE) == [table.file_name for table in TABLES]


def test_what_is_written_by_hand_stays() -> None:
    assert with_tables(f"By hand.\n{BEGIN}\n\nold").startswith(f"By hand.\n{BEGIN}\n\n## sources.csv")


def test_a_page_without_the_marker_is_refused() -> None:
    with pytest.raises(ValueError, match="has no line"):
        with_tables("By hand.")
