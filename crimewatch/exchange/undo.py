"""Taking a whole import back: which rows it has touched, by the batch's number in the context of their events."""

from collections import Counter
from typing import Any

from django.db import models

from crimewatch.curation import undoing
from crimewatch.curation.undoing import names_of, rows_of_sql
from crimewatch.exchange.catalog import TABLES
from crimewatch.exchange.models import ImportBatch
from crimewatch.records.history import contexts_where, events_of, tracked_links

__all__ = ["Undo", "names_of", "rows_of", "undoable_models", "what_it_did"]


class Undo(undoing.Undo):
    """The way back from what a batch did. It locks the rows that it looks at: make and follow it in one transaction."""

    def __init__(self, batch: ImportBatch, user: Any = None) -> None:
        super().__init__(contexts_where(batch=str(batch.uid)), undoable_models(), user)

    @property
    def numbers(self) -> dict[str, dict[str, int]]:
        """By table, how many rows would be deleted and how many brought back to an earlier state."""
        return {
            table.name: {"deleted": part.away, "restored": part.back}
            for table in TABLES
            if (part := self.parts[table.model]).away or part.back
        }


def undoable_models() -> list[type[models.Model]]:
    """The tables that an import may write to, in an order in which each comes after those that it refers to."""
    return [model for table in TABLES for model in (table.model, *tracked_links(table.model))]


def what_it_did(batch: ImportBatch) -> dict[str, Counter[str]]:
    """By table, how many rows the batch has inserted, changed and deleted, from the history."""
    contexts = contexts_where(batch=str(batch.uid))
    found = {}
    for table in TABLES if contexts else ():
        statement = f"""
            SELECT label, count(*) FROM (
                SELECT DISTINCT ON (pgh_obj_id) pgh_label AS label FROM {events_of(table.model)._meta.db_table}
                WHERE pgh_context_id = ANY (%s) ORDER BY pgh_obj_id, pgh_id
            ) AS firsts GROUP BY label
        """
        counts = Counter(dict(rows_of_sql(statement, [contexts])))
        if counts:
            found[table.name] = counts
    return found


def rows_of(batch: ImportBatch, table: Any, start: int, number: int) -> list[tuple[str, int, str]]:
    """Some of the rows of a table that a batch has touched: what it did first, primary key and key at that time."""
    contexts = contexts_where(batch=str(batch.uid))
    key = table.resource._meta.import_id_fields[0]
    statement = f"""
        SELECT DISTINCT ON (pgh_obj_id) pgh_label, pgh_obj_id, {key} FROM {events_of(table.model)._meta.db_table}
        WHERE pgh_context_id = ANY (%s) ORDER BY pgh_obj_id, pgh_id OFFSET %s LIMIT %s
    """
    return [tuple(row) for row in rows_of_sql(statement, [contexts, start, number])]
