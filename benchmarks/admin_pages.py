"""How many queries and how long each page of the admin takes on databases of several sizes.

``python benchmarks/admin_pages.py --claims 1000 100000 1000000`` makes a database for each size on the server that the
settings name, opens each page as a logged-in superuser in this process, and drops the databases again unless told to
keep them. It prints Markdown; ``--json FILE`` writes every measurement too.
"""
# ruff: noqa: E402, T201 (a script: sets Django up before it imports, and prints)

import json
import os
import statistics
import sys
import time
from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crimewatch.settings")
os.environ.setdefault("SECOND_FACTOR_REQUIRED", "false")  # the one who is logged in here has no phone
django.setup()

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from benchmarks.databases import database_of
from benchmarks.pages import Page, pages
from crimewatch.wsgi import settle

AIM_MILLISECONDS = 150
"""What a page should take at most."""


@dataclass(frozen=True)
class Measurement:
    """What one page took on a database of one size."""

    section: str
    model: str
    what: str
    address: str
    claims: int
    queries: int
    milliseconds: float
    slowest_sql_milliseconds: float
    slowest_sql: str


def measure(client: Client, page: Page, claims: int, runs: int) -> Measurement:
    """Open a page once to warm up, ``runs`` times by the clock, and once more to look at its queries."""
    response = client.get(page.address, secure=True)
    if response.status_code != 200:
        raise RuntimeError(f"{page.address} answers {response.status_code} at {claims} claims.")
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        client.get(page.address, secure=True)
        times.append((time.perf_counter() - began) * 1000)
    with CaptureQueriesContext(connection) as captured:
        client.get(page.address, secure=True)
    slowest = max(captured.captured_queries, key=lambda query: float(query["time"]))
    return Measurement(
        **asdict(page),
        claims=claims,
        queries=len(captured),
        milliseconds=round(statistics.median(times), 1),
        slowest_sql_milliseconds=round(float(slowest["time"]) * 1000, 1),
        slowest_sql=slowest["sql"],
    )


def measure_all(claims: int, runs: int, only: str) -> list[Measurement]:
    """Measure every page whose kind, section or subject has ``only`` in its name."""
    editor, _ = User.objects.get_or_create(username="benchmark", is_superuser=True, is_staff=True)
    client = Client(SERVER_NAME=settings.ALLOWED_HOSTS[0])
    client.force_login(editor)
    request = RequestFactory().get("/")
    request.user = editor
    wanted = [page for page in pages(request) if only in f"{page.section}/{page.model}/{page.what}"]
    return [measure(client, page, claims, runs) for page in wanted]


def serve_in_this_process() -> None:
    """Find static files where they lie (pages name them, nobody loads them), and do not log queries as DEBUG does.

    Not ``setup_test_environment()``: it makes every template that is rendered cost more.
    """
    settings.DEBUG = False
    static = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": static}
    settle()


# Markdown


def cell(measured: list[Measurement]) -> str:
    """``9: 31 · 35 · 60``: queries, and milliseconds at each size; of sorted lists, those of the slowest column."""
    if not measured:
        return ""
    by_size: dict[int, list[Measurement]] = defaultdict(list)
    for measurement in measured:
        by_size[measurement.claims].append(measurement)
    slowest = [max(same_size, key=lambda m: m.milliseconds) for same_size in by_size.values()]
    counts = {m.queries for m in slowest}
    queries = str(counts.pop()) if len(counts) == 1 else f"**{'/'.join(str(m.queries) for m in slowest)}**"
    times = (
        f"**{m.milliseconds:,.0f}**" if m.milliseconds > AIM_MILLISECONDS else f"{m.milliseconds:,.0f}" for m in slowest
    )
    return f"{queries}: {' · '.join(times)}"


def tables(measurements: Sequence[Measurement], in_cell: Callable[[list[Measurement]], str] = cell) -> str:
    """A table for each section: a row for each kind, a column for each page."""
    parts = []
    for section in dict.fromkeys(m.section for m in measurements):
        mine = [m for m in measurements if m.section == section]
        columns = list(dict.fromkeys(m.what for m in mine))
        parts += [f"### {section}", "", f"| | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
        for model in dict.fromkeys(m.model for m in mine):
            cells = [in_cell([m for m in mine if (m.model, m.what) == (model, what)]) for what in columns]
            parts.append(f"| {model} | {' | '.join(cells)} |")
        parts.append("")
    return "\n".join(parts)


def growing(measurements: Sequence[Measurement]) -> list[str]:
    """The pages that take more queries at one size than at another."""
    counts: dict[tuple[str, str, str], set[int]] = defaultdict(set)
    for m in measurements:
        counts[m.section, m.model, m.what].add(m.queries)
    return [" · ".join(page) for page, numbers in counts.items() if len(numbers) > 1]


def summary(measurements: Sequence[Measurement]) -> str:
    """In words: what grows, how many pages take longer than they should, and which statements are the slowest."""
    parts = []
    grown = growing(measurements)
    parts.append(
        "Pages whose number of queries differs between sizes: " + ("; ".join(grown) + "." if grown else "none.")
    )
    for claims in dict.fromkeys(m.claims for m in measurements):
        here = sorted((m for m in measurements if m.claims == claims), key=lambda m: m.milliseconds)
        late = [m for m in here if m.milliseconds > AIM_MILLISECONDS]
        parts.append(
            f"At {claims:,} claims: {len(here)} pages, "
            f"median {statistics.median(m.milliseconds for m in here):.0f} ms, "
            f"slowest {here[-1].milliseconds:,.0f} ms ({here[-1].model}, {here[-1].what}); "
            f"{len(late)} above {AIM_MILLISECONDS} ms; at most {max(m.queries for m in here)} queries."
        )
    return "\n\n".join(parts)


def slowest_statements(measurements: Sequence[Measurement], number: int = 10) -> str:
    largest = max(m.claims for m in measurements)
    here = sorted((m for m in measurements if m.claims == largest), key=lambda m: -m.slowest_sql_milliseconds)
    return "\n".join(
        f"- {m.slowest_sql_milliseconds:,.0f} ms of {m.milliseconds:,.0f} ms: {m.model}, {m.what}"
        for m in here[:number]
    )


def main() -> int:
    parser = ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--claims", type=int, nargs="+", default=[1_000, 100_000, 1_000_000], help="sizes to measure")
    parser.add_argument("--runs", type=int, default=5, help="how often each page is opened by the clock")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="pages with this in section/kind/page, as in Lists/regions")
    parser.add_argument("--keep", action="store_true", help="keep the databases for the next run")
    parser.add_argument("--json", type=Path, help="write every measurement to this file")
    arguments = parser.parse_args()
    serve_in_this_process()
    load = [os.getloadavg()[0]]
    measurements: list[Measurement] = []
    for claims in arguments.claims:
        report = lambda line: print(line, file=sys.stderr)  # noqa: E731
        with database_of(claims, arguments.seed, keep=arguments.keep, report=report):
            measurements += measure_all(claims, arguments.runs, arguments.only)
        load.append(os.getloadavg()[0])
    sizes = " · ".join(f"{claims:,}" for claims in arguments.claims)
    print(f"Queries: median milliseconds of {arguments.runs} runs at {sizes} claims.")
    print(f"Load of the machine ({os.cpu_count()} cores) meanwhile: {', '.join(f'{one:.1f}' for one in load)}.\n")
    print(summary(measurements), tables(measurements), "Slowest statements:\n", sep="\n\n")
    print(slowest_statements(measurements))
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(m) for m in measurements], indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
