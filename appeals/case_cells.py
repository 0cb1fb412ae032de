"""The cells of the case list. Words and pills that many rows share are made once for each value and language and kept:
fifty rows would translate, escape and put together the same few over and over."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Sequence
from decimal import Decimal
from functools import cache, lru_cache

from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from appeals import show
from appeals.case_rows import CaseRow
from appeals.enums import Outcome, WaitingFor
from appeals.workflow import CASE
from casemgr.kit.templatetags.ui import deadline_icon, icon, money
from casemgr.kit.time_words import words_of
from stores.models.platform import in_language

# Every text goes through this; Django's own format_html takes ten times as long, and a list has hundreds.
_e = html.escape
_DASH = "–"


def table_rows(rows: Sequence[CaseRow]) -> SafeString:
    """The rows of the table in templates/appeals/cases/list.html, under its head."""
    words, url, now = _words_of(get_language()), reverse("case", args=["CODE"]), timezone.localtime()
    return SafeString("".join(_row(row, words, url.replace("CODE", row.code), now) for row in rows))


def _row(row: CaseRow, words: _Words, url: str, now: dt.datetime) -> str:
    platform = words.platform(row.platform_zh, row.platform_en, row.platform_mark)
    code = _e(row.code)
    return f"""<tr><td><input class="form-check-input" type="checkbox" name="case" value="{code}" aria-label="{code}"></td>\
<td><span class="row-x tight">{platform}<a class="first" href="{_e(url)}">{_e(row.shop)}</a></span>\
<span class="sub"><span class="code">{code}</span>{words.news(row, now)}</span></td>
<td class="keep">{_e(" + ".join(row.kinds))}<span class="sub">{words.orders(row.order_count)}</span></td>
<td>{words.state(row.status, row.outcome, row.waiting_for, row.is_overdue)}</td>
<td class="w-dl">{words.deadline(row, now.date())}</td>
<td>{words.attempts(row.attempts, row.status in ("preparing", "reviewing"))}</td>
<td class="num">{words.stake(row.stake_amount, row.stake_unknown_count)}</td>
<td>{words.owner(row.owner)}</td></tr>
"""


class _Words:
    """The cells of one language, as HTML. Those that rows share are made when the first row asks for them."""

    def __init__(self, language: str | None) -> None:
        self.platform = lru_cache(200)(_platform)
        self.orders = lru_cache(1_000)(_orders)
        self.state = lru_cache(1_000)(_state)
        self.attempts = lru_cache(200)(_attempts)
        self.owner = lru_cache(1_000)(_owner)
        self.stake = lru_cache(1_000)(_stake)
        self._icon = lru_cache(10)(_tone_icon)
        self._time = words_of(language)
        self._between = _e(pgettext("between two facts", ", "))
        new, asleep = _("changed since you looked"), _("laid aside")
        self._new = f' <span class="fg t-info">● {_e(new)}</span>'
        self._asleep = f' <span class="faint">{_e(asleep)}</span>'
        self._estimated = f' <span class="estimate">{_e(_("estimated"))}</span>'

    def news(self, row: CaseRow, now: dt.datetime) -> str:
        """Marks of the few cases that have something to say beside their code."""
        new = self._new if row.is_new else ""
        return new + self._asleep if row.snoozed_until is not None and row.snoozed_until > now else new

    def deadline(self, row: CaseRow, today: dt.date) -> str:
        """What <c-deadline> draws; each row has its own."""
        shown = show.case_deadline(row)
        if shown is None:
            return f'<span class="faint">{_DASH}</span>'
        title = bar = below = ""
        if shown["due_at"]:
            local, sub = timezone.localtime(shown["due_at"]), shown["sub"]
            title = f' title="{_e(self._time.full(local, today))}{self._between + _e(sub) if sub else ""}"'
            near, guess = _e(self._time.near(local, today)), self._estimated if shown["estimated"] else ""
            below = f'<span class="deadline-sub"><time datetime="{local.isoformat()}">{near}</time>{guess}</span>'
        if shown["percent"] is not None:
            bar = f'<progress class="deadline-bar" value="{shown["percent"]}" max="100" aria-hidden="true"></progress>'
        words = f'<span class="deadline-words">{self._icon(shown["tone"])}{_e(shown["words"])}</span>'
        return f'<div class="deadline is-{shown["tone"]}"{title}>{words}{bar}{below}</div>'


@cache
def _words_of(language: str | None) -> _Words:
    return _Words(language)


def _platform(zh: str, en: str, mark: str) -> str:
    return f'<abbr class="plat" title="{_e(in_language(zh, en))}">{_e(mark)}</abbr>'


def _orders(count: int) -> str:
    return _e(ngettext("%(n)s order", "%(n)s orders", count) % {"n": count})


def _state(status: str, outcome: str, waiting_for: str, is_overdue: bool) -> str:
    state = CASE.state(status)
    pill = f'<span class="pill t-{state.tone}">{_e(str(state.label))}</span>'
    if is_overdue and status != "closed":
        pill += f' <span class="pill t-danger">{_e(_("overdue"))}</span>'
    below = Outcome(outcome).label if outcome else WaitingFor(waiting_for).label
    return f'{pill}<span class="sub">{_e(str(below))}</span>'


def _tone_icon(tone: str) -> str:
    name = deadline_icon(tone)
    return icon(name) if name else ""


def _attempts(attempts: tuple[int, int | None] | None, is_preparing: bool) -> str:
    if attempts is None:
        return ""
    seals = show.attempts(*attempts, is_preparing=is_preparing)
    words, marks = _e(seals["text"]), "".join(f'<i class="{_e(mark["state"])}"></i>' for mark in seals["seals"])
    return f'<span class="attempts" role="img" aria-label="{words}">{marks}</span><span class="sub">{words}</span>'


def _stake(amount: Decimal | None, unknown_count: int) -> str:
    if amount is None:
        return _e(_("amount unknown"))
    unknown = _("+ %(n)s unknown") % {"n": unknown_count}
    return _e(money(amount)) + (f'<span class="sub">{_e(unknown)}</span>' if unknown_count else "")


def _owner(name: str | None) -> str:
    if name is None:
        return _DASH
    return f'<span class="who"><span class="avatar-s" aria-hidden="true">{_e(name[:1])}</span>{_e(name)}</span>'
