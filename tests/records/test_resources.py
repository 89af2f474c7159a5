"""What an import does with the rows of one table, and everything that it says of bad ones."""

import io
from collections.abc import Callable
from typing import Any

import pytest
import tablib
from django.db import connection
from django.test.utils import CaptureQueriesContext

from actors.models import Group, Person, Presence
from actors.resources import (
    GroupResource,
    InvolvementResource,
    MembershipResource,
    PersonResource,
    PresenceResource,
    RelationResource,
)
from crimewatch.citations.models import Source
from crimewatch.citations.resources import IndicatorResource, SourceResource
from crimewatch.records.models import Status
from crimewatch.records.resources import CSVTable, TableResource, TableResult, csv_line
from programs.models import Program
from programs.resources import AgencyResource, MilestoneResource, ProgramResource, TargetResource
from regions.models import Region, RegionEstimate
from regions.resources import (
    OccurrenceResource,
    RegionEstimateResource,
    RegionResource,
    RouteLegResource,
)
from tests.factories import (
    make_activity,
    make_agency,
    make_group,
    make_group_citation,
    make_indicator,
    make_person,
    make_presence,
    make_program,
    make_region,
    make_region_citation,
    make_region_estimate,
    make_route,
    make_source,
)
from tests.kinds import transaction_to_its_end
from tests.people import make_researcher

pytestmark = pytest.mark.django_db


def imported(resource: type[TableResource], text: str, **options: Any) -> TableResult:
    table = CSVTable(io.BytesIO(text.encode()), "test.csv")
    return resource().import_data(table, **options)


def problems(resource: type[TableResource], text: str, **options: Any) -> list[str]:
    """What is said of the rows, none of which is then stored."""
    count = resource._meta.model.objects.count()
    result = imported(resource, text, **options)
    assert result.problems, "the rows were stored"
    assert resource._meta.model.objects.count() == count
    return [str(problem) for problem in result.problems]


def totals(result: TableResult) -> tuple[int, int, int]:
    """How many rows were new, changed and unchanged."""
    assert [str(problem) for problem in result.problems] == []
    return result.totals["new"], result.totals["update"], result.totals["skip"]


# What a row does


def test_a_row_with_a_key_that_is_not_stored_is_new() -> None:
    assert totals(imported(RegionResource, "slug,name,kind\npuno,Puno,department\n")) == (1, 0, 0)
    region = Region.objects.get()
    assert (region.slug, region.name, region.kind, region.status) == ("puno", "Puno", "department", Status.DRAFT)


def test_a_row_that_says_what_is_stored_is_unchanged_and_not_touched() -> None:
    region = make_region(slug="puno", name="Puno", aliases=["Altiplano"], latitude="-15.84", longitude="-70.02")
    before = region.updated_at
    text = "slug,name,kind,aliases,latitude,longitude\npuno,Puno,province,Altiplano,-15.840,-70.02\n"
    assert totals(imported(RegionResource, text)) == (0, 0, 1)
    region.refresh_from_db()
    assert region.updated_at == before


def test_a_row_that_says_something_else_changes_the_record_and_tells_the_columns() -> None:
    make_region(slug="puno", name="Puno")
    make_region(slug="ica", name="Ica")
    result = imported(RegionResource, "slug,name,summary\npuno,Puno,By the lake.\nica,Ica!,Dry.\n")
    assert totals(result) == (0, 2, 0)
    assert result.changed_columns == {"summary": 2, "name": 1}
    assert [row.changed for row in result.rows] == [["summary"], ["name", "summary"]]
    assert Region.objects.get(slug="ica").summary == "Dry."


def test_an_absent_column_leaves_as_is_and_an_empty_cell_clears() -> None:
    make_region(slug="puno", name="Puno", summary="Old.", aliases=["A", "B"], latitude=1, longitude=2, ubigeo="21")
    imported(RegionResource, "slug,aliases,latitude,longitude,ubigeo\npuno,,,,\n")
    region = Region.objects.get()
    assert region.summary == "Old."
    assert (region.aliases, region.latitude, region.longitude, region.ubigeo) == ([], None, None, "")


def test_a_changed_row_writes_its_own_columns_only() -> None:
    make_region(slug="puno", name="Puno", summary="Old.")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        imported(RegionResource, "slug,name\npuno,PUNO\n")
    (update,) = [query["sql"] for query in queries if query["sql"].startswith("UPDATE")]
    assert "summary" not in update
    assert "updated_at" in update


def test_an_empty_slug_is_made_from_the_name() -> None:
    imported(RegionResource, "slug,name,kind\n,Madre de Dios,department\n,Madre de Dios,zone\n")
    assert set(Region.objects.values_list("slug", flat=True)) == {"madre-de-dios", "madre-de-dios-2"}


def test_an_empty_uid_is_made() -> None:
    presence = make_presence()
    text = f"uid,group,region,source\n,{presence.group.slug},{presence.region.slug},{presence.source.slug}\n"
    assert totals(imported(PresenceResource, text)) == (1, 0, 0)
    assert Presence.objects.exclude(pk=presence.pk).get().uid


