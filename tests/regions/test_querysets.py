"""What “in region X” means: X, everything below it in the tree, and every zone that overlaps those."""

from types import SimpleNamespace

import pytest

from actors.models import Group, Presence
from programs.models import Program
from regions.models import IllicitActivity, Region, Route
from tests.factories import (
    make_activity,
    make_involvement,
    make_occurrence,
    make_presence,
    make_region,
    make_route,
    make_route_leg,
    make_target,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def peru() -> SimpleNamespace:
    """The VRAEM, a zone of parts of Ayacucho and Cusco, a river and a zone of whole departments."""
    country = make_region(name="Perú", kind="country")
    ayacucho, cusco, puno = (
        make_region(name=name, kind="department", parent=country) for name in ("Ayacucho", "Cusco", "Puno")
    )
    huanta = make_region(name="Huanta", kind="province", parent=ayacucho)
    llochegua = make_region(name="Llochegua", kind="district", parent=huanta)
    lucanas = make_region(name="Lucanas", kind="province", parent=ayacucho)
    convencion = make_region(name="La Convención", kind="province", parent=cusco)
    pichari = make_region(name="Pichari", kind="district", parent=convencion)
    return SimpleNamespace(
        country=country,
        ayacucho=ayacucho,
        cusco=cusco,
        puno=puno,
        huanta=huanta,
        llochegua=llochegua,
        lucanas=lucanas,
        convencion=convencion,
        pichari=pichari,
        vraem=make_region(name="VRAEM", kind="zone", parent=country, parts=[huanta, pichari]),
        river=make_region(name="Río Apurímac", kind="river", parent=country, parts=[huanta, convencion]),
        south=make_region(name="Southern Peru", kind="zone", parent=country, parts=[cusco, puno]),
    )


def names(regions: object) -> set[str]:
    return {region.name for region in regions}  # type: ignore[attr-defined]


def within(region: Region) -> set[str]:
    return names(Region.objects.within(region))


def test_everything_below_lies_in_a_region(peru):
    assert {"Ayacucho", "Huanta", "Lucanas", "Llochegua"} <= within(peru.ayacucho)


def test_everything_lies_in_its_country(peru):
    assert within(peru.country) == names(Region.objects.all())


def test_a_zone_is_found_under_each_department_that_it_overlaps(peru):
    assert "VRAEM" in within(peru.ayacucho)
    assert "VRAEM" in within(peru.cusco)
    assert "VRAEM" not in within(peru.puno)


def test_a_zone_is_found_under_what_is_smaller_than_its_parts(peru):
    # All of Huanta is in the VRAEM, so what is said of the VRAEM is said of Llochegua too.
    assert "VRAEM" in within(peru.llochegua)
    assert "Southern Peru" in within(peru.pichari)


def test_a_zone_is_not_found_under_what_lies_beside_its_parts(peru):
    assert "VRAEM" not in within(peru.lucanas)
    assert "Southern Peru" not in within(peru.ayacucho)


def test_the_parts_of_a_zone_and_all_below_them_lie_in_it(peru):
    assert {"VRAEM", "Huanta", "Llochegua", "Pichari"} <= within(peru.vraem)
    assert {"Cusco", "La Convención", "Pichari", "Puno"} <= within(peru.south)


def test_what_a_zone_covers_only_in_part_does_not_lie_in_it(peru):
    assert not {"Ayacucho", "Cusco", "La Convención", "Lucanas", "Perú"} & within(peru.vraem)


def test_a_region_does_not_hold_what_it_lies_in(peru):
    assert not {"Perú", "Ayacucho"} & within(peru.huanta)


def test_a_river_is_found_under_what_it_runs_through_and_what_holds_that(peru):
    for region in (peru.huanta, peru.ayacucho, peru.convencion, peru.cusco, peru.country):
        assert "Río Apurímac" in within(region)
    assert "Río Apurímac" not in within(peru.puno)


def test_what_a_river_runs_through_does_not_lie_in_the_river(peru):
    # It runs through the province: nobody knows whether by this district.
    assert within(peru.river) == {"Río Apurímac"}
    assert "Río Apurímac" not in within(peru.llochegua)


def test_zones_overlap_where_they_share_a_part(peru):
    other = make_region(name="Valleys", kind="zone", parts=[peru.llochegua])

    assert "Valleys" in within(peru.vraem)
    assert "VRAEM" in within(other)


def test_what_overlaps_a_part_of_a_zone_overlaps_the_zone(peru):
    assert "Southern Peru" in within(peru.vraem)  # it holds all of Cusco, and so Pichari


def test_whatever_is_found_under_a_place_is_found_under_what_that_lies_in(peru):
    lies_in = {
        peru.llochegua: [peru.huanta, peru.ayacucho, peru.vraem, peru.country],
        peru.pichari: [peru.convencion, peru.cusco, peru.vraem, peru.south],
        peru.cusco: [peru.south, peru.country],
        peru.vraem: [peru.country],
    }

    for place, wider in lies_in.items():
        for region in wider:
            assert within(place) <= within(region), f"{place} in {region}"


def test_a_zone_of_zones_holds_their_parts(peru):
    coca = make_region(name="Coca zones", kind="zone", parts=[peru.vraem])

    assert {"VRAEM", "Huanta", "Llochegua"} <= within(coca)
    assert "Coca zones" in within(peru.vraem)


def test_zones_that_are_parts_of_each_other_end_the_search(peru):
    other = make_region(name="Mirror", kind="zone", parts=[peru.vraem])
    peru.vraem.parts.add(other)

    assert {"VRAEM", "Mirror"} <= within(other)


def test_a_region_alone_holds_itself():
    region = make_region()
    make_region()

    assert list(Region.objects.within(region)) == [region]


def test_within_can_be_asked_of_some_regions_only(peru):
    districts = Region.objects.filter(kind="district").within(peru.vraem)

    assert names(districts) == {"Llochegua", "Pichari"}


def test_claims_on_a_zone_are_found_under_each_department_that_it_overlaps(peru):
    presence = make_presence(region=peru.vraem)

    for region in (peru.ayacucho, peru.cusco, peru.country, peru.vraem, peru.huanta):
        assert list(Presence.objects.about(region)) == [presence]
        assert list(Group.objects.in_region(region)) == [presence.group]
    assert not Presence.objects.about(peru.puno).exists()


def test_claims_on_a_part_are_found_under_its_zone(peru):
    presence = make_presence(region=peru.llochegua)

    assert list(Presence.objects.about(peru.vraem)) == [presence]


def test_groups_are_in_a_region_by_presence_or_involvement(peru):
    present = make_presence(region=peru.pichari).group
    involved = make_involvement(region=peru.huanta).group
    make_presence(region=peru.puno)
    make_involvement()

    assert set(Group.objects.in_region(peru.vraem)) == {present, involved}


def test_activities_are_in_a_region_where_they_occur(peru):
    occurrence = make_occurrence(region=peru.vraem)
    make_occurrence(region=peru.puno)

    assert list(IllicitActivity.objects.in_region(peru.ayacucho)) == [occurrence.activity]


def test_routes_are_in_a_region_where_a_leg_begins_or_ends(peru):
    leaving, arriving = make_route_leg(origin=peru.pichari), make_route_leg(destination=peru.vraem)
    make_route_leg(origin=peru.puno)

    assert set(Route.objects.in_region(peru.cusco)) == {leaving.route, arriving.route}


def test_responses_are_in_a_region_that_they_are_aimed_at(peru):
    target = make_target(region=peru.vraem)
    make_target(region=peru.puno)

    assert list(Program.objects.in_region(peru.ayacucho)) == [target.program]


def test_many_claims_in_a_region_do_not_repeat_a_group(peru):
    group = make_presence(region=peru.pichari).group
    make_presence(group=group, region=peru.huanta)
    make_involvement(group=group, region=peru.vraem)

    assert list(Group.objects.in_region(peru.vraem)) == [group]


def test_routes_serve_an_activity_or_one_below_it():
    market = make_activity()
    route = make_route(activity=make_activity(parent=market))
    make_route(activity=make_activity())
    make_route()

    assert list(Route.objects.of_activity(market)) == [route]


def test_regions_without_a_point_can_be_asked_for():
    bare = make_region()
    make_region(latitude=-13, longitude=-74)

    assert list(Region.objects.without_point()) == [bare]


def test_a_region_is_searched_with_one_query(peru, django_assert_num_queries):
    with django_assert_num_queries(1):
        list(Group.objects.in_region(peru.country))
