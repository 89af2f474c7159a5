"""Nobody is shown what is not for them: every page says the same whether or not there is more behind it.

The pages are found in the URLconf, so that a new one cannot be forgotten. Each sort of visitor asks for each page
twice: when the database holds what that visitor may see and nothing else, and again when there are records of every
kind that are not for this visitor, tied to the public ones in every way. What comes must be the same to the letter,
counts included.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import Group as GroupOfLogins
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client, override_settings
from django.urls import URLResolver, get_resolver, reverse
from openpyxl import load_workbook

from actors.models import Group, Presence
from crimewatch.citations.models import Claim, Source
from crimewatch.citations.querysets import mentioned_record_fields
from crimewatch.collections.models import Audience, Collection, Member, Tag, Tagging, put
from crimewatch.records.filters import RecordFilter
from crimewatch.records.models import Record, Status
from crimewatch.records.profiles import RecordDetailView
from crimewatch.records.tables import RecordColumn
from crimewatch.records.views import ListView
from tests.kinds import CLAIMS, RECORDS, make, publish
from tests.people import make_reader, make_researcher

#: What stands in the key, and in all other texts, of every record and claim that is not for everybody.
KEY = "zyxkey"
TEXT = "Zyxtext"

#: What the researcher among the visitors may see drafts of.
OWN: tuple[type[Record], type[Claim]] = (Group, Presence)

NOT_PUBLIC = (Status.DRAFT, Status.IN_REVIEW, Status.WITHDRAWN)


# Pages, found in the URLconf


@dataclass(frozen=True)
class Page:
    """An address that the URLconf knows, by its name, and the class of its view where it has one."""

    name: str
    view: Any

    @property
    def is_list(self) -> bool:
        return isinstance(self.view, type) and issubclass(self.view, ListView)

    @property
    def is_profile(self) -> bool:
        return isinstance(self.view, type) and issubclass(self.view, RecordDetailView)


def pages_of(resolver: Any, prefix: str = "") -> Iterator[Page]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from pages_of(entry, f"{prefix}{entry.namespace}:" if entry.namespace else prefix)
        else:
            yield Page(f"{prefix}{entry.name}", getattr(entry.callback, "view_class", None))


PAGES = {page.name: page for page in pages_of(get_resolver()) if not page.name.startswith("admin:")}

#: Pages that show no record to anybody.
WITHOUT_RECORDS = {
    *(page.name for page in pages_of(get_resolver("crimewatch.accounts.urls"))),
    "set_language",
    "exchange:template",
}

#: Pages of one import or export of the person's own, and what is done by a button; tests/exchange, tests/curation
#: and tests/explorer/test_saved.py hold that they are for nobody else.
OWN_WORK = {
    f"exchange:{name}"
    for name in (
        "batch",
        "reading",
        "confirm",
        "cancel",
        "again",
        "undo",
        "bad_rows",
        "kept_file",
        "export_file",
        "export_download",
        "leave_out",
    )
} | {
    "collections:change_collection",
    "collections:delete_collection",
    "collections:member",
    "collections:delete_tag",
    "collections:take_back",
    "curation:restore",
    "curation:quality_dismiss",
    "curation:quality_undo",
    "curation:entry",
    "curation:merged",
    "curation:take_back",
    "curation:verdict",
    "explorer:save_filter",
    "explorer:change_filter",
    "explorer:delete_filter",
}

WALKED = [page for name, page in PAGES.items() if name not in WITHOUT_RECORDS | OWN_WORK]
every_page = pytest.mark.parametrize("place", WALKED, ids=lambda page: page.name)


# What there is to be seen, and what not


@dataclass
class World:
    """The public records, two of each kind, and, as soon as there are any, those that are not."""

    public: dict[type[Record], list[Any]]
    hidden: dict[type[Record], list[Any]]


def make_public() -> World:
    """Published records of every kind, claims of every kind that name nothing else, and links between them."""
    public = {model: [make(model, name=f"Public {model.__name__} {n}") for n in (1, 2)] for model in RECORDS}
    for records in public.values():
        publish(*records)
    for model in CLAIMS:
        make(model, **named_by(model, public))
    for model in RECORDS:
        # And what the helpers have made beside them.
        model._default_manager.filter(status=Status.DRAFT).update(status=Status.PUBLISHED)
        for field in links_of(model):
            link(public[model][1], field, public[field.related_model][0])
    gather(*(record for records in public.values() for record in records))
    return World(public, {model: [] for model in RECORDS})


def gather(*rows: Any) -> None:
    """Put rows into a collection that everybody is shown, and under a tag."""
    named = {"slug": "everything", "defaults": {"name": "Everything"}}
    collection, _made = Collection.objects.get_or_create(**named)
    Collection.objects.update(audience=Audience.EVERYONE)
    tag, _made = Tag.objects.get_or_create(**named)
    for row in rows:
        put(Member, type(row), [row.pk], collection=collection)
        put(Tagging, type(row), [row.pk], tag=tag)


def named_by(model: type[Claim], records: dict[type[Record], list[Any]]) -> dict[str, Any]:
    """A record for each foreign key of a claim, never one of them twice."""
    named: dict[str, Any] = {}
    for field in mentioned_record_fields(model):
        named[field.name] = next(each for each in records[field.related_model] if each not in named.values())
    return named


def links_of(model: type[Record]) -> list[Any]:
    """The fields by which records of a kind lead to other records."""
    fields = [*model._meta.concrete_fields, *model._meta.many_to_many]
    return [field for field in fields if field.is_relation and field.related_model in RECORDS]


def link(record: Record, field: Any, other: Record) -> None:
    if field.many_to_many:
        getattr(record, field.name).add(other)
    else:
        type(record)._default_manager.filter(pk=record.pk).update(**{field.name: other})


def hide(world: World, model: type[Record]) -> None:
    """Records of a kind that are not for everybody, tied to public ones and the public ones to them."""
    told = {"aliases": [f"{TEXT} alias"], "summary": f"{TEXT} summary"}
    if model is Source:
        told |= {"publisher": TEXT, "container_title": TEXT, "authors": [TEXT]}
    kept = {"restricted_to": ["inner circle"], "restriction_reason": TEXT}
    for status, restriction in [*((status, {}) for status in NOT_PUBLIC), (Status.PUBLISHED, kept)]:
        key = f"{KEY}-{status}"
        record = make(model, name=f"{TEXT} {status}", slug=key, past_slugs=[f"{key}-past"], **told, **restriction)
        if status in (Status.DRAFT, Status.PUBLISHED):
            make_claims_naming(record, world)
        model._default_manager.filter(pk=record.pk).update(status=status)
        world.hidden[model].append(record)
        gather(record)
        for field in links_of(model):
            if field.many_to_many or field.related_model is not model or status != Status.DRAFT:  # or it were a circle
                link(record, field, world.public[field.related_model][0])
        for other in RECORDS:
            for field in links_of(other):
                if field.related_model is model and (field.many_to_many or status == Status.DRAFT):
                    link(world.public[other][0], field, record)


def make_claims_naming(record: Record, world: World, kinds: Any = None) -> None:
    """For each way in which a claim can name ``record``, one that does and names public records beside it."""
    for model in kinds or [model for model in CLAIMS if model is not OWN[1] or type(record) is not OWN[0]]:
        for field in mentioned_record_fields(model):
            if field.related_model is type(record):
                texts = {"quotation": TEXT, "note": TEXT, "attributed_to": TEXT, "when": "2017"}
                make(model, **{**named_by(model, world.public), field.name: record}, **texts)


# Who looks, and at what


class Visitor:
    """Somebody who looks at the site, which is open to everybody or not."""

    def __init__(self, user: User | None = None, *, site_is_public: bool = False) -> None:
        self.site_is_public = site_is_public
        self.client = Client()
        if user:
            self.client.force_login(user)

    def get(self, address: str) -> Any:
        with override_settings(SITE_IS_PUBLIC=self.site_is_public):
            return self.client.get(address)


def text_of(response: Any) -> str:
    """All that an answer says, its address and status included, without what differs each time."""
    body = b"".join(response) if response.streaming else response.content
    if "spreadsheet" in response.get("Content-Type", ""):
        rows = load_workbook(io.BytesIO(body)).active.iter_rows(values_only=True)
        return f"{response.status_code}\n" + "\n".join(map(str, rows))
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", body.decode())
    return f"{response.status_code} {response.get('Location', '')}\n{text}"


def addresses_of(page: Page, world: World, *, thoroughly: bool = False) -> list[str]:
    """The addresses at which a page is looked at. A page of which nobody has told any makes the test fail."""
    if page.is_list:
        queries = [*looks_at(page.view), *(closer_looks_at(page.view) if thoroughly else ())]
        return [reverse(page.name) + query for query in queries]
    if page.is_profile:
        slugs = [record.slug for record in world.public[page.view.model][: 2 if thoroughly else 1]]
        slugs += [f"{KEY}-{status}" for status in (Status.DRAFT, Status.PUBLISHED)]
        return [reverse(page.name, args=[slug]) for slug in [*slugs, f"{KEY}-draft-past", KEY]]
    assert page.name in OTHERS, f"{page.name} is a page of which this test does not know at which addresses to look"
    return OTHERS[page.name](world)


def looks_at(view: type[ListView]) -> Iterator[str]:
    """A list as it is, with all its columns, searched, and narrowed by keys of what is hidden."""
    yield f"?columns={columns_of(view)}"
    yield f"?q={TEXT}"
    yield "?" + "&".join(f"{name}={KEY}-draft" for name in record_filters_of(view))


def closer_looks_at(view: type[ListView]) -> Iterator[str]:
    """A list in every form, sorted by what is linked, and narrowed by each public record in turn."""
    yield from (f"?columns={columns_of(view)}&format={form}" for form in view.formats)
    yield "?format=json&q=public"
    for name, column in view.table_class.base_columns.items():
        if isinstance(column, RecordColumn) or name == "claims":
            yield f"?format=json&sort={name}"
    for name, narrowing in list(record_filters_of(view).items())[:2]:
        public = narrowing.record._default_manager.filter(name__startswith="Public").earliest("pk")
        yield f"?format=json&{name}={public.slug}"


def columns_of(view: type[ListView]) -> str:
    return ",".join(name for name in view.table_class.base_columns if name not in view.table_class.for_staff)


def record_filters_of(view: type[ListView]) -> dict[str, RecordFilter]:
    filters = view.filterset_class.base_filters
    return {name: each for name, each in filters.items() if isinstance(each, RecordFilter)}


#: The addresses of pages that are neither lists nor records.
OTHERS: dict[str, Any] = {
    "curation:changes": lambda _world: [reverse("curation:changes")],
    "curation:record_history": lambda world: [
        reverse("curation:record_history", args=["group", slug])
        for slug in (world.public[Group][0].slug, f"{KEY}-draft", f"{KEY}-published")
    ],
    "curation:compare": lambda world: [
        reverse("curation:compare", args=["group", slug]) + "?first=2017-06-01"
        for slug in (world.public[Group][0].slug, f"{KEY}-draft", f"{KEY}-published")
    ],
    "curation:quality": lambda _world: [reverse("curation:quality")],
    "curation:quality_check": lambda _world: [
        reverse("curation:quality_check", args=[check]) for check in ("uncited", "one-source", "variants", "wide-dates")
    ],
    "curation:review": lambda _world: [reverse("curation:review")],
    "curation:questions": lambda _world: [reverse("curation:questions")],
    "curation:mentions": lambda _world: [reverse("curation:mentions")],
    "curation:step": lambda world: [reverse("curation:step", args=["group", world.public[Group][0].pk])],
    "curation:journal": lambda world: [reverse("curation:journal", args=["group", world.public[Group][0].pk])],
    "curation:merge": lambda world: [
        "/merge/?stays=group/{}&goes=group/{}".format(*(group.slug for group in world.public[Group])),
        "/merge/",
        f"/merge/?stays=group/{world.public[Group][0].slug}&goes=group/{KEY}-published",
        f"/merge/?stays=group/{world.public[Group][0].slug}",
        f"/merge/?stays=group/{world.public[Group][0].slug}&q={KEY}",
    ],
    "curation:duplicates": lambda _world: ["/duplicates/?kind=group", "/duplicates/"],
    "curation:merges": lambda _world: [reverse("curation:merges")],
    "collections:collections": lambda _world: [reverse("collections:collections")],
    "collections:collection": lambda _world: [reverse("collections:collection", args=["everything"])],
    "collections:tags": lambda _world: [reverse("collections:tags")],
    "collections:tag": lambda _world: [reverse("collections:tag", args=["everything"])],
    "collections:row": lambda world: [reverse("collections:row", args=["group", world.public[Group][0].pk])],
    "exchange:edit": lambda _world: [reverse("exchange:edit")],
    "exchange:add_claims": lambda _world: [reverse("exchange:add_claims")],
    "exchange:put": lambda _world: [reverse("exchange:put")],
    "exchange:home": lambda _world: [reverse("exchange:home")],
    "exchange:upload": lambda _world: [reverse("exchange:upload")],
    "exchange:export": lambda _world: [reverse("exchange:export")],
    "explorer:home": lambda _world: ["/"],
    "explorer:small_map": lambda _world: [reverse("explorer:small_map")],
    "records:keys": lambda world: [
        f"/keys/group/?group={quote(text)}" for text in (KEY, "public", world.public[Group][0].name[:4])
    ],
    "explorer:search": lambda _world: [f"/search/?q={TEXT}", "/search/?q=public", "/search/?q=public&kind=claim"],
}


# The walk


@dataclass
class Walk:
    """What each visitor was answered when there was nothing hidden from them, and who they are."""

    world: World
    visitors: dict[str, Visitor]
    answers: dict[tuple[str, str], str]

    def addresses(self, name: str, page: Page) -> list[str]:
        """Where a visitor looks: all but the reader less closely, as the same rules tell what they are shown."""
        return (
            addresses_of(page, self.world, thoroughly=True) if name == "reader" else addresses_of(page, self.world)[:1]
        )

    def look(self, name: str) -> None:
        for page in WALKED:
            for address in self.addresses(name, page):
                self.answers[name, address] = text_of(self.visitors[name].get(address))


@pytest.fixture(scope="module")
def walk(django_db_setup: None, django_db_blocker: Any) -> Iterator[Walk]:
    """The site with all that is not for everybody, and what it answered before that was there."""
    with django_db_blocker.unblock(), transaction.atomic():
        GroupOfLogins.objects.create(name="inner circle")
        visitors = {
            "stranger": Visitor(),
            "visitor of a public site": Visitor(site_is_public=True),
            "reader": Visitor(make_reader(username="reader")),
            "researcher": Visitor(make_researcher(*OWN)),
            "head": Visitor(make_reader(username="head", is_staff=True, is_superuser=True)),
        }
        walk = Walk(make_public(), visitors, {})
        for name in ("visitor of a public site", "reader"):
            walk.look(name)
        own_record, own_claim = OWN
        hide(walk.world, own_record)
        for record in walk.world.hidden[own_record]:
            make_claims_naming(record, walk.world, [own_claim])
        walk.look("researcher")
        for model in RECORDS:
            if model is not own_record:
                hide(walk.world, model)
        yield walk
        transaction.set_rollback(True)


@every_page
@pytest.mark.parametrize("name", ["visitor of a public site", "reader", "researcher"])
@pytest.mark.django_db
def test_a_page_says_the_same_as_if_what_is_hidden_were_not_there(walk, name, place):
    for address in walk.addresses(name, place):
        now = text_of(walk.visitors[name].get(address))
        assert now == walk.answers[name, address], address
        if name != "researcher" and TEXT not in address:  # a search says what was searched for
            assert TEXT not in now, address


@every_page
@pytest.mark.django_db
def test_strangers_get_nothing_but_the_login(walk, place):
    for address in addresses_of(place, walk.world)[:1]:
        response = walk.visitors["stranger"].get(address)
        assert response.status_code == 302
        assert response["Location"].startswith("/login/")


@pytest.mark.parametrize("place", [page for page in WALKED if page.is_list], ids=lambda page: page.name)
@pytest.mark.django_db
def test_what_is_hidden_is_in_every_list_for_those_who_may_see_it(walk, place):
    """Otherwise the walk would find nothing, whatever leaked."""
    assert TEXT in text_of(walk.visitors["head"].get(addresses_of(place, walk.world)[0]))
