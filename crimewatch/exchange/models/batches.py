"""Imports and bulk edits as wholes: each is a batch, from its beginning to its undoing."""

from typing import TYPE_CHECKING, Any, ClassVar, Self
from uuid import uuid4

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crimewatch.records import readable
from crimewatch.records.history import tracked

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer

SHA256 = r"^([0-9a-f]{64})?$"


class BatchKind(models.TextChoices):
    IMPORT = "import", _("import")
    UNDO = "undo", _("undo")
    EDIT = "edit", _("bulk edit")


class BatchState(models.TextChoices):
    """Where a batch stands. Nothing is written to the database's content before `done`."""

    UPLOADED = "uploaded", _("uploaded")
    PREVIEWED = "previewed", _("waits for confirmation")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")
    UNDONE = "undone", _("taken back")


#: States that a batch stays in unless somebody acts.
FINISHED = (BatchState.DONE, BatchState.FAILED, BatchState.CANCELLED, BatchState.UNDONE)
#: States in which the content of the database holds what the batch has brought, or held it once.
WRITTEN = (BatchState.DONE, BatchState.UNDONE)


def counted(model: type[models.Model], number: int) -> str:
    """So many rows of a kind, in words."""
    options = model._meta
    return f"{readable.number(number)} {options.verbose_name if number == 1 else options.verbose_name_plural}"


class BatchQuerySet(models.QuerySet["ImportBatch"]):
    def visible_to(self, user: "Viewer") -> Self:
        """One's own batches; those of others for whom the right to view batches is given to."""
        if not getattr(user, "is_staff", False):
            return self.none()
        if user.has_perm("exchange.view_importbatch"):  # type: ignore[union-attr]
            return self
        return self.filter(user=user)


@tracked
class ImportBatch(models.Model):
    """One import, bulk edit or undoing of either: who, when, from which file, why, and with what outcome.

    The file of a bulk edit holds the keys of the chosen rows; ``options`` say what is to be done with them.
    """

    uid = models.UUIDField(_("number"), default=uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=BatchKind.choices, default=BatchKind.IMPORT)
    state = models.CharField(_("state"), max_length=10, choices=BatchState.choices, default=BatchState.UPLOADED)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.SET_NULL,  # what was imported stays when a login goes
        null=True,
        blank=True,
        related_name="+",
    )
    undoes = models.ForeignKey(
        "self", verbose_name=_("takes back"), on_delete=models.PROTECT, null=True, blank=True, related_name="undone_by"
    )
    created_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    file_names = ArrayField(models.CharField(max_length=255), verbose_name=_("files"), default=list, blank=True)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    size = models.BigIntegerField(_("size in bytes"), default=0)
    is_kept = models.BooleanField(_("the file is kept"), default=False)
    reason = models.TextField(_("reason"), blank=True, help_text=_("Why: it stands in the history of every row."))
    options = models.JSONField(_("how it was read"), default=dict, blank=True)
    counts = models.JSONField(_("counts by table"), default=dict, blank=True)
    findings = models.JSONField(_("what was found"), default=dict, blank=True, editable=False)
    digest = models.CharField(_("digest of the preview"), max_length=64, blank=True, editable=False)
    problem = models.TextField(_("what went wrong"), blank=True)
    job = models.BigIntegerField(_("number of the job"), null=True, blank=True, editable=False)

    objects: ClassVar[BatchQuerySet] = BatchQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-created_at", "-pk"]
        default_permissions = ("change", "view")
        indexes = [
            models.Index("user", F("created_at").desc(), name="importbatch_by_user"),
            models.Index("state", name="importbatch_state"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=BatchKind.values),
                name="exchange_importbatch_kind_is_known",
                violation_error_message=_("The kind is one of: import, undo, edit."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=BatchState.values),
                name="exchange_importbatch_state_is_known",
                violation_error_message=_(
                    "The state is one of: uploaded, previewed, running, done, failed, cancelled, undone."
                ),
            ),
            models.CheckConstraint(
                condition=Q(kind=BatchKind.UNDO, undoes__isnull=False)
                | (~Q(kind=BatchKind.UNDO) & Q(undoes__isnull=True)),
                name="exchange_importbatch_undo_names_what_it_undoes",
                violation_error_message=_("An undo takes back one batch, and no other kind does."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=FINISHED, finished_at__isnull=False)
                | (~Q(state__in=FINISHED) & Q(finished_at__isnull=True)),
                name="exchange_importbatch_end_has_a_time",
                violation_error_message=_("A batch has a time of its end exactly when it has ended."),
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex=SHA256) & Q(digest__regex=SHA256),
                name="exchange_importbatch_digests_are_sha256",
                violation_error_message=_("A SHA-256 has 64 digits from 0 to f."),
            ),
            models.CheckConstraint(
                condition=Q(size__gte=0),
                name="exchange_importbatch_size_is_not_negative",
                violation_error_message=_("A file has no size below 0."),
            ),
        ]

    def __str__(self) -> str:
        if self.undoes_id:
            return str(_("undo of %(batch)s") % {"batch": self.undoes})
        if self.kind == BatchKind.EDIT:
            what = _("a claim about each of %(rows)s") if "claim" in self.options else _("bulk edit of %(rows)s")
            return str(what % {"rows": self.chosen_text()})
        return ", ".join(self.file_names) or str(self.uid)

    def get_absolute_url(self) -> str:
        return reverse("exchange:batch", args=[self.uid])

    def chosen_text(self) -> str:
        """How many rows of which kinds a bulk edit is of."""
        return ", ".join(counted(apps.get_model(label), number) for label, number in self.options["chosen"].items())

    def count(self, kind: str) -> int:
        """How many rows of all tables are ``new``, ``changed``, ``unchanged`` or ``bad``."""
        return sum(counts.get(kind, 0) for counts in self.counts.values())

    @property
    def totals(self) -> dict[str, int]:
        return {kind: self.count(kind) for kind in ("new", "changed", "unchanged", "bad", "blocked")}

    @property
    def is_finished(self) -> bool:
        return self.state in FINISHED

    def may_be_used_by(self, user: Any) -> bool:
        """Whether ``user`` may confirm, cancel, retry or take it back: whose it is, and who may change any batch."""
        return bool(user.is_staff) and (self.user_id == user.pk or user.has_perm("exchange.change_importbatch"))
