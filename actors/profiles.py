"""The pages of groups and people, and how the claims about them read."""

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from actors.models import Group, Involvement, Membership, Person, Presence, Relation, RelationKind
from crimewatch.citations.profiles import in_words, sentence
from crimewatch.records.models import Record
from regions.profiles import PlacedProfile


@sentence.register
def _presence(claim: Presence, _seen_from: Record | None = None) -> list[Record | str]:
    return [claim.group, claim.get_kind_display(), claim.region]


@sentence.register
def _involvement(claim: Involvement, _seen_from: Record | None = None) -> list[Record | str]:
    place: list[Record | str] = ["·", claim.region] if claim.region else []
    return [claim.group, claim.get_role_display(), claim.activity, *place]


@sentence.register
def _relation(claim: Relation, seen_from: Record | None = None) -> list[Record | str]:
    if seen_from == claim.other:
        return [claim.other, RelationKind(claim.kind).converse, claim.group]
    return [claim.group, claim.get_kind_display(), claim.other]


@sentence.register
def _membership(claim: Membership, _seen_from: Record | None = None) -> list[Record | str]:
    end = " ".join(filter(None, [claim.get_ended_display(), in_words(claim.ended_on)]))
    return [claim.person, "·", claim.get_role_display(), "·", claim.group, *(["·", end] if end else [])]


class GroupProfile(PlacedProfile):
    """A group: where it is, what it does, who belongs to it and how it stands to others."""

    model = Group
    kind_field = "kind"
    titles: ClassVar[dict[str, Any]] = {
        "presence": _("Where it is"),
        "involvement": _("What it does"),
        "relation": _("How it stands to other groups"),
        "membership": _("Who belongs to it"),
        "figures": _("Figures"),
        "target": _("What the state does about it"),
    }


class PersonProfile(PlacedProfile):
    """A person: the groups and posts."""

    model = Person
    titles: ClassVar[dict[str, Any]] = {"membership": _("Groups that the person belongs to"), "appointment": _("Posts")}