def test_an_estimate_without_a_unit_takes_its_indicators() -> None:
    region, source = make_region(slug="peru"), make_source(slug="unodc")
    make_indicator(slug="coca", unit="hectare")
    text = "uid,region,indicator,best,unit,source\na,peru,coca,55000,,unodc\n"
    assert totals(imported(RegionEstimateResource, text)) == (1, 0, 0)
    assert RegionEstimate.objects.get().unit == "hectare"
    assert totals(imported(RegionEstimateResource, text)) == (0, 0, 1)
    assert (region.estimates.count(), source.regionestimate_claims.count()) == (1, 1)


def test_a_past_key_updates_its_record_which_keeps_its_key_and_the_past_one() -> None:
    region = make_region(slug="vrae", name="VRAE")
    region.slug = "vraem"
    region.save()
    result = imported(RegionResource, "slug,name,past_slugs\nvrae,VRAEM,\n")
    assert totals(result) == (0, 1, 0)
    region.refresh_from_db()
    assert (region.slug, region.name, region.past_slugs) == ("vraem", "VRAEM", ["vrae"])


def test_a_past_key_stands_for_its_record_in_every_reference() -> None:
    region = make_region(slug="vrae")
    region.slug = "vraem"
    region.save()
    make_group(slug="clans")
    make_source(slug="ellis")
    text = "uid,group,region,source\na,clans,vrae,ellis\n"
    assert totals(imported(PresenceResource, text)) == (1, 0, 0)
    assert totals(imported(PresenceResource, text.replace("vrae", "vraem"))) == (0, 0, 1)
    assert Presence.objects.get().region == region


def test_a_key_that_is_present_counts_before_the_same_key_in_the_past_of_another() -> None:
    make_region(slug="b", past_slugs=["a"])
    region = make_region(slug="a", name="A")
    imported(RegionResource, "slug,name\na,Changed\n")
    region.refresh_from_db()
    assert region.name == "Changed"


def test_a_past_key_of_two_records_is_refused() -> None:
    make_region(slug="x", past_slugs=["old"])
    make_region(slug="y", past_slugs=["old"])
    assert problems(RegionResource, "slug,name,kind,parent\nold,A,zone,\nz,Z,zone,old\n") == [
        'row 2 slug "old": “old” is a past key of several records (x, y): write the present key of the one you mean.',
        'row 3 parent "old": “old” is a past key of several records (x, y): write the present key of the one you mean.',
    ]


def test_blank_lines_and_rows_of_empty_cells_are_passed_over() -> None:
    result = imported(RegionResource, "slug,name,kind\n\n,,\npuno,Puno,department\n\n")
    assert totals(result) == (1, 0, 0)


def test_a_table_with_a_header_alone_changes_nothing() -> None:
    assert totals(imported(RegionResource, "slug,name,kind\n")) == (0, 0, 0)


def test_a_dataset_that_did_not_come_from_a_csv_file_is_imported_as_well() -> None:
    dataset = tablib.Dataset(["puno", "Puno", "department", None], headers=["slug", "name", "kind", "latitude"])
    assert totals(RegionResource().import_data(dataset)) == (1, 0, 0)


def test_spaces_around_keys_choices_numbers_and_dates_mean_nothing_but_texts_keep_theirs() -> None:
    imported(GroupResource, "slug,name,kind,founded,summary,is_collective\n x , X , street-gang , 1990 , s , TRUE \n")
    group = Group.objects.get()
    assert (group.slug, group.kind, group.founded, group.is_collective) == ("x", "street-gang", "1990", True)
    assert (group.name, group.summary) == (" X ", " s ")


@pytest.mark.parametrize(("cell", "value"), [("TRUE", True), ("false", False), ("VERDADERO", True), ("Falso", False)])
def test_truth_is_read_as_spreadsheets_save_it(cell: str, value: bool) -> None:
    imported(GroupResource, f"slug,name,kind,is_collective\nx,X,street-gang,{cell}\n")
    assert Group.objects.get().is_collective is value


# Rows that lie below one another


def parents() -> dict[str, str | None]:
    return dict(Region.objects.values_list("slug", "parent__slug"))


def test_parents_stand_in_any_order() -> None:
    text = "slug,name,kind,parent\na,A,district,b\nb,B,province,c\nc,C,department,\nd,D,district,b\n"
    assert totals(imported(RegionResource, text)) == (4, 0, 0)
    assert parents() == {"a": "b", "b": "c", "c": None, "d": "b"}
    assert totals(imported(RegionResource, text)) == (0, 0, 4)


def test_a_tree_can_be_turned_upside_down() -> None:
    top = make_region(slug="a")
    middle = make_region(slug="b", parent=top)
    make_region(slug="c", parent=middle)
    result = imported(RegionResource, "slug,parent\na,b\nb,c\nc,\n")
    assert totals(result) == (0, 3, 0)
    assert parents() == {"a": "b", "b": "c", "c": None}


