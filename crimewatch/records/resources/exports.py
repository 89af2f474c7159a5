"""The rows of a table as cells, as CSV and as JSON lines, in memory that does not grow with their number."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from .cells import join_list
from .expressions import cell_text, composed, is_writable, key_texts, name_texts, written
from .files import csv_line
from .objects import is_list, json_lines, json_list, json_object, json_value, texts_of
from .widgets import KeyWidget

#: A line as it comes from the database or is made here.
Buffer = bytes | bytearray | memoryview

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
        is_writable = self._is_writable()
        yield csv_line(self.columns).encode()
        if is_writable:
            yield from self._copied(f"COPY ({self.statement()}) TO STDOUT (FORMAT csv)")
        else:
            yield from self._gathered(csv_line(row).encode() for row in self.rows())

    def json(self) -> Iterator[bytes]:
        """The bytes of a file of JSON lines. Nothing else can be asked of the database until the end."""
        if self._is_writable():
            # Neither sign stands in JSON, in which they would be written otherwise: each line leaves as it is.
            as_it_is = r"FORMAT csv, DELIMITER E'\x02', QUOTE E'\x01'"
            yield from self._copied(f"COPY ({self.json_statement()}) TO STDOUT ({as_it_is})")
        else:
            widgets = [self.resource.widget_of(name) for name in self.columns]
            yield from self._gathered(line.encode() for line in json_lines(self.columns, widgets, self.rows()))

    def _copied(self, command: str) -> Iterator[bytes]:
        with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(command) as copy:
            yield from self._gathered(copy)

    def _gathered(self, lines: Iterable[Buffer]) -> Iterator[bytes]:
        """The lines, counted, in larger pieces."""
        return gathered(lines, self._note)

    def _note(self, number: int) -> None:
        self.count += number

    def _is_writable(self) -> bool:
        """Whether the database writes all cells as Python does. It does not do so with values of JSON."""
        fields = self.resource.fields
        json = [name for name in self.columns if name in fields and not is_writable(fields[name].widget)]
        return not any(self.queryset.order_by().filter(**{f"{name}__isnull": False}).exists() for name in json)

    def statement(self) -> str:
        """The query of the cells as they stand in the file, but for quotation marks; null for an empty one."""
        joins: dict[str, str] = {}
        texts = [self._text(name, joins) for name in self.columns]
        outer = ", ".join(self._written(name, f"c{place}") for place, name in enumerate(self.columns))
        return self._query(outer, texts, joins)

    def json_statement(self) -> str:
        """The query of the rows as objects of JSON."""
        joins: dict[str, str] = {}
        widgets = [self.resource.widget_of(name) for name in self.columns]
        texts = [
            json_list(self._items(name)) if is_list(widget) else self._text(name, joins)
            for name, widget in zip(self.columns, widgets, strict=True)
        ]
        values = [
            f"c{place}" if is_list(widget) else json_value(widget, f"c{place}") for place, widget in enumerate(widgets)
        ]
        return self._query(json_object(self.columns, values), texts, joins)

    def _query(self, outer: str, texts: Sequence[str], joins: Mapping[str, str]) -> str:
        # The inner query is kept whole by its OFFSET, so that no text is made again for each look at it.
        inner = ", ".join(f"{text} AS c{place}" for place, text in enumerate(texts))
        key = quote(self.model._meta.get_field(self.resource.key).column)
        source = " ".join(
            [
                f"{quote(self.model._meta.db_table)} AS t",
                *joins.values(),
                "" if self.is_whole else f"WHERE {chosen('t', self.queryset)}",
            ]
        )
        return f'SELECT {outer} FROM (SELECT {inner} FROM {source} ORDER BY t.{key} COLLATE "C" OFFSET 0) AS cells'

    def _written(self, name: str, text: str) -> str:
        is_name = name in self.resource.name_columns
        return written(None if is_name else self.resource.fields[name].widget, text)

    def _text(self, name: str, joins: dict[str, str]) -> str:
        """The text of a cell; the tables that it takes it from are added to `joins`."""
        source = self.resource.name_columns.get(name, name)
        field, column = self.model._meta.get_field(source), self.resource.fields[source]
        if not is_writable(column.widget):
            return "''"
        visible = column.widget.index.visible() if isinstance(column.widget, KeyWidget) else None
        if column.is_many:
            texts = key_texts if source == name else name_texts
            return texts(self._linked(source))

        def joined(model: Any, pk: str) -> str:
            alias = quote(f"the_{source}")
            shown = f" AND {chosen(alias, visible)}" if visible is not None else ""
            joins[source] = f"LEFT JOIN {quote(model._meta.db_table)} AS {alias} ON {alias}.id = {pk}{shown}"
            return f"{alias}.{'slug' if source == name else 'name'}"

        return cell_text(column.widget, f"t.{quote(field.column)}", joined)

    def _items(self, name: str) -> str:
        """A query of the texts of a cell that is a list."""
        source = self.resource.name_columns.get(name, name)
        if self.resource.fields[source].is_many:
            text = "slug" if source == name else "name"
            return f'SELECT {text} FROM ({self._linked(source)}) AS named ORDER BY slug COLLATE "C"'
        return texts_of(f"t.{quote(self.model._meta.get_field(source).column)}")

    def _linked(self, column: str) -> str:
        """A query of the keys and names of the records whose keys are shown in a column."""
        visible = self.resource.fields[column].widget.index.visible()
        shown = f" AND {chosen('u', visible)}" if visible is not None else ""
        return linked_records(self.model._meta.get_field(column)) + shown


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


def gathered(lines: Iterable[Buffer], note: Callable[[int], None] = lambda _number: None) -> Iterator[bytes]:
    """The same bytes in larger pieces; `note` is told how many lines have come."""
    piece: list[Buffer] = []
    size = 0
    for line in lines:
        piece.append(line)
        size += len(line)
        if size >= BYTES_AT_ONCE:
            note(len(piece))
            yield b"".join(piece)
            piece, size = [], 0
    if piece:
        note(len(piece))
        yield b"".join(piece)


def quote(name: str) -> str:
    return connection.ops.quote_name(name)
