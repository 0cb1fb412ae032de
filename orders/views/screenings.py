"""Looking a whole shop through again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from orders.actions import screenings
from stores.access import agency_page, visible
from stores.models import Store


@agency_page
@require_POST
def shop_screen(request: HttpRequest, code: str) -> HttpResponse:
    """Have every detector look at everything this shop has; the page of the job shows how far it is."""
    user: Any = request.user
    job, is_new = screenings.ask(by=user, store=visible(Store, user, code=code))
    if not is_new:
        messages.info(request, _("This shop is being screened already: here is how far it is."))
    return redirect("job", job.code)
