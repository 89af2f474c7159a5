"""What one may write behind a filter: several words, all but some, what has nothing; and what rival figures are."""

import pytest

from tests.factories import (
    make_activity,
    make_group,
    make_group_estimate,
    make_indicator,
    make_presence,
    make_program,
    make_region,
    make_source,
)
from tests.kinds import publish
from tests.listing import names, rows
from tests.people import make_reader

pytestmark = pytest.mark.django_db

GROUPS = "actors:group_list"


@pytest.fixture
def researcher(client):
    """A client that may see drafts of all kinds."""
    client.force_login(make_reader(username="head", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def three(db):
    """A clan in Puno, a gang of which it is alleged to be in Cusco in 2017, and a network of which nothing is said."""
    make_presence(
        group=make_group(name="Clan", kind="family-clan"),
        region=make_region(slug="puno"),
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
