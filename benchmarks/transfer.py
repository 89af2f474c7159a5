"""Rows per second and memory of imports and exports: ``python benchmarks/transfer.py --rows 10000 100000 --runs 5``.

For claims (presences) and records (groups) of each number it measures, one after the other and each in a process of its
own, so that its memory can be told:

- ``limit``: a bare COPY into a staging table and an INSERT … SELECT joined on keys, without any check or report;
- ``ours``: an import by the bulk engine, with validation, history and report;
- ``preview``: the same without writing in the end;
- ``unchanged`` and ``changed``: the same file again, as it is and with one row of a hundred changed;
- ``plain``: django-import-export as it comes, on the first rows only, for it is slow;
- ``export`` and ``copy``: an export, and a COPY of the bare table;
- ``no-history``: as ``ours``, while the triggers that keep the history are switched off.

It makes a database of its own on the server that the settings name and takes it away in the end.
"""
# ruff: noqa: E402, SLF001, T201, S311 (a script: sets Django up before it imports, prints, and plays with chance)

import json
import os
import re
import statistics
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crimewatch.settings")
django.setup()

from django.core.management import call_command
from django.db import connection, transaction
from import_export import fields, resources, widgets
from tablib import Dataset

from actors.models import Group, Presence
from benchmarks.claims import ClaimMaker
from benchmarks.copying import copy_rows
from benchmarks.databases import connect_to, make_database
from benchmarks.records import CLAIMS_PER_RECORD, RecordMaker
from crimewatch.exchange.catalog import TABLES_BY_NAME
from crimewatch.exchange.imports import import_sources
from crimewatch.records.resources import CSVTable, csv_line

DATABASE = "benchmark_transfer"
#: The records that the claims are about are as many as those of a database of so many claims.
WORLD = 20_000
#: Rows that django-import-export is measured with.
PLAIN_ROWS = 1000

#: In this order: the last ones go on with the rows that ``ours`` has stored, all others begin with an empty table.
ACTIONS = ("limit", "plain", "preview", "no-history", "ours", "export", "copy", "unchanged", "changed")
GO_ON = {"export", "copy", "unchanged", "changed"}


# What is measured


def limit(table: str, path: Path) -> None:
    model = TABLES_BY_NAME[table].model
    with path.open("rb") as file, transaction.atomic(), connection.cursor() as cursor:
        header = [quoted(name) for name in file.readline().decode().strip().split(",")]
        types = ", ".join(f"{name} text" for name in header)
        cursor.execute(f"CREATE TEMPORARY TABLE bare ({types}) ON COMMIT DROP")
        with cursor.copy(f"COPY bare ({', '.join(header)}) FROM STDIN (FORMAT csv)") as lines:
            while block := file.read(64 * 1024):
                lines.write(block)
        cursor.execute("ANALYZE bare")
        names, values, joins = [], [], []
        for name in header:
            field = model._meta.get_field(name.strip('"'))
            names.append(quoted(field.column))
            text = f"COALESCE(bare.{name}, '')"
            if field.many_to_one:
                other = quoted(f"the_{field.name}")
                joins.append(f"JOIN {field.related_model._meta.db_table} AS {other} ON {other}.slug = bare.{name}")
                values.append(f"{other}.id")
            elif field.get_internal_type() == "ArrayField":
                values.append(f"string_to_array({text}, '|')")
            else:
                values.append(f"{text}::{TYPES.get(field.get_internal_type(), 'text')}")
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({', '.join(names)}, created_at, updated_at)"
            f" SELECT {', '.join(values)}, now(), now() FROM bare {' '.join(joins)}"
        )


TYPES = {"PositiveSmallIntegerField": "smallint", "BooleanField": "boolean"}


def quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def ours(table: str, path: Path, *, dry_run: bool = False) -> None:
    with path.open("rb") as file:
        report = import_sources({TABLES_BY_NAME[table]: CSVTable(file, path.name)}, engine="bulk", dry_run=dry_run)
    if report.has_problems or report.is_written == dry_run:
        raise SystemExit("\n".join(list(report.problems())[:5]))


def preview(table: str, path: Path) -> None:
    ours(table, path, dry_run=True)


def plain(table: str, path: Path) -> None:
    """django-import-export as its documentation begins: a ModelResource, with references by key."""
    model = TABLES_BY_NAME[table].model
    key = TABLES_BY_NAME[table].resource().key
    names = TABLES_BY_NAME[table].resource().columns

    class Meta:
        import_id_fields = (key,)

    Meta.model, Meta.fields = model, names  # type: ignore[attr-defined]
    references = {
        name: fields.Field(name, name, widgets.ForeignKeyWidget(field.related_model, "slug"))
        for name in names
        if (field := model._meta.get_field(name)).many_to_one
    }
    kind = type("Plain", (resources.ModelResource,), {"Meta": Meta, **references})
    with path.open(encoding="utf-8", newline="") as file:
        dataset = Dataset().load(
            "".join(line for _, line in zip(range(PLAIN_ROWS + 1), file, strict=False)), format="csv"
        )
    result = kind().import_data(dataset, raise_errors=True)
    assert result.total_rows == PLAIN_ROWS  # noqa: S101


def export(table: str, path: Path) -> None:
    with path.with_suffix(".out").open("wb") as file:
        file.writelines(TABLES_BY_NAME[table].resource().export_csv())


