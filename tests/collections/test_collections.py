"""Collections and tags: who sees which, what is counted in them, and many rows put into them and taken back at once."""

import json
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actors.models import Group, Presence
from crimewatch.citations.models import Claim, Source
from crimewatch.collections.gathered import SHOWN_OF_ROW, numbers_by_kind
from crimewatch.collections.models import Audience, Collection, Member, Tag, Tagging, put
from crimewatch.records.history import events_of
from regions.models import Region
from tests.factories import make_group, make_presence
from tests.kinds import CLAIMS, RECORDS, make, publish
from tests.people import make_reader, make_researcher

# Each step is a transaction of its own, as it is for people: within one, every event has the context of the first.
in_transactions = pytest.mark.django_db(transaction=True)
pytestmark = pytest.mark.django_db


def make_collection(owner: User, *rows: Any, **overrides: Any) -> Collection:
    collection = Collection.objects.create(**{"slug": "mine", "name": "Mine", "owner": owner, **overrides})
    for row in rows:
        put(Member, type(row), [row.pk], collection=collection)
    return collection


def put_tag(slug: str, *rows: Any) -> Tag:
    tag, _made = Tag.objects.get_or_create(slug=slug, defaults={"name": slug})
    for row in rows:
        put(Tagging, type(row), [row.pk], tag=tag)
    return tag


def mark(row: Any) -> str:
    return f"{row._meta.model_name}:{row.pk}"


def page(client: Client, address: str, **query: str) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def put_away(client: Client, **data: Any) -> Any:
    """The answer after the preview is confirmed."""
    preview = client.post(reverse("exchange:put"), data)
    assert preview.status_code == 200, preview.context["form"].errors
    return client.post(reverse("exchange:put"), {**data, "stamp": preview.context["stamp"]})


def publish_claim(claim: Claim) -> None:
    for field in claim._meta.fields:
        if field.related_model in RECORDS:
            publish(getattr(claim, field.name))


@pytest.mark.parametrize(
    ("audience", "seen_by"),
    [(Audience.OWNER, ()), (Audience.STAFF, ("staff",)), (Audience.EVERYONE, ("staff", "reader", "visitor"))],
)
def test_a_collection_is_there_for_its_owner_and_for_whom_it_is_shared_with(
    client: Client, settings: Any, audience: str, seen_by: tuple[str, ...]
) -> None:
    settings.SITE_IS_PUBLIC = True
    owner, group = make_reader(), make_group()
    publish(group)
    collection = make_collection(owner, group, name="Secret plan", audience=audience)
    people = {"owner": owner, "staff": make_researcher(Group), "reader": make_reader(), "visitor": None}
    for name, user in people.items():
        client.logout()
        if user is not None:
            client.force_login(user)
        is_seen = name == "owner" or name in seen_by
        assert client.get(collection.get_absolute_url()).status_code == (200 if is_seen else 404)
        assert ("Secret plan" in page(client, reverse("collections:collections"))) is is_seen
        listed = page(client, reverse("actors:group_list"), collection="mine")
        assert ("There is no collection with the key" in listed) is not is_seen
        assert (group.name in listed) is is_seen


def test_a_shared_collection_shows_and_counts_only_what_its_viewer_may_see(client: Client) -> None:
    public, draft = make_group(name="Public group"), make_group(name="Draft group")
    secret = make_group(name="Secret group", restricted_to=["few"], restriction_reason="Safety")
    publish(public, secret)
    claim = make_presence(group=draft)
    rows = (public, draft, secret, claim)
    collection = make_collection(make_reader(), *rows, audience=Audience.EVERYONE)
    put_tag("watched", *rows)
    reader, head = make_reader(), User.objects.create_superuser("head")
    for user, seen in ((reader, {Group: 1}), (head, {Group: 3, Presence: 1})):
        assert numbers_by_kind(Member.objects.all(), user)[collection.pk] == seen
        assert numbers_by_kind(Tagging.objects.all(), user)[Tag.objects.get().pk] == seen
    client.force_login(reader)
    for address in (collection.get_absolute_url(), reverse("actors:group_list") + "?tag=watched"):
        shown = page(client, address)
        assert "Public group" in shown
        assert "Draft group" not in shown
        assert "Secret group" not in shown
    (listed,) = client.get(reverse("collections:tag", args=["watched"])).context["lists"]
    assert (listed.kind, listed.number) == ("group", 1)


