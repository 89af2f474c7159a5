"""docs/how-to-add-a-record-type.md, followed to the letter in a copy of the project."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from tests.scratch import scratch_database

PROJECT = Path(settings.BASE_DIR)
PAGE = (PROJECT / "docs" / "how-to-add-a-record-type.md").read_text(encoding="utf-8")

#: A file's name, whether it is new or changed, and a block; or a block of commands.
STEP = re.compile(
    r"^\*\*`(?P<path>[^`]+)`\*\*, (?P<how>new|changed):\n\n```(?P<kind>python|diff)\n(?P<block>.*?)^```$"
    r"|^```sh\n(?P<commands>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
NOT_COPIED = shutil.ignore_patterns(".git", ".venv", "var", ".*_cache", "__pycache__", "node_modules", ".hypothesis")

#: What is to hold of vessels in the copy: their own tests, and those that try every kind.
TESTS = [
    "tests/actors/test_vessels.py",
    "tests/admin/test_pages.py",
    "tests/exchange/test_catalog.py",
    "tests/exchange/test_round_trip.py",
    "tests/explorer",
    "tests/records/test_history.py",
    "tests/records/test_models.py",
    "tests/records/test_querysets.py",
    "tests/citations/test_querysets.py",
    "tests/test_constraints.py",
    "tests/test_docs_data_model.py",
    "tests/test_layers.py",
]


class Copy:
    """A copy of the project in which the page is followed, step by step."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder = folder
        self.database = database
        address = connection.get_connection_params()
        user, password = (quote(str(address.get(name, "")), safe="") for name in ("user", "password"))
        host, port = quote(str(address.get("host", "")), safe=""), address.get("port", "")
        login = f"{user}:{password}" if password else user
        self.environment = {
            **os.environ,
            "DATABASE_URL": f"postgresql://{login}@{host}{f':{port}' if port else ''}/{database}",
            "VAR_DIR": str(folder / "var"),
            "DEBUG": "true",
            "DJANGO_SETTINGS_MODULE": "crimewatch.settings",
        }

    def follow(self, page: str) -> None:
        for step in STEP.finditer(page):
            if step["commands"]:
                for command in step["commands"].splitlines():
                    self.run(*command.split())
            elif step["how"] == "new":
                self.write_new(step["path"], step["block"])
            else:
                self.change(step["path"], step["block"])

    def write_new(self, path: str, text: str) -> None:
        assert not (self.folder / path).exists(), f"{path} is not new."
        (self.folder / path).write_text(text, encoding="utf-8")

    def change(self, path: str, diff: str) -> None:
        text = (self.folder / path).read_text(encoding="utf-8")
        for hunk in re.split(r"^@@\n", diff, flags=re.MULTILINE):
            lines = hunk.splitlines(keepends=True)
            before = "".join(line[1:] for line in lines if line[0] != "+")
            after = "".join(line[1:] for line in lines if line[0] != "-")
            assert text.count(before) == 1, f"{path} has {text.count(before)} places like this:\n{before}"
            text = text.replace(before, after)
        (self.folder / path).write_text(text, encoding="utf-8")

    @contextmanager
    def database_for_tests(self) -> Iterator[None]:
        """The database that the tests in the copy look for; they would migrate it themselves, in a minute."""
        name = f"test_{self.database}_1"
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{self.database}"')
        try:
            yield
        finally:
            with connection._nodb_cursor() as cursor:
                cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def run(self, program: str, *arguments: str) -> str:
        """Run `manage.py …` or another module of Python's in the copy; what it printed."""
        command = [program] if program == "manage.py" else ["-m", program]
        done = subprocess.run(
            [sys.executable, *command, *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{program} {' '.join(arguments)}\n{done.stdout[-5000:]}{done.stderr[-5000:]}"
        return done.stdout


@pytest.fixture
def copy(tmp_path: Path, transactional_db: None) -> Iterator[Copy]:
    folder = tmp_path / "project"
    shutil.copytree(PROJECT, folder, ignore=NOT_COPIED)
    with scratch_database(template=connection.settings_dict["TEST"].get("TEMPLATE") or "") as database:
        yield Copy(folder, database)


def test_a_record_type_is_added_as_the_page_says(copy: Copy):
    copy.follow(PAGE)

    copy.run("manage.py", "makemigrations", "--check", "--dry-run")
    touched = [step["path"] for step in STEP.finditer(PAGE) if step["kind"] and step["path"].endswith(".py")]
    copy.run("ruff", "format", "--check", *touched)
    copy.run("ruff", "check", *touched)
    with copy.database_for_tests():
        copy.run("pytest", "-q", "--reuse-db", "-k", "vessel or every_kind or the_view", *TESTS)
    copy.run("manage.py", "migrate", "explorer", "0001")


def test_the_page_has_every_step():
    steps = list(STEP.finditer(PAGE))

    assert {step["path"] for step in steps if step["how"] == "new"} == {
        "actors/models/vessels.py",
        "tests/actors/test_vessels.py",
    }
    assert {step["path"] for step in steps if step["how"] == "changed"} >= {
        "actors/models/__init__.py",
        "actors/resources.py",
        "actors/admin.py",
        "crimewatch/exchange/catalog.py",
    }
    fences = re.findall(r"^```(python|diff|sh)$", PAGE, re.MULTILINE)
    assert len(fences) == len(steps), "A block that no step has would not be followed."
