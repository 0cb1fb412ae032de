"""Mails that carry a one-time link. Where no mail server is set up, nothing is sent and the link is handed over by hand."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.mail import send_mail
from django.utils import translation
from django.utils.translation import gettext as _

log = logging.getLogger(__name__)


def invitation_text(name: str, url: str) -> str:
    """What the invited person reads, in a mail or a chat."""
    return _(
        "Hello %(name)s, this link lets you into CaseMgr. Open it, check your name and choose a password. "
        "It works once, for 7 days: %(url)s"
    ) % {"name": name, "url": url}


def password_text(name: str, url: str, *, mailed: bool = False) -> str:
    """What somebody reads who is to set a new password."""
    if mailed:
        said = _(
            "Hello %(name)s, with this link you set a new password for CaseMgr. It works once, for one hour: %(url)s"
        )
    else:
        said = _(
            "Hello %(name)s, with this link you set your password for CaseMgr. It works once, for 24 hours: %(url)s"
        )
    return said % {"name": name, "url": url}


def send(to: str, text: str, *, language: str = "") -> bool:
    """Mail one text. False when there is no address, no mail server, or the server did not take it (logged)."""
    if not to or not settings.HAS_MAIL:
        return False
    with translation.override(language or settings.LANGUAGE_CODE):
        subject = _("Your link for CaseMgr")
    try:
        return bool(send_mail(subject, text, None, [to]))
    except OSError as error:  # SMTP errors are OSErrors
        log.warning("a mail could not be sent: %s", type(error).__name__)
        return False
