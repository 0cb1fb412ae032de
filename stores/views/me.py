"""One's own page: name, language, password, second factor, the other places one is signed in at."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import qrcode
from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from qrcode.image.svg import SvgPathFillImage

from casemgr.kit.workflow import Refused
from stores import sessions, throttle
from stores.access import any_person_page
from stores.actions import factors, people
from stores.entry_forms import CurrentPassword, EnrolForm, OwnFacts, OwnPassword
from stores.models import User

either = require_http_methods(["GET", "POST"])
SECRET = "factor_secret"


def _page(request: HttpRequest, name: str, **context: Any) -> HttpResponse:
    """A page in the frame of whoever looks at it."""
    user: Any = request.user
    base = "base_staff.html" if user.is_agency else "base_merchant.html"
    return render(request, f"people/{name}.html", {"base": base, **context})


def _knows_password(request: HttpRequest, form: Any) -> bool:
    """Whether the password typed is the person's own; wrong ones are counted like wrong sign-ins."""
    user: Any = request.user
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        give_back = throttle.sign_in_attempt(request, throttle.account_key("", user), known="signed-in")
    except throttle.TooMany as refused:
        form.add_error("current", refused.sentence)
        return False
    if not user.check_password(form.cleaned_data["current"]):
        people.sign_in_failed(login=user.phone or user.email or "", person=user, step="own password")
        form.add_error("current", _("This is not your password."))
        return False
    give_back()
    return True


@any_person_page
@either
def me(request: HttpRequest) -> HttpResponse:
    """Name and language; the way to everything else about oneself."""
    user: Any = request.user
    form = OwnFacts(request.POST or None, initial={"name": user.name, "language": request.LANGUAGE_CODE})
    if request.method == "POST" and form.is_valid():
        language = form.cleaned_data["language"]
        people.rename(by=user, name=form.cleaned_data["name"])
        people.choose_language(by=user, language=language)
        with override(language):
            messages.success(request, _("Saved."))
        response = redirect("me")
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, samesite="Lax")
        return response
    context = {"has_factor": sessions.has_factor(user), "must_factor": settings.TOTP_REQUIRED and user.is_agency}
    return _page(request, "me", form=form, **context)


@any_person_page
@either
def password(request: HttpRequest) -> HttpResponse:
    """A new password for oneself; other sessions end, this one stays."""
    user: Any = request.user
    form = OwnPassword(request.POST or None, person=user)
    if _knows_password(request, form):
        with transaction.atomic():
            people.set_password(by=user, user=user, password=form.cleaned_data["password"])
            update_session_auth_hash(request, user)
        messages.success(request, _("Your new password is set. You are signed out everywhere else."))
        return redirect("me")
    return _page(request, "me_form", form=form, title=_("New password"), submit=_("Set the new password"))


@any_person_page
@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """Sign oneself out everywhere but here."""
    user: Any = request.user
    people.end_sessions(by=user, user=user)
    sessions.keep(request, user)
    messages.success(request, _("You are signed out everywhere but here."))
    return redirect("me")


@never_cache
@any_person_page
@either
def factor(request: HttpRequest) -> HttpResponse:
    """Set up the second factor: scan, type the code that shows. Asks for the password unless one just came in."""
    user: Any = request.user
    if sessions.has_factor(user):
        return redirect("me")
    if not (sessions.is_fresh(request.session) or SECRET in request.session):
        proof = CurrentPassword(request.POST or None)
        if not _knows_password(request, proof):
            title = _("First your password, so that nobody else sets this up")
            return _page(request, "me_form", form=proof, title=title, submit=_("Go on"))
    secret = _secret_being_set_up(request)
    form = EnrolForm(request.POST if "code" in request.POST else None)
    codes = _enrolled(request, user, secret, form) if request.method == "POST" and form.is_valid() else []
    if codes:
        return _page(request, "codes", codes=codes, is_new=True)
    context = {"typed": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)), "form": form}
    return _page(request, "factor", must=settings.TOTP_REQUIRED and user.is_agency, **context)


def _secret_being_set_up(request: HttpRequest) -> str:
    """The secret that this session is setting up; it waits in the session sealed."""
    if SECRET not in request.session:
        request.session[SECRET] = get_adapter().encrypt(generate_totp_secret())
    return get_adapter().decrypt(request.session[SECRET])


def _enrolled(request: HttpRequest, user: User, secret: str, form: EnrolForm) -> list[str]:
    """The ten codes for paper once the app's code is right; else none, with the reason in the form."""
    try:
        throttle.take(request, sign_in_pair=f"enrol-{user.pk}")
        codes = factors.set_up(by=user, secret=secret, code=form.cleaned_data["code"])
    except throttle.TooMany as refused:
        form.add_error("code", refused.sentence)
        return []
    except Refused as refused:
        form.add_error("code", str(refused.sentence))
        return []
    request.session.pop(SECRET, None)
    sessions.passed_factor(request.session)
    sessions.keep(request, user)
    return codes


@never_cache
@any_person_page
@require_GET
def factor_qr(request: HttpRequest) -> HttpResponse:
    """The picture to scan, while the second factor is being set up."""
    if SECRET not in request.session:
        raise Http404
    content = BytesIO()
    url = get_adapter().build_totp_url(request.user, _secret_being_set_up(request))
    qrcode.make(url, image_factory=SvgPathFillImage, border=2).save(content)
    return HttpResponse(content.getvalue(), content_type="image/svg+xml")


@never_cache
@any_person_page
@either
def new_codes(request: HttpRequest) -> HttpResponse:
    """Ten new codes for paper, for one's password. They are shown on this answer and nowhere again."""
    user: Any = request.user
    if not sessions.has_factor(user):
        return redirect("me-factor")
    form = CurrentPassword(request.POST or None)
    if _knows_password(request, form):
        return _page(request, "codes", codes=factors.new_codes(by=user), is_new=False)
    title = _("Ten new codes for paper")
    return _page(request, "me_form", form=form, title=title, submit=_("Show ten new codes"))


@any_person_page
@either
def factor_off(request: HttpRequest) -> HttpResponse:
    """Switch the second factor off, where the house does not ask for it."""
    user: Any = request.user
    if not sessions.has_factor(user):
        return redirect("me")
    form = CurrentPassword(request.POST or None)
    if _knows_password(request, form):
        try:
            factors.switch_off(by=user)
        except Refused as refused:
            form.add_error(None, ValidationError(str(refused.sentence)))
        else:
            messages.success(request, _("From now on your password is enough."))
            return redirect("me")
    title = _("Switch the second factor off")
    return _page(request, "me_form", form=form, title=title, submit=_("Switch it off"))
