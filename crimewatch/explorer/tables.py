"""Lists of claims of every kind, and of figures."""

from typing import Any, ClassVar

import django_tables2 as tables
from django.apps import apps
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from crimewatch.citations.models import ClaimStatus, Credibility, LocatorType, Source, Stance, Wording
from crimewatch.explorer.filters import CLAIMS
from crimewatch.records import copies, readable
from crimewatch.records.copies import SaidInSQL
from crimewatch.records.tables import DayColumn, ListTable, NumberColumn

KINDS = {str(model._meta.model_name): model for model in CLAIMS}


class WordColumn(SaidInSQL, tables.Column):
    """A word of a vocabulary, as people read it."""

    def __init__(self, choices: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.words = dict(choices)

    def render(self, value: Any) -> str:
        return str(self.words.get(value, value))

    def sql(self, value: str) -> str:
        return copies.in_words(value, self.words)


class AddressColumn(tables.Column):
    """Words that lead to the address of their row, which stands in the row by the name ``address``."""

    def __init__(self, *args: Any, address: str = "address", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.address = address

    def render(self, value: Any, record: dict[str, Any]) -> str:
        return format_html('<a href="{}">{}</a>', record[self.address], value) if record[self.address] else str(value)

    def value(self, value: Any) -> Any:
        return value


def as_it_stands(_table: ListTable, value: str) -> str:
    return value


class AnyClaimTable(ListTable):
    """The columns of claims of all kinds; their rows are dictionaries."""

    subject = tables.Column(_("about"), accessor="subject_name", order_by="subject_key")
    kind = tables.Column(_("kind of claim"), accessor="claim_type", order_by="claim_type")
    when = tables.Column(_("when"), order_by="period")
    source = tables.Column(_("source"), accessor="source_name", order_by="source_key")
    locator = tables.Column(_("at"))
    wording = WordColumn(Wording.choices, verbose_name=_("wording"))
    attributed_to = tables.Column(_("attributed to"))
    credibility = WordColumn(Credibility.choices, verbose_name=_("credibility"))
    stance = WordColumn(Stance.choices, verbose_name=_("stance"))
    status = WordColumn(ClaimStatus.choices, verbose_name=_("status"))
    quotation = tables.Column(_("quotation"))
    note = tables.Column(_("note"))
    subject_slug = tables.Column(_("key"))
    source_slug = tables.Column(_("key of the source"))
    uid = tables.Column("uid")
    created_at = DayColumn(verbose_name=_("created"))

    for_staff = frozenset()

    class Meta(ListTable.Meta):
        pass

    def render_subject(self, value: str, record: dict[str, Any]) -> str:
        subject = apps.get_model(record["subject_type"])(pk=record["subject_pk"], slug=record["subject_slug"])
        return format_html('<a href="{}#claim-{}">{}</a>', subject.get_absolute_url(), record["uid"], value)

    def value_subject(self, value: str) -> str:
        return value

    sql_subject = as_it_stands

    def render_kind(self, value: str) -> str:
        return capfirst(str(KINDS[value]._meta.verbose_name))

    def sql_kind(self, value: str) -> str:
        return copies.in_words(value, {kind: self.render_kind(kind) for kind in KINDS})

    def render_source(self, value: str, record: dict[str, Any]) -> str:
        source = Source(pk=record["source_pk"], slug=record["source_slug"])
        return format_html('<a href="{}">{}</a>', source.get_absolute_url(), value)

    def value_source(self, value: str) -> str:
        return value

    sql_source = as_it_stands

    def render_when(self, value: str) -> str:
        return readable.period(value)

    def value_when(self, value: str) -> str:
        return value

    sql_when = as_it_stands

    def render_locator(self, value: str, record: dict[str, Any]) -> str:
        return f"{LocatorType(record['locator_type']).label} {value}"

    def sql_locator(self, value: str) -> str:
        kind = copies.in_words("row.locator_type", dict(LocatorType.choices))
        return f"CASE WHEN {value} <> '' THEN {kind} || ' ' || {value} END"


class ClaimTable(AnyClaimTable):
    """Claims with what they say in short."""

    says = tables.Column(_("says"))

    shown = ("subject", "kind", "says", "when", "source", "locator", "wording", "credibility")

    class Meta(AnyClaimTable.Meta):
        sequence = ("subject", "kind", "says", "...")


class EstimateTable(AnyClaimTable):
    """Figures: lowest, best and highest value side by side."""

    indicator = tables.Column(_("indicator"), accessor="indicator_name", order_by="indicator_key")
    low = NumberColumn(verbose_name=_("low"))
    best = NumberColumn(verbose_name=_("best"))
    high = NumberColumn(verbose_name=_("high"))
    unit = tables.Column(_("unit"))
    basis = tables.Column(_("basis"))
    cut_off = tables.Column(_("cut-off"))
    is_derived = tables.BooleanColumn(verbose_name=_("derived"))
    is_series_break = tables.BooleanColumn(verbose_name=_("series breaks here"))
    source_words = tables.Column(_("source's words"))

    shown: ClassVar[tuple[str, ...]] = (
        *("subject", "indicator", "low", "best", "high", "unit", "when"),
        *("source", "attributed_to", "wording", "credibility"),
    )

    class Meta(AnyClaimTable.Meta):
        sequence = ("subject", "indicator", "low", "best", "high", "unit", "...")
