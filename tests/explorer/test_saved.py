"""Saved filters: kept under a name, one's own or shared, and no way to learn of what is not for the viewer."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from actors.models import Group
from crimewatch.curation import roles
from crimewatch.explorer.models import LONGEST_QUERY, SavedFilter
from crimewatch.explorer.saved import OWN_SHOWN, SHARED_SHOWN
from crimewatch.records.history import events_of
from regions.models import Region
from tests.curation.merges import merge_records
from tests.curation.people import make_member
from tests.factories import make_agency, make_group, make_person, make_presence, make_region
from tests.kinds import publish
from tests.listing import ADDRESSES, page
from tests.people import make_reader, make_researcher

pytestmark = pytest.mark.django_db

LIST = "actors:group_list"
PICTURES = ["explorer:map", "explorer:timeline", "explorer:network", "explorer:flows", "explorer:figures"]


@pytest.fixture
def ana() -> User:
    return make_reader(username="ana")


@pytest.fixture
def desk(ana: User) -> Client:
    """Where Ana, a reader, is logged in."""
    return logged_in(ana)


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def make_saved(owner: User, **overrides: Any) -> SavedFilter:
    given = {"list_name": LIST, "name": "Clans", "query": "kind=family-clan", **overrides}
    return SavedFilter.objects.create(owner=owner, **given)


def save(client: Client, **overrides: Any) -> Any:
    given = {"list_name": LIST, "name": "Clans", "query": "kind=family-clan", **overrides}
    return client.post(reverse("explorer:save_filter"), given)


def problems(response: Any) -> list[str]:
    assert response.status_code == 422
    return [text.strip() for text in re.findall(r'role="alert">([^<]*)<', response.content.decode())]


# The rules


@pytest.mark.parametrize(
    ("rule", "values"),
    [
        ("has_a_name", {"name": " "}),
        ("has_a_query", {"query": ""}),
        ("name_is_unique", {"name": "CLANS"}),
    ],
)
def test_a_broken_rule_is_refused_by_full_clean_and_by_the_database(ana, rule, values):
    make_saved(ana)
    wrong = make_saved(ana, name="Other")
    for name, value in values.items():
        setattr(wrong, name, value)
    with pytest.raises(ValidationError) as refusal:
        wrong.full_clean()
    (sentence,) = refusal.value.messages
    assert sentence.endswith(".")
    with pytest.raises(IntegrityError) as broken, transaction.atomic():
        SavedFilter.objects.filter(pk=wrong.pk).update(**values)
    assert broken.value.__cause__.diag.constraint_name == f"explorer_savedfilter_{rule}"


def test_a_query_is_no_longer_than_any_address_that_is_made_by_choosing(ana):
    saved = make_saved(ana, query="q=" + "a" * (LONGEST_QUERY - 2))
    saved.full_clean()
    with pytest.raises(DatabaseError), transaction.atomic():
        SavedFilter.objects.filter(pk=saved.pk).update(query=saved.query + "a")


@pytest.mark.parametrize("name", ["actors:nothing_list", "explorer:home", "actors:group_detail", "admin:index", ""])
def test_only_lists_and_pictures_have_saved_filters(ana, name):
    with pytest.raises(ValidationError):
        SavedFilter(owner=ana, list_name=name, name="Clans", query="q=a").full_clean()


@pytest.mark.parametrize("name", [*ADDRESSES, *PICTURES])
def test_every_list_and_picture_can_have_saved_filters(ana, name):
    SavedFilter(owner=ana, list_name=name, name="Clans", query="q=a").full_clean()


def test_another_list_and_another_person_may_use_the_same_name(ana):
    for saved in (make_saved(ana), make_saved(ana, list_name="actors:person_list"), make_saved(make_reader())):
        saved.full_clean()


def test_what_is_changed_is_in_the_history_and_a_login_takes_its_filters_along(ana):
    saved = make_saved(ana)
    saved.name = "Families"
    saved.save()
    ana.delete()
    assert not SavedFilter.objects.exists()
    states = events_of(SavedFilter).objects.order_by("pgh_id").values_list("pgh_label", "name")
    assert list(states) == [("insert", "Clans"), ("update", "Families"), ("delete", "Families")]


# Saving, changing and deleting


@pytest.mark.parametrize("address", [*ADDRESSES, *PICTURES])
def test_what_a_list_or_picture_shows_is_saved_and_found_there_again(desk, address):
    query = "q=puno" if address != "explorer:map" else "q=puno&colour=trend"
    shown = page(desk, address, **dict(part.split("=") for part in query.split("&")))
    (given,) = re.findall(r'id="saved-query" name="query" value="([^"]*)"', shown)
    response = save(desk, list_name=address, query=given.replace("&amp;", "&"), name="Puno")
    assert response.status_code == 302
    assert response["Location"] == f"{reverse(address)}?{query}"
    assert f'<a href="{reverse(address)}?{query.replace("&", "&amp;")}">Puno</a>' in page(desk, address)


def test_a_saved_filter_has_no_page_and_no_download_in_it_and_stays_readable(desk):
    save(desk, query="?kind=family-clan,street-gang&sort=-name&page=3&format=csv&after=x&q=Huánuco")
    assert SavedFilter.objects.get().query == "kind=family-clan,street-gang&sort=-name&q=Hu%C3%A1nuco"


def test_while_somebody_types_what_would_be_saved_follows(desk):
    part = desk.get(reverse(LIST), {"q": "clan", "sort": "name"}, headers={"HX-Request": "true"}).content.decode()
    assert '<input type="hidden" id="saved-query" name="query" value="q=clan&amp;sort=name" hx-swap-oob="true">' in part


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name": "  "}, "Give the saved filter a name."),
        ({"name": "n" * 81}, "The name has more than 80 characters: shorten it."),
        ({"name": "a\0b"}, "Null characters are not allowed."),
        ({"name": "clans"}, "You have saved a filter of this list under that name: choose another one."),
        ({"list_name": "actors:nothing"}, "There is no list “actors:nothing” whose filters could be saved."),
        ({"list_name": ""}, "Say of which list the filter is."),
        ({"query": ""}, "There is nothing to save yet: choose a filter, columns or an order first."),
        ({"query": "page=2"}, "There is nothing to save yet: choose a filter, columns or an order first."),
        ({"query": "q=" + "a" * 2000}, "The address has more than 2000 characters: ask for less."),
        ({"query": "q=" + "á" * 1000}, "The address has more than 2000 characters: ask for less."),
    ],
)
def test_what_cannot_be_saved_is_answered_with_a_sentence_and_loses_nothing(desk, ana, values, sentence):
    make_saved(ana)
    response = save(desk, **{"name": "Other", **values})
    assert sentence in problems(response)
    assert SavedFilter.objects.count() == 1
    assert 'name="query"' in response.content.decode()


def test_nobody_keeps_more_filters_of_a_list_than_it_shows(desk, ana):
    for number in range(OWN_SHOWN):
        make_saved(ana, name=f"Filter {number}")
    assert problems(save(desk)) == [
        f"You have saved {OWN_SHOWN} filters of this list: delete one that you no longer need."
    ]


def test_ones_own_is_renamed_shared_unshared_and_deleted(desk, ana):
    saved = make_saved(ana)
    change = reverse("explorer:change_filter", args=[saved.pk])
    back = {"Referer": "http://testserver/groups/?q=clan"}
    response = desk.post(change, {"name": "Families", "is_shared": "on"}, headers=back)
    assert response["Location"] == "/groups/?q=clan"
    saved.refresh_from_db()
    assert (saved.name, saved.is_shared, saved.query) == ("Families", True, "kind=family-clan")
    desk.post(change, {"name": "Families"})
    saved.refresh_from_db()
    assert not saved.is_shared
    elsewhere = {"Referer": "https://elsewhere.example/groups-of-mine/"}
    response = desk.post(reverse("explorer:delete_filter", args=[saved.pk]), headers=elsewhere)
    assert response["Location"] == "/groups/?kind=family-clan"
    assert not SavedFilter.objects.exists()


def test_who_deletes_one_by_mistake_finds_what_it_showed_and_saves_it_again(desk, ana):
    saved = make_saved(ana, name="<Clans>")
    deleted = reverse("explorer:delete_filter", args=[saved.pk])
    page = desk.post(deleted, headers={"Referer": "http://testserver/groups/?q=clan"}, follow=True).content.decode()
    assert '“&lt;Clans&gt;” is deleted. <a href="/groups/?kind=family-clan">What it showed</a>' in page


def test_a_name_that_is_taken_is_refused_on_renaming_too(desk, ana):
    make_saved(ana)
    other = make_saved(ana, name="Other")
    response = desk.post(reverse("explorer:change_filter", args=[other.pk]), {"name": "CLANS"})
    assert problems(response) == ["You have saved a filter of this list under that name: choose another one."]


@pytest.mark.parametrize("name", ["explorer:change_filter", "explorer:delete_filter"])
def test_what_is_not_ones_own_is_not_there(ana, name):
    saved = make_saved(ana, is_shared=True)
    for other in (make_reader(), make_researcher(Group), make_reader(username="root", is_superuser=True)):
        assert logged_in(other).post(reverse(name, args=[saved.pk]), {"name": "Mine"}).status_code == 404
    saved.refresh_from_db()
    assert saved.name == "Clans"


def test_nothing_happens_without_a_login_without_a_form_or_by_a_link(desk, ana):
    saved = make_saved(ana)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ana)
    addresses = [
        reverse("explorer:save_filter"),
        reverse("explorer:change_filter", args=[saved.pk]),
        reverse("explorer:delete_filter", args=[saved.pk]),
    ]
    for address in addresses:
        assert Client().post(address, {"name": "New"})["Location"].startswith("/login/")
        assert strict.post(address, {"name": "New"}).status_code == 403
        assert desk.get(address).status_code == 405
    assert list(SavedFilter.objects.values_list("name", flat=True)) == ["Clans"]


# Who sees what


def test_a_private_filter_is_for_its_owner_and_a_shared_one_for_everybody_with_a_login(desk, ana, settings):
    settings.SITE_IS_PUBLIC = True
    make_saved(ana, name="Private thing")
    make_saved(ana, name="Common thing", is_shared=True)
    assert "Private thing" in page(desk, LIST)
    for other in (make_reader(), make_researcher(Group)):
        shown = page(logged_in(other), LIST)
        assert "Private thing" not in shown
        assert '<a href="/groups/?kind=family-clan">Common thing</a> <span class="muted">ana</span>' in shown
    public = page(Client(), LIST)
    assert "Common thing" not in public
    assert "Saved filters" not in public


@pytest.mark.parametrize(
    "query",
    [
        "region=secret-valley",
        "region=!secret-valley",
        "region=Secret valley",
        "region=secret-valley-once",
        "kind=family-clan&person=secret-person",
        "status=draft",
        "columns=name,status",
        "sort=status",
        "kind=nonsense",
        "q=a&q=b",
        "nothing=1",
        "region=!",
    ],
)
def test_a_shared_filter_that_the_list_would_refuse_is_not_shown(query):
    make_region(name="Secret valley", slug="secret-valley", past_slugs=["secret-valley-once"])
    make_person(name="Secret person", slug="secret-person")
    make_saved(make_researcher(Group), name="Secret thing", query=query, is_shared=True)
    shown = page(logged_in(make_reader()), LIST)
    assert "Secret thing" not in shown
    assert "secret" not in shown.lower()


def test_a_shared_filter_that_names_a_draft_is_shown_to_those_who_may_see_the_draft():
    region = make_region(name="Quiet valley", slug="quiet-valley", past_slugs=["once"])
    for query in ("region=quiet-valley", "region=!once", "region=Quiet valley&during=2017"):
        make_saved(make_researcher(), name=f"By {query}", query=query, is_shared=True)
    assert page(logged_in(make_researcher(Group, type(region))), LIST).count(">By region=") == 3
    reader = logged_in(make_reader())
    assert ">By region=" not in page(reader, LIST)
    publish(region)
    assert page(reader, LIST).count(">By region=") == 3


@pytest.mark.parametrize(
    "query", ["region=none", "kind=!family-clan,street-gang", "during=2016/..", "sources=2", "q=puno&sort=-name"]
)
def test_a_shared_filter_that_makes_sense_is_shown_to_readers(query):
    make_saved(make_reader(), name="Common thing", query=query, is_shared=True)
    assert "Common thing" in page(logged_in(make_reader()), LIST)


# What a filter names may become another, or nothing


@pytest.mark.parametrize("address", ["actors:group_list", "explorer:claim_list", *PICTURES])
def test_a_saved_filter_follows_a_record_that_is_renamed_or_merged(desk, ana, address):
    first, second = make_region(name="First valley", slug="first"), make_region(name="Second valley", slug="second")
    claim = make_presence(region=second, group=make_group(name="Of the second"))
    publish(first, second, claim.group, claim.source)
    saved = make_saved(ana, list_name=address, query="region=first", is_shared=True)
    first.slug = "renamed"
    first.save()
    merge_records(second, first)
    assert saved.address == f"{reverse(address)}?region=first"
    for client in (desk, logged_in(make_reader())):
        assert f'href="{saved.address}"' in page(client, address)
        for key in ("first", "renamed", "second"):
            answer = client.get(reverse(address), {"region": key})
            shown = answer.content.decode()
            assert answer.status_code == 200
            assert not re.search(r'class="error"[^>]*>\s*[^<\s]', shown), key
            if address in ("actors:group_list", "explorer:claim_list"):
                assert claim.group.name in shown


def test_a_network_around_a_record_that_was_merged_is_one_around_what_it_is_now(desk, ana):
    kept, gone = make_group(name="Clan", slug="clan"), make_group(name="Klan", slug="klan")
    publish(kept, gone)
    merge_records(kept, gone)
    saved = make_saved(ana, list_name="explorer:network", query="around=group:klan")
    shown = desk.get(saved.address).content.decode()
    assert not re.search(r'class="error"[^>]*>\s*[^<\s]', shown)


@pytest.mark.parametrize("address", [LIST, "explorer:claim_list", *PICTURES])
def test_a_saved_filter_that_names_what_was_deleted_is_answered_with_a_sentence_and_not_with_everything(
    desk, ana, address
):
    region = make_region(name="Lost valley", slug="lost-valley")
    claim = make_presence(group=make_group(name="Of everything"))
    publish(region, claim.group, claim.region, claim.source)
    saved = make_saved(ana, list_name=address, query="region=lost-valley")
    region.citations.all().delete()
    Region.objects.filter(pk=region.pk).delete()
    answer = desk.get(saved.address)
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert "There is no region with the key “lost-valley”." in shown
    assert "Of everything" not in shown


@pytest.mark.parametrize("address", [LIST, "explorer:claim_list", "explorer:network"])
def test_saved_filters_take_three_queries_however_many_there_are(ana, address, django_assert_max_num_queries):
    reader = make_reader()
    client = logged_in(reader)
    publish(make_group(), make_region(), make_agency())
    with django_assert_max_num_queries(20) as before:
        page(client, address)
    regions, groups, agencies = ([make() for _ in range(4)] for make in (make_region, make_group, make_agency))
    publish(*regions, *groups, *agencies)
    for number in range(2 * SHARED_SHOWN):
        region, agency = regions[number % 4], agencies[number % 4]
        query = f"region={region.slug}&agency={agency.slug}" if address != LIST else f"region={region.slug}"
        make_saved(ana, name=f"Filter {number:02}", list_name=address, query=query, is_shared=True)
        make_saved(reader, name=f"Filter {number:02}", list_name=address, query=query)
    with django_assert_max_num_queries(len(before) + 1):  # which of the named records are to be seen
        shown = page(client, address)
    assert shown.count('<span class="muted">ana</span>') == SHARED_SHOWN


# The admin


def test_administrators_see_and_delete_the_filters_of_others_and_change_none(ana):
    saved = make_saved(ana)
    client = logged_in(make_member(roles.ADMINISTRATOR))
    change = reverse("admin:explorer_savedfilter_change", args=[saved.pk])
    assert "Clans" in client.get(reverse("admin:explorer_savedfilter_changelist")).content.decode()
    assert client.get(change).context["has_change_permission"] is False
    assert client.get(reverse("admin:explorer_savedfilter_add")).status_code == 403
    assert client.post(change, {"name": "Mine"}).status_code == 403
    client.post(reverse("admin:explorer_savedfilter_delete", args=[saved.pk]), {"post": "yes"})
    assert not SavedFilter.objects.exists()


@pytest.mark.parametrize("role", [roles.READER, roles.RESEARCHER, roles.EDITOR, roles.DATA_MANAGER])
def test_other_roles_do_not_see_the_filters_of_others_in_the_admin(ana, role):
    make_saved(ana)
    response = logged_in(make_member(role)).get(reverse("admin:explorer_savedfilter_changelist"))
    assert response.status_code in (302, 403)
