"""Exports that take a while: made in the background, kept privately, fetched by who asked for them."""

from typing import TYPE_CHECKING, ClassVar, Self
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .batches import SHA256

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer


class ExportState(models.TextChoices):
    WAITING = "waiting", _("waits for a worker")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


class ExportFileQuerySet(models.QuerySet["ExportFile"]):
    def visible_to(self, user: "Viewer") -> Self:
        """One's own: what a file holds is what the one who asked for it may see, and nobody else."""
        return self.filter(user=user) if user.is_authenticated else self.none()


class ExportFile(models.Model):
    """A file of rows that somebody has asked for. `options` say of which tables and columns, and in which form."""

    uid = models.UUIDField(_("number"), default=uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("for"),
        on_delete=models.CASCADE,  # nobody else may fetch it
        related_name="+",
    )
    state = models.CharField(_("state"), max_length=10, choices=ExportState.choices, default=ExportState.WAITING)
    created_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    options = models.JSONField(_("what is asked for"), default=dict)
    file_name = models.CharField(_("file"), max_length=255)
    is_kept = models.BooleanField(_("the file is kept"), default=False)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    size = models.BigIntegerField(_("size in bytes"), default=0)
    rows = models.BigIntegerField(_("rows"), default=0)
    problem = models.TextField(_("what went wrong"), blank=True)
    job = models.BigIntegerField(_("number of the job"), null=True, blank=True, editable=False)

    objects: ClassVar[ExportFileQuerySet] = ExportFileQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-created_at", "-pk"]
        default_permissions = ()
        indexes = [models.Index("user", F("created_at").desc(), name="exportfile_by_user")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ExportState.values),
                name="exchange_exportfile_state_is_known",
                violation_error_message=_("The state is one of: waiting, running, done, failed, cancelled."),
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex=SHA256),
                name="exchange_exportfile_digest_is_sha256",
                violation_error_message=_("A SHA-256 has 64 digits from 0 to f."),
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("exchange:export_file", args=[self.uid])
