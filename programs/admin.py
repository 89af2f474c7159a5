"""The admin of agencies and state responses, and of the claims about them."""

from django.contrib import admin

from crimewatch.citations.admin import CitationAdmin, CitedRecordAdmin, ClaimAdmin, EstimateAdmin
from crimewatch.citations.inlines import CitationInline, ClaimInline, EstimateInline
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


class TargetInline(ClaimInline):
    model = Target
    own_fields = ("activity", "region", "group")


class MilestoneInline(ClaimInline):
    model = Milestone
    own_fields = ("event", "new_phase")


class AssessmentInline(ClaimInline):
    model = Assessment
    own_fields = ("verdict", "basis", "statement")


class ProgramEstimateInline(EstimateInline):
    model = ProgramEstimate


class ProgramCitationInline(CitationInline):
    model = ProgramCitation


@admin.register(Program)
class ProgramAdmin(CitedRecordAdmin):
    resource_classes = (ProgramResource,)
    list_display = ("name", "kind", "phase", "resilience_area")
    list_filter = ("kind", "phase", "resilience_area")
    own_fields = (("kind", "phase", "resilience_area"), "lead_agencies", "partner_agencies")
    inlines = (TargetInline, MilestoneInline, AssessmentInline, ProgramEstimateInline, ProgramCitationInline)


class AppointmentInline(ClaimInline):
    model = Appointment
    own_fields = ("person", "post", "ended", "ended_on")


class AgencyEstimateInline(EstimateInline):
    model = AgencyEstimate


class AgencyCitationInline(CitationInline):
    model = AgencyCitation


@admin.register(Agency)
class AgencyAdmin(CitedRecordAdmin):
    resource_classes = (AgencyResource,)
    list_display = ("name", "kind", "country", "parent")
    list_filter = ("kind",)
    list_select_related = ("country", "parent")
    own_fields = (("kind", "country"), "parent")
    inlines = (AppointmentInline, AgencyEstimateInline, AgencyCitationInline)


@admin.register(Target)
class TargetAdmin(ClaimAdmin):
    resource_classes = (TargetResource,)
    own_fields = ("program", "activity", "region", "group")


@admin.register(Milestone)
class MilestoneAdmin(ClaimAdmin):
    resource_classes = (MilestoneResource,)
    list_filter = ("new_phase", *ClaimAdmin.list_filter)
    own_fields = ("program", "event", "new_phase")


@admin.register(Assessment)
class AssessmentAdmin(ClaimAdmin):
    resource_classes = (AssessmentResource,)
    list_filter = ("verdict", "basis", *ClaimAdmin.list_filter)
    own_fields = ("program", ("verdict", "basis"), "statement")


@admin.register(ProgramEstimate)
class ProgramEstimateAdmin(EstimateAdmin):
    resource_classes = (ProgramEstimateResource,)
    own_fields = ("program",)


@admin.register(ProgramCitation)
class ProgramCitationAdmin(CitationAdmin):
    resource_classes = (ProgramCitationResource,)


@admin.register(Appointment)
class AppointmentAdmin(ClaimAdmin):
    resource_classes = (AppointmentResource,)
    list_filter = ("ended", *ClaimAdmin.list_filter)
    own_fields = ("agency", "person", "post", ("ended", "ended_on"))


@admin.register(AgencyEstimate)
class AgencyEstimateAdmin(EstimateAdmin):
    resource_classes = (AgencyEstimateResource,)
    own_fields = ("agency",)


@admin.register(AgencyCitation)
class AgencyCitationAdmin(CitationAdmin):
    resource_classes = (AgencyCitationResource,)
