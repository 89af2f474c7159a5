"""What states do about it: agencies and state responses, and the claims about their aims, course and results."""

from .agencies import Agency, AgencyCitation, AgencyEstimate, AgencyKind, Appointment, AppointmentEnd
from .programs import (
    Assessment,
    AssessmentBasis,
    Milestone,
    Phase,
    Program,
    ProgramCitation,
    ProgramEstimate,
    ProgramKind,
    ResilienceArea,
    Target,
    Verdict,
)

__all__ = [
    "Agency",
    "AgencyCitation",
    "AgencyEstimate",
    "AgencyKind",
    "Appointment",
    "AppointmentEnd",
    "Assessment",
    "AssessmentBasis",
    "Milestone",
    "Phase",
    "Program",
    "ProgramCitation",
    "ProgramEstimate",
    "ProgramKind",
    "ResilienceArea",
    "Target",
    "Verdict",
]
