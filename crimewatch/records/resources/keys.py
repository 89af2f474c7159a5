"""The keys by which rows of one table name records of another."""

from collections.abc import Container
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.postgres.search import TrigramSimilarity
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.translation import gettext as _

from crimewatch.records.models import Record
from crimewatch.records.resources.results import shortened

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer

# An unknown key is compared with the keys of its table: some 20 ms each.
FEW = 2000
MOST_COMPARISONS = 200
# A cell of megabytes looks like no key, and to compare it takes a second for each of its megabytes.
LONGEST_COMPARED = 300

NO_RECORD = 0


class Later(NamedTuple):
    """A reference to a record that stands in the file being imported and is not stored yet."""

    key: str


class BlockedError(Exception):
    """The record referred to stands in the same package, in a row with mistakes of its own: those are told there."""


class KeyIndex:
    """The keys of all records of a table, present and past, read with one query when first asked for."""

    def __init__(self, model: type[Record], user: "Viewer | None" = None) -> None:
        self.model = model
        #: Whose import it is: records that are restricted to others do not exist for them. None for the command line.
        self.user = user
        #: Keys of new records in the file of this very table, which may stand below the rows that refer to them.
        self.awaited: set[str] = set()
        #: Keys of records of the package that could not be stored.
        self.faulty: Container[str] = set()
        self._comparisons: dict[str, list[str]] = {}
        #: Whether to look for keys that resemble an unknown one, which takes time.
        self.suggests = True

    @cached_property
    def _stored(self) -> tuple[dict[str, int], dict[str, list[int]]]:
        present: dict[str, int] = {}
        past: dict[str, list[int]] = {}
        records = self.model._default_manager.order_by().values_list("pk", "slug", "past_slugs")
        for pk, slug, past_slugs in records.iterator():
            present[slug] = pk
            for past_slug in past_slugs:
                past.setdefault(past_slug, []).append(pk)
        return present, past

    @cached_property
    def _slugs(self) -> dict[int, str]:
        return {pk: slug for slug, pk in self._stored[0].items()}

    @cached_property
    def closed(self) -> set[int]:
        """The primary keys of the records that the user may not know of."""
        if self.user is None:
            return set()
        return set(self.model.objects.closed_to(self.user).order_by().values_list("pk", flat=True))

    def forget(self) -> None:
        """Read the keys anew when next asked: the table may have changed."""
        self.__dict__.pop("closed", None)
        self.__dict__.pop("_stored", None)
        self.__dict__.pop("_slugs", None)
        self.__dict__.pop("_names", None)
        self.awaited, self.faulty, self._comparisons = set(), set(), {}

    def add(self, key: str, pk: int) -> None:
        """Note a record that has just been stored."""
        self._stored[0][key] = pk
        self._slugs[pk] = key
        self.awaited.discard(key)

    def slug(self, pk: int) -> str:
        """The present key of the record with this primary key."""
        return self._slugs[pk]

    def visible(self) -> "QuerySet[Any] | None":
        """The records whose keys are shown; None for all of them."""
        return None

    def name(self, pk: int) -> str:
        """The name of the record with this primary key."""
        if pk not in self._names:  # it has been stored since they were read
            self._names[pk] = self.model._default_manager.values_list("name", flat=True).get(pk=pk)
        return self._names[pk]

    def read_names(self) -> None:
        """Read the names of all records, those that are there now, unless that is done."""
        _ = self._names

    @cached_property
    def _names(self) -> dict[int, str]:
        return dict(self.model._default_manager.order_by().values_list("pk", "name").iterator())

    def stored(self, key: str) -> int | None:
        """The primary key of the record that has this key or, failing that, had it before; None where there is none."""
        present, past = self._stored
        if key in present:
            return present[key]
        holders = past.get(key, [])
        if len(holders) > 1:
            keys = ", ".join(sorted(self.slug(pk) for pk in holders))
            raise ValidationError(
                _("“%(key)s” is a past key of several records (%(keys)s): write the present key of the one you mean.")
                % {"key": key, "keys": keys}
            )
        return holders[0] if holders else None

    def is_taken(self, key: str) -> bool:
        """Whether a stored record has this key, or had it before."""
        present, past = self._stored
        return key in present or key in past

    def resolve(self, key: str) -> int | Later:
        """The record that `key` stands for.

        Raises `ValidationError` where there is none, and `BlockedError` where its own row is faulty.
        """
        pk = self.stored(key)
        if pk is not None and pk not in self.closed:
            return pk
        if key in self.awaited:
            return Later(key)
        if key in self.faulty:
            raise BlockedError
        raise ValidationError(self._unknown(key))

    def _unknown(self, key: str) -> str:
        words = {"kind": self.model._meta.verbose_name, "key": shortened(key)}
        nearest = self.nearest(key)
        if not nearest:
            return _("There is no %(kind)s with the key “%(key)s”.") % words
        return _("There is no %(kind)s with the key “%(key)s”; the nearest are: %(nearest)s.") % {
            **words,
            "nearest": ", ".join(nearest),
        }

    def nearest(self, key: str) -> list[str]:
        """Up to three keys that look like `key`, the likest first."""
        if not self.suggests or len(key) > LONGEST_COMPARED:
            return []
        made = slugify(key)
        if made in self.awaited or self._stored[0].get(made, NO_RECORD) not in {NO_RECORD, *self.closed}:
            return [made]
        if key not in self._comparisons:
            if len(self._comparisons) >= MOST_COMPARISONS:
                return []
            self._comparisons[key] = get_close_matches(made, self._candidates(key), n=3, cutoff=0.6)
        return self._comparisons[key]

    def _candidates(self, key: str) -> list[str]:
        """Keys that are worth comparing with `key`: all of them, or those that share most of their letters with it."""
        known = [*self.awaited, *(key for key, pk in self._stored[0].items() if pk not in self.closed)]
        if len(known) <= FEW:
            return known
        alike = self.model._default_manager.annotate(likeness=TrigramSimilarity("slug", key))
        likest = (
            alike.exclude(pk__in=self.closed)
            .filter(likeness__gte=0.3)
            .order_by("-likeness", "slug")
            .values_list("slug", flat=True)[:20]
        )
        return [*likest, *known[:FEW]]


