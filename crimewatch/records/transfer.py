"""The way from the lists of the admin to the pages of imports, exports and bulk edits."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class TransferMixin:
    """A list of the admin with links to the import of its table and to the export of the rows that it shows.

    Its rows, those that are ticked or all, can be changed at once.
    """

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)  # type: ignore[misc]
        if "_popup" not in request.GET and self.has_change_permission(request):  # type: ignore[attr-defined]
            name = "change_together"
            actions[name] = (TransferMixin.change_together, name, _("Change the selected …"))
        return actions

    def change_together(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        """Lead on to the page that asks what is to be changed."""
        query = QueryDict(mutable=True)
        if request.POST.get("select_across") == "1":
            query.update({"all": "1", "list": "admin", "model": queryset.model._meta.label_lower})
            query["filters"] = request.GET.urlencode()
        else:
            name = queryset.model._meta.model_name
            pks = queryset.order_by().values_list("pk", flat=True)
            query.setlist("row", [f"{name}:{pk}" for pk in pks])
        return HttpResponseRedirect(f"{reverse('exchange:edit')}?{query.urlencode(safe=':')}")

    def has_import_permission(self, request: HttpRequest) -> bool:
        """An import adds and changes, so it takes the right to both."""
        return bool(self.has_add_permission(request) and self.has_change_permission(request))  # type: ignore[attr-defined]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {**(extra_context or {}), "may_import": self.has_import_permission(request), "may_export": True}
        response: HttpResponse = super().changelist_view(request, context)  # type: ignore[misc]
        return response
