"""What is done: illicit activities in a tree under the markets, and where they occur."""

from typing import ClassVar, Self

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crimewatch.citations.models import Citation, Claim
from crimewatch.records.fields import record_stems_of, search_key_of
from crimewatch.records.history import tracked
from crimewatch.records.models import NO_CYCLE, Record
from regions.querysets import ActivityQuerySet

from .regions import Region


class Market(models.TextChoices):
    """The fifteen criminal markets of the Global Organized Crime Index."""

    HUMAN_TRAFFICKING = "human-trafficking", _("human trafficking")
    HUMAN_SMUGGLING = "human-smuggling", _("human smuggling")
    EXTORTION = "extortion-and-protection-racketeering", _("extortion and protection racketeering")
    ARMS = "arms-trafficking", _("arms trafficking")
    COUNTERFEIT = "trade-in-counterfeit-goods", _("trade in counterfeit goods")
    EXCISABLE = "illicit-trade-in-excisable-goods", _("illicit trade in excisable goods")
    FLORA = "flora-crimes", _("flora crimes")
    FAUNA = "fauna-crimes", _("fauna crimes")
    NON_RENEWABLE = "non-renewable-resource-crimes", _("non-renewable resource crimes")
    HEROIN = "heroin-trade", _("heroin trade")
    COCAINE = "cocaine-trade", _("cocaine trade")
    CANNABIS = "cannabis-trade", _("cannabis trade")
    SYNTHETIC = "synthetic-drug-trade", _("synthetic drug trade")
    CYBER = "cyber-dependent-crimes", _("cyber-dependent crimes")
    FINANCIAL = "financial-crimes", _("financial crimes")


class Stage(models.TextChoices):
    """The stage of the supply chain that an activity belongs to."""

    CULTIVATION = "cultivation", _("cultivation")
    EXTRACTION = "extraction", _("extraction")
    INPUT_DIVERSION = "input-diversion", _("input diversion")
    PROCESSING = "processing", _("processing")
    STORAGE = "storage", _("storage or collection")
    DOMESTIC_TRANSPORT = "domestic-transport", _("domestic transport")
    EXPORT = "export", _("export")
    TRANSIT = "transit", _("transit")
    WHOLESALE = "wholesale", _("wholesale")
    RETAIL = "retail", _("retail")
    LAUNDERING = "laundering", _("laundering")
    SUPPORT = "support-services", _("support services")


class Trend(models.TextChoices):
    """Which way an activity is going in a place, as the source tells it."""

    EMERGING = "emerging", _("emerging")
    GROWING = "growing", _("growing")
    STABLE = "stable", _("stable")
    DECLINING = "declining", _("declining")
    DISPLACED = "displaced", _("displaced elsewhere")
    ENDED = "ended", _("ended")


class Intensity(models.TextChoices):
    """How much of an activity there is in a place, as the source tells it."""

    CORE = "core", _("core area")
    WIDESPREAD = "widespread", _("widespread")
    PRESENT = "present", _("present")
    SPORADIC = "sporadic", _("sporadic")
    ABSENT = "absent", _("absent")


validate_iccs = RegexValidator(
    r"\A[0-9]{2,8}\Z",
    _("“%(value)s” is not an ICCS code: it has 2 to 8 digits, as in 06 or 0601."),
    code="iccs",
)


@tracked
class IllicitActivity(Record):
    """Something illicit that is done, in a tree under the fifteen markets of the Global Organized Crime Index.

    ``iccs`` is the code in the International Classification of Crime for Statistical Purposes (UNODC).
    """

    parent = models.ForeignKey(
        "self",
        verbose_name=_("belongs to"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        help_text=_("The wider activity; empty for a market or for what fits none."),
    )
    market = models.CharField(
        _("market"),
        max_length=40,
        choices=Market.choices,
        blank=True,
        help_text=_("Of the Global Organized Crime Index; empty where none fits, and the note says why."),
    )
    stage = models.CharField(_("stage"), max_length=20, choices=Stage.choices, blank=True)
    iccs = models.CharField("ICCS", max_length=8, blank=True, validators=[validate_iccs])
    note = models.TextField(_("note"), blank=True, help_text=_("Why it stands where it does in the tree."))
    search_key = search_key_of("name", "aliases", "slug")
    search_stems = record_stems_of("name", "aliases", "summary", "note")

    objects: ClassVar[ActivityQuerySet[Self]] = ActivityQuerySet.as_manager()  # type: ignore[assignment]

    class Meta(Record.Meta):
        verbose_name = _("illicit activity")
        verbose_name_plural = _("illicit activities")
        triggers = [*Record.Meta.triggers, NO_CYCLE]
        constraints = [
            *Record.Meta.constraints,
            models.CheckConstraint(
                condition=Q(market="") | Q(market__in=Market.values),
                name="regions_illicitactivity_market_is_known",
                violation_error_message=_("The market is not one of the fifteen of the Global Organized Crime Index."),
            ),
            models.CheckConstraint(
                condition=Q(stage="") | Q(stage__in=Stage.values),
                name="regions_illicitactivity_stage_is_known",
                violation_error_message=_("The stage is not one of the stages of a supply chain."),
            ),
            models.CheckConstraint(
                condition=Q(iccs="") | Q(iccs__regex=r"^[0-9]{2,8}$"),
                name="regions_illicitactivity_iccs_is_a_code",
                violation_error_message=_("An ICCS code has 2 to 8 digits."),
            ),
        ]


@tracked
class Occurrence(Claim):
    """An activity is going on in a region."""

    subject = "activity"

    activity = models.ForeignKey(
        IllicitActivity,
        verbose_name=_("illicit activity"),
        on_delete=models.PROTECT,
        related_name="occurrences",
    )
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="occurrences")
    trend = models.CharField(_("trend"), max_length=20, choices=Trend.choices, blank=True)
    intensity = models.CharField(_("intensity"), max_length=20, choices=Intensity.choices, blank=True)

    class Meta(Claim.Meta):
        verbose_name = _("occurrence")
        verbose_name_plural = _("occurrences")
        constraints = [
            *Claim.Meta.constraints,
            models.CheckConstraint(
                condition=Q(trend="") | Q(trend__in=Trend.values),
                name="regions_occurrence_trend_is_known",
                violation_error_message=_(
                    "The trend is one of: emerging, growing, stable, declining, displaced, ended."
                ),
            ),
            models.CheckConstraint(
                condition=Q(intensity="") | Q(intensity__in=Intensity.values),
                name="regions_occurrence_intensity_is_known",
                violation_error_message=_("The intensity is one of: core, widespread, present, sporadic, absent."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.activity} · {self.region}"


@tracked
class ActivityCitation(Citation):
    """What a source says of an illicit activity in words."""

    record = models.ForeignKey(
        IllicitActivity,
        verbose_name=_("illicit activity"),
        on_delete=models.CASCADE,
        related_name="citations",
    )

    class Meta(Citation.Meta):
        verbose_name = _("statement on an activity")
        verbose_name_plural = _("statements on activities")
