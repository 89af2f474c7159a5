"""Packages of several tables: all of them or nothing, every mistake told once, and exports that can be trusted."""

import csv
import subprocess
import sys
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pghistory.models
import pytest
from django.conf import settings as site
from django.db import connection
from pytest_django.fixtures import Settings

from actors.models import Group, Presence
from crimewatch.citations.models import Source
from crimewatch.exchange.catalog import TABLES
from crimewatch.exchange.dataset import import_package, one_moment
from crimewatch.exchange.models import ImportBatch
from crimewatch.records.models import Status
from regions.models import Region
from tests.exchange.packages import contents, empty_the_database, package, run
from tests.factories import (
    make_agency,
    make_group,
    make_group_estimate,
    make_presence,
    make_program,
    make_region,
    make_region_estimate,
    make_source,
)
from tests.kinds import transaction_to_its_end

pytestmark = pytest.mark.django_db

SOURCES = "slug,name\nellis,New Developments\n"
REGIONS = "slug,name,kind,parent\nvraem,VRAEM,zone,peru\nperu,Perú,country,\n"
GROUPS = "slug,name,kind,status\nclans,Family clans,family-clan,draft\n"
PRESENCES = "uid,group,region,source,locator_type,locator\np1,clans,vraem,ellis,paragraph,12\n"


def good(folder: Path, **others: str | bytes) -> Path:
    return package(
        folder, **{"sources": SOURCES, "regions": REGIONS, "groups": GROUPS, "presences": PRESENCES, **others}
    )


def is_empty() -> bool:
    return not any(table.model.objects.exists() for table in TABLES)


# What an import does


def test_a_package_is_imported_in_the_order_of_its_tables_and_counted(tmp_path: Path) -> None:
    outcome = run("import_dataset", good(tmp_path))
    assert (outcome.errors, outcome.failure) == ([], "")
    assert outcome.output == (
        "sources    1 new, 0 changed, 0 unchanged\n"
        "regions    2 new, 0 changed, 0 unchanged\n"
        "groups     1 new, 0 changed, 0 unchanged\n"
        "presences  1 new, 0 changed, 0 unchanged\n"
    )
    presence = Presence.objects.get()
    assert (presence.group.slug, presence.region.slug, presence.source.slug) == ("clans", "vraem", "ellis")
    assert presence.region.parent == Region.objects.get(slug="peru")


def test_importing_again_changes_nothing_and_changes_are_counted_by_column(tmp_path: Path) -> None:
    run("import_dataset", good(tmp_path))
    changed = good(tmp_path, sources="slug,name,summary\nellis,New,\nnew,N,\n")
    assert run("import_dataset", changed).output == (
        "sources    1 new, 1 changed (name 1), 0 unchanged\n"
        "regions    0 new, 0 changed, 2 unchanged\n"
        "groups     0 new, 0 changed, 1 unchanged\n"
        "presences  0 new, 0 changed, 1 unchanged\n"
    )


def test_a_dry_run_tells_what_would_be_done_and_writes_nothing(tmp_path: Path) -> None:
    outcome = run("import_dataset", good(tmp_path), "--dry-run")
    assert outcome.output.endswith(
        "presences  1 new, 0 changed, 0 unchanged\nNothing was written: this was a dry run.\n"
    )
    assert outcome.failure == ""
    assert is_empty()


def test_a_dry_run_of_a_bad_package_fails_like_its_import(tmp_path: Path) -> None:
    good(tmp_path, groups="slug,name,kind\nclans,,family-clan\n")
    dry, real = run("import_dataset", tmp_path, "--dry-run"), run("import_dataset", tmp_path)
    assert dry == real
    assert dry.failure == "Nothing was written: there is 1 problem."


def test_one_file_can_be_imported_alone(tmp_path: Path) -> None:
    good(tmp_path)
    assert run("import_dataset", tmp_path / "sources.csv").output == "sources  1 new, 0 changed, 0 unchanged\n"
    assert Source.objects.get().slug == "ellis"


def test_the_history_names_the_package_of_every_row(tmp_path: Path) -> None:
    folder = tmp_path / "peru-2017"
    run("import_dataset", good(folder))
    event = pghistory.models.Events.objects.tracks(Presence.objects.get()).get()
    assert event.pgh_context == {"import_file": "peru-2017", "batch": str(ImportBatch.objects.get().uid)}


