"""The map as a table."""

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from crimewatch.explorer.tables import AddressColumn
from crimewatch.records.tables import ListTable, NumberColumn


class MapTable(ListTable):
    """Regions and legs with the claims that tell of them."""

    name = AddressColumn(_("region or leg"), order_by="name_key")
    kind = tables.Column(_("kind"))
    within = tables.Column(_("in"))
    claims = NumberColumn(verbose_name=_("claims"))
    own = NumberColumn(verbose_name=_("about it itself"))
    trend = tables.Column(_("trend"))
    intensity = tables.Column(_("intensity"))
    shown_as = tables.Column(_("on the map"))
    latitude = NumberColumn(verbose_name=_("latitude"))
    longitude = NumberColumn(verbose_name=_("longitude"))
    precision = tables.Column(_("precision of the point"))
    slug = tables.Column(_("key"))

    shown = ("name", "kind", "within", "claims", "own", "trend", "intensity", "shown_as")
    for_staff = frozenset()
