"""What was agreed with the client: kept by leads, seen by handlers, never by merchants; it warns and never blocks."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from appeals import contact_page, next_step
from appeals.actions import engagements, evidence, filings, retention
from appeals.models import Case, Engagement, EvidenceItem
from casemgr.kit.models import AuditEvent
from casemgr.kit.workflow import Refused
from stores.models import EvidenceRequirement
from tests.appeals.cast import case_in, filing_in, matter_of, opened
from tests.appeals.test_evidence import given, photo

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
TERMS = "胜诉后三日内付"


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def case(shop, handler):
    return opened(shop, handler)


@pytest.fixture
def letter(case, handler):
    """The stamped letter of authorisation, as evidence of the case."""
    kind = EvidenceRequirement.objects.get_or_create(key="id_doc", defaults={"name_zh": "授权书", "name_en": "letter"})[
        0
    ]
    evidence.add(by=handler, case=case, requirement=kind, uploads=[given("a.jpg", photo())], declared_true=True)
    return case.evidence.get()


def values(**more):
    empty = dict.fromkeys(engagements.FIELDS)
    return {**empty, "fee_basis": "share", "agreed_percent": Decimal(15), "terms": TERMS, **more}


def save(by, case, **more) -> Engagement:
    return engagements.save(by=by, case=case, values=values(**more))


def test_leads_write_it_handlers_read_it_merchants_see_nothing_of_it(case, lead, handler, owner, as_):
    page = reverse("case-engagement", args=[case.code])
    body = {"fee_basis": "share", "agreed_percent": "15", "terms": TERMS}
    assert as_(handler).post(page, body).status_code == 403
    assert as_(owner).get(page).status_code == 404
    assert not Engagement.objects.exists()
    assert as_(lead).post(page, body).status_code == 302
    assert TERMS in as_(handler).get(reverse("case", args=[case.code])).content.decode()
    assert TERMS not in as_(owner).get(reverse("m-case", args=[case.code])).content.decode()


def test_handlers_are_refused_by_the_action_too(case, handler):
    with pytest.raises(Refused, match="lead"):
        save(handler, case)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"agreed_percent": None}, "share in percent"),
        ({"fee_basis": "fixed"}, "amount agreed"),
        ({"paid_amount": Decimal(100)}, "amount and day"),
        ({"authorised_on": dt.date(2026, 2, 1), "authorised_until": dt.date(2026, 1, 1)}, "ends before it begins"),
    ],
)
def test_what_is_incomplete_is_refused(case, lead, wrong, words):
    with pytest.raises(Refused, match=words):
        save(lead, case, **wrong)


def test_only_a_file_of_the_same_case_is_an_authorisation(letter, lead, shop, handler):
    with pytest.raises(Refused, match="file of this case"):
        save(lead, opened(shop, handler), authorisation=letter)


def test_saving_the_same_again_writes_no_history(case, lead):
    save(lead, case)
    save(lead, case)
    save(lead, case, paid_amount=Decimal(100), paid_on=dt.date(2026, 1, 1))
    rows = AuditEvent.objects.filter(action="engagement.save").order_by("pk")
    assert [set(row.after) for row in rows][1:] == [{"paid_amount", "paid_on"}]


@pytest.mark.parametrize(
    ("begins", "ends", "state"),
    [(0, None, "open"), (-9, 30, "valid"), (-9, 3, "soon"), (-9, 0, "soon"), (-9, -1, "over"), (2, 30, "ahead")],
)
def test_authorisation_says_how_it_stands_today(case, letter, lead, begins, ends, state):
    today = timezone.localdate()
    until = today + ends * DAY if ends is not None else None
    save(lead, case, authorisation=letter, authorised_on=today + begins * DAY, authorised_until=until)
    assert contact_page.authorisation(case).state == state


def test_an_ended_authorisation_warns_on_case_and_filing_and_blocks_nothing(shop, lead, handler, as_):
    case = case_in("reviewing", shop, owner=handler, line_of_defence="malicious_order")
    matter_of(case, attempts_allowed=2)
    filing = filing_in("approved", case, lead, box_text="正文", letter_text="全文")
    kind = EvidenceRequirement.objects.get_or_create(key="id_doc", defaults={"name_zh": "授权书", "name_en": "letter"})[
        0
    ]
    Case.objects.filter(pk=case.pk).update(status="preparing")
    case.refresh_from_db()
    gone = timezone.localdate() - DAY
    item = make_item(case, kind, handler)
    save(lead, case, authorisation=item, authorised_on=gone - 9 * DAY, authorised_until=gone)
    Case.objects.filter(pk=case.pk).update(status="reviewing")
    case.refresh_from_db()
    assert any("ended" in str(one.text) for one in next_step.of(case, by=lead, filing=filing).hurdles)
    browser = as_(lead)
    browser.cookies["django_language"] = "en"
    assert "does not stop the filing" in browser.get(reverse("filing", args=[filing.code])).content.decode()
    filings.claim(by=lead, filing=filing)
    assert filing.status == "filing"


def make_item(case, kind, by):
    return EvidenceItem.objects.create(
        case=case, requirement=kind, title="授权书", source="handler", file="x", shown_file="x", content_type="image/png",
        size=1, sha256="0" * 64, uploaded_by=by, uploaded_at=timezone.now(), withdrawn_at=None,
    )  # fmt: skip


def test_terms_of_an_erased_case_are_gone(case, lead):
    save(lead, case)
    Case.objects.filter(pk=case.pk).update(status="closed", outcome="withdrawn", closed_at=timezone.now())
    assert retention.erase(case=case, at=timezone.now() + 1200 * DAY)
    kept = Engagement.objects.get()
    assert (kept.terms, kept.agreed_percent) == ("", Decimal(15))
