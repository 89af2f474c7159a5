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
    list_display = ("name", "kind", "country", "parent")
    list_filter = ("kind",)
    list_select_related = ("country", "parent")
    own_fields = (("kind", "country"), "parent")
    inlines = (AppointmentInline, AgencyEstimateInline, AgencyCitationInline)


@admin.register(Target)
class TargetAdmin(ClaimAdmin):
    own_fields = ("program", "activity", "region", "group")


@admin.register(Milestone)
class MilestoneAdmin(ClaimAdmin):
    list_filter = ("new_phase", *ClaimAdmin.list_filter)
    own_fields = ("program", "event", "new_phase")


@admin.register(Assessment)
class AssessmentAdmin(ClaimAdmin):
    list_filter = ("verdict", "basis", *ClaimAdmin.list_filter)
    own_fields = ("program", ("verdict", "basis"), "statement")


@admin.register(ProgramEstimate)
class ProgramEstimateAdmin(EstimateAdmin):
    own_fields = ("program",)


@admin.register(ProgramCitation)
class ProgramCitationAdmin(CitationAdmin):
    pass


@admin.register(Appointment)
class AppointmentAdmin(ClaimAdmin):
    list_filter = ("ended", *ClaimAdmin.list_filter)
    own_fields = ("agency", "person", "post", ("ended", "ended_on"))


@admin.register(AgencyEstimate)
class AgencyEstimateAdmin(EstimateAdmin):
    own_fields = ("agency",)


@admin.register(AgencyCitation)
class AgencyCitationAdmin(CitationAdmin):
    pass
