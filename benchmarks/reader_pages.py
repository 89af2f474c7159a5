"""How many queries and how long each page of the reader's side takes, beside the bare SQL that it needs.

``python benchmarks/reader_pages.py --claims 1000 100000 1000000`` makes a database for each size as
``benchmarks/admin_pages.py`` does, opens each page in this process as somebody who reads what is published, and runs
the page's statements once more by themselves. It prints Markdown; ``--json FILE`` writes every measurement too.
"""
# ruff: noqa: E402, T201 (a script: sets Django up before it imports, and prints)

import json
import os
import statistics
import sys
import time
from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

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

from benchmarks.admin_pages import (
    AIM_MILLISECONDS,
    Measurement,
    serve_in_this_process,
    slowest_statements,
    summary,
    tables,
)
from benchmarks.databases import database_of
from benchmarks.pages import Page
from benchmarks.reading import pages
from crimewatch.records.kept import forget


@dataclass(frozen=True)
class ReaderMeasurement(Measurement):
    """What one page took, what its statements took by themselves, and for how long it kept a processor busy."""

    bare_milliseconds: float = 0
    processor_milliseconds: float = 0

    @property
    def ratio(self) -> float:
        return self.milliseconds / max(self.bare_milliseconds, 0.1)


def measure(client: Client, page: Page, claims: int, runs: int, *, anew: bool = False) -> ReaderMeasurement:
    """Open a page to warm up and look at its statements, then the page and the bare statements ``runs`` times each.

    With ``anew`` nothing is kept of what the site has made for readers before, as after every change.
    """

    def open_page() -> Any:
        if anew:
            forget()
        return client.get(page.address, secure=True)

    open_page()
    with CaptureQueriesContext(connection) as captured:
        response = open_page()
    if response.status_code != 200:
        raise RuntimeError(f"{page.address} answers {response.status_code} at {claims} claims.")
    statements = [query["sql"] for query in captured.captured_queries]
    slowest = max(captured.captured_queries, key=lambda query: float(query["time"]))
    opened = [timed(open_page) for _ in range(runs)]
    bare = [timed(lambda: run_bare(statements)) for _ in range(runs)]
    return ReaderMeasurement(
        **asdict(page),
        claims=claims,
        queries=len(statements),
        milliseconds=round(statistics.median(clock for clock, _ in opened), 1),
        slowest_sql_milliseconds=round(float(slowest["time"]) * 1000, 1),
        slowest_sql=slowest["sql"],
        bare_milliseconds=round(statistics.median(clock for clock, _ in bare), 1),
        processor_milliseconds=round(statistics.median(busy for _, busy in opened), 1),
    )


def timed(act: Callable[[], Any]) -> tuple[float, float]:
    """Milliseconds by the clock, and those in which this process and the server's kept a processor busy."""
    clock, busy = time.perf_counter(), time.process_time() + server_seconds()
    act()
    return (time.perf_counter() - clock) * 1000, (time.process_time() + server_seconds() - busy) * 1000


def server_seconds() -> float:
    """Processor time of the server's process for this connection, where it is a process of this machine; else 0."""
    raw: Any = connection.connection
    try:
        return int(Path(f"/proc/{raw.info.backend_pid}/schedstat").read_text().split()[0]) / 1e9
    except (OSError, AttributeError):
        return 0.0


def run_bare(statements: list[str]) -> None:
    """Run the statements by the driver alone, and fetch what they find."""
    raw: Any = connection.connection
    with raw.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
            if cursor.description:
                cursor.fetchall()


def measure_all(claims: int, runs: int, *only: str, anew: bool = False) -> Iterator[ReaderMeasurement]:
    """Measure every page whose section, kind or subject has one of ``only`` in its name; all of them for none."""
    reader, _ = User.objects.get_or_create(username="reader")
    client = Client(SERVER_NAME=settings.ALLOWED_HOSTS[0])
    client.force_login(reader)
    request = RequestFactory().get("/")
    request.user = reader
    for page in pages(request):
        name = f"{page.section}/{page.model}/{page.what}"
        if not only or any(part in name for part in only):
            measured = measure(client, page, claims, runs, anew=anew)
            print(f"{measured.milliseconds:8.0f} ms  {page.address}", file=sys.stderr)
            yield measured


