"""Rows per second and memory of lists as files: ``python benchmarks/downloads.py --claims 1000000 --runs 3``.

The database is that of ``benchmarks/reader_pages.py``. A process of its own reads each file to its end, so that the
memory can be told, as somebody who reads what is published. Memory besides is what the process takes more at most than
before it asked for the file.
"""
# ruff: noqa: E402, T201 (a script: sets Django up before it imports, and prints)

import json
import os
import statistics
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crimewatch.settings")
os.environ.setdefault("SECOND_FACTOR_REQUIRED", "false")  # the one who is logged in here has no phone
django.setup()

from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from benchmarks.admin_pages import serve_in_this_process
from benchmarks.databases import connect_to, database_of
from benchmarks.reader_pages import timed
from benchmarks.reading import busiest_visible
from benchmarks.transfer import most_memory
from regions.models import Region

#: What is downloaded: a list with filters and an order; ``{region}`` is the key of the region with the most claims.
ADDRESSES = (
    "/claims/?format=csv",
    "/claims/?region={region}&format=csv",
    "/claims/?region={region}&sort=when&format=csv",
    "/claims/?region={region}&sort=says&format=csv",
    "/claims/?wording=alleged&sort=-credibility&format=csv",
    "/claims/?q=pumas&format=csv",
    "/claims/?region={region}&format=json",
    "/estimates/?rivals=yes&sort=best&format=csv",
    "/regions/?format=csv",
    "/regions/?sort=-claims&format=csv",
    "/regions/?independent=2&format=csv",
    "/regions/?sources=2&format=json",
    "/groups/?wording=alleged&during=2010/2012&sort=claims&format=csv",
    "/groups/?rivals=yes&format=csv",
    "/sources/?sort=publisher&format=csv",
    "/sources/?format=bibtex",
    "/claims/?region={region}&during=2010&format=xlsx",
)


@dataclass(frozen=True)
class Download:
    """A file: its rows and size, and what it took to write them."""

    address: str
    lines: int
    size: int
    milliseconds: float
    processor_milliseconds: float
    memory: float


def measure(address: str) -> Download:
    """Read a file to its end, a part at a time."""
    client = Client(SERVER_NAME=settings.ALLOWED_HOSTS[0])
    client.force_login(User.objects.get_or_create(username="reader")[0])
    client.get("/", secure=True)  # templates and addresses are read by the first request
    read = {"lines": 0, "size": 0}

    def act() -> None:
        answer = client.get(address, secure=True)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answers {answer.status_code}.")
        for part in answer.streaming_content:  # it is closed behind the last one, and the connection is not
            read["lines"] += part.count(b"\n")
            read["size"] += len(part)

    before = most_memory()
    clock, busy = timed(act)
    return Download(address, read["lines"], read["size"], clock, busy, most_memory() - before)


def measure_all(claims: int, seed: int, runs: int, only: list[str]) -> Iterator[Download]:
    """The median of several runs of each file, each in a process of its own."""
    region = busiest_visible(Region).slug
    for address in (each.format(region=region) for each in ADDRESSES):
        if only and not any(part in address for part in only):
            continue
        command = [sys.executable, __file__, "--claims", str(claims), "--seed", str(seed), "--one", address]
        told = [subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout for _ in range(runs)]
        found = [Download(**json.loads(one)) for one in told]
        yield Download(
            address,
            found[0].lines,
            found[0].size,
            statistics.median(one.milliseconds for one in found),
            statistics.median(one.processor_milliseconds for one in found),
            max(one.memory for one in found),
        )


def row_of(one: Download) -> str:
    """A line of the table. A workbook has no lines to count."""
    per_second = f"{one.lines / one.milliseconds * 1000:,.0f}"
    counted = ("", "") if "format=xlsx" in one.address else (f"{one.lines:,}", per_second)
    took = f"{one.milliseconds / 1000:,.2f} ({one.processor_milliseconds / 1000:,.2f})"
    return f"| `{one.address}` | {counted[0]} | {one.size / 1e6:,.1f} | {took} | {counted[1]} | {one.memory:,.0f} |"


def main() -> int:
    parser = ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--claims", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", default=[], help="files with one of these in their addresses")
    parser.add_argument("--keep", action="store_true", help="keep the database for the next run")
    parser.add_argument("--one", help="the address of one file, to be measured in this process")
    arguments = parser.parse_args()
    serve_in_this_process()
    if arguments.one:
        connect_to(f"benchmark_{arguments.claims}_{arguments.seed}")
        print(json.dumps(asdict(measure(arguments.one))))
        return 0
    report = lambda line: print(line, file=sys.stderr)  # noqa: E731
    load = os.getloadavg()[0]
    with database_of(arguments.claims, arguments.seed, keep=arguments.keep, report=report):
        print("| file | lines | MB | seconds (of a processor) | lines per second | MB of memory besides |")
        print("|---|---|---|---|---|---|", flush=True)
        for one in measure_all(arguments.claims, arguments.seed, arguments.runs, arguments.only):
            print(row_of(one), flush=True)
    print(f"\nLoad of the machine ({os.cpu_count()} cores) before and after: {load:.1f}, {os.getloadavg()[0]:.1f}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
