"""A form that arrives twice has one effect: a double click, an impatient second try, a browser that sends again.

Every form that a page draws carries a token of its own (Django masks the CSRF token anew each time), so the same token
with the same words is the same form. Nothing in the forms or views knows of this.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

RUNNING = "running"
LONGEST_RUN = 120.0  # seconds, as gunicorn gives a request; who died leaves the form free again after it
REMEMBERED = 600.0  # seconds
PATIENCE = 10.0  # seconds that the second one waits for the first
LOOK_EVERY = 0.05


class OnceMiddleware:
    """Sends the second of two equal forms to where the first one led. A refused or failed form may be sent again."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        key = getattr(request, "once_key", None)
        if key is None:
            return response
        if response.status_code in (302, 303) and not getattr(request, "was_refused", False):
            cache.set(key, response["Location"], REMEMBERED)
        else:
            cache.delete(key)
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        # Signing in is left alone: the second answer must carry the cookie that the first one's reader never saw.
        if request.method != "POST" or not request.user.is_authenticated or not request.POST.get("csrfmiddlewaretoken"):
            return None
        key, until = form_key(request), time.monotonic() + PATIENCE
        while not cache.add(key, RUNNING, LONGEST_RUN):
            led_to = cache.get(key)
            if led_to not in (None, RUNNING):
                messages.info(request, _("The form arrived twice. It was done once."))
                return HttpResponseRedirect(led_to)
            if time.monotonic() > until:
                messages.warning(request, _("The same form is still being worked on. Look again in a moment."))
                return HttpResponseRedirect(request.get_full_path())
            time.sleep(LOOK_EVERY)
        request.once_key = key  # type: ignore[attr-defined]
        return None


def form_key(request: HttpRequest) -> str:
    """What makes a form the same: who sends it where, its token, its words, its files by name and size."""
    files = [(name, one.name, one.size) for name, found in request.FILES.lists() for one in found]
    said = [request.user.pk, request.path, sorted(request.POST.lists()), sorted(files)]
    return "once:" + hashlib.sha256(json.dumps(said).encode()).hexdigest()
