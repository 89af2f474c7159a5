"""The phrases in which lists and reports ask for groups and people."""

import pytest

from actors.models import Group, Person
from crimewatch.records.edtf import EDTFError
from tests.factories import make_activity, make_group, make_involvement, make_membership, make_presence, make_region

pytestmark = pytest.mark.django_db


def test_groups_are_involved_in_an_activity_or_one_below_it():
    market = make_activity()
    direct = make_involvement(activity=market).group
    below = make_involvement(activity=make_activity(parent=market)).group
    make_involvement()

    assert set(Group.objects.involved_in(market)) == {direct, below}


def test_a_group_is_there_during_the_days_of_its_claims():
    present = make_presence(when="2016-10/..").group
    involved = make_involvement(when="2017-03").group
    make_presence(when="1990/1999")
    make_presence(when="")

    assert set(Group.objects.during("2017")) == {present, involved}
    assert set(Group.objects.during("2018")) == {present}


def test_many_claims_do_not_repeat_a_group():
    group = make_group()
    for _ in range(3):
        make_presence(group=group, when="2017")

    assert list(Group.objects.during("2017")) == [group]


def test_a_period_that_is_not_edtf_is_an_error():
    with pytest.raises(EDTFError):
        Group.objects.during("lately")


def test_phrases_can_be_joined():
    region, activity = make_region(), make_activity()
    both = make_presence(region=region, when="2017").group
    make_involvement(group=both, activity=activity)
    make_presence(region=region, when="2017")
    make_involvement(activity=activity)

    assert list(Group.objects.in_region(region).involved_in(activity).during("2017").search(both.name)) == [both]


def test_people_are_members_of_a_group():
    membership = make_membership(ended="captured", ended_on="2012-02-12")
    make_membership()

    assert list(Person.objects.members_of(membership.group)) == [membership.person]
