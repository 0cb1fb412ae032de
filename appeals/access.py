"""The doors of the appeal floor."""

from __future__ import annotations

from typing import Any

from appeals.models import Case, Filing
from stores.access import can_work_on, visible


def case_for(user: Any, code: str) -> tuple[Case, bool]:
    """The case and whether this person may work on it; Http404 for what they may not see."""
    case = visible(Case, user, code=code)
    return case, can_work_on(user, case.store)


def filing_for(user: Any, code: str) -> tuple[Filing, bool]:
    filing = visible(Filing, user, code=code)
    return filing, can_work_on(user, filing.case.store)
