"""What says whether two machines have the same secrets without telling anything about them.

The secrets themselves are never in a backup: whoever finds one must not be able to open what is sealed in it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext as _

from casemgr.kit.privacy import sealing

_PURPOSE = b"casemgr backup fingerprint"


def of(secret: str) -> str:
    """Sixteen hex characters that only this secret gives; the empty text for none."""
    return hmac.new(secret.encode(), _PURPOSE, hashlib.sha256).hexdigest()[:16] if secret else ""


def of_this_machine() -> dict[str, list[str]]:
    """Setting -> fingerprints of the secrets it holds, the one in use first."""
    keys = sealing.ring().by_id.values()
    return {
        "CASEMGR_SECRET_KEY": [of(settings.SECRET_KEY)],
        "CASEMGR_HASH_SECRET": [of(settings.HASH_SECRET)],
        "CASEMGR_DATA_KEYS": [f"{key.id}:{of(key.secret.hex())}" for key in keys],
    }


def warnings(then: dict[str, list[str]]) -> Iterator[str]:
    """What will not work here because this machine has other secrets than the one the backup was made on."""
    words = {
        "CASEMGR_SECRET_KEY": _("links sent before, such as those for a new password, no longer open"),
        "CASEMGR_HASH_SECRET": _("no buyer of the old orders is ever matched with a new order"),
        "CASEMGR_DATA_KEYS": _("sealed recipients and files cannot be opened"),
    }
    here = of_this_machine()
    for name, what in words.items():
        if set(then.get(name, [])) - set(here[name]):
            yield _(
                "This machine has another %(name)s than the one the backup was made on: %(what)s."
                " Set the old one before anybody works here."
            ) % {"name": name, "what": what}
