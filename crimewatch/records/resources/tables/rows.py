"""One row of a file after the other: read, judged, stored, and told of."""

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _
from import_export.resources import Diff

from crimewatch.records.models import Record
from crimewatch.records.resources.constraints import Check, Rules, refusal
from crimewatch.records.resources.entries import Entry
from crimewatch.records.resources.exports import names_text
from crimewatch.records.resources.keys import BlockedError, Later
from crimewatch.records.resources.loaders import KeyLoader, Loader
from crimewatch.records.resources.outcomes import CellChange, RowKind, RowOutcome
from crimewatch.records.resources.results import TableRowResult, problems_of, shortened
from crimewatch.records.resources.surveys import KnownRows
from crimewatch.records.resources.trees import Tree

from .columns import TableColumns


class CellDiff(Diff):
    """The cells of a row before and after, for the preview."""

    def __init__(self, left: list[str], right: list[str], new: bool) -> None:
        self.left, self.right, self.new = left, right, new


class RowImport(TableColumns):
    """Takes rows through the model, each by itself. What is known of the whole file, `TableResource` has noted."""

    survey: KnownRows
    rules: Rules
    tree: Tree
    circles: dict[str, str]
    #: References that wait for rows which may not be stored yet: the instance, the column and its value.
    _waiting: list[tuple[Any, str, Any]]

    def import_row(self, row: Mapping[str, Any], instance_loader: KeyLoader, **kwargs: Any) -> TableRowResult:
        number = kwargs["row_number"] + 1
        self.teller.advance(number, self.survey.length)
        row_result = TableRowResult()
        if number in self.survey.misfits:
            self.refuse_misfit(number, row, self.survey.misfits[number], row_result)
            return row_result
        if not any(row.values()):  # a blank line
            return row_result
        entry = self.entry(number, row, instance_loader)
        self.read(entry)
        if entry.is_new or entry.changed or entry.errors:
            self.judge_and_store(entry, kwargs.get("user"))
        if not entry.is_storable:
            self.note_unstored(entry)
        outcome = self.outcome(entry, row_result, kwargs.get("retain_instance_in_row_result", False))
        self.tell(entry, outcome)
        return outcome

    def refuse_misfit(self, number: int, row: Mapping[str, Any], sentence: str, row_result: TableRowResult) -> None:
        """Refuse a row that has not as many cells as there are columns."""
        row_result.import_type = row_result.IMPORT_TYPE_INVALID
        row_result.validation_error = ValidationError({NON_FIELD_ERRORS: [sentence]})
        self.tell_bad(number, row, row_result.validation_error)

    def entry(self, number: int, row: Mapping[str, Any], instance_loader: Loader) -> Entry:
        instance = instance_loader.get_instance(row)
        if number in self.survey.mistakes:  # another row of the file may be about the same instance
            instance = copy(instance)
        is_new = instance is None
        instance = instance or self.init_instance(row)
        before = {name: self.fields[name].get_value(instance) for name in self.columns}
        return Entry(number, row, instance, is_new, before)

    def read(self, entry: Entry) -> None:
        """Put what the cells say on the instance, except what refers to rows that may not be stored yet."""
        if self.is_gone(entry):
            entry.refuse(self.key, _("It is not there any more: somebody has deleted it, or given it another key."))
            return
        if entry.number in self.survey.mistakes:
            entry.refuse(self.key, self.survey.mistakes[entry.number])
        for name in self.columns:
            if name not in entry.row or (name == self.key and not self._takes_key(entry)):
                continue
            try:
                entry.after[name] = value = self.fields[name].clean(entry.row)
            except ValidationError as error:
                entry.refuse(name, *error.messages)
                continue
            except BlockedError:
                entry.is_blocked = True
                entry.unsettled.add(name)
                continue
            if self._must_wait(entry, name, value):
                entry.unsettled.add(name)
            elif not self.fields[name].is_many:
                setattr(entry.instance, self.fields[name].attribute, value)
        self.check_names(entry)

    def check_names(self, entry: Entry) -> None:
        """Refuse names beside keys that are not those of the records: one of the two is wrong."""
        for column, name in self.name_columns.items():
            given = str(entry.row.get(column) or "").strip()
            if not given or name in entry.errors or name in entry.unsettled:
                continue
            value = entry.after.get(name, entry.before[name])
            expected = names_text(self.fields[name], value)
            if given != expected.strip():
                words = {"name": shortened(given), "column": name, "expected": shortened(expected)}
                sentence = (
                    _("“%(name)s” is not what is named in “%(column)s”, which is “%(expected)s”: mend one of the two.")
                    if expected
                    else _("“%(name)s” is named here, but “%(column)s” is empty: write the key there.")
                )
                entry.refuse(column, sentence % words)

    def is_gone(self, entry: Entry) -> bool:
        """Whether the row is about something that has to be there and is not."""
        return entry.is_new and not self.adds_rows

    def _takes_key(self, entry: Entry) -> bool:
        """A stored row keeps the key it has, and a blank one is made by the model."""
        return entry.is_new and bool(entry.key(self.key))

    def _must_wait(self, entry: Entry, name: str, value: Any) -> bool:
        """Whether the column is set when all rows are stored.

        It is where a stored row moves in the tree, for what is above its new place may have to move first, and where a
        row names one further below in the file.
        """
        if name == self.parent:
            return isinstance(value, Later) or (not entry.is_new and value != entry.before[name])
        return self.fields[name].is_many and any(isinstance(reference, Later) for reference in value)

    def prepare(self, entry: Entry) -> None:
        """Make the instance ready for its own validation."""

    def judge_and_store(self, entry: Entry, user: Any) -> None:
        """Write the row unless something is wrong with it. What the database says against it after all is wrong too."""
        try:
            with transaction.atomic():
                self.judge(entry, user)
                if entry.is_storable and (entry.is_new or entry.changed):
                    self.store(entry)
        except DatabaseError as error:
            entry.refuse(*refusal(error, self.model))

    def judge(self, entry: Entry, user: Any) -> None:
        """Note everything that is wrong with the row besides what its cells alone tell."""
        self.judge_alone(entry)
        self.judge_among_others(entry, self.rules.checks_broken_by([entry])[0], user)

    def judge_alone(self, entry: Entry) -> None:
        """Note what the model says of the row by itself."""
        if self.is_gone(entry):
            return
        if entry.is_new and entry.number not in self.survey.mistakes:  # else nobody knows whether it is
            for name in self.required_columns - set(entry.row):
                words = {"kind": self.model._meta.verbose_name, "expected": self.fields[name].widget.expects}
                sentence = _("There is no %(kind)s with this key yet, and a new one needs this column: %(expected)s.")
                entry.refuse(name, sentence % words)
        self.prepare(entry)
        self._judge_fields(entry)

    def judge_among_others(self, entry: Entry, broken: Sequence[Check], user: Any) -> None:
        """Note the `broken` rules of the database, what other rows have already, and what the user may not do."""
        if self.is_gone(entry):
            return
        self._judge_rules(entry, broken)
        if user is not None:
            self.judge_rights(entry, user)

    def _judge_fields(self, entry: Entry) -> None:
        others = {field.name for field in self.model._meta.concrete_fields} - set(self.columns)
        for validate in (
            # Whatever a key names exists: validating it again would take a query for each.
            lambda: entry.instance.clean_fields(exclude=others | self.reference_columns | set(entry.errors)),
            entry.instance.clean,
        ):
            try:
                validate()
            except ValidationError as error:
                entry.refuse_all(error)
        for name in self.columns:  # what the model made of an empty key or unit
            if name not in self.reference_columns and not (name == self.key and not entry.is_new):
                entry.after[name] = self.fields[name].get_value(entry.instance)

    def _judge_rules(self, entry: Entry, broken: Sequence[Check]) -> None:
        for columns, sentence in list(self.rules.broken_by(entry, self.columns, broken)):
            entry.refuse(columns, sentence)
        circle = self.circles.get(entry.key(self.key))
        if circle:
            entry.refuse(self.parent or "", circle)

    def judge_rights(self, entry: Entry, user: Any) -> None:
        action = "add" if entry.is_new else "change"
        if not user.has_perm(f"{self.model._meta.app_label}.{action}_{self.model._meta.model_name}"):
            sentence = _("You may not add %(kinds)s.") if entry.is_new else _("You may not change %(kinds)s.")
            entry.refuse("", sentence % {"kinds": self.model._meta.verbose_name_plural})

    def store(self, entry: Entry) -> None:
        instance = entry.instance
        self._save(entry)
        for name in entry.after:
            if self.fields[name].is_many and name not in entry.unsettled and entry.after[name] != entry.before[name]:
                getattr(instance, name).set(entry.after[name])
        if issubclass(self.model, Record):
            self.index_of(self.model).add(instance.slug, instance.pk)
        self.rules.note(instance, entry.before)
        self._waiting += [(instance, name, entry.after[name]) for name in entry.unsettled]

    def _save(self, entry: Entry) -> None:
        if entry.is_new:
            entry.instance.save(force_insert=True)
            return
        columns = [name for name in entry.changed if name not in entry.unsettled and not self.fields[name].is_many]
        if columns or any(self.fields[name].is_many for name in entry.changed):
            entry.instance.save(update_fields=[*columns, "updated_at"])

    def note_unstored(self, entry: Entry) -> None:
        self.unstored_keys.add(entry.key(self.key))
        for name in self.reference_columns:
            value = entry.after.get(name)
            if isinstance(value, int):
                self.unstored_mentions.add((self.fields[name].widget.model, value))

    def outcome(self, entry: Entry, row_result: TableRowResult, keeps_instance: bool) -> TableRowResult:
        if entry.errors:
            row_result.import_type = row_result.IMPORT_TYPE_INVALID
            row_result.validation_error = ValidationError(entry.errors_in_order(self.columns))
            return row_result
        if entry.is_blocked:
            return row_result
        row_result.changed = [] if entry.is_new else entry.changed
        if entry.is_new:
            row_result.import_type = row_result.IMPORT_TYPE_NEW
        else:
            row_result.import_type = row_result.IMPORT_TYPE_UPDATE if entry.changed else row_result.IMPORT_TYPE_SKIP
        row_result.object_id, row_result.object_repr = entry.instance.pk, getattr(entry.instance, self.key)
        if keeps_instance:
            row_result.instance = entry.instance
        if self.with_preview:
            row_result.diff = self.diff(entry).as_html()
        return row_result

    def tell(self, entry: Entry, row_result: TableRowResult) -> None:
        """Tell whoever wants to know what became of the row."""
        if not self.teller.is_heard:
            return
        if row_result.validation_error:
            self.tell_bad(entry.number, entry.row, row_result.validation_error)
        elif entry.is_blocked:
            self.teller.tell(RowOutcome(entry.number, entry.key(self.key), RowKind.BLOCKED))
        else:
            kind = RowKind.NEW if entry.is_new else RowKind.CHANGED if entry.changed else RowKind.UNCHANGED
            self.teller.tell(RowOutcome(entry.number, getattr(entry.instance, self.key), kind, self.changes(entry)))

    def tell_bad(self, number: int, row: Mapping[str, Any], mistakes: ValidationError) -> None:
        if self.teller.is_heard:
            problems = problems_of(number, row, mistakes, self.hints)
            key = str(row.get(self.key) or "").strip()
            self.teller.tell(RowOutcome(number, key, RowKind.BAD, problems=problems))

    def changes(self, entry: Entry) -> list[CellChange]:
        """The cells that the row changes, or fills in where it is new."""
        found = []
        for name in self.columns:
            widget = self.fields[name].widget
            value = entry.after.get(name, entry.before[name])
            if entry.is_new:
                found.append(CellChange(name, "", widget.render(value)))
            elif value != entry.before[name]:
                found.append(CellChange(name, widget.render(entry.before[name]), widget.render(value)))
        return [cell for cell in found if cell.before != cell.after]

    def diff(self, entry: Entry) -> CellDiff:
        widgets = {name: self.fields[name].widget for name in self.columns}
        before = ["" if entry.is_new else widget.render(entry.before[name]) for name, widget in widgets.items()]
        after = [widget.render(entry.after.get(name, entry.before[name])) for name, widget in widgets.items()]
        return CellDiff(before, after, entry.is_new)
