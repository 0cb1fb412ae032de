"""The one thing to do next about an alert, and what stands in its way. Read from facts, never stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casemgr.kit.workflow import Hurdle
from orders.actions.alerts import confirm_hurdles
from orders.detectors import ALL
from orders.enums import ReportKind
from orders.models import Hold, PlatformReport, RiskAlert

# What is usually reported for each kind of finding.
USUAL_REPORT = {
    "burst_buyer": ReportKind.MALICIOUS_BUYER,
    "burst_sku_area": ReportKind.MALICIOUS_BUYER,
    "ship_by": ReportKind.STOCK,
    "no_first_scan": ReportKind.CARRIER,
}


@dataclass(frozen=True)
class Act:
    """A button: a link, or (`is_post`) a form of its own that changes something."""

    label: str
    url: str
    is_post: bool = False
    icon: str = ""


@dataclass(frozen=True)
class NextStep:
    """What the box at the top of the page says; `tone` as the component takes it: "", now, clear, wait."""

    title: str
    sentence: str
    acts: list[Act] = field(default_factory=list)
    tone: str = ""
    hurdles: list[Hurdle] = field(default_factory=list)


@dataclass(frozen=True)
class Around:
    """What is known around an alert when the next step is chosen."""

    figures: dict[str, int]
    holds: list[Hold]
    reports: list[PlatformReport]
    first_unchecked: str = ""
    by: Any = None


def next_step(alert: RiskAlert, around: Around) -> NextStep:
    """The next step of an alert for the person who looks at it."""
    is_of_people = alert.detector in ALL and ALL[alert.detector].is_of_people
    if alert.status in ("false_alarm", "cleared", "resolved"):
        return _ended(alert)
    if alert.status == "confirmed":
        return _after_confirming(alert, around)
    if alert.facts.get("gone_at"):
        return _gone(alert)
    if is_of_people:
        return _about_people(alert, around)
    return _about_shipping(alert)


def _to(name: str, alert: RiskAlert, label: str, *args: str, is_post: bool = False, icon: str = "") -> Act:
    return Act(label, reverse(name, args=[alert.code, *args]), is_post, icon)


def _ended(alert: RiskAlert) -> NextStep:
    sentences = {
        "false_alarm": _("It was a false alarm. The same orders are not reported again; new ones are."),
        "cleared": _("The condition went away by itself. If it returns, a new alert names this one."),
        "resolved": _("Everything that could be done is done."),
    }
    return NextStep(_("Nothing left to do"), sentences[alert.status], tone="clear")


def _gone(alert: RiskAlert) -> NextStep:
    acts = [] if alert.status == "open" else [_to("alert-false-alarm", alert, _("End it, with the reason"))]
    return NextStep(
        _("It is over: nothing of it was found again"), _("End the alert with a word on what happened."), acts, "clear"
    )


def _about_people(alert: RiskAlert, around: Around) -> NextStep:
    figures, waiting = around.figures, [hold for hold in around.holds if hold.status == "asked"]
    review = _to("alert-start", alert, _("Start review"), is_post=True)
    start = [review] if alert.status == "open" else []
    stoppable = figures["unshipped"] - figures["asked"] - figures["held"] - figures["genuine"]
    if stoppable > 0 and not figures["malicious"] and not around.holds:
        text = ngettext("%(n)s order is not shipped yet.", "%(n)s orders are not shipped yet.", stoppable) % {
            "n": stoppable
        }
        ask = _to("alert-hold", alert, _("Ask for a hold"), icon="hand-stop")
        return NextStep(_("Ask the merchant to hold these orders"), text, [ask, *start])
    if waiting:
        text = _("Asked, but nobody has answered: the warehouse may ship as usual. A hold never releases itself.")
        remind = _to(
            "alert-hold-remind", alert, _("Remind the merchant"), waiting[0].code, is_post=True, icon="bell-ringing"
        )
        return NextStep(
            _("The merchant has not acknowledged the hold yet"), text, [remind, *start, *_check(around)], "now"
        )
    if alert.status == "open":
        return NextStep(_("Take it up"), _("Then check some of the buyers by platform chat or call."), [review])
    return _checking(alert, around)


def _check(around: Around) -> list[Act]:
    return [Act(_("Check a buyer"), around.first_unchecked, icon="phone-check")] if around.first_unchecked else []


def _checking(alert: RiskAlert, around: Around) -> NextStep:
    confirm = _to("alert-confirm", alert, _("Confirm"))
    false = _to("alert-false-alarm", alert, _("False alarm"))
    hurdles = confirm_hurdles(alert, by=around.by)
    if around.figures["malicious"]:
        n = around.figures["malicious"]
        text = ngettext("%(n)s order was found malicious.", "%(n)s orders were found malicious.", n) % {"n": n}
        return NextStep(_("Confirm the alert"), text, [confirm, *_check(around), false])
    text = _(
        "Ask by platform chat or call, with the questions of the script. One strong hint alone is never malicious."
    )
    may_confirm = [confirm] if around.by is not None and around.by.is_lead else []
    return NextStep(_("Check some of the buyers"), text, [*_check(around), *may_confirm, false], hurdles=hurdles)


def _about_shipping(alert: RiskAlert) -> NextStep:
    report = _to("alert-report", alert, _("Prepare a report to the platform"))
    false = _to("alert-false-alarm", alert, _("False alarm"))
    start, confirm = (
        _to("alert-start", alert, _("Start review"), is_post=True),
        _to("alert-confirm", alert, _("Confirm")),
    )
    if alert.detector == "no_first_scan":
        title = _("Ask the warehouse and the carrier where these parcels are")
        text = _("If the carrier is at fault, report it to the platform before it judges by itself.")
    else:
        title = _("Have these orders shipped, the most urgent first")
        text = _("What cannot ship in time is reported to the platform before its time is over.")
    acts = [start, report] if alert.status == "open" else [report, confirm, false]
    return NextStep(title, text, acts, "now" if alert.severity == "high" else "")


def _after_confirming(alert: RiskAlert, around: Around) -> NextStep:
    resolve = _to("alert-resolve", alert, _("Resolved"))
    pending = _pending(around.reports)
    if pending is None and not around.reports:
        text = _("Report it before the platform judges by itself: an accepted report is the best evidence later.")
        return NextStep(
            _("Report it to the platform"), text, [_to("alert-report", alert, _("Prepare the report")), resolve]
        )
    if pending is not None and pending.status == "to_file":
        text = _("File it in the platform's console, then record the number and the time that the console shows.")
        filed = _to("alert-report-filed", alert, _("It is filed: record the number"), pending.code)
        return NextStep(_("File the report in the console"), text, [filed, resolve], "now")
    if pending is not None:
        answer = _to("alert-report-answer", alert, _("Record the answer"), pending.code)
        return NextStep(
            _("The platform has not answered yet"),
            _("Look in the console and record what it says."),
            [answer, resolve],
            "wait",
        )
    return NextStep(
        _("The platform has answered"), _("If nothing is left to be done, end the alert."), [resolve], "clear"
    )


def _pending(reports: Iterable[PlatformReport]) -> PlatformReport | None:
    """The report to tend to: one to be filed before one that waits for its answer."""
    open_ones = [report for report in reports if report.status in ("to_file", "filed")]
    return min(open_ones, key=lambda report: (report.status != "to_file", report.pk), default=None)
