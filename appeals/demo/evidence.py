"""Evidence in the demo: one incident behind the burst and the unscanned parcels of the same weekend, and our own records."""

from __future__ import annotations

import datetime as dt

from appeals.actions import evidence, incidents
from appeals.demo import clock
from appeals.demo.people import Cast
from appeals.models import Case


def tell(cast: Cast, now: dt.datetime) -> None:
    """Join the two cases of the busy shop under one incident; record what was reported to the platform as a document."""
    burst = Case.objects.get(store=cast.pdd, line_of_defence="malicious_order")
    unscanned = Case.objects.get(store=cast.pdd, line_of_defence="carrier_fault")
    with clock.at(now - dt.timedelta(minutes=2)):
        made = incidents.open_for(by=cast.lin, case=burst, title="促销周末：集中下单与揽收积压")
        incidents.join(by=cast.lin, case=unscanned, incident=made)
        evidence.generate(by=cast.lin, case=burst, document="platform_reports")
