"""The sessions of a login: where somebody is logged in, since when, and logging out there."""

from dataclasses import dataclass

from allauth.usersessions.internal.flows.sessions import end_sessions
from allauth.usersessions.models import UserSession
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from crimewatch.accounts import browsers


@dataclass(frozen=True)
class OpenSession:
    """A session in which its owner is logged in now."""

    row: UserSession
    is_this_one: bool

    @property
    def browser(self) -> str:
        return browsers.in_words(self.row.user_agent)


def open_sessions(request: HttpRequest) -> list[OpenSession]:
    """The sessions of whoever asks: this one first, then those that were used last. Two queries."""
    rows = UserSession.objects.filter(user=request.user).order_by("-last_seen_at", "pk")
    rows = [row for row in rows if row.session_key]
    alive = living_keys(request.user, [row.session_key for row in rows])  # type: ignore[arg-type]
    here = request.session.session_key
    found = [OpenSession(row, row.session_key == here) for row in rows if row.session_key in alive]
    return sorted(found, key=lambda session: not session.is_this_one)


def living_keys(user: User, keys: list[str]) -> set[str]:
    """Those of the keys whose session is neither over nor from before a change of the password."""
    proof = user.get_session_auth_hash()
    return {
        session.session_key
        for session in Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
        if constant_time_compare(session.get_decoded().get(HASH_SESSION_KEY, ""), proof)
    }


def end(request: HttpRequest, number: int) -> bool:
    """Log out whoever asks in the session with this number. Whether there was such a session of theirs."""
    found = list(UserSession.objects.filter(user=request.user, pk=number))
    end_sessions(request, found)
    return bool(found)


def end_others(request: HttpRequest) -> None:
    """Log out whoever asks everywhere but here."""
    here = request.session.session_key
    end_sessions(request, list(UserSession.objects.filter(user=request.user).exclude(session_key=here)))
