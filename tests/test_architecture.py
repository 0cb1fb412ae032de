"""The house stands as docs/architecture.md says. Each rule is first shown a breach that it must see."""

from __future__ import annotations

import pytest

from tests import house
from tests.house import Source

LONG = "\n".join("    x = 1" for _line in range(60))

# rule, file, text, line of the breach
BREACHES = [
    (house.imports_upward, "stores/queries.py", "from orders.models import Order", 1),
    (house.imports_upward, "casemgr/kit/jobs.py", "import stores.models", 1),
    (house.imports_upward, "casemgr/kit/jobs.py", "from casemgr import settings", 1),
    (house.imports_upward, "orders/actions/holds.py", "from django.db import models\nfrom appeals import rules", 2),
    (house.imports_upward, "casemgr/urls.py", "from appeals.views import today", 1),
    (house.imports_in_functions, "stores/a.py", "def f():\n    x = 1\n    import os", 3),
    (house.imports_in_functions, "stores/a.py", "def f():\n    import os  # noqa: PLC0415", 2),
    (house.status_writes, "orders/actions/a.py", "def f(case):\n    case.status = 'filed'", 2),
    (house.status_writes, "orders/actions/a.py", "Case.objects.filter(pk=1).update(note='', status='filed')", 1),
    (house.status_writes, "orders/actions/a.py", "Case.objects.bulk_update(rows, ['note', 'status'])", 1),
    (house.status_writes, "orders/actions/a.py", "Case.objects.update_or_create(code=1, defaults={'status': 'x'})", 1),
    (house.status_writes, "orders/actions/a.py", "setattr(case, 'status', 'x')", 1),
    (house.status_writes, "orders/actions/a.py", "cursor.execute('UPDATE orders_case SET note=1, status = 2')", 1),
    (house.unscoped_queries, "orders/views/a.py", "rows = Order.objects.filter(pk=1)", 1),
    (house.unscoped_queries, "orders/views.py", "rows = Order._default_manager.all()", 1),
    (house.unscoped_queries, "orders/views/a.py", "row = get_object_or_404(Order, code=1)", 1),
    (house.signals, "orders/a.py", "from django.dispatch import receiver", 1),
    (house.signals, "orders/a.py", "from django.db.models.signals import post_save", 1),
    (house.long_files, "orders/a.py", "\n" * 301 + "x = 1\n", 1),
    (house.long_functions, "orders/a.py", f"def f():\n{LONG}", 1),
    (house.long_functions, "orders/views/a.py", "def f():\n" + LONG[: 10 * 30], 1),
    (house.long_functions, "orders/tasks.py", "def f():\n" + LONG[: 10 * 15], 1),
]

# rule, file, text that is allowed
GRANTED = [
    (house.imports_upward, "appeals/rules.py", "from orders.models import Order\nfrom casemgr.kit import audit"),
    (house.imports_upward, "casemgr/celery.py", "import casemgr.kit.jobs"),
    (house.imports_in_functions, "stores/a.py", "def f():\n    # heavy: only this page needs it\n    import typst"),
    (house.status_writes, "casemgr/kit/workflow.py", "thing.status = 'x'"),
    (house.status_writes, "orders/actions/a.py", "rows.filter(status='open').update(note='x')"),
    (house.unscoped_queries, "orders/views/a.py", "rows = Order.objects.visible_to(user).filter(pk=1)"),
    (
        house.unscoped_queries,
        "orders/views/a.py",
        "# scope: reference data, the same for all\nx = Carrier.objects.all()",
    ),
    (house.unscoped_queries, "orders/queries.py", "rows = Order.objects.all()"),
    (house.long_files, "orders/a.py", "# budget: one table, nothing to split\n" + "\n" * 400),
    (house.long_functions, "orders/a.py", f"# budget: one table\ndef f():\n{LONG}"),
    (house.long_functions, "orders/a.py", 'def f():\n    """' + "\n" * 60 + '"""'),
]


@pytest.mark.parametrize(("rule", "path", "text", "line"), BREACHES)
def test_rule_sees_a_breach(rule, path, text, line):
    assert [at for at, _words in rule(Source(path, text))] == [line]


@pytest.mark.parametrize(("rule", "path", "text"), GRANTED)
def test_rule_grants_what_is_allowed(rule, path, text):
    assert list(rule(Source(path, text))) == []


def test_rooms_are_seen_through_a_module_without_a_tier():
    rules = Source("appeals/rules.py", "from appeals import letters")
    letters = Source("appeals/letters/__init__.py", "from appeals.letters.draft import draft")
    draft = Source("appeals/letters/draft.py", "from appeals.models import Case\nfrom appeals.actions import cases")
    others = [Source("appeals/models/__init__.py", ""), Source("appeals/actions/cases.py", "")]
    found = [(source.path, line) for source, (line, _words) in house.rooms_upward([rules, letters, draft, *others])]
    assert found == [("appeals/rules.py", 1)]


def test_template_budgets_see_a_breach_and_grant_a_reason():
    assert [at for at, _words in house.long_template("templates/a.html", "\n" * 151 + "x")] == [1]
    assert [at for at, _words in house.long_template("templates/components/a.html", "\n" * 41 + "x")] == [1]
    assert list(house.long_template("templates/a.html", "{# budget: one form #}" + "\n" * 200)) == []


def test_code_keeps_the_rules_of_the_house():
    sources = house.sources()
    found = [(source, one) for source in sources for rule in house.RULES for one in rule(source)]
    found += list(house.rooms_upward(sources))
    complaints = sorted(f"{source.path}:{line}: {words}" for source, (line, words) in found)
    assert complaints == [], "\n" + "\n".join(complaints)


def test_templates_keep_their_budgets():
    found = [
        f"{path}:{line}: {words}" for path, text in house.templates() for line, words in house.long_template(path, text)
    ]
    assert found == [], "\n" + "\n".join(found)
