"""Telling how far some work has come, over a connection of its own, and hearing whether it shall stop."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from django.db import connection
from procrastinate.exceptions import JobAborted

from crimewatch.exchange.models import Progress

#: Seconds between two words on the same work.
PAUSE = 0.5

TELL = """
    INSERT INTO exchange_progress (uid, stage, "table", done, total, is_cancelled, updated_at)
    VALUES (%s, %s, %s, %s, %s, false, now())
    ON CONFLICT (uid) DO UPDATE SET stage = excluded.stage, "table" = excluded."table", done = excluded.done,
        total = excluded.total, updated_at = excluded.updated_at
    RETURNING is_cancelled
"""


class CancelledError(Exception):
    """Somebody wants the work to stop; whatever it has written is to be taken back."""


class Reporter:
    """Call it with table, stage, what is done and what there is in all.

    Raises `CancelledError` where somebody wants that, and `JobAborted` where the worker has to stop: `must_stop` says so.
    """

    def __init__(self, uid: UUID, *, must_stop: Callable[[], bool] = lambda: False) -> None:
        self.uid, self._must_stop = uid, must_stop
        self._own: Any = None
        self._told_at = 0.0

    def __enter__(self) -> Self:
        # The work's own connection is in a transaction, whose writes nobody sees before its end.
        self._own = connection.copy()
        self("", "", 0, 0)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._own.close()

    def __call__(self, table: str, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._told_at < PAUSE:
            return
        self._told_at = now
        with self._own.cursor() as cursor:
            cursor.execute(TELL, [self.uid, stage, table, done, total])
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
