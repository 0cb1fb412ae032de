"""Short codes that stand for objects in URLs and on the phone: `C-7K2M9Q`. Primary keys never do."""

import re
import secrets

# Crockford's base 32: no I, L, O and U, so that nobody mistakes one sign for another or reads a word.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 6
_CODE = re.compile(rf"([A-Z]{{1,4}})-([{ALPHABET}]+)")


def new_code(prefix: str, length: int = LENGTH) -> str:
    """A random code: `length` signs of 5 bits after a prefix of 1-4 capitals. The database checks that it is unique."""
    if not re.fullmatch(r"[A-Z]{1,4}", prefix) or length < 1:
        raise ValueError("a code has a prefix of one to four capitals and at least one sign")
    return f"{prefix}-" + "".join(secrets.choice(ALPHABET) for _sign in range(length))


def is_code(text: str, prefix: str | None = None, *, length: int = LENGTH) -> bool:
    """Is the text a code of this length, and of this prefix if one is given?"""
    match = _CODE.fullmatch(text)
    return match is not None and len(match[2]) == length and prefix in (None, match[1])
