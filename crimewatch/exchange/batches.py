"""An import from its upload to its end: received, looked at, confirmed, carried out or given up."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO, Protocol

import pghistory
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crimewatch.exchange import edits, jobs, keeping, undo
from crimewatch.exchange.catalog import TABLES_BY_NAME, Table
from crimewatch.exchange.imports import BrokenOffError, ImportReport, Progress, import_sources, missing_reason
from crimewatch.exchange.models import BatchKind, BatchState, ImportBatch
from crimewatch.exchange.previews import NAMED, Digest, NoRoomError, Notes
from crimewatch.exchange.progress import want_cancelled
from crimewatch.exchange.sources import HELP_COLUMNS, Remapped, opened
from crimewatch.exchange.unknown_keys import drafts, unknown_keys
from crimewatch.records.database_errors import sentence_of
from crimewatch.records.resources import RefusedError


class Told(Protocol):
    """What the work tells how far it has come, and hears from whether it shall stop: either raises if so."""

    def __call__(self, progress: Progress, /) -> None: ...

    def hear(self) -> None:
        """Ask whether to stop, with nothing new to tell."""


#: The options of `sources.opened` that a person can set.
READING = ("form", "encoding", "delimiter", "sheet")
#: Files of more bytes are looked at in the background without counting their rows first; packed ones hold more.
SMALL, SMALL_PACKED = 1024 * 1024, 200 * 1024


class MovedError(Exception):
    """The database has changed since the preview, so that the import would do something else than was confirmed."""


class UndoRefusedError(Exception):
    """A batch cannot be taken back as it was asked for; the message is a sentence."""


@dataclass
class Reading:
    """A source of a batch, the table that it is taken for, and what still has to be said before it can be read.

    `source` is `None` while its table is not known; `unknown` are headers that are no columns, `missing` the key column
    where no header is it.
    """

    name: str
    headers: list[str]
    table: Table | None
    source: Any
    read_as: Mapping[str, str]
    notes: list[str]
    columns_of: Mapping[str, str]
    unknown: list[str]
    missing: str

    @property
    def is_settled(self) -> bool:
        return self.table is not None and not self.unknown and not self.missing


# Received


def receive(
    file: BinaryIO, name: str, *, user: Any, reason: str = "", table: str = "", options: Mapping[str, Any] | None = None
) -> ImportBatch:
    """Keep an uploaded file and make the batch of it. Nothing is read yet."""
    sha256, size = keeping.digest_of(file)
    batch = ImportBatch(
        user=user,
        reason=reason,
        file_names=[name[-255:]],
        sha256=sha256,
        size=size,
        is_kept=True,
        options={**(options or {}), **({"table": table} if table else {})},
    )
    keeping.keep(batch.uid, iter(lambda: file.read(2**20), b""))
    batch.save()
    return batch


# Read


@contextmanager
def readings_of(batch: ImportBatch) -> Iterator[list[Reading]]:
    """The sources in the file of a batch, as its options want them read. Raises `RefusedError`."""
    if batch.kind == BatchKind.EDIT:
        yield [reading_of_edit(source) for source in edits.sources_of(batch)]
        return
    with ExitStack() as stack:
        try:
            file = stack.enter_context(keeping.path_of(batch.uid).open("rb"))
        except FileNotFoundError as error:
            raise RefusedError(_("The uploaded file is not kept any more: upload it again.")) from error
        reading = {name: batch.options.get(name, "") for name in READING}
        found = opened(file, batch.file_names[0], stack, guesses_encoding=True, **reading)
        yield [reading_of(each, batch.options) for each in found]


def reading_of_edit(source: edits.EditedRows | edits.AddedClaims) -> Reading:
    return Reading(source.name, source.headers, source.table, source, {}, [], {}, [], "")


def reading_of(found: Any, options: Mapping[str, Any]) -> Reading:
    """How a source is read: as which table, and each of its headers as which column."""
    source = found.source
    table = TABLES_BY_NAME.get(options.get("table") or found.table)
    if table is None:
        return Reading(source.name, source.headers, None, None, found.read_as, source.notes, {}, [], "")
    resource = table.resource()
    columns_of = dict(options.get("columns", {}).get(table.name, {}))
    answers = options.get("answers", {}).get(table.name, {})
    more = list(options.get("create", {}).get(table.name, {}).values())
    remapped = Remapped(source, resource.columns, columns_of=columns_of, answers=answers, more=more)
    unknown = [
        header
        for header in source.headers
        if header not in columns_of and header not in resource.every_column and header not in HELP_COLUMNS
    ]
    missing = "" if resource.key in remapped.headers else resource.key
    return Reading(
        source.name, source.headers, table, remapped, found.read_as, remapped.notes, columns_of, unknown, missing
    )


# Looked at


def look_at(batch: ImportBatch, progress: Told | None = None) -> None:
    """Try the import out, take it back, and keep what it would do for the page; or note what has to be said first."""
    try:
        with readings_of(batch) as readings:
            if all(reading.is_settled for reading in readings):
                _try_out(batch, readings, progress)
            else:
                _ask(batch, readings)
    except (RefusedError, NoRoomError) as error:
        finish(batch, BatchState.FAILED, str(error))
    except BrokenOffError as error:
        broken_off(batch, error)


def broken_off(batch: ImportBatch, error: BrokenOffError) -> None:
    """Say why a batch was not brought to its end; if the database went away, leave it to whoever begins anew."""
    if error.has_lost_the_database and error.__cause__ is not None:
        raise error.__cause__
    finish(batch, BatchState.FAILED, str(error))


def _ask(batch: ImportBatch, readings: list[Reading]) -> None:
    batch.findings = {"readings": [described(reading) for reading in readings]}
    batch.save(update_fields=["findings"])


def described(reading: Reading) -> dict[str, Any]:
    """A reading as JSON, for the page."""
    return {
        "name": reading.name,
        "headers": reading.headers,
        "table": reading.table.name if reading.table else "",
        "read_as": dict(reading.read_as),
        "notes": reading.notes,
        "unknown": reading.unknown,
        "missing": reading.missing,
    }


def _try_out(batch: ImportBatch, readings: list[Reading], progress: Told | None) -> None:
    with Notes() as notes:
        report = run(batch, readings, dry_run=True, outcomes=notes, progress=progress)
        with transaction.atomic():
            moved = notes.store(batch)
            batch.counts = notes.counts_by_table()
            batch.digest = notes.hexdigest()
            batch.findings = {
                "readings": [described(reading) for reading in readings],
                "sentences": whole_problems(report),
                "columns": {each.table.name: dict(each.changed_columns) for each in report.tables},
                "tables": [reading.table.name for reading in readings if reading.table],
                "to_explain": report.to_explain,
            }
            batch.findings["moved"] = moved
            batch.findings["unknown"] = [asdict(each) for each in unknown_keys(batch)]
            batch.state, batch.finished_at = BatchState.PREVIEWED, None
            batch.save()


def run(
    batch: ImportBatch, readings: list[Reading], *, dry_run: bool, outcomes: Digest, progress: Told | None
) -> ImportReport:
    """Import what is read, or try it out, with all that a person has said of it."""
    sources = [(reading.table, reading.source) for reading in readings if reading.table]
    known = {table.name for table, _source in sources}
    with ExitStack() as stack:
        for name, rows in batch.options.get("create", {}).items():
            if name not in known:
                table = TABLES_BY_NAME[name]
                sources.append((table, drafts(table, list(rows.values()), stack)))
        return import_sources(
            sources,
            dry_run=dry_run,
            user=batch.user,
            reason=batch.reason,
            outcomes=outcomes,
            progress=progress,
            adds_rows=batch.kind == BatchKind.IMPORT or "claim" in batch.options,
        )


def whole_problems(report: ImportReport) -> list[str]:
    """What is wrong with files as wholes: it stands in no row."""
    of_tables = [
        f"{each.name}: {problem}" for each in report.tables for problem in each.problems if problem.row is None
    ]
    return [*of_tables, *report.sentences]


# Confirmed


def confirm(batch: ImportBatch, reason: str = "") -> bool:
    """Put a batch that waits for it into the state in which it is carried out; says whether it did wait."""
    return change_state(batch, {BatchState.PREVIEWED}, BatchState.RUNNING, reason=reason or batch.reason)


def may_be_confirmed(batch: ImportBatch) -> bool:
    """Whether the preview is without mistakes, and would change anything."""
    totals = batch.totals
    return (
        batch.state == BatchState.PREVIEWED
        and not totals["bad"]
        and not batch.findings.get("sentences")
        and bool(totals["new"] or totals["changed"])
    )


def lacks_reason(batch: ImportBatch, reason: str) -> str:
    """What to say where a batch cannot be confirmed with no more of a reason; empty where it can."""
    count = batch.findings.get("to_explain", 0)
    return "" if reason or batch.reason or not count else missing_reason(count)


def change_state(batch: ImportBatch, before: set[BatchState], after: BatchState, **more: Any) -> bool:
    """Change the state of a batch from one of `before`, so that of two who try the second does not succeed."""
    changed = ImportBatch.objects.filter(pk=batch.pk, state__in=before).update(state=after, **more)
    if changed:
        batch.state = after
        for name, value in more.items():
            setattr(batch, name, value)
    return bool(changed)


# Carried out


def carry_out(batch: ImportBatch, progress: Told | None = None) -> None:
    """Write what was confirmed, in one transaction with the batch's own state: done at once, or not at all.

    If the database has moved since the preview, nothing is written, and a new preview waits to be confirmed.
    """
    try:
        with pghistory.context(**context_of(batch)), transaction.atomic():
            locked = ImportBatch.objects.select_for_update().get(pk=batch.pk)
            if locked.state != BatchState.RUNNING:
                return
            (_undo if locked.kind == BatchKind.UNDO else _write)(locked, progress)
            connection.check_constraints()
            if progress is not None:
                progress.hear()  # the last moment at which all of it can still be taken back
            locked.state, locked.finished_at = BatchState.DONE, timezone.now()
            locked.save()
    except MovedError:
        change_state(batch, {BatchState.RUNNING}, BatchState.UPLOADED)
        look_at(batch, progress)
        batch.problem = moved_sentence(batch)
        batch.save(update_fields=["problem"])
    except (RefusedError, UndoRefusedError) as error:
        finish(batch, BatchState.FAILED, str(error))
    except BrokenOffError as error:
        broken_off(batch, error)
    except IntegrityError as error:
        finish(batch, BatchState.FAILED, sentence_of(error))
    batch.refresh_from_db()


def moved_sentence(batch: ImportBatch) -> str:
    """What is said where the database has changed since the preview, with the keys of what it has changed in."""
    sentence = _("Nothing was written: the database has changed since the preview. Look at this new one.")
    moved = batch.findings.get("moved", [])
    if not moved:
        return sentence
    names = ", ".join(moved[:NAMED]) + (" …" if len(moved) > NAMED else "")
    return _("%(sentence)s Changed meanwhile: %(keys)s.") % {"sentence": sentence, "keys": names}


def context_of(batch: ImportBatch) -> dict[str, Any]:
    """What the history says of every row that a batch writes."""
    context: dict[str, Any] = {"batch": str(batch.uid)}
    if batch.file_names:
        context["import_file"] = batch.file_names[0]
    if batch.reason:
        context["reason"] = batch.reason
    if batch.user_id:
        context["user"] = batch.user_id
    return context


def _write(batch: ImportBatch, progress: Told | None) -> None:
    digest = Digest()
    with readings_of(batch) as readings:
        report = run(batch, readings, dry_run=False, outcomes=digest, progress=progress)
    if not report.is_written or digest.hexdigest() != batch.digest:
        raise MovedError
    batch.counts, batch.problem = digest.counts_by_table(), ""


# Taken back


def plan_undo(batch: ImportBatch, user: Any) -> undo.Undo:
    """What it would take to take a batch back, as one person may know it; call it in a transaction."""
    return undo.Undo(batch, user)


def to_take_back(batch: ImportBatch) -> ImportBatch:
    """The batch to take back so that what `batch` did is gone: itself, or what has brought it back last."""
    again = ImportBatch.objects.filter(undoes__undoes=batch, undoes__state=BatchState.UNDONE, state=BatchState.DONE)
    latest = again.order_by("-pk").first()
    return batch if latest is None else to_take_back(latest)


def ask_for_undo(batch: ImportBatch, user: Any, *, reason: str = "", only_the_rest: bool = False) -> ImportBatch:
    """A batch that takes another one back, ready to be carried out. Raises `UndoRefusedError`."""
    batch = to_take_back(batch)
    if batch.state != BatchState.DONE:
        raise UndoRefusedError(_("Only what was imported, and has not been taken back, can be taken back."))
    with transaction.atomic():
        plan = plan_undo(batch, user)
        numbers, rows = plan.numbers, plan.count
        refuse_without_reason(plan, reason)
    return ImportBatch.objects.create(
        kind=BatchKind.UNDO,
        undoes=batch,
        user=user,
        reason=reason,
        state=BatchState.RUNNING,
        options={"only_the_rest": only_the_rest},
        findings={"rows": rows, "tables": list(numbers)},
    )


def _undo(batch: ImportBatch, _progress: Told | None) -> None:
    undone = ImportBatch.objects.select_for_update().get(undone_by=batch)
    if undone.state != BatchState.DONE:
        raise UndoRefusedError(_("It has been taken back already."))
    plan = plan_undo(undone, batch.user)
    obstacles = 0 if batch.options.get("only_the_rest") else plan.obstacle_count
    if obstacles:
        sentence = _("Nothing was taken back: %(count)s rows have been changed since, or others depend on them.")
        raise UndoRefusedError(sentence % {"count": obstacles})
    if not plan.count:
        raise UndoRefusedError(_("There is nothing left of it that could be taken back."))
    refuse_without_reason(plan, batch.reason)
    refuse_publishing(batch.user, plan)
    plan.follow()
    batch.counts = plan.numbers
    undone.state, undone.finished_at = BatchState.UNDONE, timezone.now()
    undone.save(update_fields=["state", "finished_at"])
    if undone.undoes_id:  # an undo that is taken back: what it took back is there again
        ImportBatch.objects.filter(pk=undone.undoes_id).update(state=BatchState.DONE)


def refuse_without_reason(plan: undo.Undo, reason: str) -> None:
    """What takes records from readers or from review needs a reason, also by an undo."""
    count = 0 if reason else plan.to_explain
    if count:
        raise UndoRefusedError(missing_reason_to_undo(count))


def missing_reason_to_undo(count: int) -> str:
    """What to say where an undo takes so many records from where others see them and nobody has said why."""
    return ngettext(
        "It takes %(count)s record from readers or from review: say why. It stands in the history of the record.",
        "It takes %(count)s records from readers or from review: say why. It stands in the history of each.",
        count,
    ) % {"count": count}


def refuse_publishing(user: Any, plan: undo.Undo) -> None:
    """Publishing and withdrawing take the right to it, also by an undo."""
    for model in plan.publications() if user is not None else ():
        if not user.has_perm(f"{model._meta.app_label}.publish_{model._meta.model_name}"):
            sentence = _("It would publish or withdraw %(kinds)s, which you may not: ask someone who may.")
            raise UndoRefusedError(sentence % {"kinds": model._meta.verbose_name_plural})


# Given up


def has_lost_its_worker(batch: ImportBatch) -> bool:
    """Whether whoever was at work on a batch, a worker or the request that confirmed it, is gone before its end."""
    if batch.state == BatchState.RUNNING and batch.job is None:
        # The work locks the batch from its beginning to its end, and a lock ends with its session.
        with transaction.atomic():
            free = ImportBatch.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=batch.pk)
            return bool(free.filter(state=BatchState.RUNNING).exists())
    return batch.state in {BatchState.UPLOADED, BatchState.RUNNING} and not jobs.is_alive(batch.job)


def finish(batch: ImportBatch, state: BatchState, problem: str = "") -> None:
    """End a batch of which nothing was written."""
    change_state(
        batch,
        {BatchState.UPLOADED, BatchState.PREVIEWED, BatchState.RUNNING},
        state,
        problem=problem,
        finished_at=timezone.now(),
    )


def cancel(batch: ImportBatch) -> None:
    """Stop a batch: at once where nobody works on it, else at the next word of who does."""
    if batch.job is None or jobs.take_out(batch.job) or not jobs.is_alive(batch.job):
        finish(batch, BatchState.CANCELLED)
    else:
        want_cancelled(batch.uid)


def is_small(batch: ImportBatch) -> bool:
    """Whether a person would wait for the preview of a file."""
    if batch.kind == BatchKind.EDIT:
        return sum(batch.options["chosen"].values()) <= settings.BACKGROUND_ROWS
    form = batch.options.get("form") or batch.file_names[0].rpartition(".")[2].lower()
    most = SMALL_PACKED if form in {"xlsx", "zip"} else SMALL
    if batch.size > most:
        return False
    try:
        with readings_of(batch) as readings:
            return sum(len(reading.source) for reading in readings if reading.source) <= settings.BACKGROUND_ROWS
    except RefusedError:
        return True
