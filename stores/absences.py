"""Who is away, and who stands in. Reads only; days are those of the agency's clock (settings.TIME_ZONE)."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet
from django.utils import timezone

from stores.models import Absence, User


def away_on(day: dt.date | None = None) -> dict[int, Absence]:
    """Key of each agency person who is away on that day (today) -> the absence, with who stands in. One query."""
    day = day or timezone.localdate()
    rows = Absence.objects.filter(from_on__lte=day, to_on__gte=day).select_related("user", "deputy")
    return {row.user_id: row for row in rows}


def not_over(user: User) -> QuerySet[Absence]:
    """The absences of a person that are on or to come, the next one first."""
    return Absence.objects.filter(user=user, to_on__gte=timezone.localdate()).select_related("deputy")
