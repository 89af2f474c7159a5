"""The lists of claims of every kind and of figures."""

from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from crimewatch.explorer.filters import ClaimFilterSet, EstimateFilterSet
from crimewatch.explorer.models import AnyClaim
from crimewatch.explorer.pictures.ways import ways
from crimewatch.explorer.tables import ClaimTable, EstimateTable
from crimewatch.records.querysets import sees_drafts
from crimewatch.records.views import ListView


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

    def ordered(self, rows: Any) -> Any:
        if not self.chosen_options.sort:
            return rows.order_by("-created_at", "uid")
        column = self.columns[self.chosen_options.sorted_by]
        name = column.order_by[0] if column.order_by else self.chosen_options.sorted_by
        key = (
            F(name).desc(nulls_last=True) if self.chosen_options.sort.startswith("-") else F(name).asc(nulls_last=True)
        )
        return rows.order_by(key, "uid")


class EstimateList(ClaimList):
    """All figures that the viewer may see."""

    title = _("Estimates")
    name = "estimates"
    filterset_class = EstimateFilterSet
    table_class = EstimateTable
