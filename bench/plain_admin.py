"""Django's own admin of cases as a newcomer would register it: what P12 compares our list with."""

from __future__ import annotations

from django.contrib.admin import AdminSite, ModelAdmin
from django.urls import include, path

from appeals.models import Case


class Plain(ModelAdmin):
    """The columns of our list, two filters, a search."""

    list_display = ("code", "store", "status", "waiting_for", "next_due_at", "order_count", "stake_amount", "owner")
    list_display_links = None
    list_filter = ("status", "waiting_for")
    list_select_related = ("store", "owner")
    list_per_page = 50
    search_fields = ("code",)


site = AdminSite(name="plain")
site.register(Case, Plain)
CASES = "plain:appeals_case_changelist"
# The project's own addresses stay: the frame of its pages names some of them.
urlpatterns = [path("plain/", site.urls), path("", include("casemgr.urls"))]
