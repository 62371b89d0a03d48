"""Pages across the loop."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from saferpractice import __version__
from saferpractice.access.looks import record_look
from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed, can_manage_people
from saferpractice.access.queries import teams_covered
from saferpractice.access.rules import SEES_INCIDENTS_OF_PLACE, SENIOR, Role
from saferpractice.access.web import person_of
from saferpractice.config import clock
from saferpractice.deadlines.queries import gaps_of
from saferpractice.deadlines.rules import local_day
from saferpractice.design.exports import csv_response
from saferpractice.evidence.queries.commissioning import is_commissioner
from saferpractice.evidence.queries.inspections import inspections_of
from saferpractice.files.serving import as_download
from saferpractice.home import presenters
from saferpractice.home.forms import IncidentsForm, SaveViewForm, TrackerForm, asked_of_tracker
from saferpractice.home.health import check_health
from saferpractice.home.models import LONGEST_VIEW, DisposalProposal
from saferpractice.home.panels import panels_of, reporter_lines
from saferpractice.home.permissions import check_can_retain
from saferpractice.home.queries import (
    MOST_COUNTED,
    at_risk_now,
    file_of_provider,
    filtered,
    flags,
    incident_of,
    looks_at,
    my_first,
    owners_seen,
    page_of,
    story_obligations,
    story_of,
    to_do,
    tracked,
    with_audit_answers,
)
from saferpractice.home.queries.disposals import waiting_for
from saferpractice.home.rules import Cursor, Sort
from saferpractice.home.views_kept import keep_view
from saferpractice.home.where import address_for
from saferpractice.incidents import drafts
from saferpractice.incidents.looking import open_incident
from saferpractice.incidents.permissions import check_can_open, check_can_report_somewhere, check_can_see_reporter
from saferpractice.incidents.queries import (
    corrections_of_reporter,
    incident_reported_by,
    newest_visible,
    reports_of,
    withdrawal_of,
)
from saferpractice.incidents.search import matching
from saferpractice.lists.queries import choices

PAGE = 25
TOLD_OF_HEALTH = SEES_INCIDENTS_OF_PLACE | {Role.ADMINISTRATOR}
"""Who is warned when deadlines are not being watched: those who must act on them, and who can have it mended."""


@login_not_required
@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """What this is, before sign-in; the way to one's work, after."""
    if request.user.is_authenticated:
        return redirect("home:my_work")
    return render(request, "home/front.html", {"version": __version__})


@login_not_required
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """What to do first, and what the words mean. For everybody, signed in or not."""
    return render(request, "home/help.html")


