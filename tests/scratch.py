"""A database beside the test database, for tests that migrate or restore a whole one."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def scratch_database(template: str = "") -> Iterator[str]:
    """Connect to an empty database or a copy of `template`, and back in the end. Not for use within a transaction."""
    usual = connection.settings_dict["NAME"]
    name = f"{usual}_scratch"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
    connect_to(name)
    try:
        yield name
    finally:
        connect_to(usual)
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def connect_to(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name
