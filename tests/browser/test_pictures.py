"""Pictures in a real browser: they are drawn, lead on, fit the page's colours, and break no rule of it."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from crimewatch.explorer.pictures.ways import WAYS
from tests.browser.test_pages import assert_accessible
from tests.browser.test_reading import keep_picture
from tests.factories import make_occurrence, make_presence, make_region, make_route_leg
from tests.kinds import publish

pytestmark = pytest.mark.usefixtures("transactional_db")

#: How many colours stand on the canvas: one on an empty one.
COLOURS = """canvas => {
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", {willReadFrequently: true});
    copy.drawImage(canvas, 0, 0);
    const pixels = copy.getImageData(0, 0, canvas.width, canvas.height).data;
    const found = new Set();
    for (let place = 0; place < pixels.length; place += 4) {
        found.add((pixels[place] << 16) | (pixels[place + 1] << 8) | pixels[place + 2]);
    }
    return [...found];
}"""


@pytest.fixture
def puno():
    peru = make_region(name="Peru", kind="country", iso_3166="PE")
    puno = make_region(name="Puno", slug="puno", kind="department", parent=peru, latitude="-15.84", longitude="-70.02")
    lake = make_region(name="Lake", slug="lake", kind="lake", parent=peru, latitude="-8", longitude="-74", precision=7)
    south = make_region(name="South", slug="south", parts=[puno])
    claims = [
        make_presence(region=puno, when="2017"),
        make_occurrence(region=lake, trend="growing", when="2010"),
        make_occurrence(region=south, trend="declining", when="2010"),
        make_route_leg(origin=lake, destination=puno, mode="river-boat", wording="disputed", when="2017"),
    ]
    for claim in claims:
        publish(*(getattr(claim, field.name) for field in type(claim).objects.all().record_fields()))
    publish(peru)
    return puno


def drawn(page: Page) -> None:
    """Wait until the picture stands there."""
    page.locator("figure[data-drawn]").wait_for()


def click_on_the_map(page: Page, longitude: float, latitude: float) -> None:
    page.wait_for_timeout(600)  # until it has come to rest
    x, y = page.evaluate(
        """([longitude, latitude]) => echarts.getInstanceByDom(document.querySelector(".picture-canvas"))
            .convertToPixel("geo", [longitude, latitude])""",
        [longitude, latitude],
    )
    page.locator(".picture-canvas").click(position={"x": x, "y": y})


def test_the_map_is_drawn_and_its_table_folds_away(stranger, puno):
    stranger.goto("/map/")
    drawn(stranger)
    stranger.wait_for_timeout(600)
    assert len(stranger.locator(".picture-canvas canvas").first.evaluate(COLOURS)) > 10
    table = stranger.locator("details.picture-table table")
    expect(table).to_be_hidden()
    stranger.get_by_text("The same as a table").click()
    expect(table.get_by_role("link", name="Puno", exact=True)).to_be_visible()
    expect(stranger.locator(".picture-legend")).to_contain_text("disputed")


def test_a_click_on_a_department_and_on_a_point_leads_to_their_pages(stranger, puno):
    stranger.goto("/map/")
    drawn(stranger)
    click_on_the_map(stranger, -70.2, -14.3)
    stranger.wait_for_url("**/regions/puno/")
    stranger.goto("/map/")
    drawn(stranger)
    click_on_the_map(stranger, -74, -8)
    stranger.wait_for_url("**/regions/lake/")


def test_as_one_types_another_picture_comes_and_the_address_follows(stranger, puno):
    stranger.goto("/map/")
    drawn(stranger)
    stranger.get_by_label("During").type("2017")
    stranger.wait_for_url("**/map/?during=2017")
    drawn(stranger)
    expect(stranger.locator("figcaption")).not_to_contain_text("South")
    stranger.get_by_role("link", name="List", exact=True).click()
    stranger.wait_for_url("**/claims/?during=2017")


def test_the_picture_follows_the_colours_of_the_page(stranger, puno):
    stranger.emulate_media(color_scheme="light")
    stranger.goto("/map/")
    drawn(stranger)
    canvas = stranger.locator(".picture-canvas canvas").first
    stranger.wait_for_timeout(600)
    light = set(canvas.evaluate(COLOURS))
    stranger.emulate_media(color_scheme="dark")
    stranger.wait_for_timeout(900)
    dark = set(canvas.evaluate(COLOURS))
    assert int("62b4ef", 16) in dark - light  # the first series' colour: the leg
    assert int("0b6aa8", 16) in light - dark


def test_the_map_is_moved_with_buttons_too(stranger, puno):
    stranger.goto("/map/")
    drawn(stranger)
    width = """() => { const chart = echarts.getInstanceByDom(document.querySelector(".picture-canvas"));
        return chart.convertToPixel("geo", [-60, 0])[0] - chart.convertToPixel("geo", [-70, 0])[0]; }"""
    before = stranger.evaluate(width)
    stranger.get_by_role("button", name="Nearer").press("Enter")
    assert stranger.evaluate(width) == pytest.approx(1.5 * before, rel=0.01)
    stranger.get_by_role("button", name="The whole world").press("Enter")
    stranger.wait_for_timeout(600)
    assert stranger.evaluate(width) < before
    stranger.get_by_role("button", name="As at first").press("Enter")
    stranger.wait_for_timeout(600)
    assert stranger.evaluate(width) == pytest.approx(before, rel=0.01)


def test_without_javascript_the_table_is_open(browser, base_url, settings, puno):
    settings.SITE_IS_PUBLIC = True
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{base_url}/map/")
    expect(page.locator("details.picture-table table")).to_be_visible()
    expect(page.locator(".picture-canvas")).to_be_hidden()
    expect(page.locator("figcaption")).to_contain_text("Departments with most claims: Puno")
    context.close()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures_are_accessible_and_fit_the_screen(stranger, puno, width, scheme):
    stranger.set_viewport_size({"width": width, "height": 900})
    stranger.emulate_media(color_scheme=scheme)
    for address, name in (("/map/", "map"), ("/map/?colour=trend", "map-trend"), ("/", "home-map")):
        stranger.goto(address)
        drawn(stranger)
        stranger.wait_for_timeout(600)
        keep_picture(stranger, f"{name}-{width}-{scheme}")
        assert_accessible(stranger)
        assert stranger.evaluate("document.documentElement.scrollWidth") <= width


#: The choices whose words are wider than the select that they stand in, with what is left of it beside its arrow.
CUT = """() => [...document.querySelectorAll("main select")].flatMap((select) => {
    const style = getComputedStyle(select);
    const ruler = document.createElement("canvas").getContext("2d");
    ruler.font = `${style.fontSize} ${style.fontFamily}`;
    const room = select.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) - 20;
    return [...select.options].map((option) => option.text).filter((text) => ruler.measureText(text).width > room);
})"""


@pytest.mark.parametrize("language", ["en", "es"])
def test_on_a_phone_the_words_of_every_choice_fit(stranger, puno, language):
    stranger.set_viewport_size({"width": 390, "height": 800})
    stranger.set_extra_http_headers({"Accept-Language": language})
    for name, _text in WAYS:
        stranger.goto(reverse(name))
        expect(stranger.locator("html")).to_have_attribute("lang", language)
        stranger.get_by_text(re.compile("More filters|Más filtros")).click()
        assert stranger.evaluate(CUT) == []


def test_the_start_page_is_light_until_its_map_comes_into_view(stranger, puno):
    stranger.set_viewport_size({"width": 390, "height": 300})
    sizes = []
    stranger.on("response", lambda response: sizes.append((response.url, len(response.body()))))
    stranger.goto("/")
    stranger.wait_for_load_state("networkidle")
    assert not any("packages/" in url for url, _size in sizes)
    assert sum(size for _url, size in sizes) < 300_000
    stranger.locator(".picture-later").scroll_into_view_if_needed()
    drawn(stranger)
    assert any("echarts" in url for url, _size in sizes)
