"""The claims on a record's page: grouped, in sentences, each with a numbered footnote to its source."""

from collections.abc import Iterable
from functools import reduce, singledispatch
from itertools import groupby
from operator import or_
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from django.apps import apps
from django.core.paginator import Paginator
from django.db import models
from django.db.models import Count, F, Func, Q, TextField, Value
from django.db.models.functions import Cast, JSONObject
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy

from crimewatch.citations.models import Citation, Claim, Estimate, Indicator, Source
from crimewatch.citations.querysets import mentioned_record_fields
from crimewatch.records import readable
from crimewatch.records.models import Record
from crimewatch.records.profiles import Piece, RecordDetailView, link
from crimewatch.records.querysets import claim_relations, sees_drafts

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer

#: How many claims of a kind, or of a source on one page, are shown.
SHOWN = 100

#: The filters by which the list of claims finds what is about a record, by the kind of record.
FILTERS = {
    "region": "region",
    "illicitactivity": "activity",
    "group": "group",
    "person": "person",
    "agency": "agency",
    "program": "program",
}


@singledispatch
def sentence(claim: Claim) -> list[Record | str]:
    """What ``claim`` says: records and words in the order in which they are read. Each app tells it of its claims."""
    return [str(claim)]


@sentence.register
def _citation(claim: Citation) -> list[Record | str]:
    return [claim.subject_record, "·", claim.statement]


@sentence.register
def _estimate(claim: Estimate) -> list[Record | str]:
    return [*measured(claim), "·", claim.indicator, "·", claim.value_in_words()]


def measured(claim: Estimate) -> list[Record | str]:
    """What a figure is about: its subject and, where it measures one, the activity."""
    activity = getattr(claim, "activity", None)
    return [claim.subject_record, "·", activity] if activity else [claim.subject_record]


class Footnote(NamedTuple):
    """A place in a source, with its number on the page."""

    number: int
    source: Source
    locator: str


class ShownClaim(NamedTuple):
    """A claim as the page shows it."""

    claim: Claim
    pieces: list[Piece]
    when: str
    footnote: Footnote
    #: Of a figure: what it is about.
    about: list[Piece]

    @property
    def figures(self) -> list[str]:
        """Low, best and high without the zeros that say nothing."""
        values = (getattr(self.claim, name) for name in ("low", "best", "high"))
        return ["" if value is None else readable.number(value) for value in values]


class ClaimGroup(NamedTuple):
    """Claims of one kind or from one place of a source. ``total`` counts also those that are not shown."""

    title: str
    claims: list[ShownClaim]
    total: int
    address: str = ""
    #: Figures of one indicator stand side by side: pairs of the indicator and its claims.
    figures: list[tuple[Piece, list[ShownClaim]]] = []


class Support(NamedTuple):
    """How well a record is supported, by what the viewer may see."""

    claims: int
    sources: int
    independent: int
    disputing: int


