"""The reference facts that files are read with: status words, carriers, scans, headers, the calendar."""

from __future__ import annotations

import json
import re
from datetime import date
from importlib.resources import files

import pytest

import stores.reference as reference


def strong_carriers(number: str) -> set[str]:
    return {c["code"] for c in reference.carriers() for p in c["strong"] if re.search(p["pattern"], number)}


@pytest.mark.parametrize(
    ("platform", "word", "status"),
    [
        ("taobao", "买家已付款，等待卖家发货", "paid"),
        ("tmall", "卖家已发货,等待买家确认", "shipped"),
        ("pinduoduo", "已发货， 待签收", "shipped"),
        ("pinduoduo", "已签收", "delivered"),
        ("pinduoduo", "未发货，退款成功", "refunded"),
        ("pinduoduo", "待成团", "unpaid"),
        ("jd", "(锁定)等待出库", "paid"),
        ("jd", "（删除）等待出库", "closed"),
        ("wechat", "delivered", "delivered"),
        ("temu", "Canceled", "closed"),
        ("kuaishou", "已取消", "closed"),
        ("own_site", "Partially_Shipped", "partly_shipped"),
        ("other", "PartiallyShipped", "partly_shipped"),
    ],
)
def test_status_word_maps_to_one_vocabulary(platform, word, status):
    assert reference.status_words(platform)[reference.word_key(word)][0] == status


def test_refund_words_of_each_kind_and_of_any_platform():
    assert reference.refund_words("douyin")[reference.word_key("同意退款,退款成功")] == ("refunded", "B")
    assert reference.refund_words("douyin")["-"] == ("none", "B")
    assert reference.refund_words("tmall")[reference.word_key("退款关闭")] == ("closed", "B")
    assert reference.refund_words("temu")[reference.word_key("退款中")] == ("asked", "C")


def test_status_words_are_stored_as_they_are_looked_up():
    document = json.loads(files(reference).joinpath("status_words.json").read_text("utf-8"))
    for block in [document["common"], *document["platforms"].values()]:
        for part in ("order", "refund"):
            words = block.get(part, [])
            assert [word for word, _, _ in words if word != reference.word_key(word)] == []
            assert [status for _, status, _ in words if status not in document["about"][part]] == []
            assert len({word for word, _, _ in words}) == len(words)
    assert set(document["platforms"]) == {row["code"] for row in reference.platforms()}


def test_unknown_status_word_is_not_guessed():
    assert "售后中" not in reference.status_words("other")
    assert reference.word_key("whatever") not in reference.status_words("pinduoduo")


@pytest.mark.parametrize(
    ("number", "carrier"),
    [
        ("SF1234567890123", "sf"),
        ("JDVA30525258067", "jd"),
        ("YT5555508965056", "yto"),
        ("YT2229521272164446", "yunexpress"),
        ("EM263999513JP", "ems"),
        ("STO1234567890", "sto"),
        ("DPK210123456789", "deppon"),
    ],
)
def test_strong_pattern_decides_for_one_carrier(number, carrier):
    assert strong_carriers(number) == {carrier}


def test_waybill_patterns_compile_and_dummies_are_seen():
    for carrier in reference.carriers():
        assert carrier["code"] == carrier["code"].lower()
        for row in carrier["strong"] + carrier["medium"]:
            assert row["source"]
            assert row["confidence"] in ("A", "B", "C")
            re.compile(row["pattern"])
    dummies = re.compile("|".join(reference.waybill_rules()["dummies"]))
    numbers = ["00000000", "1234567890", "JT9000000000001", "STO1234567890"]
    assert [n for n in numbers if dummies.search(n)] == ["00000000", "1234567890"]


@pytest.mark.parametrize(
    ("number", "is_valid"), [("RB123456785GB", True), ("EM263999513JP", True), ("RB123456786US", False)]
)
def test_s10_rule_as_written_tells_valid_numbers(number, is_valid):
    rule = reference.waybill_rules()["s10"]
    serial, digit = re.fullmatch(rule["pattern"], number).groups()
    check = 11 - sum(w * int(d) for w, d in zip(rule["weights"], serial, strict=True)) % rule["modulo"]
    assert ({10: 0, 11: 5}.get(check, check) == int(digit)) is is_valid


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("【杭州】快递员已揽收", "picked_up"),
        ("已下单，待揽收", "wait_pickup"),
        ("揽收失败，联系不上寄件人", "exception"),
        ("快件到达【上海转运中心】", "in_transit"),
        ("正在派送，请您准备签收", "out_for_delivery"),
        ("超时未签收", "exception"),
        ("您的快件已签收", "delivered"),
        ("收件人拒绝签收", "refused"),
        ("退回件已签收", "returned"),
        ("快件退回中", "returning"),
        ("已放入丰巢快递柜", "in_locker"),
    ],
)
def test_keywords_read_a_scan_text(text, state):
    rules = reference.tracking_states()["keywords"]["rows"]
    assert next(found for pattern, found in rules if re.search(pattern, text)) == state


def test_tracking_codes_lead_to_known_states_and_only_scans_prove_a_pick_up():
    document = reference.tracking_states()
    states = {row["state"]: row["is_first_scan"] for row in document["states"]["rows"]}
    used = {state for system in document["codes"].values() for state in system["states"].values()}
    assert used | {state for _, state in document["keywords"]["rows"]} <= set(states)
    assert (len(states), states["picked_up"], states["wait_pickup"], states["no_trace"]) == (16, True, False, False)
    assert {state for state, proves in states.items() if proves is None} == {"exception", "intercepted", "other"}
    assert document["codes"]["kdniao"]["states"]["401"] == "no_trace"


def test_export_headers_are_the_four_lists_with_every_column():
    found = {(row["id"], row["platform"], len(row["headers"])) for row in reference.export_headers()}
    assert found == {
        ("pinduoduo_full_2023", "pinduoduo", 82),
        ("pinduoduo_default_2026", "pinduoduo", 27),
        ("douyin_2026_a", "douyin", 74),
        ("douyin_2026_b", "douyin", 75),
    }
    for row in reference.export_headers():
        assert set(row["required"]) <= set(row["headers"])
        assert len(set(row["headers"])) == len(row["headers"])


def test_calendar_of_2026_has_the_announced_days():
    days = {row["on"]: row["is_working"] for row in reference.calendar()}
    make_up = [on for on, is_working in days.items() if is_working and on.startswith("2026")]
    assert make_up == ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]
    spans = [("01-01", 3), ("02-15", 9), ("04-04", 3), ("05-01", 5), ("06-19", 3), ("09-25", 3), ("10-01", 7)]
    ordinals = [date.fromisoformat(f"2026-{first}").toordinal() + n for first, length in spans for n in range(length)]
    off = [on for on, is_working in days.items() if not is_working and on.startswith("2026")]
    assert off == [date.fromordinal(n).isoformat() for n in ordinals]
    assert {on[:4] for on in days} == {"2024", "2025", "2026"}
    assert len(days) == len(reference.calendar())
