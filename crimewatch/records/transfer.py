"""The way from the lists of the admin to the pages of imports and exports."""

from typing import Any

from django.http import HttpRequest, HttpResponse


class TransferMixin:
    """A list of the admin with links to the import of its table and to the export of the rows that it shows."""

    def has_import_permission(self, request: HttpRequest) -> bool:
        """An import adds and changes, so it takes the right to both."""
        return bool(self.has_add_permission(request) and self.has_change_permission(request))  # type: ignore[attr-defined]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {**(extra_context or {}), "may_import": self.has_import_permission(request), "may_export": True}
        response: HttpResponse = super().changelist_view(request, context)  # type: ignore[misc]
        return response
