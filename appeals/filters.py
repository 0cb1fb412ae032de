"""Filters of the case list, kept in the address."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from appeals.enums import Outcome, WaitingFor
from appeals.models import Case
from appeals.queries import ASLEEP
from appeals.workflow import CASE
from stores.models import Store
from stores.queries import agency_people


class CaseFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="search", label=gettext_lazy("Search"))
    # Not distinct: a state doubles no row, and counting whole rows apart reads all of them.
    status = django_filters.MultipleChoiceFilter(choices=CASE.choices, label=gettext_lazy("State"), distinct=False)
    waiting_for = django_filters.ChoiceFilter(choices=WaitingFor.choices, label=gettext_lazy("Waiting for"))
    outcome = django_filters.ChoiceFilter(choices=Outcome.choices, label=gettext_lazy("Outcome"))
    shop = django_filters.CharFilter(field_name="store__code", label=gettext_lazy("Shop"))
    platform = django_filters.CharFilter(field_name="store__platform__code", label=gettext_lazy("Platform"))
    owner = django_filters.CharFilter(field_name="owner__code", label=gettext_lazy("Owner"))
    view = django_filters.CharFilter(method="named_view")

    class Meta:
        model = Case
        fields = ["q", "status", "waiting_for", "outcome", "shop", "platform", "owner", "view"]

    def search(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        text = value.strip()
        return rows.filter(
            Q(code__iexact=text)
            | Q(store__name__icontains=text)
            | Q(violations__violation_no=text)
            | Q(store__merchant__name__icontains=text)
        ).distinct()

    def named_view(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        mine = {
            "mine": Q(owner=self.request.user) & ~Q(status="closed") & ~ASLEEP,
            "asleep": ASLEEP & ~Q(status="closed"),
            "open": ~Q(status="closed"),
            "review": Q(status="reviewing"),
            "merchant": Q(waiting_for="merchant") & ~Q(status="closed"),
            "overdue": Q(is_overdue=True) & ~Q(status="closed"),
            "closed": Q(status="closed"),
        }
        return rows.filter(mine[value]) if value in mine else rows

    def views(self) -> list[dict[str, Any]]:
        """The named views with their address; the chosen one is marked."""
        chosen = self.data.get("view", "") or "all"
        labels = [
            # Said in the address: the bare one opens the person's default view.
            ("all", _("All")),
            ("mine", _("Mine")),
            ("open", _("Open")),
            ("review", _("In review")),
            ("merchant", _("With the merchant")),
            ("overdue", _("Overdue")),
            ("asleep", _("Laid aside")),
            ("closed", _("Closed")),
        ]
        return [{"key": key, "url": f"?view={key}", "label": label, "current": key == chosen} for key, label in labels]

    def chips(self) -> list[dict[str, Any]]:
        """The filters in force, each with the address without it."""
        out = []
        for name in ("q", "status", "waiting_for", "outcome", "shop", "platform", "owner"):
            for value in self.data.getlist(name) if hasattr(self.data, "getlist") else []:
                if value:
                    out.append(
                        {"label": self._label(name, value), "url": "?" + self._without(name, value), "current": True}
                    )
        return out

    def _without(self, name: str, value: str) -> str:
        data = self.data.copy()
        data.setlist(name, [one for one in data.getlist(name) if one != value])
        data.pop("page", None)
        return data.urlencode()

    def _label(self, name: str, value: str) -> str:
        if name == "shop":
            shop = Store.objects.visible_to(self.request.user).filter(code=value).first()
            return shop.name if shop else value
        if name == "owner":
            person = agency_people().filter(code=value).first()
            return person.name if person else value
        choices = dict(getattr(self.filters[name], "extra", {}).get("choices", []))
        return str(choices.get(value, value))
