"""What keeping the history costs: ``python benchmarks/history.py --runs 5``.

The same is done with the triggers that keep the history and with those of the table concerned switched off, in turns,
so that both meet the same machine; the medians are set in relation. What is done:

- ``save``: one claim is changed and saved, each in a transaction of its own;
- ``bulk_create``: claims are made by Django's ``bulk_create`` in one transaction;
- ``update``: a column of as many claims is set by one statement;
- ``import``: a CSV file of claims is imported by the bulk engine, with validation and report.

It makes a database of its own on the server that the settings name and takes it away in the end. ``--quick`` does
little of each, to show that all works; its figures mean nothing.
"""
# ruff: noqa: E402, T201 (a script: sets Django up before it imports, and prints)

import os
import statistics
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crimewatch.settings")
django.setup()

import pghistory
from django.core.management import call_command
from django.db import connection, transaction

from actors.models import Presence
from benchmarks.claims import ClaimMaker
from benchmarks.databases import connect_to, make_database
from benchmarks.reader_pages import timed
from benchmarks.transfer import WORLD, World, drop, empty
from benchmarks.transfer_steps import ours, without_history

DATABASE = "benchmark_history"
TABLE = "presences"
SIZES = {"save": 500, "bulk_create": 20_000, "update": 20_000, "import": 100_000}
QUICK = {"save": 5, "bulk_create": 50, "update": 50, "import": 100}


@dataclass
class Measurement:
    """Milliseconds of every run by the clock and of a processor, with the history and without it."""

    what: str
    number: int
    kept: list[tuple[float, float]] = field(default_factory=list)
    off: list[tuple[float, float]] = field(default_factory=list)

    @property
    def ratios(self) -> tuple[float, float]:
        """What it takes with the history as a multiple of what it takes without: by the clock, and of a processor."""
        kept, off = middle(self.kept), middle(self.off)
        return kept[0] / off[0], kept[1] / off[1] if off[1] else 0.0


def middle(runs: list[tuple[float, float]]) -> tuple[float, float]:
    clock, busy = (statistics.median(each) for each in zip(*runs, strict=True))
    return clock, busy


class Work:
    """The things that are measured, each with what has to be done before."""

    def __init__(self, folder: Path, sizes: dict[str, int]) -> None:
        self.sizes = sizes
        self.world = World(folder, WORLD)
        self.files = self.world.files(TABLE, sizes["import"])

    def presences(self, number: int) -> list[Presence]:
        maker = ClaimMaker(self.world.chance, self.world.world, number)
        return list(maker.make(Presence, number))  # type: ignore[arg-type]  # of the kind that was asked for

    def ready(self, what: str) -> Callable[[], object]:
        """Bring the tables to where ``what`` begins; what comes back does it."""
        empty(TABLE)
        number = self.sizes[what]
        if what == "import":
            return lambda: ours(TABLE, self.files)
        rows = self.presences(number)
        if what == "bulk_create":
            return lambda: create(rows)
        create(rows)
        settle()
        if what == "update":
            return lambda: Presence.objects.update(note="Looked at again.")
        return lambda: save_each(rows)


def create(rows: list[Presence]) -> None:
    with transaction.atomic(), pghistory.context(user=1):
        Presence.objects.bulk_create(rows, batch_size=1000)


def save_each(rows: list[Presence]) -> None:
    for row in rows:
        row.note = "Looked at again."
        with transaction.atomic(), pghistory.context(user=1):
            row.save()


def settle() -> None:
    """Let the server end what it has put off, and do what it does by itself in quiet hours."""
    with connection.cursor() as cursor:
        if connection.in_atomic_block:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
            return
        cursor.execute(f"VACUUM ANALYZE {Presence._meta.db_table}")
        cursor.execute("CHECKPOINT")


def measure_all(folder: Path, sizes: dict[str, int], runs: int, only: Iterable[str] = SIZES) -> Iterator[Measurement]:
    """Do each thing ``runs`` times with the history and as often without it, by turns."""
    work = Work(folder, sizes)
    for what in only:
        measurement = Measurement(what, sizes[what])
        for run in range(runs):
            for is_kept in (True, False) if run % 2 == 0 else (False, True):
                settle()
                act = work.ready(what)
                settle()
                with nullcontext() if is_kept else without_history(TABLE):
                    (measurement.kept if is_kept else measurement.off).append(timed(act))
                    settle()
        yield measurement


def row_of(measurement: Measurement) -> str:
    """A row of Markdown: milliseconds by the clock (of a processor) with and without, and the ratios."""
    kept, off = (f"{clock:,.0f} ({busy:,.0f})" for clock, busy in map(middle, (measurement.kept, measurement.off)))
    clock, busy = measurement.ratios
    return f"| {measurement.what} | {measurement.number:,} | {kept} | {off} | {clock:.2f} ({busy:.2f}) |"


def main() -> int:
    parser = ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=5, help="how often each thing is done with and without history")
    parser.add_argument("--only", nargs="+", default=list(SIZES), choices=SIZES, help="what is measured")
    parser.add_argument("--quick", action="store_true", help="do little of each, to see that all works")
    arguments = parser.parse_args()
    sizes = QUICK if arguments.quick else SIZES
    usual = connection.settings_dict["NAME"]
    load = [os.getloadavg()[0]]
    drop(DATABASE)
    make_database(DATABASE)
    connect_to(DATABASE)
    try:
        call_command("migrate", verbosity=0)
        print("| | claims | with history: ms (of a processor) | without | ratio |\n|---|---|---|---|---|")
        with TemporaryDirectory() as folder:
            for measurement in measure_all(Path(folder), sizes, arguments.runs, arguments.only):
                print(row_of(measurement), flush=True)
    finally:
        connect_to(usual)
        drop(DATABASE)
    load.append(os.getloadavg()[0])
    print(f"\nLoad of the machine ({os.cpu_count()} cores) before and after: {load[0]:.1f}, {load[1]:.1f}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
