"""The rows that a bulk edit is about, as the import reads them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from crimewatch.exchange import keeping
from crimewatch.exchange.catalog import TABLES, Table
from crimewatch.exchange.models import BatchKind, ImportBatch, PreviewRow, RowKind
from crimewatch.records.resources import RefusedError
from crimewatch.records.resources.surveys import FIRST_ROW

from .changes import Change

#: So many rows are read from the database at a time.
CHUNK = 1000


def begin(
    rows: Mapping[Table, QuerySet[Any]], changes: Sequence[Change], *, user: Any, reason: str = ""
) -> ImportBatch:
    """A batch that will make these changes to the rows, none of which are made yet. Only their keys are kept."""
    batch = ImportBatch(
        kind=BatchKind.EDIT,
        user=user,
        reason=reason,
        is_kept=True,
        findings={"tables": [table.name for table in rows]},
    )
    chosen: Counter[str] = Counter()
    batch.sha256, batch.size = keeping.keep(batch.uid, _lines(rows, chosen))
    batch.options = {
        "chosen": dict(chosen),
        "changes": [[change.column, change.way, change.value] for change in changes],
    }
    batch.save()
    return batch


def _lines(rows: Mapping[Table, QuerySet[Any]], chosen: Counter[str]) -> Iterator[bytes]:
    for table in TABLES:
        if table not in rows:
            continue
        label = table.model._meta.label_lower
        key = table.resource._meta.import_id_fields[0]
        for pk, text in rows[table].order_by("pk").values_list("pk", key).iterator():
            chosen[label] += 1
            yield f"{label}\t{pk}\t{text}\n".encode()


def chosen_of(batch: ImportBatch) -> dict[Table, int]:
    """The tables of the chosen rows, with how many there are of each."""
    chosen = batch.options["chosen"]
    return {table: number for table in TABLES if (number := chosen.get(table.model._meta.label_lower))}


def edited_rows(batch: ImportBatch) -> "list[EditedRows]":
    return [EditedRows(batch, table, number) for table, number in chosen_of(batch).items()]


def refuse_forgotten(batch: ImportBatch) -> None:
    """Raise ``RefusedError`` where it is not kept any more which rows were chosen."""
    if not keeping.path_of(batch.uid).exists():
        raise RefusedError(_("Which rows were chosen is not kept any more: choose them again."))


def changes_of(batch: ImportBatch) -> list[Change]:
    return [Change(*change) for change in batch.options["changes"]]


class EditedRows:
    """The chosen rows of one table: the key that each has now, and its cells as they are to be.

    The rows are kept from others' changes until the end of the transaction, so that what is added to a cell is added
    to what stands there.
    """

    notes: Sequence[str] = ()

    def __init__(self, batch: ImportBatch, table: Table, number: int) -> None:
        self.chosen, self.table, self.name = table, table, table.name
        self._uid, self._number = batch.uid, number
        self._resource = table.resource()
        for name in self._resource.reference_columns:
            self._resource.fields[name].widget.index.user = batch.user
        known = set(self._resource.columns)
        self._changes = [change for change in changes_of(batch) if change.column in known]
        self.headers = [self._resource.key, *(change.column for change in self._changes)]

    def __len__(self) -> int:
        return self._number

    def __iter__(self) -> Iterator[list[str]]:
        lines = kept_rows(self._uid, self.table)
        while chunk := list(islice(lines, CHUNK)):
            stored = self._resource.fetch(pk for pk, _key in chunk)
            for pk, key in chunk:
                # What is gone has a key that nothing has, so that the import says so of it.
                yield self._cells(stored[pk]) if pk in stored else [f"{key} (#{pk})", *("" for _ in self._changes)]

    def _cells(self, row: Any) -> list[str]:
        return [str(getattr(row, self._resource.key)), *(self._cell(row, change) for change in self._changes)]

    def _cell(self, row: Any, change: Change) -> str:
        field = self._resource.fields[change.column]
        if field.is_many and not field.get_value(row).isdisjoint(self._closed(change.column)):
            words = {"row": row, "column": self._resource.model._meta.get_field(change.column).verbose_name}
            sentence = _("“%(row)s” names something as “%(column)s” that you may not see: leave it out.")
            raise RefusedError(sentence % words)
        return change.applied_to(field.widget.render(field.get_value(row)) if change.depends_on_the_cell else "")

    def _closed(self, column: str) -> set[int]:
        """The records that a column may name and of which the person may not know."""
        closed: set[int] = self._resource.fields[column].widget.index.closed
        return closed


def kept_rows(uid: Any, table: Table) -> Iterator[tuple[int, str]]:
    """The primary keys, and the keys at that time, of the chosen rows of a table."""
    label = table.model._meta.label_lower
    with keeping.path_of(uid).open(encoding="utf-8") as file:
        for line in file:
            of_table, pk, key = line.rstrip("\n").split("\t", 2)
            if of_table == label:
                yield int(pk), key


def leave_out_bad_rows(batch: ImportBatch, sources: Sequence[Any]) -> None:
    """Take the rows that the preview refuses out of those that were chosen."""
    bad = set(PreviewRow.objects.of(batch).filter(kind__in=[RowKind.BAD, RowKind.BLOCKED]).values_list("table", "row"))
    chosen: Counter[str] = Counter()
    lines: list[bytes] = []
    for source in sources:
        label = source.chosen.model._meta.label_lower
        for row, (pk, key) in enumerate(kept_rows(batch.uid, source.chosen), start=FIRST_ROW):
            if (source.table.name, row) not in bad:
                chosen[label] += 1
                lines.append(f"{label}\t{pk}\t{key}\n".encode())
    batch.sha256, batch.size = keeping.keep(batch.uid, lines)
    batch.options = {**batch.options, "chosen": dict(chosen)}
    batch.save(update_fields=["sha256", "size", "options"])
