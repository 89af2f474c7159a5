"""The admin's pages cost no more queries with more rows, and a save writes what was changed and nothing else."""

from collections.abc import Callable
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pghistory.models
import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group as Role
from django.contrib.auth.models import User
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actors.models import Group, Presence
from crimewatch.citations.inlines import CLAIMS_PER_PAGE
from crimewatch.citations.models import Claim
from crimewatch.explorer.models import SavedFilter
from crimewatch.records.models import Record
from crimewatch.records.querysets import claim_relations
from regions.models import Region, RegionKind
from tests import factories
from tests.kinds import CITED_BY, CLAIMS, RECORDS, Make

#: The most queries that a page may take. Two of each are for the session and the user.
LIST_QUERIES = 12
CLAIM_FORM_QUERIES = 8
RECORD_FORM_QUERIES = 25
DELETION_QUERIES = 30
CHOICE_QUERIES = 6
#: Of a record without claims added. Each rule of a kind costs three, a savepoint among them; regions have seventeen.
SAVE_QUERIES = 75
#: What one more claim in the same form costs: three for each of its rules, one for each record it names, an insert.
QUERIES_PER_NEW_CLAIM = 30


def make_user(**overrides: Any) -> User:
    return User.objects.create(**{"username": f"user-{next(factories.numbers)}", **overrides})


def make_role(**overrides: Any) -> Role:
    return Role.objects.create(**{"name": f"role-{next(factories.numbers)}", **overrides})


def make_saved_filter(**overrides: Any) -> SavedFilter:
    given = {
        "list_name": "actors:group_list",
        "name": f"Huánuco {next(factories.numbers)}",
        "query": "q=a",
        **overrides,
    }
    return SavedFilter.objects.create(**{"owner": make_user(), **given})


MAKERS: dict[type[models.Model], Make] = {
    **RECORDS,
    **CLAIMS,
    User: make_user,
    Role: make_role,
    SavedFilter: make_saved_filter,
}
REGISTERED = list(admin.site._registry)
#: Kept from the lists, and not typed in the admin.
WITHOUT_FORM = {SavedFilter}
RECORD_KINDS = [model for model in REGISTERED if issubclass(model, Record)]
CLAIM_KINDS = [model for model in REGISTERED if issubclass(model, Claim)]


@pytest.fixture
def editor(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_superuser("ana"))
    return client


def address(model: type[models.Model], page: str, *keys: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=keys)


def queries_of(editor: Client, page: str, **query: str) -> int:
    """How many queries a page takes once it has been opened before."""
    assert editor.get(page, query).status_code == 200
    with CaptureQueriesContext(connection) as captured:
        editor.get(page, query)
    return len(captured)


def make_rows(model: type[models.Model], number: int) -> None:
    """Rows of a kind, each naming records of its own; all have "huánuco" in a name, and each region lies deep."""
    for _ in range(number):
        if issubclass(model, Record):
            MAKERS[model](name=f"Huánuco {next(factories.numbers)}")
        elif issubclass(model, Claim):
            MAKERS[model](source=factories.make_source(name="El Huánuco"))
        else:
            MAKERS[model]()
    deepen_regions()
    for kind in (model for model in RECORD_KINDS if model is not Region and hasattr(model, "parent")):
        hang_below_one_another(kind)


def deepen_regions() -> None:
    """Put every region that lies in nothing five levels below a country."""
    lowest = None
    for kind in (RegionKind.COUNTRY, RegionKind.DEPARTMENT, RegionKind.PROVINCE, RegionKind.DISTRICT, RegionKind.BASE):
        lowest = factories.make_region(kind=kind, parent=lowest, summary="above")
    Region.objects.filter(parent=None).exclude(kind=RegionKind.COUNTRY).update(parent=lowest)


def hang_below_one_another(model: type[Any]) -> None:
    keys = list(model.objects.order_by("pk").values_list("pk", flat=True))
    for upper, lower in pairwise(keys):
        model.objects.filter(pk=lower).update(parent=upper)


def costs_the_same(cost: Callable[[], Any], more: Callable[[], object]) -> Any:
    """The queries of ``cost`` before and after there is ``more``, which must be equally many."""
    before = cost()
    more()
    assert cost() == before
    return before


def test_every_registered_kind_is_measured() -> None:
    assert set(REGISTERED) == set(MAKERS)


# Lists


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_a_list_and_an_empty_form_cost_the_same_with_3_and_with_30_rows(editor: Client, model: Any) -> None:
    lists = ({}, {"q": "huanuco"}, {"q": "huanico"}, {"o": "1"}, {"o": "2"})
    cost: Callable[[], list[int]] = lambda: [  # noqa: E731
        0 if model in WITHOUT_FORM else queries_of(editor, address(model, "add")),
        *(queries_of(editor, address(model, "changelist"), **query) for query in lists),
    ]
    make_rows(model, 3)
    form, *queries = costs_the_same(cost, lambda: make_rows(model, 27))
    assert form <= CLAIM_FORM_QUERIES
    assert max(queries) <= LIST_QUERIES


