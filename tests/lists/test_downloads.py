"""Files hold the rows and columns of the screen, no formulas, and nothing where nothing fits."""

import io
import json

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from tests.factories import (
    make_group,
)
from tests.kinds import RECORDS, make, make_claim_about
from tests.listing import ADDRESSES, columns_of, rows

pytestmark = pytest.mark.django_db


def test_downloads_hold_the_same_rows_and_no_formulas(researcher):
    make_group(name="=HYPERLINK(1)", aliases=["A", "B"], slug="formula")
    make_group(name="Plain\x0bname")
    query = {"columns": "name,slug,aliases", "sort": "slug"}
    as_csv = rows(researcher, "actors:group_list", **query)
    as_json = json.loads(b"".join(researcher.get("/groups/", {**query, "format": "json"})))
    sheet = load_workbook(io.BytesIO(b"".join(researcher.get("/groups/", {**query, "format": "xlsx"})))).active
    assert as_csv[0] == {"name": "'=HYPERLINK(1)", "slug": "formula", "aliases": "A, B"}
    assert as_json[0] == {"name": "=HYPERLINK(1)", "slug": "formula", "aliases": "A, B"}
    assert [cell.value for cell in sheet[1]] == ["name", "slug", "aliases"]
    assert (sheet["A2"].value, sheet["A2"].data_type) == ("=HYPERLINK(1)", "s")
    assert len(as_csv) == len(as_json) == sheet.max_row - 1 == 2


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_empty_list_downloads_an_empty_file_with_its_header(researcher, address):
    query = {"q": "nothing is called this"}
    text = b"".join(researcher.get(reverse(address), {**query, "format": "csv"})).decode()
    assert text.count("\n") == 1
    assert json.loads(b"".join(researcher.get(reverse(address), {**query, "format": "json"}))) == []
    book = load_workbook(io.BytesIO(b"".join(researcher.get(reverse(address), {**query, "format": "xlsx"}))))
    assert book.active.max_row == 1


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_column_of_full_rows_downloads_in_every_form(researcher, address):
    for model in RECORDS:
        make_claim_about(make(model))
    query = {"columns": ",".join(columns_of(researcher, address))}
    counts = {
        len(rows(researcher, address, **query)),
        len(json.loads(b"".join(researcher.get(reverse(address), {**query, "format": "json"})))),
        load_workbook(
            io.BytesIO(b"".join(researcher.get(reverse(address), {**query, "format": "xlsx"})))
        ).active.max_row
        - 1,
    }
    assert len(counts) == 1
    assert counts != {0}
