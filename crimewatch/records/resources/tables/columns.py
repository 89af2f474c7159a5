"""What a table is made of as a file: its columns with their widgets, its key, its rows on their way out."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import Prefetch, QuerySet
from django.db.models.functions import Collate
from import_export.fields import Field
from import_export.resources import ModelResource

from crimewatch.records.models import Record
from crimewatch.records.resources import headers
from crimewatch.records.resources.exports import Export
from crimewatch.records.resources.keys import KeyIndex
from crimewatch.records.resources.outcomes import RowSink, Teller, Watcher
from crimewatch.records.resources.widgets import CodeWidget, KeysWidget, KeyWidget, widget_for


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


class TableColumns(ModelResource):
    """The columns of a table, for people and programs."""

    _meta: Any

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
