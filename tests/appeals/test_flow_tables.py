"""Every pair of states of every flow of the appeal floor: allowed as the domain says, everything else refused."""

from __future__ import annotations

import pytest

from appeals.models import PlanAction
from appeals.workflow import APPEAL, CASE, FILING, PLAN
from casemgr.kit.models import AuditEvent
from casemgr.kit.workflow import Flow, Refused
from tests.appeals.cast import appeal_in, case_in, filing_in, matter_of

# Written from the domain, not from the code: state -> where it may go.
CASE_TABLE = {
    "intake": "diagnosing closed",
    "diagnosing": "preparing rectifying closed",
    "preparing": "reviewing rectifying closed",
    "reviewing": "filed preparing closed",
    "filed": "preparing rectifying closed",
    "rectifying": "closed",
    "closed": "preparing",
}
FILING_TABLE = {
    "draft": "in_review dropped",
    "in_review": "approved dropped",
    "approved": "filing dropped",
    "filing": "filed approved",
    "filed": "",
    "dropped": "",
}
APPEAL_TABLE = {
    "draft": "filed",
    "filed": "accepted partly_accepted rejected more_wanted void",
    "accepted": "",
    "partly_accepted": "",
    "rejected": "",
    "more_wanted": "filed",
    "void": "",
}
PLAN_TABLE = {
    "planned": "doing waived",
    "doing": "done waived",
    "done": "proven not_proven waived",
    "proven": "waived",
    "not_proven": "waived",
    "waived": "",
}


def pairs(table: dict[str, str]) -> list[tuple[str, str, bool]]:
    return [(source, target, target in goes.split()) for source, goes in table.items() for target in table]


def refuses(flow: Flow, thing, target: str, by) -> None:
    before, rows = getattr(thing, flow.field), AuditEvent.objects.count()
    with pytest.raises(Refused):
        flow.go(thing, target, by=by, note="a reason")
    thing.refresh_from_db()
    assert (getattr(thing, flow.field), AuditEvent.objects.count()) == (before, rows)


@pytest.mark.parametrize(("source", "target", "is_allowed"), pairs(CASE_TABLE))
def test_case_goes_only_where_the_table_says(source, target, is_allowed, shop, lead):
    assert (CASE.move(source, target) is not None) == is_allowed
    if not is_allowed:
        refuses(CASE, case_in(source, shop), target, lead)


@pytest.mark.parametrize(("source", "target", "is_allowed"), pairs(FILING_TABLE))
def test_filing_goes_only_where_the_table_says(source, target, is_allowed, shop, lead):
    assert (FILING.move(source, target) is not None) == is_allowed
    if not is_allowed:
        refuses(FILING, filing_in(source, case_in("reviewing", shop), lead), target, lead)


@pytest.mark.parametrize(("source", "target", "is_allowed"), pairs(APPEAL_TABLE))
def test_appeal_goes_only_where_the_table_says(source, target, is_allowed, shop, lead):
    assert (APPEAL.move(source, target) is not None) == is_allowed
    if not is_allowed:
        refuses(APPEAL, appeal_in(source, matter_of(case_in("filed", shop))), target, lead)


@pytest.mark.parametrize(("source", "target", "is_allowed"), pairs(PLAN_TABLE))
def test_plan_action_goes_only_where_the_table_says(source, target, is_allowed, shop, lead):
    assert (PLAN.move(source, target) is not None) == is_allowed
    if not is_allowed:
        reason = "a reason" if source == "waived" else ""
        action = PlanAction.objects.create(
            case=case_in("rectifying", shop),
            title="t",
            owner_name="o",
            due_on="2026-12-01",
            status=source,
            waived_reason=reason,
        )
        refuses(PLAN, action, target, lead)
