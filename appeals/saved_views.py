"""The views of a list that a person sees: their own and those shared with all of the agency."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from appeals.kept_statements import views_for
from appeals.models import SavedView
from stores.models import User


@dataclass(frozen=True)
class Kept:
    """One view as the list shows it."""

    code: str
    name: str
    query: str
    is_shared: bool
    is_default: bool
    is_mine: bool
    owner: str


def visible_views(user: User) -> QuerySet[SavedView]:
    """One's own and the shared ones; nothing for people outside of the agency."""
    if not user.is_agency:
        return SavedView.objects.none()
    return SavedView.objects.filter(Q(owner=user) | Q(is_shared=True, owner__is_active=True)).select_related("owner")


def views_of(request: HttpRequest, page: str) -> list[Kept]:
    """The views of this page for whoever asks (agency people), read once for each request; one's own first."""
    known: dict[str, list[Kept]] = vars(request).setdefault("_saved_views", {})
    if page not in known:
        user: Any = request.user
        rows = views_for(user.pk, page) if user.is_agency else []
        found = [
            Kept(code, name, query, bool(shared), bool(first), owner == user.pk, by)
            for code, name, query, shared, first, owner, by in rows
        ]
        known[page] = sorted(found, key=lambda one: not one.is_mine)
    return known[page]