def test_parts_stand_in_any_order_and_may_be_each_others() -> None:
    text = "slug,name,kind,parts\na,A,zone,c|b\nb,B,zone,a\nc,C,province,\n"
    assert totals(imported(RegionResource, text)) == (3, 0, 0)
    zone = Region.objects.get(slug="a")
    assert set(zone.parts.values_list("slug", flat=True)) == {"b", "c"}
    assert totals(imported(RegionResource, text)) == (0, 0, 3)
    assert totals(imported(RegionResource, "slug,parts\na,b\n")) == (0, 1, 0)
    assert set(zone.parts.values_list("slug", flat=True)) == {"b"}
    assert totals(imported(RegionResource, "slug,parts\na,\n")) == (0, 1, 0)
    assert not zone.parts.exists()


def test_a_circle_is_refused_in_each_of_its_rows() -> None:
    assert problems(RegionResource, "slug,name,kind,parent\na,A,zone,b\nb,B,zone,c\nc,C,zone,a\nd,D,zone,a\n") == [
        'row 2 parent "b": “a” cannot lie below “b”, which is the record itself or lies below it: a → b → c → a.',
        'row 3 parent "c": “b” cannot lie below “c”, which is the record itself or lies below it: b → c → a → b.',
        'row 4 parent "a": “c” cannot lie below “a”, which is the record itself or lies below it: c → a → b → c.',
    ]


def test_a_row_cannot_lie_below_itself() -> None:
    make_region(slug="a")
    assert problems(RegionResource, "slug,parent\na,a\n") == [
        'row 2 parent "a": “a” cannot lie below “a”, which is the record itself or lies below it: a → a.'
    ]


def test_a_circle_through_rows_that_are_not_in_the_file_is_refused() -> None:
    a = make_region(slug="a")
    b = make_region(slug="b", parent=a)
    make_region(slug="c", parent=b)
    (problem,) = problems(RegionResource, "slug,parent\na,c\n")
    assert problem.endswith("a → c → b → a.")


# What is said of the header


def test_an_unknown_column_is_refused_with_the_nearest_ones_and_the_rows_are_judged_all_the_same() -> None:
    assert problems(RegionResource, "slug,nmae,kind\npuno,Puno,departamento\n") == [
        'row 2 name "": There is no region with this key yet, and a new one needs this column: some text.',
        (
            'row 2 kind "departamento": “departamento” is not known here: write one of country, department, province, '
            "district, world-region, zone, valley, river, lake, port, border-area, settlement, base, natural-area."
        ),
        "There is no column “nmae”; the nearest are: name.",
    ]


def test_an_unknown_column_that_resembles_none_is_refused_with_all_of_them() -> None:
    (problem,) = problems(IndicatorResource, "slug,name,unit,zzz\nx,X,hectare,1\n")
    assert problem == (
        "There is no column “zzz”; there are: slug, name, aliases, past_slugs, status, restricted_to, "
        "restriction_reason, unit, definition, summary."
    )


def test_a_missing_key_column_is_refused() -> None:
    assert problems(RegionResource, "name,kind\nPuno,department\n") == [
        "The column “slug” is missing: it names the row, and its cell may be empty for a new one."
    ]


def test_a_column_that_stands_twice_is_refused() -> None:
    assert problems(RegionResource, "slug,name,name\npuno,Puno,Punno\n") == [
        "The column “name” stands in the header more than once."
    ]


def test_a_column_without_a_name_is_refused() -> None:
    assert problems(RegionResource, "slug,name,\npuno,Puno,x\n") == [
        "Column 3 has no name in the header: name it or leave it out."
    ]


# What is said of rows


def test_a_row_with_too_few_or_too_many_cells_is_refused_and_the_others_are_judged_all_the_same() -> None:
    assert problems(RegionResource, "slug,name,kind\na,A\nb,B,zone,x\nc,C,cone\n") == [
        "row 2: The row has 2 cells under 3 columns: a cell is missing, or the file is cut off.",
        "row 3: The row has 4 cells under 3 columns: a text with a comma in it needs quotation marks.",
        (
            'row 4 kind "cone": “cone” is not known here: write one of country, department, province, district, '
            "world-region, zone, valley, river, lake, port, border-area, settlement, base, natural-area."
        ),
    ]


def test_a_key_that_stands_twice_is_refused_in_both_rows() -> None:
    assert problems(RegionResource, "slug,name,kind\na,A,zone\nb,B,zone\na,C,zone\n") == [
        'row 2 slug "a": The same key stands in rows 2 and 4: each may stand in a file only once.',
        'row 4 slug "a": The same key stands in rows 2 and 4: each may stand in a file only once.',
    ]


