"""The records that claims speak about: a tree of regions, activities, groups, people, agencies, responses, sources."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from django.utils.text import slugify

from actors.models import ActivityState, Group, GroupKind, Person
from benchmarks.copying import continue_keys, copy_rows, next_key
from benchmarks.words import RARE_WORD, WORDS, Writer
from crimewatch.citations.models import Indicator, Reliability, Source, SourceType
from crimewatch.records.models import Record, Status
from programs.models import Agency, AgencyKind, Phase, Program, ProgramKind, ResilienceArea
from regions.models import Commodity, IllicitActivity, Market, PlacePrecision, Region, RegionKind, Route, Stage

#: How many claims there are to one record of a kind, and the fewest records that a database of any size has.
CLAIMS_PER_RECORD: dict[type[Record], tuple[int, int]] = {
    Source: (100, 20),
    Indicator: (10_000, 20),
    Region: (40, 100),
    IllicitActivity: (5_000, 60),
    Route: (500, 10),
    Group: (200, 20),
    Person: (100, 20),
    Agency: (1_000, 20),
    Program: (400, 20),
}

#: What lies across others rather than in one.
ACROSS = (RegionKind.ZONE, RegionKind.VALLEY, RegionKind.RIVER, RegionKind.BORDER_AREA)
#: The share of each level in the tree of regions below the countries, and of what lies across it.
LEVELS: tuple[tuple[tuple[RegionKind, ...], float], ...] = (
    ((RegionKind.DEPARTMENT,), 0.02),
    ((RegionKind.PROVINCE,), 0.08),
    ((RegionKind.DISTRICT,), 0.45),
    ((RegionKind.SETTLEMENT, RegionKind.PORT, RegionKind.BASE), 0.38),
    (ACROSS, 0.07),
)
UNITS = ("hectare", "person", "percent", "tonne", "kilogram", "base", "boat", "aircraft")
#: UBIGEO ends at 25: what begins here is nobody's.
FIRST_UBIGEO = 900_000


@dataclass
class World:
    """All records, by kind; a kind's first record is the one that the most claims will name."""

    records: dict[type[Record], list[Any]] = field(default_factory=dict)

    def __getitem__(self, model: type[Record]) -> list[Any]:
        return self.records[model]


