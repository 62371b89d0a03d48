"""Disposal: proposed, decided by somebody else, and what was disposed of."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from saferpractice.access.looks import record_look
from saferpractice.access.web import attempt, person_of, status_of
from saferpractice.config import clock
from saferpractice.deadlines.rules import local_day
from saferpractice.design.exports import csv_response
from saferpractice.home import operations
from saferpractice.home.forms import DecideDisposalForm, ProposeDisposalForm
from saferpractice.home.permissions import sees_schedule
from saferpractice.home.presenters import disposal as shown
from saferpractice.home.queries import disposals as seen
from saferpractice.home.views.retention import retaining
from saferpractice.trail.operations import twice_at_once

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@get_or_post
def propose_disposal(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Propose that an incident goes, with those that share a change with it."""
    person, at = retaining(request)
    going = seen.would_go(person, at, incident_id)
    if going is None:
        raise Http404
    found = going.incident
    record_look(by=person, at=at, page="disposal, proposing", story_id=found.pk)
    form = ProposeDisposalForm(request.POST or None, initial={"submission_key": uuid4().hex})
    if request.method == "POST" and form.is_valid():
        made = attempt(
            form,
            lambda: twice_at_once(
                lambda: operations.propose_disposal(by=person, at=at, incident=found, **form.cleaned_data)
            ),
        )
        if made is not None:
            messages.success(request, "It is proposed. Somebody else has to approve it before anything goes.")
            return redirect("home:disposal", made.pk)
    context = {
        "form": form,
        "incidents": going.incidents,
        "pages": seen.with_a_page(one.pk for one in going.incidents),
        "whole": going.whole,
        "why": going.why,
    }
    return render(request, "home/propose_disposal.html", context, status=status_of(form))


@require_safe
def disposals(request: HttpRequest) -> HttpResponse:
    """What is proposed, of records one may read."""
    person, at = retaining(request)
    record_look(by=person, at=at, page="disposals", story_id=None)
    return render(request, "home/disposals.html", {"rows": shown.proposal_rows(seen.proposals_seen(person, at))})


@get_or_post
def disposal(request: HttpRequest, disposal_id: UUID) -> HttpResponse:
    """One proposal. POST approves it, refuses it or takes it back."""
    person, at = retaining(request)
    found = seen.proposal_seen(person, at, disposal_id)
    if found is None:
        raise Http404
    record_look(by=person, at=at, page="disposal", story_id=None, detail=str(found.pk))
    form = DecideDisposalForm(request.POST or None, own=found.decided_by_id == person.pk)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        decided = attempt(
            form,
            lambda: twice_at_once(
                lambda: operations.decide_disposal(
                    by=person, at=at, proposal=found, approved=data["decision"] == "approve", reason=data["reason"]
                )
            ),
        )
        if decided is not None:
            went = "It is approved. It goes within minutes, unless something has come to keep it."
            words = went if decided.approved else "It is kept. Nothing was disposed of."
            messages.success(request, words)
            return redirect(reverse("home:disposals"))
    context = {
        "form": form,
        "rows": shown.proposal_summary(found, seen.with_a_page(one.incident_id for one in found.incidents.all())),
        "state": shown.state_of(found),
        "open": not hasattr(found, "decision"),
        "own": found.decided_by_id == person.pk,
        "waits": shown.is_to_do(found),
        "stopped": hasattr(found, "stop"),
        "certificate": getattr(found, "certificate", None),
    }
    return render(request, "home/disposal.html", context, status=status_of(form))


@require_safe
def certificates(request: HttpRequest) -> HttpResponse:
    """What was disposed of, when, and by whom. Names incidents by number and tells nothing of them."""
    person, at = person_of(request), clock.now()
    if not sees_schedule(person, at):
        raise Http404
    record_look(by=person, at=at, page="certificates of disposal", story_id=None)
    rows = shown.certificate_rows(seen.certificates(person.provider_id))
    return render(request, "home/certificates.html", {"rows": rows})


@require_safe
def certificates_file(request: HttpRequest) -> StreamingHttpResponse:
    """The same as a file for a spreadsheet."""
    person, at = person_of(request), clock.now()
    if not sees_schedule(person, at):
        raise Http404
    record_look(by=person, at=at, page="certificates of disposal, export", story_id=None)
    lines = shown.certificate_lines(seen.certificates(person.provider_id))
    return csv_response(f"disposed-of-{local_day(at).isoformat()}.csv", shown.CERTIFICATES_HEADER, lines)


@require_safe
def certificate(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """One certificate."""
    person, at = person_of(request), clock.now()
    found = seen.certificate(person.provider_id, certificate_id) if sees_schedule(person, at) else None
    if found is None:
        raise Http404
    record_look(by=person, at=at, page="certificate of disposal", story_id=None, detail=str(found.pk))
    context = {"rows": shown.certificate_summary(found), "counts": shown.count_rows(found)}
    return render(request, "home/certificate.html", context)
