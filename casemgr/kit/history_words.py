"""What this floor's audit rows say in words (casemgr.kit.history)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from casemgr.kit.workflow import Flow, Text

ACTIONS: dict[str, Text] = {
    "audit.texts_erased": _("Texts of the history erased"),
    "backup.made": _("Backup made"),
    "backup.restored": _("Restored from a backup"),
    "job.give_up": _("Job given up"),
    "job.retry": _("Job tried again"),
    "key.destroyed": _("Key destroyed"),
}
# Names of values that are no column with a name of its own. An empty word keeps a value from being shown.
FIELDS: dict[str, Text] = {
    "changed": pgettext_lazy("how many", "changed"),
    "code": "",
    "count": _("count"),
    "digest": "",
    "facts_hash": "",
    "format": pgettext_lazy("of a file", "format"),
    "id": "",
    "name": pgettext_lazy("of a thing", "name"),
    "new": pgettext_lazy("how many", "new"),
    "reason": _("reason"),
    "rows": _("rows"),
    "sha256": "",
    "size": pgettext_lazy("of a file", "size in bytes"),
    "state": _("state"),
    "status": _("state"),
    "texts": _("texts"),
    "updated_at": "",
    "user": pgettext_lazy("in the history", "person"),
    "version": _("version"),
}
FLOWS: list[tuple[Flow, Text]] = []
