"""Everything that can be done to a case by one POST. Each view: the door, the form, one action, back to its section."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from appeals.access import case_for
from appeals.actions import answers, cases, deadlines, evidence, facts, filings, moves, requests, talk
from appeals.forms import case as forms
from appeals.models import Case, CaseViolation
from appeals.staleness import must_be_fresh
from casemgr.kit.workflow import Refused
from stores.access import PersonRequest, View, agency_page
from stores.models import EvidenceRequirement
from stores.queries import agency_people_of


def step(anchor: str = "") -> Callable[[Callable[..., Any]], View]:
    """A POST on a case: the door first, then the step; back to `anchor` of the case page."""

    def wrap(view: Callable[..., Any]) -> View:
        @agency_page
        @require_POST
        def guarded(request: PersonRequest, code: str, **kwargs: Any) -> HttpResponse:
            case, may_edit = case_for(request.user, code)
            if not may_edit:
                raise Http404
            answer = view(request, case, **kwargs)
            return answer or redirect(reverse("case", args=[case.code]) + anchor)

        return guarded

    return wrap


def valid(form: django_forms.Form) -> dict[str, Any]:
    """The cleaned fields; Refused with the first error of each field in words."""
    if form.is_valid():
        return form.cleaned_data
    lines = [
        f"{form.fields[name].label}: {errors[0]}" if name in form.fields else str(errors[0])
        for name, errors in form.errors.items()
    ]
    raise Refused(" ".join(lines))


def requirement(key: str) -> EvidenceRequirement:
    found = EvidenceRequirement.objects.filter(key=key).first()  # scope: a rule, it belongs to no shop
    if found is None:
        raise Http404
    return found


def matter_of(case: Case, violation: str) -> CaseViolation:
    """The violation of this case with that code, with its attempts."""
    found = case.matters.select_related("case", "violation").filter(violation__code=violation).first()
    if found is None:
        raise Http404
    return found


@step()
def take_in(request: PersonRequest, case: Case) -> None:
    moves.take_in(by=request.user, case=case)


def fresh(request: PersonRequest, case: Case, *actions: str, of: str = "", typed: str = "") -> None:
    """Stale when somebody else did one of these after the form's page was drawn (appeals.staleness)."""
    as_of, words = request.POST.get("as_of", ""), request.POST.get(typed, "")
    must_be_fresh(by=request.user, case=case, as_of=as_of, actions=actions, of=of, typed=words)


@step("#diagnosis")
def diagnose(request: PersonRequest, case: Case) -> None:
    fresh(request, case, "case.diagnose", typed="cost_estimate")
    moves.diagnose(by=request.user, case=case, **valid(forms.DiagnosisForm(request.POST)))
    messages.success(request, _("Saved."))


@step("#diagnosis")
def consent(request: PersonRequest, case: Case) -> None:
    moves.consent(by=request.user, case=case)


@step("#letter")
def prepare(request: PersonRequest, case: Case) -> None:
    moves.start_preparing(by=request.user, case=case)


@step("#plan")
def do_not_fight(request: PersonRequest, case: Case) -> None:
    moves.do_not_fight(by=request.user, case=case)


@step()
def send_to_review(request: PersonRequest, case: Case) -> None:
    filing = case.filings.filter(status="draft").first()
    if filing is None:
        raise Refused(_("The appeal text is not written yet."))
    filing.case = case
    filings.send_to_review(by=request.user, filing=filing)
    messages.success(request, _("Sent to review."))


@step("#letter")
def next_round(request: PersonRequest, case: Case) -> None:
    moves.next_round(by=request.user, case=case)


@step("#orders")
def judge(request: PersonRequest, case: Case) -> None:
    changed = cases.judge(by=request.user, case=case)
    messages.info(request, _("Computed again: %(n)s verdicts changed.") % {"n": changed})


@step("#orders")
def overrule(request: PersonRequest, case: Case) -> None:
    verdict = case.verdicts.filter(violation_order__order_no=request.POST.get("order_no", "")).first()
    if verdict is None:
        raise Http404
    verdict.case = case
    fresh(request, case, "verdict.overrule", of=str(verdict.pk), typed="reason")
    cases.overrule(by=request.user, verdict=verdict, **valid(forms.OverruleForm(request.POST)))


