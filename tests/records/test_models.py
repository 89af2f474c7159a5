"""What holds of every record: its key, the keys it had, its place in a tree, its publication."""

from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import psycopg
import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Case, ProtectedError, Value, When

from actors.models import Group, Presence
from crimewatch.citations.models import Source
from crimewatch.records.models import Status
from programs.models import Agency
from regions.models import IllicitActivity, Region
from tests.factories import (
    make_group,
    make_group_citation,
    make_presence,
    make_region,
    make_source,
)
from tests.kinds import (
    CLAIMS,
    RECORDS,
    delete_by_sql,
    make,
    make_claim_about,
    publish,
    set_by_sql,
    transaction_to_its_end,
)

pytestmark = pytest.mark.django_db

TREES: list[Any] = [Region, IllicitActivity, Agency]


def at_the_end_of_the_transaction() -> None:
    """Have the database check what it otherwise checks at COMMIT."""
    connection.check_constraints()


# Keys


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Madre de Dios", "madre-de-dios"),
        ("Ñahuimpuquio", "nahuimpuquio"),
        ("Los Pulpos (Trujillo)", "los-pulpos-trujillo"),
        ("  La Rinconada  ", "la-rinconada"),
        ("Sendero — Luminoso", "sendero-luminoso"),
        ("snake_case _ name", "snake-case-name"),
        ("_hidden_", "hidden"),
        ("São Paulo/Brasil", "sao-paulobrasil"),
        ("18 de Noviembre", "18-de-noviembre"),
    ],
)
def test_the_key_is_made_from_the_name(name: str, slug: str):
    assert make_group(slug="", name=name).slug == slug


@pytest.mark.parametrize("model", RECORDS)
@pytest.mark.parametrize("name", ["Братва", "三合会", "!!!", "🦅"])
def test_a_name_without_latin_letters_makes_a_key_of_the_kind(model, name: str):
    record = make(model, slug="", name=name)

    assert record.slug == model._meta.model_name
    assert make(model, slug="", name=name).slug == f"{model._meta.model_name}-2"


def test_a_key_that_is_taken_gets_a_number():
    slugs = [make_region(slug="", name="Santa Rosa").slug for _ in range(3)]

    assert slugs == ["santa-rosa", "santa-rosa-2", "santa-rosa-3"]


def test_a_key_is_taken_only_within_its_kind():
    assert make_region(slug="", name="Puno").slug == make_group(slug="", name="Puno").slug == "puno"


def test_a_key_that_another_record_had_is_not_given_away():
    make_group(name="Los Pulpos", slug="los-pulpos")
    Group.objects.update(slug="pulpos-de-trujillo")

    assert make_group(slug="", name="Los Pulpos").slug == "los-pulpos-2"


def test_a_record_may_have_its_own_old_key_again():
    group = make_group(name="Los Pulpos", slug="los-pulpos")
    Group.objects.update(slug="pulpos-de-trujillo")
    group.refresh_from_db()
    group.slug = ""
    group.save()
    group.refresh_from_db()

    assert group.slug == "los-pulpos"
    assert group.past_slugs == ["pulpos-de-trujillo"]


def test_the_longest_name_makes_keys_that_fit():
    names = [make_region(slug="", name="Ñuñoa " * 50) for _ in range(12)]

    assert len({region.slug for region in names}) == 12
    for region in names:
        region.full_clean()
        assert len(region.slug) <= 100


def test_full_clean_fills_in_the_key():
    region = Region(name="Madre de Dios", kind="department")
    region.full_clean()

    assert region.slug == "madre-de-dios"


def test_the_key_stays_when_the_name_changes():
    group = make_group(slug="", name="Sendero Luminoso")
    group.name = "Militarizado Partido Comunista del Perú"
    group.full_clean()
    group.save()

    assert Group.objects.get().slug == "sendero-luminoso"


