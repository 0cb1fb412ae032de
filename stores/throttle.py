"""How often somebody may try to come in. Only wrong attempts count; the counters are shared by all processes.

Three counters, each looked at before a password is: of one account from one address, so that somebody who hammers at
one account never uses up the tries of the others at the same address; of one account from anywhere; of one address
for all accounts. A browser that this person signed in with before has a count of its own in place of the last two:
strangers who guess at an account, or at many from the same office, do not keep its owner out. Refused attempts count
nowhere and try nothing.
"""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Callable

from allauth.core.internal import ratelimit
from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from casemgr.kit.http import client_address
from stores.models import User

APP = "stores"
RATES = {
    "sign_in_pair": "5/m/key",
    "sign_in_account": "20/h/key",
    "sign_in_address": "10/m/key",
    "forgot_address": "5/m/key",
    "forgot_account": "3/h/key",
    "audit_unknown": "60/m/key",
}
KNOWN_COOKIE = "casemgr_known"
KNOWN_SECONDS = 180 * 24 * 3600
KNOWN_PEOPLE = 5  # a shared computer of an office


class TooMany(Exception):
    """Not now: `seconds` until the next attempt is looked at."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds

    @property
    def sentence(self) -> str:
        """What happened and how long to wait, alike for accounts that exist and that do not."""
        if self.seconds <= 90:
            return _("Too many wrong attempts. Try again in %(n)s seconds.") % {"n": self.seconds}
        return _("Too many wrong attempts. Try again in %(n)s minutes.") % {"n": math.ceil(self.seconds / 60)}


def address_of(request: HttpRequest) -> str:
    """The sender's address as it is counted: IPv6 by its /64, which is one connection."""
    return ratelimit.truncate_ip(client_address(request) or "unknown")


def account_key(login: str, person: User | None) -> str:
    """What an account is counted by: the person, or for an unknown login a digest of it."""
    if person is not None:
        return f"person-{person.pk}"
    return "unknown-" + salted_hmac("stores.throttle", login.casefold(), algorithm="sha256").hexdigest()[:32]


def sign_in_attempt(request: HttpRequest, account: str, *, known: str = "") -> Callable[[], None]:
    """Count one attempt before it is looked at; call what comes back when it was right, and it is not counted.

    `known` is the mark of a browser that this person used before (known_browser). Raises TooMany.
    """
    address = address_of(request)
    pair = f"{account}@{address}"
    if known:
        return take(request, sign_in_pair=f"{pair}:{known}", sign_in_account=f"{account}:{known}")
    return take(request, sign_in_pair=pair, sign_in_account=account, sign_in_address=address)


def take(request: HttpRequest, **keys: str) -> Callable[[], None]:
    """Count one under each of the named rates; the result takes it back. All or none: TooMany counts nothing."""
    used: list[ratelimit.RateLimitUsage] = []

    def give_back() -> None:
        for usage in used:
            usage.rollback()

    for action, key in keys.items():
        usage = ratelimit.consume(request, app=APP, action=action, config=RATES, key=key, limit_get=True)
        if usage is None:
            give_back()
            raise TooMany(_wait(request, action, key))
        used.append(usage)
    return give_back


def _wait(request: HttpRequest, action: str, key: str) -> int:
    """Seconds until the oldest of the counted attempts has run out."""
    rate = ratelimit.get_rates(app=APP, action=action, config=RATES)[0]
    stored = ratelimit.get_cache_key(request, app=APP, action=action, rate=rate, key=key)
    history = cache.get(stored) or [time.time()]
    return max(1, math.ceil(min(history) + rate.duration - time.time()))


def may_write_down(request: HttpRequest, is_account: bool) -> bool:
    """Whether a failed attempt gets an audit row: those at accounts are few (20 an hour each), others at most 60 a minute."""
    if is_account:
        return True
    try:
        take(request, audit_unknown="all")
    except TooMany:
        return False
    return True


def known_browser(request: HttpRequest, person_code: str) -> str:
    """The mark this browser got when the person signed in with it; empty if it has none."""
    return _marks(request).get(person_code, "")


def remember_browser(request: HttpRequest, response: HttpResponse, person_code: str) -> None:
    """Mark the browser as one that this person signs in with. It proves nothing else and lets nobody in."""
    marks = _marks(request)
    marks[person_code] = marks.pop(person_code, "") or secrets.token_urlsafe(12)
    kept = dict(list(marks.items())[-KNOWN_PEOPLE:])
    response.set_cookie(
        KNOWN_COOKIE,
        signing.dumps(kept, salt=KNOWN_COOKIE),
        max_age=KNOWN_SECONDS,
        path="/login/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _marks(request: HttpRequest) -> dict[str, str]:
    try:
        return signing.loads(request.COOKIES.get(KNOWN_COOKIE, ""), salt=KNOWN_COOKIE, max_age=KNOWN_SECONDS)
    except signing.BadSignature:
        return {}
