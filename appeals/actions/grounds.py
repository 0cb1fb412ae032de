"""Which verified grounds of law the letters of a case lean on. None until somebody chooses."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from appeals.actions import items
from appeals.letters import grounds
from appeals.models import Case, RecordedFact
from casemgr.kit import audit
from casemgr.kit.workflow import Refused
from stores.models import User

SOURCE = gettext_noop("verified grounds of law")


@transaction.atomic
def choose(*, by: User, case: Case, keys: Collection[str]) -> None:
    """Take exactly these grounds. Refused for one that nobody verified or that belongs to another line of defence."""
    if not by.is_agency:
        raise Refused(_("The agency writes the text."))
    items.is_open(case)
    items.not_sealed(case)
    offered = {row.ground.key for row in grounds.rows(case) if row.ground.verified_at}
    if not set(keys) <= offered:
        raise Refused(_("Only verified grounds can be used: an administrator verifies them first."))
    fact = case.facts.filter(name=grounds.FACT).first()
    before = sorted(fact.value.split()) if fact else []
    after = sorted(set(keys))
    if before == after:
        return
    if fact is not None:
        fact.delete()
    if after:
        values = {"value": " ".join(after), "source": SOURCE, "recorded_by": by, "recorded_at": timezone.now()}
        RecordedFact.objects.create(case=case, name=grounds.FACT, **values)
    audit.record(by=by, action="grounds.choose", of=case, before={"grounds": before}, after={"grounds": after})
