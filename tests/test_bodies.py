"""What a request may not say: rows of somebody else (T3), and columns that no form sets (T4)."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db import transaction
from django.urls import reverse

from orders.models import Hold, Order
from stores.models import Assignment, Membership
from tests import make
from tests.appeals.cast import opened
from tests.test_strangers import ADDRESSES, OBJECTS, url_of
from tests.world import world_of

ROOT = Path(__file__).parent.parent
FLOORS = ("stores", "orders", "appeals")
# What people may not decide by adding a field to a form. Where a form has a field of that name, the address is in OWN.
UNASKED = {
    "status": "closed", "state": "done", "outcome": "won", "waiting_for": "nobody", "is_overdue": "1", "owner": "1",
    "opened_by": "1", "store": "1", "attempts_allowed": "9", "attempts_used": "0", "claimed_by": "1", "approved_by": "1",
    "frozen_at": "2020-01-01", "filed_at": "2020-01-01", "protected_at": "", "sha256": "0", "pack_sha256": "0", "file": "x",
    "is_superuser": "1", "agency_role": "administrator", "is_active": "", "password": "x", "role": "owner",
    "confirmed_by": "1", "verified_by": "1", "confidence": "A", "kind": "appeal", "next_due_at": "2030-01-01T00:00",
    "stake_amount": "1", "erased_at": "2020-01-01", "code": "C-HACKED", "id": "1", "pk": "1", "merchant": "1",
}  # fmt: skip
# Addresses whose form has a field of such a name; everything else that UNASKED holds is sent to them too.
OWN: dict[str, set[str]] = {
    "case-assign": {"owner"},
    "case-close": {"outcome"},
    "case-rectify": {"outcome"},
    "case-answer": {"code"},
    "case-deadline-add": {"kind"},
    "policy-verify": {"confidence"},
    "shop-edit": {"merchant", "state"},
    "shop-member-new": {"role"},
    "import-mapping": {"kind"},
    "alert-report": {"kind"},
    "alert-report-filed": {"filed_at"},
}
CODE = re.compile(r"[A-Z]-[0-9A-Z]{6,8}|[0-9a-f]{40,}")  # codes and digests of random words
# Columns that time alone changes.
CLOCKED = {"updated_at", "last_login", "read_at", "beat_at"}


def scoped_models() -> list:
    return [model for app in FLOORS for model in apps.get_app_config(app).get_models() if _path(model)]


def _path(model) -> str | None:
    """How a row names its shop: its own column, or the way there."""
    if hasattr(model, "store_path"):
        return model.store_path
    return "store" if any(field.name == "store" for field in model._meta.fields) else None


def strays() -> list[str]:
    """Rows that point across shops: a hold with another shop's order, a case with another shop's violation."""
    found = []
    for model in scoped_models():
        for field in [*model._meta.fields, *model._meta.many_to_many]:
            target = field.related_model
            if target not in scoped_models() or field.name == "store":
                continue
            pairs = model._base_manager.exclude(**{field.name: None}).values_list(
                f"{_path(model)}__merchant", f"{field.name}__{_path(target)}__merchant"
            )
            if any(mine != theirs for mine, theirs in pairs):
                found.append(f"{model._meta.label}.{field.name}")
    return found


def rows() -> dict[str, list]:
    """Everything the floors keep, column by column, but for keys and clocks."""
    kept = {}
    for app in FLOORS:
        for model in apps.get_app_config(app).get_models():
            columns = [one.attname for one in model._meta.fields if not one.primary_key and one.attname not in CLOCKED]
            kept[model._meta.label] = list(model._base_manager.order_by("pk").values_list(*columns))
    return kept


def fields_of_addresses() -> set[str]:
    """Every name that a view or form reads from a request's body, from the code itself."""
    names: set[str] = set()
    for path in [
        path for app in FLOORS for folder in ("views", "forms*") for path in (ROOT / app).glob(f"{folder}/*.py")
    ]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                is_body = node.func.attr in ("get", "getlist") and ast.unparse(node.func.value).endswith("POST")
                if is_body and isinstance(node.args[0], ast.Constant):
                    names.add(node.args[0].value)
            if isinstance(node, ast.Assign) and "ModelChoiceField" in ast.unparse(node.value):
                names.update(target.id for target in node.targets if isinstance(target, ast.Name))
            if isinstance(node, ast.Assign) and "ModelMultipleChoiceField" in ast.unparse(node.value):
                names.update(target.id for target in node.targets if isinstance(target, ast.Name))
    return names


