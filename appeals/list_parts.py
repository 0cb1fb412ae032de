"""Parts around lists that are the same for everybody but for a few words: rendered once for each language and kept."""

from __future__ import annotations

import html
from functools import cache

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from appeals.actions.views import filters_of
from appeals.saved_views import Kept, views_of
from casemgr.kit.templatetags.ui import icon

_TOKEN, _QUERY, _CODE, _ALL = "token-of-the-form", "filters-of-the-list", "L-CODE", "987654321"
_NO_FILTER = "view=all"  # said in the address: the bare one opens the default view
MOST = 500  # appeals.views.bulk
_e = html.escape


def views_bar(request: HttpRequest, page: str) -> SafeString:
    """The kept views of a list as chips; for the one that is on, what can be done to it; else the way to keep the filters."""
    query = filters_of(request.GET.urlencode())
    kept = views_of(request, page)
    current = next((one for one in kept if one.query == query), None) if query else None
    is_lead = request.user.is_lead  # type: ignore[union-attr]
    chips = "".join(_chip(one, one is current) for one in kept)
    if current is not None:
        part = _steps(get_language(), current.is_mine, current.is_default, is_lead).replace(_CODE, _e(current.code))
    else:
        part = _keep_form(get_language(), page, is_lead).replace(_QUERY, _e(query)) if query else ""
    if not chips and not part:
        return SafeString("")
    part = part.replace(_TOKEN, get_token(request))
    label = _e(_("Kept views"))
    return SafeString(f'<div class="chips" role="group" aria-label="{label}">{chips}{part}</div>')


def bulk_bar(count: int, shown: int) -> SafeString:
    """What can be done with the rows that are ticked; with all `count` of the list where more than the `shown` fit."""
    with_all = shown < count <= MOST
    return SafeString(_bulk_bar(get_language(), with_all).replace(_ALL, str(count)))


def _chip(one: Kept, is_on: bool) -> str:
    by, first = _("shared by %(name)s") % {"name": one.owner}, _("opens first")
    title = "" if one.is_mine else f' title="{_e(by)}"'
    on = ' is-on" aria-current="true' if is_on else ""
    mark = icon("users") if one.is_shared else ""
    word = f' <span class="small">{_e(first)}</span>' if one.is_mine and one.is_default else ""
    return f'<a class="chip{on}" href="?{_e(one.query or _NO_FILTER)}"{title}>{mark}{_e(one.name)}{word}</a>'


@cache
def _keep_form(_language: str | None, page: str, is_lead: bool) -> str:
    values = {"page": page, "is_lead": is_lead, "token": _TOKEN, "query": _QUERY, "url": reverse("view-save")}
    return render_to_string("appeals/team/_keep_view.html", values)


@cache
def _steps(_language: str | None, is_mine: bool, is_default: bool, is_lead: bool) -> str:
    values = {"is_mine": is_mine, "is_default": is_default, "is_lead": is_lead, "token": _TOKEN, "code": _CODE}
    return render_to_string("appeals/team/_view_steps.html", values)


@cache
def _bulk_bar(_language: str | None, with_all: bool) -> str:
    return render_to_string("appeals/team/_bulk_bar.html", {"with_all": with_all, "count": _ALL})
