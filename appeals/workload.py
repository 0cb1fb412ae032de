"""Who should have a case: the people of its shop with how much they have to do, and who is away. Reads only.

A person's load counts their open cases, those due soon several times: what is due within a day leaves no room for more.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Case as Choose
from django.db.models import Count, IntegerField, Q, Sum, Value, When
from django.utils import timezone

from appeals.models import Case
from stores.absences import away_on
from stores.models import Absence, Assignment, Store, User
from stores.queries import agency_people, agency_people_of

# Hours to the next deadline -> how often a case counts; later ones, and those without a known deadline, count once.
NEARNESS = ((24, 4), (72, 2))


@dataclass(frozen=True)
class Candidate:
    """Somebody who may have the case. `stands_in` is whose deputy they are, where that one is away."""

    person: User
    open_count: int
    load: int
    absence: Absence | None
    is_assigned: bool
    stands_in: User | None

    @property
    def rank(self) -> tuple[int, int, str]:
        """The lower the better: the owner's or handler's deputy and the handlers of the shop, others, who is away."""
        group = 3 if self.absence else 0 if self.is_assigned else 1 if self.stands_in else 2
        return (group, self.load, self.person.name)


def candidates(store: Store, *, owner: User | None = None) -> list[Candidate]:
    """Everybody who may work on the shop, the best first; the deputy of an absent `owner` before all. Four queries."""
    people = list(agency_people_of(store))
    away = away_on()
    assigned = set(Assignment.objects.filter(store=store).values_list("user_id", flat=True))
    counted = _loads(people)
    replaced = {
        row.deputy_id: row.user
        for row in away.values()
        if row.deputy_id and (row.user_id in assigned or (owner and row.user_id == owner.pk))
    }
    found = [
        Candidate(
            person,
            *counted.get(person.pk, (0, 0)),
            away.get(person.pk),
            person.pk in assigned,
            replaced.get(person.pk),
        )
        for person in people
    ]
    first = away[owner.pk].deputy_id if owner and owner.pk in away else None
    return sorted(found, key=lambda one: (one.absence is not None or one.person.pk != first, *one.rank))


def proposed(store: Store, *, by: User) -> User:
    """Who a new case of the shop should go to: of its handlers who are there the one with the least load, else the deputy
    of one who is away, else `by`. Nobody is given a case while away, as long as there is another."""
    here = [one for one in candidates(store) if one.absence is None]
    near = [one for one in here if one.is_assigned or one.stands_in]
    if near:
        group = near[0].rank[0]
        alike = [one for one in near if (one.rank[0], one.load) == (group, near[0].load)]
        return next((one.person for one in alike if one.person == by), near[0].person)
    if not here or any(one.person == by for one in here):
        return by
    return here[0].person


def _loads(people: list[User]) -> dict[int, tuple[int, int]]:
    """Key of each person -> number of open cases, and the same weighted by how near their deadlines are."""
    now = timezone.now()
    near = [When(next_due_at__lte=now + dt.timedelta(hours=hours), then=Value(times)) for hours, times in NEARNESS]
    weight = Choose(When(~Q(waiting_for="us"), then=Value(1)), *near, default=Value(1), output_field=IntegerField())
    rows = Case.objects.filter(owner__in=people).exclude(status="closed").values("owner")
    counted = rows.annotate(n=Count("pk"), load=Sum(weight)).order_by()
    return {owner: (n, load) for owner, n, load in counted.values_list("owner", "n", "load")}


def everybody() -> list[Candidate]:
    """All people of the agency by name, for work over many shops; whether they may see each is asked when it is given."""
    people, away = list(agency_people()), away_on()
    counted = _loads(people)
    return [Candidate(one, *counted.get(one.pk, (0, 0)), away.get(one.pk), False, None) for one in people]
