"""New violation: paste the notice, look at what was read, open the case. Two clicks when the notice says it all."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from appeals import intake, show, workload
from appeals.actions import cases, deadlines, evidence
from appeals.forms.notice import PasteForm, ViolationForm
from appeals.models import Case, CaseViolation
from appeals.views import bundles
from casemgr.kit.workflow import Refused
from orders import notices
from orders.actions.violations import AlreadyRegistered, Statement
from orders.models import Order
from stores.access import PersonRequest, agency_page
from stores.models import EvidenceRequirement, Store, User
from stores.queries import BEGINNING, policy_in_force, working_days


@agency_page
def new(request: PersonRequest) -> HttpResponse:
    """GET: the paste box, or the empty form with ?by=hand. POST step=read: what was read. POST step=open: the case."""
    step = request.POST.get("step", "")
    if step == "open":
        return _open(request)
    if request.GET.get("by") == "hand" and request.method == "GET":
        initial = {"owner": request.user.code, "stage": "in_force", "due_kind": "appeal"}
        return _form_page(request, ViolationForm(user=request.user, store=None, initial=initial), {"by_hand": True})
    form = PasteForm(request.POST or None, request.FILES or None, user=request.user)
    if step == "read" and form.is_valid():
        return _read(request, form)
    return render(request, "appeals/notices/paste.html", {"form": form})


def _read(request: PersonRequest, paste: PasteForm) -> HttpResponse:
    text, store, captured_at = (paste.cleaned_data[name] for name in ("text", "shop", "captured_at"))
    now = timezone.now()
    platform = store.platform.code if store else None
    given = {"captured_at": captured_at, "pasted_at": now, "holidays": working_days()}
    if len(pieces := notices.read_many(text, platform=platform, **given)) > 1:
        return bundles.read_page(request, {**paste.cleaned_data, "pasted_at": now}, pieces)
    result = notices.read(text, platform=platform, **given)
    found = [read for read in result["violations"] if intake.is_in_play(read)]
    if result["action"] != "open" or not found:
        context = {"form": paste, "result": result, "known": _known(request.user, result)}
        return render(request, "appeals/notices/paste.html", context)
    store = store or _likely_store(request.user, found[0])
    form = ViolationForm(
        user=request.user, store=store, initial=_initial(request.user, found, text, store, captured_at)
    )
    return _form_page(request, form, _context(found, text, store))


def _read_text(text: str, store: Store | None, captured_at: dt.datetime | None) -> dict[str, Any]:
    platform = store.platform.code if store else None
    return notices.read(
        text, platform=platform, captured_at=captured_at, pasted_at=timezone.now(), holidays=working_days()
    )


def _known(user: User, result: dict[str, Any]) -> list[dict[str, Any]]:
    """Violations of this person's shops that the message speaks of by number, and whether an attempt waits there."""
    numbers = [read.get("violation_no") for read in result["violations"] if read.get("violation_no")]
    rows = CaseViolation.objects.visible_to(user).filter(violation__violation_no__in=numbers)
    matters = rows.select_related("case", "violation").prefetch_related("appeals")
    return [
        {"matter": matter, "is_awaited": any(appeal.status == "filed" for appeal in matter.appeals.all())}
        for matter in matters
    ]


def _likely_store(user: User, read: dict[str, Any]) -> Store | None:
    """The shop the notice names, or whose orders it names, or the only one on its platform; None asks the person."""
    shops = Store.objects.visible_to(user).filter(state="active").select_related("platform")
    if read.get("platform"):
        shops = shops.filter(platform__code=read["platform"])
    candidates = list(shops[:200])
    if read.get("shop_name"):
        named = [shop for shop in candidates if shop.name == read["shop_name"]]
        if len(named) == 1:
            return named[0]
    numbers = (read.get("orders") or {}).get("order_nos") or []
    owner_of = (
        Order.objects.visible_to(user)
        .filter(order_no__in=numbers, store__in=candidates)
        .values_list("store_id", flat=True)
    )
    ids = set(owner_of.distinct()[:2])
    if len(ids) == 1:
        return next(shop for shop in candidates if shop.pk in ids)
    return candidates[0] if len(candidates) == 1 else None


