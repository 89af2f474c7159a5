"""The map: what stands where, how often claims tell of it, and that nobody learns of what they may not see."""

import csv
import io

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.auth.models import Group as GroupOfLogins
from django.test import Client

from crimewatch.citations.models import Source
from crimewatch.citations.querysets import mentioned_record_fields
from crimewatch.explorer.pictures.map import drawing
from crimewatch.explorer.pictures.map.drawing import classes, thinned
from regions.models import IllicitActivity, Occurrence, Region
from tests.factories import (
    make_activity,
    make_occurrence,
    make_presence,
    make_region,
    make_region_citation,
    make_route,
    make_route_leg,
    make_source,
)
from tests.kinds import CLAIMS, make, publish
from tests.people import make_reader, make_researcher

pytestmark = pytest.mark.django_db

MAP = "/map/"
POINT = {"latitude": "-12", "longitude": "-74", "precision": 2}


@pytest.fixture
def staff(client) -> Client:
    client.force_login(User.objects.create_superuser("ana"))
    return client


@pytest.fixture
def reader() -> Client:
    client = Client()
    client.force_login(make_reader())
    return client


@pytest.fixture
def peru() -> Region:
    return make_region(name="Peru", kind="country", iso_3166="PE")


@pytest.fixture
def puno(peru) -> Region:
    return make_region(name="Puno", kind="department", parent=peru, slug="puno")


def picture(client: Client, **query: str):
    response = client.get(MAP, query)
    assert response.status_code == 200
    return response.context["picture"]


def elements(client: Client, **query: str) -> dict[str, dict]:
    return {element["name"]: element for element in picture(client, **query).chart["elements"]}


def rows(client: Client, **query: str) -> dict[str, dict[str, str]]:
    response = client.get(MAP, {"format": "csv", **query})
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return {row["name"]: row for row in csv.DictReader(io.StringIO(text))}


def legends(client: Client, **query: str) -> list[str]:
    return [entry["text"] for entry in picture(client, **query).chart["legend"]]


def words(client: Client, **query: str) -> str:
    return " ".join(picture(client, **query).description)


def plain_counts(user: User) -> dict[str, tuple[int, int]]:
    """For each region, counted one by one: the claims that name it or what lies in it, and those that name it."""
    seen = {region.pk: region for region in Region.objects.visible_to(user)}
    parents = dict(Region.objects.values_list("pk", "parent"))
    counts: dict[str, list[int]] = {region.name: [0, 0] for region in seen.values()}
    for model in CLAIMS:
        keys = [field.attname for field in mentioned_record_fields(model) if field.related_model is Region]
        for claim in model.objects.visible_to(user):
            named = {getattr(claim, key) for key in keys} - {None}
            over = set()
            for region in named:
                each = region
                while each is not None:
                    over.add(each)
                    each = parents[each]
            for each in over & seen.keys():
                counts[seen[each].name][0] += 1
                counts[seen[each].name][1] += each in named
    return {name: (claims, own) for name, (claims, own) in counts.items() if claims}


# What counts


def test_a_claim_counts_for_the_region_and_for_what_it_lies_in(staff, peru, puno):
    make_presence(region=puno)
    make_presence(region=make_region(name="Melgar", kind="province", parent=puno))
    make_region_citation(record=peru)
    found = rows(staff)
    assert {name: (row["claims"], row["own"]) for name, row in found.items()} == {
        "Peru": ("3", "1"),
        "Puno": ("2", "1"),
        "Melgar": ("1", "1"),
    }


def test_a_leg_within_a_department_is_one_claim_about_it(staff, peru, puno):
    ends = [make_region(name=name, kind="province", parent=puno, **POINT) for name in ("Melgar", "Lampa")]
    make_route_leg(origin=ends[0], destination=ends[1])
    found = rows(staff)
    assert {name: row["claims"] for name, row in found.items() if "→" not in name} == dict.fromkeys(
        ("Peru", "Puno", "Melgar", "Lampa"), "1"
    )


