"""Who saves second sees what was saved meanwhile, and chooses; what was typed is never lost."""

import os
import subprocess
import sys
from typing import Any

import pghistory
import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse

from actors.models import Group, Presence
from crimewatch.environment import PROJECT_FOLDER
from regions.models import Region
from tests.admin.test_query_counts import opened
from tests.environments import of_the_test_database
from tests.factories import make_group, make_presence, make_region

pytestmark = pytest.mark.django_db

TOLD = "Somebody else has saved this meanwhile"


@pytest.fixture
def ana(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ana"))
    return client


@pytest.fixture
def luz() -> User:
    return User.objects.create_superuser("luz", first_name="Luz", last_name="Quispe")


def change_page(row: Any) -> str:
    return reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_change", args=[row.pk])


def by(user: User, row: Any, **values: Any) -> None:
    """Somebody else's change, in whatever way it came."""
    with pghistory.context(user=user.pk):
        type(row).objects.filter(pk=row.pk).update(**values)


def test_what_nobody_else_has_touched_is_saved(ana: Client) -> None:
    group = make_group(name="Clan")
    form: dict[str, Any] = opened(ana, change_page(group))
    assert ana.post(change_page(group), {**form, "name": "Clan Farfán"}).status_code == 302
    group.refresh_from_db()
    assert group.name == "Clan Farfán"


def test_who_saves_second_sees_mine_theirs_and_the_original_and_chooses(ana: Client, luz: User) -> None:
    group = make_group(name="Clan", summary="A clan.", kind="family-clan")
    page = change_page(group)
    form: dict[str, Any] = opened(ana, page)
    by(luz, group, name="Clan of theirs", kind="street-gang", aliases=["Theirs"])

    mine = {**form, "name": "Clan of mine", "summary": "My summary."}
    answer = ana.post(page, mine)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert TOLD in html
    assert "Luz Quispe" in html
    differences = {each.name: each for each in answer.context["adminform"].form.meanwhile.differences}
    assert set(differences) == {"name", "kind", "aliases"}
    assert differences["name"][2:] == ("Clan", "Clan of theirs", "Clan of mine", "")
    assert differences["kind"][2:] == ("family clan", "street gang", "family clan", "theirs")
    assert differences["aliases"][2:] == ("", "Theirs", "", "theirs")
    group.refresh_from_db()
    assert (group.name, group.summary) == ("Clan of theirs", "A clan.")

    again = {**mine, **kept(html), "_choice-kind": "theirs", "_choice-aliases": "theirs"}
    assert TOLD in ana.post(page, again).content.decode()  # nothing is chosen for the name yet
    assert ana.post(page, {**again, "_choice-name": "mine"}).status_code == 302
    group.refresh_from_db()
    assert (group.name, group.kind, group.aliases, group.summary) == (
        "Clan of mine",
        "street-gang",
        ["Theirs"],
        "My summary.",
    )


def kept(html: str) -> dict[str, str]:
    """The hidden fields by which a form says to what it was compared."""
    start = html.index('name="_compared" value="') + len('name="_compared" value="')
    return {"_compared": html[start : html.index('"', start)].replace("&quot;", '"')}


def test_what_changes_once_more_is_shown_once_more(ana: Client, luz: User) -> None:
    group = make_group(name="Clan")
    page = change_page(group)
    form: dict[str, Any] = {**opened(ana, page), "name": "Mine"}
    by(luz, group, name="Theirs")
    chosen = {**form, **kept(ana.post(page, form).content.decode()), "_choice-name": "mine"}
    by(luz, group, name="Theirs, mended")
    html = ana.post(page, chosen).content.decode()
    assert "Theirs, mended" in html
    assert ana.post(page, {**chosen, **kept(html)}).status_code == 302
    assert Group.objects.get().name == "Mine"


def test_the_same_change_by_two_and_a_change_elsewhere_ask_nothing(ana: Client, luz: User) -> None:
    group = make_group(name="Clan")
    form: dict[str, Any] = {**opened(ana, change_page(group)), "name": "Same"}
    by(luz, group, name="Same")
    make_presence(group=group)
    assert ana.post(change_page(group), form).status_code == 302


def test_links_and_what_was_typed_wrongly_are_compared_too(ana: Client, luz: User) -> None:
    one, other = make_region(name="One"), make_region(name="Other")
    zone = make_region(name="Zone", parts=[one])
    page = change_page(zone)
    form: dict[str, Any] = {**opened(ana, page), "latitude": "ninety"}
    zone.parts.set([one, other])
    by(luz, zone, latitude=-12, longitude=-75)
    answer = ana.post(page, form)
    differences = {each.name: each for each in answer.context["adminform"].form.meanwhile.differences}
    assert "Other" in differences["parts"].theirs
    assert differences["latitude"].mine == "ninety"
    assert differences["longitude"].choice == "theirs"
    chosen = {**form, **kept(answer.content.decode()), **{f"_choice-{name}": "theirs" for name in differences}}
    assert ana.post(page, chosen).status_code == 302
    assert set(zone.parts.all()) == {one, other}
    assert Region.objects.get(pk=zone.pk).latitude == -12


def test_a_claim_is_compared_like_a_record(ana: Client, luz: User) -> None:
    presence = make_presence(note="")
    page = change_page(presence)
    form: dict[str, Any] = {**opened(ana, page), "note": "Mine."}
    by(luz, presence, note="Theirs.")
    assert TOLD in ana.post(page, form).content.decode()
    assert Presence.objects.get().note == "Theirs."


def test_a_form_of_a_record_takes_no_older_state_of_its_claims_along(ana: Client, luz: User) -> None:
    """Claims stand in it as lines in words and are changed in forms of their own, where they are compared."""
    presence = make_presence(note="")
    page = change_page(presence.group)
    form: dict[str, Any] = {**opened(ana, page), "summary": "Mine.", "presences-0-note": "Older."}
    by(luz, presence, note="Theirs.")
    assert ana.post(page, form).status_code == 302
    assert Presence.objects.get().note == "Theirs."
    assert Group.objects.get().summary == "Mine."


def test_a_claim_that_somebody_has_changed_is_not_deleted_unseen(ana: Client, luz: User) -> None:
    presence = make_presence()
    page = change_page(presence.group)
    form: dict[str, Any] = {**opened(ana, page), "presences-0-DELETE": "on"}
    presence.note = "Worth keeping."
    presence.save()
    html = ana.post(page, form).content.decode()
    assert "since you opened this page" in html
    assert Presence.objects.exists()
    again: dict[str, Any] = {**opened(ana, page), "presences-0-DELETE": "on"}
    assert ana.post(page, again).status_code == 302
    assert not Presence.objects.exists()


def test_what_was_typed_into_a_record_that_is_gone_is_shown(ana: Client) -> None:
    group = make_group(name="Clan")
    page = change_page(group)
    form: dict[str, Any] = {**opened(ana, page), "summary": "Three hours of work."}
    Group.objects.all().delete()
    answer = ana.post(page, form)
    assert answer.status_code == 409
    assert "Three hours of work." in answer.content.decode()
    assert not Group.objects.exists()


@pytest.mark.parametrize(
    "state", ["", "nonsense", "[]", '{"event": "x"}', '{"event": 1}', '{"event": 987654321, "links": {}}']
)
def test_a_form_that_does_not_know_its_state_asks_rather_than_overwrites(ana: Client, state: str) -> None:
    group = make_group(name="Clan")
    page = change_page(group)
    form: dict[str, Any] = {**opened(ana, page), "name": "Mine", "_opened": state}
    assert TOLD in ana.post(page, form).content.decode()
    assert Group.objects.get().name == "Clan"


HAMMER = """
import sys
from django.test import Client
from django.contrib.auth.models import User
from tests.admin.test_query_counts import opened

page, name = sys.argv[-2:]
client = Client(headers={"host": "localhost"})
client.force_login(User.objects.get(username=name))
written = asked = 0
while written < 8:
    form = opened(client, page)
    lines = [line for line in form["aliases"][0].split() if line]
    answer = client.post(page, {**form, "aliases": "\\n".join([*lines, f"{name}-{written}"])})
    written += answer.status_code == 302
    asked += answer.status_code == 200
print(written, asked)
"""


@pytest.mark.django_db(transaction=True)
def test_two_processes_that_hammer_one_record_lose_nothing() -> None:
    group = make_group(name="Clan", aliases=[])
    names = ("ana", "luz")
    for name in names:
        User.objects.create_superuser(name)
    begin = "import django; django.setup()\n"
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", begin + HAMMER, change_page(group), name],
            cwd=PROJECT_FOLDER,
            env={**os.environ, **of_the_test_database()},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in names
    ]
    for worker in workers:
        out, error = worker.communicate(timeout=120)
        assert out.startswith("8 "), error
    connection.close()
    group.refresh_from_db()
    assert sorted(group.aliases) == sorted(f"{name}-{place}" for name in names for place in range(8))
