"""What this floor does in the background."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from casemgr.kit.jobs import Running, handles
from stores import mail
from stores.actions import links
from stores.models import User


@handles("stores.mail_password_link", label=_("mail a link"))
def mail_password_link(run: Running) -> Mapping[str, Any]:
    """Mail a link to a new password to the person of the job; nothing to do when the login belonged to nobody."""
    person = User.objects.filter(pk=run.payload["person"], is_active=True).exclude(email=None).first()
    if person is None or person.email is None:
        return {"sent": 0}
    with translation.override(person.language or settings.LANGUAGE_CODE):
        _made, token = links.make_password_link(by=None, user=person, mailed=True)
        url = run.payload["site"] + reverse("password-link", args=[token])
        sent = mail.send(person.email, mail.password_text(person.name, url, mailed=True), language=person.language)
    return {"sent": int(sent)}
