"""Pages of pathways: how practice works in plain English, and the cases worked by it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from saferpractice.access.looks import record_look
from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.access.web import attempt, person_of
from saferpractice.config import clock
from saferpractice.deadlines.rules import local_day
from saferpractice.design.exports import csv_response
from saferpractice.pathways import operations, presenters
from saferpractice.pathways.forms import CasesFilterForm, CloseForm, OpenCaseForm, RecordForm, ValuesForm, initial_of
from saferpractice.pathways.models import PathwayCase, PathwayCases
from saferpractice.pathways.permissions import (
    can_read_pathways,
    check_can_close,
    check_can_put_in_use,
    check_can_set_values,
    check_can_write,
)
from saferpractice.pathways.queries import (
    case_of_owed,
    case_seen,
    cases_seen,
    definition_of,
    filtered,
    in_use,
    incident_to_open_from,
    library,
    record_on,
    record_values,
    records_newest_first,
    service_to_set,
    services_of,
    state_of,
    teams_worked_in,
    ticked_last,
    values_of,
    versions_in_use,
)
from saferpractice.pathways.rules.definition import RecordKind
from saferpractice.pathways.rules.engine import local_values as engine_values

PAGE = 50


def _reader(request: HttpRequest, at: datetime) -> Person:
    person = person_of(request)
    if not can_read_pathways(person, at):
        raise Http404
    return person


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Every pathway there is, and which are in use."""
    at = clock.now()
    person = _reader(request, at)
    context = {
        "rows": presenters.index_rows(library().values(), in_use(person.provider_id, at)),
        "works": teams_worked_in(person, at).exists(),
    }
    return render(request, "pathways/index.html", context)


