"""The platforms' rules: what is in force, since when, and who has checked it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from stores.access import agency_page
from stores.actions import policies as actions
from stores.actions import shops as shop_actions
from stores.models import EvidenceRequirement, ExemptionWindow, Policy, ViolationType
from stores.queries import is_used, missing_years, pick, platforms, rule_rows, unverified, versions_of
from stores.views.doors import lead_page
from stores.views.listing import KINDS, PAGE, as_file, offers
from stores.views.policy_words import attempts, compare, facts, for_reader, hours, penalty, since, window
from stores.views.version_bars import draw

RECENT = dt.timedelta(days=30)  # a window that ended longer ago is of no interest to clocks that still run


def rule_for(platform: str, key: str) -> ViolationType:
    """The kind of penalty behind an address; Http404 for what there is not. Rules are everybody's in the agency."""
    return get_object_or_404(ViolationType.objects.select_related("platform"), platform__code=platform, key=key)


@require_GET
@agency_page
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
    page.object_list = [_line(rule) for rule in page.object_list]  # type: ignore[assignment]
    counts = dict(ViolationType.objects.order_by().values_list("platform").annotate(Count("pk")))
    chips = [(one.code, one.name, counts[one.pk]) for one in platforms() if one.pk in counts]
    context = {
        "page": page,
        "platform_chips": offers(request.GET, "platform", chips),
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


@require_GET
@agency_page
def policy_page(request: HttpRequest, platform: str, key: str) -> HttpResponse:
    """One rule over time: versions as bars, the facts of one, two of them side by side, where they come from."""
    return render(request, "stores/policy.html", policy_context(request, rule_for(platform, key)))


def policy_context(request: HttpRequest, rule: ViolationType) -> dict[str, Any]:
    """What the page of a rule shows; the floors above add what leans on it."""
    now, user = timezone.now(), request.user
    versions = versions_of(rule)
    current = pick(versions, now) or (versions[0] if versions else None)
    shown = _chosen(versions, request.GET.get("to")) or current
    earlier = [one for one in versions if shown and one.version < shown.version]
    other = _chosen(versions, request.GET.get("from")) or next(iter(earlier), None)
    names = {one.key: one.name for one in EvidenceRequirement.objects.all()}
    lines = facts(shown, names) if shown else []
    changes, same = compare(facts(other, names), lines) if shown and other else ([], lines)
    return {
        "rule": rule,
        "versions": versions,
        "current": current,
        "is_in_force": current is not None and pick(versions, now) == current,
        "shown": shown,
        "shown_since": since(shown) if shown else "",
        "source": for_reader(shown.source) if shown else "",
        "note": for_reader(shown.note) if shown else "",
        "other": other,
        "other_since": since(other) if other else "",
        "lines": lines,
        "changes": changes,
        "same": same,
        "picture": draw(versions, now) if versions else None,
        "may_arrange": user.is_lead,  # type: ignore[union-attr]
        "is_used": is_used(shown) if shown else False,
        "windows": ExemptionWindow.objects.filter(platform=rule.platform, to_at__gte=now - RECENT),
        "missing_years": missing_years(timezone.localdate()),
        "siblings": rule.platform.violation_types.exclude(pk=rule.pk).order_by("key"),
    }


def _chosen(versions: list[Policy], number: str | None) -> Policy | None:
    return next((one for one in versions if str(one.version) == number), None)


@require_POST
@lead_page
def policy_verify(request: HttpRequest, platform: str, key: str) -> HttpResponse:
    """A lead has compared a version with its source."""
    by: Any = request.user
    policy = _chosen(versions_of(rule_for(platform, key)), request.POST.get("version"))
    if policy is None:
        raise Http404
    note = request.POST.get("note", "").strip()[:300]
    actions.verify(by=by, policy=policy, confidence=request.POST.get("confidence", ""), note=note)
    messages.success(request, _("Version %(n)s is verified.") % {"n": policy.version})
    return redirect(f"{reverse('policy', args=[platform, key])}?to={policy.version}")
