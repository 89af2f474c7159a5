"""The network and the flows in a real browser: they are drawn, a click leads on, and the page keeps its rules."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_pages import assert_accessible
from tests.factories import (
    make_activity,
    make_group,
    make_involvement,
    make_membership,
    make_person,
    make_presence,
    make_region,
    make_relation,
    make_route,
    make_route_leg,
)

pytestmark = pytest.mark.usefixtures("transactional_db")

#: Where the record or place of that name stands on the screen.
PLACE_OF = """name => {
    const canvas = document.querySelector(".picture-canvas");
    const chart = echarts.getInstanceByDom(canvas);
    const series = chart.getModel().getSeriesByIndex(0);
    const data = series.getData();
    const number = chart.getOption().series[0].data.findIndex((each) => (each.label?.formatter ?? each.name) === name);
    const layout = data.getItemLayout(number);
    const box = canvas.getBoundingClientRect();
    const [x, y] = series.subType === "graph"
        ? chart.convertToPixel({ seriesIndex: 0 }, layout)
        : [layout.x + layout.dx / 2 + 8, layout.y + layout.dy / 2 + 12];
    return [box.x + x, box.y + y];
}"""


#: Each text in the picture that is to be seen, with its left, right, upper and lower edge, and the size of the canvas.
TEXTS = """() => {
    const chart = echarts.getInstanceByDom(document.querySelector(".picture-canvas"));
    const texts = chart.getZr().storage.getDisplayList(true)
        .filter((each) => each.type === "tspan" && !each.ignore && !each.invisible)
        .map((each) => {
            const box = each.getBoundingRect().clone();
            if (each.transform) box.applyTransform(each.transform);
            return [each.style.text, box.x, box.x + box.width, box.y, box.y + box.height];
        });
    return [texts, chart.getWidth(), chart.getHeight()];
}"""


@pytest.fixture
def clan():
    clan, valley = make_group(name="Clan", slug="clan"), make_region(name="Valley", slug="valley")
    make_presence(group=clan, region=valley)
    make_involvement(group=clan, activity=make_activity(name="Coca"), region=valley, stance="disputes")
    make_relation(group=clan, kind="rival-of", other=make_group(name="Rivals"), when="1990/1999")
    make_membership(person=make_person(name="Ana"), group=clan)


@pytest.fixture
def routes():
    puno, brazil = make_region(name="Puno"), make_region(name="Brazil", slug="brazil")
    make_route_leg(route=make_route(name="Way", slug="way"), origin=puno, destination=brazil)
    make_route_leg(route=make_route(commodity="gold"), origin=brazil, destination=puno, stance="disputes")


def see(desk: Page, address: str) -> None:
    """Open the page and wait until its picture is drawn."""
    desk.goto(address)
    desk.locator("figure[data-picture]").scroll_into_view_if_needed()
    expect(desk.locator("figure[data-drawn]")).to_be_visible()
    desk.wait_for_timeout(600)  # until the picture has come to rest


def click(desk: Page, name: str) -> None:
    desk.mouse.click(*desk.evaluate(PLACE_OF, name))


def test_a_click_leads_to_what_lies_around_a_record_and_on_to_its_page(desk, clan):
    see(desk, "/network/")
    expect(desk.locator(".picture-legend")).to_contain_text("Illicit activities")
    click(desk, "Clan")
    desk.wait_for_url("**/network/?around=group:clan")
    see(desk, desk.url)
    click(desk, "Clan")
    desk.wait_for_url("**/groups/clan/")


def test_the_keyboard_gets_to_the_same_by_the_table(desk, clan):
    see(desk, "/network/?kind=presence")
    desk.get_by_text("The same as a table").click()
    desk.get_by_role("link", name="What is around Valley").focus()
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/network/?kind=presence&around=region:valley")


def test_another_choice_draws_another_network(desk, clan):
    see(desk, "/network/")
    desk.get_by_text("More filters").click()
    desk.get_by_label("Groups", exact=True).check()
    desk.wait_for_url("**/network/?show=group")
    expect(desk.locator("figcaption")).to_contain_text("2 records (2 groups)")
    desk.get_by_label("People", exact=True).check()
    desk.wait_for_url("**/network/?show=group,person")
    expect(desk.locator("figcaption")).to_contain_text("3 records (2 groups, 1 person)")
    desk.locator("figure[data-picture]").scroll_into_view_if_needed()
    expect(desk.locator("figure[data-drawn]")).to_be_visible()


def test_a_click_on_a_place_leads_to_its_page(desk, routes):
    see(desk, "/flows/")
    expect(desk.locator("figcaption")).to_contain_text("drawn again")
    click(desk, "Brazil")
    desk.wait_for_url("**/regions/brazil/")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pictures_are_accessible_and_fit_the_screen(desk, clan, routes, scheme, width):
    desk.emulate_media(color_scheme=scheme)
    desk.set_viewport_size({"width": width, "height": 900})
    for address in (
        "/network/",
        "/network/?around=clan&sort=claims",
        "/network/?steps=9&around=x",
        "/flows/?sort=claims",
    ):
        desk.goto(address)
        if "steps=9" not in address:
            expect(desk.locator("figure[data-drawn]")).to_be_visible()
        assert_accessible(desk)
        assert desk.evaluate("document.documentElement.scrollWidth") <= width


def test_on_paper_the_picture_has_dark_ink_also_where_the_screen_is_dark(desk, clan):
    ink = """() => {
        const chart = echarts.getInstanceByDom(document.querySelector(".picture-canvas"));
        return [chart.getOption().series[0].label.color, chart.getOption().series[0].data[0].itemStyle.color];
    }"""
    see(desk, "/network/")
    by_day = desk.evaluate(ink)
    desk.emulate_media(color_scheme="dark")
    desk.wait_for_timeout(600)
    assert desk.evaluate(ink) != by_day
    desk.emulate_media(media="print", color_scheme="dark")
    desk.wait_for_timeout(600)
    assert desk.evaluate(ink) == by_day
    desk.emulate_media(media="screen", color_scheme="dark")
    desk.wait_for_timeout(600)
    assert desk.evaluate(ink) != by_day


def test_names_in_neighbouring_columns_of_the_flows_do_not_hide_one_another(desk):
    route = make_route()
    places = [
        make_region(name=f"{name} with a name that is as long as such names are") for name in ("A", "B", "C", "D")
    ]
    for order, (origin, destination) in enumerate(pairwise(places), 1):
        make_route_leg(route=route, order=order, origin=origin, destination=destination)
    see(desk, "/flows/")
    texts, _width, _height = desk.evaluate(TEXTS)
    assert sorted(text[0] for text, *_edges in texts) == ["A", "B", "C", "D"]


def test_on_a_phone_the_flows_have_whole_names_and_are_drawn_anew_when_it_is_turned(desk):
    route = make_route()
    places = [make_region(name=f"{name} border of the coca valleys and Maynas-Putumayo") for name in "ABCDEFGH"]
    for order, place in enumerate(places[1:4], 1):
        make_route_leg(route=route, order=order, origin=places[order - 1], destination=place)
    for place in places[4:]:
        make_route_leg(origin=places[0], destination=place)
    desk.set_viewport_size({"width": 390, "height": 700})
    see(desk, "/flows/")
    texts, width, height = desk.evaluate(TEXTS)
    words = " ".join(text for text, *_edges in texts).replace("- ", "-").split()
    assert sorted(words) == sorted(" ".join(place.name for place in places).split())
    assert all(left >= 0 and right <= width and top >= 0 and bottom <= height for _, left, right, top, bottom in texts)
    desk.set_viewport_size({"width": 900, "height": 390})
    expect(desk.locator(".picture-canvas")).not_to_have_attribute("style", re.compile("height"))
    desk.wait_for_timeout(600)
    texts, _width, _height = desk.evaluate(TEXTS)
    assert [text[0] for text, *_edges in texts if " " not in text] == []


def test_on_a_phone_no_name_in_the_network_is_cut_at_an_edge(desk):
    clan = make_group(name="Clan of the upper valley with a long name")
    for number in range(12):
        make_presence(group=clan, region=make_region(name=f"Valley of the {number}. river in the province of Maynas"))
    desk.set_viewport_size({"width": 390, "height": 700})
    for address in ("/network/", "/network/?around=" + clan.slug):
        see(desk, address)
        texts, width, _height = desk.evaluate(TEXTS)
        assert {"Clan", "Valley"} <= {text.split()[0] for text, *_edges in texts}
        assert [text for text, left, right, *_edges in texts if left < 0 or right > width] == []
        assert [text for text, *_edges in texts if "..." in text] == []
