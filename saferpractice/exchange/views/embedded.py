"""The checklist in a frame of a care record system: one person, one checklist, one member of staff.

Nobody is signed in here and no cookie is read. A link opens the page once, and a ticket in its form saves it. Whatever
does not hold gets one and the same page, which says nothing of anybody and what to do now.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from csp.constants import NONE
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from saferpractice.access.looks import record_look
from saferpractice.access.web import attempt
from saferpractice.config import clock
from saferpractice.exchange import operations
from saferpractice.exchange.integrating import LINK, PAGE, keep_use, made_here, open_link, read_ticket, ticket_for
from saferpractice.exchange.models import Integration
from saferpractice.exchange.queries.integrations import Checklist
from saferpractice.pathways import presenters
from saferpractice.pathways.forms import BeginForm, initial_of
from saferpractice.pathways.models import PathwayRecord
from saferpractice.pathways.queries import last_ticked, latest_case_on, person_named, ticked_last
from saferpractice.trail.operations import twice_at_once


def for_its_frames(response: HttpResponse, integration: Integration) -> HttpResponse:
    """Let exactly the configured sites show ``response`` in a frame; no other page of this system is let so."""
    response._csp_replace = {"frame-ancestors": list(integration.origins) or [NONE]}  # type: ignore[attr-defined]
    # X-Frame-Options knows no list of sites: where there is one, frame-ancestors alone says who may.
    response.xframe_options_exempt = bool(integration.origins)
    return response


@login_not_required
@require_GET
def checklist(request: HttpRequest, integration_id: UUID) -> HttpResponse:
    """Open a signed link: the checklist, with last time's answers."""
    at = clock.now()
    found = open_link(integration_id, request.GET.dict(), at)
    if found is None:
        return _refused(request)
    _look(found, at, "embedded checklist")
    keep_use(found.integration, at, LINK, "done: opened", found.staff)
    return _page(request, found, at, ticket_for(found, at), _form(found, at))


@login_not_required
@csrf_exempt
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Save what was ticked. The ticket stands for the session and for the token against forged requests."""
    at = clock.now()
    ticket = request.POST.get("ticket", "")
    admitted = read_ticket(ticket, at)
    if admitted is None:
        return _refused(request, _typed(request) if made_here(ticket) else [])
    found, key = admitted
    _look(found, at, "embedded checklist, saving")
    form = _form(found, at, request.POST)
    if form.is_valid() and ("unfinished" in request.POST or not form.say_what_lacks()):
        record = attempt(form, lambda: twice_at_once(lambda: _written(found, form, at, key)))
        if record is not None:
            keep_use(found.integration, at, PAGE, "done: saved", found.staff)
            context = {"checklist": found, "told": presenters.written(record, at)}
            return for_its_frames(render(request, "exchange/embedded_done.html", context), found.integration)
    return _page(request, found, at, ticket, form)


def _refused(request: HttpRequest, typed: Sequence[str] = ()) -> HttpResponse:
    """What every link and ticket that does not hold is answered with. Any site may show it: nobody is named on it."""
    response = render(request, "exchange/embedded_refused.html", {"typed": typed}, status=404)
    response._csp_replace = {"frame-ancestors": ["*"]}  # type: ignore[attr-defined]
    response.xframe_options_exempt = True
    return response


def _typed(request: HttpRequest) -> list[str]:
    """The sentences that were sent, so that whoever let a page run out can take them along."""
    sent = [value for name, values in request.POST.lists() if name != "ticket" for value in values]
    return [value for value in sent if " " in value.strip()]


def _written(found: Checklist, form: BeginForm, at: datetime, key: str) -> PathwayRecord:
    team = found.case.team if found.case else form.team()
    if team is None:
        raise Http404
    return operations.write_through(
        by=found.staff,
        at=at,
        integration=found.integration,
        team=team,
        version=found.version,
        person_reference=found.reference,
        happened_at=form.moment(at),
        values=form.values(),
        key=key,
    )


def _form(found: Checklist, at: datetime, data: Any = None) -> BeginForm:
    kind = found.definition.begins_with
    first = initial_of(kind, ticked_last(found.case, kind) if found.case else {}, None if kind.ticks else at)
    teams = found.teams.filter(pk=found.case.team_id) if found.case else found.teams
    form = BeginForm(
        data,
        definition=found.definition,
        kind=kind,
        teams=teams,
        reference=found.reference,
        now=at,
        initial=first | {"team": found.team},
    )
    del form.fields["submission_key"]  # the ticket holds it
    return form


def _look(found: Checklist, at: datetime, page: str) -> None:
    supported = person_named(found.staff, at, found.reference)
    record_look(
        by=found.staff,
        at=at,
        page=page,
        story_id=found.case.pk if found.case else supported.pk if supported else None,
        detail=f"{found.reference}, in “{found.integration.name}”",
    )


def _page(request: HttpRequest, found: Checklist, at: datetime, ticket: str, form: BeginForm) -> HttpResponse:
    newest = found.case or latest_case_on(found.staff, at, found.reference, found.version.pathway)
    context = {
        "form": form,
        "checklist": found,
        "kind": found.definition.begins_with,
        "ticket": ticket,
        "last": presenters.last_time(last_ticked(newest)),
    }
    return for_its_frames(render(request, "exchange/embedded.html", context), found.integration)
