"""What search finds by word families and by words spread over a claim and what it names, and what comes first."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from actors.models import Group, Presence
from crimewatch.citations.models import Source
from crimewatch.explorer.search import CLAIMS_COUNTED, SOME
from regions.models import Region
from tests.explorer.test_pages import SEARCH, as_, body, found, publish_claim, published, totals
from tests.factories import (
    make_group,
    make_group_citation,
    make_group_estimate,
    make_presence,
    make_region,
    make_source,
)
from tests.kinds import CLAIMS, RECORDS, make, publish
from tests.people import make_reader, make_researcher

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client: Client) -> Client:
    return as_(client, make_reader())


@pytest.mark.parametrize("model", RECORDS)
@pytest.mark.parametrize("field", ["name", "summary"])
def test_a_record_is_found_by_word_families(reader, model, field):
    record = published(model, **{field: "Tres traficantes"})

    assert found(reader, q="traficante")[model._meta.model_name] == [record.get_absolute_url()]


def test_claims_of_all_kinds_are_found_by_word_families(reader):
    for model in CLAIMS:
        publish_claim(make(model, note="Money was laundered by three traffickers."))

    assert totals(reader, q="launder trafficking") == {"claim": len(CLAIMS)}
    assert totals(reader, q="launder xyzzyva") == {}


@pytest.mark.parametrize(
    ("query", "mark"),
    [
        ("traficante", "<mark>Traficante</mark>s"),
        ("minería", "<mark>MINERIA</mark>"),
        ("laundering", "<mark>laundered</mark>"),
        ("extorsiones", "<mark>extorsión</mark>"),
        ("traficcantes", "<mark>Traficantes</mark>"),
    ],
)
def test_what_was_found_by_its_family_or_likeness_is_marked(reader, query, mark):
    published(Group, name="Traficantes", aliases=["MINERIA"], summary="They laundered money; extorsión a comerciantes.")

    assert mark in body(reader, SEARCH, q=query)


def test_what_only_joins_words_is_not_marked(reader):
    published(Group, name="Clan de la Costa")

    assert "<mark>Clan</mark> de la <mark>Costa</mark>" in body(reader, SEARCH, q="clan de la costa")


@pytest.mark.parametrize(
    "query", ["sendero vraem", "VRAEM senderos", "sendero vraem ellis", "sendro vraem", "sendero columna"]
)
def test_words_may_be_spread_over_a_claim_and_what_it_names(reader, query):
    claim = make_presence(
        group=make_group(name="Sendero Luminoso"),
        region=make_region(name="Valle de los Ríos", aliases=["VRAEM"]),
        source=make_source(name="Gold", authors=["Ellis, R. Evan"]),
        note="Una columna.",
    )
    make_presence(group=make_group(name="Sendero Verde"), region=make_region(name="Puno"))
    publish_claim(claim)

    assert found(reader, q=query) == {"claim": [claim.get_absolute_url()]}
    assert list(Presence.objects.search(query)) == [claim]


def test_words_that_are_nowhere_find_no_claim(reader):
    publish_claim(make_presence(group=make_group(name="Sendero Luminoso"), region=make_region(name="Vraem")))

    assert found(reader, q="sendero quirquincho") == {}


def test_better_matches_come_first(reader):
    by_likeness = published(Group, name="Senderro")
    by_summary = published(Group, name="Los Pulpos", summary="Sendero's rivals.")
    by_family = published(Group, name="Los Senderos")
    by_beginning = published(Group, name="Sendero Luminoso")
    by_alias = published(Group, name="Partido Comunista", aliases=["Sendero"])
    by_name = published(Group, name="Sendero")
    best = [by_name, by_alias, by_beginning, by_family, by_summary]

    assert found(reader, q="sendero", kind="group")["group"] == [
        *(group.get_absolute_url() for group in best),
        by_likeness.get_absolute_url(),
    ]
    assert list(Group.objects.search("sendero"))[:5] == best


def test_claims_with_the_words_in_their_own_texts_come_first(reader):
    group = make_group(name="Sendero")
    by_text = make_group_citation(record=group, statement="It lives off sendero taxes.")
    by_name = make_group_citation(record=group, statement="It pays growers.")
    publish_claim(by_text)
    publish_claim(by_name)

    assert found(reader, q="sendero")["claim"] == [by_text.get_absolute_url(), by_name.get_absolute_url()]


def test_a_source_is_found_by_its_authors(reader):
    source = published(Source, name="Gold", authors=["Ellis, R. Evan"])

    assert found(reader, q="evan ellis")["source"] == [source.get_absolute_url()]


def test_the_texts_of_figures_are_searched(reader):
    publish_claim(make_group_estimate(source_words="some sixty-nine thousand"))

    assert totals(reader, q="thousands") == {"claim": 1}


@pytest.mark.parametrize("number", [SOME, SOME + 7])
def test_very_many_claims_are_shown_newest_first_and_counted(client, number):
    as_(client, make_researcher(*RECORDS, *CLAIMS))
    presence = make_presence()
    Presence.objects.bulk_create(
        Presence(group=presence.group, region=presence.region, source=presence.source, note="Xyzzyva", uid=f"x{one:04}")
        for one in range(number)
    )
    pages = [found(client, q="xyzzyva", kind="claim", page=str(page))["claim"] for page in (1, 2, 3)]

    assert totals(client, q="xyzzyva") == {"claim": number}
    assert [address.partition("#claim-")[2] for page in pages for address in page] == [
        f"x{one:04}" for one in range(number - 1, number - 31, -1)
    ]


def test_more_claims_than_can_be_paged_through_are_said_to_be_more(client):
    as_(client, make_researcher(*RECORDS, *CLAIMS))
    presence = make_presence(group=make_group(name="Xyzzyva"))
    Presence.objects.bulk_create(
        Presence(group=presence.group, region=presence.region, source=presence.source, uid=f"x{one:04}")
        for one in range(CLAIMS_COUNTED)
    )

    assert "more than 500" in body(client, SEARCH, q="xyzzyva")
    assert totals(client, q="xyzzyva")["claim"] == CLAIMS_COUNTED


# What is hidden


def test_a_draft_does_not_change_what_readers_find(reader):
    """Neither a record nor a claim that is hidden may keep a search from forgiving an error."""
    claim = make_presence(group=make_group(name="Sendero Luminoso"))
    publish_claim(claim)
    assert totals(reader, q="sendro") == {"group": 1, "claim": 1}
    make_group(name="Sendro")
    make_group_citation(statement="Sendro")
    for model in CLAIMS:
        make(model, note="Sendro")

    assert totals(reader, q="sendro") == {"group": 1, "claim": 1}


@pytest.mark.parametrize("field", ["summary", "name"])
@pytest.mark.parametrize("query", ["xyzzyvas", "xyzzyva", "xyzyva"])
def test_no_summary_of_a_draft_is_found(reader, field, query):
    for model in RECORDS:
        make(model, **{field: "Three xyzzyvas"})
    claim = make_presence()
    publish_claim(claim)
    hidden = make_group(summary="Xyzzyva")
    make_presence(group=hidden, region=claim.region, source=claim.source)

    assert found(reader, q=query) == {}
    assert "yzzyva" not in body(reader, SEARCH, q="group").replace(query, "")


def test_staff_finds_claims_by_drafts_of_the_kinds_that_they_may_see(client):
    claim = make_presence(group=make_group(name="Xyzzyva"))
    publish(claim.region, claim.source)
    as_(client, make_researcher(Presence))
    assert found(client, q="xyzzyva") == {}
    as_(client, User.objects.create_superuser("root"))

    assert totals(client, q="xyzzyva") == {"group": 1, "claim": 1}


# Bounds


@pytest.mark.parametrize("query", ["xyzzyva", "xyzyva", "xyzzyva note", "xyzzyva&kind=claim", "xyzyva&kind=claim"])
def test_a_search_takes_at_most_twenty_queries(client, django_assert_max_num_queries, query):
    as_(client, make_researcher(*RECORDS, *CLAIMS))
    for _ in range(3):
        for model in RECORDS:
            make(model, name="Xyzzyva")
        for model in CLAIMS:
            make(model, note="Xyzzyva note")
    with django_assert_max_num_queries(20):
        assert client.get(f"{SEARCH}?q={query}").context["found"]


def test_codes_find_their_region_first(reader):
    published(Region, name="Perené", ubigeo="120301")
    country = published(Region, name="Perú", kind="country", iso_3166="PE")

    assert found(reader, q="pe")["region"][0] == country.get_absolute_url()
    assert len(found(reader, q="120301")["region"]) == 1
