"""Saved filters in a real browser: by the keyboard, as somebody types, and without scripts."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from crimewatch.explorer.models import SavedFilter
from tests.browser.conftest import log_in
from tests.browser.test_lists import keep_picture
from tests.factories import make_group
from tests.people import make_reader

pytestmark = pytest.mark.usefixtures("transactional_db")


def test_what_somebody_has_typed_is_saved_shared_and_deleted_by_the_keyboard(desk):
    make_group(name="Clan of the valley", kind="family-clan")
    make_group(name="Gang", kind="street-gang")
    SavedFilter.objects.create(
        owner=make_reader(username="luis"), list_name="actors:group_list", name="Gangs", query="q=gang", is_shared=True
    )
    desk.goto("/groups/")
    desk.locator("input[name=q]").nth(1).fill("clan")
    desk.wait_for_url("**/groups/?q=clan")
    expect(desk.locator("#saved-query")).to_have_value("q=clan")
    desk.locator(".saved > summary").press("Enter")
    desk.locator("#saved-name").fill("Clans")
    desk.locator("#saved-name").press("Enter")
    expect(desk.locator(".messages")).to_have_text("“Clans” is saved.")
    assert desk.url.endswith("/groups/?q=clan")
    desk.locator(".saved > summary").press("Enter")
    desk.locator(".saved li summary").press("Enter")
    desk.locator(".saved li input[name=is_shared]").press("Space")
    keep_picture(desk, "saved")
    assert [found["id"] for found in Axe().run(desk, options={"preload": False}).response["violations"]] == []
    desk.locator(".saved li button", has_text="Save").press("Enter")
    expect(desk.locator(".saved .badge")).to_have_count(1)
    desk.locator(".saved > summary").press("Enter")
    desk.get_by_role("link", name="Gangs").press("Enter")
    desk.wait_for_url("**/groups/?q=gang")
    desk.locator(".saved > summary").press("Enter")
    desk.locator(".saved li summary").press("Enter")
    desk.locator(".saved li button", has_text="Delete").press("Enter")
    expect(desk.locator(".messages")).to_have_text("“Clans” is deleted. What it showed")
    assert desk.url.endswith("/groups/?q=gang")


def test_without_scripts_filters_are_saved_and_columns_put_in_order(browser: Browser, base_url: str):
    make_group(name="Clan")
    context = browser.new_context(java_script_enabled=False, base_url=base_url, viewport={"width": 390, "height": 800})
    log_in(context, make_reader(is_staff=True, is_superuser=True), base_url)
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.goto("/groups/")
    page.locator("summary", has_text="Columns").click()
    page.locator("input[name=place-slug]").fill("1")
    page.locator("input[name=columns][value=slug]").check()
    keep_picture(page, "columns-phone")
    page.get_by_role("button", name="Show").click()
    assert "/groups/?columns=slug,name," in page.url
    page.locator(".saved > summary").click()
    page.locator("#saved-name").fill("Keys")
    keep_picture(page, "saved-phone")
    page.locator(".saved form button", has_text="Save").click()
    assert "/groups/?columns=slug,name," in page.url
    page.locator(".saved > summary").click()
    page.locator("#saved-name").fill("keys")
    page.locator("form", has=page.locator("#saved-name")).get_by_role("button").click()
    expect(page.locator(".error")).to_contain_text("under that name")
    page.locator("input[name=name]").fill("Keys first")
    page.locator("form.panel button").click()
    page.locator(".saved > summary").click()
    expect(page.get_by_role("link", name="Keys first")).to_be_visible()
    context.close()
