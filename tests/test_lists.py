"""Every list narrows by its address, shows nobody more than they may see, and answers nonsense with a sentence."""

import io
import json
import re
import unicodedata

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from actors.models import Group
from benchmarks.reading import busiest_visible, queries_of
from crimewatch.citations.models import Source
from regions.models import Region
from tests.factories import (
    make_activity,
    make_agency,
    make_group,
    make_group_citation,
    make_group_estimate,
    make_indicator,
    make_involvement,
    make_membership,
    make_occurrence,
    make_person,
    make_presence,
    make_program,
    make_region,
    make_route,
    make_route_leg,
    make_source,
    make_target,
)
from tests.kinds import CLAIMS, RECORDS, make, make_claim_about, publish
from tests.listing import ADDRESSES, LISTS, columns_of, names, page, refused, rows
from tests.people import make_reader, make_researcher

#: No page of the reader's side asks the database more often.
MOST_QUERIES = 20

pytestmark = pytest.mark.django_db


@pytest.fixture
def researcher(client):
    """A client that may see drafts of all kinds."""
    user = make_reader(username="head", is_staff=True, is_superuser=True)
    client.force_login(user)
    return client


@pytest.fixture
def reader(client):
    client.force_login(make_reader())
    return client


@pytest.mark.parametrize("model", RECORDS)
def test_a_list_shows_its_records(researcher, model):
    make(model, name="Alpha Beta")
    assert "Alpha Beta" in page(researcher, LISTS[model])


# Filters, one by one


@pytest.mark.parametrize("model", RECORDS)
def test_free_text_finds_a_name_without_its_accents(researcher, model):
    make(model, name="Huánuco")
    make(model, name="Zzyzx")
    assert names(researcher, LISTS[model], q="huanuco") == ["Huánuco"]


@pytest.mark.parametrize("model", RECORDS)
def test_status_finds_drafts_for_those_who_may_see_them(researcher, model):
    draft, published = make(model), make(model)
    publish(published)
    assert draft.name in names(researcher, LISTS[model], status="draft")
    assert published.name not in names(researcher, LISTS[model], status="draft")


def test_status_is_no_filter_for_readers(reader):
    publish(make_group(name="Shown"))
    assert "There is no filter “status” here" in page(reader, "actors:group_list", status="draft")
    assert "There is no filter “status” here" in refused(reader, "actors:group_list", status="published")


CHOICES = [
    ("regions:region_list", make_region, "kind", "kind", "zone", "river"),
    ("regions:illicitactivity_list", make_activity, "market", "market", "flora-crimes", "heroin-trade"),
    ("regions:illicitactivity_list", make_activity, "stage", "stage", "export", "retail"),
    ("regions:route_list", make_route, "commodity", "commodity", "gold", "arms"),
    ("actors:group_list", make_group, "kind", "kind", "family-clan", "street-gang"),
    ("actors:group_list", make_group, "state", "state", "active", "defunct"),
    ("programs:agency_list", make_agency, "kind", "kind", "police", "customs"),
    ("programs:program_list", make_program, "kind", "kind", "law", "reform"),
    ("programs:program_list", make_program, "phase", "phase", "planned", "ended"),
    ("programs:program_list", make_program, "area", "resilience_area", "law-enforcement", "prevention"),
    ("citations:source_list", make_source, "kind", "source_type", "book", "report"),
    ("citations:source_list", make_source, "reliability", "reliability", "A", "B"),
    ("citations:indicator_list", make_indicator, "unit", "unit", "hectare", "person"),
]


@pytest.mark.parametrize(("address", "make_one", "name", "field", "value", "other"), CHOICES)
def test_a_choice_finds_the_records_that_have_it(researcher, address, make_one, name, field, value, other):  # noqa: PLR0917
    make_one(name="Meant", **{field: value})
    make_one(name="Other", **{field: other})
    assert names(researcher, address, **{name: value}) == ["Meant"]


def test_collective_tells_groups_from_kinds_of_group(researcher):
    make_group(name="Clans", is_collective=True)
    make_group(name="One")
    assert names(researcher, "actors:group_list", collective="yes") == ["Clans"]
    assert names(researcher, "actors:group_list", collective="no") == ["One"]


def test_region_holds_what_lies_in_it_and_the_zones_over_it(researcher):
    cusco = make_region(name="Cusco", slug="cusco")
    district = make_region(name="Pichari", slug="pichari", parent=cusco)
    make_region(name="VRAEM", slug="vraem", parts=[district])
    make_region(name="Lima", slug="lima")
    assert names(researcher, "regions:region_list", region="cusco") == ["Cusco", "Pichari", "VRAEM"]


