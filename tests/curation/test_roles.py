"""Who may do what: each role tries each action on each kind of record and claim, by hand and by CSV."""

import io
from itertools import product
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from crimewatch.accounts import second_factor
from crimewatch.citations.models import Claim
from crimewatch.curation import roles
from crimewatch.exchange.catalog import TABLES
from crimewatch.records.models import Record
from crimewatch.records.resources import CSVTable
from tests.accounts.codes import give_app
from tests.curation.people import make_member
from tests.curation.table import documented_rights
from tests.kinds import CLAIMS, RECORDS, make, make_claim_about

pytestmark = pytest.mark.django_db

RESOURCES = {table.model: table.resource for table in TABLES}
TABLE_NAMES = {table.model: table.name for table in TABLES}
MODELS = [*RECORDS, *CLAIMS]


def cases() -> list[Any]:
    return [pytest.param(role, model, id=f"{role}-{model.__name__}") for role, model in product(roles.ROLES, MODELS)]


def address(page: str, model: type[Any], *keys: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=keys)


def documented(role: str, model: type[Any]) -> frozenset[str]:
    """What docs/roles.md says that ``role`` may do with rows of ``model``."""
    return documented_rights()[role, str(model._meta.verbose_name_plural)]


def test_the_groups_have_the_rights_of_their_roles() -> None:
    """Where this fails after a new table, it needs a migration like ``curation.0001_roles``."""
    for role in roles.ROLES:
        group, made = Group.objects.get_or_create(name=role)
        assert not made
        assert set(group.permissions.all()) == set(roles.permissions_of(role)), role


def test_every_kind_of_record_and_claim_is_documented() -> None:
    names = {str(model._meta.verbose_name_plural) for model in apps.get_models() if issubclass(model, Record | Claim)}

    assert {name for _role, name in documented_rights()} >= names
    assert {role for role, _name in documented_rights()} == set(roles.ROLES)


@pytest.mark.parametrize(("role", "model"), cases())
def test_in_the_admin_a_role_may_do_what_is_documented(client: Client, role: str, model: Any) -> None:
    rights = documented(role, model)
    row = make(model)
    member = make_member(role)
    client.force_login(member)

    assert (client.get(address("changelist", model)).status_code == 200) == ("view" in rights)
    assert (client.get(address("add", model)).status_code == 200) == ("add" in rights)
    page = client.get(address("change", model, row.pk))
    assert (page.status_code == 200) == ("view" in rights)
    assert bool(page.status_code == 200 and page.context["has_change_permission"]) == ("change" in rights)
    assert (client.get(address("delete", model, row.pk)).status_code == 200) == ("delete" in rights)
    if issubclass(model, Record):
        may_restrict = page.status_code == 200 and "restricted_to" in page.context["adminform"].form.fields
        assert may_restrict == ("restrict" in rights)
        steps = [step for step, _words in (page.context or {}).get("status_steps", [])]
        assert ("published" in steps) == ("publish" in rights)


@pytest.mark.parametrize(("role", "model"), cases())
def test_drafts_are_listed_for_the_roles_that_work_on_them(role: str, model: Any) -> None:
    row = make(model)  # a draft, or a claim about drafts

    assert (row in model.objects.visible_to(make_member(role))) == ("view" in documented(role, model))


@pytest.mark.parametrize(("role", "model"), cases())
def test_by_csv_a_role_may_do_what_is_documented(role: str, model: Any) -> None:
    rights, resource = documented(role, model), RESOURCES[model]
    row = make(model)
    member = make_member(role)
    key = resource().key
    column = "name" if issubclass(model, Record) else "note"

    assert allowed(resource, f"{key},{column}\n{getattr(row, key)},changed\n", member) == ("change" in rights)
    copied = copy_of(resource, row)
    assert allowed(resource, copied, member) == ("add" in rights)
    if issubclass(model, Record):
        make_claim_about(row)
        publish = f"{key},status\n{row.slug},published\n"
        assert allowed(resource, publish, member) == ({"change", "publish"} <= rights)
        restrict = f"{key},restricted_to,restriction_reason\n{row.slug},{role},theirs\n"
        assert allowed(resource, restrict, member) == ({"change", "restrict"} <= rights)


def allowed(resource: Any, text: str, user: User) -> bool:
    """Whether the rows of ``text`` are taken from ``user``; what else may be wrong with them fails the test."""
    table = CSVTable(io.BytesIO(text.encode()), "test.csv")
    problems = [str(problem) for problem in resource().import_data(table, user=user).problems]
    assert all("You may not" in problem for problem in problems), problems
    return not problems


def copy_of(resource: Any, row: Any) -> str:
    """``row`` as a row of CSV with another key."""
    table = resource()
    (cells,) = table.export_rows(type(row).objects.filter(pk=row.pk))
    values = dict(zip(table.columns, cells, strict=True)) | {table.key: "a-new-one"}
    values = {name: value for name, value in values.items() if name not in ("doi", "ubigeo", "iso_3166")}
    quoted = ['"' + value.replace('"', '""') + '"' for value in values.values()]
    return ",".join(values) + "\n" + ",".join(quoted) + "\n"


