"""The lists of regions, activities and routes."""

from crimewatch.records.views import RecordListView
from regions.filters import ActivityFilterSet, RegionFilterSet, RouteFilterSet
from regions.models import IllicitActivity, Region, Route
from regions.tables import ActivityTable, RegionTable, RouteTable


class RegionList(RecordListView):
    model = Region
    filterset_class = RegionFilterSet
    table_class = RegionTable


class ActivityList(RecordListView):
    model = IllicitActivity
    filterset_class = ActivityFilterSet
    table_class = ActivityTable


class RouteList(RecordListView):
    model = Route
    filterset_class = RouteFilterSet
    table_class = RouteTable
