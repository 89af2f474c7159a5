"""Agencies and state responses, and the claims about them, as CSV files."""

from crimewatch.citations.resources import CITATION_COLUMNS, CLAIM_COLUMNS, ESTIMATE_COLUMNS, ClaimResource
from crimewatch.records.resources import RECORD_COLUMNS, RecordResource
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


class AgencyResource(RecordResource):
    class Meta:
        model = Agency
        fields = (*RECORD_COLUMNS, "kind", "parent", "country", "summary")


class ProgramResource(RecordResource):
    class Meta:
        model = Program
        fields = (
            *RECORD_COLUMNS,
            "kind",
            "phase",
            "resilience_area",
            "lead_agencies",
            "partner_agencies",
            "summary",
        )


class AppointmentResource(ClaimResource):
    class Meta:
        model = Appointment
        fields = ("uid", "agency", "person", "post", "ended", "ended_on", *CLAIM_COLUMNS)


class AgencyEstimateResource(ClaimResource):
    class Meta:
        model = AgencyEstimate
        fields = ("uid", "agency", *ESTIMATE_COLUMNS)


class AgencyCitationResource(ClaimResource):
    class Meta:
        model = AgencyCitation
        fields = CITATION_COLUMNS


class TargetResource(ClaimResource):
    class Meta:
        model = Target
        fields = ("uid", "program", "activity", "region", "group", *CLAIM_COLUMNS)


class MilestoneResource(ClaimResource):
    class Meta:
        model = Milestone
        fields = ("uid", "program", "event", "new_phase", *CLAIM_COLUMNS)


class AssessmentResource(ClaimResource):
    class Meta:
        model = Assessment
        fields = ("uid", "program", "verdict", "basis", "statement", *CLAIM_COLUMNS)


class ProgramEstimateResource(ClaimResource):
    class Meta:
        model = ProgramEstimate
        fields = ("uid", "program", *ESTIMATE_COLUMNS)


class ProgramCitationResource(ClaimResource):
    class Meta:
        model = ProgramCitation
        fields = CITATION_COLUMNS
