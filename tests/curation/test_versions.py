"""Two versions of a record side by side, and its links of many to many on the way back."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group as Role
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actors.models import Group, Presence, Relation
from crimewatch.curation import roles
from crimewatch.curation.changes import all_links, tracked_models
from crimewatch.records.history import events_of
from programs.models import Agency, Program
from programs.models.programs import ProgramLeadAgencies
from regions.models import Region
from regions.models.regions import RegionParts
from tests.curation.people import make_member
from tests.curation.test_history import bring_back, fields, latest_event, page_of
from tests.factories import (
    make_agency,
    make_group,
    make_group_citation,
    make_person,
    make_presence,
    make_program,
    make_program_citation,
    make_region,
    make_relation,
)
from tests.people import make_reader, make_researcher

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client: Client) -> Any:
    user = make_member(roles.EDITOR)
    client.force_login(user)
    return user


@pytest.fixture
def written_in() -> Callable[[int], datetime]:
    """Moves what was written since the last call to the first of June of a year: a test is one transaction."""

    def move(year: int) -> datetime:
        connection.check_constraints()  # as at the end of a transaction
        then = datetime(year, 6, 1, 12, tzinfo=UTC)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")  # the history itself cannot be changed
            for model in [*tracked_models(), *all_links()]:
                table = events_of(model)._meta.db_table
                cursor.execute(f"UPDATE {table} SET pgh_created_at = %s WHERE pgh_created_at = now()", [then])
            cursor.execute("SET LOCAL session_replication_role = origin")
        return then

    return move


def compare(client: Client, record: Any, **query: str) -> Any:
    response = client.get(reverse("curation:compare", args=[record._meta.model_name, record.slug]), query)
    assert response.status_code == 200
    return response


def told(page: Any) -> dict[tuple[str, str], dict[str, tuple[str, str]]]:
    """By what became of a row and its kind, its fields at both moments."""
    return {(compared.what, compared.kind): fields(compared) for compared in page.context["changes"]}


# Two moments


def test_two_versions_stand_side_by_side_with_claims_and_links(
    client: Client, editor: Any, written_in: Callable[[int], datetime]
) -> None:
    navy, coast_guard = make_agency(name="Navy"), make_agency(name="Coast Guard")
    program = make_program(name="Operation", lead_agencies=[navy])
    kept, changed = (make_program_citation(record=program, statement=words) for words in ("Same", "Before"))
    written_in(2017)
    Program.objects.filter(pk=program.pk).update(name="Operation Amazon")
    program.lead_agencies.set([coast_guard])
    type(changed).objects.filter(pk=changed.pk).update(statement="After")
    written_in(2018)
    kept.delete()
    written_in(2019)

    first = told(compare(client, program, first="2017-12-31", second="2018-12-31"))
    assert first == {
        ("changed", "state response"): {
            "name": ("Operation", "Operation Amazon"),
            "lead_agencies": ("Navy", "Coast Guard"),
        },
        ("changed", "statement on a response"): {"statement": ("Before", "After")},
    }
    whole = told(compare(client, program, first="2016-01-01"))
    assert ("added", "statement on a response") in whole
    assert whole["added", "state response"]["lead_agencies"] == ("", "Coast Guard")
    later = told(compare(client, program, first="2018-12-31", second="2019-12-31"))
    assert list(later) == [("gone", "statement on a response")]
    assert later["gone", "statement on a response"]["statement"] == ("Same", "")
    assert told(compare(client, program, first="2019-12-31", second="2018-12-31")) == later
    assert told(compare(client, program, first="2019-12-31")) == {}


def test_any_two_changes_of_the_history_can_be_compared(
    client: Client, editor: Any, written_in: Callable[[int], datetime]
) -> None:
    group = make_group(name="One")
    for year, name in ((2017, "Two"), (2018, "Three"), (2019, "Four")):
        written_in(year)
        Group.objects.filter(pk=group.pk).update(name=name)
    written_in(2020)
    html = page_of(client, group).content.decode()
    for year in (2017, 2018, 2019, 2020):
        for name in ("first", "second"):
            assert f'name="{name}" value="{year}-06-01T12:00:00.000000Z" form="compare"' in html

    moments = {"first": "2018-06-01T12:00:00.000000Z", "second": "2020-06-01T12:00:00.000000Z"}
    assert told(compare(client, group, **moments)) == {("changed", "group"): {"name": ("Two", "Four")}}


def test_what_a_link_leads_to_is_told_at_both_ends_and_on_a_day(
    client: Client, editor: Any, written_in: Callable[[int], datetime]
) -> None:
    part = make_region(name="Tambopata")
    zone = make_region(name="Mining corridor", parts=[part])
    written_in(2017)
    zone.parts.clear()
    written_in(2018)

    for record in (zone, part):
        links = [change for change in page_of(client, record).context["changes"] if change.model is RegionParts]
        assert [(change.kind, change.verb, change.title) for change in links] == [
            ("region: parts", "deleted", "Mining corridor"),
            ("region: parts", "added", "Mining corridor"),
        ]
        assert fields(links[0]) == {"parts": ("Tambopata", "")}
    assert fields(page_of(client, zone, on="2017-12-31").context["changes"][0])["parts"] == ("", "Tambopata")
    assert "parts" not in fields(page_of(client, zone, on="2018-12-31").context["changes"][0])
    assert told(compare(client, part, first="2017-12-31", second="2018-12-31")) == {
        ("gone", "region: parts"): {"parts": ("Tambopata", "")}
    }


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"first": ""}, "Say which day or version to compare, as in 2017-06-01."),
        ({"first": "last week"}, "“last week” is not a day: write year, month and day, as in 2017-06-01."),
        ({"first": "2017-02-30"}, "“2017-02-30” is not a day: write year, month and day, as in 2017-06-01."),
        ({"first": "9999-12-31T23:59:59.999999Z"}, "“9999-12-31T23:59:59.999999Z” is not a day: write year,"),
        ({"first": "2017-06-01", "second": "x"}, "“x” is not a day: write year, month and day, as in 2017-06-01."),
        ({"first": "2017-06-01", "second": "2017-06-01"}, "Both are the same moment: choose two different ones."),
        ({"first": "2017-06-01", "page": "0"}, "Pages are counted from 1."),
    ],
)
def test_moments_that_make_no_sense_are_answered_with_a_sentence(
    client: Client, editor: Any, query: dict[str, str], sentence: str
) -> None:
    page = compare(client, make_group(name="Mine"), **query)

    assert sentence in page.content.decode()
    assert page.context["changes"] == []


def test_what_was_on_a_day_that_is_none_is_answered_with_a_sentence(client: Client, editor: Any) -> None:
    page = page_of(client, make_group(), on="yesterday")

    assert "“yesterday” is not a day" in page.content.decode()
    assert page.context["changes"] == []


def test_old_states_cost_few_queries_however_many_claims_there_are(
    client: Client, editor: Any, written_in: Callable[[int], datetime]
) -> None:
    region = make_region(parts=[make_region()])
    written_in(2016)
    for _ in range(60):
        make_presence(region=region)
    written_in(2017)
    Presence.objects.update(note="Another note")
    Region.objects.filter(pk=region.pk).update(name="Renamed")

    for open_page in (
        lambda: page_of(client, region, on="2017-12-31"),
        lambda: compare(client, region, first="2017-12-31"),
    ):
        with CaptureQueriesContext(connection) as queries:
            page = open_page()
        assert len(page.context["changes"]) == 25
        assert len(queries) < 20
    last = compare(client, region, first="2017-12-31", page="3").context["changes"]
    assert len(last) == 11  # the region, and sixty presences


# Access


def test_two_versions_are_for_those_who_see_drafts_of_the_kind(client: Client) -> None:
    group = make_group()
    address = reverse("curation:compare", args=["group", group.slug]) + "?first=2017-06-01"
    assert client.get(address).status_code == 302
    for user in (make_reader(), make_researcher(Region)):
        client.force_login(user)
        assert client.get(address).status_code == 404
    client.force_login(make_researcher(Group))
    assert client.get(address).status_code == 200


def test_old_states_say_nothing_of_what_is_restricted_to_others(
    client: Client, editor: Any, written_in: Callable[[int], datetime]
) -> None:
    role = Role.objects.create(name="Witness desk")
    region, elsewhere = make_region(name="Puno"), make_region(name="Tacna")
    secret = make_group(name="Zyxwvut", restricted_to=[role.name], restriction_reason="names a witness")
    moved = make_presence(group=secret, region=region, note="Zyxwvut, says a witness")
    hidden = make_presence(group=secret, region=region)
    agency = make_agency(name="Zyxwvut agency")
    program = make_program(name="Operation", lead_agencies=[agency])
    written_in(2017)
    Presence.objects.filter(pk=moved.pk).update(group=make_group(name="Open"), note="")
    hidden.delete()
    program.lead_agencies.clear()
    written_in(2018)
    type(agency).objects.update(restricted_to=[role.name], restriction_reason="names a witness")
    written_in(2019)

    def texts() -> str:
        pages = [client.get(reverse("curation:changes")), page_of(client, elsewhere)]
        for record in (region, program):
            pages += [page_of(client, record), page_of(client, record, on="2017-12-31")]
            pages.append(compare(client, record, first="2016-01-01", second="2017-12-31"))
            pages.append(compare(client, record, first="2017-12-31"))
        return " ".join(page.content.decode() for page in pages)

    assert "Zyxwvut" not in texts()
    editor.groups.add(role)
    assert texts().count("Zyxwvut") >= 8


def test_what_was_open_before_it_was_restricted_and_deleted_is_told_to_nobody_else(client: Client, editor: Any) -> None:
    group = make_group(name="Zyxwvut")
    Role.objects.create(name="Witness desk")
    Group.objects.filter(pk=group.pk).update(restricted_to=["Witness desk"], restriction_reason="names a witness")
    group.delete()

    assert "Zyxwvut" not in client.get(reverse("curation:changes")).content.decode()


# The way back


def test_a_version_comes_back_with_what_it_was_linked_to(
    client: Client, editor: Any, written_in: Callable[[int], datetime]
) -> None:
    navy, police, coast_guard = (make_agency(name=name) for name in ("Navy", "Police", "Coast Guard"))
    program = make_program(name="Operation", lead_agencies=[navy, police])
    event = latest_event(Program, program.pk)
    written_in(2017)
    Program.objects.filter(pk=program.pk).update(name="Wrong")
    program.lead_agencies.set([police, coast_guard])
    written_in(2018)

    assert bring_back(client, Program, event) == ["3 rows were brought back."]
    program.refresh_from_db()
    assert program.name == "Operation"
    assert set(program.lead_agencies.all()) == {navy, police}
    assert bring_back(client, Program, event) == ["“Operation” is as it was then: there is nothing to bring back."]


def test_links_to_what_is_gone_are_told_and_the_rest_comes_back(
    client: Client, editor: Any, written_in: Callable[[int], datetime]
) -> None:
    navy, police = make_agency(name="Navy"), make_agency(name="Police")
    program = make_program(name="Operation", lead_agencies=[navy, police])
    event = latest_event(Program, program.pk)
    written_in(2017)
    program.lead_agencies.clear()
    written_in(2018)
    navy.delete()
    written_in(2019)

    gone = "Not linked again under “Lead agencies”, for it is not there any more: “Navy”."
    assert bring_back(client, Program, event) == ["2 rows were brought back.", gone]
    assert list(program.lead_agencies.all()) == [police]
    assert bring_back(client, Program, event) == [gone]


def test_links_to_what_one_may_not_see_stay_as_they_are(
    client: Client, editor: Any, written_in: Callable[[int], datetime]
) -> None:
    Role.objects.create(name="Witness desk")
    closed = {"restricted_to": ["Witness desk"], "restriction_reason": "names a witness"}
    navy, secret, later = make_agency(name="Navy"), make_agency(name="Zyxwvut"), make_agency(**closed)
    program = make_program(lead_agencies=[navy, secret])
    event = latest_event(Program, program.pk)
    written_in(2017)
    program.lead_agencies.set([later])
    type(secret).objects.filter(pk=secret.pk).update(**closed)
    written_in(2018)

    assert bring_back(client, Program, event) == ["2 rows were brought back."]
    assert set(program.lead_agencies.all()) == {navy, later}


def test_a_link_that_was_cut_comes_back_with_the_right_to_change_its_record(client: Client, editor: Any) -> None:
    navy = make_agency(name="Navy")
    program = make_program(lead_agencies=[navy])
    link = ProgramLeadAgencies.objects.get()
    program.lead_agencies.clear()
    event = latest_event(ProgramLeadAgencies, link.pk)

    client.force_login(make_researcher(Program, Agency))
    assert bring_back(client, ProgramLeadAgencies, event) == ["You may not change state responses."]
    client.force_login(editor)
    assert bring_back(client, ProgramLeadAgencies, event) == ["1 row was brought back."]
    assert list(program.lead_agencies.all()) == [navy]
    nothing = ["The link is there, or was cut later: there is nothing to bring back here."]
    assert bring_back(client, ProgramLeadAgencies, event) == nothing
    program.lead_agencies.clear()
    connection.check_constraints()  # as at the end of a transaction
    navy.delete()
    (message,) = bring_back(client, ProgramLeadAgencies, event)
    assert message == "It names as “Agency” what is not there any more: “Navy”. Bring that back first."


def test_a_deleted_record_comes_back_with_its_links(
    client: Client, editor: Any, written_in: Callable[[int], datetime]
) -> None:
    navy, police = make_agency(name="Navy"), make_agency(name="Police")
    program = make_program(name="Operation", lead_agencies=[navy], partner_agencies=[navy, police])
    pk = program.pk
    written_in(2017)
    program.delete()
    event = latest_event(Program, pk)
    written_in(2018)
    police.delete()
    written_in(2019)

    assert bring_back(client, Program, event) == [
        "3 rows were brought back.",
        "1 row stayed away, for what it names is not there any more: “Police”.",
    ]
    program = Program.objects.get(pk=pk)
    assert list(program.lead_agencies.all()) == list(program.partner_agencies.all()) == [navy]


def test_claims_whose_other_end_is_gone_stay_away_and_are_told(
    client: Client, editor: Any, written_in: Callable[[int], datetime]
) -> None:
    one, other = make_group(name="One"), make_group(name="Other")
    make_relation(group=one, other=other)
    citation = make_group_citation(record=one)
    pk = one.pk
    written_in(2017)
    one.delete()
    event = latest_event(Group, pk)
    written_in(2018)
    other.delete()
    written_in(2019)

    assert bring_back(client, Group, event) == [
        "2 rows were brought back.",
        "1 row stayed away, for what it names is not there any more: “Other”.",
    ]
    assert type(citation).objects.get(record_id=pk).uid == citation.uid
    assert not Relation.objects.exists()


def test_a_version_that_names_what_is_gone_is_refused_by_its_name(client: Client, editor: Any) -> None:
    country = make_region(name="Peru")
    person = make_person(name="Somebody", nationality=country)
    event = latest_event(type(person), person.pk)
    type(person).objects.filter(pk=person.pk).update(nationality=None)
    country.delete()

    (message,) = bring_back(client, type(person), event)
    assert message == "It names as “Nationality” what is not there any more: “Peru”. Bring that back first."
    person.refresh_from_db()
    assert person.nationality is None
