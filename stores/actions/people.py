"""What is done to people: logins, passwords, roles, sessions, who looks after which shop."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from casemgr.kit import audit
from casemgr.kit.privacy.masks import mask_phone
from casemgr.kit.workflow import Refused
from stores.enums import AgencyRole, MerchantRole
from stores.models import Assignment, Store, User


def may_arrange(by: User | None, user: User) -> bool:
    """Whether `by` (None: the system) may arrange this person: role, shops, links to a new password, sessions.

    Administrators anybody, leads all people of merchants, an owner the people of their own merchants only, and no other
    owner among them. Nobody themselves: what one may do oneself is on one's own page.
    """
    if by is None:
        return True
    if by.pk == user.pk or not by.is_active:
        return False
    if user.is_agency:
        return by.agency_role == AgencyRole.ADMINISTRATOR
    if by.is_agency:
        return by.is_lead
    theirs = user.cached_memberships()
    return bool(theirs) and all(m.merchant_id in by.owned_merchants and m.role != MerchantRole.OWNER for m in theirs)


def check_may_arrange(by: User | None, user: User) -> None:
    """Raises Refused for whoever may not arrange this person."""
    if not may_arrange(by, user):
        raise Refused(_("This person is not yours to arrange. Ask a lead or an administrator."))


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

    People set their own; administrators anybody's. The password itself is written nowhere. Links to a new password that
    are still about lead nowhere from now on.
    """
    if by is not None and by.pk != user.pk:
        check_administrator(by)
    user.set_password(password)
    user.save(update_fields=["password"])
    user.password_links.open().update(revoked_at=timezone.now())
    audit.record(by=by, action="user.password_set", of=user)


@transaction.atomic
def end_sessions(*, by: User | None, user: User, why: str = "") -> None:
    """Every session of the person ends at its next request. People may do so for themselves."""
    if by is not None and by.pk != user.pk:
        check_may_arrange(by, user)
    User.objects.filter(pk=user.pk).update(sessions_ended=F("sessions_ended") + 1)
    user.refresh_from_db(fields=["sessions_ended"])
    audit.record(by=by, action="user.sessions_ended", of=user, note=why)


@transaction.atomic
def switch(*, by: User | None, user: User, on: bool) -> bool:
    """Let a person sign in, or not any more; what they did stays. True if it changed.

    Their sessions end with it. Raises Refused for owners of merchants (who take somebody away instead) and for the last
    administrator.
    """
    check_right(by)
    check_may_arrange(by, user)
    if not on and user.agency_role == AgencyRole.ADMINISTRATOR:
        check_not_last(user)
    if not User.objects.filter(pk=user.pk, is_active=not on).update(is_active=on):
        return False
    user.is_active = on
    user.password_links.open().update(revoked_at=timezone.now())
    audit.record(by=by, action="user.switched_on" if on else "user.switched_off", of=user)
    return True


def check_not_last(user: User) -> None:
    """Raises Refused when no other administrator could sign in."""
    others = User.objects.filter(agency_role=AgencyRole.ADMINISTRATOR, is_active=True).exclude(pk=user.pk)
    if not others.exists():
        raise Refused(_("This is the last administrator. Make somebody else one first."))


@transaction.atomic
def change_role(*, by: User | None, user: User, role: str) -> bool:
    """Another role in the agency; ends the person's sessions. True if it changed."""
    check_may_arrange(by, user)
    check_administrator(by)
    if not user.is_agency or role not in AgencyRole.values:
        raise Refused(_("People of a merchant have no role in the agency."))
    before = user.agency_role
    if role == before:
        return False
    if before == AgencyRole.ADMINISTRATOR:
        check_not_last(user)
    is_administrator = role == AgencyRole.ADMINISTRATOR
    User.objects.filter(pk=user.pk).update(agency_role=role, is_superuser=is_administrator)
    user.agency_role, user.is_superuser = role, is_administrator
    audit.record(by=by, action="user.role_changed", of=user, before={"role": before}, after={"role": role})
    end_sessions(by=None, user=user, why="role")
    return True


@transaction.atomic
def rename(*, by: User, name: str) -> bool:
    """People correct their own name. True if it changed."""
    name, before = name.strip(), by.name
    if not name or name == before:
        return False
    User.objects.filter(pk=by.pk).update(name=name)
    by.name = name
    audit.record(by=by, action="user.renamed", of=by, before={"name": before}, after={"name": name})
    return True


@transaction.atomic
def choose_language(*, by: User, language: str) -> None:
    """The language the person's pages and mails are in."""
    if by.language != language:
        audit.record(
            by=by, action="user.language", of=by, before={"language": by.language}, after={"language": language}
        )
        User.objects.filter(pk=by.pk).update(language=language)
        by.language = language


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


def signed_in(*, by: User) -> None:
    """Note that a person came in."""
    audit.record(by=by, action="user.signed_in", of=by)


def session_lapsed(*, by: User) -> None:
    """Note that a session ended because it was idle too long, or too old."""
    audit.record(by=by, action="user.session_lapsed", of=by)


def sign_in_failed(*, login: str, person: User | None, step: str = "password") -> None:
    """Note a wrong attempt, of an account that exists or not. The login is masked; what was typed beside it is nowhere."""
    told = {"login": mask_login(login), "step": step}
    audit.record(by=None, action="user.sign_in_failed", of=person or User(code="unknown"), after=told)


def mask_login(login: str) -> str:
    """A phone number or e-mail address as it may stand in the audit: `138******34`, `l***@example.cn`."""
    name, at, host = login.strip().partition("@")
    return f"{name[:1]}***@{host}"[:80] if at else mask_phone(name)[:40] if name.isdigit() else f"{name[:1]}***"


def signed_out(*, by: User) -> None:
    """Note that a person left."""
    audit.record(by=by, action="user.signed_out", of=by)
