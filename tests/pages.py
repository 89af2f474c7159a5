"""Every page of the site, found among its addresses, for tests that walk through them all."""

from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from pghistory.models import Context

from crimewatch.collections.models import Audience, Collection, Member, Tag, Tagging, put
from crimewatch.curation.models import Merge
from crimewatch.curation.roles import ROLES
from crimewatch.exchange.models import BatchState, ExportFile, ExportState, ImportBatch
from crimewatch.records.models import Status
from tests.kinds import CLAIMS, RECORDS, make, make_claim_about

#: Addresses that no person opens as a page: they take what a form sends, answer a script or lead on.
NOT_PAGES = (
    "set_language",
    # Steps of logging in, of which tests/browser/test_accounts.py looks at each.
    "account_logout",
    "account_reset_password_from_key",
    "mfa_authenticate",
    "mfa_deactivate_totp",
    "mfa_reauthenticate",
    "mfa_view_recovery_codes",
    "admin:logout",
    "admin:autocomplete",
    "admin:*_alike",
    "admin:jsi18n",
    "admin:view_on_site",
    "admin:regions_*_history",
    "admin:actors_*_history",
    "admin:programs_*_history",
    "admin:citations_*_history",
    "admin:explorer_*_history",
    "admin:explorer_savedfilter_add",
    "curation:quality_dismiss",
    "curation:quality_undo",
    "curation:entry",
    "curation:restore",
    "curation:verdict",
    "exchange:again",
    "exchange:bad_rows",
    "exchange:cancel",
    "exchange:confirm",
    "exchange:export_download",
    "exchange:kept_file",
    "exchange:reading",
    "exchange:template",
    "records:keys",
    "exchange:leave_out",
    "collections:member",
    "collections:delete_collection",
    "collections:delete_tag",
    "explorer:change_filter",
    "explorer:delete_filter",
    "explorer:save_filter",
)

#: What the addresses of other pages need, by name.
ARGUMENTS: dict[str, Callable[[], dict[str, Any]]] = {
    "admin:app_list": lambda: {"app_label": "actors"},
    "curation:record_history": lambda: {"kind": "group", "slug": first_of("Group").slug},
    "curation:compare": lambda: {"kind": "group", "slug": first_of("Group").slug},
    "curation:quality_check": lambda: {"check": "uncited"},
    "curation:step": lambda: {"kind": "group", "pk": first_of("Group").pk},
    "curation:journal": lambda: {"kind": "group", "pk": first_of("Group").pk},
    "admin:auth_group_delete": lambda: {"object_id": some_group_of_logins().pk},
    "admin:auth_user_password_change": lambda: {"id": User.objects.values_list("pk", flat=True).first() or 0},
    "curation:merged": lambda: {"uid": some_merge().uid},
    "curation:take_back": lambda: {"uid": some_merge().uid},
    "collections:collection": lambda: {"slug": some_collection().slug},
    "collections:change_collection": lambda: {"slug": some_collection().slug},
    "collections:tag": lambda: {"slug": some_tag().slug},
    "collections:take_back": lambda: {"context": some_deed().pk},
    "collections:row": lambda: {"kind": "group", "pk": first_of("Group").pk},
    "exchange:batch": lambda: {"uid": some_batch().uid},
    "exchange:undo": lambda: {"uid": some_batch().uid},
    "exchange:export_file": lambda: {"uid": some_export().uid},
}


def make_everything() -> dict[type[models.Model], Any]:
    """A row of every kind of record and claim, tied together, all of it published."""
    rows: dict[type[models.Model], Any] = {}
    for model in RECORDS:
        rows[model] = make(model)
    for model in CLAIMS:
        keys = [field for field in model._meta.fields if field.related_model in rows]
        used: set[type[models.Model]] = set()
        given = {}
        for key in keys:
            if key.related_model not in used:  # a relation of a group is to another one
                used.add(key.related_model)
                given[key.name] = rows[key.related_model]
        rows[model] = make(model, **given)
    for model in RECORDS:
        for record in model.objects.all():
            make_claim_about(record, **({} if record._meta.model_name == "source" else {"source": first_of("Source")}))
    for model in RECORDS:
        model.objects.update(status=Status.PUBLISHED)
    return rows