@pytest.fixture
def two_worlds(shop, handler, owner, lead, stranger, other_handler):
    """Ours, and the same things of the stranger's shop, whom another handler looks after."""
    ours = world_of(shop, handler, owner)
    their_shop = stranger.memberships.get().merchant.stores.get()
    make.assign(other_handler, their_shop)
    order = make.order(their_shop, "THEIR-ORDER")
    alert = make.alert(their_shop, orders=[order])
    case = opened(their_shop, other_handler, orders=[order])
    foreign = {
        "order_no": order.order_no, "orders": order.order_no, "order_nos": order.order_no, "shop": their_shop.code,
        "store": their_shop.code, "shops": str(their_shop.pk), "person": stranger.code, "owner": stranger.code,
        "handler": stranger.code, "user": stranger.code, "alert": alert.code, "case": case.code, "item": "E-00000000",
    }  # fmt: skip
    return ours, foreign


@pytest.mark.parametrize("actor", ["handler", "owner"])
def test_no_address_takes_rows_of_another_merchant(actor, two_worlds, as_, request):
    world, foreign = two_worlds
    browser = as_(request.getfixturevalue(actor))
    for name, args in ADDRESSES:
        url = url_of(world, name, args) if args else reverse(name)
        with transaction.atomic():
            browser.post(url, {**world["bodies"].get(name, {}), **foreign})
            assert strays() == [], f"{name} as {actor}"
            assert not Assignment.objects.filter(user__agency_role="").exists(), name
            assert not Membership.objects.exclude(user__agency_role="").exists(), name
            transaction.set_rollback(True)


def test_sweep_of_bodies_sees_a_row_that_points_across_merchants(two_worlds, shop, handler):
    """The control: had an address taken the stranger's order into a hold of ours, the sweep would say so."""
    Hold.objects.filter(store=shop).first().orders.add(Order.objects.get(order_no="THEIR-ORDER"))
    assert strays() == ["orders.Hold.orders"]


def test_every_name_that_points_to_a_row_is_tried(two_worlds):
    _world, foreign = two_worlds
    pointing = {
        "orders",
        "order_no",
        "order_nos",
        "shop",
        "store",
        "shops",
        "person",
        "owner",
        "user",
        "item",
        "alert",
        "case",
    }
    known_words = fields_of_addresses() - set(foreign)
    assert known_words & pointing == set()
    # A field that names a row in a way not known here would be one of these; look at it and add it above.
    assert {name for name in known_words if name.endswith(("_id", "_code", "_pk"))} == set()


@pytest.mark.parametrize("kind", ["form", "json"])
@pytest.mark.parametrize("actor", ["handler", "owner", "lead"])
def test_columns_that_no_form_sets_cannot_be_set(kind, actor, shop, handler, owner, lead, as_, request):
    world = world_of(shop, handler, owner)
    browser = as_(request.getfixturevalue(actor))
    set_after_all = []
    for name, args in OBJECTS:
        url, body = url_of(world, name, args), world["bodies"].get(name, {})
        extra = {key: value for key, value in UNASKED.items() if key not in OWN.get(name, ())}
        if kind == "json":  # no address reads one: it is as good as an empty form
            plain, with_more = after(browser, url, {}, "form"), after(browser, url, extra, kind)
        else:
            plain, with_more = after(browser, url, body, kind), after(browser, url, {**body, **extra}, kind)
        set_after_all += [f"{name}: {label}" for label in differing(plain, with_more)]
    assert set_after_all == []


def after(browser, url: str, body: dict, kind: str) -> dict[str, list]:
    """What is kept after this request; the request is undone again."""
    with transaction.atomic():
        if kind == "json":
            browser.post(url, json.dumps(body), content_type="application/json")
        else:
            browser.post(url, body)
        kept = rows()
        transaction.set_rollback(True)
    return kept


def differing(one: dict[str, list], other: dict[str, list]) -> list[str]:
    return [
        label for label, mine in one.items() if [_bare(row) for row in mine] != [_bare(row) for row in other[label]]
    ]


def _bare(row: tuple) -> tuple:
    """A row without moments and random codes: two equal requests differ in these."""
    return tuple("*" if hasattr(cell, "tzinfo") or CODE.fullmatch(str(cell)) else cell for cell in row)


def test_sweep_of_columns_sees_a_column_that_was_set(shop, handler, owner, as_):
    """The control: the owner is a column that `case-assign` does set."""
    world = world_of(shop, handler, owner)
    browser, url = as_(handler), url_of(world, "case-assign", ("code",))
    other = make.assign(make.user("另一位", role="handler"), shop)
    assert differing(after(browser, url, {}, "form"), after(browser, url, {"owner": other.code}, "form")) == [
        "appeals.Case"
    ]
