"""Long lists go on from row to row: no page is found by counting the rows before it."""

import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from actors.models import Group
from crimewatch.citations.models import ClaimStatus, Stance, Wording
from tests.factories import (
    make_group,
    make_group_estimate,
    make_indicator,
    make_presence,
    make_region,
    make_region_estimate,
    make_source,
)
from tests.kinds import CLAIMS, make, publish
from tests.listing import page, rows
from tests.people import make_reader

pytestmark = pytest.mark.django_db

#: Where sources come from: the second shares an author with the first, the last its newspaper with the third.
PAPERS = [("El Comercio", ["Wu, B."]), ("Gestión", ["Wu, B.", "Ito, C."]), ("Ojo", []), ("OJO", ["Lee, D."])]


@pytest.fixture
def head(client):
    client.force_login(make_reader(username="head", is_staff=True, is_superuser=True))
    return client


@pytest.fixture(autouse=True)
def short_pages(monkeypatch):
    """Three rows a page, of which only the first two have numbers."""
    monkeypatch.setattr("crimewatch.records.views.lists.PAGE_SIZE", 3)
    monkeypatch.setattr("crimewatch.explorer.lists.PAGE_SIZE", 3)
    monkeypatch.setattr("crimewatch.records.views.lists.ListView.numbered_pages", 2)


def link(text, name):
    found = re.search(rf'id="page-{name}"[^>]* href="([^"#]*)#rows"', text)
    return found[1].replace("&amp;", "&") if found else ""


def walk(client, address, direction="next", **query):
    """The texts of the pages from one on, as somebody turns them; ``address`` may be a whole one."""
    text = client.get(address, query).content.decode()
    pages = [text]
    while (further := link(pages[-1], direction)) and len(pages) < 20:
        pages.append(client.get(further).content.decode())
    return pages


def keys(pages, pattern=r"<td>([\w-]+)</td></tr>"):
    return [re.findall(pattern, text) for text in pages]


def make_groups():
    parent = make_region(name="Perú")
    for number in range(11):
        name, founded = "Same" if number % 2 else f"G {number}", ["", "2017", "2016-05"][number % 3]
        group = make_group(name=name, slug=f"g-{number}", founded=founded)
        for _claim in range(number % 3):
            make_presence(group=group, region=parent)


@pytest.mark.parametrize("sort", ["", "-name", "claims", "-founded", "founded", "updated_at", "-slug"])
def test_pages_hold_every_record_once_in_order_forth_and_back(head, sort):
    make_groups()
    query = {"columns": "name,slug"} | ({"sort": sort} if sort else {})
    every = [row["slug"] for row in rows(head, "actors:group_list", **query)]
    pages = walk(head, "/groups/", **query)
    assert keys(pages) == [every[start : start + 3] for start in range(0, 11, 3)]
    back = [pages[-1]]
    while further := link(back[-1], "previous"):
        back.append(head.get(further).content.decode())
    assert keys(back)[::-1] == keys(pages)
    first = f"/groups/?{urlencode(query, safe=',')}"
    assert link(pages[-1], "first") == link(back[1], "first") == first


@pytest.mark.parametrize("sort", ["", "when", "-when", "subject", "-kind", "says", "credibility", "-locator"])
def test_pages_hold_every_claim_once_whatever_its_kind(head, sort):
    for model in CLAIMS:
        make(model)
    make_presence(when="2017")
    check_pages(head, "explorer:claim_list", sort)


@pytest.mark.parametrize("sort", ["wording", "-wording", "credibility", "-credibility", "stance", "-status"])
@pytest.mark.parametrize("login", ["head", "reader"])
def test_pages_by_the_words_of_a_vocabulary_are_those_of_the_file(head, login, sort):
    shared = {"source": make_source(), "region": make_region()}
    group, indicator = make_group(), make_indicator()
    words = [Wording.STATED, Wording.ALLEGED, Wording.PLANNED, Wording.ALLEGED]
    for number in range(12):
        given = {"wording": words[number % 4], "credibility": 1 + number % 3, "stance": Stance.values[number % 2]}
        # Every third names a group that no reader sees.
        make_presence(group=make_group() if number % 3 == 2 else group, **shared, **given)
        make_region_estimate(indicator=indicator, status=ClaimStatus.values[2 + number % 2], **shared, **given)
    publish(group, indicator, *shared.values())
    every = len(rows(head, "explorer:claim_list"))
    if login == "reader":
        head.force_login(make_reader())
        assert every - len(rows(head, "explorer:claim_list")) >= 4
    check_pages(head, "explorer:claim_list", sort)


