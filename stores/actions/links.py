"""One-time links: asking somebody in, and letting somebody set a new password.

A link works once and for a time; looking at it changes nothing. The token is returned to the caller once, to be shown or
mailed, and stored as a digest only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple, TypeVar

from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from casemgr.kit import audit
from casemgr.kit.workflow import Refused
from stores.actions import members, people
from stores.enums import AgencyRole
from stores.models import Invitation, Membership, Merchant, PasswordLink, Store, User

INVITED_FOR = dt.timedelta(days=7)
HANDED_OVER_FOR = dt.timedelta(days=1)  # made by a person, passed on by hand
MAILED_FOR = dt.timedelta(hours=1)  # asked for on the "forgot" page

L = TypeVar("L", Invitation, PasswordLink)


class Issued(NamedTuple):
    """A link and the secret that goes into its address; nobody can read the secret again."""

    link: Invitation | PasswordLink
    token: str


class NotValid(Refused):
    """The link leads nowhere: used, taken back, run out, or never made. Which of them is nobody's business."""

    def __init__(self) -> None:
        super().__init__(_("This link is not valid any more."))


def _claim(link: Invitation | PasswordLink) -> None:
    """Use the link up, if it is still open: of two at once one wins. Raises NotValid."""
    if not type(link).objects.open().filter(pk=link.pk).update(used_at=timezone.now()):
        raise NotValid


def _check_merchant(by: User | None, merchant: Merchant, role: str, theirs: QuerySet[User]) -> None:
    """Whether `by` may ask somebody, whose accounts are `theirs`, into the merchant in this role; Refused if not."""
    if not members.may_invite(by, merchant):
        raise Refused(_("You cannot invite people to this merchant."))
    members.check_role(by, role)
    # Leads see everybody and are told at once; owners are told nothing about who is here.
    if (by is None or by.is_agency) and theirs.exclude(agency_role="").exists():
        raise Refused(_("People of the agency cannot be people of a merchant."))


@transaction.atomic
def invite(
    *,
    by: User | None,
    name: str,
    phone: str = "",
    email: str = "",
    agency_role: str = "",
    merchant: Merchant | None = None,
    role: str = "",
    shops: Iterable[Store] | None = None,
) -> Issued:
    """Ask somebody in for a week: into the agency (`agency_role`) or to a merchant (`role`; shops None: all).

    Whether the login has an account already is answered by nothing here. Raises Refused for what `by` may not give.
    """
    if not (phone or email):
        raise Refused(_("A phone number or an e-mail address is needed to sign in with."))
    theirs = User.objects.filter(_same_login(phone, email))
    if merchant is None:
        people.check_administrator(by)
        named = list(shops or [])
        if theirs.exists():
            raise Refused(_("This phone number or e-mail address belongs to somebody else already."))
    else:
        _check_merchant(by, merchant, role, theirs)
        named = members.checked_shops(merchant, shops)
    link = Invitation(
        name=name, phone=phone, email=email, agency_role=agency_role, merchant=merchant, role=role, made_by=by,
        all_shops=merchant is not None and shops is None, expires_at=timezone.now() + INVITED_FOR,
    )  # fmt: skip
    token = link.new_token()
    link.save()
    link.shops.set(named)
    after = {"name": name, "role": agency_role or role, "merchant": merchant and merchant.code, "shops": named or "all"}
    audit.record(by=by, action="invitation.made", of=link, after=after)
    return Issued(link, token)


@transaction.atomic
def invite_again(*, by: User | None, invitation: Invitation) -> Issued:
    """A new link for somebody whose old one was lost or ran out; the old one leads nowhere from now on."""
    if not (invitation.phone or invitation.email):
        raise Refused(_("This invitation was used or taken back. Invite the person anew."))
    limited = None if invitation.merchant_id and invitation.all_shops else list(invitation.shops.all())
    issued = invite(
        by=by, name=invitation.name, phone=invitation.phone, email=invitation.email, agency_role=invitation.agency_role,
        merchant=invitation.merchant, role=invitation.role, shops=limited,
    )  # fmt: skip
    revoke(by=by, invitation=invitation)
    return issued


