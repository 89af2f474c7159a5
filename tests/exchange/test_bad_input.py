"""Bad files and bad moments, as a person meets them on the page: nothing half or twice, and what to do."""

import io
import os
import signal
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection, transaction
from django.test import Client

from actors.models import Group
from crimewatch.exchange import batches, imports, tasks
from crimewatch.exchange.models import BatchState, ImportBatch, PreviewRow
from crimewatch.records.resources.widgets import MOST_OF_A_CELL
from regions.models import Region
from tests.exchange.test_imports import files
from tests.exchange.test_keeping import room_for
from tests.exchange.test_trouble import (  # noqa: F401 - `somebody` is a fixture
    in_a_process,
    in_another_session,
    other_sessions,
    somebody,
    wait_until,
)
from tests.exchange.uploading import act, confirm, page, upload, uploaded
from tests.factories import make_group, make_region

pytestmark = pytest.mark.django_db(transaction=True)

GOOD = "slug,name,kind\na,A,street-gang\nb,B,street-gang\n"
LONG = "x" * 5_000_000


@pytest.fixture
def manager(client: Client, transactional_db: None, settings: Any, tmp_path: Any, monkeypatch: Any) -> Client:
    settings.KEPT_FILES = tmp_path / "exchange"
    monkeypatch.setattr(imports, "PATIENCE", 1)
    client.force_login(User.objects.create_superuser("ana"))
    return client