@pytest.mark.parametrize("query", [{}, {"stance": "supports"}])
def test_pages_by_the_words_of_a_vocabulary_are_in_the_order_of_the_words_that_are_shown(head, query):
    for wording in Wording.values:
        make_presence(wording=wording)
    with translation.override("es"):
        labels = sorted(str(label) for label in Wording.labels)
    head.cookies["django_language"] = "es"
    query = {"columns": "subject,wording", "sort": "wording", **query}
    pages = walk(head, "/claims/", **query)
    shown = [label for text in pages for label in re.findall(r"<td>([^<]*)</td></tr>", text)]
    assert shown == labels
    assert shown == [row["wording"] for row in rows(head, "explorer:claim_list", **query)]


@pytest.mark.parametrize("sort", ["", "low", "-low", "best", "-indicator", "is_derived"])
def test_pages_hold_every_figure_once(head, sort):
    for number, low in enumerate([None, 5, None, 5, 7, 1]):
        make_group_estimate(low=low, best=9)
        make_region_estimate(best=number)
    check_pages(head, "explorer:estimate_list", sort)


def check_pages(client, address, sort):
    query = {"columns": "subject,uid"} | ({"sort": sort} if sort else {})
    every = [row["uid"] for row in rows(client, address, **query)]
    pages = walk(client, reverse(address), **query)
    assert len(every) > 9
    assert keys(pages) == [every[start : start + 3] for start in range(0, len(every), 3)]
    back = [pages[-1]]
    while further := link(back[-1], "previous"):
        back.append(client.get(further).content.decode())
    assert keys(back)[::-1] == keys(pages)


@pytest.mark.parametrize("query", [{"sources": "2"}, {"independent": "2"}, {"independent": "!2", "sources": "!4"}])
@pytest.mark.parametrize("login", ["head", "reader"])
def test_pages_of_records_with_enough_sources_are_those_of_the_file(head, monkeypatch, query, login):
    monkeypatch.setattr("crimewatch.records.views.lists.COUNTED_LABORIOUSLY", 6)
    make_groups_with_sources()
    if login == "reader":
        head.force_login(make_reader())
    number = len(rows(head, "actors:group_list"))
    for sort in ("", "-name", "-founded", "claims"):
        asked = {"columns": "name,slug", **query} | ({"sort": sort} if sort else {})
        every = [row["slug"] for row in rows(head, "actors:group_list", **asked)]
        assert 0 < len(every) < number
        for parts in (0, 1, 2):  # with none nothing is looked at before all records are
            monkeypatch.setattr("crimewatch.records.views.lists.SIFTED_PARTS", parts)
            pages = walk(head, "/groups/", **asked)
            assert keys(pages) == [every[start : start + 3] for start in range(0, len(every), 3)]
            assert (f"{len(every)} entr" if len(every) <= 6 else "More than 6 entries") in pages[0]


def make_groups_with_sources():
    """Groups with up to four papers behind them and, every second one, with a source that no reader sees."""
    make_groups()
    papers = [make_source(container_title=title, authors=authors) for title, authors in PAPERS]
    hidden = make_source(name="Nobody has read it")
    region = make_region()
    for number, group in enumerate(Group.objects.order_by("slug")):
        for source in [*papers[: number % 5], *([hidden] if number % 2 else [])]:
            make_presence(group=group, region=region, source=source)
    publish(region, *papers, *Group.objects.filter(slug__startswith="g-"))


