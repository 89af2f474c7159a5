"""The lists of claims of every kind and of figures."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from operator import itemgetter
from typing import Any, ClassVar

import django_tables2 as tables
from django.db.models import CharField, F, Value
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from crimewatch.citations.models import Claim
from crimewatch.explorer.filters import ClaimFilterSet, EstimateFilterSet
from crimewatch.explorer.models import AnyClaim
from crimewatch.explorer.pictures.ways import ways
from crimewatch.explorer.querysets import added_columns, rows_of, rows_of_all
from crimewatch.explorer.tables import KINDS, ClaimTable, EstimateTable, WordColumn
from crimewatch.records.copies import Copy, copied
from crimewatch.records.paging import Order, Place
from crimewatch.records.querysets import sees_drafts, together
from crimewatch.records.sorting import as_read, by_rank, ranks
from crimewatch.records.views import PAGE_SIZE, ListView, estimated_rows
from crimewatch.records.workflow import may_change

#: Columns of values that some claims do not have.
MAY_BE_EMPTY = ("period", "low", "best", "high")

#: Columns whose order an index has, of the claims or of the records that they name. To find the first few rows in any
#: other all are read.
BY_INDEX = ("created_at", "period", "claim_type", "uid", "subject_key", "subject_slug", "source_key", "source_slug")

#: What tells claims of one key apart: a number of their kind, and the kind.
TIES = ("claim_pk", "claim_type")


class ClaimList(ListView):
    """All claims that the viewer may see; the newest come first."""

    title = _("Claims")
    name = "claims"
    filterset_class = ClaimFilterSet
    filterset: ClaimFilterSet
    table_class = ClaimTable
    #: What the list is sorted by until the reader chooses a column.
    usual_order: ClassVar[str] = "-created_at"
    may_be_empty: ClassVar[tuple[str, ...]] = MAY_BE_EMPTY

    def sees_drafts(self) -> bool:
        return all(sees_drafts(self.request.user, model) for model in self.filterset_class.kinds)

    def get_queryset(self) -> Any:
        return AnyClaim.objects.none()  # the filters put the rows together, kind by kind

    def get_context_data(self) -> dict[str, Any]:
        return {**super().get_context_data(), "ways": ways(self.request.path, self._given())}

    def chosen_from(self) -> dict[str, str]:
        return {"list": self.name, "filters": self.given_filters()} if self.request.user.is_authenticated else {}

    def may_edit(self) -> bool:
        user = self.request.user
        return bool(user.is_staff) and any(may_change(user, model) for model in self.filterset_class.kinds)

    def choice_of(self, row: Any) -> str:
        return f"{row['claim_type']}:{row['claim_pk']}"

    @cached_property
    def sorted_by(self) -> str:
        """What of a row it is that the list is sorted by."""
        column = self.chosen_column
        if column is None:
            return self.usual_order.removeprefix("-")
        return str(column.order_by[0] if column.order_by else self.chosen_options.sorted_by)

    @cached_property
    def order(self) -> Order:
        descends = (self.chosen_options.sort or self.usual_order).startswith("-")
        may_be_empty = self.is_sorted_by_text or self.sorted_by in self.may_be_empty
        return Order(F(self.sorted_by), TIES, descends=descends, may_be_empty=may_be_empty)

    @property
    def is_sorted_by_text(self) -> bool:
        """Whether the list is sorted as its texts are read. Keys are not: they have an index."""
        column = self.chosen_column
        return type(column) is tables.Column and self.sorted_by not in BY_INDEX and not column.order_by

    @property
    def chosen_column(self) -> Any:
        """The column that the reader has chosen to sort by, or None."""
        return self.columns.get(self.chosen_options.sorted_by)

    def _key_of_kind(self, model: type[Claim]) -> Any:
        """By what claims of one kind are sorted among those of others, so that the order is that of what is shown."""
        if self.sorted_by == "claim_type":
            return Value(self._kinds_in_order[str(model._meta.model_name)])
        if isinstance(self.chosen_column, WordColumn):
            return by_rank(self.sorted_by, ranks(self.chosen_column.words.items()))
        added = added_columns(model, figures=self.filterset_class.shows_figures)
        key = added.get(self.sorted_by, F(self.sorted_by))
        return as_read(key) if self.is_sorted_by_text else key

    @cached_property
    def _kinds_in_order(self) -> dict[str, int]:
        return ranks((kind, model._meta.verbose_name) for kind, model in KINDS.items())

    def in_order(self, rows: Any) -> Any:
        if not self.parts:
            return rows
        parts = self.filterset.parts(self.filterset.given)
        sorted_parts = [claims.annotate(order_key=self._key_of_kind(claims.model)) for claims in parts]
        every = rows_of_all(sorted_parts, figures=self.filterset_class.shows_figures, also=("order_key",))
        return every.order_by(*self.order.by(F("order_key")))

    def copy(self) -> Copy | None:
        columns, table = self.chosen_options.columns, self.table([])
        accessors = {name: self.columns[name].accessor or name for name in columns}
        texts = {name: table.sql_of(name, f'row."{accessor}"') for name, accessor in accessors.items()}
        return copied(texts, self.in_order(self.rows))

    @cached_property
    def estimate(self) -> int | None:
        if not self.sees_drafts() or self.is_filtered:
            return None
        return estimated_rows(self.filterset_class.kinds)

    @cached_property
    def parts(self) -> list[Any]:
        """The claims that fit, a queryset for each kind; none where the address makes no sense."""
        return self.filterset.parts(self.filterset.given, few=True) if self.makes_sense_so_far else []

    def counted(self) -> int:
        if not self.parts:
            return 0
        if self.filterset.is_laborious:
            if len(self._found) <= self.most_counted:
                self.filterset.known_claims = numbers_by_kind(self._found)
            return len(self._found)
        return int(together(claims.values("pk") for claims in self.parts)[: self.most_counted + 1].count())

    @cached_property
    def _found(self) -> list[dict[str, Any]]:
        """Which claims fit, in no order, at most one more than are counted.

        Where it takes long to find them, their number and, if they are few, those of a page are told by the same rows.
        """
        return self.answer("claims found", self._find)

    def _find(self) -> list[dict[str, Any]]:
        # A thousand rivals are found sooner by a join.
        few = "rivals" not in self.filterset.given
        parts = self.filterset.parts(self.filterset.given, few=few)
        rows = together(keys_of(claims.annotate(order_key=F("created_at"))) for claims in parts)
        return list(rows[: self.most_counted + 1])

    def rows_from(self, start: int) -> list[dict[str, Any]]:
        number = start + PAGE_SIZE + 1
        if self.sorted_by == "created_at" and self.filterset.is_laborious and self.count <= self.most_counted:
            by_age = itemgetter("order_key", *self.order.ties)
            return self._rows_of(sorted(self._found, key=by_age, reverse=self.order.descends)[start:number])
        keys = self.answer("claims from", lambda: self._first_claims(number)[start:], self.chosen_options.sort, start)
        return self._rows_of(keys)

    def rows_beyond(self, place: Place, *, backwards: bool = False) -> list[dict[str, Any]]:
        find = partial(self._first_claims, PAGE_SIZE + 1, place, backwards=backwards)
        return self._rows_of(self.answer("claims beyond", find, self.chosen_options.sort, place, backwards))

    def _rows_of(self, keys: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """All that is shown of some claims, in their order."""
        found = rows_of(numbers_by_kind(keys), figures=self.filterset_class.shows_figures) if keys else []
        rows = {(row["claim_type"], row["claim_pk"]): row for row in found}
        shown = [(key, rows.get((key["claim_type"], key["claim_pk"]))) for key in keys]
        # Somebody may have deleted one in between.
        return [{**row, "order_key": key["order_key"]} for key, row in shown if row is not None]

    def _first_claims(
        self, number: int, place: Place | None = None, *, backwards: bool = False
    ) -> list[dict[str, Any]]:
        """Which claims are the first so many, of all or of those beyond a place."""
        words = self._words_in_order(place, backwards=backwards)
        if not words:
            return self._sorted(self._quickest_parts(), self.order, number, place, backwards=backwards)
        # Claims of one word come by their numbers, as the table's first index has them: the words are gone through one
        # by one, and mostly the first is enough for a page.
        order = Order(F("claim_pk"), TIES[1:], descends=self.order.descends, may_be_empty=False)
        keys: list[dict[str, Any]] = []
        for rank, word in words:
            of_word = [claims.filter(**{self.sorted_by: word}) for claims in self.parts]
            here = Place(place.ties[0], place.ties[1:]) if place and place.key == str(rank) else None
            found = self._sorted(of_word, order, number - len(keys), here, backwards=backwards)
            keys += [{**key, "order_key": rank} for key in found]
            if len(keys) == number:
                break
        return keys

    def _words_in_order(self, place: Place | None, *, backwards: bool) -> list[tuple[int, Any]]:
        """The words by which a long list is sorted and their places, from one on; none where it is sorted otherwise."""
        if not isinstance(self.chosen_column, WordColumn) or self.filterset.is_laborious:
            return []
        places = ranks(self.chosen_column.words.items())
        words = sorted(((rank, word) for word, rank in places.items()), reverse=self.order.descends != backwards)
        if not place or not place.key:
            return words
        return words[[str(rank) for rank, _word in words].index(place.key) :]

    def _quickest_parts(self) -> list[Any]:
        """The claims that fit, asked for as it takes the least time to bring them in order."""
        if self.sorted_by in BY_INDEX or self.count <= self.most_counted:
            return self.parts
        return self.filterset.parts(self.filterset.given)

    def _sorted(
        self, parts: list[Any], order: Order, number: int, place: Place | None, *, backwards: bool
    ) -> list[dict[str, Any]]:
        """Which claims of several kinds are the first in an order.

        Each kind is sorted by its own indexes and gives no more rows than are wanted.
        """
        firsts = [self._sorted_kind(claims, order, place, backwards=backwards)[:number] for claims in parts]
        if len(firsts) == 1:
            return list(firsts[0])  # it is in order already, and what is cut cannot be sorted again
        return list(together(firsts).order_by(*order.by(F("order_key"), backwards=backwards))[:number])

    def _sorted_kind(self, claims: Any, order: Order, place: Place | None, *, backwards: bool) -> Any:
        """Which claims of one kind there are, in the order of the list of all kinds."""
        added = added_columns(claims.model, figures=self.filterset_class.shows_figures)
        ties = tuple(F("pk") if tie == "claim_pk" else added[tie] for tie in order.ties)
        key = self._key_of_kind(claims.model) if order is self.order else F("pk")
        own = replace(order, key=key, ties=ties)
        if place is None:
            return keys_of(own.sort(claims, backwards=backwards))
        return keys_of(own.beyond(claims, place, backwards=backwards))


class EstimateList(ClaimList):
    """All figures that the viewer may see."""

    title = _("Estimates")
    name = "estimates"
    filterset_class = EstimateFilterSet
    table_class = EstimateTable


def keys_of(claims: Any) -> Any:
    """By what claims of one kind, which have an ``order_key``, are told among those of others."""
    kind = Value(str(claims.model._meta.model_name), output_field=CharField())
    return claims.annotate(claim_type=kind, claim_pk=F("pk")).values("claim_type", "claim_pk", "order_key")


def numbers_by_kind(keys: Iterable[dict[str, Any]]) -> dict[type[Claim], list[int]]:
    """The primary keys of claims that are told by their ``keys``, of each kind."""
    numbers: dict[type[Claim], list[int]] = defaultdict(list)
    for key in keys:
        numbers[KINDS[key["claim_type"]]].append(key["claim_pk"])
    return numbers
