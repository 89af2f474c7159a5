"""Roles: groups of logins, each with the rights that go with a person's work.

``RIGHTS`` is the one place that says who may do what. A migration brings the groups to it, docs/roles.md shows it, and
tests try it out. Whoever needs other rights makes a group of their own beside these.
"""

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission, User
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from crimewatch.citations.models import Claim
from crimewatch.records.models import Record

READER = "Reader"
RESEARCHER = "Researcher"
EDITOR = "Editor"
DATA_MANAGER = "Data manager"
ADMINISTRATOR = "Administrator"

#: What each role is for, in the order in which they can do more.
ROLES = {
    READER: _("reads what is published"),
    RESEARCHER: _("types records and claims, and sees the drafts of others"),
    EDITOR: _("decides what is published, withdrawn, restricted and deleted"),
    DATA_MANAGER: _("brings in, mends and takes out whole tables"),
    ADMINISTRATOR: _("gives logins and roles besides"),
}

#: What each role may do with each family of tables; ``kind_of`` tells which family a table is of.
RIGHTS: dict[str, dict[str, frozenset[str]]] = {
    "records": {
        RESEARCHER: frozenset({"view", "add", "change"}),
        EDITOR: frozenset({"view", "add", "change", "delete", "publish", "restrict"}),
        DATA_MANAGER: frozenset({"view", "add", "change", "delete", "publish"}),
        ADMINISTRATOR: frozenset({"view", "add", "change", "delete", "publish", "restrict"}),
    },
    "claims": {
        RESEARCHER: frozenset({"view", "add", "change", "delete"}),
        EDITOR: frozenset({"view", "add", "change", "delete"}),
        DATA_MANAGER: frozenset({"view", "add", "change", "delete"}),
        ADMINISTRATOR: frozenset({"view", "add", "change", "delete"}),
    },
    "imports": {
        DATA_MANAGER: frozenset({"view", "change"}),
        ADMINISTRATOR: frozenset({"view", "change"}),
    },
    "logins": {
        ADMINISTRATOR: frozenset({"view", "add", "change", "delete"}),
    },
    # Everybody has their own, on the lists themselves; this is about those of others.
    "saved filters": {
        ADMINISTRATOR: frozenset({"view", "delete"}),
    },
}

#: The families of tables of the apps above this one, by the models' labels.
FAMILIES_ABOVE = {"exchange.importbatch": "imports", "explorer.savedfilter": "saved filters"}


def kind_of(model: type[models.Model]) -> str:
    """The family of tables that ``model`` is of, as ``RIGHTS`` names it; empty for what no role has rights to."""
    if issubclass(model, Record):
        return "records"
    if issubclass(model, Claim):
        return "claims"
    return "logins" if model in (User, Group) else FAMILIES_ABOVE.get(model._meta.label_lower, "")


def rights_of(role: str, model: type[models.Model]) -> frozenset[str]:
    """The actions that ``role`` may take on rows of ``model``: view, add, change, delete, publish, restrict."""
    return RIGHTS.get(kind_of(model), {}).get(role, frozenset())


@transaction.atomic
def grant() -> None:
    """Make the groups that are missing, and give each of them the rights of its role, no more and no less."""
    for config in apps.get_app_configs():
        create_permissions(config, verbosity=0)  # what has just been migrated has none yet
    for role in ROLES:
        group, _made = Group.objects.get_or_create(name=role)
        group.permissions.set(permissions_of(role))


def permissions_of(role: str) -> list[Permission]:
    """The permissions that make up a role."""
    wanted = {
        (model._meta.app_label, f"{action}_{model._meta.model_name}")
        for model in apps.get_models()
        for action in rights_of(role, model)
    }
    known = Permission.objects.select_related("content_type")
    return [each for each in known if (each.content_type.app_label, each.codename) in wanted]


def settle_staff(user: User) -> None:
    """Let ``user`` into the admin exactly if there is anything that the user may do there."""
    user = User.objects.get(pk=user.pk)  # rights are remembered from before a change of roles
    is_staff = bool(user.is_superuser or user.get_all_permissions())
    if user.is_staff != is_staff:
        user.is_staff = is_staff
        user.save(update_fields=["is_staff"])