def copy(table: str, path: Path) -> None:
    name = TABLES_BY_NAME[table].model._meta.db_table
    command = f"COPY {name} TO STDOUT (FORMAT csv)"
    with path.with_suffix(".out").open("wb") as file, connection.cursor() as cursor, cursor.copy(command) as lines:
        for line in lines:
            file.write(line)


MEASURED: dict[str, Callable[[str, Path], None]] = {
    "limit": limit,
    "ours": ours,
    "preview": preview,
    "unchanged": ours,
    "changed": ours,
    "plain": plain,
    "export": export,
    "copy": copy,
    "no-history": ours,
}


def measure_here(action: str, table: str, path: Path) -> None:
    """Do one thing and print how long it took and how much memory the process had at most."""
    connect_to(DATABASE)
    connection.ensure_connection()
    began = time.perf_counter()
    MEASURED[action](table, path)
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "megabytes": most_memory()}))


def most_memory() -> float:
    """The most memory that this process has had, in megabytes. What `getrusage` tells begins with its parent's."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024  # type: ignore[index]


# How it is measured


def measured(action: str, table: str, path: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--here", action, "--table", table, "--file", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def empty(table: str) -> None:
    model = TABLES_BY_NAME[table].model
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {model._meta.db_table}, {model._meta.db_table}event CASCADE")


@contextmanager
def without_history(table: str) -> Iterator[None]:
    name = TABLES_BY_NAME[table].model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname ~ %s",
            [name, "^pgtrigger_(insert_insert|update_update)"],
        )
        triggers = [trigger for (trigger,) in cursor.fetchall()]
        for trigger in triggers:
            cursor.execute(f"ALTER TABLE {name} DISABLE TRIGGER {trigger}")
        try:
            yield
        finally:
            for trigger in triggers:
                cursor.execute(f"ALTER TABLE {name} ENABLE TRIGGER {trigger}")


def run(action: str, table: str, path: Path, changed: Path) -> dict[str, float]:
    if action not in GO_ON:
        empty(table)
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {TABLES_BY_NAME[table].model._meta.db_table}")
        cursor.execute("CHECKPOINT")
    if action == "no-history":
        with without_history(table):
            return measured(action, table, path)
    return measured(action, table, changed if action == "changed" else path)


class Files:
    """Files of any number of rows, each as it is and with one row of a hundred changed."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.chance = folder, Random(seed)
        self.maker = RecordMaker(self.chance, WORLD)
        self.world = self.maker.store_all()

    def of(self, table: str, rows: int) -> tuple[Path, Path]:
        empty(table)
        if table == "presences":
            copy_rows(Presence, ClaimMaker(self.chance, self.world, rows).make(Presence, rows))
        else:
            self.maker.claims = rows * CLAIMS_PER_RECORD[Group][0]
            self.maker.store(Group, self.maker.groups())
        path, changed = self.folder / f"{table}-{rows}.csv", self.folder / f"{table}-{rows}-changed.csv"
        with path.open("wb") as file:
            file.writelines(TABLES_BY_NAME[table].resource().export_csv())
        column = {"presences": "note", "groups": "summary"}[table]
        with path.open("rb") as source, changed.open("w", encoding="utf-8", newline="") as target:
            rows_of = CSVTable(source, path.name)
            at = rows_of.headers.index(column)
            target.write(csv_line(rows_of.headers))
            for number, cells in enumerate(rows_of):
                cells[at] += " And so on." if number % 100 == 50 else ""
                target.write(csv_line(cells))
        return path, changed


def main() -> None:
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000])
    parser.add_argument("--tables", nargs="+", default=["presences", "groups"], choices=["presences", "groups"])
    parser.add_argument("--actions", nargs="+", default=list(ACTIONS), choices=ACTIONS)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--here", choices=ACTIONS)
    parser.add_argument("--table")
    parser.add_argument("--file", type=Path)
    options = parser.parse_args()
    if options.here:
        measure_here(options.here, options.table, options.file)
        return
    usual = connection.settings_dict["NAME"]
    drop(DATABASE)
    make_database(DATABASE)
    connect_to(DATABASE)
    try:
        call_command("migrate", verbosity=0)
        with TemporaryDirectory() as folder:
            files = Files(Path(folder), seed=1)
            # The groups come last, for emptying their table takes the claims along.
            for table in options.tables:
                for rows in options.rows:
                    measure(table, rows, files.of(table, rows), options)
    finally:
        connect_to(usual)
        drop(DATABASE)


def drop(name: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def measure(table: str, rows: int, files: tuple[Path, Path], options: Any) -> None:
    found: dict[str, list[dict[str, float]]] = {}
    for _ in range(options.runs):
        for action in sorted(options.actions, key=ACTIONS.index):
            found.setdefault(action, []).append(run(action, table, *files))
            print(f"{table} {rows} {action}: {found[action][-1]}", file=sys.stderr)
    print(f"\n### {rows:,} {table}, median of {options.runs}\n")
    print("| | seconds | rows per second | of the limit | memory at most |\n|---|---|---|---|---|")
    speeds = {
        action: (PLAIN_ROWS if action == "plain" else rows) / statistics.median(each["seconds"] for each in runs)
        for action, runs in found.items()
    }
    for action, runs in found.items():
        seconds = statistics.median(each["seconds"] for each in runs)
        limit = speeds.get("copy" if action == "export" else "limit")
        share = f"{speeds[action] / limit:.2f}" if limit else ""
        memory = max(each["megabytes"] for each in runs)
        print(f"| {action} | {seconds:.2f} | {speeds[action]:,.0f} | {share} | {memory:.0f} MB |")


if __name__ == "__main__":
    main()