def some_batch() -> ImportBatch:
    """An import that is done, which wrote nothing."""
    ended = {"state": BatchState.DONE, "finished_at": timezone.now()}
    return ImportBatch.objects.first() or ImportBatch.objects.create(file_names=["Ωμέγα"], **ended)


def some_merge() -> Merge:
    """A merge of a group with one that was never there, which moved nothing."""
    group = first_of("Group")
    named = {"content_type": ContentType.objects.get_for_model(group), "kept_id": group.pk, "gone_id": 0}
    return Merge.objects.first() or Merge.objects.create(**named, gone_name="Ωμέγα", reason="Ωμέγα")


def some_collection() -> Collection:
    """A collection of whoever has the first login, with something in it."""
    user = User.objects.order_by("pk").first() or User.objects.create_superuser("Ωμέγα")
    collection, _made = Collection.objects.get_or_create(
        slug="omega", defaults={"name": "Ωμέγα", "owner": user, "audience": Audience.EVERYONE}
    )
    put(Member, type(first_of("Group")), [first_of("Group").pk], collection=collection)
    return collection


def some_deed() -> Context:
    """What whoever has the first login has done, which put nothing anywhere."""
    user = User.objects.order_by("pk").first() or User.objects.create_superuser("Ωμέγα")
    named = {"user": user.pk, "reason": "Ωμέγα"}
    return Context.objects.filter(metadata=named).first() or Context.objects.create(metadata=named)


def some_tag() -> Tag:
    """A tag that something has."""
    tag, _made = Tag.objects.get_or_create(slug="omega", defaults={"name": "Ωμέγα"})
    put(Tagging, type(first_of("Group")), [first_of("Group").pk], tag=tag)
    return tag


def some_export() -> ExportFile:
    """A finished export of whoever has the first login."""
    ended = {"state": ExportState.DONE, "finished_at": timezone.now(), "file_name": "Ωμέγα"}
    user = User.objects.order_by("pk").first() or User.objects.create_superuser("Ωμέγα")
    return ExportFile.objects.first() or ExportFile.objects.create(user=user, options={"form": "zip"}, **ended)


def some_group_of_logins() -> Group:
    """One that is no role: roles cannot be deleted."""
    return Group.objects.exclude(name__in=ROLES).first() or Group.objects.create(name="Ωμέγα")


def first_of(name: str) -> Any:
    return next(model for model in RECORDS if model.__name__ == name).objects.earliest("pk")


def patterns(resolver: Any = None, namespaces: tuple[str, ...] = ()) -> Iterator[tuple[str, URLPattern]]:
    """Every address of the site that has a name, with its namespaces before it."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern, (*namespaces, *filter(None, [pattern.namespace])))
        elif pattern.name:
            yield ":".join((*namespaces, pattern.name)), pattern


def pages(rows: dict[type[models.Model], Any]) -> dict[str, str]:
    """The address of every page by its name; of pages about one row, that of the row in `rows`."""
    found = {}
    for name, pattern in patterns():
        if any(fnmatch(name, other) for other in NOT_PAGES):
            continue
        arguments = arguments_of(name, set(pattern.pattern.regex.groupindex) | set(pattern.pattern.converters), rows)
        if arguments is not None:
            found[name] = reverse(name, kwargs=arguments)
    return found


def arguments_of(name: str, needed: set[str], rows: dict[type[models.Model], Any]) -> dict[str, Any] | None:
    """What the address called `name` needs; nothing at all for a page about a kind that has no row."""
    if name in ARGUMENTS:
        return ARGUMENTS[name]()
    if not needed:
        return {}
    model = model_of(name)
    row = rows.get(model, model.objects.first()) if model else None
    if model and row is None:
        return None
    known = {"slug": getattr(row, "slug", None), "object_id": getattr(row, "pk", None)}
    unknown = {argument for argument in needed if known.get(argument) is None}
    assert not unknown, f"What are {sorted(unknown)} of the address {name}? Tell in `ARGUMENTS` of {__file__}."
    return {argument: known[argument] for argument in needed}


def model_of(name: str) -> Any:
    """The model of a page called `actors:group_detail` or `admin:actors_group_change`."""
    for model in apps.get_models():
        options = model._meta
        prefixes = (f"{options.app_label}:{options.model_name}_", f"admin:{options.app_label}_{options.model_name}_")
        if name.startswith(prefixes):
            return model
    return None
