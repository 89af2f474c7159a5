"""`manage.py serve_locally`, which `make run` calls: from nothing to a site with data, a login and a clean end."""

import http.cookiejar
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from crimewatch.environment import PROJECT_FOLDER
from tests.environments import environment, manage


@pytest.fixture
def var() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="crimewatch-test-") as folder:
        Path(folder).chmod(0o755)  # closed ones are another test's
        yield Path(folder)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serve(var: Path, port: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "manage.py", "serve_locally", f"127.0.0.1:{port}"],
        cwd=PROJECT_FOLDER,
        env=environment(VAR_DIR=var, DEBUG="true", PYTHONUNBUFFERED="1"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # a terminal's job, which Ctrl-C reaches as a whole
    )


def read_until(server: "subprocess.Popen[str]", last: str) -> list[str]:
    assert server.stdout
    lines = []
    for line in server.stdout:
        lines.append(line.rstrip("\n"))
        if line.rstrip("\n") == last:
            break
    return lines


def log_in(address: str, name: str, password: str) -> str:
    """Log in as a browser would, and return the page that follows."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    form = browser.open(f"{address}login/?next=/admin/").read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    assert token
    fields = {"csrfmiddlewaretoken": token[1], "login": name, "password": password, "next": "/admin/"}
    return str(browser.open(f"{address}login/", urllib.parse.urlencode(fields).encode()).read().decode())


def test_it_serves_the_data_prints_a_login_that_works_and_leaves_nothing_running(var: Path) -> None:
    port = free_port()
    server = serve(var, port)
    try:
        *_, address, login, _ = read_until(server, "Ctrl-C stops it.")
        assert address == f"CrimeWatch is at http://127.0.0.1:{port}/"
        name, password = re.fullmatch(r"Log in as (\S+) with the password (\S+)", login).groups()
        assert "logout" in log_in(f"http://127.0.0.1:{port}/", name, password)
        assert (var / f"{name}-password").stat().st_mode & 0o777 == 0o600
    finally:
        os.killpg(server.pid, signal.SIGINT)
        server.communicate(timeout=60)
    assert [process for process in psutil.process_iter(["cmdline"]) if str(var) in str(process.info["cmdline"])] == []

    counted = manage("shell", "-v0", "-c", "from regions.models import *; print(Region.objects.count())", VAR_DIR=var)
    assert int(counted.stdout) > 50

    again = serve(var, port)
    try:
        lines = read_until(again, "Ctrl-C stops it.")
        assert login in lines
        assert not any(line.startswith("Loading") for line in lines)
    finally:
        again.terminate()  # as a service manager or `kill` ends it
        again.communicate(timeout=60)
    assert [process for process in psutil.process_iter(["cmdline"]) if str(var) in str(process.info["cmdline"])] == []


def test_it_serves_nobody_but_developers(var: Path) -> None:
    run = manage("serve_locally", VAR_DIR=var)
    assert run.returncode == 1
    assert run.stderr == ("CommandError: DEBUG is false, but serve_locally is for one's own machine; set DEBUG=true.\n")
    assert not (var / "postgres").exists()
