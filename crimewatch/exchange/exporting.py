"""Exports as files: made, kept privately, and fetched by the person who asked for them."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from crimewatch.exchange import keeping
from crimewatch.exchange.imports import Progress
from crimewatch.exchange.models import ExportFile, ExportState
from crimewatch.exchange.outgoing import EmptySelectionError, Selection, write
from crimewatch.records.resources import RefusedError

Told = Callable[[Progress], None]

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}


def ask_for(selection: Selection, user: Any) -> ExportFile:
    return ExportFile.objects.create(user=user, options=selection.options(), file_name=selection.file_name)


def make(file: ExportFile, progress: Told | None = None) -> None:
    """Write the file that was asked for, with what the person may see now."""
    ExportFile.objects.filter(pk=file.pk).update(state=ExportState.RUNNING)
    try:
        selection = Selection.from_options(file.options)
        with keeping.draft(file.uid) as content:
            rows = write(selection, content, user=file.user, progress=progress)
            content.flush()
            sha256, size = keeping.digest_of(content)  # type: ignore[arg-type]
    except (RefusedError, EmptySelectionError) as error:
        finish(file, ExportState.FAILED, str(error))
        return
    except OSError as error:  # a full disk, or a folder that cannot be written to
        sentence = _("The file cannot be kept: %(reason)s.") % {"reason": error.strerror}
        finish(file, ExportState.FAILED, sentence)
        return
    file.sha256, file.size, file.rows, file.is_kept = sha256, size, rows, True
    file.state, file.finished_at = ExportState.DONE, timezone.now()
    file.save()


def finish(file: ExportFile, state: ExportState, problem: str = "") -> None:
    ExportFile.objects.filter(pk=file.pk).exclude(state=ExportState.DONE).update(
        state=state, problem=problem, finished_at=timezone.now()
    )
    keeping.drop(file.uid)
