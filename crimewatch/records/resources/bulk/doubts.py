"""Rows about which the bulk engine has doubts: judged by the code of the row engine, many at a time."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar

from django.db import DatabaseError, transaction

from crimewatch.records.resources.constraints import Check, is_about_a_row, refusal
from crimewatch.records.resources.entries import Entry
from crimewatch.records.resources.outcomes import Stage as Step
from crimewatch.records.resources.results import TableResult, TableRowResult
from crimewatch.records.resources.surveys import KnownRows, misfit, repeated

from .keys import RecordKeys
from .plans import Plan

JUDGED_AT_ONCE = 200

Doubtful = tuple[int, list[str], int | None, str | None]
_Item = TypeVar("_Item")


class Doubts:
    """Judges doubtful rows, writes the good ones and tells what is wrong with the others."""

    def __init__(self, plan: Plan, result: TableResult, user: Any) -> None:
        self.plan, self.resource, self.result, self.user = plan, plan.resource, result, user
        self.headers = list(plan.stage.headers)
        self.repeated = {} if plan.is_record else plan.rows_of_repeated_keys()

    def settle(self, rows: Iterable[Doubtful], keys: Any) -> None:
        for some in batches(rows, JUDGED_AT_ONCE):
            if isinstance(keys, RecordKeys):
                keys.settle_up_to(some[0][0])
            self._judge(some)
            self.resource.teller.watch(Step.JUDGING, some[-1][0], self.plan.stage.length)
        if isinstance(keys, RecordKeys) and self.resource.has_waiting:
            keys.settle()

    def _judge(self, rows: list[Doubtful]) -> None:
        resource = self.resource
        fitting = [row for row in rows if len(row[1]) == len(self.headers)]
        if not self.plan.is_record:
            resource.survey = self._known(fitting)
        known = resource.survey.stored
        stored = Stored(resource, [known[key] for _number, _cells, _pk, key in fitting if key in known])
        entries: dict[int, Entry] = {}
        for number, cells, _pk, key in fitting:
            row = dict(zip(self.headers, cells, strict=True))
            entries[number] = entry = resource.entry(number, row, stored.of(known.get(key)))
            resource.read(entry)
        doubted = [entry for entry in entries.values() if entry.is_new or entry.changed or entry.errors]
        for entry in doubted:
            resource.judge_alone(entry)
        broken = self._broken(doubted)
        for number, cells, _pk, _key in rows:
            if number in entries:
                self._settle(entries[number], broken.get(number))
            else:
                self._refuse_misfit(number, cells)

    def _known(self, rows: list[Doubtful]) -> KnownRows:
        """What the row engine would know of these rows from its look through the file."""
        known = KnownRows()
        open_pks = self._open([pk for _number, _cells, pk, _key in rows if pk is not None])
        for number, _cells, pk, key in rows:
            if key and pk is not None and pk in open_pks:
                known.stored[key] = pk
            elif key and pk is not None:
                known.mistakes[number] = " ".join(self.resource.closed_key(key).messages)
            if key in self.repeated:
                known.mistakes[number] = repeated(self.repeated[key], self.resource.row_label)
        return known

    def _open(self, pks: list[int]) -> set[int]:
        """Those of `pks` whose rows the person who acts may know of."""
        if self.user is None:
            return set(pks)
        rows = self.resource.model._default_manager.filter(pk__in=pks).open_to(self.user)
        return set(rows.order_by().values_list("pk", flat=True))

    def _broken(self, entries: list[Entry]) -> dict[int, list[Check] | DatabaseError]:
        """The rules that each row breaks; what the database says against a row that it cannot even judge."""
        rules = self.resource.rules
        try:
            with transaction.atomic():
                found = rules.checks_broken_by(entries) if entries else []
        except DatabaseError as error:
            if not is_about_a_row(error):
                raise
            if len(entries) == 1:
                return {entries[0].number: error}
            middle = len(entries) // 2
            return self._broken(entries[:middle]) | self._broken(entries[middle:])
        return dict(zip((entry.number for entry in entries), found, strict=True))

    def _settle(self, entry: Entry, broken: list[Check] | DatabaseError | None) -> None:
        resource = self.resource
        if isinstance(broken, DatabaseError):
            entry.refuse(*refusal(broken, resource.model))
        elif broken is not None:
            resource.judge_among_others(entry, broken, self.user)
            if entry.is_storable and (entry.is_new or entry.changed):
                try:
                    with transaction.atomic():
                        resource.store(entry)
                except DatabaseError as error:
                    entry.refuse(*refusal(error, resource.model))
        if not entry.is_storable:
            resource.note_unstored(entry)
        row_result = resource.outcome(entry, TableRowResult(), keeps_instance=False)
        resource.tell(entry, row_result)
        self._take(entry.number, entry.row, row_result)

    def _refuse_misfit(self, number: int, cells: list[str]) -> None:
        row = dict(zip(self.headers, cells, strict=False))
        row_result = TableRowResult()
        self.resource.refuse_misfit(number, row, misfit(len(cells), len(self.headers)), row_result)
        self._take(number, row, row_result)

    def _take(self, number: int, row: Mapping[str, Any], row_result: TableRowResult) -> None:
        self.result.increment_row_result_total(row_result)
        if row_result.validation_error:
            self.result.append_invalid_row(number - 1, row, row_result.validation_error)
        self.result.append_row_result(row_result)


class Stored:
    """The stored rows that some rows of a file are about, in the form in which the row engine asks for them."""

    def __init__(self, resource: Any, pks: list[int]) -> None:
        self._instances = resource.fetch(pks) if pks else {}

    def of(self, pk: int | None) -> "Stored.One":
        return Stored.One(self._instances.get(pk))

    class One:
        def __init__(self, instance: Any) -> None:
            self.instance = instance

        def get_instance(self, _row: Mapping[str, Any]) -> Any:
            return self.instance


def batches(items: Iterable[_Item], size: int) -> Iterator[list[_Item]]:
    iterator = iter(items)
    while some := list(islice(iterator, size)):
        yield some