def test_a_key_that_stands_twice_far_apart_is_told_once_for_each_row_and_nothing_else() -> None:
    for number in range(250):
        make_region(slug=f"r{number}")
    rows = "".join(f"r{number},New\n" for number in range(250))
    sentence = "The same key stands in rows 2 and 252: each may stand in a file only once."
    assert problems(RegionResource, f"slug,name\n{rows}r0,Other\n") == [
        f'row 2 slug "r0": {sentence}',
        f'row 252 slug "r0": {sentence}',
    ]


def test_a_present_and_a_past_key_of_one_record_are_the_same_key() -> None:
    make_region(slug="vraem", past_slugs=["vrae"])
    assert problems(RegionResource, "slug,name\nvraem,A\nvrae,B\n") == [
        'row 2 slug "vraem": The same key stands in rows 2 and 3: each may stand in a file only once.',
        'row 3 slug "vrae": The same key stands in rows 2 and 3: each may stand in a file only once.',
    ]


def test_a_repeated_uid_is_refused() -> None:
    make_presence(group=make_group(slug="g"), region=make_region(slug="r"), source=make_source(slug="s"))
    text = "uid,group,region,source\nx,g,r,s\nx,g,r,s\n"
    assert problems(PresenceResource, text)[0].startswith('row 2 uid "x": The same key stands in rows 2 and 3')


def test_all_mistakes_of_a_row_are_told_at_once_an_unknown_key_among_them() -> None:
    make_group(slug="sendero-luminoso")
    text = "uid,group,region,kind,source,credibility,when\n!,sendero-lumnoso,,Base,unodc,9,March 2017\n"
    assert problems(PresenceResource, text) == [
        (
            'row 2 uid "!": “!” is not an identifier: use 1 to 64 letters, digits, dots, hyphens or underscores, '
            "beginning with a letter or digit."
        ),
        (
            'row 2 group "sendero-lumnoso": There is no group with the key “sendero-lumnoso”; the nearest are: '
            "sendero-luminoso."
        ),
        'row 2 region "": The cell must not be empty: write the key of one region.',
        'row 2 kind "Base": “Base” is not known here: write one of base, operates, transit, influence.',
        'row 2 source "unodc": There is no source with the key “unodc”.',
        'row 2 credibility "9": “9” is not known here: write one of 1, 2, 3, 4, 5, 6.',
        (
            'row 2 when "March 2017": "March 2017" is not a date in EDTF: write the year first and the month in '
            'digits, so that March 2017 is "2017-03".'
        ),
    ]


