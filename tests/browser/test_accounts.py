"""A second factor in a real browser: every step is open to those who see or move differently, and breaks no rule."""

import os

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from tests.accounts.codes import code_of, give_app
from tests.browser.conftest import PASSWORD
from tests.browser.test_every_page import LISTEN_FOR_REFUSALS, WITHOUT_FOCUS, accessibility

pytestmark = pytest.mark.usefixtures("transactional_db")


@pytest.fixture
def quiet(page: Page, complaints: list[str]) -> Page:
    page.set_default_timeout(10_000)
    page.add_init_script(LISTEN_FOR_REFUSALS)
    page.emulate_media(reduced_motion="reduce")
    return page


def look_at(page: Page, name: str) -> None:
    """Hold the page that is open to the rules of all pages, by day on a desk and by night on a phone."""
    for scheme, width in (("light", 1280), ("dark", 390)):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        page.wait_for_load_state("load")
        assert accessibility(page) == [], name
        assert page.evaluate(WITHOUT_FOCUS) == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        if folder := os.environ.get("PICTURES"):
            page.screenshot(path=f"{folder}/{name}-{scheme}.png", full_page=True)


def test_a_second_factor_is_set_up_by_keyboard_and_used(
    quiet: Page, ana: User, complaints: list[str], settings
) -> None:
    settings.SECOND_FACTOR_REQUIRED = settings.SENDS_MAIL = True
    quiet.goto("/admin/")
    look_at(quiet, "login")
    quiet.get_by_label("Username").fill("ana")
    quiet.keyboard.press("Tab")
    quiet.keyboard.type(PASSWORD)
    quiet.keyboard.press("Enter")
    expect(quiet.get_by_role("heading", level=1)).to_have_text("Set up a second factor")
    quiet.get_by_text("Or type the key into the app").press("Enter")
    look_at(quiet, "app")
    secret = quiet.locator(".key").inner_text()
    quiet.get_by_label("Code", exact=True).fill(code_of(secret))
    quiet.keyboard.press("Enter")
    expect(quiet.locator(".codes li")).to_have_count(10)
    look_at(quiet, "codes")
    quiet.get_by_role("link", name="I have kept them").press("Enter")
    expect(quiet.get_by_role("heading", level=1)).to_have_text("Your login")
    look_at(quiet, "own-login")
    for link, name in (
        ("New recovery codes", "new-codes"),
        ("Move to another phone or remove", "remove"),
        ("Change password", "password"),
        ("Where you are logged in", "sessions"),
    ):
        quiet.goto("/account/")
        quiet.get_by_role("link", name=link).press("Enter")
        quiet.wait_for_url(lambda address: not address.endswith("/account/"))
        look_at(quiet, name)
    quiet.goto("/admin/")
    expect(quiet.locator(".records").first).to_be_visible()
    assert complaints == []


def test_the_second_step_and_the_way_back_to_a_password(
    quiet: Page, ana: User, complaints: list[str], settings
) -> None:
    settings.SENDS_MAIL = True
    give_app(ana)
    quiet.goto("/login/")
    quiet.get_by_label("Username").fill("ana")
    quiet.get_by_label("Password").fill("wrong")
    quiet.keyboard.press("Enter")
    expect(quiet.get_by_role("alert")).to_contain_text("No login has this name and password")
    look_at(quiet, "login-wrong")
    quiet.get_by_label("Password").fill(PASSWORD)
    quiet.keyboard.press("Enter")
    quiet.get_by_label("Code", exact=True).fill("1")
    quiet.keyboard.press("Enter")
    expect(quiet.get_by_role("alert")).to_contain_text("This code is not right")
    look_at(quiet, "second-step")
    quiet.get_by_role("button", name="Log in as somebody else").press("Enter")
    quiet.get_by_role("link", name="Forgot your password?").press("Enter")
    expect(quiet.get_by_role("heading", level=1)).to_have_text("Forgot your password?")
    look_at(quiet, "forgotten")
    quiet.get_by_label("E-mail address").fill("ana@example.org")
    quiet.keyboard.press("Enter")
    expect(quiet.get_by_role("heading", level=1)).to_have_text("Look into your mail")
    look_at(quiet, "sent")
    quiet.goto("/password/new/1-nonsense/")
    look_at(quiet, "stale-link")
    assert complaints == []
