"""Ten people claim and file the last attempt at once (C1). Rounds: CASEMGR_ROUNDS, five by default, fifty in the long form."""

from __future__ import annotations

import datetime as dt
import os
import threading
from collections.abc import Callable

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from appeals.actions import filings
from appeals.models import CaseViolation, Filing
from casemgr.kit.workflow import Refused
from stores.models import User
from tests import make
from tests.appeals.test_filings import approved

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = int(os.environ.get("CASEMGR_ROUNDS", "5"))


def at_once(people: list[User], act: Callable[[User], object]) -> dict[str, str]:
    """Everybody acts at the same moment; what each was told: `done`, or the sentence of the refusal."""
    start, told = threading.Barrier(len(people)), {}

    def one(person: User) -> None:
        start.wait()
        try:
            act(person)
            told[person.name] = "done"
        except Refused as refusal:
            told[person.name] = str(refusal.sentence)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def claim_and_file(filing: Filing) -> Callable[[User], None]:
    """What each of them tries, each from a page loaded before anybody moved."""

    def act(person: User) -> None:
        mine = Filing.objects.get(pk=filing.pk)
        filings.claim(by=person, filing=mine)
        filings.record(by=person, filing=mine, filed_at=timezone.now(), receipt_no=person.name)

    return act


def frozen(filing: Filing, by: User) -> None:
    """The pack built beforehand, so that the race is about the right and not about typesetting."""
    filings.claim(by=by, filing=filing)
    filings.give_back(by=by, filing=filing)


@pytest.fixture
def ten(db) -> list[User]:
    return [make.user(f"专员{n}", role="lead") for n in range(10)]


def test_last_attempt_is_claimed_and_filed_by_exactly_one_of_ten(ten):
    for _round in range(ROUNDS):
        filing, matter = approved(make.store(on="pinduoduo"), ten[0])
        CaseViolation.objects.filter(pk=matter.pk).update(attempts_allowed=1, attempts_used=0)
        frozen(filing, ten[0])
        told = at_once(ten, claim_and_file(filing))
        filing.refresh_from_db()
        matter.refresh_from_db()
        [winner] = [name for name, words in told.items() if words == "done"]
        assert (filing.status, filing.receipt_no, matter.attempts_used) == ("filed", winner, 1)
        # Whoever came while the winner held it is told the name; whoever came after, that it is filed.
        assert all(words for words in told.values())
        assert any(winner in words for name, words in told.items() if name != winner)


def test_without_the_compare_attempts_would_be_spent_twice(ten):
    """The control: read, then write what was read plus one, as ten who do not compare would."""
    filing, matter = approved(make.store(on="pinduoduo"), ten[0])
    CaseViolation.objects.filter(pk=matter.pk).update(attempts_allowed=None, attempts_used=0)
    seen = threading.Barrier(10)

    def spend(person: User) -> None:
        status = Filing.objects.get(pk=filing.pk).status
        seen.wait()  # all have read before anybody writes
        if status == "approved":
            CaseViolation.objects.filter(pk=matter.pk).update(attempts_used=F("attempts_used") + 1)

    at_once(ten, spend)
    matter.refresh_from_db()
    assert matter.attempts_used == 10


def test_claim_that_lapses_while_it_is_recorded_spends_one_attempt(ten):
    filing, matter = approved(make.store(on="pinduoduo"), ten[0])
    filings.claim(by=ten[0], filing=filing)
    late = timezone.now() + dt.timedelta(hours=3)

    def act(person: User) -> None:
        if person == ten[1]:
            filings.lapse(now=late)
        else:
            filings.record(by=ten[0], filing=Filing.objects.get(pk=filing.pk), filed_at=timezone.now(), now=late)

    at_once(ten, act)
    filing.refresh_from_db()
    matter.refresh_from_db()
    assert (filing.status, matter.attempts_used) == ("filed", 1)