BAD_CELLS: list[tuple[type[TableResource], str, str]] = [
    (
        GroupResource,
        "slug,name,kind,founded\nx,X,street-gang,198",
        'founded "198": "198" has a year of fewer than four',
    ),
    (
        GroupResource,
        "slug,name,kind,founded,dissolved\nx,X,street-gang,1999,1990",
        'founded, dissolved "1999, 1990": A group cannot be dissolved before it was founded.',
    ),
    (
        PersonResource,
        "slug,name,born,died\nx,X,1961,1950",
        'born, died "1961, 1950": A person cannot have died before being born.',
    ),
    (
        GroupResource,
        "slug,name,kind,founded\nx,X,street-gang,1999/1990",
        'founded "1999/1990": "1999/1990" ends before',
    ),
    (GroupResource, "slug,name,kind\nx,,street-gang", 'name "": The cell must not be empty: write some text.'),
    (
        GroupResource,
        "slug,name,kind,is_collective\nx,X,street-gang,maybe",
        'is_collective "maybe": “maybe” is neither true nor false: write one of the two.',
    ),
    (
        GroupResource,
        "slug,name,kind,is_collective\nx,X,street-gang,",
        'is_collective "": The cell must not be empty: write true or false.',
    ),
    (GroupResource, "slug,name,kind,aliases\nx,X,street-gang,a||b", 'aliases "a||b": There is nothing between two |'),
    (GroupResource, "slug,name,kind,status\nx,X,street-gang,Draft", 'status "Draft": “Draft” is not known here: write'),
    (RegionResource, "slug,name,kind,latitude,longitude\nx,X,zone,95,0", 'latitude "95": A latitude lies between -90'),
    (
        RegionResource,
        "slug,name,kind,latitude\nx,X,zone,9",
        'latitude, longitude "9, ": A point needs both latitude and longitude.',
    ),
    (RegionResource, "slug,name,kind,latitude\nx,X,zone,1.1234567", 'latitude "1.1234567": Ensure that there are no'),
    (RegionResource, 'slug,name,kind,latitude\nx,X,zone,"9,5"', 'latitude "9,5": “9,5” is not a plain number: write'),
    (
        RegionResource,
        "slug,name,kind,geonames_id\nx,X,zone,3.5",
        'geonames_id "3.5": “3.5” is not a whole number: write',
    ),
    (RegionResource, "slug,name,kind,geonames_id\nx,X,zone,-3", 'geonames_id "-3": Ensure this value is greater than'),
    (
        RegionResource,
        "slug,name,kind,geonames_id\nx,X,zone,99999999999",
        'geonames_id "99999999999": Ensure this value is',
    ),
    (RegionResource, "slug,name,kind,ubigeo\nx,X,zone,8", 'ubigeo "8": “8” is not a UBIGEO: it has 2, 4 or 6 digits'),
    (RegionResource, "slug,name,kind,outline\nx,X,zone,here", 'outline "here": This is not JSON (Expecting value'),
    (RegionResource, "slug,name,kind,outline\nx,X,zone,NaN", 'outline "NaN": This is not JSON (Out of range'),
    (
        RegionResource,
        'slug,name,kind,outline\nx,X,zone,"{""type"":""Polygon"",""coordinates"":[],""x"":""\\u0000""}"',
        "row 2: The database refuses it: unsupported Unicode escape sequence.",
    ),
    (RegionResource, "slug,name,kind,outline\nx,X,zone,[1]", 'outline "[1]": The outline is not a GeoJSON geometry'),
    (RegionResource, "slug,name,kind,parts\nx,X,zone,r|r", 'parts "r|r": “r” stands here more than once.'),
    (RegionResource, "slug,name,kind,parts\nx,X,zone,r|q", 'parts "r|q": There is no region with the key “q”.'),
    (
        RegionResource,
        f"slug,name,kind\nx,{'X' * 301},zone",
        "Ensure this value has at most 300 characters (it has 301).",
    ),
    (
        SourceResource,
        "slug,name,doi\nx,X,https://doi.org/10.1/2",
        'doi "https://doi.org/10.1/2": “https://doi.org/10.1/2”',
    ),
    (SourceResource, "slug,name,url\nx,X,nowhere", 'url "nowhere": Enter a valid URL.'),
    (
        PersonResource,
        "slug,name,nationality\nx,X,r",
        'nationality "r": “r” is not a region that may stand here: it takes',
    ),
    (
        PresenceResource,
        "uid,group,region\nx,g,r",
        'source "": There is no presence with this key yet, and a new one needs',
    ),
    (
        PresenceResource,
        "uid,group,region,source\nx,g,r,",
        'source "": The cell must not be empty: write the key of one',
    ),
    (
        PresenceResource,
        "uid,group,region,source,status\nx,g,r,s,conflict",
        'status, note "conflict, ": A claim in conflict needs a note that says why both stand.',
    ),
    (
        PresenceResource,
        "uid,group,region,source,locator\nx,g,r,s,18",
        'locator_type, locator ", 18": A locator has two parts',
    ),
    (
        PresenceResource,
        "uid,group,region,source,wording\nx,g,r,s,",
        'wording "": The cell must not be empty: write one of',
    ),
    (
        RelationResource,
        "uid,group,kind,other,source\nx,g,ally-of,g,s",
        'group, other "g, g": A group cannot stand in a',
    ),
    (
        RegionEstimateResource,
        "uid,region,indicator,low,high,source\nx,r,i,150,120,s",
        'low, best, high "150, , 120": Low must not be above best, nor best above high.',
    ),
    (
        RegionEstimateResource,
        "uid,region,indicator,source\nx,r,i,s",
        'low, best, high ", , ": An estimate needs at least one of low, best and high.',
    ),
    (
        RegionEstimateResource,
        "uid,region,indicator,best,unit,source\nx,r,i,101,percent,s",
        'low, best, high, unit ", 101, , percent": A share in percent lies between 0 and 100',
    ),
    (
        RegionEstimateResource,
        'uid,region,indicator,best,source\nx,r,i,"55,000",s',
        'best "55,000": “55,000” is not a plain number: write digits with nothing between thousands',
    ),
    (
        RouteLegResource,
        "uid,route,order,origin,destination,source\nx,t,0,r,r2,s",
        'order "0": Legs are counted from 1.',
    ),
    (
        RouteLegResource,
        "uid,route,order,origin,destination,source\nx,t,99999,r,r2,s",
        'order "99999": Ensure this value',
    ),
    (
        RouteLegResource,
        "uid,route,order,origin,destination,source\nx,t,1,r,r,s",
        'origin, destination "r, r": A leg leads from one region to another.',
    ),
    (
        MembershipResource,
        "uid,person,group,source,when,ended_on\nx,p,g,s,2015,2012",
        'ended_on, when "2012, 2015": A membership cannot end before it begins.',
    ),
    (MilestoneResource, "uid,program,event,source\nx,m,Began.,s", 'when "": A milestone needs its date in “when”'),
    (
        TargetResource,
        "uid,program,source\nx,m,s",
        'activity, region, group ", , ": A target needs an activity, a region',
    ),
]


