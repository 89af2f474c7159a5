"""The abstract sentences: a claim says one thing about records, once, from one source."""

from contextlib import suppress
from decimal import Decimal
from typing import Any, ClassVar, Self
from uuid import uuid4

import pgtrigger
from django.contrib.postgres.indexes import GinIndex, GistIndex
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crimewatch.citations.querysets import ClaimQuerySet, mentioned_record_fields
from crimewatch.records import readable
from crimewatch.records.fields import EDTFField, claim_stems_of, is_edtf, not_blank, period_of, search_key_of
from crimewatch.records.labels import Labelled
from crimewatch.records.models import Record


class LocatorType(models.TextChoices):
    """What kind of place in a source is meant: locators of CSL, and the frame of a film and the cell of a table."""

    PAGE = "page", _("page")
    PARAGRAPH = "paragraph", _("paragraph")
    SECTION = "section", _("section")
    CHAPTER = "chapter", _("chapter")
    LINE = "line", _("line")
    FIGURE = "figure", _("figure")
    TABLE = "table", _("table")
    TIMESTAMP = "timestamp", _("timestamp")
    FRAME = "frame", _("frame")
    CELL = "cell", _("cell")


class Wording(models.TextChoices):
    """How the source puts it: the certainty of its wording, not ours."""

    STATED = "stated", _("stated as fact")
    REPORTED = "reported", _("reported")
    ALLEGED = "alleged", _("alleged")
    ESTIMATED = "estimated", _("estimated")
    PLANNED = "planned", _("planned or expected")
    DISPUTED = "disputed", _("disputed")
    RECOMMENDED = "recommended", _("recommended")


class Credibility(models.IntegerChoices):
    """How credible a claim is: the second scale of the NATO Admiralty code. It says nothing about likelihood."""

    CONFIRMED = 1, _("1 · confirmed by other sources")
    PROBABLY_TRUE = 2, _("2 · probably true")
    POSSIBLY_TRUE = 3, _("3 · possibly true")
    DOUBTFUL = 4, _("4 · doubtful")
    IMPROBABLE = 5, _("5 · improbable")
    CANNOT_BE_JUDGED = 6, _("6 · cannot be judged")


class Stance(models.TextChoices):
    """What the claim does to what it is about."""

    SUPPORTS = "supports", _("supports")
    DISPUTES = "disputes", _("disputes")
    MENTIONS = "mentions", _("mentions")


class ClaimStatus(models.TextChoices):
    """How far the claim has been worked through: the states of Security Force Monitor's handbook."""

    ACCEPTED = "accepted", _("accepted")
    CONFLICT = "conflict", _("conflict")
    WORK_NEEDED = "work-needed", _("work needed")
    ISSUE = "issue", _("issue")


validate_uid = RegexValidator(
    r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z",
    _(
        "“%(value)s” is not an identifier: use 1 to 64 letters, digits, dots, hyphens or underscores, "
        "beginning with a letter or digit."
    ),
    code="uid",
)


def new_uid() -> str:
    """An identifier for a claim that nobody named: a random UUID as text."""
    return str(uuid4())


class SupportStays(pgtrigger.Trigger):
    """Refuses, at the end of the transaction, to take the last supporting claim from under a published record."""

    def get_func(self, model: type[models.Model]) -> str:  # type: ignore[override]  # it is a class that comes
        checks = []
        for field in mentioned_record_fields(model):
            table = field.related_model._meta.db_table
            # The lock makes two who take the last two claims, or a publisher and a deleter, wait for each other.
            checks.append(
                f"""
                IF TG_OP = 'UPDATE' THEN
                    is_withdrawn := (OLD.{field.column}, OLD.stance) IS DISTINCT FROM (NEW.{field.column}, NEW.stance);
                ELSE
                    is_withdrawn := true;
                END IF;
                IF is_withdrawn AND OLD.{field.column} IS NOT NULL THEN
                    PERFORM FROM {table} WHERE id = OLD.{field.column} FOR NO KEY UPDATE;
                    IF (SELECT status FROM {table} WHERE id = OLD.{field.column}) = 'published'
                        AND NOT EXISTS (
                            SELECT FROM all_mentions
                            WHERE record_type = '{table}' AND record_id = OLD.{field.column} AND supports
                        )
                    THEN
                        RAISE EXCEPTION
                            '“%” is published and this is the last claim that supports it. Withdraw it first, or add a claim.',
                            (SELECT slug FROM {table} WHERE id = OLD.{field.column})
                            USING ERRCODE = 'check_violation', CONSTRAINT = '{table}_published_is_supported',
                                TABLE = '{table}';
                    END IF;
                END IF;
                """  # noqa: E501 - the text is compared with what is installed
            )
        return "\n".join([*checks, "RETURN NULL;"])