def test_lists_are_narrowed_by_tags_and_collections_and_what_is_in_none(client: Client) -> None:
    user = User.objects.create_superuser("head")
    client.force_login(user)
    inside, outside = make_group(name="Inside"), make_group(name="Outside")
    of_inside, tagged = make_presence(group=inside), make_presence(group=outside)
    make_collection(user, inside)
    put_tag("watched", inside, tagged)
    groups, claims = reverse("actors:group_list"), reverse("explorer:claim_list")

    def keys(address: str, column: str, **query: str) -> set[str]:
        answer = client.get(address, {**query, "format": "json", "columns": column})
        return {row[column] for row in json.loads(b"".join(answer.streaming_content))}

    assert keys(groups, "name", collection="mine") == {"Inside"}
    assert keys(groups, "name", tag="watched") == {"Inside"}
    assert keys(groups, "name", tag="!watched") == keys(groups, "name", collection="none") == {"Outside"}
    assert keys(claims, "uid", tag="watched") == {str(tagged.uid)}
    assert keys(claims, "uid", collection="mine") == {str(of_inside.uid)}
    assert keys(claims, "uid", collection="!mine") == {str(tagged.uid)}
    assert "There is no tag with the key" in page(client, groups, tag="nothing")


def test_rows_of_a_list_are_put_away_in_one_go_and_taken_back(client: Client) -> None:
    user = make_researcher(Group, actions=("view", "change"))
    client.force_login(user)
    groups = [make_group() for _ in range(3)]
    tag = put_tag("watched", groups[0])
    data = {"row": [mark(group) for group in groups], "new_collection": "My book", "note": "Chapter 2"}
    answer = put_away(client, **data, add_tag="watched", reason="For the book.")
    assert answer.status_code == 302
    collection = Collection.objects.get(owner=user)
    assert collection.slug == "my-book"
    assert set(collection.members.values_list("object_id", "note")) == {(group.pk, "Chapter 2") for group in groups}
    assert tag.taggings.count() == 3
    event = events_of(Member).objects.latest("pgh_id")
    assert event.pgh_context.metadata["reason"] == "For the book."

    client.force_login(make_reader())
    assert client.post(reverse("collections:take_back", args=[event.pgh_context_id])).status_code == 404
    client.force_login(user)
    client.post(reverse("collections:take_back", args=[event.pgh_context_id]))
    assert not collection.members.exists()
    assert list(tag.taggings.values_list("object_id", flat=True)) == [groups[0].pk]  # it was there before


def outcomes(answer: Any) -> dict[str, dict[str, int]]:
    """By step of a preview, how many rows there are of each outcome."""
    return {step.title: {each[0]: each[1] for each in found} for step, found in answer.context["steps"]}


def test_nothing_is_put_before_one_has_seen_what_would_be_and_what_is_so_already_and_what_cannot_be(
    client: Client,
) -> None:
    client.force_login(make_researcher(Group, Region, Source, Presence, actions=("view",)))
    user = User.objects.get(pk=client.session["_auth_user_id"])
    user.user_permissions.add(*make_researcher(Group, actions=("change",)).user_permissions.all())
    inside, new, claim, gone = make_group(name="Inside"), make_group(name="New one"), make_presence(), make_group()
    collection = make_collection(user, inside)
    put_tag("watched", new)
    marks = [mark(row) for row in (inside, new, claim, gone)]
    gone.delete()
    data = {"row": marks, "collection": "mine", "add_tag": "watched"}
    answer = client.post(reverse("exchange:put"), data)
    assert outcomes(answer) == {
        "Put into “Mine”": {"Will be done": 2, "It is so already": 1},
        "Tag with “watched”": {"Will be done": 1, "It is so already": 1, "Cannot be: you may not tag them": 1},
    }
    shown = answer.content.decode()
    assert "New one" in shown
    assert "1 row that was ticked is not there any more" in shown
    assert list(collection.members.values_list("object_id", flat=True)) == [inside.pk]
    assert put_away(client, **data).status_code == 302
    assert collection.members.count() == 3
    assert set(Tagging.objects.values_list("object_id", flat=True)) == {inside.pk, new.pk}
    assert Tagging.objects.of(Presence).count() == 0
    again = client.post(reverse("exchange:put"), data)
    assert "There is nothing to do" in again.content.decode()
    assert again.context["stamp"] == ""


