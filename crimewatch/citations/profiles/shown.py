"""What a page shows of claims: statements with all that stand behind them, figures side by side, footnotes."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import combinations, groupby
from typing import Any, NamedTuple

from django.core.exceptions import FieldDoesNotExist
from django.utils.translation import gettext

from crimewatch.citations.independence import number_of_independent
from crimewatch.citations.models import Claim, Estimate, Source, Stance
from crimewatch.records import edtf, readable
from crimewatch.records.profiles import Piece, link


class Footnote(NamedTuple):
    """A place in a source."""

    #: Its number on the page, as a text.
    number: str
    source: Source
    locator: str

    @property
    def label(self) -> str:
        """What the number stands for, for who hears it."""
        return gettext("Source %(number)s") % {"number": self.number}

    @property
    def address(self) -> str:
        """Where the source can be read; empty where its address leads nowhere safe."""
        return address_of(self.source)


class ShownClaim(NamedTuple):
    """A claim as the page shows it. ``words`` tells which claims say the same."""

    claim: Claim
    words: tuple[Any, ...]
    pieces: list[Piece]
    when: str
    footnote: Footnote
    edit_address: str
    #: Of a figure: what it is about.
    about: list[Piece]

    @property
    def field(self) -> str:
        """Of a citation: the name of the field that it is about."""
        name = getattr(self.claim, "field", "")
        if not name:
            return ""
        try:
            return str(self.claim.subject_record._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
        except FieldDoesNotExist:
            return name

    @property
    def text(self) -> str:
        """The sentence without its links."""
        return " ".join(piece.text for piece in self.pieces)


class Statement(NamedTuple):
    """One sentence, and the claims that make it: each from another place."""

    pieces: list[Piece]
    claims: list[ShownClaim]
    #: How many independent sources support it.
    independent: int


class Band(NamedTuple):
    """Low, best and high as places on a line from 0 to 100, as SVG reads numbers; empty where there is none.

    ``start`` and ``width`` are of the part between low and high. Where one of the two is missing and there is no best
    value either, the part reaches to the end of the line and ``fades`` says to which side: ``up`` or ``down``.
    """

    start: str
    width: str
    best: str
    fades: str
    #: Where one end alone is known.
    known_end: str


class Figure(NamedTuple):
    """One estimate in a table of figures."""

    shown: ShownClaim
    band: Band
    #: Whether another source (or the same) has another figure for the same thing and time.
    is_rival: bool

    @property
    def values(self) -> list[str]:
        """Low, best and high without the zeros that say nothing."""
        values = (getattr(self.shown.claim, name) for name in ("low", "best", "high"))
        return ["" if value is None else readable.number(value) for value in values]


class FigureTable(NamedTuple):
    """The figures for one indicator: what each is about, with its figures, rivals beside one another."""

    indicator: Piece
    slug: str
    sections: list[tuple[list[Piece], list[Figure]]]


class ClaimGroup(NamedTuple):
    """Claims of one kind or from one place of a source.

    ``total`` counts also those that are not shown; it is None where there are more and nobody has counted them.
    """

    name: str
    title: str
    claims: list[ShownClaim]
    total: int | None
    address: str = ""
    #: Where figures are drawn over time, but for the key of what they measure.
    drawn_at: str = ""
    #: Up to how many they were counted where there are more.
    counted: int = 0

    @property
    def number(self) -> str:
        """How many there are, in words."""
        if self.total is None:
            return gettext("more than %(number)s") % {"number": readable.number(self.counted)}
        return str(self.total)

    @property
    def statements(self) -> list[Statement]:
        """The claims by what they say, each sentence where it comes first."""
        found: dict[tuple[Any, ...], list[ShownClaim]] = {}
        for shown in self.claims:
            found.setdefault(shown.words, []).append(shown)
        return [Statement(claims[0].pieces, claims, independent_behind(claims)) for claims in found.values()]

    @property
    def figures(self) -> list[FigureTable]:
        """Figures by what they measure; empty for other claims."""
        figures = [shown for shown in self.claims if isinstance(shown.claim, Estimate)]
        by_indicator = groupby(figures, key=lambda shown: shown.claim.indicator)  # type: ignore[attr-defined]
        return [
            FigureTable(link(indicator), indicator.slug, sections_of(list(found))) for indicator, found in by_indicator
        ]

    @property
    def has_more(self) -> bool:
        return self.total is None or self.total > len(self.claims)


def independent_behind(claims: list[ShownClaim]) -> int:
    """How many independent sources support what ``claims`` say."""
    supporting = {shown.claim.source for shown in claims if shown.claim.stance == Stance.SUPPORTS}
    return number_of_independent(supporting)


def address_of(source: Source) -> str:
    """Where ``source`` can be read: its DOI, or its address where that is one of the web."""
    if source.doi:
        return f"https://doi.org/{source.doi}"
    addresses = (source.url, source.archive_url)
    return next((address for address in addresses if address.startswith(("https://", "http://"))), "")


def sections_of(figures: list[ShownClaim]) -> list[tuple[list[Piece], list[Figure]]]:
    """Figures of one indicator by what they are about; the first to come leads."""
    rivals = {shown.claim.pk for pair in rival_pairs(figures) for shown in pair}
    scales = {unit: scale_of(found) for unit, found in by_unit(figures)}
    sections: dict[tuple[Any, ...], list[ShownClaim]] = {}
    for shown in figures:
        sections.setdefault(shown.words, []).append(shown)
    return [
        (
            found[0].about,
            [Figure(shown, band_of(shown.claim, scales[unit_of(shown)]), shown.claim.pk in rivals) for shown in found],
        )
        for found in sections.values()
    ]


def rival_pairs(figures: list[ShownClaim]) -> Iterator[tuple[ShownClaim, ShownClaim]]:
    """Every two figures of which, at one and the same time, only one can be right."""
    periods = {shown.claim.pk: edtf.parse(shown.claim.when) if shown.claim.when else None for shown in figures}
    for one, other in combinations(figures, 2):
        if measure_of(one) != measure_of(other) or values_of(one.claim) == values_of(other.claim):
            continue
        first, second = periods[one.claim.pk], periods[other.claim.pk]
        if first.overlaps(second) if first and second else first is second:
            yield one, other


def measure_of(shown: ShownClaim) -> tuple[Any, ...]:
    """What is measured, how it is counted and in what unit."""
    basis = shown.claim.basis  # type: ignore[attr-defined]
    return shown.words, unit_of(shown), basis


def unit_of(shown: ShownClaim) -> str:
    return str(shown.claim.unit)  # type: ignore[attr-defined]


def by_unit(figures: list[ShownClaim]) -> Iterable[tuple[str, list[ShownClaim]]]:
    return ((unit, list(found)) for unit, found in groupby(sorted(figures, key=unit_of), key=unit_of))


def values_of(claim: Any) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    return claim.low, claim.best, claim.high


def scale_of(figures: Iterable[ShownClaim]) -> tuple[Decimal, Decimal]:
    """Both ends of a line on which all ``figures`` and zero have a place."""
    values = [value for shown in figures for value in values_of(shown.claim) if value is not None]
    return min(Decimal(0), *values), max(Decimal(0), *values)


def band_of(claim: Any, scale: tuple[Decimal, Decimal]) -> Band:
    """Where the values of an estimate lie on ``scale``."""
    low, best, high = values_of(claim)
    first, last = scale
    reach = (last - first) or Decimal(1)

    def place(value: Decimal) -> Decimal:
        return (value - first) * 100 / reach

    fades = ("down" if low is None else "up" if high is None else "") if best is None else ""
    known_end = {"down": high, "up": low, "": None}[fades]
    start = place(low) if low is not None else place(best) if best is not None else Decimal(0)
    end = place(high) if high is not None else place(best) if best is not None else Decimal(100)
    return Band(
        start=f"{start:.2f}",
        width=f"{end - start:.2f}",
        best="" if best is None else f"{place(best):.2f}",
        fades=fades,
        known_end="" if known_end is None else f"{place(known_end):.2f}",
    )
