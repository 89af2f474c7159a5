"""Rows per second and memory of imports and exports: ``python benchmarks/transfer.py --rows 10000 100000 --runs 5``.

For claims (presences) and records (groups) of each number it measures the steps of `transfer_steps.py`, one after the
other and each in a process of its own, so that its memory can be told. A step finds the table as it needs it, whichever
others are measured: empty, with the rows of the file, with a preview. The figures are medians of the runs, as Markdown.

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
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crimewatch.settings")
os.environ.setdefault("SECOND_FACTOR_REQUIRED", "false")  # the one who is logged in here has no phone
os.environ.setdefault("UPLOAD_LIMIT_MB", "10000")  # a million claims are 232 MB
django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from actors.models import Group, Presence
from benchmarks.claims import ClaimMaker
from benchmarks.copying import copy_rows
from benchmarks.databases import connect_to, make_database
from benchmarks.records import CLAIMS_PER_RECORD, RecordMaker
from benchmarks.transfer_steps import (
    PLAIN_ROWS,
    ROWS_PER_CHANGE,
    ROWS_PER_MISTAKE,
    STEPS,
    STEPS_BY_NAME,
    Files,
    Step,
    way_to,
)
from crimewatch.exchange.catalog import TABLES_BY_NAME
from crimewatch.records.resources import CSVTable, csv_line

DATABASE = "benchmark_transfer"
#: The records that the claims are about are as many as those of a database of so many claims.
WORLD = 20_000
TABLES = ("presences", "groups")
#: What `--quick` takes: to see that everything works, not to learn how fast it is.
QUICK_WORLD, QUICK_ROWS = 2_000, 3_000


@dataclass(frozen=True)
class Measured:
    """What one run of a step took."""

    seconds: float
    #: Seconds of CPU, of the process and of a database server on this machine together.
    work: float
    megabytes: float
    note: str


# In a process of its own


def measure_here(step: Step, table: str, files: Files) -> None:
    """Do one step and print how long it took and how much memory the process had at most."""
    connect_to(DATABASE)
    connection.ensure_connection()
    settings.KEPT_FILES = files.same.parent / "kept"
    server = server_here()
    began, work_before = time.perf_counter(), work_of(server)
    note = step.run(table, files)
    seconds, work = time.perf_counter() - began, work_of(server) - work_before
    print(json.dumps({"seconds": seconds, "work": work, "megabytes": most_memory(), "note": note or ""}))


def server_here() -> int | None:
    """The process of the database server; None where it is on another machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        session = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    if connection.settings_dict["HOST"].startswith("/") and session.exists():
        return int(after_name(session)[1])
    return None


def work_of(server: int | None) -> float:
    """Seconds of CPU that were spent on this process and, if it is here, for the server with all its children."""
    if server is None:
        return time.process_time()
    of_server = after_name(Path(f"/proc/{server}/stat"))
    ticks = sum(map(int, of_server[11:15]))  # its own, and those of the children that have ended
    for process in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = after_name(process)
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == server:
            ticks += sum(map(int, fields[11:13]))
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


def after_name(stat: Path) -> list[str]:
    """What `/proc/…/stat` says of a process behind its name, which may have spaces in it: state, parent …"""
    return stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()


