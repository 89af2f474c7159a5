"""The lists of claims of every kind and of figures."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from crimewatch.explorer.filters import ClaimFilterSet, EstimateFilterSet
from crimewatch.explorer.kinds import together
from crimewatch.explorer.models import AnyClaim
from crimewatch.explorer.pictures.ways import ways
from crimewatch.explorer.querysets import added_columns, rows_of_all
from crimewatch.explorer.tables import KINDS, ClaimTable, EstimateTable
from crimewatch.records.copies import Copy, copied
from crimewatch.records.paging import Order, Place
from crimewatch.records.querysets import sees_drafts
from crimewatch.records.views import PAGE_SIZE, ListView, estimated_rows
from crimewatch.records.workflow import may_change

#: Columns by which claims can be sorted and that some do not have.
MAY_BE_EMPTY = ("period", "low", "best", "high")

#: What tells claims of one key apart: a number of their kind, and the kind.
TIES = ("claim_pk", "claim_type")


class ClaimList(ListView):
    """All claims that the viewer may see; the newest come first."""

    title = _("Claims")
    name = "claims"
    filterset_class = ClaimFilterSet
    table_class = ClaimTable

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
    def order(self) -> Order:
        if not self.chosen_options.sort:
            return Order(F("created_at"), TIES, descends=True, may_be_empty=False)
        column = self.columns[self.chosen_options.sorted_by]
        name = column.order_by[0] if column.order_by else self.chosen_options.sorted_by
        return Order(F(name), TIES, descends=self.chosen_options.descends, may_be_empty=name in MAY_BE_EMPTY)

    def in_order(self, rows: Any) -> Any:
        return rows.order_by(*self.order.by(self.order.key)) if self.parts else rows

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
        if self.chosen_options.problems or not self.filterset.makes_sense():
            return []
        return self.filterset.parts(self.filterset.given, few=True)

    @cached_property
    def count(self) -> int:
        if not self.parts:
            return 0
        counted = self.parts if self.filterset.is_laborious else self.filterset.parts(self.filterset.given)
        return int(together(claims.values("pk") for claims in counted)[: self.most_counted + 1].count())

    def rows_from(self, start: int) -> list[dict[str, Any]]:
        return self._in_full(start, lambda claims, order: order.sort(claims))

    def rows_beyond(self, place: Place, *, backwards: bool = False) -> list[dict[str, Any]]:
        def beyond(claims: Any, order: Order) -> Any:
            return order.beyond(claims, place, backwards=backwards)

        return self._in_full(0, beyond, backwards=backwards)

    def _in_full(
        self, start: int, sort: Callable[[Any, Order], Any], *, backwards: bool = False
    ) -> list[dict[str, Any]]:
        """A page of claims and one more: which they are, and then all that is shown of them.

        Each kind is sorted by its own indexes and gives no more rows than a page holds.
        """
        stop = start + PAGE_SIZE + 1
        firsts = [self._keys(claims, sort)[:stop] for claims in self.parts]
        # One kind alone is in order already, and what is cut cannot be sorted again.
        ordered = (
            together(firsts).order_by(*self.order.by(F("order_key"), backwards=backwards))
            if len(firsts) > 1
            else firsts[0]
        )
        keys = list(ordered[start:stop])
        numbers: dict[str, list[int]] = defaultdict(list)
        for key in keys:
            numbers[key["claim_type"]].append(key["claim_pk"])
        named = [model.objects.filter(pk__in=numbers[kind]) for kind, model in KINDS.items() if kind in numbers]
        found = rows_of_all(named, figures=self.filterset_class.shows_figures)
        rows = {(row["claim_type"], row["claim_pk"]): row for row in found}
        return [{**rows[key["claim_type"], key["claim_pk"]], "order_key": key["order_key"]} for key in keys]

    def _keys(self, claims: Any, sort: Callable[[Any, Order], Any]) -> Any:
        """Which claims of one kind there are, in the order of the list of all kinds."""
        added = added_columns(claims.model, figures=self.filterset_class.shows_figures)
        key = added.get(self.order.key.name, self.order.key)
        rows = sort(claims, replace(self.order, key=key, ties=("pk", added["claim_type"])))
        return rows.annotate(claim_type=added["claim_type"], claim_pk=F("pk")).values(
            "claim_type", "claim_pk", "order_key"
        )


class EstimateList(ClaimList):
    """All figures that the viewer may see."""

    title = _("Estimates")
    name = "estimates"
    filterset_class = EstimateFilterSet
    table_class = EstimateTable