@pytest.mark.parametrize("key", ["cusco", "pichari", "vraem"])
def test_region_finds_groups_routes_activities_and_responses_by_their_claims(researcher, key):
    cusco = make_region(slug="cusco")
    pichari = make_region(slug="pichari", parent=cusco)
    make_region(slug="vraem", parts=[pichari])
    elsewhere = make_region()
    for place, name in [(pichari, "Meant"), (elsewhere, "Other")]:
        make_presence(group=make_group(name=name), region=place)
        make_occurrence(activity=make_activity(name=name), region=place)
        make_route_leg(route=make_route(name=name), origin=place)
        make_target(program=make_program(name=name), region=place)
    for address in ("actors:group_list", "regions:illicitactivity_list", "regions:route_list", "programs:program_list"):
        assert names(researcher, address, region=key) == ["Meant"], address


def test_activity_holds_everything_below_it(researcher):
    drugs = make_activity(name="Drugs", slug="drugs")
    cocaine = make_activity(name="Cocaine", parent=drugs)
    place = make_region(name="Meant")
    make_involvement(group=make_group(name="Meant"), activity=cocaine, region=place)
    make_target(program=make_program(name="Meant"), activity=cocaine)
    make_route(name="Meant", activity=cocaine)
    make_involvement(group=make_group(name="Other"))
    make_route(name="Other", activity=make_activity())
    assert names(researcher, "regions:illicitactivity_list", activity="drugs") == ["Cocaine", "Drugs"]
    for address in ("actors:group_list", "programs:program_list", "regions:route_list", "regions:region_list"):
        assert names(researcher, address, activity="drugs") == ["Meant"], address


@pytest.mark.parametrize(
    ("name", "value", "meant", "other"),
    [
        ("during", "2017", {"when": "2016-10/.."}, {"when": "2015"}),
        ("wording", "alleged", {"wording": "alleged"}, {"wording": "stated"}),
        ("credibility", "2", {"credibility": 1}, {"credibility": 3}),
        ("stance", "disputes", {"stance": "disputes"}, {"stance": "supports"}),
        ("conflict", "yes", {"status": "conflict", "note": "Both stand."}, {}),
    ],
)
@pytest.mark.parametrize("model", RECORDS)
def test_a_condition_finds_the_records_with_such_a_claim(researcher, model, name, value, meant, other):  # noqa: PLR0917
    make_claim_about(make(model, name="Meant"), **meant)
    make_claim_about(make(model, name="Other"), **other)
    assert "Meant" in names(researcher, LISTS[model], **{name: value})
    assert "Other" not in names(researcher, LISTS[model], **{name: value})


def test_source_and_author_find_what_a_source_speaks_of(researcher):
    source = make_source(slug="ellis-2017", authors=["Ellis, R. Évan"])
    make_group_citation(record=make_group(name="Meant"), source=source)
    make_group_citation(record=make_group(name="Other"))
    assert names(researcher, "actors:group_list", source="ellis-2017") == ["Meant"]
    assert names(researcher, "actors:group_list", author="evan") == ["Meant"]


def test_sources_are_found_by_author_publisher_and_date_of_issue(researcher):
    make_source(name="Meant", authors=["Núñez, Ana"], publisher="Édition X", issued="2017-05")
    make_source(name="Other", authors=["Ellis"], publisher="Y", issued="2015")
    for query in ({"author": "nunez"}, {"publisher": "edition"}, {"issued": "2017"}):
        assert names(researcher, "citations:source_list", **query) == ["Meant"], query


def test_conditions_are_put_to_one_and_the_same_claim(researcher):
    vraem = make_region(slug="vraem")
    both, apart = make_group(name="Both"), make_group(name="Apart")
    make_presence(group=both, region=vraem, when="2017")
    make_presence(group=apart, region=vraem, when="2010")
    make_presence(group=apart, region=make_region(), when="2017")
    assert names(researcher, "actors:group_list", region="vraem", during="2017") == ["Both"]


def test_support_tells_cited_supported_and_uncited_apart(researcher):
    make_group_citation(record=make_group(name="Held"))
    make_group_citation(record=make_group(name="Denied"), stance="disputes")
    make_group(name="Alone")
    assert names(researcher, "actors:group_list", support="cited") == ["Denied", "Held"]
    assert names(researcher, "actors:group_list", support="supported") == ["Held"]
    assert names(researcher, "actors:group_list", support="uncited") == ["Alone"]


def test_uncited_is_not_misled_by_claims_that_name_no_region(researcher):
    make_involvement(region=None)
    make_region(name="Alone")
    assert names(researcher, "regions:region_list", support="uncited") == ["Alone"]


def test_sources_at_least_counts_sources_and_not_claims(researcher):
    twice, two = make_group(name="Twice"), make_group(name="Two")
    source = make_source()
    make_group_citation(record=twice, source=source)
    make_presence(group=twice, source=source)
    make_group_citation(record=two)
    make_presence(group=two)
    assert names(researcher, "actors:group_list", sources="2") == ["Two"]
    assert names(researcher, "actors:group_list", sources="1") == ["Twice", "Two"]


