"""What this floor's audit rows say in words (casemgr.kit.history)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from casemgr.kit.workflow import Flow, Text
from orders.workflow import ALERT, HOLD, IMPORT, REPORT, REVIEW

ACTIONS: dict[str, Text] = {
    "alert.export": _("Orders of the alert taken as a file"),
    "alert.false_alarm": _("ended as a false alarm"),
    "alert.gone": _("not found again"),
    "alert.open": _("found by screening"),
    "alert.resolved": _("resolved"),
    "alert.reviewing": _("taken up"),
    "alert.update": _("seen again by screening"),
    "alerts.export": _("List of alerts taken as a file"),
    "buyer.erased": _("Data of a buyer erased"),
    "buyer.exported": _("Data of a buyer handed out"),
    "detector_setting.change": _("Thresholds of a detector changed"),
    "hold.acknowledged": _("hold acknowledged by the merchant"),
    "hold.asked": _("hold asked for"),
    "hold.partly_released": _("some orders left the hold"),
    "hold.released": _("hold released"),
    "hold.reminded": _("merchant reminded of the hold"),
    "import.original_erased": _("The original file was erased"),
    "import.original_taken": _("The original file was taken"),
    "import.received": _("File received"),
    "import.refused_taken": _("Refused rows taken as a file"),
    "incident.alert": _("alert put under an incident"),
    "incident.open": _("Incident opened"),
    "merchant.keep_recipient": _("Keeping of recipients changed"),
    "order_review.contact": _("contact with a buyer"),
    "order_review.contacted": _("check of an order begun"),
    "order_review.genuine": _("an order was found genuine"),
    "order_review.lapsed": _("a check lapsed"),
    "order_review.malicious": _("an order was found malicious"),
    "order_review.unreachable": _("a buyer could not be reached"),
    "orders.export": _("List of orders taken as a file"),
    "platform_report.accepted": _("the platform accepted the report"),
    "platform_report.expired": _("report expired"),
    "platform_report.filed": _("report filed with the platform"),
    "platform_report.prepare": _("report to the platform prepared"),
    "platform_report.refused": _("the platform refused the report"),
    "recipient.erased": _("Recipient erased"),
    "recipient.shown": _("Recipient shown in clear"),
    "store.screen": _("Shop screened"),
    "store.tracking_known": _("Tracking is known from now on"),
    "violation.match": _("Orders matched"),
    "violation.register": _("Violation registered"),
}
FIELDS: dict[str, Text] = {
    "filename": _("file"),
    "order": _("order"),
    "orders": _("orders"),
    "order_count": _("orders"),
    "refused": pgettext_lazy("how many rows", "refused"),
    "stored": pgettext_lazy("how many rows", "stored"),
}
FLOWS: list[tuple[Flow, Text]] = [
    (ALERT, _("Alert")),
    (REVIEW, _("Check of an order")),
    (HOLD, pgettext_lazy("of orders", "Hold")),
    (REPORT, _("Report to the platform")),
    (IMPORT, _("Import")),
]
