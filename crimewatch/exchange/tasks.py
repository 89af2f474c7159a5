"""What workers do in the background. Each task takes the `uid` of a batch or an export, whose row says the rest."""

import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext as _
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import JobAborted
from procrastinate.jobs import Status

from crimewatch.exchange import batches, exporting, jobs, sweeping
from crimewatch.exchange.models import BatchKind, BatchState, ExportFile, ExportState, ImportBatch
from crimewatch.exchange.progress import CancelledError, Reporter, begin_anew

logger = logging.getLogger(__name__)

#: Writers of content come one at a time: two imports would wait for each other's rows anyway.
WRITES = "exchange-writes"
#: The database may be restarted in the middle of the work, which is then all taken back and can begin anew.
AFTER_RESTART = RetryStrategy(
    max_attempts=jobs.MOST_ATTEMPTS, wait=5, retry_exceptions={OperationalError, InterfaceError, JobAborted}
)
#: What the work is to be begun anew for, by this worker or by another.
PASSING = (OperationalError, InterfaceError, JobAborted)


@app.task(name="exchange.look_at", retry=AFTER_RESTART, pass_context=True)
def look_at(context: JobContext, uid: str) -> None:
    """Make the preview of an upload."""
    _work_on(context, uid, batches.look_at)


@app.task(name="exchange.carry_out", lock=WRITES, retry=AFTER_RESTART, pass_context=True)
def carry_out(context: JobContext, uid: str) -> None:
    """Write what was confirmed, or take a batch back."""
    _work_on(context, uid, batches.carry_out)


@app.task(name="exchange.export", retry=AFTER_RESTART, pass_context=True)
def export(context: JobContext, uid: str) -> None:
    """Write the file of an export."""
    file = ExportFile.objects.filter(uid=uid).first()
    if file is None or file.state not in {ExportState.WAITING, ExportState.RUNNING}:
        return
    with Reporter(UUID(uid), must_stop=context.should_abort) as progress:
        try:
            exporting.make(file, progress)
        except CancelledError:
            exporting.finish(file, ExportState.CANCELLED)
        except PASSING:
            raise
        except Exception:
            exporting.finish(file, ExportState.FAILED, went_wrong())
            raise


def _work_on(context: JobContext, uid: str, work: Callable[[ImportBatch, Any], None]) -> None:
    batch = ImportBatch.objects.filter(uid=uid).first()
    if batch is None or batch.is_finished:
        return
    with Reporter(batch.uid, must_stop=context.should_abort) as progress:
        try:
            work(batch, progress)
        except CancelledError:
            batches.finish(batch, BatchState.CANCELLED)
        except PASSING:
            raise
        except Exception:
            batches.finish(batch, BatchState.FAILED, went_wrong())
            raise


def went_wrong() -> str:
    return _("Something went wrong that should not. Nothing was written; the log of the worker has the details.")


@app.periodic(cron="* * * * *", periodic_id="take-up-stalled")
@app.task(name="exchange.take_up_stalled", queueing_lock="exchange-stalled")
async def take_up_stalled(timestamp: int) -> None:  # noqa: ARG001 - the queue gives it
    """Take up again what a killed worker has left, but not what has killed several."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=jobs.SILENT):
        if job.attempts < jobs.MOST_ATTEMPTS:
            logger.warning("Job %s was left by a worker that is gone; it is taken up again.", job.id)
            await app.job_manager.retry_job(job)
            continue
        logger.error("Job %s has lost its worker %s times; it is given up.", job.id, job.attempts)
        await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=False)
        if "uid" in job.task_kwargs:
            await sync_to_async(give_up)(str(job.task_kwargs["uid"]))


def give_up(uid: str) -> None:
    """Say of a batch or an export that its work has failed for good."""
    sentence = _("The worker was killed several times while it was at this, perhaps for want of memory.")
    if batch := ImportBatch.objects.filter(uid=uid).first():
        batches.finish(batch, BatchState.FAILED, sentence)
    elif file := ExportFile.objects.filter(uid=uid).first():
        exporting.finish(file, ExportState.FAILED, sentence)


@app.periodic(cron="17 * * * *", periodic_id="sweep")
@app.task(name="exchange.sweep", queueing_lock="exchange-sweep")
async def sweep(timestamp: int) -> None:  # noqa: ARG001 - the queue gives it
    """Take away files, previews and jobs that nobody will ask for any more."""
    await sync_to_async(sweeping.sweep)()
    await app.job_manager.delete_old_jobs(
        nb_hours=24 * settings.FILES_KEPT_DAYS, include_failed=True, include_cancelled=True, include_aborted=True
    )


def begin_preview(batch: ImportBatch) -> None:
    """Look at an upload: now if it is small, in the background otherwise."""
    if batches.is_small(batch):
        batches.look_at(batch)
        return
    _queue(batch, look_at)


def begin_writing(batch: ImportBatch) -> None:
    """Carry out what was confirmed: now if a person would not wait for it, in the background otherwise."""
    rows = sum(batch.totals.values()) if batch.kind != BatchKind.UNDO else batch.findings.get("rows", 0)
    if rows <= settings.BACKGROUND_ROWS:
        batches.carry_out(batch)
        return
    _queue(batch, carry_out)


def begin_export(file: ExportFile) -> None:
    _queue(file, export)


def _queue(what: Any, task: Any) -> None:
    begin_anew(what.uid)
    what.job = task.defer(uid=str(what.uid))
    what.save(update_fields=["job"])
