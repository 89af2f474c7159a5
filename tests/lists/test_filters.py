"""Every list shows its records, and each filter finds those that it says."""

import pytest

from programs.models import Appointment, Assessment
from tests.factories import (
    make_activity,
    make_agency,
    make_group,
    make_group_citation,
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
from tests.kinds import RECORDS, make, make_claim_about, publish
from tests.listing import LISTS, names, page, refused

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", RECORDS)
def test_a_list_shows_its_records(researcher, model):
    make(model, name="Alpha Beta")
    assert "Alpha Beta" in page(researcher, LISTS[model])


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
    make(Appointment, agency=police, person=make_person(slug="head"))
    make_agency(name="Other")
    assert names(researcher, "programs:agency_list", agency="ministry") == ["Ministry", "Police"]
    assert names(researcher, "programs:agency_list", country="peru") == ["Police"]
    assert names(researcher, "programs:agency_list", person="head") == ["Police"]


def test_responses_are_found_by_agency_group_and_verdict(researcher):
    police, army, clan = make_agency(slug="police"), make_agency(slug="army"), make_group(slug="clan")
    program = make_program(name="Meant", lead_agencies=[police], partner_agencies=[army])
    make_target(program=program, group=clan)
    make(Assessment, program=program, verdict="effective")
    make_target(program=make_program(name="Other"))
    for query in ({"lead": "police"}, {"partner": "army"}, {"group": "clan"}, {"verdict": "effective"}):
        assert names(researcher, "programs:program_list", **query) == ["Meant"], query
    assert names(researcher, "programs:program_list", lead="army") == []
