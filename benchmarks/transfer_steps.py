"""What `benchmarks/transfer.py` measures: each step with the state of the table that it needs and the one it leaves."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from import_export import fields, resources, widgets
from tablib import Dataset

from benchmarks.admin_pages import serve_in_this_process
from crimewatch.exchange import batches, tasks
from crimewatch.exchange.catalog import TABLES_BY_NAME
from crimewatch.exchange.imports import import_sources
from crimewatch.exchange.models import BatchState, ImportBatch, RowKind
from crimewatch.exchange.outgoing import Selection
from crimewatch.exchange.outgoing.writing import lines
from crimewatch.records.resources import CSVTable

#: Rows that django-import-export is measured with, for it is slow.
PLAIN_ROWS = 1000
#: One row of so many is changed in one file, and bad in the other.
ROWS_PER_CHANGE, ROWS_PER_MISTAKE = 100, 10
#: Past every page of a preview, which then shows its last one.
FAR = 1_000_000


@dataclass(frozen=True)
class Files:
    """The rows of a table as a file: as they are, with one of a hundred changed, and with one of ten bad."""

    same: Path
    changed: Path
    bad: Path

    @classmethod
    def at(cls, folder: Path, table: str, rows: int) -> "Files":
        return cls(*(folder / f"{table}-{rows}{ending}.csv" for ending in ("", "-changed", "-bad")))


@dataclass(frozen=True)
class Step:
    """Something to measure. It needs the table in the state `before` and leaves it in the state `after`.

    What it takes is told beside `base`, the step that says what is possible. `run` gets the name of the table and its
    files, and returns whatever there is to say besides.
    """

    name: str
    what: str
    run: Callable[[str, Files], str | None]
    before: str = "empty"
    after: str = "spoilt"
    base: str = "limit"
    #: Whether so many rows go through it that rows per second mean something.
    moves_rows: bool = True


# The limit, and the library as it comes


def limit(table: str, files: Files) -> None:
    model = TABLES_BY_NAME[table].model
    with files.same.open("rb") as file, transaction.atomic(), connection.cursor() as cursor:
        header = [quoted(name) for name in file.readline().decode().strip().split(",")]
        types = ", ".join(f"{name} text" for name in header)
        cursor.execute(f"CREATE TEMPORARY TABLE bare ({types}) ON COMMIT DROP")
        with cursor.copy(f"COPY bare ({', '.join(header)}) FROM STDIN (FORMAT csv)") as lines:
            while block := file.read(64 * 1024):
                lines.write(block)
        cursor.execute("ANALYZE bare")
        names, values, joins = [], [], []
        for name in header:
            field = model._meta.get_field(name.strip('"'))
            names.append(quoted(field.column))
            text = f"COALESCE(bare.{name}, '')"
            if field.many_to_one:
                other = quoted(f"the_{field.name}")
                joins.append(f"JOIN {field.related_model._meta.db_table} AS {other} ON {other}.slug = bare.{name}")
                values.append(f"{other}.id")
            elif field.get_internal_type() == "ArrayField":
                values.append(f"string_to_array({text}, '|')")
            else:
                values.append(f"{text}::{TYPES.get(field.get_internal_type(), 'text')}")
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({', '.join(names)}, created_at, updated_at)"
            f" SELECT {', '.join(values)}, now(), now() FROM bare {' '.join(joins)}"
        )


TYPES = {"PositiveSmallIntegerField": "smallint", "BooleanField": "boolean"}


def quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def plain(table: str, files: Files) -> str:
    """django-import-export as its documentation begins: a ModelResource, with references by key."""
    model = TABLES_BY_NAME[table].model
    key = TABLES_BY_NAME[table].resource().key
    names = TABLES_BY_NAME[table].resource().columns

    class Meta:
        import_id_fields = (key,)

    Meta.model, Meta.fields = model, names  # type: ignore[attr-defined]
    references = {
        name: fields.Field(name, name, widgets.ForeignKeyWidget(field.related_model, "slug"))
        for name in names
        if (field := model._meta.get_field(name)).many_to_one
    }
    kind = type("Plain", (resources.ModelResource,), {"Meta": Meta, **references})
    with files.same.open(encoding="utf-8", newline="") as file:
        dataset = Dataset().load(
            "".join(line for _, line in zip(range(PLAIN_ROWS + 1), file, strict=False)), format="csv"
        )
    result = kind().import_data(dataset, raise_errors=True)
    return f"{result.total_rows:,} rows"


# Ours


def imported(table: str, path: Path, *, dry_run: bool = False) -> None:
    with path.open("rb") as file:
        report = import_sources({TABLES_BY_NAME[table]: CSVTable(file, path.name)}, engine="bulk", dry_run=dry_run)
    if report.has_problems or report.is_written == dry_run:
        raise SystemExit("\n".join(list(report.problems())[:5]))


def ours(table: str, files: Files) -> None:
    imported(table, files.same)


def preview(table: str, files: Files) -> None:
    imported(table, files.same, dry_run=True)


def changed(table: str, files: Files) -> None:
    imported(table, files.changed)


@contextmanager
def without_history(table: str) -> Iterator[None]:
    name = TABLES_BY_NAME[table].model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname ~ %s",
            [name, "^pgtrigger_(insert_insert|update_update)"],
        )
        triggers = [trigger for (trigger,) in cursor.fetchall()]
        for trigger in triggers:
            cursor.execute(f"ALTER TABLE {name} DISABLE TRIGGER {trigger}")
        try:
            yield
        finally:
            for trigger in triggers:
                cursor.execute(f"ALTER TABLE {name} ENABLE TRIGGER {trigger}")


def no_history(table: str, files: Files) -> None:
    with without_history(table):
        imported(table, files.same)


# Out


def copy(table: str, files: Files) -> None:
    command = f"COPY {TABLES_BY_NAME[table].model._meta.db_table} TO STDOUT (FORMAT csv)"
    with out(files) as file, connection.cursor() as cursor, cursor.copy(command) as piece:
        for line in piece:
            file.write(line)


def export(table: str, files: Files) -> None:
    with out(files) as file:
        file.writelines(TABLES_BY_NAME[table].resource().export_csv())


def export_with_names(table: str, files: Files) -> None:
    resource = TABLES_BY_NAME[table].resource()
    with out(files) as file:
        file.writelines(resource.export_csv(columns=resource.every_column))


def export_json(table: str, files: Files) -> None:
    with out(files) as file:
        file.writelines(lines(Selection.of([table], form="jsonl"), user=None))


def export_list(table: str, files: Files) -> None:
    """The list of the reader's side as CSV, with the columns that it opens with."""
    model = TABLES_BY_NAME[table].model._meta
    address = "/claims/" if table == "presences" else reverse(f"{model.app_label}:{model.model_name}_list")
    with out(files) as file, closing(client().get(address, {"format": "csv"}, secure=True)) as answer:
        file.writelines(answer.streaming_content)


