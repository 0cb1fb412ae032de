"""The way in and the way out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from allauth.account.internal.flows.login import perform_login
from allauth.account.internal.stagekit import clear_login
from allauth.account.models import Login
from allauth.account.stages import LoginStageController
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import LoginView, LogoutView
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from stores import sessions, throttle
from stores.actions import people
from stores.entry_forms import CodeForm, SignInForm
from stores.enums import AgencyRole, MerchantRole
from stores.sign_in import CodeStage

# The demo world writes it: [{"role": "handler", "name": "…", "login": "…", "password": "…"}, …]
DEMO_LOGINS = "demo_logins.json"
STANDS = "stands"


def demo_logins() -> list[dict[str, Any]]:
    """The invented people of the demo, with their role in words; none outside the demo."""
    path = Path(settings.VAR_DIR) / DEMO_LOGINS
    if not settings.DEMO or not path.is_file():
        return []
    words = dict([*AgencyRole.choices, *MerchantRole.choices])
    people_shown = json.loads(path.read_text(encoding="utf-8"))
    return [{**one, "role": words.get(one.get("role"), one.get("role", ""))} for one in people_shown]


def came_in(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """What the browser keeps once somebody is in: that this person uses it, and their language."""
    person: Any = request.user
    if person.is_authenticated:
        throttle.remember_browser(request, response, person.code)
        if person.language and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            response.set_cookie(settings.LANGUAGE_COOKIE_NAME, person.language, samesite="Lax")
    return response


class SignIn(LoginView):
    """Phone or e-mail and password; who has a second factor goes on to the page for its code."""

    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(demo_logins=demo_logins(), **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        person = form.get_user()
        # What the password was right for must still hold when the code comes.
        state = {STANDS: person.get_session_auth_hash()}
        login = Login(user=person, redirect_url=self.get_success_url(), state=state)
        return came_in(self.request, perform_login(self.request, login))


@never_cache
@require_http_methods(["GET", "POST"])
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """The second step: a code of the app or of the paper. Who comes without a first step is sent back to it."""
    stage = LoginStageController.enter(request, CodeStage.key)
    person = stage.login.user if stage else None
    if stage is None or person is None or request.user.is_authenticated:
        return redirect("login")
    if not person.is_active or stage.login.state.get(STANDS) != person.get_session_auth_hash():
        clear_login(request)
        return redirect("login")
    form = CodeForm(request.POST or None, user=person)
    with transaction.atomic():  # a code is used up only together with coming in
        if request.method == "POST" and form.is_valid():
            form.save()
            response = stage.exit()
            sessions.passed_factor(request.session)
            return came_in(request, response)
    return render(request, "people/sign_in_code.html", {"form": form})


class SignOut(LogoutView):
    """By POST only: a link elsewhere cannot sign anybody out."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        person = request.user
        with transaction.atomic():
            if person.is_authenticated:
                people.signed_out(by=person)  # type: ignore[arg-type]
            response = super().post(request, *args, **kwargs)
        messages.success(request, _("You are signed out."))
        return response
