"""Bulk edits: chosen rows and what is to be done with all of them.

An edit is an import whose file writes itself: the keys of the chosen rows, and beside each the cells that are changed;
or a row for each claim that is added about them. So it obeys the same rules, has the same preview, confirmation and
history, and is taken back in the same way.
"""

from crimewatch.exchange.catalog import TABLES_BY_NAME
from crimewatch.exchange.models import ImportBatch

from .changes import WAYS, Change, editable_columns
from .claims import AddedClaims
from .rows import EditedRows, begin, changes_of, chosen_of, edited_rows, leave_out_bad_rows, refuse_forgotten

__all__ = [
    "WAYS",
    "AddedClaims",
    "Change",
    "EditedRows",
    "begin",
    "changes_of",
    "editable_columns",
    "leave_out_bad_rows",
    "sources_of",
]


def sources_of(batch: ImportBatch) -> list[EditedRows] | list[AddedClaims]:
    """What an edit writes, a source for each table. Raises ``RefusedError`` where its rows are not kept any more."""
    refuse_forgotten(batch)
    if "claim" not in batch.options:
        return edited_rows(batch)
    claims = TABLES_BY_NAME[batch.options["claim"]["table"]]
    return [AddedClaims(batch, table, claims, number) for table, number in chosen_of(batch).items()]
