"""Lists of records narrowed by the claims that speak about them, and lists of claims."""

from functools import reduce
from typing import Any

import django_filters
from django import forms
from django.contrib.postgres.fields.array import IndexTransform  # type: ignore[attr-defined]
from django.core.exceptions import EmptyResultSet
from django.db import models
from django.db.models import F, Func, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Coalesce, NullIf
from django.utils.translation import gettext_lazy as _

from crimewatch.citations.models import Credibility, Indicator, Reliability, Source, SourceType, Stance, Wording
from crimewatch.records import edtf
from crimewatch.records.filters import (
    LONGEST_TEXT,
    ChoiceFilter,
    ListFilterSet,
    PeriodField,
    RecordFilter,
    RecordFilterSet,
)
from crimewatch.records.querysets import claim_relations
from crimewatch.records.search import Fold

MANY_SOURCES = 1000


class WholeNumberField(forms.IntegerField):
    """How many at least, from 1."""

    def __init__(self, **kwargs: Any) -> None:
        message = _("Write a whole number from 1 to %(most)s, as in 2.") % {"most": MANY_SOURCES}
        wrong = dict.fromkeys(("invalid", "min_value", "max_value"), message)
        super().__init__(min_value=1, max_value=MANY_SOURCES, error_messages=wrong, **kwargs)


class AtLeastFilter(django_filters.Filter):
    """Rows with so many of something, or more."""

    field_class = WholeNumberField


class PeriodFilter(django_filters.Filter):
    """Rows with a date that may lie in a period."""

    field_class = PeriodField

    def filter(self, queryset: Any, value: str) -> Any:
        if not value:
            return queryset
        period = edtf.parse(value)
        return queryset.filter(**{f"{self.field_name}__overlap": (period.earliest, period.after_latest)})


class ClaimCondition(django_filters.Filter):
    """A condition on claims. All that are given must hold of one and the same claim: in the VRAEM *and* in 2017."""

    def filter(self, queryset: Any, _value: Any) -> Any:
        return queryset  # the set puts all conditions to the claims together

    def narrow(self, claims: Any, value: Any) -> Any:
        """The claims that the condition holds of; ``value`` is not empty."""
        return claims.filter(**{self.field_name: value})


class ClaimChoice(ClaimCondition, ChoiceFilter):
    """Claims with one word of a vocabulary, where their kind has it: only legs of routes have a mode."""

    def narrow(self, claims: Any, value: Any) -> Any:
        has_it = any(field.name == self.field_name for field in claims.model._meta.concrete_fields)
        return super().narrow(claims, value) if has_it else claims.none()


class AboutFilter(ClaimCondition, RecordFilter):
    """Claims that name the record, what lies in it or, for a region, what overlaps it."""

    def narrow(self, claims: Any, value: Any) -> Any:
        return claims.about(value)


class DuringFilter(ClaimCondition):
    """Claims whose days may overlap those of a period."""

    field_class = PeriodField

    def narrow(self, claims: Any, value: str) -> Any:
        return claims.during(value)


class SourceFilter(ClaimCondition, RecordFilter):
    """Claims from one source."""

    def narrow(self, claims: Any, value: Any) -> Any:
        return claims.filter(source=value)


class AuthorFilter(ClaimCondition, django_filters.CharFilter):
    """Claims from sources that somebody wrote, by a part of the name, accents and case aside."""

    def narrow(self, claims: Any, value: str) -> Any:
        return claims.filter(source__in=written_by(Source.objects.order_by(), value).values("pk"))


class CredibilityFilter(ClaimChoice):
    """Claims at least as credible as the grade: 2 finds 1 and 2. What cannot be judged (6) is found by 6 alone."""

    def narrow(self, claims: Any, value: str) -> Any:
        return claims.filter(credibility__lte=int(value))


class ConflictFilter(ClaimChoice):
    """Claims in conflict with others."""

    def narrow(self, claims: Any, _value: str) -> Any:
        return claims.in_conflict()


def written_by(sources: Any, name: str) -> Any:
    """The sources with an author whose name contains ``name``, accents and case aside."""
    names = Fold(Func(F("authors"), Value(" · "), function="array_to_string", output_field=models.TextField()))
    return sources.annotate(author_names=names).filter(author_names__contains=Fold(Value(name)))


class ClaimConditions(ListFilterSet):
    """The conditions that can be put to claims of every kind."""

    during = DuringFilter(label=_("during"), help_text=_("EDTF: 2017, 2016-10/.., 1990/1999"))
    source = SourceFilter(Source)
    author = AuthorFilter(label=_("author"), max_length=LONGEST_TEXT)
    wording = ClaimChoice(label=_("wording"), choices=Wording.choices)
    credibility = CredibilityFilter(label=_("credibility at least"), choices=Credibility.choices)
    stance = ClaimChoice(label=_("stance"), choices=Stance.choices)
    conflict = ConflictFilter(label=_("rival claims"), choices=[("yes", _("in conflict"))])

    def has_conditions(self) -> bool:
        return any(True for _condition in self._conditions())

    def narrow(self, claims: Any) -> Any:
        """Those of ``claims`` that all the conditions hold of."""
        return reduce(lambda rows, given: given[0].narrow(rows, given[1]), self._conditions(), claims)

    def _conditions(self) -> list[tuple[Any, Any]]:
        given = ((self.filters[name], value) for name, value in self.form.cleaned_data.items())
        return [(each, value) for each, value in given if isinstance(each, ClaimCondition) and value]


