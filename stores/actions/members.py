"""What is done to a merchant's people: who belongs to it, in which role, for which of its shops."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from casemgr.kit import audit
from casemgr.kit.workflow import Refused
from stores.actions import people
from stores.enums import MerchantRole
from stores.models import Membership, Merchant, Store, User

GIVEN_BY_OWNERS = (MerchantRole.STAFF, MerchantRole.READ_ONLY)


def may_invite(by: User | None, merchant: Merchant) -> bool:
    """Leads and administrators for every merchant, owners (with all shops) for their own."""
    return by is None or by.is_lead or merchant.pk in by.owned_merchants


def check_role(by: User | None, role: str) -> None:
    """Raises Refused for a role that is none, or that is not an owner's to give."""
    given = MerchantRole.values if by is None or by.is_agency else GIVEN_BY_OWNERS
    if role not in given:
        raise Refused(_("Another owner is added by us: write to the person who looks after your shop."))


def checked_shops(merchant: Merchant, shops: Iterable[Store] | None) -> list[Store]:
    """The shops named (None: all). Raises Refused for another merchant's, and for an empty choice."""
    named = list(shops or [])
    if any(store.merchant_id != merchant.pk for store in named):
        raise Refused(_("Only shops of this merchant can be given."))
    if shops is not None and not named:
        raise Refused(_("Choose at least one shop, or all of them."))
    return named


def _facts(role: str, named: list[Store]) -> dict[str, Any]:
    return {"role": role, "shops": sorted(store.code for store in named) or "all"}


@transaction.atomic
def add(
    *,
    by: User | None,
    user: User,
    merchant: Merchant,
    role: str = MerchantRole.STAFF,
    shops: Iterable[Store] | None = None,
) -> Membership:
    """Make a person one of a merchant's people, for all its shops (`shops` None) or for those named.

    Raises Refused for people of the agency, for shops of another merchant, and for somebody who is in already.
    """
    people.check_right(by)
    if user.is_agency:
        raise Refused(_("People of the agency cannot be people of a merchant."))
    named = checked_shops(merchant, shops)
    if Membership.objects.filter(user=user, merchant=merchant).exists():
        raise Refused(_("%(name)s belongs to this merchant already.") % {"name": user.name})
    membership = Membership.objects.create(user=user, merchant=merchant, role=role, all_shops=shops is None)
    membership.shops.set(named)
    after = {"user": user.code, "name": user.name, **_facts(role, named)}
    audit.record(by=by, action="merchant.member_added", of=merchant, after=after)
    return membership


@transaction.atomic
def change(*, by: User | None, membership: Membership, role: str, shops: Iterable[Store] | None) -> bool:
    """Another role or other shops (None: all). Counts at the person's next request, and ends their sessions.

    True if anything changed.
    """
    user, merchant = membership.user, membership.merchant
    people.check_may_arrange(by, user)
    check_role(by, role)
    named = checked_shops(merchant, shops)
    before = _facts(membership.role, [] if membership.all_shops else list(membership.shops.all()))
    after = _facts(role, named)
    if before == after:
        return False
    Membership.objects.filter(pk=membership.pk).update(role=role, all_shops=shops is None)
    membership.role, membership.all_shops = role, shops is None
    membership.shops.set(named)
    who = {"user": user.code}
    audit.record(by=by, action="merchant.member_changed", of=merchant, before={**who, **before}, after={**who, **after})
    people.end_sessions(by=None, user=user, why="membership")
    return True


@transaction.atomic
def remove(*, by: User | None, membership: Membership) -> None:
    """Somebody belongs to this merchant no longer; what they did stays. Ends their sessions."""
    user, merchant = membership.user, membership.merchant
    people.check_may_arrange(by, user)
    gone, _rows = Membership.objects.filter(pk=membership.pk).delete()
    if gone:
        before = {"user": user.code, "name": user.name, "role": membership.role}
        audit.record(by=by, action="merchant.member_removed", of=merchant, before=before)
        people.end_sessions(by=None, user=user, why="membership")