class Claim(Labelled):
    """One sentence from one source that links, measures or describes records.

    A second source that says the same is a second claim; a rival figure is a rival claim. A concrete claim names in
    ``subject`` the foreign key of the record that it belongs to.
    """

    is_claim = True
    #: The foreign key of the record that the claim belongs to and is shown with.
    subject: ClassVar[str]
    #: The fields that `clean` looks at and fills in: an import asks it once for many rows that have them in common.
    cleaned_from: ClassVar[tuple[str, ...]] = ()

    uid = models.CharField(
        _("uid"),
        max_length=64,
        unique=True,
        default=new_uid,
        validators=[validate_uid],
        error_messages={"unique": _("Another claim of this kind has this uid.")},
        help_text=_("Lasting identifier of the claim in exports; made for you."),
    )
    source = models.ForeignKey(
        "citations.Source",
        verbose_name=_("source"),
        on_delete=models.PROTECT,
        related_name="%(class)s_claims",
        db_index=False,  # the index on source and locator begins with it
        help_text=_("The document that you have read this in."),
    )
    locator_type = models.CharField(_("at"), max_length=20, choices=LocatorType.choices, blank=True)
    locator = models.CharField(
        _("locator"), max_length=60, blank=True, help_text=_("Where in the source: 18, 4–5, 00:12:30.")
    )
    quotation = models.CharField(
        _("quotation"),
        max_length=300,
        blank=True,
        help_text=_("At most a short phrase, in the source's own words."),
    )
    wording = models.CharField(
        _("wording"),
        max_length=20,
        choices=Wording.choices,
        default=Wording.STATED,
        help_text=_("How the source puts it, whatever you think of it."),
    )
    attributed_to = models.CharField(
        _("attributed to"),
        max_length=300,
        blank=True,
        help_text=_("Whom the source names for it: Peruvian security experts, UNODC."),
    )
    credibility = models.PositiveSmallIntegerField(
        _("credibility"),
        choices=Credibility.choices,
        default=Credibility.CANNOT_BE_JUDGED,
        help_text=_("Admiralty code, 1 to 6."),
    )
    stance = models.CharField(_("stance"), max_length=20, choices=Stance.choices, default=Stance.SUPPORTS)
    status = models.CharField(
        _("status"),
        max_length=20,
        choices=ClaimStatus.choices,
        default=ClaimStatus.ACCEPTED,
        help_text=_("A conflict needs a note that says why both stand."),
    )
    when = EDTFField(
        _("when"),
        help_text=_("EDTF: 2017, 2017-03, 2017-03-04, 1990/1999, 2016-10/.. (still so), 199X, 2017? or 2017~"),
    )
    period = period_of("when")
    note = models.TextField(
        _("note"), blank=True, help_text=_("For readers: oddities, reasoning, why rivals both stand.")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)
    search_key = search_key_of("attributed_to", None, "quotation", "note")
    search_stems = claim_stems_of("attributed_to", "quotation", "note")

    objects: ClassVar[ClaimQuerySet[Self]] = ClaimQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        abstract = True
        ordering = ["-pk"]
        indexes = [
            GistIndex(fields=["period"], name="%(class)s_period"),
            GinIndex(fields=["search_key"], opclasses=["gin_trgm_ops"], name="%(class)s_search_key"),
            GinIndex(fields=["search_stems"], name="%(class)s_search_stems"),
            models.Index("source", "locator", name="%(class)s_source"),
            models.Index("created_at", "id", name="%(class)s_created"),
            models.Index("period", "id", name="%(class)s_when"),
            models.Index("status", "id", name="%(class)s_open", condition=~Q(status=ClaimStatus.ACCEPTED)),
        ]
        constraints = [
            models.CheckConstraint(
                # The column keeps it to 64 letters. To count them here too takes PostgreSQL thirty times as long.
                condition=Q(uid__regex=r"^[A-Za-z0-9][A-Za-z0-9._-]*$"),
                name="%(app_label)s_%(class)s_uid_is_an_identifier",
                violation_error_message=_("A uid has 1 to 64 letters, digits, dots, hyphens or underscores."),
            ),
            models.CheckConstraint(
                condition=Q(when="") | Q(period__isnull=False),
                name="%(app_label)s_%(class)s_when_is_edtf",
                violation_error_message=_("The date must be EDTF, as in 2017-03 or 1990/1999."),
            ),
            models.CheckConstraint(
                condition=Q(locator="", locator_type="") | (~Q(locator="") & Q(locator_type__in=LocatorType.values)),
                name="%(app_label)s_%(class)s_locator_has_a_type",
                violation_error_message=_(
                    "A locator has two parts: what it counts (paragraph, page …) and which one (18)."
                ),
            ),
            models.CheckConstraint(
                condition=Q(wording__in=Wording.values),
                name="%(app_label)s_%(class)s_wording_is_known",
                violation_error_message=_(
                    "The wording is one of: stated, reported, alleged, estimated, planned, disputed, recommended."
                ),
            ),
            models.CheckConstraint(
                condition=Q(credibility__range=(1, 6)),
                name="%(app_label)s_%(class)s_credibility_is_1_to_6",
                violation_error_message=_("The credibility is a digit from 1 (confirmed) to 6 (cannot be judged)."),
            ),
            models.CheckConstraint(
                condition=Q(stance__in=Stance.values),
                name="%(app_label)s_%(class)s_stance_is_known",
                violation_error_message=_("The stance is one of: supports, disputes, mentions."),
            ),
            models.CheckConstraint(
                condition=Q(status__in=ClaimStatus.values),
                name="%(app_label)s_%(class)s_status_is_known",
                violation_error_message=_("The status of a claim is one of: accepted, conflict, work-needed, issue."),
            ),
            models.CheckConstraint(
                condition=~Q(status=ClaimStatus.CONFLICT) | ~Q(note=""),
                name="%(app_label)s_%(class)s_conflict_has_a_note",
                violation_error_message=_("A claim in conflict needs a note that says why both stand."),
            ),
        ]
        triggers = [
            SupportStays(
                name="support_stays",
                when=pgtrigger.After,
                operation=pgtrigger.Update | pgtrigger.Delete,
                timing=pgtrigger.Deferred,
                declare=[("is_withdrawn", "boolean")],
            )
        ]

    def __str__(self) -> str:
        return self.uid

    def get_absolute_url(self) -> str:
        return f"{self.subject_record.get_absolute_url()}#claim-{self.uid}"

    @property
    def subject_record(self) -> Record:
        """The record that the claim belongs to."""
        record: Record = getattr(self, self.subject)
        return record


