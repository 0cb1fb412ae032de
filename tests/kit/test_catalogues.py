"""Nothing is missing in Chinese, and the tools that see to it see what they should."""

from __future__ import annotations

import gettext
from pathlib import Path

import pytest

from casemgr.kit import catalogues

PYTHON = """
from django.utils.translation import gettext as _, gettext_lazy, gettext_noop, ngettext, npgettext_lazy, pgettext
a = _("Plain")
b = gettext_lazy("Lazy"), gettext_noop("Noted")
c = ngettext("%(n)s order", "%(n)s orders", 2)
d = pgettext("verb", "File"), npgettext_lazy("noun", "file", "files")
"""
TEMPLATE = """
  {% if x %}<p title="{% translate 'In an attribute' %}">{% translate "File" context "noun" as name %}</p>{% endif %}
    {{ value|default:_("In a filter") }}
  {% blocktranslate count n=rows|length trimmed %}
    One row of {{ shop }}
  {% plural %}
    {{ n }} rows of {{ shop }}
  {% endblocktranslate %}
"""


@pytest.fixture
def tree(tmp_path, settings) -> Path:
    """A project of one Python file and one template, in place of ours."""
    settings.BASE_DIR = tmp_path
    (tmp_path / "orders" / "migrations").mkdir(parents=True)
    (tmp_path / "templates").mkdir()
    (tmp_path / "orders" / "a.py").write_text(PYTHON)
    (tmp_path / "orders" / "migrations" / "a.py").write_text('_("Generated")')
    (tmp_path / "templates" / "a.html").write_text(TEMPLATE)
    return tmp_path


def part(tree: Path, name: str, text: str) -> Path:
    (tree / name).write_text(text, encoding="utf-8")
    return tree / name


def test_chinese_catalogue_lacks_nothing():
    complaints = catalogues.lacking()
    assert complaints == [], "\n" + "\n".join(complaints)


def test_no_translate_tag_is_spread_over_lines():
    assert catalogues.split_tags() == []


def test_extraction_finds_python_and_template_sentences_with_context_and_plural(tree):
    found = {(message.context, message.id) for message in catalogues.extract_all() if message.id}
    assert found == {
        (None, "Plain"),
        (None, "Lazy"),
        (None, "Noted"),
        (None, ("%(n)s order", "%(n)s orders")),
        ("verb", "File"),
        ("noun", ("file", "files")),
        (None, "In an attribute"),
        ("noun", "File"),
        (None, "In a filter"),
        (None, ("One row of %(shop)s", "%(n)s rows of %(shop)s")),
    }


def test_update_keeps_translations_drops_what_is_gone_and_a_second_one_changes_nothing(tree):
    po = catalogues.po_path()
    part(tree, "old.po", 'msgid "Plain"\nmsgstr "朴素"\n\nmsgid "Gone"\nmsgstr "没了"\n')
    catalogues.update(parts=[tree / "old.po"])
    first = po.read_bytes()
    assert catalogues.update().taken == 0
    assert po.read_bytes() == first
    assert ("朴素".encode() in first, "没了".encode() in first, b"Date" in first) == (True, False, False)


def test_merge_takes_the_first_part_and_tells_what_contradicts_it_or_is_not_asked_for(tree):
    one = part(tree, "one.po", 'msgid "Plain"\nmsgstr "朴素"\n\nmsgctxt "verb"\nmsgid "File"\nmsgstr "提交"\n')
    two = part(tree, "two.po", 'msgid "Plain"\nmsgstr "简单"\n\nmsgid "File"\nmsgstr "文件"\n')
    merged = catalogues.update(parts=[one, two])
    assert (merged.taken, merged.unused) == (2, ["two.po: 'File'"])
    assert merged.contradicting == ["'Plain': '朴素', two.po: '简单'"]
    assert len(catalogues.lacking()) == 8


def test_wrong_placeholder_and_fuzzy_entry_are_complaints(tree):
    (tree / "templates" / "a.html").write_text("{% translate 'Lazy' %}")
    (tree / "orders" / "a.py").write_text('_("%(n)s left")')
    po = catalogues.po_path()
    catalogues.update(
        parts=[part(tree, "a.po", 'msgid "%(n)s left"\nmsgstr "剩 %(m)s"\n\nmsgid "Lazy"\nmsgstr "懒"\n')]
    )
    po.write_text(po.read_text(encoding="utf-8").replace('msgid "Lazy"', '#, fuzzy\nmsgid "Lazy"'), encoding="utf-8")
    assert catalogues.lacking() == ["other placeholders: '%(n)s left' -> '剩 %(m)s'", "fuzzy: 'Lazy'"]


def test_compiled_catalogue_speaks_chinese_with_one_plural_form(tree):
    entries = 'msgid "Plain"\nmsgstr "朴素"\n\nmsgid "%(n)s order"\nmsgid_plural "%(n)s orders"\nmsgstr[0] "%(n)s 单"\n'
    catalogues.update(parts=[part(tree, "a.po", entries)])
    [mo] = catalogues.compile_all()
    assert catalogues.compile_all() == []
    with mo.open("rb") as file:
        chinese = gettext.GNUTranslations(file)
    assert (chinese.gettext("Plain"), chinese.ngettext("%(n)s order", "%(n)s orders", 1)) == ("朴素", "%(n)s 单")


def test_split_translate_tag_is_found_with_its_line(tree):
    (tree / "templates" / "a.html").write_text("<p>\n{% translate\n 'Split' %}</p>")
    assert catalogues.split_tags() == ["templates/a.html:2"]