def test_no_page_of_a_long_list_is_found_by_passing_over_rows(head):
    make_groups()
    for address in ("/groups/", "/claims/", "/claims/?sort=subject"):
        last = link(walk(head, address)[-2], "next")
        with CaptureQueriesContext(connection) as queries:
            head.get(last)
        assert not [query["sql"] for query in queries if "OFFSET" in query["sql"]]


def test_a_page_stays_where_it_is_when_rows_come_before_it(head):
    make_groups()
    second = link(page(head, "actors:group_list", columns="name,slug"), "next")
    before = keys([head.get(second).content.decode()])
    make_group(name="A", slug="new")
    Group.objects.filter(slug="g-0").delete()
    assert keys([head.get(second).content.decode()]) == before


def test_a_page_that_ends_before_fewer_rows_than_it_holds_is_the_first_in_full(head):
    make_groups()
    pages = walk(head, "/groups/", columns="name,slug")
    Group.objects.filter(slug__in=keys(pages)[0][:2]).delete()
    text = head.get(link(pages[1], "previous")).content.decode()
    assert len(keys([text])[0]) == 3
    assert not link(text, "previous")


def test_a_place_belongs_to_the_list_and_order_that_it_was_made_in(head):
    make_groups()
    (after,) = parse_qs(urlsplit(link(page(head, "actors:group_list"), "next")).query)["after"]
    for address, query in [
        ("actors:group_list", {"sort": "slug"}),
        ("actors:person_list", {}),
        ("explorer:claim_list", {}),
    ]:
        assert "is no place in this list as it is sorted now" in page(head, address, after=after, **query)
    assert "is no place in this list" in page(head, "actors:group_list", after=after[:-3])
    assert "Pages have numbers in this order" in page(head, "actors:group_list", after=after, q="same")


def test_behind_the_last_row_the_page_says_so_and_leads_to_the_first(head):
    make_groups()
    last = link(walk(head, "/groups/")[-2], "next")
    for group in list(Group.objects.order_by("-name_key", "-pk")[:2]):
        group.presences.all().delete()
        group.delete()
    text = head.get(last).content.decode()
    assert "Nothing comes behind this place any more." in text
    assert link(text, "first") == "/groups/"


def test_pages_past_those_with_numbers_are_led_to(head):
    make_groups()
    assert "Pages have numbers up to 2; 3 is past that." in page(head, "actors:group_list", page=3)
    assert "There is no page 7: the last is 1." in page(head, "actors:group_list", kind="family-clan", page=7)


def test_a_short_list_has_numbered_pages(head):
    for number in range(5):
        make_group(name=f"G {number}")
    text = page(head, "actors:group_list")
    assert "Page 1 of 2" in text
    assert link(text, "next") == "/groups/?page=2"


def test_matches_of_a_search_are_shown_as_far_as_pages_have_numbers(head):
    for _number in range(8):
        make_group(name="Same")
    text = page(head, "actors:group_list", q="same", page=2)
    assert "Page 2 of 2" in text
    assert "sort it by a column to see more" in text
    assert len(walk(head, "/groups/", q="same", sort="name")) == 3


def test_readers_turn_pages_of_what_they_may_see(client):
    client.force_login(make_reader())
    shown = [make_group(slug=f"shown-{number}") for number in range(8)]
    publish(*shown)
    for number in range(4):
        make_group(slug=f"hidden-{number}")
    assert len([slug for found in keys(walk(client, "/groups/", columns="name,slug")) for slug in found]) == 8
    assert "hidden-" not in "".join(walk(client, "/groups/", columns="name,slug"))


def test_an_estimate_is_for_those_alone_who_see_all(head, monkeypatch):
    monkeypatch.setattr("crimewatch.records.views.lists.COUNTED", 4)
    make_groups()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE actors_group")
    assert "About 11 entries" in page(head, "actors:group_list")
    assert "More than 4 entries" in page(head, "actors:group_list", kind="criminal-network")
    head.force_login(make_reader())
    publish(*Group.objects.all())
    assert "More than 4 entries" in page(head, "actors:group_list")
