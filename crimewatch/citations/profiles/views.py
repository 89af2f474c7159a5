"""The pages of records with the claims about them, of sources with what rests on them, and of indicators."""

import itertools
from collections.abc import Iterable
from datetime import timedelta
from functools import reduce
from itertools import groupby
from operator import or_
from typing import Any, ClassVar, NamedTuple

from django.contrib.postgres.aggregates import ArrayAgg, BoolOr
from django.core.paginator import Paginator
from django.db.models import Count, Max, Min, Q, TextField, Value
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy

from crimewatch.citations.bibliography import BIBLIOGRAPHIES, Cited, bibliography, cite_page, cite_source, item_of
from crimewatch.citations.independence import Origin, number_of_independent
from crimewatch.citations.models import Citation, Claim, ClaimStatus, Credibility, Estimate, Indicator, Source, Stance
from crimewatch.citations.querysets import mentioned_record_fields
from crimewatch.collections.gathered import of_row
from crimewatch.records.filters import LONGEST_TEXT
from crimewatch.records.models import Record
from crimewatch.records.profiles import Piece, RecordDetailView, link
from crimewatch.records.querysets import claim_relations
from crimewatch.records.readable import period as in_words

from .reading import claim_of, order_of, rows_of, together
from .sentences import measured, opening_words, sentence, span_in_words
from .shown import ClaimGroup, Footnote, ShownClaim

#: How many claims a page shows. Where there are more, it shows so many of each kind as share that number, though not
#: fewer than a few, and leads to all of them: to put a claim in words takes longer than to find it.
SHOWN = 100
FEW = 5

#: How many claims of each kind are counted and looked at for what the first screen sums up. Where a record has more of
#: a kind, the page says “more than”, and of how many its numbers are: to read a hundred thousand claims takes seconds.
COUNTED = 300

#: How many claims of a kind that do not name the record itself are shown.
WIDER_SHOWN = 3

#: With what the name of a download begins that holds the sources of the page and not the page.
OF_SOURCES = "sources-"

#: The filters by which the list of claims finds what is about a record, by the kind of record.
FILTERS = {
    "region": "region",
    "illicitactivity": "activity",
    "group": "group",
    "person": "person",
    "agency": "agency",
    "program": "program",
    "source": "source",
    "route": "route",
}

#: Those kinds of records of which the network does not tell.
NOT_IN_THE_NETWORK = frozenset({"source", "route"})


class Support(NamedTuple):
    """How well a record is supported, by what the viewer may see; of very many claims, by so many of each kind."""

    claims: int
    sources: int
    independent: int
    disputing: int
    in_conflict: int
    #: How credible the best supporting claim is, in words.
    best_grade: str
    grade: int
    #: So many claims of each kind were looked at where there are more of one; else 0.
    looked_at: int = 0


