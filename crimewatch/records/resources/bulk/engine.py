"""The import of one file by the bulk engine."""

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any

from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _
from import_export.results import Error

from crimewatch.records.models import Record
from crimewatch.records.resources import headers
from crimewatch.records.resources.constraints import refusal
from crimewatch.records.resources.outcomes import Stage as Step
from crimewatch.records.resources.results import RefusedError, TableResult, TableTally
from crimewatch.records.resources.surveys import FIRST_ROW

from .doubts import Doubts
from .keys import ClaimKeys, RecordKeys
from .plans import Plan
from .staging import Stage
from .telling import tell_of_planned
from .writing import Writer


class BulkImport:
    """Imports all rows of `source` as a part of a package, whose caller judges the database when all tables are in.

    It leaves on the resource what the caller of the row engine finds there as well.
    """

    def __init__(
        self, resource: Any, source: Any, *, user: Any = None, faulty_keys: Mapping[Any, Container[str]] | None = None
    ) -> None:
        self.resource, self.source, self.user = resource, source, user
        self.faulty_keys = faulty_keys or {}
        self.result: TableResult = TableTally(resource.hints)

    def run(self) -> TableResult:
        """Import the rows, or none of them if the header is wrong.

        Good rows stay written even where others are bad: what refers to them can then be judged.
        """
        header = list(self.source.headers or [])
        mistakes = headers.unreadable(header, self.resource.key)
        with transaction.atomic():
            if not mistakes:
                self._import(header)
            for mistake in [*mistakes, *headers.unknown(header, self.resource.columns, self.resource.name_columns)]:
                self.result.append_base_error(Error(RefusedError(mistake)))
            if self.result.base_errors:
                transaction.set_rollback(True)
        self.resource.teller.finish()
        return self.result

    def _import(self, header: Sequence[str]) -> None:
        resource = self.resource
        keys = self._keys()
        stage = Stage(resource, header, keys)
        stage.create()
        stage.fill(self.source)
        plan = Plan(resource, stage, self.user)
        resource.teller.watch(Step.COMPARING, 0, stage.length)
        plan.judge_staged()
        plan.compare()
        plan.judge_planned()
        if not plan.lock():
            raise RefusedError(
                _("Somebody has changed the same rows while they were compared: nothing was written. Import again.")
            )
        if resource.teller.is_heard:
            tell_of_planned(plan)
        if plan.is_record:
            resource.rows_to_explain |= plan.rows_to_explain()
        writer = Writer(plan)
        writer.write()
        self._count(plan)
        Doubts(plan, self.result, self.user).settle(self._doubtful(plan), keys)
        self._finish(writer)
        if plan.is_record:
            resource.published_rows = PublishedRows(resource.published_rows, plan)

    def _keys(self) -> Any:
        resource = self.resource
        if issubclass(resource.model, Record):
            resource.look_through(self.source, self.faulty_keys, self.user)
            return RecordKeys(resource)
        resource.look_around(self.faulty_keys, self.user)
        return ClaimKeys(resource)

    def _count(self, plan: Plan) -> None:
        new, changed, unchanged, columns = plan.counts()
        self.result.totals["new"] += new
        self.result.totals["update"] += changed
        self.result.totals["skip"] += unchanged
        self.result.changed_columns.update(columns)

    def _doubtful(self, plan: Plan) -> Iterator[tuple[int, list[str], int | None, str | None]]:
        """The doubtful rows of the file, in their order: number, cells, primary key of what is stored, and key."""
        waiting = iter(plan.doubtful_rows())
        number, pk, key = next(waiting, (0, None, None))
        if not number:
            return
        for at, cells in enumerate(self.source, start=FIRST_ROW):
            if at == number:
                yield at, cells, pk, key
                number, pk, key = next(waiting, (0, None, None))
                if not number:
                    return

    def _finish(self, writer: Writer) -> None:
        """Set what had to wait until all rows were stored, as the row engine does."""
        if self.result.problems:
            return
        try:
            writer.settle()
            self.resource.settle()
        except DatabaseError as error:
            raise RefusedError(refusal(error, self.resource.model)[1]) from error


class PublishedRows:
    """The row of a published record, by its primary key: one of those that the row engine stored, or a staged one."""

    def __init__(self, stored: Mapping[int, int], plan: Plan) -> None:
        self._stored, self._plan = stored, plan

    def get(self, pk: int) -> int | None:
        return self._stored.get(pk) or self._plan.row_of(pk)
