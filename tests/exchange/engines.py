"""The two engines side by side: what each says of every row, and what each leaves in the database."""

import io
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pghistory
from django.apps import apps
from django.db import connection, models

from crimewatch.exchange.catalog import TABLES, TABLES_BY_NAME, Table
from crimewatch.exchange.imports import Engine, ImportReport, import_sources
from crimewatch.records.resources import CSVTable, RefusedError, RowOutcome, RowSource, UnreadableSource
from tests.exchange.packages import taken_back

MADE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@dataclass
class Run:
    """One import, all that was said of it, and what was in the database when it was over."""

    report: ImportReport
    outcomes: dict[tuple[str, int], RowOutcome]
    state: dict[str, Any] = field(default_factory=dict)
    history: dict[str, Any] = field(default_factory=dict)

    @property
    def problems(self) -> list[str]:
        return list(self.report.problems())

    @property
    def is_written(self) -> bool:
        return self.report.is_written

    @property
    def told(self) -> dict[tuple[str, int], Any]:
        return {place: normal(outcome) for place, outcome in self.outcomes.items()}

    @property
    def counts(self) -> dict[str, tuple[int, int, int, dict[str, int]]]:
        return {
            table.name: (table.new, table.changed, table.unchanged, dict(table.changed_columns))
            for table in self.report.tables
        }


def csv_table(content: str | bytes, name: str) -> RowSource:
    try:
        return CSVTable(io.BytesIO(content.encode() if isinstance(content, str) else content), name)
    except RefusedError as error:
        return UnreadableSource(name, str(error))


def imported(
    sources: Mapping[Table, RowSource] | Iterable[tuple[Table, RowSource]], engine: Engine, **options: Any
) -> Run:
    outcomes: dict[tuple[str, int], RowOutcome] = {}

    def keep(table: Table, rows: Any) -> None:
        outcomes.update({(row.file or table.name, row.row): row for row in rows})

    options.setdefault("reason", "Made up.")  # without one no record is taken back
    with pghistory.context(import_file="made-up.csv"):
        report = import_sources(sources, engine=engine, outcomes=keep, **options)
    return Run(report, outcomes)


def both(sources: Mapping[Table, RowSource], **options: Any) -> tuple[Run, Run]:
    """The same import by each engine, starting from the same state, which is there again in the end."""
    runs = []
    engines: tuple[Engine, Engine] = ("rows", "bulk")
    for engine in engines:
        with taken_back():
            before = last_events()
            run = imported(sources, engine, **options)
            run.state, run.history = state(), history(before)
            runs.append(run)
    return runs[0], runs[1]


def agree(sources: Mapping[Table, RowSource], **options: Any) -> Run:
    """Hold that both engines say and do the same, and return what they say."""
    rows, bulk = both(sources, **options)
    for what in ("problems", "counts", "told", "is_written", "state", "history"):
        same(what, getattr(rows, what), getattr(bulk, what))
    return bulk


def same(what: str, rows: Any, bulk: Any) -> None:
    """Hold that two values are equal, and say where they differ, however deep."""
    if isinstance(rows, dict) and isinstance(bulk, dict):
        for key in {**rows, **bulk}:
            same(f"{what} {key}", rows.get(key), bulk.get(key))
    elif isinstance(rows, list) and isinstance(bulk, list) and len(rows) == len(bulk):
        for place, (one, other) in enumerate(zip(rows, bulk, strict=True)):
            same(f"{what} {place}", one, other)
    elif rows != bulk:
        raise AssertionError(f"{what} by rows: {rows!r}, in bulk: {bulk!r}")


def agree_on(package: Mapping[str, str | bytes], **options: Any) -> Run:
    """The same for a package of CSV files by the names of their tables."""
    return agree(
        {TABLES_BY_NAME[name]: csv_table(content, f"{name}.csv") for name, content in package.items()}, **options
    )


def normal(outcome: RowOutcome) -> Any:
    """The outcome without what is made by chance."""
    cells = [(column, before, without_chance(after)) for column, before, after in outcome.cells]
    return without_chance(outcome.key), outcome.kind, cells, [str(problem) for problem in outcome.problems]


def without_chance(value: Any) -> Any:
    return MADE.sub("made", value) if isinstance(value, str) else value


def state() -> dict[str, list[list[str]]]:
    """Every row of every table as cells."""
    filled = those_with_rows(table.model for table in TABLES)
    return {
        table.name: sorted([without_chance(cell) for cell in row] for row in table.resource().export_rows())
        for table in TABLES
        if table.model in filled
    }


def those_with_rows(tables: Iterable[Any]) -> set[Any]:
    """The models whose tables have any row, by one query."""
    by_name = {model._meta.db_table: model for model in tables}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in by_name))
        return {by_name[name] for (name,) in cursor.fetchall()}


def last_events() -> dict[str, int]:
    return {
        model._meta.label: model.objects.order_by("-pgh_id").values_list("pgh_id", flat=True)[0]
        for model in those_with_rows(event_models())
    }


@cache
def event_models() -> list[Any]:
    ours = {"citations", "regions", "actors", "programs"}
    found = [model for model in apps.get_models() if hasattr(model, "pgh_tracked_model")]
    return [model for model in found if model.pgh_tracked_model._meta.app_label in ours]


def history(before: Mapping[str, int]) -> dict[str, dict[str, list[Any]]]:
    """The events since `before` of every row by its key, with the keys of records in place of numbers."""
    keys: dict[type[models.Model], dict[int, str]] = {}

    def key_of(model: Any, pk: Any) -> Any:
        if model not in keys:
            name = "slug" if hasattr(model, "slug") else "uid"
            keys[model] = {pk: without_chance(key) for pk, key in model.objects.values_list("pk", name)}
        return keys[model].get(pk, pk)

    found: dict[str, dict[str, list[Any]]] = {}
    for model in those_with_rows(event_models()):
        tracked = model.pgh_tracked_model
        rows: dict[str, list[Any]] = defaultdict(list)
        references = {f.attname: f.related_model for f in tracked._meta.concrete_fields if f.is_relation}
        names = [
            f.attname
            for f in tracked._meta.concrete_fields
            if not f.generated and f.attname not in {"id", "created_at", "updated_at"}
        ]
        events = model.objects.filter(pgh_id__gt=before.get(model._meta.label, 0)).order_by("pgh_id")
        for label, context, *values in events.values_list("pgh_label", "pgh_context__metadata", *names):
            row = {
                name: key_of(references[name], value) if name in references else without_chance(value)
                for name, value in zip(names, values, strict=True)
            }
            key = row.get("slug") or row.get("uid") or " ".join(map(str, row.values()))
            rows[key].append((label, context, row))
        found[model._meta.label] = {
            key: sorted(events, key=repr) if key == "made" else events for key, events in rows.items()
        }
    return found
