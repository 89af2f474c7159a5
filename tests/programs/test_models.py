"""What holds of agencies, state responses and the claims on them beyond what holds of every record and claim."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import ProtectedError

from programs.models import (
    Agency,
    AgencyKind,
    AppointmentEnd,
    AssessmentBasis,
    Phase,
    Program,
    ProgramKind,
    ResilienceArea,
    Verdict,
)
from tests.factories import (
    make_activity,
    make_agency,
    make_appointment,
    make_assessment,
    make_group,
    make_milestone,
    make_person,
    make_program,
    make_region,
    make_target,
)
from tests.kinds import transaction_to_its_end

pytestmark = pytest.mark.django_db


# Agencies


@pytest.mark.parametrize("kind", AgencyKind.values)
def test_an_agency_may_be_of_any_kind(kind):
    make_agency(kind=kind).full_clean()


def test_an_agency_belongs_to_a_country():
    agency = make_agency(country=make_region(kind="country"))
    agency.full_clean()
    agency.country = make_region(kind="district")

    with pytest.raises(ValidationError) as refusal:
        agency.full_clean()
    assert set(refusal.value.message_dict) == {"country"}


def test_an_agency_with_parts_cannot_be_deleted():
    ministry = make_agency()
    police = make_agency(parent=ministry)

    with pytest.raises(ProtectedError) as refusal:
        ministry.delete()
    assert refusal.value.protected_objects == {police}


@pytest.mark.parametrize("role", ["lead_agencies", "partner_agencies"])
def test_an_agency_that_runs_a_response_cannot_be_deleted(role):
    agency = make_agency()
    make_program(slug="operacion-mercurio", **{role: [agency]})

    with (
        pytest.raises(IntegrityError, match="It cannot be deleted: “operacion-mercurio” lists it"),
        transaction_to_its_end(),
    ):
        agency.delete()


@pytest.mark.parametrize("role", ["lead_agencies", "partner_agencies"])
def test_a_response_can_be_deleted_and_leaves_its_agencies(role):
    agency = make_agency()
    program = make_program(**{role: [agency]})
    with transaction_to_its_end():
        program.delete()

    assert Agency.objects.get() == agency


def test_an_agency_may_lead_one_response_and_partner_in_another():
    agency = make_agency()
    led, partnered = make_program(lead_agencies=[agency]), make_program(partner_agencies=[agency])

    assert list(agency.led_programs.all()) == [led]
    assert list(agency.partnered_programs.all()) == [partnered]


# Appointments


@pytest.mark.parametrize("ended", ["", *AppointmentEnd.values])
def test_an_appointment_names_person_post_and_agency(ended):
    appointment = make_appointment(
        agency=make_agency(name="DEVIDA"), person=make_person(name="Soberón"), post="head", ended=ended
    )
    appointment.full_clean()

    assert str(appointment) == "Soberón · head · DEVIDA"


def test_a_person_in_a_post_cannot_be_deleted():
    appointment = make_appointment()

    with pytest.raises(ProtectedError):
        appointment.person.delete()


# Responses


@pytest.mark.parametrize("kind", ProgramKind.values)
@pytest.mark.parametrize("phase", Phase.values)
def test_a_response_may_be_of_any_kind_and_phase(kind, phase):
    make_program(kind=kind, phase=phase).full_clean()


@pytest.mark.parametrize("area", ["", *ResilienceArea.values])
def test_a_response_may_strengthen_one_area_of_resilience(area):
    make_program(resilience_area=area).full_clean()


def test_there_are_twelve_areas_of_resilience():
    assert len(ResilienceArea) == 12


def test_the_phase_of_a_response_is_unknown_at_first():
    assert make_program().phase == Phase.UNKNOWN


def test_a_target_lists_what_the_response_is_aimed_at():
    program, activity = make_program(name="Mercurio"), make_activity(name="mining")
    group, region = make_group(name="Clans"), make_region(name="Madre de Dios")

    assert str(make_target(program=program, region=region)) == "Mercurio → Madre de Dios"
    assert str(make_target(program=program, activity=activity, group=group, region=region)) == (
        "Mercurio → mining · Clans · Madre de Dios"
    )


def test_a_target_of_nothing_is_refused_in_a_sentence():
    target = make_target()
    target.region = None

    with pytest.raises(ValidationError, match="A target needs an activity, a region or a group"):
        target.full_clean()


@pytest.mark.parametrize("phase", ["", *Phase.values])
def test_a_milestone_is_dated_and_may_bring_a_new_phase(phase):
    milestone = make_milestone(
        program=make_program(name="Mercurio"), event="Camps are burnt.", when="2016-11-25", new_phase=phase
    )
    milestone.full_clean()

    assert str(milestone) == "Mercurio · 2016-11-25: Camps are burnt."


def test_a_milestone_without_a_date_is_refused_with_a_right_one():
    milestone = make_milestone()
    milestone.when = ""

    with pytest.raises(ValidationError, match="A milestone needs its date in “when”, as EDTF: 2016-11 or 2016-11-25"):
        milestone.full_clean()


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("basis", AssessmentBasis.values)
def test_an_assessment_says_how_well_it_works_and_who_says_so(verdict, basis):
    assessment = make_assessment(program=make_program(name="Mercurio"), verdict=verdict, basis=basis)
    assessment.full_clean()

    assert str(assessment) == f"Mercurio: {verdict.label}"


def test_rival_assessments_both_stand():
    program = make_program()
    make_assessment(program=program, verdict="effective", basis="claimed")
    make_assessment(program=program, verdict="ineffective", basis="independent")

    assert Program.objects.get().assessments.count() == 2
