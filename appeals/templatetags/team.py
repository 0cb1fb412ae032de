"""How colleagues stand in texts, and the views of lists they keep. `{% load team %}`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.template import Context
from django.utils.safestring import SafeString

from appeals import list_parts, mentions
from stores.models import User

register = template.Library()


@register.filter
def with_pills(text: str, people: Iterable[User]) -> SafeString:
    """A note as HTML, the colleagues it names as pills."""
    return mentions.with_pills(text, people)


@register.simple_tag(takes_context=True)
def views_of_list(context: Context, page: str) -> SafeString:
    """The kept views of this list as chips, and the way to keep the filters that are on."""
    return list_parts.views_bar(context["request"], page)


@register.simple_tag
def bulk_bar(page: Any) -> SafeString:
    """The bar of what can be done with the rows of this page that are ticked."""
    return list_parts.bulk_bar(page.paginator.count, len(page))
