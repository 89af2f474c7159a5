"""Claims on the page of the record that they belong to: read as lines, typed as rows, nothing lost."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from actors.models import Group, Presence
from crimewatch.citations.inlines import CLAIMS_PER_PAGE
from crimewatch.records.admin import check_deferred_rules
from tests.admin.forms import form_of
from tests.factories import make_group, make_presence, make_region, make_source


@pytest.fixture
def editor(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_superuser("ana"))
    return client


def address(group: Group) -> str:
    return reverse("admin:actors_group_change", args=[group.pk])


def new_row(number: int, **values: Any) -> dict[str, Any]:
    defaults = {"kind": "operates", "wording": "stated", "credibility": "6", "stance": "supports", "status": "accepted"}
    return {f"presences-{number}-{name}": value for name, value in {**defaults, **values}.items()}


def test_a_page_posted_back_untouched_changes_nothing(editor: Client) -> None:
    group = make_group()
    for _ in range(CLAIMS_PER_PAGE + 2):
        make_presence(group=group)
    events = Presence.events.rel.related_model.objects
    before = events.count()
    response = editor.post(address(group), form_of(editor.get(address(group))))
    assert response.status_code == 302
    assert Presence.objects.filter(group=group).count() == CLAIMS_PER_PAGE + 2
    assert events.count() == before


def test_a_row_typed_below_is_a_new_claim_and_its_place_is_carried_over(editor: Client) -> None:
    group, region, source = make_group(), make_region(), make_source()
    posted = form_of(editor.get(address(group)))
    posted |= new_row(0, region=region.pk, source=source.pk, locator_type="paragraph", locator="19", when="2012")
    posted["presences-TOTAL_FORMS"] = "1"
    assert editor.post(address(group), posted).status_code == 302
    claim = Presence.objects.get(group=group)
    assert (claim.region, claim.locator, claim.when) == (region, "19", "2012")
    page = editor.get(address(make_group()))
    presences = next(i for i in page.context["inline_admin_formsets"] if i.formset.prefix == "presences")
    empty = presences.formset.empty_form
    assert (empty.initial["source"], empty.initial["locator"]) == (source.pk, "19")


def test_a_row_with_nothing_but_the_place_carried_over_is_no_claim(editor: Client) -> None:
    group, source = make_group(), make_source()
    posted = form_of(editor.get(address(group)))
    posted |= new_row(0, source=source.pk, locator_type="paragraph", locator="19")
    posted["presences-TOTAL_FORMS"] = "1"
    assert editor.post(address(group), posted).status_code == 302
    assert not Presence.objects.exists()


def test_a_mistake_in_a_row_keeps_all_that_was_typed(editor: Client) -> None:
    group, region, source = make_group(), make_region(), make_source()
    posted = form_of(editor.get(address(group)))
    posted |= new_row(0, region=region.pk, source=source.pk, when="marzo 2017", note="as I typed it")
    posted |= {"presences-TOTAL_FORMS": "1", "name": "A new name"}
    page = editor.post(address(group), posted)
    text = page.content.decode()
    assert "is not a date in EDTF" in text
    assert "as I typed it" in text
    assert "A new name" in text
    assert not Presence.objects.exists()


def test_a_claim_is_deleted_by_its_tick(editor: Client) -> None:
    presence = make_presence()
    make_presence(group=presence.group)
    posted = form_of(editor.get(address(presence.group)))
    number = next(key for key, value in posted.items() if key.endswith("-id") and str(value) == str(presence.pk))
    posted[number.removesuffix("id") + "DELETE"] = "on"
    assert editor.post(address(presence.group), posted).status_code == 302
    assert not Presence.objects.filter(pk=presence.pk).exists()


def test_a_claim_that_somebody_deleted_meanwhile_does_not_stop_the_others(editor: Client) -> None:
    presence = make_presence()
    other = make_presence(group=presence.group)
    posted = form_of(editor.get(address(presence.group)))
    presence.delete()
    posted["name"] = "Renamed"
    assert editor.post(address(other.group), posted).status_code == 302
    assert Group.objects.get(pk=other.group.pk).name == "Renamed"
    assert Presence.objects.get() == other


def test_a_claim_opened_from_its_record_leads_back_there_and_nowhere_else(editor: Client) -> None:
    presence = make_presence()
    page = reverse("admin:actors_presence_change", args=[presence.pk])
    for back, target in ((address(presence.group), address(presence.group)), ("//evil.example/", None)):
        opened = f"{page}?_back={back}"
        posted = form_of(editor.get(opened))
        response = editor.post(opened, {**posted, "_save": "1"})
        assert response.status_code == 302
        assert response.url == target if target else not response.url.startswith("//")


def test_publishing_without_a_claim_is_refused_in_the_form_and_loses_nothing(editor: Client) -> None:
    group = make_group(name="Old name")
    posted = form_of(editor.get(address(group))) | {"name": "New name", "_status": "published"}
    text = editor.post(address(group), posted).content.decode()
    assert "no claim supports it yet" in text
    assert "New name" in text
    assert Group.objects.get().name == "Old name"


def test_a_claim_typed_in_the_same_form_is_support_enough(editor: Client) -> None:
    group, region, source = make_group(), make_region(), make_source()
    posted = form_of(editor.get(address(group)))
    posted |= new_row(0, region=region.pk, source=source.pk)
    posted |= {"presences-TOTAL_FORMS": "1", "_status": "published"}
    assert editor.post(address(group), posted).status_code == 302
    assert Group.objects.get().status == "published"


def test_deleting_the_last_support_of_a_published_record_is_refused(editor: Client) -> None:
    presence = make_presence()
    Group.objects.filter(pk=presence.group.pk).update(status="published")
    check_deferred_rules()  # as if the transaction that published it had ended
    page = editor.post(reverse("admin:actors_presence_delete", args=[presence.pk]), {"post": "yes"}, follow=True)
    assert "last claim that supports it" in page.content.decode()
    assert Presence.objects.exists()


def test_what_uses_a_region_is_named_when_its_deletion_is_refused(editor: Client) -> None:
    presence = make_presence()
    page = editor.get(reverse("admin:regions_region_delete", args=[presence.region.pk]))
    assert "1 presence" in page.content.decode()
    editor.post(reverse("admin:regions_region_delete", args=[presence.region.pk]), {"post": "yes"})
    presence.region.refresh_from_db()
