"""New versions of rules, and what platforms grant for a while."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from casemgr.kit.workflow import Stale
from stores.access import agency_page
from stores.actions import calendar, policies
from stores.forms import NewVersion, RoundForms, WindowForm, resent, round_values
from stores.models import Policy, User, ViolationType
from stores.queries import versions_of
from stores.views.doors import must_lead, rule_to_arrange
from stores.views.shop_forms import either, filled_in


@agency_page
@either
def policy_new(request: HttpRequest, platform: str, key: str) -> HttpResponse:
    """Write the next version of a rule, beginning with a copy of the last; or its first one."""
    by: Any = request.user
    rule = rule_to_arrange(by, platform, key)
    last = next(iter(versions_of(rule)), None)
    started = _started_from(last)
    form = NewVersion(request.POST or None, follows=last, initial=started)
    rounds = RoundForms(request.POST or None, prefix="rounds", initial=policies.rounds_of(last) if last else [])
    made = (
        filled_in(request, form, lambda: _write(by, rule, last, form, rounds)) if _is_right(request, rounds) else None
    )
    if made:
        messages.success(request, _("Version %(n)s is written. Nobody has verified it yet.") % {"n": made.version})
        return redirect(f"{reverse('policy', args=[platform, key])}?to={made.version}")
    return render(request, "stores/policy_new.html", {"rule": rule, "last": last, "form": form, "rounds": rounds})


def _started_from(last: Policy | None) -> dict[str, Any]:
    """The facts a new version starts from: those of the last one, but where they come from is written anew."""
    if last is None:
        return {}
    return {**policies.facts_of(last), "source": "", "source_on": "", "confidence": ""}


def _is_right(request: HttpRequest, rounds: Any) -> bool:
    return request.method == "POST" and rounds.is_valid()


def _write(by: User, rule: ViolationType, last: Policy | None, form: NewVersion, rounds: Any) -> Policy:
    begins, kept = form.cleaned_data["effective_from"], round_values(rounds)
    if last is None:
        return policies.create(by=by, violation_type=rule, effective_from=begins, rounds=kept, **form.values)
    if form.cleaned_data["base"] != last.version:
        # Sent once more from here, it was written knowing the newer version.
        form.data = resent(form.data, "base", str(last.version))
        raise Stale(policies.followed_by(last))
    return policies.new_version(by=by, policy=last, effective_from=begins, rounds=kept, **form.values)


@agency_page
@either
def window_new(request: HttpRequest) -> HttpResponse:
    """Write down what a platform grants for a while: a pause, more hours, no penalty."""
    by: Any = request.user
    must_lead(by)
    form = WindowForm(request.POST or None)
    made = filled_in(request, form, lambda: calendar.declare_window(by=by, **form.cleaned_data))
    if made:
        messages.success(request, _("Written down. Clocks that are computed from now on reckon with it."))
        return redirect(f"{reverse('policies')}?platform={made.platform.code}")
    context = {"form": form, "title": _("A platform's pause or extension"), "submit": _("Write it down")}
    return render(request, "stores/form.html", {**context, "back": reverse("policies")})
