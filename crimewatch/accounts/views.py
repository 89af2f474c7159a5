"""Pages of one's own login. Those of allauth are taken as they are where nothing has to be different."""

from typing import Any

from allauth.account import views as account
from allauth.account.adapter import get_adapter
from allauth.mfa.base import views as mfa
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import views as totp
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from crimewatch.accounts import second_factor, sessions


class LoginView(account.LoginView):
    """The one door: the admin sends people here too."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "sends_mail": settings.SENDS_MAIL}


class PasswordChangeView(account.PasswordChangeView):
    """A new password in place of the present one; it logs out everywhere else."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and not request.user.has_usable_password():
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class PasswordResetView(account.PasswordResetView):
    """Asks for a link by mail. What it answers does not depend on whether there is such a login."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.SENDS_MAIL:
            return render(request, "accounts/no_mail.html")
        return super().dispatch(request, *args, **kwargs)


class NewPasswordView(account.PasswordResetFromKeyView):
    """A new password, by a link that was mailed. It works once and for an hour."""

    def form_valid(self, form: Any) -> HttpResponse:
        get_adapter().forget_tries(self.request, self.reset_user)
        return super().form_valid(form)


@method_decorator(never_cache, name="dispatch")
class OwnLoginView(mfa.IndexView):
    """What belongs to one's login: password, second factor, sessions."""

    template_name = "accounts/own_login.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        codes = context["authenticators"].get(Authenticator.Type.RECOVERY_CODES)
        return {
            **context,
            "has_second_factor": Authenticator.Type.TOTP in context["authenticators"],
            "codes_left": len(codes.get_unused_codes()) if codes else 0,
            "is_required": second_factor.is_required_of(self.request.user),
            "sessions": sessions.open_sessions(self.request),
        }


class SecondFactorView(totp.ActivateTOTPView):
    """Sets up an app for codes. Its first code counts as shown in this session."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        is_required = second_factor.is_required_of(self.request.user)
        return {**super().get_context_data(**kwargs), "is_required": is_required}

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        kind = Authenticator.Type.TOTP
        post_authentication(self.request, Authenticator.objects.get(user=self.request.user, type=kind))
        return response


@method_decorator(never_cache, name="dispatch")
class SessionsView(LoginRequiredMixin, TemplateView):
    """Where one is logged in; each session, or all others at once, can be ended from here."""

    template_name = "accounts/sessions.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "sessions": sessions.open_sessions(self.request)}

    def post(self, request: HttpRequest) -> HttpResponse:
        number = request.POST.get("session", "")
        if number == "others":
            sessions.end_others(request)
            messages.success(request, _("You have been logged out everywhere else."))
        elif number.isdecimal() and len(number) < 18 and sessions.end(request, int(number)):
            messages.success(request, _("You have been logged out there."))
        else:
            messages.warning(request, _("That session had already ended."))
        return HttpResponseRedirect(reverse("usersessions_list"))


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """Answers who asks for the same thing too often; allauth finds it as the handler of status 429."""
    return render(request, "429.html", status=429)
