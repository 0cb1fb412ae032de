"""Who may arrange shops and rules."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from stores.access import View, agency_page


def lead_page(view: View) -> View:
    """A page for leads and administrators. Handlers are told that it is not theirs (403), others see nothing there."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_lead:  # type: ignore[union-attr]
            raise PermissionDenied
        return view(request, *args, **kwargs)

    door = agency_page(guarded)
    door.audience = "lead"  # type: ignore[attr-defined]
    return door
