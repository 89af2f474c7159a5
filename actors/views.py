"""The lists of groups and people."""

from actors.filters import GroupFilterSet, PersonFilterSet
from actors.models import Group, Person
from actors.tables import GroupTable, PersonTable
from crimewatch.records.views import RecordListView


class GroupList(RecordListView):
    model = Group
    filterset_class = GroupFilterSet
    table_class = GroupTable


class PersonList(RecordListView):
    model = Person
    filterset_class = PersonFilterSet
    table_class = PersonTable
