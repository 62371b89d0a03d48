"""Pages of the cases worked by a pathway."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from saferpractice.access.looks import record_look
from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.access.web import attempt, person_of
from saferpractice.config import clock
from saferpractice.deadlines.rules import local_day
from saferpractice.design.exports import csv_response
from saferpractice.pathways import operations, presenters
from saferpractice.pathways.beside import panels_of
from saferpractice.pathways.forms import CasesFilterForm, CloseForm, OpenCaseForm
from saferpractice.pathways.models import PathwayCase, PathwayCases
from saferpractice.pathways.permissions import check_can_close, check_can_write, check_can_write_down_ways
from saferpractice.pathways.queries import (
    Worked,
    case_of_owed,
    cases_seen,
    filtered,
    in_use,
    incident_to_open_from,
    records_newest_first,
    state_of,
    teams_worked_in,
    versions_in_use,
    worked_by,
)
from saferpractice.pathways.views.shared import PAGE, case_of_page


def _listed(request: HttpRequest, at: datetime) -> tuple[Person, CasesFilterForm, PathwayCases]:
    person = person_of(request)
    if not teams_worked_in(person, at).exists():
        raise Http404
    pathways = [(version.pathway, version.title) for version in in_use(person.provider_id, at)]
    form = CasesFilterForm(request.GET or None, pathways=pathways)
    wanted = form.cleaned_data if form.is_valid() else {}
    return person, form, filtered(cases_seen(person, at), **wanted)


@require_safe
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


@require_safe
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


@require_safe
def case(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """One case: what must be done now, what can be written down, and everything that was."""
    person, at, found = case_of_page(request, case_id, "pathway case")
    return render(request, "pathways/case.html", _shown(person, at, found) | {"close_form": CloseForm()})


def _shown(person: Person, at: datetime, found: PathwayCase) -> dict[str, Any]:
    worked, state = worked_by(found), state_of(found, at)
    records = list(records_newest_first(found))
    ways = presenters.to_write(found, person, at)
    kinds = {record.kind for record in records}
    may = {code for code in kinds if _may_write(person, at, found, worked, code)}
    open_ = not hasattr(found, "closing")
    may_close, why_not = allowed(check_can_close, by=person, at=at, case=found)
    if may_close and not state.may_close:
        may_close, why_not = False, state.why_not_close
    return {
        "case": found,
        "version": worked.version,
        "moves": presenters.moves_shown(worked),
        "open": open_,
        "owed": presenters.owed_shown(state, ways) if open_ else [],
        "drawn": presenters.drawn_for_case(found) if open_ else [],
        "before": presenters.owed_before(state),
        "reach": presenters.reach_of(found, person, at) if open_ else None,
        "texts": presenters.texts_at_hand(state, found) if open_ else [],
        "may_write_ways": allowed(check_can_write_down_ways, by=person, at=at, case=found)[0],
        "ways": ways if open_ else [],
        "timeline": presenters.timeline(records, found, worked, state, may if open_ else set()),
        "panels": panels_of(found, person, at),
        "next_step": state.next_step,
        "may_close": may_close,
        "why_not_close": why_not,
    }


def _may_write(person: Person, at: datetime, found: PathwayCase, worked: Worked, code: str) -> bool:
    definition = worked.asking_for(code)
    if definition is None:
        return False
    return allowed(check_can_write, by=person, at=at, case=found, kind=definition.kinds[code])[0]


def close(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Close a case."""
    person, at, found = case_of_page(request, case_id, "pathway case")
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
    return render(request, "pathways/close.html", {"form": form, "case": found, "version": worked_by(found).version})


@require_safe
def owed(request: HttpRequest, owed_id: UUID) -> HttpResponse:
    """The way from a piece of work to its case."""
    person, at = person_of(request), clock.now()
    found = case_of_owed(person, at, owed_id)
    if found is None:
        raise Http404
    return redirect("pathways:case", found.pk)
