"""A valid row of every table in a line: each helper takes the fields that a test cares about and fills in the rest.

A row is written as it is given, without `full_clean()`, so that a test can also try what the database refuses. Whatever
a claim needs and is not given (its source, its group) is made as well.
"""

from itertools import count
from typing import Any

from actors.models import (
    Group,
    GroupCitation,
    GroupEstimate,
    GroupKind,
    Involvement,
    Membership,
    Person,
    PersonCitation,
    Presence,
    Relation,
    RelationKind,
)
from crimewatch.citations.models import Indicator, Source
from programs.models import (
    Agency,
    AgencyCitation,
    AgencyEstimate,
    AgencyKind,
    Appointment,
    Assessment,
    Milestone,
    Program,
    ProgramCitation,
    ProgramEstimate,
    ProgramKind,
    Target,
    Verdict,
)
from regions.models import (
    ActivityCitation,
    Commodity,
    IllicitActivity,
    Occurrence,
    Region,
    RegionCitation,
    RegionEstimate,
    RegionKind,
    Route,
    RouteCitation,
    RouteLeg,
)

numbers = count(1)


def named(kind: str, overrides: dict[str, Any]) -> dict[str, Any]:
    """A name and a slug that no other row has, unless the test gives its own."""
    number = next(numbers)
    name = overrides.get("name", f"{kind.capitalize()} {number}")
    return {"slug": f"{kind}-{number}", "name": name, **overrides}


def make_source(**overrides: Any) -> Source:
    return Source.objects.create(**named("source", overrides))


def make_indicator(**overrides: Any) -> Indicator:
    return Indicator.objects.create(**{"unit": "hectare", **named("indicator", overrides)})


def make_region(**overrides: Any) -> Region:
    """A region; `parts`, a list of regions, makes a zone of it unless `kind` says otherwise."""
    parts = overrides.pop("parts", None)
    kind = RegionKind.ZONE if parts else RegionKind.PROVINCE
    region = Region.objects.create(**{"kind": kind, **named("region", overrides)})
    region.parts.set(parts or [])
    return region


def make_activity(**overrides: Any) -> IllicitActivity:
    return IllicitActivity.objects.create(**named("activity", overrides))


def make_route(**overrides: Any) -> Route:
    return Route.objects.create(**{"commodity": Commodity.COCAINE, **named("route", overrides)})


def make_group(**overrides: Any) -> Group:
    return Group.objects.create(**{"kind": GroupKind.NETWORK, **named("group", overrides)})


def make_person(**overrides: Any) -> Person:
    return Person.objects.create(**named("person", overrides))


def make_agency(**overrides: Any) -> Agency:
    return Agency.objects.create(**{"kind": AgencyKind.POLICE, **named("agency", overrides)})


def make_program(**overrides: Any) -> Program:
    """A state response; `lead_agencies` and `partner_agencies` are lists of agencies."""
    leads = overrides.pop("lead_agencies", [])
    partners = overrides.pop("partner_agencies", [])
    program = Program.objects.create(**{"kind": ProgramKind.OPERATION, **named("program", overrides)})
    program.lead_agencies.set(leads)
    program.partner_agencies.set(partners)
    return program


def make_region_estimate(**overrides: Any) -> RegionEstimate:
    return RegionEstimate.objects.create(**estimated(overrides, region=make_region))


def make_region_citation(**overrides: Any) -> RegionCitation:
    return RegionCitation.objects.create(**cited(overrides, record=make_region))


def make_activity_citation(**overrides: Any) -> ActivityCitation:
    return ActivityCitation.objects.create(**cited(overrides, record=make_activity))


def make_occurrence(**overrides: Any) -> Occurrence:
    return Occurrence.objects.create(**claimed(overrides, activity=make_activity, region=make_region))


def make_route_leg(**overrides: Any) -> RouteLeg:
    return RouteLeg.objects.create(
        **{"order": 1, **claimed(overrides, route=make_route, origin=make_region, destination=make_region)}
    )


def make_route_citation(**overrides: Any) -> RouteCitation:
    return RouteCitation.objects.create(**cited(overrides, record=make_route))


def make_presence(**overrides: Any) -> Presence:
    return Presence.objects.create(**claimed(overrides, group=make_group, region=make_region))


def make_involvement(**overrides: Any) -> Involvement:
    return Involvement.objects.create(**claimed(overrides, group=make_group, activity=make_activity))


def make_relation(**overrides: Any) -> Relation:
    return Relation.objects.create(
        **{"kind": RelationKind.ALLY_OF, **claimed(overrides, group=make_group, other=make_group)}
    )


def make_membership(**overrides: Any) -> Membership:
    return Membership.objects.create(**claimed(overrides, person=make_person, group=make_group))


def make_group_estimate(**overrides: Any) -> GroupEstimate:
    return GroupEstimate.objects.create(**estimated(overrides, group=make_group))


def make_group_citation(**overrides: Any) -> GroupCitation:
    return GroupCitation.objects.create(**cited(overrides, record=make_group))


def make_person_citation(**overrides: Any) -> PersonCitation:
    return PersonCitation.objects.create(**cited(overrides, record=make_person))


def make_appointment(**overrides: Any) -> Appointment:
    return Appointment.objects.create(**{"post": "head", **claimed(overrides, agency=make_agency, person=make_person)})


def make_agency_estimate(**overrides: Any) -> AgencyEstimate:
    return AgencyEstimate.objects.create(**estimated(overrides, agency=make_agency))


def make_agency_citation(**overrides: Any) -> AgencyCitation:
    return AgencyCitation.objects.create(**cited(overrides, record=make_agency))


def make_target(**overrides: Any) -> Target:
    aims = {} if {"activity", "region", "group"} & set(overrides) else {"region": make_region}
    return Target.objects.create(**claimed(overrides, program=make_program, **aims))


def make_milestone(**overrides: Any) -> Milestone:
    return Milestone.objects.create(
        **{"event": "It began.", "when": "2016-11-25", **claimed(overrides, program=make_program)}
    )


def make_assessment(**overrides: Any) -> Assessment:
    return Assessment.objects.create(
        **{
            "verdict": Verdict.PARTLY,
            "statement": "It works in part.",
            **claimed(overrides, program=make_program),
        }
    )


def make_program_estimate(**overrides: Any) -> ProgramEstimate:
    return ProgramEstimate.objects.create(**estimated(overrides, program=make_program))


def make_program_citation(**overrides: Any) -> ProgramCitation:
    return ProgramCitation.objects.create(**cited(overrides, record=make_program))


def claimed(overrides: dict[str, Any], **needed: Any) -> dict[str, Any]:
    """The fields of a claim: those given, and a new record for each `needed` key that is not among them."""
    needed = {"source": make_source, **needed}
    return {**{name: make() for name, make in needed.items() if name not in overrides}, **overrides}


def cited(overrides: dict[str, Any], **needed: Any) -> dict[str, Any]:
    return {"statement": "It is so.", **claimed(overrides, **needed)}


def estimated(overrides: dict[str, Any], **needed: Any) -> dict[str, Any]:
    """The fields of an estimate; it has a best value unless the test gives any value of its own."""
    values = {} if {"low", "best", "high"} & set(overrides) else {"best": 55000}
    return {**values, **claimed(overrides, indicator=make_indicator, **needed)}