def out(files: Files) -> Any:
    return files.same.with_suffix(".out").open("wb")


# Over the page, by a worker


def person() -> User:
    found = User.objects.filter(username="benchmark").first()
    return found or User.objects.create_superuser("benchmark")


def client() -> Client:
    serve_in_this_process()
    found = Client(SERVER_NAME=settings.ALLOWED_HOSTS[0])
    found.force_login(person())
    return found


def worked(state: BatchState) -> str:
    """Let a worker empty the queue, and see that the latest batch has come to `state`."""
    call_command("worker", once=True)
    batch = ImportBatch.objects.latest("pk")
    if batch.state != state:
        raise SystemExit(f"The batch is {batch.state}: {batch.problem}")
    return ", ".join(f"{number:,} {kind}" for kind, number in batch.totals.items() if number)


def uploaded(table: str, path: Path) -> str:
    with path.open("rb") as file:
        batch = batches.receive(file, f"{table}.csv", user=person())
    tasks.begin_preview(batch)
    return worked(BatchState.PREVIEWED)


def upload(table: str, files: Files) -> str:
    return uploaded(table, files.same)


def upload_bad(table: str, files: Files) -> str:
    found = uploaded(table, files.bad)
    batch = ImportBatch.objects.latest("pk")
    expected = sum(batch.totals.values()) // ROWS_PER_MISTAKE
    told = batch.rows.filter(kind=RowKind.BAD).exclude(problems=[]).count()
    if not batch.totals["bad"] == told == expected:
        raise SystemExit(f"{expected} rows are bad, {batch.totals['bad']} are counted and {told} explained.")
    return found


