"""Exports: any table or all, columns as chosen, the same bytes for the same state, and to each what they may see."""

import io
import json
import zipfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import frictionless
import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from actors.models import Group
from crimewatch.exchange.catalog import TABLES, TABLES_BY_NAME
from crimewatch.exchange.imports import import_sources
from crimewatch.exchange.outgoing import EmptySelectionError, Selection
from crimewatch.exchange.outgoing.templates import template_workbook
from crimewatch.exchange.outgoing.writing import in_memory
from crimewatch.exchange.sources import opened
from crimewatch.records.resources import RefusedError
from programs.models import Agency
from regions.models import Region
from tests.factories import make_agency, make_group, make_presence, make_program, make_region, make_region_estimate
from tests.kinds import make, publish
from tests.people import make_reader, make_researcher

pytestmark = pytest.mark.django_db

FORMS = ["csv", "xlsx", "jsonl", "zip"]
AWKWARD = "=1+1\tand “more”; 'x'\r\nsecond_x000D_ line, with | and \\"


def some_rows() -> None:
    make_group(slug="a", name=AWKWARD, aliases=["one|two", "=x"], summary="y" * 5000)
    make_group(slug="b", founded="1990/1999")
    make_region_estimate(low="1.50", best="40441.18", high="1234567890123.4")
    make_program(slug="p", name="P").lead_agencies.add(make_agency(slug="police"))
    make_region(slug="lima", outline={"type": "Polygon", "coordinates": [[[1.5, 2], [3, 4], [5, 6], [1.5, 2]]]})


def export(*names: str, form: str, user: Any = None, **options: Any) -> bytes:
    return in_memory(Selection.of(names, form=form, **options), user=user)


# What goes out comes back


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["groups", "regions", "region_estimates", "programs"])
def test_what_is_exported_in_any_form_is_imported_without_a_change(form: str, name: str) -> None:
    some_rows()
    content = export(name, form=form)
    with ExitStack() as into:
        sources = opened(io.BytesIO(content), f"{name}.{form}", into)
        report = import_sources([(TABLES_BY_NAME[each.table], each.source) for each in sources])
    assert list(report.problems()) == []
    (table,) = report.tables
    assert (table.new, table.changed) == (0, 0)
    assert table.unchanged == TABLES_BY_NAME[name].model.objects.count() > 0


@pytest.mark.parametrize("form", ["xlsx", "zip"])
def test_the_whole_database_goes_out_and_comes_back(form: str) -> None:
    for table in TABLES:
        make(table.model)
    content = export(form=form)
    with ExitStack() as into:
        sources = opened(io.BytesIO(content), f"all.{form}", into)
        assert {each.table for each in sources} == {table.name for table in TABLES}
        report = import_sources([(TABLES_BY_NAME[each.table], each.source) for each in sources])
    assert list(report.problems()) == []
    assert sum(table.new + table.changed for table in report.tables) == 0


@pytest.mark.parametrize("form", FORMS)
def test_the_same_state_gives_the_same_bytes(form: str) -> None:
    some_rows()
    names = ["groups"] if form in {"csv", "jsonl"} else []
    assert export(*names, form=form) == export(*names, form=form)


def test_a_package_has_its_description_and_one_time_for_all() -> None:
    some_rows()
    with zipfile.ZipFile(io.BytesIO(export(form="zip"))) as package:
        assert [entry.filename for entry in package.infolist()] == [
            *(table.file_name for table in TABLES),
            "datapackage.json",
        ]
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        described = json.loads(package.read("datapackage.json"))
    assert len(described["resources"]) == len(TABLES)


def test_json_lines_have_numbers_as_numbers_with_all_their_digits() -> None:
    make_region_estimate(low="0.10", best="55000", high="1234567890123.4567")
    (line,) = export("region_estimates", form="jsonl").decode().splitlines()
    assert '"low": 0.1, "best": 55000, "high": 1234567890123.4567' in line
    assert json.loads(line)["note"] is None


# Columns


def test_columns_are_chosen_and_ordered() -> None:
    make_group(slug="a", name="A")
    assert export("groups", form="csv", columns=["name", "slug"]) == b"name,slug\nA,a\n"
    with pytest.raises(EmptySelectionError, match="There is no column “colour”; there are: slug, name"):
        export("groups", form="csv", columns=["colour"])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["regions", "programs", "presences"])
