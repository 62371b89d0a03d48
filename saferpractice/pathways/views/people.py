"""The care record page of a person supported, and beginning a case by the first thing written down."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from saferpractice.access.looks import record_look
from saferpractice.access.models import Person
from saferpractice.access.web import attempt, person_of
from saferpractice.config import clock
from saferpractice.deadlines.rules import local_day
from saferpractice.incidents.queries import characteristics_of, groups_recorded
from saferpractice.incidents.rules import kept_reference
from saferpractice.pathways import operations, presenters
from saferpractice.pathways.forms import BeginForm, CharacteristicsForm, PersonSearchForm
from saferpractice.pathways.models import PathwayVersion
from saferpractice.pathways.queries import (
    case_to_tick,
    cases_seen,
    definition_of_version,
    in_use,
    incident_to_open_from,
    last_ticked,
    latest_case_on,
    person_known,
    person_named,
    team_of_person,
    teams_to_begin_in,
)


def _worker(request: HttpRequest) -> tuple[Person, datetime]:
    """Who asks, when they work in or for a team; else no such page."""
    person, at = person_of(request), clock.now()
    if not teams_to_begin_in(person, at).exists():
        raise Http404
    return person, at


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Find a person supported by reference; one not known here can be begun with."""
    person, at = _worker(request)
    form = PersonSearchForm(request.GET or None)
    reference = ""
    if form.is_bound and form.is_valid():
        reference = kept_reference(form.cleaned_data["reference"])
        record_look(by=person, at=at, page="person supported, search", story_id=None, detail=reference)
        found = person_named(person, at, reference)
        if found is not None:
            return redirect("pathways:person", found.pk)
    context = {
        "form": form,
        "reference": reference,
        "tiles": presenters.tiles(person, at, reference) if reference else [],
    }
    return render(request, "pathways/people.html", context)


@require_safe
def person(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """One person supported: the cases on them, and each pathway in use with last time's answers."""
    by, at = _worker(request)
    found = person_known(by, at, person_id)
    if found is None:
        raise Http404
    record_look(by=by, at=at, page="person supported", story_id=found.pk)
    cases = list(cases_seen(by, at).filter(person_supported=found))
    context = {
        "person_supported": found,
        "tiles": presenters.tiles(by, at, found.reference),
        "rows": presenters.case_rows(cases),
        "may_record": bool(groups_recorded(by.provider_id, local_day(at))),
    }
    return render(request, "pathways/person.html", context)


def characteristics(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """What is recorded of a person for the equity view; the look is recorded as such."""
    by, at = _worker(request)
    found = person_known(by, at, person_id)
    groups = groups_recorded(by.provider_id, local_day(at))
    if found is None or not groups:
        raise Http404
    record_look(by=by, at=at, page="characteristics of a person", story_id=found.pk)
    recorded = characteristics_of([found.pk]).get(found.pk, {})
    form = CharacteristicsForm(
        request.POST or None, groups=groups, initial={what.value: code for what, code in recorded.items()}
    )
    if request.method == "POST" and form.is_valid():
        done = attempt(
            form,
            lambda: operations.record_characteristics(by=by, at=at, person=found, answers=form.answers()),
        )
        if done is not None:
            messages.success(request, "What is recorded of this person was saved.")
            return redirect("pathways:person", found.pk)
    return render(request, "pathways/characteristics.html", {"form": form, "person_supported": found})


def begin(request: HttpRequest, pathway: str) -> HttpResponse:
    """The first thing written down about somebody on a pathway: it opens the case (``?person=``, ``?incident=``)."""
    by, at = _worker(request)
    version = next((one for one in in_use(by.provider_id, at) if one.pathway == pathway), None)
    if version is None:
        raise Http404
    incident = incident_to_open_from(by, at, request.GET.get("incident", ""))
    reference = kept_reference(request.GET.get("person", ""))
    if incident is not None and incident.person_supported is not None:
        reference = incident.person_supported.reference
    if reference and incident is None and request.method != "POST":
        standing = case_to_tick(by, at, reference, pathway)
        if standing is not None:
            return redirect("pathways:write", standing.pk, definition_of_version(version).begins_with.id)
    record_look(by=by, at=at, page="pathway, beginning", story_id=incident.pk if incident else None, detail=reference)
    form = _form(request, by, at, version, reference)
    if request.method == "POST" and form.is_valid() and ("unfinished" in request.POST or not form.say_what_lacks()):
        record = attempt(
            form,
            lambda: operations.send_beginning(
                by=by,
                at=at,
                team=form.team(),
                version=version,
                person_reference=form.reference(),
                happened_at=form.moment(at),
                values=form.values(),
                submission_key=form.cleaned_data["submission_key"],
                incident=incident,
            ),
        )
        if record is not None:
            messages.success(request, presenters.written(record, at))
            return redirect("pathways:case", record.case_id)
    context = {
        "form": form,
        "version": version,
        "kind": form.kind,
        "reference": reference,
        "incident": incident,
        "known": person_named(by, at, reference) if reference else None,
        "last": presenters.last_time(last_ticked(latest_case_on(by, at, reference, pathway))) if reference else None,
    }
    return render(request, "pathways/begin.html", context)


def _form(request: HttpRequest, by: Person, at: datetime, version: PathwayVersion, reference: str) -> BeginForm:
    definition = definition_of_version(version)
    teams = teams_to_begin_in(by, at)
    initial = {
        "submission_key": uuid4().hex,
        "team": team_of_person(by, at, reference, teams),
        "happened_at": None if definition.begins_with.ticks else at,
    }
    return BeginForm(
        request.POST or None,
        definition=definition,
        kind=definition.begins_with,
        teams=teams,
        reference=reference,
        now=at,
        initial=initial,
    )
