"""What the pages and the floors above ask of shops, people, rules and the calendar. Reads only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from stores.enums import AgencyRole
from stores.models import (
    Assignment,
    CalendarDay,
    EvidenceRequirement,
    ExemptionWindow,
    Invitation,
    Membership,
    Merchant,
    Platform,
    Policy,
    PolicyRound,
    Store,
    User,
    ViolationType,
)

# The first version of a rule is open towards the past (stores/reference, "effective_from"): it starts here, and pages
# say that its beginning is not known instead of showing this day.
BEGINNING = dt.datetime(2000, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=8)))


def pick(versions: Iterable[Policy], at: dt.datetime) -> Policy | None:
    """The version in force at the moment `at` among `versions` of one rule; None where none was.

    A version is in force from its first moment up to, not including, the first of the next. For loops over many orders:
    read the versions once with `versions_of`.
    """
    for policy in versions:
        if policy.effective_from <= at and (policy.effective_to is None or at < policy.effective_to):
            return policy
    return None


def versions_of(violation_type: ViolationType) -> list[Policy]:
    """All versions of a rule, newest first, each with its rounds."""
    return list(violation_type.policies.order_by("-version").select_related("verified_by").prefetch_related("rounds"))


def policy_in_force(violation_type: ViolationType, at: dt.datetime | None) -> Policy | None:
    """The version of the rule that applied at `at`; None where the moment or the rule is unknown.

    Conduct is judged at the order's clock start, procedure when the notice came (2-domain.md, Policy): ask twice.
    """
    if at is None:
        return None
    ends_later = Q(effective_to=None) | Q(effective_to__gt=at)
    found = violation_type.policies.filter(ends_later, effective_from__lte=at)
    return found.order_by("-version").first()


def is_used(policy: Policy) -> bool:
    """Whether an order, a violation or any other row leans on this version; its own rounds do not count.

    Asks every table that points at Policy without naming one, because the floors above are not known here.
    """
    relations: list[Any] = [
        relation
        for relation in Policy._meta.get_fields(include_hidden=True)
        if relation.auto_created and relation.one_to_many and relation.related_model is not PolicyRound
    ]
    return any(
        relation.related_model._base_manager.filter(**{relation.field.name: policy.pk}).exists()
        for relation in relations
    )


def working_days() -> Mapping[dt.date, bool]:
    """Date -> whether it is worked, for the days that differ from the week (casemgr.kit.clock.add_window)."""
    return dict(CalendarDay.objects.values_list("on", "is_working"))


def missing_years(today: dt.date) -> list[int]:
    """This year and the next, as far as the calendar does not hold them: working days there are guesses."""
    known = {day.year for day in CalendarDay.objects.filter(on__year__gte=today.year).dates("on", "year")}
    return [year for year in (today.year, today.year + 1) if year not in known]


def leads() -> list[User]:
    """The agency's active leads and administrators: who is told when something goes wrong."""
    return list(User.objects.filter(is_active=True, agency_role__in=[AgencyRole.LEAD, AgencyRole.ADMINISTRATOR]))


def agency_people() -> QuerySet[User]:
    """Active people of the agency by name: who can look after a shop."""
    return User.objects.filter(is_active=True).exclude(agency_role="").order_by("name")


def agency_people_of(store: Store) -> QuerySet[User]:
    """Active agency people who may work on this shop: those assigned, and every lead and administrator."""
    mine = Q(assignments__store=store) | Q(agency_role__in=[AgencyRole.LEAD, AgencyRole.ADMINISTRATOR])
    return agency_people().filter(mine).distinct()


def merchant_people(store: Store) -> list[User]:
    """The merchant's active people who may see this shop: they are told what concerns it."""
    given = Membership.objects.filter(user=OuterRef("pk"), merchant=store.merchant_id)
    return list(
        User.objects.filter(Exists(given.filter(Q(all_shops=True) | Q(shops=store))), is_active=True).order_by("name")
    )


def memberships_of(merchant: Merchant) -> QuerySet[Membership]:
    """The merchant's people with role and shops, by name."""
    return merchant.memberships.select_related("user").prefetch_related("shops").order_by("user__name", "pk")


def shop_rows(user: User) -> QuerySet[Store]:
    """The shops this person may see, with platform, merchant and the people assigned."""
    people = Prefetch("assignments", Assignment.objects.select_related("user").order_by("user__name"))
    return Store.objects.visible_to(user).select_related("platform", "merchant").prefetch_related(people)