def cell(measured: list[Measurement]) -> str:
    """``9: 31 (12) ×1.4 · 60 (31) ×1.2``: queries and, at each size, milliseconds, those of a processor, and the ratio
    to bare SQL; of several pages, the slowest."""
    by_size: dict[int, list[Any]] = defaultdict(list)
    for measurement in measured:
        by_size[measurement.claims].append(measurement)
    slowest = [max(same_size, key=lambda m: m.processor_milliseconds) for same_size in by_size.values()]
    if not slowest:
        return ""
    counts = "/".join(dict.fromkeys(str(m.queries) for m in slowest))
    return f"{counts}: " + " · ".join(
        f"{m.milliseconds:,.0f} ({m.processor_milliseconds:,.0f}) ×{m.ratio:.1f}" for m in slowest
    )


def by_processor(measurements: list[ReaderMeasurement]) -> str:
    """For each size, for how long the pages kept a processor busy: what the clock would show on an idle machine."""
    lines = []
    for claims in dict.fromkeys(m.claims for m in measurements):
        busy = [m.processor_milliseconds for m in measurements if m.claims == claims]
        late = sum(milliseconds > AIM_MILLISECONDS for milliseconds in busy)
        lines.append(
            f"Of a processor at {claims:,} claims: median {statistics.median(busy):,.0f} ms, most {max(busy):,.0f} ms; "
            f"{late} of {len(busy)} pages above {AIM_MILLISECONDS} ms."
        )
    return "\n\n".join(lines)


def brief(measurements: list[ReaderMeasurement]) -> str:
    """A row for each kind of page: how many, and at each size the median, its ratio to bare SQL, and the slowest."""
    sizes = list(dict.fromkeys(m.claims for m in measurements))
    heads = " | ".join(f"{claims:,} claims" for claims in sizes)
    rows = [f"| | pages | queries | {heads} |", "|---" * (len(sizes) + 3) + "|"]
    for section, kind in dict.fromkeys((m.section, m.model) for m in measurements):
        mine = [m for m in measurements if (m.section, m.model) == (section, kind)]
        queries = sorted(m.queries for m in mine)
        cells = []
        for claims in sizes:
            here = [m for m in mine if m.claims == claims]
            slowest = max(here, key=lambda m: m.milliseconds)
            median = statistics.median(m.milliseconds for m in here)
            ratio = statistics.median(m.ratio for m in here)
            cells.append(f"{median:,.0f} ×{ratio:.1f}, at most {slowest.milliseconds:,.0f}: {slowest.what}")
        pages_of_it = len({m.what for m in mine})
        rows.append(f"| {section}: {kind} | {pages_of_it} | {queries[0]}–{queries[-1]} | {' | '.join(cells)} |")
    return "\n".join(rows)


def main() -> int:
    parser = ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--claims", type=int, nargs="+", default=[1_000, 100_000, 1_000_000], help="sizes to measure")
    parser.add_argument("--runs", type=int, default=5, help="how often each page is opened by the clock")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--only", nargs="+", default=[], help="pages with one of these in section/kind/page: Lists/regions"
    )
    parser.add_argument("--keep", action="store_true", help="keep the databases for the next run")
    parser.add_argument("--json", type=Path, help="write every measurement to this file")
    parser.add_argument("--anew", action="store_true", help="keep nothing for readers, as after each change")
    parser.add_argument("--brief", action="store_true", help="print a line for each kind of page and not each page")
    arguments = parser.parse_args()
    serve_in_this_process()
    load = [os.getloadavg()[0]]
    measurements: list[ReaderMeasurement] = []
    for claims in arguments.claims:
        report = lambda line: print(line, file=sys.stderr)  # noqa: E731
        with database_of(claims, arguments.seed, keep=arguments.keep, report=report):
            for measured in measure_all(claims, arguments.runs, *arguments.only, anew=arguments.anew):
                measurements.append(measured)
                if arguments.json:  # page by page: whoever stops a long run keeps what it has measured
                    write(arguments.json, measurements)
        load.append(os.getloadavg()[0])
    sizes = " · ".join(f"{claims:,}" for claims in arguments.claims)
    print(
        f"Queries: median milliseconds of {arguments.runs} runs at {sizes} claims (milliseconds of a processor) ×ratio."
    )
    print(f"Load of the machine ({os.cpu_count()} cores) meanwhile: {', '.join(f'{one:.1f}' for one in load)}.\n")
    told = brief(measurements) if arguments.brief else tables(measurements, cell)
    print(summary(measurements), by_processor(measurements), told, "Slowest statements:\n", sep="\n\n")
    print(slowest_statements(measurements))
    return 0


def write(file: Path, measurements: list[ReaderMeasurement]) -> None:
    file.write_text(json.dumps([asdict(m) for m in measurements], indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
