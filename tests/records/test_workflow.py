"""The way of a record to its readers and back, by whichever door: form, bulk action, CSV, history."""

import io
from typing import Any

import pghistory
import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actors.models import Group, GroupCitation, Person
from actors.resources import GroupResource
from crimewatch.curation import roles
from crimewatch.curation.changes import History
from crimewatch.exchange.catalog import TABLES
from crimewatch.exchange.imports import import_sources
from crimewatch.records.models import Status
from crimewatch.records.resources import CSVTable
from crimewatch.records.workflow import STEPS, own_work, standings, take_step
from tests.admin.forms import form_of
from tests.curation.people import make_member
from tests.factories import make_group, make_person, make_source
from tests.kinds import make_claim_about, publish

pytestmark = pytest.mark.django_db

OWN = "is your own work"


@pytest.fixture
def editor(client: Client) -> User:
    user = make_member(roles.EDITOR)
    client.force_login(user)
    return user


def worked_on(user: User, **fields: Any) -> Group:
    """A supported group that ``user`` has made."""
    with pghistory.context(user=user.pk):
        group = make_group(**fields)
    make_claim_about(group)
    return group


def form(group: Group) -> str:
    return reverse("admin:actors_group_change", args=[group.pk])


def press(client: Client, group: Group, step: str, **fields: str) -> str:
    """Press a button of the form as it is now; the text that comes back."""
    posted = form_of(client.get(form(group))) | {"_status": step} | fields
    return client.post(form(group), posted, follow=True).content.decode()


def act(client: Client, action: str, *groups: Group, **fields: Any) -> str:
    """What the list of the admin says to a bulk action."""
    given = {"action": action, "_selected_action": [group.pk for group in groups], **fields}
    response = client.post(reverse("admin:actors_group_changelist"), given, follow=True)
    return " ".join(str(message) for message in response.context["messages"])


def status_of(group: Group) -> str:
    return str(Group.objects.values_list("status", flat=True).get(pk=group.pk))


# Reasons


def test_to_withdraw_takes_a_reason_which_the_history_and_the_readers_are_told(client: Client, editor: User) -> None:
    group = make_group()
    publish(group)

    assert "Say why it is withdrawn" in press(client, group, "withdrawn", name="Renamed")
    assert status_of(group) == "published"
    assert "its status is now: withdrawn" in press(client, group, "withdrawn", _reason="The <b>source</b> was forged.")
    change = History(editor).of_record(group, 0, 1)[0]
    assert (change.who, change.why) == (editor.username, "The <b>source</b> was forged.")
    assert standings(Group, [group.pk])[group.pk].user == editor.pk
    client.force_login(make_member(roles.READER))
    page = client.get(group.get_absolute_url())
    assert page.status_code == 410
    assert "Why: The &lt;b&gt;source&lt;/b&gt; was forged." in page.content.decode()
    assert group.name not in page.content.decode()


def test_to_send_back_takes_a_reason_and_what_was_typed_stays(client: Client, editor: User) -> None:
    group = make_group(status="in-review")
    page = press(client, group, "draft", name="Retyped")

    assert "Say why it goes back" in page
    assert "Retyped" in page
    assert (status_of(group), Group.objects.get().name) == ("in-review", group.name)
    press(client, group, "draft", _reason="No date.")
    assert status_of(group) == "draft"


def test_a_reason_that_is_too_long_is_refused_with_all_that_was_typed(client: Client, editor: User) -> None:
    group = make_group()
    page = press(client, group, "in-review", name="Retyped", _reason="x" * 301)

    assert "The reason has 301 characters, and may have 300: shorten it." in page
    assert "Retyped" in page
    assert status_of(group) == "draft"


# Who may, and when


def test_a_role_without_the_right_is_told_so(client: Client) -> None:
    group = make_group()
    publish(group)
    client.force_login(make_member(roles.RESEARCHER))

    assert "You may not publish or withdraw groups" in press(client, group, "withdrawn", _reason="So.")
    assert act(client, "withdraw", group, reason="So.") == "No action selected."  # it is not among the choices
    assert status_of(group) == "published"


def test_a_button_that_is_out_of_date_is_refused(client: Client, editor: User) -> None:
    group = make_group()
    make_claim_about(group)
    posted = form_of(client.get(form(group))) | {"_status": "in-review", "name": "Retyped"}
    Group.objects.update(status="published")
    page = client.post(form(group), posted).content.decode()

    assert "is meanwhile: published. The button was shown when it was: draft." in page
    assert "Retyped" in page
    assert status_of(group) == "published"
    assert Group.objects.get().name == group.name


