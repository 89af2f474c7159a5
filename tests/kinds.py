"""Every kind of record and claim with the helper that makes one, for tests that hold of them all."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, models, transaction

from actors.models import (
    Group,
    GroupCitation,
    GroupEstimate,
    Involvement,
    Membership,
    Person,
    PersonCitation,
    Presence,
    Relation,
)
from crimewatch.citations.models import Claim, Indicator, Source
from crimewatch.records.models import Record
from programs.models import (
    Agency,
    AgencyCitation,
    AgencyEstimate,
    Appointment,
    Assessment,
    Milestone,
    Program,
    ProgramCitation,
    ProgramEstimate,
    Target,
)
from regions.models import (
    ActivityCitation,
    IllicitActivity,
    Occurrence,
    Region,
    RegionCitation,
    RegionEstimate,
    Route,
    RouteCitation,
    RouteLeg,
)
from tests import factories

Make = Callable[..., Any]

RECORDS: dict[type[Record], Make] = {
    Source: factories.make_source,
    Indicator: factories.make_indicator,
    Region: factories.make_region,
    IllicitActivity: factories.make_activity,
    Route: factories.make_route,
    Group: factories.make_group,
    Person: factories.make_person,
    Agency: factories.make_agency,
    Program: factories.make_program,
}

CLAIMS: dict[type[Claim], Make] = {
    RegionEstimate: factories.make_region_estimate,
    RegionCitation: factories.make_region_citation,
    ActivityCitation: factories.make_activity_citation,
    Occurrence: factories.make_occurrence,
    RouteLeg: factories.make_route_leg,
    RouteCitation: factories.make_route_citation,
    Presence: factories.make_presence,
    Involvement: factories.make_involvement,
    Relation: factories.make_relation,
    Membership: factories.make_membership,
    GroupEstimate: factories.make_group_estimate,
    GroupCitation: factories.make_group_citation,
    PersonCitation: factories.make_person_citation,
    Appointment: factories.make_appointment,
    AgencyEstimate: factories.make_agency_estimate,
    AgencyCitation: factories.make_agency_citation,
    Target: factories.make_target,
    Milestone: factories.make_milestone,
    Assessment: factories.make_assessment,
    ProgramEstimate: factories.make_program_estimate,
    ProgramCitation: factories.make_program_citation,
}

#: A claim about nothing but one record of each kind, which supports it.
CITED_BY: dict[type[Record], tuple[Make, str]] = {
    Source: (factories.make_presence, "source"),
    Indicator: (factories.make_region_estimate, "indicator"),
    Region: (factories.make_region_citation, "record"),
    IllicitActivity: (factories.make_activity_citation, "record"),
    Route: (factories.make_route_citation, "record"),
    Group: (factories.make_group_citation, "record"),
    Person: (factories.make_person_citation, "record"),
    Agency: (factories.make_agency_citation, "record"),
    Program: (factories.make_program_citation, "record"),
}


def make(model: type[Record | Claim], **overrides: Any) -> Any:
    """A stored, valid row of ``model``."""
    helper = {**RECORDS, **CLAIMS}[model]
    return helper(**overrides)


def make_claim_about(record: Record, **overrides: Any) -> Any:
    """A stored claim that supports ``record``."""
    helper, field = CITED_BY[type(record)]
    return helper(**{field: record}, **overrides)


def publish(*records: Record) -> None:
    """Publish ``records``, with a claim for each."""
    for record in records:
        make_claim_about(record)
        type(record)._default_manager.filter(pk=record.pk).update(status="published")
        record.refresh_from_db()


@contextmanager
def transaction_to_its_end() -> Iterator[None]:
    """A transaction in which the database checks also what it otherwise checks at COMMIT."""
    with transaction.atomic():
        yield
        connection.check_constraints()


def set_by_sql(row: models.Model, column: str, value: Any) -> None:
    """Change one column of a row as somebody does who knows nothing of our models."""
    table = row._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f'UPDATE {table} SET "{column}" = %s WHERE id = %s', [value, row.pk])


def delete_by_sql(row: models.Model) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {row._meta.db_table} WHERE id = %s", [row.pk])
