"""The history as people read it, and the way back."""

from datetime import timedelta
from typing import Any

import pghistory
import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.models import Group as Role
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from actors.models import Group, Presence
from crimewatch.curation import roles
from crimewatch.curation.changes import History
from regions.models import Region, RegionEstimate
from tests.curation.people import make_member
from tests.factories import make_group, make_group_citation, make_presence, make_region, make_region_estimate
from tests.kinds import CLAIMS, RECORDS, make, publish
from tests.people import make_reader, make_researcher

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client: Client) -> Any:
    user = make_member(roles.EDITOR)
    client.force_login(user)
    return user


def page_of(client: Client, record: Any, **query: str) -> Any:
    response = client.get(reverse("curation:record_history", args=[record._meta.model_name, record.slug]), query)
    assert response.status_code == 200
    return response


def fields(change: Any) -> dict[str, tuple[str, str]]:
    return {
        field.name: (" · ".join(piece.text for piece in field.before), " · ".join(piece.text for piece in field.after))
        for field in change.fields
    }


def latest_event(model: Any, row: int) -> int:
    return model.pgh_event_model.objects.filter(pgh_obj_id=row).order_by("-pgh_id").values_list("pgh_id", flat=True)[0]


def bring_back(client: Client, model: Any, event: int, **data: str) -> list[str]:
    """What the site says when a state is brought back."""
    address = reverse("curation:restore", args=[model._meta.model_name, event])
    response = client.post(address, {"reason": "a slip", **data}, follow=True)
    assert response.status_code == 200
    return [str(message) for message in response.context["messages"]]


def test_a_records_history_tells_who_changed_what_from_what_and_why(client: Client, editor: Any) -> None:
    group = make_group(name="Clan", aliases=["The clan"])
    with pghistory.context(user=editor.pk, reason="better source", import_file="groups.csv"):
        Group.objects.filter(pk=group.pk).update(kind="family-clan", aliases=["The clan", "Los Quispe"])
    change = page_of(client, group).context["changes"][0]

    assert (change.verb, change.who, change.title) == ("changed", editor.username, "Clan")
    assert change.why == "import of groups.csv · better source"
    assert fields(change) == {
        "kind": ("criminal network", "family clan"),
        "aliases": ("The clan", "The clan · Los Quispe"),
    }


def test_a_records_history_has_the_claims_that_name_it_or_named_it(client: Client, editor: Any) -> None:
    region, other = make_region(name="Puno"), make_region(name="Tacna")
    presence = make_presence(group=make_group(name="Clan"), region=region, kind="base")
    Presence.objects.filter(pk=presence.pk).update(region=other)
    presence.delete()
    found = [change for change in page_of(client, region).context["changes"] if change.model is Presence]

    assert [change.verb for change in found] == ["added"]
    assert "Puno" in found[0].title
    later = [change for change in page_of(client, other).context["changes"] if change.model is Presence]
    assert [(change.verb, fields(change).get("region")) for change in later] == [
        ("deleted", None),
        ("changed", ("Puno", "Tacna")),
    ]


def test_figures_are_told_exactly(client: Client, editor: Any) -> None:
    estimate = make_region_estimate(best="40441.18", low=None, high=None)
    changes = page_of(client, estimate.region).context["changes"]
    (change,) = [change for change in changes if change.model is RegionEstimate]

    assert fields(change)["best"] == ("", "40,441.18")


@pytest.mark.parametrize("model", [*RECORDS, *CLAIMS], ids=lambda model: model.__name__)
def test_every_kind_of_row_has_a_history(model: Any, client: Client, editor: Any) -> None:
    row = make(model)
    record = row if model in RECORDS else row.subject_record
    model.objects.filter(pk=row.pk).update(updated_at=timezone.now())

    assert model in {change.model for change in page_of(client, record).context["changes"]}
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_history", args=[row.pk])
    kind = record._meta.model_name
    assert client.get(address).url == reverse("curation:record_history", args=[kind, record.slug])


def test_a_record_is_shown_as_it_was_on_a_day(client: Client, editor: Any) -> None:
    group = make_group(name="Before")
    presence = make_presence(group=group, region=make_region(name="Puno"))
    long_ago = timezone.now() - timedelta(days=400)
    with connection.cursor() as cursor:  # as if written then; the history itself cannot be changed
        cursor.execute("SET LOCAL session_replication_role = replica")
        for model in (Group, Presence, Region):
            cursor.execute(f"UPDATE {model.pgh_event_model._meta.db_table} SET pgh_created_at = %s", [long_ago])
        cursor.execute("SET LOCAL session_replication_role = origin")
    Group.objects.filter(pk=group.pk).update(name="After")
    presence.delete()
    then = (long_ago + timedelta(days=1)).date().isoformat()
    today = timezone.localdate().isoformat()

    shown = page_of(client, group, on=then).context["changes"]
    assert shown[0].title == "Before"
    assert any(change.model is Presence and fields(change)["region"][1] == "Puno" for change in shown)
    shown = page_of(client, group, on=today).context["changes"]
    assert [change.title for change in shown] == ["After"]
    before_all = (long_ago - timedelta(days=2)).date().isoformat()
    assert "It was not there yet." in page_of(client, group, on=before_all).content.decode()


