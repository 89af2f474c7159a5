"""State responses: programmes, operations, laws and the like, with their targets, course, figures and results."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from actors.models import Group
from crimewatch.citations.models import Citation, Claim, Estimate
from crimewatch.records.fields import claim_stems_of, not_blank, search_key_of
from crimewatch.records.history import tracked
from crimewatch.records.models import LinkInUse, Record
from programs.querysets import ProgramQuerySet
from regions.models import IllicitActivity, Region

from .agencies import Agency


class ProgramKind(models.TextChoices):
    """What sort of response it is."""

    PROGRAMME = "programme", _("programme")
    OPERATION = "operation", _("operation")
    ERADICATION = "eradication", _("eradication")
    LAW = "law", _("law")
    REFORM = "reform", _("reform")
    POLICY = "policy", _("policy or plan")
    ACQUISITION = "acquisition", _("acquisition")
    DEPLOYMENT = "deployment", _("deployment")
    FINANCIAL_MEASURE = "financial-measure", _("financial measure")
    COOPERATION = "cooperation", _("cooperation")
    RECOMMENDATION = "recommendation", _("recommendation")


class Phase(models.TextChoices):
    """How far a response has come."""

    RECOMMENDED = "recommended", _("recommended")
    ANNOUNCED = "announced", _("announced")
    PLANNED = "planned", _("planned")
    IN_PREPARATION = "in-preparation", _("in preparation")
    UNDER_WAY = "under-way", _("under way")
    STALLED = "stalled", _("stalled")
    CUT_BACK = "cut-back", _("cut back")
    COMPLETED = "completed", _("completed")
    ENDED = "ended", _("ended")
    UNKNOWN = "unknown", _("unknown")


class ResilienceArea(models.TextChoices):
    """What a response strengthens: the twelve resilience indicators of the Global Organized Crime Index."""

    LEADERSHIP = "political-leadership-and-governance", _("political leadership and governance")
    TRANSPARENCY = (
        "government-transparency-and-accountability",
        _("government transparency and accountability"),
    )
    INTERNATIONAL_COOPERATION = "international-cooperation", _("international cooperation")
    POLICIES_AND_LAWS = "national-policies-and-laws", _("national policies and laws")
    JUDICIAL_SYSTEM = "judicial-system-and-detention", _("judicial system and detention")
    LAW_ENFORCEMENT = "law-enforcement", _("law enforcement")
    TERRITORIAL_INTEGRITY = "territorial-integrity", _("territorial integrity")
    ANTI_MONEY_LAUNDERING = "anti-money-laundering", _("anti-money laundering")
    REGULATORY_CAPACITY = "economic-regulatory-capacity", _("economic regulatory capacity")
    VICTIM_SUPPORT = "victim-and-witness-support", _("victim and witness support")
    PREVENTION = "prevention", _("prevention")
    NON_STATE_ACTORS = "non-state-actors", _("non-state actors")


@tracked
class Program(Record):
    """A state response with those who run it: a programme, operation, law, acquisition, cooperation, recommendation."""

    kind = models.CharField(_("kind"), max_length=20, choices=ProgramKind.choices)
    phase = models.CharField(_("phase"), max_length=20, choices=Phase.choices, default=Phase.UNKNOWN)
    resilience_area = models.CharField(
        _("strengthens"),
        max_length=50,
        choices=ResilienceArea.choices,
        blank=True,
        help_text=_("Of the Global Organized Crime Index."),
    )
    lead_agencies = models.ManyToManyField(
        Agency, verbose_name=_("lead agencies"), blank=True, related_name="led_programs"
    )
    partner_agencies = models.ManyToManyField(
        Agency, verbose_name=_("partner agencies"), blank=True, related_name="partnered_programs"
    )

    objects: ClassVar[ProgramQuerySet[Self]] = ProgramQuerySet.as_manager()  # type: ignore[assignment]

    class Meta(Record.Meta):
        verbose_name = _("state response")
        verbose_name_plural = _("state responses")
        constraints = [
            *Record.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind__in=ProgramKind.values),
                name="programs_program_kind_is_known",
                violation_error_message=_("The kind is not one of the kinds of state response."),
            ),
            models.CheckConstraint(
                condition=Q(phase__in=Phase.values),
                name="programs_program_phase_is_known",
                violation_error_message=_("The phase is not one of the listed ones."),
            ),
            models.CheckConstraint(
                condition=Q(resilience_area="") | Q(resilience_area__in=ResilienceArea.values),
                name="programs_program_resilience_area_is_known",
                violation_error_message=_("The area is not one of the twelve resilience indicators."),
            ),
        ]


@tracked
class Target(Claim):
    """A response is aimed at an activity, a region or a group, or at an activity or group in a region."""

    subject = "program"

    program = models.ForeignKey(
        Program, verbose_name=_("state response"), on_delete=models.CASCADE, related_name="targets"
    )
    activity = models.ForeignKey(
        IllicitActivity,
        verbose_name=_("illicit activity"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="targets",
    )
    region = models.ForeignKey(
        Region,
        verbose_name=_("region"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="targets",
    )
    group = models.ForeignKey(
        Group,
        verbose_name=_("group"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="targets",
    )

    class Meta(Claim.Meta):
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        constraints = [
            *Claim.Meta.constraints,
            models.CheckConstraint(
                condition=Q(activity__isnull=False) | Q(region__isnull=False) | Q(group__isnull=False),
                name="programs_target_names_what_it_is",
                violation_error_message=_("A target needs an activity, a region or a group."),
            ),
        ]

    def __str__(self) -> str:
        aims = [str(aim) for aim in (self.activity, self.group, self.region) if aim]
        return f"{self.program} → {' · '.join(aims)}"


@tracked
class Milestone(Claim):
    """Something happened to a response on a date, which may have brought it into a new phase."""

    subject = "program"

    program = models.ForeignKey(
        Program, verbose_name=_("state response"), on_delete=models.CASCADE, related_name="milestones"
    )
    event = models.CharField(
        _("event"),
        max_length=300,
        help_text=_("What happened, in your own words; the date goes into “when”."),
    )
    new_phase = models.CharField(_("new phase"), max_length=20, choices=Phase.choices, blank=True)
    search_key = search_key_of("attributed_to", None, "quotation", "note", "event")
    search_stems = claim_stems_of("attributed_to", "quotation", "note", "event")

    class Meta(Claim.Meta):
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        constraints = [
            *Claim.Meta.constraints,
            models.CheckConstraint(
                condition=not_blank("event"),
                name="programs_milestone_has_an_event",
                violation_error_message=_("A milestone needs an event: what happened."),
            ),
            models.CheckConstraint(
                condition=~Q(when=""),
                name="programs_milestone_has_a_date",
                violation_error_message=_("A milestone needs its date in “when”, as EDTF: 2016-11 or 2016-11-25."),
            ),
            models.CheckConstraint(
                condition=Q(new_phase="") | Q(new_phase__in=Phase.values),
                name="programs_milestone_new_phase_is_known",
                violation_error_message=_("The new phase is not one of the listed ones."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.program} · {self.when}: {self.event}"


class AssessmentBasis(models.TextChoices):
    """Who says how well a response works."""

    CLAIMED = "claimed", _("claimed by those who run it")
    INDEPENDENT = "independent", _("independent")


class Verdict(models.TextChoices):
    """How well a response works."""

    EFFECTIVE = "effective", _("effective")
    PARTLY = "partly", _("partly effective")
    INEFFECTIVE = "ineffective", _("ineffective")
    UNCLEAR = "unclear", _("unclear")


@tracked
class Assessment(Claim):
    """How well a response is said to work, and by whom."""

    subject = "program"

    program = models.ForeignKey(
        Program, verbose_name=_("state response"), on_delete=models.CASCADE, related_name="assessments"
    )
    verdict = models.CharField(_("verdict"), max_length=20, choices=Verdict.choices)
    basis = models.CharField(
        _("basis"), max_length=20, choices=AssessmentBasis.choices, default=AssessmentBasis.INDEPENDENT
    )
    statement = models.TextField(_("statement"), help_text=_("What works and what does not, in your own words."))
    search_key = search_key_of("attributed_to", None, "quotation", "note", "statement")
    search_stems = claim_stems_of("attributed_to", "quotation", "note", "statement")

    class Meta(Claim.Meta):
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        constraints = [
            *Claim.Meta.constraints,
            models.CheckConstraint(
                condition=Q(verdict__in=Verdict.values),
                name="programs_assessment_verdict_is_known",
                violation_error_message=_("The verdict is one of: effective, partly, ineffective, unclear."),
            ),
            models.CheckConstraint(
                condition=Q(basis__in=AssessmentBasis.values),
                name="programs_assessment_basis_is_known",
                violation_error_message=_("The basis is claimed or independent."),
            ),
            models.CheckConstraint(
                condition=not_blank("statement"),
                name="programs_assessment_has_a_statement",
                violation_error_message=_("An assessment needs a statement: what works and what does not."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.program}: {self.get_verdict_display()}"


@tracked
class ProgramEstimate(Estimate):
    """A figure about a response: boats deployed, aircraft bought."""

    subject = "program"

    program = models.ForeignKey(
        Program, verbose_name=_("state response"), on_delete=models.CASCADE, related_name="estimates"
    )

    class Meta(Estimate.Meta):
        verbose_name = _("figure on a response")
        verbose_name_plural = _("figures on responses")
        indexes = [*Estimate.Meta.indexes, models.Index("indicator", "program", name="%(class)s_measure")]


@tracked
class ProgramCitation(Citation):
    """What a source says of a response in words."""

    record = models.ForeignKey(
        Program, verbose_name=_("state response"), on_delete=models.CASCADE, related_name="citations"
    )

    class Meta(Citation.Meta):
        verbose_name = _("statement on a response")
        verbose_name_plural = _("statements on responses")


@tracked
class ProgramLeadAgencies(Program.lead_agencies.through):  # type: ignore[name-defined]
    """The lead agencies of responses, as rows whose history is kept and that nobody cuts unseen."""

    class Meta:
        proxy = True
        triggers = [LinkInUse("program", "agency")]


@tracked
class ProgramPartnerAgencies(Program.partner_agencies.through):  # type: ignore[name-defined]
    """The partner agencies of responses, as rows whose history is kept and that nobody cuts unseen."""

    class Meta:
        proxy = True
        triggers = [LinkInUse("program", "agency")]