class CitedFilterSet(ClaimConditions, RecordFilterSet):
    """Records by what the claims about them say, counting only claims that the viewer may see."""

    support = ChoiceFilter(
        label=_("support"),
        choices=[("cited", _("cited")), ("supported", _("supported")), ("uncited", _("uncited"))],
        method="by_support",
    )
    sources = AtLeastFilter(label=_("sources at least"), method="by_sources")
    independent = AtLeastFilter(
        label=_("independent sources at least"),
        help_text=_("Articles of one publisher or one author are one."),
        method="by_independent_sources",
    )

    def filter_queryset(self, queryset: Any) -> Any:
        queryset = super().filter_queryset(queryset)
        if not self.has_conditions():
            return queryset
        return queryset.filter(pk__in=self._records(self._claims(queryset.model)))

    def by_support(self, queryset: Any, _name: str, value: str) -> Any:
        claims = self._visible_claims(queryset.model)
        if value == "supported":
            # A source is supported by whatever rests on it, be it a denial of something else.
            claims = [(name, rows if name == "source" else rows.supporting()) for name, rows in claims]
        if value == "uncited":
            return queryset.exclude(pk__in=self._records(claims))
        return queryset.filter(pk__in=self._records(claims))

    def by_sources(self, queryset: Any, _name: str, value: int) -> Any:
        return queryset.filter(pk__in=self._counted("count(DISTINCT source) >= %s", [value], queryset.model))

    def by_independent_sources(self, queryset: Any, _name: str, value: int) -> Any:
        enough = "count(DISTINCT publisher) >= %s AND count(DISTINCT author) >= %s"
        return queryset.filter(pk__in=self._counted(enough, [value, value], queryset.model))

    def _visible_claims(self, model: type[models.Model]) -> list[tuple[str, Any]]:
        """For each way in which claims name records of ``model``: the foreign key, and those claims."""
        return [
            (
                relation.field.name,
                relation.related_model.objects.visible_to(self.request.user)
                .filter(**{f"{relation.field.name}__isnull": False})
                .order_by(),
            )
            for relation in claim_relations(model)
        ]

    def _claims(self, model: type[models.Model]) -> list[tuple[str, Any]]:
        return [(name, self.narrow(rows)) for name, rows in self._visible_claims(model)]

    def _records(self, claims: list[tuple[str, Any]]) -> Any:
        """The ids of the records that ``claims`` are about, each kind of claim by its own indexes."""
        first, *others = (rows.values_list(f"{name}_id") for name, rows in claims)
        return first.union(*others)

    def _counted(self, condition: str, values: list[int], model: type[models.Model]) -> Any:
        """The ids of the records whose claims, all conditions considered, have sources of which ``condition`` holds."""
        key = Cast("source__slug", models.TextField())
        nothing = Value("", output_field=models.TextField())
        publisher = Coalesce(NullIf(Fold("source__publisher"), nothing), key)
        author = Coalesce(Fold(IndexTransform(1, models.TextField(), F("source__authors"))), key)
        first, *others = (
            rows.values_list(f"{name}_id", "source_id", publisher, author) for name, rows in self._claims(model)
        )
        try:
            sql, parameters = first.union(*others, all=True).query.sql_with_params()
        except EmptyResultSet:
            return []
        return RawSQL(  # noqa: S611 - the SQL is Django's own; values are parameters
            f"SELECT record FROM ({sql}) AS mention (record, source, publisher, author) GROUP BY record"
            f" HAVING {condition}",
            [*parameters, *values],
        )


class SourceFilterSet(CitedFilterSet):
    """Sources by type, author, date of issue and by what rests on them."""

    source = None  # type: ignore[assignment]  # how django-filter is told to leave out a filter
    sources = None  # type: ignore[assignment]
    independent = None  # type: ignore[assignment]
    author = django_filters.CharFilter(label=_("author"), max_length=LONGEST_TEXT, method="by_author")
    kind = ChoiceFilter("source_type", label=_("type"), choices=SourceType.choices)
    reliability = ChoiceFilter(label=_("reliability"), choices=Reliability.choices)
    publisher = django_filters.CharFilter(label=_("publisher"), max_length=LONGEST_TEXT, method="by_publisher")
    issued = PeriodFilter("issued_period", label=_("issued"), help_text=_("EDTF: 2017, 2016-10/.."))

    class Meta:
        model = Source
        fields: list[str] = []

    def by_author(self, queryset: Any, _name: str, value: str) -> Any:
        return written_by(queryset, value)

    def by_publisher(self, queryset: Any, _name: str, value: str) -> Any:
        return queryset.annotate(publisher_key=Fold("publisher")).filter(publisher_key__contains=Fold(Value(value)))


class IndicatorFilterSet(CitedFilterSet):
    """Indicators by unit and by the figures given for them."""

    unit = django_filters.CharFilter(label=_("unit"), lookup_expr="iexact", max_length=40)

    class Meta:
        model = Indicator
        fields: list[str] = []
