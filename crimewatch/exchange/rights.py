"""Who may move what: the rights of the admin, table by table."""

from typing import TYPE_CHECKING, Any

from django.contrib.auth.mixins import AccessMixin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control

from crimewatch.exchange.catalog import TABLES, TABLES_BY_NAME, Table

if TYPE_CHECKING:
    from crimewatch.exchange.models import ImportBatch


def may_import(user: Any, table: Table) -> bool:
    """An import adds and changes, so it takes the right to both."""
    options = table.model._meta
    return bool(user.is_staff) and all(
        user.has_perm(f"{options.app_label}.{action}_{options.model_name}") for action in ("add", "change")
    )


def importable_tables(user: Any) -> list[Table]:
    return [table for table in TABLES if may_import(user, table)]


def may_touch(user: Any, batch: "ImportBatch") -> bool:
    """Whether ``user`` may confirm, stop or take back a batch: theirs, or any for whom may change all of them.

    The rights to the tables count as they are now, not as they were at the upload.
    """
    if not batch.may_be_used_by(user):
        return False
    names = {*batch.counts, *batch.findings.get("tables", ())}
    return all(may_import(user, TABLES_BY_NAME[name]) for name in names if name in TABLES_BY_NAME)


class ImporterMixin(AccessMixin):
    """For the pages of imports: strangers are sent to the login, and those who may import nothing are refused."""

    request: HttpRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        if not importable_tables(request.user):
            raise PermissionDenied
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        patch_cache_control(response, private=True, no_store=True)
        return response
