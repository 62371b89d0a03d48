"""The partners' way in: a link or an address, a code by e-mail, and out again.

The answers to a good link and a bad one are the same page. Nothing happens by looking: mail scanners open links.
"""

from __future__ import annotations

from uuid import UUID, uuid4

from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from saferpractice.config import clock
from saferpractice.partners import operations
from saferpractice.partners.forms import AddressForm, CodeForm
from saferpractice.partners.queries.seeing import session_of
from saferpractice.partners.views.shared import ASKED, SESSION
from saferpractice.trail.rules import Process

DOOR = Process("Partner sign-in")
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@login_not_required
@get_or_post
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Where the link of an invitation leads: a button that asks for the code."""
    at = clock.now()
    if request.method == "POST":
        _asked(request, operations.ask_for_code(by=DOOR, at=at, token=token))
        return redirect("partner:code")
    return render(request, "partners/invitation.html")


@login_not_required
@get_or_post
def sign_in(request: HttpRequest) -> HttpResponse:
    """Coming back: an address to which a code is sent, if it is one that was let in before."""
    at = clock.now()
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        _asked(request, operations.ask_for_code_again(by=DOOR, at=at, email=form.cleaned_data["email"]))
        return redirect("partner:code")
    return render(request, "partners/sign_in.html", {"form": form})


def _asked(request: HttpRequest, key: UUID) -> None:
    """Remember in this browser which code it may use. Whoever of staff was signed in here is signed out."""
    logout(request)
    request.session[ASKED] = str(key)


@login_not_required
@get_or_post
def code(request: HttpRequest) -> HttpResponse:
    """Enter the code."""
    at = clock.now()
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        key = UUID(request.session.get(ASKED) or str(uuid4()))
        session = operations.come_in(by=DOOR, at=at, key=key, code=form.cleaned_data["code"])
        if session is not None:
            logout(request)  # a fresh key for the browser: whoever knew the old one is not let in with it
            request.session[SESSION] = str(session.pk)
            return redirect("partner:home")
        form.add_error(
            "code", "This code does not let you in. Check it, or ask for a new one: a link and a code work once."
        )
    return render(request, "partners/code.html", {"form": form})


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Leave."""
    at = clock.now()
    session = session_of(request.session.get(SESSION) or "")
    if session is not None:
        operations.leave(by=session.contact, at=at, session=session)
    logout(request)
    return redirect("partner:sign_in")
