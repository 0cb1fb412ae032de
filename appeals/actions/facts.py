"""Facts that no import gives: recorded by hand with their source, or waived by a lead with a reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from appeals.models import Case, RecordedFact
from casemgr.kit import audit
from casemgr.kit.workflow import Refused
from stores import reference
from stores.models import User


def _write(by: User, case: Case, name: str, values: Mapping[str, object], action: str) -> RecordedFact:
    if name not in {row["name"] for row in reference.variables()}:
        raise Refused(_("There is no such fact: %(name)s.") % {"name": name})
    before = RecordedFact.objects.filter(case=case, name=name).values("value", "is_waived").first()
    fact, _made = RecordedFact.objects.update_or_create(
        case=case, name=name, defaults={**values, "recorded_by": by, "recorded_at": timezone.now()}
    )
    audit.record(by=by, action=action, of=fact, before=before or {}, after={"name": name, **values})
    return fact


@transaction.atomic
def record(
    *, by: User, case: Case, name: str, value: str, source: str, observed_at: dt.datetime | None = None
) -> RecordedFact:
    """Keep a fact with where it comes from. Raises Refused without a source: a fact without one is a claim."""
    if not value.strip() or not source.strip():
        raise Refused(_("A fact needs its value and where it comes from."))
    values = {
        "value": value.strip(),
        "source": source.strip(),
        "observed_at": observed_at,
        "is_waived": False,
        "waiver_reason": "",
    }
    return _write(by, case, name, values, "fact.record")


@transaction.atomic
def waive(*, by: User, case: Case, name: str, reason: str) -> RecordedFact:
    """A lead lets a missing fact go, with the reason; the sentence that needs it is left out of the text."""
    if not by.is_lead:
        raise Refused(_("A lead waives a fact."))
    if not reason.strip():
        raise Refused(_("Please write the reason."))
    values = {"value": "", "source": "", "observed_at": None, "is_waived": True, "waiver_reason": reason.strip()}
    return _write(by, case, name, values, "fact.waive")
