"""The filing page: review, claim, what to paste and upload in the console, the receipt."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from appeals import checklist, contact_page, contradictions, jobs_shown, rules, show
from appeals.access import filing_for
from appeals.actions import filings, texts
from appeals.evidence import pack, prebuilt
from appeals.forms.notice import local_input
from appeals.letters.draft import Draft
from appeals.models import Filing
from appeals.views.steps import valid
from appeals.workflow import FILING
from casemgr.kit.jobs import ENDED_BADLY
from casemgr.kit.workflow import Refused, Stale
from stores.access import PersonRequest, agency_page
from stores.models import User


class ReceiptForm(forms.Form):
    filed_at = forms.DateTimeField(label=gettext_lazy("Time the console shows"), widget=local_input())
    receipt_no = forms.CharField(label=gettext_lazy("Receipt number, if there is one"), required=False, max_length=64)


@agency_page
@require_safe
def page(request: PersonRequest, code: str) -> HttpResponse:
    filing, may_edit = filing_for(request.user, code)
    return _page(request, filing, may_edit, ReceiptForm())


def _page(request: PersonRequest, filing: Filing, may_edit: bool, form: ReceiptForm, status: int = 200) -> HttpResponse:
    context = {
        "filing": filing,
        "case": filing.case,
        "may_edit": may_edit,
        "state": FILING.state(filing.status),
        "receipt_form": form,
        "authorisation": contact_page.authorisation(filing.case),
        "steps": _steps(filing),
        **_right_to_submit(filing, request.user),
        **_what_goes_out(filing),
    }
    return render(request, "appeals/filings/filing.html", context, status=status)


def _right_to_submit(filing: Filing, user: User) -> dict[str, Any]:
    """Who holds it, and what stands between this person and the next step."""
    in_review, approved = filing.status == "in_review", filing.status == "approved"
    return {
        "holds": filing.claimed_by_id == user.pk and filing.status == "filing",
        "needs_second_look": filing.sent_by_id == user.pk,
        "review_hurdles": _hurdles(filing, user, "approved", second_look="yes") if in_review else [],
        "claim_hurdles": _hurdles(filing, user, "filing", was_not_submitted=True) if approved else [],
        "is_last": rules.is_last_known_attempt(filing.case),
    }


def _what_goes_out(filing: Filing) -> dict[str, Any]:
    """Deadline, attempts, pack and checklist."""
    case = filing.case
    is_open = filing.status not in ("filed", "dropped") and not filing.is_supplement
    return {
        "deadline": show.case_deadline(case),
        "seals": [show.seals(m, is_preparing=is_open) for m in case.matters.select_related("violation")],
        "files": filing.pack_files.all(),
        "limits": case.store.platform,
        "checklist": checklist.of(case),
        "contradictions": contradictions.of(case),
        "claimed": case.claimable_count,
        "pack_warnings": pack.warnings(filing) if filing.frozen_at else [],
        "pack_job": _pack_job(filing) if filing.status == "approved" and not filing.frozen_at else None,
    }


def _pack_job(filing: Filing) -> dict[str, Any] | None:
    """How far the pack is that is built since the approval; None where no job is known any more."""
    job = prebuilt.job_of(filing)
    if job is None:
        return None
    facts = {"job": job, "progress": jobs_shown.progress(job), "error": _(job.error) if job.error else ""}
    return {**facts, "is_running": job.state in jobs_shown.VIEWS["active"][0], "is_stopped": job.state in ENDED_BADLY}


def _steps(filing: Filing) -> list[dict[str, Any]]:
    done = {"in_review": 1, "approved": 2, "filing": 3, "filed": 4}.get(filing.status, 0)
    labels = [_("Review"), _("Claim and freeze"), _("Submit in the console"), _("Record the receipt")]
    return [{"n": n, "label": label, "is_done": n < done, "is_now": n == done} for n, label in enumerate(labels, 1)]


def _hurdles(filing: Filing, by: User, target: str, **facts: Any) -> list[Any]:
    try:
        return FILING.hurdles(filing, target, by=by, **facts)
    except Refused as refusal:
        return [refusal.sentence]


def _door(request: PersonRequest, code: str) -> Filing:
    filing, may_edit = filing_for(request.user, code)
    if not may_edit:
        raise Http404
    return filing


@agency_page
@require_POST
def text(request: PersonRequest, code: str) -> HttpResponse:
    """Save the text. Somebody else's newer text is shown beside; what was typed is kept in the boxes."""
    filing = _door(request, code)
    box_text, letter_text = request.POST.get("box_text", ""), request.POST.get("letter_text", "")
    try:
        texts.save_text(
            by=request.user,
            filing=filing,
            version=int(request.POST.get("version") or 0),
            box_text=box_text,
            letter_text=letter_text,
        )
    except Stale as stale:
        fresh = Filing.objects.get(pk=filing.pk)  # scope: the same row the door let through, read again
        context = {
            "filing": fresh,
            "case": fresh.case,
            "box_text": box_text,
            "letter_text": letter_text,
            "sentence": stale.sentence,
        }
        return render(request, "appeals/filings/clash.html", context, status=409)
    messages.success(request, _("Text saved."))
    return redirect(reverse("case", args=[filing.case.code]) + "#letter")


