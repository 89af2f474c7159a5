"""Taking imports back: as a whole, in one transaction, and back again; or saying what stands in the way."""

import gc
import io
import tracemalloc
import zipfile
from typing import Any

import pghistory
import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actors.models import Group, Presence
from crimewatch.citations.models import Source
from crimewatch.curation.models import LinkCheck, LinkOutcome
from crimewatch.curation.undoing import TOLD
from crimewatch.exchange import batches
from crimewatch.exchange.models import BatchKind, BatchState, ImportBatch
from crimewatch.records.history import bring_back, events_of
from crimewatch.records.workflow import standings
from regions.models import Region
from tests.exchange.uploading import act, confirm, page, uploaded
from tests.factories import make_group, make_group_citation, make_presence, make_region, make_source
from tests.people import make_researcher

# Each step is a transaction of its own, as it is for people: within one, every event has the context of the first.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def manager(client: Client, transactional_db: None, settings: Any, tmp_path: Any) -> Client:
    settings.KEPT_FILES = tmp_path / "exchange"
    client.force_login(User.objects.create_superuser("ana"))
    return client


def done(client: Client, text: str, name: str = "groups.csv") -> ImportBatch:
    batch = confirm(client, uploaded(client, text, name), reason="The yearly delivery.")
    assert batch.state == BatchState.DONE
    return batch


def undo(client: Client, batch: ImportBatch, **fields: str) -> ImportBatch:
    act(client, batch, "undo", **fields)
    batch.refresh_from_db()
    return ImportBatch.objects.filter(kind=BatchKind.UNDO).latest("pk")


def plan(client: Client, batch: ImportBatch) -> str:
    answer = client.get(reverse("exchange:undo", args=[batch.uid]))
    return str(answer.content.decode())


def test_an_import_is_taken_back_as_a_whole_and_brought_back_again(manager: Client) -> None:
    make_group(slug="clans", name="Clans", aliases=["The clans"])
    batch = done(manager, "slug,name,aliases,kind\nclans,Family clans,,family-clan\nnew,New,,street-gang\n")
    made = Group.objects.get(slug="new")

    undone = undo(manager, batch)
    assert (undone.state, batch.state) == (BatchState.DONE, BatchState.UNDONE)
    group = Group.objects.get()
    assert (group.slug, group.name, group.aliases) == ("clans", "Clans", ["The clans"])

    undo(manager, undone)
    batch.refresh_from_db()
    assert batch.state == BatchState.DONE
    assert Group.objects.get(slug="new").pk == made.pk
    assert Group.objects.get(slug="clans").name == "Family clans"

    assert undo(manager, batch).state == BatchState.DONE  # and once more
    assert Group.objects.get().name == "Clans"


def test_what_the_address_of_a_source_answered_goes_with_it(manager: Client) -> None:
    batch = done(manager, "slug,name,url\nreport,Report,https://example.org/\n", "sources.csv")
    source = Source.objects.get()
    LinkCheck.objects.create(source=source, url=source.url, outcome=LinkOutcome.GONE)
    assert undo(manager, batch).state == BatchState.DONE
    assert not Source.objects.exists()


def test_links_and_what_lies_below_go_and_come_with_it(manager: Client) -> None:
    make_region(slug="peru")
    text = "slug,name,kind,parent,parts\nvraem,VRAEM,zone,peru,peru|ene\nene,Ene,zone,vraem,\n"
    batch = done(manager, text, "regions.csv")
    undone = undo(manager, batch)
    assert list(Region.objects.values_list("slug", flat=True)) == ["peru"]
    undo(manager, undone)
    vraem = Region.objects.get(slug="vraem")
    assert sorted(vraem.parts.values_list("slug", flat=True)) == ["ene", "peru"]
    assert Region.objects.get(slug="ene").parent == vraem


def test_the_page_lists_what_a_batch_has_created_and_changed(manager: Client) -> None:
    make_group(slug="clans", name="Clans")
    batch = done(manager, "slug,name,kind\nclans,Family clans,family-clan\nnew,New gang,street-gang\n")
    shown = page(manager, batch)
    assert "New gang" in shown
    assert "created" in shown
    undo(manager, batch)
    shown = page(manager, batch)
    assert "is not there any more" in shown
    assert "taken back by" in shown


