"""Work in the background: seen from outside, stopped, killed at any moment, begun anew; never half, never twice."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pghistory.models
import psycopg
import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.db import OperationalError, connection, connections
from django.test import Client
from django.urls import reverse
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from psycopg import sql

from actors.models import Group, Presence
from crimewatch.environment import PROJECT_FOLDER
from crimewatch.exchange import batches, jobs
from crimewatch.exchange.models import BatchState, ExportFile, ExportState, ImportBatch, Progress
from crimewatch.exchange.progress import PAUSE
from crimewatch.exchange.tasks import give_up, take_up_stalled
from tests.environments import of_the_test_database
from tests.exchange.uploading import act, confirm, page, uploaded
from tests.factories import make_group, make_region, make_source

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = 60


@pytest.fixture
def manager(client: Client, transactional_db: None, settings: Any, tmp_path: Any) -> Iterator[Client]:
    settings.VAR_DIR, settings.KEPT_FILES = tmp_path, tmp_path / "exchange"
    settings.BACKGROUND_ROWS = 10
    client.force_login(User.objects.create_superuser("ana"))
    yield client
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers, procrastinate_periodic_defers CASCADE")


def groups(number: int = ROWS) -> str:
    return "slug,name,kind\n" + "".join(f"g-{place},Group {place},street-gang\n" for place in range(number))


def start_worker(*options: str) -> "subprocess.Popen[bytes]":
    """A worker of its own process on the test database."""
    environment = {**os.environ, **of_the_test_database(), "BACKGROUND_ROWS": "10"}
    return subprocess.Popen(
        [sys.executable, "manage.py", "worker", *options],
        cwd=PROJECT_FOLDER,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def work_off() -> None:
    """Have a worker do all that waits."""
    assert start_worker("--once").wait(timeout=120) == 0


def wait_until(holds: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "It has not come to pass."
        time.sleep(0.02)


def state(batch: ImportBatch) -> str:
    return ImportBatch.objects.values_list("state", flat=True).get(pk=batch.pk)


# From upload to end


def test_a_large_file_is_looked_at_and_written_in_the_background(manager: Client) -> None:
    batch = uploaded(manager, groups())
    assert batch.state == BatchState.UPLOADED
    shown = page(manager, batch)
    assert "The preview is being made" in shown
    assert "Nobody works on the queue" in shown
    work_off()
    assert state(batch) == BatchState.PREVIEWED
    confirm(manager, batch, reason="a test")
    assert batch.state == BatchState.RUNNING
    assert not Group.objects.exists()
    work_off()
    assert state(batch) == BatchState.DONE
    assert Group.objects.count() == ROWS
    contexts = {
        context.metadata["batch"] for context in pghistory.models.Context.objects.filter(metadata__reason="a test")
    }
    assert contexts == {str(batch.uid)}

    act(manager, batch, "undo")
    work_off()
    assert not Group.objects.exists()
    assert state(batch) == BatchState.UNDONE


def test_progress_is_told_to_the_page_until_the_work_is_over(manager: Client) -> None:
    batch = uploaded(manager, groups())
    Progress.objects.create(uid=batch.uid, table="groups", done=15, total=60)
    asked = {"HX-Request": "true"}
    answer = manager.get(batch.get_absolute_url(), headers=asked)
    assert "25 %" in answer.content.decode()
    assert "HX-Refresh" not in answer
    work_off()
    assert manager.get(batch.get_absolute_url(), headers=asked)["HX-Refresh"] == "true"


def test_a_large_export_is_made_in_the_background_and_fetched_by_who_has_asked_for_it(manager: Client) -> None:
    for place in range(12):
        make_group(slug=f"g-{place}")
    answer = manager.post(reverse("exchange:export"), {"table": "groups", "form": "xlsx"})
    file = ExportFile.objects.get()
    assert answer["Location"] == file.get_absolute_url()
    work_off()
    file.refresh_from_db()
    assert (file.state, file.rows) == (ExportState.DONE, 12)
    download = reverse("exchange:export_download", args=[file.uid])
    assert b"".join(manager.get(download)).startswith(b"PK")  # type: ignore[call-overload]
    manager.force_login(User.objects.create_superuser("luz"))
    assert manager.get(download).status_code == 404
    assert manager.get(file.get_absolute_url()).status_code == 404


# Stopped


def test_what_has_not_been_begun_is_cancelled_at_once(manager: Client) -> None:
    batch = uploaded(manager, groups())
    act(manager, batch, "cancel")
    assert state(batch) == BatchState.CANCELLED
    work_off()
    assert state(batch) == BatchState.CANCELLED


def test_what_is_being_written_is_cancelled_and_taken_back(manager: Client) -> None:
    batch = uploaded(manager, groups())
    work_off()
    confirm(manager, batch)
    with nobody_may_write(Group):
        worker = start_worker()
        wait_until(somebody_waits)
        assert state(batch) == BatchState.RUNNING
        act(manager, batch, "cancel")
        time.sleep(PAUSE)
    try:
        wait_until(lambda: state(batch) == BatchState.CANCELLED)
    finally:
        worker.terminate()
        worker.wait(timeout=60)
    assert not Group.objects.exists()
    assert no_locks_are_left()


@contextmanager
def nobody_may_write(model: Any) -> Iterator[None]:
    """Keep whoever writes into a table of the test database waiting."""
    with psycopg.connect(**connector_params("default")) as other:
        other.execute(sql.SQL("LOCK TABLE {} IN SHARE MODE").format(sql.Identifier(model._meta.db_table)))
        yield


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'actors_group'::regclass")
        return bool(cursor.fetchone()[0])


def no_locks_are_left() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
            " WHERE pid <> pg_backend_pid() AND datname = current_database() AND relation = 'actors_group'::regclass"
        )
        return bool(cursor.fetchone()[0] == 0)


# Killed


def let_the_worker_be_missed() -> None:
    """As if half a minute had passed since a killed worker was heard of."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '10 minutes'")


