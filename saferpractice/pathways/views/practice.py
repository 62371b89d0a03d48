"""Pages of how practice works, in plain English, and what a service sets for itself."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.access.web import attempt, person_of
from saferpractice.config import clock
from saferpractice.pathways import operations, presenters
from saferpractice.pathways.forms import ValuesForm
from saferpractice.pathways.models import PathwayVersion
from saferpractice.pathways.permissions import (
    check_can_put_in_use,
    check_can_set_values,
)
from saferpractice.pathways.queries import (
    definition_of_version,
    in_use,
    library,
    proposals_waiting,
    service_to_set,
    services_of,
    teams_overseen,
    teams_worked_in,
    values_of,
    version_in_use,
)
from saferpractice.pathways.rules.definition import Definition
from saferpractice.pathways.rules.values import local_values as engine_values
from saferpractice.pathways.views.shared import reader
from saferpractice.trail.refusals import Invalid


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every pathway there is, and which are in use."""
    at = clock.now()
    person = reader(request, at)
    used = in_use(person.provider_id, at)
    known = library() | {version.pathway: definition_of_version(version) for version in used}
    context = {
        "rows": presenters.index_rows(known.values(), used),
        "proposals": proposals_waiting(person, at),
        "works": teams_worked_in(person, at).exists(),
        "supervises": teams_overseen(person, at).exists(),
    }
    return render(request, "pathways/index.html", context)


def _as_it_stands(person: Person, pathway: str, at: datetime) -> tuple[Definition, PathwayVersion | None]:
    """The definition in use here, with its version; else the one that ships; else no such page."""
    used = version_in_use(person.provider_id, pathway, at)
    found = definition_of_version(used) if used else library().get(pathway)
    if found is None:
        raise Http404
    return found, used


@require_safe
def one(request: HttpRequest, pathway: str) -> HttpResponse:
    """One pathway, part by part, in the product's own words: as it is in use here, else as it ships."""
    at = clock.now()
    person = reader(request, at)
    found, used = _as_it_stands(person, pathway, at)
    may, why_not = allowed(check_can_put_in_use, by=person, at=at, provider_id=person.provider_id)
    context = {
        "pathway": found,
        "parts": presenters.parts(found),
        "used": used,
        "ships": pathway in library(),
        "may": may,
        "why_not": why_not,
        "services": [
            service
            for service in services_of(person)
            if found.local and allowed(check_can_set_values, by=person, at=at, service=service)[0]
        ],
    }
    return render(request, "pathways/one.html", context)


@require_POST
def put_in_use(request: HttpRequest, pathway: str) -> HttpResponse:
    """Put a pathway that ships in use here."""
    person, at = person_of(request), clock.now()
    found = library().get(pathway)
    if found is None or not allowed(check_can_put_in_use, by=person, at=at, provider_id=person.provider_id)[0]:
        raise Http404
    try:
        version = operations.put_in_use(by=person, at=at, provider=person.provider, definition=found)
        messages.success(request, f"“{version.title}” is in use, version {version.number}.")
    except Invalid as invalid:
        messages.error(request, " ".join(invalid.problems.values()))
    return redirect("pathways:one", pathway)


def local_values(request: HttpRequest, pathway: str, service_id: UUID) -> HttpResponse:
    """Set what a service may choose on a pathway."""
    person, at = person_of(request), clock.now()
    found, _ = _as_it_stands(person, pathway, at)
    service = service_to_set(person, service_id)
    if service is None or not found.local:
        raise Http404
    if not allowed(check_can_set_values, by=person, at=at, service=service)[0]:
        raise Http404
    now = engine_values(found, values_of(service.pk, found))
    form = ValuesForm(request.POST or None, definition=found, initial=now)
    if request.method == "POST" and form.is_valid():
        chosen = attempt(
            form,
            lambda: operations.set_local_values(
                by=person, at=at, service=service, definition=found, values=form.values()
            ),
        )
        if chosen is not None:
            messages.success(request, f"Set for {service.name}. What is owed already never becomes due later.")
            return redirect("pathways:one", pathway)
    return render(request, "pathways/local_values.html", {"form": form, "pathway": found, "service": service})
