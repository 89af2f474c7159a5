"""The import of several tables at once, in one transaction: all of them, or nothing if anything is wrong."""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from django.db import DatabaseError, connection, models, transaction

from crimewatch.exchange.catalog import TABLES, Table
from crimewatch.records.database_errors import translated
from crimewatch.records.models import Record, unsupported_message
from crimewatch.records.resources import (
    AnyKey,
    Problem,
    RecordResource,
    RefusedError,
    RowOutcome,
    RowSource,
    Stage,
    TableResult,
    unsupported,
)

#: "rows" takes one row after the other, "bulk" all rows of a table at once; "auto" decides by the number of rows.
Engine = Literal["auto", "rows", "bulk"]

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

    def problems(self) -> Iterator[str]:
        """Each problem on a line: `file:row column "value": sentence`, as one reads the files from top to bottom."""
        for report in self.tables:
            for problem in sorted(report.problems, key=lambda problem: (problem.row is None, problem.row or 0)):
                line = f"{report.name}: {problem}"
                yield line if problem.row is None else line.replace(": row ", ":", 1)
        yield from self.sentences


def import_sources(
    sources: Mapping[Table, RowSource] | Iterable[tuple[Table, RowSource]],
    *,
    dry_run: bool = False,
    engine: Engine = "auto",
    user: Any = None,
    progress: Callable[[Progress], None] | None = None,
    outcomes: OutcomeSink | None = None,
) -> ImportReport:
    """Import the rows of `sources` in one transaction: all, or nothing if anything is wrong with any of them.

    The tables are taken in the order of the catalog, whatever order they come in. `user` is the person who acts, whose
    rights then count; without one everything is allowed. With `dry_run` everything is done and then taken back.
    `progress` is told how far it has come; what it raises calls the import off. `outcomes` takes what becomes of each
    row. The caller says for the history who imports what, with `pghistory.context`.
    """
    given = list(sources.items() if isinstance(sources, Mapping) else sources)
    places = {table: place for place, table in enumerate(TABLES)}
    given.sort(key=lambda pair: places[pair[0]])
    with transaction.atomic():
        package = PackageImport(len(given), engine=engine, user=user, progress=progress, outcomes=outcomes)
        for table, source in given:
            package.import_table(table, source)
        package.judge_support()
        package.judge_database()
        report = package.report
        report.is_written = not dry_run and not report.has_problems
        if not report.is_written:
            transaction.set_rollback(True)
    return report


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
    ) -> None:
        self.report = ImportReport()
        self.engine, self.user = engine, user
        self._tables, self._progress, self._outcomes = tables, progress, outcomes
        self._faulty_keys: dict[type[models.Model], Container[str]] = {}
        self._unstored_mentions: set[tuple[type[models.Model], int]] = set()
        self._is_complete = True
        self._records: list[tuple[RecordResource, TableResult]] = []

    def import_table(self, table: Table, source: RowSource) -> None:
        report = TableReport(table, source.name)
        self.report.tables.append(report)
        try:
            self._import_rows(table, source, report)
        except (RefusedError, OSError) as error:
            report.problems.append(Problem(str(error)))
            self._faulty_keys[table.model] = AnyKey()
            self._is_complete = False
        report.notes = source.notes

    def _import_rows(self, table: Table, source: RowSource, report: TableReport) -> None:
        resource = table.resource(with_preview=False, sink=self._sink(table), watcher=self._watcher(table))
        result = resource.import_data(
            source,
            user=self.user,
            is_part_of_package=True,
            faulty_keys=self._faulty_keys,
            # The good rows stay until all tables are read, or what refers to them would be told to be wrong.
            rollback_on_validation_errors=False,
        )
        report.take(result)
        self._faulty_keys[table.model] = resource.unstored(result)
        self._unstored_mentions |= resource.unstored_mentions
        self._is_complete &= not result.base_errors
        if isinstance(resource, RecordResource):
            self._records.append((resource, result))

    def _sink(self, table: Table) -> Callable[[Sequence[RowOutcome]], None] | None:
        outcomes = self._outcomes
        return None if outcomes is None else lambda rows: outcomes(table, rows)

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

    def judge_database(self) -> None:
        """Let the rules that wait for the end of a transaction speak now, while there is someone to tell."""
        if self.report.has_problems:
            return
        try:
            connection.check_constraints()
        except DatabaseError as error:
            diagnosis = getattr(error.__cause__, "diag", None)
            self.report.sentences.append(translated(diagnosis.message_primary) if diagnosis else str(error))
