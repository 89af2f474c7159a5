"""`manage.py worker`: works on the jobs of the queue, on this machine or on another one."""

import logging
import os
import signal
import sys
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from procrastinate.contrib.django import app

from crimewatch.exchange.jobs import SILENT

#: So many jobs at the same time: a preview need not wait for an export.
CONCURRENCY = 2
#: Seconds that a job has to end by itself when the worker is told to stop. It is taken back then, and taken up later.
GRACE = 10.0


class Command(BaseCommand):
    help = (
        "Work on imports and exports that run in the background, until Ctrl-C or SIGTERM. "
        "A worker needs the same database and the same VAR_DIR as the site."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="end when the queue is empty")
        parser.add_argument("--concurrency", type=int, default=CONCURRENCY, help="how many jobs at the same time")
        parser.add_argument("--until-stdin-ends", action="store_true", help="end with the process that has started it")

    def handle(
        self, *_args: Any, once: bool, concurrency: int, until_stdin_ends: bool, verbosity: int, **_options: Any
    ) -> None:
        logging.getLogger("procrastinate").setLevel(logging.INFO if verbosity > 1 else logging.WARNING)
        if until_stdin_ends:
            threading.Thread(target=end_with_stdin, daemon=True).start()
        with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]
            app.run_worker(
                wait=not once,
                concurrency=concurrency,
                stalled_worker_timeout=float(SILENT),
                fetch_job_polling_interval=2.0,
                shutdown_graceful_timeout=GRACE,
            )


def end_with_stdin() -> None:
    """Stop this process, as SIGTERM does, when whoever holds the other end of its standard input is gone."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)