def most_memory() -> float:
    """The most memory that this process has had, in megabytes. What `getrusage` tells begins with its parent's."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024  # type: ignore[index]


# From outside


class Subject:
    """A table that is measured with a number of rows, and the state that it is in."""

    def __init__(self, table: str, rows: int, folder: Path) -> None:
        self.table, self.rows, self.folder = table, rows, folder
        self.state = "spoilt"

    def run(self, step: Step) -> Measured:
        """Measure a step, once the table is as it needs it."""
        for earlier in way_to(step.before, self.state):
            self._do(earlier)
        return self._do(step)

    def _do(self, step: Step) -> Measured:
        if step.before == "empty" != self.state:
            empty(self.table)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("CHECKPOINT")
        options = ("--table", self.table, "--rows", str(self.rows), "--folder", str(self.folder))
        command = [sys.executable, __file__, "--here", step.name, *options]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{step.name} of {self.rows} {self.table}: {done.stderr}")
        self.state = step.after
        return Measured(**json.loads(done.stdout.splitlines()[-1]))


def empty(table: str) -> None:
    model = TABLES_BY_NAME[table].model
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {model._meta.db_table}, {model._meta.db_table}event, exchange_importbatch CASCADE")


class World:
    """Makes files of any number of rows, about the records of a database."""

    def __init__(self, folder: Path, claims: int, seed: int = 1) -> None:
        self.folder, self.chance = folder, Random(seed)
        self.maker = RecordMaker(self.chance, claims)
        self.world = self.maker.store_all()

    def files(self, table: str, rows: int) -> Files:
        empty(table)
        if table == "presences":
            copy_rows(Presence, ClaimMaker(self.chance, self.world, rows).make(Presence, rows))
        else:
            self.maker.claims = rows * CLAIMS_PER_RECORD[Group][0]
            self.maker.store(Group, self.maker.groups())
        files = Files.at(self.folder, table, rows)
        with files.same.open("wb") as file:
            file.writelines(TABLES_BY_NAME[table].resource().export_csv())
        alter(
            files.same, files.changed, ROWS_PER_CHANGE, {"presences": "note", "groups": "summary"}[table], " And so on."
        )
        alter(files.same, files.bad, ROWS_PER_MISTAKE, {"presences": "region", "groups": "kind"}[table], "-of-no-kind")
        return files


def alter(source: Path, target: Path, every: int, column: str, more: str) -> None:
    """Copy a file with something more in a cell of every so many rows."""
    with source.open("rb") as file, target.open("w", encoding="utf-8", newline="") as changed:
        rows = CSVTable(file, source.name)
        place = rows.headers.index(column)
        changed.write(csv_line(rows.headers))
        for number, cells in enumerate(rows):
            cells[place] += more if number % every == every // 2 else ""
            changed.write(csv_line(cells))


def arguments() -> Namespace:
    parser = ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000])
    parser.add_argument("--tables", nargs="+", default=list(TABLES), choices=TABLES)
    parser.add_argument("--steps", nargs="+", default=list(STEPS_BY_NAME), choices=STEPS_BY_NAME)
    parser.add_argument("--most-groups", type=int, default=100_000, help="larger numbers are for claims alone")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="see once with a few rows that everything works")
    parser.add_argument("--here", choices=STEPS_BY_NAME)
    parser.add_argument("--table", choices=TABLES)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    if options.quick:
        options.rows, options.runs = [QUICK_ROWS], 1
    return options


def main() -> None:
    options = arguments()
    if options.here:
        files = Files.at(options.folder, options.table, options.rows[0])
        measure_here(STEPS_BY_NAME[options.here], options.table, files)
        return
    steps = [step for step in STEPS if step.name in options.steps]
    usual = connection.settings_dict["NAME"]
    drop(DATABASE)
    make_database(DATABASE)
    connect_to(DATABASE)
    try:
        call_command("migrate", verbosity=0)
        with TemporaryDirectory() as folder:
            world = World(Path(folder), QUICK_WORLD if options.quick else WORLD)
            # The groups come last, for emptying their table takes the claims along.
            for table in sorted(options.tables, key=TABLES.index):
                for rows in options.rows:
                    if table == "presences" or rows <= options.most_groups:
                        world.files(table, rows)
                        print(report(Subject(table, rows, Path(folder)), steps, options.runs), flush=True)
    finally:
        connect_to(usual)
        drop(DATABASE)


def drop(name: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def report(subject: Subject, steps: Sequence[Step], runs: int) -> str:
    """Measure each of `steps` as many times, and tell the medians as a table of Markdown."""
    found: dict[Step, list[Measured]] = {step: [] for step in steps}
    for number in range(runs):
        for step in steps:
            found[step].append(subject.run(step))
            print(f"{number + 1}. {subject.rows:,} {subject.table}, {step.name}: {found[step][-1]}", file=sys.stderr)
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    head = f"\n### {subject.rows:,} {subject.table}, median of {runs}\n\nLoad of the machine in the end: {load}.\n"
    return f"{head}\n{table_of(found, subject.rows)}"


def table_of(found: dict[Step, list[Measured]], rows: int) -> str:
    """The medians of what was found, each beside the step that says what is possible."""
    speeds = {step.name: speed(step, runs, rows) for step, runs in found.items() if step.moves_rows}
    works = {step.name: work(step, runs, rows) for step, runs in found.items() if step.moves_rows}
    titles = ["step", "what", "seconds", "rows per second", "of the base", "CPU seconds", "of the base", "memory", ""]
    lines = [f"| {' | '.join(titles)} |", "|---" * len(titles) + "|"]
    for step, runs in found.items():
        mine, base = speeds.get(step.name), speeds.get(step.base)
        my_work, base_work = works.get(step.name), works.get(step.base)
        cells = [
            step.name,
            step.what,
            f"{statistics.median(run.seconds for run in runs):.2f}" if mine else "",
            f"{mine:,.0f}" if mine else "",
            f"{mine / base:.2f}" if mine and base else "",
            f"{statistics.median(run.work for run in runs):.2f}" if my_work else "",
            f"{base_work / my_work:.2f}" if my_work and base_work else "",
            f"{max(run.megabytes for run in runs):.0f} MB",
            runs[-1].note,
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def speed(step: Step, runs: Sequence[Measured], rows: int) -> float:
    """Rows per second."""
    return moved(step, rows) / statistics.median(run.seconds for run in runs)


def work(step: Step, runs: Sequence[Measured], rows: int) -> float:
    """Seconds of CPU for each row."""
    return statistics.median(run.work for run in runs) / moved(step, rows)


def moved(step: Step, rows: int) -> int:
    return min(rows, PLAIN_ROWS) if step.name == "plain" else rows


if __name__ == "__main__":
    main()
