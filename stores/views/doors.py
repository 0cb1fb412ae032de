"""Who may arrange shops and rules: first what a person may see at all (404), then whether it is theirs to do (403)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404

from stores.access import store_for
from stores.models import Store, ViolationType
from stores.queries import rule


def must_lead(user: Any) -> None:
    """Leads and administrators only; PermissionDenied tells others of the agency that it is not theirs."""
    if not user.is_lead:
        raise PermissionDenied


def shop_to_arrange(user: Any, code: str) -> Store:
    """A shop that this person may change; Http404 for what they may not see."""
    store, _may_work = store_for(user, code)
    must_lead(user)
    return store


def rule_for(platform: str, key: str) -> ViolationType:
    """The kind of penalty behind an address; Http404 for what there is not. Rules are everybody's in the agency."""
    found = rule(platform, key)
    if found is None:
        raise Http404
    return found


def rule_to_arrange(user: Any, platform: str, key: str) -> ViolationType:
    """The same for somebody who may write and verify versions."""
    found = rule_for(platform, key)
    must_lead(user)
    return found
