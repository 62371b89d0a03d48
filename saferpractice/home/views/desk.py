"""The duty desk: what needs a decision today, kept fresh without getting in the way."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from saferpractice.access.looks import record_look
from saferpractice.access.models import Person
from saferpractice.access.web import back_to, person_of
from saferpractice.config import clock
from saferpractice.deadlines import operations
from saferpractice.deadlines.permissions import can_see_cover
from saferpractice.deadlines.rules import local_day
from saferpractice.design.exports import csv_response
from saferpractice.home import presenters
from saferpractice.home.forms import DeskForm
from saferpractice.home.health import check_health
from saferpractice.home.queries import DESK, desk, desk_teams, escalation_told, flags, has_desk

REFRESH_SECONDS = 30


def _decider(request: HttpRequest, at: datetime) -> Person:
    """Whoever asks, when they decide somewhere; to everybody else there is no such page."""
    person = person_of(request)
    if not has_desk(person, at):
        raise Http404
    return person


def _shown(request: HttpRequest, person: Person, at: datetime) -> dict[str, Any]:
    form = DeskForm(request.GET, teams=desk_teams(person, at))
    found, query = desk(person, at, form.wanted()), form.query()
    back = reverse("home:duty") + (f"?{query}" if query else "")
    return {
        "form": form,
        "now": at,
        "query": query,
        "rows": presenters.desk_rows(found, person, at, back),
        "late": sum(one.obligation.due_at < at for one in found),
        "at_risk": sum(one.weight.still_at_risk for one in found),
        "escalated": sum(one.told is not None for one in found),
        "narrowed": bool(query),
        "flags": presenters.flags_shown(flags(person, at), at),
        "health": check_health(at),
        "here": back,
    }


@require_safe
def duty(request: HttpRequest) -> HttpResponse:
    """What needs a decision today in the places where one decides, the gravest first."""
    at = clock.now()
    person = _decider(request, at)
    record_look(by=person, at=at, page="duty desk", story_id=None)
    context = _shown(request, person, at) | {
        "roles": [role.label for role in person.roles_anywhere(at) if role in DESK],
        "every": REFRESH_SECONDS,
        "arranges": can_see_cover(person, at),
    }
    return render(request, "home/duty.html", context)


@require_safe
def duty_rows(request: HttpRequest) -> HttpResponse:
    """The part of the desk that a page already open asks for again: the same look goes on, so none is recorded."""
    at = clock.now()
    person = _decider(request, at)
    return render(request, "home/duty_rows.html", _shown(request, person, at))


@require_safe
def duty_file(request: HttpRequest) -> StreamingHttpResponse:
    """The desk as shown, as a file for a spreadsheet."""
    at = clock.now()
    person = _decider(request, at)
    form = DeskForm(request.GET, teams=desk_teams(person, at))
    found = desk(person, at, form.wanted())
    record_look(by=person, at=at, page="duty desk export", story_id=None, detail=form.query())
    lines = presenters.desk_lines(found, at)
    return csv_response(f"duty-{local_day(at).isoformat()}.csv", presenters.DESK_HEADER, lines)


@require_POST
def seen(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """Say that one has seen an escalation; back to the page where it was shown."""
    person, at = person_of(request), clock.now()
    found = escalation_told(person, escalation_id)
    if found is None:
        raise Http404
    operations.see_escalation(by=person, at=at, escalation=found)
    return redirect(back_to(request, request.POST.get("back", ""), otherwise=reverse("home:my_work")))
