"""What holds for every page: its language, how long a session lives, who must show a second factor first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _

from stores import sessions
from stores.actions import people

# Open to somebody who still has to set up the second factor.
WITHOUT_FACTOR = {"me-factor", "me-factor-qr", "logout", "set_language"}


class LanguageMiddleware:
    """What the person chose, Chinese otherwise. A browser's header alone changes nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)
            return response


class SessionRules:
    """Ends sessions that are idle or old, and keeps agency people to the second factor where it is required."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user: Any = request.user if settings.SESSION_COOKIE_NAME in request.COOKIES else None
        if user and user.is_authenticated and sessions.is_over(request.session, user):
            people.session_lapsed(by=user)
            logout(request)
            messages.info(request, _("You were signed out, because this browser was not used for a while."))
            return redirect_to_login(request.get_full_path())
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        user: Any = request.user if settings.TOTP_REQUIRED else None
        if not (user and user.is_authenticated and sessions.lacks_factor(request.session, user)):
            return None
        match = request.resolver_match
        if match and match.url_name in WITHOUT_FACTOR:
            return None
        if sessions.has_factor(user):  # a session from before it was asked for: come in again, with the code
            logout(request)
            return redirect_to_login(request.get_full_path())
        return redirect("me-factor")
