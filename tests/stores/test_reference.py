"""The reference facts: complete, in the product's words, honest about what is not known."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import stores.reference as reference
from stores import enums

FOLDER = Path(reference.__file__).parent
# notice_labels.json has a reader and tests of its own.
OURS = sorted(path for path in FOLDER.glob("*.json") if path.name != "notice_labels.json")
PLATFORMS = [
    *("taobao", "tmall", "jd", "pinduoduo", "douyin", "xiaohongshu", "kuaishou", "wechat", "temu"),
    *("own_site", "other"),
]
TYPES = [
    *("false_transaction", "fake_shipment", "late_shipment", "out_of_stock"),
    *("fraud_shipment", "abnormal_tracking", "transit_timeout", "ticket_timeout"),
]
VARIABLE = re.compile(r"\{\{(\w+)\}\}")


def texts(value: Any) -> list[str]:
    """Every text anywhere inside a value; keys of objects are not texts."""
    if isinstance(value, dict):
        return [text for item in value.values() for text in texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in texts(item)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize(
    "reader",
    [
        *(reference.violation_types, reference.policies, reference.evidence_kinds, reference.evidence_matrix),
        *(reference.variables, reference.plans, reference.requests, reference.forbidden, reference.answers_next),
        *(reference.merchant_sentences, reference.outcome_sentences, reference.carriers, reference.export_headers),
        *(reference.calendar, reference.glossary, lambda: reference.letters().values()),
    ],
)
def test_every_fact_names_its_source_and_how_sure_it_is(reader):
    rows = reader()
    assert [row for row in rows if not row["source"] or row["confidence"] not in enums.Confidence.values] == []


def test_platform_limits_name_their_source():
    for row in reference.platforms():
        known = [row[k] for k in ("text_max", "images_max", "image_bytes_max", "image_formats") if row[k] is not None]
        assert bool(known) == bool(row["limits_source"]) == bool(row["limits_confidence"]), row["code"]
        assert bool(row["order_no_pattern"]) == bool(row["order_no_source"]) == bool(row["order_no_confidence"])


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_names_are_the_products_not_the_collectors(path):
    found = texts(json.loads(path.read_text("utf-8")))
    assert [text for text in found if text in {"pdd", "wechat_shop"} or re.fullmatch(r"[A-Z]+(_[A-Z]+)+", text)] == []


def test_platforms_are_the_eleven_and_two_have_no_penalties():
    rows = reference.platforms()
    assert [row["code"] for row in rows] == PLATFORMS
    assert "".join(row["short_zh"] for row in rows) == "淘猫京拼抖红快微T自他"
    assert [row["code"] for row in rows if not row["has_penalties"]] == ["own_site", "other"]
    assert {row["code"]: row["external_link_allowed"] for row in rows} == dict.fromkeys(PLATFORMS) | {"own_site": True}


def test_order_numbers_match_their_platforms_pattern_whole():
    patterns = {row["code"]: row["order_no_pattern"] for row in reference.platforms()}
    numbers = {
        "pinduoduo": "261107-900000000000001",
        "douyin": "6938000000000000411",
        "xiaohongshu": "P800000000000000111",
    }
    for code, number in numbers.items():
        assert re.fullmatch(patterns[code], number), code
        assert not re.fullmatch(patterns[code], number + "0"), code


def test_every_platform_with_penalties_has_the_eight_types_once():
    expected = Counter((row["code"], key) for row in reference.platforms() if row["has_penalties"] for key in TYPES)
    assert Counter((row["platform"], row["key"]) for row in reference.violation_types()) == expected


def test_policies_stand_once_per_known_type_in_the_models_words():
    types = {(row["platform"], row["key"]) for row in reference.violation_types()}
    pairs = Counter((row["platform"], row["violation_type"]) for row in reference.policies())
    assert set(pairs) <= types
    assert max(pairs.values()) == 1
    kinds = {kind["key"] for kind in reference.evidence_kinds()}
    for row in reference.policies():
        assert row["clock_start"] in enums.ClockStart.values
        assert row["penalty"]["kind"] in enums.PenaltyBasis.values
        assert set(row["evidence"]) <= kinds
        assert row["effective_from"] is None or date.fromisoformat(row["effective_from"])
        assert [r["number"] for r in row["rounds"]] == list(range(1, len(row["rounds"]) + 1))
        for r in row["rounds"]:
            assert (r["unit"] in enums.WindowUnit.values, r["counted_from"] in enums.CountedFrom.values) == (True, True)


def test_amounts_stand_only_with_confidence_a_or_b():
    amounts = {
        (row["platform"], row["violation_type"]): Decimal(row["penalty"]["value"])
        for row in reference.policies()
        if row["penalty"]["value"] is not None
    }
    assert amounts == {("pinduoduo", "late_shipment"): Decimal("3.00")}
    for row in reference.policies():
        penalty = row["penalty"]
        if penalty["kind"] in ("fixed", "percent"):
            assert (penalty["confidence"] in "AB", row["confidence"] in "AB") == (True, True)
        else:
            assert [penalty[k] for k in ("value", "per", "floor", "cap")] == [None] * 4


def test_attempts_are_never_taken_from_a_default_of_ours():
    rounds = [r for row in reference.policies() for r in row["rounds"]]
    assert {r["attempts"] for r in rounds if r["confidence"] == "D"} == {None}
    assert {(r["window"], r["unit"]) for r in rounds if r["confidence"] == "D"} == {(72, "hours")}


def test_scan_rules_start_at_the_upload_and_ship_rules_do_not():
    for row in reference.policies():
        from_upload = row["clock_start"] == "waybill_uploaded_at"
        assert (row["ship_by_hours"] is None) if from_upload else (row["first_scan_hours"] is None), row
    late = {row["platform"]: row for row in reference.policies() if row["violation_type"] == "late_shipment"}
    assert (late["pinduoduo"]["clock_start"], late["pinduoduo"]["ship_by_hours"]) == ("grouped_at", 48)


def test_second_review_of_pinduoduo_is_known_only_for_fines_on_tickets():
    second = [row for row in reference.policies() if len(row["rounds"]) > 1]
    assert [(row["platform"], row["violation_type"]) for row in second] == [("pinduoduo", "ticket_timeout")]
    assert [(r["name_zh"], r["window"], r["attempts"]) for r in second[0]["rounds"]] == [
        ("申诉", None, 1),
        ("复议", None, 1),
    ]


def test_matrix_has_a_cell_for_every_line_and_kind():
    kinds = [kind["key"] for kind in reference.evidence_kinds()]
    cells = {(cell["line"], cell["kind"]): cell for cell in reference.evidence_matrix()}
    assert (len(kinds), kinds[-1]) == (18, "platform_report")
    assert set(cells) == {(line, kind) for line in enums.LineOfDefence.values for kind in kinds}
    assert len(reference.evidence_matrix()) == len(cells)
    assert {cell["level"] for cell in cells.values()} == set(enums.NeedLevel.values)


def test_matrix_groups_offer_a_choice_and_reports_count_where_they_help():
    cells = reference.evidence_matrix()
    groups = Counter((cell["line"], cell["group"]) for cell in cells if cell["level"] == "required_one_of")
    assert groups == {
        ("carrier_fault", "handover"): 3,
        ("carrier_fault", "carrier_word"): 2,
        ("agreed_delay", "consent"): 2,
    }
    assert all((cell["group"] is not None) == (cell["level"] == "required_one_of") for cell in cells)
    reports = {cell["line"]: cell["level"] for cell in cells if cell["kind"] == "platform_report"}
    useful = {"malicious_order": "required", "carrier_fault": "useful", "force_majeure": "useful"}
    assert reports == dict.fromkeys(enums.LineOfDefence.values, "not") | useful


def test_letters_cover_every_line_and_declare_exactly_what_they_use():
    assert set(reference.letters()) == set(enums.LineOfDefence.values)
    for line, letter in reference.letters().items():
        short = VARIABLE.findall(letter["short"]["template"])
        used = set(short) | {name for part in letter["letter"].values() for name in VARIABLE.findall(part)}
        declared = [name for names in letter["variables"].values() for name in names]
        assert (set(declared), len(declared)) == (used, len(used)), line
        assert set(letter["variables_short"]) == set(short), line
        assert list(letter["letter"]) == list(letter["headings_zh"]), line


def test_every_variable_in_any_text_is_defined_once():
    defined = Counter(row["name"] for row in reference.variables())
    used = {
        name for path in OURS for text in texts(json.loads(path.read_text("utf-8"))) for name in VARIABLE.findall(text)
    }
    assert used - {"x"} == set(defined)  # {{x}} stands in the description of the markup
    assert max(defined.values()) == 1


def test_optional_parts_are_left_out_only_for_what_may_be_empty():
    """A required variable cannot be empty, so a part in [[...]] must hold at least one that can."""
    for line, letter in reference.letters().items():
        may_be_empty = {*letter["variables"]["optional"], *letter["variables"]["required_or_waived"]}
        for part in [letter["short"]["template"], *letter["letter"].values()]:
            for optional in re.findall(r"\[\[(.*?)\]\]", part):
                assert set(VARIABLE.findall(optional)) & may_be_empty, (line, optional)


def test_plans_and_answers_use_the_words_of_the_product():
    causes = [cause for plan in reference.plans() for cause in plan["root_causes"]]
    without = {"system_fault", "buyer_asked", "platform_error", "unknown"}
    assert (sorted(causes), len(causes)) == (sorted(set(enums.RootCause.values) - without), len(set(causes)))
    keys = [action["key"] for plan in reference.plans() for action in plan["actions"]]
    assert len(keys) == len(set(keys))
    reasons = {row["reason"] for row in reference.answers_next()}
    assert reasons == {*enums.AnswerCode.values, None}
    assert {row["result"] for row in reference.answers_next() if not row["spends_attempt"]} == {"more_wanted", "void"}


def test_kinds_named_by_requests_answers_and_variables_exist():
    kinds = {kind["key"] for kind in reference.evidence_kinds()}
    named = {row["evidence_kind"] for row in reference.requests()} - {None}
    named |= {hint["kind"] for row in reference.answers_next() for hint in row["by_kind"]}
    named |= {kind for row in reference.variables() for kind in row["evidence_kinds"]}
    assert named <= kinds
    assert len(reference.requests()) == 10


@pytest.mark.parametrize("row", reference.forbidden(), ids=lambda row: row["key"])
def test_forbidden_pattern_finds_its_examples(row):
    assert [text for text in row["examples"] if not re.search(row["pattern"], text)] == []


def test_nothing_we_say_ourselves_is_forbidden():
    said = texts(reference.call_script()) + texts(reference.merchant_sentences()) + texts(reference.requests())
    caught = [(row["key"], text) for row in reference.forbidden() for text in said if re.search(row["pattern"], text)]
    assert caught == []


def test_merchant_sentences_cover_states_and_outcomes():
    usual = [row["state"] for row in reference.merchant_sentences() if row["variant"] is None]
    assert usual == ["intake", "diagnosing", "preparing", "reviewing", "filed", "rectifying", "closed"]
    outcomes = [row["outcome"] for row in reference.outcome_sentences()]
    assert outcomes == ["won", "partly_won", "lost", "accepted", "withdrawn", "expired", "duplicate"]


def test_glossary_page_shows_the_same_terms():
    page = (FOLDER.parent.parent / "docs" / "glossary.md").read_text("utf-8").splitlines()
    rows = [(row["zh"], row["en"], row["code"]) for row in reference.glossary()]
    rows += [(kind["name_zh"], kind["name_en"], kind["key"]) for kind in reference.evidence_kinds()]
    lines = [f"| {zh} | {en} | {f'`{code}`' if code else '–'} |" for zh, en, code in rows]
    assert [line for line in lines if line not in page] == []


def test_readme_lists_every_file():
    readme = (FOLDER / "README.md").read_text("utf-8")
    assert [path.name for path in FOLDER.glob("*.json") if f"`{path.name}`" not in readme] == []