def test_the_history_says_who_and_why_of_an_undo_too(manager: Client) -> None:
    batch = done(manager, "slug,name,kind\nnew,New,street-gang\n")
    taken = undo(manager, batch, reason="wrong file")
    event = events_of(Group).objects.get(pgh_label="delete")
    assert event.pgh_context.metadata["batch"] == str(taken.uid)
    assert event.pgh_context.metadata["reason"] == "wrong file"
    assert event.pgh_context.metadata["user"] == taken.user_id


# What stands in the way


def test_a_row_that_was_changed_since_is_told_and_the_rest_is_offered(manager: Client) -> None:
    batch = done(manager, "slug,name,kind\na,A,street-gang\nb,B,street-gang\n")
    luz = User.objects.create_user("luz")
    with pghistory.context(user=luz.pk):
        Group.objects.filter(slug="a").update(name="Edited")
    shown = plan(manager, batch)
    assert "luz changed it on" in shown
    assert "Take back the other row" in shown

    refused = undo(manager, batch)
    assert refused.state == BatchState.FAILED
    assert "1 rows have been changed since" in refused.problem
    assert Group.objects.count() == 2

    rest = undo(manager, batch, only_the_rest="1")
    assert rest.state == BatchState.DONE
    assert Group.objects.get().name == "Edited"


def test_a_record_that_something_newer_names_stays(manager: Client) -> None:
    batch = done(manager, "slug,name,kind\na,A,street-gang\nb,B,street-gang\n")
    claim = make_presence(group=Group.objects.get(slug="a"))
    assert f"it is named by presence “{claim.uid}”, which stays" in plan(manager, batch).replace("&quot;", '"')
    undo(manager, batch, only_the_rest="1")
    assert list(Group.objects.values_list("slug", flat=True)) == ["a"]


def test_what_a_row_that_stays_depends_on_stays_too(manager: Client) -> None:
    """A claim of the batch was edited since: the group that it names, of the same batch, cannot go."""
    make_region(slug="puno"), make_source(slug="ellis")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("groups.csv", "slug,name,kind\na,A,street-gang\nb,B,street-gang\n")
        archive.writestr("presences.csv", "uid,group,region,source\np1,a,puno,ellis\np2,b,puno,ellis\n")
    batch = confirm(manager, uploaded(manager, content.getvalue(), "package.zip"))
    Presence.objects.filter(uid="p1").update(note="looked at")
    undo(manager, batch, only_the_rest="1")
    assert list(Presence.objects.values_list("uid", flat=True)) == ["p1"]
    assert list(Group.objects.values_list("slug", flat=True)) == ["a"]


def test_the_last_claim_that_supports_a_published_record_stays(manager: Client) -> None:
    group, source = make_group(slug="clans"), make_source(slug="ellis")
    make_region(slug="puno")
    batch = done(manager, "uid,group,region,source\np1,clans,puno,ellis\n", "presences.csv")
    Group.objects.filter(pk=group.pk).update(status="published")
    assert "the last claim that supports “clans”" in plan(manager, batch)
    assert undo(manager, batch, only_the_rest="1").state == BatchState.FAILED
    assert Presence.objects.exists()
    make_group_citation(record=group, source=source)
    assert undo(manager, batch).state == BatchState.DONE


def test_an_earlier_state_that_names_what_is_gone_cannot_come_back(manager: Client) -> None:
    old, new = make_region(slug="old", kind="country"), make_region(slug="new", kind="country")
    make_region(slug="puno", kind="department", parent=old)
    batch = done(manager, "slug,parent\npuno,new\n", "regions.csv")
    old.delete()
    assert "its earlier state names a record" in plan(manager, batch)
    assert undo(manager, batch).state == BatchState.FAILED
    assert Region.objects.get(slug="puno").parent == new


def test_a_key_that_another_row_has_taken_since_is_told(manager: Client) -> None:
    batch = done(manager, "slug,name,kind\na,A,street-gang\n")
    undone = undo(manager, batch)
    make_group(slug="a")
    assert "the key “a” belongs to another row now" in plan(manager, undone)


def test_an_undo_that_publishes_or_withdraws_takes_the_right_to_publish(manager: Client) -> None:
    presence = make_presence()
    Group.objects.filter(pk=presence.group_id).update(status="published")
    user = make_researcher(Group, actions=("view", "add", "change", "publish"))
    manager.force_login(user)
    batch = done(manager, f"slug,status\n{presence.group.slug},withdrawn\n")
    user.user_permissions.remove(Permission.objects.get(codename="publish_group"))
    refused = undo(manager, batch)
    assert refused.state == BatchState.FAILED
    assert "ask someone who may" in refused.problem
    assert Group.objects.get().status == "withdrawn"


