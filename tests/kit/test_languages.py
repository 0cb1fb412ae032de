"""Both languages are whole: sources speak English only, and every label, reference row and column has both."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from importlib import import_module

import pytest
from django.conf import settings as project
from django.contrib import admin
from django.contrib.admin.utils import label_for_field
from django.db.models.enums import ChoicesType
from django.utils import translation

from casemgr.kit import catalogues
from casemgr.kit.workflow import Flow
from stores import reference

CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
# Marks that stand for a name of their own in both languages: our seal, and the button that says 中文.
# 元 is an example of how platforms write an amount.
MARKS = {"案", "中文", "中文：换成中文", "元"}
# Facts as platforms, buyers and carriers wrote them: the gallery's samples.
SAMPLES = re.compile(r"gallery_\w+\.html$")
# Texts about sources, which name the platforms' own words beside the English.
CITED = {"source_en", "limits_source_en", "note_en", "text_en", "meaning_en"}
OURS = ("casemgr", "stores", "orders", "appeals")


def both(text) -> tuple[str, str]:
    """A lazy text as a Chinese and as an English reader sees it."""
    with translation.override("zh-hans"):
        chinese = str(text)
    with translation.override("en"):
        return chinese, str(text)


def enums() -> list[tuple[str, object]]:
    """Every (name, label) of the enums of our apps."""
    modules = [import_module(f"{app}.enums") for app in OURS[1:]]
    modules += [import_module("orders.days"), import_module("casemgr.kit.models")]
    kinds = [one for module in modules for _name, one in inspect.getmembers(module) if isinstance(one, ChoicesType)]
    kinds += [
        one
        for model in admin.site._registry
        if model.__module__.startswith(OURS)
        for _name, one in inspect.getmembers(model, lambda part: isinstance(part, ChoicesType))
    ]
    return [
        (f"{kind.__name__}.{value}", label)
        for kind in kinds
        if kind.__module__.startswith(OURS)
        for value, label in kind.choices
    ]


def flows() -> list[tuple[str, object]]:
    modules = [import_module(f"{app}.workflow") for app in ("orders", "appeals")]
    tables = [one for module in modules for _name, one in inspect.getmembers(module) if isinstance(one, Flow)]
    return [(f"{table.name}.{state.key}", state.label) for table in tables for state in table.states]


def test_no_sentence_of_the_sources_is_chinese():
    found = [message.id if isinstance(message.id, str) else message.id[0] for message in catalogues.extract_all()]
    assert [text for text in found if set(re.findall(r"[\u3000-\uffef]+", text)) - MARKS] == []
    assert len(found) > 1000


def test_no_template_holds_chinese_of_its_own():
    """Except our mark, the name of the language itself, and sample facts of the gallery."""
    loose = []
    for path in (project.BASE_DIR / "templates").rglob("*.html"):
        text = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", path.read_text(), flags=re.DOTALL)
        text = re.sub(r"lang=\"zh-CN\"[^>]*>[^<]*", "", text)
        words = set(re.findall(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+", text)) - MARKS
        if words and not SAMPLES.search(path.name):
            loose.append(f"{path.name}: {sorted(words)}")
    assert loose == []


def test_scripts_hold_no_words_of_either_language():
    """What scripts say stands in templates/ui/words.html, where it is translated."""
    words = (project.BASE_DIR / "templates" / "ui" / "words.html").read_text()
    told = {re.sub(r"-(\w)", lambda found: found[1].upper(), name) for name in re.findall(r"data-([a-z-]+)=", words)}
    for path in (project.BASE_DIR / "static" / "js").glob("*.js"):
        code = re.sub(r"//.*|/\*.*?\*/", "", path.read_text())
        assert CHINESE.findall(code) == [], path.name
        assert set(re.findall(r"\bwords\.(\w+)", code)) - told == set() or path.name == "charts.js", path.name
        assert re.findall(r"textContent: '[A-Za-z]", code) == [], path.name


@pytest.mark.parametrize("kind", ["enums", "flows"])
def test_every_label_of_enums_and_flows_has_both_languages(kind):
    labels = {"enums": enums, "flows": flows}[kind]()
    assert len(labels) > 20
    wrong = [name for name, label in labels if not CHINESE.search(both(label)[0]) or CHINESE.search(both(label)[1])]
    # One letter or a name that both languages write alike.
    assert [name for name in wrong if both(dict(labels)[name])[0] not in {"A", "B", "C", "D", "Temu"}] == []


def rows_of(value: object, where: str) -> Iterator[tuple[str, dict]]:
    """Every dict inside a document of the reference, with its place."""
    if isinstance(value, dict):
        yield where, value
        for key, one in value.items():
            yield from rows_of(one, f"{where}.{key}")
    elif isinstance(value, list | tuple):
        for place, one in enumerate(value):
            yield from rows_of(one, f"{where}[{place}]")


@pytest.mark.parametrize(
    "name",
    ["platforms", "violation_types", "policies", "evidence_kinds", "plans", "requests", "merchant_sentences",
     "outcome_sentences", "answers_next", "carriers", "variables", "forbidden"],
)  # fmt: skip
def test_what_the_reference_says_in_one_language_it_says_in_the_other(name):
    rows = list(rows_of(getattr(reference, name)(), name))
    assert rows
    wrong = []
    for where, row in rows:
        for key in (key for key in row if key.endswith("_en")):
            chinese = row.get(f"{key[:-3]}_zh", row.get(key[:-3], ""))
            is_loose = key not in CITED and CHINESE.search(str(row[key]))
            wrong += [f"{where}.{key}"] if bool(chinese) != bool(row[key]) or is_loose else []
    assert wrong == []


def columns() -> list[tuple[str, str]]:
    """(where, label) of every column that the admin shows in a list or on a page of its own, in Chinese."""
    found = []
    for model, shown in admin.site._registry.items():
        if not model.__module__.startswith(OURS):
            continue
        found.append((model._meta.label, str(model._meta.verbose_name)))
        found.append((model._meta.label, str(model._meta.verbose_name_plural)))
        names = [*shown.list_display, *(one.name for one in model._meta.fields if not one.primary_key)]
        found += [(f"{model._meta.label}.{name}", str(label_for_field(name, model, shown))) for name in names]
    return found


def test_the_admin_names_every_table_and_column_in_chinese():
    with translation.override("zh-hans"):
        assert [where for where, label in columns() if not CHINESE.search(label)] == []
    with translation.override("en"):
        assert [where for where, label in columns() if CHINESE.search(label)] == []
