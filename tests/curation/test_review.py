"""The queue of reviews, and the buttons on a record's page."""

from typing import Any

import pghistory
import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actors.models import Group, Person
from crimewatch.curation import roles
from crimewatch.curation.changes import History
from tests.curation.people import make_member
from tests.factories import make_group, make_person, make_region
from tests.kinds import make_claim_about, publish
from tests.people import make_reader, make_researcher

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client: Client) -> User:
    user = make_member(roles.EDITOR)
    client.force_login(user)
    return user


def sent(user: User, make_record: Any = make_group, *, supported: bool = True, **fields: Any) -> Any:
    """A record that ``user`` has made and sent to review."""
    with pghistory.context(user=user.pk):
        record = make_record(**fields)
        type(record).objects.filter(pk=record.pk).update(status="in-review")
    if supported:
        make_claim_about(record)
    return record


def queue(client: Client, **query: str) -> dict[str, Any]:
    """What waits, by name."""
    response = client.get(reverse("curation:review"), query)
    assert response.status_code == 200
    assert response.context["number"] == len(response.context["waiting"])
    return {each.record.name: each for each in response.context["waiting"]}


def press(client: Client, record: Any, status: str, **fields: str) -> str:
    """Press a button on the record's page; what the site says."""
    address = reverse("curation:step", args=[record._meta.model_name, record.pk])
    response = client.post(address, {"status": status, "seen": record.status, **fields}, follow=True)
    return " ".join(str(message) for message in response.context["messages"])


def desk(client: Client, record: Any) -> str:
    """What stands beside the buttons of a record."""
    response = client.get(reverse("curation:step", args=[record._meta.model_name, record.pk]))
    assert response.status_code == 200
    return response.content.decode()


# The queue


def test_the_queue_tells_what_waits_since_when_by_whom_and_what_is_missing(client: Client, editor: User) -> None:
    researcher = make_member(roles.RESEARCHER)
    first = sent(researcher, name="First")
    sent(researcher, make_person, name="Bare", supported=False)
    sent(editor, name="Mine")
    make_group(name="Draft")
    with pghistory.context(user=editor.pk):
        Group.objects.filter(pk=first.pk).update(summary="A word of mine.")
    found = queue(client)

    assert set(found) == {"First", "Bare", "Mine"}
    assert found["First"].sent_by == researcher.username
    events = Group.pgh_event_model.objects.filter(pgh_obj=first, status="in-review")
    assert found["First"].since == events.earliest("pgh_id").pgh_created_at
    assert found["Bare"].missing == ["No claim supports it yet."]
    assert found["Mine"].missing == ["It is your own work: somebody else has to publish it."]
    assert found["First"].missing == found["Mine"].missing  # who changes what waits is its author, too
    html = client.get(reverse("curation:review")).content.decode()
    assert "Bare" in html
    assert "No claim supports it yet." in html


def test_the_queue_is_narrowed_by_kind_by_person_and_to_what_one_may_decide(client: Client, editor: User) -> None:
    researcher = make_member(roles.RESEARCHER)
    sent(researcher, name="Theirs")
    sent(researcher, make_person, name="Bare", supported=False)
    sent(editor, name="Mine")

    assert set(queue(client, kind="person")) == {"Bare"}
    assert set(queue(client, by=researcher.username)) == {"Theirs", "Bare"}
    assert set(queue(client, mine="decide")) == {"Theirs"}
    assert set(queue(client, mine="sent")) == {"Mine"}
    with override_settings(AUTHORS_MAY_PUBLISH=True):
        assert set(queue(client, mine="decide")) == {"Theirs", "Mine"}
        assert set(queue(client, mine="sent")) == {"Mine"}
    html = client.get(reverse("curation:review"), {"kind": "dragon", "by": "nobody", "mine": "all"}).content.decode()
    for sentence in ("no kind of record or claim “dragon”", "the login “nobody”", "“all” is not a choice"):
        assert sentence in html


def test_nobody_sees_in_the_queue_what_they_may_not_see(client: Client, editor: User) -> None:
    sent(editor, name="Zyxwvut", restricted_to=["Editor"], restriction_reason="names a witness")
    sent(editor, make_person, name="Somebody")
    client.force_login(make_member(roles.RESEARCHER))
    assert set(queue(client)) == {"Somebody"}
    client.force_login(make_researcher(Group))
    assert queue(client) == {}
    client.force_login(make_reader())
    assert client.get(reverse("curation:review")).status_code == 404
    client.logout()
    assert client.get(reverse("curation:review")).status_code == 302


