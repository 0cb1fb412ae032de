"""What the frame around every page shows: navigation with what waits, the person, the bell."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from appeals import queries
from stores.models import User

# Groups of links: url name, icon, label, which count stands beside it, whether the count is loud.
STAFF = [
    [
        ("today", "sun", "Today", "review", False),
        ("cases", "folders", "Cases", "mine", False),
        ("alerts", "bell-ringing", "Alerts", "alerts", False),
    ],
    [
        ("orders", "receipt", "Orders", "", False),
        ("shops", "building-store", "Shops", "", False),
        ("people", "users", "People", "", False),
    ],
    [
        ("policies", "scale", "Policies", "", False),
        ("imports", "file-import", "Imports", "imports", False),
        ("jobs", "progress-check", "Jobs", "jobs", True),
    ],
]
FOR_LEADS = {"people"}
MERCHANT = [
    ("progress", "route", "Progress"),
    ("m-todo", "checklist", "To do"),
    ("m-shops", "building-store", "Shops"),
    ("m-messages", "message-circle", "Messages"),
]


def frame(request: HttpRequest) -> dict[str, Any]:
    """`frame` for base_staff.html and base_merchant.html, made when a template asks for it (the admin's never do)."""
    return {"frame": SimpleLazyObject(lambda: _frame(request))}


def _frame(request: HttpRequest) -> dict[str, Any]:
    """Error pages and strangers get an almost empty one."""
    user = getattr(request, "user", None)
    shown: dict[str, Any] = {"is_demo": settings.DEMO, "other_language": _other_language(request)}
    if user is None or not user.is_authenticated:
        return shown
    shown["notifications_url"] = reverse("notifications")
    return shown | (_staff(request, user) if user.is_agency else _merchant(request, user))


def _other_language(request: HttpRequest) -> dict[str, str]:
    here = (get_language() or "zh").startswith("zh")
    return {"code": "en" if here else "zh-hans", "label": "EN" if here else "中文", "url_next": request.get_full_path()}


def _is_current(request: HttpRequest, url: str) -> bool:
    return request.path == url or (url not in ("/", "/m/") and request.path.startswith(url))


def _staff(request: HttpRequest, user: User) -> dict[str, Any]:
    counts = queries.nav_counts(user)
    labels = {
        "Today": _("Today"),
        "Cases": _("Cases"),
        "Alerts": _("Alerts"),
        "Orders": _("Orders"),
        "Shops": _("Shops"),
        "People": _("People"),
        "Policies": _("Policies"),
        "Imports": _("Imports"),
        "Jobs": _("Jobs"),
    }
    nav = [
        [
            {
                "url": (url := reverse(name)),
                "icon": icon,
                "label": labels[label],
                "count": counts.get(key) if user.is_lead or key != "review" else None,
                "hot": is_hot or (key == "mine" and counts["overdue"] > 0),
                "current": _is_current(request, url),
            }
            for name, icon, label, key, is_hot in group
            if user.is_lead or name not in FOR_LEADS
        ]
        for group in STAFF
    ]
    person = _person(user, user.get_agency_role_display())
    return {
        "nav": nav,
        "unread": counts["unread"],
        "person": person,
        "search_url": reverse("search"),
        "new_violation_url": reverse("violation-new"),
    }


def _merchant(request: HttpRequest, user: User) -> dict[str, Any]:
    labels = {"Progress": _("Progress"), "To do": _("To do"), "Shops": _("Shops"), "Messages": _("Messages")}
    counts = queries.once(request, queries.merchant_counts)
    waiting = sum(n for kind, n in counts.items() if kind != "unread")
    chosen = request.GET.get("shop", "")
    shops = [
        {
            "name": shop.name,
            "code": shop.code,
            "platform": shop.platform.code,
            "current": shop.code == chosen,
            "url": f"{reverse('progress')}?shop={shop.code}",
        }
        for shop in queries.once(request, queries.shops_of)
    ]
    tabs = [
        {
            "url": (url := reverse(name)),
            "icon": icon,
            "label": labels[label],
            "count": waiting if name == "m-todo" else None,
            "current": _is_current(request, url),
        }
        for name, icon, label in MERCHANT
    ]
    role = user.cached_memberships()[0].get_role_display() if user.cached_memberships() else ""
    people_url = reverse("m-people") if user.owned_merchants else ""
    return {
        "shops": shops,
        "tabs": tabs,
        "unread": counts["unread"],
        "person": {**_person(user, role), "people_url": people_url},
    }


def _person(user: User, role: str) -> dict[str, str]:
    """Who is signed in, for the menu with the way out."""
    return {"name": user.name, "role_label": role, "initial": user.name[:1], "url": reverse("me")}
