"""Bulk edits: chosen rows, one change, a preview, one transaction with a reason, and the way back."""

from collections.abc import Sequence
from typing import Any

import pghistory.models
import pytest
from django.contrib.auth.models import User
from django.db import models
from django.test import Client
from django.urls import reverse

from actors.models import Group, GroupCitation, Presence
from crimewatch.citations.models import Source
from crimewatch.exchange import edits
from crimewatch.exchange.batches import ask_for_undo, carry_out, confirm, look_at
from crimewatch.exchange.catalog import TABLES, TABLES_BY_NAME
from crimewatch.exchange.edits import Change, editable_columns
from crimewatch.exchange.edits.rows import CHUNK
from crimewatch.exchange.models import BatchKind, BatchState, ImportBatch, PreviewRow
from crimewatch.records.history import contexts_where, events_of
from programs.models import Program
from regions.models import Region
from tests.exchange.uploading import act, page
from tests.exchange.uploading import confirm as confirm_on_page
from tests.factories import (
    make_agency,
    make_group,
    make_group_citation,
    make_person_citation,
    make_presence,
    make_program,
    make_region,
    make_source,
)
from tests.kinds import publish
from tests.people import make_reader, make_researcher

pytestmark = pytest.mark.django_db

# Each step is a transaction of its own, as it is for people: within one, every event has the context of the first.
in_transactions = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _kept(settings: Any, tmp_path: Any) -> None:
    settings.KEPT_FILES = tmp_path / "exchange"


@pytest.fixture
def manager(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_superuser("ana"))
    return client


def mark(row: models.Model) -> str:
    return f"{row._meta.model_name}:{row.pk}"


def edit(client: Client, rows: Sequence[Any], **fields: str) -> Any:
    """The answer to the form of a bulk edit; names of fields with a hyphen have an underscore here."""
    data = {"row": [mark(row) for row in rows], "reason": "Cleaning up.", **fields}
    return client.post(reverse("exchange:edit"), {name.replace("__", "-"): value for name, value in data.items()})


def previewed(client: Client, rows: Sequence[Any], **fields: str) -> ImportBatch:
    answer = edit(client, rows, **fields)
    assert answer.status_code == 302, answer.context["form"].errors
    return ImportBatch.objects.latest("pk")


def problems(batch: ImportBatch) -> dict[str, list[str]]:
    """The sentences of the refused rows by key."""
    rows = PreviewRow.objects.of(batch, kind="bad")
    return {row.key: [sentence for _column, _value, sentence, _hint in row.problems] for row in rows}


@in_transactions
def test_chosen_groups_are_changed_in_one_go_with_a_reason_and_taken_back(manager: Client) -> None:
    clan, gang, other = (make_group(slug=slug, kind="criminal-network") for slug in ("clan", "gang", "other"))
    batch = previewed(manager, [clan, gang], kind="set:family-clan", state="set:active")
    assert (batch.kind, batch.state) == (BatchKind.EDIT, BatchState.PREVIEWED)
    shown = page(manager, batch)
    assert "bulk edit of 2 groups" in shown
    assert "<del>criminal-network</del>" in shown
    assert "<ins>family-clan</ins>" in shown
    assert Group.objects.filter(kind="criminal-network").count() == 3

    assert confirm_on_page(manager, batch).state == BatchState.DONE
    assert sorted(Group.objects.filter(kind="family-clan", state="active").values_list("slug", flat=True)) == [
        "clan",
        "gang",
    ]
    other.refresh_from_db()
    assert other.kind == "criminal-network"
    (context,) = contexts_where(batch=str(batch.uid))
    assert pghistory.models.Context.objects.get(pk=context).metadata["reason"] == "Cleaning up."
    assert events_of(Group).objects.filter(pgh_context_id=context).count() == 2

    act(manager, batch, "undo")
    assert set(Group.objects.values_list("kind", flat=True)) == {"criminal-network"}


