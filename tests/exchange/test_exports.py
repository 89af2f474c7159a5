"""What the database writes as CSV is what Python writes, byte by byte, for every table and whatever its cells hold."""

import io
import json
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actors.models import Group
from actors.resources import GroupResource, PresenceResource
from crimewatch.exchange.catalog import TABLES, Table
from crimewatch.records.resources import CSVTable, Export, csv_line
from crimewatch.records.resources.cells import guard, join_list, split_list
from crimewatch.records.resources.expressions import cell_text, written
from crimewatch.records.resources.objects import json_lines, json_list, texts_of
from crimewatch.records.resources.widgets import ListWidget, TextWidget
from programs.resources import ProgramResource
from regions.models import Region
from regions.resources import RegionEstimateResource, RegionResource
from tests.exchange.packages import taken_back
from tests.exchange.test_round_trip import make_rows
from tests.exchange.values import texts
from tests.factories import make_agency, make_group, make_presence, make_program, make_region, make_region_estimate

pytestmark = pytest.mark.django_db

SPACES = [sign for sign in map(chr, range(0x110000)) if sign.isspace()]


def by_python(resource: Any, queryset: Any = None, columns: Sequence[str] | None = None) -> str:
    rows = resource.export_rows(queryset, columns)
    return "".join(map(csv_line, [list(columns or resource.columns), *rows]))


def by_the_database(resource: Any, queryset: Any = None, columns: Sequence[str] | None = None) -> str:
    return b"".join(resource.export_csv(queryset, columns)).decode()


def json_by_python(resource: Any, columns: Sequence[str]) -> str:
    widgets = [resource.widget_of(name) for name in columns]
    return "".join(json_lines(columns, widgets, resource.export_rows(columns=columns)))


def json_by_the_database(resource: Any, columns: Sequence[str]) -> str:
    return b"".join(Export(resource, columns).json()).decode()


@pytest.mark.parametrize("table", TABLES, ids=[table.name for table in TABLES])
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_table_is_written_byte_by_byte(table: Table, data: st.DataObject) -> None:
    with taken_back():
        make_rows(table, data)
        resource = table.resource()
        everything = [*resource.columns, *resource.name_columns]
        # Whatever the database leaves to Python would prove nothing.
        written = [name for name in everything if name != "outline"]
        for columns in (written, data.draw(st.permutations(written))[:3], everything):
            assert by_the_database(resource, columns=columns) == by_python(resource, columns=columns)
            assert json_by_the_database(resource, columns) == json_by_python(resource, columns)


def evaluated(expression: str, value: Any) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {expression.replace('%', '%%')} FROM (SELECT %s AS value) AS given", [value])
        text: str = cursor.fetchone()[0]
        return text


def nothing(*_: Any) -> str:
    raise AssertionError("no key stands here")


@settings(max_examples=150, deadline=None)
@given(items=st.lists(st.one_of(texts(), st.text(alphabet=[*SPACES, "a", "|", "\\"], max_size=4)), max_size=4))
def test_lists_are_joined_alike(items: list[str]) -> None:
    assert evaluated(cell_text(ListWidget(), "value::text[]", nothing), items) == join_list(items)


@pytest.mark.parametrize("sign", SPACES, ids=[f"U+{ord(sign):04X}" for sign in SPACES])
def test_every_kind_of_space_at_the_ends_of_an_item_is_marked(sign: str) -> None:
    for item in (sign, f"{sign}a", f"a{sign}", f"{sign}{sign}", f"a{sign}a"):
        assert evaluated(cell_text(ListWidget(), "value::text[]", nothing), [item]) == join_list([item])


@settings(max_examples=150, deadline=None)
@given(
    text=st.one_of(texts(), st.from_regex(r"\A[=+\-@\t\r'][0-9.\n]*\Z"), st.from_regex(r"\A-?[0-9]+(\.[0-9]+)?\n?\Z"))
)
def test_formulas_are_guarded_alike(text: str) -> None:
    assert (evaluated(written(TextWidget(), "value::text"), text) or "") == guard(text)