@pytest.mark.parametrize("model", RECORD_KINDS, ids=lambda model: model.__name__)
def test_the_choices_of_a_select_cost_the_same_with_3_and_with_30_rows(editor: Client, model: Any) -> None:
    field = claim_relations(model)[0].field
    options = field.model._meta
    asked = {"app_label": options.app_label, "model_name": options.model_name, "field_name": field.name}
    cost: Callable[[], list[int]] = lambda: [  # noqa: E731
        queries_of(editor, reverse("admin:autocomplete"), **asked, term=term) for term in ("", "huanuco", "huanico")
    ]
    make_rows(model, 3)
    assert max(costs_the_same(cost, lambda: make_rows(model, 27))) <= CHOICE_QUERIES


# Forms


def give_claims(record: Record, number: int) -> None:
    """So many claims more in each inline of the record's form, and of every other kind that names it."""
    for relation in claim_relations(type(record)):
        for _ in range(number):
            CLAIMS[relation.related_model](**{relation.field.name: record})
    if isinstance(record, Region):
        record.parts.add(*(factories.make_region() for _ in range(number)))
    deepen_regions()


@pytest.mark.parametrize("model", RECORD_KINDS, ids=lambda model: model.__name__)
def test_a_records_form_and_deletion_cost_the_same_with_5_and_with_50_claims(editor: Client, model: Any) -> None:
    record = MAKERS[model]()
    give_claims(record, 5)
    pages = [address(model, page, record.pk) for page in ("change", "delete")]
    form, deletion = costs_the_same(
        lambda: [queries_of(editor, page) for page in pages], lambda: give_claims(record, 45)
    )
    assert form <= RECORD_FORM_QUERIES
    assert deletion <= DELETION_QUERIES


@pytest.mark.parametrize("model", CLAIM_KINDS, ids=lambda model: model.__name__)
def test_a_claims_form_and_deletion_cost_the_same_with_3_and_with_30_claims(editor: Client, model: Any) -> None:
    claim = MAKERS[model]()
    make_rows(model, 2)
    pages = [address(model, page, claim.pk) for page in ("change", "delete")]
    queries = costs_the_same(lambda: [queries_of(editor, page) for page in pages], lambda: make_rows(model, 27))
    assert max(queries) <= CLAIM_FORM_QUERIES


# Saving


class Controls(HTMLParser):
    """The names and values that a browser would send of a page's form, nothing typed and nothing ticked."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self.select: dict[str, Any] | None = None
        self.textarea: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        control = dict(attrs)
        name = control.get("name")
        if tag == "select":
            self.select = control | {"options": []}
        elif tag == "option" and self.select is not None:
            self.select["options"].append((control.get("value", ""), "selected" in control))
        elif tag == "textarea" and name:
            self.textarea = name
            self.fields[name] = [""]
        elif tag == "input" and name and self.is_sent(control):
            self.fields.setdefault(name, []).append(control.get("value") or "")

    @staticmethod
    def is_sent(control: dict[str, str | None]) -> bool:
        kind = control.get("type")
        return "checked" in control if kind in ("checkbox", "radio") else kind not in ("submit", "button", "file")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.textarea = None
        elif tag == "select" and self.select is not None:
            options = self.select["options"]
            chosen = [value for value, is_selected in options if is_selected]
            if "multiple" not in self.select:
                chosen = chosen[-1:] or [value for value, _ in options[:1]]
            if self.select.get("name"):
                self.fields.setdefault(self.select["name"], []).extend(chosen)
            self.select = None

    def handle_data(self, data: str) -> None:
        if self.textarea:
            self.fields[self.textarea][0] += data


def opened(editor: Client, page: str) -> dict[str, list[str]]:
    """The form of a page as a browser would send it back untouched."""
    html = editor.get(page).content.decode()
    begin = html.index('<form action=""') if '<form action=""' in html else html.index('method="post" id="')
    fields = Controls(html[begin : html.index("</form>", begin)]).fields
    # HTML drops the line break that a textarea begins with.
    return {name: [value.removeprefix("\n") for value in values] for name, values in fields.items()}


def saved(editor: Client, page: str, fields: dict[str, Any]) -> int:
    """Press "Save" and return the number of queries that it took."""
    with CaptureQueriesContext(connection) as captured:
        response = editor.post(page, {**fields, "_save": "1"})
    assert response.status_code == 302, [
        response.context["errors"],
        *(formset.formset.errors for formset in response.context["inline_admin_formsets"]),
    ]
    return len(captured)


def events() -> dict[str, int]:
    """How many events of each kind of row the history holds, by label."""
    counts = {}
    for model in apps.get_models():
        tracked = getattr(model, "pgh_tracked_model", None)
        if tracked is not None and issubclass(model, pghistory.models.Event):
            for label, number in model.objects.values_list("pgh_label").annotate(models.Count("pk")):
                counts[f"{tracked.__name__} {label}"] = number
    return counts


def happened(before: dict[str, int]) -> dict[str, int]:
    """What the history has got since it was as ``before``."""
    return {what: number - before.get(what, 0) for what, number in events().items() if number != before.get(what, 0)}


def new_claim(position: int, group: Group) -> dict[str, str]:
    """A row for a presence, filled in below the stored ones of a group's form."""
    row = {
        "group": group.pk,
        "region": factories.make_region().pk,
        "kind": "operates",
        "source": factories.make_source().pk,
        "wording": "stated",
        "credibility": "6",
        "stance": "supports",
        "status": "accepted",
    }
    return {f"presences-{position}-{name}": str(value) for name, value in row.items()}


