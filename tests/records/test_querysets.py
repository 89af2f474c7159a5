"""The phrases in which lists and reports ask for records."""

import unicodedata
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection

from actors.models import Group
from crimewatch.citations.models import Source
from crimewatch.records.models import Status
from crimewatch.records.querysets import claim_relations
from programs.models import Agency
from regions.models import IllicitActivity, Region
from tests.factories import (
    make_activity,
    make_agency,
    make_group,
    make_group_citation,
    make_indicator,
    make_involvement,
    make_presence,
    make_region,
    make_relation,
    make_source,
)
from tests.kinds import CLAIMS, RECORDS, make, make_claim_about, publish
from tests.people import make_reader, make_researcher

pytestmark = pytest.mark.django_db


# Search


@pytest.mark.parametrize(
    "text",
    ["Huánuco", "huanuco", "HUÁNUCO", "huánuco ", "huan", "ánu", unicodedata.normalize("NFD", "Huánuco")],
)
def test_accents_and_case_do_not_matter(text: str):
    huanuco = make_region(name="Huánuco")
    make_region(name="Puno")

    assert list(Region.objects.search(text)) == [huanuco]


def test_a_name_typed_with_combining_accents_is_found_like_any_other():
    typed_on_a_mac = make_region(name=unicodedata.normalize("NFD", "Huánuco"))

    assert list(Region.objects.search("huánuco")) == [typed_on_a_mac]


@pytest.mark.parametrize("text", ["ñahuimpuquio", "nahuimpuquio", "Ñahuim", "NAHUIM"])
def test_n_with_and_without_tilde_are_the_same_letter(text: str):
    place = make_region(name="Ñahuimpuquio")

    assert list(Region.objects.search(text)) == [place]


@pytest.mark.parametrize("text", ["sendero lumnoso", "sendro luminoso", "Sendero Luminozo", "senderoluminoso"])
def test_typing_errors_are_forgiven(text: str):
    group = make_group(name="Sendero Luminoso")
    make_group(name="Los Pulpos")

    assert list(Group.objects.search(text)) == [group]


def test_a_wrong_letter_in_a_short_word_is_forgiven_where_others_tell_which_is_meant():
    place = make_region(name="Santa Rosa de Yavarí")
    make_region(name="Santa Ana")
    make_region(name="San Ramón")

    assert list(Region.objects.search("santa roza")) == [place]


@pytest.mark.parametrize("text", ["shining path", "pcp-sl", "Path Shining"])
def test_a_record_is_found_by_its_aliases(text: str):
    group = make_group(name="Sendero Luminoso", aliases=["Shining Path", "PCP-SL"])
    make_group(name="Los Pulpos", aliases=["Octopuses"])

    assert list(Group.objects.search(text)) == [group]


@pytest.mark.parametrize("text", ["PE-PUN", "pe-pun", "210101", "Q205087", "puno-region"])
def test_a_region_is_found_by_its_codes(text: str):
    puno = make_region(name="Puno", slug="puno-region", iso_3166="PE-PUN", ubigeo="210101", wikidata_id="Q205087")
    make_region(name="Cusco", iso_3166="PE-CUS", ubigeo="080101", wikidata_id="Q5582862")

    assert list(Region.objects.search(text)) == [puno]


def test_a_source_is_found_by_where_it_appeared():
    source = make_source(name="Gold", container_title="Military Review", doi="10.1000/182", publisher="Army")
    make_source(name="Coca")

    for text in ("military review", "10.1000/182", "army"):
        assert list(Source.objects.search(text)) == [source]


@pytest.mark.parametrize("text", ["rosa santa", "santa rosa loreto", "LORETO  santa\tROSA\n"])
def test_several_words_are_found_in_any_order(text: str):
    place = make_region(name="Santa Rosa de Loreto")
    make_region(name="Santa Ana")
    make_region(name="Rosaspata")

    assert list(Region.objects.search(text)) == [place]


def test_every_word_has_to_be_there():
    make_region(name="Santa Rosa")

    assert not Region.objects.search("santa xyzzy").exists()


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_an_empty_search_changes_nothing(text: str):
    regions = [make_region(name=name) for name in "BA"]

    assert list(Region.objects.search(text)) == regions[::-1]


