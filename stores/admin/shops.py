"""Merchants and their shops. Neither is deleted: a shop that went has the state "left"."""

from typing import Any

from django.contrib import admin

from casemgr.kit.admin import HouseInline
from stores.admin.people import AssignmentForms, MembershipForm
from stores.admin.platforms import Kept
from stores.models import Assignment, Membership, Merchant, Store


class MemberInline(HouseInline):
    model = Membership
    form = MembershipForm
    fields = ("user", "role", "all_shops", "shops")
    autocomplete_fields = ("user", "shops")


@admin.register(Merchant)
class MerchantAdmin(Kept):
    list_display = ("name", "company_name", "code", "created_at")
    search_fields = ("name", "company_name", "=code")
    readonly_fields = ("code", "created_at")
    inlines = [MemberInline]


class HandlerInline(HouseInline):
    model = Assignment
    formset: Any = AssignmentForms
    fields = ("user",)
    autocomplete_fields = ("user",)


@admin.register(Store)
class StoreAdmin(Kept):
    set_once = ("merchant", "platform")
    list_display = ("name", "platform", "merchant", "external_id", "fulfilment", "state")
    list_filter = ("platform", "state", "fulfilment")
    list_select_related = ("platform", "merchant")
    search_fields = ("name", "external_id", "=code", "merchant__name")
    readonly_fields = ("code", "scans_known_since", "created_at")
    autocomplete_fields = ("merchant", "platform")
    inlines = [HandlerInline]
