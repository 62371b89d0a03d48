"""Pages that show supervision: the grid, a worker, the people one supervises."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.access.rules import REPORTS, Role
from saferpractice.access.web import person_of
from saferpractice.assurance.forms.supervision import GridForm
from saferpractice.assurance.permissions.supervision import check_can_arrange, check_can_hold, check_can_say_away
from saferpractice.assurance.presenters import supervision as presenters
from saferpractice.assurance.queries.supervision import (
    Grid,
    GridFilter,
    absences_of,
    cells_of,
    discussions_seen,
    expected_seen,
    grid,
    history_of_worker,
    may_arrange_somebody,
    own_people,
    prompted,
    said_of,
    sees_more_than_own,
    worker_seen,
)
from saferpractice.assurance.rules.supervision import month_after, months_between
from saferpractice.config import clock
from saferpractice.deadlines.rules import local_day
from saferpractice.design.exports import csv_response

WORKS_HERE = REPORTS - {Role.ADMINISTRATOR}
MONTHS_SHOWN = 6


def _somebody(request: HttpRequest) -> tuple[Person, datetime]:
    """Who asks, and when; the pages are not there for whoever does not work in a team or over one."""
    person, at = person_of(request), clock.now()
    if not person.roles_anywhere(at) & WORKS_HERE:
        raise Http404
    return person, at


def _asked(request: HttpRequest, person: Person, at: datetime) -> tuple[Grid, GridForm, GridFilter]:
    """What the grid shows as it was asked for, and the filter with everything there is to choose from."""
    plain = GridForm({"months": request.GET.get("months", "")}).wanted(local_day(at))
    everything = grid(person, at, plain)
    form = GridForm(
        request.GET,
        services=everything.services.values(),
        teams=everything.teams.values(),
        supervisors=[one for pk, one in everything.supervisors.items() if pk in everything.people],
    )
    wanted = form.wanted(local_day(at))
    narrowed = wanted.service_id or wanted.team_id or wanted.supervisor_id
    return grid(person, at, wanted) if narrowed else everything, form, wanted


@require_safe
def supervision(request: HttpRequest) -> HttpResponse:
    """Workers down, months across; the numbers, and who is missing from them."""
    person, at = _somebody(request)
    if not sees_more_than_own(person, at):
        return worker(request, person.pk)
    found, form, wanted = _asked(request, person, at)
    months = months_between(wanted.first, wanted.last)
    whole, this = found.coverage, found.coverage.in_month(wanted.last)
    parts = [(f"{month:%B %Y}", whole.in_month(month)) for month in reversed(months)]
    context = {
        "form": form,
        "months": months,
        "rows": presenters.grid_rows(found, months),
        "lacking": presenters.lacking_rows(found, (*whole.missing, *whole.disputed), person, at),
        "in_months": presenters.coverage_rows(found, parts),
        "in_places": presenters.coverage_rows(found, presenters.by_place(found, this)),
        "this_month": wanted.last,
        "words": presenters.coverage_words(this),
        "query": request.GET.urlencode(),
        "supervises": bool(own_people(person, at)),
        "may_arrange": may_arrange_somebody(person, at),
    }
    return render(request, "assurance/supervision/grid.html", context)


@require_safe
def supervision_file(request: HttpRequest) -> StreamingHttpResponse:
    """The grid as a CSV file: a line for each worker and month."""
    person, at = _somebody(request)
    found, _, _ = _asked(request, person, at)
    return csv_response("supervision", presenters.FILE_HEADER, presenters.file_lines(found))


@require_safe
def my_people(request: HttpRequest) -> HttpResponse:
    """The people one supervises: where this month stands, and what is new to talk about with each."""
    person, at = _somebody(request)
    people, month = own_people(person, at), local_day(at).replace(day=1)
    if not people and not sees_more_than_own(person, at):
        raise Http404
    ids = [one.pk for one in people]
    by_worker = {one.worker: one for one in cells_of(person.provider_id, ids, month, month, at)}
    cards = presenters.people_cards((prompted(one, at), by_worker.get(one.pk)) for one in people)
    group = presenters.record_address(people) if len(people) > 1 else ""
    return render(request, "assurance/supervision/people.html", {"cards": cards, "month": month, "group": group})


@require_safe
def worker(request: HttpRequest, worker_id: UUID) -> HttpResponse:
    """One worker's months, discussions, absences and supervisors; one's own line for a worker."""
    person, at = _somebody(request)
    found = worker_seen(person, at, worker_id)
    if found is None:
        raise Http404
    today = local_day(at)
    first = month_after(today.replace(day=1), 1 - MONTHS_SHOWN)
    discussions = discussions_seen(person, at).filter(worker=found).prefetch_related("points")
    may: dict[str, Any] = {
        name: allowed(check, by=person, at=at, worker=found)[0]
        for name, check in (("hold", check_can_hold), ("away", check_can_say_away), ("arrange", check_can_arrange))
    }
    context = {
        "worker": found,
        "own": found.pk == person.pk,
        "months": presenters.month_rows(cells_of(person.provider_id, [found.pk], first, today, at)),
        "discussions": presenters.discussion_rows(
            discussions.select_related("corrected_by").order_by("-held_on", "-decided_at"), said_of([found.pk])
        ),
        "absences": presenters.absence_rows(absences_of(found), may=may["away"]),
        "supervisors": presenters.supervised_rows(history_of_worker(found)),
        "may": may,
        "record": presenters.record_address([found]),
        "more": sees_more_than_own(person, at),
    }
    return render(request, "assurance/supervision/worker.html", context)


@require_safe
def supervise(request: HttpRequest, expected_id: UUID) -> HttpResponse:
    """From a discussion that is owed to the page where it is written down; for others to the worker's line."""
    person, at = _somebody(request)
    expected = expected_seen(person, expected_id)
    if expected is None or worker_seen(person, at, expected.worker_id) is None:
        raise Http404
    if allowed(check_can_hold, by=person, at=at, worker=expected.worker)[0]:
        return redirect(presenters.record_address([expected.worker]))
    return redirect("assurance:worker", expected.worker_id)
