"""`make run EMPTY=1`: an agency of one's own, one administrator however often it is started, never mixed with the demo."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError

from casemgr.kit.management.commands import up
from stores.models import User
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)  # the command closes its connection


def started(login: str = "boss@example.com") -> str:
    """What the command says when the pages answer."""
    out = io.StringIO()
    command = up.Command(stdout=out)
    command.empty = login
    command.greet("http://localhost:8000/")
    return out.getvalue()


def test_first_administrator_gets_a_link_until_the_password_is_set_and_no_second_one_is_made(client):
    first, second = (started().split("http://localhost:8000")[-1].strip() for _time in range(2))
    assert [client.get(link).status_code for link in (first, second)] == [404, 200]
    client.post(second, {"password": "ein Anfang 2026", "again": "ein Anfang 2026"})
    assert "/password/" not in started()
    [person] = User.objects.all()
    assert (person.email, person.is_staff, person.check_password("ein Anfang 2026")) == ("boss@example.com", True, True)


def test_empty_agency_is_not_mixed_with_the_demo():
    command = up.Command(stdout=io.StringIO())
    command.empty = "boss@example.com"
    make.merchant("绿叶服饰")
    with pytest.raises(CommandError, match="Take another folder: make run EMPTY=1 CASEMGR_VAR="):
        command.prepare()
    assert User.objects.count() == 0
