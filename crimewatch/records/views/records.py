"""Lists of one kind of record, with what their columns show beside the record itself."""

from collections.abc import Collection, Iterable, Mapping
from functools import partial
from typing import Any, ClassVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection, models
from django.db.models import F, OuterRef, Prefetch, Subquery
from django.utils.functional import cached_property
from django.utils.text import capfirst

from crimewatch.records.copies import Copy, copied
from crimewatch.records.mentions import NumberOf, numbers_of_claims
from crimewatch.records.models import Record
from crimewatch.records.paging import Order
from crimewatch.records.querysets import sees_drafts
from crimewatch.records.sorting import of_column
from crimewatch.records.tables import RecordColumn, RecordsColumn, RecordTable
from crimewatch.records.workflow import may_change

from .lists import ListView

#: The claims of so many records are looked up record by record; for more, all claims are read once.
FEW_RECORDS = 200


class RecordListView(ListView):
    """The list of one kind of record. A concrete one names its model, filters and table."""

    model: ClassVar[type[Record]]
    table_class: ClassVar[type[RecordTable]]

    @property
    def title(self) -> str:
        return capfirst(str(self.model._meta.verbose_name_plural))

    @property
    def name(self) -> str:  # type: ignore[override]
        return str(self.model._meta.model_name)

    def sees_drafts(self) -> bool:
        return sees_drafts(self.request.user, self.model)

    def get_queryset(self) -> Any:
        return self.model.objects.visible_to(self.viewer)

    def get_context_data(self) -> dict[str, Any]:
        return {
            **super().get_context_data(),
            "export_model": self.model._meta.label_lower,
            "export_filters": self.given_filters(),
        }

    def chosen_from(self) -> dict[str, str]:
        if not self.request.user.is_authenticated:
            return {}
        return {"list": "site", "model": self.model._meta.label_lower, "filters": self.given_filters()}

    def may_edit(self) -> bool:
        return bool(self.request.user.is_staff) and may_change(self.request.user, self.model)

    def choice_of(self, row: Any) -> str:
        return f"{self.model._meta.model_name}:{row.pk}"

    @cached_property
    def order(self) -> Order | None:
        name, descends = self.chosen_options.sorted_by, self.chosen_options.descends
        if name and name != "name":
            return Order(self._sort_key(name), descends=descends, may_be_empty=name not in ("slug", "claims"))
        if not name and "q" in self._given():
            return None
        return Order(F("name_key"), descends=descends, may_be_empty=False)

    def are_found_at_once(self) -> bool:
        # Rows by likeness are all looked at before there is a first; names have an index, so that what takes long is to
        # tell which rows fit.
        is_usual = not self.chosen_options.sort and self.makes_sense_so_far
        return is_usual and (self.order is None or self.filterset.is_laborious)

    def is_sorted_laboriously(self) -> bool:
        name = self.chosen_options.sorted_by
        return name == "claims" or isinstance(self.columns.get(name), RecordColumn)

    @cached_property
    def estimate(self) -> int | None:
        """As many as the database has noted for its own planning: of no use to those who may not see all of them."""
        if not self.sees_drafts() or self.is_filtered:
            return None
        return estimated_rows([self.model])

    def copy(self) -> Copy | None:
        columns, table = self.chosen_options.columns, self.table([])
        texts = {name: table.sql_of(name, f'row."cell_{name}"') for name in columns}
        values = {f"cell_{name}": self._value(name) for name in columns}
        return copied(texts, self.in_order(self.rows).values("pk", **values))

    def _value(self, name: str) -> Any:
        """What a column shows, as an expression."""
        column = self.columns[name]
        if name == "claims":
            return self._number_of_claims()
        if isinstance(column, RecordColumn):
            return self._of_visible(name, "name")
        if isinstance(column, RecordsColumn):
            field: Any = self.model._meta.get_field(name)
            visible = field.related_model.objects.visible_to(self.viewer)
            return ArraySubquery(visible.filter(**{field.related_query_name(): OuterRef("pk")}).values("name"))
        return F(column.accessor or name)

    def dressed(self, rows: Any, keys: Collection[int] | None = None) -> Any:
        chosen = self.chosen_options.columns
        if "claims" in chosen:
            rows = rows.annotate(claims=self._number_of_claims(keys))
        linked = [name for name in chosen if isinstance(self.columns[name], RecordColumn | RecordsColumn)]
        return rows.prefetch_related(*map(self._visible, linked)).defer(*set(self.model.heavy_fields) - set(chosen))

    def _visible(self, name: str) -> Prefetch:
        """What a column links to; a record that the viewer may not see is not there."""
        related: Any = self.model._meta.get_field(name).related_model
        return Prefetch(name, related.objects.visible_to(self.viewer).defer(*related.heavy_fields))

    def _sort_key(self, name: str) -> Any:
        column = self.columns[name]
        if name == "claims":
            return self._number_of_claims()
        if isinstance(column, RecordColumn):
            return self._of_visible(name, "name_key")
        return of_column(self.model._meta.get_field(column.order_by[0] if column.order_by else name))

    def _of_visible(self, name: str, field: str) -> Any:
        """A field of the record that ``name`` links to: none where the viewer may not see that record."""
        related: Any = self.model._meta.get_field(name).related_model
        visible = related.objects.visible_to(self.viewer).order_by().filter(pk=OuterRef(f"{name}_id"))
        return Subquery(visible.values(field)[:1])

    def _number_of_claims(self, keys: Collection[int] | None = None) -> NumberOf:
        """How many claims that the viewer may see name the record, which is any of the list or one of the ``keys``."""
        if keys is None or "_numbers_of_claims" in vars(self):  # known already, where the list is sorted by them
            return NumberOf(self._numbers_of_claims)
        return NumberOf(self._numbers_of(keys))

    @cached_property
    def _numbers_of_claims(self) -> Mapping[int, int]:
        """How many claims name each record of the list."""
        if self.count <= FEW_RECORDS:
            return self._numbers_of(list(self.rows.order_by().values_list("pk", flat=True)))
        find = partial(numbers_of_claims, self.model, self.viewer)
        return self.answers.to(("all numbers of claims", self.model), find)

    def _numbers_of(self, keys: Collection[int]) -> Mapping[int, int]:
        find = partial(numbers_of_claims, self.model, self.viewer)
        return self.answers.numbers(("numbers of claims", self.model), keys, find)


def estimated_rows(tables: Iterable[type[models.Model]]) -> int | None:
    """About how many rows some tables have together, as PostgreSQL noted when it last looked; None before that."""
    names = [model._meta.db_table for model in tables]
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(reltuples), sum(reltuples) FROM pg_class WHERE oid = ANY(%s::regclass[])", [names])
        fewest, total = cursor.fetchone()
    return None if fewest is None or fewest < 0 else int(total)
