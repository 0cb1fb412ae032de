"""Views of lists: keep, open first, delete. Each leads back to its list."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from appeals.actions import views
from appeals.models import SavedView
from appeals.saved_views import visible_views
from stores.access import PersonRequest, agency_page


def _own_or_shared(request: PersonRequest, code: str) -> SavedView:
    view = visible_views(request.user).filter(code=code).first()
    if view is None:
        raise Http404
    return view


def _list(view: SavedView, *, with_filters: bool = True) -> HttpResponse:
    # Without filters: said in the address, so that no default opens instead.
    return redirect(f"{reverse(view.page)}?{view.query if with_filters and view.query else urlencode({'view': 'all'})}")


@agency_page
@require_POST
def save(request: PersonRequest) -> HttpResponse:
    data = request.POST
    view = views.save(
        by=request.user,
        page=data.get("page", ""),
        name=data.get("name", ""),
        query=data.get("query", ""),
        is_shared="is_shared" in data,
        is_default="is_default" in data,
    )
    messages.success(request, _("The view “%(name)s” is kept.") % {"name": view.name})
    return _list(view)


@agency_page
@require_POST
def open_first(request: PersonRequest, code: str) -> HttpResponse:
    view = _own_or_shared(request, code)
    views.open_first(by=request.user, view=view, on=request.POST.get("on") == "1")
    messages.success(request, _("Saved."))
    return _list(view)


@agency_page
@require_POST
def delete(request: PersonRequest, code: str) -> HttpResponse:
    view = _own_or_shared(request, code)
    views.delete(by=request.user, view=view)
    messages.success(request, _("The view “%(name)s” is deleted.") % {"name": view.name})
    return _list(view, with_filters=False)
