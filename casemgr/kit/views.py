"""The component gallery: every component in every state on one page, for those who build pages and for the tests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from casemgr.kit.templatetags.ui import duration, when_short


class SampleForm(forms.Form):
    """One field of each kind, to see how `{{ form }}` looks."""

    number = forms.CharField(label=gettext_lazy("Violation number"), help_text=gettext_lazy("First line of the notice"))
    due_at = forms.DateTimeField(label=gettext_lazy("Appeal deadline"))
    owner = forms.ChoiceField(label=gettext_lazy("Owner"), choices=[("lin", "林晓岚"), ("zhou", "周砚")])
    ways = forms.MultipleChoiceField(
        label=gettext_lazy("Remind by"),
        choices=[("sms", gettext_lazy("Text message")), ("mail", gettext_lazy("E-mail"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    note = forms.CharField(
        label=gettext_lazy("Note"), widget=forms.Textarea(attrs={"rows": 2, "maxlength": 200}), required=False
    )
    is_urgent = forms.BooleanField(label=gettext_lazy("Urgent"), required=False)

    def clean(self) -> dict[str, Any]:
        self.add_error(None, _("The deadline is before the day of the penalty: look at the notice again."))
        return self.cleaned_data


@login_required
@require_http_methods(["GET", "POST"])
def gallery(request: HttpRequest) -> HttpResponse:
    """Show the gallery to agency people; to everyone else the address does not exist. A POST only says that it came."""
    if not getattr(request.user, "is_agency", False):
        raise Http404
    if request.method == "POST":
        messages.success(request, _("Received. Nothing was changed: this is the gallery."))
        return redirect(request.path)
    if request.GET.get("page") == "confirm":
        return render(request, "ui/confirm_page.html")
    typed = {"number": "PF-2611220417", "due_at": "2026-11-31 18:05", "owner": "lin", "ways": ["sms"]}
    context = {
        **time_samples(),
        **work_samples(),
        **rare_samples(),
        "form": SampleForm(typed),
        "page": Paginator(range(412), 50).page(2),
        "last_page": Paginator(range(412), 50).page(9),
        "tones": ["neutral", "info", "ok", "warn", "danger"],
        "platforms": [
            ("taobao", "淘宝"),
            ("tmall", "天猫"),
            ("jd", "京东"),
            ("pinduoduo", "拼多多"),
            ("douyin", "抖店"),
        ],
        "hours": [("14", 2), ("15", 3), ("16", 3), ("17", 4), ("18", 9), ("19", 2)],
    }
    return render(request, "ui/gallery.html", context)


def ladder(
    tone: str, left: timedelta, percent: int | None, *, sub: str = "", estimated: bool = False
) -> dict[str, Any]:
    """A deadline as <c-deadline> takes it, `left` from now."""
    due_at = timezone.now() + left
    return {
        "words": duration(left),
        "tone": tone,
        "due_at": due_at,
        "sub": sub,
        "percent": percent,
        "estimated": estimated,
    }


def time_samples() -> dict[str, Any]:
    # budget: sample data of the gallery, nothing to split
    """Deadlines, attempts and steps in all their states."""
    seals = {
        _("2 left"): ["free", "free"],
        _("preparing the 1st"): ["prep", "free"],
        _("1st in review"): ["spent", "free"],
        _("1st refused"): ["refused", "free"],
        _("2nd accepted"): ["refused", "won"],
        _("none left"): ["refused", "refused"],
    }
    states = [
        _("Intake"),
        _("Diagnosing"),
        _("Preparing"),
        _("In review"),
        _("With the platform"),
        _("Rectifying"),
        _("Closed"),
    ]
    today = timezone.localdate()
    done = [
        {"label": label, "note": when_short(today - timedelta(days=6 - n)), "state": "done"}
        for n, label in enumerate(states[:4])
    ]
    now = {"label": states[4], "note": _("expected before 28 Nov"), "state": "now"}
    return {
        "ladder": [
            ladder("calm", timedelta(days=4, hours=1), 22),
            ladder("soon", timedelta(days=1, hours=3), 62),
            ladder("today", timedelta(hours=6, minutes=12), 86),
            ladder("now", timedelta(minutes=48), 97),
            ladder("missed", timedelta(minutes=-26), 100),
            {"words": _("filed, no clock running"), "tone": "calm", "percent": 100},
            {"words": _("deadline unknown"), "tone": "calm", "percent": None},
        ],
        "big_deadlines": [
            ladder("soon", timedelta(days=1, hours=3, minutes=45), 62, sub=_("said so in the notice")),
            ladder(
                "today", timedelta(hours=19, minutes=40), 72, sub=_("from the policy, not confirmed"), estimated=True
            ),
        ],
        "seals": [{"text": text, "seals": [{"state": one} for one in row]} for text, row in seals.items()],
        "case_steps": [*done, now, *({"label": label, "state": "todo"} for label in states[5:])],
        "import_steps": [
            {"label": _("Drop the file"), "state": "done"},
            {"label": _("Check the rows"), "state": "done"},
            {"label": _("Import"), "note": _("failed, 812 rows are in"), "state": "bad"},
            {"label": _("Result"), "state": "todo"},
        ],
    }


def work_samples() -> dict[str, Any]:
    # budget: sample data of the gallery, nothing to split
    """Hurdles, a story, a diff, chips: the lists that pages are made of."""
    now = timezone.now()
    return {
        "hurdles": [
            {"text": _("The chat screenshots are missing"), "href": "#evidence", "link_label": _("Remind")},
            {
                "text": _("2 orders were picked up before their label was printed"),
                "href": "#orders",
                "link_label": _("Look"),
            },
            {"text": _("Required evidence 5 / 6, the deadline is confirmed"), "is_done": True},
        ],
        "story": [
            {"at": _("planned 20:00"), "text": _("Hand over to Zhou Yan for review"), "is_next": True},
            {
                "at": now - timedelta(hours=1),
                "text": _("4 documents generated"),
                "note": _("time line, links, checks, stock"),
                "tone": "info",
            },
            {"at": now - timedelta(days=2), "text": _("Zhou Yan agreed to the line of defence"), "tone": "ok"},
            {"at": now - timedelta(days=3), "text": _("Penalty by the platform"), "tone": "danger"},
        ],
        "diff_parts": [
            {"op": "same", "text": "我店当晚"},
            {"op": "del", "text": "多次"},
            {"op": "add", "text": "于 20:38、20:52 两次"},
            {"op": "same", "text": "致电，对方"},
            {"op": "del", "text": "基本"},
            {"op": "add", "text": "均"},
            {"op": "same", "text": "表示未曾下单。"},
        ],
        "chips_on": [{"label": _("Platform: Pinduoduo"), "url": "?platform="}],
        "chips_offered": [
            {"label": _("Malicious orders"), "url": "?verdict=malicious_order", "count": 22},
            {"label": _("Owner"), "url": "?owner="},
        ],
        "said_at": now - timedelta(minutes=40),
        "trend": [3, 4, 4, 5, 7, 6, 6],
    }


def rare_samples() -> dict[str, Any]:
    """Long words and the tables that charts of the other kinds are drawn from."""
    now = timezone.now()
    return {
        "long_chinese": "一句特别长的话，平台和买家就是这样写的，不能把旁边的东西挤走，也不能断在数字中间："
        "违规编号PF-2611220417，申诉截止2026年11月25日18:05，涉及订单31笔，请于时限内一次性提交全部凭证，逾期视为放弃。",
        "long_story": [
            {
                "at": now - timedelta(hours=3),
                "text": _("The warehouse says that the parcels were handed over before the limit, in three lorries"),
                "note": _("call with the warehouse, written down by Lin Xiaolan and confirmed by the carrier’s driver"),
            },
            {"at": "", "text": _("No moment is known for this one"), "tone": "warn"},
        ],
        "weeks": [("44", 0.9, 1.4), ("45", 1.1, 1.2), ("46", 1.6, "–"), ("47", 2.3, 0.9)],
        "fates": [("11-19", 4, 2, 88), ("11-20", 0, 0, 91), ("11-21", 12, 3, 80), ("11-22", 2, 30, 70)],
    }
