"""Packages: the tables of the database as a folder of CSV files, read and written as a whole."""

import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pghistory
from django.db import connection, transaction
from django.utils.translation import gettext as _

from crimewatch.exchange.catalog import TABLES, TABLES_BY_NAME, Table
from crimewatch.exchange.datapackage import DESCRIPTOR, PACKAGE_NAME, descriptor_of
from crimewatch.exchange.imports import ImportReport, import_sources
from crimewatch.records.resources import (
    CSVTable,
    RefusedError,
    RowSource,
    TableResource,
    UnreadableSource,
    csv_line,
)

#: Files of a package besides its tables, which an import passes over.
OTHER_FILES = {DESCRIPTOR, "README.md"}


class PackageError(Exception):
    """A package cannot be read or written at all; `sentences` say why."""

    def __init__(self, *sentences: str) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


def import_package(path: Path, *, dry_run: bool = False) -> ImportReport:
    """Import the tables in the folder `path`, or the one CSV file that it is: all, or nothing if anything is wrong.

    Raises `PackageError` where `path` is no package.
    """
    files = package_files(path)
    with ExitStack() as opened, pghistory.context(import_file=path.name):
        return import_sources({table: csv_source(file, opened) for table, file in files}, dry_run=dry_run)


def csv_source(path: Path, opened: ExitStack) -> RowSource:
    """The rows of a CSV file, which stays open as long as `opened` does."""
    try:
        return CSVTable(opened.enter_context(path.open("rb")), path.name)
    except (RefusedError, OSError) as error:
        return UnreadableSource(path.name, str(error))


def package_files(path: Path) -> list[tuple[Table, Path]]:
    """The tables of a package with their files, in the order of the catalog."""
    if not path.exists():
        raise PackageError(_("There is no folder or file %(path)s.") % {"path": path})
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    files = [file for file in files if not file.name.startswith(".") and (file == path or file.name not in OTHER_FILES)]
    unknown = [file for file in files if file.stem not in TABLES_BY_NAME or file.suffix != ".csv" or not file.is_file()]
    if unknown:
        raise PackageError(*(_unknown_file(file) for file in unknown))
    if not files:
        raise PackageError(_("There is no CSV file in %(path)s.") % {"path": path})
    by_name = {file.stem: file for file in files}
    return [(table, by_name[table.name]) for table in TABLES if table.name in by_name]


def _unknown_file(file: Path) -> str:
    nearest = get_close_matches(file.stem, TABLES_BY_NAME, n=3, cutoff=0.5) or list(TABLES_BY_NAME)
    names = ", ".join(TABLES_BY_NAME[name].file_name for name in nearest)
    return _("%(file)s is not a table of a package; name it after one, such as: %(names)s.") % {
        "file": file.name,
        "names": names,
    }


def export_package(folder: Path, tables: Iterable[Table] = TABLES, *, force: bool = False) -> dict[str, int]:
    """Write `tables` and their description to `folder`, all as of one moment; returns the number of rows of each table.

    An export that was there before is replaced as a whole. Raises `PackageError` where `folder` holds something else
    and there is no `force`; with it, other files are left beside the new ones.
    """
    tables = list(tables)
    refuse_foreign(folder, force=force)
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        with one_moment():
            counts = {table.name: write_table(draft / table.file_name, table.resource()) for table in tables}
        (draft / DESCRIPTOR).write_text(descriptor_of(tables), encoding="utf-8")
        put_in_place(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return counts


def refuse_foreign(folder: Path, *, force: bool) -> None:
    """Refuse a folder with files that are not an export of ours."""
    if folder.exists() and not folder.is_dir():
        raise PackageError(_("%(folder)s is a file: name a folder.") % {"folder": folder})
    if not folder.exists() or not any(folder.iterdir()) or force or is_export(folder):
        return
    sentence = _("%(folder)s holds files that are no earlier export: name another folder, or add --force to use it.")
    raise PackageError(sentence % {"folder": folder})


def is_export(folder: Path) -> bool:
    try:
        described: Any = json.loads((folder / DESCRIPTOR).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(described, dict) and described.get("name") == PACKAGE_NAME


@contextmanager
def one_moment() -> Iterator[None]:
    """All queries inside see the database as it is at the first of them, whatever others write meanwhile."""
    is_nested = connection.in_atomic_block
    with transaction.atomic():
        if not is_nested:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def write_table(path: Path, resource: TableResource) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(csv_line(resource.columns))
        for row in resource.export_rows():
            file.write(csv_line(row))
            count += 1
    return count


def put_in_place(draft: Path, folder: Path) -> None:
    """Move the finished files to `folder` and take away the tables of an earlier export that are not among them."""
    folder.mkdir(exist_ok=True)
    for table in TABLES:
        if not (draft / table.file_name).exists():
            (folder / table.file_name).unlink(missing_ok=True)
    for file in sorted(draft.iterdir()):
        file.replace(folder / file.name)
