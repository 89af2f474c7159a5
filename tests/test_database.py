"""The database that the site talks to: the one of DATABASE_URL, or an embedded one that comes and goes by itself."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from django.db import connection
from pytest_django import Settings

from crimewatch.database import database_settings
from crimewatch.environment import PROJECT_FOLDER, ConfigurationError, Environment
from crimewatch.postgresql.base import DatabaseFeatures, DatabaseWrapper
from crimewatch.postgresql.keeper import HIDDEN_FOLDER, Cluster
from crimewatch.postgresql.keeper import start as start_server
from tests.environments import environment, manage

is_root = os.geteuid() == 0


class User:
    """A process of its own that uses the embedded database of a var folder."""

    def __init__(self, var: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.user_of_embedded"],
            cwd=PROJECT_FOLDER,
            env=environment(VAR_DIR=var),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def say(self, line: str = "") -> None:
        assert self.process.stdin
        print(line, file=self.process.stdin, flush=True)

    def hear(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def ask(self, line: str = "") -> str:
        """Have it connect, and return when the server it reached was started; nothing if it failed."""
        self.say(line)
        return self.hear()

    def end(self) -> None:
        self.process.communicate(timeout=60)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=60)


@pytest.fixture
def var() -> Iterator[Path]:
    """A var folder that others can enter, as a checkout's usually is. pytest's own folders are closed."""
    folder = Path(tempfile.mkdtemp(prefix="crimewatch-test-"))
    folder.chmod(0o755)
    yield folder
    wait_until(lambda: not processes_of(folder))
    remove(folder)


@pytest.fixture
def new_user(var: Path) -> Iterator[Callable[[], User]]:
    users: list[User] = []

    def new() -> User:
        users.append(User(var))
        return users[-1]

    yield new
    for user in users:
        user.kill()


def remove(folder: Path) -> None:
    cluster = folder / "postgres" / "cluster"
    if cluster.is_symlink():
        shutil.rmtree(cluster.resolve(), ignore_errors=True)
    shutil.rmtree(folder)


def cluster_of(var: Path) -> Cluster:
    return Cluster((var / "postgres").resolve())


def processes_of(var: Path) -> list[psutil.Process]:
    """Find the keepers and servers of a var folder by what they were started with."""
    cluster = cluster_of(var)
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if {str(cluster.folder), str(cluster.data)} & set(process.info["cmdline"] or ())
    ]


def keeper_of(var: Path) -> psutil.Process:
    (keeper,) = (process for process in processes_of(var) if "crimewatch.postgresql.keeper" in process.cmdline())
    return keeper


def server_of(var: Path) -> psutil.Process:
    server = cluster_of(var).postmaster()
    assert server is not None
    return server


def wait_until(is_so: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


# Sharing


def test_two_processes_share_one_server_and_the_last_one_out_stops_it(var: Path, new_user: Callable[[], User]) -> None:
    first, second = new_user(), new_user()
    assert first.ask() == second.ask() != ""
    assert len(processes_of(var)) == 2  # a keeper and a server
    first.end()
    assert second.ask() != ""
    assert len(processes_of(var)) == 2
    second.end()
    assert processes_of(var) == []  # at once: the last one comes back when the server has stopped
    assert not cluster_of(var).pid_file.exists()


def test_processes_that_start_together_start_one_server(var: Path, new_user: Callable[[], User]) -> None:
    users = [new_user() for _ in range(5)]
    for user in users:
        user.say()
    starts = {user.hear() for user in users}
    assert len(starts) == 1
    assert starts != {""}
    assert len(processes_of(var)) == 2


def test_a_process_that_comes_while_the_server_stops_gets_a_new_one(var: Path, new_user: Callable[[], User]) -> None:
    starts = set()
    for _ in range(4):
        leaving, coming = new_user(), new_user()
        starts.add(leaving.ask())
        leaving.process.kill()
        starts.add(coming.ask())
        coming.end()
    assert "" not in starts


def test_a_forked_child_that_ends_does_not_take_the_server_along(var: Path, new_user: Callable[[], User]) -> None:
    user = new_user()
    before = user.ask()
    assert user.ask("fork") == before != ""


def test_the_data_outlast_the_server(var: Path) -> None:
    sql = "CREATE TABLE kept (word text); INSERT INTO kept VALUES ('Huánuco')"
    assert manage("dbshell", "--", "--command", sql, VAR_DIR=var).returncode == 0
    assert processes_of(var) == []
    found = manage("dbshell", "--", "--tuples-only", "--command", "SELECT upper(word) FROM kept", VAR_DIR=var)
    assert found.stdout.strip() == "HUÁNUCO"


def test_no_server_is_started_before_it_is_needed(var: Path) -> None:
    run = manage("check", VAR_DIR=var)
    assert run.returncode == 0, run.stderr
    assert not (var / "postgres").exists()


def test_nothing_listens_but_a_socket_that_only_the_servers_user_can_reach(
    var: Path, new_user: Callable[[], User]
) -> None:
    new_user().ask()
    assert server_of(var).net_connections("inet") == []
    folder = cluster_of(var).socket_folder()
    assert (folder / ".s.PGSQL.5432").is_socket()
    assert folder.stat().st_mode & 0o777 == 0o700


def test_variables_meant_for_other_postgresql_servers_lead_nobody_astray(
    var: Path, new_user: Callable[[], User], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = new_user().ask()
    monkeypatch.setenv("PGPORT", "5999")
    monkeypatch.setenv("PGHOST", "db.example.org")
    monkeypatch.setenv("PGDATABASE", "elsewhere")
    assert new_user().ask() == before != ""


# Kills


def test_a_killed_user_leaves_no_server_behind(var: Path, new_user: Callable[[], User]) -> None:
    user = new_user()
    assert user.ask() != ""
    user.kill()
    wait_until(lambda: processes_of(var) == [])
    assert new_user().ask() != ""


def test_a_user_killed_while_the_server_starts_leaves_none_behind(var: Path, new_user: Callable[[], User]) -> None:
    user = new_user()
    user.say()
    wait_until(lambda: len(processes_of(var)) > 0)
    user.kill()
    wait_until(lambda: processes_of(var) == [])
    assert new_user().ask() != ""


def test_a_killed_user_does_not_take_the_server_from_the_others(var: Path, new_user: Callable[[], User]) -> None:
    killed, other = new_user(), new_user()
    before = killed.ask()
    assert other.ask() == before
    killed.kill()
    assert other.ask() == before != ""


def test_a_killed_server_is_replaced_at_the_next_connection(var: Path, new_user: Callable[[], User]) -> None:
    user = new_user()
    before = user.ask()
    server_of(var).kill()
    assert user.ask() not in {before, ""}


def test_a_server_killed_with_all_its_processes_is_replaced_too(var: Path, new_user: Callable[[], User]) -> None:
    user = new_user()
    before = user.ask()
    server = server_of(var)
    for process in [server, *server.children(recursive=True)]:
        process.kill()
    assert user.ask() not in {before, ""}


def test_a_killed_session_is_recovered_from(var: Path, new_user: Callable[[], User]) -> None:
    killed, other = new_user(), new_user()
    before = killed.ask()
    assert other.ask() == before
    sessions = [child for child in server_of(var).children() if "[local]" in " ".join(child.cmdline())]
    assert sessions
    sessions[0].kill()
    assert other.ask() == before != ""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent has died")
def test_a_killed_keeper_takes_its_server_along(var: Path, new_user: Callable[[], User]) -> None:
    user = new_user()
    before = user.ask()
    keeper_of(var).kill()
    wait_until(lambda: processes_of(var) == [])
    assert user.ask() not in {before, ""}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent has died")
def test_nothing_is_left_when_user_and_keeper_are_killed_together(var: Path, new_user: Callable[[], User]) -> None:
    user = new_user()
    user.ask()
    keeper_of(var).kill()
    user.kill()
    wait_until(lambda: processes_of(var) == [])
    assert new_user().ask() != ""


def test_a_server_without_a_keeper_is_stopped_before_another_starts(var: Path, new_user: Callable[[], User]) -> None:
    cluster = cluster_of(var)
    cluster.folder.mkdir()
    orphan = start_server(cluster, durable=False)
    try:
        user = new_user()
        assert user.ask() != ""
        assert orphan.wait(10) == 0
        assert server_of(var).pid != orphan.pid
        user.end()
    finally:
        orphan.kill()


def test_a_stale_pid_file_that_names_a_living_process_is_no_hindrance(var: Path, new_user: Callable[[], User]) -> None:
    first = new_user()
    first.ask()
    written = cluster_of(var).pid_file.read_text().splitlines()
    first.end()
    # Owned by the same user as the server, or PostgreSQL itself would see that it cannot be a server of this folder.
    owner = cluster_of(var).data.stat()
    as_owner = {"user": owner.st_uid, "group": owner.st_gid} if is_root else {}
    with subprocess.Popen(["sleep", "600"], **as_owner) as sleeper:
        cluster_of(var).pid_file.write_text("\n".join([str(sleeper.pid), *written[1:], ""]))
        assert new_user().ask() != ""
        assert sleeper.poll() is None
        sleeper.kill()


def test_data_that_were_being_made_when_the_keeper_was_killed_are_made_again(
    var: Path, new_user: Callable[[], User]
) -> None:
    first = new_user()
    first.ask()
    first.end()
    cluster = cluster_of(var)
    cluster.data.rename(cluster.data.with_name("data-new"))  # complete or not, nobody knows
    assert new_user().ask() != ""
    assert not cluster.data.with_name("data-new").exists()


# Places


def test_a_long_path_is_no_hindrance(var: Path) -> None:
    deep = var / ("x" * 60) / ("y" * 60)
    deep.mkdir(parents=True)
    user = User(deep)
    try:
        assert user.ask() != ""
        folder = cluster_of(deep).socket_folder()
        assert len(str(folder)) < 80
        assert folder.stat().st_mode & 0o777 == 0o700
        user.end()
        assert not folder.exists()
    finally:
        user.kill()


@pytest.mark.skipif(not is_root, reason="only root's server runs as somebody else")
def test_no_folder_is_opened_for_the_user_whom_roots_server_runs_as(var: Path) -> None:
    closed = var / "closed"
    closed.mkdir(mode=0o700)
    inside = closed / "var"
    user = User(inside)
    try:
        assert user.ask() != ""
        home = (inside / "postgres" / "cluster").resolve()
        assert home.parent == HIDDEN_FOLDER
        assert home.stat().st_mode & 0o777 == 0o700
        assert home.stat().st_uid != 0
        assert server_of(inside).uids().real == home.stat().st_uid
        user.end()
        assert closed.stat().st_mode & 0o777 == 0o700
        assert closed.stat().st_uid == 0
    finally:
        user.kill()
        wait_until(lambda: processes_of(inside) == [])
        shutil.rmtree((inside / "postgres" / "cluster").resolve(), ignore_errors=True)


@pytest.mark.skipif(not is_root, reason="only root may give folders away")
def test_roots_server_runs_as_the_owner_of_the_checkout(var: Path, new_user: Callable[[], User]) -> None:
    os.chown(var, 1, 1)  # `daemon`, which every system has
    assert new_user().ask() != ""
    assert server_of(var).uids().real == 1


def test_data_of_another_major_version_get_a_sentence(var: Path, new_user: Callable[[], User]) -> None:
    first = new_user()
    first.ask()
    first.end()
    (cluster_of(var).data / "PG_VERSION").write_text("12\n")
    run = manage("migrate", "--check", VAR_DIR=var)
    assert run.returncode == 1
    assert run.stderr.startswith(f"Error: {cluster_of(var).data} was made by PostgreSQL 12, but version ")
    assert run.stderr.endswith('see "Upgrade" in docs/deployment.md.\n')
    assert processes_of(var) == []


def test_damaged_data_get_a_sentence_with_postgresqls_own_complaint(var: Path, new_user: Callable[[], User]) -> None:
    first = new_user()
    first.ask()
    first.end()
    (cluster_of(var).data / "global" / "pg_control").unlink()
    run = manage("migrate", "--check", VAR_DIR=var)
    assert run.returncode == 1
    assert run.stderr.startswith("Error: PostgreSQL did not start: could not find the database system")
    assert len(run.stderr.splitlines()) == 1


# DATABASE_URL


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("mysql://user:secret@host/name", "DATABASE_URL has 'mysql' in front, but only PostgreSQL will do;"),
        ("sqlite:///crimewatch.db", "DATABASE_URL has 'sqlite' in front, but only PostgreSQL will do;"),
        ("postgress://user:secret@host/name", "DATABASE_URL has 'postgress' in front, but only PostgreSQL will do;"),
        ("crimewatch", "DATABASE_URL has no scheme in front, but only PostgreSQL will do;"),
        ("postgresql://user:secret@host", "DATABASE_URL names no database at its end;"),
        ("postgresql://user:secret@host/", "DATABASE_URL names no database at its end;"),
        ("postgresql://user:secret@host:five/name", "DATABASE_URL has a port that is not a number up to 65535;"),
        ("postgresql://user:secret@host:70000/name", "DATABASE_URL has a port that is not a number up to 65535;"),
    ],
)
def test_an_address_of_anything_but_postgresql_gets_a_sentence_without_the_password(
    address: str, sentence: str
) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        database_settings(replace(Environment(), database_url=address))
    assert str(refusal.value) == f"{sentence} write postgresql://user:password@host:5432/name."


def test_an_address_is_taken_apart() -> None:
    address = "postgres://reader:p%40ss@db.example.org:5433/crime?sslmode=require"
    database = database_settings(replace(Environment(), database_url=address))
    assert database["ENGINE"] == "crimewatch.postgresql"
    assert (database["USER"], database["PASSWORD"]) == ("reader", "p@ss")
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("db.example.org", 5433, "crime")
    assert database["OPTIONS"] == {"sslmode": "require"}
    assert "EMBEDDED_SERVER" not in database


def test_an_address_may_name_a_socket_as_libpq_does() -> None:
    address = "postgresql://crimewatch@/crimewatch?host=/var/run/postgresql&port=5433"
    database = database_settings(replace(Environment(), database_url=address))
    assert (database["HOST"], database["PORT"], database["OPTIONS"]) == ("/var/run/postgresql", 5433, {})


def test_a_server_that_cannot_be_reached_gets_a_sentence(var: Path) -> None:
    run = manage("migrate", VAR_DIR=var, DATABASE_URL=f"postgresql://user:secret@/name?host={var}/nowhere")
    assert run.returncode == 1
    assert run.stderr.startswith("Error: DATABASE_URL leads to no database that lets us in: connection")
    assert "secret" not in run.stderr
    assert "Traceback" not in run.stderr
    assert not (var / "postgres").exists()


@pytest.mark.django_db
def test_a_server_that_is_too_old_gets_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    found = connection.get_database_version()[0]
    monkeypatch.setattr(DatabaseFeatures, "minimum_database_version", (found + 1,))
    wrapper = DatabaseWrapper({**connection.settings_dict})
    with pytest.raises(ConfigurationError) as refusal:
        wrapper.check_database_version_supported()
    wrapper.close()
    assert str(refusal.value) == (
        f"DATABASE_URL leads to PostgreSQL {found}, but CrimeWatch needs version {found + 1} or newer."
    )


def test_postgresql_15_is_the_oldest_that_will_do() -> None:
    assert DatabaseFeatures.minimum_database_version == (15,)


@pytest.mark.django_db
def test_the_tests_run_on_postgresql_15_or_newer_and_apart_from_the_researchers_data(settings: Settings) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int, current_database()")
        version, name = cursor.fetchone()
    assert version >= 150000
    assert name.startswith("test_")
    embedded = connection.settings_dict.get("EMBEDDED_SERVER")
    assert embedded is None or embedded["folder"] == settings.VAR_DIR / "test-postgres"


@pytest.mark.django_db
def test_no_trigger_has_to_catch_an_error_to_learn_that_it_is_not_passed_over() -> None:
    wrapper = DatabaseWrapper({**connection.settings_dict})
    try:
        with wrapper.cursor() as cursor:
            cursor.execute("SELECT current_setting('pgtrigger.ignore')::text[]")
            assert cursor.fetchone() == ([],)
    finally:
        wrapper.close()
