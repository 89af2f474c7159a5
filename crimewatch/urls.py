"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

urlpatterns = [
    path("", include("crimewatch.explorer.urls")),
    path("", include("crimewatch.curation.urls")),
    path("exchange/", include("crimewatch.exchange.urls")),
    path("", include("crimewatch.collections.urls")),
    path("", include("regions.urls")),
    path("", include("actors.urls")),
    path("", include("programs.urls")),
    path("", include("crimewatch.citations.urls")),
    path("", include("crimewatch.records.urls")),
    path("", include("crimewatch.accounts.urls")),
    path("i18n/setlang/", set_language, name="set_language"),
    path("admin/", admin.site.urls),
]

handler429 = "crimewatch.accounts.views.too_many_requests"