def test_what_many_kinds_have_in_common_is_changed_in_all_of_them(manager: Client) -> None:
    claims = [make_group_citation(), make_person_citation(), make_presence()]
    form = manager.get(reverse("exchange:edit"), {"row": [mark(claim) for claim in claims]}).context["form"]
    assert "credibility" in form.fields
    assert "source" in form.fields
    assert "statement" not in form.fields
    assert "kind" not in form.fields
    source = make_source(slug="report")
    batch = previewed(manager, claims, source="report", source__way="set", credibility="set:2", note__way="clear")
    confirm_on_page(manager, batch)
    for claim in claims:
        claim.refresh_from_db()
        assert (claim.source, str(claim.credibility)) == (source, "2")


def test_all_that_a_list_shows_is_changed_and_nothing_else(manager: Client) -> None:
    for number in range(3):
        make_group(slug=f"gang-{number}", kind="street-gang")
    make_group(slug="network", kind="criminal-network")
    selection = {"all": "1", "list": "site", "model": "actors.group", "filters": "kind=street-gang"}
    manager.post(reverse("exchange:edit"), {**selection, "reason": "All are over.", "state": "set:defunct"})
    batch = confirm_on_page(manager, ImportBatch.objects.latest("pk"))
    assert batch.totals["changed"] == 3
    assert Group.objects.get(slug="network").state != "defunct"


def test_all_claims_that_fit_are_changed_whatever_their_kind(manager: Client) -> None:
    kept = make_presence(wording="stated")
    make_presence(wording="alleged"), make_group_citation(wording="alleged")
    selection = {"all": "1", "list": "claims", "filters": "wording=alleged"}
    manager.post(reverse("exchange:edit"), {**selection, "reason": "Checked.", "stance": "set:disputes"})
    confirm_on_page(manager, ImportBatch.objects.latest("pk"))
    kept.refresh_from_db()
    assert kept.stance == "supports"
    assert Presence.objects.get(wording="alleged").stance == GroupCitation.objects.get().stance == "disputes"


def test_links_are_added_taken_out_and_replaced(manager: Client) -> None:
    police, army, navy = (make_agency(slug=slug) for slug in ("police", "army", "navy"))
    programs = [make_program(partner_agencies=[police]), make_program(partner_agencies=[police, army])]

    def partners() -> list[list[str]]:
        return [sorted(program.partner_agencies.values_list("slug", flat=True)) for program in programs]

    for way, keys, expected in (
        ("add", "navy|army", [["army", "navy", "police"]] * 2),
        ("remove", "police", [["army", "navy"]] * 2),
        ("set", "police", [["police"]] * 2),
        ("clear", "", [[]] * 2),
    ):
        batch = previewed(manager, programs, partner_agencies=keys, partner_agencies__way=way)
        confirm_on_page(manager, batch)
        assert partners() == expected
    assert {police.slug, army.slug, navy.slug}  # they are all there still
    assert Program.objects.count() == 2


def test_a_row_that_breaks_a_rule_is_named_and_nothing_is_written_until_it_is_left_out(manager: Client) -> None:
    young, old = make_group(slug="young", founded="2010"), make_group(slug="old", founded="1990")
    batch = previewed(manager, [young, old], dissolved="2000", dissolved__way="set")
    ((key, sentences),) = problems(batch).items()
    assert key == "young"
    assert sentences
    confirm_on_page(manager, batch)
    assert batch.state == BatchState.PREVIEWED
    assert not Group.objects.exclude(dissolved="").exists()

    act(manager, batch, "leave_out")
    batch.refresh_from_db()
    assert str(batch) == "bulk edit of 1 group"
    assert confirm_on_page(manager, batch).state == BatchState.DONE
    assert list(Group.objects.exclude(dissolved="").values_list("slug", flat=True)) == ["old"]


def test_rows_that_were_changed_or_deleted_since_the_preview_are_named_and_not_written_over(manager: Client) -> None:
    first, second, third, gone = (
        make_group(slug=slug, kind="criminal-network") for slug in ("one", "two", "three", "four")
    )
    batch = previewed(manager, [first, second, third, gone], kind="set:mafia-style-group")
    Group.objects.filter(pk=second.pk).update(kind="street-gang")
    Group.objects.filter(pk=third.pk).update(summary="Of no matter for this edit.")
    gone_pk = gone.pk
    gone.delete()
    confirm_on_page(manager, batch)
    assert batch.state == BatchState.PREVIEWED
    assert f"Changed meanwhile: two, four (#{gone_pk})." in batch.problem
    assert Group.objects.filter(kind="mafia-style-group").count() == 0
    assert "It is not there any more" in page(manager, batch, kind="bad")
    act(manager, batch, "leave_out")
    assert confirm_on_page(manager, batch).state == BatchState.DONE
    assert Group.objects.get(slug="three").summary == "Of no matter for this edit."


