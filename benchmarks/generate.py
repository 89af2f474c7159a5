"""Fill a database with made-up but realistic data: ``python benchmarks/generate.py --claims 100000 --seed 1``.

It writes to whatever database the settings name, and refuses one that holds data. The same number and seed make the
same rows. Constraints, triggers and history are at work as for any other write.
"""
# ruff: noqa: E402, T201, S311 (a script: sets Django up before it imports, prints, and plays with chance)

import os
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crimewatch.settings")
django.setup()

from django.db import connection, transaction

from benchmarks.claims import ClaimMaker, numbers_of_claims
from benchmarks.copying import copy_rows
from benchmarks.records import CLAIMS_PER_RECORD, RecordMaker
from crimewatch.records.models import Record, Status


def generate(claims: int, seed: int, report: Callable[[str], None] = print) -> None:
    """Store ``claims`` claims and the records that they need, and publish most of those that are supported."""
    chance = Random(seed)
    with step("records", report):
        world = RecordMaker(chance, claims).store_all()
    maker = ClaimMaker(chance, world, claims)
    for model, number in numbers_of_claims(claims).items():
        with step(f"{number:,} {model._meta.verbose_name_plural}", report):
            copy_rows(model, maker.make(model, number))
    # The checks of publication ask every table of claims: the planner has to know their sizes by then.
    tidy(report)
    with step("publication", report):
        for model in CLAIMS_PER_RECORD:
            publish_most(model, [record.pk for record in world[model] if chance.random() < 0.7])
    tidy(report)


def tidy(report: Callable[[str], None]) -> None:
    """Do what a server does by itself in quiet hours."""
    with step("vacuum and statistics", report), connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.in_atomic_block else "VACUUM ANALYZE")


def publish_most(model: type[Record], keys: list[int]) -> None:
    """Publish those of ``keys`` that a claim supports."""
    with transaction.atomic():
        model._default_manager.filter(pk__in=keys).supported().order_by().update(status=Status.PUBLISHED)


@contextmanager
def step(what: str, report: Callable[[str], None]) -> Iterator[None]:
    """Say what was done and how long it took."""
    began = time.monotonic()
    yield
    report(f"{time.monotonic() - began:8.1f} s  {what}")


def holds_data() -> bool:
    return any(model._default_manager.exists() for model in CLAIMS_PER_RECORD)


def main() -> int:
    parser = ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--claims", type=int, default=100_000, help="how many claims, of all kinds together")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--force", action="store_true", help="also into a database that holds data already")
    arguments = parser.parse_args()
    if arguments.claims < 1_000:
        parser.error(f"--claims is {arguments.claims}, but needs to be 1000 or more.")
    if holds_data() and not arguments.force:
        parser.error(f"The database {connection.settings_dict['NAME']} holds data already; say --force to add to them.")
    began = time.monotonic()
    generate(arguments.claims, arguments.seed)
    print(f"{time.monotonic() - began:8.1f} s  in all")
    return 0


if __name__ == "__main__":
    sys.exit(main())