@pytest.mark.parametrize("who", ["head", "researcher", "reader", "insider", "stranger"])
def test_all_claims_count_that_the_viewer_may_see_and_no_others(who, peru, puno, settings):
    settings.SITE_IS_PUBLIC = True
    desk = GroupOfLogins.objects.create(name="Desk")
    lima = make_region(name="Lima", kind="department", parent=peru)
    for region in (puno, lima):
        for model in CLAIMS:
            keys = [field.name for field in mentioned_record_fields(model) if field.related_model is Region]
            for number in range(2):
                claim = make(model, **dict.fromkeys(keys[:1], region))
                named = [getattr(claim, field.name) for field in mentioned_record_fields(model)]
                if number:  # of two claims one stays with what has not been published
                    publish(*filter(None, named))
        make_route_leg(origin=region, destination=peru)
    make_route_leg(origin=puno, destination=lima)
    publish(peru)
    secret = make_region(name="Secret", parent=lima)
    publish(secret, make_occurrence(region=secret, trend="growing").activity)
    Region.objects.filter(pk=secret.pk).update(restricted_to=["Desk"], restriction_reason="Asked for.")
    user = {
        "head": lambda: User.objects.create_superuser("head"),
        "researcher": lambda: make_researcher(Region, Occurrence, IllicitActivity, Source),
        "reader": make_reader,
        "insider": make_reader,
        "stranger": AnonymousUser,
    }[who]()
    if who == "insider":
        user.groups.add(desk)
    client = Client()
    if who != "stranger":
        client.force_login(user)
    told = {
        name: (int(row["claims"]), int(row["own"])) for name, row in rows(client, columns="name,claims,own").items()
    }
    expected = plain_counts(user)
    assert expected
    assert {name: counts for name, counts in told.items() if "→" not in name} == expected


def test_a_claim_about_a_zone_does_not_count_for_the_departments_under_it(staff, puno):
    make_presence(region=make_region(name="South", parts=[puno]))
    assert set(rows(staff)) == {"South"}


def test_filters_narrow_the_map(staff, puno):
    gold, coca = make_activity(slug="gold"), make_activity(slug="coca")
    make_occurrence(activity=gold, region=puno, when="2017")
    elsewhere = make_region(name="Elsewhere", **POINT)
    make_occurrence(activity=coca, region=elsewhere, when="2010")
    assert set(elements(staff, activity="gold")) == {"Peru", "Puno"}
    assert set(elements(staff, during="2010")) == {"Elsewhere"}
    assert set(elements(staff, region="puno")) == {"Peru", "Puno"}
    assert set(elements(staff, kind="presence")) == set()


# Who sees what


def test_drafts_show_to_those_who_work_on_them_alone(staff, reader, peru, puno):
    shown, hidden = make_presence(region=puno), make_presence(region=puno)
    secret = make_presence(region=make_region(name="Secret valley", kind="valley", **POINT))
    publish(shown.group, shown.source, peru, puno)
    seen_by_reader, seen_by_staff = rows(reader), rows(staff)
    assert "Secret valley" in seen_by_staff
    assert "Secret valley" not in reader.get(MAP).content.decode()
    # The presence, and what was said of the two when they were published, from sources that are drafts.
    assert seen_by_reader["Puno"]["claims"] == "1"
    assert int(seen_by_staff["Puno"]["claims"]) > 2
    assert hidden.region == puno
    assert secret.pk


def test_a_draft_that_a_region_lies_in_is_not_named(staff, reader):
    above = make_region(name="Hidden country", kind="country", iso_3166="PE")
    puno = make_region(name="Puno", kind="department", parent=above)
    presence = make_presence(region=puno)
    publish(presence.group, presence.source, puno)
    assert "Hidden country" not in reader.get(MAP, {"columns": "name,within"}).content.decode()
    assert "Hidden country" in staff.get(MAP, {"columns": "name,within"}).content.decode()


