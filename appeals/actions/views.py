"""Filtered lists that people keep under a name: their own, or shared with all of the agency by a lead."""

from __future__ import annotations

from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from appeals.models import SavedView
from casemgr.kit import audit
from casemgr.kit.privacy import scrub
from casemgr.kit.workflow import Refused
from stores.models import User

# Lists that can be kept: the name of the page is the name of its address.
PAGES = ("cases", "alerts", "orders")
# What an address says beside its filters.
NO_FILTER = ("page", "export", "format")
MOST = 30


def filters_of(query: str) -> str:
    """The filters of a query string in one fixed form: without page and empty values, by name."""
    data = QueryDict(query.lstrip("?"), mutable=True)
    kept = [(name, [one for one in values if one]) for name, values in sorted(data.lists()) if name not in NO_FILTER]
    shown = QueryDict(mutable=True)
    for name, values in kept:
        if values:
            shown.setlist(name, values)
    return shown.urlencode()


@transaction.atomic
def save(*, by: User, page: str, name: str, query: str, is_shared: bool = False, is_default: bool = False) -> SavedView:
    """Keep the filters of a page under a name; one's own view of that name takes the new filters.

    `is_shared`: for all of the agency, by a lead. `is_default`: opens first for its owner. Raises Refused.
    """
    title, filters = scrub(name.strip())[:40], filters_of(query)
    if not by.is_agency or page not in PAGES:
        raise Refused(_("Views are kept of the lists of cases, alerts and orders."))
    if not title:
        raise Refused(_("Please give the view a name."))
    if len(filters) > 500:
        raise Refused(_("These are too many filters to keep."))
    if is_shared and not by.is_lead:
        raise Refused(_("A lead shares views with the agency."))
    mine = SavedView.objects.filter(owner=by, page=page)
    if mine.exclude(name=title).count() >= MOST:
        raise Refused(_("You keep %(n)s views of this list already: delete one first.") % {"n": MOST})
    if is_default:
        mine.update(is_default=False)
    values = {"query": filters, "is_shared": is_shared, "is_default": is_default}
    view, _made = SavedView.objects.update_or_create(owner=by, page=page, name=title, defaults=values)
    audit.record(by=by, action="savedview.save", of=view, after={"name": title, "is_shared": is_shared})
    return view


@transaction.atomic
def open_first(*, by: User, view: SavedView, on: bool) -> None:
    """Make one's own view the one that opens first, or no longer."""
    _check_own(by, view)
    SavedView.objects.filter(owner=by, page=view.page).update(is_default=False)
    SavedView.objects.filter(pk=view.pk).update(is_default=on)
    audit.record(by=by, action="savedview.save", of=view, after={"is_default": on})


@transaction.atomic
def delete(*, by: User, view: SavedView) -> None:
    """Take a view away: one's own, or a shared one by a lead."""
    if not (view.is_shared and by.is_lead):
        _check_own(by, view)
    audit.record(by=by, action="savedview.delete", of=view, before={"name": view.name, "is_shared": view.is_shared})
    view.delete()


def _check_own(by: User, view: SavedView) -> None:
    if view.owner_id != by.pk:
        raise Refused(_("This view is somebody else’s."))
