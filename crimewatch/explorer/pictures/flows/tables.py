"""Flows as a table."""

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from crimewatch.explorer.tables import AddressColumn
from crimewatch.records.tables import ListTable, NumberColumn


class FlowTable(ListTable):
    """Flows from one place to another, each with what it rests on."""

    commodity = tables.Column(_("commodity"))
    origin = AddressColumn(_("from"), address="origin_address", order_by="origin_key")
    destination = AddressColumn(_("to"), address="destination_address", order_by="destination_key")
    claims = NumberColumn(verbose_name=_("claims"))
    routes = NumberColumn(verbose_name=_("routes"))
    route = AddressColumn(_("which routes"), address="route_address")
    mode = tables.Column(_("travelled by"))
    independent = NumberColumn(verbose_name=_("independent sources"))
    source = tables.Column(_("sources"), attrs={"td": {"class": "wide"}})
    wording = tables.Column(_("wording"))
    when = tables.Column(_("when"))
    marks = tables.Column(_("remarks"))
    origin_slug = tables.Column(_("key of the first"))
    destination_slug = tables.Column(_("key of the second"))

    shown = ("commodity", "origin", "destination", "claims", "routes", "route", "mode", "source", "when", "marks")
    for_staff = frozenset()
