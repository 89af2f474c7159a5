"""What the quality desk keeps: dismissed findings, numbers day by day, and what addresses answered."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crimewatch.citations.models import Source
from crimewatch.records.fields import not_blank
from crimewatch.records.history import tracked

if TYPE_CHECKING:
    from datetime import timedelta


class DismissalQuerySet(models.QuerySet["Dismissal"]):
    """Dismissals by check, and by whether they still hold."""

    def of(self, check_name: str, model: type[models.Model]) -> Self:
        return self.filter(check_name=check_name, kind=model._meta.label_lower)

    def holding(self, lasts: "timedelta | None") -> Exists:
        """Whether one holds of the row around: made after its last change, and not longer ago than ``lasts``."""
        held = self.filter(row=OuterRef("pk"), dismissed_at__gte=OuterRef("updated_at"))
        return Exists(held if lasts is None else held.filter(dismissed_at__gte=timezone.now() - lasts))


@tracked
class Dismissal(models.Model):
    """Somebody has looked at a finding and says that it is right as it is, and why.

    It holds until the row is changed: then the finding is back, to be looked at once more. The row is named by its
    table and number, since findings are of every kind of record and claim.
    """

    check_name = models.CharField(_("check"), max_length=40)
    kind = models.CharField(_("kind"), max_length=80, help_text=_("The table, such as actors.presence."))
    row = models.BigIntegerField(_("row"))
    reason = models.CharField(_("reason"), max_length=300)
    dismissed_at = models.DateTimeField(_("dismissed"), default=timezone.now)
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.SET_NULL,  # the reason stands when the login is gone
        null=True,
        blank=True,
        related_name="+",
    )

    objects: ClassVar[DismissalQuerySet] = DismissalQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("dismissed finding")
        verbose_name_plural = _("dismissed findings")
        ordering = ["-dismissed_at", "-pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                "check_name",
                "kind",
                "row",
                name="curation_dismissal_is_one_of_a_finding",
                violation_error_message=_("This finding has been dismissed already."),
            ),
            models.CheckConstraint(
                condition=not_blank("reason"),
                name="curation_dismissal_has_a_reason",
                violation_error_message=_("Say in a few words why it is right as it is."),
            ),
        ]

    def __str__(self) -> str:
        return self.reason


class DailyCount(models.Model):
    """How many rows a check found on one day, for those who may see the same rows.

    ``audience`` is the name of such a circle of logins (`desk.audience_of`); ``milliseconds`` is what counting took.
    """

    audience = models.CharField(_("for"), max_length=64)
    check_name = models.CharField(_("check"), max_length=40)
    day = models.DateField(_("day"))
    number = models.PositiveBigIntegerField(_("number"))
    counted_at = models.DateTimeField(_("counted"))
    milliseconds = models.PositiveIntegerField(_("milliseconds"))

    class Meta:
        verbose_name = _("number of findings")
        verbose_name_plural = _("numbers of findings")
        ordering = ["day"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["audience", "check_name", "day"], name="curation_dailycount_is_one_of_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.check_name} {self.day}: {self.number}"


class LinkOutcome(models.TextChoices):
    """What became of asking for the address of a source."""

    ANSWERS = "answers", _("answers")
    REFUSED = "refused", _("does not let programs in")
    GONE = "gone", _("the page is gone")
    UNREACHABLE = "unreachable", _("cannot be reached")
    NOT_ASKED = "not-asked", _("was not asked")


#: A reader who follows such a link finds nothing.
DEAD = (LinkOutcome.GONE, LinkOutcome.UNREACHABLE)


class LinkCheckQuerySet(models.QuerySet["LinkCheck"]):
    """What addresses answered."""

    def latest_of_source(self) -> Self:
        """The last answer of the present address of the source around."""
        return self.filter(source=OuterRef("pk"), url=OuterRef("url")).order_by("-checked_at", "-pk")


class LinkCheck(models.Model):
    """What the address of a source answered once."""

    source = models.ForeignKey(Source, verbose_name=_("source"), on_delete=models.CASCADE, related_name="link_checks")
    url = models.URLField(_("address"), max_length=1000)
    checked_at = models.DateTimeField(_("asked"), default=timezone.now)
    outcome = models.CharField(_("outcome"), max_length=20, choices=LinkOutcome.choices)
    status = models.PositiveSmallIntegerField(_("status of HTTP"), null=True, blank=True)
    detail = models.CharField(_("in words"), max_length=300, blank=True)

    objects: ClassVar[LinkCheckQuerySet] = LinkCheckQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("check of a link")
        verbose_name_plural = _("checks of links")
        ordering = ["-checked_at", "-pk"]
        default_permissions = ()
        indexes = [models.Index(fields=["source", "-checked_at"], name="linkcheck_of_source")]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=LinkOutcome.values),
                name="curation_linkcheck_outcome_is_known",
                violation_error_message=_("The outcome is one of: answers, refused, gone, unreachable, not-asked."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.url}: {self.get_outcome_display()}"
