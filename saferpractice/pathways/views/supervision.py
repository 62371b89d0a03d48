"""Pages of supervision: which cases were drawn, how to repeat a draw, and the way from work to its record."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from saferpractice.access.looks import record_look
from saferpractice.access.permissions import allowed
from saferpractice.access.web import person_of
from saferpractice.config import clock
from saferpractice.pathways import presenters
from saferpractice.pathways.permissions import check_can_write
from saferpractice.pathways.queries import (
    definition_of,
    list_seen,
    lists_seen,
    pick_seen,
    references_seen,
    teams_overseen,
)
from saferpractice.pathways.views.shared import PAGE


@require_safe
def supervision(request: HttpRequest) -> HttpResponse:
    """What was drawn in the teams one oversees, the newest month first."""
    person, at = person_of(request), clock.now()
    if not teams_overseen(person, at).exists():
        raise Http404
    found = list(lists_seen(person, at)[: PAGE + 1])
    context = {"rows": presenters.list_rows(found[:PAGE]), "more": len(found) > PAGE}
    return render(request, "pathways/supervision.html", context)


@require_safe
def supervision_list(request: HttpRequest, list_id: UUID) -> HttpResponse:
    """One month of one team: what was frozen, what was drawn, what came of it, and how anybody repeats it."""
    person, at = person_of(request), clock.now()
    found = list_seen(person, at, list_id)
    if found is None:
        raise Http404
    record_look(by=person, at=at, page="supervision draw", story_id=None, detail=str(found.pk))
    shown = presenters.list_shown(found, references_seen(person, at, found.case_ids))
    return render(request, "pathways/supervision_list.html", {"frozen": found, **shown})


@require_safe
def supervise(request: HttpRequest, pick_id: UUID) -> HttpResponse:
    """The way from a case drawn to the record that shows it was looked at."""
    person, at = person_of(request), clock.now()
    pick = pick_seen(person, at, pick_id)
    if pick is None:
        raise Http404
    definition = definition_of(pick.case)
    kind = definition.kinds[definition.supervision.record] if definition.supervision else None
    open_ = not hasattr(pick.case, "closing")
    if kind and open_ and allowed(check_can_write, by=person, at=at, case=pick.case, kind=kind)[0]:
        return redirect("pathways:write", pick.case_id, kind.id)
    return redirect("pathways:case", pick.case_id)