class ProfileView(RecordDetailView):
    """A record with the claims about it."""

    template_name = "citations/profile.html"
    #: Headings for kinds of claims in the order of reading, by the name of the model; ``figures`` and ``words`` are
    #: those for estimates and citations. Kinds that are not named here come before the figures.
    titles: ClassVar[dict[str, Any]] = {}
    #: Whether the page shows a map of what the claims say of where.
    has_map: ClassVar[bool] = False
    #: What stands above the claims that do not name the record itself.
    wider_title: ClassVar[Any] = ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        self.counted = self.count()
        self.totals = self.totals_by_kind()
        self.footnotes: dict[tuple[int, str, str], Footnote] = {}
        self.may_change: dict[str, bool] = {}
        groups, wider = self.groups()
        listed = [shown for group in groups for shown in group.claims]
        return super().get_context_data(
            **kwargs,
            support=self.support(),
            span=self.span(),
            gathered=of_row(self.object, self.request.user),
            groups=groups,
            wider_groups=wider,
            wider_title=self.wider_title,
            disagreements=[shown for shown in listed if disagrees(shown.claim)],
            footnotes=list(self.footnotes.values()),
            pictures=self.pictures(),
            map_address=self.map_address(),
        )

    def pictures(self) -> list[Piece]:
        """Where the claims about the record are drawn."""
        name = FILTERS.get(str(self.model._meta.model_name))
        if name is None or not self.counted:
            return []
        narrowed = f"{name}={self.object.slug}"
        ways = [
            ("explorer:claim_list", gettext("list"), narrowed),
            ("explorer:map", gettext("map"), narrowed),
            ("explorer:timeline", gettext("time line"), narrowed),
        ]
        if name == "route":
            ways.append(("explorer:flows", gettext("flows"), narrowed))
        if name not in NOT_IN_THE_NETWORK:
            ways.append(("explorer:network", gettext("network"), f"around={name}:{self.object.slug}"))
        return [Piece(text, f"{reverse(way)}?{query}") for way, text, query in ways]

    def map_address(self) -> str:
        """Where the map of the claims about the record comes from; empty where the page has none."""
        name = FILTERS.get(str(self.model._meta.model_name))
        return f"{reverse('explorer:small_map')}?{name}={self.object.slug}" if self.has_map and self.counted else ""

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> Any:
        """The page, or what is cited on it as a file."""
        form = self.request.GET.get("format", "")
        if form in BIBLIOGRAPHIES:
            return bibliography(form, self.object.slug, [self.cited().item])
        if form.startswith(OF_SOURCES) and form.removeprefix(OF_SOURCES) in BIBLIOGRAPHIES:
            sources = self.visible(Source).defer(*Source.heavy_fields).filter(pk__in=self.sources_of(self.counted))
            items = map(item_of, sources.order_by("slug"))
            return bibliography(form.removeprefix(OF_SOURCES), f"{self.object.slug}-sources", items)
        problems = []
        if form:
            known = ", ".join([*BIBLIOGRAPHIES, *(f"{OF_SOURCES}{name}" for name in BIBLIOGRAPHIES)])
            words = gettext("There is no download as “%(value)s”; there are: %(known)s.")
            problems.append(words % {"value": form[:LONGEST_TEXT], "known": known})
        return super().render_to_response({**context, "problems": problems, "cited": self.cited()}, **kwargs)

    # What there is

    def about(self) -> dict[type[Claim], Any]:
        """For each kind of claim that can name the record: those that do and that the viewer may see."""
        return {
            model: model.objects.filter(reduce(or_, (Q(**{name: self.object.pk}) for name in names))).visible_to(
                self.request.user, few=True
            )
            for model, names in self.naming().items()
        }

    def naming(self) -> dict[type[Claim], list[str]]:
        """For each kind of claim, in the order of reading, the foreign keys by which it can name the record."""
        found: dict[type[Claim], list[str]] = {}
        for relation in claim_relations(self.model):
            found.setdefault(relation.related_model, []).append(relation.field.name)
        return dict(sorted(found.items(), key=lambda item: self.reading_order(item[0])))

    def reading_order(self, model: type[Claim]) -> tuple[int, str]:
        """Where the kind of claim stands on the page: as in ``titles``; what is not there before the figures."""
        before_figures, figures, words = len(self.titles), len(self.titles) + 1, len(self.titles) + 2
        key = title_key(model)
        if key in self.titles:
            return list(self.titles).index(key), model._meta.label_lower
        return {"figures": figures, "words": words}.get(key, before_figures), model._meta.label_lower

    def count(self) -> list[dict[str, Any]]:
        """The number of claims by kind and stance, their sources, dates and grades, in one query.

        Of each kind some are counted, up to one more than ``COUNTED``: which, is the database's affair, as to put very
        many in order takes it longer than all else.
        """
        rows = [
            model._default_manager.filter(pk__in=claims.order_by().values("pk")[: COUNTED + 1])
            .order_by()
            .annotate(claim_type=Value(model._meta.label_lower, output_field=TextField()))
            .values("claim_type", "stance")
            .annotate(
                number=Count("pk"),
                sources=ArrayAgg("source", distinct=True),
                in_conflict=Count("pk", filter=Q(status=ClaimStatus.CONFLICT)),
                grade=Min("credibility"),
                begins=Min("period__startswith"),
                ends=Max("period__endswith"),
                goes_on=BoolOr(Q(when__endswith="/..")),
                changed_at=Max("updated_at"),
            )
            for model, claims in self.about().items()
        ]
        return list(together(rows))

    def totals_by_kind(self) -> dict[str, int | None]:
        """How many claims of each kind there are; None where there are more than are counted."""
        totals: dict[str, int] = {}
        for row in self.counted:
            totals[row["claim_type"]] = totals.get(row["claim_type"], 0) + row["number"]
        return {kind: total if total <= COUNTED else None for kind, total in totals.items()}

    @property
    def is_cut(self) -> bool:
        """Whether there are more claims of a kind than are counted."""
        return None in self.totals.values()

    @staticmethod
    def sources_of(rows: Iterable[dict[str, Any]]) -> set[int]:
        """The ids of the sources of what is ``counted``."""
        return {source for row in rows for source in row["sources"]}

    def support(self) -> Support:
        supporting = [row for row in self.counted if row["stance"] == Stance.SUPPORTS]
        grade = min((row["grade"] for row in supporting), default=0)
        origins = self.visible(Source).filter(pk__in=self.sources_of(supporting)).order_by()
        return Support(
            claims=sum(COUNTED if total is None else total for total in self.totals.values()),
            sources=len(self.sources_of(self.counted)),
            independent=number_of_independent(itertools.starmap(Origin, origins.values_list(*Origin._fields))),
            disputing=sum(row["number"] for row in self.counted if row["stance"] == Stance.DISPUTES),
            in_conflict=sum(row["in_conflict"] for row in self.counted),
            best_grade=str(Credibility(grade).label) if grade else "",
            grade=grade,
            looked_at=COUNTED if self.is_cut else 0,
        )

    def span(self) -> str:
        """The years that the claims about the record cover, those that dispute something aside."""
        told = [row for row in self.counted if row["stance"] != Stance.DISPUTES]
        day_after = max((row["ends"] for row in told if row["ends"]), default=None)
        return span_in_words(
            min((row["begins"] for row in told if row["begins"]), default=None),
            day_after and day_after - timedelta(days=1),
            goes_on=any(row["goes_on"] for row in told),
        )

    # What is shown of it

    def groups(self) -> tuple[list[ClaimGroup], list[ClaimGroup]]:
        """The claims about the record by their kind, and those that a wider look finds."""
        totals = self.totals
        number = sum(row["number"] for row in self.counted)
        most = SHOWN if number <= SHOWN else max(SHOWN // len(totals), min(SHOWN, FEW))
        own = self.read(
            rows_of(claims.order_by(*(order_of(model) if totals[model._meta.label_lower] else ["-pk"])))[:most]
            for model, claims in self.about().items()
            if model._meta.label_lower in totals
        )
        wider = self.wider_claims()
        self.fill_records([*own, *wider])
        groups = [
            self.group_of(model, claims, totals[model._meta.label_lower])
            for model, claims in groupby(map(self.shown_claim, own), key=lambda shown: type(shown.claim))
        ]
        return groups, self.wider_groups(wider)

    def wider_claims(self) -> list[Claim]:
        """Claims that do not name the record but belong on its page, in the order of reading."""
        return []

    def wider_groups(self, claims: list[Claim]) -> list[ClaimGroup]:
        """Those of ``wider_claims`` as the page shows them: at most so many of each kind."""
        groups = []
        for model, found in groupby(claims, key=type):
            listed = list(found)
            total = len(listed) if len(listed) <= WIDER_SHOWN else None
            groups.append(self.group_of(model, map(self.shown_claim, listed[:WIDER_SHOWN]), total))
        return groups

    def group_of(self, model: type[Claim], claims: Iterable[ShownClaim], total: int | None) -> ClaimGroup:
        listed = list(claims)
        address = "" if total == len(listed) else self.address_of_all(model)
        drawn_at = self.address_of_figures() if issubclass(model, Estimate) else ""
        name, counted = str(model._meta.model_name), COUNTED if total is None else 0
        return ClaimGroup(name, self.title_of(model), listed, total, address, drawn_at, counted)

    def title_of(self, model: type[Claim]) -> str:
        key = title_key(model)
        return str(self.titles.get(key) or DEFAULT_TITLES.get(key) or capfirst(str(model._meta.verbose_name_plural)))

    def address_of_all(self, model: type[Claim]) -> str:
        """The list of all claims of a kind about the record; empty where the list has no filter for it."""
        name = FILTERS.get(str(self.model._meta.model_name))
        if name is None:
            return ""
        return f"{reverse('explorer:claim_list')}?kind={model._meta.model_name}&{name}={self.object.slug}"

    def address_of_figures(self) -> str:
        """Where figures about the record are drawn over time; what they measure is put behind it."""
        name = FILTERS.get(str(self.model._meta.model_name))
        # A picture of figures knows no people, of whom there are none.
        own = f"{name}={self.object.slug}&" if name and name != "person" else ""
        return f"{reverse('explorer:figures')}?{own}indicator="

    def read(self, rows: Iterable[Any]) -> list[Claim]:
        """The claims of ``rows``, whatever their kinds, in one query."""
        branches = list(rows)
        if not branches:
            return []
        # The database keeps the order within each kind, but may bring the kinds in any.
        return sorted(map(claim_of, together(branches)), key=lambda claim: self.reading_order(type(claim)))

    def fill_records(self, claims: list[Claim]) -> None:
        """Put to ``claims`` the records that they name, each kind of record in one query."""
        wanted: dict[type[Record], set[int]] = {}
        for claim in claims:
            for key in mentioned_record_fields(type(claim)):
                wanted.setdefault(key.related_model, set()).add(getattr(claim, key.attname))
        known: dict[type[Record], dict[int, Any]] = {}
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
        words = opening_words(sentence(claim, self.object), self.object)
        place = (claim.source_id, claim.locator_type, claim.locator)
        locator = f"{claim.get_locator_type_display()} {claim.locator}".strip()
        footnote = self.footnotes.setdefault(place, Footnote(len(self.footnotes) + 1, claim.source, locator))
        about = measured(claim) if isinstance(claim, Estimate) else []
        return ShownClaim(
            claim=claim,
            words=tuple(word if isinstance(word, str) else (type(word), word.pk) for word in about or words),
            pieces=[self.piece(word) for word in words],
            when=in_words(claim.when),
            footnote=footnote,
            edit_address=self.edit_address_of(claim),
            about=[self.piece(word) for word in about],
        )

    def piece(self, word: Record | str) -> Piece:
        if isinstance(word, str):
            return Piece(str(word))
        return Piece(word.name) if word == self.object else link(word)

    def edit_address_of(self, claim: Claim) -> str:
        """Where the viewer may change ``claim``; empty for who may not."""
        options = claim._meta
        if options.label not in self.may_change:
            user = self.request.user
            permission = f"{options.app_label}.change_{options.model_name}"
            self.may_change[options.label] = user.is_staff and user.has_perm(permission)
        if not self.may_change[options.label]:
            return ""
        return reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[claim.pk])

    # How it is cited

    def cited(self) -> Cited:
        """The page, as one cites it today; it was last changed when the record or a claim about it was."""
        changes = [self.object.updated_at, *(row["changed_at"] for row in self.counted)]
        address = self.request.build_absolute_uri(self.object.get_absolute_url())
        return cite_page(self.object.name, self.object.slug, address, max(changes))


