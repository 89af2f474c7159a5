"""What holds of regions, activities and routes beyond what holds of every record and claim."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from regions.models import (
    Commodity,
    Intensity,
    Market,
    Mode,
    Region,
    RegionKind,
    Stage,
    Trend,
)
from tests.factories import (
    make_activity,
    make_occurrence,
    make_region,
    make_region_estimate,
    make_route,
    make_route_leg,
)
from tests.kinds import transaction_to_its_end

pytestmark = pytest.mark.django_db

SQUARE = {"type": "Polygon", "coordinates": [[[-70, -10], [-69, -10], [-69, -9], [-70, -10]]]}


# Codes and coordinates


@pytest.mark.parametrize("code", ["08", "0809", "080901", ""])
def test_a_ubigeo_has_two_four_or_six_digits(code):
    make_region(ubigeo=code).full_clean()


@pytest.mark.parametrize("code", ["PE", "PE-PUN", "CO-VAC", "GB-1", ""])
def test_an_iso_code_may_be_of_a_country_or_a_subdivision(code):
    make_region(iso_3166=code).full_clean()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("ubigeo", "809", "“809” is not a UBIGEO: it has 2, 4 or 6 digits, the leading zero included, as in 0809."),
        (
            "iso_3166",
            "Peru",
            "“Peru” is not an ISO 3166 code: write two capitals, as in PE, or PE-PUN for a subdivision.",
        ),
        ("wikidata_id", "419", "“419” is not a Wikidata item: write Q and digits, as in Q419."),
        ("latitude", Decimal(95), "A latitude lies between -90 and 90."),
        ("longitude", Decimal(-181), "A longitude lies between -180 and 180."),
    ],
)
def test_a_wrong_code_or_coordinate_is_refused_with_what_would_be_right(field, value, sentence):
    region = make_region(latitude=0, longitude=0)
    setattr(region, field, value)

    with pytest.raises(ValidationError) as refusal:
        region.full_clean()
    assert refusal.value.message_dict[field] == [sentence]


def test_codes_left_empty_are_not_repeated():
    for _ in range(2):
        make_region(ubigeo="", iso_3166="", wikidata_id="", geonames_id=None).full_clean()


@pytest.mark.parametrize(("latitude", "longitude"), [(-90, -180), (90, 180), (0, 0), ("-13.163068", "-74.223873")])
def test_points_at_the_edge_of_the_map_are_stored(latitude, longitude):
    region = make_region(latitude=Decimal(latitude), longitude=Decimal(longitude))
    region.full_clean()
    region.refresh_from_db()

    assert (region.latitude, region.longitude) == (Decimal(latitude), Decimal(longitude))


@pytest.mark.parametrize(
    "outline",
    [
        SQUARE,
        {"type": "LineString", "coordinates": [[-70, -10], [-69, -9]]},
        {"type": "MultiPolygon", "coordinates": []},
    ],
)
def test_an_outline_is_a_geojson_geometry(outline):
    region = make_region(outline=outline)
    region.full_clean()

    assert Region.objects.get().outline == outline


@pytest.mark.parametrize("outline", [{"type": "Point"}, {"type": "Polygon"}, ["Polygon"], "POLYGON((0 0))", 3, True])
def test_an_outline_that_is_no_geometry_is_refused_with_what_would_be_right(outline):
    region = make_region()
    region.outline = outline

    with pytest.raises(ValidationError) as refusal:
        region.full_clean()
    sentence = refusal.value.message_dict["outline"][0]
    assert sentence.startswith("The outline is not a GeoJSON geometry: it needs a type (Polygon, MultiPolygon")


# Parts


def test_a_zone_lists_its_parts_and_a_part_its_zones():
    part = make_region()
    zone = make_region(parts=[part])

    assert list(zone.parts.all()) == [part]
    assert list(part.zones.all()) == [zone]
    assert not part.parts.exists()


def test_a_region_is_not_a_part_of_itself():
    region = make_region(slug="vraem")

    with pytest.raises(IntegrityError, match="“vraem” cannot be a part of itself"), transaction.atomic():
        region.parts.add(region)


def test_a_part_of_a_zone_cannot_be_deleted():
    part = make_region(slug="pichari")
    zone = make_region(slug="vraem", parts=[part])

    with pytest.raises(IntegrityError, match="It cannot be deleted: “vraem” lists it"), transaction_to_its_end():
        part.delete()
    with transaction_to_its_end():
        zone.parts.clear()
    with transaction_to_its_end():
        Region.objects.get(slug="pichari").delete()


def test_a_zone_can_be_deleted_and_leaves_its_parts():
    part = make_region()
    zone = make_region(parts=[part])
    with transaction_to_its_end():
        zone.delete()

    assert Region.objects.get() == part


def test_a_part_of_a_zone_can_be_taken_out():
    part, other = make_region(), make_region()
    zone = make_region(parts=[part, other])
    with transaction_to_its_end():
        zone.parts.remove(part)

    assert list(zone.parts.all()) == [other]


# Labels


def test_a_label_tells_two_places_of_one_name_apart():
    peru = make_region(name="Peru", kind="country", parent=make_region(name="South America", kind="world-region"))
    puno = make_region(name="Puno", kind="department", parent=peru)
    melgar = make_region(name="Melgar", kind="province", parent=puno)
    loreto = make_region(name="Loreto", kind="department", parent=peru)

    assert make_region(name="Santa Rosa", kind="district", parent=melgar).label() == (
        "Santa Rosa · district · Melgar, Puno, Peru"
    )
    assert make_region(name="Santa Rosa", kind="settlement", parent=loreto).label() == (
        "Santa Rosa · settlement · Loreto, Peru"
    )
    assert peru.label() == "Peru · country · South America"
    assert make_region(name="Amazon", kind="river").label() == "Amazon · river"


def test_the_path_of_a_region_says_what_it_lies_in_and_not_its_own_name():
    peru = make_region(name="Peru")
    loreto = make_region(name="Loreto", kind="department", parent=peru)
    assert make_region(name="Caballococha · port", kind="port", parent=loreto).path() == "Loreto, Peru"
    assert peru.path() == ""


def test_the_context_of_regions_is_read_in_one_query(django_assert_num_queries):
    place = None
    for kind in ["world-region", "country", "department", "province", "district", "settlement"]:
        place = make_region(kind=kind, parent=place)

    with django_assert_num_queries(1):
        labels = [region.label() for region in Region.objects.with_context()]
    assert len(labels) == 6


# Deletion


def test_a_region_in_use_cannot_be_deleted_and_says_by_what():
    peru = make_region(kind="country")
    department = make_region(kind="department", parent=peru)
    estimate = make_region_estimate(region=peru)
    occurrence = make_occurrence(region=peru)

    with pytest.raises(ProtectedError) as refusal:
        peru.delete()
    assert refusal.value.protected_objects == {department, estimate, occurrence}


def test_a_market_with_activities_below_it_cannot_be_deleted():
    market = make_activity()
    below = make_activity(parent=market)

    with pytest.raises(ProtectedError) as refusal:
        market.delete()
    assert refusal.value.protected_objects == {below}


# Vocabularies


def test_there_are_fifteen_markets():
    assert len(Market) == 15


def test_the_stages_follow_the_supply_chain():
    assert Stage.values[:2] == ["cultivation", "extraction"]
    assert Stage.values[-1] == "support-services"
    assert len(Stage) == 12


@pytest.mark.parametrize("market", ["", *Market.values])
def test_an_activity_may_belong_to_any_market_or_none(market):
    make_activity(market=market).full_clean()


@pytest.mark.parametrize("kind", RegionKind.values)
def test_a_region_may_be_of_any_kind(kind):
    make_region(kind=kind).full_clean()


@pytest.mark.parametrize(("trend", "intensity"), [("", ""), *zip(Trend.values, [*Intensity.values, ""], strict=True)])
def test_an_occurrence_may_have_a_trend_and_an_intensity(trend, intensity):
    make_occurrence(trend=trend, intensity=intensity).full_clean()


@pytest.mark.parametrize("iccs", ["06", "0601", "060112", ""])
def test_an_activity_may_have_an_iccs_code(iccs):
    make_activity(iccs=iccs).full_clean()


def test_a_wrong_iccs_code_is_refused_with_a_right_one():
    activity = make_activity()
    activity.iccs = "6.1"

    with pytest.raises(ValidationError) as refusal:
        activity.full_clean()
    assert refusal.value.message_dict["iccs"] == ["“6.1” is not an ICCS code: it has 2 to 8 digits, as in 06 or 0601."]


# Routes


@pytest.mark.parametrize("commodity", Commodity.values)
def test_anything_listed_can_move_along_a_route(commodity):
    make_route(commodity=commodity).full_clean()


@pytest.mark.parametrize("mode", Mode.values)
def test_a_leg_can_be_travelled_in_any_mode(mode):
    make_route_leg(mode=mode).full_clean()


def test_rival_legs_share_their_number():
    route = make_route()
    by_air = make_route_leg(route=route, order=2, mode="small-aircraft")
    on_foot = make_route_leg(route=route, order=2, mode="on-foot")
    on_foot.full_clean()

    assert set(route.legs.all()) == {by_air, on_foot}


def test_a_leg_reads_from_origin_to_destination():
    leg = make_route_leg(
        route=make_route(name="Cocaine to Brazil"),
        order=2,
        origin=make_region(name="Pichari"),
        destination=make_region(name="Acre"),
        mode="small-aircraft",
    )

    assert str(leg) == "Cocaine to Brazil 2: Pichari → Acre · small aircraft"


def test_an_occurrence_names_activity_and_region():
    occurrence = make_occurrence(activity=make_activity(name="Illegal mining"), region=make_region(name="Puno"))

    assert str(occurrence) == "Illegal mining · Puno"


def test_legs_are_counted_from_one():
    leg = make_route_leg()
    leg.order = 0

    with pytest.raises(ValidationError, match=r"Legs are counted from 1\."):
        leg.full_clean()
