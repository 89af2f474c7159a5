"""Who does it: criminal groups and people, and the claims that tie them to places, activities and each other."""

from .groups import (
    ActivityState,
    Group,
    GroupCitation,
    GroupEstimate,
    GroupKind,
    Involvement,
    InvolvementRole,
    Presence,
    PresenceKind,
    Relation,
    RelationKind,
)
from .people import Membership, MembershipEnd, MembershipRole, Person, PersonCitation

__all__ = [
    "ActivityState",
    "Group",
    "GroupCitation",
    "GroupEstimate",
    "GroupKind",
    "Involvement",
    "InvolvementRole",
    "Membership",
    "MembershipEnd",
    "MembershipRole",
    "Person",
    "PersonCitation",
    "Presence",
    "PresenceKind",
    "Relation",
    "RelationKind",
]