class Citation(Claim):
    """A sentence in our own words about one record, optionally about one of its fields.

    A concrete citation adds ``record``, a foreign key to the kind of record it is about; nothing else is needed.
    """

    subject = "record"
    cleaned_from = ("field",)

    statement = models.TextField(_("statement"), help_text=_("What the source says of the record, in your own words."))
    field = models.CharField(
        _("field"),
        max_length=60,
        blank=True,
        help_text=_("The field that this supports, such as summary, where it is just one."),
    )
    search_key = search_key_of("attributed_to", None, "quotation", "note", "statement")
    search_stems = claim_stems_of("attributed_to", "quotation", "note", "statement")

    class Meta(Claim.Meta):
        abstract = True
        constraints = [
            *Claim.Meta.constraints,
            models.CheckConstraint(
                condition=not_blank("statement"),
                name="%(app_label)s_%(class)s_has_a_statement",
                violation_error_message=_("A citation needs a statement: what the source says, in your own words."),
            ),
        ]

    def __str__(self) -> str:
        return self.statement if len(self.statement) <= 120 else f"{self.statement[:119].rstrip()}…"

    def clean(self) -> None:
        super().clean()
        if self.field and self.field not in self.fields_of_record():
            raise ValidationError(
                {
                    "field": _("“%(value)s” is not a field of this kind of record; it may be: %(fields)s.")
                    % {"value": self.field, "fields": ", ".join(self.fields_of_record())}
                },
                code="field",
            )

    @classmethod
    def fields_of_record(cls) -> list[str]:
        """The fields of the record that a citation may be about."""
        record: type[Record] = cls._meta.get_field("record").related_model  # type: ignore[assignment]
        hidden = {"id", "past_slugs", "created_at", "updated_at", "status"}
        return sorted(
            field.name
            for field in [*record._meta.concrete_fields, *record._meta.many_to_many]
            if field.name not in hidden and not getattr(field, "generated", False)
        )


