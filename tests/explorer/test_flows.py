"""Flows: legs of routes put together, at every level of places, without going round in circles."""

import pytest
from django.contrib.auth.models import AnonymousUser

from crimewatch.explorer.pictures.flows.flows import Flows, leading_back, places_at
from regions.models import Region, RouteLeg
from tests.factories import make_region, make_route, make_route_leg, make_source
from tests.kinds import publish
from tests.people import make_reader

pytestmark = pytest.mark.django_db


@pytest.fixture
def head():
    """Somebody who may see everything."""
    return make_reader(username="head", is_staff=True, is_superuser=True)


@pytest.fixture
def peru():
    """A country with two departments, a province, a valley of two departments, a zone of provinces; and Brazil."""
    country = make_region(name="Peru", kind="country")
    cusco = make_region(name="Cusco", kind="department", parent=country)
    puno = make_region(name="Puno", kind="department", parent=country)
    province = make_region(name="Urubamba", kind="province", parent=cusco)
    other = make_region(name="Calca", kind="province", parent=cusco)
    make_region(name="Valley", kind="valley", parent=country, parts=[cusco, puno])
    make_region(name="Zone", kind="zone", parts=[province, other])
    make_region(name="Border", kind="border-area", parts=[puno, make_region(name="Brazil", kind="country")])
    make_region(name="Europe", kind="world-region")
    return {region.name: region for region in Region.objects.all()}


def of(user, **options):
    return Flows(user, RouteLeg.objects.visible_to(user), **options)


def said(flows):
    return sorted(f"{flow.commodity}: {flow.origin} → {flow.destination} ({flow.claims})" for flow in flows)


def test_legs_between_the_same_places_are_one_flow_of_each_commodity(head, peru):
    ends = {"origin": peru["Puno"], "destination": peru["Brazil"]}
    source, gold, cocaine = make_source(), make_route(commodity="gold"), make_route(commodity="cocaine")
    make_route_leg(route=cocaine, mode="road", when="2017", source=source, **ends)
    make_route_leg(route=cocaine, mode="on-foot", order=2, wording="alleged", **ends)
    make_route_leg(route=make_route(commodity="cocaine"), **ends)
    make_route_leg(route=gold, **ends)
    widest, other = of(head).every
    assert said([widest, other]) == ["cocaine: Puno → Brazil (3)", "gold: Puno → Brazil (1)"]
    assert widest.claims == 3
    assert len(widest.routes) == 2
    assert widest.modes == {"road", "on-foot", "unknown"}
    assert widest.dates == {"2017"}
    assert widest.wordings == {"stated", "alleged"}
    assert source.pk in widest.source_ids


def test_width_counts_claims_or_routes(head, peru):
    route = make_route()
    for _number in range(2):
        make_route_leg(route=route, origin=peru["Puno"], destination=peru["Brazil"])
    by_claims, by_routes = of(head), of(head, by="routes")
    assert by_claims.every[0].width("claims") == 2
    assert by_routes.every[0].width("routes") == 1


@pytest.mark.parametrize(
    ("given", "is_disputed"),
    [
        ({}, False),
        ({"stance": "disputes"}, True),
        ({"wording": "disputed"}, True),
        ({"status": "conflict", "note": "Both stand."}, True),
        ({"status": "work-needed"}, False),
    ],
)
def test_legs_that_are_disputed_flow_apart(head, peru, given, is_disputed):
    make_route_leg(origin=peru["Puno"], destination=peru["Brazil"])
    make_route_leg(origin=peru["Puno"], destination=peru["Brazil"], **given)
    assert sorted(flow.is_disputed for flow in of(head).every) == ([False, True] if is_disputed else [False])


@pytest.mark.parametrize(
    ("level", "names"),
    [
        ("place", {}),
        ("department", {"Urubamba": "Cusco", "Zone": "Cusco"}),
        (
            "country",
            dict.fromkeys(("Cusco", "Puno", "Urubamba", "Calca", "Valley", "Zone"), "Peru"),
        ),
    ],
)
def test_places_are_put_together_up_the_tree(head, peru, level, names):
    found = places_at(level, {region.pk for region in peru.values()}, head)
    for name in peru:
        expected = "Cusco" if level == "department" and name == "Calca" else names.get(name, name)
        assert found[peru[name].pk].name == expected, name


