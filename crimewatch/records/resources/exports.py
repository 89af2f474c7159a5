"""The rows of a table as the cells and the bytes of a CSV file, in memory that does not grow with their number."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from .cells import join_list
from .expressions import cell_text, composed, guarded, is_writable, key_texts, name_texts
from .files import csv_line
from .widgets import KeyWidget

#: How many rows, and how many bytes, are held in memory.
ROWS_AT_ONCE = 500
BYTES_AT_ONCE = 64 * 1024


class Export:
    """The rows of `queryset`, or every row of the table, under `columns`, in the order of their keys, byte by byte.

    A column such as `region:name` has the names of the records whose keys stand in `region`. Raises `ValueError` for
    a column that the table does not have.
    """

    def __init__(
        self, resource: Any, columns: Sequence[str] | None = None, queryset: QuerySet[Any] | None = None
    ) -> None:
        self.resource, self.model = resource, resource.model
        self.columns = list(columns or resource.columns)
        unknown = [name for name in self.columns if name not in resource.columns and name not in resource.name_columns]
        if unknown:
            raise ValueError(f"{self.model._meta.label} has no columns {', '.join(unknown)}")
        self.queryset = resource.get_queryset() if queryset is None else queryset
        self.is_whole = queryset is None
        #: How many rows have left.
        self.count = 0

    # By Python

    def rows(self) -> Iterator[list[str]]:
        """The cells of each row."""
        cells = [self._cell(name) for name in self.columns]
        for instance in self.resource.filter_export(self.queryset).iterator(chunk_size=ROWS_AT_ONCE):
            yield [cell(instance) for cell in cells]

    def _cell(self, name: str) -> Callable[[Any], str]:
        resource = self.resource
        if name not in resource.name_columns:
            export: Callable[[Any], str] = resource.fields[name].export
            return export
        field = resource.fields[resource.name_columns[name]]
        return lambda instance: names_text(field, field.get_value(instance))

    # By the database

    def csv(self) -> Iterator[bytes]:
        """The bytes of the file, its header first. Nothing else can be asked of the database until the end."""
        lines = self._copied() if self._is_writable() else (csv_line(row).encode() for row in self.rows())
        yield csv_line(self.columns).encode()
        yield from gathered(self._counted(lines))

    def _counted(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        for line in lines:
            self.count += 1
            yield line

    def _is_writable(self) -> bool:
        """Whether the database writes all cells as Python does. It does not do so with values of JSON."""
        fields = self.resource.fields
        json = [name for name in self.columns if name in fields and not is_writable(fields[name].widget)]
        return not any(self.queryset.order_by().filter(**{f"{name}__isnull": False}).exists() for name in json)

    def _copied(self) -> Iterator[bytes]:
        command = f"COPY ({self.statement()}) TO STDOUT (FORMAT csv)"
        with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(command) as copy:
            for line in copy:
                yield bytes(line)

    def statement(self) -> str:
        """The query of the cells as they stand in the file, but for quotation marks; null for an empty one."""
        joins: dict[str, str] = {}
        texts = [self._text(name, joins) for name in self.columns]
        # The inner query is kept whole by its OFFSET, so that no text is made again for each look at it.
        inner = ", ".join(f"{text} AS c{place}" for place, text in enumerate(texts))
        outer = ", ".join(f"NULLIF({self._guarded(name, f'c{place}')}, '')" for place, name in enumerate(self.columns))
        key = quote(self.model._meta.get_field(self.resource.key).column)
        source = " ".join(
            [
                f"{quote(self.model._meta.db_table)} AS t",
                *joins.values(),
                "" if self.is_whole else f"WHERE {chosen('t', self.queryset)}",
            ]
        )
        return f'SELECT {outer} FROM (SELECT {inner} FROM {source} ORDER BY t.{key} COLLATE "C" OFFSET 0) AS cells'

    def _guarded(self, name: str, text: str) -> str:
        is_name = name in self.resource.name_columns
        return guarded(None if is_name else self.resource.fields[name].widget, text)

    def _text(self, name: str, joins: dict[str, str]) -> str:
        """The text of a cell; the tables that it takes it from are added to `joins`."""
        source = self.resource.name_columns.get(name, name)
        field, column = self.model._meta.get_field(source), self.resource.fields[source]
        if not is_writable(column.widget):
            return "''"
        visible = column.widget.index.visible() if isinstance(column.widget, KeyWidget) else None
        if column.is_many:
            texts = key_texts if source == name else name_texts
            return texts(linked_records(field) + (f" AND {chosen('u', visible)}" if visible is not None else ""))

        def joined(model: Any, pk: str) -> str:
            alias = quote(f"the_{source}")
            shown = f" AND {chosen(alias, visible)}" if visible is not None else ""
            joins[source] = f"LEFT JOIN {quote(model._meta.db_table)} AS {alias} ON {alias}.id = {pk}{shown}"
            return f"{alias}.{'slug' if source == name else 'name'}"

        return cell_text(column.widget, f"t.{quote(field.column)}", joined)


def chosen(alias: str, queryset: QuerySet[Any]) -> str:
    """The condition that a row is one of `queryset`."""
    try:
        query, parameters = queryset.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:  # the queryset knows that it finds nothing
        return "false"
    return f"{alias}.id IN ({composed(query, parameters)})"


def linked_records(field: Any) -> str:
    """A query of the keys and names of the records that a row `t` names in `field`."""
    table, owner, used = map(quote, (field.m2m_db_table(), field.m2m_column_name(), field.m2m_reverse_name()))
    return (
        f"SELECT u.slug, u.name FROM {quote(field.related_model._meta.db_table)} AS u"
        f" JOIN {table} AS l ON l.{used} = u.id WHERE l.{owner} = t.id"
    )


def names_text(column: Any, value: Any) -> str:
    """The names of the records that `value` refers to, in the order of their keys."""
    index = column.widget.index
    if not column.is_many:
        return "" if value is None else str(index.name(value))
    return join_list(index.name(pk) for pk in sorted(value, key=index.slug) if index.slug(pk))


def gathered(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in larger pieces."""
    piece: list[bytes] = []
    size = 0
    for line in lines:
        piece.append(line)
        size += len(line)
        if size >= BYTES_AT_ONCE:
            yield b"".join(piece)
            piece, size = [], 0
    if piece:
        yield b"".join(piece)


def quote(name: str) -> str:
    return connection.ops.quote_name(name)
