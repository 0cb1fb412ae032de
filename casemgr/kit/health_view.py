"""The health address: for monitors and load balancers, open to everybody, without details."""

from __future__ import annotations

import threading
import time

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from casemgr.kit import health

# Anybody may ask as often as they like; the checks themselves run at most this often in a process.
_EVERY = 2.0  # seconds
_lock = threading.Lock()
_last: tuple[float, str] | None = None


@never_cache
@require_safe
def answer(request: HttpRequest) -> JsonResponse:
    """{"status": "ok" | "attention" | "down"}: 503 when down. What it is stands on the status page, for leads."""
    word = _status()
    return JsonResponse({"status": word}, status=503 if word == "down" else 200)


def _status() -> str:
    global _last
    with _lock:
        if _last is None or time.monotonic() - _last[0] > _EVERY:
            _last = time.monotonic(), health.status(health.checks())
        return _last[1]


def look_again() -> None:
    """Forget the last answer, so that the next one is fresh."""
    global _last
    _last = None