def test_the_queue_costs_the_same_with_2_and_with_60(client: Client, editor: User) -> None:
    def cost() -> int:
        client.get(reverse("curation:review"))
        with CaptureQueriesContext(connection) as queries:
            page = client.get(reverse("curation:review"))
        assert page.status_code == 200
        return len(queries)

    researcher = make_member(roles.RESEARCHER)
    for make_record in (make_group, make_person, make_region):
        sent(researcher, make_record)
    before = cost()
    for number in range(20):
        for make_record in (make_group, make_person, make_region):
            sent(researcher, make_record, name=f"N {number}")
    assert cost() == before
    assert before <= 14
    page = client.get(reverse("curation:review"), {"page": "3"})
    assert (len(page.context["waiting"]), page.context["last_page"]) == (13, 3)


# The buttons


def test_a_record_goes_its_way_by_the_buttons_on_its_page(client: Client, editor: User) -> None:
    with pghistory.context(user=make_member(roles.RESEARCHER).pk):
        group = make_group(name="Clan", status="in-review")
    assert "No claim supports it yet" in desk(client, group)
    assert "no claim supports it yet" in press(client, group, "published")
    make_claim_about(group)
    assert "No claim supports it yet" not in desk(client, group)

    assert press(client, group, "published") == "“Clan” is now: published."
    group.refresh_from_db()
    assert press(client, group, "withdrawn") == "Say why it is withdrawn: readers who come to its page are told."
    assert press(client, group, "withdrawn", reason="Forged.") == "“Clan” is now: withdrawn."
    page = desk(client, group)
    assert "Why: Forged." in page
    assert f"by {editor.username}" in page
    assert History(editor).of_record(group, 0, 1)[0].why == "Forged."


def test_the_page_of_a_record_fetches_its_desk_for_those_who_work_on_it(client: Client, editor: User) -> None:
    group = make_group()
    publish(group)
    address = reverse("curation:step", args=["group", group.pk])
    with CaptureQueriesContext(connection) as queries:
        part = client.get(address, headers={"HX-Request": "true"}).content.decode()

    assert f'hx-get="{address}"' in client.get(group.get_absolute_url()).content.decode()
    assert "<html" not in part
    assert f'value="{group.get_absolute_url()}#desk"' in part
    assert len(queries) <= 10
    client.force_login(make_reader())
    assert "hx-get" not in client.get(group.get_absolute_url()).content.decode()
    assert client.get(address).status_code == 404


def test_a_button_out_of_date_a_missing_right_and_own_work_are_told(client: Client, editor: User) -> None:
    group = sent(editor, name="Clan")
    group.refresh_from_db()
    assert "“Clan” is your own work" in press(client, group, "published")
    assert "You have worked on it last" in desk(client, group)
    Group.objects.update(status="draft")
    assert press(client, group, "published").startswith("“Clan” is meanwhile: draft.")
    group.refresh_from_db()
    assert press(client, group, "withdrawn", reason="x") == (
        "“Clan” is: draft. No step leads from there to “withdrawn”."
    )
    client.force_login(make_member(roles.RESEARCHER))
    assert press(client, group, "published") == "You may not publish or withdraw groups: ask someone who may."
    assert press(client, group, "in-review") == "“Clan” is now: in review."


def test_who_does_not_see_a_record_cannot_press_its_buttons(client: Client, editor: User) -> None:
    group = make_group(restricted_to=["Data manager"], restriction_reason="names a witness")
    person = make_person()
    publish(person)

    assert client.post(reverse("curation:step", args=["group", group.pk]), {"status": "in-review"}).status_code == 404
    assert client.post(reverse("curation:step", args=["dragon", 1]), {"status": "in-review"}).status_code == 404
    assert client.get(reverse("curation:step", args=["group", group.pk])).status_code == 404
    client.force_login(make_reader())
    address = reverse("curation:step", args=["person", person.pk])
    assert client.post(address, {"status": "withdrawn", "reason": "x"}).status_code == 404
    assert Person.objects.get(pk=person.pk).status == "published"


@pytest.mark.parametrize("address", ["//evil.example/", "https://evil.example/", "javascript:alert(1)", ""])
def test_a_button_leads_back_to_a_page_of_ours_and_nowhere_else(client: Client, editor: User, address: str) -> None:
    group = make_group()
    response = client.post(reverse("curation:step", args=["group", group.pk]), {"status": "in-review", "next": address})

    assert response.url == group.get_absolute_url()
