"""The time line, the figures and the pages of records in a real browser: drawn, clicked, copied, printed."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_pages import assert_accessible
from tests.factories import (
    make_group,
    make_group_estimate,
    make_indicator,
    make_presence,
    make_region,
    make_region_estimate,
    make_source,
)

pytestmark = pytest.mark.usefixtures("transactional_db")

#: Where the middle of a mark stands on the screen, by the address that it leads to.
PLACE_OF = """address => {
    const canvas = document.querySelector(".picture-canvas");
    const chart = echarts.getInstanceByDom(canvas);
    for (const [number, series] of chart.getOption().series.entries()) {
        const place = (series.data ?? []).findIndex((each) => each.address?.endsWith(address));
        if (place < 0) continue;
        const element = chart.getModel().getSeriesByIndex(number).getData().getItemGraphicEl(place);
        const inner = element.getBoundingRect().clone();
        inner.applyTransform(element.getComputedTransform() ?? [1, 0, 0, 1, 0, 0]);
        const box = canvas.getBoundingClientRect();
        const shape = element.childAt(0).getBoundingRect();
        return [box.x + shape.x + shape.width / 2, box.y + shape.y + shape.height / 2];
    }
    return null;
}"""

DATES = ("2017-03-04", "2017-03-04?", "2017~", "2017?", "2017%", "199X", "1990/1999~", "2016-10/..", "../2014", "1969/",
         "/2014", "199X/2005", "1990/200X", "2017-21", "1990%/1999?")  # fmt: skip


def see(desk: Page, address: str) -> None:
    """Open the page and wait until its picture is drawn."""
    desk.goto(address)
    desk.locator("figure[data-picture]").scroll_into_view_if_needed()
    expect(desk.locator("figure[data-drawn]")).to_be_visible()
    desk.wait_for_timeout(600)  # until the picture has come to rest


def test_every_kind_of_date_is_drawn_and_a_click_leads_to_the_claim(desk):
    claims = [make_presence(group=make_group(name=when), when=when) for when in DATES]
    see(desk, "/timeline/")
    expect(desk.locator(".picture-legend")).to_contain_text("some time within")
    expect(desk.locator("figcaption")).to_contain_text(f"{len(DATES)} claims have a date.")
    shown = desk.evaluate(
        "() => echarts.getInstanceByDom(document.querySelector('.picture-canvas')).getOption().series[1].data.length"
    )
    assert shown == len(DATES)
    desk.mouse.click(*desk.evaluate(PLACE_OF, f"#claim-{claims[0].uid}"))
    desk.wait_for_url(f"**{claims[0].get_absolute_url()}")
    expect(desk.locator(f"[id='claim-{claims[0].uid}']")).to_be_visible()


def test_hundreds_of_claims_are_drawn_and_scrolled(desk):
    for number in range(150):
        make_presence(group=make_group(name=f"Group {number}"), when=str(1900 + number % 100))
    see(desk, "/timeline/")
    zooms = "() => echarts.getInstanceByDom(document.querySelector('.picture-canvas')).getOption().dataZoom.length"
    assert desk.evaluate(zooms) == 4
    see(desk, "/timeline/?by=kind")
    assert desk.evaluate(zooms) in (2, 4)


def test_rival_figures_are_drawn_and_a_click_leads_to_one(desk):
    peru, coca = make_region(name="Peru"), make_indicator(name="Coca", slug="coca")
    claims = [
        make_region_estimate(region=peru, indicator=coca, when="2017", source=make_source(name=name), **values)
        for name, values in (
            ("First", {"low": 40000, "best": 44000, "high": 50000}),
            ("Second", {"best": None, "high": 40441, "is_derived": True, "note": "Worked out."}),
            ("Third", {"best": None, "low": 60000}),
            ("Fourth", {"best": 30000, "is_series_break": True}),
        )
    ]
    make_region_estimate(region=peru, indicator=coca, when="2016", best=1, source=claims[0].source)
    make_group_estimate(indicator=coca, best=3, when="2015-01-01")
    see(desk, "/figures/?indicator=coca")
    for words in ("First", "Fourth", "derived by us", "the series breaks here"):
        expect(desk.locator(".picture-legend")).to_contain_text(words)
    desk.mouse.click(*desk.evaluate(PLACE_OF, f"#claim-{claims[0].uid}"))
    desk.wait_for_url(f"**{claims[0].get_absolute_url()}")


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_they_fit_the_screen_and_are_accessible(desk, width, scheme):
    group = make_group(name="Clan", slug="clan")
    for when in DATES:
        make_presence(group=group, when=when, status="conflict", note="Another says otherwise.")
    make_group_estimate(group=group, when="2017", indicator=make_indicator(slug="coca"))
    make_group_estimate(group=group, when="2017", indicator=make_indicator(), low=1, best=None)
    desk.set_viewport_size({"width": width, "height": 900})
    desk.emulate_media(color_scheme=scheme)
    for address in ("/timeline/?group=clan", "/figures/?indicator=coca"):
        see(desk, address)
        assert desk.evaluate("document.documentElement.scrollWidth") <= width
        assert_accessible(desk)
    for address in ("/groups/clan/", "/indicators/coca/"):
        desk.goto(address)
        assert desk.evaluate("document.documentElement.scrollWidth") <= width
        assert_accessible(desk)


def test_a_citation_is_copied_by_a_click(desk, context):
    make_group(name="Clan", slug="clan")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk.goto("/groups/clan/")
    desk.get_by_role("button", name="Copy: APA").click()
    expect(desk.locator(".copy").first).to_have_text("Copied")
    copied = desk.evaluate("navigator.clipboard.readText()")
    assert re.match(r"Clan\. \(\d{4}, \w+ \d+\)\. CrimeWatch\. Retrieved .* http://.*/groups/clan/$", copied)


def test_on_paper_there_are_the_addresses_of_sources_and_no_navigation(desk):
    claim = make_presence(group=make_group(slug="clan"), source=make_source(url="https://example.org/report"))
    desk.goto("/groups/clan/")
    desk.emulate_media(media="print")
    expect(desk.get_by_text("https://example.org/report")).to_be_visible()
    for hidden in (".masthead", ".contents", ".edit", ".copy", ".tools"):
        expect(desk.locator(hidden).first).to_be_hidden()
    expect(desk.locator(f"[id='claim-{claim.uid}']")).to_be_visible()


@pytest.mark.parametrize("chosen", ["", "dark"])
def test_paper_is_white_and_its_ink_dark_also_where_the_screen_is_dark(desk, chosen):
    make_group(slug="clan")
    desk.emulate_media(color_scheme="dark")
    desk.goto("/groups/clan/")
    desk.evaluate("(chosen) => { if (chosen) document.documentElement.dataset.theme = chosen }", chosen)
    colours = """() => ["color", "backgroundColor"].map((name) => getComputedStyle(document.body)[name])"""
    assert desk.evaluate(colours) == ["rgb(230, 228, 221)", "rgb(20, 25, 27)"]
    desk.emulate_media(media="print", color_scheme="dark")
    assert desk.evaluate(colours) == ["rgb(29, 36, 39)", "rgba(0, 0, 0, 0)"]
