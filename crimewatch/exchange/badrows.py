"""The bad rows of a preview as a file that can be mended and uploaded again as it is."""

import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import groupby
from tempfile import TemporaryFile
from typing import Any

from django.utils.translation import gettext as _

from crimewatch.exchange import batches
from crimewatch.exchange.catalog import TABLES, Table
from crimewatch.exchange.exporting import CONTENT_TYPES
from crimewatch.exchange.models import ImportBatch, PreviewRow, RowKind
from crimewatch.exchange.outgoing.writing import csv_file
from crimewatch.exchange.sources import HELP_COLUMNS
from crimewatch.records.resources import RefusedError
from crimewatch.records.resources.surveys import FIRST_ROW

_CHUNK = 64 * 1024


def bad_rows_file(batch: ImportBatch) -> tuple[str, str, Iterator[bytes]]:
    """Name, content type and content: a CSV file, or an archive of them where rows of several tables are bad.

    Raises `RefusedError` where there are none, or the upload is not kept any more.
    """
    stack = ExitStack()
    readings = stack.enter_context(batches.readings_of(batch))
    bad = [
        reading for reading in readings if reading.table and batch.counts.get(reading.table.name, {}).get(RowKind.BAD)
    ]
    if not bad:
        stack.close()
        raise RefusedError(_("There are no bad rows."))
    if len(bad) == 1:
        name = f"{bad[0].table.name}.csv"  # type: ignore[union-attr]
        return name, CONTENT_TYPES["csv"], _closing(stack, bad_rows(batch, bad[0]))
    archive = TemporaryFile()  # noqa: SIM115 - the stack closes it
    stack.enter_context(archive)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for reading in bad:
            with packed.open(f"{reading.table.name}.csv", "w") as file:  # type: ignore[union-attr]
                for line in bad_rows(batch, reading):
                    file.write(line)
    archive.seek(0)
    return "bad-rows.zip", CONTENT_TYPES["zip"], _closing(stack, iter(lambda: archive.read(_CHUNK), b""))


def bad_rows(batch: ImportBatch, reading: Any) -> Iterator[bytes]:
    """Lines of a CSV file: the header and the bad rows as they were read, with `error` and `hint` behind."""
    source = reading.source
    return csv_file([*source.headers, *HELP_COLUMNS], _mendable(batch, source, reading.table))


def _mendable(batch: ImportBatch, source: Any, table: Table) -> Iterator[list[str]]:
    found = PreviewRow.objects.of(batch, kind=RowKind.BAD, table=TABLES.index(table))
    wrong = groupby(found.values_list("row", "problems").iterator(chunk_size=2000), key=lambda row: row[0])
    number, problems = next(wrong, (None, None))
    width = len(source.headers)
    for row, cells in enumerate(source, start=FIRST_ROW):
        if number is None:
            return
        if row != number:
            continue
        told = [problem for _row, problems_of_row in problems or () for problem in problems_of_row]
        kept = [*cells[:width], *[""] * (width - len(cells))]
        # What stands beyond the last column stays there, so that the row goes on being wrong until somebody mends it.
        yield [*kept, _errors(told), _hints(told), *cells[width:]]
        number, problems = next(wrong, (None, None))


def _errors(problems: list[list[str]]) -> str:
    return " ".join(f"{column}: {sentence}" if column else sentence for column, _value, sentence, *_hint in problems)


def _hints(problems: list[list[str]]) -> str:
    return " ".join(dict.fromkeys(hint for _column, _value, _sentence, hint in problems if hint))


def _closing(stack: ExitStack, content: Iterator[bytes]) -> Iterator[bytes]:
    with stack:
        yield from content
