"""What was merged into what, by whom and why."""

from typing import TYPE_CHECKING, Any, ClassVar
from uuid import uuid4

from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crimewatch.records.fields import not_blank
from crimewatch.records.models import Record
from crimewatch.records.querysets import sees_drafts

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer


class MergeQuerySet(models.QuerySet["Merge"]):
    """Merges by record and viewer."""

    def standing(self) -> "MergeQuerySet":
        """Those that have not been taken back."""
        return self.filter(undone_at=None)

    def visible_to(self, user: "Viewer") -> "MergeQuerySet":
        """Those of kinds whose drafts ``user`` sees, unless one of the two is there and not for ``user``."""
        condition = Q(pk__in=[])
        seen = [each for each in apps.get_models() if issubclass(each, Record) and sees_drafts(user, each)]
        kinds: dict[Any, ContentType] = ContentType.objects.get_for_models(*seen)
        for model, kind in kinds.items():
            closed = model.objects.closed_to(user).order_by().values("pk")
            condition |= Q(content_type=kind) & ~Q(kept_id__in=closed) & ~Q(gone_id__in=closed)
        return self.filter(condition)


class Merge(models.Model):
    """One record went into another. It is a line of a log: the rows that it moved are told by the history.

    The number of what went is not that of any row while the merge stands, so neither number is a foreign key.
    """

    uid = models.UUIDField(default=uuid4, unique=True, editable=False)
    content_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    kept_id = models.BigIntegerField()
    gone_id = models.BigIntegerField()
    gone_name = models.CharField(max_length=300)
    #: The rows that it moved and that the history does not bring back, by the column that names the record: see
    #: `references.Reference.is_noted`.
    moved_rows = models.JSONField(default=dict, editable=False)
    reason = models.CharField(_("reason"), max_length=300)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.SET_NULL,  # what was merged stays when a login goes
        null=True,
        related_name="+",
    )
    merged_at = models.DateTimeField(auto_now_add=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,  # what was taken back stays so when a login goes
        null=True,
        related_name="+",
    )
    undone_at = models.DateTimeField(null=True)
    undone_because = models.CharField(max_length=300, blank=True)

    objects: ClassVar[MergeQuerySet] = MergeQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        default_permissions = ()
        ordering = ["-merged_at", "-pk"]
        indexes = [models.Index("content_type", "kept_id", name="merge_kept")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kept_id=F("gone_id")),
                name="curation_merge_has_two_records",
                violation_error_message=_("A record cannot be merged with itself."),
            ),
            models.CheckConstraint(
                condition=not_blank("reason"),
                name="curation_merge_has_a_reason",
                violation_error_message=_("A merge needs a reason, for those who read the history later."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gone_name} → {self.kept_id}"

    def get_absolute_url(self) -> str:
        return reverse("curation:merged", args=[self.uid])

    @property
    def model(self) -> Any:
        """The kind of record."""
        return self.content_type.model_class()


def merged_into(record: Record) -> list[int]:
    """The numbers of the records that have gone into ``record``, directly or by way of others, and stay there."""
    kind = ContentType.objects.get_for_model(type(record)).pk
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH RECURSIVE gone (id) AS (
                SELECT gone_id FROM {Merge._meta.db_table}
                WHERE content_type_id = %(kind)s AND kept_id = %(record)s AND undone_at IS NULL
                UNION
                SELECT earlier.gone_id FROM gone JOIN {Merge._meta.db_table} AS earlier
                    ON earlier.content_type_id = %(kind)s AND earlier.kept_id = gone.id AND earlier.undone_at IS NULL
            )
            SELECT id FROM gone
            """,
            {"kind": kind, "record": record.pk},
        )
        return [pk for (pk,) in cursor.fetchall()]


def went_into(model: Any, pk: int) -> int | None:
    """The number of the record that the one with ``pk`` has gone into, by way of others or not; None for no merge."""
    merges = Merge.objects.standing().filter(content_type=ContentType.objects.get_for_model(model)).order_by("pk")
    passed = {pk}
    while (kept := merges.filter(gone_id=pk).values_list("kept_id", flat=True).last()) and kept not in passed:
        passed.add(kept)
        pk = kept
    return pk if len(passed) > 1 else None
