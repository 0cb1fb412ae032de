"""Every query that reaches a person starts with `.visible_to(user)`."""

from __future__ import annotations

from typing import Any, Self

from django.db import models


class Scoped(models.QuerySet):
    """A queryset that knows the way from its rows to their shop (`Model.store_path`, default "store")."""

    def visible_to(self, user: Any) -> Self:
        """Rows of the shops this person may see. Agency leads and administrators see all, strangers nothing."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        if user.sees_all_shops:
            return self.all()
        return self.filter(**{f"{getattr(self.model, 'store_path', 'store')}__in": user.shops()})
