"""One cause behind several cases of a merchant: who joins, what is shared, and that a copy stands under its own key."""

from __future__ import annotations

import pytest
from django.utils import timezone, translation

from appeals.actions import evidence
from appeals.actions import incidents as joining
from appeals.evidence import files
from appeals.models import Case, EvidenceItem
from casemgr.kit.models import AuditEvent
from casemgr.kit.privacy import sealing
from casemgr.kit.workflow import Refused, Stale
from orders.actions import incidents
from orders.models import Incident
from stores.actions import reference
from tests import make
from tests.appeals import burst
from tests.appeals.cast import case_in


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def pair(shop, douyin_shop, handler):
    """Two cases of one merchant on two platforms, under one incident."""
    reference.load()
    first, second = (
        case_in("preparing", one, owner=handler, line_of_defence="carrier_fault") for one in (shop, douyin_shop)
    )
    incident = joining.open_for(by=handler, case=first, title="极兔余杭分拨爆仓")
    joining.join(by=handler, case=second, incident=incident)
    return first, second


def test_case_brings_its_alerts_and_leaves_again(shop, handler):
    case = case_in("preparing", shop, owner=handler)
    alert = make.alert(shop)
    case.alerts.add(alert)
    incident = joining.open_for(by=handler, case=case, title="恶意下单")
    assert (list(incident.alerts.all()), list(incident.cases.all())) == ([alert], [case])
    joining.leave(by=handler, case=case)
    case.refresh_from_db()
    assert case.incident is None
    told = list(
        AuditEvent.objects.filter(thread=case.code, action__startswith="case.incident").values_list("action", flat=True)
    )
    assert told == ["case.incident", "case.incident_left"]


def test_case_joins_one_incident_and_a_second_tab_is_told(shop, handler):
    case = case_in("preparing", shop, owner=handler)
    other_tab = Case.objects.get(pk=case.pk)
    joining.open_for(by=handler, case=case, title="一")
    with pytest.raises(Stale):
        joining.open_for(by=handler, case=other_tab, title="二")
    assert Incident.objects.count() == 1


def test_incident_never_joins_two_merchants(pair, stranger, lead):
    foreign_shop = stranger.memberships.get().merchant.stores.first() or make.store(
        of=stranger.memberships.get().merchant
    )
    foreign = case_in("preparing", foreign_shop)
    with pytest.raises(Refused, match="one merchant"):
        joining.join(by=lead, case=foreign, incident=pair[0].incident)
    with pytest.raises(Refused, match="one merchant"):
        incidents.add_alert(by=lead, incident=pair[0].incident, alert=make.alert(foreign_shop))


def test_shared_item_is_the_same_bytes_under_the_other_cases_key(pair, handler):
    first, second = pair
    [item] = burst.item(first, handler, "carrier_cert", source_note="网点盖章")
    made = joining.share(by=handler, item=item, to=second)
    assert (made.sha256, made.shared_from, made.title, made.source_note) == (item.sha256, item, item.title, "网点盖章")
    assert files.read(made.file) == files.read(item.file)
    assert made.file.startswith(f"evidence/{second.code}/")
    sealing.destroy(files.key_name(first), reason="retention", by=None)
    assert files.sha256_on_disk(made.file) == item.sha256
    with pytest.raises(sealing.Erased):
        files.read(item.file)


def test_sharing_is_written_down_in_both_cases(pair, handler):
    first, second = pair
    [item] = burst.item(first, handler, "carrier_cert")
    joining.share(by=handler, item=item, to=second)
    told = AuditEvent.objects.filter(action__startswith="evidence.shared").order_by("pk")
    assert [(event.action, event.thread) for event in told] == [
        ("evidence.shared_in", second.code),
        ("evidence.shared_out", first.code),
    ]


def test_shared_twice_is_one_item(pair, handler):
    [item] = burst.item(pair[0], handler, "carrier_cert")
    made = joining.share(by=handler, item=item, to=pair[1])
    assert joining.share(by=handler, item=item, to=pair[1]) == made
    assert EvidenceItem.objects.count() == 2


def test_bytes_that_changed_on_disk_are_not_shared(pair, handler):
    [item] = burst.item(pair[0], handler, "carrier_cert")
    EvidenceItem.objects.filter(pk=item.pk).update(sha256="0" * 64)
    item.refresh_from_db()
    with pytest.raises(Refused, match="not what was taken in"):
        joining.share(by=handler, item=item, to=pair[1])
    assert EvidenceItem.objects.count() == 1


