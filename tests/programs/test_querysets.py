"""The phrases in which lists and reports ask for state responses."""

import pytest

from programs.models import Program
from tests.factories import make_activity, make_group, make_program, make_region, make_source, make_target

pytestmark = pytest.mark.django_db


def test_a_response_is_aimed_at_what_its_targets_name():
    region, activity, group = make_region(), make_activity(), make_group()
    target = make_target(region=region, activity=activity, group=group)
    make_target()

    for record in (region, activity, group):
        assert list(Program.objects.aimed_at(record)) == [target.program]


def test_a_response_is_aimed_at_what_holds_its_target():
    peru, market = make_region(kind="country"), make_activity()
    place = make_target(region=make_region(parent=peru)).program
    trade = make_target(activity=make_activity(parent=market)).program

    assert list(Program.objects.aimed_at(peru)) == list(Program.objects.in_region(peru)) == [place]
    assert list(Program.objects.aimed_at(market)) == [trade]


def test_a_response_is_not_aimed_at_what_is_smaller_than_its_target():
    peru = make_region(kind="country")
    make_target(region=peru)

    assert not Program.objects.in_region(make_region(parent=peru)).exists()


def test_many_targets_do_not_repeat_a_response():
    region, program = make_region(), make_program()
    for _ in range(3):
        make_target(program=program, region=region, source=make_source())

    assert list(Program.objects.in_region(region)) == [program]
