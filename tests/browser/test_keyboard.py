"""The reader's side by the keyboard alone: it comes to everything that can be used, and where it is can be seen."""

import pytest
from playwright.sync_api import Page, expect

from tests.factories import (
    make_group,
    make_indicator,
    make_presence,
    make_region,
    make_region_estimate,
    make_relation,
    make_route_leg,
)
from tests.kinds import publish

pytestmark = pytest.mark.usefixtures("transactional_db")

#: More presses of the Tab key than any of these pages takes.
MOST_PRESSES = 400

#: What the Tab key has come to, and what of it is wrong: it is not there to be seen, nothing is drawn round it, or that
#: is cut off by what lies around it. The first time that it comes to something that unfolds, it is told so.
LOOK = """() => {
    const element = document.activeElement;
    if (!element || element === document.body) return {end: true};
    window.walked ??= new Set();
    if (window.walked.has(element)) return {end: true};
    window.walked.add(element);
    const told = element.outerHTML.slice(0, 150);
    const unfolds = element.matches("summary") && !element.parentElement.open;
    const box = element.getBoundingClientRect();
    if (!element.checkVisibility({visibilityProperty: true, opacityProperty: true}) || box.width < 4 || box.height < 4)
        return {trouble: `not seen: ${told}`, unfolds};
    const style = getComputedStyle(element);
    if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2)
        return {trouble: `nothing round it: ${told}`, unfolds};
    const reach = parseFloat(style.outlineOffset) + parseFloat(style.outlineWidth);
    for (let around = element.parentElement; around; around = around.parentElement) {
        if (getComputedStyle(around).overflow === "visible" || around === document.documentElement) continue;
        const room = around.getBoundingClientRect();
        const isCut = (from, to, least, most) => from - reach < least - 0.5 || to + reach > most + 0.5;
        const fits = box.width + 2 * reach <= room.width; // what is wider than that is pushed sideways
        const isCutOff = isCut(box.top, box.bottom, room.top, room.bottom);
        if (isCutOff || (fits && isCut(box.left, box.right, room.left, room.right)))
            return {trouble: `cut off by ${around.className || around.tagName}: ${told}`, unfolds};
    }
    return {unfolds};
}"""

#: What can be used and the Tab key has not come to.
MISSED = """() => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")]
    .filter((each) => each.checkVisibility({visibilityProperty: true}) && !each.disabled && !window.walked.has(each))
    .map((each) => each.outerHTML.slice(0, 150))"""


@pytest.fixture
def filled() -> None:
    """Something in every picture, for everybody to see."""
    peru = make_region(name="Peru", slug="peru", kind="country", iso_3166="PE")
    puno = make_region(name="Puno", slug="puno", kind="department", parent=peru, latitude="-15.84", longitude="-70.02")
    clan, rivals = make_group(name="Clan", slug="clan", summary="A clan."), make_group(name="Rivals", slug="rivals")
    claims = [
        make_presence(group=clan, region=puno, when="2017"),
        make_relation(group=clan, other=rivals, kind="rival-of"),
        make_route_leg(origin=puno, destination=peru),
        make_region_estimate(region=puno, indicator=make_indicator(), when="2017"),
    ]
    publish(
        *{getattr(claim, field.name) for claim in claims for field in type(claim).objects.all().record_fields()}
        - {None}
    )


def walk(page: Page, address: str) -> list[str]:
    """Go through a page by the Tab key alone, unfolding what unfolds; what is wrong with it."""
    page.goto(address)
    page.wait_for_load_state("networkidle")
    troubles = []
    for _press in range(MOST_PRESSES):
        page.keyboard.press("Tab")
        seen = page.evaluate(LOOK)
        if seen.get("end"):
            break
        if trouble := seen.get("trouble"):
            troubles.append(trouble)
        if seen["unfolds"]:
            page.keyboard.press("Enter")
    else:
        troubles.append("no end of it")
    return troubles + [f"not come to: {missed}" for missed in page.evaluate(MISSED)]


#: Pages of every make: what is one column on a phone and several beside one another where there is room.
PAGES = ["/", "/groups/", "/groups/clan/", "/map/", "/network/?around=group:clan", "/flows/"]
OTHERS = ["/search/?q=clan", "/regions/puno/", "/claims/", "/timeline/", "/figures/"]


@pytest.mark.parametrize(("width", "addresses"), [(1280, PAGES), (390, PAGES + OTHERS)])
def test_the_tab_key_comes_to_everything_and_what_it_is_at_is_seen(desk, filled, width, addresses):
    desk.set_viewport_size({"width": width, "height": 800})
    assert {address: troubles for address in addresses if (troubles := walk(desk, address))} == {}


def test_so_it_does_for_who_is_not_logged_in(stranger, filled):
    stranger.set_viewport_size({"width": 390, "height": 800})
    assert {address: troubles for address in PAGES[:3] if (troubles := walk(stranger, address))} == {}


def test_after_sorting_and_on_another_page_the_keyboard_goes_on_at_the_table(desk, filled):
    for number in range(60):
        make_group(name=f"Gang {number}")
    desk.goto("/groups/")
    desk.get_by_role("link", name="Kind", exact=True).press("Enter")
    desk.wait_for_url("**/groups/?sort=kind#rows")
    desk.keyboard.press("Tab")
    expect(desk.locator("#rows th a").first).to_be_focused()
    desk.get_by_role("link", name="Next").press("Enter")
    desk.wait_for_url("**/groups/?sort=kind&page=2#rows")
    desk.keyboard.press("Tab")
    expect(desk.locator("#rows th a").first).to_be_focused()


def test_what_unfolds_over_others_closes_when_the_keyboard_goes_on(desk, filled):
    desk.goto("/groups/")
    for summary, menu in (
        (".account summary", ".account-menu"),
        ("#choices-kind summary", "#choices-kind .choice-list"),
    ):
        desk.locator(summary).press("Enter")
        expect(desk.locator(menu)).to_be_visible()
        desk.keyboard.press("Shift+Tab")
        expect(desk.locator(menu)).to_be_hidden()


def test_the_key_for_the_search_works_wherever_one_does_not_type(desk, filled):
    desk.goto("/groups/")
    for place in ("#rows input[type=checkbox]", "#rows td a"):
        desk.locator(place).first.focus()
        desk.keyboard.press("/")
        expect(desk.locator("#site-search")).to_be_focused()
    desk.locator("#id_region").focus()
    desk.keyboard.type("/")
    expect(desk.locator("#id_region")).to_have_value("/")
