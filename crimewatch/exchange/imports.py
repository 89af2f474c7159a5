"""The import of several tables at once, in one transaction: all of them, or nothing if anything is wrong."""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from uuid import UUID

from django.db import DatabaseError, InterfaceError, OperationalError, connection, models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crimewatch.exchange.catalog import TABLES, Table
from crimewatch.records.database_errors import translated
from crimewatch.records.history import because
from crimewatch.records.models import Record, unsupported_message
from crimewatch.records.resources import (
    AnyKey,
    JoinedSource,
    Problem,
    RecordResource,
    RefusedError,
    RowOutcome,
    RowSink,
    RowSource,
    Stage,
    TableResource,
    TableResult,
    unsupported,
)
from crimewatch.records.resources.bulk import BulkImport
from crimewatch.records.resources.constraints import is_about_a_row

#: "rows" takes one row after the other, "bulk" all rows of a table at once; "auto" decides by the number of rows.
Engine = Literal["auto", "rows", "bulk"]

#: The number of rows from which on the bulk engine is the faster one.
BULK_FROM = 500

#: How many seconds an import waits for another one, or for somebody who is changing a row.
PATIENCE = 20

#: Takes what becomes of many rows of a table at a time; see `RowSink`.
OutcomeSink = Callable[[Table, Sequence[RowOutcome]], None]


@dataclass(frozen=True)
class Progress:
    """How far an import has come: `done` of `rows` rows in a `stage` of `table`, which is one of several."""

    table: Table
    stage: Stage
    done: int
    rows: int
    #: How many tables there are, and how many are done.
    tables: int
    tables_done: int


@dataclass
class TableReport:
    """What an import does, or would do, to one table."""

    table: Table
    #: What a person calls the file.
    name: str = ""
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    changed_columns: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    notes: Sequence[str] = ()
    #: How many rows take a record back, from readers or from review, which needs a reason.
    to_explain: int = 0

    def take(self, result: TableResult) -> None:
        self.new, self.changed = result.totals["new"], result.totals["update"]
        self.unchanged = result.totals["skip"]
        self.changed_columns = result.changed_columns
        self.problems = result.problems


@dataclass
class ImportReport:
    """What an import did, or why nothing was written."""

    tables: list[TableReport] = field(default_factory=list)
    #: What is wrong with the package as a whole.
    sentences: list[str] = field(default_factory=list)
    is_written: bool = False
    #: The number of the batch that was written, where the caller has made one.
    batch: UUID | None = None

    @property
    def has_problems(self) -> bool:
        return any(self.problems())

    @property
    def to_explain(self) -> int:
        """How many records are taken back."""
        return sum(table.to_explain for table in self.tables)

    def problems(self) -> Iterator[str]:
        """Each problem on a line: `file:row column "value": sentence`, as one reads the files from top to bottom."""
        for report in self.tables:
            for problem in sorted(report.problems, key=lambda each: (each.row is None, each.file, each.row or 0)):
                line = f"{problem.file or report.name}: {problem}"
                yield line if problem.row is None else line.replace(": row ", ":", 1)
        yield from self.sentences


def import_sources(
    sources: Mapping[Table, RowSource] | Iterable[tuple[Table, RowSource]],
    *,
    dry_run: bool = False,
    engine: Engine = "auto",
    user: Any = None,
    reason: str = "",
    progress: Callable[[Progress], None] | None = None,
    outcomes: OutcomeSink | None = None,
    patience: int | None = None,
    adds_rows: bool = True,
) -> ImportReport:
    """Import the rows of `sources` in one transaction: all, or nothing if anything is wrong with any of them.

    The tables are taken in the order of the catalog, whatever order they come in; several files of one table are taken
    as one. Raises `BrokenOffError` where the database is in trouble, or busy for longer than `patience`, in seconds.
    `user` is the person who acts, whose rights then count; without one everything is allowed. With `dry_run` everything
    is done and then taken back. `reason` stands in the history of every row; nothing is written without one where a
    record is taken back from readers or from review. `progress` is told how far it has come; what it raises calls the
    import off. `outcomes` takes what becomes of each row. Unless it `adds_rows`, keys that nothing has are mistakes.
    The caller says for the history who imports what, with `pghistory.context`.
    """
    given: dict[Table, list[RowSource]] = {}
    for table, source in sources.items() if isinstance(sources, Mapping) else sources:
        given.setdefault(table, []).append(source)
    with (
        told_in_words(),
        because(reason),
        transaction.atomic(),
        one_at_a_time(PATIENCE if patience is None else patience),
    ):
        package = PackageImport(
            len(given), engine=engine, user=user, progress=progress, outcomes=outcomes, adds_rows=adds_rows
        )
        for table in TABLES:
            if table in given:
                package.import_table(table, given[table])
        package.judge_support()
        if not dry_run and not reason:
            package.ask_for_reason()
        package.judge_database()
        package.name_files()
        report = package.report
        report.is_written = not dry_run and not report.has_problems
        if not report.is_written:
            transaction.set_rollback(True)
    return report


