"""Days away: who may enter them, what is refused, what an early return leaves."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from casemgr.kit.models import AuditEvent, Notification
from casemgr.kit.workflow import Refused
from stores.absences import away_on, not_over
from stores.actions import absences
from stores.models import Absence

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def test_a_person_enters_own_days_and_the_deputy_is_told(handler, other_handler, as_):
    today = timezone.localdate()
    typed = {"from_on": today, "to_on": today + 2 * DAY, "deputy": other_handler.code}
    assert as_(handler).post(reverse("me-absences"), typed).status_code == 302
    assert away_on()[handler.pk].deputy == other_handler
    assert away_on(today + 3 * DAY) == {}
    assert Notification.objects.get(recipient=other_handler).url == "/me/absences/"
    assert AuditEvent.objects.get(action="user.away").object_code == handler.code


def test_others_absences_are_entered_by_leads_only(handler, other_handler, lead, as_):
    today = timezone.localdate()
    with pytest.raises(Refused):
        absences.add(by=other_handler, user=handler, from_on=today, to_on=today)
    page = reverse("person-absences", args=[handler.code])
    assert as_(other_handler).get(page).status_code == 404
    assert as_(lead).post(page, {"from_on": today, "to_on": today}).status_code == 302
    assert handler.pk in away_on()


def test_merchant_people_have_no_absences(owner, lead, as_):
    assert as_(lead).get(reverse("person-absences", args=[owner.code])).status_code == 404
    with pytest.raises(Refused):
        absences.add(by=owner, user=owner, from_on=timezone.localdate(), to_on=timezone.localdate())


@pytest.mark.parametrize(
    ("first", "last", "said"), [(2, 1, "before the first"), (-3, -1, "are over"), (1, 4, "entered already")]
)
def test_days_that_cannot_be_are_refused_in_words(first, last, said, handler):
    today = timezone.localdate()
    absences.add(by=handler, user=handler, from_on=today + 3 * DAY, to_on=today + 5 * DAY)
    with pytest.raises(Refused, match=said):
        absences.add(by=handler, user=handler, from_on=today + first * DAY, to_on=today + last * DAY)


def test_nobody_stands_in_who_is_away_or_outside_the_agency(handler, other_handler, owner):
    today = timezone.localdate()
    absences.add(by=other_handler, user=other_handler, from_on=today, to_on=today)
    for deputy in (other_handler, owner, handler):
        with pytest.raises(Refused):
            absences.add(by=handler, user=handler, from_on=today, to_on=today, deputy=deputy)


def test_coming_back_early_keeps_the_days_that_were(handler):
    today = timezone.localdate()
    absence = Absence.objects.create(user=handler, from_on=today - 2 * DAY, to_on=today + 2 * DAY)
    coming = absences.add(by=handler, user=handler, from_on=today + 9 * DAY, to_on=today + 9 * DAY)
    for one in (absence, coming):
        absences.end(by=handler, absence=one)
    assert not not_over(handler).exists()
    assert Absence.objects.get().to_on == today - DAY