# What is refused, and how it is told


def test_a_bad_row_in_the_last_table_leaves_nothing_of_the_first(tmp_path: Path) -> None:
    outcome = run("import_dataset", good(tmp_path, presences=PRESENCES + "p2,clans,vraem,,,\n"))
    assert outcome.errors == ['presences.csv:3 source "": The cell must not be empty: write the key of one source.']
    assert outcome.failure == "Nothing was written: there is 1 problem."
    assert outcome.output == ""
    assert is_empty()


def test_mistakes_in_all_tables_are_told_at_once(tmp_path: Path) -> None:
    outcome = run(
        "import_dataset",
        good(
            tmp_path,
            sources="slug,name,issued\nellis,New,2017-13\n",
            regions=REGIONS + "lima,Lima,department,prru\n",
            presences=PRESENCES + "p2,clans,vraem,ellis,page,\n",
        ),
    )
    assert outcome.errors == [
        (
            'sources.csv:2 issued "2017-13": "2017-13" has 13 where the month stands: write a month from 01 to 12, '
            'as in "2017-03", or an interval with both years in full, as in "2016/2017".'
        ),
        'regions.csv:4 parent "prru": There is no region with the key “prru”; the nearest are: peru.',
        (
            'presences.csv:3 locator_type, locator "page, ": A locator has two parts: what it counts (paragraph, '
            "page …) and which one (18)."
        ),
    ]


def test_a_reference_to_a_faulty_row_is_no_mistake_of_its_own(tmp_path: Path) -> None:
    good(tmp_path, groups="slug,name,kind\nclans,,family-clan\n", presences=PRESENCES + "p2,clns,vraem,ellis,,\n")
    assert run("import_dataset", tmp_path).errors == [
        'groups.csv:2 name "": The cell must not be empty: write some text.',
        'presences.csv:3 group "clns": There is no group with the key “clns”.',
    ]


def test_a_faulty_row_does_not_hide_the_other_mistakes_of_what_refers_to_it(tmp_path: Path) -> None:
    good(
        tmp_path,
        groups="slug,name,kind\nclans,,family-clan\n",
        presences="uid,group,region,source,when,credibility\np1,clans,vraem,ellis,1990s,7\n",
    )
    assert [error.split(":")[1] for error in run("import_dataset", tmp_path).errors] == [
        '2 name ""',
        '2 credibility "7"',
        '2 when "1990s"',
    ]


@pytest.mark.parametrize(
    "groups",
    [
        "name,kind\nFamily clans,family-clan\n",
        "slug,name,kind,colour\nclans,Family clans,family-clan,red\n",
        b"slug,name,kind\nclans,Cl\xe1nes,family-clan\n",
        'slug,name,kind\nclans,"Family clans,family-clan\n',
        "",
    ],
    ids=["no key", "unknown column", "wrong encoding", "cut off", "empty"],
)
def test_a_file_that_cannot_be_read_makes_no_mistakes_in_others(tmp_path: Path, groups: str | bytes) -> None:
    make_group(slug="older")
    good(tmp_path, groups=groups, presences=PRESENCES + "p2,older,vrae,ellis,,\n")
    errors = run("import_dataset", tmp_path).errors
    assert [error.split(":")[0] for error in errors] == ["groups.csv", "presences.csv"]
    assert errors[1] == (
        'presences.csv:3 region "vrae": There is no region with the key “vrae”; the nearest are: vraem.'
    )


def test_a_published_record_may_be_supported_by_a_later_table(tmp_path: Path) -> None:
    assert run("import_dataset", good(tmp_path, groups=GROUPS.replace("draft", "published"))).failure == ""
    assert Group.objects.get().status == Status.PUBLISHED


def test_a_published_record_without_a_claim_is_refused_in_its_row(tmp_path: Path) -> None:
    good(
        tmp_path,
        regions="slug,name,kind,status\nvraem,VRAEM,zone,published\nlima,Lima,department,published\n",
        groups="slug,name,kind,status\nclans,C,family-clan,draft\nmafia,M,mafia-style-group,published\n",
    )
    assert run("import_dataset", tmp_path).errors == [
        (
            'regions.csv:3 status "published": “lima” cannot be published: no claim supports it yet. '
            "Add a claim with its source first."
        ),
        (
            'groups.csv:3 status "published": “mafia” cannot be published: no claim supports it yet. '
            "Add a claim with its source first."
        ),
    ]
    assert is_empty()


