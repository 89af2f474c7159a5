"""Packages: the tables of the database as a folder of CSV files, read and written as a whole."""

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pghistory
from django.db import DatabaseError, connection, models, transaction
from django.utils.translation import gettext as _

from crimewatch.exchange.catalog import TABLES, TABLES_BY_NAME, Table
from crimewatch.exchange.datapackage import DESCRIPTOR, PACKAGE_NAME, descriptor_of
from crimewatch.records.database_errors import translated
from crimewatch.records.models import Record, unsupported_message
from crimewatch.records.resources import (
    AnyKey,
    CSVTable,
    Problem,
    RecordResource,
    RefusedError,
    TableResource,
    TableResult,
    csv_line,
    unsupported,
)

#: Files of a package besides its tables, which an import passes over.
OTHER_FILES = {DESCRIPTOR, "README.md"}


class PackageError(Exception):
    """A package cannot be read or written at all; `sentences` say why."""

    def __init__(self, *sentences: str) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


@dataclass
class TableReport:
    """What an import does, or would do, to one table."""

    table: Table
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    changed_columns: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def take(self, result: TableResult) -> None:
        self.new, self.changed = result.totals["new"], result.totals["update"]
        self.unchanged = result.totals["skip"]
        self.changed_columns = result.changed_columns
        self.problems = result.problems


@dataclass
class ImportReport:
    """What an import did, or why nothing was written."""

    tables: list[TableReport] = field(default_factory=list)
    #: What is wrong with the package as a whole.
    sentences: list[str] = field(default_factory=list)
    is_written: bool = False

    def problems(self) -> Iterator[str]:
        """Each problem on a line: `file:row column "value": sentence`, as one reads the files from top to bottom."""
        for report in self.tables:
            name = report.table.file_name
            for problem in sorted(report.problems, key=lambda problem: (problem.row is None, problem.row or 0)):
                yield f"{name}: {problem}" if problem.row is None else f"{name}:{problem}".replace(":row ", ":", 1)
        yield from self.sentences


def import_package(path: Path, *, dry_run: bool = False) -> ImportReport:
    """Import the tables in the folder `path`, or the one CSV file that it is: all, or nothing if anything is wrong.

    Raises `PackageError` where `path` is no package.
    """
    files = package_files(path)
    with transaction.atomic(), pghistory.context(import_file=path.name):
        package = PackageImport()
        for table, file in files:
            package.import_table(table, file)
        package.judge_support()
        package.judge_database()
        report = package.report
        report.is_written = not dry_run and not any(report.problems())
        if not report.is_written:
            transaction.set_rollback(True)
    return report


class PackageImport:
    """The import of several tables in one transaction."""

    def __init__(self) -> None:
        self.report = ImportReport()
        self._faulty_keys: dict[type[models.Model], Container[str]] = {}
        self._unstored_mentions: set[tuple[type[models.Model], int]] = set()
        self._is_complete = True
        self._records: list[tuple[RecordResource, TableResult, TableReport]] = []

    def import_table(self, table: Table, path: Path) -> None:
        report = TableReport(table)
        self.report.tables.append(report)
        try:
            with path.open("rb") as file:
                content = CSVTable(file, path.name)
                report.notes = content.notes
                self._import_rows(table, content, report)
        except (RefusedError, OSError) as error:
            report.problems.append(Problem(str(error)))
            self._faulty_keys[table.model] = AnyKey()
            self._is_complete = False

    def _import_rows(self, table: Table, content: CSVTable, report: TableReport) -> None:
        resource = table.resource(with_preview=False)
        result = resource.import_data(
            content,
            is_part_of_package=True,
            faulty_keys=self._faulty_keys,
            # The good rows stay until all tables are read, or what refers to them would be told to be wrong.
            rollback_on_validation_errors=False,
        )
        report.take(result)
        self._faulty_keys[table.model] = resource.unstored(result)
        self._unstored_mentions |= resource.unstored_mentions
        self._is_complete &= not result.base_errors
        if isinstance(resource, RecordResource):
            self._records.append((resource, result, report))

    def judge_support(self) -> None:
        """Refuse every published record that no claim supports, unless one that might has mistakes of its own."""
        if not self._is_complete:
            return
        known = {resource.model: (resource, result) for resource, result, report in self._records}
        for table in TABLES:
            if not issubclass(table.model, Record):
                continue
            besides = {pk for model, pk in self._unstored_mentions if model is table.model}
            if table.model in known:
                resource, result = known[table.model]
                resource.refuse_unsupported(result, besides=besides)
            else:
                self.report.sentences += [
                    unsupported_message(record) for record in unsupported(table.model, besides=besides)
                ]

    def judge_database(self) -> None:
        """Let the rules that wait for the end of a transaction speak now, while there is someone to tell."""
        if any(self.report.problems()):
            return
        try:
            connection.check_constraints()
        except DatabaseError as error:
            diagnosis = getattr(error.__cause__, "diag", None)
            self.report.sentences.append(translated(diagnosis.message_primary) if diagnosis else str(error))


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
