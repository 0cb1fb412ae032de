"""Many cases at once, from the list: each goes through the same action and the same guards as alone, and each row says
what became of it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from appeals import exports, workload
from appeals.actions import talk, team
from appeals.models import Case
from appeals.views.team import moment
from casemgr.kit import exporting
from casemgr.kit.workflow import Refused
from stores.access import PersonRequest, agency_page
from stores.models import User
from stores.queries import agency_people

MOST = 500
KEPT = 600  # seconds in which the result can be looked at again
Act = Callable[[Case], None]


@agency_page
@require_http_methods(["GET", "POST"])
def bulk(request: PersonRequest) -> HttpResponseBase:
    """POST: what is to be done (`do`) with which cases; asks what it needs first (`go` is the second step). GET: results."""
    if request.method == "GET":
        return _results(request)
    do, (cases, unknown) = request.POST.get("do", ""), _chosen(request)
    if do == "export":
        chosen = exports.CASES.rows(request.user, QueryDict("view=all")).filter(pk__in=[case.pk for case in cases])
        return exporting.stream(exports.CASES.table(chosen), name=exports.CASES.name, form="csv", by=request.user)
    if do not in ("assign", "snooze", "note", "wake"):
        raise Refused(_("Choose what is to be done with these cases."))
    if do != "wake" and "go" not in request.POST:
        people = workload.everybody() if do == "assign" else []
        context = {"do": do, "cases": cases, "unknown": unknown, "people": people}
        return render(request, "appeals/team/bulk.html", context)
    act = _act(request, do)
    rows = [_done(case, act) for case in cases]
    return _keep(request, do, rows + [_unknown(code) for code in unknown])


def _chosen(request: PersonRequest) -> tuple[list[Case], list[str]]:
    """The cases ticked, or with `all` those of the list's filters; and codes that are none this person may see."""
    listed = Case.objects.visible_to(request.user).select_related("store__platform", "owner")
    listed = listed.order_by(*exports.BY_URGENCY)
    if request.POST.get("all"):
        rows = exports.cases(request.user, QueryDict(request.POST.get("query", "")))
        keys = list(rows.values_list("pk", flat=True)[: MOST + 1])
        cases, unknown = list(listed.filter(pk__in=keys)), []
    else:
        codes = list(dict.fromkeys(code[:16] for code in request.POST.getlist("case")))
        cases = list(listed.filter(code__in=codes[: MOST + 1]))
        unknown = sorted(set(codes) - {case.code for case in cases})
    if not cases and not unknown:
        raise Refused(_("Choose at least one case."))
    if len(cases) + len(unknown) > MOST:
        raise Refused(_("At most %(n)s cases at once: narrow the list by a filter.") % {"n": MOST})
    return cases, unknown


def _act(request: PersonRequest, do: str) -> Act:
    """What is done with each case; Refused when the form lacks something."""
    by, data = request.user, request.POST
    if do == "assign":
        to = agency_people().filter(code=data.get("owner", "")).first()
        if to is None:
            raise Refused(_("Choose a colleague."))
        return lambda case: team.hand_over(by=by, case=case, to=to)
    if do == "snooze":
        until = moment(request)
        return lambda case: team.snooze(by=by, case=case, until=until, reason=data.get("reason", ""))
    if do == "note":
        return lambda case: _note(by, case, data.get("text", ""))
    return lambda case: team.wake(by=by, case=case)


def _note(by: User, case: Case, text: str) -> None:
    talk.say(by=by, case=case, text=text, is_internal=True)


def _done(case: Case, act: Act) -> dict[str, Any]:
    """One row of the result: done, or refused with the sentence. Each case is a transaction of its own."""
    row = {"code": case.code, "shop": case.store.name, "refused": ""}
    try:
        with transaction.atomic():
            act(case)
    except Refused as refused:
        row["refused"] = str(refused.sentence)
    return row


def _unknown(code: str) -> dict[str, Any]:
    return {"code": code, "shop": "", "refused": _("There is no such case.")}


def _keep(request: PersonRequest, do: str, rows: list[dict[str, Any]]) -> HttpResponse:
    """The result on a page of its own address, so that loading it again does nothing again."""
    key = secrets.token_urlsafe(12)
    cache.set(f"bulk:{request.user.pk}:{key}", {"do": do, "rows": rows}, KEPT)
    return HttpResponseRedirect(f"{reverse('cases-bulk')}?done={key}")


def _results(request: PersonRequest) -> HttpResponse:
    kept = cache.get(f"bulk:{request.user.pk}:{request.GET.get('done', '')[:40]}")
    if kept is None:
        return redirect("cases")
    refused = [row for row in kept["rows"] if row["refused"]]
    context = {"do": kept["do"], "rows": refused + [row for row in kept["rows"] if not row["refused"]]}
    numbers = {"done": len(kept["rows"]) - len(refused), "refused": len(refused)}
    return render(request, "appeals/team/bulk_done.html", {**context, **numbers})
