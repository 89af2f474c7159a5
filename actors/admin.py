"""The admin of groups and people, and of the claims about them."""

from django.contrib import admin

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
from crimewatch.citations.admin import CitationAdmin, CitedRecordAdmin, ClaimAdmin, EstimateAdmin
from crimewatch.citations.inlines import CitationInline, ClaimInline, EstimateInline


class PresenceInline(ClaimInline):
    model = Presence
    own_fields = ("kind", "region")


class InvolvementInline(ClaimInline):
    model = Involvement
    own_fields = ("role", "activity", "region")


class RelationInline(ClaimInline):
    model = Relation
    fk_name = "group"
    own_fields = ("kind", "other")


class GroupMembershipInline(ClaimInline):
    model = Membership
    own_fields = ("person", "role", "ended", "ended_on")


class GroupEstimateInline(EstimateInline):
    model = GroupEstimate


class GroupCitationInline(CitationInline):
    model = GroupCitation


@admin.register(Group)
class GroupAdmin(CitedRecordAdmin):
    list_display = ("name", "kind", "state", "is_collective")
    list_filter = ("kind", "state", "is_collective")
    own_fields = (("kind", "state", "is_collective"), ("founded", "dissolved"))
    inlines = (
        PresenceInline,
        InvolvementInline,
        RelationInline,
        GroupMembershipInline,
        GroupEstimateInline,
        GroupCitationInline,
    )


class PersonMembershipInline(ClaimInline):
    model = Membership
    own_fields = ("group", "role", "ended", "ended_on")


class PersonCitationInline(CitationInline):
    model = PersonCitation


@admin.register(Person)
class PersonAdmin(CitedRecordAdmin):
    list_display = ("name", "nationality", "born", "died")
    list_select_related = ("nationality",)
    own_fields = ("nationality", ("born", "died"))
    inlines = (PersonMembershipInline, PersonCitationInline)


@admin.register(Presence)
class PresenceAdmin(ClaimAdmin):
    list_filter = ("kind", *ClaimAdmin.list_filter)
    own_fields = ("group", "kind", "region")


@admin.register(Involvement)
class InvolvementAdmin(ClaimAdmin):
    list_filter = ("role", *ClaimAdmin.list_filter)
    own_fields = ("group", "role", "activity", "region")


@admin.register(Relation)
class RelationAdmin(ClaimAdmin):
    list_filter = ("kind", *ClaimAdmin.list_filter)
    own_fields = ("group", "kind", "other")


@admin.register(Membership)
class MembershipAdmin(ClaimAdmin):
    list_filter = ("role", "ended", *ClaimAdmin.list_filter)
    own_fields = ("person", "role", "group", ("ended", "ended_on"))


@admin.register(GroupEstimate)
class GroupEstimateAdmin(EstimateAdmin):
    own_fields = ("group",)


@admin.register(GroupCitation)
class GroupCitationAdmin(CitationAdmin):
    pass


@admin.register(PersonCitation)
class PersonCitationAdmin(CitationAdmin):
    pass
