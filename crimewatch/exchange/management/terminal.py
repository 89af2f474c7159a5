"""Commands among other commands: progress for people alone, and a pipe that ends early is no error."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from crimewatch.exchange.imports import Progress

#: The exit status of a command that makes no sense as it was given.
USAGE = 2
#: The exit status of an import that met another one, or a database in trouble: the same may do later (EX_TEMPFAIL).
BROKEN_OFF = 75
#: The exit status of a command whose reader went away, as shells tell it of other programs.
BROKEN_PIPE = 141
PAUSE = 0.2
WIDTH = 30


class TerminalProgress:
    """A bar on the last line of a terminal. Where the output goes to a file or a pipe, nothing is written."""

    def __init__(self, output: Any) -> None:
        self._output = output
        self._is_seen = bool(output.isatty())
        self._told_at = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._told_at:
            self._output.write("\r\x1b[K", ending="")

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if not self._is_seen or now - self._told_at < PAUSE:
            return
        self._told_at = now
        share = (progress.tables_done + progress.done / max(progress.rows, 1)) / max(progress.tables, 1)
        bar = "█" * round(WIDTH * share)
        self._output.write(
            f"\r\x1b[K{bar:░<{WIDTH}} {share:4.0%}  {progress.table.name}, {progress.stage} "
            f"{progress.done:,}/{progress.rows:,}",
            ending="",
        )
        self._output.flush()


@contextmanager
def quiet_pipe() -> Iterator[None]:
    """End without a word when whoever reads the output has had enough, as `head` has."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # Python would try to write the rest at its end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(BROKEN_PIPE)
