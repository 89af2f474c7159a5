"""The rows of a file in a temporary table, as the columns of the table have them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection

from crimewatch.records.resources.outcomes import Stage as Step
from crimewatch.records.resources.surveys import FIRST_ROW

from .keys import Keys
from .readers import DOUBTFUL, NULL, CellReader, NameReader, reader_for

#: How many rows are read, judged and copied at a time, or fewer if they have so many characters together.
READ_AT_ONCE = 2000
MOST_CHARACTERS = 200_000

Line = tuple[int, list[str]]


def quote(name: str) -> str:
    return connection.ops.quote_name(name)


class Stage:
    """The temporary table. `_row` is the number of the row in the file, and `_doubtful` says that the row engine has
    to look at it: because of what stands in its cells, or because no row of its own can be made of it at all.

    `_pk` is the primary key of a record's row, stored already or kept for it; for claims it is not known yet. A column
    that names many records holds an array of their primary keys.
    """

    def __init__(self, resource: Any, headers: Sequence[str], keys: Keys) -> None:
        self.resource, self.keys = resource, keys
        self.model = resource.model
        self.name = quote(f"staged_{self.model._meta.db_table}")
        self.headers = list(headers)
        self.width = len(headers)
        self.places = {name: headers.index(name) for name in resource.columns if name in headers}
        self.fields = {name: self.model._meta.get_field(name) for name in self.places}
        #: Columns that the file does not have, but that the model fills in from others.
        self.made = {
            name: self.model._meta.get_field(name)
            for name in self.model.cleaned_from
            if name not in self.places and not self.places.keys().isdisjoint(self.model.cleaned_from)
        }
        self.names = [
            NameReader(resource, name, headers.index(column), self.places.get(name))
            for column, name in resource.name_columns.items()
            if column in headers
        ]
        self.key = quote(self.fields[resource.key].column)
        self.length = 0

    def column(self, name: str) -> str:
        """The quoted name of the column for a field."""
        field = self.fields.get(name) or self.made[name]
        return quote(field.column or field.name)

    def is_many(self, name: str) -> bool:
        return bool(self.resource.fields[name].is_many)

    def create(self) -> None:
        types = self.resource.rules.checks.columns
        columns = [
            f"{self.column(name)} {'bigint[]' if self.is_many(name) else types[field.column][0]}"
            for name, field in {**self.fields, **self.made}.items()
            if name != self.resource.key
        ]
        columns = ["_row integer", "_doubtful boolean", "_pk bigint", f"{self.key} text", *columns]
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{self.name}")
            cursor.execute(f"CREATE TEMPORARY TABLE {self.name} ({', '.join(columns)}) ON COMMIT DROP")

    def fill(self, source: Any) -> None:
        """Copy the rows of `source`, in memory that does not grow with their number."""
        names = [self.resource.key, *(name for name in self.places if name != self.resource.key)]
        readers = [
            reader_for(
                self.fields[name], self.resource.fields[name].widget, self.keys.pk, is_key=name == self.resource.key
            )
            for name in names
        ]
        places = [self.places[name] for name in names]
        columns = ", ".join(["_row", "_doubtful", "_pk", *map(self.column, names)])
        rows = len(source)
        command = f"COPY {self.name} ({columns}) FROM STDIN"
        with connection.cursor() as cursor, self.resource.without_suggestions():
            for lines in blocks(source, self.width):
                fitting = [line for line in lines if len(line[1]) == self.width]
                text = self._copied(fitting, places, readers) if fitting else ""
                if len(fitting) < len(lines):
                    text += self._misfits(lines, len(names))
                # Reading cells may ask the database for keys, which it does not answer in the middle of a COPY.
                with connection.wrap_database_errors, cursor.copy(command) as copy:
                    copy.write(text)
                self.length = lines[-1][0] - FIRST_ROW + 1
                self.resource.teller.watch(Step.READING, self.length, rows)
            cursor.execute(f"CREATE INDEX ON {self.name} (_row)")
            cursor.execute(f"CREATE INDEX ON {self.name} (_pk) WHERE _pk IS NOT NULL")
            cursor.execute(f"ANALYZE {self.name} (_row, _doubtful, _pk, {self.key})")

    def _misfits(self, lines: Sequence[Line], columns: int) -> str:
        rest = "\t".join([NULL] * (columns + 1))
        return "".join(f"{number}\tt\t{rest}\n" for number, cells in lines if len(cells) != self.width)

    def _copied(self, lines: Sequence[Line], places: Sequence[int], readers: Sequence[CellReader]) -> str:
        """The rows as COPY takes them."""
        cells = list(zip(*(cells for _number, cells in lines), strict=True))
        texts = [list(map(reader.__getitem__, cells[place])) for reader, place in zip(readers, places, strict=True)]
        doubtful: set[int] = set()
        for reader, column in zip(readers, texts, strict=True):
            if reader.has_doubts and DOUBTFUL in column:
                for at, text in enumerate(column):
                    if text is DOUBTFUL or text == DOUBTFUL:
                        column[at] = NULL
                        doubtful.add(at)
        for name in self.names:
            doubtful.update(name.doubtful(cells))
        numbers = [number for number, _cells in lines]
        names = cells[self.places["name"]] if "name" in self.places else None
        pks = self.keys.place(numbers, texts[0], readers[0], names, doubtful)
        flags = ["f"] * len(lines)
        for at in doubtful:
            flags[at] = "t"
        return "".join(
            map(
                "%s\t%s\t%s\t%s\n".__mod__,
                zip(numbers, flags, pks, map("\t".join, zip(*texts, strict=True)), strict=True),
            )
        )

    def doubt(self, condition: str, parameters: Sequence[Any] = ()) -> int:
        """Leave the rows that fulfil `condition` to the row engine. Returns their number."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {self.name} AS s SET _doubtful = true WHERE NOT _doubtful AND ({condition})", parameters
            )
            return cursor.rowcount


def blocks(source: Iterable[list[str]], width: int) -> Iterator[list[Line]]:
    """The rows with their numbers, some at a time, without blank ones of `width` cells."""
    block: list[Line] = []
    characters = 0
    for number, cells in enumerate(source, start=FIRST_ROW):
        if any(cells) or len(cells) != width:
            block.append((number, cells))
            characters += sum(map(len, cells))
            if len(block) == READ_AT_ONCE or characters >= MOST_CHARACTERS:
                yield block
                block, characters = [], 0
    if block:
        yield block
