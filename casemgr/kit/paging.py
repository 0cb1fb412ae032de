"""Pages of long lists that cost the same at their end as at their beginning."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet


class Pages(Paginator):
    """A paginator over a queryset that first looks for the keys of a page, then for its rows with all that belongs to
    them: the rows that are skipped are stepped over in the index of the order and joined with nothing."""

    def page(self, number: Any) -> Page:
        number = self.validate_number(number)
        found: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        first = (number - 1) * self.per_page
        keys = list(found.values_list("pk", flat=True)[first : first + self.per_page])
        rows = {row.pk: row for row in found.order_by().filter(pk__in=keys)} if keys else {}
        return Page([rows[key] for key in keys if key in rows], number, self)
