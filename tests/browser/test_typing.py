"""What a researcher does all day, as it happens in the browser: find, type, be corrected, save."""

import re

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Dialog, Page, expect

from actors.models import Group, GroupEstimate, Presence
from crimewatch.citations.models import Source
from regions.models import Region, RegionKind
from tests.browser.conftest import PASSWORD
from tests.factories import (
    make_group,
    make_indicator,
    make_occurrence,
    make_presence,
    make_region,
    make_source,
)


@pytest.fixture
def santa_rosa(transactional_db: None) -> Region:
    """One of two places of one name."""
    peru = make_region(name="Peru", kind=RegionKind.COUNTRY)
    loreto = make_region(name="Loreto", kind=RegionKind.DEPARTMENT, parent=peru)
    puno = make_region(name="Puno", kind=RegionKind.DEPARTMENT, parent=peru)
    make_region(name="Santa Rosa", kind=RegionKind.DISTRICT, parent=puno)
    return make_region(name="Santa Rosa", kind=RegionKind.DISTRICT, parent=loreto)


@pytest.fixture
def article(transactional_db: None) -> Source:
    return make_source(name="The Evolution of Transnational Organized Crime in Peru", authors=["Ellis, R. Evan"])


def change_page(record: Group | Region) -> str:
    return reverse(f"admin:{record._meta.label_lower.replace('.', '_')}_change", args=[record.pk])


def look_up(page: Page, words: str, shown: str) -> None:
    """Type into the select that has the focus, and go down by keys to the record that it shows as `shown`."""
    page.keyboard.type(words)
    expect(page.locator(".select2-results__option", has_text=shown)).to_have_count(1)
    highlighted = page.locator(".select2-results__option--highlighted")
    for _ in range(page.locator(".select2-results__option").count()):
        if highlighted.inner_text() == shown:
            break
        page.keyboard.press("ArrowDown")
    expect(highlighted).to_have_text(shown)
    page.keyboard.press("Enter")


def test_a_group_is_found_from_the_login_on_despite_a_typing_error(
    page: Page, ana: User, complaints: list[str]
) -> None:
    make_group(name="Sendero Luminoso")
    make_group(name="Quispe Palomino clan")
    page.goto("/admin/")
    page.keyboard.type("ana")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.locator(".records").get_by_role("link", name="Groups", exact=True).first.click()
    page.get_by_role("textbox", name="Search").fill("sendero lumnoso")
    page.keyboard.press("Enter")
    expect(page.locator("#result_list tbody th")).to_have_text(["Sendero Luminoso"])
    assert complaints == []


def test_a_group_and_where_it_is_are_typed_without_a_mouse(desk: Page, santa_rosa: Region, article: Source) -> None:
    desk.goto("/admin/actors/group/")
    desk.keyboard.press("Alt+n")
    desk.wait_for_url("**/group/add/")
    expect(desk.locator("#id_name")).to_be_focused()
    desk.keyboard.type("Clan of Santa Rosa")
    desk.keyboard.press("Tab")
    desk.keyboard.type("family clan")
    desk.keyboard.press("Alt+n")
    desk.keyboard.press("Tab")  # past how it is there: operates in, unless one says otherwise
    look_up(desk, "santa roza", "Santa Rosa · district · Loreto, Peru")
    for _ in range(2):  # past the link that adds a region
        desk.keyboard.press("Tab")
    look_up(desk, "evolution", "The Evolution of Transnational Organized Crime in Peru")
    desk.keyboard.press("Control+s")
    expect(desk.locator(".messagelist .success")).to_contain_text("was added successfully")
    expect(desk.locator("#presences-group .claim-sentence")).to_have_text("Clan of Santa Rosa operates in Santa Rosa")
    presence = Presence.objects.get()
    assert (presence.region, presence.source, presence.group.name) == (santa_rosa, article, "Clan of Santa Rosa")


def test_another_claim_begins_at_the_source_and_locator_of_the_last(
    desk: Page, santa_rosa: Region, article: Source
) -> None:
    make_group(name="Sendero Luminoso")
    desk.goto("/admin/actors/presence/add/")
    expect(desk.locator("#id_group + .select2 .select2-selection")).to_be_focused()
    look_up(desk, "sendero", "Sendero Luminoso")
    for _ in range(3):
        desk.keyboard.press("Tab")
    look_up(desk, "santa rosa", "Santa Rosa · district · Loreto, Peru")
    desk.get_by_role("combobox", name="Source").click()
    look_up(desk, "evolution", article.name)
    desk.get_by_label("At", exact=True).select_option("paragraph")
    desk.get_by_label("Locator").fill("18")
    desk.keyboard.press("Control+Shift+Enter")
    expect(desk.locator(".messagelist .success")).to_contain_text("You may add another presence below")
    expect(desk.locator("#select2-id_group-container")).to_have_text("")
    expect(desk.locator("#select2-id_source-container")).to_have_text(article.name)
    expect(desk.get_by_label("At", exact=True)).to_have_value("paragraph")
    expect(desk.get_by_label("Locator")).to_have_value("18")
    assert Presence.objects.get().locator == "18"


