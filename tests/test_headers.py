"""One strict policy on every answer: pages, errors, the admin, files; nothing inline anywhere."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from tests.appeals.cast import opened

STRICT = {
    "default-src 'self'",
    "img-src 'self'",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
}
INLINE = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/login/", "/nothing-here/", "/today/", "/cases/", "/admin/", "/admin/stores/policy/"]
)
def test_every_answer_carries_the_strict_policy(path, as_, administrator):
    answer = as_(administrator).get(path)
    assert {part.strip() for part in answer.headers["Content-Security-Policy"].split(";")} == STRICT
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_case_page_has_nothing_inline(shop, handler, as_):
    page = as_(handler).get(reverse("case", args=[opened(shop, handler).code])).content.decode()
    assert INLINE.findall(page) == []