@pytest.mark.parametrize("model", RECORDS)
def test_a_key_is_given_once_among_records_of_a_kind(model):
    make(model, slug="madre-de-dios")

    with pytest.raises(IntegrityError), transaction.atomic():
        make(model, slug="madre-de-dios")


def test_a_taken_key_is_refused_in_a_sentence():
    make_region(slug="puno")
    second = make_region(slug="puno-2")
    second.slug = "puno"

    with pytest.raises(ValidationError) as refusal:
        second.full_clean()
    assert refusal.value.message_dict == {"slug": ["This key is taken by another record of the same kind."]}


def test_a_wrong_key_is_refused_with_a_right_one():
    region = make_region()
    region.slug = "Madre_de_Dios"

    with pytest.raises(ValidationError) as refusal:
        region.full_clean()
    assert refusal.value.message_dict["slug"][0] == (
        "“Madre_de_Dios” is not a key: use small letters, digits and single hyphens between them, as in madre-de-dios."
    )


# Past keys


def rename_by_save(record: Any, slug: str) -> None:
    record.slug = slug
    record.save()


def rename_by_update(record: Any, slug: str) -> None:
    type(record).objects.filter(pk=record.pk).update(slug=slug)


def rename_in_bulk(record: Any, slug: str) -> None:
    record.slug = slug
    type(record).objects.bulk_update([record], ["slug"])


def rename_by_sql(record: Any, slug: str) -> None:
    set_by_sql(record, "slug", slug)


RENAMINGS = [rename_by_save, rename_by_update, rename_in_bulk, rename_by_sql]


@pytest.mark.parametrize("model", RECORDS)
@pytest.mark.parametrize("rename", RENAMINGS)
def test_a_past_key_goes_on_resolving(model, rename):
    record = make(model, slug="first")
    rename(record, "second")
    record = model.objects.get(pk=record.pk)
    rename(record, "third")

    assert [model.objects.by_slug(slug).get() for slug in ("first", "second", "third")] == [record] * 3
    assert model.objects.get(pk=record.pk).past_slugs == ["first", "second"]


def test_saving_again_keeps_the_past_keys():
    group = make_group(slug="first")
    rename_by_save(group, "second")
    group.summary = "A gang."
    group.save()

    assert Group.objects.get().past_slugs == ["first"]


def test_someone_who_loaded_the_record_before_its_renaming_keeps_its_past_keys():
    group = make_group(slug="first")
    loaded_before = Group.objects.get()
    rename_by_save(group, "second")
    loaded_before.slug = "third"
    loaded_before.save()

    assert set(Group.objects.get().past_slugs) == {"first", "second"}


def test_a_key_that_comes_back_is_no_past_key():
    group = make_group(slug="first")
    rename_by_sql(group, "second")
    rename_by_sql(group, "first")

    assert Group.objects.get().past_slugs == ["second"]


def test_the_key_of_now_comes_before_the_key_of_old():
    renamed = make_group(slug="pulpos")
    rename_by_update(renamed, "pulpos-de-trujillo")
    now = make_group(slug="pulpos")

    assert list(Group.objects.by_slug("pulpos")) == [now, renamed]


def test_no_record_has_an_unknown_key():
    make_group(slug="pulpos")

    assert not Group.objects.by_slug("pulpo").exists()
    assert not Group.objects.by_slug("").exists()


# Trees


@pytest.mark.parametrize("model", TREES)
def test_a_record_cannot_lie_below_itself(model):
    top = make(model, slug="top")
    middle = make(model, slug="middle", parent=top)
    bottom = make(model, slug="bottom", parent=middle)

    for below in (top, middle, bottom):
        top.parent = below
        with pytest.raises(ValidationError) as refusal:
            top.full_clean()
        assert refusal.value.message_dict == {
            "parent": [f"“top” cannot lie below “{below.slug}”, which is the record itself or lies below it."]
        }


