"""Two records become one, with all that names them, and two again: nothing is lost, and nothing is half done."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group as Role
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actors.models import Group, Person, Presence, Relation
from crimewatch.collections.models import Collection, Member, Tag, Tagging
from crimewatch.curation import roles
from crimewatch.curation.changes import History
from crimewatch.curation.duplicates.models import Likeness, Look, Verdict
from crimewatch.curation.merging.doing import undoable_models
from crimewatch.curation.merging.models import Merge
from crimewatch.curation.merging.references import is_written, references_to
from crimewatch.curation.models import Dismissal, JournalEntry, LinkCheck, LinkOutcome
from regions.models import Region
from tests.admin.test_query_counts import opened
from tests.curation.people import make_member
from tests.factories import (
    make_group,
    make_presence,
    make_region,
    make_relation,
    make_source,
)
from tests.kinds import CLAIMS, RECORDS, make, make_claim_about, publish
from tests.people import make_reader, make_researcher

# Each step is a transaction of its own, as it is for people: within one, every event has the context of the first.
in_transactions = pytest.mark.django_db(transaction=True)
pytestmark = pytest.mark.django_db

REASON = "two spellings of one name"


@pytest.fixture
def editor(client: Client) -> Any:
    user = make_member(roles.EDITOR)
    client.force_login(user)
    return user


def address(kept: Any, gone: Any) -> str:
    names = [f"{each._meta.model_name}/{each.slug}" for each in (kept, gone)]
    return f"{reverse('curation:merge')}?stays={names[0]}&goes={names[1]}"


def form_of(client: Client, kept: Any, gone: Any) -> dict[str, Any]:
    """What the form sends that the page shows, with a reason."""
    response = client.get(address(kept, gone))
    assert response.status_code == 200
    form = response.context["form"]
    return {name: form[name].value() for name in form.fields if name != "drop"} | {"reason": REASON}


def merge(client: Client, kept: Any, gone: Any, **changes: Any) -> Any:
    """The answer to the form as it comes, but for ``changes``."""
    return client.post(address(kept, gone), form_of(client, kept, gone) | changes)


def merged(client: Client, kept: Any, gone: Any, **changes: Any) -> Merge:
    response = merge(client, kept, gone, **changes)
    assert response.status_code == 302, response.context["refusals"] or response.context["form"].errors
    kept.refresh_from_db()
    assert not type(gone).objects.filter(pk=gone.pk).exists()
    return Merge.objects.get()


def take_back(client: Client, done: Merge) -> Any:
    return client.post(reverse("curation:take_back", args=[done.uid]), {"reason": "they are two"})


def refused(response: Any, words: str) -> None:
    assert response.status_code in (200, 400, 409), response.status_code
    said = response.content.decode().replace("&#x27;", "'")
    assert words in said
    assert not Merge.objects.exists()


def state_of_everything() -> dict[str, list[Any]]:
    """Every row of every table of content, but for when it was last written."""
    found = {}
    noted = {each.model for kind in RECORDS for each in references_to(kind) if each.is_noted}
    for model in {*undoable_models(), *noted}:
        names = [
            field.attname for field in model._meta.concrete_fields if field.name not in ("updated_at", "decided_at")
        ]
        found[model._meta.label] = sorted(model._base_manager.values_list(*names), key=str)
    return found


# Everything that names the record that goes


def row_naming(reference: Any, record: Any) -> Any:
    """A row of the table of ``reference`` that names ``record`` there."""
    model, column = reference.model, reference.column
    if model in RECORDS or model in CLAIMS:
        return make(model, **{column.removesuffix("_id"): record})
    if model is Member:
        collection, _made = Collection.objects.get_or_create(slug="peru", defaults={"name": "Peru"})
        return model.objects.create(about=record, collection=collection)
    if model is Tagging:
        tag, _made = Tag.objects.get_or_create(slug="port", defaults={"name": "Port"})
        return model.objects.create(about=record, tag=tag)
    if reference.kind_column:
        return model.objects.create(about=record, text="Is it one?")
    if model is LinkCheck:
        return model.objects.create(source=record, url="https://example.org/old", outcome=LinkOutcome.GONE)
    keys = [key for key in model._meta.concrete_fields if isinstance(key, models.ForeignKey)]
    return model.objects.create(
        **{key.name: record if key.attname == column else make(key.related_model) for key in keys}
    )


@in_transactions
@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.__name__)
def test_whatever_names_the_record_that_goes_names_the_one_that_stays_and_back(
    kind: Any, client: Client, editor: Any
) -> None:
    kept, gone = make(kind), make(kind)
    rows = [(row_naming(each, gone), each.column) for each in references_to(kind)]
    before = state_of_everything()
    done = merged(client, kept, gone)

    for row, column in rows:
        row.refresh_from_db()
        assert getattr(row, column) == kept.pk, (type(row), column)
    assert take_back(client, done).status_code == 302
    assert state_of_everything() == before


#: Tables of pairs, and of the log, to which `doing` sees apart. And findings that were dismissed, which hold until the
#: row is changed: a merge changes whatever it names.
SEEN_TO_APART = {Verdict, Likeness, Look, Merge, Dismissal}


def test_no_table_that_names_records_is_forgotten() -> None:
    """Every foreign key to a record, and every key to rows of any table, is either moved or known to stay."""
    for kind in RECORDS:
        known = {(each.model, each.column) for each in references_to(kind)}
        for model in apps.get_models(include_auto_created=True):
            if model._meta.proxy or not model._meta.managed or hasattr(model, "pgh_tracked_model"):
                continue
            for field in model._meta.concrete_fields:
                if isinstance(field, models.ForeignKey) and field.related_model is kind:
                    assert (model, field.attname) in known
    generic = {each.model for each in references_to(Group) if each.kind_column}
    for model in apps.get_models():
        if model._meta.app_label in ("auth", "admin", "contenttypes") or hasattr(model, "pgh_tracked_model"):
            continue
        if model not in SEEN_TO_APART and any(key.related_model is ContentType for key in model._meta.concrete_fields):
            assert model in generic, f"{model.__name__} names rows of any table without a GenericForeignKey"


#: Columns as wide as a key that say how much of something, or name what is no record.
NO_RECORDS = {
    "exchange.ExportFile": {"job", "rows", "size"},
    "exchange.ImportBatch": {"job", "size"},
    "exchange.PreviewRow": {"place"},
    "exchange.Progress": {"done", "total"},
}


def test_no_table_that_names_records_by_a_plain_number_is_forgotten() -> None:
    keys = {(each.model, each.column) for each in references_to(Group)}
    for model in apps.get_models():
        if model in SEEN_TO_APART or not is_written(model):
            continue
        for field in model._meta.concrete_fields:
            # A column as wide as a key could be the key of a record.
            if type(field) is models.BigIntegerField and field.name not in NO_RECORDS.get(model._meta.label, ()):
                assert (model, field.attname) in keys, f"{model.__name__}.{field.name}: should a merge move it?"


def test_whatever_a_merge_writes_has_a_history_to_be_taken_back_by() -> None:
    tables = {model._meta.db_table for model in undoable_models()}
    for kind in RECORDS:
        assert kind._meta.db_table in tables
        for reference in references_to(kind):
            # What the merge notes by itself can move back without; what it deletes cannot come back without.
            assert reference.model._meta.db_table in tables or (
                reference.is_noted and not reference.is_link and not reference.kind_column
            )


@in_transactions
def test_many_claims_links_and_children_move_at_once(client: Client, editor: Any) -> None:
    kept, gone = make_region(name="Huánuco", kind="department"), make_region(name="Dep. Huanuco", kind="department")
    child = make_region(parent=gone)
    zone = make_region(parts=[kept, gone])
    other_zone = make_region(parts=[gone])
    for record in (kept, gone):
        make_claim_about(record)
        make_presence(region=record)
    before = state_of_everything()
    done = merged(client, kept, gone)

    child.refresh_from_db()
    assert child.parent == kept
    assert list(zone.parts.all()) == [kept]
    assert list(other_zone.parts.all()) == [kept]
    assert Presence.objects.filter(region=kept).count() == 2
    assert kept.citations.count() == 2
    assert take_back(client, done).status_code == 302
    assert state_of_everything() == before


@in_transactions
def test_the_journal_moves_and_comes_back_with_what_was_said_since(client: Client, editor: Any) -> None:
    kept, gone = make_group(name="One"), make_group(name="Other")
    comment, question = (
        JournalEntry.objects.create(about=gone, author=editor, text=text, is_question=is_question)
        for text, is_question in (("Seen in Pisco.", False), ("Since when?", True))
    )
    JournalEntry.objects.create(about=kept, author=editor, text="Of the one.")
    old = reverse("curation:journal", args=["group", gone.pk])
    new = reverse("curation:journal", args=["group", kept.pk])
    assert "2 journal entries" in client.get(address(kept, gone)).content.decode()
    done = merged(client, kept, gone)

    assert JournalEntry.objects.about(kept).count() == 3
    assert client.get(old)["Location"] == new
    assert "Seen in Pisco." in client.get(new).content.decode()
    client.post(old, {"text": "Typed on the page of what is gone."})
    client.post(reverse("curation:entry", args=[question.pk]), {"action": "answer", "text": "1999.", "and_close": "1"})
    assert take_back(client, done).status_code == 302

    question.refresh_from_db()
    assert not question.is_open
    assert set(JournalEntry.objects.about(gone)) == {comment, question, *question.answers.all()}
    assert [answer.text for answer in question.answers.all()] == ["1999."]
    assert set(JournalEntry.objects.about(kept).values_list("text", flat=True)) == {
        "Of the one.",
        "Typed on the page of what is gone.",
    }
    assert client.get(old).status_code == 200


@in_transactions
def test_what_addresses_answered_moves_and_comes_back_but_for_what_was_thrown_away(client: Client, editor: Any) -> None:
    kept, gone = make_source(), make_source(url="https://example.org/a")
    checks = [
        LinkCheck.objects.create(source=source, url=gone.url, outcome=LinkOutcome.ANSWERS)
        for source in (kept, gone, gone)
    ]
    done = merged(client, kept, gone)
    assert LinkCheck.objects.filter(source=kept).count() == 3
    checks[1].delete()
    assert take_back(client, done).status_code == 302
    assert list(LinkCheck.objects.order_by("pk").values_list("source", flat=True)) == [kept.pk, gone.pk]


@in_transactions
def test_a_finding_that_was_dismissed_is_looked_at_anew_after_a_merge(client: Client, editor: Any) -> None:
    kept, gone = make_group(name="One"), make_group(name="Other")
    page = reverse("curation:quality_check", args=["uncited"])
    for group in (kept, gone):
        client.post(
            reverse("curation:quality_dismiss", args=["uncited", "group", group.pk]), {"reason": "the archive is shut"}
        )
    assert not found_on(client, page)
    done = merged(client, kept, gone)
    assert found_on(client, page) == {kept}
    assert take_back(client, done).status_code == 302
    assert found_on(client, page) == {kept, gone}


def found_on(client: Client, page: str) -> set[Any]:
    return {finding.row for finding, _may_dismiss in client.get(page).context["findings"]}


# The record that stays


def test_name_and_key_of_what_goes_become_alias_and_past_key_so_that_old_addresses_lead_on(
    client: Client, editor: Any
) -> None:
    kept = make_group(name="Sendero Luminoso", slug="sendero", aliases=["SL"], past_slugs=["shining"])
    gone = make_group(name="Shining Path", slug="sl", aliases=["SL", "PCP-SL"], past_slugs=["pcp"])
    merged(client, kept, gone)

    assert kept.aliases == ["SL", "Shining Path", "PCP-SL"]
    assert set(kept.past_slugs) == {"shining", "sl", "pcp"}
    for old in ("sl", "pcp", "shining"):
        response = client.get(reverse("actors:group_detail", args=[old]))
        assert (response.status_code, response["Location"]) == (301, kept.get_absolute_url())


def test_the_person_chooses_field_by_field(client: Client, editor: Any) -> None:
    kept = make_group(name="One", slug="one", kind="criminal-network", summary="", founded="1980")
    gone = make_group(name="Other", slug="other", kind="family-clan", summary="A clan.", founded="1979")
    page = client.get(address(kept, gone))
    fields = {field.name: field for field in page.context["preview"].fields}
    assert {name for name, field in fields.items() if field.is_conflict} == {"kind", "founded", "name", "slug"}
    assert fields["summary"].default == "goes"  # the other one has none
    merged(client, kept, gone, **{"field-kind": "goes", "field-name": "goes", "field-slug": "goes"})

    assert (kept.name, kept.slug, kept.kind) == ("Other", "other", "family-clan")
    assert (kept.summary, kept.founded) == ("A clan.", "1980")
    assert kept.aliases == ["One"]
    assert kept.past_slugs == ["one"]


def test_coordinates_come_from_one_of_the_two(client: Client, editor: Any) -> None:
    kept = make_region(latitude="-9.9", longitude="-76.2", precision=1)
    gone = make_region(latitude="-10.1", longitude="-75.0", precision=3)
    merged(client, kept, gone, **{"field-latitude": "goes"})

    assert [float(kept.latitude), float(kept.longitude), kept.precision] == [-10.1, -75.0, 3]


@in_transactions
def test_a_code_that_only_one_row_may_have_goes_over(client: Client, editor: Any) -> None:
    kept, gone = make_source(), make_source(doi="10.1000/182")
    before = state_of_everything()
    done = merged(client, kept, gone)

    assert kept.doi == "10.1000/182"
    assert take_back(client, done).status_code == 302
    assert state_of_everything() == before


def test_a_child_may_be_merged_with_what_it_lies_in(client: Client, editor: Any) -> None:
    top = make_region(kind="country")
    upper = make_region(kind="department", parent=top)
    lower = make_region(kind="department", parent=upper)
    sibling = make_region(parent=upper)
    merged(client, lower, upper)

    sibling.refresh_from_db()
    assert (lower.parent, sibling.parent) == (top, lower)


def test_the_history_of_both_is_shown_with_the_one_that_stays(client: Client, editor: Any) -> None:
    kept, gone = make_group(name="One"), make_group(name="Other")
    presence = make_presence(group=gone)
    merged(client, kept, gone)
    changes = History(editor).of_record(kept, 0, 50)

    assert {(change.model, change.row) for change in changes} >= {
        (Group, gone.pk),
        (Group, kept.pk),
        (Presence, presence.pk),
    }
    assert all(change.why == f"merge · {REASON}" for change in changes[:2])


def test_what_was_said_of_pairs_is_said_of_the_one_that_stays(client: Client, editor: Any) -> None:
    third, gone, fourth, kept = (make_group() for _ in range(4))
    kind = ContentType.objects.get_for_model(Group)
    for one, other, answer in (
        (gone, kept, "same"),
        (third, gone, "different"),
        (gone, fourth, "different"),
        (fourth, kept, "unsure"),
    ):
        first, second = sorted([one.pk, other.pk])
        Verdict.objects.create(content_type=kind, first_id=first, second_id=second, answer=answer)
    merged(client, kept, gone)

    assert set(Verdict.objects.values_list("first_id", "second_id", "answer")) == {
        (third.pk, kept.pk, "different"),
        (fourth.pk, kept.pk, "unsure"),
    }


def test_pages_of_what_is_gone_lead_on_to_what_it_went_into(client: Client, editor: Any) -> None:
    first, second, third = (make_group(slug=slug) for slug in ("first", "second", "third"))
    merge(client, second, first)
    merge(client, third, second)

    for name, key, leads_to in (
        ("record_history", "first", "third"),
        ("journal", first.pk, third.pk),
        ("step", first.pk, third.pk),
    ):
        response = client.get(reverse(f"curation:{name}", args=["group", key]))
        assert response["Location"] == reverse(f"curation:{name}", args=["group", leads_to]), name
    step = client.post(reverse("curation:step", args=["group", first.pk]), {"status": "in-review"}, follow=True)
    assert "It has been merged into" in step.content.decode()
    third.refresh_from_db()
    assert third.status == "draft"
    client.force_login(make_reader())
    assert client.get(reverse("curation:journal", args=["group", first.pk])).status_code == 404


@in_transactions
def test_the_form_of_the_record_that_stays_tells_of_the_merge_and_that_of_the_other_keeps_what_was_typed(
    client: Client,
) -> None:
    client.force_login(User.objects.create_superuser("ana"))
    kept, gone = make_group(name="One", summary=""), make_group(name="Other", summary="A clan.")
    pages = [reverse("admin:actors_group_change", args=[group.pk]) for group in (kept, gone)]
    forms = [opened(client, page) | {"summary": "As I typed it."} for page in pages]
    merged(client, kept, gone)

    of_kept, of_gone = (client.post(page, data) for page, data in zip(pages, forms, strict=True))
    differences = of_kept.context["adminform"].form.meanwhile.differences
    assert {each.name for each in differences} == {"aliases", "summary"}
    assert of_gone.status_code == 409
    told = of_gone.content.decode()
    assert "As I typed it." in told
    assert "Somebody merged it into “One”" in told
    assert f'href="{pages[0]}"' in told
    assert f'href="{kept.get_absolute_url()}"' in told
    kept.refresh_from_db()
    assert kept.summary == "A clan."


@in_transactions
@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.__name__)
def test_the_admin_leads_from_what_is_gone_to_what_it_is_now(client: Client, editor: Any, kind: Any) -> None:
    client.force_login(User.objects.create_superuser("ana"))
    first, second, third = (make(kind) for _ in range(3))
    pages = [
        reverse(f"admin:{kind._meta.app_label}_{kind._meta.model_name}_change", args=[each.pk])
        for each in (first, second, third)
    ]
    typed = opened(client, pages[0])
    merge(client, second, first)
    merge(client, third, second)
    for page in pages[:2]:
        assert client.get(page)["Location"] == pages[2]
    # Where the key of the one that went is kept as well.
    fourth = make(kind)
    merge(client, fourth, third, **{"field-slug": "goes"})
    answer = client.post(pages[0], typed)
    assert answer.status_code == 409
    assert answer.context["successor"] == fourth
    fourth.delete()
    answer = client.post(pages[0], typed)
    assert answer.status_code == 409
    assert "merged" not in answer.content.decode()


@in_transactions
def test_who_may_not_see_what_a_record_went_into_is_not_told_of_it(client: Client) -> None:
    client.force_login(User.objects.create_superuser("ana"))
    kept, gone = make_group(name="Top secret", slug="top-secret"), make_group(name="Other", slug="other")
    page = reverse("admin:actors_group_change", args=[gone.pk])
    typed = opened(client, page) | {"summary": "As I typed it."}
    old = gone.get_absolute_url()
    merged(client, kept, gone)
    client.force_login(make_reader())
    assert client.get(old).status_code == 404  # what it went into is a draft
    publish(kept)
    assert client.get(old)["Location"] == kept.get_absolute_url()
    Group.objects.filter(pk=kept.pk).update(status="withdrawn")
    assert client.get(old).status_code == 410
    Group.objects.filter(pk=kept.pk).update(restricted_to=["few"], restriction_reason="a witness")
    client.force_login(make_researcher(Group, actions=("view", "change")))
    for answer in (client.get(old), client.get(page, follow=True), client.post(page, typed)):
        assert answer.status_code in (200, 404, 409)
        assert "Top secret" not in answer.content.decode()
        assert "top-secret" not in answer.content.decode()
    assert "As I typed it." in answer.content.decode()


@in_transactions
def test_what_was_deleted_is_not_said_to_be_merged_into_what_has_its_key_since(client: Client) -> None:
    client.force_login(User.objects.create_superuser("ana"))
    gone = make_group(slug="clan")
    page = reverse("admin:actors_group_change", args=[gone.pk])
    typed = opened(client, page) | {"summary": "As I typed it."}
    gone.delete()
    make_group(name="Another", slug="clan")
    told = client.post(page, typed).content.decode()
    assert "As I typed it." in told
    assert "merged" not in told
    assert "Somebody deleted this group" in told


# Choosing the other one


def test_the_page_of_a_record_leads_to_the_choice_of_the_other(client: Client, editor: Any) -> None:
    kept = make_group(name="Clan del Norte", slug="clan-del-norte")
    other = make_group(name="Clan del Norté", slug="clan-del-norte-2")
    far = make_group(name="Los Pulpos", slug="los-pulpos")
    link = "/merge/?stays=group/clan-del-norte"
    for page in (kept.get_absolute_url(), reverse("admin:actors_group_change", args=[kept.pk])):
        assert f'href="{link}"' in client.get(page).content.decode()

    assert client.get(link).context["found"] == [(other, f"{link}&goes=group/clan-del-norte-2")]
    assert client.get(f"{link}&q=pulpos").context["found"] == [(far, address(kept, far))]
    assert client.get(f"{link}&q=clan").context["found"] == [(other, address(kept, other))]
    named = client.get(f"{link}&q=https://example.org/groups/los-pulpos/")
    assert named["Location"] == address(kept, far)
    assert client.get(address(kept, far)).status_code == 200


def test_who_may_not_merge_gets_no_link_and_proposals_are_of_what_one_may_see(client: Client) -> None:
    kept = make_group(name="Clan del Norte", slug="clan")
    closed = make_group(name="Clan del Norte", restricted_to=["desk"], restriction_reason="a witness")
    publish(kept)
    link = "/merge/?stays=group/clan"
    client.force_login(make_researcher(Group, actions=("view", "change")))
    for page in (kept.get_absolute_url(), reverse("admin:actors_group_change", args=[kept.pk])):
        assert link not in client.get(page).content.decode()
    for page in (link, f"{link}&q=clan"):
        assert client.get(page).context["found"] == []
    assert client.get(f"/merge/?stays=group/{closed.slug}").status_code == 404
    client.force_login(make_reader())
    assert link not in client.get(kept.get_absolute_url()).content.decode()
    assert client.get(link).status_code == 404


def test_what_is_looked_for_may_be_nonsense(client: Client, editor: Any) -> None:
    make_group(name="Clan del Norte", slug="clan")

    def looked_for(text: str, **options: Any) -> Any:
        return client.get(reverse("curation:merge"), {"stays": "group/clan", "q": text}, **options)

    assert "Search for something shorter" in looked_for("x" * 600).content.decode()
    assert looked_for("a\x00b").status_code == 400
    assert "There is no other record like that" in looked_for("/%&' ").content.decode()
    assert looked_for("person/nobody", follow=True).status_code == 400  # of another kind


# Claims that name both


def test_a_claim_that_names_both_is_told_and_refused_unless_it_is_chosen_to_go(client: Client, editor: Any) -> None:
    kept, gone = make_group(name="One"), make_group(name="Other")
    relation = make_relation(group=gone, other=kept)
    refused(client.get(address(kept, gone)), "Claims that name both")
    refused(merge(client, kept, gone), "would tie the record to itself")
    merged(client, kept, gone, drop=[f"actors.relation:{relation.pk}"])

    assert not Relation.objects.filter(pk=relation.pk).exists()


def test_a_claim_that_names_both_and_is_not_for_the_person_refuses_without_a_word_of_it(client: Client) -> None:
    user = make_researcher(*RECORDS, *CLAIMS, actions=("view", "add", "change", "delete", "publish"))
    client.force_login(user)
    closed = make_source(restricted_to=["desk"], restriction_reason="a witness")
    kept, gone = make_group(), make_group()
    make_relation(group=gone, other=kept, source=closed, kind="rival-of")
    response = merge(client, kept, gone)

    refused(response, "A claim that you may not see names both")
    assert "rival" not in response.content.decode()


# Refusals


def test_a_record_cannot_be_merged_with_itself(client: Client, editor: Any) -> None:
    group = make_group()
    refused(client.post(address(group, group), {"reason": REASON}), "cannot be merged with itself")


def test_records_of_two_kinds_cannot_be_merged(client: Client, editor: Any) -> None:
    refused(client.post(address(make_group(), make(Person)), {"reason": REASON}), "Only records of one kind")


@pytest.mark.parametrize("text", ["nonsense", "group/", "/groups/", "https://[bad", "x" * 600])
def test_what_names_no_record_is_told(text: str, client: Client, editor: Any) -> None:
    response = client.get(reverse("curation:merge"), {"stays": text, "goes": f"group/{make_group().slug}"})
    assert response.status_code == 400
    assert response.context["form"].errors["stays"]


def test_the_addresses_of_pages_name_records_too(client: Client, editor: Any) -> None:
    kept, gone = make_group(), make_group()
    query = {"stays": f"https://example.org{kept.get_absolute_url()}", "goes": gone.get_absolute_url()}
    assert client.get(reverse("curation:merge"), query).context["preview"].gone == gone


@pytest.mark.parametrize("actions", [("view", "change"), ("view", "delete")])
def test_who_may_not_change_one_and_delete_the_other_is_refused(actions: tuple[str, ...], client: Client) -> None:
    client.force_login(make_researcher(Group, actions=actions))
    refused(merge(client, make_group(), make_group()), "a merge changes one and deletes the other")


def test_who_may_not_change_the_claims_that_move_is_refused(client: Client) -> None:
    client.force_login(make_researcher(Group, actions=("view", "change", "delete")))
    kept, gone = make_group(), make_group()
    make_presence(group=gone)
    refused(merge(client, kept, gone), "You may not change figures on groups")


def test_a_record_that_one_may_not_see_is_not_there(client: Client) -> None:
    kept, gone = make_group(), make_group(restricted_to=["desk"], restriction_reason="a witness")
    client.force_login(make_member(roles.EDITOR))
    for pair in ((kept, gone), (gone, kept)):
        assert client.get(address(*pair)).status_code == 404
        assert client.post(address(*pair), {"reason": REASON}).status_code == 404
    for user in (make_reader(), make_researcher(Region)):
        client.force_login(user)
        assert client.get(address(kept, kept)).status_code in (400, 404)
        assert client.get(address(kept, make_group())).status_code == 404
    client.logout()
    assert client.get(address(kept, gone)).status_code == 302


def test_a_published_record_does_not_go_into_a_draft(client: Client, editor: Any) -> None:
    kept, gone = make_group(), make_group(name="Known to readers")
    publish(gone)
    refused(merge(client, kept, gone, **{"field-status": "stays"}), "must be published as well")
    merged(client, kept, gone)
    assert kept.status == "published"


def test_who_may_not_publish_does_not_publish_by_merging(client: Client) -> None:
    rights = ("view", "add", "change", "delete")
    client.force_login(make_researcher(*RECORDS, *CLAIMS, actions=rights))
    kept, gone = make_group(), make_group()
    publish(gone)
    refused(merge(client, kept, gone), "would be published or withdrawn by this")


def test_who_may_not_restrict_does_not_open_or_close_by_merging(client: Client) -> None:
    desk = Role.objects.create(name="desk")
    user = make_researcher(*RECORDS, *CLAIMS, actions=("view", "add", "change", "delete", "publish"))
    user.groups.add(desk)
    client.force_login(user)
    kept, gone = make_group(), make_group(restricted_to=["desk"], restriction_reason="a witness")
    refused(merge(client, kept, gone), "not restricted to the same groups")


def test_a_restriction_goes_over_with_its_reason(client: Client, editor: Any) -> None:
    editor.groups.add(Role.objects.create(name="desk"))
    kept, gone = make_group(), make_group(restricted_to=["desk"], restriction_reason="a witness")
    merged(client, kept, gone)

    assert (kept.restricted_to, kept.restriction_reason) == (["desk"], "a witness")


def test_a_form_that_is_older_than_the_last_change_is_refused(client: Client, editor: Any) -> None:
    kept, gone = make_group(), make_group(summary="As it was.")
    data = form_of(client, kept, gone)
    Group.objects.filter(pk=gone.pk).update(summary="As it is now.")
    response = client.post(address(kept, gone), data)

    refused(response, "changed meanwhile")
    assert "As it is now." in response.content.decode()
    data["stamp"] = response.context["form"]["stamp"].value()
    assert client.post(address(kept, gone), data).status_code == 302


def test_a_record_further_below_the_other_is_refused(client: Client, editor: Any) -> None:
    top = make_region()
    bottom = make_region(parent=make_region(parent=top))
    refused(merge(client, top, bottom), "lies further below")
    refused(merge(client, bottom, top), "lies further below")


def test_a_reason_is_asked_for(client: Client, editor: Any) -> None:
    refused(merge(client, make_group(), make_group(), reason=" "), "Say in a few words why")


def test_choices_that_do_not_exist_are_told(client: Client, editor: Any) -> None:
    response = merge(client, make_group(), make_group(kind="family-clan"), **{"field-kind": "both", "drop": ["x:1"]})
    refused(response, "“both” is neither of the two values")
    refused(response, "“x:1” is not a claim that names both")


def test_a_rule_that_the_outcome_breaks_is_told_and_nothing_is_half_done(client: Client, editor: Any) -> None:
    kept, gone = make_group(founded="1990"), make_group(dissolved="1980")
    make_presence(group=gone)
    refused(merge(client, kept, gone), "cannot be dissolved before it was founded")
    assert Presence.objects.get().group == gone


# The way back


@in_transactions
def test_what_was_changed_since_stands_in_the_way_and_is_told(client: Client, editor: Any) -> None:
    kept, gone = make_group(name="One"), make_group(name="Other")
    presence = make_presence(group=gone)
    done = merged(client, kept, gone)
    Presence.objects.filter(pk=presence.pk).update(note="read again")
    response = take_back(client, done)

    assert response.status_code == 409
    page = response.content.decode()
    assert "1 row has been changed since" in page
    assert f"presence “{presence.uid}”: it was changed on" in page
    done.refresh_from_db()
    assert done.undone_at is None
    assert not Group.objects.filter(pk=gone.pk).exists()


@in_transactions
def test_a_merge_is_taken_back_once_and_by_who_may(client: Client, editor: Any) -> None:
    kept, gone = make_group(name="One"), make_group(name="Other")
    publish(gone)
    done = merged(client, kept, gone)
    client.force_login(make_researcher(*RECORDS, *CLAIMS, actions=("view", "add", "change")))
    assert "which you may not" in take_back(client, done).content.decode()
    client.force_login(editor)
    assert client.post(reverse("curation:take_back", args=[done.uid]), {}).status_code == 400
    assert take_back(client, done).status_code == 302
    assert "It has been taken back already." in take_back(client, done).content.decode()
    done.refresh_from_db()
    assert (done.undone_by, done.undone_because) == (editor, "they are two")


@in_transactions
def test_after_taking_back_each_record_has_its_own_past_keys_again(client: Client, editor: Any) -> None:
    kept, gone = make_group(slug="one"), make_group(slug="two", past_slugs=["second"])
    done = merged(client, kept, gone)
    take_back(client, done)
    kept.refresh_from_db()

    assert kept.past_slugs == []
    assert client.get("/groups/second/")["Location"] == "/groups/two/"


@in_transactions
def test_merges_upon_each_other_are_taken_back_one_after_the_other(client: Client, editor: Any) -> None:
    first, second, third = make_group(name="One"), make_group(name="Two"), make_group(name="Three")
    presence = make_presence(group=first)
    before = state_of_everything()
    merge(client, second, first)
    between = state_of_everything()
    merge(client, third, second)
    later, earlier = Merge.objects.all()
    assert take_back(client, earlier).status_code == 409
    assert take_back(client, later).status_code == 302
    assert state_of_everything() == between
    assert take_back(client, earlier).status_code == 302
    assert state_of_everything() == before
    presence.refresh_from_db()
    assert presence.group == first


# Pages


def test_pages_of_merges_are_for_those_who_see_the_drafts_of_the_kind(client: Client, editor: Any) -> None:
    done = merged(client, make_group(name="One"), make_group(name="Zyx"))
    pages = [done.get_absolute_url(), reverse("curation:take_back", args=[done.uid])]
    for user, status, is_listed in (
        (make_reader(), 404, None),
        (make_researcher(Region), 404, False),
        (make_researcher(Group), 200, True),
    ):
        client.force_login(user)
        assert {client.get(page).status_code for page in pages} == {status}
        listing = client.get(reverse("curation:merges"))
        assert (listing.status_code == 404) if is_listed is None else (("Zyx" in listing.content.decode()) == is_listed)
    client.logout()
    assert {client.get(page).status_code for page in [*pages, reverse("curation:merges")]} == {302}


def test_the_pages_take_no_more_queries_with_more_rows(client: Client, editor: Any) -> None:
    kept, gone = make_group(), make_group()

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address(kept, gone)).status_code == 200
        return len(captured)

    client.get(address(kept, gone))
    few = queries()
    for _ in range(3):
        make_presence(group=gone)
        make_relation(group=gone, other=kept)
    assert queries() <= few + 1
    assert few <= 40


def test_the_choice_of_the_other_takes_as_many_queries_whatever_it_proposes(client: Client, editor: Any) -> None:
    make_region(name="Clan del Norte", slug="clan", kind="department", parent=make_region(kind="country"))

    def queries(**query: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            found = client.get(reverse("curation:merge"), {"stays": "region/clan", **query})
        assert found.status_code == 200
        assert len(found.context["found"]) == proposed
        return len(captured)

    proposed = 0
    few, few_found = queries(), queries(q="clan norte")
    for _ in range(5):
        make_region(name="Clan del Norté", kind="department", parent=make_region(kind="country"))
    proposed = 5
    assert queries() <= few
    assert queries(q="clan norte") <= few_found
    assert max(few, few_found) <= 12
