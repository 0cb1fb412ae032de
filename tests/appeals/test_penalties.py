"""What became of the measures of a violation, what they come to now, and how long restrictions last."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from appeals import contact_page, penalties, rules
from appeals.actions import answers, retention
from appeals.actions import penalties as actions
from appeals.actions.answers import Answer
from appeals.models import Case
from casemgr.kit.models import AuditEvent
from casemgr.kit.workflow import Refused, Stale
from orders.models import Penalty
from tests import make
from tests.appeals.cast import appeal_in, opened

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def case(shop, handler):
    orders = [make.order(shop, f"P{n}") for n in range(3)]
    measures = [
        {"kind": "fine", "text": "违约金", "amount": "30.00"},
        {"kind": "search_demotion", "text": "搜索降权30天", "days": 30},
    ]
    return opened(shop, handler, orders=orders, measures=measures, amount_per_order=Decimal(10))


def matter(case):
    return case.matters.select_related("violation").get()


def fine(case) -> Penalty:
    return Penalty.objects.get(violation__matter__case=case, kind="fine")


def settle(by, case, penalty, state, **more) -> None:
    actions.settle(by=by, matter=matter(case), penalty=penalty, state=state, **more)


def test_a_reduced_penalty_counts_with_what_it_comes_to_now(case, handler):
    settle(handler, case, fine(case), "reduced", amount=Decimal(12), note="见答复，联系13877665544")
    kept = fine(case)
    assert penalties.comes_to([kept]) == penalties.Now(Decimal(12), 0)
    assert (kept.settled_by, "13877665544" in kept.settled_note) == (handler, False)
    settle(handler, case, kept, "revoked")
    assert penalties.comes_to([fine(case)]) == penalties.Now(Decimal(0), 0)
    settle(handler, case, fine(case), "standing")
    assert penalties.comes_to([fine(case)]) == penalties.Now(Decimal(30), 0)
    events = AuditEvent.objects.filter(thread=case.code, action="penalty.settle").order_by("pk")
    assert [event.after["state"] for event in events] == ["reduced", "revoked", "standing"]


def test_unknown_amounts_are_counted_and_never_taken_as_nothing():
    unknown = Penalty(kind="fine", state="reduced")
    assert penalties.comes_to([unknown, Penalty(kind="points", points=2)]) == penalties.Now(None, 1)
    assert penalties.comes_to([unknown, Penalty(kind="fine", amount=Decimal(5))]) == penalties.Now(Decimal(5), 1)


@pytest.mark.parametrize(
    ("state", "more", "words"),
    [
        ("reduced", {}, "amount it was reduced to"),
        ("reduced", {"amount": Decimal(30)}, "less than the one before"),
        ("revoked", {"at": dt.datetime(2090, 1, 1, tzinfo=dt.UTC)}, "future"),
    ],
)
def test_what_cannot_be_is_refused(case, handler, state, more, words):
    with pytest.raises(Refused, match=words):
        settle(handler, case, fine(case), state, **more)


def test_of_two_people_settling_the_same_the_second_is_told(case, handler, lead):
    seen = fine(case)
    settle(handler, case, fine(case), "revoked")
    with pytest.raises(Stale):
        settle(lead, case, seen, "reduced", amount=Decimal(5))
    assert fine(case).state == "revoked"


def test_a_penalty_of_another_violation_is_refused(case, shop, handler):
    other = opened(shop, handler, measures=[{"kind": "fine", "amount": "1.00"}])
    with pytest.raises(Refused, match="another violation"):
        settle(handler, case, fine(other), "revoked")


# Restrictions


def left(**fields) -> str | None:
    one = penalties.restriction(Penalty(**{"kind": "search_demotion", **fields}), timezone.now())
    return one.phase if one else None


def test_restrictions_count_from_what_is_known_and_say_when_the_end_is_not():
    now = timezone.now()
    assert left(starts_at=now - DAY, days=30) == "running"
    assert left(starts_at=now - 31 * DAY, days=30) == "over"
    assert left(ends_at=now + DAY) == "running"
    assert left(starts_at=now + DAY, days=30) == "ahead"
    assert left(days=30) == "unknown"  # the begin is not known: the day of the notice is no begin
    assert left() == "unknown"
    assert left(state="revoked", ends_at=now + DAY) is None
    assert left(kind="fine", ends_at=now + DAY) is None


def test_shop_page_shows_what_holds_the_shop_back_until_it_is_revoked(case, handler, shop, as_):
    def shown() -> str:
        browser.cookies["django_language"] = "en"
        return browser.get(reverse("shop", args=[shop.code])).content.decode()

    browser = as_(handler)
    assert "begin unknown" in shown()
    found = Penalty.objects.get(kind="search_demotion")
    Penalty.objects.filter(pk=found.pk).update(starts_at=timezone.now() - DAY + dt.timedelta(hours=1))
    assert "29 d left" in shown()
    found.refresh_from_db()
    settle(handler, case, found, "revoked")
    assert "search demotion" not in shown()


def test_restrictions_of_a_shop_are_scoped(case, shop, handler, other_handler):
    assert [len(contact_page.restrictions_of_shop(shop, who)) for who in (handler, other_handler)] == [1, 0]


# What an answer proposes


def answered(case, by, result, **more) -> None:
    appeal = appeal_in("filed", matter(case))
    given = Answer(result=result, text="答复", answered_at=timezone.now() - DAY, **more)
    answers.record(by=by, appeal=appeal, answer=given)


def proposed(case) -> dict[str, penalties.Proposal]:
    matters = list(case.matters.select_related("violation").prefetch_related("violation__penalties"))
    return {one.penalty.kind: one for one in penalties.proposals(case, matters, rules.latest_appeals(case)).values()}


def test_an_accepted_appeal_proposes_to_revoke_all_and_a_person_confirms(case, handler, as_):
    answered(case, handler, "accepted")
    assert {kind: one.state for kind, one in proposed(case).items()} == {
        "fine": "revoked",
        "search_demotion": "revoked",
    }
    assert fine(case).state == "standing"
    as_(handler).post(reverse("case-penalties-confirm", args=[case.code]))
    assert set(Penalty.objects.values_list("state", "settled_amount")) == {("revoked", Decimal(0)), ("revoked", None)}
    assert fine(case).settled_at < timezone.now() - dt.timedelta(hours=23)
    assert proposed(case) == {}


def test_a_partly_accepted_appeal_proposes_the_sum_of_the_upheld_orders_where_it_is_known(case, handler):
    answered(case, handler, "partly_accepted", accepted_count=2, revoked_order_nos=["P0", "P1"])
    found = proposed(case)
    assert (found["fine"].state, found["fine"].amount) == ("reduced", Decimal(10))
    assert "search_demotion" not in found


def test_a_count_alone_proposes_no_amount_and_is_not_confirmed_for_anybody(case, handler):
    answered(case, handler, "partly_accepted", accepted_count=2)
    assert proposed(case)["fine"].amount is None
    with pytest.raises(Refused):
        actions.confirm_proposed(by=handler, case=case)
    assert fine(case).state == "standing"


def test_a_rejection_proposes_nothing(case, handler):
    answered(case, handler, "rejected")
    assert proposed(case) == {}


def test_notes_about_penalties_of_an_erased_case_are_gone(case, handler):
    settle(handler, case, fine(case), "reduced", amount=Decimal(12), note="备注")
    Case.objects.filter(pk=case.pk).update(status="closed", outcome="withdrawn", closed_at=timezone.now())
    assert retention.erase(case=case, at=timezone.now() + 1200 * DAY)
    assert (fine(case).settled_note, fine(case).settled_amount) == ("", Decimal(12))
