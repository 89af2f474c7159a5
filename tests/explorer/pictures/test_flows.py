"""Flows: legs of routes put together, at every level of places, without going round in circles."""

import pytest
from django.contrib.auth.models import AnonymousUser

from crimewatch.explorer.pictures.flows.flows import Flows, leading_back, places_at
from regions.models import Region, RouteLeg
from tests.factories import make_activity, make_region, make_route, make_route_leg, make_source
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
    with django_assert_max_num_queries(6):
        assert flows.drawn
        flows.look_up(flows.every)
        assert all(flows.sources_of(flow) and flows.routes_of(flow) for flow in flows.every)


# The page


@pytest.fixture
def ask(client):
    """What the page of flows says, as a function of its address."""
    client.force_login(make_reader(username="researcher", is_staff=True, is_superuser=True))

    def get(**query):
        response = client.get("/flows/", query)
        assert response.status_code == 200
        return response

    return get


@pytest.fixture
def routes(peru):
    """Cocaine from Urubamba over Puno to Brazil, said twice of the last leg, and gold from Puno to Europe, disputed."""
    cocaine = make_route(
        name="Cocaine way", slug="cocaine-way", commodity="cocaine", activity=make_activity(slug="drugs")
    )
    source = make_source(slug="report")
    make_route_leg(route=cocaine, origin=peru["Urubamba"], destination=peru["Puno"], mode="road", when="2016")
    for _number in range(2):
        make_route_leg(route=cocaine, origin=peru["Puno"], destination=peru["Brazil"], source=source, order=2)
    gold = make_route(commodity="gold")
    make_route_leg(route=gold, origin=peru["Puno"], destination=peru["Europe"], stance="disputes", when="2017")


def links(response):
    chart = response.context["picture"].chart
    names = [node["name"] for node in chart["nodes"]]
    return {
        f"{names[link['source']]} → {names[link['target']]}: {link['width']} {chart['commodities'][link['commodity']]}"
        for link in chart["links"]
    }


def test_flows_are_drawn_as_wide_as_there_are_claims_and_told_so(ask, routes):
    response = ask()
    assert links(response) == {
        "Urubamba → Puno: 1 cocaine",
        "Puno → Brazil: 2 cocaine",
        "Puno → Europe: 1 gold",
    }
    told = " ".join(response.context["picture"].description)
    assert "Flows of cocaine (3), gold (1)" in told
    assert "the number of claims that say so, not tonnage" in told
    assert "Origins: Urubamba. Passed through: Puno. Destinations: Brazil, Europe." in told
    assert "1 flow is disputed" in told


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"width": "routes", "commodity": "cocaine"}, {"Urubamba → Puno: 1 cocaine", "Puno → Brazil: 1 cocaine"}),
        ({"level": "department", "commodity": "cocaine"}, {"Cusco → Puno: 1 cocaine", "Puno → Brazil: 2 cocaine"}),
        ({"level": "country"}, {"Peru → Brazil: 2 cocaine", "Peru → Europe: 1 gold"}),
        ({"commodity": "gold"}, {"Puno → Europe: 1 gold"}),
        ({"mode": "road"}, {"Urubamba → Puno: 1 cocaine"}),
        ({"route": "cocaine-way", "during": "2016"}, {"Urubamba → Puno: 1 cocaine"}),
        ({"activity": "drugs", "source": "report"}, {"Puno → Brazil: 2 cocaine"}),
        ({"stance": "disputes"}, {"Puno → Europe: 1 gold"}),
        ({"q": "cocaine way", "source": "report"}, {"Puno → Brazil: 2 cocaine"}),
        ({"kind": "routeleg", "commodity": "gold"}, {"Puno → Europe: 1 gold"}),
    ],
)
def test_the_address_says_what_flows(ask, routes, query, expected):
    assert links(ask(**query)) == expected


def test_what_stays_within_a_country_is_in_the_table_and_said(ask, routes):
    response = ask(level="country")
    assert "1 flow stays within one country" in " ".join(response.context["picture"].description)
    assert "stays in one place, not drawn" in response.content.decode()


def test_what_leads_back_ends_at_the_place_drawn_again(ask, peru):
    for _number in range(2):
        make_route_leg(origin=peru["Puno"], destination=peru["Brazil"])
    make_route_leg(origin=peru["Brazil"], destination=peru["Puno"])
    response = ask()
    assert links(response) == {"Puno → Brazil: 2 cocaine", "Brazil → Puno (again): 1 cocaine"}
    assert "ends at that place drawn again: Puno" in " ".join(response.context["picture"].description)


def test_a_click_on_a_flow_leads_to_its_route_and_of_several_to_what_touches_its_origin(ask, routes, peru):
    make_route_leg(origin=peru["Puno"], destination=peru["Brazil"])
    addresses = {link["address"] for link in ask(commodity="cocaine").context["picture"].chart["links"]}
    assert addresses == {
        "/routes/cocaine-way/",
        f"/flows/?commodity=cocaine&region={peru['Puno'].slug}",
    }


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"level": "village"}, "“village” is not among the choices: place, department, country"),
        ({"width": "tonnes"}, "“tonnes” is not among the choices"),
        ({"commodity": "unicorns"}, "“unicorns” is not among the choices: coca, cocaine"),
        ({"mode": "broom"}, "“broom” is not among the choices: river-boat"),
        ({"route": "nowhere"}, "There is no route with the key “nowhere”"),
        ({"group": "clan"}, "There is no filter “group” here"),
    ],
)
def test_nonsense_draws_nothing_and_is_answered_with_a_sentence(ask, routes, query, sentence):
    response = ask(**query)
    assert response.context["picture"] is None
    assert sentence in response.content.decode()


def test_routes_of_an_activity_are_found_only_through_what_the_viewer_may_see(client, peru):
    shown, hidden = make_activity(slug="shown"), make_activity(slug="hidden")
    hidden.parent = shown
    hidden.save()
    route, source = make_route(activity=hidden), make_source()
    publish(shown, route, source, peru["Puno"], peru["Brazil"])
    make_route_leg(route=route, source=source, origin=peru["Puno"], destination=peru["Brazil"])
    client.force_login(make_reader())
    assert client.get("/flows/").context["count"] == 1
    assert client.get("/flows/", {"activity": "shown"}).context["count"] == 0


def test_everything_that_an_address_may_say_is_documented(ask, settings):
    text = (settings.BASE_DIR / "docs" / "pictures.md").read_text().partition("## Flows")[2].partition("\n## ")[0]
    lists = (settings.BASE_DIR / "docs" / "lists.md").read_text()
    response = ask()
    for name in response.context["filterset"].filters:
        assert f"`{name}`" in text + lists, name
    for name, _label in response.context["choices"]:
        assert f"`{name}`" in text, name
