"""Pages of pathways: how practice works, in plain English."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from saferpractice.access.web import person_of
from saferpractice.config import clock
from saferpractice.pathways import presenters
from saferpractice.pathways.permissions import can_read_pathways
from saferpractice.pathways.queries import library


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Every pathway there is."""
    if not can_read_pathways(person_of(request), clock.now()):
        raise Http404
    return render(request, "pathways/index.html", {"rows": presenters.index_rows(library().values())})


@require_GET
def one(request: HttpRequest, code: str) -> HttpResponse:
    """One pathway, part by part, in the product's own words."""
    found = library().get(code)
    if found is None or not can_read_pathways(person_of(request), clock.now()):
        raise Http404
    return render(request, "pathways/one.html", {"pathway": found, "parts": presenters.parts(found)})