def test_what_is_added_to_is_what_stands_there_at_the_end(manager: Client) -> None:
    program, police, army = make_program(), make_agency(slug="police"), make_agency(slug="army")
    batch = previewed(manager, [program], partner_agencies="police", partner_agencies__way="add")
    program.partner_agencies.add(army)
    confirm_on_page(manager, batch)
    assert batch.state == BatchState.PREVIEWED  # it would do something else than was confirmed
    confirm_on_page(manager, batch)
    assert set(program.partner_agencies.all()) == {police, army}


def test_an_edit_publishes_only_for_who_may_and_what_is_supported(client: Client) -> None:
    cited, uncited = make_group(slug="cited"), make_group(slug="uncited")
    make_group_citation(record=cited)
    client.force_login(make_researcher(Group, actions=("view", "change")))
    assert "may not publish" in str(problems(previewed(client, [cited], status="set:published")))
    client.force_login(User.objects.create_superuser("ana"))
    refused = problems(previewed(client, [cited, uncited], status="set:published"))
    assert list(refused) == ["uncited"]
    assert "claim" in str(refused)


@pytest.mark.parametrize("right", [("view",), ("view", "add")])
def test_who_may_not_change_a_kind_is_refused_and_sees_no_button(client: Client, right: tuple[str, ...]) -> None:
    group = make_group()
    publish(group)
    client.force_login(make_researcher(Group, actions=right))
    assert reverse("exchange:edit") not in client.get(reverse("actors:group_list")).content.decode()
    assert edit(client, [group], kind="set:mafia-style-group").status_code == 403
    user = make_researcher(Group, actions=right)
    user.user_permissions.add(*make_researcher(Region, actions=("change",)).user_permissions.all())
    client.force_login(User.objects.get(pk=user.pk))
    answer = edit(client, [group], kind="set:mafia-style-group")
    assert answer.status_code == 422
    assert "You may not change groups." in answer.content.decode()
    client.force_login(make_reader())
    assert edit(client, [group], kind="set:mafia-style-group").status_code == 403


def test_a_change_of_rights_between_preview_and_confirmation_counts(client: Client) -> None:
    group, user = make_group(kind="criminal-network"), make_researcher(Group, actions=("view", "change"))
    client.force_login(user)
    batch = previewed(client, [group], kind="set:mafia-style-group")
    user.user_permissions.clear()
    assert act(client, batch, "confirm", digest=batch.digest).status_code == 403
    group.refresh_from_db()
    assert group.kind == "criminal-network"


def test_what_is_restricted_to_others_is_neither_changed_nor_told_of(client: Client) -> None:
    from django.contrib.auth.models import Group as Role

    secret = make_agency(slug="secret", restricted_to=[Role.objects.create(name="few").pk], restriction_reason="Safety")
    program, open_ = make_program(slug="open", partner_agencies=[secret]), make_agency(slug="open")
    closed = make_program(slug="closed", restricted_to=secret.restricted_to, restriction_reason="Safety")
    client.force_login(make_researcher(Program, type(secret), actions=("view", "change")))
    assert "Nothing is chosen" in edit(client, [closed], kind="set:operation").content.decode()
    batch = previewed(client, [program], partner_agencies="open", partner_agencies__way="set")
    shown = page(client, batch)
    assert "that you may not see" in shown
    assert "secret" not in shown
    assert list(program.partner_agencies.all()) == [secret]
    assert open_


