"""What a list of places tells of one of them, before any of it is in the database."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from email.utils import parseaddr
from importlib.metadata import PackageMetadata, metadata
from itertools import chain, count
from typing import NamedTuple

from django.utils.functional import cached_property

from crimewatch.citations.models import Credibility, Reliability, Source, SourceType
from crimewatch.records.models import Status
from regions.models import PlacePrecision, RegionKind


class Point(NamedTuple):
    """Where a place is, in decimal degrees (WGS 84), and how wide an area the point stands for."""

    latitude: Decimal
    longitude: Decimal
    precision: PlacePrecision


@dataclass(frozen=True)
class Package:
    """An installed Python package that brings a list of places, and what it is as a source.

    ``publisher`` is whose list it is: claims taken from the package are attributed to it.
    """

    slug: str
    distribution: str
    publisher: str
    summary: str
    language: str

    @cached_property
    def metadata(self) -> PackageMetadata:
        return metadata(self.distribution)

    @property
    def version(self) -> str:
        return self.metadata["Version"]

    def as_source(self, status: Status) -> Source:
        """The installed package as an unsaved source, in the words of its own metadata."""
        return Source(
            slug=self.slug,
            name=f"{self.metadata['Name']}: {self.metadata['Summary'].rstrip('.')}",
            status=status,
            source_type=SourceType.DATASET,
            authors=[family_name_first(self._author())],
            url=self._address(),
            language=self.language,
            reliability=Reliability.B,
            summary=self.summary,
            note=f"Python package, version {self.version}, licence {self.metadata['License-Expression']}.",
        )

    def _author(self) -> str:
        names = self.metadata.get_all("Author") or [parseaddr(self.metadata["Author-email"])[0]]
        return names[0]

    def _address(self) -> str:
        addresses = dict(line.split(", ", 1) for line in self.metadata.get_all("Project-URL") or [])
        return addresses.get("source", "")


@dataclass(frozen=True)
class Listing:
    """That a package lists a place under a code: what becomes a claim.

    ``field`` is the field of the region that holds the code.
    """

    package: Package
    field: str
    code: str
    statement: str
    note: str = ""
    credibility: Credibility = Credibility.PROBABLY_TRUE

    @property
    def uid(self) -> str:
        """The lasting identifier of the claim: ``ubigeo-210101``, ``iso-3166-PE-PUN``."""
        return f"{self.field.replace('_', '-')}-{self.code}"


@dataclass(frozen=True, eq=False)
class Place:
    """A place as its list has it. ``slugs`` are the keys that it may have, the one to be preferred first.

    A ``doubt`` says why the place may not exist; it is then loaded as a draft, for a person to look into.
    """

    kind: RegionKind
    name: str
    slugs: tuple[str, ...]
    listings: tuple[Listing, ...]
    parent: "Place | None" = None
    ubigeo: str = ""
    iso_3166: str = ""
    point: Point | None = None
    aliases: tuple[str, ...] = ()
    summary: str = ""
    doubt: str = ""

    @property
    def codes(self) -> str:
        """Its codes for a person: ``UBIGEO 21 and ISO 3166 PE-PUN``."""
        named = (("UBIGEO", self.ubigeo), ("ISO 3166", self.iso_3166))
        return " and ".join(f"{system} {code}" for system, code in named if code)


def family_name_first(name: str) -> str:
    """``Christian Theune`` as ``Theune, Christian``. Takes the last word for the family name."""
    given, _, family = name.strip().rpartition(" ")
    return f"{family}, {given}" if given else family


def first_free(candidates: Iterable[str], taken: set[str]) -> str:
    """The first of ``candidates`` that is not ``taken``; failing all, the last with a number behind it."""
    candidates = list(candidates)
    numbered = (f"{candidates[-1]}-{number}" for number in count(2))
    return next(candidate for candidate in chain(candidates, numbered) if candidate not in taken)
