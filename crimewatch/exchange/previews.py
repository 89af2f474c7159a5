"""What an import would do, row by row: noted while it is tried out, kept when that has been taken back."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any, Self

from django.db import connection

from crimewatch.exchange.models import ImportBatch, PreviewRow, RowKind

#: Longer values are cut in what is kept of them; the import itself reads the file again.
LONGEST_KEPT = 2_000
_WHOLE = 2**256
#: As much of the noted rows is copied at a time.
CHUNK = 1024 * 1024


class Digest:
    """A digest of outcomes that does not depend on their order, nor on keys that are made for new rows.

    Two runs over the same file that give the same digest would do the same to the same rows.
    """

    def __init__(self) -> None:
        self._sum = 0
        self.counts: dict[str, Counter[str]] = {}

    def take(self, outcomes: Iterable[Any]) -> None:
        for outcome in outcomes:
            self.note(outcome)

    __call__ = take

    def note(self, outcome: Any) -> None:
        self.counts.setdefault(outcome.table, Counter())[str(outcome.kind)] += 1
        changes = sorted(outcome.changes) if outcome.kind == RowKind.CHANGED else []
        key = "" if outcome.kind == RowKind.NEW else outcome.key
        told = [outcome.table, outcome.row, str(outcome.kind), key, changes]
        line = json.dumps(told, ensure_ascii=True, default=str)
        self._sum = (self._sum + int.from_bytes(hashlib.sha256(line.encode()).digest())) % _WHOLE

    def hexdigest(self) -> str:
        return f"{self._sum:064x}"

    def counts_by_table(self) -> dict[str, dict[str, int]]:
        kinds = [str(kind) for kind in RowKind]
        return {table: {kind: counts[kind] for kind in kinds} for table, counts in self.counts.items()}


class Notes(Digest):
    """A digest that also notes each outcome in an unnamed file, for :meth:`store`."""

    def __init__(self) -> None:
        super().__init__()
        self._file = TemporaryFile()  # noqa: SIM115 - closed at the end of the `with`

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._file.close()

    def note(self, outcome: Any) -> None:
        super().note(outcome)
        row = [
            outcome.table,
            "\\N" if outcome.row is None else str(outcome.row),
            _kept(outcome.key),
            str(outcome.kind),
            _json([[column, _kept(before), _kept(after)] for column, before, after in outcome.changes]),
            _json([[_kept(part) for part in problem] for problem in outcome.problems]),
        ]
        line = "\t".join(cell if cell == "\\N" else _escaped(cell) for cell in row)
        self._file.write(f"{line}\n".encode())

    def store(self, batch: ImportBatch) -> None:
        """Put what was noted in the place of the batch's preview before."""
        PreviewRow.objects.filter(batch=batch).delete()
        self._file.seek(0)
        table = PreviewRow._meta.db_table
        statement = f'COPY {table} (batch_id, "table", row, key, kind, changes, problems) FROM STDIN'
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            for lines in self._chunks():
                copy.write(b"".join(b"%d\t%s" % (batch.pk, line) for line in lines))

    def _chunks(self) -> Iterator[list[bytes]]:
        while lines := self._file.readlines(CHUNK):
            yield lines


def _kept(value: Any) -> str:
    text = "" if value is None else str(value)
    text = text if len(text) <= LONGEST_KEPT else f"{text[: LONGEST_KEPT - 1]}…"
    return text.replace("\0", "␀")  # PostgreSQL's texts hold no NUL


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _escaped(text: str) -> str:
    """As COPY reads it."""
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
