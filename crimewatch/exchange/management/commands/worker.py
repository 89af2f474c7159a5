"""`manage.py worker`: works on the jobs of the queue, on this machine or on another one."""

import asyncio
import logging
import os
import signal
import sys
import threading
import time
from typing import Any

import psycopg
import psycopg_pool
from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException

from crimewatch.exchange.jobs import SILENT, are_waiting

logger = logging.getLogger(__name__)

#: So many jobs at the same time: a preview need not wait for an export.
CONCURRENCY = 2
#: Seconds that a job has to end by itself when the worker is told to stop. It is taken back then, and taken up later.
GRACE = 10.0
#: Seconds until the worker looks whether a database that has gone is there again.
PAUSE = 2.0


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
        if verbosity > 1:
            logging.getLogger("procrastinate").setLevel(logging.INFO)
        if until_stdin_ends:
            threading.Thread(target=end_with_stdin, daemon=True).start()
        while True:
            # While no worker listens to it: an end by which what this process holds is let go of.
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
            try:
                is_told_to_stop = work(once=once, concurrency=concurrency)
            except (psycopg.OperationalError, OperationalError, ConnectorException) as error:
                if not has_gone(error):
                    raise
                logger.warning("The database has gone (%s); the worker waits for it.", str(error.__cause__ or error))
                time.sleep(PAUSE)
                continue
            if is_told_to_stop or (once and not are_waiting()):
                break
            if not once:
                logger.warning("The worker has lost the database; it begins anew.")
                time.sleep(PAUSE)


def has_gone(error: BaseException) -> bool:
    """Whether it is the connection that failed, and not what was said over it."""
    cause = error.__cause__ if isinstance(error, ConnectorException) else error
    return isinstance(cause, psycopg.OperationalError | OperationalError | psycopg_pool.PoolTimeout)


def work(*, once: bool, concurrency: int) -> bool:
    """Work until there is nothing more to do, or for ever; says whether it was told to stop."""
    with app.replace_connector(PsycopgConnector(kwargs=connector_params("default"))):
        return asyncio.run(work_until_told(once=once, concurrency=concurrency))


async def work_until_told(*, once: bool, concurrency: int) -> bool:
    """As `work`. A worker also ends, without an error, when it cannot listen to the queue any more."""
    async with app.open_async():
        worker = asyncio.create_task(
            app.run_worker_async(
                wait=not once,
                concurrency=concurrency,
                stalled_worker_timeout=float(SILENT),
                fetch_job_polling_interval=2.0,
                # With `once` it is the end of the queue that tells the worker to stop, and what it has begun is to be
                # done.
                shutdown_graceful_timeout=None if once else GRACE,  # type: ignore[arg-type]  # None: for ever
                install_signal_handlers=False,
            )
        )
        told = asyncio.Event()

        def stop() -> None:
            told.set()
            worker.cancel()

        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop)
        try:
            await worker
        except (asyncio.CancelledError, ConnectorException):
            if not told.is_set():
                raise
        return told.is_set()


def end_with_stdin() -> None:
    """Stop this process, as SIGTERM does, when whoever holds the other end of its standard input is gone."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)
