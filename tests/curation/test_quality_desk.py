"""The pages of the quality desk, what is dismissed there, and the report."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Group as GroupOfLogins
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from actors.models import Group, Presence
from crimewatch.curation import roles
from crimewatch.curation.models import DailyCount, Dismissal
from crimewatch.curation.quality import desk as desks
from crimewatch.curation.quality.desk import Desk, audience_of, everyone
from tests.curation.people import make_member
from tests.factories import make_group, make_group_citation, make_presence, make_region, make_source
from tests.people import make_reader, make_researcher

pytestmark = pytest.mark.django_db

DESK = reverse("curation:quality")


@pytest.fixture
def editor(client: Client) -> Any:
    user = make_member(roles.EDITOR)
    client.force_login(user)
    return user


def number(user: Any, check: str) -> int:
    """What a person's desk says of a check."""
    return next(line.number for line in Desk(user).lines() if line.check.name == check) or 0


def page(check: str) -> str:
    return reverse("curation:quality_check", args=[check])


def dismiss(client: Client, check: str, row: Any, reason: str = "a field trip is planned") -> list[str]:
    """What the site says when a finding is dismissed."""
    address = reverse("curation:quality_dismiss", args=[check, row._meta.model_name, row.pk])
    response = client.post(address, {"reason": reason}, follow=True)
    assert response.status_code == 200
    return [str(message) for message in response.context["messages"]]


def listed(client: Client, check: str, **query: str) -> list[Any]:
    response = client.get(page(check), query)
    assert response.status_code == 200
    return [finding.row for finding, _may_dismiss in response.context["findings"]]


# Who sees what


@pytest.mark.parametrize("address", [DESK, page("uncited")])
def test_the_desk_is_for_those_who_work_on_the_database(client: Client, address: str) -> None:
    assert client.get(address).status_code == 302
    client.force_login(make_reader())
    assert client.get(address).status_code == 404
    client.force_login(make_researcher())
    assert client.get(address).status_code == 404
    client.force_login(make_researcher(Group))
    assert client.get(address).status_code == 200


def test_a_check_is_of_the_kinds_that_one_works_on(client: Client) -> None:
    group = make_group()
    make_region()
    client.force_login(make_researcher(Group))

    assert listed(client, "uncited") == [group]
    assert client.get(page("no-point")).status_code == 404
    assert client.get(page("no-such-check")).status_code == 404


def test_restricted_records_and_their_claims_are_in_no_number_and_no_list(client: Client, editor: Any) -> None:
    closed = {"restricted_to": ["inner circle"], "restriction_reason": "a witness"}
    hidden = make_group(**closed)
    make_presence(group=hidden, status="issue", when="19XX")
    cited = make_group()
    make_group_citation(record=cited, source=make_source(**closed))
    GroupOfLogins.objects.create(name="inner circle")

    assert listed(client, "open-claims") == listed(client, "wide-dates") == []
    assert number(editor, "open-claims") == number(editor, "wide-dates") == 0
    assert hidden not in listed(client, "uncited")
    assert cited in listed(client, "uncited")  # as if there were no claim


def test_numbers_are_shared_only_by_those_who_see_the_same_rows(client: Client, editor: Any) -> None:
    make_group(restricted_to=["inner circle"], restriction_reason="a witness")
    insider = make_member(roles.EDITOR)
    insider.groups.add(GroupOfLogins.objects.create(name="inner circle"), GroupOfLogins.objects.create(name="others"))

    assert audience_of(editor) == audience_of(make_member(roles.RESEARCHER))
    assert audience_of(editor) != audience_of(insider)
    assert audience_of(editor) != audience_of(make_researcher(Group))
    assert (number(editor, "uncited"), number(insider, "uncited")) == (0, 1)


# Dismissing


def test_a_finding_is_off_the_list_until_its_row_is_changed(client: Client, editor: Any) -> None:
    group = make_group()

    assert dismiss(client, "uncited", group) == ["It is off the list until it is changed."]
    assert listed(client, "uncited") == []
    assert number(editor, "uncited") == 0
    group.summary = "More is known."
    group.save()
    assert listed(client, "uncited") == [group]
    (line,) = client.get(page("uncited")).context["dismissed"]
    assert line["is_back"]
    dismiss(client, "uncited", group, "still planned")
    assert listed(client, "uncited") == []


