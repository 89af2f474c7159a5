"""Lists of records narrowed by the claims that speak about them, and lists of claims."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import reduce
from operator import and_, or_
from typing import Any

import django_filters
from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import Case, F, Func, OuterRef, Q, Subquery, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Coalesce
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from crimewatch.citations.independence import numbers_of_independent
from crimewatch.citations.models import (
    ClaimStatus,
    Credibility,
    Indicator,
    Reliability,
    Source,
    SourceType,
    Stance,
    Wording,
)
from crimewatch.citations.querysets import mentioned_record_fields, names_of
from crimewatch.collections.filters import CollectionFilter, TagFilter
from crimewatch.records.facets import Tally, key_in, keys_of
from crimewatch.records.filter_fields import NOTHING, Asked, PeriodField, WholeNumberField
from crimewatch.records.filters import (
    NOTHING_FITS,
    AskedFilter,
    ChoiceFilter,
    HoldingFilter,
    ListFilterSet,
    PeriodFilter,
    RecordFilter,
    RecordFilterSet,
    TextFilter,
    during,
)
from crimewatch.records.querysets import IsAmong, claim_relations, together
from crimewatch.records.search import Fold

MANY_SOURCES = 1000

#: Up to so many records are named to the database one by one; where it takes long to find out which they are, more.
MANY_RECORDS = 1000
MANY_FOUND = 20_000

#: So many claims that meet what is asked for are looked up before each record is asked whether it has one.
SOME_CLAIMS = 100

#: Of how many claims the choices in lists of records are counted.
MOST_CLAIMS = 3_000


class AtLeastFilter(django_filters.Filter):
    """Rows with so many of something or more; with ``!``, with fewer."""

    field_class = WholeNumberField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, most=MANY_SOURCES, **kwargs)


class ClaimCondition(AskedFilter):
    """A condition on claims. All that are given must hold of one and the same claim: in the VRAEM *and* in 2017.

    A record of which none is to be found, ``!``, is left out whatever else its claims say.
    """

    #: Whether few claims meet it, which the database finds by an index, so that they are looked up and not each record.
    is_rare = False

    def filter(self, queryset: Any, _asked: Asked | None) -> Any:
        return queryset  # the set puts all conditions to the claims together

    def narrow(self, claims: Any, asked: Asked, *, few: bool = False) -> Any:
        """Those of ``claims`` that what is asked for holds of; whether only a ``few`` of them will be looked at."""
        return super().filter(claims, asked)


class ClaimChoice(ClaimCondition, ChoiceFilter):
    """Claims with one word of a vocabulary, where their kind has it: only legs of routes have a mode."""

    def condition(self, model: type[models.Model], value: Any) -> Q:
        return super().condition(model, value) if has_column(model, self.field_name) else NOTHING_FITS


class AboutFilter(ClaimCondition, RecordFilter):
    """Claims that name one of the records, what lies in it or, for a region, what overlaps it."""

    def condition(self, model: type[models.Model], value: Any) -> Q:
        return names_of(model, self.record, None if value is None else self._within(value))

    def _within(self, records: Any) -> Any:
        """The ids of what is meant, asked for once for all kinds of claims; of very many the database keeps count."""
        keys = tuple(record.pk for record in records)
        if keys not in self._known:
            meant = within(self.record, records)
            ids = list(meant.order_by().values_list("pk", flat=True)[: MANY_RECORDS + 1])
            self._known[keys] = ids if len(ids) <= MANY_RECORDS else meant
        return self._known[keys]

    @cached_property
    def _known(self) -> dict[tuple[int, ...], Any]:
        return {}


class DuringFilter(ClaimCondition):
    """Claims whose days may overlap those of a period."""

    field_class = PeriodField

    def condition(self, model: type[models.Model], value: Any) -> Q:
        return during("period", value)


class SourceFilter(ClaimCondition, RecordFilter):
    """Claims from one source or one of several."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(Source, *args, may_be_empty=False, **kwargs)

    def condition(self, model: type[models.Model], value: Any) -> Q:
        return Q(source__in=value)


