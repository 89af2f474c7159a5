"""The description of a package, as another program understands it."""

import json
from pathlib import Path
from typing import Any

import frictionless
import pytest

from crimewatch.exchange.catalog import TABLES, TABLES_BY_NAME
from crimewatch.exchange.datapackage import descriptor_of
from crimewatch.exchange.dataset import export_package
from tests.factories import make_agency, make_program, make_region
from tests.kinds import CLAIMS, RECORDS

pytestmark = pytest.mark.django_db


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """An export with rows in every table, some with awkward values."""
    peru = make_region(slug="peru", kind="country", name="=Perú", summary='"Quoted",\r\nand\rmore')
    outline = {"type": "Polygon", "coordinates": [[[1.5, 2], [3, 4], [5, 6], [1.5, 2]]]}
    make_region(slug="puno", parent=peru, parts=[peru], outline=outline, precision=3, latitude="-15.84", longitude=-70)
    ministry = make_agency(slug="ministry", country=peru)
    make_program(lead_agencies=[ministry, make_agency(parent=ministry)])
    for make in [*RECORDS.values(), *CLAIMS.values()]:
        make()
    export_package(tmp_path / "export")
    return tmp_path / "export"


def validated(folder: Path) -> Any:
    return frictionless.validate(str(folder / "datapackage.json"))


def test_an_export_is_a_valid_package(exported: Path) -> None:
    report = validated(exported)
    assert report.flatten(["rowNumber", "fieldName", "type", "message"]) == []
    assert report.valid
    assert {task.name for task in report.tasks} == set(TABLES_BY_NAME)


@pytest.mark.parametrize(
    ("name", "old", "new", "kind"),
    [
        ("regions", ",peru,", ",perru,", "foreign-key"),
        ("regions", ",-15.84,", ",-95.84,", "constraint-error"),
        ("regions", ",province,", ",shire,", "constraint-error"),
        ("regions", "\npuno,", "\nperu,", "primary-key"),
        ("agencies", ",peru,", ",lima,", "foreign-key"),
    ],
)
def test_the_description_lets_others_find_mistakes(exported: Path, name: str, old: str, new: str, kind: str) -> None:
    path = exported / f"{name}.csv"
    text = path.read_bytes().decode()
    path.write_bytes(text.replace(old, new).encode())
    found = {row[0] for row in validated(exported).flatten(["type"])}
    assert kind in found


def test_every_reference_to_one_record_is_a_foreign_key() -> None:
    package = json.loads(descriptor_of(TABLES))
    schemas = {resource["name"]: resource["schema"] for resource in package["resources"]}
    keys = {
        (name, key["fields"], key["reference"]["resource"])
        for name, schema in schemas.items()
        for key in schema["foreignKeys"]
    }
    assert ("regions", "parent", "") in keys
    assert ("presences", "region", "regions") in keys
    assert ("people", "nationality", "regions") in keys
    claims = [table.name for table in TABLES if "uid" in table.resource().columns]
    assert {(name, "source", "sources") for name in claims} <= keys


def test_a_part_of_the_tables_refers_to_no_absent_one() -> None:
    package = json.loads(descriptor_of([TABLES_BY_NAME["regions"], TABLES_BY_NAME["presences"]]))
    regions, presences = package["resources"]
    assert [key["fields"] for key in regions["schema"]["foreignKeys"]] == ["parent"]
    assert [key["fields"] for key in presences["schema"]["foreignKeys"]] == ["region"]


def field(table: str, name: str) -> dict[str, Any]:
    package = json.loads(descriptor_of(TABLES))
    schema = next(resource["schema"] for resource in package["resources"] if resource["name"] == table)
    found: dict[str, Any] = next(each for each in schema["fields"] if each["name"] == name)
    return found


def test_fields_have_types_and_rules() -> None:
    assert field("regions", "slug")["constraints"] == {
        "required": True,
        "unique": True,
        "pattern": "[a-z0-9]+(?:-[a-z0-9]+)*",
    }
    assert field("regions", "latitude") == {
        "name": "latitude",
        "type": "number",
        "title": "latitude",
        "description": "Decimal degrees; the south is negative: -13.16.",
        "constraints": {"minimum": -90, "maximum": 90},
    }
    assert field("regions", "outline")["type"] == "object"
    assert field("presences", "credibility")["type"] == "integer"
    assert field("presences", "credibility")["constraints"] == {"required": True, "enum": [1, 2, 3, 4, 5, 6]}
    assert field("route_legs", "order")["constraints"] == {"required": True, "minimum": 1}
    assert field("groups", "is_collective")["type"] == "boolean"
    assert field("occurrences", "trend")["constraints"]["enum"][0] == "emerging"
    assert "required" not in field("occurrences", "trend")["constraints"]
    assert "constraints" not in field("regions", "summary")
