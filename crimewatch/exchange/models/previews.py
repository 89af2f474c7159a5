"""What an import would do to each row of its files."""

from typing import ClassVar, Self

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from .batches import ImportBatch


class RowKind(models.TextChoices):
    NEW = "new", _("new")
    CHANGED = "changed", _("changed")
    UNCHANGED = "unchanged", _("unchanged")
    BAD = "bad", _("bad")


class PreviewRowQuerySet(models.QuerySet["PreviewRow"]):
    def of(self, batch: ImportBatch, *, kind: str = "", table: str = "") -> Self:
        """The rows of a preview in the order of the files; those of one kind or of one table if asked for."""
        rows = self.filter(batch=batch)
        if kind:
            rows = rows.filter(kind=kind)
        return (rows.filter(table=table) if table else rows).order_by("pk")


class PreviewRow(models.Model):
    """One row of a file with what would become of it: `changes` are lists of column, before and after.

    `problems` are lists of column, value, sentence and hint. The rows are written by COPY and go with their batch's
    decision; nothing refers to them.
    """

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rows")
    table = models.CharField(_("table"), max_length=60)
    row = models.IntegerField(_("row"), null=True)
    key = models.TextField(_("key"), blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=RowKind.choices)
    changes = models.JSONField(_("changes"), default=list, encoder=DjangoJSONEncoder)
    problems = models.JSONField(_("problems"), default=list, encoder=DjangoJSONEncoder)

    objects: ClassVar[PreviewRowQuerySet] = PreviewRowQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index("batch", "kind", "id", name="previewrow_by_kind"),
            models.Index("batch", "table", "kind", "id", name="previewrow_by_table"),
        ]

    def __str__(self) -> str:
        return f"{self.table}:{self.row}"
