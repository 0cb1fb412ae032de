"""Forms of a page that was drawn before somebody else changed the same thing: nothing is overwritten unseen.

A form carries `as_of`, the number of the last thing done in the case when its page was drawn.
"""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from appeals.models import Case
from casemgr.kit.models import AuditEvent
from casemgr.kit.workflow import Stale
from stores.models import User


def must_be_fresh(*, by: User, case: Case, as_of: str, actions: tuple[str, ...], of: str = "", typed: str = "") -> None:
    """Raise Stale when somebody else did one of `actions` (to the thing `of`) after the page was drawn.

    The sentence says who, when, and repeats what was `typed`, so that it is not lost. A form without `as_of` is let by.
    """
    if not as_of.isascii() or not as_of.isdigit() or len(as_of) > 18:
        return
    later = AuditEvent.objects.filter(thread=case.code, pk__gt=int(as_of), action__in=actions).exclude(actor=by)
    first = (later.filter(object_code=of) if of else later).order_by("-pk").first()
    if first is None:
        return
    said = _("%(name)s changed this at %(time)s, after you opened the page. Nothing was overwritten: look again.") % {
        "name": first.actor_name or _("The system"),
        "time": timezone.localtime(first.at).strftime("%H:%M:%S"),
    }
    kept = _("You had written: %(text)s") % {"text": typed.strip()} if typed.strip() else ""
    raise Stale(f"{said} {kept}".strip())
