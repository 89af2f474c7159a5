"""`import_dataset` and `export_dataset` among other programs: files of any form, pipes, reports, exit codes."""

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.db import connection

from actors.models import Group
from crimewatch.exchange.datapackage import PACKAGE_TITLE
from crimewatch.exchange.models import BatchState, ImportBatch
from crimewatch.records.history import events_of
from tests.exchange.packages import run
from tests.factories import make_group, make_presence, make_region

GROUPS = "slug,name,kind\nclans,Family clans,family-clan\n"


def database_url() -> str:
    """The address of the test database, for a process of its own."""
    address = connection.get_connection_params()
    login = f"{address['user']}:{address['password']}" if address.get("password") else address["user"]
    port = f"&port={address['port']}" if address.get("port") else ""
    return f"postgresql://{login}@/{address['dbname']}?host={address.get('host', 'localhost')}{port}"


def manage(*arguments: object, **options: Any) -> "subprocess.CompletedProcess[bytes]":
    """A command in a process of its own, on the test database."""
    return subprocess.run(
        [sys.executable, "manage.py", *map(str, arguments)],
        cwd=site.BASE_DIR,
        env={**os.environ, "DATABASE_URL": database_url(), "DEBUG": "true"},
        capture_output=True,
        check=False,
        **options,
    )


# In one process


@pytest.mark.django_db
def test_a_written_import_is_a_batch_with_its_file_reason_and_counts(tmp_path: Path) -> None:
    (tmp_path / "groups.csv").write_text(GROUPS)
    assert run("import_dataset", tmp_path / "groups.csv", "--reason", "the yearly delivery").failure == ""
    batch = ImportBatch.objects.get()
    assert (batch.state, batch.user, batch.file_names) == (BatchState.DONE, None, ["groups.csv"])
    assert batch.counts == {"groups": {"new": 1, "changed": 0, "unchanged": 0, "bad": 0}}
    assert (len(batch.sha256), batch.size) == (64, len(GROUPS))
    metadata = events_of(Group).objects.get().pgh_context.metadata
    assert (metadata["batch"], metadata["reason"]) == (str(batch.uid), "the yearly delivery")


@pytest.mark.django_db
def test_an_import_that_writes_nothing_is_no_batch(tmp_path: Path) -> None:
    (tmp_path / "groups.csv").write_text(GROUPS)
    run("import_dataset", tmp_path, "--dry-run")
    (tmp_path / "groups.csv").write_text(GROUPS.replace("family-clan", "clan"))
    assert run("import_dataset", tmp_path).failure == "Nothing was written: there is 1 problem."
    assert not ImportBatch.objects.exists()


@pytest.mark.django_db
def test_an_archive_a_workbook_and_a_file_of_another_name_are_read(tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("groups.csv", GROUPS)
        archive.writestr("regions.jsonl", '{"slug": "peru", "name": "Perú", "kind": "country"}\n')
    (tmp_path / "all.zip").write_bytes(content.getvalue())
    assert run("import_dataset", tmp_path / "all.zip").output == (
        "regions  1 new, 0 changed, 0 unchanged\ngroups   1 new, 0 changed, 0 unchanged\n"
    )
    (tmp_path / "mine.csv").write_bytes("slug,name\nclans,Otra señal\n".encode("windows-1252"))
    outcome = run("import_dataset", tmp_path / "mine.csv", "--table", "groups")
    assert "It looks like Windows-1252" in outcome.errors[0]
    outcome = run("import_dataset", tmp_path / "mine.csv", "--table", "groups", "--encoding", "windows-1252")
    assert outcome.output.endswith("groups  0 new, 1 changed (name 1), 0 unchanged\n")
    assert Group.objects.get().name == "Otra señal"


@pytest.mark.django_db
def test_a_folder_may_hold_files_of_any_form_but_one_for_each_table(tmp_path: Path) -> None:
    (tmp_path / "groups.csv").write_text(GROUPS)
    (tmp_path / "regions.jsonl").write_text('{"slug": "peru", "name": "Perú", "kind": "country"}\n')
    assert run("import_dataset", tmp_path).failure == ""
    (tmp_path / "groups.jsonl").write_text('{"slug": "clans"}\n')
    assert "groups.csv, groups.jsonl are of one table" in run("import_dataset", tmp_path).failure


@pytest.mark.django_db
def test_the_report_tells_a_program_all_that_a_person_is_told(tmp_path: Path) -> None:
    (tmp_path / "groups.csv").write_text(GROUPS + "x,X,clan\n")
    run("import_dataset", tmp_path, "--report", tmp_path.parent / "report.json")
    report = json.loads((tmp_path.parent / "report.json").read_text())
    assert (report["is_written"], report["batch"]) == (False, None)
    (problem,) = report["tables"][0]["problems"]
    assert (problem["row"], problem["column"], problem["value"]) == (3, "kind", "clan")
    assert "family-clan" in problem["hint"]
    (tmp_path / "groups.csv").write_text(GROUPS)
    report = json.loads(run("import_dataset", tmp_path, "--report", "-").output)
    assert report["is_written"]
    assert report["batch"] == str(ImportBatch.objects.get().uid)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["out.zip", "out.xlsx", "groups.csv", "groups.jsonl"])
