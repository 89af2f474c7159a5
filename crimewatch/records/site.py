"""The admin site: its order, its name, and selects that tell two of one name apart."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from crimewatch.records.models import Record

#: The apps as a researcher meets them; what is not named here comes behind, by name.
APP_ORDER = ("regions", "actors", "programs", "citations")


class RecordAutocompleteView(AutocompleteJsonView):
    """Answers a select with records and their context: ``Santa Rosa · district · Loreto, Peru``."""

    def get_queryset(self) -> models.QuerySet[Any]:
        records = super().get_queryset()
        return records.with_context() if hasattr(records, "with_context") else records

    def serialize_result(self, obj: models.Model, to_field_name: str) -> dict[str, str]:
        result: dict[str, str] = super().serialize_result(obj, to_field_name)  # type: ignore[misc]
        if isinstance(obj, Record):
            result["text"] = obj.label()
        return result


class CrimeWatchAdminSite(admin.AdminSite):
    """The place where researchers and editors work."""

    site_header = _("CrimeWatch")
    site_title = _("CrimeWatch")
    index_title = _("What would you like to work on?")
    site_url = None

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # noqa: ARG002
        """Send people through the door of the site, which asks for the second factor; there is none but that."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        wanted = request.POST.get(REDIRECT_FIELD_NAME, request.GET.get(REDIRECT_FIELD_NAME, ""))
        if not url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
            wanted = reverse("admin:index", current_app=self.name)
        if request.user.is_authenticated:
            return HttpResponseRedirect(wanted)
        return redirect_to_login(wanted)

    def password_change(  # type: ignore[override]
        self,
        request: HttpRequest,  # noqa: ARG002
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> HttpResponse:
        """The site's own page knows of limits, and of sessions that have to end."""
        return redirect("account_change_password")

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        return RecordAutocompleteView.as_view(admin_site=self)(request)  # type: ignore[return-value]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Apps in their natural order; in each, the records before the claims, as their admins are registered."""
        apps: dict[str, Any] = self._build_app_dict(request, app_label)
        position = {label: number for number, label in enumerate(APP_ORDER)}
        registered = {model: number for number, model in enumerate(self._registry)}
        for app in apps.values():
            app["models"].sort(key=lambda entry: registered[entry["model"]])
            for entry in app["models"]:
                entry["is_claim"] = getattr(entry["model"], "is_claim", False)
            app["has_claims"] = any(entry["is_claim"] for entry in app["models"])
        if "auth" in apps:
            # Beside criminal groups, Django's own word for its groups would mislead.
            apps["auth"]["name"] = _("Logins and rights")
            for entry in apps["auth"]["models"]:
                entry["name"] = _("Roles") if entry["object_name"] == "Group" else _("Logins")
        return sorted(apps.values(), key=lambda app: (position.get(app["app_label"], len(position)), app["name"]))
