"""The platforms' rules: what is in force, since when, and who has checked it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from stores.access import agency_page
from stores.actions import policies as actions
from stores.actions import shops as shop_actions
from stores.models import Policy, ViolationType
from stores.queries import (
    evidence_names,
    is_used,
    missing_years,
    pick,
    platforms_of,
    rule_rows,
    rules,
    unverified,
    versions_of,
    windows_of,
)
from stores.views.doors import rule_for, rule_to_arrange
from stores.views.listing import KINDS, PAGE, as_file, offers
from stores.views.policy_words import attempts, compare, facts, for_reader, hours, penalty, since, window
from stores.views.version_bars import draw

RECENT = dt.timedelta(days=30)  # a window that ended longer ago is of no interest to clocks that still run


@agency_page
@require_GET
def policy_list(request: HttpRequest) -> HttpResponse:
    """Every kind of penalty with the version in force; `export=csv` or `xlsx` gives what is shown as a file."""
    rows = rule_rows().order_by("platform__position", "key")
    if request.GET.get("platform"):
        rows = rows.filter(platform__code=request.GET["platform"])
    if request.GET.get("checked") == "no":
        rows = unverified(rows)
    words = request.GET.get("q", "").strip()
    if words:
        rows = rows.filter(Q(name_zh__icontains=words) | Q(name_en__icontains=words) | Q(key__icontains=words))
    kind = request.GET.get("export")
    if kind in KINDS:
        table = _table(list(rows))
        by: Any = request.user
        shop_actions.exported(by=by, what="policies", rows=len(table) - 1, kind=kind)
        return as_file(table, kind, _("policies"))
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    lines: Any = [_line(rule) for rule in page.object_list]
    page.object_list = lines
    context = {
        "page": page,
        "platform_chips": offers(request.GET, "platform", platforms_of(rules())),
        "is_filtered": any(request.GET.get(name) for name in ("platform", "checked", "q")),
    }
    return render(request, "stores/policies.html", context)


def _line(rule: ViolationType) -> dict[str, Any]:
    """One row of the list in words; `policy` None where no version is in force."""
    policy = next(iter(rule.in_force_now), None)  # type: ignore[attr-defined]
    if policy is None:
        return {"rule": rule, "policy": None}
    first = next(iter(policy.rounds.all()), None)
    return {
        "rule": rule,
        "policy": policy,
        "since": since(policy),
        "ship": hours(policy.ship_by_hours),
        "scan": hours(policy.first_scan_hours),
        "penalty": penalty(policy),
        "window": window(first) if first else "",
        "attempts": attempts(first) if first else "",
        "source": for_reader(policy.source),
        "is_ours": bool(first and first.window and first.confidence == "D"),
    }


def _table(rules: list[ViolationType]) -> list[list[Any]]:
    head = [_("Platform"), _("Violation type"), _("Version"), _("In force"), _("Ship"), _("First scan"), _("Penalty"),
            _("Appeal window"), _("Attempts"), _("Confidence"), _("Verified at"), _("Source")]  # fmt: skip
    lines = [_line(rule) for rule in rules]
    return [head, *([
        line["rule"].platform.name, line["rule"].name, *([
            line["policy"].version, line["since"], line["ship"], line["scan"], line["penalty"], line["window"],
            line["attempts"], line["policy"].confidence, line["policy"].verified_at, line["source"],
        ] if line["policy"] else [""] * 10),
    ] for line in lines)]  # fmt: skip


@agency_page
@require_GET
def policy_page(request: HttpRequest, platform: str, key: str) -> HttpResponse:
    """One rule over time: versions as bars, the facts of one, two of them side by side, where they come from."""
    return render(request, "stores/policy.html", policy_context(request, rule_for(platform, key)))


def policy_context(request: HttpRequest, rule: ViolationType) -> dict[str, Any]:
    """What the page of a rule shows; the floors above add what leans on it. `to` and `from` choose two versions."""
    now = timezone.now()
    versions = versions_of(rule)
    in_force = pick(versions, now)
    shown = _chosen(versions, request.GET.get("to")) or in_force or next(iter(versions), None)
    return {
        "rule": rule,
        "versions": versions,
        "in_force": in_force,
        "picture": draw(versions, now) if versions else None,
        "may_arrange": request.user.is_lead,  # type: ignore[union-attr]
        "windows": windows_of(rule.platform, now - RECENT),
        "missing_years": missing_years(timezone.localdate()),
        "siblings": rule.platform.violation_types.exclude(pk=rule.pk).order_by("key"),
        "shown": shown,
        **(_said(shown, versions, request.GET.get("from")) if shown else {}),
    }


def _said(shown: Policy, versions: list[Policy], against: str | None) -> dict[str, Any]:
    """One version in words, and what it changed against `against` (a number; else the version before it)."""
    earlier = [one for one in versions if one.version < shown.version]
    other = _chosen(versions, against) or next(iter(earlier), None)
    names = evidence_names()
    lines = facts(shown, names)
    changes, same = compare(facts(other, names), lines) if other else ([], lines)
    return {
        "shown_since": since(shown),
        "source": for_reader(shown.source),
        "note": for_reader(shown.note),
        "is_used": is_used(shown),
        "lines": lines,
        "other": other,
        "other_since": since(other) if other else "",
        "changes": changes,
        "same": same,
    }


def _chosen(versions: list[Policy], number: str | None) -> Policy | None:
    return next((one for one in versions if str(one.version) == number), None)


@agency_page
@require_POST
def policy_verify(request: HttpRequest, platform: str, key: str) -> HttpResponse:
    """A lead has compared a version with its source."""
    by: Any = request.user
    rule = rule_to_arrange(by, platform, key)
    policy = _chosen(versions_of(rule), request.POST.get("version"))
    if policy is None:
        raise Http404
    note = request.POST.get("note", "").strip()[:300]
    actions.verify(by=by, policy=policy, confidence=request.POST.get("confidence", ""), note=note)
    messages.success(request, _("Version %(n)s is verified.") % {"n": policy.version})
    return redirect(f"{reverse('policy', args=[platform, key])}?to={policy.version}")
