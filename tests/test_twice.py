"""A double click and a second try have one effect (C2)."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from appeals.models import Message, PlanAction
from casemgr.kit.models import AuditEvent
from stores.models import User
from tests import make
from tests.appeals.cast import opened
from tests.test_strangers import OBJECTS, url_of
from tests.world import world_of

TOKEN, OTHER = "a" * 64, "b" * 64
PLAN = {"title": "补充打包人手", "owner_name": "仓库", "due_on": "2026-12-01"}


def form(token: str, **fields: str) -> dict[str, str]:
    return {"csrfmiddlewaretoken": token, **fields}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("step", "fields", "model"), [("case-say", {"text": "请补充盘点表"}, Message), ("case-plan-add", PLAN, PlanAction)]
)
def test_form_that_arrives_twice_is_done_once(step, fields, model, shop, handler, as_):
    case, browser = opened(shop, handler), as_(handler)
    url = reverse(step, args=[case.code])
    first, second = [browser.post(url, form(TOKEN, **fields)) for _click in range(2)]
    assert (first.url, model.objects.count()) == (second.url, 1)


@pytest.mark.django_db
def test_form_drawn_anew_is_another_form(shop, handler, as_):
    """The control: the same words from a page that was loaded again are meant."""
    case, browser = opened(shop, handler), as_(handler)
    for token in (TOKEN, OTHER):
        browser.post(reverse("case-say", args=[case.code]), form(token, text="在吗"))
    assert Message.objects.count() == 2


@pytest.mark.django_db
def test_form_that_was_refused_may_be_sent_again(shop, handler, as_):
    case, browser = opened(shop, handler), as_(handler)
    url = reverse("case-take-in", args=[case.code])
    User.objects.filter(pk=handler.pk).update(name="林晓岚")
    case.owner = None
    case.save()
    assert browser.post(url, form(TOKEN)).status_code == 409
    case.owner = handler
    case.save()
    assert browser.post(url, form(TOKEN)).status_code == 302
    case.refresh_from_db()
    assert case.status == "diagnosing"


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_moment_are_one():
    shop = make.store("店", on="pinduoduo")
    handler = make.assign(make.user("林晓岚", role="handler"), shop)
    case = opened(shop, handler)
    url, start, led_to = reverse("case-say", args=[case.code]), threading.Barrier(4), []

    def click() -> None:
        browser = Client()
        browser.force_login(handler)
        start.wait()
        led_to.append(browser.post(url, form(TOKEN, text="请补充盘点表")).url)
        connection.close()

    clicks = [threading.Thread(target=click) for _click in range(4)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert (len(set(led_to)), len(led_to), Message.objects.count()) == (1, 4, 1)


@pytest.mark.django_db
def test_every_step_sent_twice_leaves_one_audit_row_of_a_kind(shop, handler, owner, as_):
    """Whatever a step does with the words given here, the second time adds nothing."""
    world, browser = world_of(shop, handler, owner), as_(handler)
    said = {
        "text": "在吗",
        "note": "理由",
        "reason": "理由",
        "title": "事项",
        "owner_name": "仓库",
        "due_on": "2026-12-01",
    }
    for name, args in OBJECTS:
        url, body = url_of(world, name, args), form(TOKEN, **said, **world["bodies"].get(name, {}))
        if browser.post(url, body).status_code != 302:
            continue
        rows = AuditEvent.objects.count()
        browser.post(url, body)
        assert AuditEvent.objects.count() == rows, name
