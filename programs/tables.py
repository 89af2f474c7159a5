"""Lists of agencies and state responses."""

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from crimewatch.records.tables import RecordColumn, RecordsColumn, RecordTable
from programs.models import Agency, Program


class AgencyTable(RecordTable):
    """Agencies with what they are part of."""

    kind = tables.Column(_("kind"))
    parent = RecordColumn(verbose_name=_("part of"))
    country = RecordColumn(verbose_name=_("country"))

    shown = ("name", "kind", "parent", "country", "claims", "status")

    class Meta(RecordTable.Meta):
        model = Agency
        fields: tuple[str, ...] = ()


class ProgramTable(RecordTable):
    """State responses with who runs them and how far they have come."""

    kind = tables.Column(_("kind"))
    phase = tables.Column(_("phase"))
    resilience_area = tables.Column(_("strengthens"))
    lead_agencies = RecordsColumn(verbose_name=_("lead agencies"))
    partner_agencies = RecordsColumn(verbose_name=_("partner agencies"))

    shown = ("name", "kind", "phase", "lead_agencies", "claims", "status")

    class Meta(RecordTable.Meta):
        model = Program
        fields: tuple[str, ...] = ()
