"""What every request needs: refusals as pages in words, and where a change came from."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from casemgr.kit import audit
from casemgr.kit.workflow import Refused, Stale


def client_address(request: HttpRequest) -> str | None:
    """The address a request came from; None when there is none that could be written down.

    X-Forwarded-For is whatever the sender likes, so only the entries that our own proxies added count: the one that
    stands `settings.PROXIES` from the end. Without proxies it is not looked at.
    """
    told = request.META.get("REMOTE_ADDR", "")
    if settings.PROXIES:
        hops = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        told = hops[-settings.PROXIES] if len(hops) >= settings.PROXIES else told
    try:
        return str(ipaddress.ip_address(told))
    except ValueError:
        return None


class ConflictMiddleware:
    """Marks changes with their origin, and turns Refused into a message on the page the person came from.

    A full page with status 409 is the answer when there is no such page, so that a refusal is never silent.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = "admin" if request.path.startswith("/admin/") else "api" if request.path.startswith("/api/") else "page"
        with audit.coming_from(name, client_address(request)):
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        request.was_refused = True  # type: ignore[attr-defined]  # so the same form may come again
        origin = request.META.get("HTTP_REFERER", "")
        if request.method == "POST" and url_has_allowed_host_and_scheme(
            origin, {request.get_host()}, request.is_secure()
        ):
            messages.error(request, str(exception.sentence))
            for hurdle in exception.hurdles if len(exception.hurdles) > 1 else []:
                messages.warning(request, str(hurdle.text))
            return HttpResponseRedirect(origin)
        context = {
            "sentence": exception.sentence,
            "hurdles": exception.hurdles,
            "is_stale": isinstance(exception, Stale),
        }
        return render(request, "409.html", context, status=409)