@pytest.mark.parametrize(("role", "model"), cases())
def test_an_export_holds_drafts_for_the_roles_that_work_on_them(client: Client, role: str, model: Any) -> None:
    row = make(model)
    client.force_login(make_member(role))
    response = client.post(reverse("exchange:export"), {"table": TABLE_NAMES[model], "form": "csv"})
    content = b"".join(response.streaming_content) if response.streaming else response.content

    assert response.status_code == 200
    assert (getattr(row, RESOURCES[model]().key) in content.decode()) == ("view" in documented(role, model))


@pytest.mark.parametrize("role", roles.ROLES)
def test_a_role_enters_the_admin_exactly_if_it_works_there(client: Client, role: str) -> None:
    client.force_login(make_member(role))

    assert (client.get(reverse("admin:index")).status_code == 200) == (role != roles.READER)


# Logins and roles


def post_login(client: Client, login: User, **changes: Any) -> Any:
    page = client.get(reverse("admin:auth_user_change", args=[login.pk]))
    form = page.context["adminform"].form
    data = {name: form[name].value() for name in form.fields if name != "password"}
    data = {name: value for name, value in data.items() if value not in (None, False)}
    return client.post(reverse("admin:auth_user_change", args=[login.pk]), data | changes)


def test_an_administrator_gives_roles_and_with_them_entry_to_the_admin(client: Client) -> None:
    client.force_login(make_member(roles.ADMINISTRATOR))
    login = User.objects.create_user("new")
    researcher = Group.objects.get(name=roles.RESEARCHER)

    assert post_login(client, login, groups=[researcher.pk]).status_code == 302
    login.refresh_from_db()
    assert login.is_staff
    assert post_login(client, login, groups=[]).status_code == 302
    login.refresh_from_db()
    assert not login.is_staff


def test_an_administrator_cannot_make_or_touch_superusers(client: Client) -> None:
    client.force_login(make_member(roles.ADMINISTRATOR))
    root = User.objects.create_superuser("root")
    login = User.objects.create_user("new")

    form = client.get(reverse("admin:auth_user_change", args=[login.pk])).context["adminform"].form
    assert {"is_superuser", "user_permissions", "is_staff"} & set(form.fields) == set()
    post_login(client, login, is_superuser="on", is_staff="on")
    login.refresh_from_db()
    assert (login.is_superuser, login.is_staff) == (False, False)
    page = client.get(reverse("admin:auth_user_change", args=[root.pk]))
    assert not page.context["has_change_permission"]
    assert client.get(reverse("admin:auth_user_password_change", args=[root.pk])).status_code == 403
    client.post(
        reverse("admin:auth_user_changelist"),
        {"action": "delete_selected", "_selected_action": [root.pk], "post": "yes"},
    )
    assert User.objects.filter(pk=root.pk).exists()


def test_an_administrator_takes_away_lost_second_factors_but_not_those_of_superusers(client: Client) -> None:
    client.force_login(make_member(roles.ADMINISTRATOR))
    root, login = User.objects.create_superuser("root"), User.objects.create_user("new")
    for user in (root, login):
        give_app(user)
    asked = {"action": "forget_second_factor", "_selected_action": [root.pk, login.pk]}
    page = client.post(reverse("admin:auth_user_changelist"), asked, follow=True).content.decode()

    assert "Only a superuser can take away the second factor of “root”, a superuser." in page
    assert "1 login has lost its second factor" in page
    assert second_factor.has_one(root)
    assert not second_factor.has_one(login)


def test_the_rights_of_a_role_are_not_changed_by_hand(client: Client) -> None:
    client.force_login(make_member(roles.ADMINISTRATOR))
    for name in (roles.READER, "Witness desk"):
        group, _ = Group.objects.get_or_create(name=name)
        form = client.get(reverse("admin:auth_group_change", args=[group.pk])).context["adminform"].form
        assert form.fields == {}, name
    role = Group.objects.get(name=roles.EDITOR)
    assert client.get(reverse("admin:auth_group_delete", args=[role.pk])).status_code == 403


def test_a_group_that_records_are_restricted_to_is_not_deleted(client: Client) -> None:
    client.force_login(make_member(roles.ADMINISTRATOR))
    group = Group.objects.create(name="Witness desk")
    make(next(iter(RECORDS)), restricted_to=["Witness desk"], restriction_reason="names a witness")

    page = client.get(reverse("admin:auth_group_delete", args=[group.pk]))
    assert "1 sources" in page.content.decode()
    client.post(reverse("admin:auth_group_delete", args=[group.pk]), {"post": "yes"})
    assert Group.objects.filter(pk=group.pk).exists()