@pytest.mark.parametrize(("resource", "text", "expected"), BAD_CELLS)
def test_a_bad_cell_gets_one_sentence_with_its_row_column_and_value(
    resource: type[TableResource], text: str, expected: str
) -> None:
    make_source(slug="s")
    make_region(slug="r")
    make_region(slug="r2")
    make_group(slug="g")
    make_person(slug="p")
    make_indicator(slug="i")
    make_route(slug="t")
    make_program(slug="m")
    (problem,) = problems(resource, text + "\n")
    assert problem.startswith("row 2")
    assert expected in problem


def test_a_key_that_is_no_slug_is_refused() -> None:
    assert problems(GroupResource, "slug,name,kind\nMy Key,X,street-gang\n") == [
        (
            'row 2 slug "My Key": “My Key” is not a key: use small letters, digits and single hyphens between them, '
            "as in madre-de-dios."
        )
    ]


def test_a_doi_is_another_sources_whatever_its_case() -> None:
    make_source(slug="a", doi="10.1000/ABC")
    assert problems(SourceResource, "slug,name,doi\nb,B,10.1000/abc\n") == [
        'row 2 doi "10.1000/abc": Another source has this DOI: “a”.'
    ]


def test_a_citation_names_a_field_of_its_record() -> None:
    citation = make_group_citation(uid="x")
    from actors.resources import GroupCitationResource

    (problem,) = problems(GroupCitationResource, "uid,field\nx,sumary\n")
    assert problem.startswith(
        'row 2 field "sumary": “sumary” is not a field of this kind of record; it may be: aliases,'
    )
    citation.refresh_from_db()
    assert citation.field == ""


@pytest.mark.parametrize("column", ["ubigeo", "iso_3166", "geonames_id", "wikidata_id"])
def test_a_code_that_another_row_has_is_refused_stored_or_in_the_same_file(column: str) -> None:
    codes = {"ubigeo": ("21", "22"), "iso_3166": ("PE", "BO"), "geonames_id": ("5", "6"), "wikidata_id": ("Q1", "Q2")}
    stored, new = codes[column]
    make_region(slug="a", **{column: stored})
    found = problems(RegionResource, f"slug,name,kind,{column}\nb,B,zone,{stored}\nc,C,zone,{new}\nd,D,zone,{new}\n")
    assert [problem.rpartition(":")[2] for problem in found] == [" “a”.", " “c”."]
    assert found[0].startswith(f'row 2 {column} "{stored}": Another region has this')


def test_a_code_can_pass_from_one_row_to_a_later_one() -> None:
    make_region(slug="a", ubigeo="21")
    make_region(slug="b", ubigeo="22")
    assert totals(imported(RegionResource, "slug,ubigeo\na,\nb,21\n")) == (0, 2, 0)


def test_a_doi_that_another_source_has_is_refused() -> None:
    make_source(slug="a", doi="10.1000/182")
    assert problems(SourceResource, "slug,name,doi\nb,B,10.1000/182\n") == [
        'row 2 doi "10.1000/182": Another source has this DOI: “a”.'
    ]


def test_nearest_keys_are_those_of_the_same_file_too_and_a_name_leads_to_its_key() -> None:
    make_region(slug="madre-de-dios")
    found = problems(
        RegionResource, "slug,name,kind,parent\na,A,zone,Madre de Dios\nhuanuco,H,zone,\nc,C,zone,huanucco\n"
    )
    assert [problem.rpartition("; ")[2] for problem in found] == [
        "the nearest are: madre-de-dios.",
        "the nearest are: huanuco.",
    ]


def test_nothing_is_half_written_when_one_row_of_many_is_bad() -> None:
    rows = "".join(f"r{number},R,zone\n" for number in range(50))
    problems(RegionResource, f"slug,name,kind\n{rows}bad,,zone\n")
    assert not Region.objects.exists()


def test_every_one_of_many_bad_rows_is_told() -> None:
    rows = "".join(f"r{number},R,cone\n" for number in range(300))
    assert len(problems(RegionResource, f"slug,name,kind\n{rows}")) == 300


def test_what_only_the_database_knows_of_is_told_in_its_row() -> None:
    # A trigger of its own stands for a rule that is nowhere in the models.
    with connection.cursor() as cursor:
        cursor.execute(
            """
            CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF NEW.name = 'No' THEN RAISE EXCEPTION 'Not this name.'; END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER refuse BEFORE INSERT ON regions_region FOR EACH ROW EXECUTE FUNCTION pg_temp.refuse();
            """
        )
    assert problems(RegionResource, "slug,name,kind\na,Yes,zone\nb,No,zone\nc,C,cone\n") == [
        "row 3: The database refuses it: Not this name.",
        (
            'row 4 kind "cone": “cone” is not known here: write one of country, department, province, district, '
            "world-region, zone, valley, river, lake, port, border-area, settlement, base, natural-area."
        ),
    ]


# Publishing


def test_publishing_without_a_claim_is_refused_in_each_row() -> None:
    make_group(slug="cited")
    make_group_citation(record=Group.objects.get(slug="cited"))
    text = (
        "slug,name,kind,status\na,A,street-gang,published\ncited,C,street-gang,published\nb,B,street-gang,published\n"
    )
    sentence = "cannot be published: no claim supports it yet. Add a claim with its source first."
    assert problems(GroupResource, text) == [
        f'row 2 status "published": “a” {sentence}',
        f'row 4 status "published": “b” {sentence}',
    ]