class AuthorOfSourceFilter(TextFilter):
    """Sources that somebody wrote, by a part of the name, accents and case aside."""

    def condition(self, model: type[models.Model], value: Any) -> Q:
        return Q(pk__in=written_by(value).values("pk"))


class AuthorFilter(ClaimCondition, TextFilter):
    """Claims from sources that somebody wrote, by a part of the name, accents and case aside."""

    def condition(self, model: type[models.Model], value: Any) -> Q:
        return Q(IsAmong("source", self._sources(value)))

    def _sources(self, value: str | None) -> list[int]:
        """The ids of the sources that are meant, asked for once for all kinds of claims."""
        if value not in self._known:
            self._known[value] = list(written_by(value).values_list("pk", flat=True))
        return self._known[value]

    @cached_property
    def _known(self) -> dict[str | None, list[int]]:
        return {}


class AttributedFilter(ClaimCondition, HoldingFilter):
    """Claims that their source attributes to somebody, by a part of the name, accents and case aside."""

    def condition(self, model: type[models.Model], value: Any) -> Q:
        condition = super().condition(model, value)
        # What is attributed is a part of what search looks into, which is folded already and has an index by letters.
        return condition if value is None else Q(search_key__contains=Fold(Value(value))) & condition


class CredibilityFilter(ClaimChoice):
    """Claims at least as credible as the grade: 2 finds 1 and 2. What cannot be judged (6) is found by 6 alone."""

    word_sql = (
        "unnest(CASE WHEN {column}::int = 6 THEN ARRAY[6]"
        " ELSE ARRAY(SELECT generate_series({column}::int, 5)) END)::text"
    )

    def condition(self, model: type[models.Model], value: Any) -> Q:
        condition = NOTHING_FITS
        for grade in map(int, value):
            judged = grade != Credibility.CANNOT_BE_JUDGED
            condition |= Q(credibility__lte=grade) if judged else Q(credibility=grade)
        return condition


class ConflictFilter(ClaimChoice):
    """Claims in conflict with others."""

    is_rare = True

    word_sql = f"CASE WHEN {{column}} = '{ClaimStatus.CONFLICT}' THEN 'yes' END"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("status", choices=[("yes", _("in conflict"))], **kwargs)

    def condition(self, model: type[models.Model], value: Any) -> Q:
        return Q(status=ClaimStatus.CONFLICT)


class RivalFilter(ClaimChoice):
    """Figures that another source contradicts; other kinds of claims have no rivals."""

    is_rare = True
    word_sql = ""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=[("yes", _("with rivals"))], **kwargs)

    def narrow(self, claims: Any, asked: Asked, *, few: bool = False) -> Any:
        if asked.is_inverted:
            return super().narrow(claims, asked)
        return claims.with_rivals(self.parent.request.user, few=few)

    def condition(self, model: type[models.Model], value: Any) -> Q:
        claims: Any = model._default_manager
        return Q(pk__in=claims.with_rivals(self.parent.request.user).order_by().values("pk"))


class SupportFilter(ChoiceFilter):
    """Records by whether claims that the viewer may see speak about them, and hold them up."""

    word_sql = ""

    def __init__(self, **kwargs: Any) -> None:
        words = [("cited", _("cited")), ("supported", _("supported")), ("uncited", _("uncited"))]
        super().__init__(label=_("support"), choices=words, **kwargs)

    def condition(self, model: type[models.Model], value: Any) -> Q:
        claims = self.parent.visible_claims(model, few=True)
        # A source is supported by whatever rests on it, be it a denial of something else.
        supporting = [(name, rows if name == "source" else rows.supporting()) for name, rows in claims]
        cited, supported = (
            reduce(or_, (Q(of_one(name, rows)) for name, rows in ways)) for ways in (claims, supporting)
        )
        found = {"cited": cited, "supported": supported, "uncited": ~cited}
        condition = NOTHING_FITS
        for word in value:
            condition |= found[word]
        return condition


