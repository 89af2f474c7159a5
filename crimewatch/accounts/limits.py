"""How long somebody has to wait who has tried too often."""

import math
import time

from allauth.core.internal.ratelimit import get_cache_key, get_rates
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import ngettext

APP, ACTION = "allauth.account", "login_failed"
"""Where allauth counts wrong passwords and wrong codes."""


def too_many_tries(request: HttpRequest, key: str) -> ValidationError:
    """The refusal to look at a password or code of the login that tries are counted for under ``key``."""
    minutes = max(1, math.ceil(seconds_to_wait(request, key) / 60))
    sentence = ngettext(
        "That was wrong too often. Try again in %(minutes)d minute.",
        "That was wrong too often. Try again in %(minutes)d minutes.",
        minutes,
    )
    return ValidationError(sentence % {"minutes": minutes}, code="too_many_login_attempts")


def seconds_to_wait(request: HttpRequest, key: str) -> float:
    """How long until the oldest of the tries that fill a limit no longer counts; 0 if none is full."""
    waits = [0.0]
    for rate in get_rates(app=APP, action=ACTION):
        # The times of the tries, the latest first.
        tries = cache.get(get_cache_key(request, app=APP, action=ACTION, rate=rate, key=key), [])
        if len(tries) >= rate.amount:
            waits.append(tries[rate.amount - 1] + rate.duration - time.time())
    return max(waits)
