"""Somebody with an app for codes."""

import time

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.contrib.auth.models import User
from django.test import Client

PASSWORD = "correct horse battery"


def give_app(user: User) -> tuple[str, list[str]]:
    """Set up a second factor; the key that the app has, and the recovery codes."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret, RecoveryCodes.activate(user).generate_codes()


def code_of(secret: str, *, steps: int = 0) -> str:
    """What the app shows now, or some half minutes later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def wrong_code(secret: str) -> str:
    """Six digits that are not shown now, before or after."""
    near = {code_of(secret, steps=steps) for steps in range(-3, 4)}
    return next(code for code in map("{:06}".format, range(20)) if code not in near)


def log_in(client: Client, name: str, password: str = PASSWORD, **more: str):
    return client.post("/login/", {"login": name, "password": password, **more})