@login_not_required
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """What is known of who can use these pages, and what is not. For everybody, signed in or not."""
    return render(request, "home/accessibility.html")


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. Says nothing else."""
    return JsonResponse({"status": "up"})


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers and the worker is alive and on time; 503 with the reason when not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        health = check_health(clock.now())
    except DatabaseError:
        return JsonResponse({"status": "the database does not answer"}, status=503)
    return JsonResponse({"status": health.sentence}, status=200 if health.well else 503)


@require_safe
def my_work(request: HttpRequest) -> HttpResponse:
    """What the person must do, soonest first, and what became of what they reported."""
    person, at = person_of(request), clock.now()
    work, held = my_first(person, at), person.roles_anywhere(at)
    mine = list(reports_of(person)[:6])
    context = {
        "person": person,
        "now": at,
        "roles": [role.label for role in Role if role in held],
        "at_risk": at_risk_now(person, at),
        "here": reverse("home:my_work"),
        "flags": presenters.flags_shown(flags(person, at), at),
        "late": presenters.counted([one for one in work if one.due_at < at], MOST_COUNTED),
        "open": presenters.counted(work, MOST_COUNTED),
        "rows": presenters.work_rows(work[:PAGE], at),
        "more": len(work) > PAGE,
        "drafts": drafts.drafts_of(person=person, at=at),
        "mine": mine[:5],
        "more_mine": len(mine) > 5,
        "outside": bool(held) and held <= {Role.COMMISSIONER, Role.INSPECTOR},
        "inspections": inspections_of(person, at),
        "commissions": is_commissioner(person, at),
        "disposals": presenters.waiting_disposals(_to_decide(person, at)),
        "may_report": allowed(check_can_report_somewhere, by=person, at=at)[0],
        "health": check_health(at) if held & TOLD_OF_HEALTH else None,
        "gaps": gaps_of(person.provider, at) if can_manage_people(person, at) else (),
    }
    return render(request, "home/my_work.html", context)


def _to_decide(person: Person, at: datetime) -> list[DisposalProposal]:
    """The disposals that wait for somebody like ``person`` to decide."""
    may = allowed(check_can_retain, by=person, at=at, provider_id=person.provider_id)[0]
    return waiting_for(person, at) if may else []


def _sees_a_list(person: Person, at: datetime) -> bool:
    return bool(person.roles_anywhere(at) & (SEES_INCIDENTS_OF_PLACE | {Role.REVIEWER}))


@require_safe
def incidents(request: HttpRequest) -> HttpResponse:
    """The incidents the person may open, newest first; searched by words."""
    person, at = person_of(request), clock.now()
    if not _sees_a_list(person, at):
        raise Http404
    themes = [(c.code, c.label) for c in choices("themes", provider_id=person.provider_id, on=local_day(at))]
    form = IncidentsForm(request.GET, teams=teams_covered(person, at, SEES_INCIDENTS_OF_PLACE), themes=themes)
    form.is_valid()
    data = form.cleaned_data
    found = newest_visible(person, at)
    if data.get("q"):
        found = matching(found, data["q"])
    if data.get("theme"):
        found = found.filter(theme_rows__theme=data["theme"])
    if data.get("team"):
        found = found.filter(team=data["team"])
    if data.get("risk"):
        found = found.exclude(still_at_risk="no")
    after = Cursor.read(request.GET.get("after", ""))
    if after is not None:
        found = found.filter(recorded_at__lte=after.moment).exclude(recorded_at=after.moment, pk__gte=after.id)
    rows = list(found[: PAGE + 1])
    more = Cursor(rows[PAGE - 1].recorded_at, rows[PAGE - 1].pk).text() if len(rows) > PAGE else None
    record_look(by=person, at=at, page="incidents list", story_id=None, detail=f"{len(rows[:PAGE])} shown")
    context = {
        "form": form,
        "rows": presenters.incident_rows(rows[:PAGE]),
        "searched": bool(data.get("q") or data.get("theme") or data.get("team") or data.get("risk")),
        "older": more,
        "paged": after is not None,
    }
    return render(request, "home/incidents.html", context)


@require_safe
def incident(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """One incident whole: every stage in the order of the loop, what is owed, and its story."""
    person, at = person_of(request), clock.now()
    found = open_incident(by=person, at=at, incident_id=incident_id, page="incident")
    owed = list(story_obligations(found))
    context = {
        "incident": found,
        "now": at,
        "panels": panels_of(incident=found, by=person, at=at),
        "owed": presenters.work_rows([one for one in owed if one.met_at is None and one.cancelled_at is None], at),
        "settled": presenters.tracker_rows([one for one in owed if one.met_at or one.cancelled_at], at),
        "story": presenters.story_of(story_of(found)),
        "may_see_looks": bool(person.roles(found.team.place, at) & SENIOR),
    }
    return render(request, "home/incident.html", context)


@require_safe
def looks(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Who has looked at an incident; for the safeguarding lead, the quality lead and directors."""
    person, at = person_of(request), clock.now()
    found = open_incident(by=person, at=at, incident_id=incident_id, page="who has looked")
    if not person.roles(found.team.place, at) & SENIOR:
        raise Http404
    hide = None if allowed(check_can_see_reporter, by=person, at=at, incident=found)[0] else found.reporter_id
    entries = looks_at(found, hide=hide if found.name_withheld else None)
    return render(request, "home/looks.html", {"incident": found, "entries": entries})


