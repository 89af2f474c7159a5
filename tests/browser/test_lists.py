"""A list in a real browser: choices are ticked by the keyboard, table and counts follow, and the way back works."""

import os

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.factories import make_group, make_group_citation

pytestmark = pytest.mark.usefixtures("transactional_db")


def keep_picture(page: Page, name: str) -> None:
    """Save what the page looks like where `PICTURES` names a folder, for people to look at."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_choices_are_ticked_by_keyboard_and_counts_follow(desk):
    for number in range(3):
        make_group_citation(record=make_group(name=f"Clan {number}", kind="family-clan"), wording="alleged")
    make_group(name="Gang", kind="street-gang")
    desk.goto("/groups/")
    menu = desk.locator("#choices-kind")
    expect(desk.locator("#count-kind-family-clan")).to_have_text("3")
    menu.locator("summary").focus()
    desk.keyboard.press("Enter")
    keep_picture(desk, "choices")
    box = desk.locator("#kind-street-gang")
    box.focus()
    desk.keyboard.press("Space")
    desk.wait_for_url("**/groups/?kind=street-gang")
    expect(desk.locator("tbody tr")).to_have_count(1)
    expect(desk.locator("#chosen-kind")).to_have_text("Street gang")
    expect(box).to_be_focused()
    desk.locator("#kind-not").press("Space")
    expect(desk.locator("tbody tr")).to_have_count(3)
    assert "kind=!street-gang" in desk.url
    desk.keyboard.press("Escape")
    expect(menu.locator("summary")).to_be_focused()
    desk.go_back()
    expect(desk.locator("tbody tr")).to_have_count(1)
    assert [found["id"] for found in Axe().run(desk, options={"preload": False}).response["violations"]] == []


def test_a_list_is_looked_at_on_a_phone_and_in_the_dark(desk):
    make_group_citation(record=make_group(name="Clan", kind="family-clan"))
    desk.set_viewport_size({"width": 390, "height": 800})
    desk.emulate_media(color_scheme="dark")
    desk.goto("/claims/?wording=!alleged")
    desk.locator("#choices-kind summary").click()
    keep_picture(desk, "choices-phone")
    assert desk.evaluate("document.documentElement.scrollWidth") <= 390
