"""Addresses of logins, under the names that allauth asks for. Those for signing up are left out."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from django.urls import path, re_path

from crimewatch.accounts import views

urlpatterns = [
    path("login/", views.LoginView.as_view(), name="account_login"),
    path("login/code/", mfa.authenticate, name="mfa_authenticate"),
    path("logout/", account.logout, name="account_logout"),
    path("password/", views.PasswordChangeView.as_view(), name="account_change_password"),
    path("password/new/", views.PasswordResetView.as_view(), name="account_reset_password"),
    path("password/new/sent/", account.password_reset_done, name="account_reset_password_done"),
    path("password/new/done/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    re_path(
        r"^password/new/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        views.NewPasswordView.as_view(),
        name="account_reset_password_from_key",
    ),
    path("account/", views.OwnLoginView.as_view(), name="mfa_index"),
    path("account/password/", account.reauthenticate, name="account_reauthenticate"),
    path("account/code/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("account/app/", views.SecondFactorView.as_view(), name="mfa_activate_totp"),
    path("account/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/recovery-codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("account/recovery-codes/new/", recovery_codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("account/sessions/", views.SessionsView.as_view(), name="usersessions_list"),
]