@require_safe
def my_report(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """What became of a report, a line for each stage, for whoever made it. Nothing that is not theirs."""
    person, at = person_of(request), clock.now()
    found = incident_reported_by(person, incident_id)
    if found is None:
        raise Http404
    record_look(by=person, at=at, page="my report", story_id=found.pk)
    context = {
        "incident": found,
        "lines": reporter_lines(found),
        "withdrawn": withdrawal_of(found) is not None,
        "corrections": corrections_of_reporter(found),
        "may_open": allowed(check_can_open, by=person, at=at, incident=found)[0],
    }
    return render(request, "home/my_report.html", context)


@require_safe
def my_reports(request: HttpRequest) -> HttpResponse:
    """Everything the person reported, newest first."""
    person = person_of(request)
    found = reports_of(person)
    after = Cursor.read(request.GET.get("after", ""))
    if after is not None:
        found = found.filter(recorded_at__lte=after.moment).exclude(recorded_at=after.moment, pk__gte=after.id)
    rows = list(found[: PAGE + 1])
    more = Cursor(rows[PAGE - 1].recorded_at, rows[PAGE - 1].pk).text() if len(rows) > PAGE else None
    return render(request, "home/my_reports.html", {"mine": rows[:PAGE], "older": more})


def _must_have_a_tracker(person: Person, at: datetime) -> None:
    if not allowed(check_can_report_somewhere, by=person, at=at)[0]:
        raise Http404


def _tracker(person: Person, at: datetime, asked: QueryDict) -> tuple[TrackerForm, Any, Sort]:
    _must_have_a_tracker(person, at)
    teams = teams_covered(person, at, frozenset(Role))
    form = TrackerForm(asked, teams=teams, owners=owners_seen(person, at))
    wanted = form.wanted()
    return form, with_audit_answers(filtered(tracked(person, at), wanted, at)), wanted.sort


@require_safe
def tracker(request: HttpRequest) -> HttpResponse:
    """Everything that has an owner and a deadline, late first (R35)."""
    person, at = person_of(request), clock.now()
    return _tracker_page(request, person, at, request.GET, None)


def _tracker_page(
    request: HttpRequest, person: Person, at: datetime, asked: QueryDict, save_form: SaveViewForm | None
) -> HttpResponse:
    form, found, sort = _tracker(person, at, asked)
    after = Cursor.read(asked.get("after", ""))
    rows, more = page_of(found, sort, after)
    query = asked_of_tracker(asked.urlencode()).urlencode()
    context = {
        "form": form,
        "rows": presenters.tracker_rows(rows, at),
        "next": more.text() if more else None,
        "paged": after is not None,
        "query": query,
        "views": list(person.saved_views.all()),
        "save_form": save_form or SaveViewForm(initial={"query": query}),
    }
    return render(request, "home/tracker.html", context)


@require_safe
def tracker_file(request: HttpRequest) -> StreamingHttpResponse:
    """The tracker as shown, all its rows, as a file for a spreadsheet."""
    person, at = person_of(request), clock.now()
    _, found, _ = _tracker(person, at, request.GET)
    record_look(by=person, at=at, page="tracker export", story_id=None, detail=request.GET.urlencode())
    base = settings.BASE_URL.rstrip("/")
    lines = presenters.tracker_lines(found.iterator(chunk_size=500), at, base)
    return csv_response(f"tracker-{local_day(at).isoformat()}.csv", presenters.TRACKER_HEADER, lines)


@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    """Name the view shown; the same name again replaces it."""
    person, at = person_of(request), clock.now()
    _must_have_a_tracker(person, at)
    form = SaveViewForm(request.POST)
    asked = asked_of_tracker(request.POST.get("query", ""))
    if len(asked.urlencode()) > LONGEST_VIEW:
        form.add_error(None, "This view asks for too much to be kept. Search for fewer words, then save it.")
    if not form.is_valid():
        return _tracker_page(request, person, at, asked, form)
    keep_view(person=person, name=form.cleaned_data["name"], query=asked.urlencode(), at=at)
    messages.success(request, "The view was saved.")
    return redirect(f"{reverse('home:tracker')}?{asked.urlencode()}")


@require_POST
def forget_view(request: HttpRequest, view_id: UUID) -> HttpResponse:
    """Forget a saved view."""
    person, at = person_of(request), clock.now()
    _must_have_a_tracker(person, at)
    gone, _ = person.saved_views.filter(pk=view_id).delete()
    if not gone:
        raise Http404
    messages.success(request, "The view was removed.")
    return redirect("home:tracker")


@require_safe
def go(request: HttpRequest, obligation_id: UUID) -> HttpResponse:
    """From a piece of work to the page where it is done."""
    person, at = person_of(request), clock.now()
    found = tracked(person, at).filter(pk=obligation_id).first() or to_do(person, at).filter(pk=obligation_id).first()
    if found is None:
        raise Http404
    return redirect(address_for(person, at, found, incident_of(found)))


@require_safe
def file(request: HttpRequest, file_id: UUID) -> FileResponse:
    """A file of an incident, always as a download: nothing a person uploaded runs in the page."""
    person, at = person_of(request), clock.now()
    found = file_of_provider(person, file_id)
    if found is None:
        raise Http404
    if found.story_id is not None:
        open_incident(by=person, at=at, incident_id=found.story_id, page=f"file {found.name}"[:100])
    elif found.uploaded_by_id != person.pk and not _sees_a_list(person, at):
        raise Http404
    return as_download(found)