def test_articles_of_one_publisher_or_one_author_are_one_independent_source(researcher):
    publisher, author, apart = (make_group(name=name) for name in ("Publisher", "Author", "Apart"))
    for first in ("Ellis", "Núñez"):
        make_group_citation(record=publisher, source=make_source(publisher="El Comercio", authors=[first]))
        make_group_citation(record=apart, source=make_source(authors=[first]))
    for house in ("A", "B"):
        make_group_citation(record=author, source=make_source(publisher=house, authors=["Ellis"]))
    assert names(researcher, "actors:group_list", independent="2") == ["Apart"]


def test_routes_are_found_by_how_a_leg_is_travelled(researcher):
    make_route_leg(route=make_route(name="Meant"), mode="airdrop")
    make_route_leg(route=make_route(name="Other"), mode="road")
    assert names(researcher, "regions:route_list", mode="airdrop") == ["Meant"]


def test_activities_are_found_by_trend_and_intensity(researcher):
    make_occurrence(activity=make_activity(name="Meant"), trend="growing", intensity="core")
    make_occurrence(activity=make_activity(name="Other"), trend="ended", intensity="absent")
    assert names(researcher, "regions:illicitactivity_list", trend="growing") == ["Meant"]
    assert names(researcher, "regions:illicitactivity_list", intensity="core") == ["Meant"]


def test_people_are_found_by_nationality_group_and_role(researcher):
    peru = make_region(slug="peru", kind="country")
    person = make_person(name="Meant", nationality=peru)
    make_membership(person=person, group=make_group(slug="clan"), role="leader")
    make_membership(person=make_person(name="Other"))
    for query in ({"nationality": "peru"}, {"group": "clan"}, {"role": "leader"}):
        assert names(researcher, "actors:person_list", **query) == ["Meant"], query


def test_agencies_are_found_by_country_person_and_what_they_are_part_of(researcher):
    ministry = make_agency(name="Ministry", slug="ministry")
    police = make_agency(name="Police", parent=ministry, country=make_region(slug="peru"))
    make(kinds_of("Appointment"), agency=police, person=make_person(slug="head"))
    make_agency(name="Other")
    assert names(researcher, "programs:agency_list", agency="ministry") == ["Ministry", "Police"]
    assert names(researcher, "programs:agency_list", country="peru") == ["Police"]
    assert names(researcher, "programs:agency_list", person="head") == ["Police"]


def test_responses_are_found_by_agency_group_and_verdict(researcher):
    police, army, clan = make_agency(slug="police"), make_agency(slug="army"), make_group(slug="clan")
    program = make_program(name="Meant", lead_agencies=[police], partner_agencies=[army])
    make_target(program=program, group=clan)
    make(kinds_of("Assessment"), program=program, verdict="effective")
    make_target(program=make_program(name="Other"))
    for query in ({"lead": "police"}, {"partner": "army"}, {"group": "clan"}, {"verdict": "effective"}):
        assert names(researcher, "programs:program_list", **query) == ["Meant"], query
    assert names(researcher, "programs:program_list", lead="army") == []


def kinds_of(name):
    from tests.kinds import CLAIMS

    return next(model for model in CLAIMS if model.__name__ == name)


# Claims and figures


def test_claims_of_every_kind_are_in_one_list(researcher):
    from tests.kinds import CLAIMS

    for model in CLAIMS:
        make(model)
    shown = rows(researcher, "explorer:claim_list")
    assert len(shown) == len(CLAIMS) == len({row["kind"] for row in shown})
    assert all(row["says"] for row in shown)
    assert "Presence" in page(researcher, "explorer:claim_list")


def test_claims_are_found_by_kind_words_and_what_they_name(researcher):
    group, vraem = make_group(name="Clan", slug="clan"), make_region(slug="vraem", name="VRAEM")
    make_presence(group=group, region=vraem, uid="meant", quotation="dueños del río", status="work-needed")
    make_membership(group=make_group(), person=make_person(), uid="other")
    for query in (
        {"kind": "presence"},
        {"region": "vraem"},
        {"group": "clan"},
        {"q": "duenos del rio"},
        {"q": "meant"},
        {"status": "work-needed"},
    ):
        assert [row["uid"] for row in rows(researcher, "explorer:claim_list", columns="uid", **query)] == ["meant"], (
            query
        )


