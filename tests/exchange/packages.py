"""Folders of CSV files, and the commands that read and write them, for tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command
from django.db import connection, transaction

from crimewatch.exchange.catalog import TABLES


@dataclass
class Outcome:
    """What a command wrote, the sentence with which it failed, if it did, and its exit status."""

    output: str
    errors: list[str]
    failure: str
    status: int = 0


def run(command: str, *arguments: Any) -> Outcome:
    """The outcome of a command. A failure is one that ends it with status 1, or 2 where it makes no sense."""
    output, errors = StringIO(), StringIO()
    failure, status = "", 0
    try:
        call_command(command, *(str(argument) for argument in arguments), stdout=output, stderr=errors)
    except CommandError as error:
        failure, status = str(error), error.returncode
    return Outcome(output.getvalue(), errors.getvalue().splitlines(), failure, status)


def package(folder: Path, **tables: str | bytes) -> Path:
    """A folder with a file for each of `tables`."""
    folder.mkdir(exist_ok=True)
    for name, content in tables.items():
        (folder / f"{name}.csv").write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def empty_the_database() -> None:
    """Delete every row of every table of the catalog, which is faster for a few rows than TRUNCATE."""
    connection.check_constraints()
    links = [field.m2m_db_table() for table in TABLES for field in table.model._meta.many_to_many]
    tables = [table.model._meta.db_table for table in reversed(TABLES)]
    with connection.cursor() as cursor:
        for name in [*links, *tables]:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(name)}")
    connection.check_constraints()


@contextmanager
def taken_back() -> Iterator[None]:
    """Whatever is written inside is taken back at the end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
