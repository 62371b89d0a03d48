"""Pages of the partners of a case, for staff: consent and sharing, invitations, who was shown what."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.access.web import attempt
from saferpractice.design.forms import Form
from saferpractice.partners import operations
from saferpractice.partners.forms import InviteForm, ShareForm
from saferpractice.partners.permissions import check_can_share
from saferpractice.partners.presenters.panel import lines, look_rows
from saferpractice.partners.presenters.summary import summary_shown
from saferpractice.partners.queries.listed import (
    agencies_of,
    agency_listed,
    contacts_to_invite,
    invitation_on,
    shown_on,
)
from saferpractice.partners.queries.seeing import facts_of, record_in
from saferpractice.partners.rules import can_be_shared
from saferpractice.pathways.models import PathwayCase
from saferpractice.pathways.presenters import record_label
from saferpractice.pathways.queries import definition_of, worked_by
from saferpractice.pathways.views.shared import case_of_page

MOST_LOOKS = 100
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def _shared_case(request: HttpRequest, case_id: UUID, page: str) -> tuple[Person, datetime, PathwayCase]:
    """The case of an address, where its pathway shares anything; else no such page."""
    person, at, found = case_of_page(request, case_id, page)
    if definition_of(found).deciding is None:
        raise Http404
    return person, at, found


def _sharer(request: HttpRequest, case_id: UUID, page: str) -> tuple[Person, datetime, PathwayCase]:
    """The same for whoever may share, while the case is open."""
    person, at, found = _shared_case(request, case_id, page)
    if hasattr(found, "closing") or not allowed(check_can_share, by=person, at=at, case=found)[0]:
        raise Http404
    return person, at, found


@require_safe
def case(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The partners of a case: how sharing stands with each, and who was shown what."""
    person, at, found = _shared_case(request, case_id, "partners of a case")
    may, why_not = allowed(check_can_share, by=person, at=at, case=found)
    deciding, looks = definition_of(found).deciding, list(shown_on(found)[: MOST_LOOKS + 1])
    context = {
        "case": found,
        "lines": lines(found, at),
        "looks": look_rows(found, looks[:MOST_LOOKS]),
        "more": len(looks) > MOST_LOOKS,
        "may": may and not hasattr(found, "closing"),
        "why_not": "The case is closed: partners see nothing of it." if hasattr(found, "closing") else why_not,
        "deciding": deciding,
    }
    return render(request, "partners/case.html", context)


@require_safe
def summary(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """What is known and shared, on one page to print or to read out."""
    _, at, found = _shared_case(request, case_id, "shared summary of a case")
    context = {"case": found, "lines": lines(found, at), "entries": summary_shown(found), "now": at}
    return render(request, "partners/summary.html", context)


@get_or_post
def share(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Share records with an agency (``?agency=`` chooses it beforehand)."""
    person, at, found = _sharer(request, case_id, "sharing with a partner")
    worked = worked_by(found)
    rows = {str(row.pk): row for row in found.records.all()}
    offered = [(each.id, record_label(rows[each.id], worked)) for each in reversed(can_be_shared(facts_of(found)))]
    form = ShareForm(
        request.POST or None,
        agencies=agencies_of(found.provider_id).filter(ended_at__isnull=True),
        records=offered,
        named=bool(found.person_supported.name_encrypted),
        initial={"agency": _agency_asked_for(request, found)},
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        done = attempt(
            form,
            lambda: operations.share(
                by=person,
                at=at,
                case=found,
                agency=data["agency"],
                record_ids=form.record_ids(),
                with_name=bool(data.get("with_name")),
            ),
        )
        if done is not None:
            messages.success(request, f"Shared with {data['agency'].name}.")
            return redirect("partners:case", found.pk)
    page = {"title": "Share with a partner", "button": "Share", "nothing": not offered}
    return render(request, "partners/case_form.html", {"form": form, "case": found, **page})


def _agency_asked_for(request: HttpRequest, found: PathwayCase) -> Any:
    try:
        return agency_listed(found.provider_id, UUID(request.GET.get("agency", "")))
    except ValueError:
        return None


@get_or_post
def invite(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Send somebody at an agency a link to what is shared."""
    person, at, found = _sharer(request, case_id, "inviting a partner")
    form = InviteForm(request.POST or None, contacts=contacts_to_invite(found.provider_id))
    if request.method == "POST" and form.is_valid():
        contact = form.cleaned_data["contact"]
        done = attempt(form, lambda: operations.invite(by=person, at=at, case=found, contact=contact))
        if done is not None:
            messages.success(request, f"An e-mail with a link goes to {contact.name}. The link works for seven days.")
            return redirect("partners:case", found.pk)
    page = {"title": "Invite somebody at a partner", "button": "Send the link", "nothing": False}
    return render(request, "partners/case_form.html", {"form": form, "case": found, **page})


@require_POST
def take_back(request: HttpRequest, case_id: UUID, agency_id: UUID, record_id: UUID) -> HttpResponse:
    """Take a record back from an agency, at once."""
    person, at, found = _sharer(request, case_id, "taking back from a partner")
    agency, record = agency_listed(found.provider_id, agency_id), record_in(found, record_id)
    if agency is None or record is None:
        raise Http404
    form = Form({})
    attempt(form, lambda: operations.take_back(by=person, at=at, case=found, agency=agency, record=record))
    return _said(request, form, found, f"{agency.name} does not see it any more.")


@require_POST
def end_invitation(request: HttpRequest, case_id: UUID, invitation_id: UUID) -> HttpResponse:
    """End an invitation, at once."""
    person, at, found = _sharer(request, case_id, "ending an invitation")
    invitation = invitation_on(found, invitation_id)
    if invitation is None:
        raise Http404
    form = Form({})
    attempt(form, lambda: operations.end_invitation(by=person, at=at, invitation=invitation))
    return _said(request, form, found, f"{invitation.contact.name} does not see this case any more.")


def _said(request: HttpRequest, form: Form, found: PathwayCase, done: str) -> HttpResponse:
    """Say what was done by a button, or why not."""
    problems = " ".join(map(str, form.non_field_errors()))
    if problems:
        messages.error(request, problems)
    else:
        messages.success(request, done)
    return redirect("partners:case", found.pk)