def rule_rows(now: dt.datetime | None = None) -> QuerySet[ViolationType]:
    """Every kind of penalty with the version in force now as `in_force_now` (a list of none or one, rounds read)."""
    now = now or timezone.now()
    in_force = Policy.objects.filter(Q(effective_to=None) | Q(effective_to__gt=now), effective_from__lte=now)
    rows = Prefetch("policies", in_force.order_by("-version").prefetch_related("rounds"), to_attr="in_force_now")
    return ViolationType.objects.select_related("platform").prefetch_related(rows)


def unverified(rules: QuerySet[ViolationType], now: dt.datetime | None = None) -> QuerySet[ViolationType]:
    """Of the rules, those whose version in force nobody has verified, or that have none."""
    now = now or timezone.now()
    in_force = Policy.objects.filter(Q(effective_to=None) | Q(effective_to__gt=now), effective_from__lte=now)
    return rules.exclude(Exists(in_force.filter(violation_type=OuterRef("pk"), verified_at__isnull=False)))


def rule(platform: str, key: str) -> ViolationType | None:
    """The kind of penalty by its platform's code and its own key."""
    return ViolationType.objects.select_related("platform").filter(platform__code=platform, key=key).first()


def platforms_of(rows: QuerySet[Store] | QuerySet[ViolationType]) -> list[tuple[str, str, int]]:
    """(code, name, how many of the rows) for every platform that has any, in the order in which they are shown."""
    counts = dict(rows.order_by().values_list("platform").annotate(Count("pk", distinct=True)))
    return [(one.code, one.name, counts[one.pk]) for one in Platform.objects.all() if one.pk in counts]


def rules() -> QuerySet[ViolationType]:
    """Every kind of penalty of every platform."""
    return ViolationType.objects.all()


def evidence_names() -> dict[str, str]:
    """The kinds of evidence by key, named in the reader's language."""
    return {one.key: one.name for one in EvidenceRequirement.objects.all()}


def windows_of(platform: Platform, since: dt.datetime) -> QuerySet[ExemptionWindow]:
    """The platform's pauses, extensions and waivers that had not ended at `since`."""
    return ExemptionWindow.objects.filter(platform=platform, to_at__gte=since)


def _with_factor(rows: QuerySet[User]) -> QuerySet[User]:
    """With `has_factor`: whether the person signs in with a second factor."""
    return rows.annotate(has_factor=Exists(Authenticator.objects.filter(user=OuterRef("pk"))))


def everybody_of_agency() -> QuerySet[User]:
    """The agency's people, switched off or not, by name, with the shops they look after."""
    shops = Prefetch("assignments", Assignment.objects.select_related("store").order_by("store__name"))
    return _with_factor(User.objects.exclude(agency_role="")).order_by("-is_active", "name").prefetch_related(shops)


def everybody_of_merchants(words: str = "") -> QuerySet[User]:
    """The merchants' people, switched off or not, by name, with what they belong to; `words` in name, login, merchant."""
    belongs = Prefetch("memberships", Membership.objects.select_related("merchant").prefetch_related("shops"))
    rows = _with_factor(User.objects.filter(agency_role="")).order_by("-is_active", "name", "pk")
    if words:
        named = User.objects.filter(memberships__merchant__name__icontains=words)
        rows = rows.filter(
            Q(name__icontains=words) | Q(phone=words) | Q(email__iexact=words) | Q(pk__in=named.values("pk"))
        )
    return rows.prefetch_related(belongs)


def person_by_code(code: str) -> User | None:
    """One person with everything a page about them shows."""
    return _with_factor(User.objects.filter(code=code)).prefetch_related("memberships__merchant").first()


def members_under(owner: User) -> QuerySet[Membership]:
    """The people of the merchants that this person owns, the owner included."""
    rows = Membership.objects.filter(merchant__in=owner.owned_merchants).select_related("user", "merchant")
    return rows.prefetch_related("shops").order_by("merchant__name", "user__name", "pk")


def waiting_invitations(user: User) -> QuerySet[Invitation]:
    """Invitations this person may see that were neither used nor taken back; those that ran out can be sent again."""
    rows = Invitation.objects.visible_to(user).filter(used_at=None, revoked_at=None)
    return rows.select_related("merchant").prefetch_related("shops").order_by("-created_at", "-pk")


def merchants_owned(owner: User) -> QuerySet[Merchant]:
    """The merchants whose people this person looks after."""
    return Merchant.objects.filter(pk__in=owner.owned_merchants)