def test_an_export_to_a_file_is_whole_and_the_same_every_time(tmp_path: Path, name: str) -> None:
    make_group(slug="clans")
    options = ("--table", "groups") if name.startswith("groups") else ()
    assert run("export_dataset", tmp_path / name, *options).failure == ""
    first = (tmp_path / name).read_bytes()
    run("export_dataset", tmp_path / name, *options)
    assert (tmp_path / name).read_bytes() == first
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert "0 new, 0 changed, 1 unchanged" in run("import_dataset", tmp_path / name).output


@pytest.mark.django_db
def test_columns_are_chosen_on_the_command_line(tmp_path: Path) -> None:
    make_group(slug="clans", name="Clans")
    run("export_dataset", tmp_path / "groups.csv", "--table", "groups", "--columns", "name, slug")
    assert (tmp_path / "groups.csv").read_text() == "name,slug\nClans,clans\n"


@pytest.mark.django_db
def test_names_are_put_beside_keys_in_a_file_and_in_a_folder(tmp_path: Path) -> None:
    make_presence(uid="x", group=make_group(slug="clan", name="Clan"))
    run("export_dataset", tmp_path / "one.csv", "--table", "presences", "--columns", "uid,group", "--names")
    assert (tmp_path / "one.csv").read_text() == "uid,group,group:name\nx,clan,Clan\n"
    assert run("export_dataset", tmp_path / "all", "--names").failure == ""
    assert b",region,region:name," in (tmp_path / "all" / "presences.csv").read_bytes()
    described = (tmp_path / "all" / "datapackage.json").read_bytes()
    assert run("describe_package", tmp_path / "all", "--title", PACKAGE_TITLE).failure == ""
    assert (tmp_path / "all" / "datapackage.json").read_bytes() == described.replace(b'"crimewatch"', b'"all"', 1)
    assert run("import_dataset", tmp_path / "all").failure == ""


@pytest.mark.django_db
def test_what_makes_no_sense_ends_with_status_2(tmp_path: Path) -> None:
    for command in (
        ("import_dataset", "/nowhere"),
        ("import_dataset", "-"),
        ("export_dataset", tmp_path / "all.csv"),
        ("export_dataset", tmp_path, "--columns", "slug"),
    ):
        assert run(*command).status == 2, command


# Among other programs


@pytest.mark.django_db(transaction=True)
def test_standard_input_and_output_go_through_a_pipe() -> None:
    done = manage("import_dataset", "-", "--table", "groups", input=GROUPS.encode())
    assert (done.returncode, done.stderr) == (0, b"")  # no progress where no terminal is
    assert done.stdout == b"groups  1 new, 0 changed, 0 unchanged\n"
    out = manage("export_dataset", "-", "--table", "groups", "--format", "jsonl")
    assert json.loads(out.stdout)["slug"] == "clans"
    assert manage("import_dataset", "-", "--table", "groups", "--format", "jsonl", input=out.stdout).returncode == 0
    bad = manage("import_dataset", "-", "--table", "groups", input=b"slug,name,kind\nx,,clan\n")
    assert bad.returncode == 1
    package = manage("export_dataset", "-", "--format", "zip")
    assert manage("import_dataset", "-", "--format", "zip", "--dry-run", input=package.stdout).returncode == 0


@pytest.mark.django_db(transaction=True)
def test_a_reader_who_has_had_enough_is_no_error() -> None:
    for number in range(300):
        make_region(slug=f"r-{number}", summary="x" * 2000)
    command = f"{sys.executable} manage.py export_dataset - --table regions | head -n 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=site.BASE_DIR,
        env={**os.environ, "DATABASE_URL": database_url(), "DEBUG": "true"},
        capture_output=True,
        check=False,
        text=True,
    )
    header, status = done.stdout.splitlines()
    assert header.startswith("slug,name")
    assert (status, done.stderr) == ("141", "")