def has_column(model: type[models.Model], name: str) -> bool:
    return any(field.name == name for field in model._meta.concrete_fields)


def within(kind: type[models.Model], records: Iterable[models.Model]) -> Any:
    """The ``records``, which are of one ``kind``, and what lies in them."""
    objects: Any = kind._default_manager
    return objects.within(*records)


def written_by(name: str | None) -> Any:
    """The sources with an author whose name contains ``name``, accents and case aside; with any, where that is None."""
    sources = Source.objects.order_by()
    if name is None:
        return sources.exclude(authors=[])
    names = Fold(Func(F("authors"), Value(" · "), function="array_to_string", output_field=models.TextField()))
    return sources.annotate(author_names=names).filter(author_names__contains=Fold(Value(name)))


def row_by_row(condition: Q) -> Any:
    """``condition`` as one that the database finds out for each row, and looks for in no index."""
    return Case(When(condition, then=Value(value=True)), default=Value(value=False))


def of_one(name: str, claims: Any, condition: Q | None = None) -> Any:
    """The condition that one of ``claims`` names the record by ``name``, looked up for each record by itself.

    The database stops at the first, and at the last record that it wants: of a list's page that takes a moment where
    very many claims would do. It must not see that all records could be looked up together, nor that an index of all
    claims fits the ``condition``: it would think that quicker, and take seconds.
    """
    found = claims.filter(**{name: OuterRef("pk")}).order_by().annotate(is_found=Value(value=True))
    if condition is not None:
        found = found.filter(row_by_row(condition))
    return Coalesce(Subquery(found.values("is_found")[:1]), Value(value=False))


def records_of(claims: list[tuple[str, Any]]) -> Any:
    """The ids of the records that ``claims`` are about, each once, and each kind of claim by its own indexes."""
    first, *others = (rows.values_list(f"{name}_id") for name, rows in claims)
    found = first.union(*others)
    # Where all kinds but one are known to have none, Django leaves that one as it is.
    return found if found.query.combinator else found.distinct()


class TagOfClaimFilter(ClaimCondition, TagFilter):
    """Claims with a tag of their own."""


class CollectionOfClaimFilter(ClaimCondition, CollectionFilter):
    """Claims in a collection, and those that name a record in it."""

    def condition(self, model: type[models.Model], value: Any) -> Q:
        condition = super().condition(model, value)
        for field in mentioned_record_fields(model):
            if field.name != "source":
                members = self.places(value).of(field.related_model).numbers()
                # False, and not unknown, where nothing is named, so that it can be turned round.
                condition |= Q(**{f"{field.name}__isnull": False, f"{field.name}__in": members})
        return condition


class ClaimConditions(ListFilterSet):
    """The conditions that can be put to claims of every kind."""

    during = DuringFilter(label=_("during"), help_text=_("EDTF: 2017, 2016-10/.., 1990/1999"))
    source = SourceFilter()
    author = AuthorFilter(label=_("author"))
    attributed_to = AttributedFilter(label=_("attributed to"))
    wording = ClaimChoice(label=_("wording"), choices=Wording.choices)
    credibility = CredibilityFilter(label=_("credibility at least"), choices=Credibility.choices)
    stance = ClaimChoice(label=_("stance"), choices=Stance.choices)
    conflict = ConflictFilter(label=_("rival claims"))
    rivals = RivalFilter(label=_("rival figures"))

    def has_conditions(self) -> bool:
        return bool(self.conditions(self.given))

    def narrow(self, claims: Any) -> Any:
        """Those of ``claims`` that all the conditions hold of."""
        return self.meeting(claims, self.given)

    def meeting(self, claims: Any, given: Mapping[str, Any], *, few: bool = False) -> Any:
        """Those of ``claims`` that the conditions among what is ``given`` hold of; only a ``few`` will be looked at."""
        for name, asked in self.conditions(given).items():
            claims = self.filters[name].narrow(claims, asked, few=few)
        return claims

    def conditions(self, given: Mapping[str, Any]) -> dict[str, Asked]:
        """The conditions on claims among what is ``given``."""
        return {name: asked for name, asked in given.items() if isinstance(self.filters[name], ClaimCondition)}


