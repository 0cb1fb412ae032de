"""What the doctor looks at on this floor: calendar, rules, people."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from casemgr.kit.doctor import Line, line, looks
from stores import queries
from stores.enums import AgencyRole


@looks
def calendar_and_rules() -> Iterator[Line]:
    missing = queries.missing_years(timezone.localdate())
    years = ", ".join(map(str, missing))
    cure = _("Add the holidays in the admin (calendar days): until then working days of these years are guesses.")
    found = _("%(years)s missing") % {"years": years} if missing else _("this year and the next")
    yield line("calendar", _("Holidays"), found, warn=cure if missing else "")
    rules = queries.rules()
    open_ones, total = queries.unverified(rules).count(), rules.count()
    found = _("%(n)s of %(total)s unverified") % {"n": open_ones, "total": total}
    cure = _("Compare them with the platforms' pages and confirm them under Policies; until then they only warn.")
    if not total:
        found, cure = pgettext("rules", "none"), _("Run `manage.py load_reference`.")
        yield line("rules", _("Platform rules"), found, bad=cure)
        return
    yield line("rules", _("Platform rules"), found, warn=cure if open_ones else "")


@looks
def people() -> Iterator[Line]:
    active = [one for one in queries.everybody_of_agency() if one.is_active]
    able = [one for one in active if one.agency_role == AgencyRole.ADMINISTRATOR and one.has_usable_password()]
    cure = "" if able else _("Start with `make run EMPTY=1`: it prints a link for the first administrator.")
    yield line("administrators", _("Administrators who can sign in"), str(len(able)), bad=cure)
    without = sum(not getattr(one, "has_factor", False) for one in active)
    found = (
        pgettext("second factor", "required") if settings.TOTP_REQUIRED else pgettext("second factor", "not required")
    )
    found = _("%(state)s; %(n)s people of the agency have none yet") % {"state": found, "n": without}
    cure = "" if settings.TOTP_REQUIRED or settings.DEMO else _("Set CASEMGR_TOTP_REQUIRED=1.")
    yield line("second_factor", _("Second factor"), found, bad=cure)
