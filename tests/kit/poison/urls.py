"""The product's addresses, and one that acknowledges a job only after it is written."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from casemgr.kit import jobs
from casemgr.urls import urlpatterns as product


@csrf_exempt
def enqueue(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    return HttpResponse(jobs.enqueue(kind, key=key).code)


urlpatterns = [path("test/<str:kind>/<str:key>/", enqueue), *product]
