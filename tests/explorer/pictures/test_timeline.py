"""The time line: what it draws, what it leaves out, and whom it tells nothing."""

import json

import pytest

from crimewatch.records.models import Status
from tests.factories import (
    make_group,
    make_group_citation,
    make_involvement,
    make_milestone,
    make_presence,
    make_region,
)
from tests.kinds import CLAIMS, make, publish
from tests.people import make_reader

pytestmark = pytest.mark.django_db

MOST_QUERIES = 20


@pytest.fixture
def researcher(client):
    client.force_login(make_reader(username="head", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def reader(client):
    client.force_login(make_reader())
    return client


def picture(client, **query):
    return client.get("/timeline/", query).context["picture"]


def marks(client, **query):
    shown = picture(client, **query)
    return [mark for lane in shown.chart["lanes"] for mark in lane["marks"]]


def test_every_kind_of_claim_with_a_date_is_drawn_and_leads_to_its_place(researcher):
    addresses = set()
    for model in CLAIMS:
        claim = make(model, when="2017-03-04")
        addresses.add(claim.get_absolute_url())
    assert {mark["address"] for mark in marks(researcher)} == addresses


def test_claims_without_a_date_are_neither_drawn_nor_listed(researcher):
    dated = make_presence(when="2017")
    make_presence(when="")
    assert len(marks(researcher)) == 1
    rows = list(researcher.get("/timeline/", {"format": "csv"}))
    text = b"".join(rows).decode()
    assert text.count("\n") == 2
    assert dated.group.name in text


def test_a_line_is_what_the_claims_are_about_or_their_kind(researcher):
    group = make_group(name="Clan")
    make_presence(group=group, when="2017")
    make_involvement(group=group, when="2016")
    make_presence(when="2015")
    by_record = picture(researcher).chart["lanes"]
    assert [len(lane["marks"]) for lane in by_record] == [1, 2]
    assert by_record[1]["name"] == "Clan"
    assert by_record[1]["address"] == group.get_absolute_url()
    by_kind = picture(researcher, by="kind").chart["lanes"]
    assert {lane["name"]: len(lane["marks"]) for lane in by_kind} == {"Presences": 2, "Involvements": 1}


def test_lines_stand_in_the_order_in_which_they_begin(researcher):
    for when in ("2017", "../1999", "1980"):
        make_presence(group=make_group(name=when), when=when)
    assert [lane["name"] for lane in picture(researcher).chart["lanes"]] == ["../1999", "1980", "2017"]


def test_where_there_are_many_one_mark_stands_for_all_of_one_date_and_leads_to_these(researcher, monkeypatch):
    monkeypatch.setattr("crimewatch.explorer.pictures.timeline.MOST_IN_WORDS", 2)
    group = make_group(slug="clan")
    for _number in range(3):
        make_presence(group=group, when="2017")
    make_presence(group=group, when="2017", stance="disputes")
    make_group_citation(record=group, when="2017")
    found = {mark.get("count", 1): mark for mark in marks(researcher)}
    assert set(found) == {3, 1}
    assert found[3]["address"] == "/timeline/?during=2017&kind=presence&group=clan"
    assert found[3]["tip"].startswith("3 claims · 2017")
    assert len(marks(researcher, during="2017", kind="presence", group="clan")) == 2


def test_the_most_credible_are_drawn_where_there_is_no_room_for_all(researcher, monkeypatch):
    monkeypatch.setattr("crimewatch.explorer.pictures.timeline.MOST_DRAWN", 2)
    for grade in (6, 1, 3):
        make_presence(when="2017", credibility=grade, group=make_group(name=f"Grade {grade}"))
    shown = picture(researcher)
    assert {lane["name"] for lane in shown.chart["lanes"]} == {"Grade 1", "Grade 3"}
    assert "3 claims have a date." in shown.description
    assert any(sentence.startswith("Drawn are 2 of them") for sentence in shown.description)


def test_the_description_says_between_which_days_and_what_goes_on(researcher):
    make_presence(when="1980-05-17")
    make_presence(when="2016-10/..")
    make_milestone(when="2017")
    assert picture(researcher).description == [
        "3 claims have a date.",
        "What is drawn lies between 1980-05-17 and 2017-12-31.",
        "1 goes on to this day.",
    ]


def test_the_filters_of_claims_narrow_it(researcher):
    make_presence(when="2017", region=make_region(slug="vraem"))
    make_presence(when="2010", stance="disputes")
    assert [mark.get("denied", False) for mark in marks(researcher, region="vraem")] == [False]
    assert [mark.get("denied", False) for mark in marks(researcher, during="2010")] == [True]
    refused = researcher.get("/timeline/", {"by": "moon"})
    assert refused.context["picture"] is None
    assert "“moon” is not among the choices" in refused.content.decode()


@pytest.mark.parametrize("model", CLAIMS)
def test_no_claim_that_names_a_draft_is_drawn_or_counted(reader, model):
    claim = make(model, when="2017-03-04")
    keys = [key.name for key in model.objects.all().record_fields() if getattr(claim, key.name)]
    publish(*(getattr(claim, name) for name in keys))
    drawn = json.dumps(picture(reader).chart)
    assert f"#claim-{claim.uid}" in drawn
    for name in keys:
        record = getattr(claim, name)
        type(record).objects.filter(pk=record.pk).update(status=Status.DRAFT)
        response = reader.get("/timeline/")
        assert claim.uid not in response.content.decode()
        type(record).objects.filter(pk=record.pk).update(status=Status.PUBLISHED)


def test_it_costs_few_queries_and_none_for_each_claim(researcher, django_assert_max_num_queries):
    make_presence(when="2017")
    with django_assert_max_num_queries(MOST_QUERIES) as few:
        researcher.get("/timeline/")
    for year in range(2000, 2010):
        make_presence(when=str(year))
        make_milestone(when=str(year))
    with django_assert_max_num_queries(len(few)):
        researcher.get("/timeline/")