class SourceProfile(ProfileView):
    """A source with everything that rests on it, in the order in which it stands there."""

    model = Source
    template_name = "citations/source_profile.html"
    #: The full text is the researchers' copy and never leaves the admin; so does the file.
    left_out = frozenset({"source_type", "full_text", "file", "file_sha256"})
    kind_field = "source_type"

    def groups(self) -> tuple[list[ClaimGroup], list[ClaimGroup]]:
        kinds = {row["claim_type"] for row in self.counted}
        branches = [rows_of(claims) for model, claims in self.about().items() if model._meta.label_lower in kinds]
        if not branches:
            self.page = None
            return [], []
        if self.is_cut:
            # By the place as text, which an index has in order.
            branches = [
                rows_of(model.objects.filter(pk__in=claims.order_by("locator", "pk").values("pk")[:COUNTED]).order_by())
                for model, claims in self.about().items()
                if model._meta.label_lower in kinds
            ]
        total = sum(COUNTED if each is None else each for each in self.totals.values())
        self.page = Paginator(range(total), SHOWN).get_page(self.request.GET.get("page"))
        ordered = together(branches).order_by("place", "locator_type", "locator", "claim_type", "claim_pk")
        start = self.page.start_index() - 1
        claims = [claim_of(row) for row in ordered[start : start + SHOWN]]
        self.fill_records(claims)
        shown = [self.shown_claim(claim) for claim in claims]
        places = ((footnote, list(found)) for footnote, found in groupby(shown, key=lambda each: each.footnote))
        return [
            ClaimGroup(
                f"place-{footnote.number}",
                capfirst(footnote.locator) or gettext("Without a locator"),
                found,
                len(found),
            )
            for footnote, found in places
        ], []

    def cited(self) -> Cited:
        return cite_source(self.object)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {**context, "page": self.page, "cited_page": super().cited()}


