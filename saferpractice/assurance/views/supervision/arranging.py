"""Pages to say who supervises whom, who is away, and who is owed a discussion."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed, can_manage_people
from saferpractice.access.web import attempt, person_of
from saferpractice.assurance.forms.supervision import (
    AbsenceCorrectionForm,
    AbsenceForm,
    NeedsForm,
    SupervisorForm,
)
from saferpractice.assurance.operations.supervision import (
    correct_absence,
    record_absence,
    set_supervision_needs,
    set_supervisor,
)
from saferpractice.assurance.permissions.supervision import check_can_say_away
from saferpractice.assurance.queries.supervision import (
    absence_of_provider,
    may_arrange_somebody,
    needs_now,
    places_to_arrange,
    supervisors_to_choose,
    worker_of_provider,
)
from saferpractice.assurance.rules.supervision import month_after
from saferpractice.config import clock
from saferpractice.deadlines.rules import local_day
from saferpractice.design.forms import Form


def _arranging(request: HttpRequest) -> tuple[Person, datetime]:
    by, at = person_of(request), clock.now()
    if not may_arrange_somebody(by, at):
        raise Http404
    return by, at


@require_safe
def arrange(request: HttpRequest) -> HttpResponse:
    """Who supervises whom, place by place, and for whom nobody does."""
    by, at = _arranging(request)
    places = [
        {
            "name": place.name,
            "href": reverse("assurance:set_supervisor", args=[place.kind, place.id]),
            "rows": [[one.name, who.name if who else "Nobody"] for one, who in place.people],
            "without": sum(who is None for _, who in place.people),
        }
        for place in places_to_arrange(by, at)
        if place.people
    ]
    context = {"places": places, "may_set": can_manage_people(by, at)}
    return render(request, "assurance/supervision/arrange.html", context)


def set_supervisors(request: HttpRequest, kind: str, place_id: UUID) -> HttpResponse:
    """Say who supervises some or all people of a place."""
    by, at = _arranging(request)
    place = next((one for one in places_to_arrange(by, at) if (one.kind, one.id) == (kind, place_id)), None)
    if place is None or not place.people:
        raise Http404
    workers = [(one, f"Now: {who.name if who else 'nobody'}") for one, who in place.people if one.pk != by.pk]
    form = SupervisorForm(
        request.POST or None,
        now=at,
        workers=workers,
        supervisors=supervisors_to_choose(by, at),
        initial={"from_on": local_day(at), "workers": [str(one.pk) for one, who in place.people if who is None]},
    )
    return _one_form(
        request,
        form,
        lambda: set_supervisor(by=by, at=at, **form.chosen()),
        done="It is set. What is owed this month passes on with it.",
        to=reverse("assurance:arrange"),
        title=f"Who supervises in {place.name}?",
        button="Set this",
    )


def away(request: HttpRequest, worker_id: UUID) -> HttpResponse:
    """Record that somebody is away."""
    by, at = person_of(request), clock.now()
    worker = worker_of_provider(by, worker_id)
    if worker is None or not allowed(check_can_say_away, by=by, at=at, worker=worker)[0]:
        raise Http404
    form = AbsenceForm(request.POST or None)
    return _one_form(
        request,
        form,
        lambda: record_absence(by=by, at=at, worker=worker, **form.cleaned_data),
        done=f"It is on record that {worker.name} is away.",
        to=_line_of(by, at, worker),
        title=f"When is {worker.name} away?",
        button="Record this",
    )


def change_absence(request: HttpRequest, absence_id: UUID) -> HttpResponse:
    """Put other days in the place of those of an absence, or say that it was none."""
    by, at = person_of(request), clock.now()
    absence = absence_of_provider(by, absence_id)
    if absence is None or not allowed(check_can_say_away, by=by, at=at, worker=absence.worker)[0]:
        raise Http404
    initial = {"away": "yes", "from_on": absence.from_on, "until_on": absence.until_on}
    form = AbsenceCorrectionForm(request.POST or None, initial=initial)

    def do() -> object:
        data = form.cleaned_data
        were = data["away"]
        return correct_absence(
            by=by,
            at=at,
            absence=absence,
            from_on=data["from_on"] if were else absence.from_on,
            until_on=data["until_on"] if were else absence.until_on,
            taken_back=not were,
        )

    return _one_form(
        request,
        form,
        do,
        done="It was corrected. The earlier days stay on record.",
        to=_line_of(by, at, absence.worker),
        title=f"Correct when {absence.worker.name} was away",
        button="Correct it",
    )


def needs(request: HttpRequest) -> HttpResponse:
    """Who is owed a discussion each month, from next month on."""
    by, at = person_of(request), clock.now()
    if not can_manage_people(by, at):
        raise Http404
    month = month_after(local_day(at).replace(day=1))
    now = needs_now(by.provider_id, month)
    initial = {"roles": sorted(now.roles), "fewest_days": now.fewest_days, "joiner_days": now.joiner_days}
    form = NeedsForm(request.POST or None, initial=initial)
    return _one_form(
        request,
        form,
        lambda: set_supervision_needs(by=by, at=at, provider=by.provider, needs=form.needs()),
        done=f"It holds from {month:%B %Y} on.",
        to=reverse("assurance:arrange"),
        title="Who is owed supervision",
        button="Set this",
        lead=f"It holds from {month:%B %Y} on. Months before are counted as they were asked for.",
    )


def _line_of(by: Person, at: datetime, worker: Person) -> str:
    """Where ``by`` goes on: the worker's line, or for an administrator the list of who supervises whom."""
    if can_manage_people(by, at):
        return reverse("assurance:arrange")
    return reverse("assurance:worker", args=[worker.pk])


def _one_form(
    request: HttpRequest, form: Form, do: Callable[[], object], *, done: str, to: str, **page: Any
) -> HttpResponse:
    """One form, one operation: run it when sent and valid, else show the form again with everything kept."""
    if request.method == "POST" and form.is_valid() and attempt(form, do) is not None:
        messages.success(request, done)
        return redirect(to)
    return render(request, "assurance/supervision/form.html", {"form": form, "to": to, **page})