class CitedFilterSet(ClaimConditions, RecordFilterSet):
    """Records by what the claims about them say, counting only claims that the viewer may see."""

    tag = TagFilter()
    collection = CollectionFilter()
    support = SupportFilter()
    sources = AtLeastFilter(label=_("sources at least"), method="by_sources")
    independent = AtLeastFilter(
        label=_("independent sources at least"),
        help_text=_("Articles of one publisher or one author are one."),
        method="by_independent_sources",
    )

    def narrowed(self, queryset: Any, given: Mapping[str, Any]) -> Any:
        queryset = super().narrowed(queryset, given)
        if wanted := self.wanted(given):
            queryset = queryset.filter(self._named(queryset.model, wanted))
        claims = self.visible_claims(queryset.model)
        for unwanted in self.unwanted(given):
            queryset = queryset.exclude(
                pk__in=records_of([(name, self.meeting(rows, unwanted)) for name, rows in claims])
            )
        return queryset

    def _named(self, model: type[models.Model], wanted: Mapping[str, Asked]) -> Q:
        """What holds of the records that a claim names which the viewer may see and which meets all that is ``wanted``.

        Of each way in which claims name records some are looked up. Where that are all there are, the records are
        known; where there are more, each record is asked whether it has one.
        """
        asked = frozenset(wanted)  # a part of what the address asks for is told by its names
        if asked not in self._known_names:
            is_rare = any(self.filters[name].is_rare for name in wanted)
            self._known_names[asked] = (self._named_by_few if is_rare else self._named_by_many)(model, wanted)
        return self._known_names[asked]

    def _named_by_few(self, model: type[models.Model], wanted: Mapping[str, Asked]) -> Q:
        ways = [(name, self.meeting(rows, wanted)) for name, rows in self.visible_claims(model)]
        ids = [record for (record,) in records_of(ways)[: MANY_FOUND + 1]]
        return Q(IsAmong("pk", ids)) if len(ids) <= MANY_FOUND else Q(pk__in=records_of(ways))

    def _named_by_many(self, model: type[models.Model], wanted: Mapping[str, Asked]) -> Q:
        ways = self.visible_claims(model, few=True)
        some = [
            self.meeting(rows, wanted)
            .annotate(row_way=Value(number))
            .values_list("row_way", f"{name}_id")[: SOME_CLAIMS + 1]
            for number, (name, rows) in enumerate(ways)
        ]
        found: defaultdict[int, list[int]] = defaultdict(list)
        for number, record in together(some):
            found[number].append(record)
        condition = Q(pk__in={record for records in found.values() for record in records})
        for number, (name, rows) in enumerate(ways):
            if len(found[number]) > SOME_CLAIMS:
                condition |= Q(of_one(name, rows, self._meets(rows.model, wanted)))
        return condition

    def _meets(self, model: type[models.Model], wanted: Mapping[str, Asked]) -> Q:
        """What holds of claims of ``model`` that meet all that is ``wanted``."""
        return reduce(and_, (self.filters[name].condition(model, asked.value) for name, asked in wanted.items()), Q())

    @cached_property
    def _known_names(self) -> dict[frozenset[str], Q]:
        return {}

    @property
    def is_laborious(self) -> bool:  # type: ignore[override]
        given = self.given if self.makes_sense() else {}
        return bool(self.conditions(given) or {"support", "sources", "independent"} & given.keys())

    def wanted(self, given: Mapping[str, Any]) -> dict[str, Asked]:
        """The conditions of which some claim must meet all."""
        return {name: asked for name, asked in self.conditions(given).items() if not asked.is_inverted}

    def unwanted(self, given: Mapping[str, Any]) -> list[dict[str, Asked]]:
        """The conditions none of which any claim may meet."""
        inverted = {name: asked for name, asked in self.conditions(given).items() if asked.is_inverted}
        return [{name: Asked(asked.value)} for name, asked in inverted.items()]

    def own_choices(self) -> dict[str, ChoiceFilter]:
        own = super().own_choices()
        return {name: each for name, each in own.items() if not isinstance(each, ClaimCondition)}

    def count_choices(self, tally: Tally) -> None:
        super().count_choices(tally)
        if {"sources", "independent"} & self.given.keys():
            return  # how many sources a record has depends on which of its claims a choice leaves
        choices = {name: each for name, each in self.filters.items() if isinstance(each, ClaimChoice)}
        for apart, names in self.counted_apart(choices).items():
            self.add_records(tally, apart)
            self._add_claims(tally, apart, names)
            # Of a record without a word no claim has one, whatever else these must meet.
            is_every_claim = not self.wanted(self.given_without(apart))
            for name in names:
                tally.count(name, f"claims {apart}", choices[name].word_sql, of="record", within=f"records {apart}")
                if choices[name].may_be_empty and is_every_claim:
                    tally.count_rest(name, NOTHING, f"records {apart}", f"claims {apart}")

    def _add_claims(self, tally: Tally, apart: str, names: list[str]) -> None:
        """The claims about those records that meet all conditions but the one ``apart``.

        Each record is asked for its claims until there are too many; where few meet the conditions, these are asked for
        and then which of the records they are about.
        """
        wanted = self.wanted(self.given_without(apart))
        records = f"records {apart}"
        is_rare = any(self.filters[name].is_rare for name in wanted)
        every = []
        for role, rows in self.visible_claims(self.queryset.model, few=not is_rare):
            if is_rare:
                claims = self.meeting(rows, wanted).filter(**{f"{role}_id__in": keys_of(records)})
            else:
                meeting = rows.filter(row_by_row(self._meets(rows.model, wanted))) if wanted else rows
                claims = meeting.filter(**{f"{role}_id": key_in(records)})
            every.append(claims.values_list(f"{role}_id", *(self._column(rows.model, name) for name in names)))
        each_of = "" if is_rare else records
        tally.add_rows(f"claims {apart}", ["record", *names], together(every), each_of, MOST_CLAIMS)

    def _column(self, model: type[models.Model], name: str) -> Any:
        """The column that a choice is about, empty in kinds of claims that do not have it."""
        column = self.filters[name].field_name
        nothing = Cast(Value(None), models.TextField())
        return F(column) if has_column(model, column) else nothing

    def by_sources(self, queryset: Any, _name: str, asked: Asked) -> Any:
        mentions = self._mentions()
        enough = Q(pk__in=RawSQL(*with_sources(*mentions, asked.value))) if mentions else NOTHING_FITS  # noqa: S611
        return queryset.exclude(enough) if asked.is_inverted else queryset.filter(enough)

    def by_independent_sources(self, queryset: Any, _name: str, asked: Asked) -> Any:
        enough = Q(pk__in=self._all_with_independent)
        return queryset.exclude(enough) if asked.is_inverted else queryset.filter(enough)

    @cached_property
    def _all_with_independent(self) -> set[int]:
        """The ids of the records with as many independent sources as are asked for: it takes long, and once will do."""
        return self._with_independent(self.given["independent"].value)

    def _with_independent(self, number: int, among: Collection[int] | None = None) -> set[int]:
        """The ids of the records, or of some, with so many independent sources, by the one definition of these."""
        mentions = self._mentions(among)
        found = numbers_of_independent(*mentions, number) if mentions else {}
        return {record for record, independent in found.items() if independent >= number}

    def _with_sources(self, number: int, among: Collection[int]) -> set[int]:
        """The ids of those of some records that have so many sources."""
        mentions = self._mentions(among)
        if not mentions:
            return set()
        with connection.cursor() as cursor:
            cursor.execute(*with_sources(*mentions, number))
            return {record for (record,) in cursor.fetchall()}

    def candidates(self) -> Any:
        if not {"sources", "independent"} & self.given.keys():
            return None
        others = {name: asked for name, asked in self.given.items() if name not in ("sources", "independent")}
        return self.narrowed(self.queryset, others)

    def sifted(self, keys: Collection[int]) -> set[int]:
        left = set(keys)
        for name, found_by in (("sources", self._with_sources), ("independent", self._with_independent)):
            if asked := self.given.get(name):
                enough = found_by(asked.value, left)
                left = left - enough if asked.is_inverted else left & enough
        return left

    def visible_claims(self, model: type[models.Model], *, few: bool = False) -> list[tuple[str, Any]]:
        """For each way in which claims name records of ``model``: the foreign key, and those claims."""
        known = (model, few)
        if known not in self._visible_claims:
            self._visible_claims[known] = [
                (
                    relation.field.name,
                    relation.related_model.objects.visible_to(self.request.user, few=few)
                    .filter(**{f"{relation.field.name}__isnull": False})
                    .order_by(),
                )
                for relation in claim_relations(model)
            ]
        return self._visible_claims[known]

    @cached_property
    def _visible_claims(self) -> dict[tuple[Any, bool], list[tuple[str, Any]]]:
        return {}

    def _mentions(self, among: Collection[int] | None = None) -> tuple[str, tuple[Any, ...]] | None:
        """SQL for a row of record, or of some, and source for each claim that fulfils all conditions; None for none."""
        wanted = self.wanted(self.given)
        parts = (
            self.meeting(rows if among is None else rows.filter(**{f"{name}_id__in": among}), wanted).values_list(
                f"{name}_id", "source_id"
            )
            for name, rows in self.visible_claims(self.queryset.model)
        )
        try:
            sql, parameters = together(parts).query.sql_with_params()
        except EmptyResultSet:
            return None
        return sql, parameters


