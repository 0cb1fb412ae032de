"""The view of a list that opens first: whoever comes to the bare address from elsewhere is led to their default view."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from appeals.actions.views import PAGES
from appeals.saved_views import views_of


class DefaultViews:
    """Asks nothing on other pages, and leaves alone whoever takes the filters away on the list itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        page = request.resolver_match.url_name if request.resolver_match else ""
        if page not in PAGES or request.method != "GET" or request.GET:
            return None
        user: Any = request.user
        if not user.is_authenticated or not user.is_agency:
            return None
        if urlsplit(request.headers.get("Referer", "")).path == request.path:
            return None
        first = next((one for one in views_of(request, page) if one.is_default and one.is_mine), None)
        return HttpResponseRedirect(f"{request.path}?{first.query}") if first and first.query else None