def test_claims_are_found_by_activity_person_agency_and_response(researcher):
    make_involvement(activity=make_activity(slug="gold"), uid="activity")
    make_membership(person=make_person(slug="ana"), uid="person")
    make(kinds_of("AgencyCitation"), record=make_agency(slug="police"), uid="agency")
    make_target(program=make_program(slug="plan"), uid="program")
    for name, key in (("activity", "gold"), ("person", "ana"), ("agency", "police"), ("program", "plan")):
        found = rows(researcher, "explorer:claim_list", columns="uid", **{name: key})
        assert [row["uid"] for row in found] == [name]


def test_figures_stand_side_by_side_with_low_best_and_high(researcher):
    indicator = make_indicator(slug="coca", name="Coca", unit="hectare")
    make_group_estimate(indicator=indicator, low=100, best=150, high=200, group=make_group(name="Clan"))
    make_group_estimate(best=7)
    (row,) = rows(researcher, "explorer:estimate_list", indicator="coca")
    assert (row["subject"], row["low"], row["best"], row["high"], row["unit"]) == (
        "Clan",
        "100",
        "150",
        "200",
        "hectare",
    )


def test_claims_sort_by_every_column(researcher):
    make_presence(group=make_group(name="Ála"), when="2016")
    make_group_estimate(group=make_group(name="Zeta"), when="2017")
    for address in ("explorer:claim_list", "explorer:estimate_list"):
        view = reverse(address)
        for name in columns_of(researcher, address):
            assert "cannot be sorted" not in researcher.get(view, {"sort": f"-{name}"}).content.decode(), name
    assert [row["subject"] for row in rows(researcher, "explorer:claim_list", sort="subject")] == ["Ála", "Zeta"]
    assert [row["subject"] for row in rows(researcher, "explorer:claim_list", sort="-when")] == ["Zeta", "Ála"]


# Who sees what


@pytest.mark.parametrize("address", ADDRESSES)
def test_strangers_are_sent_to_the_login(client, address):
    for query in ({}, {"format": "csv"}, {"q": "x"}):
        response = client.get(reverse(address), query)
        assert response.status_code == 302
        assert response["Location"].startswith("/login/?next=")


@pytest.fixture(params=["reader", "visitor of a public site", "staff without rights"])
def outsider(request, client, settings):
    """Those who may see what is published and nothing else."""
    if request.param == "reader":
        client.force_login(make_reader())
    elif request.param == "staff without rights":
        client.force_login(make_researcher())
    else:
        settings.SITE_IS_PUBLIC = True
    return client


@pytest.mark.parametrize("model", RECORDS)
def test_no_draft_is_shown_counted_or_downloaded(outsider, model):
    shown, _hidden = make(model, name="Seen thing"), make(model, name="Secret thing", slug="secret-thing")
    publish(shown)
    others = names(outsider, LISTS[model])
    assert "Seen thing" in others
    for query in ({}, {"q": "thing"}, {"support": "uncited"}, {"sort": "-claims"}, {"columns": "name,claims,slug"}):
        assert "Secret" not in page(outsider, LISTS[model], **query)
        for form in ("csv", "json"):
            response = outsider.get(reverse(LISTS[model]), {**query, "format": form})
            assert b"secret" not in b"".join(response).lower()
    assert names(outsider, LISTS[model], q="thing") == ["Seen thing"]


def test_a_draft_region_and_an_unknown_one_are_answered_alike(outsider):
    make_region(slug="secretvalley", name="Secret valley")
    for address in ("actors:group_list", "regions:region_list", "explorer:claim_list"):
        draft = page(outsider, address, region="secretvalley")
        unknown = page(outsider, address, region="nowhereatall")
        assert "There is no region with the key “secretvalley”." in draft
        assert draft.replace("secretvalley", "nowhereatall") == unknown


@pytest.mark.parametrize("address", ["explorer:claim_list", "explorer:estimate_list"])
def test_claims_that_name_a_draft_are_not_listed(outsider, address):
    group, draft, source, secret = make_group(name="Open"), make_group(name="Closed"), make_source(), make_source()
    indicator = make_indicator()
    publish(group, source, indicator)
    make_group_estimate(group=group, source=source, indicator=indicator, uid="open")
    make_group_estimate(group=draft, source=source, indicator=indicator, uid="closed-group")
    make_group_estimate(group=group, source=secret, indicator=indicator, uid="closed-source")
    uids = {row["uid"] for row in rows(outsider, address, columns="uid")}
    assert "open" in uids
    assert not uids & {"closed-group", "closed-source"}
    assert "Closed" not in page(outsider, address)


def test_conditions_and_counts_do_not_use_claims_from_drafts(outsider):
    group, vraem, source = make_group(name="Open"), make_region(slug="vraem"), make_source(slug="told")
    publish(group, vraem, source)
    seen = int(rows(outsider, "actors:group_list", columns="claims")[0]["claims"])
    make_presence(group=group, region=vraem, when="2017", source=make_source())
    assert int(rows(outsider, "actors:group_list", columns="claims")[0]["claims"]) == seen
    assert names(outsider, "actors:group_list", region="vraem") == []
    assert names(outsider, "actors:group_list", during="2017") == []
    assert names(outsider, "actors:group_list", sources="1") == []
    make_presence(group=group, region=vraem, when="2017", source=source)
    assert names(outsider, "actors:group_list", region="vraem", during="2017") == ["Open"]


