"""What people type about alerts, holds, checks and reports. Rules live in the actions; forms only read and name fields."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.actions.reviews import questions
from orders.enums import ReportKind
from orders.models import Order, ReviewContact
from stores.models.platform import in_language

LOCAL = "%Y-%m-%dT%H:%M"


class MomentField(forms.DateTimeField):
    """A time as a clock in Shanghai shows it, to the minute."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL)
        super().__init__(widget=widget, input_formats=[LOCAL, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"], **kwargs)


class OrdersField(forms.MultipleChoiceField):
    """Some of the given orders, chosen by number: a number that is not among them is refused."""

    def __init__(self, orders: Iterable[Order], **kwargs: Any) -> None:
        self.by_number = {order.order_no: order for order in orders}
        message = gettext_lazy("Choose at least one order.")
        super().__init__(
            choices=[(number, number) for number in self.by_number], error_messages={"required": message}, **kwargs
        )

    def clean(self, value: Any) -> list[Order]:
        return [self.by_number[number] for number in super().clean(value)]


class NoteForm(forms.Form):
    """One text: why. `required` False where nothing has to be said."""

    note = forms.CharField(label=gettext_lazy("reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, required: bool = True, label: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].required = required
        self.fields["note"].label = label or self.fields["note"].label


class HoldForm(forms.Form):
    """Which orders the merchant shall not ship yet, and why."""

    reason = forms.CharField(
        label=gettext_lazy("reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("The merchant reads it: say in plain words what is being checked, and until when."),
    )

    def __init__(self, *args: Any, orders: Sequence[Order], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["orders"] = OrdersField(orders)


class ReportForm(forms.Form):
    """What is reported to the platform, for which orders, in which words."""

    kind = forms.ChoiceField(label=gettext_lazy("what is reported"), choices=ReportKind.choices)
    note = forms.CharField(
        label=gettext_lazy("text for the console"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Facts only, with their numbers; no names or phone numbers of buyers."),
    )

    def __init__(self, *args: Any, orders: Sequence[Order], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["orders"] = OrdersField(orders)


class FiledForm(forms.Form):
    """That a report was filed: as the console shows it."""

    number = forms.CharField(label=gettext_lazy("the platform's number"), max_length=64, required=False)
    filed_at = MomentField(label=gettext_lazy("filed at (console's time)"))
    extends_ship_by_to = MomentField(
        label=gettext_lazy("ship-by extended to"),
        required=False,
        help_text=gettext_lazy("Only where the console says so. It counts once the report is accepted."),
    )


class AnswerForm(forms.Form):
    """What the platform said to a report."""

    answer = forms.ChoiceField(
        label=gettext_lazy("answer"),
        widget=forms.RadioSelect,
        choices=[
            ("accepted", gettext_lazy("Accepted by the platform")),
            ("refused", gettext_lazy("Refused by the platform")),
        ],
    )
    extends_ship_by_to = MomentField(label=gettext_lazy("ship-by extended to"), required=False)
    note = forms.CharField(
        label=gettext_lazy("the platform's words"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ContactForm(forms.Form):
    """One contact with a buyer along the call script: a choice per question, empty where it was not asked."""

    channel = forms.ChoiceField(
        label=gettext_lazy("channel"), choices=ReviewContact.Channel.choices, widget=forms.RadioSelect
    )
    at = MomentField(label=gettext_lazy("when"))
    result = forms.ChoiceField(
        label=gettext_lazy("result"), choices=ReviewContact.Result.choices, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=gettext_lazy("note"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Phone numbers are masked when it is saved."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["at"].initial = timezone.localtime().replace(second=0, microsecond=0)
        self.fields["channel"].initial = ReviewContact.Channel.CHAT
        self.asked = [one["key"] for one in questions()]
        for one in questions():
            choices = [(answer["code"], in_language(answer["zh"], answer["en"])) for answer in one["answers"]]
            self.fields[one["key"]] = forms.ChoiceField(
                label=in_language(one["ask_zh"], one["ask_en"]),
                help_text=in_language(one["note_zh"], one["note_en"]),
                choices=[("", _("not asked")), *choices],
                required=False,
            )

    def answers(self) -> dict[str, str]:
        """Question -> coded answer, those that were asked and answered."""
        return {key: self.cleaned_data[key] for key in self.asked if self.cleaned_data.get(key)}

    @property
    def question_fields(self) -> list[Any]:
        return [self[key] for key in self.asked]


class DecideForm(forms.Form):
    """The end of a check."""

    verdict = forms.ChoiceField(
        label=gettext_lazy("verdict"),
        widget=forms.RadioSelect,
        choices=[
            ("genuine", gettext_lazy("genuine: it leaves its holds and may ship")),
            ("malicious", gettext_lazy("malicious: two strong hints, or a lead decides")),
            ("unreachable", gettext_lazy("unreachable: one chat and two calls without an answer")),
            ("lapsed", gettext_lazy("lapsed: no longer needed")),
        ],
    )
    note = forms.CharField(
        label=gettext_lazy("reason"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Needed for malicious."),
    )