def test_names_beside_keys_go_out_in_any_form_and_are_checked_when_they_come_back(form: str, name: str) -> None:
    some_rows()
    lima = make_region(slug="lima-norte", name="Lima | Norte", parent=Region.objects.get(slug="lima"))
    make_presence(region=lima)
    with ExitStack() as into:
        (found,) = opened(io.BytesIO(export(name, form=form, with_names=True)), f"{name}.{form}", into)
        resource = TABLES_BY_NAME[name].resource()
        assert found.source.headers == list(resource.every_column)
        report = import_sources([(TABLES_BY_NAME[name], found.source)])
        assert list(report.problems()) == []
        assert (report.tables[0].new, report.tables[0].changed) == (0, 0)
        lima.name = "Comas"
        lima.save()
        Agency.objects.update(name="DEA")
        changed = list(import_sources([(TABLES_BY_NAME[name], found.source)]).problems())
        # The file of the regions gives that region its old name back.
        assert any("mend one of the two" in problem for problem in changed) or (name == "regions" and not changed)


def test_names_are_chosen_like_other_columns_or_all_at_once() -> None:
    make_presence(uid="x", group=make_group(slug="clan", name="Clan"))
    columns = ["group:name", "uid", "group", "source"]
    assert export("presences", form="csv", columns=columns[:3]) == b"group:name,uid,group\nClan,x,clan\n"
    (choice,) = Selection.of(["presences"], form="csv", columns=columns, with_names=True).tables
    assert choice.columns == (*columns, "source:name")


def test_a_package_with_names_is_described_with_them(tmp_path: Path) -> None:
    some_rows()
    make_presence()
    (tmp_path / "all.zip").write_bytes(export(form="zip", with_names=True))
    report = frictionless.validate(str(tmp_path / "all.zip"), type="package")
    assert report.flatten(["rowNumber", "fieldName", "type", "message"]) == []
    with zipfile.ZipFile(tmp_path / "all.zip") as package:
        described = {each["name"]: each["schema"] for each in json.loads(package.read("datapackage.json"))["resources"]}
    names = [field["name"] for field in described["presences"]["fields"]]
    assert names[names.index("region") + 1] == "region:name"
    assert not [key for key in described["presences"]["foreignKeys"] if ":" in key["fields"]]


@pytest.mark.parametrize(
    ("names", "options", "sentence"),
    [
        (["cars"], {"form": "csv"}, "There is no table “cars”"),
        (["groups"], {"form": "pdf"}, "There is no form “pdf”"),
        ([], {"form": "csv"}, "holds one table"),
        ([], {"form": "zip", "columns": ["slug"]}, "of one table"),
    ],
)
def test_what_makes_no_sense_gets_a_sentence(names: list[str], options: Any, sentence: str) -> None:
    with pytest.raises(EmptySelectionError, match=sentence):
        Selection.of(names, **options)


def test_a_text_that_no_cell_of_excel_holds_is_not_cut_but_refused() -> None:
    make_group(slug="a", summary="y" * 40_000)
    with pytest.raises(RefusedError, match="a summary of 40000 characters"):
        export("groups", form="xlsx")


# Templates


def test_a_template_can_be_imported_as_it_is_and_changes_nothing() -> None:
    user = User.objects.create_superuser("ana")
    make_group(slug="a", name="A")
    content = template_workbook(TABLES_BY_NAME["groups"], user)
    with ExitStack() as into:
        (found,) = opened(io.BytesIO(content), "anything.xlsx", into)
        assert found.table == "groups"
        report = import_sources([(TABLES_BY_NAME["groups"], found.source)])
    assert [(table.new, table.changed, table.unchanged) for table in report.tables] == [(0, 0, 1)]


def test_a_template_lists_the_values_of_each_vocabulary() -> None:
    import openpyxl

    user = User.objects.create_superuser("ana")
    book = openpyxl.load_workbook(io.BytesIO(template_workbook(TABLES_BY_NAME["groups"], user)))
    assert book.sheetnames == ["groups", "values"]
    listed = {(row[0], row[1]) for row in book["values"].iter_rows(values_only=True)}
    assert {("kind", "family-clan"), ("status", "in-review")} <= listed


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_table_has_a_template(table: Any) -> None:
    assert template_workbook(table, User(is_superuser=True, is_staff=True)).startswith(b"PK")


# Who may see what


@pytest.fixture
def drafts() -> None:
    """A published group and claim, and drafts that stand beside them."""
    publish(make_group(slug="known", name="Known"))
    make_group(slug="secret-group", name="Secret")
    country = make_region(slug="secret-country", kind="country")
    lima = make_region(slug="lima", parent=country)
    lima.parts.add(make_region(slug="secret-part"))
    publish(lima)


@pytest.mark.parametrize("form", FORMS)
def test_nothing_of_a_draft_leaves_by_a_readers_export(client: Client, drafts: None, form: str) -> None:
    client.force_login(make_reader())
    for name in ("groups", "regions", "presences"):
        answer = client.post(reverse("exchange:export"), {"table": name, "form": form})
        assert answer.status_code == 200
        content = answer.content
        if form in {"xlsx", "zip"}:
            with zipfile.ZipFile(io.BytesIO(content)) as packed:
                content = b"".join(packed.read(entry) for entry in packed.namelist() if entry != "datapackage.json")
        assert b"secret" not in content
        assert (b"known" in content) == (name == "groups")


