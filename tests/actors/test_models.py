"""What holds of groups, people and the claims on them beyond what holds of every record and claim."""

import pytest
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError

from actors.models import (
    ActivityState,
    Group,
    GroupKind,
    InvolvementRole,
    MembershipEnd,
    MembershipRole,
    PresenceKind,
    RelationKind,
)
from actors.models.groups import CONVERSES
from tests.factories import (
    make_activity,
    make_group,
    make_involvement,
    make_membership,
    make_person,
    make_presence,
    make_region,
    make_relation,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", GroupKind.values)
@pytest.mark.parametrize("state", ActivityState.values)
def test_a_group_may_be_of_any_kind_and_state(kind, state):
    make_group(kind=kind, state=state).full_clean()


def test_the_state_of_a_group_is_unknown_at_first():
    assert make_group().state == "unknown"


@pytest.mark.parametrize(
    ("founded", "dissolved"),
    [("1980", "1980"), ("1980-05-17", "1980"), ("1980/1985", "1983"), ("198X", ""), ("", "2012"), ("1969~", "2012/")],
)
def test_a_group_ends_at_or_after_its_beginning_as_far_as_the_dates_tell(founded, dissolved):
    make_group(founded=founded, dissolved=dissolved).full_clean()


def test_the_days_of_founding_and_end_are_derived():
    make_group(founded="1980-05", dissolved="2012/..")
    group = Group.objects.get()

    assert str(group.founded_period.lower) == "1980-05-01"
    assert group.dissolved_period.upper is None


def test_a_group_that_ends_before_it_begins_is_refused_in_a_sentence():
    group = make_group()
    group.founded, group.dissolved = "1980-05-17", "1980-05-16"

    with pytest.raises(ValidationError, match="A group cannot be dissolved before it was founded"):
        group.full_clean()


@pytest.mark.parametrize(("born", "died"), [("1961-07-08", "1961-07-08"), ("196X", "1961"), ("", "1990"), ("1961", "")])
def test_a_person_dies_at_or_after_birth_as_far_as_the_dates_tell(born, died):
    make_person(born=born, died=died).full_clean()


def test_a_person_is_a_national_of_a_country():
    person = make_person(nationality=make_region(kind="country"))
    person.full_clean()
    person.nationality = make_region(kind="department")

    with pytest.raises(ValidationError) as refusal:
        person.full_clean()
    assert set(refusal.value.message_dict) == {"nationality"}


def test_a_country_with_nationals_cannot_be_deleted():
    person = make_person(nationality=make_region(kind="country"))

    with pytest.raises(ProtectedError) as refusal:
        person.nationality.delete()
    assert refusal.value.protected_objects == {person}


# Relations


@pytest.mark.parametrize("kind", RelationKind)
def test_every_relation_has_a_converse(kind):
    assert kind.converse
    make_relation(kind=kind).full_clean()


def test_no_converse_is_left_over():
    assert set(CONVERSES) == set(RelationKind)


@pytest.mark.parametrize("kind", [RelationKind.ALLY_OF, RelationKind.RIVAL_OF, RelationKind.COLLABORATES_WITH])
def test_mutual_relations_read_the_same_from_both_sides(kind):
    assert kind.converse == str(kind.label)


@pytest.mark.parametrize("kind", [RelationKind.FACTION_OF, RelationKind.EXTORTS, RelationKind.SUPPLIES])
def test_one_sided_relations_read_otherwise_from_the_other_side(kind):
    assert kind.converse != str(kind.label)


def test_a_relation_reads_from_the_first_group_to_the_second():
    relation = make_relation(
        group=make_group(name="Militarizado"), kind="splinter-of", other=make_group(name="Sendero Luminoso")
    )

    assert str(relation) == "Militarizado split from Sendero Luminoso"
    assert list(relation.group.relations.all()) == list(relation.other.converse_relations.all()) == [relation]


def test_a_relation_to_itself_is_refused_in_a_sentence():
    relation = make_relation()
    relation.other = relation.group

    with pytest.raises(ValidationError, match="A group cannot stand in a relation to itself"):
        relation.full_clean()


def test_the_second_group_of_a_relation_cannot_be_deleted_but_the_first_can():
    relation = make_relation()

    with pytest.raises(ProtectedError):
        relation.other.delete()
    relation.group.delete()
    assert list(Group.objects.all()) == [Group.objects.get(slug=relation.other.slug)]


# How claims read


@pytest.mark.parametrize("kind", PresenceKind)
def test_a_presence_reads_as_a_sentence(kind):
    presence = make_presence(group=make_group(name="Los Pulpos"), region=make_region(name="Trujillo"), kind=kind)
    presence.full_clean()

    assert str(presence) == f"Los Pulpos {kind.label} Trujillo"


@pytest.mark.parametrize("role", InvolvementRole)
def test_an_involvement_names_its_region_where_the_source_does(role):
    involvement = make_involvement(group=make_group(name="Clans"), activity=make_activity(name="coca"), role=role)
    involvement.full_clean()
    assert str(involvement) == f"Clans {role.label} coca"

    involvement.region = make_region(name="VRAEM")
    assert str(involvement) == f"Clans {role.label} coca · VRAEM"


@pytest.mark.parametrize("role", MembershipRole)
@pytest.mark.parametrize("ended", ["", *MembershipEnd.values])
def test_a_membership_has_a_role_and_may_have_ended(role, ended):
    membership = make_membership(
        person=make_person(name="Artemio"), group=make_group(name="Sendero"), role=role, ended=ended
    )
    membership.full_clean()

    assert str(membership) == f"Artemio · {role.label} · Sendero"


def test_a_membership_may_end_on_the_day_that_it_began_or_within_it():
    make_membership(when="2012-02-12", ended="captured", ended_on="2012-02-12").full_clean()
    make_membership(when="1980/2012-02", ended="captured", ended_on="2012-02-12").full_clean()