def test_what_is_not_done_cannot_be_taken_back(manager: Client) -> None:
    batch = uploaded(manager, "slug,name,kind\na,A,street-gang\n")
    act(manager, batch, "undo")
    assert not ImportBatch.objects.filter(kind=BatchKind.UNDO).exists()


# Out of the sight of readers


@pytest.mark.parametrize("is_new", [True, False], ids=["deleted", "as before"])
def test_what_an_undo_takes_from_readers_needs_a_reason_which_is_kept(
    manager: Client, settings: Any, is_new: bool
) -> None:
    settings.AUTHORS_MAY_PUBLISH = True
    source = make_source(slug="ellis")
    if not is_new:
        make_group_citation(record=make_group(slug="clans"), source=source)
    batch = done(manager, package("clans,Clans,family-clan,published\n", is_new), "package.zip")
    assert "It takes 1 record from readers or from review: say why." in plan(manager, batch)
    for reason in ("", "  "):
        answer = manager.post(reverse("exchange:undo", args=[batch.uid]), {"reason": reason}, follow=True)
        assert "It takes 1 record from readers or from review: say why." in answer.content.decode()
    assert not ImportBatch.objects.filter(kind=BatchKind.UNDO).exists()
    assert Group.objects.get().status == "published"

    assert undo(manager, batch, reason="Nobody had looked at it.").state == BatchState.DONE
    assert [group.status for group in Group.objects.all()] == ([] if is_new else ["draft"])
    last = events_of(Group).objects.latest("pgh_id")
    assert last.pgh_context.metadata["reason"] == "Nobody had looked at it."


def package(groups: str, with_claims: bool) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("groups.csv", f"slug,name,kind,status\n{groups}")
        if with_claims:
            archive.writestr("group_citations.csv", "uid,record,statement,source\nc1,clans,So it is.,ellis\n")
    return content.getvalue()


def test_the_reason_is_asked_for_again_when_an_undo_is_carried_out(manager: Client) -> None:
    """It may come later, in the background: the rows are judged as they are then."""
    make_group_citation(record=make_group(slug="clans", name="Clans"), source=make_source())
    batch = done(manager, "slug,status\nclans,in-review\n")
    asked = batches.ask_for_undo(batch, batch.user, reason="Too early.")
    ImportBatch.objects.filter(pk=asked.pk).update(reason="")
    asked.refresh_from_db()
    batches.carry_out(asked)
    assert asked.state == BatchState.FAILED
    assert "from readers or from review: say why" in asked.problem
    assert Group.objects.get().status == "in-review"


def test_what_nobody_has_seen_is_taken_back_without_a_reason(manager: Client) -> None:
    batch = done(manager, "slug,name,kind,status\na,A,street-gang,draft\nb,B,street-gang,withdrawn\n")
    assert "say why" not in plan(manager, batch)
    assert undo(manager, batch).state == BatchState.DONE


def test_an_undo_of_an_undo_that_withdraws_again_needs_a_reason_too(manager: Client) -> None:
    group = make_presence().group
    Group.objects.filter(pk=group.pk).update(status="published")
    batch = done(manager, f"slug,status\n{group.slug},withdrawn\n")
    undone = undo(manager, batch)
    assert (undone.state, Group.objects.get().status) == (BatchState.DONE, "published")
    act(manager, undone, "undo")
    assert Group.objects.get().status == "published"
    assert undo(manager, undone, reason="It was right.").state == BatchState.DONE
    assert Group.objects.get().status == "withdrawn"
    assert standings(Group, [group.pk])[group.pk].reason == "It was right."


# Back and forth


