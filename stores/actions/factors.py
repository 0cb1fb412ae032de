"""The second factor: a code that an app on the person's phone shows, and ten codes on paper for the day it is gone.

The secrets lie sealed in the database (stores.sign_in.CodeAdapter); counting and checking are allauth's.
"""

from __future__ import annotations

from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, validate_totp_code
from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from casemgr.kit import audit
from casemgr.kit.workflow import Refused
from stores.actions import people
from stores.models import User

USED_SECONDS = 150  # longer than a code is right, with a step on either side of its own


def use_code_once(user: User, code: str) -> bool:
    """Whether this code of the app was not used before; from now on it is."""
    return bool(cache.add(f"code-used:{user.pk}:{normalize_user_code(code)}", 1, USED_SECONDS))


@transaction.atomic
def set_up(*, by: User, secret: str, code: str) -> list[str]:
    """Begin to ask for codes of `secret`, once `code` shows that the app has it. Returns the ten codes for paper.

    Ends every other session of the person. Raises Refused for a wrong code, or when there is a second factor already.
    """
    if not validate_totp_code(secret, code) or not use_code_once(by, code):
        raise Refused(_("This code is not right, or was used already. Take the one that shows now."))
    try:
        with transaction.atomic():
            TOTP.activate(by, secret)
    except IntegrityError:
        raise Refused(_("There is a second factor already. Switch it off first.")) from None
    audit.record(by=by, action="user.factor_set", of=by)
    people.end_sessions(by=by, user=by, why="second factor")
    return new_codes(by=by)


@transaction.atomic
def new_codes(*, by: User) -> list[str]:
    """Ten new codes for paper; those before them are worth nothing."""
    Authenticator.objects.filter(user=by, type=Authenticator.Type.RECOVERY_CODES).delete()
    codes = RecoveryCodes.activate(by).generate_codes()
    audit.record(by=by, action="user.recovery_codes", of=by)
    return codes


@transaction.atomic
def switch_off(*, by: User) -> None:
    """Ask for codes no longer. Raises Refused for those of whom the house asks it."""
    if settings.TOTP_REQUIRED and by.is_agency:
        raise Refused(_("People of the agency sign in with a second factor here. It cannot be switched off."))
    if _remove(by):
        audit.record(by=by, action="user.factor_removed", of=by)


@transaction.atomic
def reset(*, by: User | None, user: User) -> bool:
    """Take somebody's second factor away because the phone is gone; ends their sessions. True if there was one.

    For administrators only, and not for oneself. The person sets up a new one when they sign in next.
    """
    people.check_may_arrange(by, user)
    people.check_administrator(by)
    if not _remove(user):
        return False
    audit.record(by=by, action="user.factor_reset", of=user)
    people.end_sessions(by=None, user=user, why="second factor")
    return True


def _remove(user: User) -> bool:
    theirs = Authenticator.objects.filter(user=user)
    if not theirs.exists():
        return False
    theirs.delete()
    return True