def test_a_published_record_does_not_show_the_draft_that_it_is_linked_to(outsider):
    hidden = make_region(name="Hidden country", slug="hidden-country", kind="country")
    province = make_region(name="Province", parent=hidden)
    agency = make_agency(name="Secret agency", slug="secret-agency")
    program = make_program(name="Plan", lead_agencies=[agency])
    publish(province, program)
    for sort in ("parent", "-parent"):
        assert "Hidden" not in page(outsider, "regions:region_list", sort=sort)
        assert rows(outsider, "regions:region_list", sort=sort)[0]["parent"] == ""
    assert "Secret" not in page(outsider, "programs:program_list")
    assert rows(outsider, "programs:program_list")[0]["lead_agencies"] == ""
    assert "Secret" not in refused(outsider, "programs:program_list", lead="secret-agency")


def test_researchers_see_drafts(client):
    client.force_login(make_researcher(Group))
    make_group(name="Draft group")
    assert names(client, "actors:group_list") == ["Draft group"]


# Nonsense


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"during": "last year"}, "is not"),
        ({"wording": "shouted"}, "“shouted” is not among the choices: stated"),
        ({"credibility": "9"}, "“9” is not among the choices: 1, 2"),
        ({"regoin": "puno"}, "There is no filter “regoin” here"),
        ({"page": "abc"}, "“abc” is not a page"),
        ({"page": "0"}, "“0” is not a page"),
        ({"page": "-1"}, "“-1” is not a page"),
        ({"page": "²"}, "“²” is not a page"),
        ({"page": "9" * 400}, "is not a page"),
        ({"page": "7"}, "There is no page 7: the last is 1."),
        ({"sort": "colour"}, "cannot be sorted by “colour”"),
        ({"sort": "--uid"}, "cannot be sorted by"),
        ({"columns": "uid_,name"}, "There is no column “uid_” here"),
        ({"place-uid_": "1"}, "There is no column “uid_” here"),
        ({"columns": "status", "place-status": "first"}, "“first” is no place for a column: write a whole number"),
        ({"columns": "status", "place-status": "-1"}, "“-1” is no place for a column: write a whole number"),
        ({"columns": "status", "place-status": "²"}, "“²” is no place for a column: write a whole number"),
        ({"columns": "status", "place-status": "100"}, "“100” is no place for a column: write a whole number"),
        ({"format": "pdf"}, "There is no download as “pdf”"),
        ({"q": "a\0b"}, "Null characters"),
        ({"q": "x" * 5000}, "at most 200 characters"),
        ({"during": ["2017", "2018"]}, "given twice"),
        ({"wording": "stated,shouted"}, "“shouted” is not among the choices: stated"),
        ({"wording": "none"}, "“none” is not among the choices: stated"),
        ({"wording": "!"}, "Write behind “!” what is to be left out, as in !stated."),
        ({"during": "!last year"}, "is not"),
        ({"after": "forged"}, "“after=forged” is no place in this list"),
        ({"before": "WyJhIiwxXQ:forged"}, "is no place in this list"),
        ({"after": "x" * 9000}, "is no place in this list"),
        ({"page": "1", "after": "forged"}, "each name a page"),
    ],
)
def test_nonsense_gets_an_empty_list_and_a_sentence(researcher, address, query, sentence):
    for model in RECORDS:
        make_claim_about(make(model, name="Shown to nobody"))
    texts = [refused(researcher, address, **query)]
    if "format" not in query:
        texts.append(page(researcher, address, **query))
    for text in texts:
        assert sentence in text.replace("&#x27;", "'")
        assert "Shown to nobody" not in text
        assert "<tbody>" not in text


@pytest.mark.parametrize("value", ["nope", "'; DROP TABLE", "%", "\\", "💥", "../..", "a" * 300, "1e9"])
def test_nonsense_for_a_record_gets_an_empty_list_and_a_sentence(researcher, value):
    make_presence(group=make_group(name="Shown to nobody"))
    text = page(researcher, "actors:group_list", region=value)
    assert 'class="error" id="error-region"' in text
    assert "Shown to nobody" not in text


@pytest.mark.parametrize("value", ["0", "-1", "many", "1.5", "9" * 50])
def test_sources_at_least_is_a_whole_number(researcher, value):
    make_group(name="Shown to nobody")
    assert "write a whole number from 1 to 1000" in page(researcher, "actors:group_list", sources=value)
    assert "Shown to nobody" not in refused(researcher, "actors:group_list", sources=value)