def test_columns_are_chosen_and_ordered() -> None:
    make_group(slug="clans", name="Clans", kind="family-clan")
    assert by_the_database(GroupResource(), columns=["kind", "slug"]) == "kind,slug\nfamily-clan,clans\n"
    with pytest.raises(ValueError, match="has no columns colour"):
        GroupResource().export_csv(columns=["slug", "colour"])


def test_names_stand_beside_keys_in_the_order_of_the_keys() -> None:
    agencies = [make_agency(slug="b", name="B|b"), make_agency(slug="a", name="Ñ, a")]
    make_program(slug="p", lead_agencies=agencies)
    columns = ["slug", "lead_agencies", "lead_agencies:name"]
    assert by_the_database(ProgramResource(), columns=columns) == (
        'slug,lead_agencies,lead_agencies:name\np,a|b,"Ñ, a|B\\|b"\n'
    )


def test_a_filtered_list_is_written_in_the_order_of_its_keys_whatever_the_order_of_the_list() -> None:
    for slug in ("c", "a", "b", "d"):
        make_group(slug=slug, name=f"100% {slug}", kind="street-gang" if slug != "d" else "family-clan")
    chosen = Group.objects.filter(kind="street-gang", name__contains="100%").order_by("-slug")
    assert by_the_database(GroupResource(), chosen, ["slug"]) == "slug\na\nb\nc\n"
    assert by_the_database(GroupResource(), Group.objects.none()) == ",".join(GroupResource().columns) + "\n"


def test_a_search_that_finds_a_row_twice_writes_it_once() -> None:
    group = make_group(slug="g")
    make_presence(group=group), make_presence(group=group)
    found = Group.objects.filter(presences__isnull=False)
    assert found.count() == 2
    assert by_the_database(GroupResource(), found, ["slug"]) == "slug\ng\n"


def test_values_that_only_python_writes_alike_are_written_by_it() -> None:
    ring = [[-70.0, 1e-7], [0, 1], [1, 1], [-70.0, 1e-7]]
    make_region(slug="a", outline={"type": "Polygon", "coordinates": [ring], "x": "a, b: c"})
    make_region(slug="b")
    assert by_the_database(RegionResource()) == by_python(RegionResource())
    assert "[-70.0,1e-07],[0,1]" in by_the_database(RegionResource())


def test_values_that_no_other_form_shows_are_objects_of_json_alike() -> None:
    signs = "".join(map(chr, range(1, 0x20))) + "\x7f\x85\u2028\"\\/'é\U0001f41f"
    make_group(slug="a", name=signs, aliases=[signs, "a|b"], founded="")
    make_group(slug="b", past_slugs=["c"])
    columns = [*GroupResource().columns]
    made = json_by_the_database(GroupResource(), columns)
    assert made == json_by_python(GroupResource(), columns)
    first, second = map(json.loads, made.rstrip("\n").split("\n"))  # other signs that end lines stand in them
    assert (first["name"], first["aliases"][0], first["founded"]) == (signs, signs, None)
    assert (second["aliases"], second["past_slugs"], second["is_collective"]) == ([], ["c"], False)


@pytest.mark.parametrize("items", [[], [""], ["", " "], ["a|b", "\\"], ['"', "\n"]])
def test_lists_of_json_are_those_that_their_cells_hold(items: list[str]) -> None:
    made = evaluated(json_list(texts_of("value::text[]")), items)
    assert made == json.dumps(split_list(join_list(items)))


def test_figures_are_written_plainly() -> None:
    make_region_estimate(uid="x", low="-0.5000", best="40441.1800", high="55000")
    columns = ["low", "best", "high", "is_derived", "credibility"]
    assert by_the_database(RegionEstimateResource(), columns=columns).splitlines()[1] == "-0.5,40441.18,55000,false,6"


def test_an_export_with_names_comes_back_unchanged() -> None:
    make_presence(uid="x", group=make_group(name="-Clan"), region=make_region(name=" 'Ñ"))
    resource = PresenceResource()
    content = b"".join(resource.export_csv(columns=[*resource.columns, *resource.name_columns]))
    result = PresenceResource().import_data(CSVTable(io.BytesIO(content), "presences.csv"))
    assert [str(problem) for problem in result.problems] == []
    assert result.totals["skip"] == 1
    assert Region.objects.count() == 1
