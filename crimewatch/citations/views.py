"""The lists of sources and indicators."""

from crimewatch.citations.filters import IndicatorFilterSet, SourceFilterSet
from crimewatch.citations.models import Indicator, Source
from crimewatch.citations.tables import IndicatorTable, SourceTable
from crimewatch.records.views import RecordListView


class SourceList(RecordListView):
    model = Source
    filterset_class = SourceFilterSet
    table_class = SourceTable


class IndicatorList(RecordListView):
    model = Indicator
    filterset_class = IndicatorFilterSet
    table_class = IndicatorTable