def with_sources(mentions: str, parameters: Iterable[Any], number: int) -> tuple[str, list[Any]]:
    """SQL for the ids of the records with so many sources, and its values; ``mentions`` is that of record and source.

    Each source of a record is singled out first, which several processes of the database can do together.
    """
    pairs = f"SELECT DISTINCT record, source FROM ({mentions}) AS mention (record, source)"
    return f"SELECT record FROM ({pairs}) AS pair GROUP BY record HAVING count(*) >= %s", [*parameters, number]


class SourceFilterSet(CitedFilterSet):
    """Sources by type, author, date of issue and by what rests on them."""

    source = None  # type: ignore[assignment]  # how django-filter is told to leave out a filter
    sources = None  # type: ignore[assignment]
    independent = None  # type: ignore[assignment]
    author = AuthorOfSourceFilter(label=_("author"))
    kind = ChoiceFilter("source_type", label=_("type"), choices=SourceType.choices)
    reliability = ChoiceFilter(label=_("reliability"), choices=Reliability.choices)
    publisher = HoldingFilter(label=_("publisher"))
    issued = PeriodFilter("issued_period", label=_("issued"), help_text=_("EDTF: 2017, 2016-10/.."))

    class Meta:
        model = Source
        fields: list[str] = []


class IndicatorFilterSet(CitedFilterSet):
    """Indicators by unit and by the figures given for them."""

    unit = HoldingFilter(label=_("unit"))

    class Meta:
        model = Indicator
        fields: list[str] = []
