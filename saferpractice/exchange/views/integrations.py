"""Pages where an administrator sets up a care record system, renews its keys and revokes it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from saferpractice.access.models import Person
from saferpractice.access.queries import places_of
from saferpractice.access.web import attempt, person_of
from saferpractice.config import clock
from saferpractice.exchange import operations, presenters
from saferpractice.exchange.forms import IntegrationForm, RevokeForm
from saferpractice.exchange.models import Integration
from saferpractice.exchange.operations.integrations import NewKeys
from saferpractice.exchange.permissions import can_integrate
from saferpractice.exchange.queries.integrations import integration_of, integrations_of, newest_uses


def _administrator(request: HttpRequest) -> tuple[Person, datetime]:
    person, at = person_of(request), clock.now()
    if not can_integrate(by=person, at=at):
        raise Http404
    return person, at


def _one(request: HttpRequest, integration_id: UUID) -> tuple[Person, datetime, Integration]:
    person, at = _administrator(request)
    found = integration_of(person, at, integration_id)
    if found is None:
        raise Http404
    return person, at, found


@require_safe
def integrations(request: HttpRequest) -> HttpResponse:
    """The care record systems that may hold the checklist."""
    person, at = _administrator(request)
    rows = presenters.integration_rows(integrations_of(person, at))
    return render(request, "exchange/integrations.html", {"rows": rows})


def new_integration(request: HttpRequest) -> HttpResponse:
    """Set one up; its keys are shown once, on the page that answers."""
    person, at = _administrator(request)
    form = IntegrationForm(request.POST or None, services=places_of(person))
    if request.method == "POST" and form.is_valid():
        keys = attempt(
            form,
            lambda: operations.set_up_integration(
                by=person,
                at=at,
                provider=person.provider,
                name=form.cleaned_data["name"],
                origins=form.cleaned_data["origins"],
                services=list(form.cleaned_data["services"]),
            ),
        )
        if keys is not None:
            return _shown_once(request, keys)
    return render(request, "exchange/new_integration.html", {"form": form})


@require_safe
def integration(request: HttpRequest, integration_id: UUID) -> HttpResponse:
    """One of them: where it may be shown, for which services, and what it asked for lately."""
    _, _, found = _one(request, integration_id)
    context = {
        "integration": found,
        "uses": presenters.use_rows(newest_uses(found)),
        "revoked": hasattr(found, "end"),
        "address": settings.BASE_URL + reverse("embed:checklist", args=[found.pk]),
        "calls": settings.BASE_URL + "/api/v1/",
    }
    return render(request, "exchange/integration.html", context)


@require_POST
def renew_keys(request: HttpRequest, integration_id: UUID) -> HttpResponse:
    """Give it new keys; those before stop working at once."""
    person, at, found = _one(request, integration_id)
    if hasattr(found, "end"):
        raise Http404
    return _shown_once(request, operations.renew_keys(by=person, at=at, integration=found))


def revoke_integration(request: HttpRequest, integration_id: UUID) -> HttpResponse:
    """Revoke it, for good."""
    person, at, found = _one(request, integration_id)
    form = RevokeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        done = attempt(
            form,
            lambda: operations.revoke_integration(
                by=person, at=at, integration=found, reason=form.cleaned_data["reason"]
            ),
        )
        if done is not None:
            messages.success(request, f"“{found.name}” is revoked. None of its links, pages and calls works any more.")
            return redirect("integrations:one", found.pk)
    return render(request, "exchange/revoke_integration.html", {"form": form, "integration": found})


def _shown_once(request: HttpRequest, keys: NewKeys) -> HttpResponse:
    """Not a redirect: the keys must not be kept anywhere on the way."""
    return render(request, "exchange/keys.html", {"keys": keys, "integration": keys.integration})
