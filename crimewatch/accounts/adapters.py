"""What logging in means here, as allauth asks for it: who may, by which names, and what is said when it fails."""

import base64
import logging
import time
from smtplib import SMTPException
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import get_random_string, salted_hmac
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from crimewatch.accounts.limits import too_many_tries
from crimewatch.accounts.middleware import LastSeenMiddleware

logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """Names and passwords: administrators give them out, and nobody can find out here which there are."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _("No login has this name and password. Capitals count in both."),
        "incorrect_password": _("This is not the password of your login."),
        "enter_current_password": _("This is not your present password."),
    }

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse to look at a password after too many wrong ones, and say when to try again."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError as error:
            key = self._get_login_attempts_cache_key(request, **credentials)
            raise too_many_tries(request, key) from error

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:  # noqa: ARG002
        """What tries are counted by. allauth's own names the host as the visitor has, who could make up ports."""
        return str(credentials.get("username", "")).lower()

    def forget_tries(self, request: HttpRequest, user: User) -> None:
        """Let somebody who has a new password use it at once, however often the old one was typed wrong."""
        self._delete_login_attempts_cached_email(request, username=user.get_username())

    def login(self, request: HttpRequest, user: Any) -> None:
        super().login(request, user)
        LastSeenMiddleware.begin(request)

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Who has logged in a moment ago need not type the password once more."""
        records = get_authentication_records(self.request, self.request.user)
        if any(time.time() - record["at"] < app_settings.REAUTHENTICATION_TIMEOUT for record in records):
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def is_safe_url(self, url: str) -> bool:
        """Only addresses of this very host: not of others, not even of those that the site trusts forms from."""
        host, is_secure = self.request.get_host(), self.request.is_secure()
        return url_has_allowed_host_and_scheme(url, allowed_hosts={host}, require_https=is_secure)

    def get_client_ip(self, request: HttpRequest) -> str:
        try:
            return str(super().get_client_ip(request))
        except PermissionDenied:
            return "127.0.0.1"  # a web server on this machine has come by a socket and did not say for whom

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002
        return reverse("mfa_index")

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        """Who was given no password does not get one this way; they are told what strangers are told."""
        if user.has_usable_password():
            super().send_password_reset_mail(user, email, context)
        else:
            self.send_mail("account/email/unknown_account", email, {})

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail. A server that does not take it changes nothing on the page: that would tell who has a login."""
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, SMTPException):
            logger.exception("A mail (%s) could not be sent.", template_prefix)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Second factors, whose keys are kept so that a copy of the database alone is of no use."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is not right, or it was used before. Type the one that the app shows now."),
    }

    def get_totp_label(self, user: User) -> str:
        return user.get_username()

    def encrypt(self, text: str) -> str:
        return cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """What `encrypt` was given. If the secret key of the site is another one by now, something no code fits."""
        try:
            return cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            logger.exception("A second factor was made under another SECRET_KEY: it has to be set up anew.")
            return get_random_string(32, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


def cipher() -> Fernet:
    """What keys of second factors are locked up with, derived from the secret key of the site."""
    key = salted_hmac("crimewatch.accounts.second_factor", "key", algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(key))
