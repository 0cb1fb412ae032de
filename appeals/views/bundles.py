"""Many notices at once: what was read of each, the cases proposed for them, and opening those."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from appeals import bundles
from appeals.actions import cases
from appeals.bundles import Bundle, Row
from appeals.forms.bundles import CHOICES, BundleForm, ManyForm
from casemgr.kit.workflow import Refused
from orders import notices
from orders.actions.violations import AlreadyRegistered
from stores.access import PersonRequest, agency_page
from stores.models import Store, ViolationType
from stores.queries import working_days

ROWS_SHOWN = 400


@agency_page
def many(request: PersonRequest) -> HttpResponse:
    """POST step=sort: the proposal again with the choices made; step=open: the cases. GET goes to the paste box."""
    form = ManyForm(request.POST or None, user=request.user)
    if request.method != "POST" or not form.is_valid():
        return redirect("violation-new")
    rows = _rows(request, form)
    for row in rows:
        row.choice = request.POST.get(f"row-{row.place}", "together")
    proposal = bundles.proposed(rows)
    forms = {bundle.key: _bundle_form(request, bundle) for bundle in proposal}
    if request.POST.get("step") == "open" and proposal and all(one.is_valid() for one in forms.values()):
        return _open(request, form, rows, proposal, forms)
    return page(request, form, rows, proposal, forms)


def read_page(request: PersonRequest, data: dict[str, Any], pieces: list[notices.Piece]) -> HttpResponse:
    """The first proposal for what was just read."""
    initial = {name: data[name] for name in ("text", "captured_at")}
    shop = data["shop"].code if data["shop"] else None
    form = ManyForm(initial={**initial, "shop": shop, "pasted_at": data["pasted_at"].isoformat()}, user=request.user)
    rows = bundles.rows_of(pieces, user=request.user, store=data["shop"])
    proposal = bundles.proposed(rows)
    return page(request, form, rows, proposal, {one.key: _bundle_form(request, one) for one in proposal})


def _rows(request: PersonRequest, form: ManyForm) -> list[Row]:
    data = form.cleaned_data
    store = data["shop"]
    pieces = notices.read_many(
        data["text"],
        platform=store.platform.code if store else None,
        captured_at=data["captured_at"],
        pasted_at=data["pasted_at"],
        holidays=working_days(),
    )
    return bundles.rows_of(pieces, user=request.user, store=store)


def _bundle_form(request: PersonRequest, bundle: Bundle) -> BundleForm:
    shops = Store.objects.visible_to(request.user).filter(state="active").select_related("platform")
    kinds = ViolationType.objects.all()  # scope: rules, they belong to no shop
    if bundle.store is not None:
        kinds = kinds.filter(platform=bundle.store.platform)
    names = dict(sorted((kind.key, kind.name) for kind in kinds))
    stages = {row.read.get("stage") for row in bundle.rows}
    initial = {
        "shop": bundle.store.code if bundle.store else "",
        "kind": bundle.kind_key,
        "stage": (stages.pop() if len(stages) == 1 else "") or "",
    }
    sent = request.POST if f"{bundle.key}-stage" in request.POST else None
    return BundleForm(sent, initial=initial, prefix=bundle.key, shops=shops, kinds=list(names.items()))


def page(
    request: PersonRequest, form: ManyForm, rows: list[Row], proposal: list[Bundle], forms: dict[str, BundleForm]
) -> HttpResponse:
    errors = any(one.is_bound and one.errors for one in forms.values())
    context = {
        "form": form,
        "proposal": [{"bundle": bundle, "form": forms[bundle.key]} for bundle in proposal],
        "others": [row for row in rows if row.case is None and (not row.may_open or row.choice == "skip")],
        "known": [row for row in rows if row.case is not None],
        "rows_shown": f":{ROWS_SHOWN}",
        "count": len(rows),
        "choices": CHOICES,
    }
    return render(request, "appeals/notices/many.html", context, status=422 if errors else 200)


def _open(
    request: PersonRequest, form: ManyForm, rows: list[Row], proposal: list[Bundle], forms: dict[str, BundleForm]
) -> HttpResponse:
    opened = []
    for bundle in proposal:
        data = forms[bundle.key].cleaned_data
        statements = bundles.statements_of(bundle, data["violation_type"], data["stage"])
        try:
            case = cases.open_case(
                by=request.user,
                store=data["shop"],
                statements=statements,
                dues=bundles.dues_of(bundle),
                attempts_left=bundles.attempts_left(bundle),
            )
        except AlreadyRegistered as refusal:
            existing = cases.existing_case(refusal)
            text = _("%(no)s is registered already, in %(code)s. The other notices beside it are shown again.")
            messages.info(request, text % {"no": refusal.violation, "code": existing.code if existing else "–"})
            rows = _rows(request, form)
            left = bundles.proposed(rows)
            return page(request, form, rows, left, {one.key: _bundle_form(request, one) for one in left})
        except Refused as refusal:
            messages.error(request, str(refusal.sentence))
            return page(request, form, rows, proposal, forms)
        opened.append(case)
    messages.success(request, _("Opened: %(codes)s.") % {"codes": ", ".join(case.code for case in opened)})
    return redirect("case", opened[0].code) if len(opened) == 1 else redirect("cases")
