"""Pages of long lists that cost the same at their end as at their beginning."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet


class Pages(Paginator):
    """A paginator over a queryset that first looks for the keys of a page, then for its rows with all that belongs to
    them: the rows that are skipped are stepped over in the index of the order and joined with nothing.

    `fetch` makes the rows of a page, each with its `pk`, of a queryset of just these; without it they are the instances.
    """

    def __init__(
        self, found: QuerySet[Any], per_page: int, *, fetch: Callable[[QuerySet[Any]], Iterable[Any]] | None = None
    ) -> None:
        super().__init__(found, per_page)
        self.fetch = fetch

    def page(self, number: Any) -> Page:
        number = self.validate_number(number)
        found: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        first = (number - 1) * self.per_page
        keys = list(found.values_list("pk", flat=True)[first : first + self.per_page])
        rows = {row.pk: row for row in self._rows(found, keys)} if keys else {}
        return Page([rows[key] for key in keys if key in rows], number, self)

    def _rows(self, found: QuerySet[Any], keys: list[Any]) -> Iterable[Any]:
        if self.fetch is None:
            return found.order_by().filter(pk__in=keys)
        # The keys are within the scope and the filters of `found`: asked again they would choose another way in.
        return self.fetch(found.model._default_manager.filter(pk__in=keys))
