"""Pages of the agencies a provider works with, and the people there. To everybody else they are not there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.access.web import attempt, person_of
from saferpractice.config import clock
from saferpractice.deadlines.rules import local_day
from saferpractice.design.forms import Form
from saferpractice.lists.queries import choices, labels_of
from saferpractice.partners import operations
from saferpractice.partners.forms import AgencyForm, ContactForm
from saferpractice.partners.models import Agency
from saferpractice.partners.permissions import check_can_keep_partners
from saferpractice.partners.queries.listed import agencies_of, agency_listed, contact_listed

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def _keeper(request: HttpRequest, at: datetime) -> Person:
    by = person_of(request)
    if not allowed(check_can_keep_partners, by=by, at=at, provider_id=by.provider_id)[0]:
        raise Http404
    return by


def _one(by: Person, agency_id: UUID) -> Agency:
    found = agency_listed(by.provider_id, agency_id)
    if found is None:
        raise Http404
    return found


@require_safe
def agencies(request: HttpRequest) -> HttpResponse:
    """The agencies, by name."""
    by = _keeper(request, clock.now())
    kinds = labels_of("agency-kinds", provider_id=by.provider_id)
    rows = [(each, kinds.get(each.kind, each.kind)) for each in agencies_of(by.provider_id)]
    return render(request, "partners/agencies.html", {"rows": rows})


@require_safe
def agency(request: HttpRequest, agency_id: UUID) -> HttpResponse:
    """One agency and the people there."""
    by = _keeper(request, clock.now())
    found = _one(by, agency_id)
    kinds = labels_of("agency-kinds", provider_id=by.provider_id)
    context = {"agency": found, "kind": kinds.get(found.kind, found.kind), "contacts": list(found.contacts.all())}
    return render(request, "partners/agency.html", context)


@get_or_post
def add_agency(request: HttpRequest) -> HttpResponse:
    """Add an agency."""
    at = clock.now()
    by = _keeper(request, at)
    form = AgencyForm(request.POST or None, kinds=choices("agency-kinds", provider_id=by.provider_id, on=local_day(at)))
    return _do(
        request,
        form,
        lambda data: operations.add_agency(by=by, at=at, provider=by.provider, **data),
        done="The partner was added. Add the people there next.",
        title="Add a partner",
        button="Add this partner",
    )


@get_or_post
def change_agency(request: HttpRequest, agency_id: UUID) -> HttpResponse:
    """Change an agency's name or kind."""
    at = clock.now()
    by = _keeper(request, at)
    found = _one(by, agency_id)
    form = AgencyForm(
        request.POST or None,
        kinds=choices("agency-kinds", provider_id=by.provider_id, on=local_day(at)),
        initial={"name": found.name, "kind": found.kind},
    )
    return _do(
        request,
        form,
        lambda data: operations.change_agency(by=by, at=at, agency=found, **data),
        done="Saved.",
        title=f"Change {found.name}",
        button="Save",
        back=("partners:agency", found.pk),
    )


@get_or_post
def add_contact(request: HttpRequest, agency_id: UUID) -> HttpResponse:
    """Add somebody at an agency."""
    at = clock.now()
    by = _keeper(request, at)
    found = _one(by, agency_id)
    return _do(
        request,
        ContactForm(request.POST or None),
        lambda data: operations.add_contact(by=by, at=at, agency=found, **data),
        done="Added. They hear of it when you invite them on a case.",
        title=f"Add somebody at {found.name}",
        button="Add this person",
        back=("partners:agency", found.pk),
    )


@require_POST
def end_agency(request: HttpRequest, agency_id: UUID) -> HttpResponse:
    """Stop working with an agency."""
    at = clock.now()
    by = _keeper(request, at)
    found = _one(by, agency_id)
    operations.end_agency(by=by, at=at, agency=found)
    messages.success(request, f"The work with {found.name} has ended. Nobody there can come in any more.")
    return redirect("partners:agency", found.pk)


@require_POST
def end_contact(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """End a contact."""
    at = clock.now()
    by = _keeper(request, at)
    found = contact_listed(by.provider_id, contact_id)
    if found is None:
        raise Http404
    operations.end_contact(by=by, at=at, contact=found)
    messages.success(request, f"{found.name} cannot come in any more.")
    return redirect("partners:agency", found.agency_id)


def _do(
    request: HttpRequest,
    form: Form,
    do: Callable[[dict[str, Any]], object],
    *,
    done: str,
    title: str,
    button: str,
    back: tuple[Any, ...] = ("partners:agencies",),
) -> HttpResponse:
    """One form, one operation."""
    if request.method == "POST" and form.is_valid() and attempt(form, lambda: do(form.cleaned_data)) is not None:
        messages.success(request, done)
        return redirect(*back)
    return render(request, "partners/form.html", {"form": form, "title": title, "button": button, "back": back})
