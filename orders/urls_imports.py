"""Addresses of imports."""

from django.urls import path

from orders.views import imports

urlpatterns = [
    path("imports/", imports.import_list, name="imports"),
    path("imports/new/", imports.import_new, name="import-new"),
    path("imports/<str:code>/", imports.import_page, name="import"),
    path("imports/<str:code>/columns/", imports.import_mapping, name="import-mapping"),
    path("imports/<str:code>/publish/", imports.import_publish, name="import-publish"),
    path("imports/<str:code>/cancel/", imports.import_cancel, name="import-cancel"),
    path("imports/<str:code>/original/", imports.import_original, name="import-original"),
    path("imports/<str:code>/refused/", imports.import_refused, name="import-refused"),
]
