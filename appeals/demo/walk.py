"""Walking a case from one state to the next by the ordinary actions, as fast as people do: hours and days, not seconds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from django.utils import timezone

from appeals import rules
from appeals.actions import answers, deadlines, evidence, facts, filings, moves, plans, texts
from appeals.demo import clock, files
from appeals.models import Case, Filing
from casemgr.kit.clock import SHANGHAI
from stores.models import EvidenceRequirement, User

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
STATES = ("intake", "diagnosing", "preparing", "reviewing", "filed", "rectifying", "closed")


@dataclass(frozen=True)
class Crew:
    """Who works on the case: the owner, a second person who reviews, the merchant."""

    handler: User
    lead: User
    merchant: User


@dataclass(frozen=True)
class Course:
    """How a case goes: what is found and argued, what the platform answers, how it ends (an outcome, or empty)."""

    root_cause: str
    line: str
    outcome: str = ""
    note: str = ""
    answer: str = ""
    # How many orders are cleared when the answer is partly_accepted: by number, the first of those claimed.
    cleared: int = 0
    cost: str = ""
    facts: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    # Generated documents to make, and kinds of evidence the merchant sends as a picture.
    documents: tuple[str, ...] = ("order_timeline",)
    from_merchant: tuple[str, ...] = ()
    # Actions of the plan (what, who, measured by, figure of ours or "") where the template's do not fit.
    plan: tuple[tuple[str, str, str, str], ...] = ()


def walk(case: Case, to: str, *, crew: Crew, course: Course, start: dt.datetime) -> dt.datetime:
    """Bring a case that was just opened to the state `to`, beginning at `start`; the moment it got there."""
    on = Walk(case, crew, course, start)
    if course.outcome in SHORT_WAYS:
        SHORT_WAYS[course.outcome](on, to)
    else:
        steps = (on.diagnosing, on.preparing, on.reviewing, on.filed, on.rectifying, on.closed)
        for step in steps[: STATES.index(to)]:
            step()
    return on.at


@dataclass
class Walk:
    """One case on its way. `at` is the hour of the story; every step takes some time."""

    case: Case
    crew: Crew
    course: Course
    at: dt.datetime

    def then(self, after: dt.timedelta, do: Callable[[], object]) -> None:
        """Do one thing so much later than the last; the case is read afresh, as a page would."""
        self.at += after
        with clock.at(self.at):
            self.case.refresh_from_db()
            do()

    def diagnosing(self) -> None:
        self.then(20 * MINUTE, lambda: moves.take_in(by=self.crew.handler, case=self.case))

    def diagnose(self) -> None:
        course = self.course
        self.then(
            30 * MINUTE,
            lambda: moves.diagnose(
                by=self.crew.handler,
                case=self.case,
                root_cause=course.root_cause,
                line_of_defence=course.line,
                cost_estimate=course.cost,
            ),
        )
        if course.cost:
            self.then(40 * MINUTE, lambda: moves.consent(by=self.crew.merchant, case=self.case))

    def preparing(self) -> None:
        self.diagnose()
        self.then(5 * MINUTE, lambda: moves.start_preparing(by=self.crew.handler, case=self.case))

    def reviewing(self) -> None:
        self.then(15 * MINUTE, lambda: self.upload("notice", by=self.crew.handler))
        for key in self.course.from_merchant:
            self.then(5 * MINUTE, partial(self.ask, key))
            self.then(50 * MINUTE, partial(self.upload, key, by=self.crew.merchant))
        for name, (value, source) in self.course.facts.items():
            self.then(MINUTE, partial(self.record, name, value, source))
        if "rectify_plan" in self.course.documents:
            self.then(5 * MINUTE, self.propose)
        for document in self.course.documents:
            self.then(2 * MINUTE, partial(self.generate, document))
        self.then(4 * MINUTE, lambda: texts.redraft(by=self.crew.handler, filing=self.filing(), replace=True))
        self.then(9 * MINUTE, lambda: filings.send_to_review(by=self.crew.handler, filing=self.filing()))

    def filed(self) -> None:
        self.then(35 * MINUTE, lambda: filings.approve(by=self.crew.lead, filing=self.filing()))
        self.then(12 * MINUTE, lambda: filings.claim(by=self.crew.handler, filing=self.filing()))
        self.then(8 * MINUTE, self.record_filing)

    def rectifying(self) -> None:
        """The platform answers two days later; a plan is made where the orders were not all cleared."""
        self.then(2 * DAY, self.answer)
        if self.course.outcome == "won":
            return
        outcome = self.course.outcome
        self.then(HOUR, lambda: moves.rectify(by=self.crew.handler, case=self.case, outcome=outcome))
        if not self.case.plan.exists():
            self.then(20 * MINUTE, self.propose)

    def closed(self) -> None:
        if self.case.plan.exists():
            self.finish_plan()
        self.then(30 * MINUTE, lambda: self.close(self.crew.handler))

    # The parts of the steps above.

    def filing(self) -> Filing:
        found = rules.open_filing(self.case)
        assert found is not None
        found.case = self.case
        return found

    def requirement(self, key: str) -> EvidenceRequirement:
        return EvidenceRequirement.objects.get(key=key)

    def ask(self, key: str) -> None:
        name = self.requirement(key).name_zh
        evidence.ask(
            by=self.crew.handler, case=self.case, requirement=self.requirement(key), text=f"请上传{name}的整屏截图。",
            due_at=timezone.now() + DAY,
        )  # fmt: skip

    def upload(self, key: str, *, by: User) -> None:
        needed = self.requirement(key)
        lines = (
            f"店铺：{self.case.store.name}",
            f"案件：{self.case.code}",
            f"截图时间：{_stamp(self.at)}",
            "本图为演示生成",
        )
        shot = files.picture(needed.name_zh, lines, name=f"{needed.name_zh}.png")
        evidence.add(
            by=by, case=self.case, requirement=needed, uploads=[shot], declared_true=True, source_note="商家后台截图",
            captured_at=self.at - 5 * MINUTE,
        )  # fmt: skip

    def generate(self, document: str) -> None:
        evidence.generate(by=self.crew.handler, case=self.case, document=document)

    def record(self, name: str, value: str, source: str) -> None:
        facts.record(by=self.crew.handler, case=self.case, name=name, value=value, source=source, observed_at=self.at)

    def propose(self) -> None:
        if not self.course.plan:
            plans.propose(by=self.crew.handler, case=self.case)
        for n, (title, owner, metric, key) in enumerate(self.course.plan):
            plans.add(
                by=self.crew.handler, case=self.case, title=title, owner_name=owner, metric=metric, metric_key=key,
                metric_days=2, due_on=timezone.localdate() + dt.timedelta(days=3 + 2 * n),
            )  # fmt: skip

    def record_filing(self) -> None:
        number = f"SS{self.at.astimezone(SHANGHAI):%Y%m%d}{self.case.pk:04d}"
        filings.record(by=self.crew.handler, filing=self.filing(), filed_at=self.at - 2 * MINUTE, receipt_no=number)

    def answer(self) -> None:
        claimed = list(
            self.case.verdicts.filter(kind="shipped_in_time").values_list("violation_order__order_no", flat=True)
        )
        cleared = claimed[: self.course.cleared]
        total = self.case.order_count
        words = {
            "accepted": ("申诉成功，处罚已撤销。", "", total),
            "partly_accepted": (
                f"{total}笔订单中{len(cleared)}笔凭证有效，撤销处罚；其余维持。本次为最终结果。",
                "partly",
                len(cleared),
            ),
            "rejected": ("经核实，订单未在约定时间内发货，维持原处罚。本次为最终结果。", "facts_stand", 0),
        }
        text, code, accepted = words[self.course.answer]
        given = answers.Answer(
            result=self.course.answer, text=text, answered_at=self.at - 10 * MINUTE, code=code,
            accepted_count=accepted, upheld_count=total - accepted, revoked_order_nos=cleared,
            attempts_left=None if self.course.answer == "accepted" else 0,
        )  # fmt: skip
        for appeal in rules.latest_appeals(self.case):
            answers.record(by=self.crew.handler, appeal=appeal, answer=given)

    def finish_plan(self) -> None:
        for action in self.case.plan.all():
            for to in ("doing", "done"):
                self.then(25 * MINUTE, partial(plans.move, by=self.crew.merchant, action=action, to=to))

    def close(self, by: User) -> None:
        moves.close(by=by, case=self.case, outcome=self.course.outcome, note=self.course.note)

    # Cases that are not fought to the end.

    def accept(self, to: str) -> None:
        """Not fought: the merchant agrees to what it costs, and a plan is carried out."""
        self.diagnosing()
        self.diagnose()
        self.then(10 * MINUTE, lambda: moves.do_not_fight(by=self.crew.handler, case=self.case))
        self.then(15 * MINUTE, self.propose)
        if to == "closed":
            self.at += DAY
            self.closed()
        else:
            self.then(3 * HOUR, lambda: plans.move(by=self.crew.merchant, action=self.case.plan.all()[0], to="doing"))

    def withdraw(self, to: str) -> None:
        """Given up while the cause was sought: the merchant settled it."""
        self.diagnosing()
        self.then(DAY, lambda: self.close(self.crew.handler))

    def expire(self, to: str) -> None:
        """Nobody filed in time: the deadline passes, and a lead looks in the console before closing."""
        self.diagnosing()
        due = self.case.next_due_at
        assert due is not None
        self.at = due
        self.then(5 * MINUTE, deadlines.watch)
        self.then(15 * HOUR, lambda: self.close(self.crew.lead))


SHORT_WAYS = {"accepted": Walk.accept, "withdrawn": Walk.withdraw, "expired": Walk.expire}


def _stamp(moment: dt.datetime) -> str:
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
