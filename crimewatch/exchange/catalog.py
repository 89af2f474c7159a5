"""Every table that travels by CSV, in an order in which each comes after those that it refers to.

This is the one place that lists all kinds of records and claims.
"""

from dataclasses import dataclass
from typing import Any

from actors.resources import (
    GroupCitationResource,
    GroupEstimateResource,
    GroupResource,
    InvolvementResource,
    MembershipResource,
    PersonCitationResource,
    PersonResource,
    PresenceResource,
    RelationResource,
)
from crimewatch.citations.resources import IndicatorResource, SourceResource
from crimewatch.records.resources import TableResource
from programs.resources import (
    AgencyCitationResource,
    AgencyEstimateResource,
    AgencyResource,
    AppointmentResource,
    AssessmentResource,
    MilestoneResource,
    ProgramCitationResource,
    ProgramEstimateResource,
    ProgramResource,
    TargetResource,
)
from regions.resources import (
    ActivityCitationResource,
    IllicitActivityResource,
    OccurrenceResource,
    RegionCitationResource,
    RegionEstimateResource,
    RegionResource,
    RouteCitationResource,
    RouteLegResource,
    RouteResource,
)


@dataclass(frozen=True)
class Table:
    """A table of a package: the name of its file, and the Resource that reads and writes it."""

    name: str
    resource: type[TableResource]

    @property
    def file_name(self) -> str:
        return f"{self.name}.csv"

    @property
    def model(self) -> Any:
        return self.resource._meta.model


TABLES = (
    Table("sources", SourceResource),
    Table("indicators", IndicatorResource),
    Table("regions", RegionResource),
    Table("illicit_activities", IllicitActivityResource),
    Table("routes", RouteResource),
    Table("groups", GroupResource),
    Table("people", PersonResource),
    Table("agencies", AgencyResource),
    Table("programs", ProgramResource),
    Table("region_estimates", RegionEstimateResource),
    Table("region_citations", RegionCitationResource),
    Table("activity_citations", ActivityCitationResource),
    Table("occurrences", OccurrenceResource),
    Table("route_legs", RouteLegResource),
    Table("route_citations", RouteCitationResource),
    Table("presences", PresenceResource),
    Table("involvements", InvolvementResource),
    Table("relations", RelationResource),
    Table("memberships", MembershipResource),
    Table("group_estimates", GroupEstimateResource),
    Table("group_citations", GroupCitationResource),
    Table("person_citations", PersonCitationResource),
    Table("appointments", AppointmentResource),
    Table("agency_estimates", AgencyEstimateResource),
    Table("agency_citations", AgencyCitationResource),
    Table("targets", TargetResource),
    Table("milestones", MilestoneResource),
    Table("assessments", AssessmentResource),
    Table("program_estimates", ProgramEstimateResource),
    Table("program_citations", ProgramCitationResource),
)

TABLES_BY_NAME = {table.name: table for table in TABLES}