def test_a_wrong_date_is_explained_at_its_field_and_nothing_typed_is_lost(desk: Page, article: Source) -> None:
    group, indicator = make_group(), make_indicator(name="Armed combatants", unit="person")
    desk.goto(change_page(group))
    desk.locator("#estimates-group").get_by_role("button", name=re.compile("Add another")).click()
    look_up(desk, "armed", "Armed combatants")
    row = desk.locator("#estimates-0")
    row.get_by_label("Best").fill("120")
    row.locator("summary").click()
    row.get_by_label("Cut-off").fill("marzo 2017")
    row.get_by_role("combobox", name="Source").click()
    look_up(desk, "evolution", article.name)
    desk.keyboard.press("Control+s")
    expect(desk.locator(".errornote")).to_be_visible()
    cut_off = desk.locator("#id_estimates-0-cut_off")
    expect(cut_off).to_be_focused()
    expect(desk.locator("#estimates-0 .errorlist")).to_contain_text('"marzo 2017" is not a date in EDTF')
    expect(desk.locator("#estimates-0 .errorlist")).to_be_in_viewport()
    expect(cut_off).to_have_value("marzo 2017")
    expect(row.get_by_label("Best")).to_have_value("120")
    expect(desk.locator("#select2-id_estimates-0-indicator-container")).to_contain_text("Armed combatants")
    cut_off.fill("2017-03")
    desk.keyboard.press("Control+s")
    expect(desk.locator(".messagelist .success")).to_be_visible()
    estimate = GroupEstimate.objects.get()
    assert (estimate.cut_off, estimate.best, estimate.indicator) == ("2017-03", 120, indicator)


def test_a_group_is_published_only_with_a_claim(desk: Page) -> None:
    group = make_group(slug="sendero-luminoso")
    desk.goto(change_page(group))
    desk.get_by_role("button", name="Save and publish").click()
    expect(desk.locator(".errorlist.nonfield")).to_have_text(
        "“sendero-luminoso” cannot be published: no claim supports it yet. Add a claim with its source first."
    )
    make_presence(group=group)
    desk.goto(change_page(group))
    desk.get_by_role("button", name="Save and publish").click()
    expect(desk.locator(".page-title .status")).to_have_text("published")
    group.refresh_from_db()
    assert group.status == "published"


def test_a_region_in_use_is_not_deleted_but_says_what_uses_it(desk: Page) -> None:
    region = make_region(name="VRAEM")
    make_occurrence(region=region)
    for _ in range(2):
        make_presence(region=region)
    desk.goto(change_page(region))
    desk.get_by_role("link", name="Delete").click()
    expect(desk.locator("#content")).to_contain_text("“VRAEM” is in use and cannot be deleted.")
    expect(desk.locator("#deleted-objects li")).to_have_text(["2 presences", "1 occurrence"])
    desk.get_by_role("link", name="2 presences").click()
    expect(desk.locator("#result_list tbody tr")).to_have_count(2)


def test_a_group_with_a_thousand_claims_opens_turns_pages_and_saves(desk: Page) -> None:
    group, region, source = make_group(), make_region(), make_source()
    Presence.objects.bulk_create(
        Presence(group=group, region=region, source=source, locator_type="page", locator=str(number))
        for number in range(1, 1001)
    )
    desk.goto(change_page(group))
    presences = desk.locator("#presences-group")
    expect(presences.locator(".claim.has_original")).to_have_count(10)
    expect(presences.locator(".claim.has_original").first).to_contain_text("page 1000")
    presences.get_by_role("link", name="older").click()
    expect(presences.locator(".claim.has_original").first).to_contain_text("page 990")
    expect(presences.locator(".claims-pages")).to_contain_text("11–20 of 1000")
    presences.get_by_role("checkbox").first.check()
    desk.locator("#id_name").fill("Renamed")
    desk.keyboard.press("Control+s")
    expect(desk.locator(".messagelist .success")).to_be_visible()
    assert Group.objects.get().name == "Renamed"
    assert Presence.objects.count() == 999
    assert not Presence.objects.filter(locator="990").exists()


def test_nobody_leaves_typed_text_behind_without_being_asked(desk: Page) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    group = make_group(name="Sendero Luminoso")
    for _ in range(11):
        make_presence(group=group)
    desk.on("dialog", stay)
    desk.goto(change_page(group))
    desk.locator("#id_name").press("End")
    desk.keyboard.type(" (SL)")
    expect(desk.get_by_role("status")).to_have_text("Not saved yet")
    desk.get_by_role("link", name="older").click()
    expect(desk.locator("#id_name")).to_have_value("Sendero Luminoso (SL)")
    assert asked == ["beforeunload"]
    desk.keyboard.press("Control+Enter")
    desk.wait_for_url("**/actors/group/")
    assert asked == ["beforeunload"]
    assert Group.objects.get().name == "Sendero Luminoso (SL)"