class ProfileView(RecordDetailView):
    """A record with the claims about it."""

    template_name = "citations/profile.html"
    #: Headings for kinds of claims, by the name of the model, where the plural of the kind says it less well.
    titles: ClassVar[dict[str, Any]] = {}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        counted = self.counted()
        self.sources = self.visible(Source).defer(*Source.heavy_fields).in_bulk({row["source"] for row in counted})
        self.footnotes: dict[tuple[int, str, str], Footnote] = {}
        groups = self.groups(counted)
        return super().get_context_data(
            **kwargs, support=self.support(counted), groups=groups, footnotes=list(self.footnotes.values())
        )

    # What there is

    def about(self) -> dict[type[Claim], Any]:
        """For each kind of claim that can name the record: those that do and that the viewer may see."""
        conditions: dict[type[Claim], list[Q]] = {}
        for relation in claim_relations(self.model):
            conditions.setdefault(relation.related_model, []).append(Q(**{relation.field.name: self.object.pk}))
        return {
            model: visible_claims(model, self.request.user).filter(reduce(or_, either))
            for model, either in sorted(conditions.items(), key=lambda item: reading_order(item[0]))
        }

    def counted(self) -> list[dict[str, Any]]:
        """The number of claims by kind, source and stance, in one query."""
        first, *others = (
            claims.order_by()
            .annotate(claim_type=Value(model._meta.label_lower, output_field=TextField()))
            .values("claim_type", "source", "stance")
            .annotate(number=Count("pk"))
            for model, claims in self.about().items()
        )
        return list(first.union(*others, all=True))

    def support(self, counted: list[dict[str, Any]]) -> Support:
        supporting = {row["source"] for row in counted if row["stance"] == "supports"}
        return Support(
            claims=sum(row["number"] for row in counted),
            sources=len({row["source"] for row in counted}),
            independent=independent(self.sources[key] for key in supporting if key in self.sources),
            disputing=sum(row["number"] for row in counted if row["stance"] == "disputes"),
        )

    # What is shown of it

    def groups(self, counted: list[dict[str, Any]]) -> list[ClaimGroup]:
        totals: dict[str, int] = {}
        for row in counted:
            totals[row["claim_type"]] = totals.get(row["claim_type"], 0) + row["number"]
        shown = self.shown(
            rows_of(claims.order_by(*order_of(model)))[:SHOWN]
            for model, claims in self.about().items()
            if model._meta.label_lower in totals
        )
        groups = []
        for model, claims in groupby(shown, key=lambda each: type(each.claim)):
            listed = list(claims)
            total = totals[model._meta.label_lower]
            address = self.address_of_all(model) if total > len(listed) else ""
            groups.append(ClaimGroup(self.title_of(model), listed, total, address, side_by_side(model, listed)))
        return groups

    def title_of(self, model: type[Claim]) -> str:
        own = self.titles.get(str(model._meta.model_name))
        if own:
            return str(own)
        if issubclass(model, Citation):
            return gettext("In words")
        return gettext("Figures") if issubclass(model, Estimate) else capfirst(str(model._meta.verbose_name_plural))

    def address_of_all(self, model: type[Claim]) -> str:
        """The list of all claims of a kind about the record; empty where the list has no filter for it."""
        name = FILTERS.get(str(self.model._meta.model_name))
        if name is None:
            return ""
        return f"{reverse('explorer:claim_list')}?kind={model._meta.model_name}&{name}={self.object.slug}"

    def shown(self, rows: Iterable[Any]) -> list[ShownClaim]:
        """The claims of ``rows``, whatever their kinds, in one query and one more for each kind of record."""
        branches = list(rows)
        if not branches:
            return []
        together = branches[0].union(*branches[1:], all=True) if branches[1:] else branches[0]
        # The database keeps the order within each kind, but may bring the kinds in any.
        claims = sorted(map(claim_of, together), key=lambda claim: reading_order(type(claim)))
        self.fill_records(claims)
        return [self.shown_claim(claim) for claim in claims]

    def fill_records(self, claims: list[Claim]) -> None:
        """Put to ``claims`` the records that they name, each kind of record in one query."""
        wanted: dict[type[Record], set[int]] = {}
        for claim in claims:
            for key in mentioned_record_fields(type(claim)):
                wanted.setdefault(key.related_model, set()).add(getattr(claim, key.attname))
        known: dict[type[Record], dict[int, Any]] = {Source: self.sources}
        for model, keys in wanted.items():
            missing = keys - {None} - set(known.get(model, ())) - ({self.object.pk} if model is self.model else set())
            if missing:
                found = self.visible(model).defer(*model.heavy_fields).in_bulk(missing)
                known[model] = {**known.get(model, {}), **found}
        known.setdefault(self.model, {})[self.object.pk] = self.object
        for claim in claims:
            for key in mentioned_record_fields(type(claim)):
                if value := getattr(claim, key.attname):
                    setattr(claim, key.name, known[key.related_model][value])

    def shown_claim(self, claim: Claim) -> ShownClaim:
        words = sentence(claim)
        if words[:2] == [self.object, "·"]:
            words = words[2:]  # the page is about nothing else
        pieces = [self.piece(word) for word in words]
        place = (claim.source_id, claim.locator_type, claim.locator)
        locator = f"{claim.get_locator_type_display()} {claim.locator}".strip()
        footnote = self.footnotes.setdefault(place, Footnote(len(self.footnotes) + 1, claim.source, locator))
        about = [self.piece(word) for word in measured(claim)] if isinstance(claim, Estimate) else []
        return ShownClaim(claim, pieces, in_words(claim.when), footnote, about)

    def piece(self, word: Record | str) -> Piece:
        if isinstance(word, str):
            return Piece(str(word))
        return Piece(word.name) if word == self.object else link(word)


