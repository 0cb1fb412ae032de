"""Every address of the site. Each app brings its own list."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from casemgr.kit.views import gallery

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("ui/", gallery, name="ui-gallery"),
]
for name in ("stores.urls", "orders.urls_screening", "orders.urls_imports", "appeals.urls_files"):
    if find_spec(name):
        urlpatterns.append(path("", include(name)))
if find_spec("appeals.letters.draft") and find_spec("appeals.evidence.pack") and find_spec("orders.notices"):
    urlpatterns.append(path("", include("appeals.urls")))
