"""Telling the demo story: ten days of two merchants' shops, by the ordinary actions on made-up files."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone, translation

from appeals import demo
from appeals.actions import deadlines
from appeals.demo import books, clock, people
from appeals.demo.chapters import Chapters
from casemgr.kit import audit
from orders.screening import screen
from stores.models import Merchant, Store

# The page to sign in reads it (stores.views.sign_in).
LOGINS_FILE = "demo_logins.json"


def seed(*, now: dt.datetime | None = None) -> bool:
    """Make the demo world as it stands at `now`, all or nothing; whether it was made. A second time changes nothing.

    The merchant 绿叶服饰 is the mark that it is there already.
    """
    is_new = False
    with translation.override("zh-hans"), audit.coming_from("command"), transaction.atomic():
        call_command("load_reference", verbosity=0)
        if not is_told():
            _tell(now or timezone.now())
            is_new = True
    keep_logins()
    return is_new


def is_told() -> bool:
    """Whether the demo world is in this database."""
    return Merchant.objects.filter(name=people.LVYE).exists()


def keep_logins() -> Path:
    """Write who can sign in beside the database, for the page to sign in; unchanged if it says so already."""
    path = Path(settings.VAR_DIR) / LOGINS_FILE
    text = json.dumps(demo.logins(), ensure_ascii=False, indent=1)
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
    return path


def _tell(now: dt.datetime) -> None:
    with clock.at(clock.day(now, 10, "08:00")):
        cast = people.create()
    Chapters(cast, books.write(now), now).tell()
    with clock.at(now - dt.timedelta(seconds=30)):
        screen(stores=Store.objects.all())
        deadlines.watch()