def test_what_has_changed_since_the_preview_is_shown_anew_and_nothing_is_put(client: Client) -> None:
    user, group, other = User.objects.create_superuser("head"), make_group(), make_group()
    client.force_login(user)
    collection = make_collection(user)
    data = {"row": [mark(group), mark(other)], "collection": "mine"}
    stamp = client.post(reverse("exchange:put"), data).context["stamp"]
    put(Member, Group, [group.pk], collection=collection)
    answer = client.post(reverse("exchange:put"), {**data, "stamp": stamp})
    assert answer.status_code == 409
    assert "has changed since you looked" in answer.content.decode()
    assert collection.members.count() == 1
    confirmed = {**data, "stamp": answer.context["stamp"]}
    assert client.post(reverse("exchange:put"), confirmed).status_code == 302
    assert collection.members.count() == 2
    form = client.post(reverse("exchange:put"), {**data, "again": "1"})
    assert "steps" not in form.context
    assert form.context["form"]["collection"].value() == "mine"


@in_transactions
def test_what_was_put_in_one_go_is_taken_back_as_a_whole_and_brought_back(client: Client) -> None:
    user = User.objects.create_superuser("head")
    client.force_login(user)
    groups = [make_group() for _ in range(3)]
    old = make_collection(user, groups[0], slug="old", name="Old")
    tag = put_tag("watched")
    marks = [mark(group) for group in groups]
    answer = put_away(client, row=marks, new_collection="New", take_collection="old", add_tag="watched", note="Ch. 1")
    done = answer["Location"]
    collection = Collection.objects.get(slug="new")
    assert done in page(client, collection.get_absolute_url())
    shown = page(client, done)
    for words in ("Put into “New”: <b>3</b>", "Take out of “Old”: <b>1</b>", "Tag with “watched”: <b>3</b>"):
        assert words in shown
    back = client.post(done)["Location"]
    assert not Collection.objects.filter(slug="new").exists()  # it was made for this
    assert old.members.count() == 1
    assert not tag.taggings.exists()
    assert "There is nothing left of it" in page(client, done)
    client.post(back)
    assert set(Collection.objects.get(slug="new").members.values_list("note", flat=True)) == {"Ch. 1"}
    assert not old.members.exists()
    assert tag.taggings.count() == 3


@in_transactions
def test_what_others_have_changed_since_and_what_one_may_not_change_any_more_stays_and_is_told(client: Client) -> None:
    user = make_researcher(Group, actions=("view", "change"))
    client.force_login(user)
    groups = [make_group() for _ in range(3)]
    common = make_collection(make_reader(), audience=Audience.STAFF, is_common=True)
    tag = put_tag("watched")
    done = put_away(client, row=[mark(each) for each in groups], collection="mine", add_tag="watched")["Location"]
    common.members.get(object_id=groups[0].pk).delete()
    put(Member, Group, [groups[0].pk], collection=common)  # by somebody else, anew
    user.user_permissions.remove(*user.user_permissions.filter(codename="change_group"))
    assert "4 places stay as they are" in page(client, done)
    client.post(done)
    assert list(common.members.values_list("object_id", flat=True)) == [groups[0].pk]
    assert tag.taggings.count() == 3
    Collection.objects.update(is_common=False)
    assert "There is nothing left of it" in page(client, done)


@in_transactions
def test_what_one_may_not_see_any_more_is_not_counted_among_what_one_has_done(client: Client) -> None:
    user, open_, secret = make_reader(), make_group(), make_group()
    publish(open_, secret)
    client.force_login(user)
    collection = make_collection(user)
    done = put_away(client, row=[mark(open_), mark(secret)], collection="mine")["Location"]
    Group.objects.filter(pk=secret.pk).update(restricted_to=["few"], restriction_reason="a witness")
    lately = re.sub(r"<[^>]+>", "", page(client, collection.get_absolute_url()).split('id="lately"')[1])
    assert "put in: 1" in lately
    assert "Put into “Mine”: <b>1</b>" in page(client, done)
    assert "It is taken back: 1 place is as it was." in client.post(done, follow=True).content.decode()
    assert not collection.members.exists()


@in_transactions
def test_a_collection_that_was_deleted_and_a_row_that_was_taken_out_come_back(client: Client) -> None:
    user = make_reader()
    client.force_login(user)
    group = make_group()
    publish(group)
    collection = make_collection(user, group)
    address = reverse("collections:member", args=["mine", collection.members.get().pk])
    for act in (
        lambda: client.post(address, {"action": "take_out"}, follow=True),
        lambda: client.post(reverse("collections:delete_collection", args=["mine"]), follow=True),
    ):
        answer = act().content.decode()
        (back,) = re.findall(r'href="(/gathered/undo/[^"]+)">Take it back', answer)
        assert not Member.objects.exists()
        told = page(client, back)
        assert "Take out of “Mine”: <b>1</b>" in told
        assert "as it is:" not in told  # nothing stands in the way
        client.post(back)
        assert Collection.objects.get().members.get().object_id == group.pk