def _initial(
    user: User, found: list[dict[str, Any]], text: str, store: Store | None, captured_at: Any
) -> dict[str, Any]:
    read = found[0]
    due = next((due for due in intake.read_dues(read) if due.kind != "penalty_starts"), None)
    owner = workload.proposed(store, by=user) if store else user
    return {
        "text": text,
        "captured_at": captured_at,
        "shop": store.code if store else None,
        "violation_key": read.get("type"),
        "stage": read.get("stage") or "",
        "violation_no": read.get("violation_no"),
        "noticed_at": intake.moment(read.get("noticed_at")),
        "claimed_count": (read.get("orders") or {}).get("claimed"),
        "order_nos": "\n".join((read.get("orders") or {}).get("order_nos") or []),
        "amount_total": (read.get("amounts") or {}).get("total"),
        "due_kind": due.kind if due else ("ticket_reply" if read.get("stage") == "ticket" else "appeal"),
        "due_at": due.due_at if due else None,
        "attempts_stated": read.get("attempts_stated"),
        "owner": owner.code,
    }


def _context(found: list[dict[str, Any]], text: str, store: Store | None) -> dict[str, Any]:
    read = found[0]
    dues = intake.read_dues(read)
    first = next((due for due in dues if due.kind != "penalty_starts"), None)
    source = "" if first is None else "estimated" if first.is_estimated else first.source
    return {
        "found": found,
        "read": read,
        "parts": _marked(text, store),
        "dues": dues,
        "first_due": first,
        "deadline": show.deadline(first.due_at, source=source, since=intake.moment(read.get("noticed_at")))
        if first
        else None,
    }


# The number that stands in the text and at the field beside it; of a field named often only the first is numbered.
FIELD_NUMBERS = {
    "shop_name": 1,
    "type": 2,
    "violation_no": 3,
    "orders": 4,
    "amounts": 5,
    "measures": 6,
    "points": 6,
    "deadlines": 7,
    "attempts_stated": 8,
    "attempts_left": 8,
}


def _marked(text: str, store: Store | None) -> list[dict[str, Any]]:
    """The pasted text cut into plain and marked parts, in order; a marked part carries the field it was read as."""
    parts: list[dict[str, Any]] = []
    position, numbered = 0, set()
    for span in sorted(
        notices.highlight(text, platform=store.platform.code if store else None), key=lambda s: s["start"]
    ):
        if span["start"] < position:
            continue
        parts.append({"text": text[position : span["start"]], "field": ""})
        number = FIELD_NUMBERS.get(span["field"])
        shown = "" if number in numbered else number or ""
        numbered.add(number)
        parts.append({"text": text[span["start"] : span["end"]], "field": span["field"], "ix": shown})
        position = span["end"]
    return [*parts, {"text": text[position:], "field": ""}]


