"""What is held about a person supported, for their request: who has looked at it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from saferpractice.access.looks import record_look
from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.access.web import person_of
from saferpractice.config import clock
from saferpractice.deadlines.rules import local_day
from saferpractice.design.exports import csv_response
from saferpractice.home import presenters
from saferpractice.home.forms import FindPersonForm, LooksForm
from saferpractice.home.permissions import check_can_gather, sees_looks_at_people
from saferpractice.home.queries import Held, held_about, held_of_reference, looks_about, looks_page, told
from saferpractice.home.queries.answering import gathered_by
from saferpractice.home.rules import Cursor

PAGE = 50


def _answering(request: HttpRequest) -> tuple[Person, datetime]:
    """Who asks, when they answer for the records of the whole provider; else no such page."""
    person, at = person_of(request), clock.now()
    if not sees_looks_at_people(person, at):
        raise Http404
    return person, at


@require_safe
def records(request: HttpRequest) -> HttpResponse:
    """Find the person supported who asks what is held about them."""
    by, at = _answering(request)
    form = FindPersonForm(request.GET or None)
    if form.is_bound and form.is_valid():
        reference = form.cleaned_data["reference"]
        record_look(by=by, at=at, page="records of a person, search", story_id=None, detail=reference)
        found = held_of_reference(by, at, reference)
        if found is not None:
            return redirect("home:person_looks", found.person.pk)
        form.add_error("reference", "You may read nothing about a person with this reference. Check how it is written")
    may_gather = allowed(check_can_gather, by=by, at=at, provider_id=by.provider_id)[0]
    rows = presenters.gathered_rows(gathered_by(by), at) if may_gather else []
    return render(request, "home/records.html", {"form": form, "rows": rows})


def _held(request: HttpRequest, person_id: UUID, page: str, detail: str = "") -> tuple[Held, Person, datetime]:
    """What is held about the person, with the look recorded."""
    by, at = _answering(request)
    held = held_about(by, at, person_id)
    if held is None:
        raise Http404
    record_look(by=by, at=at, page=page, story_id=held.person.pk, detail=detail)
    return held, by, at


@require_safe
def person_looks(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Who has looked at the records about a person, newest first. This look is among them."""
    held, by, at = _held(request, person_id, "who has looked at a person")
    form = LooksForm(request.GET)
    query, after = (form.wanted(), form.query()), Cursor.read(request.GET.get("after", ""))
    rows, more = looks_page(looks_about(held, query[0]), after, PAGE)
    context = {
        "held": held,
        "form": form,
        "rows": presenters.look_rows(told(held, rows)),
        "query": query[1],
        "older": more.text() if more else None,
        "paged": after is not None,
        "may_gather": allowed(check_can_gather, by=by, at=at, provider_id=by.provider_id)[0],
    }
    return render(request, "home/person_looks.html", context)


@require_safe
def person_looks_file(request: HttpRequest, person_id: UUID) -> StreamingHttpResponse:
    """The same looks, all of them, as a file for a spreadsheet."""
    form = LooksForm(request.GET)
    wanted, query = form.wanted(), form.query()
    held, _, at = _held(request, person_id, "who has looked at a person, export", query)
    entries = looks_about(held, wanted).iterator(chunk_size=500)
    name = f"looks-{local_day(at).isoformat()}.csv"
    return csv_response(name, presenters.LOOKS_HEADER, presenters.look_lines(told(held, entries)))
