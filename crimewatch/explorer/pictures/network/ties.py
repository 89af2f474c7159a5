"""How records are tied to one another: for each kind of claim that names two, its ends and the words between them."""

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Case, F, Q, TextField, Value, When
from django.db.models.functions import Greatest, Least
from django.utils.translation import gettext_lazy as _

from actors.models import (
    Group,
    Involvement,
    InvolvementRole,
    Membership,
    MembershipRole,
    Person,
    Presence,
    PresenceKind,
    Relation,
    RelationKind,
)
from crimewatch.citations.models import Claim
from crimewatch.records.models import Record
from programs.models import Agency, Appointment, Program, Target
from regions.models import IllicitActivity, Intensity, Occurrence, Region, Trend

#: The records that the network joins, by the words by which addresses name their kinds.
NODE_KINDS: dict[str, type[Record]] = {
    "group": Group,
    "person": Person,
    "activity": IllicitActivity,
    "region": Region,
    "agency": Agency,
    "program": Program,
}
KEY_OF_KIND = {model: key for key, model in NODE_KINDS.items()}

#: Relations that hold in both directions alike: who is named first says nothing.
SYMMETRICAL = frozenset({RelationKind.ALLY_OF, RelationKind.RIVAL_OF, RelationKind.COLLABORATES_WITH})


class RoleOf(models.TextChoices):
    """What a person is or was in a group, read from the person to the group."""

    LEADER = MembershipRole.LEADER.value, _("leader of")
    COMMANDER = MembershipRole.COMMANDER.value, _("commander in")
    MEMBER = MembershipRole.MEMBER.value, _("member of")
    ASSOCIATE = MembershipRole.ASSOCIATE.value, _("associate of")
    FINANCIER = MembershipRole.FINANCIER.value, _("financier of")
    FOUNDER = MembershipRole.FOUNDER.value, _("founder of")


class Happening(models.TextChoices):
    """Whether an activity is in a region, by what a source says of its intensity."""

    GOES_ON = "goes-on", _("goes on in")
    ABSENT = "absent", _("is absent from")


class ActiveIn(models.TextChoices):
    """A group does something in a region: the third end of an involvement."""

    ACTIVE_IN = "active-in", _("is active in")


class Aim(models.TextChoices):
    """A state response and what it is aimed at."""

    AIMED_AT = "aimed-at", _("is aimed at")


class Post(models.TextChoices):
    """A person and an agency."""

    IN_POST = "in-post", _("has or had a post in")


class PartIn(models.TextChoices):
    """An agency's part in a state response, as the response's own record tells it: no claim says so."""

    LEADS = "leads", _("leads")
    PARTNER_IN = "partner-in", _("is a partner in")


NEVER = Q(pk__in=[])

#: Of claims that tell how something ended: that it has.
ENDED = ~Q(ended="", ended_on="")


@dataclass(frozen=True)
class Tie:
    """One way in which rows of ``model`` join two records; it reads from ``origin`` to ``target``, two foreign keys."""

    kind: str
    model: type[models.Model]
    origin: str
    target: str
    words: type[models.TextChoices]
    #: The word in the database; a tie that has but one word leaves it out.
    word: Any = None
    #: What makes it past, beside an interval that is over.
    ended: Q = NEVER

    @property
    def origin_kind(self) -> str:
        return self._kind_of(self.origin)

    @property
    def target_kind(self) -> str:
        return self._kind_of(self.target)

    @property
    def is_claimed(self) -> bool:
        return issubclass(self.model, Claim)

    def _kind_of(self, name: str) -> str:
        record: Any = self.model._meta.get_field(name).related_model
        return KEY_OF_KIND[record]

    def rows(self, claims: Any) -> Any:
        """``claims`` with the columns by which all ties are alike."""
        return (
            claims.order_by()
            .filter(**{f"{self.target}__isnull": False})
            .annotate(
                tie_kind=_text(self.kind),
                tie_word=_text(self.words.values[0]) if self.word is None else self.word,
                origin_kind=_text(self.origin_kind),
                tie_origin=self._end(self.origin, Least),
                target_kind=_text(self.target_kind),
                tie_target=self._end(self.target, Greatest),
            )
        )

    def _end(self, name: str, extreme: Any) -> Any:
        """The record at one end; where a relation holds both ways, the record that was entered first begins it."""
        if self.words is not RelationKind:
            return F(f"{name}_id")
        either = extreme(f"{self.origin}_id", f"{self.target}_id")
        return Case(When(kind__in=SYMMETRICAL, then=either), default=F(f"{name}_id"))


def _text(text: str) -> Value:
    return Value(text, output_field=TextField())


LEADING: Any = Program.lead_agencies.through
PARTNERING: Any = Program.partner_agencies.through

TIES: tuple[Tie, ...] = (
    Tie("presence", Presence, "group", "region", PresenceKind, F("kind")),
    Tie("involvement", Involvement, "group", "activity", InvolvementRole, F("role")),
    Tie("involvement", Involvement, "group", "region", ActiveIn),
    Tie("relation", Relation, "group", "other", RelationKind, F("kind")),
    Tie("membership", Membership, "person", "group", RoleOf, F("role"), ended=ENDED),
    Tie(
        "occurrence",
        Occurrence,
        "activity",
        "region",
        Happening,
        Case(When(intensity=Intensity.ABSENT, then=_text("absent")), default=_text("goes-on")),
        ended=Q(trend=Trend.ENDED),
    ),
    Tie("target", Target, "program", "activity", Aim),
    Tie("target", Target, "program", "region", Aim),
    Tie("target", Target, "program", "group", Aim),
    Tie("appointment", Appointment, "person", "agency", Post, ended=ENDED),
    Tie("part", LEADING, "agency", "program", PartIn, _text("leads")),
    Tie("part", PARTNERING, "agency", "program", PartIn, _text("partner-in")),
)

#: The kinds of claims that tie records to one another.
CLAIMED: list[type[Claim]] = list(dict.fromkeys(tie.model for tie in TIES if issubclass(tie.model, Claim)))

#: The words of all ties by their keys. Those of one key read alike: a group supplies another, and an activity.
WORDS: dict[str, Any] = {key: label for tie in TIES for key, label in tie.words.choices}
