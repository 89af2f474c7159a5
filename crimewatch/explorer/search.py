"""Search across everything: records by their names, aliases and codes, claims by their words, as far as one may see."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.postgres.search import TrigramSimilarity, TrigramWordSimilarity
from django.db.models import Count, F, Func, QuerySet, TextField, Value, Window
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from crimewatch.citations.models import Claim
from crimewatch.explorer.kinds import claim_kinds, of_kind, record_kinds, together, unread
from crimewatch.explorer.overview import fetch_claims
from crimewatch.records.models import Record, Status
from crimewatch.records.querysets import Fold, SearchableQuerySet
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


@dataclass(frozen=True)
class Hit:
    """A record or a claim that was found, as it stands in the list."""

    title: SafeString
    address: str
    is_published: bool
    status: str
    context: SafeString | str = ""
    text: SafeString | str = ""


@dataclass
class Found:
    """What was found of one kind: how many there are, and those that are shown."""

    kind: str
    name: str
    total: int
    hits: list[Hit] = field(default_factory=list)

    @property
    def has_more(self) -> bool:
        return self.total > len(self.hits)


def search_records(text: str, user: "Viewer", kinds: list[str], start: int, stop: int) -> list[Found]:
    """The records of each of ``kinds`` that match, the best first, from the ``start``-th to before the ``stop``-th."""
    phrase = Fold(Value(text))
    parts = (
        of_kind(_matching(record_kinds()[kind], text, user), kind)
        .annotate(
            row_total=Window(Count("pk")),
            row_word=TrigramWordSimilarity(phrase, "search_key"),  # type: ignore[arg-type]  # an expression will do
            row_likeness=TrigramSimilarity("search_key", phrase),  # type: ignore[arg-type]
            row_aliases=Func(F("aliases"), Value(" · "), function="array_to_string", output_field=TextField()),
        )
        .values_list(
            "row_kind",
            "pk",
            "slug",
            "name",
            "row_aliases",
            "summary",
            "status",
            "row_total",
            "row_word",
            "row_likeness",
        )[start:stop]
        for kind in kinds
    )
    rows = sorted(together(parts), key=lambda row: (row[0], -row[8], -row[9], row[1]))
    paths = visible_paths([row[1] for row in rows if row[0] == "region"], user)
    found = {kind: _found(kind, list(group), text, paths) for kind, group in groupby(rows, key=lambda row: row[0])}
    return [found[kind] for kind in kinds if kind in found]


def _matching(model: type[Record], text: str, user: "Viewer") -> QuerySet[Any]:
    return model.objects.visible_to(user).exclude(status=Status.WITHDRAWN).search(text)


def _found(kind: str, rows: list[tuple[Any, ...]], text: str, paths: dict[int, str]) -> Found:
    model = record_kinds()[kind]
    found = Found(kind, str(model._meta.verbose_name_plural), rows[0][7])
    for _kind, pk, slug, name, aliases, summary, status, *_scores in rows:
        record = unread(kind, pk, slug, name, status)
        found.hits.append(
            Hit(
                title=marked(name, text),
                address=record.get_absolute_url(),
                is_published=status == Status.PUBLISHED,
                status=record.get_status_display(),
                context=paths.get(pk, "") if kind == "region" else "",
                text=_aliases_and_summary(aliases, summary, text),
            )
        )
    return found


def _aliases_and_summary(aliases: str, summary: str, text: str) -> SafeString:
    """Other names, where there are any, and the beginning of the summary."""
    parts = [part for part in (aliases, Truncator(summary).words(30)) if part]
    return format_html_join(" — ", "{}", ((marked(part, text),) for part in parts))


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
    """The claims whose own words match, the best first, from the ``start``-th to before the ``stop``-th.

    The words of the records that a claim names are not searched: those records are found themselves, and show it.
    """
    phrase = Fold(Value(text))
    parts = (
        of_kind(_claims_matching(model, text, user), kind)
        .annotate(
            row_total=Window(Count("pk")),
            row_word=TrigramWordSimilarity(phrase, "search_key"),  # type: ignore[arg-type]
        )
        .values_list("row_kind", "pk", "row_total", "row_word")[:stop]
        for kind, model in claim_kinds().items()
    )
    rows = sorted(together(parts), key=lambda row: (-row[3], row[0], row[1]))
    if not rows:
        return None
    total = sum({kind: total for kind, _pk, total, _word in rows}.values())
    claims = fetch_claims([(kind, pk) for kind, pk, _total, _word in rows[start:stop]])
    return Found(CLAIMS, str(_("claims")), total, [_claim_hit(claim, text) for claim in claims])


def _claims_matching(model: type[Claim], text: str, user: "Viewer") -> QuerySet[Any]:
    visible = model.objects.visible_to(user)
    return SearchableQuerySet.search(visible, text) | visible.filter(uid=text)


def _claim_hit(claim: Claim, text: str) -> Hit:
    """A claim with its source and those of its own words that match."""
    statement = getattr(claim, "statement", "")
    title = str(claim)
    words = [words for words in (statement, claim.quotation, claim.note, claim.attributed_to) if words != title]
    matching = [words for words in words if "<mark>" in marked(words, text)]
    return Hit(
        title=marked(title, text),
        address=claim.get_absolute_url(),
        is_published=True,
        status=claim.get_status_display(),
        context=" · ".join(filter(None, [str(claim._meta.verbose_name), str(claim.source), claim.when])),
        text=format_html_join(" — ", "{}", ((marked(excerpt(part, text), text),) for part in matching)),
    )


# Marking


def folded(text: str) -> tuple[str, list[int]]:
    """``text`` without accents and capitals, and for each of its letters the place that it had in ``text``."""
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        plain = "".join(part for part in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(part))
        for part in plain.casefold():
            letters.append(part)
            places.append(place)
    return "".join(letters), places


def matches(text: str, query: str) -> list[tuple[int, int]]:
    """Where the words of ``query`` stand in ``text``: beginning and end of each place, in order, none over another."""
    plain, places = folded(text)
    taken = [False] * len(text)
    for word in folded(query)[0].split():
        found = plain.find(word)
        while found >= 0:
            for place in places[found : found + len(word)]:
                taken[place] = True
            found = plain.find(word, found + len(word))
    spans: list[tuple[int, int]] = []
    for is_taken, group in groupby(range(len(text)), key=taken.__getitem__):
        if is_taken:
            run = list(group)
            spans.append((run[0], run[-1] + 1))
    return spans


def marked(text: str, query: str) -> SafeString:
    """``text``, escaped, with the words of ``query`` in ``<mark>``, accents and capitals aside."""
    pieces: list[SafeString] = []
    end = 0
    for begin, next_end in matches(text, query):
        pieces += [format_html("{}", text[end:begin]), format_html("<mark>{}</mark>", text[begin:next_end])]
        end = next_end
    pieces.append(format_html("{}", text[end:]))
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def excerpt(text: str, query: str, length: int = 220) -> str:
    """The part of ``text`` around the first word of ``query`` in it, cut between words."""
    if len(text) <= length:
        return text
    spans = matches(text, query)
    begin = max(0, spans[0][0] - length // 3) if spans else 0
    begin = text.rfind(" ", 0, begin) + 1
    part = text[begin : begin + length]
    whole = part.rpartition(" ")[0] if begin + length < len(text) and " " in part else part
    return f"{'… ' if begin else ''}{whole}{' …' if begin + length < len(text) else ''}"