def test_missing_support_is_told_together_with_the_mistakes_of_other_rows() -> None:
    found = problems(GroupResource, "slug,name,kind,status\na,A,street-gang,published\nb,B,gang,draft\n")
    assert [problem.split(":")[0] for problem in found] == ['row 3 kind "gang"', 'row 2 status "published"']


def test_a_record_with_a_supporting_claim_can_be_published() -> None:
    make_group_citation(record=make_group(slug="a"))
    assert totals(imported(GroupResource, "slug,status\na,published\n")) == (0, 1, 0)
    assert Group.objects.get().status == Status.PUBLISHED


def test_the_last_supporting_claim_cannot_be_taken_from_under_a_published_record() -> None:
    group = make_group(slug="a")
    make_presence(uid="x", group=group)
    with transaction_to_its_end():
        Group.objects.filter(pk=group.pk).update(status=Status.PUBLISHED)
    assert problems(PresenceResource, "uid,stance\nx,disputes\n") == [
        "“a” is published and this is the last claim that supports it. Withdraw it first, or add a claim."
    ]


# Rights


def test_without_the_publish_right_nobody_publishes_by_csv() -> None:
    make_group_citation(record=make_group(slug="a"))
    text = "slug,status\na,published\n"
    editor = make_researcher(Group, actions=("view", "add", "change"))
    assert problems(GroupResource, text, user=editor) == [
        'row 2 status "published": You may not publish groups: write draft or in-review, or ask someone who may.'
    ]
    publisher = make_researcher(Group, actions=("view", "add", "change", "publish"))
    assert totals(imported(GroupResource, text, user=publisher)) == (0, 1, 0)


def test_what_is_published_already_can_be_changed_without_the_publish_right() -> None:
    group = make_group(slug="a")
    make_group_citation(record=group)
    Group.objects.filter(pk=group.pk).update(status=Status.PUBLISHED)
    editor = make_researcher(Group, actions=("view", "change"))
    assert totals(imported(GroupResource, "slug,name,status\na,New,published\n", user=editor)) == (0, 1, 0)


def test_adding_and_changing_by_csv_take_the_same_rights_as_by_hand() -> None:
    make_group(slug="a")
    text = "slug,name,kind\na,New,street-gang\nb,B,street-gang\n"
    assert problems(GroupResource, text, user=make_researcher(Group)) == [
        "row 2: You may not change groups.",
        "row 3: You may not add groups.",
    ]


# The preview of the admin


def test_a_dry_run_tells_everything_and_stores_nothing() -> None:
    make_region(slug="puno", name="Puno")
    result = imported(RegionResource, "slug,name,kind\npuno,Puno!,province\nica,Ica,zone\n", dry_run=True)
    assert totals(result) == (1, 1, 0)
    assert list(Region.objects.values_list("name", flat=True)) == ["Puno"]


def test_the_preview_shows_each_cell_before_and_after() -> None:
    lima = make_region(slug="lima")
    make_region(slug="puno", name="Puno", kind="zone", parent=lima, parts=[lima])
    text = "slug,name,kind,parent,parts\npuno,<b>,zone,ica,ica|lima\nica,Ica,zone,,\n"
    result = imported(RegionResource, text, dry_run=True)
    first, second = (dict(zip(result.diff_headers, row.diff, strict=True)) for row in result.rows)
    assert first["slug"] == "<span>puno</span>"
    assert "&lt;b&gt;" in first["name"]
    assert first["parts"] == '<ins style="background:#e6ffe6;">ica|</ins><span>lima</span>'
    assert first["parent"].startswith("<del")
    assert second["slug"] == '<ins style="background:#e6ffe6;">ica</ins>'


def test_the_rows_keep_what_the_log_of_the_admin_needs() -> None:
    result = imported(RegionResource, "slug,name,kind\nica,Ica,zone\n", retain_instance_in_row_result=True)
    (row,) = result.rows
    assert (row.instance, row.object_id, row.object_repr) == (Region.objects.get(), Region.objects.get().pk, "ica")


def test_a_preview_leaves_no_option_behind_for_the_next_import() -> None:
    imported(RegionResource, "slug,name,kind\nica,Ica,zone\n", retain_instance_in_row_result=True)
    (row,) = imported(RegionResource, "slug,name\nica,Ica!\n").rows
    assert row.instance is None


def test_what_is_exported_is_read_as_it_was() -> None:
    make_region(slug="puno", name="=Puno", aliases=["a|b"], summary="one\rtwo")
    resource = RegionResource()
    content = "".join(map(csv_line, [resource.columns, *resource.export_rows()])).encode()
    result = RegionResource().import_data(CSVTable(io.BytesIO(content), "regions.csv"))
    assert totals(result) == (0, 0, 1)
    assert b"puno,'=Puno,a\\|b," in content