# Access


def test_the_history_is_for_those_who_see_drafts_of_the_kind(client: Client) -> None:
    group = make_group()
    publish(group)
    address = reverse("curation:record_history", args=["group", group.slug])
    for user in (make_reader(), make_researcher(Region)):
        client.force_login(user)
        assert client.get(address).status_code == 404
    client.force_login(make_researcher(Group))
    assert client.get(address).status_code == 200
    client.logout()
    assert client.get(address).status_code == 302
    assert client.get(reverse("curation:changes")).status_code == 302


def test_the_history_says_nothing_of_what_is_restricted_to_others(client: Client) -> None:
    desk = Role.objects.create(name="Witness desk")
    insider = make_member(roles.RESEARCHER)
    insider.groups.add(desk)
    outsider = make_member(roles.RESEARCHER)
    region = make_region(name="Puno")
    secret = make_group(name="Zyxwvut", restricted_to=["Witness desk"], restriction_reason="names a witness")
    make_presence(group=secret, region=region)
    gone = make_group(name="Zyxwvut gone", restricted_to=["Witness desk"], restriction_reason="names a witness")
    citation = make_group_citation(record=gone, statement="Zyxwvut did it")
    citation.delete()
    gone.delete()

    def texts(user: Any) -> str:
        client.force_login(user)
        pages = [client.get(reverse("curation:changes")), page_of(client, region)]
        return " ".join(page.content.decode() for page in pages)

    assert texts(insider).count("Zyxwvut") >= 4
    assert "Zyxwvut" not in texts(outsider)
    assert History(AnonymousUser()).models == []


def test_a_claim_does_not_name_a_draft_of_a_kind_that_the_reader_may_not_see(client: Client) -> None:
    presence = make_presence(group=make_group(name="Clan"), region=make_region(name="Zyxwvut"))
    client.force_login(make_researcher(Group, Presence))

    assert "Zyxwvut" not in page_of(client, presence.group).content.decode()


# Lists


def test_the_latest_changes_are_found_by_person_kind_and_day(client: Client, editor: Any) -> None:
    with pghistory.context(user=editor.pk):
        make_group(name="Mine")
    with pghistory.context(user=make_reader().pk):
        make_region(name="Somebody's")
    today = timezone.localdate()

    def titles(**query: str) -> list[str]:
        response = client.get(reverse("curation:changes"), query)
        assert response.status_code == 200
        return [change.title for change in response.context["changes"]]

    assert set(titles()) >= {"Mine", "Somebody's"}
    assert titles(who=editor.username) == ["Mine"]
    assert titles(kind="region") == ["Somebody's"]
    assert titles(since=today.isoformat(), kind="group") == ["Mine"]
    assert titles(until=(today - timedelta(days=1)).isoformat()) == []


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"who": "nobody"}, "There is no login “nobody”."),
        ({"kind": "dragon"}, "There is no kind of record or claim “dragon”."),
        ({"since": "yesterday"}, "This is not a day: write year, month and day, as in 2017-06-01."),
        ({"since": "2017-02-01", "until": "2017-01-01"}, "The last day lies before the first, 2017-02-01."),
        ({"page": "0"}, "Pages are counted from 1."),
        ({"page": "x"}, "The page is not a number: write one from 1 on."),
        ({"page": "99999"}, "There are at most 200 pages: narrow the list down."),
    ],
)
def test_nonsense_is_answered_with_a_sentence(
    client: Client, editor: Any, query: dict[str, str], sentence: str
) -> None:
    make_group(name="Mine")
    html = client.get(reverse("curation:changes"), query).content.decode()

    assert sentence in html
    assert "Mine" not in html


def test_a_history_of_a_thousand_changes_costs_few_queries(client: Client, editor: Any) -> None:
    region = make_region()
    for number in range(1000):
        Region.objects.filter(pk=region.pk).update(summary=f"Version {number}")
    make_presence(region=region)
    make_region_estimate(region=region)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page = page_of(client, region)
    assert len(page.context["changes"]) == 25
    assert len(queries) < 20
    assert len(page_of(client, region, page="40").context["changes"]) == 25


# The way back


def test_a_version_is_brought_back_whole(client: Client, editor: Any) -> None:
    group = make_group(name="Clan", summary="Right")
    event = latest_event(Group, group.pk)
    Group.objects.filter(pk=group.pk).update(name="Wrong", summary="Wrong")

    assert bring_back(client, Group, event) == ["1 row was brought back."]
    group.refresh_from_db()
    assert (group.name, group.summary) == ("Clan", "Right")
    change = page_of(client, group).context["changes"][0]
    assert (change.who, change.why) == (editor.username, "a slip")


