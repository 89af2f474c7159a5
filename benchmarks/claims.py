"""The claims: every kind in a realistic share, and a few records that very many of them name."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import accumulate, chain, repeat
from random import Random
from typing import Any
from uuid import UUID

from actors.models import (
    Group,
    GroupCitation,
    GroupEstimate,
    Involvement,
    InvolvementRole,
    Membership,
    MembershipEnd,
    MembershipRole,
    Person,
    PersonCitation,
    Presence,
    PresenceKind,
    Relation,
    RelationKind,
)
from benchmarks.records import World
from benchmarks.words import RARE_WORD, Writer
from crimewatch.citations.models import Claim, ClaimStatus, Credibility, Indicator, LocatorType, Source, Stance, Wording
from programs.models import (
    Agency,
    AgencyCitation,
    AgencyEstimate,
    Appointment,
    AppointmentEnd,
    Assessment,
    AssessmentBasis,
    Milestone,
    Phase,
    Program,
    ProgramCitation,
    ProgramEstimate,
    Target,
    Verdict,
)
from regions.models import (
    ActivityCitation,
    IllicitActivity,
    Intensity,
    Mode,
    Occurrence,
    Region,
    RegionCitation,
    RegionEstimate,
    Route,
    RouteCitation,
    RouteLeg,
    Trend,
)

#: Of a thousand claims, how many are of each kind.
SHARES: dict[type[Claim], int] = {
    Occurrence: 160,
    Presence: 140,
    Involvement: 110,
    RegionCitation: 90,
    GroupCitation: 80,
    RegionEstimate: 70,
    Membership: 60,
    PersonCitation: 60,
    Relation: 40,
    Milestone: 40,
    RouteLeg: 30,
    Target: 30,
    GroupEstimate: 20,
    ProgramCitation: 20,
    Assessment: 10,
    ProgramEstimate: 10,
    AgencyCitation: 10,
    Appointment: 6,
    ActivityCitation: 5,
    AgencyEstimate: 5,
    RouteCitation: 4,
}

#: The share of the best-known region in the claims that name a region; it then is in a tenth of all claims.
SHARE_OF_BEST_KNOWN_REGION = 0.17
#: How many presences one group has: exactly so many, or a tenth of all claims where those are few.
PRESENCES_OF_FIRST_GROUP = 1_000
#: One claim in so many has the rare word in its note.
CLAIMS_PER_RARE_WORD = 50_000


def numbers_of_claims(claims: int) -> dict[type[Claim], int]:
    """How many claims of each kind there are among ``claims``."""
    total = sum(SHARES.values())
    numbers = {model: claims * share // total for model, share in SHARES.items()}
    numbers[Occurrence] += claims - sum(numbers.values())
    return numbers


def popular(chance: Random, rows: Sequence[Any], share_of_first: float = 0.0) -> Iterator[Any]:
    """Draw rows without end, the first ones far more often than the last ones, as Zipf's law has it."""
    weights = [1 / rank**0.9 for rank in range(1, len(rows) + 1)]
    if share_of_first:
        weights[0] = sum(weights[1:]) * share_of_first / (1 - share_of_first)
    summed = list(accumulate(weights))
    while True:
        yield from chance.choices(rows, cum_weights=summed, k=10_000)


