"""When a session ends by itself, and which of them passed the second factor."""

from __future__ import annotations

import time
from typing import Any

from allauth.mfa.adapter import get_adapter
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.http import HttpRequest

from stores.models import User

BEGUN, SEEN, FACTOR = "begun_at", "seen_at", "factor_at"
SEEN_EVERY = 300  # seconds: a session is written no more often than this to note that it is used
FRESH = 600  # seconds after signing in within which nobody is asked for the password again


def begin(session: Any) -> None:
    """A person has just come in: the clocks of the session start anew."""
    session[BEGUN] = session[SEEN] = int(time.time())
    session.pop(FACTOR, None)


def is_over(session: Any, user: User) -> bool:
    """Whether the session was idle too long or is too old; else note that it is used.

    Limits in hours: settings.SESSION_HOURS (idle, altogether), for agency and merchant people.
    """
    if BEGUN not in session:
        begin(session)
        return False
    now = int(time.time())
    idle, altogether = settings.SESSION_HOURS["agency" if user.is_agency else "merchant"]
    if now - session[SEEN] > idle * 3600 or now - session[BEGUN] > altogether * 3600:
        return True
    if now - session[SEEN] > SEEN_EVERY:
        session[SEEN] = now
    return False


def is_fresh(session: Any) -> bool:
    """Whether the person signed in minutes ago."""
    return time.time() - session.get(BEGUN, 0) < FRESH


def passed_factor(session: Any) -> None:
    """Note that the second factor was shown in this session."""
    session[FACTOR] = int(time.time())


def lacks_factor(session: Any, user: User) -> bool:
    """Whether this person needs a second factor to be here, and the session has not shown one."""
    return settings.TOTP_REQUIRED and user.is_agency and FACTOR not in session


def has_factor(user: User) -> bool:
    """Whether the person has a second factor at all."""
    return get_adapter().is_mfa_enabled(user)


def keep(request: HttpRequest, user: User) -> None:
    """Let this session outlive a change that ends every other session of the person."""
    request.session[HASH_SESSION_KEY] = user.get_session_auth_hash()