@pytest.mark.parametrize("text", ["%", "_", "\\", "'", '"', "a%b", "100%", "{}", "%s", "$1", "*", "€", "🦅"])
def test_signs_with_a_meaning_in_sql_are_letters_like_any_other(text: str):
    with_sign = make_region(name=f"Place {text} here")
    make_region(name="Another xyz")

    assert with_sign in Region.objects.search(f"{text} place")
    assert set(Region.objects.search(text)) <= {with_sign}


def test_the_best_match_comes_first():
    by_alias = make_group(name="Clan Farfán", aliases=["Los de Sendero"])
    by_name = make_group(name="Sendero")

    assert list(Group.objects.search("sendero")) == [by_name, by_alias]


def test_a_changed_name_is_found_at_once():
    make_group(name="Los Pulpos")
    Group.objects.update(name="Los Malditos de Bayóvar")

    assert Group.objects.search("bayovar").exists()
    assert not Group.objects.search("pulpos").exists()


def test_a_search_can_be_narrowed():
    published = make_group(name="Los Pulpos")
    publish(published)
    make_group(name="Los Pulpitos")

    assert list(Group.objects.published().search("los pul")) == [published]
    assert list(Group.objects.search("los pul").published()) == [published]


@pytest.mark.parametrize("model", [*RECORDS, *CLAIMS])
@pytest.mark.parametrize("text", ["huanuco", "sendero lumnoso"])
def test_the_search_goes_by_the_index(model, text: str):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    found = super(type(model.objects.all()), model.objects.all()).search(text)

    assert f"{model._meta.model_name}_search_key" in found.explain()


# Who sees what


@pytest.fixture
def pairs() -> dict[Any, list[Any]]:
    """Of every kind a record of each status."""
    records = {model: [make(model) for _ in Status] for model in RECORDS}
    for model, of_kind in records.items():
        for record, status in zip(of_kind, Status, strict=True):
            make_claim_about(record)
            model.objects.filter(pk=record.pk).update(status=status)
            record.refresh_from_db()
    return records


@pytest.mark.parametrize("model", RECORDS)
@pytest.mark.parametrize("is_public", [True, False])
def test_a_stranger_sees_published_records_of_a_public_site(model, is_public, pairs, settings):
    settings.SITE_IS_PUBLIC = is_public
    seen = {record for record in pairs[model] if record.status == "published"} if is_public else set()

    assert set(model.objects.visible_to(AnonymousUser())) & set(pairs[model]) == seen


@pytest.mark.parametrize("is_public", [True, False])
@pytest.mark.parametrize("model", RECORDS)
def test_a_reader_sees_published_records(model, is_public, pairs, settings):
    settings.SITE_IS_PUBLIC = is_public

    assert {record.status for record in model.objects.visible_to(make_reader())} == {"published"}


@pytest.mark.parametrize("model", RECORDS)
def test_a_researcher_with_the_view_right_sees_everything(model, pairs):
    seen = set(model.objects.visible_to(make_researcher(model)))

    assert seen == set(model.objects.all())
    assert {record.status for record in seen} == set(Status.values)


@pytest.mark.parametrize("model", RECORDS)
def test_a_researcher_with_rights_to_other_tables_is_a_reader_here(model, pairs):
    others = [other for other in RECORDS if other is not model]

    assert {record.status for record in model.objects.visible_to(make_researcher(*others))} == {"published"}


def test_the_view_right_alone_makes_no_researcher(pairs):
    user = make_researcher(Group)
    user.is_staff = False
    user.save()

    assert {group.status for group in Group.objects.visible_to(user)} == {"published"}


def test_someone_whose_login_was_closed_is_no_researcher(pairs):
    user = make_researcher(Group)
    user.is_active = False
    user.save()

    assert {group.status for group in Group.objects.visible_to(user)} <= {"published"}


def test_a_superuser_sees_everything(pairs):
    user = make_reader(is_staff=True, is_superuser=True)

    assert set(Group.objects.visible_to(user)) == set(Group.objects.all())


# Support


