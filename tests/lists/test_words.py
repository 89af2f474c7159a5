"""What one may write behind a filter: several words, all but some, what has nothing; and what rival figures are."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actors.models import GroupEstimate
from tests.factories import (
    make_activity,
    make_agency,
    make_group,
    make_group_estimate,
    make_indicator,
    make_presence,
    make_program,
    make_region,
    make_source,
)
from tests.kinds import publish
from tests.listing import names, page, rows
from tests.people import make_reader

pytestmark = pytest.mark.django_db

GROUPS = "actors:group_list"


@pytest.fixture
def three(db):
    """A clan in Puno, a gang of which it is alleged to be in Cusco in 2017, and a network of which nothing is said."""
    make_presence(
        group=make_group(name="Clan", kind="family-clan"),
        region=make_region(slug="puno", past_slugs=["puno-of-old"]),
        when="2010",
        attributed_to="Peruvian police",
    )
    make_presence(
        group=make_group(name="Gang", kind="street-gang"),
        region=make_region(slug="cusco"),
        wording="alleged",
        when="2017",
        attributed_to="a UN office",
    )
    make_group(name="Network", kind="criminal-network")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"kind": "family-clan,street-gang"}, ["Clan", "Gang"]),
        ({"kind": "!family-clan"}, ["Gang", "Network"]),
        ({"kind": "!family-clan,street-gang"}, ["Network"]),
        ({"region": "none"}, ["Network"]),
        ({"region": "!none"}, ["Clan", "Gang"]),
        ({"region": "!puno"}, ["Gang", "Network"]),
        ({"region": "puno,cusco"}, ["Clan", "Gang"]),
        ({"region": " Cusco , puno-of-old,puno"}, ["Clan", "Gang"]),
        ({"region": "!puno,cusco"}, ["Network"]),
        ({"during": "2017"}, ["Gang"]),
        ({"during": "!2017"}, ["Clan", "Network"]),
        ({"wording": "!stated"}, ["Gang", "Network"]),
        ({"wording": "stated,alleged"}, ["Clan", "Gang"]),
        ({"attributed_to": "police"}, ["Clan"]),
        ({"attributed_to": "POLICÉ"}, ["Clan"]),
        ({"attributed_to": "!police"}, ["Gang", "Network"]),
        ({"attributed_to": "police", "during": "2017"}, []),
        ({"sources": "!1"}, ["Network"]),
    ],
)
def test_a_filter_takes_several_words_all_but_some_and_nothing(researcher, three, query, found):
    assert sorted(names(researcher, GROUPS, **query)) == found


@pytest.mark.parametrize(
    ("filters", "address", "sentence"),
    [
        ({"region": "puno,nowhere"}, GROUPS, "There is no region with the key “nowhere”."),
        ({"region": ",".join(map(str, range(21)))}, GROUPS, "21 keys are too many for one filter; it takes 20."),
        ({"region": ","}, GROUPS, "There is no region with the key “,”."),
    ],
)
def test_of_several_records_each_must_be_there(researcher, three, filters, address, sentence):
    page = researcher.get(reverse(address), filters).content.decode()
    assert sentence in page
    assert "Clan" not in page


def test_several_records_cost_no_more_queries_than_one(researcher, three, django_assert_max_num_queries):
    with CaptureQueriesContext(connection) as one:
        researcher.get(reverse(GROUPS), {"region": "puno"})
    with django_assert_max_num_queries(len(one)):
        researcher.get(reverse(GROUPS), {"region": "puno,cusco"})


def test_whatever_lies_in_one_of_several_records_is_found(researcher):
    for parent in ("puno", "cusco"):
        below = make_region(name=f"Below {parent}", parent=make_region(slug=parent))
        make_presence(group=make_group(name=f"Group in {parent}"), region=below)
        make_agency(name=f"Office of {parent}", parent=make_agency(slug=f"ministry-{parent}"))
    assert sorted(names(researcher, GROUPS, region="puno,cusco")) == ["Group in cusco", "Group in puno"]
    found = names(researcher, "programs:agency_list", agency="ministry-puno,ministry-cusco", q="Office")
    assert sorted(found) == ["Office of cusco", "Office of puno"]


@pytest.mark.parametrize(
    ("kind", "written", "proposed"),
    [
        ("region", "pun", ["puno", "el-puntal"]),
        ("region", "PUNO", ["puno"]),
        ("region", "altipla", ["puno"]),
        ("region", "puno,el p", ["puno,el-puntal"]),
        ("region", "!pun", ["!puno", "!el-puntal"]),
        ("region", "!puno,punt", ["!puno,el-puntal"]),
        ("region", "chachapuyas", ["chachapoyas"]),
        ("region", "", []),
        ("region", "%", []),
        ("region", "a\x00b", []),
        ("group", "pun", []),
    ],
)
def test_keys_are_proposed_while_one_is_typed(researcher, kind, written, proposed):
    make_region(slug="puno", name="Puno", aliases=["Altiplano"])
    make_region(slug="el-puntal", name="El Puntal")
    make_region(slug="chachapoyas", name="Chachapoyas")
    page = researcher.get(reverse("records:keys", args=[kind]), {"region": written}).content.decode()
    assert re.findall('value="([^"]*)"', page) == proposed


def test_two_of_one_name_are_told_apart(researcher):
    for slug in ("loreto", "ucayali"):
        make_region(name="Santa Rosa", kind="district", parent=make_region(name=slug.capitalize(), kind="department"))
    page = researcher.get(reverse("records:keys", args=["region"]), {"region": "santa rosa"}).content.decode()
    assert "Santa Rosa · district · Loreto" in page
    assert "Santa Rosa · district · Ucayali" in page


@pytest.mark.parametrize("kind", ["presence", "user", "nonsense"])
def test_keys_of_what_is_no_record_are_not_found(researcher, kind):
    assert researcher.get(reverse("records:keys", args=[kind]), {"q": "a"}).status_code == 404


@pytest.mark.parametrize(
    ("stage", "found"), [("none", ["Any"]), ("!none", ["Sale", "Transit"]), ("!retail", ["Any", "Transit"])]
)
def test_a_choice_that_may_be_left_open_finds_what_is_open(researcher, stage, found):
    for name, given in {"Any": "", "Sale": "retail", "Transit": "transit"}.items():
        make_activity(name=name, stage=given)
    assert sorted(names(researcher, "regions:illicitactivity_list", stage=stage)) == found


def test_what_has_nothing_is_judged_by_what_one_may_see(client):
    shown = make_group(name="Shown")
    publish(shown)
    make_presence(group=shown, region=make_region(slug="draft"))
    client.force_login(make_reader())
    assert names(client, GROUPS, region="none") == ["Shown"]
    assert names(client, GROUPS, region="!none") == []


@pytest.fixture
def counted(db):
    return {"group": make_group(name="Much counted"), "indicator": make_indicator(slug="members")}


@pytest.mark.parametrize(
    ("given", "are_rivals"),
    [
        ({}, True),
        ({"when": "2016/2018"}, True),
        ({"best": 400}, False),
        ({"when": "2018"}, False),
        ({"indicator": "another"}, False),
        ({"group": "another"}, False),
        ({"source": "the same"}, False),
    ],
)
def test_rivals_are_other_values_of_other_sources_for_the_same_thing_and_time(researcher, counted, given, are_rivals):
    first = make_source()
    other = {"source": make_source(), "best": 500, "when": "2017", **counted, **given}
    if "indicator" in given:
        other["indicator"] = make_indicator()
    if "group" in given:
        other["group"] = make_group(name="Elsewhere")
    if "source" in given:
        other["source"] = first
    make_group_estimate(source=first, best=400, when="2017", **counted)
    make_group_estimate(**other)
    assert len(rows(researcher, "explorer:estimate_list", rivals="yes")) == (2 if are_rivals else 0)
    assert len(rows(researcher, "explorer:estimate_list", rivals="!yes")) == (0 if are_rivals else 2)
    assert names(researcher, GROUPS, rivals="yes") == (["Much counted"] if are_rivals else [])
    make_program()
    assert names(researcher, "programs:program_list", rivals="yes") == []


def test_a_rival_that_one_may_not_see_is_none(client, counted):
    shown = make_source()
    make_group_estimate(source=shown, best=400, when="2017", **counted)
    make_group_estimate(source=make_source(), best=500, when="2017", **counted)
    publish(shown, *counted.values())
    client.force_login(make_reader())
    assert [row["best"] for row in rows(client, "explorer:estimate_list")] == ["400"]
    assert rows(client, "explorer:estimate_list", rivals="yes") == []
    assert names(client, GROUPS, rivals="yes") == []


def test_rivals_are_the_same_whether_all_are_found_or_each_figure_is_asked(client, counted):
    sources = [make_source() for _number in range(4)]
    for number, source in enumerate(sources):
        make_group_estimate(source=source, best=100 * (number // 2), when="2017", **counted)
        make_group_estimate(source=source, best=100 * number, when="2018", indicator=make_indicator())
    publish(*sources[:3], *counted.values())
    for user in (make_reader(), make_reader(username="head", is_staff=True, is_superuser=True)):
        every = GroupEstimate.objects.visible_to(user)
        found = set(every.with_rivals(user).values_list("pk", flat=True))
        assert len(found) == (4 if user.is_staff else 3)
        assert set(every.with_rivals(user, few=True).values_list("pk", flat=True)) == found
        client.force_login(user)
        assert page(client, "explorer:estimate_list", rivals="yes").count("#claim-") == len(found)


def test_rivals_are_looked_for_once_where_few_records_have_some_however_many(researcher, counted, monkeypatch):
    monkeypatch.setattr("crimewatch.citations.filters.MANY_RECORDS", 1)
    for number in range(4):
        make_group_estimate(best=number, when="2017", **counted)
    with CaptureQueriesContext(connection) as captured:
        assert "Much counted" in page(researcher, GROUPS, rivals="yes")
    asked = [query["sql"] for query in captured if '"period" && ' in query["sql"]]
    assert len(asked) == 2, asked  # and once for the numbers beside the choices about claims
