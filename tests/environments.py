"""Running the project in a process of its own, in an environment of one's choice."""

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.db import connection

from crimewatch.environment import PROJECT_FOLDER, documented_variables


def environment(**variables: str | Path) -> dict[str, str]:
    """Return this process's environment without any of CrimeWatch's variables but the given ones.

    Nor does a process of its own inherit what only this one needs, because browser tests run in it as well.
    """
    ours = {variable.name for variable in documented_variables()} | {"DJANGO_ALLOW_ASYNC_UNSAFE"}
    others = {name: value for name, value in os.environ.items() if name not in ours}
    return {**others, **{name: str(value) for name, value in variables.items()}}


def of_the_test_database() -> dict[str, str]:
    """The variables by which a process works on the database that this test has."""
    address = connection.get_connection_params()
    login = f"{address['user']}:{address['password']}" if address.get("password") else address["user"]
    port = f"&port={address['port']}" if address.get("port") else ""
    return {
        "DATABASE_URL": f"postgresql://{login}@/{address['dbname']}?host={address.get('host', 'localhost')}{port}",
        "VAR_DIR": str(settings.VAR_DIR),
        "DEBUG": "true",
        "DJANGO_SETTINGS_MODULE": "crimewatch.settings",
    }


def manage(*arguments: str, **variables: str | Path) -> "subprocess.CompletedProcess[str]":
    """Run `manage.py` with these arguments and variables."""
    return subprocess.run(
        [sys.executable, "-W", "error", "manage.py", *arguments],
        cwd=PROJECT_FOLDER,
        env=environment(**variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
