"""What is looked at in each request of somebody who is logged in."""

import time
from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from crimewatch.accounts import second_factor


class LastSeenMiddleware:
    """Notes when and from where a session was last used, every ten minutes: a write for each page would be too much.

    As the session itself is written with it, its time to live counts from then on. However much it is used, it ends
    when ``SESSION_LONGEST_AGE`` has passed since the login.
    """

    MARK = "last_seen"
    BEGAN = "logged_in_at"
    INTERVAL = 10 * 60
    """Seconds."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    @classmethod
    def begin(cls, request: HttpRequest) -> None:
        """Somebody has just logged in: from now on, keep note of this session."""
        request.session[cls.MARK] = request.session[cls.BEGAN] = int(time.time())

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        now, last = int(time.time()), request.session.get(self.MARK)
        if last is None or not request.user.is_authenticated:
            return self.get_response(request)
        # A session from before this was kept counts from its last noted use on.
        if now - request.session.get(self.BEGAN, last) >= settings.SESSION_LONGEST_AGE:
            logout(request)
        elif now - last > self.INTERVAL:
            request.session.setdefault(self.BEGAN, last)
            request.session[self.MARK] = now
            UserSession.objects.filter(session_key=request.session.session_key).update(
                last_seen_at=timezone.now(), ip=get_adapter().get_client_ip(request)
            )
        return self.get_response(request)


class SecondFactorMiddleware:
    """Lets nobody of whom a second factor is required past the pages where one is set up or shown.

    The login asks for it as well. This also holds sessions that began some other way, before the second factor was
    required or before the person got the right to edit, and those whose second factor was taken away since.
    """

    OPEN = frozenset(
        {
            "account_login",
            "account_logout",
            "account_reauthenticate",
            "mfa_activate_totp",
            "mfa_reauthenticate",
            "set_language",
            "admin:logout",
            "admin:login",
        }
    )

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any) -> HttpResponseBase | None:
        user = request.user
        match = request.resolver_match
        if not user.is_authenticated or (match is not None and match.view_name in self.OPEN):
            return None
        if not second_factor.is_required_of(user):
            return None
        has_one = second_factor.has_one(user)
        if has_one and second_factor.was_shown(request):
            return None
        address = reverse("mfa_reauthenticate" if has_one else "mfa_activate_totp")
        return redirect_to_login(request.get_full_path(), address)