class IndicatorProfile(ProfileView):
    """What is measured, with every figure for it."""

    model = Indicator

    def address_of_all(self, model: type[Claim]) -> str:
        return f"{reverse('explorer:estimate_list')}?kind={model._meta.model_name}&indicator={self.object.slug}"

    def title_of(self, model: type[Claim]) -> str:
        return capfirst(str(model._meta.verbose_name_plural))

    def pictures(self) -> list[Piece]:
        query = f"?indicator={self.object.slug}"
        ways = (("explorer:figures", gettext("Figures over time")), ("explorer:estimate_list", gettext("As a list")))
        return [Piece(text, f"{reverse(way)}{query}") for way, text in ways] if self.counted else []


#: Headings for claims of which each app has a kind of its own.
DEFAULT_TITLES = {"figures": gettext_lazy("Figures"), "words": gettext_lazy("What else is said of it")}


def title_key(model: type[Claim]) -> str:
    """The name by which headings speak of a kind of claim."""
    if issubclass(model, Citation):
        return "words"
    return "figures" if issubclass(model, Estimate) else str(model._meta.model_name)


def disagrees(claim: Claim) -> bool:
    """Whether ``claim`` is one of those on which sources, or researchers, are not of one mind."""
    return claim.status == ClaimStatus.CONFLICT or claim.stance == Stance.DISPUTES
