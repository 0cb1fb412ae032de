"""Public codes of things: short, readable aloud, not guessable from one another."""

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford base32: no I, L, O, U


def new_code(prefix: str, length: int = 6) -> str:
    """A new code such as C-7K2M9Q. `length` counts the characters after the dash (5 bits each)."""
    return f"{prefix}-{''.join(secrets.choice(ALPHABET) for _ in range(length))}"
