"""What is kept for all who see the same: nobody sees less or more by it, and any change is seen at once."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.auth.models import Group as GroupOfLogins
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crimewatch.collections.models import Audience, Member, put, take_out
from crimewatch.collections.models import Collection as CollectionOfRows
from crimewatch.records import kept as kept_module
from crimewatch.records.history import last_changes
from crimewatch.records.kept import answers_for, kept
from crimewatch.records.peers import Peer
from regions.models import Occurrence, Region
from tests.factories import (
    make_activity,
    make_occurrence,
    make_region,
    make_region_estimate,
    make_route_leg,
    make_source,
)
from tests.kinds import CLAIMS, RECORDS, make, publish
from tests.people import make_reader, make_researcher

PAGES = ["/", "/map/", "/map/small/", "/timeline/", "/network/", "/flows/", "/figures/"]

#: Lists of which answers are kept.
LISTS = ["/claims/", "/estimates/?during=2017", "/regions/?sort=claims", "/regions/?independent=1"]

#: Pages of records and of what is found, which are kept as they are.
TEXTS = ["/regions/puno/", "/sources/report/?page=1", "/search/?q=smuggling", "/search/?q=smugling&kind=claim&page=2"]

#: Tables that no page with a list asks for, except to make it.
OF_CLAIMS = ("regions_occurrence", "regions_routeleg", "regions_regionestimate")

kept_at_all = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> dict[str, Any]:
    """A claim for each page, about published records."""
    puno = make_region(name="Puno", slug="puno", kind="department", latitude="-15.84", longitude="-70.02")
    report = make_source(name="Smuggling in Puno", slug="report")
    occurrence = make_occurrence(region=puno, activity=make_activity(name="Smuggling"), when="2017", source=report)
    leg, estimate = make_route_leg(origin=puno), make_region_estimate(region=puno, when="2017")
    for claim in (occurrence, leg, estimate):
        publish(*records_of(claim))
    return {"region": puno, "occurrence": occurrence, "leg": leg, "estimate": estimate}


@pytest.fixture
def reader() -> Client:
    return logged_in(make_reader())


def records_of(claim: Any) -> list[Any]:
    """The records that ``claim`` names, its source among them."""
    named = [getattr(claim, field.name) for field in type(claim).objects.all().record_fields()]
    return [record for record in named if record is not None]


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def shown(client: Client, address: str) -> str:
    """What is in the page but for what is of the moment or the person: the drawing, its words and the rows."""
    response = client.get(address)
    if address in TEXTS:
        return f"{response.status_code} {response.content.decode().partition('<main')[2]}"
    assert response.status_code == 200
    context = response.context
    if "overview" in context:
        overview = context["overview"]
        told = [overview.records, overview.claims, [row.record.name for row in overview.recent_records]]
        return str([*told, [str(row.claim) for row in overview.recent_claims]])
    picture = context.get("picture")
    rows = [[str(cell) for _class, cell in cells] for _mark, cells in context["rows"]]
    facets = context["view"].facets.items()
    numbers = [context["count_text"], [(name, counts and sorted(counts.items())) for name, counts in facets]]
    return str([picture and picture.chart, picture and picture.description, rows, numbers])


def fresh(client: Client, address: str) -> str:
    kept_module.forget()
    return shown(client, address)


def asks_claims(client: Client, address: str) -> bool:
    with CaptureQueriesContext(connection) as captured:
        shown(client, address)
    return any(f'"{table}"' in query["sql"] for query in captured for table in OF_CLAIMS)


@contextmanager
def another_connection() -> Iterator[psycopg.Connection]:
    parameters = connection.get_connection_params()
    parameters.pop("cursor_factory"), parameters.pop("context")
    with psycopg.connect(**parameters) as other:
        yield other


COPY_OF_A_CLAIM = """
    INSERT INTO regions_occurrence ({columns}, uid)
    SELECT {columns}, 'another' FROM regions_occurrence WHERE id = %s
