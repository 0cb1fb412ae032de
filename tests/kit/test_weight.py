"""What a first visit loads: everything a page links, compressed as our server sends it."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse

from tests import make
from tests.kit.test_ui import needs_assets

KB = 1024
LINKED = re.compile(r"<(?:link[^>]+rel=\"(?:stylesheet|icon)\"[^>]+href|script[^>]+src|use href)=\"/static/([^\"#?]+)")
STYLES = re.compile(r"<link[^>]*href=\"/static/([^\"#?]+)\"")

pytestmark = pytest.mark.django_db


def weight(page) -> tuple[int, set[str]]:
    """Bytes of the page itself and of each file it links, gzip at the level of a server (6); and the names."""
    text = page.content.decode()
    names = set(LINKED.findall(text)) | set(STYLES.findall(text))
    bodies = [page.content]
    for name in names:
        found = finders.find(name)
        assert found, name
        bodies.append(Path(found).read_bytes())
    return sum(len(gzip.compress(body, 6)) for body in bodies), names


@needs_assets
@pytest.mark.parametrize("address", ["today", "cases", "orders", "alerts", "imports", "violation-new"])
def test_a_page_of_the_agency_loads_at_most_200_kb_the_first_time(as_, handler, shop, address):
    total, names = weight(as_(handler).get(reverse(address)))
    assert "vendor/tabler.min.css" in names
    assert "vendor/icons.svg" in names
    assert "vendor/echarts.min.js" not in names
    assert total <= 200 * KB


@needs_assets
def test_a_page_of_the_merchant_loads_at_most_200_kb_without_charts_from_script(as_, owner, shop):
    total, names = weight(as_(owner).get(reverse("m-shops")))
    assert "vendor/echarts.min.js" not in names
    assert total <= 200 * KB


@needs_assets
def test_a_page_with_charts_loads_at_most_600_kb_the_first_time(as_, handler, shop):
    make.order(shop)
    total, names = weight(as_(handler).get(reverse("shop", args=[shop.code])))
    assert "vendor/echarts.min.js" in names
    assert total <= 600 * KB
