"""One Resource a table: the same columns, keys and rules for import and export, in the admin and in the commands."""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from functools import partial
from typing import Any, ClassVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import DatabaseError, connection, models, transaction
from django.db.models import Prefetch, QuerySet
from django.db.models.functions import Collate
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from import_export.fields import Field
from import_export.resources import Diff, ModelResource
from import_export.results import Error

from crimewatch.records.models import Record

from . import headers
from .constraints import Check, Rules, refusal
from .entries import Entry
from .exports import Export, names_text
from .keys import AnyKey, BlockedError, KeyIndex, Later
from .loaders import KeyLoader, Loader
from .outcomes import CellChange, RowKind, RowOutcome, RowSink, Teller, Watcher
from .results import RefusedError, TableResult, TableRowResult, TableTally, problems_of, shortened
from .surveys import KnownRows, Survey
from .trees import Tree
from .widgets import CodeWidget, KeysWidget, KeyWidget, widget_for


class Column(Field):
    """A column of a table. The value of one that names many records is the set of their primary keys."""

    @property
    def is_many(self) -> bool:
        return isinstance(self.widget, KeysWidget)

    def get_value(self, instance: models.Model) -> Any:
        value = getattr(instance, self.attribute) if instance.pk or not self.is_many else None
        if not self.is_many:
            return value
        return frozenset(record.pk for record in value.all()) if value is not None else frozenset()


class CellDiff(Diff):
    """The cells of a row before and after, for the preview."""

    def __init__(self, left: list[str], right: list[str], new: bool) -> None:
        self.left, self.right, self.new = left, right, new


