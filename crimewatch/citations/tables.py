"""Lists of sources and indicators."""

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from crimewatch.citations.models import Indicator, Source
from crimewatch.records.tables import ListColumn, RecordTable


class SourceTable(RecordTable):
    """Documents, by what a reader looks for in a bibliography."""

    kind = tables.Column(_("type"), accessor="source_type", order_by="source_type")
    authors = ListColumn(verbose_name=_("authors"), order_by="authors")
    container_title = tables.Column(_("published in"))
    publisher = tables.Column(_("publisher"))
    issued = tables.Column(_("issued"), order_by="issued_period")
    language = tables.Column(_("language"))
    reliability = tables.Column(_("reliability"))
    doi = tables.Column("DOI")
    url = tables.Column(_("address"))

    shown = ("name", "authors", "publisher", "issued", "kind", "claims", "status")

    class Meta(RecordTable.Meta):
        model = Source
        fields: tuple[str, ...] = ()


class IndicatorTable(RecordTable):
    """What figures measure."""

    unit = tables.Column(_("unit"))
    definition = tables.Column(_("definition"), orderable=False)

    shown = ("name", "unit", "definition", "claims", "status")

    class Meta(RecordTable.Meta):
        model = Indicator
        fields: tuple[str, ...] = ()