def test_a_zone_is_not_drawn_by_parts_that_are_drafts(staff, reader, peru, puno):
    cusco = make_region(name="Cusco", kind="department", parent=peru)
    presence = make_presence(region=make_region(name="South", parts=[puno, cusco]))
    publish(presence.group, presence.source, presence.region, peru, puno)
    assert elements(reader)["South"]["shapes"] == ["PE:Puno"]
    assert sorted(elements(staff)["South"]["shapes"]) == ["PE:Cusco", "PE:Puno"]


def test_a_leg_through_a_draft_is_not_drawn_for_readers(staff, reader, puno):
    leg = make_route_leg(origin=puno, destination=make_region(name="Hidden port", kind="port", **POINT))
    publish(leg.route, leg.source, puno)
    assert picture(staff).chart["legs"]
    assert "Hidden port" not in reader.get(MAP).content.decode()
    assert "→" not in reader.get(MAP).content.decode()


def test_strangers_see_a_public_map_of_what_is_published(client, settings, peru, puno):
    settings.SITE_IS_PUBLIC = True
    presence = make_presence(region=puno)
    assert b"Puno" not in client.get(MAP).content
    publish(presence.group, presence.source, peru, puno)
    assert b"Puno" in client.get(MAP).content


# Where it stands


def test_countries_and_departments_have_the_shapes_that_are_installed(staff, peru, puno):
    huanuco = make_region(name="Huánuco", kind="department", parent=peru)
    cusco = make_region(name="Qosqo", aliases=["Cusco"], kind="department", parent=peru)
    for region in (puno, huanuco, cusco):
        make_presence(region=region)
    assert {name: element["shape"] for name, element in elements(staff).items()} == {
        "Peru": "604",
        "Puno": "PE:Puno",
        "Huánuco": "PE:Huánuco",
        "Qosqo": "PE:Cusco",
    }


def test_a_department_of_another_country_has_no_shape_of_peru(staff):
    colombia = make_region(name="Colombia", kind="country", iso_3166="CO")
    make_presence(region=make_region(name="Amazonas", kind="department", parent=colombia, **POINT))
    element = elements(staff)["Amazonas"]
    assert (element["shape"], element["point"]) == ("", [-74.0, -12.0])


def test_an_outline_of_its_own_goes_first(staff, puno):
    outline = {"type": "Polygon", "coordinates": [[[-70, -15], [-69, -15], [-69, -16], [-70, -15]]]}
    Region.objects.filter(pk=puno.pk).update(outline=outline)
    make_presence(region=puno)
    element = elements(staff)["Puno"]
    assert (element["shape"], element["outline"]) == ("", outline)
    assert rows(staff)["Puno"]["shown_as"] == "area"


def test_a_zone_is_the_shapes_and_points_of_its_parts_and_of_zones_among_them(staff, peru, puno):
    valley = make_region(name="Valley", kind="valley", **POINT)
    nowhere = make_region(name="Nowhere", kind="district", parent=puno)
    inner = make_region(name="Inner", parts=[puno, valley])
    make_presence(region=make_region(name="Outer", parts=[inner, nowhere]))
    element = elements(staff)["Outer"]
    assert element["shapes"] == ["PE:Puno"]
    assert element["points"] == [[-74.0, -12.0]]


def test_a_river_is_not_drawn_as_all_that_it_runs_through(staff, puno):
    make_presence(region=make_region(name="River", kind="river", parts=[puno], **POINT))
    assert elements(staff)["River"]["shapes"] == []


def test_how_well_a_point_is_known_is_told(staff):
    make_presence(region=make_region(name="Near", **POINT))
    make_presence(region=make_region(name="Vague", **{**POINT, "precision": 5}))
    found = elements(staff)
    assert (found["Near"]["precision"], found["Vague"]["precision"]) == (2, 5)
    assert "point: 5 · larger or vague" in found["Vague"]["tip"]
    assert {"a place", "somewhere about here"} <= set(legends(staff))