class Estimate(Claim):
    """A figure from a source: lowest, best and highest value of an indicator, in the source's own words too.

    Rivals never overwrite each other. Values are plain numbers in ``unit``, which is the indicator's where left empty.
    """

    cleaned_from = ("unit", "indicator")

    indicator = models.ForeignKey(
        "citations.Indicator",
        verbose_name=_("indicator"),
        on_delete=models.PROTECT,
        related_name="%(class)s_claims",
    )
    low = models.DecimalField(_("low"), max_digits=20, decimal_places=4, null=True, blank=True)
    best = models.DecimalField(_("best"), max_digits=20, decimal_places=4, null=True, blank=True)
    high = models.DecimalField(_("high"), max_digits=20, decimal_places=4, null=True, blank=True)
    unit = models.CharField(_("unit"), max_length=40, blank=True, help_text=_("Left empty: the indicator's unit."))
    basis = models.CharField(
        _("basis"),
        max_length=300,
        blank=True,
        help_text=_("What was counted: deployed boats, combatants only."),
    )
    cut_off = EDTFField(_("cut-off"), help_text=_("The day up to which was counted, as EDTF."))
    is_series_break = models.BooleanField(
        _("series breaks here"),
        default=False,
        help_text=_("The method changed: not to be compared with earlier figures."),
    )
    is_derived = models.BooleanField(
        _("derived"),
        default=False,
        help_text=_("We worked it out from the source; the note gives the reasoning."),
    )
    source_words = models.CharField(
        _("source's words"),
        max_length=200,
        blank=True,
        help_text=_("The figure as the source puts it: some 69,000."),
    )
    search_key = search_key_of("attributed_to", None, "quotation", "note", "basis", "source_words")
    search_stems = claim_stems_of("attributed_to", "quotation", "note", "basis", "source_words")

    class Meta(Claim.Meta):
        abstract = True
        constraints = [
            *Claim.Meta.constraints,
            models.CheckConstraint(
                condition=Q(low__isnull=False) | Q(best__isnull=False) | Q(high__isnull=False),
                name="%(app_label)s_%(class)s_has_a_value",
                violation_error_message=_("An estimate needs at least one of low, best and high."),
            ),
            models.CheckConstraint(
                condition=(Q(low__isnull=True) | Q(high__isnull=True) | Q(low__lte=models.F("high")))
                & (Q(low__isnull=True) | Q(best__isnull=True) | Q(low__lte=models.F("best")))
                & (Q(best__isnull=True) | Q(high__isnull=True) | Q(best__lte=models.F("high"))),
                name="%(app_label)s_%(class)s_low_best_high_ascend",
                violation_error_message=_("Low must not be above best, nor best above high."),
            ),
            models.CheckConstraint(
                condition=not_blank("unit"),
                name="%(app_label)s_%(class)s_has_a_unit",
                violation_error_message=_("An estimate needs a unit, such as hectare."),
            ),
            models.CheckConstraint(
                condition=~Q(unit="percent")
                | (
                    (Q(low__isnull=True) | Q(low__range=(0, 100)))
                    & (Q(best__isnull=True) | Q(best__range=(0, 100)))
                    & (Q(high__isnull=True) | Q(high__range=(0, 100)))
                ),
                name="%(app_label)s_%(class)s_percent_is_0_to_100",
                violation_error_message=_(
                    "A share in percent lies between 0 and 100; for a growth write the unit percent-change."
                ),
            ),
            models.CheckConstraint(
                condition=is_edtf("cut_off"),
                name="%(app_label)s_%(class)s_cut_off_is_edtf",
                violation_error_message=_("The cut-off must be EDTF, as in 2016-12-31."),
            ),
            models.CheckConstraint(
                condition=Q(is_derived=False) | ~Q(note=""),
                name="%(app_label)s_%(class)s_derived_has_a_note",
                violation_error_message=_("A derived figure needs a note that gives the reasoning."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject_record} · {self.indicator}: {self.value_in_words()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.fill_unit()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        super().clean()
        self.fill_unit()

    def fill_unit(self) -> None:
        """Take the indicator's unit where none is given."""
        if self.unit or not self.indicator_id:
            return
        with suppress(ObjectDoesNotExist):  # that there is no such indicator is for the field itself to say
            self.unit = self.indicator.unit

    def value_in_words(self) -> str:
        """The figure for a person: ``55,000 hectare``, ``120–150 person``, ``at most 40,441 hectare``."""
        values = (self.low, self.best, self.high)
        low, best, high = ("" if value is None else readable.number(Decimal(value)) for value in values)
        if low and high and low != high:
            text = f"{low}–{high}" + (f" ({best})" if best else "")
        elif best:
            text = best
        elif low and high:
            text = low
        elif low:
            text = str(_("at least %(value)s") % {"value": low})
        else:
            text = str(_("at most %(value)s") % {"value": high})
        return f"{text} {self.unit}".strip()
