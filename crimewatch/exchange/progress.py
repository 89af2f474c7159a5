"""Telling how far some work has come, over a connection of its own, and hearing whether it shall stop."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from django.db import connection
from procrastinate.exceptions import JobAborted

from crimewatch.exchange.imports import Progress as Told
from crimewatch.exchange.models import Progress

#: Seconds between two words on the same work.
PAUSE = 0.5

TELL = """
    INSERT INTO exchange_progress
        (uid, "table", stage, done, total, tables, tables_done, is_cancelled, updated_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, false, now())
    ON CONFLICT (uid) DO UPDATE SET "table" = excluded."table", stage = excluded.stage, done = excluded.done,
        total = excluded.total, tables = excluded.tables, tables_done = excluded.tables_done,
        updated_at = excluded.updated_at
    RETURNING is_cancelled
"""


class CancelledError(Exception):
    """Somebody wants the work to stop; whatever it has written is to be taken back."""


class Reporter:
    """Call it with the `Progress` of an import or an export.

    It raises `CancelledError` where somebody wants that, and `JobAborted` where the worker has to stop, as `must_stop`
    says.
    """

    def __init__(self, uid: UUID, *, must_stop: Callable[[], bool] = lambda: False) -> None:
        self.uid, self._must_stop = uid, must_stop
        self._own: Any = None
        self._told_at = 0.0

    def __enter__(self) -> Self:
        # The work's own connection is in a transaction, whose writes nobody sees before its end.
        self._own = connection.copy()
        self._tell("", "", 0, 0, 1, 0)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._own.close()

    def __call__(self, progress: Told) -> None:
        now = time.monotonic()
        if now - self._told_at < PAUSE:
            return
        self._told_at = now
        stage = str(progress.stage)
        self._tell(progress.table.name, stage, progress.done, progress.rows, progress.tables, progress.tables_done)

    def hear(self) -> None:
        """Stop if that is wanted, without waiting for more to tell."""
        self._ask("SELECT is_cancelled FROM exchange_progress WHERE uid = %s", [self.uid])

    def _tell(self, *values: Any) -> None:
        self._ask(TELL, [self.uid, *values])

    def _ask(self, query: str, values: list[Any]) -> None:
        with self._own.cursor() as cursor:
            cursor.execute(query, values)
            if cursor.fetchone()[0]:
                raise CancelledError
        if self._must_stop():
            raise JobAborted


def want_cancelled(uid: UUID) -> None:
    """Ask the work to stop at its next word."""
    Progress.objects.update_or_create(uid=uid, defaults={"is_cancelled": True})


def begin_anew(uid: UUID) -> None:
    """Forget what earlier work on the same has told, and that it was to stop."""
    Progress.objects.filter(uid=uid).delete()