def test_half_typed_and_wrong_input_is_answered_with_a_sentence_beside_its_field(manager: Client) -> None:
    group = make_group()
    for fields, name, words in (
        ({}, "__all__", "at least one column"),
        ({"founded": "2010"}, "founded", "not what to do with it"),
        ({"founded__way": "set"}, "founded", "Say what"),
        ({"kind": "set:knitting-circle"}, "kind", "knitting-circle"),
        ({"state": "set:active", "reason": ""}, "reason", "required"),
    ):
        answer = edit(manager, [group], **fields)
        assert answer.status_code == 422
        assert words in str(answer.context["form"].errors[name])
    answer = edit(manager, [make_presence()], source="nothing", source__way="set")
    assert "There is no source with the key “nothing”" in str(answer.context["form"].errors["source"])
    for query, words in (
        ({}, "Nothing is chosen"),
        ({"row": "group:x"}, "“group:x” is no row"),
        ({"row": "knife:1"}, "“knife:1” is no row"),
        ({"all": "1", "list": "site", "model": "no.such"}, "not said which list"),
        ({"all": "1", "list": "claims", "filters": "kind=nonsense"}, "nonsense"),
    ):
        assert words in manager.get(reverse("exchange:edit"), query).content.decode()


def test_more_rows_than_can_be_changed_at_once_are_refused_with_both_numbers(manager: Client) -> None:
    source, group = make_source(), make_group()
    GroupCitation.objects.bulk_create(
        GroupCitation(record=group, source=source, statement="It is so.") for _ in range(50_001)
    )
    answer = manager.get(reverse("exchange:edit"), {"all": "1", "list": "claims"})
    assert "At most 50,000 rows are changed at once, and these are 50,001" in answer.content.decode()
    assert not ImportBatch.objects.exists()


@in_transactions
def test_thousands_are_changed_and_taken_back_without_a_query_for_each(django_assert_max_num_queries: Any) -> None:
    source, group = make_source(), make_group()
    GroupCitation.objects.bulk_create(
        GroupCitation(record=group, source=source, statement="It is so.") for _ in range(2 * CHUNK + 1)
    )
    rows = {TABLES_BY_NAME["group_citations"]: GroupCitation.objects.all()}
    user = User.objects.create_superuser("ana")
    with django_assert_max_num_queries(150):
        batch = edits.begin(rows, [Change("credibility", "set", "3")], user=user, reason="Checked.")
        look_at(batch)
        confirm(batch)
        carry_out(batch)
    assert batch.state == BatchState.DONE
    assert GroupCitation.objects.filter(credibility="3").count() == 2 * CHUNK + 1
    with django_assert_max_num_queries(150):
        carry_out(ask_for_undo(batch, user))
    assert not GroupCitation.objects.filter(credibility="3").exists()


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_columns_are_those_of_the_csv_file_without_what_tells_rows_apart(table: Any) -> None:
    columns = editable_columns([table])
    assert set(columns) <= set(table.resource().columns) - {"slug", "uid", "name", "past_slugs"}
    assert "status" in columns
    if table.model is Source:
        assert "doi" not in columns
        assert "source_type" in columns


def test_the_list_of_the_admin_leads_to_the_edit_of_what_is_ticked_or_of_all(manager: Client) -> None:
    gangs = [make_group(kind="street-gang") for _ in range(2)]
    make_group(kind="criminal-network")
    address = reverse("admin:actors_group_changelist")
    ticked = {"action": "change_together", "_selected_action": [gangs[0].pk]}
    answer = manager.post(address, ticked, follow=True)
    assert "<b>1 group</b>" in answer.content.decode()
    everything = {**ticked, "select_across": "1"}
    answer = manager.post(f"{address}?kind__exact=street-gang", everything, follow=True)
    assert "<b>2 groups</b>" in answer.content.decode()