"""


def add_a_copy(other: psycopg.Connection, claim: Occurrence) -> None:
    fields = [field for field in Occurrence._meta.concrete_fields if not field.generated]
    columns = ", ".join(f'"{field.column}"' for field in fields if field.name not in ("id", "uid"))
    other.execute(COPY_OF_A_CLAIM.format(columns=columns), [claim.pk])  # type: ignore[arg-type]


# What is kept


@kept_at_all
@pytest.mark.parametrize("address", [*(page for page in PAGES if page not in ("/timeline/", "/figures/")), *TEXTS])
def test_what_one_has_asked_for_is_not_made_anew_for_another(world, reader, address):
    first = shown(reader, address)
    other = logged_in(make_reader())
    assert not asks_claims(other, address)
    assert shown(other, address) == first == fresh(other, address)


@kept_at_all
@pytest.mark.parametrize("address", [*PAGES, *LISTS, *TEXTS])
def test_the_page_says_the_same_as_one_that_is_made_anew(world, reader, address):
    assert shown(reader, address) == shown(reader, address) == fresh(reader, address)


@kept_at_all
def test_each_order_and_page_and_filter_has_rows_of_its_own(world, reader):
    make_occurrence(region=world["region"], activity=world["occurrence"].activity, source=world["occurrence"].source)
    for query in ("?sort=claims", "?sort=-claims", "?during=2017", "?during=1999", "?kind=routeleg", "?colour=trend"):
        assert shown(reader, f"/map/{query}") == fresh(reader, f"/map/{query}"), query


@kept_at_all
def test_each_language_has_words_of_its_own(world, reader):
    english = shown(reader, "/map/")
    reader.cookies["django_language"] = "es"
    spanish = shown(reader, "/map/")
    assert spanish != english
    assert spanish == fresh(reader, "/map/")


@kept_at_all
def test_only_so_much_is_kept(world, reader, monkeypatch):
    monkeypatch.setattr(kept_module._kept, "most", 2)
    for address in ("/map/", "/flows/", "/network/"):
        shown(reader, address)
    assert len(kept_module._kept) == 2
    assert asks_claims(reader, "/map/")


@kept_at_all
@pytest.mark.parametrize(
    ("address", "another"),
    [
        ("/claims/", "/claims/?sort=wording"),
        ("/estimates/?during=2017", "/estimates/?during=2017&sort=best"),
        ("/regions/", "/regions/?sort=-name"),
        ("/regions/?sort=claims", "/regions/?sort=-claims"),
        ("/regions/?independent=1", "/regions/?independent=1&columns=name,claims"),
    ],
)
def test_what_a_list_has_been_told_is_not_asked_again_for_others_or_in_another_order(world, reader, address, another):
    shown(reader, address)
    other = logged_in(make_reader())
    with CaptureQueriesContext(connection) as captured:
        shown(other, address)
        shown(other, another)
    assert not [query["sql"] for query in captured if "count(*)" in query["sql"].lower()]


@kept_at_all
def test_each_order_and_filter_and_page_of_a_list_has_rows_of_its_own(world, reader):
    for _number in range(60):
        make_occurrence(region=world["region"], activity=world["occurrence"].activity, when="2017")
    queries = ["", "?sort=when", "?sort=-when", "?page=2", "?during=2017", "?during=1999", "?kind=routeleg", "?q=puno"]
    for address in ("/claims/", "/regions/"):
        told = {query: shown(reader, f"{address}{query}") for query in queries}
        assert told == {query: fresh(reader, f"{address}{query}") for query in queries}
    first, second = shown(reader, "/claims/"), shown(reader, "/claims/?page=2")
    assert first != second


@kept_at_all
def test_numbers_are_asked_for_where_they_are_not_known(world):
    answers, asked = answers_for(make_reader()), []

    def find(keys: Collection[int]) -> dict[int, int]:
        asked.append(list(keys))
        return {key: 10 * key for key in keys if key != 3}

    assert answers.numbers("tens", [1, 3], find) == {1: 10, 3: 0}
    assert answers.numbers("tens", [3, 2, 1], find) == {3: 0, 2: 20, 1: 10}
    assert answers.numbers("tens", [], find) == {}
    assert asked == [[1, 3], [2]]


@kept_at_all
def test_an_answer_that_depends_on_more_than_records_and_claims_is_not_kept():
    answers = answers_for(make_reader())
    for name in ("another", "one more"):
        User.objects.create_user(name)
        number = User.objects.count()
        assert answers.to("logins", User.objects.count) == number
        assert answers.numbers("numbers", [1], lambda _keys: {1: User.objects.count()}) == {1: number}


@kept_at_all
def test_nothing_that_one_may_be_answered_is_without_bounds(monkeypatch):
    monkeypatch.setattr(kept_module, "MOST_ANSWERS", 2)
    answers = answers_for(make_reader())
    for number in range(3):
        answers.to(number, lambda: "found")
    assert answers.to(0, lambda: "found again") == "found again"
    assert answers.to(2, lambda: "found again") == "found"


# What changes


def withdraw(world: dict[str, Any]) -> None:
    Region.objects.filter(pk=world["region"].pk).update(status="withdrawn")


def withdraw_by_saving(world: dict[str, Any]) -> None:
    world["region"].status = "withdrawn"
    world["region"].save()


def restrict(world: dict[str, Any]) -> None:
    desk = GroupOfLogins.objects.create(name="Desk")
    Region.objects.filter(pk=world["region"].pk).update(restricted_to=[desk.name], restriction_reason="Asked for.")


def delete_claims(world: dict[str, Any]) -> None:
    Region.objects.update(status="draft")
    for name in ("occurrence", "leg", "estimate"):
        world[name].delete()


def rename(world: dict[str, Any]) -> None:
    Region.objects.filter(pk=world["region"].pk).update(name="Puno, the other")


def change_claims_by_sql(world: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        for table in OF_CLAIMS:
            cursor.execute(f"UPDATE {table} SET wording = 'disputed', \"when\" = '2001'")


@kept_at_all
@pytest.mark.parametrize(
    "change", [withdraw, withdraw_by_saving, restrict, delete_claims, rename, change_claims_by_sql]
)
def test_a_change_is_seen_at_once(world, reader, change):
    before = {address: shown(reader, address) for address in [*PAGES, *LISTS, *TEXTS]}
    change(world)
    after = {address: shown(reader, address) for address in before}
    assert {address for address in PAGES if before[address] == after[address]} <= {"/"}
    assert after == {address: fresh(reader, address) for address in before}


@pytest.mark.django_db
@pytest.mark.parametrize("model", [*RECORDS, *CLAIMS])
def test_every_change_of_a_row_changes_what_the_history_ends_with(model):
    states = [last_changes().events]
    row = make(model)
    states.append(last_changes().events)
    model.objects.filter(pk=row.pk).update(**({"name": "Renamed"} if model in RECORDS else {"note": "Changed"}))
    states.append(last_changes().events)
    row.delete()
    states.append(last_changes().events)
    assert len(set(states)) == 4


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "field"), [(model, field) for model in RECORDS for field in model._meta.local_many_to_many], ids=str
)
def test_every_change_of_a_link_changes_what_the_history_ends_with(model, field):
    links, other = getattr(make(model), field.name), make(field.related_model)
    states = [last_changes().events]
    links.add(other)
    states.append(last_changes().events)
    links.clear()
    states.append(last_changes().events)
    assert len(set(states)) == 3


@kept_at_all
def test_what_somebody_was_writing_meanwhile_is_seen_once_it_is_done(world, reader):
    """The later event is committed first, so that the history ends alike before and after the earlier one."""
    with another_connection() as other:
        add_a_copy(other, world["occurrence"])
        assert last_changes().is_being_changed
        make_occurrence(when="1999")
        before = shown(reader, "/map/")
        other.commit()
    assert not last_changes().is_being_changed
    after = shown(reader, "/map/")
    assert after != before
    assert after == fresh(reader, "/map/")


@kept_at_all
def test_what_is_changed_while_it_is_made_is_not_shown_again(world):
    def make_and_change(_peer: Peer) -> str:
        names = str(list(Region.objects.values_list("name", flat=True)))
        rename(world)
        return names

    user = make_reader()
    assert "other" not in str(kept(user, "names", make_and_change))
    assert "other" in str(kept(user, "names", make_and_change))


@kept_at_all
def test_what_is_taken_back_is_not_kept(world, reader):
    before = shown(reader, "/map/")
    with transaction.atomic():
        rename(world)
        assert shown(reader, "/map/") != before
        transaction.set_rollback(True)
    assert shown(reader, "/map/") == before == fresh(reader, "/map/")


# Who sees it


@kept_at_all
@pytest.mark.parametrize("address", [*PAGES, *LISTS, *TEXTS])
def test_what_is_restricted_is_seen_by_its_group_alone_and_only_as_long_as_one_is_in_it(world, address):
    restrict(world)
    desk = GroupOfLogins.objects.get(name="Desk")
    insider, outsider = make_reader(), make_reader()
    insider.groups.add(desk)
    inside, outside = shown(logged_in(insider), address), shown(logged_in(outsider), address)
    assert inside != outside
    assert inside == fresh(logged_in(insider), address)
    assert outside == fresh(logged_in(outsider), address)
    shown(logged_in(insider), address)
    insider.groups.clear()
    assert shown(logged_in(insider), address) == outside
    outsider.groups.add(desk)
    assert shown(logged_in(outsider), address) == inside


@kept_at_all
@pytest.mark.parametrize("address", [*PAGES, *LISTS, *TEXTS])
def test_drafts_are_seen_by_those_who_work_on_them_alone(world, reader, address):
    make_occurrence(region=world["region"], activity=make_activity(name="Nobody knows of it"), when="2018")
    head = logged_in(User.objects.create_superuser("head"))
    researcher = logged_in(make_researcher(Region, Occurrence))
    for clients in ((head, researcher, reader), (reader, researcher, head)):
        kept_module.forget()
        told = {client: shown(client, address) for client in clients}
        assert told == {client: fresh(client, address) for client in clients}


@kept_at_all
def test_strangers_see_a_public_site_as_readers_do_and_nothing_of_another(world, reader, settings):
    read = shown(reader, "/map/")
    assert Client().get("/map/").status_code == 302
    assert kept(AnonymousUser(), "anything", lambda _peer: "made") is None
    settings.SITE_IS_PUBLIC = True
    assert shown(Client(), "/map/") == read


@kept_at_all
def test_what_is_in_a_collection_of_ones_own_is_for_oneself(world):
    owner, other = make_reader(), make_reader()
    mine = CollectionOfRows.objects.create(slug="mine", name="Mine", owner=owner, audience=Audience.OWNER)
    put(Member, Occurrence, [world["occurrence"].pk], collection=mine)
    addresses = ["/map/?collection=mine", "/claims/?collection=mine"]
    for address in 2 * addresses:
        assert "Puno" in shown(logged_in(owner), address)
        assert "Puno" not in shown(logged_in(other), address)
    take_out(Member, Occurrence, [world["occurrence"].pk], mine)
    for address in addresses:
        assert "Puno" not in shown(logged_in(owner), address)


@pytest.mark.django_db
@pytest.mark.parametrize("model", [*RECORDS, *CLAIMS])
@pytest.mark.parametrize("groups", [(), ("Desk",), ("Desk", "Other"), ("Other",)])
def test_a_peer_sees_what_everybody_in_its_groups_sees(model, groups):
    for name in ("Desk", "Other"):
        GroupOfLogins.objects.create(name=name)
    user = make_reader()
    user.groups.set(GroupOfLogins.objects.filter(name__in=groups))
    for restricted_to in ([], ["Desk"], ["Desk", "Other"]):
        for status in ("published", "draft"):
            row = make(model)
            records = [row] if model in RECORDS else records_of(row)
            publish(*records)
            last = records[-1]
            type(last).objects.filter(pk=last.pk).update(
                status=status, restricted_to=restricted_to, restriction_reason="Asked for." if restricted_to else ""
            )
    mine = set(model.objects.visible_to(user).values_list("pk", flat=True))
    assert mine
    assert set(model.objects.visible_to(Peer(groups)).values_list("pk", flat=True)) == mine


@pytest.mark.django_db
def test_events_are_numbered_in_the_order_in_which_they_are_asked_for():
    """Numbers that a connection took in stock would let a later event have a lower one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT cache_size FROM pg_sequences WHERE sequencename LIKE '%event_pgh_id_seq'")
        assert cursor.fetchall() == [(1,)]
