"""The doors: every view's first line asks one of these. What a person may not see does not exist for them (404)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.db.models import Model
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from stores.models import Merchant, Store, User

M = TypeVar("M", bound=Model)
View = Callable[..., HttpResponseBase]


class PersonRequest(HttpRequest):
    """A request behind a door of this module: somebody is signed in."""

    user: User  # type: ignore[assignment]


def visible(model: type[M], user: Any, **lookup: Any) -> M:
    """The one row of `model` that this person may see and that fits `lookup`; Http404 otherwise.

    A stranger's row and a missing one are told apart by nothing.
    """
    found = model._default_manager.visible_to(user).filter(**lookup).first()  # type: ignore[attr-defined]
    if found is None:
        raise Http404
    return found


def store_for(user: Any, code: str) -> tuple[Store, bool]:
    """The shop and whether this person may change things about it; Http404 for what they may not see."""
    store = visible(Store, user, code=code)
    return store, can_work_on(user, store)


def merchant_for(user: Any, code: str) -> tuple[Merchant, bool]:
    return visible(Merchant, user, code=code), user.is_lead


def can_work_on(user: User, store: Store) -> bool:
    """Agency people work on the shops they see; merchant people unless they are read only."""
    return user.is_agency or "merchant" in user.roles


def agency_page(view: View) -> View:
    """A page for agency people: sign in first; for merchant people it does not exist."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not request.user.is_agency:
            raise Http404
        return view(request, *args, **kwargs)

    guarded.audience = "agency"  # type: ignore[attr-defined]
    return guarded


def merchant_page(view: View) -> View:
    """A page for merchant people; for agency people it does not exist, they have their own."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if request.user.is_agency:
            raise Http404
        return view(request, *args, **kwargs)

    guarded.audience = "merchant"  # type: ignore[attr-defined]
    return guarded


def any_person_page(view: View) -> View:
    """A page for whoever is signed in; what is on it is scoped by the queries."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    guarded.audience = "anyone"  # type: ignore[attr-defined]
    return guarded
