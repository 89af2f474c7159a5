"""All claims as one relation: the views have every claim and every record that a claim names, whatever their kinds."""

import pytest
from django.db import connection, models

from actors.models import Group
from crimewatch.citations.models import Claim
from crimewatch.explorer.models import (
    SHARED_COLUMNS,
    AnyClaim,
    Mention,
    all_claims_sql,
    all_mentions_sql,
    claim_models,
)
from tests.factories import make_group, make_group_citation, make_presence, make_region, make_source
from tests.kinds import CLAIMS, RECORDS, make

pytestmark = pytest.mark.django_db


def definition(view: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_viewdef(%s::regclass)", [view])
        return str(cursor.fetchone()[0])


@pytest.mark.parametrize(("view", "create"), [("all_claims", all_claims_sql), ("all_mentions", all_mentions_sql)])
def test_the_view_is_what_the_models_ask_for(view, create):
    """Where this fails, a migration has to define the view anew: see docs/how-to-add-a-record-type.md."""
    with connection.cursor() as cursor:
        cursor.execute(create().replace(f"CREATE VIEW {view}", f"CREATE TEMPORARY VIEW fresh_{view}"))

    assert definition(view) == definition(f"pg_temp.fresh_{view}")


def test_every_kind_of_claim_is_in_the_views():
    assert set(claim_models()) == set(CLAIMS)


def test_the_view_has_every_column_that_claims_share():
    shared = {field.column for field in Claim._meta.get_fields() if field.concrete and field.name != "id"}

    assert set(SHARED_COLUMNS) == shared
    assert shared < {field.column for field in AnyClaim._meta.concrete_fields}


@pytest.mark.parametrize("model", CLAIMS)
def test_a_claim_is_in_the_view_as_it_is_in_its_table(model):
    claim = make(model, when="2017-03", note="Both stand.", locator_type="paragraph", locator="18")
    claim.refresh_from_db()
    found = AnyClaim.objects.get()

    assert found.claim_type == model._meta.db_table
    assert found.claim_id == claim.pk
    assert found.key == f"{model._meta.db_table}:{claim.pk}"
    assert found.subject_type == claim.subject_record._meta.db_table
    assert found.subject_id == claim.subject_record.pk
    for column in SHARED_COLUMNS:
        assert getattr(found, column) == getattr(claim, column), column
    assert str(found) == claim.uid


def test_the_view_counts_as_many_claims_as_the_tables():
    for number, model in enumerate(CLAIMS):
        for _ in range(number % 3 + 1):
            make(model)

    by_type = dict(AnyClaim.objects.values_list("claim_type").annotate(count=models.Count("key")))
    assert by_type == {model._meta.db_table: model.objects.count() for model in CLAIMS}


@pytest.mark.parametrize("model", CLAIMS)
def test_each_record_that_a_claim_names_is_mentioned_once_in_each_role(model):
    claim = make(model)
    named = {
        (field.name, record._meta.db_table, record.pk)
        for field in model.objects.all().record_fields()
        if (record := getattr(claim, field.name)) is not None
    }
    mentions = Mention.objects.filter(claim_type=model._meta.db_table, claim_id=claim.pk)

    assert set(mentions.values_list("role", "record_type", "record_id")) == named
    assert mentions.count() == len(named)


def test_the_view_counts_as_many_mentions_as_the_tables():
    for model in CLAIMS:
        make(model)
    filled = sum(
        model.objects.filter(**{f"{field.name}__isnull": False}).count()
        for model in CLAIMS
        for field in model.objects.all().record_fields()
    )

    assert Mention.objects.count() == filled


@pytest.mark.parametrize(("stance", "supports"), [("supports", True), ("disputes", False), ("mentions", False)])
def test_a_mention_tells_whether_it_holds_the_record_up(stance, supports):
    make_presence(stance=stance)

    told = dict(Mention.objects.values_list("role", "supports"))
    assert told == {"group": supports, "region": supports, "source": True}


@pytest.mark.parametrize("model", RECORDS)
def test_what_the_view_says_of_support_is_what_the_querysets_say(model):
    for claim_model in CLAIMS:
        make(claim_model)
        make(claim_model, stance="disputes")
    make(model)
    held_up = Mention.objects.filter(record_type=model._meta.db_table, supports=True).values("record_id")

    assert set(model.objects.supported()) == set(model.objects.filter(pk__in=held_up))


def test_a_claim_is_in_the_view_as_long_as_it_is_in_its_table():
    claim = make_group_citation(statement="Extorts builders.")
    assert AnyClaim.objects.filter(search_key__contains="builders").exists()
    type(claim).objects.update(statement="Extorts bakers.")
    assert not AnyClaim.objects.search("builders").exists()
    claim.delete()

    assert not AnyClaim.objects.exists()
    assert not Mention.objects.exists()


def test_claims_of_all_kinds_are_searched_together():
    citation = make_group_citation(statement="Cobra cupos en Pichari.")
    presence = make_presence(note="Seen in Pichari.")
    make_presence()

    assert set(AnyClaim.objects.search("pichari").values_list("uid", flat=True)) == {citation.uid, presence.uid}


def test_the_search_of_all_claims_goes_by_the_indexes():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = AnyClaim.objects.search("huanuco").explain()

    assert [model for model in CLAIMS if f"{model._meta.model_name}_search_key" not in plan] == []


def test_the_mentions_of_a_record_are_looked_up_in_the_tables_that_can_have_any():
    group = make_group()
    make_presence(group=group, region=make_region(), source=make_source())
    plan = Mention.objects.filter(record_type="actors_group", record_id=group.pk).explain()
    naming_groups = {
        model._meta.db_table
        for model in CLAIMS
        if any(field.related_model is Group for field in model.objects.all().record_fields())
    }

    for model in CLAIMS:
        table = model._meta.db_table
        assert (f" on {table} " in plan) is (table in naming_groups), table


@pytest.mark.parametrize("model", [AnyClaim, Mention])
def test_nobody_is_granted_rights_to_a_view(model):
    assert model._meta.default_permissions == ()
    assert not model._meta.managed
