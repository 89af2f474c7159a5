"""The keys of a file for the bulk engine: which rows are about what is stored, and which are new."""

from collections.abc import Sequence
from typing import Any, Protocol

from django.db import connection

from .readers import NULL, KeyReader

#: How many primary keys are kept for rows without a key at a time.
KEPT_AT_ONCE = 500


class Keys(Protocol):
    """What the staging of rows needs to know of keys."""

    def pk(self, key: str) -> int:
        """The primary key kept for a record that stands in the file and is not stored yet."""

    def place(
        self, rows: Sequence[int], keys: list[str], reader: Any, names: Sequence[str] | None, doubtful: set[int]
    ) -> list[str]:
        """The primary keys of some rows as COPY takes them.

        It fills in the `keys` that are blank and adds the places of rows that the row engine has to look at to
        `doubtful`. `names` are the cells of the column `name`, if there is one.
        """


class ClaimKeys:
    """The keys of claims, which are many: what is stored is found out by the database when all rows are staged."""

    def __init__(self, resource: Any) -> None:
        self._key = resource.model._meta.get_field(resource.key)

    def pk(self, key: str) -> int:
        raise LookupError(key)

    def place(
        self, rows: Sequence[int], keys: list[str], reader: KeyReader, _names: Any, doubtful: set[int]
    ) -> list[str]:
        if "" in keys:
            keys[:] = [key or self._key.get_default() for key in keys]
        if reader.unfit:
            doubtful.update(at for at, key in enumerate(keys) if key in reader.unfit)
        return [NULL] * len(rows)


class RecordKeys:
    """The keys of records, which have all been looked up when the file was looked through: past ones answer as well.

    Rows of one file may name each other, so a new record has a primary key before it is stored.
    """

    def __init__(self, resource: Any) -> None:
        self._resource = resource
        self._survey = resource.survey
        self._index = resource.index_of(resource.model)
        self._record = resource.model()
        self._sequence = f"pg_get_serial_sequence('{resource.model._meta.db_table}', 'id')"
        new = [key for key in self._survey.keys if key in self._survey.new_keys]
        self.kept = dict(zip(new, self._keep(len(new)), strict=True))
        self._spare: list[int] = []
        self._rows = iter(self._survey.rows_of_new_keys())
        self._ahead: tuple[str, int] | None = next(self._rows, None)

    def pk(self, key: str) -> int:
        return self.kept[key]

    def place(
        self, rows: Sequence[int], keys: list[str], reader: KeyReader, names: Sequence[str] | None, doubtful: set[int]
    ) -> list[str]:
        pks = []
        stored, mistakes = self._survey.stored, self._survey.mistakes
        for at, row in enumerate(rows):
            key = keys[at] = keys[at] or self._made(row, names[at] if names else "")
            pk = stored.get(key)
            if row in mistakes or key in self._resource.circles or not key or key == NULL:
                doubtful.add(at)
            elif pk is None:
                if key in reader.unfit:
                    doubtful.add(at)
            elif self._index.slug(pk) != key:  # a past key
                doubtful.add(at)
            pk = pk or self.kept.get(key)
            pks.append(NULL if pk is None else str(pk))
        return pks

    def _made(self, row: int, name: str) -> str:
        """A key for a row that has none but a name."""
        if not name.strip():
            return ""
        self._record.name = name
        key: str = self._resource.free_keys.make(row, self._record)
        if not self._spare:
            self._spare = self._keep(KEPT_AT_ONCE)
        self.kept[key] = self._spare.pop()
        self._index.awaited.add(key)
        return key

    def _keep(self, count: int) -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT nextval({self._sequence}) FROM generate_series(1, %s)", [count])
            return [pk for (pk,) in cursor.fetchall()]

    def settle(self) -> None:
        """Let what waited for the records of the file find them."""
        for key, pk in self.kept.items():
            self._index.add(key, pk)

    def settle_up_to(self, row: int) -> None:
        """The same for the records that stand above `row`, as the row engine has stored them by then."""
        while self._ahead is not None and self._ahead[1] < row:
            key = self._ahead[0]
            if key in self.kept and key not in self._resource.unstored_keys:
                self._index.add(key, self.kept[key])
            self._ahead = next(self._rows, None)
