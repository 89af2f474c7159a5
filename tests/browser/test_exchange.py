"""Imports and exports in a browser: from a file to its undoing, light and dark, wide and narrow."""

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page, expect

from actors.models import Group
from crimewatch.exchange.models import ImportBatch
from tests.factories import make_group, make_presence, make_region, make_source


@pytest.fixture
def kept(settings: Any, tmp_path: Path) -> None:
    settings.KEPT_FILES = tmp_path / "exchange"


def give(desk: Page, text: str, name: str = "groups.csv") -> None:
    """Upload a file on the page of imports."""
    desk.goto(reverse("exchange:upload"))
    desk.locator("input[name=file]").set_input_files({"name": name, "mimeType": "text/csv", "buffer": text.encode()})
    desk.get_by_role("button", name="Look at it").click()


def assert_accessible(page: Page) -> None:
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


def test_a_file_is_uploaded_looked_at_confirmed_and_taken_back(desk: Page, kept: None) -> None:
    make_group(slug="clans", name="Clans")
    give(desk, "slug,name,kind\nclans,Family clans,family-clan\nnew,New gang,street-gang\n")
    expect(desk.get_by_role("heading", name="Preview")).to_be_visible()
    expect(desk.locator("del", has_text="Clans")).to_be_visible()
    assert Group.objects.get().name == "Clans"

    desk.get_by_label("Reason").fill("spring cleaning")
    desk.get_by_role("button", name="Confirm the import").click()
    expect(desk.get_by_text("The import is done.")).to_be_visible()
    assert Group.objects.count() == 2

    desk.get_by_role("link", name="Take it back …").click()
    desk.get_by_role("button", name="Take back all 2 rows").click()
    expect(desk.get_by_text("It is taken back.")).to_be_visible()
    assert Group.objects.get().name == "Clans"


def test_unknown_headers_and_keys_are_answered_on_the_page(desk: Page, kept: None) -> None:
    make_group(slug="sendero-luminoso", name="Sendero Luminoso", aliases=["Shining Path"])
    make_region(slug="puno"), make_source(slug="ellis")
    give(desk, "uid,gang,region,source\np1,Shining Path,puno,ellis\n", "presences.csv")
    desk.get_by_label("The column that gang is").select_option("group")
    desk.get_by_role("button", name="Read it so").click()
    expect(desk.get_by_role("heading", name="Keys that are not known")).to_be_visible()
    desk.get_by_label("What is meant by Shining Path").select_option("key:sendero-luminoso")
    desk.get_by_role("button", name="Look at it again").click()
    expect(desk.get_by_role("button", name="Confirm the import")).to_be_visible()


def test_progress_is_shown_and_the_page_goes_on_by_itself(desk: Page, kept: None, settings: Any) -> None:
    from crimewatch.exchange import batches

    settings.BACKGROUND_ROWS = 0
    give(desk, "slug,name,kind\nnew,New gang,street-gang\n")
    expect(desk.get_by_role("heading", name="The preview is being made")).to_be_visible()
    expect(desk.get_by_role("progressbar")).to_be_visible()
    batches.look_at(ImportBatch.objects.get())
    batch = ImportBatch.objects.get()
    batch.job = None
    batch.save()
    expect(desk.get_by_role("heading", name="Preview")).to_be_visible()


def test_an_export_is_downloaded_with_the_columns_in_their_order(desk: Page, kept: None) -> None:
    make_group(slug="clans", name="Clans")
    desk.goto(f"{reverse('exchange:export')}?table=groups")
    desk.get_by_text("Columns and their order").click()
    desk.get_by_label("Place of name").fill("1")
    with desk.expect_download() as download:
        desk.get_by_role("button", name="Export").click()
    assert Path(download.value.path()).read_text().startswith("name,slug,")


@pytest.mark.parametrize("width", [1400, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible(desk: Page, kept: None, scheme: str, width: int) -> None:
    make_presence()
    desk.emulate_media(color_scheme=scheme)
    desk.set_viewport_size({"width": width, "height": 900})
    desk.goto(reverse("exchange:upload"))
    assert_accessible(desk)
    give(desk, "slug,name,kind\na,A,clan\nb,B,street-gang\n")
    expect(desk.get_by_role("link", name="Download the bad rows")).to_be_visible()
    assert_accessible(desk)
    give(desk, "clave,name,kind\na,A,clan\n")
    expect(desk.get_by_text("No column is the key")).to_be_visible()
    assert_accessible(desk)
    give(desk, "slug,name,kind\nb,B,street-gang\n")
    desk.get_by_role("button", name="Confirm the import").click()
    expect(desk.get_by_text("The import is done.")).to_be_visible()
    assert_accessible(desk)
    Group.objects.filter(slug="b").update(name="Edited")
    desk.get_by_role("link", name="Take it back …").click()
    assert_accessible(desk)
    for page in ("exchange:home", "exchange:export"):
        desk.goto(reverse(page))
        assert_accessible(desk)
    desk.goto(f"{reverse('exchange:export')}?table=groups")
    assert_accessible(desk)
    overflow = desk.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0