def test_no_step_leads_from_published_to_draft(client: Client, editor: User) -> None:
    group = make_group()
    publish(group)

    assert "No step leads from there to “draft”" in press(client, group, "draft", _reason="So.")
    assert {after for steps in STEPS.values() for after in steps} == set(Status)


# A second person


def test_nobody_publishes_their_own_work(client: Client, editor: User) -> None:
    group = worked_on(editor)

    assert "somebody else has to publish it" in client.get(form(group)).content.decode()
    assert OWN in press(client, group, "published")
    assert OWN in act(client, "publish", group)
    assert status_of(group) == "draft"
    client.force_login(make_member(roles.EDITOR))
    assert "its status is now: published" in press(client, group, "published")


def test_whoever_changes_a_record_while_publishing_is_its_author(client: Client, editor: User) -> None:
    group = make_group()
    make_claim_about(group)

    assert OWN in press(client, group, "published", name="Retyped")
    assert Group.objects.get().name == group.name
    assert "its status is now: published" in press(client, group, "published")


def test_whoever_sent_a_record_to_review_does_not_publish_it(client: Client, editor: User) -> None:
    group = worked_on(make_member(roles.RESEARCHER))
    act(client, "send_to_review", group)

    assert OWN in act(client, "publish", group)
    assert status_of(group) == "in-review"


def test_what_was_published_as_it_is_may_come_back_by_the_same_hand(client: Client, editor: User) -> None:
    group = worked_on(editor)
    Group.objects.update(status="published")
    act(client, "withdraw", group, reason="A slip.")

    assert act(client, "publish", group) == "1 record is now: published."


def test_a_setting_lets_authors_publish(client: Client, editor: User) -> None:
    group = worked_on(editor)

    with override_settings(AUTHORS_MAY_PUBLISH=True):
        assert "its status is now: published" in press(client, group, "published", name="Retyped")


@pytest.mark.parametrize("engine", ["rows", "bulk"])
def test_by_csv_nobody_publishes_their_own_work(editor: User, engine: Any) -> None:
    mine, sent, theirs, retyped = (worked_on(user) for user in (editor, *[make_member(roles.RESEARCHER)] * 3))
    with pghistory.context(user=editor.pk):
        Group.objects.filter(pk=sent.pk).update(status="in-review")
    text = "slug,name,status\n"
    text += "".join(f"{group.slug},{group.name},published\n" for group in (mine, sent, theirs))
    text += f"{retyped.slug},Retyped,published\n"
    report = imported(text, editor, engine)

    assert [problem.row for problem in report.tables[0].problems] == [2, 3, 5]
    assert {problem.sentence for problem in report.tables[0].problems} == {
        "You have worked on it yourself: write in-review, and somebody else publishes it."
    }
    assert imported(f"slug,status\n{theirs.slug},published\n", editor, engine).is_written
    with override_settings(AUTHORS_MAY_PUBLISH=True):
        assert imported(text, editor, engine).is_written


@pytest.mark.parametrize("engine", ["rows", "bulk"])
def test_by_csv_nobody_takes_back_what_is_published_without_the_right(engine: Any) -> None:
    group = make_group()
    publish(group)
    report = imported(f"slug,status\n{group.slug},withdrawn\n", make_member(roles.RESEARCHER), engine)

    assert [problem.sentence for problem in report.tables[0].problems] == [
        "You may not take back groups: leave the status as it is, or ask someone who may."
    ]


def imported(text: str, user: User, engine: Any) -> Any:
    (table,) = (table for table in TABLES if table.resource is GroupResource)
    return import_sources({table: CSVTable(io.BytesIO(text.encode()), "groups.csv")}, user=user, engine=engine)


def test_nobody_publishes_their_own_work_by_bringing_a_status_back(client: Client, editor: User) -> None:
    group = worked_on(editor)
    Group.objects.update(status="published")
    Group.objects.update(status="withdrawn")
    with pghistory.context(user=editor.pk):
        Group.objects.update(name="Retyped")
        Group.objects.update(status="draft")
    event = Group.pgh_event_model.objects.filter(pgh_obj=group).order_by("-pgh_id")[2]
    address = reverse("curation:restore", args=["group", event.pk])
    page = client.post(address, {"reason": "So.", "field": "status"}, follow=True)

    assert "This would publish your own work" in page.content.decode()
    assert status_of(group) == "draft"