def test_a_count_and_a_filter_tell_nothing_of_drafts(client: Client, drafts: None) -> None:
    client.force_login(make_reader())
    shown = client.get(reverse("exchange:export"), {"table": "groups"}).content.decode()
    assert "1 row" in shown
    filtered = client.get(reverse("exchange:export"), {"table": "groups", "list": "admin", "filters": "q=secret"})
    assert "0 rows" in filtered.content.decode()


def test_strangers_export_nothing(client: Client, drafts: None, settings: Any) -> None:
    address = reverse("exchange:export")
    assert client.get(address).status_code == 302
    settings.SITE_IS_PUBLIC = True
    assert client.get(address).status_code == 200
    assert client.post(address, {"table": "groups", "form": "csv"}).status_code == 302


def test_staff_export_the_kinds_that_they_work_on(client: Client, drafts: None) -> None:
    client.force_login(make_researcher(Group))
    groups = client.post(reverse("exchange:export"), {"table": "groups", "form": "csv"}).content
    assert b"secret-group" in groups
    assert b"secret" not in client.post(reverse("exchange:export"), {"table": "regions", "form": "csv"}).content


@pytest.mark.parametrize("form", FORMS)
def test_the_page_offers_names_beside_keys_and_none_of_a_draft(client: Client, drafts: None, form: str) -> None:
    client.force_login(make_reader())
    shown = client.get(reverse("exchange:export"), {"table": "regions"}).content.decode()
    assert 'value="parent:name">' in shown
    assert 'value="parent" checked' in shown
    asked = {"table": "regions", "form": form, "names": "on", "column": ["slug", "parent", "parts"]}
    content = client.post(reverse("exchange:export"), asked).content
    with ExitStack() as into:
        (found,) = opened(io.BytesIO(content), f"regions.{form}", into)
        assert found.source.headers == ["slug", "parent", "parent:name", "parts", "parts:name"]
        assert list(found.source) == [["lima", "", "", "", ""]]


# Filtered lists


def test_a_list_of_the_admin_is_exported_as_it_is_filtered(client: Client) -> None:
    make_group(slug="a", kind="street-gang")
    make_group(slug="b", kind="family-clan")
    client.force_login(User.objects.create_superuser("ana"))
    shown = client.get(reverse("admin:actors_group_changelist"), {"kind__exact": "street-gang"}).content.decode()
    assert "model=actors.group&amp;list=admin&amp;filters=kind__exact%3Dstreet-gang" in shown
    asked = {"table": "groups", "form": "csv", "list": "admin", "filters": "kind__exact=street-gang", "column": "slug"}
    assert client.post(reverse("exchange:export"), asked).content == b"slug\na\n"
    empty = client.post(reverse("exchange:export"), {**asked, "filters": "q=nothing like it"})
    assert empty.content == b"slug\n"
    broken = client.post(reverse("exchange:export"), {**asked, "filters": "no_such_field=1"})
    assert broken.status_code == 422


def test_a_list_of_the_reader_is_exported_as_it_is_filtered(client: Client) -> None:
    gang, clan = make_group(slug="a", kind="street-gang"), make_group(slug="b", kind="family-clan")
    publish(gang, clan)
    client.force_login(make_reader())
    shown = client.get(reverse("actors:group_list"), {"kind": "street-gang"}).content.decode()
    assert "model=actors.group&amp;list=site&amp;filters=kind%3Dstreet-gang" in shown
    asked = {"table": "groups", "form": "csv", "list": "site", "filters": "kind=street-gang", "column": "slug"}
    assert client.post(reverse("exchange:export"), asked).content == b"slug\na\n"
    refused = client.post(reverse("exchange:export"), {**asked, "filters": "kind=nonsense"})
    assert refused.status_code == 422
    assert b"nonsense" in refused.content


def test_claims_of_the_admin_are_exported_as_they_are_filtered(client: Client) -> None:
    claim = make_presence()
    make_presence()
    client.force_login(User.objects.create_superuser("ana"))
    asked = {
        "table": "presences",
        "form": "csv",
        "list": "admin",
        "filters": f"group__id__exact={claim.group_id}",
        "column": "uid",
    }
    assert client.post(reverse("exchange:export"), asked).content == f"uid\n{claim.uid}\n".encode()


def test_the_page_of_exports_asks_the_database_a_bounded_number_of_times(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    for _number in range(5):
        make_region()
    client.force_login(User.objects.create_superuser("ana"))
    with django_assert_max_num_queries(8):
        client.get(reverse("exchange:export"), {"table": "regions"})
    assert Region.objects.count() == 5