@step("#deadlines")
def add_deadline(request: PersonRequest, case: Case) -> None:
    deadlines.add(by=request.user, case=case, **valid(forms.DeadlineForm(request.POST)))


@step("#deadlines")
def confirm_deadline(request: PersonRequest, case: Case, place: int) -> None:
    row = next(iter(case.deadlines.order_by("pk")[place - 1 : place]), None)
    if row is None:
        raise Http404
    fresh(request, case, "deadline.confirm", of=str(row.pk), typed="source_text")
    data = valid(forms.DeadlineForm({**request.POST.dict(), "kind": row.kind}))
    row.case = case
    deadlines.confirm(
        by=request.user, deadline=row, due_at=data["due_at"], source=data["source"], source_text=data["source_text"]
    )
    messages.success(request, _("Deadline confirmed."))


@step("#attempts")
def set_attempts(request: PersonRequest, case: Case, violation: str) -> None:
    answers.set_allowed(by=request.user, matter=matter_of(case, violation), **valid(forms.AttemptsForm(request.POST)))


@step("#attempts")
def attempt_alone(request: PersonRequest, case: Case, violation: str) -> None:
    answers.record_alone(by=request.user, matter=matter_of(case, violation), note=request.POST.get("note", ""))


@step("#letter")
def record_fact(request: PersonRequest, case: Case) -> None:
    known = case.facts.filter(name=request.POST.get("name", "")).first()
    if known is not None:
        fresh(request, case, "fact.record", "fact.waive", of=str(known.pk), typed="value")
    data = valid(forms.FactForm(request.POST))
    reason = data.pop("waiver_reason")
    if reason:
        facts.waive(by=request.user, case=case, name=data["name"], reason=reason)
    else:
        facts.record(by=request.user, case=case, **data)


@step("#appeals")
def record_answer(request: PersonRequest, case: Case, violation: str) -> None:
    appeal = matter_of(case, violation).appeals.exclude(status="draft").order_by("-number").first()
    if appeal is None:
        raise Http404
    answers.record(by=request.user, appeal=appeal, answer=answers.Answer(**valid(forms.AnswerForm(request.POST))))
    messages.success(request, _("Answer recorded."))


@step("#plan")
def rectify(request: PersonRequest, case: Case) -> None:
    moves.rectify(by=request.user, case=case, outcome=request.POST.get("outcome", ""))


@step()
def close(request: PersonRequest, case: Case) -> None:
    data = valid(forms.CloseForm(request.POST))
    other = Case.objects.visible_to(request.user).filter(code=data.pop("duplicate_of").strip().upper()).first()
    moves.close(by=request.user, case=case, duplicate_of=other, **data)
    messages.success(request, _("Case closed."))


@step()
def reopen(request: PersonRequest, case: Case) -> None:
    moves.reopen(by=request.user, case=case, note=request.POST.get("note", ""))


@step("#talk")
def say(request: PersonRequest, case: Case) -> None:
    named = agency_people_of(case.store).filter(code=request.POST.get("to", "")).first()
    talk.say(by=request.user, case=case, to=named, **valid(forms.MessageForm(request.POST)))


@step("#evidence")
def upload(request: PersonRequest, case: Case, key: str) -> None:
    data = valid(forms.UploadForm(request.POST))
    files = request.FILES.getlist("files")
    evidence.add(by=request.user, case=case, requirement=requirement(key), uploads=files, **data)
    messages.success(request, _("%(n)s files kept.") % {"n": len(files)})


@step("#evidence")
def ask(request: PersonRequest, case: Case, key: str) -> None:
    requests.ask(by=request.user, case=case, requirement=requirement(key), **valid(forms.AskForm(request.POST)))
    messages.success(request, _("The merchant was asked."))


@step("#evidence")
def waive(request: PersonRequest, case: Case, key: str) -> None:
    evidence.waive(by=request.user, case=case, requirement=requirement(key), reason=request.POST.get("reason", ""))


@step("#evidence")
def generate(request: PersonRequest, case: Case, document: str) -> None:
    item = evidence.generate(by=request.user, case=case, document=document)
    messages.success(request, _("%(title)s was made from our data.") % {"title": item.title})


@step("#evidence")
def withdraw(request: PersonRequest, case: Case, item: str) -> None:
    row = case.evidence.filter(code=item).first()
    if row is None:
        raise Http404
    evidence.withdraw(by=request.user, item=row, reason=request.POST.get("reason", ""))
