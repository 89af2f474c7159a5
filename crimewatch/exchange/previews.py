"""What an import would do, row by row: noted while it is tried out, kept when that has been taken back."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any, Self

from django.db import connection
from django.db.models import Max
from django.utils.translation import gettext as _

from crimewatch.exchange.catalog import TABLES, Table
from crimewatch.exchange.models import ImportBatch, PreviewRow
from crimewatch.exchange.models.previews import ROWS_OF_A_TABLE
from crimewatch.records.resources import RowKind, RowOutcome

#: Longer values are cut in what is kept of them; the import itself reads the file again.
LONGEST_KEPT = 2_000
_WHOLE = 2**256
#: As much of the noted rows is copied at a time.
CHUNK = 1024 * 1024
_KINDS = list(RowKind)

#: Of a row that was refused after all, only that holds.
FORGET_FIRST_THOUGHTS = """
    DELETE FROM exchange_previewrow AS first USING exchange_previewrow AS second
    WHERE first.batch_id = %s AND first.id > %s AND second.batch_id = first.batch_id AND second.place = first.place
        AND second.id > first.id
"""


#: The keys of rows with which something else would be done than in the preview before, which ends with some number.
MOVED = """
    SELECT second.key FROM exchange_previewrow AS first
    JOIN exchange_previewrow AS second ON second.batch_id = first.batch_id AND second.place = first.place
    WHERE first.batch_id = %s AND first.id <= %s AND second.id > %s
        AND (second.kind <> first.kind OR second.problems <> first.problems
            OR (second.kind = 'changed' AND second.cells <> first.cells))
    ORDER BY second.place LIMIT %s
"""
#: So many of them are named.
NAMED = 10


class Digest:
    """A digest of outcomes that does not depend on their order, nor on keys that are made for new rows.

    Two runs over the same file that give the same digest would do the same to the same rows. It is a sink for
    `import_sources`.
    """

    def __init__(self) -> None:
        self._sum = 0
        self._counts: dict[Table, Counter[RowKind]] = {}
        #: For each table the kind of each row, as a byte, to notice those that come a second time.
        self._seen: dict[Table, bytearray] = {}
        self.has_second_thoughts = False

    def __call__(self, table: Table, outcomes: Sequence[RowOutcome]) -> None:
        counts = self._counts.setdefault(table, Counter())
        seen = self._seen.setdefault(table, bytearray())
        for outcome in outcomes:
            self._count(counts, seen, outcome)
            self._sum = (self._sum + self._digest(table, outcome)) % _WHOLE

    def _count(self, counts: Counter[RowKind], seen: bytearray, outcome: RowOutcome) -> None:
        if outcome.row >= len(seen):
            seen.extend(bytes(outcome.row + 1 - len(seen)))
        if before := seen[outcome.row]:
            counts[_KINDS[before - 1]] -= 1
            self.has_second_thoughts = True
        counts[outcome.kind] += 1
        seen[outcome.row] = _KINDS.index(outcome.kind) + 1

    @staticmethod
    def _digest(table: Table, outcome: RowOutcome) -> int:
        cells = sorted(outcome.cells) if outcome.kind == RowKind.CHANGED else ()
        key = "" if outcome.kind == RowKind.NEW else outcome.key
        line = repr((table.name, outcome.row, outcome.kind.value, key, [tuple(cell) for cell in cells]))
        return int.from_bytes(hashlib.sha256(line.encode()).digest(), "big")

    def hexdigest(self) -> str:
        return f"{self._sum:064x}"

    def counts_by_table(self) -> dict[str, dict[str, int]]:
        return {
            table.name: {kind.value: counts[kind] for kind in _KINDS}
            for table, counts in sorted(self._counts.items(), key=lambda item: TABLES.index(item[0]))
        }


class NoRoomError(Exception):
    """The disk has no room for what an import would do; the message is a sentence."""


@contextmanager
def room_or_sentence() -> Iterator[None]:
    """Raise `NoRoomError` where the disk refuses to take more."""
    try:
        yield
    except OSError as error:
        sentence = _("The preview cannot be kept: %(reason)s. Make room on the disk and look at the file again.")
        raise NoRoomError(sentence % {"reason": error.strerror}) from error


class Notes(Digest):
    """A digest that also notes each outcome in an unnamed file, for :meth:`store`.

    Both raise `NoRoomError` where the disk is full.
    """

    def __init__(self) -> None:
        super().__init__()
        self._file = TemporaryFile()  # noqa: SIM115 - closed at the end of the `with`

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        with suppress(OSError):  # what a full disk has not taken is tried once more, and is not needed any more
            self._file.close()

    def __call__(self, table: Table, outcomes: Sequence[RowOutcome]) -> None:
        super().__call__(table, outcomes)
        first = TABLES.index(table) * ROWS_OF_A_TABLE
        with room_or_sentence():
            self._file.writelines(_line(table.name, first, outcome) for outcome in outcomes)

    def store(self, batch: ImportBatch) -> list[str]:
        """Put what was noted in the place of the batch's preview before; returns keys of what differs, if any."""
        earlier = PreviewRow.objects.filter(batch=batch)
        last = earlier.aggregate(last=Max("pk"))["last"] or 0
        with room_or_sentence():
            self._file.seek(0)
        statement = 'COPY exchange_previewrow (batch_id, place, "table", row, key, kind, cells, problems) FROM STDIN'
        with connection.cursor() as cursor:
            with cursor.copy(statement) as copy:
                while lines := self._file.readlines(CHUNK):
                    copy.write(b"".join(b"%d\t%s" % (batch.pk, line) for line in lines))
            if self.has_second_thoughts:
                cursor.execute(FORGET_FIRST_THOUGHTS, [batch.pk, last])
            cursor.execute(MOVED, [batch.pk, last, last, NAMED + 1])
            moved = [key for (key,) in cursor.fetchall()]
        earlier.filter(pk__lte=last).delete()
        return moved


def _line(table: str, first: int, outcome: RowOutcome) -> bytes:
    """An outcome as COPY reads it, without the batch."""
    cells = [[cell.column, _kept(cell.before), _kept(cell.after)] for cell in outcome.cells]
    problems = [[each.column, _kept(each.value), _kept(each.sentence), each.hint] for each in outcome.problems]
    texts = (_kept(outcome.key), outcome.kind.value, _json(cells), _json(problems))
    return "\t".join([str(first + outcome.row), table, str(outcome.row), *map(_escaped, texts)]).encode() + b"\n"


def _kept(value: Any) -> str:
    text = "" if value is None else str(value)
    text = text if len(text) <= LONGEST_KEPT else f"{text[: LONGEST_KEPT - 1]}…"
    return text.replace("\0", "␀")  # PostgreSQL's texts hold no NUL


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _escaped(text: str) -> str:
    """As COPY reads it."""
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