class ClaimMaker:
    """Makes the claims of each kind about the records of a world."""

    def __init__(self, chance: Random, world: World, claims: int) -> None:
        self.chance = chance
        self.claims = claims
        self.writer = Writer(chance)
        self.draws = {model: popular(chance, rows) for model, rows in world.records.items()}
        self.draws[Region] = popular(chance, world[Region], SHARE_OF_BEST_KNOWN_REGION)
        self.groups_present = chain(
            repeat(world[Group][0], min(PRESENCES_OF_FIRST_GROUP, claims // 10)), popular(chance, world[Group][1:])
        )
        self.makers: dict[type[Claim], Callable[[], dict[str, Any]]] = {
            Occurrence: self.occurrence,
            Presence: self.presence,
            Involvement: self.involvement,
            Relation: self.relation,
            Membership: self.membership,
            Milestone: self.milestone,
            RouteLeg: self.route_leg,
            Target: self.target,
            Assessment: self.assessment,
            Appointment: self.appointment,
            RegionCitation: self.citation_of(Region),
            ActivityCitation: self.citation_of(IllicitActivity),
            RouteCitation: self.citation_of(Route),
            GroupCitation: self.citation_of(Group),
            PersonCitation: self.citation_of(Person),
            AgencyCitation: self.citation_of(Agency),
            ProgramCitation: self.citation_of(Program),
            RegionEstimate: self.estimate_of("region", Region),
            GroupEstimate: self.estimate_of("group", Group),
            ProgramEstimate: self.estimate_of("program", Program),
            AgencyEstimate: self.estimate_of("agency", Agency),
        }

    def make(self, model: type[Claim], number: int) -> Iterator[Claim]:
        """``number`` claims of a kind."""
        for position in range(number):
            fields = {**self.shared(), **self.makers[model]()}
            if position % CLAIMS_PER_RARE_WORD == 0:
                fields["note"] = f"Según un testigo apodado {RARE_WORD.capitalize()}."
            yield model(**fields)

    def next(self, model: type[Any]) -> Any:
        return next(self.draws[model])

    def maybe(self, model: type[Any], probability: float) -> Any:
        return self.next(model) if self.chance.random() < probability else None

    def two(self, model: type[Any]) -> tuple[Any, Any]:
        """Two different records of a kind."""
        first = second = self.next(model)
        while second is first:
            second = self.next(model)
        return first, second

    def shared(self) -> dict[str, Any]:
        """What every claim has: where it is from, how sure it is, and when."""
        chance = self.chance.random
        typed_at = self.writer.moment()
        status = ClaimStatus.ACCEPTED if chance() < 0.92 else self.chance.choice(ClaimStatus.values)
        has_locator = chance() < 0.8
        return {
            "uid": str(UUID(int=self.chance.getrandbits(128), version=4)),
            "source": self.next(Source),
            "locator_type": self.chance.choice((LocatorType.PARAGRAPH, LocatorType.PAGE)) if has_locator else "",
            "locator": str(self.chance.randint(1, 200)) if has_locator else "",
            "quotation": self.writer.one("phrases") if chance() < 0.2 else "",
            "wording": self.chance.choice(Wording.values),
            "attributed_to": self.writer.agency() if chance() < 0.25 else "",
            "credibility": self.chance.choice(Credibility.values),
            "stance": Stance.SUPPORTS if chance() < 0.92 else self.chance.choice(Stance.values),
            "status": status,
            "when": self.writer.edtf_or_nothing(),
            "note": self.writer.one("reasons") if status == ClaimStatus.CONFLICT or chance() < 0.15 else "",
            "created_at": typed_at,
            "updated_at": typed_at,
        }

    def sentence(self) -> str:
        return self.writer.sentence(self.next(Region).name, self.next(Group).name)

    def occurrence(self) -> dict[str, Any]:
        return {
            "activity": self.next(IllicitActivity),
            "region": self.next(Region),
            "trend": self.chance.choice(("", *Trend.values)),
            "intensity": self.chance.choice(("", *Intensity.values)),
        }

    def presence(self) -> dict[str, Any]:
        return {
            "group": next(self.groups_present),
            "region": self.next(Region),
            "kind": self.chance.choice(PresenceKind.values),
        }

    def involvement(self) -> dict[str, Any]:
        return {
            "group": self.next(Group),
            "activity": self.next(IllicitActivity),
            "region": self.maybe(Region, 0.6),
            "role": self.chance.choice(InvolvementRole.values),
        }

    def relation(self) -> dict[str, Any]:
        group, other = self.two(Group)
        return {"group": group, "other": other, "kind": self.chance.choice(RelationKind.values)}

    def membership(self) -> dict[str, Any]:
        fields = {
            "person": self.next(Person),
            "group": self.next(Group),
            "role": self.chance.choice(MembershipRole.values),
        }
        if self.chance.random() < 0.4:
            fields |= self.end(MembershipEnd.values)
        return fields

    def appointment(self) -> dict[str, Any]:
        fields = {
            "agency": self.next(Agency),
            "person": self.next(Person),
            "post": self.chance.choice(("ministro", "director", "jefe de la unidad", "fiscal superior")),
        }
        if self.chance.random() < 0.6:
            fields |= self.end(AppointmentEnd.values)
        return fields

    def end(self, ways: list[str]) -> dict[str, Any]:
        """How and when something ended that had begun before."""
        began = self.writer.edtf_or_nothing(1990, 2007)
        return {"when": began, "ended": self.chance.choice(ways), "ended_on": self.writer.day(2010)}

    def route_leg(self) -> dict[str, Any]:
        origin, destination = self.two(Region)
        return {
            "route": self.next(Route),
            "order": self.chance.randint(1, 6),
            "origin": origin,
            "destination": destination,
            "mode": self.chance.choice(Mode.values),
        }

    def target(self) -> dict[str, Any]:
        return {
            "program": self.next(Program),
            "activity": self.next(IllicitActivity),
            "region": self.maybe(Region, 0.5),
            "group": self.maybe(Group, 0.2),
        }

    def milestone(self) -> dict[str, Any]:
        return {
            "program": self.next(Program),
            "event": self.sentence()[:300],
            "new_phase": self.chance.choice(("", *Phase.values)),
            "when": self.writer.edtf(2000),
        }

    def assessment(self) -> dict[str, Any]:
        return {
            "program": self.next(Program),
            "verdict": self.chance.choice(Verdict.values),
            "basis": self.chance.choice(AssessmentBasis.values),
            "statement": self.sentence(),
        }

    def citation_of(self, model: type[Any]) -> Callable[[], dict[str, Any]]:
        def make() -> dict[str, Any]:
            sentences = " ".join(self.sentence() for _ in range(self.chance.randint(1, 3)))
            return {"record": self.next(model), "statement": sentences}

        return make

    def estimate_of(self, subject: str, model: type[Any]) -> Callable[[], dict[str, Any]]:
        def make() -> dict[str, Any]:
            indicator = self.next(Indicator)
            best = self.chance.randint(1, 90) if indicator.unit == "percent" else self.chance.randint(10, 90_000)
            has_range = self.chance.random() < 0.3
            fields = {
                subject: self.next(model),
                "indicator": indicator,
                "unit": indicator.unit,
                "low": Decimal(best) * Decimal("0.9") if has_range else None,
                "best": Decimal(best),
                "high": Decimal(best) * Decimal("1.1") if has_range else None,
                "source_words": f"unos {best}",
                "cut_off": self.writer.day() if self.chance.random() < 0.2 else "",
            }
            if self.chance.random() < 0.05:
                fields |= {"is_derived": True, "note": self.writer.one("reasons")}
            if model is Region:
                fields["activity"] = self.maybe(IllicitActivity, 0.5)
            return fields

        return make