def test_the_preview_takes_few_queries_and_none_for_each_row(client: Client) -> None:
    user = User.objects.create_superuser("head")
    client.force_login(user)
    make_collection(user)
    put_tag("watched")

    def queries(number: int) -> int:
        rows = [make_group() for _ in range(number)]
        data = {"row": [mark(row) for row in rows], "collection": "mine", "add_tag": "watched"}
        client.post(reverse("exchange:put"), data)
        with CaptureQueriesContext(connection) as captured:
            client.post(reverse("exchange:put"), data)
        return len(captured)

    few = queries(2)
    assert queries(30) == few
    assert few <= 20


def test_all_rows_of_a_filter_are_put_away_whatever_their_kind(client: Client) -> None:
    user = make_reader()
    client.force_login(user)
    claims = [make_presence(wording="alleged"), make_presence(wording="alleged"), make_presence(wording="stated")]
    for claim in claims[1:]:
        publish_claim(claim)
    make_collection(user)
    data = {"all": "1", "list": "claims", "filters": "wording=alleged", "collection": "mine"}
    assert put_away(client, **data).status_code == 302
    assert set(Member.objects.values_list("object_id", flat=True)) == {claims[1].pk}  # the first names drafts


def test_only_who_may_change_a_kind_puts_tags_on_it(client: Client) -> None:
    group = make_group()
    publish(group)
    put_tag("watched")
    client.force_login(make_reader())
    answer = client.post(reverse("exchange:put"), {"row": mark(group), "add_tag": "watched"})
    assert answer.status_code == 422
    assert not Tagging.objects.exists()
    assert client.post(reverse("collections:tags"), {"name": "Mine"}).status_code == 403
    client.force_login(make_researcher(Group, actions=("view", "change")))
    assert put_away(client, row=mark(group), add_tag="watched").status_code == 302
    assert Tagging.objects.count() == 1
    client.post(reverse("collections:delete_tag", args=["watched"]))
    assert Tag.objects.exists()  # it stands on something


def test_nobody_changes_the_collection_of_another_unless_it_is_common(client: Client) -> None:
    group = make_group()
    publish(group)
    collection = make_collection(make_reader(), group, audience=Audience.STAFF)
    member = collection.members.get()
    client.force_login(make_researcher(Group))
    take_out = reverse("collections:member", args=["mine", member.pk])
    for address in (take_out, reverse("collections:delete_collection", args=["mine"])):
        assert client.post(address, {"action": "take_out"}).status_code == 403
    assert client.get(reverse("collections:change_collection", args=["mine"])).status_code == 403
    other = client.post(reverse("exchange:put"), {"row": mark(group), "take_collection": "mine"})
    assert other.status_code == 422
    Collection.objects.update(is_common=True)
    assert client.post(take_out, {"action": "take_out"}).status_code == 302
    assert not collection.members.exists()
    assert client.post(reverse("collections:delete_collection", args=["mine"])).status_code == 403


def test_the_page_of_a_row_names_its_tags_and_the_collections_that_the_viewer_sees(client: Client) -> None:
    user, group = make_reader(), make_group()
    publish(group)
    make_collection(user, group, name="My own")
    make_collection(make_reader(), group, slug="other", name="Of somebody else")
    put_tag("watched", group)
    client.force_login(user)
    address = reverse("collections:row", args=["group", group.pk])
    assert address in page(client, group.get_absolute_url())
    shown = page(client, address)
    assert "My own" in shown
    assert "watched" in shown
    assert "Of somebody else" not in shown
    assert client.get(reverse("collections:row", args=["group", make_group().pk])).status_code == 404


@pytest.mark.parametrize("model", RECORDS, ids=lambda model: model.__name__)
def test_the_page_of_a_record_shows_its_tags_and_collections_and_leads_to_what_else_is_there(
    client: Client, model: Any
) -> None:
    user, record, other = make_reader(), make(model), make(model)
    publish(record, other)
    for each in (record, other):
        put_tag("watched", each)
        put(
            Member,
            model,
            [each.pk],
            collection=Collection.objects.get_or_create(slug="mine", owner=user, name="My own")[0],
        )
    put_tag("of-nothing-here", make_presence())
    make_collection(make_reader(), record, slug="other", name="Of somebody else")
    client.force_login(user)
    shown = page(client, record.get_absolute_url())
    links = dict(re.findall(r'<a class="badge" href="([^"]+)">([^<]+)</a>', shown))
    listed = reverse(f"{model._meta.app_label}:{model._meta.model_name}_list")
    assert links == {f"{listed}?tag=watched": "watched", f"{listed}?collection=mine": "My own"}
    for address in links:
        narrowed = page(client, address)
        assert record.get_absolute_url() in narrowed
        assert other.get_absolute_url() in narrowed
        assert not re.search(r'class="error"[^>]*>\s*[^<\s]', narrowed)


