"""The ties of a network as a table."""

from typing import Any

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crimewatch.records.tables import ListTable, NumberColumn


class NodeColumn(tables.Column):
    """A record, leading to its page, and behind it the way to what lies around it."""

    def render(self, value: str, record: dict[str, Any]) -> str:
        end = self.accessor
        return format_html(
            '<a href="{}">{}</a> <a class="around" href="{}" title="{}" aria-label="{}">⊙</a>',
            record[f"{end}_address"],
            value,
            record[f"{end}_around"],
            gettext("What is around it"),
            gettext("What is around %(name)s") % {"name": value},
        )

    def value(self, value: str) -> str:
        return value


class NetworkTable(ListTable):
    """The ties between records, each with what it rests on."""

    origin = NodeColumn(_("from"), accessor="origin", order_by="origin_key")
    relation = tables.Column(_("relation"))
    target = NodeColumn(_("to"), accessor="target", order_by="target_key")
    claims = NumberColumn(verbose_name=_("claims"))
    disputing = NumberColumn(verbose_name=_("of them disputing"))
    independent = NumberColumn(verbose_name=_("independent sources"))
    source = tables.Column(_("sources"), attrs={"td": {"class": "wide"}})
    wording = tables.Column(_("wording"))
    when = tables.Column(_("when"))
    marks = tables.Column(_("disputed or past"))
    converse = tables.Column(_("the other way round"))
    kind = tables.Column(_("kind of claim"))
    origin_kind = tables.Column(_("kind of the first"))
    target_kind = tables.Column(_("kind of the second"))
    origin_slug = tables.Column(_("key of the first"))
    target_slug = tables.Column(_("key of the second"))

    shown = ("origin", "relation", "target", "claims", "independent", "source", "wording", "when", "marks")
    for_staff = frozenset()
