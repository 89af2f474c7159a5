"""What it takes to publish very many records at once: ``python benchmarks/publication.py --records 50000``.

It makes a database of its own on the server that the settings name, stores so many draft groups there, each supported
by a claim, and lets an editor publish and then withdraw all of them as the admin's action does. It prints Markdown:
seconds by the clock and of a processor, the number of queries, and how much memory the process took besides.
"""
# ruff: noqa: E402, T201 (a script: sets Django up before it imports, and prints)

import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crimewatch.settings")
django.setup()

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from actors.models import Group, GroupCitation, GroupKind
from benchmarks.copying import continue_keys, copy_rows, next_key
from benchmarks.databases import connect_to, make_database
from benchmarks.quality_desk import editor
from benchmarks.reader_pages import timed
from benchmarks.transfer import drop, most_memory
from crimewatch.citations.models import Source, SourceType
from crimewatch.records.models import Status
from crimewatch.records.workflow import MOST_AT_ONCE, take_step

DATABASE = "benchmark_publication"


@dataclass
class Measurement:
    """What one step of many records took."""

    what: str
    records: int
    seconds: float
    busy_seconds: float
    queries: int
    megabytes: float


def store_drafts(number: int) -> list[int]:
    """Groups with a claim each, by COPY; returns their keys."""
    source, _made = Source.objects.get_or_create(
        slug="benchmark-source", defaults={"name": "Of the measurement", "source_type": SourceType.REPORT}
    )
    first, now = next_key(Group), timezone.now()
    keys = list(range(first, first + number))
    kind, times = GroupKind.NETWORK, {"created_at": now, "updated_at": now}
    copy_rows(
        Group,
        (Group(pk=key, slug=f"group-{key}", name=f"Group {key}", kind=kind, **times) for key in keys),
    )
    copy_rows(
        GroupCitation, (GroupCitation(record_id=key, source=source, statement="It is there.", **times) for key in keys)
    )
    continue_keys(Group, GroupCitation)
    return keys


def measure_all(number: int) -> Iterator[Measurement]:
    """Publish and withdraw ``number`` groups at once."""
    keys, user = store_drafts(number), editor()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    for what, status in (("published", Status.PUBLISHED), ("withdrawn", Status.WITHDRAWN)):
        queries = 0

        def counted(execute: Any, *arguments: Any) -> Any:
            nonlocal queries
            queries += 1
            return execute(*arguments)

        before = most_memory()
        with connection.execute_wrapper(counted):
            clock, busy = timed(lambda: take_step(Group, keys, status, user, "Measured."))  # noqa: B023 - at once
        yield Measurement(what, number, clock / 1000, busy / 1000, queries, most_memory() - before)


def main() -> int:
    parser = ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--records", type=int, default=MOST_AT_ONCE, help="how many groups take each step")
    arguments = parser.parse_args()
    usual, load = connection.settings_dict["NAME"], os.getloadavg()[0]
    drop(DATABASE)
    make_database(DATABASE)
    connect_to(DATABASE)
    try:
        call_command("migrate", verbosity=0)
        print("| groups | | seconds (of a processor) | queries | memory besides |\n|---|---|---|---|---|")
        for one in measure_all(arguments.records):
            print(
                f"| {one.records:,} | {one.what} | {one.seconds:.1f} ({one.busy_seconds:.1f}) | {one.queries}"
                f" | {one.megabytes:.0f} MB |",
                flush=True,
            )
    finally:
        connect_to(usual)
        drop(DATABASE)
    print(f"\nLoad of the machine ({os.cpu_count()} cores) before and after: {load:.1f}, {os.getloadavg()[0]:.1f}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
