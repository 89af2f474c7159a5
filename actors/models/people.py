"""People, and the groups that they belong to."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from actors.querysets import PersonQuerySet
from crimewatch.citations.models import Citation, Claim
from crimewatch.records.fields import EDTFField, period_of
from crimewatch.records.history import tracked
from crimewatch.records.models import Record
from regions.models import Region

from .groups import Group


@tracked
class Person(Record):
    """A person, in whatever part: leader of a gang, minister, head of an agency."""

    nationality = models.ForeignKey(
        Region,
        verbose_name=_("nationality"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="nationals",
        limit_choices_to={"kind": "country"},
    )
    born = EDTFField(_("born"), help_text=_("EDTF: 1961, 196X, 1961-07-08"))
    born_period = period_of("born")
    died = EDTFField(_("died"), help_text=_("EDTF; empty while alive or where nothing is known."))
    died_period = period_of("died")

    objects: ClassVar[PersonQuerySet[Self]] = PersonQuerySet.as_manager()  # type: ignore[assignment]

    told_apart_by: ClassVar[tuple[str, ...]] = ("nationality",)

    class Meta(Record.Meta):
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            *Record.Meta.constraints,
            models.CheckConstraint(
                condition=(Q(born="") | Q(born_period__isnull=False)) & (Q(died="") | Q(died_period__isnull=False)),
                name="actors_person_dates_are_edtf",
                violation_error_message=_("The dates of birth and death must be EDTF, as in 1961-07."),
            ),
            models.CheckConstraint(
                condition=Q(born="") | Q(died="") | ~Q(died_period__fully_lt=models.F("born_period")),
                name="actors_person_dies_after_birth",
                violation_error_message=_("A person cannot have died before being born."),
            ),
        ]


class MembershipRole(models.TextChoices):
    """What a person is in a group."""

    LEADER = "leader", _("leader")
    COMMANDER = "commander", _("commander")
    MEMBER = "member", _("member")
    ASSOCIATE = "associate", _("associate")
    FINANCIER = "financier", _("financier")
    FOUNDER = "founder", _("founder")


class MembershipEnd(models.TextChoices):
    """How a membership ended."""

    CAPTURED = "captured", _("captured")
    KILLED = "killed", _("killed")
    DIED = "died", _("died")
    SURRENDERED = "surrendered", _("surrendered")
    LEFT = "left", _("left")
    EXPELLED = "expelled", _("expelled")
    UNKNOWN = "unknown", _("not known")


@tracked
class Membership(Claim):
    """A person belongs or belonged to a group; ``when`` covers the membership, ``ended_on`` the day it ended."""

    subject = "person"

    person = models.ForeignKey(Person, verbose_name=_("person"), on_delete=models.CASCADE, related_name="memberships")
    group = models.ForeignKey(Group, verbose_name=_("group"), on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=20, choices=MembershipRole.choices, default=MembershipRole.MEMBER)
    ended = models.CharField(
        _("how it ended"),
        max_length=20,
        choices=MembershipEnd.choices,
        blank=True,
        help_text=_("Empty while it lasts."),
    )
    ended_on = EDTFField(_("ended on"), help_text=_("EDTF: the day of the capture, death or leaving."))
    ended_period = period_of("ended_on")

    class Meta(Claim.Meta):
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            *Claim.Meta.constraints,
            models.CheckConstraint(
                condition=Q(role__in=MembershipRole.values),
                name="actors_membership_role_is_known",
                violation_error_message=_("The role in a group is not one of the listed ones."),
            ),
            models.CheckConstraint(
                condition=Q(ended="") | Q(ended__in=MembershipEnd.values),
                name="actors_membership_end_is_known",
                violation_error_message=_("The way a membership ended is not one of the listed ones."),
            ),
            models.CheckConstraint(
                condition=Q(ended_on="") | Q(ended_period__isnull=False),
                name="actors_membership_ended_on_is_edtf",
                violation_error_message=_("The date of the end must be EDTF, as in 2012-02-12."),
            ),
            models.CheckConstraint(
                condition=Q(ended_on="") | Q(when="") | ~Q(ended_period__fully_lt=models.F("period")),
                name="actors_membership_ends_after_it_begins",
                violation_error_message=_("A membership cannot end before it begins."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.get_role_display()} · {self.group}"


@tracked
class PersonCitation(Citation):
    """What a source says of a person in words."""

    record = models.ForeignKey(Person, verbose_name=_("person"), on_delete=models.CASCADE, related_name="citations")

    class Meta(Citation.Meta):
        verbose_name = _("statement on a person")
        verbose_name_plural = _("statements on people")
