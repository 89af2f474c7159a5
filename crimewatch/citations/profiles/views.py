"""The pages of records with the claims about them, of sources with what rests on them, and of indicators."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any, ClassVar

from django.apps import apps
from django.core.paginator import Paginator
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy

from crimewatch.citations.bibliography import BIBLIOGRAPHIES, Cited, bibliography, cite_page, cite_source, item_of
from crimewatch.citations.models import Citation, Claim, ClaimStatus, Estimate, Indicator, Source, Stance
from crimewatch.collections.gathered import of_row
from crimewatch.records.filters import LONGEST_TEXT
from crimewatch.records.models import Record
from crimewatch.records.prepared import Asking
from crimewatch.records.profiles import Piece, RecordDetailView, link
from crimewatch.records.querysets import claim_relations
from crimewatch.records.readable import period as in_words

from .counting import Counts
from .reading import Naming, by_place, claim_of, claims_with_keys, filled, first_of_each
from .sentences import measured, opening_words, sentence
from .shown import ClaimGroup, Footnote, ShownClaim

#: How many claims a page shows. Where there are more, it shows so many of each kind as share the smaller number, though
#: not fewer than a few, and leads to all of them: to put a claim in words takes longer than to find it, and who looks
#: for one of many looks in the list.
SHOWN = 100
SHARED = 60
FEW = 5

#: How many claims of a kind that do not name the record itself are shown.
WIDER_SHOWN = 3

#: The kinds of records of which more is shown than the name: where they are to be read, what they are counted in.
SHOWN_IN_FULL = (Source, Indicator)

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


class ProfileView(RecordDetailView):
    """A record with the claims about it."""

    template_name = "citations/profile.html"
    first_template_name = "citations/_first.html"
    rest_template_name = "citations/_rest.html"
    #: Headings for kinds of claims in the order of reading, by the name of the model; ``figures`` and ``words`` are
    #: those for estimates and citations. Kinds that are not named here come before the figures.
    titles: ClassVar[dict[str, Any]] = {}
    #: Whether the page shows a map of what the claims say of where.
    has_map: ClassVar[bool] = False
    #: What stands above the claims that do not name the record itself.
    wider_title: ClassVar[Any] = ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        gathered = of_row(self.object, self.request.user)
        return super().get_context_data(**kwargs, gathered=gathered, problems=self.problems())

    def told_in_words(self) -> dict[str, Any]:
        self.footnotes: dict[tuple[int, str, str], Footnote] = {}
        self.may_change: dict[str, bool] = {}
        groups, wider = self.groups()
        listed = [shown for group in groups for shown in group.claims]
        return {
            **super().told_in_words(),
            "support": self.counts.support(),
            "span": self.counts.span(),
            "groups": groups,
            "wider_groups": wider,
            "wider_title": self.wider_title,
            "disagreements": [shown for shown in listed if disagrees(shown.claim)],
            "footnotes": list(self.footnotes.values()),
            "pictures": self.pictures(),
            "ways_title": self.ways_title(),
            "map_address": self.map_address(),
            "cited": self.cited(),
        }

    @cached_property
    def asking(self) -> Asking:
        """Who looks at which record."""
        return Asking(self.viewer, record=self.object.pk)

    @cached_property
    def counts(self) -> Counts:
        """The claims about the record, summed up."""
        return Counts(self.asking, self.naming())

    def pictures(self) -> list[Piece]:
        """Where the claims about the record are drawn."""
        name = FILTERS.get(str(self.model._meta.model_name))
        if name is None or not self.counts.rows:
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

    def ways_title(self) -> str:
        """What stands before the links to ``pictures``: of what the claims are that are shown there."""
        return gettext("Its claims as:")

    def map_address(self) -> str:
        """Where the map of the claims about the record comes from; empty where the page has none."""
        name = FILTERS.get(str(self.model._meta.model_name))
        return f"{reverse('explorer:small_map')}?{name}={self.object.slug}" if self.has_map and self.counts.rows else ""

    def file(self) -> HttpResponseBase | None:
        """What is cited on the page, as a file."""
        form = self.request.GET.get("format", "")
        if form in BIBLIOGRAPHIES:
            return bibliography(form, self.object.slug, [self.cited().item])
        if form.startswith(OF_SOURCES) and form.removeprefix(OF_SOURCES) in BIBLIOGRAPHIES:
            sources = self.visible(Source).defer(*Source.heavy_fields).filter(pk__in=self.counts.sources)
            items = map(item_of, sources.order_by("slug"))
            return bibliography(form.removeprefix(OF_SOURCES), f"{self.object.slug}-sources", items)
        return None

    def problems(self) -> list[str]:
        """What makes no sense in the address."""
        form = self.request.GET.get("format", "")
        if not form:
            return []
        known = ", ".join([*BIBLIOGRAPHIES, *(f"{OF_SOURCES}{name}" for name in BIBLIOGRAPHIES)])
        words = gettext("There is no download as “%(value)s”; there are: %(known)s.")
        return [words % {"value": form[:LONGEST_TEXT], "known": known}]

    # What there is

    def naming(self) -> Naming:
        """For each kind of claim, in the order of reading, the foreign keys by which it can name the record."""
        found: dict[type[Claim], list[str]] = {}
        for relation in claim_relations(self.model):
            found.setdefault(relation.related_model, []).append(relation.field.name)
        return tuple((model, tuple(found[model])) for model in sorted(found, key=self.reading_order))

    def reading_order(self, model: type[Claim]) -> tuple[int, str]:
        """Where the kind of claim stands on the page: as in ``titles``; what is not there before the figures."""
        before_figures, figures, words = len(self.titles), len(self.titles) + 1, len(self.titles) + 2
        key = title_key(model)
        if key in self.titles:
            return list(self.titles).index(key), model._meta.label_lower
        return {"figures": figures, "words": words}.get(key, before_figures), model._meta.label_lower

    # What is shown of it

    def groups(self) -> tuple[list[ClaimGroup], list[ClaimGroup]]:
        """The claims about the record by their kind, and those that a wider look finds."""
        totals, number = self.counts.totals, self.counts.number
        naming = self.naming_of_counted()
        most = SHOWN if number <= SHOWN else max(min(SHOWN, SHARED) // len(totals), min(SHOWN, FEW))
        in_order = frozenset(model for model, _names in naming if totals[model._meta.label_lower])
        asking = self.asking
        rows = first_of_each(asking, asking.viewer, naming, in_order, most) if naming else []
        found = self.read(rows)
        about = set(found)
        claims = self.filled([*found, *self.wider_claims()])
        own, wider = [claim for claim in claims if claim in about], [claim for claim in claims if claim not in about]
        groups = [
            self.group_of(model, claims, totals[model._meta.label_lower])
            for model, claims in groupby(map(self.shown_claim, own), key=lambda shown: type(shown.claim))
        ]
        return groups, self.wider_groups(wider)

    def naming_of_counted(self) -> Naming:
        """``naming`` for the kinds of claims that there are."""
        return tuple((model, names) for model, names in self.naming() if model._meta.label_lower in self.counts.totals)

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
        name, counted = str(model._meta.model_name), self.counts.most if total is None else 0
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

    def read(self, rows: Iterable[tuple[Any, ...]]) -> list[Claim]:
        """The claims of ``rows_of``, whatever their kinds."""
        # The database keeps the order within each kind, but may bring the kinds in any.
        return sorted(map(claim_of, rows), key=lambda claim: self.reading_order(type(claim)))

    def filled(self, claims: list[Claim]) -> list[Claim]:
        """``claims`` with the records that they name."""
        return filled(self.asking, claims, {self.model: {self.object.pk: self.object}}, self.in_full)

    def in_full(self, model: type[Record]) -> Any:
        """The rows of a kind of record of which the page shows more than the name; None for the others."""
        return self.visible(model).defer(*model.heavy_fields) if issubclass(model, SHOWN_IN_FULL) else None

    def shown_claim(self, claim: Claim) -> ShownClaim:
        words = opening_words(sentence(claim, self.object), self.object)
        place = (claim.source_id, claim.locator_type, claim.locator)
        locator = f"{claim.get_locator_type_display()} {claim.locator}".strip()
        footnote = self.footnotes.setdefault(place, Footnote(str(len(self.footnotes) + 1), claim.source, locator))
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
        changes = [self.object.updated_at, *self.counts.changes]
        address = self.request.build_absolute_uri(self.object.get_absolute_url())
        return cite_page(self.object.name, self.object.slug, address, max(changes))


class SourceProfile(ProfileView):
    """A source with everything that rests on it, in the order in which it stands there."""

    model = Source
    first_template_name = "citations/_first_of_source.html"
    rest_template_name = "citations/_rest_of_source.html"
    #: The full text is the researchers' copy and never leaves the admin; so does the file.
    left_out = frozenset({"source_type", "full_text", "file", "file_sha256"})
    kind_field = "source_type"

    def groups(self) -> tuple[list[ClaimGroup], list[ClaimGroup]]:
        naming = self.naming_of_counted()
        if not naming:
            self.page = None
            return [], []
        self.page = Paginator(range(self.counts.total), SHOWN).get_page(self.request.GET.get("page"))
        start = self.page.start_index() - 1
        most = self.counts.most if self.counts.is_cut else 0
        standing = by_place(self.asking, self.asking.viewer, naming, most, (start, start + SHOWN))
        keys = [(apps.get_model(kind), key) for *_place, kind, key in standing]
        claims = self.filled(claims_with_keys(self.asking, keys))
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

    def question(self) -> tuple[Any, ...]:
        return *super().question(), self.request.GET.get("page")

    def told_in_words(self) -> dict[str, Any]:
        return {**super().told_in_words(), "page": self.page, "cited_page": super().cited()}


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
        return [Piece(text, f"{reverse(way)}{query}") for way, text in ways] if self.counts.rows else []


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