class TableResource(ModelResource):
    """One table as a CSV file. A subclass names its model and, in `Meta.fields`, the published columns in their order.

    The rows of a file are new, changed or unchanged by their key, the one field in `Meta.import_id_fields`. A blank
    cell clears, an absent column leaves as is. Whatever is wrong with any row is told, and then nothing is written.

    `import_data` takes `user`, the person who acts, whose rights then count: without one everything is allowed, as for
    whoever has the command line. With `is_part_of_package` the caller judges the database when all tables are in.
    `sink` takes what becomes of each row, and `watcher` is told how far the import has come.
    """

    class Meta:
        instance_loader_class = KeyLoader
        skip_unchanged = True
        use_bulk = True  # no savepoint around each row: there is one where a row is written

    #: See `RecordResource`.
    guarded_columns: ClassVar[dict[str, tuple[str, list[Any]]]] = {}

    _meta: Any
    survey: KnownRows
    rules: Rules
    tree: Tree
    circles: dict[str, str]
    #: References that wait for rows which may not be stored yet: the instance, the column and its value.
    _waiting: list[tuple[Any, str, Any]]

    def __init__(
        self,
        *,
        with_preview: bool = True,
        sink: RowSink | None = None,
        watcher: Watcher | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._meta = copy(self._meta)  # the library sets options on it while it works
        self.with_preview = with_preview
        self.teller = Teller(sink, watcher)
        #: How the number of a row is written, which several files in one make longer.
        self.row_label: Callable[[int], str] = str
        #: Whether rows may be new; where not, a key that nothing has is a mistake.
        self.adds_rows = True
        self.is_read = False
        #: Keys of rows that are not stored because of mistakes, and the records that these rows speak of.
        self.unstored_keys: set[str] = set()
        self.unstored_mentions: set[tuple[type[models.Model], int]] = set()
        self.user: Any = None
        self._indexes: dict[type[Record], KeyIndex] = {}
        for field in self.fields.values():
            if isinstance(field.widget, KeyWidget):
                field.widget.index = self.index_of(field.widget.model)

    # What the table is made of

    @classmethod
    def field_from_django_field(cls, field_name: str, django_field: Any, readonly: bool) -> Column:
        is_key = field_name in cls._meta.import_id_fields
        return Column(
            attribute=getattr(django_field, "attname", field_name),
            column_name=field_name,
            widget=CodeWidget() if is_key else widget_for(django_field),
            readonly=readonly,
        )

    @property
    def model(self) -> Any:
        return self._meta.model

    @property
    def key(self) -> str:
        """The column whose value names a row."""
        name: str = self._meta.import_id_fields[0]
        return name

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns in the order in which they are written."""
        names: tuple[str, ...] = self._meta.fields
        return names

    @cached_property
    def parent(self) -> str | None:
        """The column that names another row of the same table, for a table whose rows lie below one another."""
        own = (
            name for name in self.columns if self._refers_to_one(name) and self.fields[name].widget.model is self.model
        )
        return next(own, None)

    @cached_property
    def reference_columns(self) -> set[str]:
        return {name for name in self.columns if isinstance(self.fields[name].widget, KeyWidget)}

    @cached_property
    def name_columns(self) -> dict[str, str]:
        """The columns with names for people that a file may have beside those with keys, and which ones they go with.

        An import checks them and uses the keys.
        """
        return {headers.name_column(name): name for name in self.columns if name in self.reference_columns}

    @cached_property
    def every_column(self) -> tuple[str, ...]:
        """The columns that a file may have: its own, and behind each with keys the one with their names."""
        return self.with_names(self.columns)

    def with_names(self, columns: Sequence[str]) -> tuple[str, ...]:
        """`columns` and, behind each with keys, the one with their names, unless it stands among them already."""
        beside = {name: column for column, name in self.name_columns.items()}
        pairs = ((name, beside.get(name, name)) for name in columns)
        return tuple(
            name for own, names in pairs for name in ((own,) if names == own or names in columns else (own, names))
        )

    def widget_of(self, column: str) -> Any:
        """The widget of a column; of one with names, that of the keys beside it."""
        return self.fields[self.name_columns.get(column, column)].widget

    def _refers_to_one(self, name: str) -> bool:
        return name in self.reference_columns and not self.fields[name].is_many

    def index_of(self, model: type[Record]) -> KeyIndex:
        if model not in self._indexes:
            self._indexes[model] = KeyIndex(model, self.user)
        return self._indexes[model]

    @contextmanager
    def without_suggestions(self) -> Iterator[None]:
        """Meanwhile no sentence about an unknown key names those that resemble it, which takes time."""
        for index in self._indexes.values():
            index.suggests = False
        try:
            yield
        finally:
            for index in self._indexes.values():
                index.suggests = True

    @cached_property
    def required_columns(self) -> set[str]:
        """The columns without which no new row can be made."""
        return {
            name
            for name in self.columns
            if self.fields[name].widget.is_required and not self.model._meta.get_field(name).has_default()
        }

    @cached_property
    def hints(self) -> dict[str, str]:
        """By column, what its cells take in general."""
        return {name: self.fields[name].widget.expects for name in self.columns}

    # Export

    def filter_export(self, queryset: QuerySet[Any], **_options: Any) -> QuerySet[Any]:
        """`queryset` with what its cells need and nothing else, in the order of its keys, byte by byte."""
        derived = [field.name for field in self.model._meta.concrete_fields if field.generated]
        many = [
            Prefetch(name, field.widget.model._default_manager.only("pk").order_by())
            for name, field in self.fields.items()
            if field.is_many
        ]
        return queryset.defer(*derived).prefetch_related(*many).order_by(Collate(self.key, "C"))

    def fetch(self, pks: Iterable[int]) -> dict[int, Any]:
        """The stored rows with these primary keys, with all that their cells need, kept from others' changes."""
        rows = self.filter_export(self.get_queryset()).select_for_update(of=("self",), no_key=True)
        return rows.in_bulk(list(pks))

    def export_rows(
        self, queryset: QuerySet[Any] | None = None, columns: Sequence[str] | None = None
    ) -> Iterator[list[str]]:
        """The rows of `queryset`, or every row of the table, as cells under `columns`, in constant memory."""
        return Export(self, columns, queryset).rows()

    def export_csv(
        self, queryset: QuerySet[Any] | None = None, columns: Sequence[str] | None = None
    ) -> Iterator[bytes]:
        """The same rows as the bytes of a CSV file with its header, mostly written by the database itself.

        Meanwhile nothing else can be asked of the database over the same connection.
        """
        return Export(self, columns, queryset).csv()

    # The file as a whole

    def get_result_class(self) -> Callable[[], TableResult]:
        return partial(TableResult if self.with_preview else TableTally, self.hints)

    def import_data(self, dataset: Any, dry_run: bool = False, **kwargs: Any) -> TableResult:
        """Import all rows, or none if anything is wrong with any of them.

        The library itself would keep the good rows when a bad one comes to light between preview and confirmation.
        """
        options = {"rollback_on_validation_errors": True, **kwargs, "use_transactions": True}
        result: TableResult = super().import_data(dataset, dry_run=dry_run, **options)
        return result

    def import_data_inner(self, dataset: Any, *args: Any, **kwargs: Any) -> TableResult:
        result = self.get_result_class()()
        header = list(dataset.headers or [])
        mistakes = headers.unreadable(header, self.key)
        if not mistakes:
            self.look_through(dataset, kwargs.pop("faulty_keys", {}), kwargs.get("user"))
            self.read_names(header)
            result = super().import_data_inner(dataset, *args, **kwargs)
        for mistake in [*mistakes, *headers.unknown(header, self.columns, self.name_columns)]:
            result.append_base_error(Error(RefusedError(mistake)))
        self.teller.finish()
        return result

    def look_through(self, dataset: Any, faulty_keys: Mapping[type[Record], Container[str]], user: Any = None) -> None:
        """Read the keys of the whole file, so that a row may refer to one below it."""
        self.look_around(faulty_keys, user)
        self.survey = survey = Survey(dataset, self.key, self.parent, self.row_label)
        survey.look_up(self.find_stored)
        if self.parent:
            self.tree = Tree(self.model._meta.get_field(self.parent), self.index_of(self.model), survey)
            self.circles = self.tree.circles()

    def read_names(self, header: Sequence[str]) -> None:
        """Read the names that may stand beside keys, before a row of the file changes one: order decides nothing."""
        for column, name in self.name_columns.items():
            if column in header:
                self.fields[name].widget.index.read_names()

    def look_around(self, faulty_keys: Mapping[type[Record], Container[str]], user: Any = None) -> None:
        """Forget earlier imports, and take note of the keys of other tables whose rows could not be stored."""
        self.is_read = True
        self.user = user
        self.unstored_keys, self.unstored_mentions = set(), set()
        for model, index in self._indexes.items():
            index.forget()
            index.user = user
            index.faulty = faulty_keys.get(model, set())
        for name in self.reference_columns:
            self.fields[name].widget.forget()
        self.rules = Rules(self.model, self.key)
        self.circles = {}
        self._waiting = []

    @property
    def has_waiting(self) -> bool:
        """Whether references wait for rows that may not be stored yet."""
        return bool(self._waiting)

    def find_stored(self, keys: Iterable[str]) -> dict[str, int | ValidationError]:
        """The primary keys of the stored rows among `keys`."""
        wanted = list(keys)
        found: dict[str, int | ValidationError] = {}
        for start in range(0, len(wanted), 10_000):
            rows = self.model._default_manager.filter(**{f"{self.key}__in": wanted[start : start + 10_000]}).order_by()
            found |= dict(rows.values_list(self.key, "pk"))
            if self.user is not None:
                own = set(rows.open_to(self.user).values_list(self.key, flat=True))
                found |= {key: self.closed_key(key) for key in found.keys() & set(wanted[start : start + 10_000]) - own}
        return found

    def closed_key(self, key: str) -> ValidationError:
        """The refusal of a key whose row the user may not know of."""
        return ValidationError(
            _("The key “%(key)s” belongs to something that you may not see: choose another key.") % {"key": key}
        )

    def unstored(self, result: TableResult) -> Container[str]:
        """The keys of the records in the file that are not stored, so that nobody is told that they do not exist."""
        if not self.is_read:
            return AnyKey()
        return self.survey.new_keys if result.base_errors else self.unstored_keys

    # When all rows are in

    def after_import(self, _dataset: Any, result: TableResult, **kwargs: Any) -> None:
        """Set what had to wait, and unless there are other tables to come, let the database judge the whole."""
        if result.problems:
            return
        try:
            self.settle()
            if not kwargs.get("is_part_of_package"):
                connection.check_constraints()
        except DatabaseError as error:
            raise RefusedError(refusal(error, self.model)[1]) from error

    def settle(self) -> None:
        """Set the references that had to wait until every row of the file was stored."""
        places: dict[int, int | None] = {}
        for instance, name, value in self._waiting:
            if name == self.parent:
                places[instance.pk] = self._settled(value)
            else:
                getattr(instance, name).set([self._settled(reference) for reference in value])
        if places:
            self.tree.move(places)

    def _settled(self, reference: Any) -> Any:
        return self.index_of(self.model).resolve(reference.key) if isinstance(reference, Later) else reference

    # Row by row

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