class FreeKeys:
    """Makes keys for records that come without one, as `Record.fill_slug` does, but without a query for each.

    A key that some other row of the file gives to its record is left to that row.
    """

    def __init__(self, index: KeyIndex, given: Container[str]) -> None:
        self._index, self._given = index, given
        self._made: dict[int, str] = {}
        self._taken: set[str] = set()
        self._next: dict[str, int] = {}

    def make(self, row: int, record: Record) -> str:
        """The key of the record in `row`; the same when it is asked for again."""
        if row not in self._made:
            self._made[row] = self._first_free(record.slug_of_name())
            self._taken.add(self._made[row])
        return self._made[row]

    def _first_free(self, base: str) -> str:
        number = self._next.get(base, 1)
        key = base if number == 1 else f"{base}-{number}"
        while key in self._taken or key in self._given or self._index.is_taken(key):
            number += 1
            key = f"{base}-{number}"
        self._next[base] = number
        return key


class VisibleKeys(KeyIndex):
    """The keys of a table as one person sees them: those of records that are hidden from them are empty."""

    def __init__(self, model: type[Record], user: Any) -> None:
        super().__init__(model)
        self._user = user

    @cached_property
    def _slugs(self) -> dict[int, str]:
        visible = self.model._default_manager.visible_to(self._user).order_by()
        return dict(visible.values_list("pk", "slug").iterator())

    @cached_property
    def _names(self) -> dict[int, str]:
        visible = self.model._default_manager.visible_to(self._user).order_by()
        return dict(visible.values_list("pk", "name").iterator())

    def slug(self, pk: int) -> str:
        return self._slugs.get(pk, "")

    def name(self, pk: int) -> str:
        return self._names.get(pk, "")

    def visible(self) -> "QuerySet[Any]":
        visible: QuerySet[Any] = self.model._default_manager.visible_to(self._user).order_by()
        return visible


class AnyKey(Container[str]):
    """The keys of a file that cannot be read: it may hold any."""

    def __contains__(self, key: object) -> bool:
        return True
