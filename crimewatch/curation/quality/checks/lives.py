"""Claims that cannot all be true: about a time before birth or after death, of ends before beginnings."""

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from actors.models import Group, Involvement, Membership, MembershipEnd, Person, Presence, Relation
from crimewatch.citations.models import Stance
from crimewatch.records import readable
from programs.models import Appointment

from .base import Check, worked_on

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer

#: The ends of a membership behind which a person does not go on as before.
TAKEN = (MembershipEnd.CAPTURED, MembershipEnd.KILLED, MembershipEnd.DIED, MembershipEnd.SURRENDERED)

#: When a group and a person begin and end to be there.
LIFE = {Group: ("founded", "dissolved"), Person: ("born", "died")}


class OutsideLife(Check):
    name = "outside-life"
    title = _("Claims about a time when their group or person was not there")
    sentence = _(
        "A group is at work before it was founded or after it was dissolved, or a person before birth or after death."
    )
    #: The foreign keys that say who is at work. The other side of a relation may be gone: who succeeds it says so.
    subjects = {
        Presence: ("group",),
        Involvement: ("group",),
        Relation: ("group",),
        Membership: ("person", "group"),
        Appointment: ("person",),
    }

    def models(self) -> list[Any]:
        return list(self.subjects)

    def found(self, model: Any, user: "Viewer") -> Any:
        outside = Q()
        for subject in self.subjects[model]:
            begins, ends = LIFE[model._meta.get_field(subject).related_model]
            outside |= Q(period__fully_lt=F(f"{subject}__{begins}_period"))
            outside |= Q(period__fully_gt=F(f"{subject}__{ends}_period"))
        return worked_on(model, user).filter(outside, stance=Stance.SUPPORTS)

    def detail(self, row: Any) -> str:
        lives = [
            f"{record._meta.get_field(field).verbose_name}: {readable.period(day)}"
            for record in (getattr(row, subject) for subject in self.subjects[type(row)])
            for field in LIFE[type(record)]
            if (day := getattr(record, field))
        ]
        return " · ".join([readable.period(row.when), *lives])


class EndBeforeStart(Check):
    name = "end-before-start"
    title = _("Memberships and posts that begin after another claim has ended them")
    sentence = _("One claim gives an end, another a beginning behind it: one of the dates is wrong, or it began anew.")
    same = {Membership: ("person", "group"), Appointment: ("agency", "person", "post")}

    def models(self) -> list[Any]:
        return list(self.same)

    def found(self, model: Any, user: "Viewer") -> Any:
        others = worked_on(model, user).filter(
            stance=Stance.SUPPORTS,
            ended_period__fully_lt=OuterRef("period"),
            **{name: OuterRef(name) for name in self.same[model]},
        )
        others = others.exclude(pk=OuterRef("pk"))
        if model is Membership:
            others = others.exclude(ended__in=TAKEN)  # those are for the next check
        return worked_on(model, user).filter(Exists(others), stance=Stance.SUPPORTS)

    def detail(self, row: Any) -> str:
        return readable.period(row.when)


class TakenAndActive(Check):
    name = "taken-and-active"
    title = _("People who are captured or dead and active all the same")
    sentence = _(
        "A claim has them captured, killed, dead or surrendered; another one has them in a group or post after that."
    )

    def models(self) -> list[Any]:
        return [Membership, Appointment]

    def found(self, model: Any, user: "Viewer") -> Any:
        rows = worked_on(model, user).filter(stance=Stance.SUPPORTS)
        # No claim contradicts itself here: one that is taken has an end of its own, and does not end before it begins.
        taken = worked_on(Membership, user).filter(stance=Stance.SUPPORTS, ended__in=TAKEN, ended_period__isnull=False)
        # Of “since 2010, still so” nobody says when it was so; a claim with an end of its own says no such thing.
        still = rows.filter(when__endswith="/..", ended="", person__in=taken.values("person"))
        later = rows.filter(Exists(taken.filter(person=OuterRef("person"), ended_period__fully_lt=OuterRef("period"))))
        # Each of the two is found for all people at once. In one condition the database would ask for each row anew,
        # and somebody of whom a thousand claims speak would be looked through a thousand times.
        return rows.filter(Q(pk__in=still.values("pk")) | Q(pk__in=later.values("pk")))

    def detail(self, row: Any) -> str:
        return readable.period(row.when)