class SourceProfile(ProfileView):
    """A source with everything that rests on it, in the order in which it stands there."""

    model = Source
    template_name = "citations/source_profile.html"
    #: The full text is the researchers' copy and never leaves the admin; so does the file.
    left_out = frozenset({"full_text", "file", "file_sha256"})

    def groups(self, counted: list[dict[str, Any]]) -> list[ClaimGroup]:
        kinds = {row["claim_type"] for row in counted}
        branches = [rows_of(claims) for model, claims in self.about().items() if model._meta.label_lower in kinds]
        if not branches:
            self.page = None
            return []
        total = sum(row["number"] for row in counted)
        self.page = Paginator(range(total), SHOWN).get_page(self.request.GET.get("page"))
        ordered = branches[0].union(*branches[1:], all=True) if branches[1:] else branches[0]
        ordered = ordered.order_by("place", "locator_type", "locator", "claim_type", "claim_pk")
        start = self.page.start_index() - 1
        claims = [claim_of(row) for row in ordered[start : start + SHOWN]]
        self.fill_records(claims)
        shown = [self.shown_claim(claim) for claim in claims]
        places = ((title, list(found)) for title, found in groupby(shown, key=lambda each: each.footnote.locator))
        return [
            ClaimGroup(capfirst(title) or gettext("Without a locator"), found, len(found)) for title, found in places
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {**context, "page": self.page}


class IndicatorProfile(ProfileView):
    """What is measured, with every figure for it."""

    model = Indicator

    def address_of_all(self, model: type[Claim]) -> str:
        return f"{reverse('explorer:estimate_list')}?kind={model._meta.model_name}&indicator={self.object.slug}"

    def title_of(self, model: type[Claim]) -> str:
        return capfirst(str(model._meta.verbose_name_plural))


def visible_claims(model: type[Claim], user: "Viewer") -> Any:
    """The claims of a kind that ``user`` may see and all of whose records ``user`` may see too.

    A researcher may have the right to see drafts of claims, but not of every kind of record that these name.
    """
    claims = model.objects.visible_to(user)
    for key in mentioned_record_fields(model):
        if sees_drafts(user, model) and not sees_drafts(user, key.related_model):
            hidden = ~Q(**{f"{key.name}__status": "published"}) & Q(**{f"{key.name}__isnull": False})
            claims = claims.exclude(hidden)
    return claims


def reading_order(model: type[Claim]) -> tuple[int, str]:
    """Words first, figures last, and between them what ties records to one another."""
    return (0 if issubclass(model, Citation) else 2 if issubclass(model, Estimate) else 1), model._meta.label_lower


def order_of(model: type[Claim]) -> list[Any]:
    """How claims of a kind are read: figures by what they measure, legs in their order, the rest from the latest."""
    latest = F("period").desc(nulls_last=True)
    if issubclass(model, Estimate):
        return ["indicator__name_key", "indicator_id", latest, "pk"]
    counted = any(column.name == "order" for column in model._meta.concrete_fields)
    return ["route_id", "order", "pk"] if counted else [latest, "pk"]


def rows_of(claims: Any) -> Any:
    """``claims`` as rows that look alike whatever the kind, so that those of several kinds come in one query."""
    values = {}
    for column in fields_of(claims.model):
        exact = isinstance(column, models.DecimalField)  # JSON would make an inexact number of it
        values[column.attname] = Cast(column.attname, TextField()) if exact else F(column.attname)
    digits = Func(F("locator"), Value("[0-9]{1,18}"), function="substring", output_field=TextField())
    return claims.annotate(
        claim_type=Value(claims.model._meta.label_lower, output_field=TextField()),
        claim_pk=F("pk"),
        place=Cast(digits, models.BigIntegerField()),
        data=JSONObject(**values),
    ).values("claim_type", "claim_pk", "place", "locator_type", "locator", "data")


def fields_of(model: type[Claim]) -> list[Any]:
    """The columns that a page needs: all but what the database derives and when the row was written."""
    return [
        column
        for column in model._meta.concrete_fields
        if not column.generated and column.name not in ("created_at", "updated_at")
    ]


def claim_of(row: dict[str, Any]) -> Claim:
    """The claim in a row of ``rows_of``."""
    model: Any = apps.get_model(row["claim_type"])
    columns = fields_of(model)
    values = [column.to_python(row["data"][column.attname]) for column in columns]
    claim: Claim = model.from_db("default", [column.attname for column in columns], values)
    return claim


def side_by_side(model: type[Claim], claims: list[ShownClaim]) -> list[tuple[Piece, list[ShownClaim]]]:
    """Figures by what they measure; nothing for other claims."""
    if not issubclass(model, Estimate):
        return []
    by_indicator = groupby(claims, key=lambda each: each.claim.indicator)  # type: ignore[attr-defined]
    return [(link(indicator), list(found)) for indicator, found in by_indicator]


def independent(sources: Iterable[Source]) -> int:
    """How many of ``sources`` are independent: those that share a publisher or an author count as one."""
    circles: list[set[str]] = []
    for source in sources:
        names = {f"author {author.casefold()}" for author in source.authors}
        names.add(f"publisher {source.publisher.casefold()}" if source.publisher else f"source {source.slug}")
        apart = [circle for circle in circles if not circle & names]
        circles = [*apart, names.union(*(circle for circle in circles if circle & names))]
    return len(circles)


QUALIFIERS = {
    "~": gettext_lazy("about %(date)s"),
    "?": gettext_lazy("perhaps %(date)s"),
    "%": gettext_lazy("perhaps about %(date)s"),
}


def in_words(edtf: str) -> str:
    """An EDTF date for a reader: ``2016-10/..`` as since 2016-10, ``2017~`` as about 2017."""
    if "/" not in edtf:
        words = QUALIFIERS.get(edtf[-1:])
        return str(words) % {"date": edtf[:-1]} if words else edtf
    start, end = edtf.split("/", 1)
    names = {"start": in_words(start), "end": in_words(end)}
    if end in ("..", ""):
        open_end = gettext("since %(start)s") if end else gettext("from %(start)s, end not known")
        return open_end % names if start not in ("..", "") else gettext("at all times")
    return (gettext("until %(end)s") if start in ("..", "") else gettext("%(start)s to %(end)s")) % names