@pytest.mark.parametrize("model", RECORDS)
def test_a_record_is_cited_once_a_claim_names_it(model):
    bare, cited = make(model), make(model)
    make_claim_about(cited)

    ours = model.objects.filter(pk__in=[bare.pk, cited.pk])
    assert list(ours.cited()) == [cited]
    assert list(ours.supported()) == [cited]
    assert list(ours.uncited()) == [bare]
    assert list(ours.unsupported()) == [bare]
    assert cited.is_supported()
    assert not bare.is_supported()


@pytest.mark.parametrize("stance", ["disputes", "mentions"])
def test_a_record_that_claims_only_dispute_is_cited_but_not_supported(stance):
    group = make_group()
    make_group_citation(record=group, stance=stance)

    assert Group.objects.cited().get() == group
    assert Group.objects.unsupported().get() == group
    assert not Group.objects.supported().exists()
    assert not Group.objects.uncited().exists()


@pytest.mark.parametrize("stance", ["supports", "disputes", "mentions"])
def test_a_source_is_supported_by_any_claim_that_rests_on_it(stance):
    source = make_source()
    make_presence(source=source, stance=stance)

    assert source in Source.objects.supported()


@pytest.mark.parametrize("claim_model", CLAIMS)
def test_a_claim_of_any_kind_cites_every_record_that_it_names(claim_model):
    claim = make(claim_model)

    for field in claim_model.objects.all().record_fields():
        record = getattr(claim, field.name)
        if record is not None:
            assert type(record).objects.cited().filter(pk=record.pk).exists(), field.name


def test_a_group_is_supported_as_either_side_of_a_relation():
    relation = make_relation()

    assert set(Group.objects.supported()) == {relation.group, relation.other}


def test_many_claims_do_not_repeat_a_record():
    group = make_group()
    for _ in range(3):
        make_presence(group=group)
        make_involvement(group=group)

    assert list(Group.objects.cited()) == [group]
    assert Group.objects.supported().count() == 1


@pytest.mark.parametrize("model", RECORDS)
def test_every_foreign_key_of_a_claim_counts(model):
    told = {(relation.related_model, relation.field.name) for relation in claim_relations(model)}
    meant = {
        (claim, field.name)
        for claim in CLAIMS
        for field in claim._meta.concrete_fields
        if field.many_to_one and issubclass(model, field.related_model)
    }

    assert told == meant
    assert told


# Order


@pytest.mark.parametrize("model", RECORDS)
def test_names_are_sorted_without_regard_to_accents_and_case(model):
    names = ["Zúñiga", "ánimas", "Ancón", "Ñaña", "nazca", "Áncash", "Óscar", "Oxapampa"]
    ours = [make(model, name=name).pk for name in names]

    assert list(model.objects.filter(pk__in=ours).values_list("name", flat=True)) == [
        "Áncash",
        "Ancón",
        "ánimas",
        "Ñaña",
        "nazca",
        "Óscar",
        "Oxapampa",
        "Zúñiga",
    ]


def test_records_of_one_name_keep_their_order():
    places = [make_region(name="Santa Rosa") for _ in range(5)]

    assert list(Region.objects.all()) == places


def test_the_list_of_names_goes_by_the_index():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")

    assert "group_name_key" in Group.objects.all()[:20].explain()


def test_old_keys_are_looked_up_by_the_index():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
    plan = Group.objects.by_slug("los-pulpos").explain()

    assert "group_past_slugs" in plan


# Within


@pytest.mark.parametrize("model", [IllicitActivity, Agency])
def test_within_a_record_lies_everything_below_it(model):
    top = make(model)
    middle = make(model, parent=top)
    bottom = make(model, parent=middle)
    make(model)

    assert set(model.objects.within(top)) == {top, middle, bottom}
    assert set(model.objects.within(middle)) == {middle, bottom}
    assert set(model.objects.within(bottom)) == {bottom}


@pytest.mark.parametrize("model", [Source, Group])
def test_a_record_without_an_inside_holds_itself_alone(model):
    record = make(model)
    make(model)

    assert list(model.objects.within(record)) == [record]


def test_the_tree_of_one_kind_does_not_mix_with_another():
    agency = make_agency()
    make_activity()
    make_indicator()

    assert list(Agency.objects.within(agency)) == [agency]