def packed(**contents: str) -> bytes:
    """An archive; `a__groups` is `a/groups.csv`."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in contents.items():
            archive.writestr(f"{name.replace('__', '/')}.csv", text)
    return content.getvalue()


def nothing_is_left() -> None:
    assert other_sessions() == 0
    assert not connection.in_atomic_block


# Bad files


@pytest.mark.parametrize(
    ("content", "name", "sentences"),
    [
        (
            "slug,name,kind\na,A,street-gang,more\nb,B\nc,C,street-gang\n",
            "groups.csv",
            ["The row has 4 cells under 3 columns", "The row has 2 cells under 3 columns: a cell is missing"],
        ),
        (f"slug,name,kind\n{LONG},A,street-gang\nb,{LONG},street-gang\n", "groups.csv", ["at most 100 characters"]),
        (
            f"slug,name,kind,parent\na,A,zone,{LONG}\n",
            "regions.csv",
            ["There is no region with the key “xxx"],
        ),
        (
            "slug,name,kind,parts\na,A,zone," + "|".join(f"k{number}" for number in range(100_000)) + "\n",
            "regions.csv",
            ["There is no region with the key “k0”", f"These are the first {MOST_OF_A_CELL} mistakes of the cell"],
        ),
        (
            "slug,name,kind,parent\na,A,zone,stored\nstored,Stored,zone,a\n",
            "regions.csv",
            ["cannot lie below"],
        ),
        (
            packed(x__regions="slug,name,kind,parent\na,A,zone,stored\n", y__people="slug,name\nb,\n"),
            "package.zip",
            ["The cell must not be empty"],
        ),
    ],
    ids=["width", "long cells", "long key", "many keys", "circle over file and database", "one of two files"],
)
def test_a_bad_file_is_told_on_a_small_page_and_nothing_of_it_is_written(
    manager: Client, content: str | bytes, name: str, sentences: list[str]
) -> None:
    make_region(slug="stored", kind="zone")
    batch = uploaded(manager, content, name)
    batches.look_at(batch)  # a worker's work where the file is large
    shown = page(manager, batch)
    assert len(shown) < 200_000
    for sentence in sentences:
        assert sentence in shown
    assert confirm(manager, batch).state == BatchState.PREVIEWED
    assert (Group.objects.count(), list(Region.objects.values_list("slug", flat=True))) == (0, ["stored"])
    nothing_is_left()


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        ("slug,name,kind\na,A\0,street-gang\n", "groups.csv", "NUL"),
        (packed(x__groups=GOOD, y__groups=GOOD), "package.zip", "groups"),
    ],
    ids=["NUL", "a table twice in a package"],
)
def test_a_file_that_cannot_be_read_is_refused_at_once(
    manager: Client, settings: Any, content: str | bytes, name: str, sentence: str
) -> None:
    answer = upload(manager, content, name)
    assert answer.status_code == 422
    (error,) = answer.context["form"].errors["file"]
    assert sentence in error
    assert not ImportBatch.objects.exists()
    nothing_is_left()
    assert confirm(manager, uploaded(manager, GOOD)).state == BatchState.DONE


@pytest.mark.parametrize("engine", ["rows", "bulk"])
def test_a_key_of_five_megabytes_makes_no_sentence_of_five_megabytes(engine: imports.Engine) -> None:
    for parts in (LONG, "|".join(f"k{number}" for number in range(100_000))):
        report = imports.import_sources(files(regions=f"slug,name,kind,parts\na,A,zone,{parts}\n"), engine=engine)
        problems = list(report.problems())
        assert 1 <= len(problems) <= MOST_OF_A_CELL + 1
        assert max(map(len, problems)) < 1000


# Bad moments


class Counter:
    """Counts the statements of some work, and does something behind one of them."""

    def __init__(self, at: int = 0, act: Callable[[], Any] = lambda: None) -> None:
        self.count, self._at, self._act = 0, at, act

    def __call__(self, execute: Any, sql: str, *arguments: Any) -> Any:
        result = execute(sql, *arguments)
        self.count += "SAVEPOINT" not in sql  # of these there are more within another transaction
        if self.count == self._at:
            self._act()
        return result


def statements_of(work: Callable[[], Any]) -> int:
    """How many statements some work takes. It is taken back."""
    counter = Counter()
    with transaction.atomic():
        with connection.execute_wrapper(counter):
            work()
        transaction.set_rollback(True)
    return counter.count


def killed_at(number: int, work: Callable[[], Any]) -> None:
    """Do some work in a process that is killed behind its statement of this number."""

    def run() -> None:
        with connection.execute_wrapper(Counter(number, lambda: os.kill(os.getpid(), signal.SIGKILL))):
            work()

    assert os.WTERMSIG(in_a_process(run)) == signal.SIGKILL
    wait_until(lambda: other_sessions() == 0)


def stored() -> list[tuple[str, str]]:
    return list(Group.objects.order_by("slug").values_list("slug", "name"))


@pytest.mark.parametrize("rows", [20, 600], ids=["rows", "bulk"])
def test_an_import_and_its_undo_killed_at_ten_points_are_done_once_or_not_at_all(manager: Client, rows: int) -> None:
    for number in range(0, rows, 2):
        make_group(slug=f"g-{number:03}", name="Before")
    before = stored()
    text = "slug,name,kind\n" + "".join(f"g-{number:03},After,street-gang\n" for number in range(rows))
    batch = uploaded(manager, text)
    assert batches.confirm(batch)
    carried_out_in_spite_of_kills(batch, before)
    assert stored() == [(f"g-{number:03}", "After") for number in range(rows)]
    taking_back = batches.ask_for_undo(batch, batch.user)
    carried_out_in_spite_of_kills(taking_back, stored())
    assert stored() == before
    batch.refresh_from_db()
    assert batch.state == BatchState.UNDONE


def carried_out_in_spite_of_kills(batch: ImportBatch, before: Any) -> None:
    def work() -> None:
        batches.carry_out(ImportBatch.objects.get(pk=batch.pk))

    number = statements_of(work) - 1  # the last one looks at the batch when all is written
    assert number > 10
    for point in range(1, 11):
        killed_at(number * point // 10, work)
        batch.refresh_from_db()
        assert batch.state == BatchState.RUNNING
        assert stored() == before
    work()
    batch.refresh_from_db()
    assert batch.state == BatchState.DONE
    work()  # and once more, as a job that was taken up twice


@pytest.mark.parametrize("others", ["import", "editor"])
def test_an_import_that_meets_others_says_so_and_can_be_begun_anew(
    manager: Client,
    somebody: Any,  # noqa: F811
    others: str,
) -> None:
    make_group(slug="a", name="Before")
    batch = uploaded(manager, GOOD)
    if others == "import":
        somebody(lambda: imports.import_sources(files(groups="slug,name,kind\nc,C,street-gang\n")))
    else:
        somebody(lambda: Group.objects.filter(slug="a").update(summary="Edited"))
    confirm(manager, batch)
    assert batch.state == BatchState.FAILED
    shown = page(manager, batch)
    assert "Somebody else is importing, or is changing the same rows: nothing was written." in shown
    assert "Look at the file again" in shown
    assert stored() == [("a", "Before")]


def test_a_session_that_the_database_ends_in_the_middle_leaves_a_batch_that_can_be_begun_anew(manager: Client) -> None:
    """The request that carries a small import out dies with its session: nobody is left to say so in the batch."""
    batch = uploaded(manager, GOOD)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (session,) = cursor.fetchone()

    def end(execute: Any, sql: str, *arguments: Any) -> Any:
        if "actors_group" in sql and "INSERT" in sql:
            with ThreadPoolExecutor(1) as others:
                others.submit(in_another_session, f"SELECT pg_terminate_backend({session})").result()
        return execute(sql, *arguments)

    assert batches.confirm(batch)
    with pytest.raises(OperationalError), connection.execute_wrapper(end):
        tasks.begin_writing(batch)
    connection.close()
    batch.refresh_from_db()
    assert (batch.state, stored()) == (BatchState.RUNNING, [])
    nothing_is_left()
    assert "The work on it broke off, and nothing of it was written." in page(manager, batch)
    act(manager, batch, "again")
    assert confirm(manager, batch).state == BatchState.DONE
    assert stored() == [("a", "A"), ("b", "B")]


def test_a_batch_that_a_request_is_writing_has_not_broken_off(manager: Client, somebody: Any) -> None:  # noqa: F811
    batch = uploaded(manager, GOOD)
    assert batches.confirm(batch)
    somebody(lambda: ImportBatch.objects.select_for_update().get(pk=batch.pk))
    assert "broke off" not in page(manager, batch)
    act(manager, batch, "again")
    batch.refresh_from_db()
    assert batch.state == BatchState.RUNNING


# A full disk


def test_a_preview_that_finds_no_room_on_the_disk_says_so_and_can_be_made_later(manager: Client) -> None:
    rows = "".join(f"g-{number},{'x' * 200},street-gang\n" for number in range(400))
    text = f"slug,name,kind\n{rows}"
    batch = uploaded(manager, text)
    assert batch.state == BatchState.PREVIEWED
    PreviewRow.objects.all().delete()
    ImportBatch.objects.filter(pk=batch.pk).update(state=BatchState.UPLOADED)
    batch.refresh_from_db()
    with room_for(5000):
        batches.look_at(batch)
    assert batch.state == BatchState.FAILED
    assert "Make room on the disk and look at the file again." in page(manager, batch)
    assert not PreviewRow.objects.exists()
    nothing_is_left()
    act(manager, batch, "again")
    assert confirm(manager, batch).state == BatchState.DONE
    assert Group.objects.count() == 400


def test_a_database_that_finds_no_room_says_so_on_the_page_and_writes_later(manager: Client, settings: Any) -> None:
    """A limit on temporary files stands for a full disk: the database says so in the same way."""
    settings.BACKGROUND_ROWS = 10_000
    rows = "".join(f"g-{number},G,street-gang,{'word ' * 200}{number}\n" for number in range(600))
    batch = uploaded(manager, f"slug,name,kind,summary\n{rows}")
    with connection.cursor() as cursor:
        cursor.execute("SET temp_file_limit = '64kB'")
        cursor.execute("SET work_mem = '64kB'")
    confirm(manager, batch)
    connection.close()
    assert (batch.state, Group.objects.count()) == (BatchState.FAILED, 0)
    assert "The database has no room for it" in page(manager, batch)
    nothing_is_left()
    act(manager, batch, "again")
    assert confirm(manager, batch).state == BatchState.DONE
    assert Group.objects.count() == 600
