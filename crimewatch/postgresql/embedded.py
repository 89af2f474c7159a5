"""Using the embedded PostgreSQL: a process holds it from its first connection to its end."""

import atexit
import fcntl
import functools
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from psycopg.pq import PGconn, Ping

from crimewatch.environment import PROJECT_FOLDER, ConfigurationError
from crimewatch.postgresql.keeper import PORT, START_SECONDS, Cluster


class EmbeddedServer:
    """One process's share in the server of a folder. `embedded_server` makes one for each folder.

    All that processes share is three locks in that folder, which the kernel releases whatever happens:

    users.lock   shared by all who use the server; the keeper takes it when none is left, and stops the server
    keeper.lock  held by the keeper for as long as its server runs
    start.lock   held by whoever is starting a keeper, so that only one does
    """

    def __init__(self, folder: Path, *, durable: bool) -> None:
        self.cluster = Cluster(folder)
        self.durable = durable
        self.share: IO[str] | None = None
        self.thread_lock = threading.Lock()

    def hold(self, *, after_failure: bool = False) -> Path:
        """Have the server run until this process ends, and return the folder of its socket.

        `after_failure` asks the server itself: what is written about it may be behind what has befallen it.
        """
        with self.thread_lock:
            if self.share is None:
                self.share = self.join()
            return self.ensure_running(self.answers if after_failure else self.cluster.is_ready)

    def join(self) -> IO[str]:
        folder = self.cluster.folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            share = (folder / "users.lock").open("a")
        except OSError as error:
            raise ConfigurationError(
                f"The embedded PostgreSQL cannot use {folder} ({error.strerror}); run as its owner, "
                "or set VAR_DIR or DATABASE_URL."
            ) from error
        fcntl.flock(share, fcntl.LOCK_SH)  # waits while the keeper stops the server behind its last user
        atexit.register(self.release)
        return share

    def ensure_running(self, is_ready: Callable[[], bool]) -> Path:
        """Start a keeper unless there is one whose server takes connections; return the socket's folder."""
        deadline = time.monotonic() + START_SECONDS
        with (self.cluster.folder / "start.lock").open("a") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            while not (self.has_keeper() and is_ready()):
                if not self.has_keeper():
                    self.start_keeper()
                elif time.monotonic() > deadline:
                    raise ConfigurationError(f"The embedded PostgreSQL is stuck; see {self.cluster.log}.")
                time.sleep(0.01)
            return self.cluster.socket_folder()

    def answers(self) -> bool:
        """Ask the server whether it takes connections; one that recovers from a crash does not yet."""
        if not self.cluster.is_ready():
            return False
        address = f"host='{self.cluster.socket_folder()}' port={PORT} user=crimewatch dbname=postgres"
        return PGconn.ping(address.encode()) == Ping.OK

    def has_keeper(self) -> bool:
        with (self.cluster.folder / "keeper.lock").open("a") as keeper:
            return not locks(keeper, fcntl.LOCK_SH)

    def start_keeper(self) -> None:
        """Start a keeper in a session of its own, where Ctrl-C does not reach it, and wait for its word."""
        command = [sys.executable, "-m", "crimewatch.postgresql.keeper", str(self.cluster.folder)]
        with (self.cluster.folder / "keeper.log").open("wb") as log:
            keeper = subprocess.run(
                command if self.durable else [*command, "--not-durable"],
                cwd=PROJECT_FOLDER,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
                check=False,
            )
        if keeper.stdout:
            raise ConfigurationError(keeper.stdout)

    def release(self) -> None:
        """Let go of the server; if nobody else holds it, come back when it has stopped.

        Closing is what lets go, never unlocking: processes forked off from this one share its lock.
        """
        if self.share is None:
            return
        self.share.close()
        self.share = None
        with (self.cluster.folder / "users.lock").open("a") as users:
            while self.has_keeper():
                if locks(users, fcntl.LOCK_EX):  # nobody's any more, and the keeper is about to notice
                    fcntl.flock(users, fcntl.LOCK_UN)
                    time.sleep(0.01)
                elif locks(users, fcntl.LOCK_SH):  # others go on using it
                    return
                else:  # the keeper is stopping it
                    fcntl.flock(users, fcntl.LOCK_SH)
                    return


def locks(file: IO[str], kind: int) -> bool:
    """Take a lock of that kind if it is free right now."""
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@functools.cache
def embedded_server(folder: Path, *, durable: bool = True) -> EmbeddedServer:
    return EmbeddedServer(folder.resolve(), durable=durable)
