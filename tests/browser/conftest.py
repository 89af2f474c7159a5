"""A researcher at a real browser, and what the browser has to complain of."""

from collections.abc import Iterator
from time import monotonic, sleep

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Playwright
from pytest_django import DjangoDbBlocker
from pytest_django.live_server_helper import LiveServer

PASSWORD = "correct horse battery"


@pytest.fixture
def ana(transactional_db: None) -> User:
    """A researcher who may do everything."""
    return User.objects.create_superuser("ana", password=PASSWORD)


@pytest.fixture(scope="session")
def sync_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Let this process query its database: Playwright's event loop makes Django think that all of it is async.

    In the end the answers are waited for that the browser has asked for and left: the database goes next.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield
        with django_db_blocker.unblock():
            until = monotonic() + 10
            while others_in_database() and monotonic() < until:
                sleep(0.05)


def others_in_database() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


@pytest.fixture(scope="session")
def playwright(sync_database: None, playwright: Playwright) -> Playwright:
    """Playwright, begun when the test database is there and ended before it goes."""
    return playwright


@pytest.fixture(scope="session")
def base_url(live_server: LiveServer) -> str:
    return live_server.url


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser has complained of so far: errors of scripts, files not found, what the CSP has blocked."""
    found: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            found.append(f"{page.url}: {message.text}")

    page.on("console", note)
    page.on("pageerror", lambda error: found.append(f"{page.url}: {error}"))
    return found


@pytest.fixture
def desk(context: BrowserContext, page: Page, ana: User, base_url: str, complaints: list[str]) -> Iterator[Page]:
    """A page of the browser at which Ana is logged in. No test ends with a complaint of the browser."""
    log_in(context, ana, base_url)
    page.set_default_timeout(10_000)
    yield page
    assert complaints == []


def log_in(context: BrowserContext, user: User, base_url: str) -> None:
    client = Client()
    client.force_login(user)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": base_url}])


@pytest.fixture
def stranger(page: Page, settings, complaints: list[str]) -> Iterator[Page]:
    """A browser at which nobody is logged in, on a public site. No test ends with a complaint of it."""
    settings.SITE_IS_PUBLIC = True
    page.set_default_timeout(15_000)
    yield page
    assert complaints == []
