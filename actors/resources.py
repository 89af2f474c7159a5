"""Groups and people, and the claims about them, as CSV files."""

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
from crimewatch.citations.resources import CITATION_COLUMNS, CLAIM_COLUMNS, ESTIMATE_COLUMNS, ClaimResource
from crimewatch.records.resources import RECORD_COLUMNS, RecordResource


class GroupResource(RecordResource):
    class Meta:
        model = Group
        fields = (*RECORD_COLUMNS, "kind", "state", "is_collective", "founded", "dissolved", "summary")


class PersonResource(RecordResource):
    class Meta:
        model = Person
        fields = (*RECORD_COLUMNS, "nationality", "born", "died", "summary")


class PresenceResource(ClaimResource):
    class Meta:
        model = Presence
        fields = ("uid", "group", "region", "kind", *CLAIM_COLUMNS)


class InvolvementResource(ClaimResource):
    class Meta:
        model = Involvement
        fields = ("uid", "group", "activity", "region", "role", *CLAIM_COLUMNS)


class RelationResource(ClaimResource):
    class Meta:
        model = Relation
        fields = ("uid", "group", "kind", "other", *CLAIM_COLUMNS)


class MembershipResource(ClaimResource):
    class Meta:
        model = Membership
        fields = ("uid", "person", "group", "role", "ended", "ended_on", *CLAIM_COLUMNS)


class GroupEstimateResource(ClaimResource):
    class Meta:
        model = GroupEstimate
        fields = ("uid", "group", *ESTIMATE_COLUMNS)


class GroupCitationResource(ClaimResource):
    class Meta:
        model = GroupCitation
        fields = CITATION_COLUMNS


class PersonCitationResource(ClaimResource):
    class Meta:
        model = PersonCitation
        fields = CITATION_COLUMNS