def test_a_claim_with_a_mistake_does_not_count_as_missing(tmp_path: Path) -> None:
    good(
        tmp_path,
        groups="slug,name,kind,status\nclans,C,family-clan,published\n",
        presences="uid,group,region,source,when\np1,clans,vraem,ellis,soon\n",
    )
    (error,) = run("import_dataset", tmp_path).errors
    assert error.startswith('presences.csv:2 when "soon": ')


def test_a_claim_that_only_mentions_does_not_support(tmp_path: Path) -> None:
    good(
        tmp_path,
        groups=GROUPS.replace("draft", "published"),
        presences="uid,group,region,source,stance\np1,clans,vraem,ellis,mentions\n",
    )
    (error,) = run("import_dataset", tmp_path).errors
    assert error.startswith('groups.csv:2 status "published": “clans” cannot be published')


def test_support_taken_from_a_record_that_is_not_in_the_package_is_told(tmp_path: Path) -> None:
    group = make_group(slug="clans")
    make_presence(uid="p1", group=group, region=make_region(slug="vraem"), source=make_source(slug="ellis"))
    with transaction_to_its_end():
        Group.objects.update(status=Status.PUBLISHED)
    outcome = run("import_dataset", package(tmp_path, presences="uid,stance\np1,disputes\n"))
    assert outcome.errors == [
        "“clans” cannot be published: no claim supports it yet. Add a claim with its source first."
    ]
    assert Presence.objects.get().stance == "supports"


def test_a_circle_over_rows_of_a_file_and_of_the_database_is_told_in_its_row(tmp_path: Path) -> None:
    make_region(slug="peru", parent=make_region(slug="andes"))
    outcome = run("import_dataset", package(tmp_path, regions="slug,name,kind,parent\nandes,A,world-region,peru\n"))
    assert outcome.errors == [
        (
            'regions.csv:2 parent "peru": “andes” cannot lie below “peru”, which is the record itself or lies '
            "below it: andes → peru → andes."
        )
    ]


def test_a_missing_folder_is_told() -> None:
    outcome = run("import_dataset", "/nowhere/at/all")
    assert outcome.failure == "There is no folder or file /nowhere/at/all."


def test_a_folder_without_tables_is_told(tmp_path: Path) -> None:
    assert run("import_dataset", tmp_path).failure == f"There is no CSV file in {tmp_path}."


def test_files_that_are_no_tables_are_told_all_at_once_and_nothing_is_read(tmp_path: Path) -> None:
    good(tmp_path, region="slug\n")
    (tmp_path / "groups.ods").write_bytes(b"PK")
    (tmp_path / "sub").mkdir()
    failure = run("import_dataset", tmp_path).failure.splitlines()
    assert failure[0].startswith("groups.ods is not a table of a package; name it after one, such as: groups.csv")
    assert failure[1].startswith("region.csv is not a table of a package; name it after one, such as: regions.csv")
    assert failure[2].startswith("sub is not a table of a package; name it after one, such as: ")
    assert is_empty()


def test_a_description_a_readme_and_hidden_files_may_lie_in_the_folder(tmp_path: Path) -> None:
    good(tmp_path)
    for name in ("datapackage.json", "README.md", ".DS_Store"):
        (tmp_path / name).write_text("")
    assert run("import_dataset", tmp_path).failure == ""


def test_a_file_that_is_not_named_after_a_table_is_told(tmp_path: Path) -> None:
    (tmp_path / "group.csv").write_text(GROUPS)
    assert "group.csv is not a table of a package; name it after one, such as: groups.csv" in (
        run("import_dataset", tmp_path / "group.csv").failure
    )