def missing_reason(count: int) -> str:
    """What to say where an import takes so many records back and nobody has said why."""
    return ngettext(
        "It takes %(count)s record back, from readers or from review: give a reason. Who opens its page is told.",
        "It takes %(count)s records back, from readers or from review: give a reason. Who opens their pages is told.",
        count,
    ) % {"count": count}


class BrokenOffError(Exception):
    """An import could not be brought to its end, and nothing of it was written; the message is one sentence.

    What was wrong lies outside the files: the same import may do some other time.
    """

    @property
    def has_lost_the_database(self) -> bool:
        """Whether the database went away in the middle, so that the work is to be begun anew when it is back."""
        cause = self.__cause__
        state = state_of(cause) if isinstance(cause, DatabaseError) else ""
        return state.startswith(("57", "08")) or (not state and isinstance(cause, OperationalError | InterfaceError))


@contextmanager
def told_in_words() -> Iterator[None]:
    """Raise `BrokenOffError` where the database is busy or in trouble."""
    try:
        yield
    except DatabaseError as error:
        raise BrokenOffError(trouble(error)) from error


def state_of(error: DatabaseError) -> str:
    """The code that the database gives for what happened; empty where it could not give one any more."""
    return getattr(getattr(error.__cause__, "diag", None), "sqlstate", None) or ""


def trouble(error: DatabaseError) -> str:
    """What keeps the database from doing its work, and what to do about it."""
    diagnosis = getattr(error.__cause__, "diag", None)
    state = state_of(error)
    reason = ((diagnosis.message_primary if diagnosis else "") or str(error)).strip().rstrip(".")
    if state in BUSY:
        return _(
            "Somebody else is importing, or is changing the same rows: nothing was written. "
            "Import again when they are done."
        )
    if state.startswith("53"):
        sentence = _("The database has no room for it (%(reason)s): nothing was written. Make room and import again.")
    elif state.startswith(("57", "08")) or isinstance(error, OperationalError | InterfaceError):
        sentence = _("The database broke off (%(reason)s): nothing was written. Import again when it is back.")
    else:
        sentence = _("The database could not do it (%(reason)s): nothing was written.")
    return sentence % {"reason": reason}


#: No lock within the time given, a deadlock, a conflict of two transactions.
BUSY = {"55P03", "40P01", "40001"}


