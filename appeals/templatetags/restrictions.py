"""Restrictions that hold a shop back, for its page. `{% load restrictions %}`."""

from __future__ import annotations

from django import template

from appeals import contact_page, penalties
from stores.models import Store, User

register = template.Library()


@register.simple_tag
def restrictions_of_shop(store: Store, user: User) -> list[penalties.Restriction]:
    """Running, ahead, or without a known end; those that end first stand first."""
    return contact_page.restrictions_of_shop(store, user)