def test_an_unknown_key_is_answered_with_those_near_it(researcher):
    make_region(slug="puno", name="Puno")
    assert "Near it: puno." in page(researcher, "actors:group_list", region="punno")


def test_a_name_in_capitals_and_a_past_key_find_the_record(researcher):
    region = make_region(slug="old", name="Huánuco")
    region.slug = "huanuco"
    region.save()
    make_presence(group=make_group(name="Meant"), region=region)
    assert names(researcher, "actors:group_list", region="Huánuco") == ["Meant"]
    assert names(researcher, "actors:group_list", region="old") == ["Meant"]


# Order, columns, pages and addresses


@pytest.mark.parametrize("model", RECORDS)
def test_a_list_sorts_by_every_column_that_it_offers(researcher, model):
    for name in ("Beta", "Álpha"):
        make_claim_about(make(model, name=name))
    for column in columns_of(researcher, LISTS[model]):
        for sort in (column, f"-{column}"):
            response = researcher.get(reverse(LISTS[model]), {"sort": sort})
            assert response.status_code == 200
    assert [name for name in names(researcher, LISTS[model], sort="-name") if name in ("Álpha", "Beta")] == [
        "Beta",
        "Álpha",
    ]


def test_words_of_a_vocabulary_are_sorted_as_the_reader_reads_them(researcher):
    for kind in ("border-area", "country", "lake", "port"):
        make_region(name=kind, kind=kind)
    found = names(researcher, "regions:region_list", sort="kind")
    assert found == ["border-area", "country", "lake", "port"]
    assert names(researcher, "regions:region_list", sort="-kind") == found[::-1]
    researcher.cookies["django_language"] = "es"  # lago, país, puerto, zona de frontera
    assert names(researcher, "regions:region_list", sort="kind") == ["lake", "country", "port", "border-area"]


def test_texts_are_sorted_without_regard_to_accents_and_case_and_nothing_comes_last(researcher):
    for name, publisher in (("1", ""), ("2", "Zeta"), ("3", "élite"), ("4", "abc"), ("5", "UNODC")):
        make_source(name=name, publisher=publisher)
    assert names(researcher, "citations:source_list", sort="publisher") == ["4", "3", "5", "2", "1"]
    assert names(researcher, "citations:source_list", sort="-publisher") == ["2", "5", "3", "4", "1"]


def test_claims_are_sorted_by_what_their_columns_show(researcher):
    for attributed_to in ("", "UNODC", "a number of experts", "Ávila", "United States"):
        make_presence(attributed_to=attributed_to, wording="alleged" if attributed_to else "stated")
    query = {"columns": "uid,attributed_to", "sort": "attributed_to"}
    told = [row["attributed_to"] for row in rows(researcher, "explorer:claim_list", **query)]
    assert told == ["a number of experts", "Ávila", "United States", "UNODC", ""]
    shown = re.findall(r"<td>([^<]*)</td></tr>", page(researcher, "explorer:claim_list", **query))
    assert [text.replace("—", "") for text in shown] == told


def test_claims_are_sorted_by_the_names_of_their_kinds(researcher):
    for model in CLAIMS:
        make(model)
    for language in ("en", "es"):
        researcher.cookies["django_language"] = language
        for query in ({}, {"wording": "!planned"}):
            kinds = [row["kind"] for row in rows(researcher, "explorer:claim_list", sort="kind", **query)]
            plain = [unicodedata.normalize("NFD", kind).encode("ascii", "ignore").lower() for kind in kinds]
            assert plain == sorted(plain)
            assert len(set(kinds)) > 10


