"""Every address of the site."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path
from django.views.i18n import set_language

urlpatterns = [
    path("", include("crimewatch.explorer.urls")),
    path("", include("crimewatch.curation.urls")),
    path("exchange/", include("crimewatch.exchange.urls")),
    path("", include("regions.urls")),
    path("", include("actors.urls")),
    path("", include("programs.urls")),
    path("", include("crimewatch.citations.urls")),
    path(
        "login/",
        auth.LoginView.as_view(template_name="site/login.html", redirect_authenticated_user=True),
        name="login",
    ),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path(
        "password/",
        auth.PasswordChangeView.as_view(template_name="site/password_change.html"),
        name="password_change",
    ),
    path(
        "password/changed/",
        auth.PasswordChangeDoneView.as_view(template_name="site/password_changed.html"),
        name="password_change_done",
    ),
    path("i18n/setlang/", set_language, name="set_language"),
    path("admin/", admin.site.urls),
]
