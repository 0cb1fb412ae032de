"""What the case page and the incident's own page show of an incident, for one person, in a constant number of queries."""

from __future__ import annotations

from typing import Any

from appeals.actions.incidents import OF_ONE_SHOP
from appeals.checklist import Checklist
from appeals.enums import EvidenceSource
from appeals.models import Case, EvidenceItem
from appeals.workflow import CASE
from orders.models import Incident, RiskAlert
from stores.models import User

OFFERED = 20


def of_case(case: Case, user: User, checklist: Checklist) -> dict[str, Any]:
    """The incident of the case with its other cases and what may be used from them; else the incidents it may join."""
    if case.incident_id is None:
        open_to_it = Incident.objects.visible_to(user).filter(merchant=case.store.merchant_id)[:OFFERED]
        return {"incident": None, "incidents": list(open_to_it), "siblings": [], "shareable": []}
    siblings = cases_of(case.incident_id, user).exclude(pk=case.pk)
    shown = [{"case": one, "state": CASE.state(one.status)} for one in siblings]
    return {
        "incident": case.incident,
        "incidents": [],
        "siblings": shown,
        "shareable": _shareable(case, user, checklist),
    }


def cases_of(incident_id: int, user: User) -> Any:
    """Cases of the incident that this person may see, newest first."""
    found = Case.objects.visible_to(user).filter(incident=incident_id).select_related("store__platform", "owner")
    return found.order_by("-opened_at", "-pk")


def alerts_of(incident: Incident, user: User) -> Any:
    return RiskAlert.objects.visible_to(user).filter(incidents=incident).select_related("store").order_by("-pk")


def _shareable(case: Case, user: User, checklist: Checklist) -> list[EvidenceItem]:
    """Uploads of the other cases that this checklist asks for and that are not here yet, each file once."""
    kinds = {row.requirement.pk for row in checklist.rows}
    here = {item.sha256 for row in checklist.rows for item in row.items}
    found = (
        EvidenceItem.objects.visible_to(user)
        .filter(case__incident=case.incident_id, requirement__in=kinds, withdrawn_at=None, replaced_by=None)
        .exclude(case=case)
        .exclude(source=EvidenceSource.GENERATED)
        .filter(case__erased_at=None)
        .select_related("requirement", "case__store")
        .order_by("requirement__position", "pk")
    )
    once: dict[str, EvidenceItem] = {}
    for item in found:
        is_ours = item.case.store_id == case.store_id or item.requirement.key not in OF_ONE_SHOP
        if is_ours and item.sha256 not in here:
            once.setdefault(item.sha256, item)
    return list(once.values())
