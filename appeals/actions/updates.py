"""Messages of the platform about a violation that is known: kept in its case, and a revoked penalty is marked as that."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from appeals.actions import talk
from appeals.models import CaseViolation
from casemgr.kit import audit
from casemgr.kit.workflow import Refused
from orders import notices
from orders.enums import ViolationStage
from orders.models import Violation
from stores.models import User


@transaction.atomic
def take(*, by: User, matter: CaseViolation, text: str) -> bool:
    """Write a message into the case of its violation, as an internal note; True when it says 处罚已撤销.

    For what answers no filed attempt: an answer to one is recorded as that (appeals.actions.answers). The outcome of
    the case stays a person's. Raises Refused for a text that speaks of another violation.
    """
    case, violation = matter.case, matter.violation
    read = notices.read(text)
    about = [row for row in read["violations"] if row["violation_no"] == violation.violation_no]
    if read["action"] != "update" or not about:
        raise Refused(_("This text is no message about %(no)s.") % {"no": violation})
    is_revoked = any(row["stage"] == ViolationStage.REVOKED for row in about)
    if is_revoked:
        Violation.objects.filter(pk=violation.pk).update(stage=ViolationStage.REVOKED)
    talk.say(by=by, case=case, text=text, is_internal=True)
    audit.record(
        by=by,
        action="violation.update",
        of=case,
        before={"stage": violation.stage},
        after={"violation": violation, "stage": ViolationStage.REVOKED if is_revoked else violation.stage},
    )
    return is_revoked
