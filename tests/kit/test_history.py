"""The history of a thing in sentences: every action has words, every change says from what to what, nothing else shows."""

from __future__ import annotations

import ast

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import translation

from casemgr.kit import audit, history
from tests import house

# Actions that the code puts together, by the text of the f-string or expression: all that can come of it.
MADE_UP = {
    "f'{self.name}.{target}'": [
        f"{flow.name}.{state.key}" for flow, _noun in history.words().flows.values() for state in flow.states
    ],
    "f'{obj._meta.model_name}.{verb}'": [
        f"{model._meta.model_name}.{verb}" for model in admin.site._registry for verb in ("created", "changed")
    ],
    "f'{obj._meta.model_name}.deleted'": [f"{model._meta.model_name}.deleted" for model in admin.site._registry],
    "f\"deadline.{field.removesuffix('_at')}\"": ["deadline.met", "deadline.superseded"],
    "f'request.{state}'": ["request.answered", "request.none"],
    "f'{name}.export'": ["alerts.export", "orders.export", "cases.export", "alert-A-7K2M9Q.export"],
    "f'{what}.exported'": ["shops.exported", "policies.exported"],
    "action": ["fact.record", "fact.waive"],
}


def actions_in_code() -> dict[str, str]:
    """Every action that the code can write -> where."""
    found: dict[str, str] = {}
    for source in house.sources():
        for node in ast.walk(source.tree):
            if not isinstance(node, ast.Call) or "audit" not in ast.unparse(node.func):
                continue
            for keyword in node.keywords:
                if keyword.arg == "action":
                    place = f"{source.path}:{node.lineno}"
                    found.update(dict.fromkeys(_actions(keyword.value, place), place))
    return found


def _actions(value: ast.expr, place: str) -> list[str]:
    if isinstance(value, ast.Constant):
        return [str(value.value)]
    if isinstance(value, ast.IfExp):
        return _actions(value.body, place) + _actions(value.orelse, place)
    text = ast.unparse(value)
    assert text in MADE_UP, f"{place}: say in this test which actions come of {text}"
    return MADE_UP[text]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_action_of_the_code_has_words_in_both_languages(language):
    with translation.override(language):
        words = {action: history.action_words(action) for action in actions_in_code()}
    assert len(words) > 150
    assert [f"{action}: {actions_in_code()[action]}" for action, said in words.items() if not said] == []
    is_chinese = [any("\u4e00" <= sign <= "\u9fff" for sign in said) for said in words.values() if said]
    assert [
        action for action, chinese in zip(words, is_chinese, strict=True) if chinese != (language == "zh-hans")
    ] == []


def test_an_action_without_words_shows_no_code(shop, lead):
    assert history.action_words("store.unheard_of") is None
    audit.record(by=lead, action="store.unheard_of", of=shop)
    with translation.override("en"):
        [entry] = history.entries(history.rows(shop))
    assert entry.words == "Something else was done"


def test_a_change_says_who_what_from_what_to_what(shop, lead, handler):
    with audit.coming_from("admin"):
        audit.record(
            by=lead,
            action="store.changed",
            of=shop,
            before={"name": "旧名", "updated_at": "2026-11-20T00:00:00+00:00", "fulfilment": "own", "sha256": "0" * 64},
            after={
                "name": "新名",
                "updated_at": "2026-11-21T00:00:00+00:00",
                "fulfilment": "cloud",
                "sha256": "1" * 64,
            },
            note="商家要求",
        )
    audit.record(by=None, action="store.assigned", of=shop, after={"user": handler.code})
    with translation.override("en"):
        last, first = history.entries(history.rows(shop))
    assert (first.words, first.who, first.way, first.note) == ("Shop changed", lead.name, "administration", "商家要求")
    assert [(one.was, one.now) for one in first.changes] == [("旧名", "新名"), ("own warehouse", "cloud warehouse")]
    # A person is shown by name, not by code.
    assert [(last.words, last.who, [one.now for one in last.changes])] == [
        ("Handler assigned", "the system", [handler.name])
    ]


def test_a_history_of_any_length_costs_three_queries(shop, lead, handler, django_assert_num_queries):
    for _n in range(40):
        audit.record(by=lead, action="store.assigned", of=shop, after={"user": handler.code}, note="x")
    with django_assert_num_queries(3):
        assert len(history.entries(history.rows(shop))) == 40


def test_the_history_of_a_shop_has_nothing_of_another(shop, douyin_shop, lead):
    audit.record(by=lead, action="store.changed", of=douyin_shop, after={"name": "CANARY"})
    audit.record(by=lead, action="store.changed", of=shop)
    assert [event.object_code for event in history.rows(shop)] == [shop.code]


def test_pages_show_the_history_folded(shop, lead, as_):
    audit.record(by=lead, action="store.changed", of=shop, after={"name": "新名"}, note="商家要求")
    text = as_(lead).get(reverse("shop", args=[shop.code])).content.decode()
    folded = text.partition('<details class="fold history"')[2]
    assert 'id="history"><summary>' in folded
    assert [word for word in (lead.name, "新名", "商家要求") if word not in folded] == []
    assert "store.changed" not in text


def test_the_admin_shows_the_audit_trail_in_place_of_djangos_log(shop, administrator, as_):
    browser = as_(administrator)
    address = reverse("admin:stores_store_history", args=[shop.pk])
    browser.cookies["django_language"] = "en"
    assert "The audit trail has nothing about this." in browser.get(address).content.decode()
    audit.record(by=administrator, action="store.changed", of=shop, after={"name": "新名"})
    text = browser.get(address).content.decode()
    assert ("新名" in text, "store.changed" in text) == (True, False)