def test_a_command_that_makes_no_sense_ends_with_status_2() -> None:
    command = [sys.executable, "manage.py", "import_dataset", "/nowhere"]
    done = subprocess.run(command, cwd=site.BASE_DIR, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.strip() == "CommandError: There is no folder or file /nowhere."


# Files as spreadsheets leave them


def test_semicolons_a_byte_order_mark_and_utf_16_are_read(tmp_path: Path) -> None:
    good(
        tmp_path,
        sources=SOURCES.encode("utf-8-sig"),
        regions=REGIONS.replace(",", ";").replace("\n", "\r\n").encode("utf-8-sig"),
        groups=GROUPS.encode("utf-16"),
    )
    outcome = run("import_dataset", tmp_path)
    assert outcome.failure == ""
    assert outcome.output.startswith(
        "regions.csv: read with semicolons between the cells\ngroups.csv: read as UTF-16\n"
    )


BAD_FILES = {
    "wrong encoding": (
        "slug,name\nx,Huánuco\n".encode("windows-1252"),
        (
            "The file is not UTF-8: byte 14, in row 2 after “Hu”, is 0xE1, which begins no character there, and it "
            "has no byte order mark of UTF-16. It looks like Windows-1252, in which the cell reads “Huánuco”. "
            "Save it as “CSV UTF-8”."
        ),
    ),
    "empty": (b"", "The file is empty: its first row must name the columns."),
    "cut off": (
        b'slug,name\nx,"Hua',
        (
            "Row 2, which begins in line 2, has a quotation mark that is never closed: the file is cut off, or a "
            'quotation mark inside a cell is not doubled ("").'
        ),
    ),
    "too large": (
        b"slug,name\n" + b"x" * 3_000_000,
        "The file has 2.9 MB, and at most 1 MB are read: split it, or raise UPLOAD_LIMIT_MB in the environment.",
    ),
    "no header": (
        b"x,Huanuco\n",
        "The column “slug” is missing: it names the row, and its cell may be empty for a new one.",
    ),
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_file_that_cannot_be_read_is_refused_with_one_sentence(tmp_path: Path, settings: Settings, kind: str) -> None:
    settings.UPLOAD_LIMIT = 1024 * 1024
    content, sentence = BAD_FILES[kind]
    outcome = run("import_dataset", good(tmp_path, sources=content))
    assert outcome.errors[0] == f"sources.csv: {sentence}"
    assert is_empty()


def test_an_import_does_not_hold_the_texts_of_its_file_in_memory(tmp_path: Path) -> None:
    group, region, source = make_group(slug="g"), make_region(slug="r"), make_source(slug="s")
    count, length = 800, 4000
    uids = [f"p{number}" for number in range(count)]
    Presence.objects.bulk_create(Presence(uid=uid, group=group, region=region, source=source) for uid in uids)

    def peak(note: str) -> int:
        Presence.objects.update(note=note)
        path = tmp_path / "presences.csv"
        path.write_text("uid,group,region,source,note\n" + "".join(f"{uid},g,r,s,{note}\n" for uid in uids))
        tracemalloc.start()
        report = import_package(path)
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert report.tables[0].unchanged == count
        return highest

    short = peak("x")
    # A hundred rows are held at a time.
    assert peak("x" * length) - short < count * length / 2


# Exports


def fill_the_database() -> None:
    peru = make_region(slug="peru", name="Perú", kind="country")
    vraem = make_region(slug="vraem", name="=VRAEM", parts=[peru], latitude="-12.5", longitude="-73.9")
    group = make_group(slug="clans", name="Clanes, familiares", aliases=["a|b"], is_collective=True, founded="198X")
    make_presence(uid="p1", group=group, region=vraem, when="2016-10/..", note='He said: "no"\r\nand\rleft')
    make_group_estimate(uid="e1", group=group, best="40441.18", is_series_break=True)
    make_program(slug="operation", lead_agencies=[make_agency(slug="police"), make_agency(slug="army")])


def test_an_export_has_every_table_and_an_empty_one_has_its_header(tmp_path: Path) -> None:
    folder = tmp_path / "export"
    outcome = run("export_dataset", folder)
    assert outcome.failure == ""
    assert set(contents(folder)) == {*(table.file_name for table in TABLES), "datapackage.json"}
    for table in TABLES:
        assert (folder / table.file_name).read_text() == ",".join(table.resource().columns) + "\n"


def test_an_export_tells_how_many_rows_each_table_has(tmp_path: Path) -> None:
    fill_the_database()
    lines = dict(line.split() for line in run("export_dataset", tmp_path / "x").output.splitlines())
    assert (lines["regions"], lines["presences"], lines["targets"]) == ("2", "1", "0")
    assert list(lines) == [table.name for table in TABLES]


def test_the_same_state_gives_the_same_files(tmp_path: Path) -> None:
    fill_the_database()
    run("export_dataset", tmp_path / "one")
    run("export_dataset", tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_an_export_comes_back_into_an_empty_database(tmp_path: Path) -> None:
    fill_the_database()
    run("export_dataset", tmp_path / "one")
    empty_the_database()
    assert run("import_dataset", tmp_path / "one").failure == ""
    run("export_dataset", tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def saved_by_a_spreadsheet(path: Path) -> None:
    """What Excel makes of a file when a Spanish user opens and saves it as “CSV UTF-8”."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        for row in rows:
            writer.writerow([{"true": "VERDADERO", "false": "FALSO"}.get(cell, cell) for cell in row])


def test_an_export_that_a_spreadsheet_saved_again_changes_nothing(tmp_path: Path) -> None:
    fill_the_database()
    folder = tmp_path / "export"
    run("export_dataset", folder)
    for table in TABLES:
        saved_by_a_spreadsheet(folder / table.file_name)
    outcome = run("import_dataset", folder)
    assert outcome.failure == ""
    counts = [line for line in outcome.output.splitlines() if "unchanged" in line]
    assert len(counts) == len(TABLES)
    assert all("0 new, 0 changed" in line for line in counts)


def test_some_tables_can_be_exported_alone(tmp_path: Path) -> None:
    fill_the_database()
    folder = tmp_path / "export"
    assert run("export_dataset", folder, "--table=groups", "--table=regions").output == "regions  2\ngroups   1\n"
    assert set(contents(folder)) == {"groups.csv", "regions.csv", "datapackage.json"}


def test_a_table_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    assert "invalid choice: 'group'" in run("export_dataset", tmp_path / "x", "--table=group").failure


def test_an_earlier_export_is_replaced_as_a_whole(tmp_path: Path) -> None:
    fill_the_database()
    folder = tmp_path / "export"
    run("export_dataset", folder)
    assert run("export_dataset", folder, "--table=groups").failure == ""
    assert set(contents(folder)) == {"groups.csv", "datapackage.json"}


def test_a_folder_with_other_files_is_refused_unless_forced(tmp_path: Path) -> None:
    folder = tmp_path / "thesis"
    folder.mkdir()
    (folder / "chapter-1.txt").write_text("mine")
    assert run("export_dataset", folder).failure == (
        f"{folder} holds files that are no earlier export: name another folder, or add --force to use it."
    )
    assert set(contents(folder)) == {"chapter-1.txt"}
    assert run("export_dataset", folder, "--force", "--table=groups").failure == ""
    assert set(contents(folder)) == {"chapter-1.txt", "groups.csv", "datapackage.json"}
    assert (folder / "chapter-1.txt").read_text() == "mine"


@pytest.mark.parametrize("described", ["", "[]", '{"name": "other"}'])
def test_a_package_of_somebody_else_is_not_overwritten(tmp_path: Path, described: str) -> None:
    (tmp_path / "datapackage.json").write_text(described)
    assert "no earlier export" in run("export_dataset", tmp_path).failure


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    assert run("export_dataset", tmp_path / "x").failure == f"{tmp_path / 'x'} is a file: name a folder."


def test_a_failed_export_leaves_the_earlier_one_and_no_litter(tmp_path: Path) -> None:
    fill_the_database()
    folder = tmp_path / "export"
    run("export_dataset", folder)
    before = contents(folder)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE programs_target RENAME TO elsewhere")
    with pytest.raises(Exception, match="programs_target"):
        run("export_dataset", folder)
    assert contents(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["export"]


@pytest.mark.django_db(transaction=True)
def test_an_export_shows_one_moment_whatever_others_write_meanwhile() -> None:
    make_region_estimate()

    def write() -> None:
        make_region()
        connection.close()

    with one_moment():
        before = Region.objects.count()
        with ThreadPoolExecutor(1) as others:
            others.submit(write).result()
        assert Region.objects.count() == before
    assert Region.objects.count() == before + 1
