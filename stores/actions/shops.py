"""What is done to merchants and their shops."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from casemgr.kit import audit
from casemgr.kit.workflow import Refused, Stale
from stores.actions.people import check_right
from stores.models import Merchant, Platform, Store, User

MERCHANT_FIELDS = frozenset({"name", "company_name"})
# Not the platform: orders, rules and numbers of a shop are read in its platform's words.
STORE_FIELDS = frozenset({"name", "external_id", "fulfilment", "deposit_amount", "points_left", "state"})


def write_changes(thing: models.Model, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Set the fields that differ, if they still stand as `thing` was read; the old values of what was changed.

    Raises Stale when somebody changed one of them meanwhile. Call it inside the action's transaction.
    """
    changed = {name: value for name, value in changes.items() if getattr(thing, name) != value}
    before = {name: getattr(thing, name) for name in changed}
    if changed and not type(thing)._base_manager.filter(pk=thing.pk, **before).update(**changed):
        raise Stale(audit.who_was_faster(thing))
    for name, value in changed.items():
        setattr(thing, name, value)
    return before


def _check_fields(given: Mapping[str, Any], allowed: frozenset[str]) -> None:
    unknown = given.keys() - allowed
    if unknown:
        raise TypeError(f"fields that are not set this way: {sorted(unknown)}")


@transaction.atomic
def add_merchant(*, by: User | None, name: str, company_name: str = "") -> Merchant:
    """A new client. Raises Refused when there is one of exactly this name already."""
    check_right(by)
    name = name.strip()
    if Merchant.objects.filter(name=name).exists():
        raise Refused(_("There is a merchant of this name already."))
    merchant = Merchant.objects.create(name=name, company_name=company_name.strip())
    audit.record(by=by, action="merchant.created", of=merchant, after={"name": name, "company_name": company_name})
    return merchant


@transaction.atomic
def edit_merchant(*, by: User | None, merchant: Merchant, **changes: Any) -> bool:
    """Change name or company of a merchant; whether anything changed. Stale when somebody was faster."""
    check_right(by)
    _check_fields(changes, MERCHANT_FIELDS)
    before = write_changes(merchant, changes)
    if before:
        audit.record(
            by=by, action="merchant.changed", of=merchant, before=before, after={name: changes[name] for name in before}
        )
    return bool(before)


@transaction.atomic
def add_shop(*, by: User | None, merchant: Merchant, platform: Platform, name: str, **fields: Any) -> Store:
    """A new shop of a merchant. Refused when the platform's shop id is taken."""
    check_right(by)
    _check_fields(fields, STORE_FIELDS)
    try:
        with transaction.atomic():
            store = Store.objects.create(merchant=merchant, platform=platform, name=name, **fields)
    except IntegrityError:
        raise Refused(_("A shop with this id of the platform is here already.")) from None
    after = {"merchant": merchant, "platform": platform, "name": name, **fields}
    audit.record(by=by, action="store.created", of=store, after=after)
    return store


@transaction.atomic
def edit_shop(*, by: User | None, store: Store, **changes: Any) -> bool:
    """Change facts of a shop (STORE_FIELDS); whether anything changed. It never moves to another merchant or platform.

    Refused when the platform's shop id is taken, Stale when somebody was faster.
    """
    check_right(by)
    _check_fields(changes, STORE_FIELDS)
    try:
        with transaction.atomic():
            before = write_changes(store, changes)
    except IntegrityError:
        raise Refused(_("A shop with this id of the platform is here already.")) from None
    if before:
        audit.record(
            by=by, action="store.changed", of=store, before=before, after={name: changes[name] for name in before}
        )
    return bool(before)


def exported(*, by: User, what: str, rows: int, kind: str) -> None:
    """Note that a list (shops, policies) left the house: how many rows, as CSV or XLSX."""
    audit.record(by=by, action=f"{what}.exported", of=by, after={"rows": rows, "format": kind})