def test_what_speaks_of_one_shops_orders_stays_with_that_shop(pair, handler, shop):
    first, second = pair
    [notice] = burst.item(first, handler, "notice")
    with pytest.raises(Refused, match="orders of one shop"):
        joining.share(by=handler, item=notice, to=second)
    sister = case_in("preparing", shop, owner=handler, line_of_defence="carrier_fault", incident=first.incident)
    assert joining.share(by=handler, item=notice, to=sister).shared_from == notice


def test_only_evidence_that_holds_is_shared_within_the_incident(pair, handler, shop):
    first, second = pair
    [item] = burst.item(first, handler, "carrier_cert")
    alone = case_in("preparing", shop, owner=handler, line_of_defence="carrier_fault")
    with pytest.raises(Refused, match="one incident"):
        joining.share(by=handler, item=item, to=alone)
    evidence.withdraw(by=handler, item=item, reason="看不清")
    with pytest.raises(Refused, match="holds"):
        joining.share(by=handler, item=item, to=second)


def test_generated_document_is_made_anew_and_not_shared(pair, handler):
    [item] = burst.item(pair[0], handler, "carrier_cert")
    EvidenceItem.objects.filter(pk=item.pk).update(source="generated")
    item.refresh_from_db()
    with pytest.raises(Refused, match="make it there"):
        joining.share(by=handler, item=item, to=pair[1])


def test_merchant_shares_nothing_and_a_handler_only_between_cases_they_see(pair, owner, handler, shop):
    [item] = burst.item(pair[0], handler, "carrier_cert")
    half = make.assign(make.user("半边", role="handler"), shop)
    for who in (owner, half):
        with pytest.raises(Refused):
            joining.share(by=who, item=item, to=pair[1])


def test_case_page_offers_what_the_other_case_has_and_this_one_needs(pair, handler, as_):
    first, second = pair
    [item] = burst.item(first, handler, "carrier_cert")
    burst.item(first, handler, "notice")
    page = as_(handler).get(f"/cases/{second.code}/")
    assert [one.code for one in page.context["shareable"]] == [item.code]
    answer = as_(handler).post(f"/cases/{second.code}/items/{item.code}/share/")
    assert answer.status_code == 302
    page = as_(handler).get(f"/cases/{second.code}/")
    assert (page.context["shareable"], second.evidence.count()) == ([], 1)


def test_incident_page_shows_only_the_cases_one_may_see(pair, shop, handler, stranger, as_):
    half = make.assign(make.user("半边", role="handler"), shop)
    url = f"/incidents/{pair[0].incident.code}/"
    assert [row["case"] for row in as_(half).get(url).context["cases"]] == [pair[0]]
    assert len(as_(handler).get(url).context["cases"]) == 2
    assert as_(stranger).get(url).status_code == 404


def test_alert_opens_an_incident_and_another_one_joins_it(shop, handler, as_):
    first, second = make.alert(shop), make.alert(shop)
    as_(handler).post(f"/alerts/{first.code}/incident/", {"title": "周末刷单"})
    incident = Incident.objects.get()
    as_(handler).post(f"/alerts/{second.code}/incident/", {"incident": incident.code})
    assert set(incident.alerts.all()) == {first, second}


def test_phone_number_in_the_title_is_masked(shop, handler):
    made = incidents.create(by=handler, merchant=shop.merchant, title="买家13812345678反复下单")
    assert "13812345678" not in made.title


def test_closed_case_neither_joins_nor_takes_evidence(pair, handler, shop):
    closed = case_in("closed", shop, owner=handler, incident=pair[0].incident)
    [item] = burst.item(pair[1], handler, "carrier_cert")
    for step in (
        lambda: joining.leave(by=handler, case=closed),
        lambda: joining.share(by=handler, item=item, to=closed),
    ):
        with pytest.raises(Refused, match="closed"):
            step()


def test_filed_item_can_be_used_in_another_case_and_stays_as_it_was(pair, handler):
    [item] = burst.item(pair[0], handler, "carrier_cert")
    EvidenceItem.objects.filter(pk=item.pk).update(protected_at=timezone.now())
    item.refresh_from_db()
    made = joining.share(by=handler, item=item, to=pair[1])
    assert made.protected_at is None
    assert files.sha256_on_disk(item.file) == item.sha256