def test_records_sort_by_their_number_of_claims(researcher):
    one, two = make_group(name="One"), make_group(name="Two")
    make_presence(group=one)
    make_presence(group=two)
    make_group_citation(record=two)
    make_group(name="None")
    assert names(researcher, "actors:group_list", sort="-claims") == ["Two", "One", "None"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_only_the_chosen_columns_are_shown_and_downloaded(researcher, address):
    make_group_estimate()
    every = columns_of(researcher, address)
    chosen = [every[-1], every[0]]
    response = researcher.get(reverse(address), {"columns": ",".join(chosen), "format": "csv"})
    assert b"".join(response).decode().splitlines()[0] == ",".join(chosen)
    assert page(researcher, address, columns=",".join(chosen)).count('<th scope="col"') in (0, 2)


@pytest.mark.parametrize(
    ("query", "columns"),
    [
        ("columns=name&columns=kind&columns=slug&place-name=&place-kind=&place-slug=1", "slug,name,kind"),
        ("columns=name&columns=kind&columns=slug&place-name=10&place-kind=9&place-slug=", "kind,name,slug"),
        ("columns=name,kind,slug&place-kind=0", "kind,name,slug"),
        ("columns=name&columns=slug&place-kind=1&place-slug=1", "slug,name"),
    ],
)
def test_columns_are_put_in_order_by_numbers_and_the_address_names_them_in_that_order(researcher, query, columns):
    make_group()
    response = researcher.get(f"/groups/?{query}")
    assert response["Location"] == f"/groups/?columns={columns}"
    shown = researcher.get(response["Location"]).context
    assert shown["chosen"] == columns.split(",")
    assert [name for name, _label in shown["choices"]][: len(shown["chosen"])] == shown["chosen"]


def test_columns_in_their_usual_order_stand_in_no_address(researcher):
    usual = researcher.get("/groups/").context["chosen"]
    boxes = "&".join(f"columns={name}&place-{name}={place}" for place, name in enumerate(usual, start=1))
    assert researcher.get(f"/groups/?{boxes}")["Location"] == "/groups/"


def test_a_list_is_paged_and_a_download_is_not(researcher):
    Group.objects.bulk_create(Group(slug=f"g-{n:03}", name=f"G {n:03}", kind="street-gang") for n in range(120))
    first, last = page(researcher, "actors:group_list"), page(researcher, "actors:group_list", page=3)
    assert "120 entries" in first
    assert "Page 1 of 3" in first
    assert "G 049" in first
    assert "G 050" not in first
    assert "G 119" in last
    assert len(rows(researcher, "actors:group_list", page=3)) == 120


def test_what_is_past_the_bound_is_not_counted(reader, monkeypatch):
    monkeypatch.setattr("crimewatch.records.views.lists.COUNTED", 3)
    publish(*(make_group() for _number in range(5)))
    assert "More than 3 entries" in page(reader, "actors:group_list")


def test_empty_fields_leave_the_address(reader):
    response = reader.get(reverse("actors:group_list"), {"q": "", "region": " ", "kind": "family-clan"})
    assert response.status_code == 302
    assert response["Location"] == "/groups/?kind=family-clan"


def test_typing_gets_the_table_alone_and_the_tidy_address(researcher):
    make_region(slug="vraem")
    response = researcher.get(
        reverse("actors:group_list"), {"q": "", "region": "vraem", "during": "nonsense"}, headers={"HX-Request": "true"}
    )
    text = response.content.decode()
    assert response["HX-Push-Url"] == "/groups/?region=vraem&during=nonsense"
    assert "<html" not in text
    assert 'id="error-during" role="status" hx-swap-oob="true"' in text
    assert "HX-Request" in response["Vary"]


# Downloads


def test_downloads_hold_the_same_rows_and_no_formulas(researcher):
    make_group(name="=HYPERLINK(1)", aliases=["A", "B"], slug="formula")
    make_group(name="Plain\x0bname")
    query = {"columns": "name,slug,aliases", "sort": "slug"}
    as_csv = rows(researcher, "actors:group_list", **query)
    as_json = json.loads(b"".join(researcher.get("/groups/", {**query, "format": "json"})))
    sheet = load_workbook(io.BytesIO(b"".join(researcher.get("/groups/", {**query, "format": "xlsx"})))).active
    assert as_csv[0] == {"name": "'=HYPERLINK(1)", "slug": "formula", "aliases": "A, B"}
    assert as_json[0] == {"name": "=HYPERLINK(1)", "slug": "formula", "aliases": "A, B"}
    assert [cell.value for cell in sheet[1]] == ["name", "slug", "aliases"]
    assert (sheet["A2"].value, sheet["A2"].data_type) == ("=HYPERLINK(1)", "s")
    assert len(as_csv) == len(as_json) == sheet.max_row - 1 == 2


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_empty_list_downloads_an_empty_file_with_its_header(researcher, address):
    query = {"q": "nothing is called this"}
    text = b"".join(researcher.get(reverse(address), {**query, "format": "csv"})).decode()
    assert text.count("\n") == 1
    assert json.loads(b"".join(researcher.get(reverse(address), {**query, "format": "json"}))) == []
    book = load_workbook(io.BytesIO(b"".join(researcher.get(reverse(address), {**query, "format": "xlsx"}))))
    assert book.active.max_row == 1


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_column_of_full_rows_downloads_in_every_form(researcher, address):
    for model in RECORDS:
        make_claim_about(make(model))
    query = {"columns": ",".join(columns_of(researcher, address))}
    counts = {
        len(rows(researcher, address, **query)),
        len(json.loads(b"".join(researcher.get(reverse(address), {**query, "format": "json"})))),
        load_workbook(
            io.BytesIO(b"".join(researcher.get(reverse(address), {**query, "format": "xlsx"})))
        ).active.max_row
        - 1,
    }
    assert len(counts) == 1
    assert counts != {0}


def a_place_with_claims():
    """Groups of which one meets every condition, one none, and one meets them in a claim that names a draft."""
    place, source = make_region(slug="vraem"), make_source(slug="report", authors=["Díaz, Ana"], publisher="A")
    other = make_source(slug="other", publisher="B")
    said = {"region": place, "source": source, "when": "2017", "wording": "alleged", "credibility": 2}
    said |= {"stance": "disputes", "attributed_to": "Policía de Ayacucho"}
    meets, plain, hidden = (make_group(name=name) for name in ("Meets", "Plain", "Hidden"))
    make_presence(group=meets, **said)
    make_presence(group=plain, source=other, when="1990")
    publish(place, source, other, meets, plain, hidden, *Region.objects.all(), *Source.objects.all())
    make_involvement(group=hidden, activity=make_activity(), **said)
    indicator = make_indicator()
    publish(indicator)
    for number, document in enumerate((source, other)):
        make_group_estimate(group=meets, indicator=indicator, source=document, when="2017", best=number)


@pytest.mark.parametrize(
    "query",
    [
        {"wording": "alleged"},
        {"credibility": "2"},
        {"stance": "disputes"},
        {"during": "2016/2018"},
        {"region": "vraem"},
        {"source": "report"},
        {"author": "diaz"},
        {"attributed_to": "ayacucho"},
        {"rivals": "yes"},
        {"wording": "alleged", "during": "2017", "region": "vraem"},
    ],
    ids=str,
)
def test_a_list_is_the_same_whether_claims_are_looked_up_or_each_record_is_asked(reader, monkeypatch, query):
    a_place_with_claims()
    few = names(reader, "actors:group_list", **query)
    monkeypatch.setattr("crimewatch.citations.filters.SOME_CLAIMS", 0)
    assert names(reader, "actors:group_list", **query) == few == ["Meets"]


def test_where_each_record_takes_a_look_fewer_are_counted(reader, monkeypatch):
    monkeypatch.setattr("crimewatch.records.views.lists.COUNTED_LABORIOUSLY", 3)
    publish(*(make_group() for _number in range(5)))
    publish(*Source.objects.all())
    assert "5 entries" in page(reader, "actors:group_list")
    assert "More than 3 entries" in page(reader, "actors:group_list", stance="supports")
    assert len(rows(reader, "actors:group_list", stance="supports")) == 5


# Queries


@pytest.mark.parametrize("address", ["actors:group_list", "explorer:claim_list"])
def test_no_filter_takes_more_queries_where_there_are_more_rows(reader, rf, address, monkeypatch):
    monkeypatch.setattr("crimewatch.citations.filters.SOME_CLAIMS", 2)
    request = rf.get("/")
    request.user = make_reader(username="another")
    a_place_with_claims()
    publish(*(make(model) for model in RECORDS))

    def counted():
        busiest = {model: busiest_visible(model) for model in RECORDS}
        found = {}
        for _what, query in queries_of(address, request, busiest):
            with CaptureQueriesContext(connection) as captured:
                page(reader, address, **query)
            found[str(query)] = len(captured)
        return found

    first = counted()
    source = Source.objects.get(slug="report")
    for group in Group.objects.all():
        for _number in range(3):
            make_presence(group=group, region=Region.objects.get(slug="vraem"), source=source, when="2011")
    second = counted()
    assert max(*first.values(), *second.values()) <= MOST_QUERIES
    # A page of more kinds of claims, or of what there was none of, may name records of one kind more, and shows rows.
    assert not {query: (first[query], number) for query, number in second.items() if number > first[query] + 4}


def test_a_page_takes_the_same_few_queries_whatever_it_holds(researcher, django_assert_max_num_queries):
    few: dict[tuple[str, str], int] = {}
    report = make_source(name="Row of reports", slug="report")
    for number in range(3):
        for model in RECORDS:
            parent = make_region()
            row = make(model, name=f"Row {number}")
            if model is Region:
                Region.objects.filter(pk=row.pk).update(parent=parent)
            make_claim_about(row, when="2017", **({} if model is Source else {"source": report}))
        for address in ADDRESSES:
            everything = {"columns": ",".join(columns_of(researcher, address))}
            narrowed = {"during": "2017", "source": "report", "q": "row"}
            for what, query, most in (("everything", everything, 12), ("narrowed", narrowed, 16)):
                with django_assert_max_num_queries(few.get((address, what), most)) as asked:
                    page(researcher, address, **query)
                few.setdefault((address, what), len(asked))


# Documentation


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_filter_and_column_is_documented(researcher, address, settings):
    text = (settings.BASE_DIR / "docs" / "lists.md").read_text()
    filters = researcher.get(reverse(address)).context["filterset"].filters
    for name in [*filters, *columns_of(researcher, address)]:
        assert f"`{name}`" in text, name