def test_a_visitor_sees_of_the_collections_of_a_record_those_for_everyone(client: Client, settings: Any) -> None:
    settings.SITE_IS_PUBLIC = True
    group = make_group()
    publish(group)
    for audience in Audience.values:
        make_collection(make_reader(), group, slug=audience, name=f"For {audience}", audience=audience)
    assert re.findall(r'class="badge" href="[^"]+">([^<]+)<', page(client, group.get_absolute_url())) == [
        "For everyone"
    ]


def test_of_very_many_tags_a_page_shows_the_first_and_leads_to_all_in_one_query_more(client: Client) -> None:
    client.force_login(make_researcher(Group))
    group = make_group()
    page(client, group.get_absolute_url())
    with CaptureQueriesContext(connection) as without:
        shown = page(client, group.get_absolute_url())
    assert "gathered-in" not in shown
    for number in range(SHOWN_OF_ROW + 5):
        put_tag(f"tag-{number:02}", group)
        make_collection(make_reader(), group, slug=f"c-{number}", name=f"C {number:02}", audience=Audience.STAFF)
    with CaptureQueriesContext(connection) as captured:
        shown = page(client, group.get_absolute_url())
    assert len(captured) == len(without)
    assert sum("collections_tagging" in query["sql"] for query in captured) == 1
    names = re.findall(r'class="badge" href="[^"]+">([^<]+)<', shown)
    assert names == [f"{word}{number:02}" for word in ("tag-", "C ") for number in range(SHOWN_OF_ROW)]
    assert "All of them" in shown


def test_a_place_in_a_collection_is_nobodys_while_its_row_is_gone(client: Client) -> None:
    user, group = User.objects.create_superuser("head"), make_group(name="Gone soon")
    collection = make_collection(user, group)
    pk = group.pk
    group.delete()
    client.force_login(user)
    assert "There is nothing in it" in page(client, collection.get_absolute_url())
    Group.objects.create(pk=pk, slug="back", name="Back again", kind="street-gang")
    assert "Back again" in page(client, collection.get_absolute_url())


@pytest.mark.parametrize("fields", [{}, {"collection": "nothing"}, {"collection": "mine", "new_collection": "Another"}])
def test_what_makes_no_sense_is_answered_with_a_sentence_and_nothing_is_put(client: Client, fields: Any) -> None:
    user, group = make_reader(), make_group()
    publish(group)
    make_collection(user)
    client.force_login(user)
    answer = client.post(reverse("exchange:put"), {"row": mark(group), **fields})
    assert answer.status_code == 422
    assert 'class="error"' in answer.content.decode()
    assert not Member.objects.exists()
    assert Collection.objects.count() == 1


def test_more_rows_than_can_be_put_away_at_once_are_refused_and_none_is_put(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crimewatch.exchange.edits.chosen.MOST_AT_ONCE", 2)
    user = User.objects.create_superuser("head")
    for _ in range(3):
        make_group()
    client.force_login(user)
    chosen = {"all": "1", "list": "admin", "model": "actors.group", "new_collection": "Very many"}
    answer = client.post(reverse("exchange:put"), chosen)
    assert "At most 2 rows are changed at once, and these are 3: narrow the list down." in answer.content.decode()
    assert not Collection.objects.exists()


def test_the_pages_take_as_many_queries_whatever_is_gathered(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    user = User.objects.create_superuser("head")
    client.force_login(user)
    rows = [make(model) for model in [*RECORDS, *CLAIMS] for _ in range(2)]
    collection = make_collection(user, *rows)
    tag = put_tag("watched", *rows)
    with django_assert_max_num_queries(90):  # the rows themselves are one of each of thirty kinds, and what they name
        assert "Sources</a>" in page(client, collection.get_absolute_url())
    for address in (reverse("collections:collections"), reverse("collections:tags"), tag.get_absolute_url()):
        with django_assert_max_num_queries(15):
            page(client, address)