def test_the_same_claim_is_added_about_each_chosen_record_and_taken_back(manager: Client) -> None:
    groups, source = [make_group(slug="one"), make_group(slug="two")], make_source(slug="report")
    make_region(slug="puno")
    marks = [mark(group) for group in groups]
    offered = manager.get(reverse("exchange:edit"), {"row": marks}).context["roles"]
    assert any("claim=presence.group" in address for _label, address in offered)
    data = {"row": marks, "claim": "presence.group", "reason": "All of them are named in the report."}
    for fields, name, words in (
        ({"region": "puno"}, "source", "must not be empty"),
        ({"region": "nowhere", "source": "report"}, "region", "nowhere"),
    ):
        answer = manager.post(reverse("exchange:add_claims"), {**data, **fields})
        assert answer.status_code == 422
        assert words in str(answer.context["form"].errors[name])
    form = manager.get(reverse("exchange:add_claims"), data).context["form"]
    typed = {name: field.initial or "" for name, field in form.fields.items()}
    typed |= {"region": "puno", "source": "report", "quotation": "They are in Puno."}
    answer = manager.post(reverse("exchange:add_claims"), {**typed, **data})
    assert answer.status_code == 302, answer.context["form"].errors
    batch = ImportBatch.objects.latest("pk")
    assert batch.totals["new"] == 2, problems(batch)
    assert not Presence.objects.exists()
    assert confirm_on_page(manager, batch).state == BatchState.DONE
    claims = Presence.objects.filter(source=source, region__slug="puno", quotation="They are in Puno.")
    assert sorted(claims.values_list("group__slug", flat=True)) == ["one", "two"]
    (context,) = contexts_where(batch=str(batch.uid))
    assert events_of(Presence).objects.filter(pgh_context_id=context).count() == 2


def added_claims(client: Client, groups: Sequence[Group]) -> ImportBatch:
    """A bulk edit that has added a presence of each of the groups."""
    make_source(slug="report")
    make_region(slug="puno")
    data = {"row": [mark(group) for group in groups], "claim": "presence.group", "reason": "All are in the report."}
    form = client.get(reverse("exchange:add_claims"), data).context["form"]
    typed = {name: field.initial or "" for name, field in form.fields.items()} | {"region": "puno", "source": "report"}
    answer = client.post(reverse("exchange:add_claims"), {**typed, **data})
    assert answer.status_code == 302, answer.context["form"].errors
    batch = confirm_on_page(client, ImportBatch.objects.latest("pk"))
    assert batch.state == BatchState.DONE, batch.problem
    return batch


@in_transactions
def test_claims_that_an_edit_has_added_are_taken_back_with_it_and_brought_back(manager: Client) -> None:
    groups = [make_group(slug=slug) for slug in ("one", "two", "three")]
    other = make_presence(group=groups[0])
    batch = added_claims(manager, groups)
    added = set(Presence.objects.exclude(pk=other.pk).values_list("uid", flat=True))
    assert len(added) == 3
    act(manager, batch, "undo")
    batch.refresh_from_db()
    assert batch.state == BatchState.UNDONE
    assert list(Presence.objects.all()) == [other]
    assert Group.objects.filter(slug__in=("one", "two", "three")).count() == 3
    act(manager, ImportBatch.objects.filter(kind=BatchKind.UNDO).latest("pk"), "undo")
    assert set(Presence.objects.exclude(pk=other.pk).values_list("uid", flat=True)) == added


@in_transactions
def test_an_added_claim_that_was_changed_since_is_named_and_stays_while_the_rest_goes(manager: Client) -> None:
    batch = added_claims(manager, [make_group(slug=slug) for slug in ("one", "two", "three")])
    changed = Presence.objects.get(group__slug="two")
    luz = User.objects.create_user("luz")
    with pghistory.context(user=luz.pk):
        Presence.objects.filter(pk=changed.pk).update(note="Seen there by myself.")
    told = manager.get(reverse("exchange:undo", args=[batch.uid])).content.decode()
    assert "What stands in the way" in told
    assert changed.uid in told
    assert "luz" in told
    act(manager, batch, "undo")
    assert Presence.objects.count() == 3  # all of it or nothing
    act(manager, batch, "undo", only_the_rest="1")
    assert list(Presence.objects.values_list("note", flat=True)) == ["Seen there by myself."]


def test_who_may_not_add_a_kind_of_claim_is_not_offered_it(client: Client) -> None:
    group = make_group()
    client.force_login(make_researcher(Group, actions=("view", "change")))
    answer = client.get(reverse("exchange:add_claims"), {"row": mark(group), "claim": "presence.group"})
    assert "a claim about them that you may add" in answer.content.decode()