@pytest.mark.parametrize("model", TREES)
def test_the_database_refuses_a_cycle(model):
    top = make(model, slug="top")
    bottom = make(model, parent=make(model, parent=top), slug="bottom")

    with pytest.raises(IntegrityError, match="“top” cannot lie below “bottom”"), transaction.atomic():
        model.objects.filter(pk=top.pk).update(parent=bottom)
    with pytest.raises(IntegrityError, match="“top” cannot lie below “top”"), transaction.atomic():
        set_by_sql(top, "parent_id", top.pk)
    top.parent = bottom
    with pytest.raises(IntegrityError), transaction.atomic():
        top.save()


def set_parents(model: type[models.Model], parents: dict[Any, Any]) -> None:
    """Give each record its parent, all in one statement."""
    cases = [When(pk=child.pk, then=Value(parent.pk)) for child, parent in parents.items()]
    model._default_manager.filter(pk__in=[child.pk for child in parents]).update(
        parent_id=Case(*cases, output_field=models.BigIntegerField())
    )


@pytest.mark.parametrize("model", TREES)
def test_two_records_cannot_be_put_below_each_other_at_once(model):
    one, other = make(model), make(model)

    with pytest.raises(IntegrityError, match="cannot lie below"), transaction.atomic():
        set_parents(model, {one: other, other: one})


@pytest.mark.parametrize("model", TREES)
def test_a_record_can_swap_places_with_its_child(model):
    parent = make(model)
    child = make(model, parent=parent)
    top = make(model)

    set_parents(model, {child: top, parent: child})

    parent.refresh_from_db()
    assert parent.parent == child
    assert parent.parent.parent == top


@pytest.mark.parametrize("model", TREES)
def test_a_cycle_is_refused_also_where_another_record_hangs_below_it(model):
    beside, one, other = make(model), make(model), make(model)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '5s'")

    # The row beside the cycle comes first: to climb from it is to go round for ever.
    with pytest.raises(IntegrityError, match="cannot lie below"), transaction.atomic():
        set_parents(model, {beside: one, one: other, other: one})


def test_a_parent_that_does_not_exist_is_refused_as_a_wrong_value():
    region = make_region()
    region.parent_id = 0

    with pytest.raises(ValidationError) as refusal:
        region.full_clean()
    assert set(refusal.value.message_dict) == {"parent"}


# Publication


@pytest.mark.parametrize("model", RECORDS)
def test_a_record_is_a_draft_at_first(model):
    assert make(model).status == Status.DRAFT


@pytest.mark.parametrize("model", RECORDS)
def test_a_record_without_a_claim_cannot_be_published(model):
    record = make(model, slug="bare")
    record.status = Status.PUBLISHED

    with pytest.raises(ValidationError) as refusal:
        record.full_clean()
    sentence = "“bare” cannot be published: no claim supports it yet. Add a claim with its source first."
    assert refusal.value.message_dict == {"status": [sentence]}

    with pytest.raises(IntegrityError, match=sentence), transaction_to_its_end():
        record.save()
    with pytest.raises(IntegrityError, match=sentence), transaction_to_its_end():
        model.objects.filter(pk=record.pk).update(status="published")
    with pytest.raises(IntegrityError, match="cannot be published"), transaction_to_its_end():
        make(model, status="published")


@pytest.mark.parametrize("model", RECORDS)
def test_a_record_with_a_claim_can_be_published(model):
    record = make(model)
    make_claim_about(record)
    record.status = Status.PUBLISHED

    record.full_clean()
    record.save()
    at_the_end_of_the_transaction()


@pytest.mark.parametrize("stance", ["disputes", "mentions"])
@pytest.mark.parametrize("model", [model for model in RECORDS if model is not Source])
def test_a_claim_that_does_not_support_a_record_does_not_publish_it(model, stance):
    record = make(model)
    make_claim_about(record, stance=stance)
    record.status = Status.PUBLISHED

    with pytest.raises(ValidationError, match="no claim supports it"):
        record.full_clean()
    with pytest.raises(IntegrityError), transaction_to_its_end():
        record.save()


