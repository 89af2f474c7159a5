"""What all tests share: the database they run on, and the few settings in which they differ from a real site."""

import gc
import os
import shutil
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connections
from django.utils import translation
from pytest_django import DjangoDbBlocker

from crimewatch.records.kept import forget
from crimewatch.translations import compile_catalogs
from tests.databases import first_free_number, migrated_template

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def pytest_configure() -> None:
    """Serve plain http without collected static files, and make logins cheap and of one step.

    Pages speak Spanish where that is asked for.
    """
    compile_catalogs()
    settings.SECURE_SSL_REDIRECT = False
    settings.SESSION_COOKIE_SECURE = False
    settings.CSRF_COOKIE_SECURE = False
    settings.LANGUAGE_COOKIE_SECURE = False
    settings.SESSION_COOKIE_NAME = "sessionid"
    settings.CSRF_COOKIE_NAME = "csrftoken"
    settings.SECOND_FACTOR_REQUIRED = False
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.WHITENOISE_AUTOREFRESH = True
    settings.DESK_CHEAP_MILLISECONDS = settings.DESK_PATIENCE_SECONDS = (
        600_000  # what a page counts is not left to chance
    )
    settings.WHITENOISE_USE_FINDERS = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Give each process, workers of pytest-xdist and runs side by side alike, a test database that no other uses.

    The embedded server is a second one that keeps test data off the researcher's, and a faster one that a power cut
    may ruin.
    """
    database = connections["default"].settings_dict
    folder = settings.VAR_DIR / "test-databases"
    with first_free_number(folder) as number:
        if "EMBEDDED_SERVER" in database:
            database["EMBEDDED_SERVER"] = {"folder": settings.VAR_DIR / "test-postgres", "durable": False}
            with django_db_blocker.unblock():
                database["TEST"]["TEMPLATE"] = migrated_template(folder)
        database["TEST"]["NAME"] = f"test_{database['NAME']}_{number}"
        yield


@pytest.fixture(autouse=True)
def language_of_the_site() -> Iterator[None]:
    """Forget the language that a request has asked for: it would be that of the next test too."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    """Forget what is kept for readers: two empty databases end alike, whatever a test has set besides."""
    yield
    forget()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    """Use the Chromium of the system; a browser test is skipped, and says so, where there is none."""
    if CHROMIUM is None:
        pytest.skip("No Chromium on this machine: browser tests are skipped. Install the package `chromium`.")
    quiet = [
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {
        **browser_type_launch_args,
        "executable_path": CHROMIUM,
        "args": [*quiet, "--no-first-run", *as_root],
    }


def pytest_collection_finish() -> None:
    """Spare the collector what is there for good, as the site does: all modules, and all tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