def test_what_was_taken_back_in_part_comes_back_in_that_part(manager: Client) -> None:
    make_group(slug="c", name="C before")
    batch = done(manager, "slug,name,kind\na,A,street-gang\nb,B,street-gang\nc,C,street-gang\n")
    stays = Group.objects.get(slug="a")
    Group.objects.filter(slug="a").update(name="Edited")
    rest = undo(manager, batch, only_the_rest="1")
    assert rest.state == BatchState.DONE
    assert sorted(Group.objects.values_list("slug", "name")) == [("a", "Edited"), ("c", "C before")]

    again = undo(manager, rest)
    batch.refresh_from_db()
    assert (again.state, batch.state) == (BatchState.DONE, BatchState.DONE)
    assert sorted(Group.objects.values_list("slug", "name")) == [("a", "Edited"), ("b", "B"), ("c", "C")]
    assert Group.objects.get(slug="a").pk == stays.pk

    assert undo(manager, batch, only_the_rest="1").state == BatchState.DONE  # the same part once more
    assert sorted(Group.objects.values_list("slug", "name")) == [("a", "Edited"), ("c", "C before")]


def test_a_row_that_was_changed_after_an_undo_stands_in_the_way_of_taking_that_back(manager: Client) -> None:
    make_group(slug="a", name="A before"), make_group(slug="b", name="B before")
    undone = undo(manager, done(manager, "slug,name\na,A\nb,B\n"))
    Group.objects.filter(slug="a").update(name="Edited")
    assert undo(manager, undone).state == BatchState.FAILED
    assert undo(manager, undone, only_the_rest="1").state == BatchState.DONE
    assert sorted(Group.objects.values_list("slug", "name")) == [("a", "Edited"), ("b", "B")]


def test_an_undo_asked_for_twice_is_done_once(manager: Client) -> None:
    make_group(slug="a", name="A before")
    batch = done(manager, "slug,name\na,A\n")
    first, second = (batches.ask_for_undo(batch, batch.user) for _ in range(2))
    batches.carry_out(first)
    batches.carry_out(second)
    assert (first.state, second.state) == (BatchState.DONE, BatchState.FAILED)
    assert second.problem == "It has been taken back already."
    batches.carry_out(ImportBatch.objects.get(pk=first.pk))  # its job is begun a second time
    assert Group.objects.get().name == "A before"


def test_an_undo_holds_no_row_in_memory_and_asks_no_query_for_each(manager: Client, settings: Any) -> None:
    settings.BACKGROUND_ROWS = 100_000
    make_region(slug="r"), make_source(slug="s"), make_group(slug="g")

    def cost(rows: int, changed: int) -> tuple[int, int]:
        text = "uid,group,region,source\n" + "".join(f"p{rows}-{number},g,r,s\n" for number in range(rows))
        batch = done(manager, text, "presences.csv")
        Presence.objects.filter(pk__in=Presence.objects.order_by("pk")[:changed].values("pk")).update(note="Changed.")
        gc.collect()
        tracemalloc.start()
        with CaptureQueriesContext(connection) as captured:
            taken = batches.ask_for_undo(batch, batch.user, only_the_rest=True)
            batches.carry_out(taken)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert taken.state == BatchState.DONE
        assert Presence.objects.count() == changed
        Presence.objects.all().delete()
        return len(captured), peak

    cost(10, 1)  # what is loaded once
    few, many = cost(200, 100), cost(8000, 4000)
    assert many[0] - few[0] < 5
    assert many[1] - few[1] < 200_000


def test_of_many_obstacles_all_are_counted_and_some_are_shown(manager: Client, settings: Any) -> None:
    settings.BACKGROUND_ROWS = 100_000
    rows = "".join(f"g{number},G,street-gang\n" for number in range(TOLD + 5))
    batch = done(manager, f"slug,name,kind\n{rows}")
    Group.objects.update(name="Edited")
    shown = plan(manager, batch)
    assert f"{TOLD + 5} rows have been changed since" in shown
    assert shown.count("it was changed on") == TOLD
    assert f"The first {TOLD} are shown." in shown
    assert f"{TOLD + 5} rows have been changed since" in undo(manager, batch).problem


# The primitive


def test_a_row_is_brought_back_to_any_state_that_it_had() -> None:
    group = make_group(slug="clans", name="One")
    for name in ("Two", "Three"):
        Group.objects.filter(pk=group.pk).update(name=name)
    first, second, _third = events_of(Group).objects.order_by("pgh_id")
    assert bring_back(Group, [second.pgh_id]) == 1
    assert Group.objects.get().name == "Two"
    group.delete()
    assert bring_back(Group, [first.pgh_id]) == 1
    again = Group.objects.get()
    assert (again.pk, again.name, again.created_at) == (first.id, "One", first.created_at)
    assert again.updated_at > first.updated_at
    assert again.search_key  # what the database derives is there as well
