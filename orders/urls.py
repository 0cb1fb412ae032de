"""Addresses of the order floor: screening and what follows from it, orders, imports."""

from django.urls import include, path

urlpatterns = [
    path("", include("orders.urls_screening")),
    path("", include("orders.urls_imports")),
]
