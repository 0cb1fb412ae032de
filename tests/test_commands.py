"""Commands that scripts rely on, where no other file tests them."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import CommandError, call_command

from tests import make


def read(text: str, monkeypatch, *words: str) -> dict:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    out = io.StringIO()
    call_command("read_notice", *words, "--json", stdout=out)
    return json.loads(out.getvalue())


@pytest.mark.django_db
def test_read_notice_prints_what_the_text_says_and_null_for_the_rest(monkeypatch):
    make.platform("pinduoduo")
    text = "虚假发货\n违规编号：90202611130207\n违规通知时间：2026-11-13 18:00\n违规单量：7单"
    found = read(text, monkeypatch, "--platform", "pinduoduo", "--pasted-at", "2026-11-13T19:02:00+08:00")[
        "violations"
    ][0]
    assert (found["violation_no"], found["type"], found["orders"]["claimed"]) == ("90202611130207", "fake_shipment", 7)
    assert found["amounts"]["total"] is None


@pytest.mark.django_db
def test_read_notice_refuses_a_platform_that_does_not_exist(monkeypatch):
    with pytest.raises(CommandError):
        read("违规编号：1", monkeypatch, "--platform", "nowhere")
