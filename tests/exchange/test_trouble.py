"""Imports that meet others, are killed, or find the database in trouble: nothing half-written, one sentence."""

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction

from actors.models import Group, GroupCitation, Presence
from crimewatch.exchange.catalog import TABLES_BY_NAME, Table
from crimewatch.exchange.imports import BrokenOffError, Engine, Progress, import_sources
from crimewatch.records.resources import RowSource
from crimewatch.records.resources.bulk import staging, writing
from tests.exchange.engines import csv_table
from tests.factories import make_group, make_region, make_source

ENGINES: tuple[Engine, ...] = ("rows", "bulk")

pytestmark = pytest.mark.django_db(transaction=True)


def package(rows: int) -> dict[Table, RowSource]:
    groups = "".join(f"g{number},Group {number},street-gang\n" for number in range(rows))
    presences = "".join(f"p{number},g{number},r,s\n" for number in range(rows))
    contents = {
        "sources": "slug,name\ns,S\n",
        "regions": "slug,name,kind\nr,R,zone\n",
        "groups": f"slug,name,kind\n{groups}",
        "presences": f"uid,group,region,source\n{presences}",
    }
    return {TABLES_BY_NAME[name]: csv_table(content, f"{name}.csv") for name, content in contents.items()}


def groups(text: str) -> dict[Table, RowSource]:
    return {TABLES_BY_NAME["groups"]: csv_table(text, "groups.csv")}


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the bulk engine come to many moments between its beginning and its end with few rows."""
    monkeypatch.setattr(staging, "READ_AT_ONCE", 20)
    monkeypatch.setattr(writing, "WRITTEN_AT_ONCE", 20)


def in_a_process(run: Callable[[], Any]) -> int:
    """Run something in a process of its own, with a connection of its own, and return how that ended."""
    child = os.fork()
    if child == 0:  # pragma: no cover - another process
        inherited = connection.connection  # kept, for closing it would end the parent's session
        connection.connection = None
        try:
            run()
        finally:
            os._exit(inherited is None)
    return os.waitpid(child, 0)[1]


def other_sessions() -> int:
    """How many other sessions of this database hold a lock or are at work."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
                AND backend_type = 'client backend' AND (
                    state <> 'idle' OR EXISTS (SELECT FROM pg_locks WHERE pg_locks.pid = pg_stat_activity.pid)
                )
            """
        )
        count: int = cursor.fetchone()[0]
        return count


def wait_until(is_so: Callable[[], bool]) -> None:
    for _ in range(600):
        if is_so():
            return
        Event().wait(0.05)
    raise AssertionError("it did not come to that")


@pytest.mark.parametrize("moment", range(0, 20, 2))
def test_a_killed_import_leaves_nothing_and_can_be_run_again(moment: int, small_steps: None) -> None:
    passed = iter(range(1000))

    def kill(_progress: Progress) -> None:
        if next(passed) == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    ended = in_a_process(lambda: import_sources(package(100), engine="bulk", progress=kill))
    assert os.WTERMSIG(ended) == signal.SIGKILL
    wait_until(lambda: other_sessions() == 0)
    assert not Group.objects.exists()
    assert import_sources(package(100), engine="bulk").is_written
    assert (Group.objects.count(), Presence.objects.count()) == (100, 100)


@pytest.mark.parametrize("moment", [0, 7, 15])
def test_an_import_whose_server_goes_away_is_told_in_one_sentence(moment: int, small_steps: None) -> None:
    passed = iter(range(1000))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (session,) = cursor.fetchone()

    def end(_progress: Progress) -> None:
        if next(passed) == moment:
            with ThreadPoolExecutor(1) as others:
                others.submit(in_another_session, f"SELECT pg_terminate_backend({session})").result()

    with pytest.raises(BrokenOffError, match=r"^The database broke off \(.*\): nothing was written\. Import again"):
        import_sources(package(100), engine="bulk", progress=end)
    connection.close()
    assert not Group.objects.exists()
    assert import_sources(package(100), engine="bulk").is_written


def in_another_session(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_progress_that_raises_calls_the_import_off(engine: Engine) -> None:
    class CalledOffError(Exception):
        pass

    def call_off(progress: Progress) -> None:
        if progress.table.name == "presences":
            raise CalledOffError

    with pytest.raises(CalledOffError):
        import_sources(package(600), engine=engine, progress=call_off)
    assert not Group.objects.exists()
    assert other_sessions() == 0


@pytest.fixture
def somebody() -> Iterator[Callable[[Callable[[], Any]], None]]:
    """Somebody else who does something in a transaction and leaves it open until the end of the test."""
    done, may_end = Event(), Event()

    def hold(act: Callable[[], Any]) -> None:
        with transaction.atomic():
            act()
            done.set()
            may_end.wait(30)
        connection.close()

    with ThreadPoolExecutor(1) as others:

        def begin(act: Callable[[], Any]) -> None:
            others.submit(hold, act)
            assert done.wait(30)

        yield begin
        may_end.set()


@pytest.mark.parametrize("engine", ENGINES)
def test_an_import_that_meets_an_editor_on_the_same_row_is_told_so(somebody: Any, engine: Engine) -> None:
    make_group(slug="a", name="Old"), make_group(slug="b", name="Old")
    somebody(lambda: Group.objects.filter(slug="a").update(name="Edited"))
    with pytest.raises(BrokenOffError, match="changing the same rows: nothing was written"):
        import_sources(groups("slug,name\na,New\nb,New\n"), engine=engine, patience=1)
    assert set(Group.objects.values_list("name", flat=True)) == {"Old"}


@pytest.mark.parametrize("engine", ENGINES)
def test_an_import_waits_for_nobody_who_changes_other_rows(somebody: Any, engine: Engine) -> None:
    make_group(slug="a", name="Old"), make_group(slug="b", name="Old")
    somebody(lambda: Group.objects.filter(slug="a").update(name="Edited"))
    assert import_sources(groups("slug,name\nb,New\n"), engine=engine, patience=1).is_written


@pytest.mark.parametrize("engine", ENGINES)
def test_an_import_that_meets_another_one_is_told_so(somebody: Any, engine: Engine) -> None:
    somebody(lambda: import_sources(groups("slug,name,kind\na,A,street-gang\n")))
    with pytest.raises(BrokenOffError, match="Somebody else is importing"):
        import_sources(groups("slug,name,kind\na,B,street-gang\n"), engine=engine, patience=1)


def test_rows_that_are_edited_while_an_import_compares_them_are_not_written_over() -> None:
    make_group(slug="a", name="Old")

    def edit(progress: Progress) -> None:
        if progress.stage == "comparing":
            waiting.append(others.submit(in_another_session, "UPDATE actors_group SET name = 'Edited'"))
            waiting[0].result()

    waiting: list[Any] = []
    with ThreadPoolExecutor(1) as others:
        report = import_sources(groups("slug,name\na,New\n"), engine="bulk", progress=edit)
    # The edit came before anything was compared: the import knows of it, and changes what was edited.
    assert report.is_written
    assert Group.objects.get().name == "New"


@pytest.mark.parametrize("engine", ENGINES)
def test_a_record_that_is_deleted_before_its_claims_are_in_is_told(engine: Engine) -> None:
    group = make_group(slug="g")
    make_region(slug="r"), make_source(slug="s")
    text = "uid,group,region,source\n" + "".join(f"p{number},g,r,s\n" for number in range(600))

    def delete(_progress: Progress) -> None:
        if Group.objects.exists():
            with ThreadPoolExecutor(1) as others:
                others.submit(in_another_session, f"DELETE FROM actors_group WHERE id = {group.pk}").result()

    report = import_sources(
        {TABLES_BY_NAME["presences"]: csv_table(text, "presences.csv")}, engine=engine, progress=delete
    )
    assert not report.is_written
    assert len(list(report.problems())) in {1, 600}
    assert not Presence.objects.exists()


def test_a_database_without_room_is_told_in_one_sentence() -> None:
    """A limit on temporary files stands for a full disk: the database says so in the same way."""
    with connection.cursor() as cursor:
        cursor.execute("SET temp_file_limit = '64kB'")
        cursor.execute("SET work_mem = '64kB'")
    try:
        with pytest.raises(
            BrokenOffError, match=r"^The database has no room for it \(.*\): nothing was written\. Make"
        ):
            import_sources(wide(), engine="bulk")
        assert not GroupCitation.objects.exists()
    finally:
        connection.close()
    assert other_sessions() == 0


def wide() -> dict[Table, RowSource]:
    make_group(slug="g"), make_source(slug="s")
    rows = "".join(f"c{number},g,{'word ' * 200}{number},s\n" for number in range(600))
    return {TABLES_BY_NAME["group_citations"]: csv_table(f"uid,record,statement,source\n{rows}", "group_citations.csv")}
