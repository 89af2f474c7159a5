"""Seconds of a bulk edit of claims and of its undoing: ``python benchmarks/bulk_edit.py --rows 50000 --runs 3``.

It makes a database of its own with as many presences, on the server that the settings name, changes the credibility of
all of them as the page does (preview, confirmation, writing), takes that back, prints the median of each step, and
takes the database away.
"""
# ruff: noqa: E402, SLF001, T201 (a script: sets Django up before it imports, and prints)

import os
import statistics
import sys
import time
from argparse import ArgumentParser
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crimewatch.settings")
django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from actors.models import Group, Presence
from benchmarks.databases import connect_to, make_database
from crimewatch.citations.models import Source
from crimewatch.exchange import batches, edits
from crimewatch.exchange.catalog import TABLES_BY_NAME
from crimewatch.exchange.edits import Change
from crimewatch.exchange.models import BatchState
from regions.models import Region

DATABASE = "benchmark_bulk_edit"


def fill(rows: int) -> None:
    """As many presences of a hundred groups in one region, by one source."""
    source = Source.objects.create(slug="source", name="Source")
    region = Region.objects.create(slug="region", name="Region", kind="province")
    groups = [Group.objects.create(slug=f"group-{n}", name=f"Group {n}", kind="street-gang") for n in range(100)]
    Presence.objects.bulk_create(
        (Presence(group=groups[n % 100], region=region, source=source, quotation=f"Number {n}") for n in range(rows)),
        batch_size=5_000,
    )


def measure(grade: str) -> dict[str, float]:
    """Seconds of each step."""
    taken: dict[str, float] = {}
    begun = time.perf_counter()

    def lap(name: str) -> None:
        nonlocal begun
        now = time.perf_counter()
        taken[name], begun = now - begun, now

    rows: Any = {TABLES_BY_NAME["presences"]: Presence.objects.all()}
    batch = edits.begin(rows, [Change("credibility", "set", grade)], user=None, reason="A measurement.")
    batches.look_at(batch)
    lap("preview")
    batches.confirm(batch)
    batches.carry_out(batch)
    lap("writing")
    taking_back = batches.ask_for_undo(batch, None, reason="A measurement.")
    lap("planning the undo")
    batches.carry_out(taking_back)
    lap("undo")
    for each in (batch, taking_back):
        if each.problem or each.state != BatchState.DONE:
            raise SystemExit(each.problem or each.state)
    return taken


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    usual = connection.settings_dict["NAME"]
    found = defaultdict(list)
    make_database(DATABASE)
    try:
        connect_to(DATABASE)
        call_command("migrate", verbosity=0)
        with TemporaryDirectory() as folder:
            settings.KEPT_FILES = folder
            fill(options.rows)
            for run in range(options.runs):
                for name, seconds in measure("23"[run % 2]).items():
                    found[name].append(seconds)
    finally:
        connect_to(usual)
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")
    for name, seconds in found.items():
        print(f"{name}: {statistics.median(seconds):.1f} s for {options.rows:,} rows")


if __name__ == "__main__":
    main()