def test_legs_within_one_place_are_told_apart_and_not_drawn(head, peru):
    make_route_leg(origin=peru["Cusco"], destination=peru["Puno"])
    make_route_leg(origin=peru["Puno"], destination=peru["Brazil"])
    flows = of(head, level="country")
    assert said(flows.drawn) == ["cocaine: Peru → Brazil (1)"]
    assert said(flows.within) == ["cocaine: Peru → Peru (1)"]
    assert flows.left_out == 0


def test_the_widest_flows_are_drawn_and_the_others_counted(head, peru):
    for _number in range(2):
        make_route_leg(origin=peru["Puno"], destination=peru["Brazil"])
    make_route_leg(origin=peru["Puno"], destination=peru["Europe"])
    flows = of(head, most=1)
    assert said(flows.drawn) == ["cocaine: Puno → Brazil (2)"]
    assert flows.left_out == 1


def test_a_step_that_comes_round_leads_back():
    assert leading_back([(1, 2), (2, 3), (3, 1)]) == {(3, 1)}
    assert leading_back([(1, 2), (2, 1), (1, 2)]) == {(2, 1)}
    assert leading_back([(1, 2), (1, 3), (2, 3), (3, 4)]) == set()
    assert leading_back([(1, 2), (2, 3), (3, 1), (3, 2), (4, 1)]) == {(3, 1), (3, 2)}


def test_the_narrower_flow_of_a_circle_is_the_one_that_leads_back(head, peru):
    make_route_leg(origin=peru["Brazil"], destination=peru["Puno"])
    for _number in range(2):
        make_route_leg(origin=peru["Puno"], destination=peru["Brazil"])
    assert [(flow.origin.name, flow.is_back) for flow in of(head).drawn] == [("Puno", False), ("Brazil", True)]


def test_places_are_told_by_their_part_in_the_flows(head, peru):
    make_route_leg(origin=peru["Cusco"], destination=peru["Puno"])
    make_route_leg(origin=peru["Puno"], destination=peru["Brazil"])
    flows = of(head)
    found = [[place.name for place in flows.places(role)] for role in ("origin", "transit", "destination")]
    assert found == [["Cusco"], ["Puno"], ["Brazil"]]


def test_flows_show_nobody_more_than_they_may_see(settings, peru):
    route, source = make_route(), make_source()
    publish(route, source, peru["Urubamba"], peru["Cusco"], peru["Brazil"])
    ends = {"origin": peru["Urubamba"], "destination": peru["Brazil"]}
    make_route_leg(route=route, source=source, **ends)
    make_route_leg(route=route, **ends)  # from the draft of a source
    make_route_leg(source=source, **ends)  # of the draft of a route
    make_route_leg(route=route, source=source, origin=peru["Calca"], destination=peru["Brazil"])
    reader = make_reader()
    assert said(of(reader).every) == ["cocaine: Urubamba → Brazil (1)"]
    assert said(of(reader, level="department").every) == ["cocaine: Cusco → Brazil (1)"]
    # Peru is a draft: nothing shows that Urubamba lies in it.
    assert said(of(reader, level="country").every) == ["cocaine: Urubamba → Brazil (1)"]
    assert of(AnonymousUser()).every == []
    settings.SITE_IS_PUBLIC = True
    assert len(of(AnonymousUser()).every) == 1


@pytest.mark.parametrize("level", ["place", "department", "country"])
def test_the_number_of_queries_is_bounded_whatever_there_is(head, peru, level, django_assert_max_num_queries):
    for name in ("Cusco", "Urubamba", "Zone", "Valley", "Calca"):
        make_route_leg(origin=peru[name], destination=peru["Brazil"])
    flows = of(head, level=level)
    with django_assert_max_num_queries(4):
        assert flows.drawn
        assert flows.sources