@pytest.mark.parametrize("stance", ["supports", "disputes", "mentions"])
def test_a_source_is_supported_by_whatever_rests_on_it(stance):
    source = make_source()
    make_presence(source=source, stance=stance)
    source.status = Status.PUBLISHED

    source.full_clean()
    source.save()
    at_the_end_of_the_transaction()


@pytest.mark.parametrize("claim_model", CLAIMS)
def test_a_claim_of_any_kind_supports_every_record_that_it_names(claim_model):
    claim = make(claim_model)
    named = [getattr(claim, field.name) for field in claim_model.objects.all().record_fields()]

    for record in filter(None, named):
        type(record).objects.filter(pk=record.pk).update(status="published")
    at_the_end_of_the_transaction()
    assert len(named) >= 2


def test_the_claim_may_come_after_the_record_in_one_transaction():
    with transaction_to_its_end():
        group = make_group(status="published")
        make_group_citation(record=group)

    assert Group.objects.published().get() == group


def test_an_import_may_leave_the_check_to_the_end():
    group = make_group()
    group.status = Status.PUBLISHED
    group.support_is_checked_later = True

    group.full_clean()
    with pytest.raises(IntegrityError), transaction_to_its_end():
        group.save()


def test_a_draft_needs_no_claim_again_after_being_withdrawn():
    group = make_group()
    publish(group)
    Group.objects.update(status="withdrawn")
    group.citations.all().delete()
    at_the_end_of_the_transaction()

    assert Group.objects.uncited().get() == group


LAST = "“pulpos” is published and this is the last claim that supports it."


def taken_by_delete(claim: Any) -> None:
    claim.delete()


def taken_by_queryset(claim: Any) -> None:
    type(claim).objects.filter(pk=claim.pk).delete()


def taken_by_sql(claim: Any) -> None:
    delete_by_sql(claim)


def taken_by_its_stance(claim: Any) -> None:
    type(claim).objects.filter(pk=claim.pk).update(stance="disputes")


def taken_by_moving_it(claim: Any) -> None:
    claim.group = make_group()
    claim.save()


TAKINGS = [taken_by_delete, taken_by_queryset, taken_by_sql, taken_by_its_stance, taken_by_moving_it]


@pytest.mark.parametrize("take", TAKINGS)
def test_the_last_supporting_claim_stays_with_a_published_record(take):
    group = make_group(slug="pulpos")
    claim = make_presence(group=group)
    make_presence(group=group, stance="mentions")
    Group.objects.filter(pk=group.pk).update(status="published")
    at_the_end_of_the_transaction()

    with pytest.raises(IntegrityError, match=LAST), transaction_to_its_end():
        take(claim)


@pytest.mark.parametrize("take", TAKINGS)
def test_another_claim_of_any_kind_may_take_its_place(take):
    group = make_group(slug="pulpos")
    claim = make_presence(group=group)
    Group.objects.filter(pk=group.pk).update(status="published")

    take(claim)
    make_group_citation(record=group)
    at_the_end_of_the_transaction()


@pytest.mark.parametrize("model", RECORDS)
def test_the_last_supporting_claim_stays_with_a_published_record_of_any_kind(model):
    record = make(model)
    claim = make_claim_about(record)
    model.objects.filter(pk=record.pk).update(status="published")
    at_the_end_of_the_transaction()

    with pytest.raises(IntegrityError, match="the last claim that supports it"), transaction_to_its_end():
        claim.delete()


def test_a_published_record_can_be_deleted_with_its_claims():
    group = make_group()
    publish(group)

    group.delete()
    at_the_end_of_the_transaction()

    assert not Group.objects.exists()


def test_a_record_cannot_take_with_it_the_last_claim_of_another():
    presence = make_presence()
    Region.objects.filter(pk=presence.region.pk).update(status="published")
    at_the_end_of_the_transaction()

    with pytest.raises(IntegrityError, match="the last claim that supports it"), transaction_to_its_end():
        presence.group.delete()


