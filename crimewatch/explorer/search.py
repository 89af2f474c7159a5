"""Search across everything: records by names, codes and summaries, claims by their words, as far as one may see."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Count, F, Func, QuerySet, TextField, Value, Window
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from crimewatch.citations.models import Claim
from crimewatch.citations.search import Places, Sought
from crimewatch.explorer.kinds import claim_kinds, of_kind, record_kinds, unread
from crimewatch.explorer.marking import excerpt, marked, matches, with_families
from crimewatch.explorer.overview import fetch_claims, subject_of
from crimewatch.records.models import Status
from crimewatch.records.prepared import Asking, prepared
from crimewatch.records.querysets import MANY, IsAmong, together
from crimewatch.records.readable import period as in_words
from regions.models import Region, RegionKind
from regions.querysets import LEVELS

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer

#: What the key of all claims together is, among the keys of the kinds of record.
CLAIMS = "claim"

LONGEST_QUERY = 200
MOST_WORDS = 12
HITS_OF_A_KIND = 5
HITS_OF_A_PAGE = 20
CLAIMS_OF_A_PAGE = 10
LAST_PAGE = 50

#: Claims are counted up to here: what lies beyond is on no page.
CLAIMS_COUNTED = CLAIMS_OF_A_PAGE * LAST_PAGE

#: So many records that match are ranked of each kind where all are searched, and where one is: all that the last page
#: can show. Of a word that more have, those whose names begin with it are among them in any case.
RANKED_OF_MANY_KINDS = 200
RANKED_OF_ONE_KIND = HITS_OF_A_PAGE * LAST_PAGE

#: So many claims of a kind are looked at before it is asked which are the newest.
SOME = 30


class SearchForm(forms.Form):
    """What an address of the search page asks for."""

    q = forms.CharField(
        label=_("Words"),
        required=False,
        max_length=LONGEST_QUERY,
        error_messages={
            "max_length": _(
                "A search has at most %(limit_value)d letters and this has %(show_value)d: leave some out."
            ),
            "null_characters_not_allowed": _("The words hold a character that no text has: type them anew."),
        },
    )
    kind = forms.ChoiceField(
        required=False,
        error_messages={"invalid_choice": _("“%(value)s” is not a kind of record: all kinds are shown.")},
    )
    page = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=LAST_PAGE,
        error_messages={
            "invalid": _("The page is not a number: the first is shown."),
            "min_value": _("Pages are counted from 1: the first is shown."),
            "max_value": _("There are at most %(limit_value)d pages: the first is shown."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds: forms.ChoiceField = self.fields["kind"]  # type: ignore[assignment]
        kinds.choices = [(kind, kind) for kind in (*record_kinds(), CLAIMS)]

    def clean_q(self) -> str:
        """The words; raises ``ValidationError`` if there are more of them than one query should look for."""
        words = self.cleaned_data["q"].split()
        if len(words) > MOST_WORDS:
            raise forms.ValidationError(
                _("A search has at most %(most)d words and this has %(number)d: leave some out."),
                params={"most": MOST_WORDS, "number": len(words)},
            )
        return " ".join(words)


@dataclass
class Hit:
    """A record or a claim that was found, as it stands in the list.

    ``texts`` are shown in any case, ``more_texts`` where something in them is marked.
    """

    title: str
    address: str
    is_published: bool
    status: str
    context: str = ""
    texts: list[str] = field(default_factory=list)
    more_texts: list[str] = field(default_factory=list)
    text: SafeString | str = ""


@dataclass
class Found:
    """What was found of one kind: how many there are, or that there are more, and those that are shown."""

    kind: str
    name: str
    total: int
    hits: list[Hit]
    total_is_exact: bool = True

    @property
    def has_more(self) -> bool:
        return self.total > len(self.hits)


def search_records(text: str, user: "Viewer", kinds: list[str], start: int, stop: int) -> list[Found]:
    """The records of each of ``kinds`` that match, the best first, from the ``start``-th to before the ``stop``-th."""
    # First which they are, and only of those that are shown what is shown: the database sorts all that match.
    totals: dict[str, int] = {}
    shown: dict[str, list[int]] = defaultdict(list)
    for kind, pk, total in _best(kinds, text, user, start, stop):
        totals[kind] = total
        shown[kind].append(pk)
    if not shown:
        return []
    rows = _rows(shown, user)
    paths = visible_paths(shown.get("region", []), user)
    return [
        Found(
            kind,
            str(record_kinds()[kind]._meta.verbose_name_plural),
            min(totals[kind], most_ranked(kinds)),
            [_record_hit(kind, pk, rows[kind, pk], paths) for pk in shown[kind] if (kind, pk) in rows],
            total_is_exact=totals[kind] <= most_ranked(kinds),
        )
        for kind in kinds
        if kind in shown
    ]


def most_ranked(kinds: Sequence[str]) -> int:
    """How many records of each of ``kinds`` are ranked, and so counted."""
    return RANKED_OF_MANY_KINDS if len(kinds) > 1 else RANKED_OF_ONE_KIND


def _best(kinds: list[str], text: str, user: "Viewer", start: int, stop: int) -> list[tuple[str, int, int]]:
    """The kind and key of each record that is shown, in order, and how many of the kind match."""
    asking, page = Asking(user, text), (start, stop)
    # What is merely spelled like the words is looked for only where few have them: the database takes longer to think
    # of both at once than to look for one after the other.
    rows = _ranked(asking, asking.viewer, asking.text, tuple(kinds), page)
    is_beyond = start and not rows
    counted = _ranked(asking, asking.viewer, asking.text, tuple(kinds), (0, 1)) if is_beyond else rows
    totals = {kind: total for kind, _pk, total, *_ranks in counted}
    few = tuple(kind for kind in kinds if totals.get(kind, 0) < MANY)
    if few:
        rows = [row for row in rows if row[0] not in few]
        rows += _ranked(asking, asking.viewer, asking.text, few, page, "alike")
    rows.sort(key=lambda row: (row[0], -row[3], -row[4], row[5], row[1]))
    return [(kind, pk, total) for kind, pk, total, *_ranks in rows]


@prepared
def _ranked(viewer: Any, text: str, kinds: tuple[str, ...], page: tuple[int, int], *how: str) -> QuerySet[Any]:
    """The kind, the key, how many of the kind match, and what puts the best first; of what is ``alike`` or has all."""
    parts = []
    most = most_ranked(kinds)
    for kind in kinds:
        visible = record_kinds()[kind].objects.visible_to(viewer).exclude(status=Status.WITHDRAWN)
        ranking = visible.ranking(text)
        parts.append(
            of_kind(visible.likeliest(text, most + 1, alike="alike" in how), kind)
            .annotate(row_total=Window(Count("pk")), **{name: by.expression for name, by in ranking.items()})
            .order_by(*(f"-{name}" if by.descending else name for name, by in ranking.items()), "pk")
            .values_list("row_kind", "pk", "row_total", *ranking)[slice(*page)]
        )
    return together(parts)


def _rows(keys: dict[str, list[int]], user: "Viewer") -> dict[tuple[str, int], list[Any]]:
    """What is shown of the records with these keys."""
    asking = Asking(user)
    rows = _shown(asking, tuple((kind, asking.keys(kind, pks)) for kind, pks in keys.items()))
    return {(kind, pk): row for kind, pk, *row in rows}


@prepared
def _shown(keys: tuple[tuple[str, str], ...]) -> QuerySet[Any]:
    return together(
        of_kind(record_kinds()[kind]._default_manager.order_by().filter(IsAmong("pk", pks)), kind)
        .annotate(row_aliases=Func(F("aliases"), Value(" · "), function="array_to_string", output_field=TextField()))
        .values_list("row_kind", "pk", "slug", "name", "row_aliases", "summary", "status")
        for kind, pks in keys
    )


def _record_hit(kind: str, pk: int, row: list[Any], paths: dict[int, str]) -> Hit:
    slug, name, aliases, summary, status = row
    record = unread(kind, pk, slug, name, status)
    return Hit(
        title=name,
        address=record.get_absolute_url(),
        is_published=status == Status.PUBLISHED,
        status=record.get_status_display(),
        context=paths.get(pk, "") if kind == "region" else "",
        texts=[text for text in (aliases, summary) if text],
    )


def visible_paths(ids: list[int], user: "Viewer") -> dict[int, str]:
    """What each region is and lies in, by id: ``district · Melgar, Puno, Peru``.

    What the viewer may not see is left out of the path.
    """
    if not ids:
        return {}
    regions = list(Region.objects.with_context().defer(*Region.heavy_fields).filter(pk__in=ids))
    above = {place.pk for region in regions for place in _ancestors(region)}
    visible = set(Region.objects.visible_to(user).order_by().filter(pk__in=above).values_list("pk", flat=True))
    return {
        region.pk: " · ".join(
            filter(
                None,
                [
                    region.get_kind_display(),
                    ", ".join(place.name for place in _ancestors(region) if place.pk in visible),
                    region.ubigeo or region.iso_3166,
                ],
            )
        )
        for region in regions
    }


def _ancestors(region: Any) -> Iterator[Any]:
    """What the region lies in, from the nearest, up to the country and as far as ``with_context`` fetches it."""
    for _level in range(LEVELS):
        if region.parent_id is None or region.kind == RegionKind.COUNTRY:
            return
        region = region.parent
        yield region


def search_claims(text: str, user: "Viewer", start: int, stop: int) -> Found | None:
    """The claims that match, from the ``start``-th to before the ``stop``-th.

    Those come first that have all the words in their own texts, then those that have some of them by the names of the
    records and the source that they name. Of each of the two the newest of every kind come first.
    """
    sought = Sought(text, claim_kinds().values(), user)
    newest = Newest(sought, list(claim_kinds()), stop, beyond_texts=False)
    keys, total = newest.keys, newest.total
    if len(keys) < stop or total <= CLAIMS_COUNTED:
        others = [kind for kind, model in claim_kinds().items() if sought.places.are_named_by(model.objects.all())]
        newest = Newest(sought, others, max(0, stop - len(keys)), beyond_texts=True)
        keys, total = [*keys, *newest.keys], total + newest.total
    if not total:
        return None
    hits = [_claim_hit(claim) for claim in fetch_claims(keys[start:stop], user)]
    return Found(CLAIMS, str(_("claims")), min(total, CLAIMS_COUNTED), hits, total_is_exact=total <= CLAIMS_COUNTED)


@dataclass(frozen=True)
class Sifted:
    """The claims that match: those with the words in their own texts or, ``beyond_texts``, all others."""

    viewer: Any
    places: Places
    beyond_texts: bool

    def of(self, kind: str) -> Any:
        """Those of one kind."""
        claims = claim_kinds()[kind].objects.visible_to(self.viewer, few=True)
        return claims.filter(self.places.beyond_texts(claims) if self.beyond_texts else self.places.in_texts())


@prepared
def _keys_of(claims: Sifted, kinds: tuple[str, ...], most: int, *order: str) -> QuerySet[Any]:
    """The kind and key of ``most`` claims of each kind, the first in an order or any."""
    return together(
        of_kind(claims.of(kind).order_by(*order), kind).values_list("row_kind", "pk")[:most] for kind in kinds
    )


@prepared
def _counted(claims: Sifted, kinds: tuple[str, ...]) -> QuerySet[Any]:
    """One row for each claim, up to one more than are counted."""
    return together(claims.of(kind).order_by().values_list("pk") for kind in kinds)[: CLAIMS_COUNTED + 1]


class Newest:
    """The newest of the claims that match, kind by kind.

    ``keys`` are the kinds and keys of ``most`` of them, the newest of each kind before the second of each; ``total`` is
    how many there are in all, counted to a little more than ``CLAIMS_COUNTED``.
    """

    def __init__(self, sought: Sought, kinds: list[str], most: int, *, beyond_texts: bool) -> None:
        self.asking = sought.asking
        self.claims = Sifted(self.asking.viewer, sought.places_like, beyond_texts)
        found = self._keys(kinds, SOME)
        # In which order the database finds them is its own affair. Where it has found all, they are put in order here.
        # Where there are more, they are asked for in order: few are then read in vain.
        common = [kind for kind, keys in found.items() if len(keys) == SOME]
        self.total = sum(map(len, found.values()))
        if common and self.total <= CLAIMS_COUNTED:
            self.total = len(_counted(self.asking, self.claims, tuple(kinds)))
        if common and most:
            found.update(self._keys(common, most, "-pk"))
        places = (
            (place, kind, pk)
            for kind, keys in found.items()
            for place, pk in enumerate(sorted(keys, reverse=True)[:most])
        )
        self.keys = [(kind, pk) for _place, kind, pk in sorted(places, key=lambda one: one[0])][:most]

    def _keys(self, kinds: list[str], most: int, *order: str) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for kind, pk in _keys_of(self.asking, self.claims, tuple(kinds), most, *order) if kinds else ():
            found[kind].append(pk)
        return found


def _claim_hit(claim: Claim) -> Hit:
    """A claim with its source and its own words."""
    title = str(claim)
    texts = ("statement", "event", "post", "quotation", "source_words", "note", "attributed_to")
    return Hit(
        title=title,
        address=claim.get_absolute_url(),
        is_published=True,
        status=claim.get_status_display(),
        context=" · ".join(
            filter(None, [*subject_of(claim), str(claim._meta.verbose_name), str(claim.source), in_words(claim.when)])
        ),
        more_texts=[words for text in texts if (words := getattr(claim, text, "")) not in ("", title)],
    )


def mark(found: Iterable[Found], text: str) -> None:
    """Mark in what is shown the words of ``text``, their families, and else what is spelled like them."""
    hits = [hit for group in found for hit in group.hits]
    query = with_families(text, [text for hit in hits for text in (hit.title, *hit.texts, *hit.more_texts)])
    for hit in hits:
        parts = [*hit.texts, *(text for text in hit.more_texts if matches(text, query))]
        hit.title = marked(hit.title, query)
        hit.text = format_html_join(" — ", "{}", ((marked(excerpt(part, query), query),) for part in parts))