def test_a_worker_killed_at_any_moment_leaves_nothing_half_and_its_work_is_begun_anew(manager: Client) -> None:
    batch = uploaded(manager, groups(400))
    batches.look_at(batch)
    jobs.take_out(batch.job)
    confirm(manager, batch)
    for moment in (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8):
        worker = start_worker()
        wait_until(lambda: has_been_begun(batch) or state(batch) == BatchState.DONE)
        time.sleep(moment)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        wait_until(no_locks_are_left)
        is_done = state(batch) == BatchState.DONE
        assert Group.objects.count() == (400 if is_done else 0)
        if is_done:
            break
        let_the_worker_be_missed()
        assert "Its worker is gone" in page(manager, batch)
        run_periodic(take_up_stalled)
        assert not has_been_begun(batch)
        forgive_the_job(batch)
    work_off()
    assert state(batch) == BatchState.DONE
    assert Group.objects.count() == 400


def forgive_the_job(batch: ImportBatch) -> None:
    """It has killed no worker: the test has."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET attempts = 0 WHERE id = %s", [batch.job])


def has_been_begun(batch: ImportBatch) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM procrastinate_jobs WHERE id = %s", [batch.job])
        return bool(cursor.fetchone()[0] != "todo")


def run_periodic(task: Any) -> None:
    async def once() -> None:
        async with app.open_async():
            await task.func(0)

    def run() -> None:
        try:
            async_to_sync(once)()
        finally:
            connections.close_all()

    connector = PsycopgConnector(kwargs=connector_params("default"))
    # In a thread of its own: browser tests leave an event loop running in this one.
    with app.replace_connector(connector), ThreadPoolExecutor(1) as pool:
        pool.submit(run).result()


def test_a_job_that_has_killed_several_workers_is_given_up_with_a_sentence(manager: Client) -> None:
    batch = uploaded(manager, groups())
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', attempts = 3 WHERE id = %s", [batch.job])
    run_periodic(take_up_stalled)
    assert state(batch) == BatchState.FAILED
    assert "killed several times" in page(manager, batch)
    give_up(str(batch.uid))  # it is over, and stays so
    act(manager, batch, "again")
    work_off()
    assert state(batch) == BatchState.PREVIEWED


@contextmanager
def out_of_reach(seconds: float = 3) -> Iterator[None]:
    """End all sessions of the test database but this one, and let nobody in for some time, as a restart does."""
    address = connection.get_connection_params()
    name = str(address["dbname"])
    login = {key: address[key] for key in ("host", "port", "user", "password") if address.get(key)}
    with psycopg.connect(dbname="postgres", autocommit=True, **login) as other, connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [own] = cursor.fetchone()
        allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
        other.execute(allow.format(sql.Identifier(name), sql.SQL("false")))
        try:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> %s", [name, own]
            )
            yield
            time.sleep(seconds)
        finally:
            other.execute(allow.format(sql.Identifier(name), sql.SQL("true")))


def test_the_database_may_be_restarted_in_the_middle(manager: Client) -> None:
    """Its sessions end; what was written is taken back, and the job is begun anew."""
    batch = uploaded(manager, groups(3000))
    batches.look_at(batch)
    jobs.take_out(batch.job)
    confirm(manager, batch)
    worker = start_worker()
    try:
        wait_until(lambda: Progress.objects.filter(uid=batch.uid, done__gt=0).exists())
        with out_of_reach():
            assert not Group.objects.exists()
        wait_until(lambda: state(batch) == BatchState.DONE, seconds=120)
        assert worker.poll() is None
    finally:
        worker.terminate()
        worker.wait(timeout=60)
    assert Group.objects.count() == 3000


def test_a_worker_that_is_told_to_stop_leaves_its_work_to_the_next(manager: Client) -> None:
    batch = uploaded(manager, groups())
    work_off()
    confirm(manager, batch)
    worker = start_worker()
    wait_until(lambda: has_been_begun(batch))
    worker.send_signal(signal.SIGTERM)
    worker.wait(timeout=60)
    work_off()
    wait_until(lambda: state(batch) == BatchState.DONE, seconds=20)
    assert Group.objects.count() == ROWS


# Side by side


def test_two_imports_of_the_same_rows_do_not_make_them_twice(manager: Client) -> None:
    one, other = uploaded(manager, groups(20)), uploaded(manager, groups(20))
    work_off()
    confirm(manager, one)
    confirm(manager, other)
    work_off()
    states = {state(one), state(other)}
    assert states == {BatchState.DONE, BatchState.PREVIEWED}
    assert Group.objects.count() == 20


def test_an_editor_who_changes_a_row_during_the_import_is_not_overwritten_unseen(manager: Client) -> None:
    make_group(slug="g-1", name="Before")
    batch = uploaded(manager, groups(20))
    work_off()
    confirm(manager, batch)
    Group.objects.filter(slug="g-1").update(name="Edited meanwhile")
    work_off()
    assert state(batch) == BatchState.PREVIEWED
    assert Group.objects.get().name == "Edited meanwhile"


def test_a_confirmation_sent_twice_is_carried_out_once(manager: Client) -> None:
    make_region(slug="puno"), make_source(slug="ellis"), make_group(slug="clans")
    text = "uid,group,region,source\n" + ",clans,puno,ellis\n" * 20
    batch = uploaded(manager, text, "presences.csv")
    work_off()
    confirm(manager, batch)
    confirm(manager, batch)
    work_off()
    batches.carry_out(ImportBatch.objects.get(pk=batch.pk))
    assert Presence.objects.count() == 20


def test_a_lost_connection_is_an_error_of_the_driver() -> None:
    """What the worker begins anew for is what psycopg raises when the server goes."""
    with pytest.raises(OperationalError) as caught, connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    connection.close()
    assert isinstance(caught.value.__cause__, psycopg.OperationalError)