def test_a_single_field_is_brought_back(client: Client, editor: Any) -> None:
    group = make_group(name="Clan", summary="Right")
    Group.objects.filter(pk=group.pk).update(name="Better", summary="Wrong")

    assert bring_back(client, Group, latest_event(Group, group.pk), field="summary") == ["1 row was brought back."]
    group.refresh_from_db()
    assert (group.name, group.summary) == ("Better", "Right")


def test_a_deleted_record_comes_back_with_the_claims_that_went_with_it(client: Client, editor: Any) -> None:
    group = make_group(name="Clan")
    citation, presence = make_group_citation(record=group), make_presence(group=group)
    pk, created = group.pk, group.created_at
    with transaction.atomic():
        citation.delete()
        presence.delete()
        group.delete()

    # One test is one transaction, so that everything has one time.
    assert bring_back(client, Group, latest_event(Group, pk)) == ["3 rows were brought back."]
    group = Group.objects.get(pk=pk)
    assert (group.name, group.created_at) == ("Clan", created)
    assert [claim.uid for claim in Presence.objects.filter(group=group)] == [presence.uid]
    messages = bring_back(client, Group, latest_event(Group, pk) - 1)
    assert messages == ["“Clan” is there again already."]


def test_what_breaks_a_rule_of_today_is_not_brought_back(client: Client, editor: Any) -> None:
    upper, lower = make_region(name="Upper"), make_region(name="Lower")
    Region.objects.filter(pk=upper.pk).update(parent=lower)
    event = latest_event(Region, upper.pk)
    Region.objects.filter(pk=upper.pk).update(parent=None)
    Region.objects.filter(pk=lower.pk).update(parent=upper)

    (message,) = bring_back(client, Region, event)
    assert message.startswith("It was not brought back: ")
    assert "lies below it" in message
    upper.refresh_from_db()
    assert upper.parent is None


def test_what_breaks_a_constraint_is_not_brought_back_nor_anything_that_went_with_it(
    client: Client, editor: Any
) -> None:
    group = make_group(slug="clan")
    presence = make_presence(group=group)
    pk = group.pk
    presence.delete()
    group.delete()
    other = make_group(slug="clan")

    (message,) = bring_back(client, Group, latest_event(Group, pk))
    assert message.startswith("It was not brought back: ")
    assert "(slug)=(clan) already exists" in message
    assert list(Group.objects.all()) == [other]
    assert not Presence.objects.exists()


def test_a_deleted_claim_whose_record_is_gone_is_not_brought_back(client: Client, editor: Any) -> None:
    presence = make_presence()
    pk, region = presence.pk, presence.region
    presence.delete()
    region.delete()

    (message,) = bring_back(client, Presence, latest_event(Presence, pk))
    assert message == f"It names as “Region” what is not there any more: “{region.name}”. Bring that back first."
    assert not Presence.objects.filter(pk=pk).exists()


def test_bringing_back_takes_a_reason_and_the_right(client: Client, editor: Any) -> None:
    group = make_group(name="Clan")
    event = latest_event(Group, group.pk)
    Group.objects.filter(pk=group.pk).update(name="Wrong")

    assert bring_back(client, Group, event, reason=" ") == [
        "Say in a few words why, for those who read the history later."
    ]
    client.force_login(make_researcher(Group))
    assert bring_back(client, Group, event) == ["You may not change groups."]
    client.force_login(make_reader())
    assert client.post(reverse("curation:restore", args=["group", event]), {"reason": "x"}).status_code == 404
    group.refresh_from_db()
    assert group.name == "Wrong"


def test_nobody_publishes_by_bringing_back_without_the_right(client: Client) -> None:
    group = make_group()
    publish(group)
    event = latest_event(Group, group.pk)
    Group.objects.filter(pk=group.pk).update(status="withdrawn")
    client.force_login(make_member(roles.RESEARCHER))

    (message,) = bring_back(client, Group, event)
    assert message == "This would publish or withdraw it, which you may not: bring back single fields."


@pytest.mark.parametrize(
    ("kind", "event", "status"), [("group", 10**9, 404), ("dragon", 1, 404)], ids=["no event", "no kind"]
)
def test_what_is_not_in_the_history_cannot_be_brought_back(
    client: Client, editor: Any, kind: str, event: int, status: int
) -> None:
    assert client.post(reverse("curation:restore", args=[kind, event]), {"reason": "x"}).status_code == status


def test_a_field_that_the_change_has_not_is_refused(client: Client, editor: Any) -> None:
    group = make_group()
    Group.objects.filter(pk=group.pk).update(name="Other")
    for field in ("slug_of_mine", "search_key", "id"):
        (message,) = bring_back(client, Group, latest_event(Group, group.pk), field=field)
        assert message == f"There is no earlier state of a field “{field}” in this change."
