"""The language a command speaks: that of the person at the terminal."""

from __future__ import annotations

import os
from collections.abc import Mapping

from django.conf import settings


def operators_language(environment: Mapping[str, str] = os.environ) -> str:
    """Chinese or English as the terminal's locale says; where it says neither, that of the installation."""
    spoken = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    known = {code.split("-")[0]: code for code, _name in settings.LANGUAGES}
    return known.get(spoken[:2].lower(), settings.LANGUAGE_CODE)
