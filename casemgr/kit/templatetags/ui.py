"""How the pages write money, times and lengths of time, and the few tags their components need. `{% load ui %}`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import template
from django.http import QueryDict
from django.template import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from casemgr.kit.time_words import words_of

register = template.Library()

NOTHING = "–"
LEAST_HIDDEN = 6  # bars V1: at least six digits of a phone number stay hidden
PLATFORM_MARKS = {
    "taobao": "淘",
    "tmall": "猫",
    "jd": "京",
    "pinduoduo": "拼",
    "douyin": "抖",
    "xiaohongshu": "红",
    "kuaishou": "快",
    "wechat": "微",
    "temu": "T",
    "own_site": "自",
    "other": "其",
}
DEADLINE_ICONS = {"soon": "clock", "today": "clock-exclamation", "now": "alarm", "missed": "clock-x"}
CHECK_ICONS = {"ok": "circle-check", "warn": "alert-triangle", "danger": "alert-circle", "info": "info-circle"}


@register.filter
def money(amount: Decimal | int | str | None) -> str:
    """`amount` in yuan as ¥1,234.00; a dash for None (not known, or nothing). Never give it a float."""
    return _yuan(amount, places=2)


@register.filter
def money_short(amount: Decimal | int | str | None) -> str:
    """The same without .00 where the amount is whole: for headings and tiles, not for columns that add up."""
    whole = amount not in (None, "") and Decimal(amount) == Decimal(amount).to_integral_value()
    return _yuan(amount, places=0 if whole else 2)


def _yuan(amount: Decimal | int | str | None, *, places: int) -> str:
    if amount is None or amount == "":
        return NOTHING
    value = Decimal(amount)
    return f"{'-' if value < 0 else ''}¥{abs(value):,.{places}f}"


@register.filter
def when(moment: datetime | date | str | None) -> str:
    """Wed 25 Nov 18:05, or 11月25日 周三 18:05; with the year if it is not this year; a date without the time.

    A text (a plan such as "from tomorrow") is returned as it is, None as a dash.
    """
    if moment is None or moment == "":
        return NOTHING
    if not isinstance(moment, date):
        return str(moment)
    local = timezone.localtime(moment) if isinstance(moment, datetime) else moment
    return words_of(get_language()).full(local, timezone.localdate())


@register.filter
def when_near(moment: datetime | date | str | None) -> str:
    """Like `when`, with "today 20:32", "tomorrow", "yesterday" for the days around now."""
    if not isinstance(moment, date):
        return when(moment)
    local = timezone.localtime(moment) if isinstance(moment, datetime) else moment
    return words_of(get_language()).near(local, timezone.localdate())


@register.filter
def when_log(moment: datetime | date | str | None) -> str:
    """For histories and talks, where lines are many: like `when_near`, further away without the weekday."""
    if not isinstance(moment, datetime) or abs((timezone.localtime(moment).date() - timezone.localdate()).days) <= 1:
        return when_near(moment)
    return f"{_short_date(timezone.localtime(moment))} {timezone.localtime(moment):%H:%M}"


@register.filter
def when_short(moment: datetime | date | str | None) -> str:
    """18:05 if it is today, else the day without weekday and time: 25 Nov, 11月25日 (with another year's number)."""
    if not isinstance(moment, date):
        return when(moment)
    local = timezone.localtime(moment) if isinstance(moment, datetime) else moment
    if isinstance(local, datetime) and local.date() == timezone.localdate():
        return f"{local:%H:%M}"
    return _short_date(local)


def _short_date(local: date) -> str:
    return words_of(get_language()).brief(local, timezone.localdate())


@register.filter
def span(length: timedelta | None, units: int = 3) -> str:
    """A length of time in its `units` largest units: 1 d 3 h 45 min, 1 天 3 小时 45 分. The sign is not shown."""
    if length is None:
        return NOTHING
    minutes = int(abs(length.total_seconds()) // 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    words = words_of(get_language())
    parts = list(zip((days, hours, minutes), words.units, strict=True))
    first = next((place for place, (n, _word) in enumerate(parts) if n), None)
    if first is None:
        return words.moment
    return " ".join(word.format(n=n) for n, word in parts[first : first + units] if n)


@register.filter
def duration(due: datetime | timedelta | None, units: int = 3) -> str:
    """What is left until `due` (a moment, or a length that may be negative): 3 h 45 min left; past: 26 min over."""
    if due is None:
        return NOTHING
    left = due if isinstance(due, timedelta) else due - timezone.now()
    words = words_of(get_language())
    return (words.left if left >= timedelta(0) else words.over).format(span=span(left, units))


@register.filter
def mask_tail(text: str | None, shown: int = 4) -> str:
    """Only the last `shown` characters, the rest as asterisks; fewer of a short text, so that six stay hidden."""
    if not text:
        return NOTHING
    shown = max(0, min(int(shown), len(text) - LEAST_HIDDEN))
    return "*" * (len(text) - shown) + (text[-shown:] if shown else "")


@register.filter
def platform_mark(code: str) -> str:
    """The one character that stands for a platform; an unknown code shows its own first letter."""
    return PLATFORM_MARKS.get(code, code[:1].upper())


@register.filter
def current_of(items: Iterable[Mapping[str, Any]] | None) -> Mapping[str, Any] | None:
    """The one of `items` that is marked current, or None."""
    return next((item for item in items or () if item.get("current")), None)


@register.filter
def deadline_icon(tone: str) -> str:
    """The icon that goes with a step of the deadline ladder; none while there is plenty of time."""
    return DEADLINE_ICONS.get(tone, "")


@register.filter
def check_icon(tone: str) -> str:
    """The icon that goes with a tone where colour must not speak alone; a dashed circle where nothing is there yet."""
    return CHECK_ICONS.get(tone, "circle-dashed")


@register.filter
def widget_class(widget: dict[str, Any]) -> str:
    """The class of a form control by its kind, and the classes it was given (see widgets/attrs.html)."""
    kind, template_name = widget.get("type"), widget.get("template_name", "")
    own = widget["attrs"].get("class", "")
    if kind == "hidden" or (template_name.endswith("option.html") and kind == "select"):
        return own
    if kind in ("checkbox", "radio"):
        return f"form-check-input {own}".strip()
    return f"{'form-select' if template_name.endswith('select.html') else 'form-control'} {own}".strip()


@register.filter
def spark_points(values: Sequence[Decimal | float | int]) -> list[tuple[float, float]]:
    """Points of a little line in a 72 x 26 box, oldest value first. Fewer than two values draw nothing."""
    numbers = [float(value) for value in values]
    if len(numbers) < 2:
        return []
    low, high = min(numbers), max(numbers)
    step = 70 / (len(numbers) - 1)
    heights = [24 - (number - low) / (high - low) * 22 if high > low else 13.0 for number in numbers]
    return [(round(1 + place * step, 1), round(height, 1)) for place, height in enumerate(heights)]


@register.simple_tag
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """An icon of the sprite (static/icons.txt). `size` is "", lg or xl; without `label` screen readers skip it."""
    spoken = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="icon{}{}" {}><use href="{}#{}"/></svg>',
        " " if size else "",
        size,
        spoken,
        static("vendor/icons.svg"),
        name,
    )


@register.simple_tag(takes_context=True)
def querystring_with(context: Context, **changes: Any) -> str:
    """This page's query string with `changes`: None or "" takes a parameter out, a list sets it several times.

    Changing anything but `page` goes back to the first page, as the rows are no longer the same.
    """
    request = context.get("request")
    query = request.GET.copy() if request else QueryDict(mutable=True)
    if "page" not in changes:
        query.pop("page", None)
    for name, value in changes.items():
        if value is None or value == "":
            query.pop(name, None)
        else:
            query.setlist(name, [str(one) for one in value] if isinstance(value, (list, tuple)) else [str(value)])
    return f"?{query.urlencode()}"
