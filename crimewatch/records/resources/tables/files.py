"""The Resource of a table: a file as a whole, from its header to what has to wait until all rows are in."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection
from django.utils.translation import gettext as _
from import_export.results import Error

from crimewatch.records.models import Record
from crimewatch.records.resources import headers
from crimewatch.records.resources.constraints import Rules, refusal
from crimewatch.records.resources.keys import AnyKey, Later
from crimewatch.records.resources.loaders import KeyLoader
from crimewatch.records.resources.results import RefusedError, TableResult, TableTally
from crimewatch.records.resources.surveys import Survey
from crimewatch.records.resources.trees import Tree

from .rows import RowImport


class TableResource(RowImport):
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
