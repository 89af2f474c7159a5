"""`manage.py export_dataset`: the whole database, or some tables of it, as a folder, an archive, a file or a stream."""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from crimewatch.exchange.catalog import TABLES, TABLES_BY_NAME
from crimewatch.exchange.dataset import PackageError, export_package
from crimewatch.exchange.management.terminal import USAGE, TerminalProgress, quiet_pipe
from crimewatch.exchange.outgoing import FORMS, EmptySelectionError, Selection, write
from crimewatch.exchange.outgoing.writing import lines
from crimewatch.records.resources import RefusedError


class Command(BaseCommand):
    help = (
        "Write every table to a folder as CSV, with a datapackage.json (Frictionless) that describes them, or to a "
        "file, whose ending tells its form: .zip (the same), .xlsx, or for one table .csv or .jsonl. "
        "The same state of the database gives the same files."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "target", type=Path, help="the folder, whose earlier export is replaced, or the file; - for standard output"
        )
        parser.add_argument(
            "--table",
            action="append",
            choices=list(TABLES_BY_NAME),
            metavar="TABLE",
            help="only this table; may be given more than once",
        )
        parser.add_argument("--format", choices=list(FORMS), help="the form of a file whose name does not tell")
        parser.add_argument("--columns", default="", help="columns of the one table, with commas, in their order")
        parser.add_argument(
            "--names",
            action="store_true",
            help="put the names of records beside their keys, in columns such as region:name, for people to read",
        )
        parser.add_argument("--force", action="store_true", help="write into a folder that holds other files")

    def handle(self, *_args: Any, target: Path, **options: Any) -> None:
        form = options["format"] or (target.suffix.removeprefix(".") if target.suffix[1:] in FORMS else "")
        try:
            if str(target) != "-" and not form:
                self.export_folder(target, options)
                return
            columns = [name.strip() for name in options["columns"].split(",") if name.strip()]
            selection = Selection.of(
                options["table"] or [], form=form or "csv", columns=columns, with_names=options["names"]
            )
            if str(target) == "-":
                self.export_stream(selection)
            else:
                self.export_file(selection, target)
        except (PackageError, EmptySelectionError) as error:
            raise CommandError(str(error), returncode=USAGE) from error
        except (RefusedError, OSError) as error:
            raise CommandError(str(error)) from error

    def export_folder(self, folder: Path, options: dict[str, Any]) -> None:
        if options["columns"]:
            raise CommandError("A folder holds whole tables: name a file to choose columns.", returncode=USAGE)
        wanted = [each for each in TABLES if options["table"] is None or each.name in options["table"]]
        counts = export_package(folder, wanted, with_names=options["names"], force=options["force"])
        width = max(len(name) for name in counts)
        for name, count in counts.items():
            self.stdout.write(f"{name:{width}}  {count}")

    def export_file(self, selection: Selection, path: Path) -> None:
        """Write a file as a whole or not at all."""
        with TerminalProgress(self.stderr) as progress:
            rows = put(path, lambda file: write(selection, file, progress=progress))
        self.stdout.write(f"{path.name}  {rows}")

    def export_stream(self, selection: Selection) -> None:
        with quiet_pipe():
            if selection.form in {"csv", "jsonl"}:
                for line in lines(selection, user=None):
                    sys.stdout.buffer.write(line)
                return
            with tempfile.TemporaryFile() as file:
                write(selection, file)
                file.seek(0)
                while chunk := file.read(2**20):
                    sys.stdout.buffer.write(chunk)


def put(path: Path, written: Callable[[IO[bytes]], int]) -> int:
    """Have a file written beside `path` and put it in its place when it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            rows = written(file)
        Path(draft).chmod(0o666 & ~umask())
        Path(draft).replace(path)
    finally:
        Path(draft).unlink(missing_ok=True)
    return rows


def umask() -> int:
    """What new files are not open for, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