def test_who_dismissed_it_and_why_is_kept_also_when_it_is_taken_back(client: Client, editor: Any) -> None:
    group = make_group()
    dismiss(client, "uncited", group)
    dismissal = Dismissal.objects.get()
    address = reverse("curation:quality_undo", args=["uncited", dismissal.pk])

    assert (dismissal.dismissed_by, dismissal.reason) == (editor, "a field trip is planned")
    assert client.get(address).status_code == 405
    assert client.post(address, {"next": "https://example.org/"})["Location"] == page("uncited")
    assert listed(client, "uncited") == [group]
    events = Dismissal.pgh_event_model.objects.order_by("pgh_id")
    assert [(event.pgh_label, event.reason) for event in events] == [
        ("insert", "a field trip is planned"),
        ("delete", "a field trip is planned"),
    ]
    assert events.last().pgh_context.metadata["user"] == editor.pk


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301])
def test_a_dismissal_needs_a_reason(client: Client, editor: Any, reason: str) -> None:
    (told,) = dismiss(client, "uncited", make_group(), reason)

    assert "eason" in told or "why" in told
    assert not Dismissal.objects.exists()


def test_only_what_a_check_finds_is_dismissed_and_by_those_who_may_change_it(client: Client, editor: Any) -> None:
    cited = make_group_citation().record
    assert dismiss(client, "uncited", cited) == ["The check does not find it any more: there is nothing to dismiss."]
    client.force_login(make_researcher(Group))
    group = make_group()
    address = reverse("curation:quality_dismiss", args=["uncited", "group", group.pk])

    assert client.post(address, {"reason": "so it is"}).status_code == 404
    assert b'<details class="dismiss"' not in client.get(page("uncited")).content
    assert not Dismissal.objects.exists()


def test_what_one_may_not_see_is_neither_dismissed_nor_put_back_nor_listed(client: Client, editor: Any) -> None:
    closed = make_group(restricted_to=["inner circle"], restriction_reason="a witness")
    kept = Dismissal.objects.create(check_name="uncited", kind="actors.group", row=closed.pk, reason="known")

    address = reverse("curation:quality_dismiss", args=["uncited", "group", closed.pk])
    assert client.post(address, {"reason": "so it is"}).status_code == 404
    assert client.post(reverse("curation:quality_undo", args=["uncited", kept.pk])).status_code == 404
    assert client.get(page("uncited")).context["dismissed"] == []


def test_what_was_looked_at_is_looked_at_again_after_the_agreed_months(
    client: Client, editor: Any, settings: Any
) -> None:
    settings.MONTHS_BETWEEN_LOOKS = 12
    group = make_group_citation().record
    long_ago = timezone.now() - timedelta(days=800)
    Group.objects.filter(pk=group.pk).update(status="published", updated_at=long_ago)
    group.citations.update(updated_at=long_ago)
    dismiss(client, "not-looked-at", group, "all still so")

    assert listed(client, "not-looked-at") == []
    Dismissal.objects.update(dismissed_at=timezone.now() - timedelta(days=400))
    assert listed(client, "not-looked-at") == [group]


# Pages and numbers


