"""The demo world: a story told by the ordinary actions on made-up files. Every name, number and text in it is invented."""

from __future__ import annotations

from dataclasses import asdict

from appeals.demo.people import LOGINS, PASSWORD


def logins() -> list[dict[str, str]]:
    """Who can sign in: role (a stored word), name, login, password; the part with most to do first."""
    return [{**asdict(one), "role": str(one.role), "password": PASSWORD} for one in LOGINS]
