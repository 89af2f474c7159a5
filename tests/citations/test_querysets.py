"""The phrases in which lists and reports ask for claims."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection, models

from actors.models import Membership, Presence, Relation
from crimewatch.records.edtf import EDTFError
from crimewatch.records.models import Record
from regions.models import RouteLeg
from tests.factories import (
    make_activity,
    make_group,
    make_group_citation,
    make_group_estimate,
    make_involvement,
    make_membership,
    make_person,
    make_presence,
    make_region,
    make_relation,
    make_route_leg,
    make_source,
    make_target,
)
from tests.kinds import CLAIMS, make
from tests.people import make_reader, make_researcher

pytestmark = pytest.mark.django_db


def named_by(claim: Any) -> dict[str, Record]:
    """The records that a claim names, by the fields that name them."""
    fields = {field.name: getattr(claim, field.name) for field in type(claim).objects.all().record_fields()}
    return {name: record for name, record in fields.items() if record is not None}


def publish_all(claim: Any, *, besides: str = "") -> None:
    for name, record in named_by(claim).items():
        if name != besides:
            type(record)._default_manager.filter(pk=record.pk).update(status="published")


# Who sees what


@pytest.mark.parametrize("model", CLAIMS)
def test_a_claim_is_shown_once_all_that_it_names_is_published(model, settings):
    settings.SITE_IS_PUBLIC = True
    claim = make(model)
    publish_all(claim)

    assert model.objects.visible_to(make_reader()).get() == claim
    assert model.objects.visible_to(AnonymousUser()).get() == claim


@pytest.mark.parametrize(
    ("model", "field"),
    [
        pytest.param(model, field.name, id=f"{model.__name__}.{field.name}")
        for model in CLAIMS
        for field in model.objects.all().record_fields()
    ],
)
@pytest.mark.parametrize("status", ["draft", "in-review", "withdrawn"])
def test_a_claim_is_hidden_while_any_record_or_its_source_is(model, field, status, settings):
    settings.SITE_IS_PUBLIC = True
    claim = make(model)
    if getattr(claim, field) is None:
        setattr(claim, field, make(model._meta.get_field(field).related_model))
        claim.save()
    publish_all(claim)
    assert model.objects.visible_to(make_reader()).exists()
    hidden = named_by(claim)[field]
    type(hidden)._default_manager.filter(pk=hidden.pk).update(status=status)

    assert not model.objects.visible_to(make_reader()).exists()
    assert not model.objects.visible_to(AnonymousUser()).exists()
    assert not model.objects.visible_to(make_researcher(model)).exists()
    assert model.objects.visible_to(make_researcher(model, type(hidden))).get() == claim


@pytest.mark.parametrize("model", CLAIMS)
def test_a_stranger_sees_no_claim_unless_the_site_is_public(model, settings):
    settings.SITE_IS_PUBLIC = False
    publish_all(make(model))

    assert not model.objects.visible_to(AnonymousUser()).exists()
    assert model.objects.visible_to(make_reader()).exists()


@pytest.mark.parametrize("model", CLAIMS)
def test_a_researcher_sees_the_claims_on_drafts_only_with_the_right_to_them(model):
    make(model)
    named = {field.related_model for field in model.objects.all().record_fields()}
    others = [other for other in CLAIMS if other is not model]

    assert model.objects.visible_to(make_researcher(model, *named)).exists()
    assert not model.objects.visible_to(make_researcher(*others, *named)).exists()
    assert not model.objects.visible_to(make_researcher(model)).exists()


# When


@pytest.mark.parametrize(
    ("when", "asked", "overlaps"),
    [
        ("2017", "2017", True),
        ("2017", "2017-06", True),
        ("2017-06", "2017", True),
        ("2017-06-30", "2017-07", False),
        ("2017-06-30", "2017-06-30", True),
        ("1990/1999", "1999-12-31", True),
        ("1990/1999", "2000", False),
        ("2016-10/..", "2030", True),
        ("2016-10/..", "2016-09", False),
        ("../2016-10", "1950", True),
        ("2016/", "2020", True),
        ("199X", "1995", True),
        ("2017?", "2017", True),
        ("2017", "../2016", False),
        ("2017", "2016/..", True),
        ("2017-21", "2017-04", True),
        ("", "2017", False),
    ],
)
def test_a_claim_is_during_a_period_that_its_days_overlap(when: str, asked: str, overlaps: bool):
    make_presence(when=when)

    assert Presence.objects.during(asked).exists() is overlaps


@pytest.mark.parametrize("text", ["", "spring", "2017-13", "2018/2017"])
def test_a_period_that_is_not_edtf_is_an_error(text):
    with pytest.raises(EDTFError):
        Presence.objects.during(text)


@pytest.mark.parametrize("model", CLAIMS)
def test_periods_are_looked_up_by_the_index(model):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")

    assert f"{model._meta.model_name}_period" in model.objects.during("2017").order_by().explain()


# About


@pytest.mark.parametrize("model", CLAIMS)
def test_a_claim_is_about_each_record_that_it_names(model):
    claim = make(model)
    make(model)

    for record in named_by(claim).values():
        assert list(model.objects.about(record)) == [claim]


@pytest.mark.parametrize("model", CLAIMS)
def test_a_claim_is_not_about_another_kind_of_record_with_the_same_number(model):
    claim = make(model)
    for record in named_by(claim).values():
        for other in (
            make_person(pk=record.pk + 1000),
            make_group(pk=record.pk + 2000),
            make_activity(pk=record.pk + 3000),
        ):
            assert not model.objects.about(other).exists()


def test_a_claim_about_a_place_is_about_what_that_lies_in():
    peru = make_region(name="Perú", kind="country")
    puno = make_region(name="Puno", kind="department", parent=peru)
    presence = make_presence(region=make_region(name="San Antonio de Putina", parent=puno))
    make_presence()

    assert list(Presence.objects.about(peru)) == [presence]
    assert list(Presence.objects.about(puno)) == [presence]


def test_a_claim_about_a_country_is_not_about_each_of_its_parts():
    peru = make_region(kind="country")
    make_presence(region=peru)

    assert not Presence.objects.about(make_region(kind="department", parent=peru)).exists()


def test_a_leg_is_about_where_it_begins_and_where_it_ends():
    peru = make_region(kind="country")
    inside = make_region(parent=peru)
    leaving, arriving = make_route_leg(origin=inside), make_route_leg(destination=inside)
    make_route_leg()

    assert set(RouteLeg.objects.about(peru)) == {leaving, arriving}


def test_a_claim_about_an_activity_is_about_what_that_belongs_to():
    market = make_activity()
    involvement = make_involvement(activity=make_activity(parent=market))

    assert list(type(involvement).objects.about(market)) == [involvement]


def test_a_relation_is_about_both_groups():
    relation = make_relation()

    assert list(Relation.objects.about(relation.group)) == [relation]
    assert list(Relation.objects.about(relation.other)) == [relation]


def test_the_claims_of_a_source_are_about_it():
    source = make_source()
    claims = [make(model, source=source) for model in CLAIMS]

    assert [model.objects.about(source).get() for model in CLAIMS] == claims


# Search


@pytest.mark.parametrize("text", ["huanuco", "sendero lumnoso", "shining path", "elis 2017", "expertos", "p18-3"])
def test_a_claim_is_found_by_its_words_its_records_and_its_source(text):
    claim = make_presence(
        group=make_group(name="Sendero Luminoso", aliases=["Shining Path"]),
        region=make_region(name="Huánuco"),
        source=make_source(name="Ellis 2017"),
        attributed_to="expertos peruanos",
        uid="p18-3",
    )
    make_presence()

    assert list(Presence.objects.search(text)) == [claim]


def test_a_claim_is_found_by_its_own_text():
    citation = make_group_citation(statement="Cobra cupos a las obras de construcción.")
    estimate = make_group_estimate(basis="armed fighters", source_words="some 350")
    target = make_target(note="Announced in Pichari")

    assert list(type(citation).objects.search("construccion")) == [citation]
    assert list(type(estimate).objects.search("fighters")) == [estimate]
    assert list(type(estimate).objects.search("some 350")) == [estimate]
    assert list(type(target).objects.search("pichari")) == [target]


@pytest.mark.parametrize("text", ["", "  "])
def test_an_empty_search_changes_nothing(text):
    claims = [make_presence() for _ in range(2)]

    assert list(Presence.objects.search(text)) == claims[::-1]


@pytest.mark.parametrize("model", CLAIMS)
def test_every_kind_of_claim_can_be_searched(model):
    claim = make(model)
    make(model)

    assert list(model.objects.search(claim.uid)) == [claim]
    for record in named_by(claim).values():
        type(record).objects.filter(pk=record.pk).update(name="Ñandú Xilófono")
        assert list(model.objects.search("nandu xilofono")) == [claim]
        type(record).objects.filter(pk=record.pk).update(name="Another")


def test_a_search_among_some_claims_finds_no_others():
    group = make_group(name="Los Pulpos")
    claim = make_presence(group=group, stance="disputes")
    make_presence(group=group)

    assert list(Presence.objects.filter(stance="disputes").search("pulpos")) == [claim]


# State


@pytest.mark.parametrize("model", CLAIMS)
def test_claims_are_sorted_out_by_stance_and_state(model):
    accepted = make(model)
    disputing = make(model, stance="disputes")
    conflict = make(model, status="conflict", note="Both stand.")
    work, issue = make(model, status="work-needed"), make(model, status="issue")

    assert set(model.objects.supporting()) == {accepted, conflict, work, issue}
    assert list(model.objects.in_conflict()) == [conflict]
    assert set(model.objects.needing_work()) == {work, issue}
    assert disputing not in model.objects.supporting()


@pytest.mark.parametrize("model", CLAIMS)
def test_the_newest_claim_comes_first(model):
    claims = [make(model) for _ in range(3)]

    assert list(model.objects.all()) == claims[::-1]


# Queries


@pytest.mark.parametrize("phrase", ["with_records", "with_context"])
@pytest.mark.parametrize("model", CLAIMS)
def test_claims_are_read_with_their_records_in_one_query(model, phrase, django_assert_num_queries):
    for _ in range(2):
        make(model)

    with django_assert_num_queries(1):
        for claim in getattr(model.objects.all(), phrase)():
            str(claim)
            for record in named_by(claim).values():
                assert record.name


@pytest.mark.parametrize("model", CLAIMS)
def test_claims_are_shown_with_the_whole_context_of_their_records_in_one_query(model, django_assert_num_queries):
    claim = make(model)
    for record in named_by(claim).values():
        if any(field.name == "parent" for field in record._meta.concrete_fields):
            record.parent = make(type(record), parent=make(type(record)))
            record.save()

    with django_assert_num_queries(1):
        shown = [record.label() for claim in model.objects.with_context() for record in named_by(claim).values()]
    assert all(shown)


def test_a_claim_knows_its_records_in_the_order_of_its_columns():
    names = [field.name for field in Membership.objects.all().record_fields()]

    assert names == ["source", "person", "group"]
    assert all(isinstance(field, models.ForeignKey) for field in Membership.objects.all().record_fields())


def test_memberships_are_about_people_and_groups():
    membership = make_membership()

    assert list(Membership.objects.about(membership.group)) == [membership]
