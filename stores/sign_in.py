"""What allauth asks this house about: who is let in, what counts as an address, and how secrets lie in the database.

allauth carries a sign-in from the password over to the code (its stages), and checks codes; pages, passwords and limits
are ours (docs/adr/0005).
"""

from __future__ import annotations

import base64
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.stages import AuthenticateStage
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from casemgr.kit.http import client_address
from casemgr.kit.privacy.sealing import open_text, seal_text
from stores import sessions
from stores.actions import people

WHERE = "mfa_authenticator.data"


class CodeStage(AuthenticateStage):
    """Who has a second factor shows it before they are in."""

    urlname = "login-code"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        if self._should_handle(self.request):
            return HttpResponseRedirect(reverse(self.urlname)), True
        return None, True


class SignInAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "too_many_login_attempts": _("Too many wrong codes. Wait a few minutes, then take a new one."),
        "rate_limited": _("Too many wrong codes. Wait a few minutes, then take a new one."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        return ["stores.sign_in.CodeStage"]

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request) or "unknown"

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Our own pages say what happened."""

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """The last step: a new session id, its clocks, and a row that says so."""
        with transaction.atomic():
            super().login(request, user)
            sessions.begin(request.session)
            people.signed_in(by=user)  # type: ignore[arg-type]


class CodeAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is not right, or was used already. Take the one that shows now."),
    }

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        return str(user)

    def encrypt(self, text: str) -> str:
        return base64.b64encode(seal_text(text, aad=WHERE)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return open_text(base64.b64decode(encrypted_text), aad=WHERE)
