"""Taking away what is kept for a time only: uploads, previews, exports, finished jobs, words on progress."""

import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from crimewatch.exchange import keeping
from crimewatch.exchange.models import BatchState, ExportFile, ImportBatch, PreviewRow, Progress

#: Files that belong to nothing are left alone for so long: what they belong to may be about to be stored.
SECONDS_OF_GRACE = 24 * 60 * 60


def sweep() -> None:
    """Take away what is too old, and the oldest files where all together are too large."""
    oldest = timezone.now() - timedelta(days=settings.FILES_KEPT_DAYS)
    forgotten = ImportBatch.objects.filter(state__in=[BatchState.UPLOADED, BatchState.PREVIEWED], created_at__lt=oldest)
    forgotten.update(state=BatchState.CANCELLED, finished_at=timezone.now())
    drop_files(ImportBatch.objects.filter(is_kept=True, created_at__lt=oldest).exclude(state=BatchState.RUNNING))
    drop_files(ExportFile.objects.filter(is_kept=True, created_at__lt=oldest))
    make_room()
    PreviewRow.objects.filter(batch__finished_at__lt=timezone.now() - timedelta(days=1)).delete()
    Progress.objects.filter(updated_at__lt=timezone.now() - timedelta(days=1)).delete()
    known = [
        *ImportBatch.objects.filter(is_kept=True).values_list("uid", flat=True),
        *ExportFile.objects.filter(is_kept=True).values_list("uid", flat=True),
    ]
    for path in keeping.stray(time.time() - SECONDS_OF_GRACE, known):
        path.unlink(missing_ok=True)


def make_room(needed: int = 0) -> None:
    """Drop the oldest files until what is kept, and ``needed`` bytes more, is within the limit."""
    kept: list[tuple[Any, int, Any]] = []
    for model in (ImportBatch, ExportFile):
        rows = model._default_manager.filter(is_kept=True).values_list("created_at", "size", "pk")
        kept += [(created_at, size, model._default_manager.filter(pk=pk)) for created_at, size, pk in rows]
    over = sum(size for _created_at, size, _row in kept) + needed - settings.FILES_KEPT_LIMIT
    for _created_at, size, row in sorted(kept, key=lambda each: each[0]):
        if over <= 0:
            break
        drop_files(row)
        over -= size


def drop_files(rows: QuerySet[Any]) -> None:
    """Drop the files of batches or exports; what they were, and what became of it, stays known."""
    uids = list(rows.values_list("uid", flat=True))
    for uid in uids:
        keeping.drop(uid)
    rows.update(is_kept=False)