def test_what_has_no_place_is_listed_and_told_of(staff, puno):
    make_presence(region=puno)
    europe = make_region(name="Europe", kind="world-region")
    make_route_leg(origin=puno, destination=europe)
    assert "Europe" not in elements(staff)
    assert rows(staff)["Europe"]["shown_as"] == "not shown"
    assert rows(staff)["Puno → Europe"]["shown_as"] == "not shown"
    assert "Not on the map, because it is not known where they lie: 1 (Europe)." in words(staff)
    assert "1 leg is missing for the same reason." in words(staff)


def test_what_is_too_much_is_left_out_by_importance_and_told_of(staff, monkeypatch):
    monkeypatch.setattr(drawing, "PLACES_DRAWN", 1)
    monkeypatch.setattr(drawing, "LEGS_DRAWN", 1)
    often, seldom, other = (make_region(name=name, **POINT) for name in ("Often", "Seldom", "Other"))
    for _number in range(3):
        make_route_leg(origin=often, destination=seldom, route=make_route())
    make_presence(region=often)
    make_presence(region=other)
    assert set(elements(staff)) == {"Often"}
    assert "Drawn are the 1 places with most claims; the table holds the others." in words(staff)
    assert "Drawn are the 1 legs with most claims; the table holds the others." in words(staff)
    assert {"Often", "Seldom", "Other"} < set(rows(staff))


# What the colours tell


def test_colours_tell_the_number_of_claims_and_the_legend_what_each_means(staff, peru, puno):
    cusco = make_region(name="Cusco", kind="department", parent=peru)
    for _number in range(10):
        make_presence(region=puno)
    make_presence(region=cusco)
    found = elements(staff)
    assert (found["Puno"]["colour"], found["Puno"]["sign"]) == ("scale-5", "10")
    assert (found["Cusco"]["colour"], found["Cusco"]["sign"]) == ("scale-1", "1")
    assert found["Peru"]["colour"] == ""  # its departments lie over it
    assert "A country whose departments are drawn has no colour of its own." in words(staff)
    assert legends(staff)[:5] == ["1 claim", "2 claims", "3 claims", "4–5 claims", "6–10 claims"]


@pytest.mark.parametrize(
    ("most", "bounds"), [(1, [1]), (3, [1, 2, 3]), (10, [1, 2, 3, 4, 6]), (337, [1, 3, 10, 33, 105])]
)
def test_classes_grow_wider(most, bounds):
    assert classes(most) == bounds


def test_the_trend_is_the_one_that_is_told_most_often(staff, peru, puno):
    cusco = make_region(name="Cusco", kind="department", parent=peru)
    for trend in ("growing", "growing", "stable"):
        make_occurrence(region=puno, trend=trend)
    for trend in ("growing", "declining"):
        make_occurrence(region=cusco, trend=trend)
    found = elements(staff, colour="trend")
    assert (found["Puno"]["sign"], found["Puno"]["colour"]) == ("↑", "series-2")
    assert found["Cusco"]["sign"] == "±"
    assert rows(staff)["Puno"]["trend"] == "growing 2, stable 1"
    assert "growing in 2 regions" in words(staff, colour="trend")
    assert {"↑ growing", "± several, none the most"} <= set(legends(staff, colour="trend"))


def test_the_intensity_is_the_strongest_that_is_told(staff, puno):
    for intensity in ("present", "core", "sporadic"):
        make_occurrence(region=puno, intensity=intensity)
    assert elements(staff, colour="intensity")["Puno"]["colour"] == "scale-5"
    assert legends(staff, colour="intensity")[0] == "5 core area"


