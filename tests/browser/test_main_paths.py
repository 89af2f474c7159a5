"""What a reader does on the site, from search to footnote to file, with the keys and the mouse of a person."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.factories import make_group, make_presence, make_region, make_source
from tests.kinds import publish

pytestmark = pytest.mark.usefixtures("transactional_db")


@pytest.fixture
def reader(page: Page, complaints: list[str], settings: Any) -> Iterator[Page]:
    """A visitor of a public site with a few records; no test ends with a complaint of the browser."""
    settings.SITE_IS_PUBLIC = True
    article = make_source(name="The Evolution of Organized Crime", authors=["Ellis, R. Evan"], issued="2017-05")
    huanuco = make_region(name="Huánuco", kind="department")
    puno = make_region(name="Puno", kind="department")
    clan = make_group(name="Clan Orejuela", summary="A family that moves coca paste by boat.", aliases=["Los Orejuela"])
    rival = make_group(name="Los Rivales")
    publish(article, huanuco, puno, clan, rival)
    common = {"source": article, "locator_type": "paragraph"}
    make_presence(group=clan, region=huanuco, kind="base", locator="18", when="2016-10/..", **common)
    make_presence(group=rival, region=puno, kind="operates", locator="21", when="2014", **common)
    page.set_default_timeout(20_000)
    page.goto("/")
    page.wait_for_load_state("load")
    yield page
    assert complaints == []


def test_from_search_to_the_footnote_of_a_claim(reader):
    reader.keyboard.press("/")
    reader.keyboard.type("orejuela")
    reader.keyboard.press("Enter")
    reader.locator("main").get_by_role("link", name="Clan Orejuela").first.click()
    expect(reader.get_by_role("heading", level=1)).to_have_text("Clan Orejuela")
    claim = reader.locator("main li, main tr").filter(has_text="Huánuco").first
    expect(claim).to_contain_text("has its base in")
    claim.locator("sup a").first.click()
    footnote = reader.locator(":target")
    expect(footnote).to_contain_text("The Evolution of Organized Crime")
    expect(footnote).to_contain_text("aragraph 18")
    footnote.get_by_role("link", name="The Evolution of Organized Crime").click()
    expect(reader.get_by_role("heading", level=1)).to_have_text("The Evolution of Organized Crime")


def test_a_list_narrows_while_one_types_and_is_taken_away_as_a_file(reader, tmp_path: Path):
    reader.get_by_role("navigation", name="Sections").get_by_role("link", name="Groups", exact=True).click()
    expect(reader.locator("#list")).to_contain_text("Los Rivales")
    reader.locator("main input[name=q]").fill("orejuela")
    expect(reader.locator("#list")).not_to_contain_text("Los Rivales")
    expect(reader).to_have_url(re.compile(r"[?&]q=orejuela"))
    with reader.expect_download() as download:
        reader.locator("main").get_by_role("link", name="CSV", exact=True).click()
    file = tmp_path / "groups.csv"
    download.value.save_as(file)
    with file.open(encoding="utf-8-sig", newline="") as rows:
        assert [row[next(iter(row))] for row in csv.DictReader(rows)] == ["Clan Orejuela"]
    reader.reload()
    expect(reader.locator("main input[name=q]")).to_have_value("orejuela")


def test_what_is_typed_before_the_scripts_are_there_is_not_lost(reader):
    waiting: list[Route] = []

    def wait(route: Route) -> None:
        waiting.append(route)

    reader.route("**/htmx*.js", wait)
    reader.goto("/groups/", wait_until="commit")
    reader.locator("main input[name=q]").fill("orejuela")
    reader.get_by_role("searchbox", name="Search everything").focus()
    expect(reader.locator("#list")).to_contain_text("Los Rivales")
    for script in waiting:
        script.continue_()
    expect(reader.locator("#list")).not_to_contain_text("Los Rivales")
    expect(reader).to_have_url(re.compile(r"[?&]q=orejuela"))


def test_the_page_stays_where_it_is_when_language_and_colours_change(reader):
    reader.goto("/groups/?q=orejuela")
    reader.get_by_role("button", name="ES", exact=True).click()
    expect(reader).to_have_url(re.compile(r"/groups/\?q=orejuela"))
    expect(reader.locator("html")).to_have_attribute("lang", "es")
    expect(reader.get_by_role("heading", level=1)).to_have_text("Grupos")
    reader.get_by_role("link", name="Clan Orejuela").first.click()
    expect(reader.locator("main")).to_contain_text("tiene su base en")
    expect(reader.locator("main")).to_contain_text("A family that moves coca paste by boat.")
    reader.get_by_role("button", name="Colores").click()
    expect(reader.locator("html")).to_have_attribute("data-theme", re.compile("light|dark"))
    reader.get_by_role("button", name="EN", exact=True).click()
    expect(reader.locator("main")).to_contain_text("has its base in")


def test_the_same_by_keys_alone(reader):
    reader.keyboard.press("Tab")
    expect(reader.get_by_role("link", name="Skip to the content")).to_be_focused()
    groups = reader.get_by_role("navigation", name="Sections").get_by_role("link", name="Groups", exact=True)
    for _ in range(40):
        reader.keyboard.press("Tab")
        if groups.evaluate("(link) => link === document.activeElement"):
            break
    expect(groups).to_be_focused()
    reader.keyboard.press("Enter")
    expect(reader.get_by_role("heading", level=1)).to_have_text("Groups")