@transaction.atomic
def revoke(*, by: User | None, invitation: Invitation) -> bool:
    """Take an invitation back. True if it was still about."""
    if not Invitation.objects.filter(pk=invitation.pk, used_at=None, revoked_at=None).update(
        revoked_at=timezone.now(), phone="", email=""
    ):
        return False
    audit.record(by=by, action="invitation.revoked", of=invitation)
    return True


def _same_login(phone: str, email: str) -> Q:
    """Accounts with this phone number or this e-mail address."""
    login = Q(phone=phone) if phone else Q(pk=None)
    return login | Q(email__iexact=email) if email else login


def account_of(invitation: Invitation) -> User | None:
    """The account that has the invited login already. Raises Refused when phone and e-mail belong to two people."""
    found = list(User.objects.filter(_same_login(invitation.phone, invitation.email))[:2])
    if len(found) > 1:
        raise Refused(_("This cannot be set up like this. Ask for a new invitation."))
    return found[0] if found else None


@transaction.atomic
def accept(*, invitation: Invitation, name: str, password: str) -> User:
    """Come in: a new person with this password, or the one who has the login already and proves it with theirs.

    Raises NotValid, Refused for a password that is not theirs, ValidationError for one that is too weak.
    """
    _claim(invitation)
    person = account_of(invitation)
    if person is None:
        validate_password(password, User(name=name, phone=invitation.phone, email=invitation.email))
        person = people.create_person(
            by=None, name=name, phone=invitation.phone, email=invitation.email, agency_role=invitation.agency_role,
            password=password,
        )  # fmt: skip
    elif not person.check_password(password) or not person.is_active or person.is_agency or invitation.agency_role:
        raise Refused(_("This password cannot be used. If you have an account here already, type its password."))
    _let_in(invitation, person)
    Invitation.objects.filter(pk=invitation.pk).update(phone="", email="")
    audit.record(by=person, action="invitation.used", of=invitation, after={"user": person.code})
    return person


def _let_in(invitation: Invitation, person: User) -> None:
    """Give what the invitation promised: shops to look after, or a place among the merchant's people."""
    shops = list(invitation.shops.all())
    if invitation.merchant is None:
        for store in shops:
            people.assign(by=None, user=person, store=store)
    elif not Membership.objects.filter(user=person, merchant=invitation.merchant).exists():
        limited = None if invitation.all_shops else shops
        members.add(by=None, user=person, merchant=invitation.merchant, role=invitation.role, shops=limited)


@transaction.atomic
def make_password_link(*, by: User | None, user: User, mailed: bool = False) -> Issued:
    """A way for this person to set a password; links made before lead nowhere from now on.

    `mailed`: the person asked for it on the "forgot" page; it lasts an hour instead of a day.
    """
    people.check_may_arrange(by, user)
    if not user.is_active:
        raise Refused(_("%(name)s is switched off. Switch them on first.") % {"name": user.name})
    user.password_links.open().update(revoked_at=timezone.now())
    link = PasswordLink(user=user, made_by=by, expires_at=timezone.now() + (MAILED_FOR if mailed else HANDED_OVER_FOR))
    token = link.new_token()
    link.save()
    audit.record(by=by, action="user.password_link", of=user, after={"link": link.code, "mailed": mailed})
    return Issued(link, token)


@transaction.atomic
def use_password_link(*, link: PasswordLink, password: str) -> User:
    """Set the password the link is for; every session of the person ends. Raises NotValid, ValidationError if weak."""
    person = link.user
    if not person.is_active:
        raise NotValid
    validate_password(password, person)
    _claim(link)
    people.set_password(by=person, user=person, password=password)
    return person


@transaction.atomic
def first_administrator(*, name: str, login: str) -> Issued:
    """The first administrator of an empty installation, and the link with which they set their password (a day).

    `login` is a phone number or an e-mail address. Raises Refused when there is an administrator who can sign in.
    """
    there = User.objects.filter(agency_role=AgencyRole.ADMINISTRATOR, is_active=True)
    if any(one.has_usable_password() for one in there):
        raise Refused(_("There is an administrator already: sign in as them and invite people from there."))
    phone, email = ("", login) if "@" in login else (login, "")
    key = {"email__iexact": email.strip()} if email else {"phone": phone.replace(" ", "")}
    person = there.filter(**key).first() or people.create_person(
        by=None, name=name, phone=phone, email=email, agency_role=AgencyRole.ADMINISTRATOR
    )
    return make_password_link(by=None, user=person)
