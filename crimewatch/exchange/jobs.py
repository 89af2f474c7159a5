"""The queue: whether anybody works on it, and what becomes of a job in it."""

from django.db import connection
from procrastinate.contrib.django import app

#: A worker that has not been heard of for so many seconds is taken for dead. It says that it lives every ten.
SILENT = 30
#: So many times a job is taken up whose worker has died of it, or of something else.
MOST_ATTEMPTS = 3

ALIVE = """
    SELECT job.status = 'todo' OR (job.status = 'doing' AND worker.last_heartbeat > now() - make_interval(secs => %s))
    FROM procrastinate_jobs AS job LEFT JOIN procrastinate_workers AS worker ON worker.id = job.worker_id
    WHERE job.id = %s
"""


def has_worker() -> bool:
    """Whether any worker has been heard of lately."""
    return _answer(
        "SELECT EXISTS (SELECT FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s))",
        [SILENT],
    )


def are_waiting() -> bool:
    """Whether any job could be begun now."""
    return _answer(
        "SELECT EXISTS (SELECT FROM procrastinate_jobs"
        " WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now()))",
        [],
    )


def is_alive(number: int | None) -> bool:
    """Whether a job still waits, or is worked on by a worker that is alive."""
    return number is not None and _answer(ALIVE, [SILENT, number])


def take_out(number: int | None) -> bool:
    """Take a job out of the queue unless it has been begun; says whether it was."""
    return number is not None and bool(app.job_manager.cancel_job_by_id(number, abort=False))


def _answer(question: str, values: list[int]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        row = cursor.fetchone()
    return bool(row and row[0])
