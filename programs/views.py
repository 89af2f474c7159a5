"""The lists of agencies and state responses."""

from crimewatch.records.views import RecordListView
from programs.filters import AgencyFilterSet, ProgramFilterSet
from programs.models import Agency, Program
from programs.tables import AgencyTable, ProgramTable


class AgencyList(RecordListView):
    model = Agency
    filterset_class = AgencyFilterSet
    table_class = AgencyTable


class ProgramList(RecordListView):
    model = Program
    filterset_class = ProgramFilterSet
    table_class = ProgramTable
