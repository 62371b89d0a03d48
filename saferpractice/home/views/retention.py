"""How long records are kept: the schedule, what has had its time, and holds."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from saferpractice.access.looks import record_look
from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.access.queries import teams_covered
from saferpractice.access.rules import SENIOR
from saferpractice.access.web import attempt, person_of, status_of
from saferpractice.config import clock
from saferpractice.deadlines.rules import day_label, local_day
from saferpractice.design.exports import csv_response
from saferpractice.home import operations
from saferpractice.home.forms import EndHoldForm, HoldForm, KeptForm
from saferpractice.home.models import RetentionHold
from saferpractice.home.permissions import check_can_retain, sees_schedule
from saferpractice.home.presenters import retention as shown
from saferpractice.home.queries import holding, retention
from saferpractice.home.rules import Cursor
from saferpractice.home.rules.retention import LISTED, HoldKind
from saferpractice.incidents.permissions import check_can_open
from saferpractice.lists.permissions import can_see_lists
from saferpractice.lists.queries import choices, versions
from saferpractice.lists.rules.retention import LIST
from saferpractice.trail.operations import twice_at_once

PAGE = 25
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def _retains(person: Person, at: datetime) -> bool:
    return allowed(check_can_retain, by=person, at=at, provider_id=person.provider_id)[0]


def retaining(request: HttpRequest) -> tuple[Person, datetime]:
    """Who asks, when they decide how long records are kept; else no such page.

    Raises:
        Http404: they do not.
    """
    person, at = person_of(request), clock.now()
    if not _retains(person, at):
        raise Http404
    return person, at


@require_safe
def schedule(request: HttpRequest) -> HttpResponse:
    """For how long records are kept, on what basis, and what happens then. Names no record."""
    person, at = person_of(request), clock.now()
    if not sees_schedule(person, at):
        raise Http404
    day = local_day(at)
    found = [one for one in versions(LIST, provider_id=person.provider_id, on=day) if one.in_force]
    context = {
        "kinds": shown.schedule_shown(found, can_see_lists(person, at)),
        "day": day_label(day),
        "retains": _retains(person, at),
    }
    return render(request, "home/schedule.html", context)


def _over(request: HttpRequest, person: Person, at: datetime) -> tuple[KeptForm, dict[str, str]]:
    labels = {one.code: one.label for one in choices(LIST, provider_id=person.provider_id, on=local_day(at))}
    teams = teams_covered(person, at, SENIOR)
    kinds = [(code, label) for code, label in labels.items() if code in LISTED]
    return KeptForm(request.GET, teams=teams, kinds=kinds), labels


@require_safe
def times_over(request: HttpRequest) -> HttpResponse:
    """The records whose time is over, of those one may read, the oldest first."""
    person, at = retaining(request)
    form, labels = _over(request, person, at)
    wanted, query = form.wanted(), form.query()
    record_look(by=person, at=at, page="records whose time is over", story_id=None, detail=query)
    after = Cursor.read(request.GET.get("after", ""))
    rows, more = retention.times_over_page(person, at, wanted, after, PAGE)
    context = {
        "form": form,
        "state": wanted.state,
        "rows": shown.over_rows(rows, labels),
        "query": query,
        "next": more.text() if more else None,
        "paged": after is not None,
    }
    return render(request, "home/times_over.html", context)


@require_safe
def times_over_file(request: HttpRequest) -> StreamingHttpResponse:
    """The same list, all of it, as a file for a spreadsheet."""
    person, at = retaining(request)
    form, labels = _over(request, person, at)
    wanted = form.wanted()
    record_look(by=person, at=at, page="records whose time is over, export", story_id=None, detail=form.query())
    found = retention.times_over(person, at, wanted)
    return csv_response(shown.file_name(at), shown.OVER_HEADER, shown.over_lines(found, labels))


@require_safe
def holds(request: HttpRequest) -> HttpResponse:
    """The holds on records one may read."""
    person, at = retaining(request)
    record_look(by=person, at=at, page="holds", story_id=None)
    return render(request, "home/holds.html", {"rows": shown.hold_rows(holding.holds_seen(person, at))})


@get_or_post
def place_hold(request: HttpRequest) -> HttpResponse:
    """Keep records whatever their age."""
    person, at = retaining(request)
    form = HoldForm(request.POST or None, initial={"submission_key": uuid4().hex})
    if request.method == "POST" and form.is_valid():
        made = _placed(form, person, at) if _named(form, person, at) else None
        if made is not None:
            messages.success(request, "The hold stands. What it keeps is not due for disposal until it is ended.")
            return redirect("home:hold", made.pk)
    return render(request, "home/place_hold.html", {"form": form}, status=status_of(form))


def _named(form: HoldForm, person: Person, at: datetime) -> bool:
    """Whether what was typed names records that ``person`` may read. What it names goes into the form's data."""
    data = form.cleaned_data
    if data["what"] == "incident":
        record_look(by=person, at=at, page="hold, search", story_id=None, detail=data["incident"])
        data["found"] = holding.incident_named(person, at, data["incident"])
        if data["found"] is None:
            form.add_error("incident", "There is no such incident among those you may read. Check its number")
    elif data["what"] == "person":
        record_look(by=person, at=at, page="person supported, search", story_id=None, detail=data["person"])
        data["found"] = holding.person_named(person, at, data["person"])
        if data["found"] is None:
            form.add_error("person", "You may read nothing about a person with this reference. Check how it is written")
    return not form.errors


def _placed(form: HoldForm, person: Person, at: datetime) -> RetentionHold | None:
    data = form.cleaned_data
    found = data.get("found")
    return attempt(
        form,
        lambda: twice_at_once(
            lambda: operations.place_hold(
                by=person,
                at=at,
                provider=person.provider,
                incident=found if data["what"] == "incident" else None,
                person_supported=found if data["what"] == "person" else None,
                kind=HoldKind(data["kind"]),
                reason=data["reason"],
                submission_key=data["submission_key"],
            )
        ),
    )


@get_or_post
def hold(request: HttpRequest, hold_id: UUID) -> HttpResponse:
    """One hold. POST ends it."""
    person, at = retaining(request)
    found = holding.hold_seen(person, at, hold_id)
    if found is None:
        raise Http404
    record_look(
        by=person, at=at, page="hold", story_id=found.incident_id or found.person_supported_id, detail=str(found.pk)
    )
    form = EndHoldForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        ended = attempt(
            form,
            lambda: twice_at_once(lambda: operations.end_hold(by=person, at=at, hold=found, **form.cleaned_data)),
        )
        if ended is not None:
            messages.success(request, "The hold is ended.")
            return redirect(reverse("home:holds"))
    context = {
        "form": form,
        "rows": shown.hold_summary(found),
        "stands": not hasattr(found, "end"),
        "incident": found.incident
        if found.incident is not None and allowed(check_can_open, by=person, at=at, incident=found.incident)[0]
        else None,
    }
    return render(request, "home/hold.html", context)
