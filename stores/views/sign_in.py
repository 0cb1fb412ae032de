"""The way in and the way out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import LoginView, LogoutView
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from stores.actions import people
from stores.enums import AgencyRole, MerchantRole
from stores.forms import SignInForm

# The demo world writes it: [{"role": "handler", "name": "…", "login": "…", "password": "…"}, …]
DEMO_LOGINS = "demo_logins.json"


def demo_logins() -> list[dict[str, Any]]:
    """The invented people of the demo, with their role in words; none outside the demo."""
    path = Path(settings.VAR_DIR) / DEMO_LOGINS
    if not settings.DEMO or not path.is_file():
        return []
    words = dict([*AgencyRole.choices, *MerchantRole.choices])
    people_shown = json.loads(path.read_text(encoding="utf-8"))
    return [{**one, "role": words.get(one.get("role"), one.get("role", ""))} for one in people_shown]


class SignIn(LoginView):
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(demo_logins=demo_logins(), **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            response = super().form_valid(form)
            people.signed_in(by=form.get_user())
        return response


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
