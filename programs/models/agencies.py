"""Bodies of states, and those between states, that respond to organised crime."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from actors.models import Person
from crimewatch.citations.models import Citation, Claim, Estimate
from crimewatch.records.fields import EDTFField, claim_stems_of, not_blank, period_of
from crimewatch.records.history import tracked
from crimewatch.records.models import NO_CYCLE, Record
from crimewatch.records.querysets import TreeQuerySet
from regions.models import Region


class AgencyKind(models.TextChoices):
    """What sort of body an agency is."""

    GOVERNMENT = "government", _("government")
    MINISTRY = "ministry", _("ministry")
    LEGISLATURE = "legislature", _("legislature")
    POLICE = "police", _("police")
    MILITARY = "military", _("military")
    INTELLIGENCE = "intelligence", _("intelligence")
    DRUG_CONTROL = "drug-control", _("drug control")
    PROSECUTION = "prosecution", _("prosecution")
    JUDICIARY = "judiciary", _("judiciary")
    CUSTOMS = "customs", _("customs")
    FINANCIAL_INTELLIGENCE = "financial-intelligence", _("financial intelligence")
    REGULATOR = "regulator", _("regulator")
    INTERNATIONAL = "international-organisation", _("international organisation")
    PARTY = "political-party", _("political party")
    CIVIL_SOCIETY = "civil-society", _("civil society")
    COMPANY = "company", _("company")
    OTHER = "other", _("other")


@tracked
class Agency(Record):
    """A body that responds to organised crime: a ministry, police force, financial intelligence unit, UN office."""

    kind = models.CharField(_("kind"), max_length=30, choices=AgencyKind.choices)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("part of"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
    )
    country = models.ForeignKey(
        Region,
        verbose_name=_("country"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="agencies",
        limit_choices_to={"kind": "country"},
        help_text=_("Empty for a body between states."),
    )

    objects: ClassVar[TreeQuerySet[Self]] = TreeQuerySet.as_manager()  # type: ignore[assignment]

    told_apart_by: ClassVar[tuple[str, ...]] = ("country",)

    class Meta(Record.Meta):
        verbose_name = _("agency")
        verbose_name_plural = _("agencies")
        triggers = [*Record.Meta.triggers, NO_CYCLE]
        constraints = [
            *Record.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind__in=AgencyKind.values),
                name="programs_agency_kind_is_known",
                violation_error_message=_("The kind is not one of the kinds of agency."),
            ),
        ]


class AppointmentEnd(models.TextChoices):
    """How an appointment ended."""

    DISMISSED = "dismissed", _("dismissed")
    RESIGNED = "resigned", _("resigned")
    TERM_ENDED = "term-ended", _("term ended")
    TRANSFERRED = "transferred", _("transferred")
    DIED = "died", _("died")
    UNKNOWN = "unknown", _("not known")


@tracked
class Appointment(Claim):
    """A person holds or held a post in an agency; ``when`` covers the time in the post."""

    subject = "agency"

    agency = models.ForeignKey(Agency, verbose_name=_("agency"), on_delete=models.CASCADE, related_name="appointments")
    person = models.ForeignKey(Person, verbose_name=_("person"), on_delete=models.PROTECT, related_name="appointments")
    post = models.CharField(_("post"), max_length=200, help_text=_("Head, minister of the interior, director …"))
    ended = models.CharField(
        _("how it ended"),
        max_length=20,
        choices=AppointmentEnd.choices,
        blank=True,
        help_text=_("Empty while it lasts."),
    )
    ended_on = EDTFField(_("ended on"), help_text=_("EDTF: the day of the dismissal or end of term."))
    ended_period = period_of("ended_on")
    search_stems = claim_stems_of("attributed_to", "quotation", "note", "post")

    class Meta(Claim.Meta):
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        constraints = [
            *Claim.Meta.constraints,
            models.CheckConstraint(
                condition=not_blank("post"),
                name="programs_appointment_has_a_post",
                violation_error_message=_("An appointment needs the post, such as head or minister."),
            ),
            models.CheckConstraint(
                condition=Q(ended="") | Q(ended__in=AppointmentEnd.values),
                name="programs_appointment_end_is_known",
                violation_error_message=_("The way an appointment ended is not one of the listed ones."),
            ),
            models.CheckConstraint(
                condition=Q(ended_on="") | Q(ended_period__isnull=False),
                name="programs_appointment_ended_on_is_edtf",
                violation_error_message=_("The date of the end must be EDTF, as in 2017-03."),
            ),
            models.CheckConstraint(
                condition=Q(ended_on="") | Q(when="") | ~Q(ended_period__fully_lt=models.F("period")),
                name="programs_appointment_ends_after_it_begins",
                violation_error_message=_("An appointment cannot end before it begins."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.post} · {self.agency}"


@tracked
class AgencyEstimate(Estimate):
    """A figure about an agency: seats held, officers dismissed."""

    subject = "agency"

    agency = models.ForeignKey(Agency, verbose_name=_("agency"), on_delete=models.CASCADE, related_name="estimates")

    class Meta(Estimate.Meta):
        verbose_name = _("figure on an agency")
        verbose_name_plural = _("figures on agencies")
        indexes = [*Estimate.Meta.indexes, models.Index("indicator", "agency", name="%(class)s_measure")]


@tracked
class AgencyCitation(Citation):
    """What a source says of an agency in words."""

    record = models.ForeignKey(Agency, verbose_name=_("agency"), on_delete=models.CASCADE, related_name="citations")

    class Meta(Citation.Meta):
        verbose_name = _("statement on an agency")
        verbose_name_plural = _("statements on agencies")
