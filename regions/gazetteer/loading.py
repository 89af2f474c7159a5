"""Writes places into the database as regions that rest on claims, and leaves what a researcher has entered as it is."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pghistory
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.text import slugify

from crimewatch.citations.models import ClaimStatus, LocatorType, Source
from crimewatch.records.models import Status
from regions.models import Region, RegionCitation, RegionKind

from .places import Listing, Package, Place, first_free

#: The order in which regions are created: the parents of each kind are of those before.
LEVELS = (RegionKind.COUNTRY, RegionKind.DEPARTMENT, RegionKind.PROVINCE, RegionKind.DISTRICT)


@dataclass
class Report:
    """What a run did, by kind of region, and what a person should look at, in sentences."""

    new: Counter[RegionKind] = field(default_factory=Counter)
    filled: Counter[RegionKind] = field(default_factory=Counter)
    unchanged: Counter[RegionKind] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)

    @property
    def changed_nothing(self) -> bool:
        return not self.new and not self.filled


def load(places: Sequence[Place], *, status: Status = Status.PUBLISHED, dry_run: bool = False) -> Report:
    """Create the regions of ``places`` that are missing, with ``status``, and fill empty fields of those there are.

    It is done wholly or not at all. A dry run does the same, the database's rules included, and takes it back.
    """
    with transaction.atomic(), pghistory.context(command="load_gazetteer"):
        report = Loading(places, status).run()
        if dry_run:
            connection.check_constraints()  # the rules that the database would only apply at the end
            transaction.set_rollback(True)
    return report


class Loading:
    """One run. ``regions`` begins with the regions that were there and ends with one for each place."""

    def __init__(self, places: Sequence[Place], status: Status) -> None:
        self.places = places
        self.status = status
        self.claims = claims_on(places)
        candidates = regions_with_codes(places, self.claims.values())
        self.regions = match(places, candidates, self.claims)
        self.holders = {region.iso_3166: region for region in candidates if region.iso_3166}
        self.sources: dict[Package, Source] = {}

    def run(self) -> Report:
        found = dict(self.regions)
        doubles = possible_doubles(self.places, found.values())
        new = self.create_missing()
        filled = self.fill_empty(found)
        self.cite([*new, *filled])
        return Report(
            new=counted(new),
            filled=counted(filled),
            unchanged=counted(found) - counted(filled),
            remarks=[*doubles, *self.codes_elsewhere(), *self.disagreements(found), *self.doubts(new)],
        )

    def create_missing(self) -> list[Place]:
        """Create a region for each place that has none, level by level, and return those places."""
        missing = [place for place in self.places if place not in self.regions]
        taken = slugs_taken(slug for place in missing for slug in place.slugs)
        for level in LEVELS:
            places = [place for place in missing if place.kind == level]
            regions = [self.new_region(place, taken) for place in places]
            self.regions.update(zip(places, Region.objects.bulk_create(regions), strict=True))
        return missing

    def new_region(self, place: Place, taken: set[str]) -> Region:
        """The unsaved region of ``place``; its slug is added to those ``taken``."""
        slug = first_free(place.slugs, taken)
        taken.add(slug)
        region = Region(
            slug=slug,
            name=place.name,
            aliases=list(place.aliases),
            kind=place.kind,
            summary=place.summary,
            status=Status.DRAFT if place.doubt else self.status,
        )
        self.fill(place, region)
        return region

    def fill_empty(self, found: dict[Place, Region]) -> list[Place]:
        """Fill the empty fields of regions that were there, and return the places of those that had any."""
        filled = [place for place, region in found.items() if self.fill(place, region)]
        regions = [found[place] for place in filled]
        for region in regions:
            region.updated_at = timezone.now()
        columns = ["parent", "ubigeo", "iso_3166", "latitude", "longitude", "precision", "updated_at"]
        Region.objects.bulk_update(regions, columns)
        return filled

    def fill(self, place: Place, region: Region) -> bool:
        """Put the parent, codes and point of ``place`` into ``region`` where it has none; whether there was any."""
        known: dict[str, Any] = {
            "parent_id": self.regions[place.parent].pk if place.parent else None,
            "ubigeo": place.ubigeo,
            "iso_3166": "" if place.iso_3166 in self.holders else place.iso_3166,
        }
        if place.point and region.latitude is None:
            known |= place.point._asdict()
        missing = {name: value for name, value in known.items() if value and getattr(region, name) in (None, "")}
        for name, value in missing.items():
            setattr(region, name, value)
        return bool(missing)

    def cite(self, places: Iterable[Place]) -> None:
        """Let the regions of ``places`` rest on what the packages list, unless they do so already."""
        taken = set(self.claims)
        citations = [
            self.citation(listing, self.regions[place], doubtful=bool(place.doubt), taken=taken)
            for place in places
            for listing in place.listings
            if self.claims.get(listing.uid) != self.regions[place].pk
        ]
        RegionCitation.objects.bulk_create(citations)

    def citation(self, listing: Listing, region: Region, *, doubtful: bool, taken: set[str]) -> RegionCitation:
        return RegionCitation(
            uid=first_free([listing.uid], taken),
            record=region,
            field=listing.field,
            statement=listing.statement,
            source=self.source_of(listing.package),
            locator_type=LocatorType.SECTION,
            locator=listing.code,
            attributed_to=listing.package.publisher,
            credibility=listing.credibility,
            status=ClaimStatus.WORK_NEEDED if doubtful else ClaimStatus.ACCEPTED,
            note=listing.note,
        )

    def source_of(self, package: Package) -> Source:
        """The source that stands for ``package``, under its present or a past slug, or a new one."""
        if package not in self.sources:
            source = Source.objects.by_slug(package.slug).first()
            if source is None:
                source = package.as_source(self.status)
                source.save()
            self.sources[package] = source
        return self.sources[package]

    def codes_elsewhere(self) -> Iterator[str]:
        """Sentences on regions that hold the ISO 3166 code of another place."""
        for place, region in self.regions.items():
            holder = self.holders.get(place.iso_3166)
            if holder is not None and holder != region:
                yield (
                    f"ISO 3166 {place.iso_3166} is listed for “{place.name}” ({region.slug}) but stands at “{holder}”"
                    f" ({holder.slug}); it was left there."
                )

    def disagreements(self, found: dict[Place, Region]) -> Iterator[str]:
        """Sentences on regions that were there and say something else than the list."""
        for place, region in found.items():
            differences = list(self.differences(place, region))
            if differences:
                yield f"{region.slug}, listed under {place.codes}, has {', '.join(differences)}; it was left so."

    def differences(self, place: Place, region: Region) -> Iterator[str]:
        here = {slugify(name) for name in (region.name, *region.aliases)}
        if not here & {slugify(name) for name in (place.name, *place.aliases)}:
            yield f"the name “{region.name}” instead of “{place.name}”"
        if region.kind != place.kind:
            yield f"the kind {region.kind} instead of {place.kind}"
        if place.ubigeo and region.ubigeo != place.ubigeo:
            yield f"UBIGEO {region.ubigeo} instead of {place.ubigeo}"
        if place.iso_3166 and region.iso_3166 not in ("", place.iso_3166):
            yield f"ISO 3166 {region.iso_3166} instead of {place.iso_3166}"
        if place.parent and region.parent_id != self.regions[place.parent].pk:
            yield f"another parent than “{self.regions[place.parent]}”"

    def doubts(self, new: Iterable[Place]) -> Iterator[str]:
        """Sentences on new regions that stayed drafts because their place may not exist."""
        for place in new:
            if place.doubt:
                yield f"{self.regions[place].slug} is a draft: {place.doubt}"


def claims_on(places: Iterable[Place]) -> dict[str, int]:
    """The claims of earlier runs by uid, with the id of the region that each is about."""
    uids = [listing.uid for place in places for listing in place.listings]
    return dict(RegionCitation.objects.filter(uid__in=uids).values_list("uid", "record_id"))


def regions_with_codes(places: Iterable[Place], others: Iterable[int]) -> list[Region]:
    """The regions that have a code of ``places``, and the ``others`` (ids), locked until the transaction ends."""
    ubigeos = [place.ubigeo for place in places if place.ubigeo]
    iso_codes = [place.iso_3166 for place in places if place.iso_3166]
    wanted = Q(ubigeo__in=ubigeos) | Q(iso_3166__in=iso_codes) | Q(pk__in=set(others))
    return list(Region.objects.select_for_update().filter(wanted).order_by("pk"))


def match(places: Sequence[Place], regions: Sequence[Region], claims: dict[str, int]) -> dict[Place, Region]:
    """The region of each place that has one: by UBIGEO, else by ISO 3166, else by the claim of an earlier run.

    The last finds a region that was given other codes since. Names are never compared. No region stands for two places.
    """
    by_ubigeo = {region.ubigeo: region for region in regions if region.ubigeo}
    by_iso_3166 = {region.iso_3166: region for region in regions if region.iso_3166}
    by_id = {region.pk: region for region in regions}
    by_claim = {uid: by_id[region] for uid, region in claims.items()}
    found: dict[Place, Region] = {}
    taken: set[Region] = set()
    for region_of in (
        lambda place: by_ubigeo.get(place.ubigeo),
        lambda place: by_iso_3166.get(place.iso_3166),
        lambda place: next((by_claim[listing.uid] for listing in place.listings if listing.uid in by_claim), None),
    ):
        for place in places:
            region = region_of(place)
            if place not in found and region is not None and region not in taken:
                found[place] = region
                taken.add(region)
    return found


def slugs_taken(slugs: Iterable[str]) -> set[str]:
    """Those of ``slugs`` that a region has or had."""
    wanted = list(slugs)
    if not wanted:
        return set()
    regions = Region.objects.having_slug(wanted)
    return {slug for now, past in regions.values_list("slug", "past_slugs") for slug in [now, *past]}


def possible_doubles(places: Iterable[Place], found: Iterable[Region]) -> list[str]:
    """Sentences on regions without a code that may be one of ``places``, being of its kind and name.

    They are never matched, since many places share a name; a person who knows gives them their code.
    """
    places_by_name: dict[tuple[str, str], list[Place]] = defaultdict(list)
    for place in places:
        for name in (place.name, *place.aliases):
            places_by_name[slugify(name), place.kind].append(place)
    uncoded = Region.objects.filter(kind__in=LEVELS, ubigeo="", iso_3166="").exclude(
        pk__in=[region.pk for region in found]
    )
    return [
        f"“{name}” ({slug}) is a {kind} without a code and may be the one listed under"
        f" {' or '.join(place.codes for place in places_by_name[slugify(name), kind])}."
        " If so, give it that code before loading; once loaded, merge the two."
        for slug, name, kind in uncoded.values_list("slug", "name", "kind")
        if (slugify(name), kind) in places_by_name
    ]


def counted(places: Iterable[Place]) -> Counter[RegionKind]:
    return Counter(place.kind for place in places)
