"""Signing in with a phone number or an e-mail address."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import make_password
from django.db.models import Q
from django.http import HttpRequest

from stores.models import User


def person_with(login: str) -> User | None:
    """The person who signs in with this phone number or e-mail, active or not."""
    login = login.strip()
    return User.objects.filter(Q(phone=login.replace(" ", "")) | Q(email__iexact=login)).first()


class PhoneOrEmailBackend(ModelBackend):
    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """The active person with this phone number or e-mail and password, else None."""
        login = (username or "").strip()
        if not login or password is None:
            return None
        user = person_with(login)
        if user is None:
            make_password(password)  # as slow as a real check, so that unknown accounts cannot be told apart
            return None
        return user if user.check_password(password) and self.user_can_authenticate(user) else None
