"""What an import would do to each row of its files."""

from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from .batches import ImportBatch

#: So many rows a table may have before the places of the next one would begin.
ROWS_OF_A_TABLE = 10**10


class RowKind(models.TextChoices):
    """What becomes of a row, as `crimewatch.records.resources.RowKind` has it."""

    NEW = "new", _("new")
    CHANGED = "changed", _("changed")
    UNCHANGED = "unchanged", _("unchanged")
    BAD = "bad", _("bad")
    BLOCKED = "blocked", _("waiting for a bad row")


class PreviewRowQuerySet(models.QuerySet["PreviewRow"]):
    def of(self, batch: ImportBatch, *, kind: str = "", table: int | None = None) -> Self:
        """The rows of a preview in the order of the files; those of one kind, or of one table (by its place) alone."""
        rows = self.filter(batch=batch)
        if kind:
            rows = rows.filter(kind=kind)
        if table is not None:
            rows = rows.filter(place__gte=table * ROWS_OF_A_TABLE, place__lt=(table + 1) * ROWS_OF_A_TABLE)
        return rows.order_by("place")


class PreviewRow(models.Model):
    """One row of a file with what would become of it: `cells` are lists of column, before and after.

    `problems` are lists of column, value, sentence and hint. The rows are written by COPY and go when their batch has
    been decided on; nothing refers to them. `place` orders them: by table, as the catalog has them, and by row.
    """

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rows", db_index=False)
    place = models.BigIntegerField()
    table = models.CharField(_("table"), max_length=60)
    row = models.IntegerField(_("row"))
    key = models.TextField(_("key"), blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=RowKind.choices)
    cells = models.JSONField(_("cells"), default=list)
    problems = models.JSONField(_("problems"), default=list)

    objects: ClassVar[PreviewRowQuerySet] = PreviewRowQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index("batch", "place", name="previewrow_in_order"),
            models.Index("batch", "kind", "place", name="previewrow_by_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.table}:{self.row}"
