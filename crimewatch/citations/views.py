"""The lists of sources and indicators."""

from typing import ClassVar

from django.http.response import HttpResponseBase

from crimewatch.citations.bibliography import BIBLIOGRAPHIES, bibliography, item_of
from crimewatch.citations.filters import IndicatorFilterSet, SourceFilterSet
from crimewatch.citations.models import Indicator, Source
from crimewatch.citations.tables import IndicatorTable, SourceTable
from crimewatch.records.downloads import FORMATS
from crimewatch.records.views import RecordListView


class SourceList(RecordListView):
    model = Source
    filterset_class = SourceFilterSet
    table_class = SourceTable
    formats: ClassVar[dict[str, str]] = {**FORMATS, **BIBLIOGRAPHIES}

    def file(self) -> HttpResponseBase:
        form = self.chosen_options.format
        if form not in BIBLIOGRAPHIES:
            return super().file()
        sources = self.in_order(self.rows).defer(*Source.heavy_fields)
        return bibliography(form, self.name, map(item_of, self.read(sources)))


class IndicatorList(RecordListView):
    model = Indicator
    filterset_class = IndicatorFilterSet
    table_class = IndicatorTable
