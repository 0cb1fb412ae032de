"""Pages behind one-time links, open to whoever has one: come in, set a new password; and how to get one by mail."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from casemgr.kit import jobs
from casemgr.kit.workflow import Refused
from stores import mail, throttle
from stores.actions import links
from stores.auth import person_with
from stores.entry_forms import ForgotForm, NewPassword, WelcomeForm
from stores.forms import MemberForm
from stores.models import Invitation, Merchant, PasswordLink, User

either = require_http_methods(["GET", "POST"])


def site_of(request: HttpRequest) -> str:
    """The address of this site as the reader typed it, without a slash at the end."""
    return request.build_absolute_uri("/").rstrip("/")


def handed_over(request: HttpRequest, issued: links.Issued, *, back: str) -> HttpResponse:
    """Show the link to the one who made it, once, as words to send; mail it too where there is an address.

    Not a redirect: the address would have to hold the secret, or the database would.
    """
    link, token = issued
    if isinstance(link, Invitation):
        name, to, url = link.name, link.email, site_of(request) + reverse("welcome", args=[token])
        text = mail.invitation_text(name, url)
    else:
        name, to, url = link.user.name, link.user.email or "", site_of(request) + reverse("password-link", args=[token])
        text = mail.password_text(name, url)
    user: Any = request.user
    context = {"name": name, "url": url, "text": text, "to": to, "is_mailed": mail.send(to, text), "link": link}
    base = "base_staff.html" if user.is_agency else "base_merchant.html"
    return render(request, "people/link.html", {**context, "base": base, "back": back})


def invited(form: MemberForm, *, by: User, merchant: Merchant) -> links.Issued:
    """The invitation to a merchant that a checked form asks for."""
    typed = dict(form.cleaned_data)
    named = list(typed.pop("shops")) or None
    return links.invite(by=by, merchant=merchant, shops=named, **typed)


def not_valid(request: HttpRequest) -> HttpResponse:
    """The one page for every link that leads nowhere, whatever the reason."""
    return render(request, "people/link_gone.html", status=404)


@never_cache
@either
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """An invited person says their name and chooses a password. Looking at the page uses nothing up."""
    invitation = Invitation.objects.by_token(token)  # scope: whoever has the link
    if invitation is None:
        return not_valid(request)
    form = WelcomeForm(request.POST or None, initial={"name": invitation.name})
    if request.method == "POST" and form.is_valid():
        try:
            account = links.account_of(invitation)
            key = throttle.account_key(invitation.login, account)
            give_back = throttle.sign_in_attempt(request, key)
            links.accept(invitation=invitation, name=form.cleaned_data["name"], password=form.cleaned_data["password"])
        except links.NotValid:
            return not_valid(request)
        except throttle.TooMany as refused:
            form.add_error(None, refused.sentence)
        except (Refused, ValidationError) as refused:
            form.add_error("password", refused if isinstance(refused, ValidationError) else str(refused.sentence))
        else:
            give_back()
            messages.success(
                request, _("You are in. Sign in with %(login)s from now on.") % {"login": invitation.login}
            )
            return redirect("login")
    return render(request, "people/welcome.html", {"form": form, "invitation": invitation})


@never_cache
@either
def password_link(request: HttpRequest, token: str) -> HttpResponse:
    """Set a new password by a link that was mailed or handed over."""
    link = PasswordLink.objects.by_token(token)  # scope: whoever has the link
    if link is None or not link.user.is_active:
        return not_valid(request)
    form = NewPassword(request.POST or None, person=link.user)
    if request.method == "POST" and form.is_valid():
        try:
            links.use_password_link(link=link, password=form.cleaned_data["password"])
        except links.NotValid:
            return not_valid(request)
        messages.success(request, _("Your new password is set. Everything that was signed in is signed out."))
        return redirect("login")
    return render(request, "people/password_link.html", {"form": form, "person": link.user})


@never_cache
@either
def forgot(request: HttpRequest) -> HttpResponse:
    """Ask for a link by mail. The answer is the same whether the account exists or not."""
    form = ForgotForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            throttle.take(request, forgot_address=throttle.address_of(request))
        except throttle.TooMany as refused:
            form.add_error(None, refused.sentence)
        else:
            _ask_for_mail(request, form.cleaned_data["login"])
            return render(request, "people/forgot.html", {"is_sent": True, "has_mail": settings.HAS_MAIL})
    return render(request, "people/forgot.html", {"form": form, "has_mail": settings.HAS_MAIL})


def _ask_for_mail(request: HttpRequest, login: str) -> None:
    """Leave the mailing to a worker, for nobody as well: so both take as long. Three an hour are sent to one account."""
    person = person_with(login)
    try:
        throttle.take(request, forgot_account=throttle.account_key(login, person))
    except throttle.TooMany:
        return
    if settings.HAS_MAIL:
        payload = {"person": person and person.pk, "site": site_of(request)}
        jobs.enqueue("stores.mail_password_link", key=f"password-link:{secrets.token_hex(12)}", payload=payload)
