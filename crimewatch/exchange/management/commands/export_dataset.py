"""`manage.py export_dataset`: the whole database, or some tables of it, as a folder of CSV files."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from crimewatch.exchange.catalog import TABLES, TABLES_BY_NAME
from crimewatch.exchange.dataset import PackageError, export_package


class Command(BaseCommand):
    help = (
        "Write every table to a folder as CSV, with a datapackage.json (Frictionless) that describes them. "
        "The same state of the database gives the same files."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="the folder; an earlier export in it is replaced")
        parser.add_argument(
            "--table",
            action="append",
            choices=list(TABLES_BY_NAME),
            metavar="TABLE",
            help="only this table; may be given more than once",
        )
        parser.add_argument("--force", action="store_true", help="write into a folder that holds other files")

    def handle(self, *_args: Any, folder: Path, table: list[str] | None, force: bool, **_options: Any) -> None:
        wanted = [each for each in TABLES if table is None or each.name in table]
        try:
            counts = export_package(folder, wanted, force=force)
        except (PackageError, OSError) as error:
            raise CommandError(str(error)) from error
        width = max(len(name) for name in counts)
        for name, count in counts.items():
            self.stdout.write(f"{name:{width}}  {count}")