def test_where_nothing_is_told_of_a_trend_the_words_say_so(staff, puno):
    make_presence(region=puno)
    assert "No claim that fits tells of it." in words(staff, colour="trend")


# Legs


def test_legs_are_told_apart_by_commodity_mode_and_dispute(staff, puno):
    port = make_region(name="Port", kind="port", **POINT)
    coca, gold = make_route(commodity="coca"), make_route(commodity="gold", name="Gold")
    make_route_leg(route=coca, origin=puno, destination=port, mode="river-boat")
    make_route_leg(route=gold, origin=puno, destination=port, mode="small-aircraft", wording="disputed")
    make_route_leg(route=gold, origin=puno, destination=port, mode="small-aircraft", stance="disputes")
    make_route_leg(route=gold, origin=puno, destination=port, mode="small-aircraft")
    legs = picture(staff).chart["legs"]
    assert sorted((leg["sign"], leg["is_disputed"], leg["claims"]) for leg in legs) == [
        ("≈", False, 1),
        ("✈", False, 1),
        ("✈", True, 2),
    ]
    assert len({leg["colour"] for leg in legs}) == 2
    assert {"Coca leaf or paste", "Gold", "disputed", "≈ by water", "✈ by air"} <= set(legends(staff))
    assert "3 legs of routes are drawn. 1 leg is disputed." in words(staff)
    assert [leg["address"] for leg in legs if leg["is_disputed"]] == [gold.get_absolute_url()]


# Sizes


def test_an_outline_keeps_few_points_and_its_ends():
    ring = [[number / 1000, 0.123456] for number in range(5000)]
    ring.append(ring[0])
    kept = thinned({"type": "Polygon", "coordinates": [ring]})["coordinates"][0]
    assert len(kept) <= drawing.POINTS_OF_OUTLINE + 2
    assert kept[0] == kept[-1] == [0.0, 0.1235]


def test_a_small_outline_is_kept_whole():
    line = {"type": "LineString", "coordinates": [[1.5, 2.5], [3.5, 4.5]]}
    assert thinned(line) == line


# In other pages


def test_other_pages_fetch_the_drawing_and_its_words_alone(reader, peru, puno):
    presence = make_presence(region=puno)
    publish(presence.group, presence.source, peru, puno)
    shown = reader.get("/map/small/", {"region": "puno"}).content.decode()
    assert shown.startswith('<figure class="picture small"')
    assert "<table" not in shown
    assert "<html" not in shown


def test_other_pages_are_told_where_there_is_nothing_to_draw(reader):
    assert "No claim places anything on the map." in reader.get("/map/small/").content.decode()


def test_strangers_cannot_fetch_it(client):
    assert client.get("/map/small/").status_code == 302


def test_the_start_page_has_the_map_once_there_are_claims(reader, peru, puno):
    assert b"data-picture-from" not in reader.get("/").content
    presence = make_presence(region=puno)
    publish(presence.group, presence.source, peru, puno)
    shown = reader.get("/").content.decode()
    assert 'data-picture-from="/map/small/"' in shown
    assert 'href="/map/"' in shown
    assert "echarts" not in shown


def test_the_map_of_many_places_costs_as_many_queries_as_that_of_one(staff, peru, django_assert_max_num_queries):
    source = make_source()

    def settle(name: str) -> None:
        department = make_region(name=name, kind="department", parent=peru)
        outlined = make_region(outline={"type": "LineString", "coordinates": [[-70, -15], [-69, -15]]})
        zone = make_region(parts=[department])
        for region in (department, outlined, zone):
            make_presence(region=region, source=source)
            make_occurrence(region=region, source=source, trend="growing")
        make_route_leg(origin=department, destination=outlined, source=source)

    settle("Puno")
    with django_assert_max_num_queries(20) as few:
        staff.get(MAP)
    for name in ("Cusco", "Loreto", "Ayacucho"):
        settle(name)
    with django_assert_max_num_queries(len(few)):
        staff.get(MAP)
