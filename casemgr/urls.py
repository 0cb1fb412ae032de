"""Every address of the site. Each app brings its own list."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from casemgr.kit import health_view
from casemgr.kit.views import gallery

handler400 = "casemgr.kit.error_pages.bad_request"

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("ui/", gallery, name="ui-gallery"),
    path("health/", health_view.answer, name="health"),
    path("", include("stores.urls")),
    path("", include("orders.urls")),
    path("", include("appeals.urls_files")),
    path("", include("appeals.urls")),
]
