"""Who has to show a second factor before anything else, and who has."""

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest


def has_one(user: User) -> bool:
    """Whether ``user`` has set up an app for codes. Recovery codes alone are no second factor."""
    return bool(Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists())


def was_shown(request: HttpRequest) -> bool:
    """Whether a code was given in this session, by whom it belongs to."""
    return any(record["method"] == "mfa" for record in get_authentication_records(request, request.user))


def forget(user: User) -> bool:
    """Take away the second factor and the recovery codes of somebody who has lost them. Whether there were any."""
    number, _by_kind = Authenticator.objects.filter(user=user).delete()
    return number > 0


def is_required_of(user: User) -> bool:
    """Whether ``user`` may do nothing without a second factor: whoever may edit, where the setting says so."""
    return bool(settings.SECOND_FACTOR_REQUIRED and (user.is_staff or user.is_superuser))
