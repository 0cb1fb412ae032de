"""Every pair of states of the flows of this floor: exactly the arrows of the domain are allowed, the rest is refused."""

from __future__ import annotations

import pytest
from django.utils import timezone

from casemgr.kit.models import AuditEvent
from casemgr.kit.workflow import Flow, Refused, Stale
from orders.models import Hold, ImportRun, OrderReview, PlatformReport, RiskAlert
from orders.workflow import ALERT, HOLD, IMPORT, REPORT, REVIEW
from tests import make

pytestmark = pytest.mark.django_db

# The arrows as the domain tells them, written down here a second time on purpose.
ARROWS = {
    "alert": "open>reviewing open>cleared reviewing>confirmed reviewing>false_alarm confirmed>resolved",
    "order_review": "waiting>contacted contacted>genuine contacted>malicious contacted>unreachable "
    "waiting>lapsed contacted>lapsed unreachable>lapsed",
    "hold": "asked>acknowledged asked>released acknowledged>released",
    "platform_report": "to_file>filed filed>accepted filed>refused to_file>expired filed>expired",
    "import": "received>mapping received>staging mapping>staging staged>mapping staging>staged staged>publishing "
    "publishing>published received>cancelled mapping>cancelled staging>cancelled staged>cancelled "
    "received>failed mapping>failed staging>failed publishing>failed",
}
FLOWS = {flow.name: flow for flow in (ALERT, REVIEW, HOLD, REPORT, IMPORT)}
# What guards ask for; without it see the tests below.
FACTS = {"note": "why", "number": "BB1", "filed_at": timezone.now()}


PAIRS = [
    (name, source.key, target.key) for name, flow in FLOWS.items() for source in flow.states for target in flow.states
]


@pytest.fixture
def thing(shop, handler):
    """One thing of a flow, standing in the state asked for."""

    def build(name: str, status: str):
        now = timezone.now()
        if name == "alert":
            made = RiskAlert.objects.create(
                store=shop, detector="burst_buyer", fingerprint="f", severity="low", first_seen_at=now, last_seen_at=now
            )
        elif name == "order_review":
            made = OrderReview.objects.create(order=make.order(shop))
        elif name == "hold":
            made = Hold.objects.create(store=shop, reason="核实", asked_by=handler, asked_at=now)
        elif name == "platform_report":
            made = PlatformReport.objects.create(store=shop, kind="carrier", created_by=handler)
        else:
            made = ImportRun.objects.create(store=shop, kind="orders", filename="a.csv", size=1, sha256="0" * 64)
        type(made).objects.filter(pk=made.pk).update(status=status)
        made.refresh_from_db()
        return made

    return build


@pytest.mark.parametrize(("name", "source", "target"), PAIRS)
def test_a_pair_of_states_is_allowed_or_refused_as_the_domain_says(name, source, target, thing, handler):
    flow: Flow = FLOWS[name]
    made = thing(name, source)
    if f"{source}>{target}" in ARROWS[name].split():
        flow.go(made, target, by=handler, **FACTS)
        made.refresh_from_db()
        assert made.status == target
        assert AuditEvent.objects.get(action=f"{name}.{target}").actor == handler
    else:
        with pytest.raises(Refused):
            flow.go(made, target, by=handler, **FACTS)
        made.refresh_from_db()
        assert (made.status, AuditEvent.objects.count()) == (source, 0)


@pytest.mark.parametrize(("name", "source", "target"), [
    ("alert", "reviewing", "false_alarm"), ("order_review", "contacted", "malicious"), ("hold", "asked", "released"),
])  # fmt: skip
def test_a_step_that_must_say_why_is_refused_without_a_word(name, source, target, thing, handler):
    with pytest.raises(Refused):
        FLOWS[name].go(thing(name, source), target, by=handler, note="  ")


def test_a_report_is_not_filed_without_the_consoles_time(thing, handler):
    with pytest.raises(Refused):
        REPORT.go(thing("platform_report", "to_file"), "filed", by=handler, number="BB1", filed_at=None)


def test_a_merchant_does_not_release_a_hold(thing, owner):
    with pytest.raises(Refused):
        HOLD.go(thing("hold", "asked"), "released", by=owner, note="发吧")


@pytest.mark.parametrize("name", FLOWS)
def test_who_comes_second_is_told_and_changes_nothing(name, thing, handler, lead):
    source, target = ARROWS[name].split()[0].split(">")
    first = thing(name, source)
    second = type(first).objects.get(pk=first.pk)
    FLOWS[name].go(first, target, by=lead, **FACTS)
    with pytest.raises(Stale, match=lead.name):
        FLOWS[name].go(second, target, by=handler, **FACTS)
    assert AuditEvent.objects.filter(action=f"{name}.{target}").count() == 1