def confirm(_table: str, _files: Files) -> str:
    batch = ImportBatch.objects.latest("pk")
    batches.confirm(batch)
    tasks.begin_writing(batch)
    return worked(BatchState.DONE)


def undo(_table: str, _files: Files) -> None:
    batch = batches.ask_for_undo(ImportBatch.objects.latest("pk"), person())
    tasks.begin_writing(batch)
    worked(BatchState.DONE)


def pages(_table: str, _files: Files) -> str:
    """The slowest page of the preview: as it opens, its last one, and of the rows of each kind."""
    batch = ImportBatch.objects.latest("pk")
    browser = client()
    browser.get(batch.get_absolute_url(), secure=True)  # what is loaded once for all pages
    found = []
    for query in ({}, {"kind": "all", "page": FAR}, *({"kind": kind, "page": FAR} for kind in RowKind.values)):
        with CaptureQueriesContext(connection) as queries:
            began = perf_counter()
            answer = browser.get(batch.get_absolute_url(), query, secure=True)
            found.append((perf_counter() - began, len(queries), len(answer.content)))
        if answer.status_code != 200:
            raise SystemExit(f"The page of the preview answers {answer.status_code}.")
    seconds, most, longest = (max(each) for each in zip(*found, strict=True))
    return f"{seconds * 1000:.0f} ms, {most} queries and {longest / 1000:.0f} kB at most"


#: In an order in which each mostly finds the table as it needs it; what is missing is done unmeasured before it.
STEPS = (
    Step("limit", "bare `COPY` and `INSERT … SELECT`", limit),
    Step("plain", "django-import-export as it comes", plain),
    Step("preview", "ours, taken back in the end", preview, after="empty"),
    Step("no-history", "ours without the triggers of the history", no_history),
    Step("ours", "ours: checked, with history and report", ours, after="stored"),
    Step("unchanged", "the same file again", ours, "stored", "stored"),
    Step("copy", "`COPY TO` of the bare table", copy, "stored", "stored", base="copy"),
    Step("export", "export as CSV", export, "stored", "stored", base="copy"),
    Step("export-names", "export with names beside keys", export_with_names, "stored", "stored", base="copy"),
    Step("export-json", "export as JSON lines", export_json, "stored", "stored", base="copy"),
    Step("export-list", "CSV of the list for readers", export_list, "stored", "stored", base="copy"),
    Step("changed", "one row of a hundred changed", changed, "stored"),
    Step("upload", "preview for the page, by a worker", upload, after="previewed"),
    Step("pages", "its pages", pages, "previewed", "previewed", moves_rows=False),
    Step("confirm", "what was previewed, written by a worker", confirm, "previewed", "confirmed"),
    Step("undo", "all of it taken back by a worker", undo, "confirmed"),
    Step("upload-bad", "preview with one bad row of ten", upload_bad, after="bad"),
    Step("pages-bad", "its pages", pages, "bad", "bad", moves_rows=False),
)
STEPS_BY_NAME = {step.name: step for step in STEPS}


def way_to(state: str, present: str) -> list[Step]:
    """The steps that bring a table from its `present` state to another; it is emptied first unless that is none."""
    if state in {present, "empty"}:
        return []
    leads_there = next(step for step in STEPS if step.after == state and step.before != state)
    return [*way_to(leads_there.before, present), leads_there]