# Queries


def queries_of(run: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as queries:
        run()
    return len(queries)


def presences(count: int, note: str = "") -> str:
    header = "uid,group,region,source,locator_type,locator,when,note\n"
    return header + "".join(f"p{number},g,r,s,page,{number},2017,{note}\n" for number in range(count))


def test_a_row_takes_a_fixed_number_of_queries_and_none_for_its_references() -> None:
    make_group(slug="g"), make_region(slug="r"), make_source(slug="s")
    imported(PresenceResource, presences(1))  # what is asked once per process
    few = queries_of(lambda: imported(PresenceResource, presences(10)))
    many = queries_of(lambda: imported(PresenceResource, presences(110)))
    # 100 rows more: a savepoint and its release, the rules, the row itself.
    assert many - few <= 4 * 100 + 2


def test_rows_that_are_unchanged_ask_the_database_nothing_of_their_own() -> None:
    make_group(slug="g"), make_region(slug="r"), make_source(slug="s")
    imported(PresenceResource, presences(310))
    few = queries_of(lambda: imported(PresenceResource, presences(10)))
    many = queries_of(lambda: imported(PresenceResource, presences(310)))
    assert many - few == 3  # one for each hundred rows


def test_records_with_parents_and_parts_take_no_query_for_them() -> None:
    rows = "".join(f"r{number},R,zone,top,top\n" for number in range(110))
    text = "slug,name,kind,parent,parts\n{}"
    make_region(slug="top")
    imported(RegionResource, text.format(rows))
    renamed = rows.replace(",R,", ",S,")
    few = queries_of(lambda: imported(RegionResource, text.format("".join(renamed.splitlines(keepends=True)[:10]))))
    many = queries_of(lambda: imported(RegionResource, text.format(renamed.replace(",S,", ",T,"))))
    assert many - few <= 4 * 100 + 2


def test_an_export_asks_no_query_for_each_row() -> None:
    agency = make_agency()
    for _ in range(3):
        make_program(lead_agencies=[agency], partner_agencies=[agency])
    few = queries_of(lambda: list(ProgramResource().export_rows()))
    for _ in range(20):
        make_program(lead_agencies=[agency])
    assert queries_of(lambda: list(ProgramResource().export_rows())) == few
    assert Program.objects.count() == 23


def test_rows_are_exported_in_the_order_of_their_keys_byte_by_byte() -> None:
    for uid in ("b", "B", "a-1", "a_1", "a.1", "a1", "Z"):
        make_region_citation(uid=uid)
    from regions.resources import RegionCitationResource

    keys = [row[0] for row in RegionCitationResource().export_rows()]
    assert keys == sorted(keys)
    assert keys[0] == "B"


def test_an_export_names_several_records_in_alphabetical_order() -> None:
    agencies = [make_agency(slug=slug) for slug in ("c", "a", "b")]
    make_program(slug="p", lead_agencies=agencies)
    (row,) = ProgramResource().export_rows()
    assert dict(zip(ProgramResource().columns, row, strict=True))["lead_agencies"] == "a|b|c"


# The tables


def test_agencies_and_activities_lie_below_one_another_too() -> None:
    text = "slug,name,kind,parent\na,A,police,b\nb,B,ministry,\n"
    assert totals(imported(AgencyResource, text)) == (2, 0, 0)


def test_an_involvement_may_have_no_region_and_an_occurrence_must() -> None:
    make_group(slug="g"), make_activity(slug="a"), make_source(slug="s")
    assert totals(imported(InvolvementResource, "uid,group,activity,region,source\nx,g,a,,s\n")) == (1, 0, 0)
    assert len(problems(OccurrenceResource, "uid,activity,region,source\nx,a,,s\n")) == 1


def test_a_country_can_be_a_nationality() -> None:
    make_region(slug="peru", kind="country")
    assert totals(imported(PersonResource, "slug,name,nationality\nx,X,peru\n")) == (1, 0, 0)
    assert Person.objects.get().nationality == Region.objects.get()


def test_a_file_kept_with_a_source_survives_an_import() -> None:
    make_source(slug="x", name="X")
    Source.objects.update(file="sources/x/x.pdf", file_sha256="ab")
    assert totals(imported(SourceResource, "slug,name\nx,Y\n")) == (0, 1, 0)
    source = Source.objects.get()
    assert (source.file.name, source.file_sha256) == ("sources/x/x.pdf", "ab")


def test_values_that_an_estimate_has_are_written_plainly() -> None:
    make_region_estimate(uid="x", low=None, best="40441.1800", high="55000")
    (row,) = RegionEstimateResource().export_rows()
    cells = dict(zip(RegionEstimateResource().columns, row, strict=True))
    assert (cells["low"], cells["best"], cells["high"], cells["is_derived"]) == ("", "40441.18", "55000", "false")
