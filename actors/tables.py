"""Lists of groups and people."""

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from actors.models import Group, Person
from crimewatch.records.tables import RecordColumn, RecordTable


class GroupTable(RecordTable):
    """Groups with their kind and state."""

    kind = tables.Column(_("kind"))
    state = tables.Column(_("state"))
    is_collective = tables.BooleanColumn(verbose_name=_("collective"))
    founded = tables.Column(_("founded"), order_by="founded_period")
    dissolved = tables.Column(_("dissolved"), order_by="dissolved_period")

    shown = ("name", "kind", "state", "founded", "claims", "status")

    class Meta(RecordTable.Meta):
        model = Group
        fields: tuple[str, ...] = ()


class PersonTable(RecordTable):
    """People with their dates."""

    nationality = RecordColumn(verbose_name=_("nationality"))
    born = tables.Column(_("born"), order_by="born_period")
    died = tables.Column(_("died"), order_by="died_period")

    shown = ("name", "nationality", "born", "died", "claims", "status")

    class Meta(RecordTable.Meta):
        model = Person
        fields: tuple[str, ...] = ()