def test_a_list_has_pages_kinds_and_files(client: Client, editor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crimewatch.curation.quality.views.PAGE_SIZE", 2)
    groups = [make_group(name=f"Los Pumas {n}") for n in range(3)]
    make_region()

    assert len(listed(client, "uncited")) == 2
    assert listed(client, "uncited", kind="group", page="2") == groups[2:]
    assert listed(client, "uncited", kind="group", page="9") == groups[2:]
    file = client.get(page("uncited"), {"kind": "group", "format": "csv"})
    lines = b"".join(file.streaming_content).decode().splitlines()
    assert lines[0].endswith("kind,key,title,detail,changed,address")
    assert [line.split(",")[2] for line in lines[1:]] == ["Los Pumas 0", "Los Pumas 1", "Los Pumas 2"]


@pytest.mark.parametrize("query", [{"page": "0"}, {"page": "x"}, {"kind": "planet"}, {"format": "pdf"}])
def test_an_address_that_makes_no_sense_gets_a_sentence(client: Client, editor: Any, query: dict[str, str]) -> None:
    response = client.get(page("uncited"), query)

    assert response.status_code == 400
    assert response.content.count(b'role="alert"') == 1


def test_numbers_are_kept_day_by_day(client: Client, editor: Any) -> None:
    make_group()
    audience = audience_of(editor)
    yesterday = timezone.localdate() - timedelta(days=1)
    DailyCount.objects.create(
        audience=audience,
        check_name="uncited",
        day=yesterday,
        number=7,
        counted_at=timezone.now() - timedelta(days=1),
        milliseconds=3,
    )

    lines = client.get(DESK).context["lines"]
    (line,) = [each for each in lines if each.check.name == "uncited"]
    assert (line.number, line.counted_at) == (1, None)
    assert line.numbers == [(yesterday, 7), (timezone.localdate(), 1)]
    assert line.points == "2.0,2.0 98.0,19.1"
    assert DailyCount.objects.filter(audience=audience, day=timezone.localdate()).count() == len(lines)
    client.get(DESK)
    assert DailyCount.objects.filter(audience=audience).count() == len(lines) + 1


def test_what_takes_long_is_shown_as_it_was_last_counted(client: Client, editor: Any, settings: Any) -> None:
    settings.DESK_CHEAP_MILLISECONDS = 8_999
    counted_at = timezone.now() - timedelta(hours=5)
    DailyCount.objects.create(
        audience=audience_of(editor),
        check_name="uncited",
        day=counted_at.date(),
        number=40,
        counted_at=counted_at,
        milliseconds=9000,
    )

    (line,) = [each for each in client.get(DESK).context["lines"] if each.check.name == "uncited"]
    assert (line.number, line.counted_at) == (40, counted_at)


def test_what_was_never_counted_is_not_waited_for_too_long(client: Client, editor: Any, settings: Any) -> None:
    settings.DESK_PATIENCE_SECONDS = 0.001
    make_group()

    response = client.get(DESK)
    assert response.status_code == 200
    assert None in {line.number for line in response.context["lines"]}
    assert Desk(editor).keep()
    assert None not in {line.number for line in client.get(DESK).context["lines"]}


def test_the_pages_take_few_queries_however_much_is_found(client: Client, editor: Any) -> None:
    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as context:
            assert client.get(address).status_code == 200
        return len(context)

    make_group()
    make_presence(status="issue")
    client.get(DESK)
    before = [queries(DESK), *(queries(page(check)) for check in ("uncited", "open-claims", "dependent-sources"))]
    for _ in range(4):
        make_group()
        make_presence(status="issue", when="19XX")
    client.get(DESK)

    after = [queries(DESK), *(queries(page(check)) for check in ("uncited", "open-claims", "dependent-sources"))]
    assert after == before
    assert before[0] <= 36
    assert max(before[1:]) <= 24


# The report


def report(*arguments: str) -> tuple[int, str]:
    """The status with which the command ends, and what it says."""
    out = StringIO()
    try:
        call_command("quality_report", *arguments, stdout=out)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    return 0, out.getvalue()


def test_the_report_ends_with_0_if_nothing_was_found_and_with_1_if_something_was() -> None:
    assert report()[0] == 0
    make_group()
    status, text = report("--check", "uncited")

    assert status == 1
    assert text.split()[:2] == ["1", "uncited"]
    status, text = report("--check", "rivals")
    assert (status, text.split()[:2]) == (0, ["0", "rivals"])


def test_the_report_as_json_has_each_check_by_kind() -> None:
    make_group()
    told = json.loads(report("--format", "json")[1])

    assert told["findings"] == 1
    assert [check["name"] for check in told["checks"]] == [check.name for check in Desk(everyone()).checks]
    assert told["checks"][0] | {"title": ""} == {"name": "uncited", "title": "", "number": 1, "by_kind": {"group": 1}}


def test_the_report_is_as_somebody_sees_it_and_keeps_numbers_for_all(client: Client) -> None:
    make_group(restricted_to=["inner circle"], restriction_reason="a witness")
    user = make_researcher(Group, Presence)

    assert report("--user", user.username, "--check", "uncited")[0] == 0
    assert report("--keep")[0] == 1
    kept = DailyCount.objects.filter(check_name="uncited").values_list("audience", "number")
    assert dict(kept) == {desks.EVERYTHING: 1, audience_of(user): 0}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--user", "nobody"], "There is no login “nobody”."),
        (["--check", "nothing"], "There is no check “nothing”; there are: uncited, "),
    ],
)
def test_a_report_that_makes_no_sense_ends_with_2(arguments: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence) as error:
        call_command("quality_report", *arguments)
    assert error.value.returncode == 2