class RecordMaker:
    """Makes and stores the records of a database of a given number of claims."""

    def __init__(self, chance: Random, claims: int) -> None:
        self.chance = chance
        self.claims = claims
        self.writer = Writer(chance)
        self.world = World()

    def store_all(self) -> World:
        """Store every kind, those first that others need. None is published yet: no claim supports them."""
        self.store(Indicator, self.indicators())
        self.store(Source, self.sources())
        self.store_regions()
        self.store_tree(IllicitActivity, self.writer.place, self.activity)
        self.store(Route, self.routes())
        self.store(Group, self.groups())
        self.store(Person, self.people())
        self.store_tree(Agency, self.writer.agency, self.agency)
        self.store(Program, self.programs())
        self.link_agencies()
        self.mark_least_known()
        continue_keys(*CLAIMS_PER_RECORD)
        return self.world

    def mark_least_known(self) -> None:
        """Give the record of each kind that the fewest claims will name an alias that no other has."""
        for model, records in self.world.records.items():
            model._default_manager.filter(pk=records[-1].pk).update(aliases=[RARE_WORD.capitalize()])

    def number_of(self, model: type[Record]) -> int:
        claims, fewest = CLAIMS_PER_RECORD[model]
        return max(fewest, self.claims // claims)

    def store(self, model: type[Record], records: Iterator[Record]) -> list[Any]:
        """Give the records keys, slugs and times, and store them behind those of their kind."""
        stored = self.world.records.setdefault(model, [])
        new = list(records)
        for key, record in enumerate(new, start=next_key(model)):
            record.pk = key
            record.slug = f"{slugify(record.name).replace('_', '-')[:80].strip('-')}-{key}"
            record.created_at = self.writer.moment()
            record.updated_at = max(record.created_at, self.writer.moment())
            record.status = self.chance.choice((Status.DRAFT, Status.DRAFT, Status.IN_REVIEW, Status.WITHDRAWN))
            if self.chance.random() < 0.3:
                record.aliases = [self.writer.place(), f"{record.name.split()[-1]} {key}"]
            if self.chance.random() < 0.6:
                record.summary = " ".join(self.writer.sentence(record.name, self.writer.group()) for _ in range(3))
        copy_rows(model, new)
        stored.extend(new)
        return new

    def indicators(self) -> Iterator[Indicator]:
        for number in range(self.number_of(Indicator)):
            goods = self.writer.one("goods")
            yield Indicator(
                name=f"{goods.capitalize()} en {self.writer.place()}",
                unit=UNITS[number % len(UNITS)],
                definition=self.writer.sentence(self.writer.place(), self.writer.group()),
            )

    def sources(self) -> Iterator[Source]:
        for number in range(self.number_of(Source)):
            has_text = self.chance.random() < 0.05
            yield Source(
                name=self.writer.title(),
                source_type=self.chance.choice(
                    (SourceType.ARTICLE_NEWSPAPER, SourceType.REPORT, SourceType.WEBPAGE, SourceType.ARTICLE_JOURNAL)
                ),
                authors=[self.writer.person() for _ in range(self.chance.randint(0, 3))],
                container_title=self.writer.one("papers"),
                issued=self.writer.edtf_or_nothing(),
                accessed=self.writer.day(2015),
                url=f"https://example.org/{number}",
                language=self.chance.choice(("es", "es", "es", "en", "pt-BR")),
                reliability=self.chance.choice(Reliability.values),
                full_text=self.writer.sentence(self.writer.place(), self.writer.group()) * 100 if has_text else "",
            )

    # Regions

    def store_regions(self) -> None:
        """Countries, what lies in them level by level, and zones and rivers that lie across."""
        countries = self.store(Region, (self.region(RegionKind.COUNTRY, name) for name in WORDS["countries"]))
        above = wide = countries[:1] * 8 + countries  # most of what is known is about the first country
        total = self.number_of(Region) - len(countries)
        ubigeo = iter(range(FIRST_UBIGEO, 1_000_000))
        for kinds, share in LEVELS:
            level = [
                self.region(
                    self.chance.choice(kinds),
                    self.writer.place(),
                    self.chance.choice(wide if kinds == ACROSS else above),
                )
                for _ in range(max(3, round(total * share)))
            ]
            for region in level if RegionKind.DISTRICT in kinds else ():
                region.ubigeo = str(next(ubigeo, ""))
            above = self.store(Region, iter(level))
        self.link_parts(across=above)
        # A department is what the most is written about, not a country.
        regions = self.world.records[Region]
        regions.insert(0, regions.pop(len(countries)))

    def region(self, kind: RegionKind, name: str, parent: Region | None = None) -> Region:
        has_point = self.chance.random() < 0.7
        return Region(
            name=name,
            kind=kind,
            parent=None if kind in ACROSS and self.chance.random() < 0.5 else parent,
            latitude=round(self.chance.uniform(-18, 0), 6) if has_point else None,
            longitude=round(self.chance.uniform(-81, -68), 6) if has_point else None,
            precision=self.chance.choice(PlacePrecision.values) if has_point else None,
            outline=self.outline() if self.chance.random() < 0.05 else None,
        )

    def outline(self) -> dict[str, Any]:
        ring = [[round(self.chance.uniform(-81, -68), 4), round(self.chance.uniform(-18, 0), 4)] for _ in range(200)]
        return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}

    def link_parts(self, across: list[Region]) -> None:
        parts = Region.parts.through
        places = self.world[Region][len(WORDS["countries"]) : -len(across)]
        copy_rows(
            parts,
            (
                parts(from_region_id=zone.pk, to_region_id=place.pk)
                for zone in across
                for place in self.chance.sample(places, min(self.chance.randint(2, 12), len(places)))
            ),
        )

    # Trees of activities and agencies

    def store_tree(self, model: type[Record], name: Callable[[], str], make: Callable[..., Record]) -> None:
        """Store a tenth as roots, and below them the rest, two levels deep."""
        total = self.number_of(model)
        roots = self.store(model, (make(name()) for _ in range(total // 10)))
        middle = self.store(model, (make(name(), self.chance.choice(roots)) for _ in range(total // 3)))
        self.store(model, (make(name(), self.chance.choice(middle)) for _ in range(total - len(roots) - len(middle))))

    def activity(self, place: str, parent: IllicitActivity | None = None) -> IllicitActivity:
        return IllicitActivity(
            name=f"{self.writer.one('deeds').capitalize()} de {self.writer.one('goods')} por {place}",
            parent=parent,
            market=parent.market if parent else self.chance.choice(Market.values),
            stage=self.chance.choice(Stage.values) if parent else "",
        )

    def agency(self, name: str, parent: Agency | None = None) -> Agency:
        countries = self.world[Region][1 : len(WORDS["countries"]) + 1]
        return Agency(
            name=name,
            parent=parent,
            kind=self.chance.choice(AgencyKind.values),
            country=parent.country if parent else self.chance.choice(countries),
        )

    # The rest

    def routes(self) -> Iterator[Route]:
        for _ in range(self.number_of(Route)):
            yield Route(
                name=self.writer.route(),
                commodity=self.chance.choice(Commodity.values),
                activity=self.chance.choice(self.world[IllicitActivity]) if self.chance.random() < 0.7 else None,
            )

    def groups(self) -> Iterator[Group]:
        for _ in range(self.number_of(Group)):
            yield Group(
                name=self.writer.group(),
                kind=self.chance.choice(GroupKind.values),
                state=self.chance.choice(ActivityState.values),
                is_collective=self.chance.random() < 0.1,
                founded=self.writer.edtf_or_nothing(1960, 1989),
                dissolved=self.writer.day(2005) if self.chance.random() < 0.2 else "",
            )

    def people(self) -> Iterator[Person]:
        countries = self.world[Region][1 : len(WORDS["countries"]) + 1]
        for _ in range(self.number_of(Person)):
            yield Person(
                name=self.writer.person(),
                nationality=self.chance.choice(countries) if self.chance.random() < 0.8 else None,
                born=self.writer.edtf_or_nothing(1930, 1979),
                died=self.writer.day(2005) if self.chance.random() < 0.2 else "",
            )

    def programs(self) -> Iterator[Program]:
        for _ in range(self.number_of(Program)):
            yield Program(
                name=self.writer.program(),
                kind=self.chance.choice(ProgramKind.values),
                phase=self.chance.choice(Phase.values),
                resilience_area=self.chance.choice(ResilienceArea.values),
            )

    def link_agencies(self) -> None:
        for through, most in ((Program.lead_agencies.through, 2), (Program.partner_agencies.through, 4)):
            copy_rows(
                through,
                (
                    through(program_id=program.pk, agency_id=agency.pk)
                    for program in self.world[Program]
                    for agency in self.chance.sample(self.world[Agency], self.chance.randint(0, most))
                ),
            )
