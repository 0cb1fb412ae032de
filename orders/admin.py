"""The order floor in the admin: thresholds of detectors can be set, everything else is read only.

A changed threshold is a new version (orders.actions.settings): the one an alert was made under stays as it was.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy

from casemgr.kit.admin import OwnHistory
from orders.actions import settings
from orders.detectors import name_of
from orders.forms.detectors import DetectorSettingForm
from orders.models import Carrier, DetectorSetting, Hold, Order, OrderReview, Parcel, PlatformReport, RiskAlert


@admin.register(DetectorSetting)
class DetectorSettingAdmin(OwnHistory):
    form = DetectorSettingForm
    fields = ("detector", "platform", "store", "count", "window_minutes", "hours", "scope", "is_on", "severity")
    list_display = (
        "detector_name", "platform", "store", "params", "is_on", "severity", "version", "is_current", "created_by", "created_at",
    )  # fmt: skip
    list_filter = ("is_current", "detector", "platform")
    list_select_related = ("platform", "store", "created_by")
    ordering = ("-is_current", "detector", "-version")

    @admin.display(description=gettext_lazy("detector"), ordering="detector")
    def detector_name(self, row: DetectorSetting) -> str:
        return name_of(row.detector)

    def get_readonly_fields(self, request: HttpRequest, obj: DetectorSetting | None = None) -> tuple[str, ...]:
        # What a setting is about never changes, only its thresholds do.
        return ("detector", "platform", "store") if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: DetectorSetting | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.is_current)

    def has_delete_permission(self, request: HttpRequest, obj: DetectorSetting | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: DetectorSetting, form: Any, change: bool) -> None:
        """Write a new version instead of the row; Stale (somebody was faster) goes back as a message."""
        made = settings.change(
            by=request.user,
            detector=obj.detector,
            platform=obj.platform,
            store=obj.store,
            params=form.cleaned_data["params"],
            is_on=form.cleaned_data["is_on"],
            severity=form.cleaned_data["severity"],
            seen_version=obj.version if change else None,
        )
        obj.pk, obj.version = made.pk, made.version

    def response_change(self, request: HttpRequest, obj: DetectorSetting) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:orders_detectorsetting_changelist"))

    def response_add(
        self, request: HttpRequest, obj: DetectorSetting, post_url_continue: str | None = None
    ) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:orders_detectorsetting_changelist"))


class ReadOnly(OwnHistory):
    """Facts: looked at here, changed by imports and actions only."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(RiskAlert)
class RiskAlertAdmin(ReadOnly):
    list_display = ("code", "detector", "store", "status", "severity", "order_count", "first_seen_at", "last_seen_at")
    list_filter = ("status", "detector", "severity")
    list_select_related = ("store",)
    search_fields = ("code", "store__name")
    exclude = ("orders",)


@admin.register(Hold)
class HoldAdmin(ReadOnly):
    list_display = ("code", "store", "status", "asked_by", "asked_at", "acknowledged_by", "acknowledged_at")
    list_filter = ("status",)
    list_select_related = ("store", "asked_by", "acknowledged_by")
    search_fields = ("code",)
    exclude = ("orders",)


@admin.register(OrderReview)
class OrderReviewAdmin(ReadOnly):
    list_display = ("order", "status", "decided_by", "decided_at")
    list_filter = ("status",)
    list_select_related = ("order", "decided_by")


@admin.register(PlatformReport)
class PlatformReportAdmin(ReadOnly):
    list_display = ("code", "store", "kind", "status", "number", "filed_at", "extends_ship_by_to")
    list_filter = ("status", "kind")
    list_select_related = ("store",)
    search_fields = ("code", "number")
    exclude = ("orders",)


@admin.register(Order)
class OrderAdmin(ReadOnly):
    list_display = ("order_no", "store", "state", "fulfilment", "placed_at", "ship_by")
    list_select_related = ("store",)
    search_fields = ("=order_no",)
    # Hashes say nothing to a person.
    exclude = ("key_token", "key_account", "key_phone", "key_address", "key_masked", "key_area", "content_hash")
    show_full_result_count = False


@admin.register(Parcel)
class ParcelAdmin(ReadOnly):
    list_display = ("waybill_no", "store", "carrier", "shipped_at", "first_scan_at", "delivered_at")
    list_select_related = ("store", "carrier")
    search_fields = ("=waybill_no",)
    exclude = ("orders",)
    show_full_result_count = False


@admin.register(Carrier)
class CarrierAdmin(ReadOnly):
    list_display = ("code", "name_zh", "name_en", "confidence")
