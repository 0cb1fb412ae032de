"""The merchant's pages, made for a phone: where is my case, what must I do, what did it save."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from appeals import merchant_lists, queries, show, wording
from appeals.access import case_for
from appeals.actions import evidence, moves, requests, talk
from appeals.evidence import intake
from appeals.models import Case, EvidenceRequest, Message
from casemgr.kit.workflow import Refused
from orders.actions import holds
from orders.models import Hold
from stores.access import PersonRequest, merchant_page, visible
from stores.models import User

DECLARATION = "本店声明：本案所涉订单均非本店或本店委托他人安排，本店愿对此声明的真实性负责。"


def _cards(user: User, shop: str = "") -> list[dict[str, Any]]:
    rows = queries.cases_for_list(user).prefetch_related("matters__appeals").order_by("closed_at", "next_due_at", "pk")
    if shop:
        rows = rows.filter(store__code=shop)
    shown = list(rows[:30])
    reached, facts = queries.reached_by(shown), merchant_lists.facts(shown)
    return [_card(case, reached[case.code], facts[case.pk]) for case in shown]


def _card(case: Case, reached: dict[str, dt.datetime], facts: wording.Facts) -> dict[str, Any]:
    kinds = list(dict.fromkeys(matter.violation.violation_type.merchant_words for matter in case.matters.all()))
    return {
        "case": case,
        "kinds": kinds,
        "sentence": wording.sentence(case, facts),
        "outcome": wording.outcome_sentence(case, facts),
        "cleared": wording.cleared_count(case, facts),
        "deadline": show.case_deadline(case),
        "steps": show.steps(case, reached=reached, for_merchant=True),
        "seals": [show.seals(m, is_preparing=case.status in ("preparing", "reviewing")) for m in case.matters.all()][
            :1
        ],
    }


@merchant_page
@require_safe
def progress(request: PersonRequest) -> HttpResponse:
    kind, first, more = merchant_lists.turn(request.user, queries.once(request, queries.merchant_counts))
    context = {
        "cards": _cards(request.user, request.GET.get("shop", "")),
        "turn_kind": kind,
        "turn": first,
        "more": more,
    }
    return render(request, "merchant/progress.html", context)


@merchant_page
@require_safe
def case(request: PersonRequest, code: str) -> HttpResponse:
    found, may_edit = case_for(request.user, code)
    talk.mark_read(by=request.user, case=found)
    context = {
        "card": _card(found, queries.reached(found), merchant_lists.facts([found])[found.pk]),
        "case": found,
        "may_edit": may_edit,
        "requests": found.requests.filter(state="open").select_related("requirement"),
        "said": found.messages.filter(is_internal=False).select_related("author"),
        "plan": found.plan.all(),
        "notices": [matter.violation for matter in found.matters.select_related("violation__violation_type")],
    }
    return render(request, "merchant/case.html", context)


@merchant_page
@require_safe
def todo(request: PersonRequest) -> HttpResponse:
    waiting = merchant_lists.todo(request.user)
    context = {
        **waiting,
        "declaration": DECLARATION,
        "is_empty": not any(waiting.values()),
        "may_edit": "merchant" in request.user.roles,
    }
    return render(request, "merchant/todo.html", context)


@merchant_page
def upload(request: PersonRequest, code: str) -> HttpResponse:
    """One request: what it must show with a good and a bad example, the camera, or "there is none"."""
    asked = visible(EvidenceRequest, request.user, code=code)
    _may_change(request.user)
    error = ""
    if request.method == "POST":
        files = request.FILES.getlist("files")
        try:
            if not files:
                raise Refused(_("Please choose at least one photo or file."))
            evidence.add(
                by=request.user,
                case=asked.case,
                requirement=asked.requirement,
                uploads=files,
                source_note=request.POST.get("source_note", "")[:200],
                declared_true="declared_true" in request.POST,
            )
        except Refused as refusal:
            error = str(refusal.sentence)
        else:
            messages.success(request, _("Thank you, %(n)s files are with us.") % {"n": len(files)})
            return redirect("m-todo")
    context = {
        "asked": asked,
        "limits": intake.limits(),
        "error": error,
        "deadline": show.deadline(asked.due_at, since=asked.requested_at) if asked.due_at else None,
    }
    return render(request, "merchant/upload.html", context, status=422 if error else 200)


def _may_change(user: User) -> None:
    if "merchant" not in user.roles:
        raise Http404


@merchant_page
@require_POST
def answer_none(request: PersonRequest, code: str) -> HttpResponse:
    asked = visible(EvidenceRequest, request.user, code=code)
    _may_change(request.user)
    requests.answer_none(by=request.user, request=asked, note=request.POST.get("note", "")[:300])
    messages.success(request, _("Noted: there is none."))
    return redirect("m-todo")


@merchant_page
def hold(request: PersonRequest, code: str) -> HttpResponse:
    """Stop these orders and say so. POST acknowledges."""
    found = visible(Hold, request.user, code=code)
    if request.method == "POST":
        _may_change(request.user)
        holds.acknowledge(by=request.user, hold=found)
        messages.success(request, _("Thank you. We check these orders now and tell you which may go."))
        return redirect("m-todo")
    orders = found.orders.prefetch_related("lines").order_by("ship_by", "order_no")
    due = orders.exclude(ship_by=None).values_list("ship_by", flat=True).first()
    context = {"hold": found, "orders": orders, "deadline": show.deadline(due, since=found.asked_at) if due else None}
    return render(request, "merchant/hold.html", context)


@merchant_page
@require_POST
def declare(request: PersonRequest, code: str) -> HttpResponse:
    found, _may = case_for(request.user, code)
    _may_change(request.user)
    if "agreed" not in request.POST:
        raise Refused(_("Tick the box if the sentence is true."))
    moves.declare(by=request.user, case=found, text=DECLARATION)
    messages.success(request, _("Thank you, your declaration is with the case."))
    return redirect("m-todo")


@merchant_page
@require_POST
def consent(request: PersonRequest, code: str) -> HttpResponse:
    found, _may = case_for(request.user, code)
    _may_change(request.user)
    moves.consent(by=request.user, case=found)
    messages.success(request, _("Noted: we do not appeal and improve instead."))
    return redirect("m-todo")


@merchant_page
@require_POST
def say(request: PersonRequest, code: str) -> HttpResponse:
    found, _may = case_for(request.user, code)
    _may_change(request.user)
    talk.say(by=request.user, case=found, text=request.POST.get("text", "")[:5000])
    return redirect("m-case", found.code)


@merchant_page
@require_safe
def shops(request: PersonRequest) -> HttpResponse:
    """Each shop: what must ship first, what is on hold, which cases run."""
    rows = merchant_lists.shops(request.user)
    queries.known(request, queries.shops_of, [row["shop"] for row in rows])
    return render(request, "merchant/shops.html", {"rows": rows})


@merchant_page
@require_safe
def messages_page(request: PersonRequest) -> HttpResponse:
    """One conversation per case, the latest first."""
    spoken = Prefetch("messages", Message.objects.select_related("author"))  # scope: of cases found within it
    rows = queries.cases_for_list(request.user).prefetch_related(spoken)
    talks: list[dict[str, Any]] = [
        {"case": case, "last": said[-1], "unread": sum(1 for m in said if m.read_at is None and m.author.is_agency)}
        for case in rows
        if (said := [m for m in case.messages.all() if not m.is_internal])
    ]
    talks.sort(key=lambda row: row["last"].created_at, reverse=True)
    return render(request, "merchant/messages.html", {"talks": talks})