def test_own_work_of_all_kinds_is_one_query(editor: User) -> None:
    with pghistory.context(user=editor.pk):
        group, person = make_group(), make_person()
    with CaptureQueriesContext(connection) as queries:
        found = own_work(editor, {Group: [group.pk], Person: [person.pk]})

    assert found == {(Group, group.pk), (Person, person.pk)}
    assert len(queries) == 1


# Many at once


def test_a_bulk_action_says_what_it_moved_and_what_stays(client: Client, editor: User) -> None:
    draft, other = make_group(), make_group(status="in-review")

    assert act(client, "send_to_review", draft, other) == (
        "1 record is now: in review. 1 other stays as it is: the step does not lead there from its status."
    )
    assert act(client, "send_back", draft, other).startswith("Say why it goes back")
    assert act(client, "send_back", draft, other, reason="Too thin.") == "2 records are now: draft."
    assert History(editor).of_record(draft, 0, 1)[0].why == "Too thin."


def test_a_bulk_action_publishes_all_or_nothing(client: Client, editor: User) -> None:
    good, bare = make_group(), make_group(name="Bare")
    make_claim_about(good)

    assert act(client, "publish", good, bare) == (
        "Nothing was published: no claim supports “Bare”. Add a claim with its source first."
    )
    assert status_of(good) == "draft"


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crimewatch.records.workflow.MOST_AT_ONCE", 200)
    monkeypatch.setattr("crimewatch.records.admin.records.MOST_AT_ONCE", 200)
    groups = (Group(slug=f"g-{number}", name=f"G {number}", kind="family-clan") for number in range(200))
    Group.objects.bulk_create(groups)


def rows_fetched() -> int:
    """How many rows of groups this transaction has looked at so far, by whatever way."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables"
            " WHERE relname = 'actors_group'"
        )
        return int(cursor.fetchone()[0])


@pytest.fixture
def supported(many: None) -> list[int]:
    """The keys of very many drafts with a claim each, of which the database has just counted how many are published."""
    keys = list(Group.objects.values_list("pk", flat=True))
    source = make_source()
    GroupCitation.objects.bulk_create(GroupCitation(record_id=key, source=source, statement="It is.") for key in keys)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE actors_group; ANALYZE actors_groupcitation")
        # As it is with so many that no plan reads them all.
        cursor.execute("SET LOCAL enable_seqscan = off")
    return keys


def test_the_rule_looks_at_each_record_alone_however_many_are_published_at_once(
    editor: User, supported: list[int]
) -> None:
    before = rows_fetched()
    with override_settings(AUTHORS_MAY_PUBLISH=True):
        assert take_step(Group, supported, Status.PUBLISHED, editor).moved == 200
    assert rows_fetched() - before < 200 * 10


def test_as_many_queries_publish_and_withdraw_many_as_few(editor: User, supported: list[int]) -> None:
    def queries_of(keys: list[int], status: Status) -> int:
        with CaptureQueriesContext(connection) as queries:
            take_step(Group, keys, status, User.objects.get(pk=editor.pk), "Looked at.")
        return len(queries)

    few, many = supported[:3], supported[3:]
    for status in (Status.PUBLISHED, Status.WITHDRAWN):
        assert queries_of(many, status) == queries_of(few, status)
    assert set(Group.objects.values_list("status", flat=True)) == {"withdrawn"}


def test_the_rule_looks_at_each_record_alone_however_many_claims_are_taken_away(
    editor: User, supported: list[int]
) -> None:
    with override_settings(AUTHORS_MAY_PUBLISH=True):
        take_step(Group, supported, Status.PUBLISHED, editor)
    source = make_source()
    GroupCitation.objects.bulk_create(GroupCitation(record_id=key, source=source, statement="So.") for key in supported)
    before = rows_fetched()
    GroupCitation.objects.filter(source=source).delete()
    connection.check_constraints()
    assert rows_fetched() - before < 200 * 10


def test_all_rows_of_a_list_take_a_step_set_wise_and_more_than_that_are_refused(
    client: Client, editor: User, many: None
) -> None:
    first = Group.objects.earliest("pk")
    with CaptureQueriesContext(connection) as queries:
        said = act(client, "send_to_review", first, select_across="1")
    assert said == "200 records are now: in review."
    assert len(queries) < 45  # the list that is shown afterwards among them
    assert {standing.user for standing in standings(Group, Group.objects.values_list("pk", flat=True)).values()} == {
        editor.pk
    }
    make_group()
    said = act(client, "send_back", first, select_across="1", reason="So.")
    assert said == "At most 200 records take a step at once: narrow the list down."
    assert Group.objects.filter(status="in-review").count() == 200
