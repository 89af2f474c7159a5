"""What pictures are drawn with: installed from a lock file, few files of it served, missed without a broken page."""

import json
import re
import subprocess

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client

from crimewatch.environment import PROJECT_FOLDER
from crimewatch.explorer.packages import FILES, PackageFinder, addresses

LOCK = json.loads((PROJECT_FOLDER / "package-lock.json").read_text())["packages"]
ASKED_FOR = json.loads((PROJECT_FOLDER / "package.json").read_text())["dependencies"]


def test_every_locked_package_has_a_version_and_a_hash_and_no_address():
    locked = {path: package for path, package in LOCK.items() if path}
    assert {f"node_modules/{name}" for name in ASKED_FOR} <= set(locked)
    for path, package in locked.items():
        assert re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", package["version"]), path
        assert package["integrity"].startswith("sha512-"), path
        assert "resolved" not in package, path


def test_packages_are_asked_for_in_one_version():
    assert all(LOCK[f"node_modules/{name}"]["version"] == version for name, version in ASKED_FOR.items())


def test_every_package_that_is_asked_for_serves_a_file_and_every_licence_is_told():
    served = {path.split("/")[1] for path in FILES}
    told = (PROJECT_FOLDER / "docs" / "pictures.md").read_text()
    table = told[told.index("| package | is | licence |") :]
    assert set(ASKED_FOR) <= served <= {path.removeprefix("node_modules/") for path in LOCK}
    assert [name for name in served if not re.search(rf"\b{name}\b", table)] == []


def test_packages_are_installed_by_make_and_kept_out_of_the_repository():
    makefile = (PROJECT_FOLDER / "Makefile").read_text()
    for target in ("run", "test", "check"):
        assert re.search(rf"^{target}:.*\$\(PACKAGES\)", makefile, re.MULTILINE), target
    ignored = subprocess.run(["git", "check-ignore", "node_modules/echarts"], cwd=PROJECT_FOLDER, check=False)
    assert ignored.returncode in {0, 128}  # 128: not a git checkout


@pytest.mark.parametrize("path", FILES)
def test_the_files_are_found_and_served(path):
    assert finders.find(path)
    response = Client().get(f"/static/{path}")
    assert response.status_code == 200
    assert len(b"".join(response.streaming_content)) > 500


@pytest.mark.parametrize(
    "path", ["packages/echarts/package.json", "packages/echarts/dist/echarts.js", "packages/../manage.py"]
)
def test_no_other_file_of_the_packages_is_served(path):
    assert finders.find(path) is None
    assert Client().get(f"/static/{path}").status_code == 404


def test_collectstatic_copies_these_files_alone_and_names_them_by_content(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    copied = {str(path.relative_to(tmp_path)) for path in (tmp_path / "packages").rglob("*") if path.is_file()}
    plain = {re.sub(r"\.[0-9a-f]{12}(?=\.[a-z]+(\.gz)?$)", "", path).removesuffix(".gz") for path in copied}
    assert plain == set(FILES)
    for address in addresses(*FILES):
        assert (tmp_path / address.removeprefix("/static/")).is_file()


def test_a_site_whose_files_were_collected_without_them_has_no_addresses_for_them(
    settings, tmp_path, nothing_installed
):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    assert addresses(*FILES) == []


def test_whoever_starts_the_site_without_them_is_told(nothing_installed):
    assert [warning.id for warning in PackageFinder().check()] == ["explorer.W001"]


def test_whoever_has_them_is_told_nothing():
    assert PackageFinder().check() == []
