"""Dates that say too little, names that are spelled in two ways, and records that nobody has looked at for long."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.postgres.fields import DateRangeField
from django.db.models import BooleanField, Count, F, Func, GeneratedField, Q, TextField, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crimewatch.citations.models import Indicator, Source
from crimewatch.records import readable
from crimewatch.records.models import Status
from crimewatch.records.search import Fold
from regions.models import Region

from .base import Check, claim_models, claims_naming, record_models, united, worked_on

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer

#: How many days a month has, more or less.
MONTH = timedelta(days=30.44)


class IsWide(Func):
    """Whether a range of days is longer than a decade; an open one is not."""

    template = "upper(%(expressions)s) > lower(%(expressions)s) + interval '10 years'"
    output_field = BooleanField()


class WideDates(Check):
    name = "wide-dates"
    title = _("Dates that may be anywhere within more than ten years")
    sentence = _("19XX or 1990/2005 tells little: look for a closer date. What goes on to this day is not meant.")

    def models(self) -> list[Any]:
        return [*record_models_with_dates(), *claim_models()]

    def found(self, model: Any, user: "Viewer") -> Any:
        wide = Q()
        for field in periods_of(model):
            wide |= Q(IsWide(F(field.name)))
        return worked_on(model, user).filter(wide)

    def detail(self, row: Any) -> str:
        dates = []
        for field in periods_of(type(row)):
            written = written_date(field)
            if text := getattr(row, written.name):
                dates.append(f"{capfirst(str(written.verbose_name))}: {readable.period(text)}")
        return " · ".join(dates)


def periods_of(model: Any) -> list[Any]:
    """The columns of ``model`` with the days that a date may cover."""
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, GeneratedField) and isinstance(field.output_field, DateRangeField)
    ]


def written_date(period: Any) -> Any:
    """The date as it was typed from which the database derives a ``period``."""
    (source,) = period.expression.get_source_expressions()
    return period.model._meta.get_field(source.name)


def record_models_with_dates() -> list[Any]:
    return [model for model in record_models() if periods_of(model)]


class Squeezed(Func):
    """Letters and digits alone, without accents and case: the same for all spellings of one name."""

    template = "regexp_replace(%(expressions)s, '[^[:alnum:]]+', '', 'g')"
    output_field = TextField()


class Variants(Check):
    name = "variants"
    title = _("Names that are the same but for their spelling")
    sentence = _(
        "Two records of a kind have one name, accents, case and signs aside; or a source names its publisher, or where "
        "it was published, in a way that fewer sources do: bring them to one spelling, or make one record of two."
    )

    def models(self) -> list[Any]:
        return record_models()

    def found(self, model: Any, user: "Viewer") -> Any:
        rows = worked_on(model, user)
        if model is Source:
            return rows.filter(self._rarer(rows, "publisher") | self._rarer(rows, "container_title"))
        # Many places share a name; not many of one sort that lie in the same place.
        apart = ("kind", "parent") if model is Region else ()
        named = rows.annotate(term=Squeezed(F("name_key")))
        shared = named.exclude(term="").values("term", *apart).annotate(number=Count("pk")).filter(number__gt=1)
        if not apart:
            return named.filter(term__in=shared.values("term"))
        keys = Func(F("kind"), F("parent"), F("term"), template="ROW(%(expressions)s)::text", output_field=TextField())
        return named.annotate(term_key=keys).filter(term_key__in=shared.annotate(term_key=keys).values("term_key"))

    def _rarer(self, rows: Any, name: str) -> Q:
        """The condition that ``name`` is spelled in another way than most rows spell it."""
        spelled = rows.exclude(**{name: ""}).values(name).annotate(number=Count("pk"), term=Squeezed(Fold(F(name))))
        usual = Window(RowNumber(), partition_by=[F("term")], order_by=[F("number").desc(), F(name).asc()])
        return Q(**{f"{name}__in": spelled.annotate(place=usual).filter(place__gt=1).values(name)})

    def detail(self, row: Any) -> str:
        if isinstance(row, Source):
            return " · ".join(filter(None, [row.publisher, row.container_title]))
        return str(row.label())


class NotLookedAt(Check):
    name = "not-looked-at"
    title = _("Published records that nobody has looked at for long")
    dismiss = _("I have looked at it")

    @property
    def sentence(self) -> str:
        return gettext(
            "Neither they nor a claim about them was changed in the last %(months)d months: "
            "see whether they are still right."
        ) % {"months": settings.MONTHS_BETWEEN_LOOKS}

    @property
    def lasts(self) -> timedelta:  # type: ignore[override]
        return int(settings.MONTHS_BETWEEN_LOOKS) * MONTH

    def models(self) -> list[Any]:
        return [model for model in record_models() if model not in (Source, Indicator)]

    def found(self, model: Any, user: "Viewer") -> Any:
        since: datetime = timezone.now() - self.lasts
        old = worked_on(model, user).filter(status=Status.PUBLISHED, updated_at__lt=since)
        fresh = [
            claims.filter(updated_at__gte=since).values(f"{name}_id") for name, claims in claims_naming(model, user)
        ]
        return old.exclude(pk__in=united(fresh))
