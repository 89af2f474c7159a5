"""A database of a given size on the server that the settings name, beside the site's own and never in it."""
# ruff: noqa: SLF001 (Django has no public way to reach a server rather than a database)

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import connection
from psycopg import sql

from benchmarks.generate import generate, holds_data


@contextmanager
def database_of(claims: int, seed: int, *, keep: bool, report: Callable[[str], None]) -> Iterator[None]:
    """Use a generated database of so many claims for a while; a kept one is there already the next time."""
    usual = connection.settings_dict["NAME"]
    name = f"benchmark_{claims}_{seed}"
    make_database(name)
    try:
        connect_to(name)
        call_command("migrate", verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # of a column that a migration has just added the planner knows nothing
        if not holds_data():
            generate(claims, seed, report)
        yield
    finally:
        connect_to(usual)
        if not keep:
            with connection._nodb_cursor() as cursor:
                cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def make_database(name: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() is None:
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def connect_to(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name