def _form_page(request: PersonRequest, form: ViolationForm, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """The form beside the source text, with the orders it matches and the policy in force."""
    store = _chosen_store(request.user, form)
    context = {"form": form, "store": store, **_matching(request.user, form, store), **_rule(form, store), **context}
    return render(request, "appeals/notices/review.html", context, status=status)


def _chosen_store(user: User, form: ViolationForm) -> Store | None:
    code = form["shop"].value() or ""
    return Store.objects.visible_to(user).filter(code=code).select_related("platform").first()


def _matching(user: User, form: ViolationForm, store: Store | None) -> dict[str, Any]:
    """The numbers the notice names beside our orders, those we do not have first."""
    numbers = [no for no in (form["order_nos"].value() or "").replace(",", "\n").split() if no][:1000]
    ours = Order.objects.visible_to(user).filter(store=store, order_no__in=numbers).prefetch_related("alerts")
    orders = {order.order_no: order for order in ours} if store else {}
    rows = sorted(
        ({"order_no": no, "order": orders.get(no)} for no in numbers), key=lambda row: row["order"] is not None
    )
    return {"rows": rows[:12], "more_rows": max(len(rows) - 12, 0), "named": len(numbers), "matched": len(orders)}


def _rule(form: ViolationForm, store: Store | None) -> dict[str, Any]:
    """The policy in force when the notice came, for the kind of violation chosen."""
    key = form["violation_key"].value()
    kind = store.platform.violation_types.filter(key=key).first() if store and key else None
    noticed_at = (getattr(form, "cleaned_data", {}) if form.is_bound else form.initial).get("noticed_at")
    policy = policy_in_force(kind, noticed_at or timezone.now()) if kind else None
    begins_at = policy.effective_from if policy and policy.effective_from != BEGINNING else None
    return {"policy": policy, "policy_begins_at": begins_at, "rounds": policy.rounds.all() if policy else []}


def _open(request: PersonRequest) -> HttpResponse:
    code = request.POST.get("shop", "")
    store = Store.objects.visible_to(request.user).filter(code=code).select_related("platform").first()
    form = ViolationForm(request.POST, request.FILES or None, user=request.user, store=store)
    text = request.POST.get("text", "")
    result = _read_text(text, store, None) if text.strip() else {"violations": []}
    found = [read for read in result["violations"] if intake.is_in_play(read)][:1]
    context = _context(found, text, store) if found else {"by_hand": True}
    if not form.is_valid():
        return _form_page(request, form, context, status=422)
    data = form.cleaned_data
    try:
        case = cases.open_case(
            by=request.user,
            store=data["shop"],
            statements=_statements(data, found),
            dues=_dues(data, found),
            owner=data["owner"],
            attempts_left=found[0].get("attempts_left") if found else None,
        )
    except AlreadyRegistered as refusal:
        existing = cases.existing_case(refusal)
        messages.info(request, _("This violation is known already: here is its case."))
        return redirect("case", existing.code) if existing else redirect("cases")
    except Refused as refusal:
        form.add_error(None, str(refusal.sentence))
        return _form_page(request, form, context, status=422)
    messages.success(request, _("%(code)s is open.") % {"code": case.code})
    _keep_picture(request, case, data)
    return redirect("case", case.code)


def _keep_picture(request: PersonRequest, case: Case, data: dict[str, Any]) -> None:
    """The screenshot as evidence of the case just opened. One that cannot be kept is said; the case stays open."""
    kind = EvidenceRequirement.objects.filter(key="notice").first()  # scope: a rule, it belongs to no shop
    if not data["picture"] or kind is None:
        return
    at, note = data["captured_at"], _("Screenshot at intake")
    try:
        evidence.add(
            by=request.user, case=case, requirement=kind, uploads=[data["picture"]], declared_true=True,
            captured_at=at, source_note=note,
        )  # fmt: skip
    except Refused as refusal:
        messages.warning(request, _("The screenshot was not kept: %(why)s") % {"why": refusal.sentence})


def _statements(data: dict[str, Any], found: list[dict[str, Any]]) -> list[Statement]:
    """What was read, corrected by what the person entered."""
    entered = "pasted" if data["text"].strip() else "hand"
    read = found[0] if found else {}
    statement = intake.to_statement(
        read, violation_type=data["violation_type"], stage=data["stage"], text=data["text"], entered=entered
    )
    statement.violation_no = data["violation_no"].strip()
    statement.noticed_at = data["noticed_at"]
    statement.claimed_count = data["claimed_count"]
    statement.order_nos = data["order_nos"]
    if data["amount_total"] != statement.amount_total:
        statement.amount_total, statement.amount_basis = data["amount_total"], "entered"
    statement.attempts_stated = data["attempts_stated"]
    return [statement]


def _dues(data: dict[str, Any], found: list[dict[str, Any]]) -> list[deadlines.Due]:
    """The deadline of the form in place of the one that was read, the others as read. Changed by hand means by hand."""
    read = [due for row in found for due in intake.read_dues(row)]
    others = [intake.to_due(due) for due in read if due.kind != data["due_kind"]]
    if data["due_at"] is None:
        return others
    same = next((due for due in read if due.kind == data["due_kind"] and _same(due.due_at, data["due_at"])), None)
    if same is None:
        return [*others, deadlines.Due(data["due_kind"], data["due_at"], "hand", "", is_estimated=False)]
    due = intake.to_due(same)
    if data["is_looked_up"] and due.is_estimated:
        due = deadlines.Due(due.kind, due.due_at, "screenshot", due.source_text, is_estimated=False)
    return [*others, due]


def _same(one: dt.datetime | None, other: dt.datetime) -> bool:
    return one is not None and abs((one - other).total_seconds()) < 60
