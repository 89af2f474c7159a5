"""Packages: the tables of the database as a folder of CSV files, read and written as a whole."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pghistory
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crimewatch.exchange import keeping
from crimewatch.exchange.catalog import TABLES, TABLES_BY_NAME, Table
from crimewatch.exchange.datapackage import DESCRIPTOR, PACKAGE_NAME, columns_of, descriptor_of
from crimewatch.exchange.imports import Engine, ImportReport, Progress, import_sources
from crimewatch.exchange.models import BatchState, ImportBatch
from crimewatch.exchange.sources import ENDINGS, Remapped, opened
from crimewatch.records.resources import (
    Export,
    RefusedError,
    RowSource,
    UnreadableSource,
)

#: Files of a package besides its tables, which an import passes over.
OTHER_FILES = {DESCRIPTOR, "README.md"}


class PackageError(Exception):
    """A package cannot be read or written at all; `sentences` say why."""

    def __init__(self, *sentences: str) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


def import_package(
    path: Path,
    *,
    dry_run: bool = False,
    engine: Engine = "auto",
    reason: str = "",
    progress: Callable[[Progress], None] | None = None,
    reading: Mapping[str, str] | None = None,
) -> ImportReport:
    """Import the tables in the folder `path`, or in the one file that it is: all, or nothing if anything is wrong.

    What is written is a batch, which can be taken back; `batch` of the report is its number. `reading` says how a file
    is read, as the options of `sources.opened` and `table` do. Raises `PackageError` where `path` is no package.
    """
    batch = ImportBatch(state=BatchState.RUNNING, file_names=[path.name], reason=reason, options=dict(reading or {}))
    context = {"import_file": path.name, "batch": str(batch.uid), **({"reason": reason} if reason else {})}
    with ExitStack() as stack, pghistory.context(**context), transaction.atomic():
        sources = sources_at(path, stack, **(reading or {}))
        batch.sha256, batch.size = digest_of(path)
        batch.save()
        report = import_sources(sources, dry_run=dry_run, engine=engine, reason=reason, progress=progress)
        if not report.is_written:
            transaction.set_rollback(True)
            return report
        batch.state, batch.finished_at = BatchState.DONE, timezone.now()
        batch.counts = {
            table.table.name: {"new": table.new, "changed": table.changed, "unchanged": table.unchanged, "bad": 0}
            for table in report.tables
        }
        batch.save()
        report.batch = batch.uid
    return report


def sources_at(path: Path, into: ExitStack, *, table: str = "", **reading: Any) -> list[tuple[Table, RowSource]]:
    """The tables in a folder, in an archive or in a file of another form, with their rows."""
    if path.is_dir():
        found: list[tuple[Table, RowSource]] = []
        for of_table, file in package_files(path, ENDINGS):
            found.append((of_table, source_of(of_table, file, into, reading)))
        return found
    if not path.exists():
        raise PackageError(_("There is no folder or file %(path)s.") % {"path": path})
    try:
        file_sources = opened(into.enter_context(path.open("rb")), path.name, into, **reading)
    except (RefusedError, OSError) as error:
        if (table or path.stem) not in TABLES_BY_NAME:
            raise PackageError(str(error)) from error
        return [(TABLES_BY_NAME[table or path.stem], UnreadableSource(path.name, str(error)))]
    if not table and not all(source.table for source in file_sources):
        raise PackageError(_unknown_file(path))
    return [(TABLES_BY_NAME[each.table or table], cleared(each.table or table, each.source)) for each in file_sources]


def source_of(table: Table, path: Path, into: ExitStack, reading: Mapping[str, Any]) -> RowSource:
    """The rows of a file of a package, which stays open as long as `into` does."""
    try:
        file = into.enter_context(path.open("rb"))
        (found,) = opened(file, path.name, into, **{**reading, "form": ""})
    except (RefusedError, OSError) as error:
        return UnreadableSource(path.name, str(error))
    except ValueError:
        return UnreadableSource(path.name, _("A workbook of several tables is imported by itself, not in a folder."))
    return cleared(table.name, found.source)


def cleared(table: str, source: RowSource) -> RowSource:
    """A source without the columns that only help to mend it."""
    return Remapped(source, TABLES_BY_NAME[table].resource().columns)


def digest_of(path: Path) -> tuple[str, int]:
    """SHA-256 and size of a file; of a folder, those of the list of its files with theirs, and of all together."""
    if path.is_dir():
        files = [(file.name, *digest_of(file)) for file in sorted(path.iterdir()) if file.is_file()]
        listed = "".join(f"{sha256}  {name}\n" for name, sha256, _size in files)
        return hashlib.sha256(listed.encode()).hexdigest(), sum(size for _name, _sha256, size in files)
    with path.open("rb") as file:
        return keeping.digest_of(file)


def package_files(path: Path, endings: Container[str] = ("csv",)) -> list[tuple[Table, Path]]:
    """The tables of a package with their files, in the order of the catalog."""
    if not path.exists():
        raise PackageError(_("There is no folder or file %(path)s.") % {"path": path})
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    files = [file for file in files if not file.name.startswith(".") and (file == path or file.name not in OTHER_FILES)]
    unknown = [
        file
        for file in files
        if file.stem not in TABLES_BY_NAME or file.suffix.removeprefix(".") not in endings or not file.is_file()
    ]
    if unknown:
        raise PackageError(*(_unknown_file(file) for file in unknown))
    twice = [file.name for file in files if sum(other.stem == file.stem for other in files) > 1]
    if twice:
        raise PackageError(_("%(files)s are of one table: put their rows into one file.") % {"files": ", ".join(twice)})
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


def export_package(
    folder: Path, tables: Iterable[Table] = TABLES, *, with_names: bool = False, force: bool = False
) -> dict[str, int]:
    """Write `tables` and their description to `folder`, all as of one moment; returns the number of rows of each table.

    `with_names` puts a column such as `region:name` behind each with keys. An export that was there before is replaced
    as a whole. Raises `PackageError` where `folder` holds something else and there is no `force`; with it, other files
    are left beside the new ones.
    """
    tables = list(tables)
    refuse_foreign(folder, force=force)
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        with one_moment():
            counts = {table.name: write_table(draft, table, with_names=with_names) for table in tables}
        (draft / DESCRIPTOR).write_text(descriptor_of(tables, with_names=with_names), encoding="utf-8")
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


def write_table(folder: Path, table: Table, *, with_names: bool) -> int:
    resource = table.resource()
    export = Export(resource, columns_of(resource, with_names=with_names))
    with (folder / table.file_name).open("wb") as file:
        file.writelines(export.csv())
    return export.count


def put_in_place(draft: Path, folder: Path) -> None:
    """Move the finished files to `folder` and take away the tables of an earlier export that are not among them."""
    folder.mkdir(exist_ok=True)
    for table in TABLES:
        if not (draft / table.file_name).exists():
            (folder / table.file_name).unlink(missing_ok=True)
    for file in sorted(draft.iterdir()):
        file.replace(folder / file.name)
