"""The pages of groups and people, and how the claims about them read."""

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from actors.models import Group, Involvement, Membership, Person, Presence, Relation
from crimewatch.citations.profiles import ProfileView, in_words, sentence
from crimewatch.records.models import Record


@sentence.register
def _presence(claim: Presence) -> list[Record | str]:
    return [claim.group, claim.get_kind_display(), claim.region]


@sentence.register
def _involvement(claim: Involvement) -> list[Record | str]:
    place: list[Record | str] = ["·", claim.region] if claim.region else []
    return [claim.group, claim.get_role_display(), claim.activity, *place]


@sentence.register
def _relation(claim: Relation) -> list[Record | str]:
    return [claim.group, claim.get_kind_display(), claim.other]


@sentence.register
def _membership(claim: Membership) -> list[Record | str]:
    end = " ".join(filter(None, [claim.get_ended_display(), in_words(claim.ended_on)]))
    return [claim.person, "·", claim.get_role_display(), "·", claim.group, *(["·", end] if end else [])]


class GroupProfile(ProfileView):
    """A group: where it is, what it does, who belongs to it and how it stands to others."""

    model = Group
    titles: ClassVar[dict[str, Any]] = {
        "presence": _("Where it is"),
        "involvement": _("What it does"),
        "relation": _("How it stands to other groups"),
        "membership": _("Who belongs to it"),
        "target": _("What the state does about it"),
    }


class PersonProfile(ProfileView):
    """A person: the groups and posts."""

    model = Person
    titles: ClassVar[dict[str, Any]] = {"membership": _("Groups"), "appointment": _("Posts")}
