"""Beside each choice of a list stands how many rows it leaves: as many as the list has where it is chosen."""

import re

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse

from crimewatch.records import facets
from tests.factories import (
    make_group,
    make_group_citation,
    make_involvement,
    make_occurrence,
    make_presence,
    make_region,
    make_source,
)
from tests.kinds import RECORDS, make, make_claim_about, publish
from tests.listing import ADDRESSES, LISTS, page, rows
from tests.people import make_reader, make_researcher

pytestmark = pytest.mark.django_db


@pytest.fixture
def mixture():
    """Records and claims of every kind, of several kinds and wordings, some of them drafts."""
    for number in range(3):
        for model in RECORDS:
            record = make(model, name=f"{model.__name__} {number}")
            if number:
                publish(record)
    group, other = (
        make_group(name="Clan", kind="family-clan"),
        make_group(name="Gang", kind="street-gang", state="active"),
    )
    region, source = make_region(slug="vraem", kind="zone"), make_source(slug="told", source_type="book")
    publish(group, other, region, source)
    make_presence(group=group, region=region, source=source, wording="alleged", credibility=1, when="2017")
    make_presence(group=group, region=region, wording="reported", credibility=4)
    make_presence(group=other, region=region, source=source, stance="disputes", status="conflict", note="Both.")
    make_involvement(group=other, wording="alleged", when="2010")
    make_occurrence(region=region, source=source, trend="growing", intensity="core", credibility=2)
    make_group_citation(record=group, source=source, wording="alleged", credibility=3, attributed_to="Police")
    for model in RECORDS:
        for name in (f"{model.__name__} 0", f"{model.__name__} 1"):
            make_claim_about(model._default_manager.get(name=name), wording="alleged", credibility=1)
    # A claim is as public as the least public of the records that it names.
    for model in RECORDS:
        model._default_manager.exclude(name=f"{model.__name__} 0").update(status="published")


VIEWERS = {
    "head": lambda: make_reader(username="head", is_staff=True, is_superuser=True),
    "reader": make_reader,
    "staff with few rights": lambda: make_researcher(RECORDS_WITH_DRAFTS),
}
RECORDS_WITH_DRAFTS = next(model for model in RECORDS if model.__name__ == "Group")

QUERIES = [
    {},
    {"wording": "alleged"},
    {"kind": "!zone"},
    {"wording": "!stated", "stance": "supports,disputes"},
    {"credibility": "3", "support": "cited"},
    {"q": "clan"},
    {"during": "2017", "conflict": "!yes"},
    {"kind": "street-gang", "region": "vraem"},
    {"sources": "1"},
]


def view_of(address, viewer, query):
    """A list as its page is made from, without the page."""
    request = RequestFactory().get(reverse(address), query)
    request.user = viewer
    view = resolve(reverse(address)).func.view_class()
    view.setup(request)
    return view


@pytest.mark.parametrize("viewer", VIEWERS)
@pytest.mark.parametrize("address", ADDRESSES)
def test_a_count_is_the_number_of_rows_that_its_choice_leaves(mixture, address, viewer):
    user = VIEWERS[viewer]()
    compared = 0
    for query in QUERIES if viewer == "head" else QUERIES[:2]:
        view = view_of(address, user, query)
        if not view.makes_sense:
            continue
        for name, counts in view.facets.items():
            for word in counts:
                if word:
                    assert view_of(address, user, {**query, name: word}).count == counts[word], (query, name, word)
                    compared += 1
    assert compared > 5


@pytest.mark.parametrize("viewer", VIEWERS)
@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("regions:illicitactivity_list", "market"),
        ("regions:illicitactivity_list", "trend"),
        ("regions:illicitactivity_list", "intensity"),
        ("programs:program_list", "area"),
    ],
)
def test_what_is_not_given_is_counted_too(mixture, address, name, viewer):
    user = VIEWERS[viewer]()
    for query in ({}, {"support": "cited"}, {name: "none"}):
        left = view_of(address, user, {**query, name: "none"}).count
        assert left
        assert view_of(address, user, query).facets[name]["none"] == left


def test_of_records_whose_claims_are_narrowed_it_is_not_told_how_many_have_no_trend(client, mixture):
    client.force_login(make_reader(username="head", is_staff=True, is_superuser=True))
    found = numbers(page(client, "regions:illicitactivity_list", wording="alleged"))
    left = rows(client, "regions:illicitactivity_list", wording="alleged", market="none")
    assert (found["count-trend-none"], found["count-market-none"]) == ("", str(len(left)))


@pytest.mark.parametrize("model", RECORDS)
def test_drafts_are_counted_beside_no_choice(client, model):
    client.force_login(make_reader())
    publish(make(model))
    before = numbers(page(client, LISTS[model]))
    draft = make(model)
    make_claim_about(draft, wording="alleged", credibility=1, stance="disputes", status="conflict", note="Both.")
    assert numbers(page(client, LISTS[model])) == before


def numbers(text):
    """The counts on a page by their choice."""
    found = dict(re.findall(r'class="count" id="([\w-]+)">([\d,]*)<', text))
    assert found
    return found


def test_choices_of_too_many_rows_are_not_counted_and_the_page_says_so(client, monkeypatch):
    client.force_login(make_reader(username="head", is_staff=True, is_superuser=True))
    for _number in range(4):
        make_group_citation()
    monkeypatch.setattr(facets, "MOST_ROWS", 3)
    text = page(client, "actors:group_list")
    assert set(numbers(text).values()) == {""}
    assert "Choices are not counted" in text
    assert "Choices are not counted" not in page(client, "actors:group_list", kind="family-clan", status="withdrawn")


def test_typing_brings_the_counts_along(client):
    client.force_login(make_reader(username="head", is_staff=True, is_superuser=True))
    make_group(kind="family-clan")
    response = client.get("/groups/", {"state": "active"}, headers={"HX-Request": "true"})
    assert 'id="count-kind-family-clan" hx-swap-oob="true">' in response.content.decode()
    assert 'id="chosen-state" hx-swap-oob="true">Active<' in response.content.decode()


def test_choices_take_at_most_one_query(client, mixture, django_assert_max_num_queries, monkeypatch):
    client.force_login(make_reader(username="head", is_staff=True, is_superuser=True))
    for address in ADDRESSES:
        with monkeypatch.context() as patch:
            patch.setattr("crimewatch.records.facets.Tally.run", lambda _tally: {})
            with CaptureQueriesContext(connection) as without:
                rows(client, address)
                client.get(reverse(address), {"wording": "alleged"})
        with django_assert_max_num_queries(len(without) + 1):
            rows(client, address)
            client.get(reverse(address), {"wording": "alleged"})