@pytest.mark.parametrize("model", [*RECORD_KINDS, *CLAIM_KINDS], ids=lambda model: model.__name__)
def test_a_form_posted_back_untouched_changes_nothing(editor: Client, model: Any) -> None:
    row = MAKERS[model]()
    if issubclass(model, Record):
        helper, field = CITED_BY[model]
        helper(**{field: row})
    stored = model.objects.values().get(pk=row.pk)
    page, before = address(model, "change", row.pk), events()
    saved(editor, page, opened(editor, page))
    assert model.objects.values().get(pk=row.pk) == stored
    assert happened(before) == {}


@pytest.mark.parametrize("model", RECORD_KINDS, ids=lambda model: model.__name__)
def test_saving_a_record_costs_the_same_with_5_and_with_50_claims(editor: Client, model: Any) -> None:
    record = MAKERS[model]()
    give_claims(record, 5)
    page = address(model, "change", record.pk)
    cost: Callable[[], int] = lambda: saved(editor, page, opened(editor, page))  # noqa: E731
    assert costs_the_same(cost, lambda: give_claims(record, 45)) <= SAVE_QUERIES


def test_each_claim_added_costs_the_same(editor: Client) -> None:
    group = factories.make_group()
    page = address(Group, "change", group.pk)
    costs = []
    for number in (1, 1, 2, 8):  # the first is no measure: there is no place of an earlier claim to carry over
        fields: dict[str, Any] = opened(editor, page)
        position = int(fields["presences-INITIAL_FORMS"][0])
        for place in range(position, position + number):
            fields |= new_claim(place, group)
        fields["presences-TOTAL_FORMS"] = str(position + number)
        costs.append(saved(editor, page, fields))
    assert Presence.objects.filter(group=group).count() == 12
    cost_of_one_more = costs[2] - costs[1]
    assert costs[3] - costs[2] == 6 * cost_of_one_more
    assert cost_of_one_more <= QUERIES_PER_NEW_CLAIM


@pytest.fixture
def group_of_a_thousand(db: None) -> Group:
    """A group that a thousand presences speak of."""
    group, source, region = factories.make_group(), factories.make_source(), factories.make_region()
    Presence.objects.bulk_create(
        Presence(group=group, region=region, source=source, locator_type="page", locator=str(page))
        for page in range(1, 1001)
    )
    return group


def test_a_record_with_1000_claims_opens_and_posted_back_untouched_changes_nothing(
    editor: Client, group_of_a_thousand: Group
) -> None:
    page = address(Group, "change", group_of_a_thousand.pk)
    stored, before = list(Presence.objects.order_by("pk").values()), events()
    assert queries_of(editor, page) <= RECORD_FORM_QUERIES
    fields = opened(editor, page)
    assert fields["presences-INITIAL_FORMS"] == [str(CLAIMS_PER_PAGE)]
    assert saved(editor, page, fields) <= SAVE_QUERIES
    assert list(Presence.objects.order_by("pk").values()) == stored
    assert happened(before) == {}


def test_of_1000_claims_one_is_added_and_one_is_deleted_and_just_these_are_written(
    editor: Client, group_of_a_thousand: Group
) -> None:
    page = address(Group, "change", group_of_a_thousand.pk)
    fields: dict[str, Any] = opened(editor, page)
    fields |= {"presences-TOTAL_FORMS": str(CLAIMS_PER_PAGE + 1), "presences-3-DELETE": "on"}
    fields |= new_claim(CLAIMS_PER_PAGE, group_of_a_thousand)
    deleted, before = fields["presences-3-id"][0], events()
    saved(editor, page, fields)
    assert happened(before) == {"Presence insert": 1, "Presence delete": 1}
    assert not Presence.objects.filter(pk=deleted).exists()
    assert Presence.objects.count() == 1000


def test_of_1000_claims_one_is_edited_and_just_that_is_written(editor: Client, group_of_a_thousand: Group) -> None:
    claim = Presence.objects.order_by("pk")[500]
    page, before = address(Presence, "change", claim.pk), events()
    assert saved(editor, page, {**opened(editor, page), "note": "Read again."}) <= SAVE_QUERIES
    assert happened(before) == {"Presence update": 1}
    assert Presence.objects.get(note="Read again.") == claim


def test_of_1000_claims_each_page_is_reached_and_the_last_one_saves(editor: Client, group_of_a_thousand: Group) -> None:
    page = f"{address(Group, 'change', group_of_a_thousand.pk)}?presences-page={1000 // CLAIMS_PER_PAGE}"
    oldest = Presence.objects.order_by("pk").first()
    fields = opened(editor, page)
    assert [str(oldest.pk)] in [values for name, values in fields.items() if name.endswith("-id")]
    before = events()
    saved(editor, page, fields)
    assert happened(before) == {}