@pytest.mark.django_db(transaction=True)
def test_nothing_of_a_refused_transaction_is_stored():
    def store_both() -> None:
        with transaction.atomic():
            make_source()
            make_group(status="published")

    with pytest.raises(IntegrityError, match="cannot be published"):
        store_both()

    assert not Group.objects.exists()
    assert not Source.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_people_cannot_together_take_the_last_claims_from_a_published_record():
    group = make_group()
    claims = [make_presence(group=group), make_presence(group=group)]
    Group.objects.update(status="published")
    parameters = connection.get_connection_params()
    parameters.pop("cursor_factory"), parameters.pop("context")

    with psycopg.connect(**parameters) as one, psycopg.connect(**parameters) as other, ThreadPoolExecutor() as pool:
        for person, claim in zip((one, other), claims, strict=True):
            person.execute("DELETE FROM actors_presence WHERE id = %s", [claim.pk])
        one.execute("SET CONSTRAINTS ALL IMMEDIATE")
        check_of_other = pool.submit(other.execute, "SET CONSTRAINTS ALL IMMEDIATE")
        wait([check_of_other], timeout=0.5)  # it has to wait for the first: only then can it see what that one did
        one.commit()
        with pytest.raises(psycopg.errors.CheckViolation, match="the last claim that supports it"):
            check_of_other.result(timeout=10)
        other.rollback()

    assert Presence.objects.count() == 1


# Deletion


def test_a_source_in_use_cannot_be_deleted():
    claims = [make(model) for model in CLAIMS]
    for claim in claims:
        with pytest.raises(ProtectedError) as refusal:
            claim.source.delete()
        assert refusal.value.protected_objects == {claim}


def foreign_keys(kinds: Any) -> list[Any]:
    return [
        pytest.param(model, field, id=f"{model.__name__}.{field.name}")
        for model in kinds
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
    ]


#: Regions and activities are vocabulary too: only words about them alone go with them.
SHARED = (Region, IllicitActivity)


@pytest.mark.parametrize(("model", "field"), foreign_keys(CLAIMS))
def test_a_claim_goes_with_its_subject_and_keeps_whatever_else_it_names(model, field):
    is_words = model.__name__.endswith("Citation")
    is_owner = field.name == model.subject and (is_words or field.related_model not in SHARED)
    claim = make(model)
    record = getattr(claim, field.name) or make(field.related_model)
    model.objects.filter(pk=claim.pk).update(**{field.name: record})

    if is_owner:
        record.delete()
        assert not model.objects.exists()
    else:
        with pytest.raises(ProtectedError) as refusal:
            record.delete()
        assert claim in refusal.value.protected_objects
        assert model.objects.get() == claim
    at_the_end_of_the_transaction()


@pytest.mark.parametrize(("model", "field"), foreign_keys(RECORDS))
def test_a_record_that_another_record_names_cannot_be_deleted(model, field):
    named = make(field.related_model)
    record = make(model, **{field.name: named})

    with pytest.raises(ProtectedError) as refusal:
        named.delete()
    assert refusal.value.protected_objects == {record}


@pytest.mark.parametrize(("model", "field"), [*foreign_keys(CLAIMS), *foreign_keys(RECORDS)])
def test_the_database_keeps_what_is_named_from_being_deleted_by_sql(model, field):
    row = make(model)
    named = getattr(row, field.name) or make(field.related_model)
    model._default_manager.filter(pk=row.pk).update(**{field.name: named})

    with pytest.raises(IntegrityError), transaction_to_its_end():
        delete_by_sql(named)


# Looks


@pytest.mark.parametrize("model", RECORDS)
def test_a_record_is_shown_by_its_name(model):
    assert str(make(model, name="Ñaupe")) == "Ñaupe"


def test_what_every_record_derives_is_filled_in_by_the_database():
    group = Group.objects.bulk_create([Group(slug="n", name="Ñaupe", kind="street-gang", aliases=["Los Ñ"])])[0]
    group.refresh_from_db()

    assert group.name_key == "naupe"
    assert "los n" in group.search_key
