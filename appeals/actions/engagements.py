"""What was agreed with the client about a case: authorisation, fee, paid. Kept by leads; not accounting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from appeals.enums import FeeBasis
from appeals.models import Case, Engagement, EvidenceItem
from casemgr.kit import audit
from casemgr.kit.privacy import scrub
from casemgr.kit.workflow import Refused
from stores.models import User

FIELDS = (
    "authorisation", "authorised_on", "authorised_until", "fee_basis", "terms",
    "agreed_amount", "agreed_percent", "agreed_on", "paid_amount", "paid_on",
)  # fmt: skip


@transaction.atomic
def save(*, by: User, case: Case, values: Mapping[str, Any]) -> Engagement:
    """Write the engagement of a case; `values` has every one of FIELDS. Raises Refused for others than leads."""
    if not by.is_lead:
        raise Refused(_("A lead keeps the engagement."))
    _check(case, values)
    Case.objects.select_for_update().get(pk=case.pk)
    known = Engagement.objects.filter(case=case).select_related("authorisation").first()
    before = {name: getattr(known, name) for name in FIELDS} if known else {}
    after = {**{name: values[name] for name in FIELDS}, "terms": scrub((values["terms"] or "").strip())}
    changed = [name for name in FIELDS if name not in before or before[name] != after[name]]
    if known is not None and not changed:
        return known
    saved, _is_new = Engagement.objects.update_or_create(case=case, defaults={**after, "updated_by": by})
    audit.record(
        by=by,
        action="engagement.save",
        of=saved,
        before={name: before[name] for name in changed if name in before},
        after={name: after[name] for name in changed},
    )
    return saved


def _check(case: Case, values: Mapping[str, Any]) -> None:
    item: EvidenceItem | None = values["authorisation"]
    if item is not None and (item.case_id != case.pk or item.withdrawn_at is not None):
        raise Refused(_("The authorisation is a file of this case."))
    on, until = values["authorised_on"], values["authorised_until"]
    if on and until and until < on:
        raise Refused(_("The authorisation ends before it begins."))
    if values["fee_basis"] == FeeBasis.SHARE and values["agreed_percent"] is None:
        raise Refused(_("Please write the share in percent."))
    if values["fee_basis"] == FeeBasis.FIXED and values["agreed_amount"] is None:
        raise Refused(_("Please write the amount agreed."))
    if (values["paid_amount"] is None) != (values["paid_on"] is None):
        raise Refused(_("What was paid needs amount and day."))


def wipe_texts(case: Case) -> None:
    """What people wrote, of a case that retention ends; days and amounts stay."""
    Engagement.objects.filter(case=case).update(terms="")
