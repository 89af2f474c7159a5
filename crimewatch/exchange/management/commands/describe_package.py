"""`manage.py describe_package`: the description of a package that was put together by hand."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from crimewatch.exchange.catalog import Table
from crimewatch.exchange.datapackage import DESCRIPTOR, descriptor_of_files
from crimewatch.exchange.dataset import PackageError, package_files
from crimewatch.records.resources import CSVTable, RefusedError
from crimewatch.records.resources.headers import unknown, unreadable


class Command(BaseCommand):
    help = (
        "Write the datapackage.json (Frictionless) of a folder of CSV files, from their headers as they are now. "
        "They may be some of the tables, with some of their columns."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="the folder; its name becomes the name of the package")
        parser.add_argument("--title", help="what the package is, in a line; without it an earlier title stays")

    def handle(self, *_args: Any, folder: Path, title: str | None, **_options: Any) -> None:
        path = folder / DESCRIPTOR
        name = folder.resolve().name
        try:
            files = {table: columns_of(table, file) for table, file in package_files(folder)}
            described = descriptor_of_files(files, name=name, title=title or earlier_title(path) or name)
            path.write_text(described, encoding="utf-8")
        except (PackageError, RefusedError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Wrote {path}")


def columns_of(table: Table, path: Path) -> Sequence[str]:
    """The header of the file at `path`. Raises `RefusedError` where it is not one of `table`."""
    with path.open("rb") as file:
        columns = CSVTable(file, path.name).headers
    resource = table.resource()
    mistakes = [*unreadable(columns, resource.key), *unknown(columns, resource.columns, resource.name_columns)]
    if mistakes:
        raise RefusedError("\n".join(f"{path.name}: {mistake}" for mistake in mistakes))
    return columns


def earlier_title(path: Path) -> str:
    """The title in the description that is at `path` now, if any."""
    try:
        described: Any = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except ValueError as error:
        raise RefusedError(f"{path} is not JSON, so that its title cannot be kept: give one with --title.") from error
    title = described.get("title") if isinstance(described, dict) else ""
    return title if isinstance(title, str) else ""
