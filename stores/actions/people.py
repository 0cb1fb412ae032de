"""What is done to people: logins, passwords, who looks after which shop, who belongs to which merchant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from casemgr.kit import audit
from casemgr.kit.workflow import Refused
from stores.enums import AgencyRole, MerchantRole
from stores.models import Assignment, Membership, Merchant, Store, User


def check_right(by: User | None) -> None:
    """Only leads, administrators and the system (None) arrange shops and people. Raises Refused for anybody else."""
    if by is not None and not by.is_lead:
        raise Refused(_("Leads and administrators do this. Ask one of them."))


def check_administrator(by: User | None) -> None:
    """Logins of the agency and passwords belong to administrators. Raises Refused for anybody else."""
    if by is not None and by.agency_role != AgencyRole.ADMINISTRATOR:
        raise Refused(_("Administrators do this. Ask one of them."))


@transaction.atomic
def create_person(
    *,
    by: User | None,
    name: str,
    phone: str = "",
    email: str = "",
    agency_role: str = "",
    password: str | None = None,
    **fields: Any,
) -> User:
    """A new person who signs in with `phone` or `email`; without `password` nobody can sign in as them yet.

    An agency role or a password is an administrator's to give. Raises Refused for a login that is missing or taken.
    """
    check_right(by)
    if agency_role or password:
        check_administrator(by)
    phone, email = phone.replace(" ", ""), email.strip().lower()
    if not phone and not email:
        raise Refused(_("A phone number or an e-mail address is needed to sign in with."))
    try:
        with transaction.atomic():
            person = User.objects.create_user(
                name=name,
                phone=phone,
                email=email,
                agency_role=agency_role,
                password=password,
                # Administrators have every right of the admin; nobody else enters it.
                is_superuser=agency_role == AgencyRole.ADMINISTRATOR,
                **fields,
            )
    except IntegrityError:
        raise Refused(_("This phone number or e-mail address belongs to somebody else already.")) from None
    given = {"phone": bool(phone), "email": bool(email), "password": bool(password)}
    after = {"name": name, "agency_role": agency_role, **given}
    audit.record(by=by, action="user.created", of=person, after=after)
    return person


@transaction.atomic
def set_password(*, by: User | None, user: User, password: str) -> None:
    """A new password. Every session of the person ends with it: the session carries a digest of the password.

    People set their own; administrators anybody's. The password itself is written nowhere.
    """
    if by is not None and by.pk != user.pk:
        check_administrator(by)
    user.set_password(password)
    user.save(update_fields=["password"])
    audit.record(by=by, action="user.password_set", of=user)


@transaction.atomic
def assign(*, by: User | None, user: User, store: Store) -> Assignment:
    """Let an agency person look after a shop. Done twice it is done once. Raises Refused for people of merchants."""
    check_right(by)
    if not user.is_agency or not user.is_active:
        raise Refused(_("Only active people of the agency look after shops."))
    assignment, is_new = Assignment.objects.get_or_create(user=user, store=store)
    if is_new:
        audit.record(by=by, action="store.assigned", of=store, after={"user": user.code, "name": user.name})
    return assignment


@transaction.atomic
def unassign(*, by: User | None, user: User, store: Store) -> bool:
    """Take a shop from a person. True if they had it."""
    check_right(by)
    gone, _rows = Assignment.objects.filter(user=user, store=store).delete()
    if gone:
        audit.record(by=by, action="store.unassigned", of=store, before={"user": user.code, "name": user.name})
    return bool(gone)


@transaction.atomic
def add_member(
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
    check_right(by)
    if user.is_agency:
        raise Refused(_("People of the agency cannot be people of a merchant."))
    named = list(shops or [])
    if any(store.merchant_id != merchant.pk for store in named):
        raise Refused(_("Only shops of this merchant can be given."))
    if shops is not None and not named:
        raise Refused(_("Choose at least one shop, or all of them."))
    if Membership.objects.filter(user=user, merchant=merchant).exists():
        raise Refused(_("%(name)s belongs to this merchant already.") % {"name": user.name})
    membership = Membership.objects.create(user=user, merchant=merchant, role=role, all_shops=shops is None)
    membership.shops.set(named)
    after = {"user": user.code, "name": user.name, "role": role, "shops": [store.code for store in named] or "all"}
    audit.record(by=by, action="merchant.member_added", of=merchant, after=after)
    return membership


def signed_in(*, by: User) -> None:
    """Note that a person came in."""
    audit.record(by=by, action="user.signed_in", of=by)


def signed_out(*, by: User) -> None:
    """Note that a person left."""
    audit.record(by=by, action="user.signed_out", of=by)
