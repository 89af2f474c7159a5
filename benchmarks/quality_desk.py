"""How long each check of the quality desk takes, and its page: ``python benchmarks/quality_desk.py --claims 100000``.

It makes a database for each size as ``benchmarks/admin_pages.py`` does, counts each check ``--runs`` times as an
editor, lists its first page, and opens the desk before and after the numbers were kept. It prints Markdown.
"""
# ruff: noqa: E402, T201 (a script: sets Django up before it imports, and prints)

import os
import statistics
import sys
from argparse import ArgumentParser
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crimewatch.settings")
os.environ.setdefault("SECOND_FACTOR_REQUIRED", "false")  # the one who is logged in here has no phone
django.setup()

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from benchmarks.admin_pages import serve_in_this_process
from benchmarks.databases import database_of
from benchmarks.reader_pages import timed
from crimewatch.curation.models import DailyCount
from crimewatch.curation.quality.desk import Desk
from crimewatch.curation.quality.views import PAGE_SIZE
from crimewatch.curation.roles import EDITOR, settle_staff


def editor() -> User:
    """Somebody who sees all drafts and nothing restricted."""
    user, _made = User.objects.get_or_create(username="editor")
    user.groups.add(Group.objects.get(name=EDITOR))
    settle_staff(user)
    return User.objects.get(pk=user.pk)


def measure(runs: int) -> list[str]:
    """A row of Markdown for each check and the desk: what it found, milliseconds by the clock (of a processor)."""
    user = editor()
    desk = Desk(user)
    rows = []
    for check in desk.checks:
        number = sum(desk.numbers(check).values())
        counted = [timed(lambda: desk.numbers(check)) for _ in range(runs)]  # noqa: B023 - it is called at once
        listed = [timed(lambda: desk.page(check, desk.models(check), 0, PAGE_SIZE)) for _ in range(runs)]  # noqa: B023
        rows.append(f"| {check.name} | {number:,} | {middle(counted)} | {middle(listed)} |")
        print(rows[-1], file=sys.stderr)
    client = Client(SERVER_NAME=settings.ALLOWED_HOSTS[0])
    client.force_login(user)
    DailyCount.objects.all().delete()
    for what in ("the page, nothing kept", "the page, as kept"):
        with CaptureQueriesContext(connection) as captured:
            opened = [timed(lambda: client.get(reverse("curation:quality"), secure=True))]
        rows.append(f"| {what} | {len(captured)} queries | {middle(opened)} | |")
        Desk(user).keep()
    return rows


def middle(measured: list[tuple[float, float]]) -> str:
    clock, busy = (statistics.median(each) for each in zip(*measured, strict=True))
    return f"{clock:,.0f} ({busy:,.0f})"


def main() -> int:
    parser = ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--claims", type=int, nargs="+", default=[100_000, 1_000_000], help="sizes to measure")
    parser.add_argument("--runs", type=int, default=3, help="how often each check is counted by the clock")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="keep the databases for the next run")
    arguments = parser.parse_args()
    serve_in_this_process()
    for claims in arguments.claims:
        before = os.getloadavg()[0]
        report = lambda line: print(line, file=sys.stderr)  # noqa: E731
        with database_of(claims, arguments.seed, keep=arguments.keep, report=report):
            rows = measure(arguments.runs)
        print(
            f"At {claims:,} claims; load of the machine ({os.cpu_count()} cores)"
            f" {before:.1f}, {os.getloadavg()[0]:.1f}.\n"
        )
        print("| check | found | counted | first page |\n|---|---|---|---|", *rows, sep="\n", end="\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
