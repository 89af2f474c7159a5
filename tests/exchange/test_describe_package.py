"""Describing a package that was put together by hand."""

import json
from pathlib import Path
from typing import Any

import frictionless

from tests.exchange.packages import package, run


def described(folder: Path) -> Any:
    return json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))


def test_some_columns_of_some_tables_are_described_in_the_order_of_the_file(tmp_path: Path) -> None:
    folder = package(tmp_path / "some-people", people="name,slug\nMaría,maria\n")
    assert run("describe_package", folder).failure == ""
    (people,) = described(folder)["resources"]
    assert [field["name"] for field in people["schema"]["fields"]] == ["name", "slug"]
    assert frictionless.validate(str(folder / "datapackage.json")).valid


def test_a_package_is_named_after_its_folder_and_keeps_its_title(tmp_path: Path) -> None:
    folder = package(tmp_path / "some-people", people="slug,name\nmaria,María\n")
    run("describe_package", folder)
    assert (described(folder)["name"], described(folder)["title"]) == ("some-people", "some-people")
    run("describe_package", folder, "--title", "People of the north")
    run("describe_package", folder)
    assert described(folder)["title"] == "People of the north"


def test_a_file_without_the_columns_of_a_new_row_is_not_taken_to_hold_what_others_refer_to(tmp_path: Path) -> None:
    agencies = "slug,name,kind,country\ndevida,DEVIDA,drug-control,peru\n"
    folder = package(tmp_path / "package", regions="slug,status\nlima,published\n", agencies=agencies)
    run("describe_package", folder)
    assert described(folder)["resources"][1]["schema"]["foreignKeys"] == []
    package(folder, regions="slug,name,kind\nperu,Peru,country\n")
    run("describe_package", folder)
    (key,) = described(folder)["resources"][1]["schema"]["foreignKeys"]
    assert key == {"fields": "country", "reference": {"resource": "regions", "fields": "slug"}}


def test_a_header_that_is_not_the_tables_is_refused_and_nothing_written(tmp_path: Path) -> None:
    folder = package(tmp_path / "package", people="slug,nam\nmaria,María\n", groups="name\nClan\n")
    failure = run("describe_package", folder).failure
    assert "groups.csv: The column “slug” is missing" in failure
    assert not (folder / "datapackage.json").exists()
    package(folder, groups="slug,name\nclan,Clan\n")
    assert "people.csv: There is no column “nam”" in run("describe_package", folder).failure


def test_a_description_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    folder = package(tmp_path / "package", people="slug,name\nmaria,María\n")
    (folder / "datapackage.json").write_text("{")
    failure = run("describe_package", folder).failure
    assert failure.endswith("datapackage.json is not JSON, so that its title cannot be kept: give one with --title.")
    assert (folder / "datapackage.json").read_text() == "{"
    assert run("describe_package", folder, "--title", "People").failure == ""
    assert described(folder)["title"] == "People"