@contextmanager
def one_at_a_time(patience: int) -> Iterator[None]:
    """Wait up to `patience` seconds for another import to end, and later as long for each row that others change."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout'), set_config('lock_timeout', %s, true)", [f"{patience}s"])
        usual = cursor.fetchone()[0]
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('crimewatch_import'))")
    yield
    if not connection.needs_rollback:  # which brings the usual time back as well
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [usual])


class PackageImport:
    """The import of several tables in one transaction."""

    def __init__(
        self,
        tables: int,
        *,
        engine: Engine = "auto",
        user: Any = None,
        progress: Callable[[Progress], None] | None = None,
        outcomes: OutcomeSink | None = None,
        adds_rows: bool = True,
    ) -> None:
        self.report = ImportReport()
        self.engine, self.user, self.adds_rows = engine, user, adds_rows
        self._tables, self._progress, self._outcomes = tables, progress, outcomes
        self._faulty_keys: dict[type[models.Model], Container[str]] = {}
        self._unstored_mentions: set[tuple[type[models.Model], int]] = set()
        self._is_complete = True
        self._records: list[tuple[RecordResource, TableResult]] = []
        self._joined: list[tuple[TableReport, JoinedSource]] = []

    def import_table(self, table: Table, sources: Sequence[RowSource]) -> None:
        report = TableReport(table, " + ".join(source.name for source in sources))
        self.report.tables.append(report)
        try:
            self._import_rows(table, sources[0] if len(sources) == 1 else JoinedSource(sources), report)
        except (RefusedError, OSError) as error:
            report.problems.append(Problem(str(error)))
            self._faulty_keys[table.model] = AnyKey()
            self._is_complete = False

    def _import_rows(self, table: Table, source: RowSource, report: TableReport) -> None:
        joined = source if isinstance(source, JoinedSource) else None
        resource = table.resource(with_preview=False, sink=self._sink(table, joined), watcher=self._watcher(table))
        resource.adds_rows = self.adds_rows
        if joined:
            resource.row_label = joined.label
        report.notes = source.notes
        result = self._result_of(resource, source)
        report.take(result)
        self._faulty_keys[table.model] = resource.unstored(result)
        self._unstored_mentions |= resource.unstored_mentions
        self._is_complete &= not result.base_errors
        if isinstance(resource, RecordResource):
            self._records.append((resource, result))
            report.to_explain = len(resource.rows_to_explain) if resource.is_read else 0
        if joined:
            self._joined.append((report, joined))

    def _result_of(self, resource: TableResource, source: RowSource) -> TableResult:
        if self.engine == "bulk" or (self.engine == "auto" and len(source) >= BULK_FROM):
            return BulkImport(resource, source, user=self.user, faulty_keys=self._faulty_keys).run()
        return resource.import_data(
            source,
            user=self.user,
            is_part_of_package=True,
            faulty_keys=self._faulty_keys,
            # The good rows stay until all tables are read, or what refers to them would be told to be wrong.
            rollback_on_validation_errors=False,
        )

    def _sink(self, table: Table, joined: JoinedSource | None) -> RowSink | None:
        outcomes = self._outcomes
        if outcomes is None:
            return None
        if joined is None:
            return lambda rows: outcomes(table, rows)
        return lambda rows: outcomes(table, [placed(row, joined) for row in rows])

    def name_files(self) -> None:
        """Say of each problem with rows of several files in which of them it stands."""
        for report, joined in self._joined:
            report.problems = [placed_problem(problem, joined) for problem in report.problems]

    def _watcher(self, table: Table) -> Callable[[Stage, int, int], None] | None:
        progress, tables, tables_done = self._progress, self._tables, len(self.report.tables) - 1
        if progress is None:
            return None
        return lambda stage, done, rows: progress(Progress(table, stage, done, rows, tables, tables_done))

    def judge_support(self) -> None:
        """Refuse every published record that no claim supports, unless one that might has mistakes of its own."""
        if not self._is_complete:
            return
        known = {resource.model: (resource, result) for resource, result in self._records}
        for table in TABLES:
            if not issubclass(table.model, Record):
                continue
            besides = {pk for model, pk in self._unstored_mentions if model is table.model}
            if table.model in known:
                resource, result = known[table.model]
                resource.refuse_unsupported(result, besides=besides)
            else:
                self.report.sentences += [
                    unsupported_message(record) for record in unsupported(table.model, besides=besides)
                ]

    def ask_for_reason(self) -> None:
        """Refuse to take records back without a word, as the workflow does."""
        count = self.report.to_explain
        if count and not self.report.has_problems:
            self.report.sentences.append(missing_reason(count))

    def judge_database(self) -> None:
        """Let the rules that wait for the end of a transaction speak now, while there is someone to tell."""
        if self.report.has_problems:
            return
        try:
            connection.check_constraints()
        except DatabaseError as error:
            if not is_about_a_row(error):
                raise
            diagnosis = getattr(error.__cause__, "diag", None)
            if diagnosis and diagnosis.sqlstate == FOREIGN_KEY_VIOLATION:
                sentence = _("Somebody has deleted a record that the rows refer to meanwhile: import again.")
                self.report.sentences.append(sentence)
            else:
                self.report.sentences.append(translated(diagnosis.message_primary) if diagnosis else str(error))


FOREIGN_KEY_VIOLATION = "23503"


def placed(outcome: RowOutcome, joined: JoinedSource) -> RowOutcome:
    """The outcome of a row with its place in its own file."""
    file, row = joined.place(outcome.row)
    return replace(outcome, file=file, row=row, problems=[placed_problem(each, joined) for each in outcome.problems])


def placed_problem(problem: Problem, joined: JoinedSource) -> Problem:
    if problem.row is None or problem.file:
        return problem
    file, row = joined.place(problem.row)
    return replace(problem, file=file, row=row)
