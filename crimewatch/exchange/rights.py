"""Who may move what: the rights of the admin, table by table."""

from typing import Any, ClassVar

from django.contrib.auth.mixins import AccessMixin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control

from crimewatch.exchange.catalog import TABLES, TABLES_BY_NAME, Table
from crimewatch.exchange.models import BatchKind, ImportBatch


def may_import(user: Any, table: Table) -> bool:
    """An import adds and changes, so it takes the right to both."""
    options = table.model._meta
    return bool(user.is_staff) and all(
        user.has_perm(f"{options.app_label}.{action}_{options.model_name}") for action in ("add", "change")
    )


def may_edit(user: Any, table: Table) -> bool:
    """A bulk edit changes rows and adds none."""
    options = table.model._meta
    return bool(user.is_staff) and user.has_perm(f"{options.app_label}.change_{options.model_name}")


def may_add(user: Any, table: Table) -> bool:
    options = table.model._meta
    return bool(user.is_staff) and user.has_perm(f"{options.app_label}.add_{options.model_name}")


def may_edit_any(user: Any) -> bool:
    return any(may_edit(user, table) for table in TABLES)


def importable_tables(user: Any) -> list[Table]:
    return [table for table in TABLES if may_import(user, table)]


def may_touch(user: Any, batch: ImportBatch) -> bool:
    """Whether ``user`` may confirm, stop or take back a batch: theirs, or any for whom may change all of them.

    The rights to the tables count as they are now, not as they were at the upload.
    """
    if not batch.may_be_used_by(user):
        return False
    names = {*batch.counts, *batch.findings.get("tables", ())}
    origin = origin_of(batch)
    may = may_import if origin.kind != BatchKind.EDIT else may_add if "claim" in origin.options else may_edit
    return all(may(user, TABLES_BY_NAME[name]) for name in names if name in TABLES_BY_NAME)


def origin_of(batch: ImportBatch) -> ImportBatch:
    """The import or edit that a batch takes back, or brings back, or is."""
    return origin_of(batch.undoes) if batch.undoes else batch


class ImporterMixin(AccessMixin):
    """For the pages of batches: strangers are sent to the login, and those who may change no table are refused."""

    request: HttpRequest
    #: Whether the page is of use only to those who may import some table.
    is_for_imports: ClassVar[bool] = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        if not (importable_tables(request.user) if self.is_for_imports else may_edit_any(request.user)):
            raise PermissionDenied
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        patch_cache_control(response, private=True, no_store=True)
        return response