@agency_page
@require_POST
def redraft(request: PersonRequest, code: str) -> HttpResponse:
    filing = _door(request, code)
    made: Draft = texts.redraft(by=request.user, filing=filing, replace="replace" in request.POST)
    if made.gaps:
        messages.warning(request, _("Filled from the facts; %(n)s facts are missing.") % {"n": len(made.gaps)})
    elif filing.box_text != made.box_text:
        messages.info(request, _("Your edited text was kept. Tick “replace” to take the new draft."))
    else:
        messages.success(request, _("Filled from the facts."))
    return redirect(reverse("case", args=[filing.case.code]) + "#letter")


@agency_page
@require_POST
def approve(request: PersonRequest, code: str) -> HttpResponse:
    filing = _door(request, code)
    filings.approve(by=request.user, filing=filing, second_look=request.POST.get("second_look", ""))
    messages.success(request, _("Approved. One person may claim the submission now."))
    return redirect("filing", filing.code)


@agency_page
@require_POST
def want_changes(request: PersonRequest, code: str) -> HttpResponse:
    filing = _door(request, code)
    filings.want_changes(by=request.user, filing=filing, note=request.POST.get("note", ""))
    return redirect(reverse("case", args=[filing.case.code]) + "#letter")


@agency_page
@require_POST
def claim(request: PersonRequest, code: str) -> HttpResponse:
    filing = _door(request, code)
    filings.claim(by=request.user, filing=filing, was_not_submitted="was_not_submitted" in request.POST)
    messages.success(request, _("You hold the submission for two hours. The pack is frozen."))
    return redirect("filing", filing.code)


@agency_page
@require_POST
def give_back(request: PersonRequest, code: str) -> HttpResponse:
    filing = _door(request, code)
    filings.give_back(by=request.user, filing=filing)
    messages.info(request, _("Given back. A colleague may claim it; no attempt was spent."))
    return redirect("filing", filing.code)


@agency_page
@require_POST
def record(request: PersonRequest, code: str) -> HttpResponse:
    filing = _door(request, code)
    form = ReceiptForm(request.POST)
    if not form.is_valid():
        return _page(request, filing, True, form, status=422)
    try:
        filings.record(by=request.user, filing=filing, receipt=request.FILES.get("receipt"), **valid(form))
    except Refused as refusal:
        if isinstance(refusal, Stale):
            raise
        form.add_error("filed_at", str(refusal.sentence))
        return _page(request, Filing.objects.visible_to(request.user).get(pk=filing.pk), True, form, status=422)
    messages.success(request, _("Filed. One attempt is spent; the merchant was told."))
    return redirect("case", filing.case.code)