@require_GET
def one(request: HttpRequest, pathway: str) -> HttpResponse:
    """One pathway, part by part, in the product's own words."""
    at = clock.now()
    person, found = _reader(request, at), library().get(pathway)
    if found is None:
        raise Http404
    used = next((version for version in in_use(person.provider_id, at) if version.pathway == pathway), None)
    may, why_not = allowed(check_can_put_in_use, by=person, at=at, provider_id=person.provider_id)
    context = {
        "pathway": found,
        "parts": presenters.parts(found),
        "used": used,
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
    version = operations.put_in_use(by=person, at=at, provider=person.provider, definition=found)
    messages.success(request, f"“{version.title}” is in use, version {version.number}.")
    return redirect("pathways:one", pathway)


def local_values(request: HttpRequest, pathway: str, service_id: UUID) -> HttpResponse:
    """Set what a service may choose on a pathway."""
    person, at = person_of(request), clock.now()
    found, service = library().get(pathway), service_to_set(person, service_id)
    if found is None or service is None or not found.local:
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


def _listed(request: HttpRequest, at: datetime) -> tuple[Person, CasesFilterForm, PathwayCases]:
    person = person_of(request)
    if not teams_worked_in(person, at).exists():
        raise Http404
    pathways = [(version.pathway, version.title) for version in in_use(person.provider_id, at)]
    form = CasesFilterForm(request.GET or None, pathways=pathways)
    wanted = form.cleaned_data if form.is_valid() else {}
    return person, form, filtered(cases_seen(person, at), **wanted)


@require_GET
def cases(request: HttpRequest) -> HttpResponse:
    """The cases of the teams one works in, newest first."""
    at = clock.now()
    _, form, found = _listed(request, at)
    shown = list(found[: PAGE + 1])
    context = {
        "form": form,
        "rows": presenters.case_rows(shown[:PAGE]),
        "more": len(shown) > PAGE,
        "narrowed": form.is_bound and form.has_changed(),
        "query": request.GET.urlencode(),
    }
    return render(request, "pathways/cases.html", context)


@require_GET
def cases_file(request: HttpRequest) -> StreamingHttpResponse:
    """The same list as a spreadsheet file."""
    at = clock.now()
    person, _, found = _listed(request, at)
    record_look(by=person, at=at, page="cases as a file", story_id=None)
    return csv_response(f"cases-{local_day(at).isoformat()}", presenters.CASES_HEADER, presenters.case_lines(found))


def new_case(request: HttpRequest) -> HttpResponse:
    """Open a case of a person supported, by itself or from an incident (``?incident=``)."""
    person, at = person_of(request), clock.now()
    teams = teams_worked_in(person, at)
    if not teams.exists():
        raise Http404
    incident = incident_to_open_from(person, at, request.GET.get("incident", ""))
    first = {"submission_key": uuid4().hex, "team": teams.first() if teams.count() == 1 else None}
    if incident is not None:
        reference = incident.person_supported.reference if incident.person_supported else ""
        first |= {"team": incident.team, "person_reference": reference}
    form = OpenCaseForm(
        request.POST or None, versions=versions_in_use(person.provider_id, at), teams=teams, initial=first
    )
    if request.method == "POST" and form.is_valid():
        case = attempt(form, lambda: operations.open_case(by=person, at=at, incident=incident, **form.cleaned_data))
        if case is not None:
            return redirect("pathways:case", case.pk)
    return render(request, "pathways/new_case.html", {"form": form, "incident": incident})


def _case(request: HttpRequest, case_id: UUID, page: str) -> tuple[Person, datetime, PathwayCase]:
    """The case, with the look recorded; the same "no such page" for "not yours" and "not there"."""
    person, at = person_of(request), clock.now()
    found = case_seen(person, at, case_id)
    if found is None:
        raise Http404
    record_look(by=person, at=at, page=page, story_id=found.pk)
    return person, at, found


@require_GET
def case(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """One case: what must be done now, what can be written down, and everything that was."""
    person, at, found = _case(request, case_id, "pathway case")
    return render(request, "pathways/case.html", _shown(person, at, found) | {"close_form": CloseForm()})


def _shown(person: Person, at: datetime, found: PathwayCase) -> dict[str, Any]:
    definition, state = definition_of(found), state_of(found, at)
    ways = presenters.to_write(found, definition, person, at)
    may = {way.kind.id for way in ways if way.may}
    open_ = not hasattr(found, "closing")
    may_close, why_not = allowed(check_can_close, by=person, at=at, case=found)
    if may_close and not state.may_close:
        may_close, why_not = False, state.why_not_close
    return {
        "case": found,
        "definition": definition,
        "open": open_,
        "owed": presenters.owed_shown(state, found) if open_ else [],
        "before": presenters.owed_before(state, found),
        "ways": ways if open_ else [],
        "timeline": presenters.timeline(
            list(records_newest_first(found)), found, definition, state, may if open_ else set()
        ),
        "next_step": state.next_step,
        "may_close": may_close,
        "why_not_close": why_not,
    }


def write(request: HttpRequest, case_id: UUID, kind: str) -> HttpResponse:
    """Write something down on a case: a checklist, a note, a decision."""
    person, at, found = _case(request, case_id, "pathway record")
    made = _kind_to_write(person, at, found, kind)
    first = initial_of(made, ticked_last(found, made), at) | {"submission_key": uuid4().hex}
    form = _form(request, found, kind, at, initial=first)
    if request.method == "POST" and form.is_valid() and _may_be_saved(request, form):
        record = attempt(
            form,
            lambda: operations.send_record(
                by=person,
                at=at,
                case=found,
                kind=kind,
                happened_at=form.cleaned_data["happened_at"],
                values=form.values(),
                submission_key=form.cleaned_data["submission_key"],
            ),
        )
        if record is not None:
            messages.success(request, f"Written down: {made.label}.")
            return redirect("pathways:case", found.pk)
    return render(request, "pathways/write.html", {"form": form, "case": found, "kind": made, "correcting": False})


def correct(request: HttpRequest, case_id: UUID, record_id: UUID) -> HttpResponse:
    """Put a record right; the first stays beside it."""
    person, at, found = _case(request, case_id, "pathway record")
    record = record_on(found, record_id)
    if record is None:
        raise Http404
    made = _kind_to_write(person, at, found, record.kind)
    first = initial_of(made, record_values(record, made), record.happened_at) | {"submission_key": uuid4().hex}
    form = _form(request, found, record.kind, at, initial=first, correcting=True)
    gone = "withdraw" in request.POST
    if request.method == "POST" and form.is_valid() and (gone or _may_be_saved(request, form)):
        done = attempt(
            form,
            lambda: operations.correct_record(
                by=person,
                at=at,
                record=record,
                happened_at=form.cleaned_data["happened_at"],
                values=form.values(),
                reason=form.cleaned_data["reason"],
                submission_key=form.cleaned_data["submission_key"],
                withdrawn=gone,
            ),
        )
        if done is not None:
            messages.success(request, f"Put right: {made.label}. What was written first stays beside it.")
            return redirect("pathways:case", found.pk)
    return render(request, "pathways/write.html", {"form": form, "case": found, "kind": made, "correcting": True})


def _kind_to_write(person: Person, at: datetime, found: PathwayCase, kind: str) -> RecordKind:
    """The kind of record, when ``person`` may write it here and the case is open; else no such page."""
    made = definition_of(found).kinds.get(kind)
    if made is None or hasattr(found, "closing"):
        raise Http404
    if not allowed(check_can_write, by=person, at=at, case=found, kind=made)[0]:
        raise Http404
    return made


def _form(
    request: HttpRequest,
    found: PathwayCase,
    kind: str,
    at: datetime,
    *,
    initial: dict[str, Any],
    correcting: bool = False,
) -> RecordForm:
    definition = definition_of(found)
    others = [
        (str(record.pk), presenters.record_label(record, definition))
        for record in records_newest_first(found)
        if record.kind != kind and not record.withdrawn and not record.corrects_id
    ]
    return RecordForm(
        request.POST or None,
        definition=definition,
        kind=definition.kinds[kind],
        others=others,
        correcting=correcting,
        now=at,
        initial=initial,
    )


def _may_be_saved(request: HttpRequest, form: RecordForm) -> bool:
    """Whole, or the person chose to keep it unfinished."""
    return "unfinished" in request.POST or not form.say_what_lacks()


def close(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Close a case."""
    person, at, found = _case(request, case_id, "pathway case")
    if not allowed(check_can_close, by=person, at=at, case=found)[0]:
        raise Http404
    form = CloseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        done = attempt(
            form, lambda: operations.close_case(by=person, at=at, case=found, reason=form.cleaned_data["reason"])
        )
        if done is not None:
            messages.success(request, "The case is closed.")
            return redirect("pathways:case", found.pk)
    return render(request, "pathways/close.html", {"form": form, "case": found})


@require_GET
def owed(request: HttpRequest, owed_id: UUID) -> HttpResponse:
    """The way from a piece of work to its case."""
    person, at = person_of(request), clock.now()
    found = case_of_owed(person, at, owed_id)
    if found is None:
        raise Http404
    return redirect("pathways:case", found.pk)
