"""The pages of the reader's side in a real browser: nothing is refused by the policy, and a person gets about."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD
from tests.factories import make_group, make_presence, make_region
from tests.kinds import publish

pytestmark = pytest.mark.usefixtures("transactional_db")


@pytest.fixture
def quiet(page: Page, complaints: list[str]) -> Iterator[Page]:
    """A page of the browser at which nobody is logged in. No test ends with a complaint of the browser."""
    page.set_default_timeout(10_000)
    yield page
    assert complaints == []


def log_in(page: Page) -> None:
    page.get_by_label("Username").fill("ana")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def keep_picture(page: Page, name: str) -> None:
    """Save what the page looks like where `PICTURES` names a folder, for people to look at."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def publish_some() -> None:
    group = make_group(
        name="Clan Orejuela",
        aliases=["Los Orejuela"],
        summary="A family network that moves coca paste down the river by boat and sells it to buyers at the border.",
    )
    publish(group)
    country = make_region(name="Peru", kind="country", iso_3166="PE")
    department = make_region(name="Huánuco", kind="department", parent=country, ubigeo="10")
    publish(country, department)
    make_group(name="Orejuela's rivals")
    make_presence(group=group, region=department, status="conflict", note="Orejuela's own men say otherwise.")


def test_a_person_logs_in_searches_with_a_key_and_finds(quiet, ana):
    publish_some()
    quiet.goto("/search/?q=orejuela")
    keep_picture(quiet, "login")
    log_in(quiet)
    expect(quiet.get_by_role("heading", level=1)).to_contain_text("orejuela")
    keep_picture(quiet, "search")
    quiet.get_by_role("link", name="CrimeWatch").click()
    expect(quiet.get_by_role("heading", name="Changed lately")).to_be_visible()
    keep_picture(quiet, "home")
    quiet.wait_for_load_state("load")  # the key is the script's
    quiet.keyboard.press("/")
    search = quiet.get_by_role("searchbox", name="Search everything")
    expect(search).to_be_focused()
    expect(search).to_have_value("")
    search.type("huanuco/")
    expect(search).to_have_value("huanuco/")
    search.fill("huanuco")
    search.press("Enter")
    expect(quiet.locator("mark", has_text="Huánuco").first).to_be_visible()


def test_the_colours_change_by_a_click_and_stay(quiet):
    quiet.emulate_media(color_scheme="light")
    quiet.goto("/login/")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = quiet.evaluate(ground)
    toggle = quiet.get_by_role("button", name="Colours")
    expect(toggle).to_have_text("Colours: as the system")
    toggle.click()
    toggle.click()
    expect(toggle).to_have_text("Colours: dark")
    dark = quiet.evaluate(ground)
    assert dark != light
    quiet.reload()
    assert quiet.evaluate(ground) == dark
    toggle.click()
    assert quiet.evaluate(ground) == light
    quiet.emulate_media(color_scheme="dark")
    assert quiet.evaluate(ground) == dark


def test_the_language_changes_by_a_click_and_stays(quiet):
    quiet.goto("/login/")
    quiet.get_by_role("button", name="ES").click()
    expect(quiet.locator("html")).to_have_attribute("lang", "es")
    quiet.goto("/login/?next=/search/")
    expect(quiet.locator("html")).to_have_attribute("lang", "es")


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_the_screen(quiet, settings, width, scheme):
    settings.SITE_IS_PUBLIC = True
    publish_some()
    quiet.set_viewport_size({"width": width, "height": 800})
    quiet.emulate_media(color_scheme=scheme)
    for address, name in (("/", "home"), ("/search/?q=orejuela", "search"), ("/login/", "login")):
        quiet.goto(address)
        keep_picture(quiet, f"{name}-{width}-{scheme}")
        assert quiet.evaluate("document.documentElement.scrollWidth") <= width


def test_the_keyboard_reaches_the_content_first(quiet, settings):
    settings.SITE_IS_PUBLIC = True
    quiet.goto("/")
    quiet.keyboard.press("Tab")
    expect(quiet.get_by_role("link", name="Skip to the content")).to_be_focused()
    quiet.keyboard.press("Enter")
    expect(quiet.locator("main")).to_be_focused()


def test_the_menu_of_the_login_opens_closes_and_logs_out(quiet, ana):
    quiet.goto("/login/")
    log_in(quiet)
    menu = quiet.get_by_role("button", name="Log out")
    quiet.locator(".account summary").click()
    expect(menu).to_be_visible()
    keep_picture(quiet, "first-steps")
    quiet.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    quiet.locator(".account summary").click()
    menu.click()
    expect(quiet.get_by_role("heading", name="Log in")).to_be_visible()


def test_an_unknown_address_has_the_look_of_the_site(page, settings):
    settings.SITE_IS_PUBLIC = True
    response = page.goto("/nowhere/")
    keep_picture(page, "404")

    assert response is not None
    assert response.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing at this address")
