"""Lists of regions, activities and routes."""

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from crimewatch.records.tables import NumberColumn, RecordColumn, RecordTable
from regions.models import IllicitActivity, Region, Route


class RegionTable(RecordTable):
    """Places with what they lie in and their codes."""

    kind = tables.Column(_("kind"))
    parent = RecordColumn(verbose_name=_("lies in"))
    iso_3166 = tables.Column("ISO 3166")
    ubigeo = tables.Column("UBIGEO")
    geonames_id = NumberColumn(verbose_name="GeoNames")
    wikidata_id = tables.Column("Wikidata")
    latitude = NumberColumn(verbose_name=_("latitude"))
    longitude = NumberColumn(verbose_name=_("longitude"))
    precision = tables.Column(_("precision of the point"))

    shown = ("name", "kind", "parent", "claims", "status")

    class Meta(RecordTable.Meta):
        model = Region
        fields: tuple[str, ...] = ()


class ActivityTable(RecordTable):
    """Illicit activities with their markets."""

    parent = RecordColumn(verbose_name=_("belongs to"))
    market = tables.Column(_("market"))
    stage = tables.Column(_("stage"))
    iccs = tables.Column("ICCS")

    shown = ("name", "parent", "market", "stage", "claims", "status")

    class Meta(RecordTable.Meta):
        model = IllicitActivity
        fields: tuple[str, ...] = ()


class RouteTable(RecordTable):
    """Routes with what is moved along them."""

    commodity = tables.Column(_("commodity"))
    activity = RecordColumn(verbose_name=_("illicit activity"))

    shown = ("name", "commodity", "activity", "claims", "status")

    class Meta(RecordTable.Meta):
        model = Route
        fields: tuple[str, ...] = ()
