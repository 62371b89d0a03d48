"""Pages about reaching the person: an attempt in two taps, and how they want to be reached."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from saferpractice.access.permissions import allowed
from saferpractice.access.web import attempt as tried
from saferpractice.config.encryption import CannotDecrypt
from saferpractice.deadlines.rules import local_day
from saferpractice.incidents.queries import preference_in_force, ways_of
from saferpractice.incidents.rules import MOST_WAYS
from saferpractice.pathways import operations, presenters
from saferpractice.pathways.forms import WaysForm
from saferpractice.pathways.models import PathwayCase
from saferpractice.pathways.permissions import check_can_write, check_can_write_down_ways
from saferpractice.pathways.queries import worked_by
from saferpractice.pathways.views.shared import case_of_page
from saferpractice.trail.refusals import Invalid

ONE_TAP = timedelta(minutes=2)
"""Within this the same button of the same page is one tap made twice. Later it is another attempt, made from a page
that stood open, and must not be lost."""


@require_POST
def attempt(request: HttpRequest, case_id: UUID, kind: str) -> HttpResponse:
    """Write down an attempt to reach the person, as two taps give it: how, and whether they were reached. Now."""
    person, at, found = case_of_page(request, case_id, "pathway record")
    definition = worked_by(found).definition
    made = definition.kinds.get(kind)
    if made is None or made.attempt is None or hasattr(found, "closing"):
        raise Http404
    if not allowed(check_can_write, by=person, at=at, case=found, kind=made)[0]:
        raise Http404
    method, answer = made.attempt
    given = {method.id: request.POST.get("method", ""), answer.id: request.POST.get("answer", "")}
    key = f"{request.POST.get('key', '')[:40]}:{given[method.id][:30]}"
    try:
        if not all(given.values()):
            raise Invalid("Tap how you tried, then whether the person was reached.")
        sent = {"by": person, "at": at, "case": found, "kind": kind, "happened_at": at, "values": given}
        record = operations.send_record(submission_key=key, **sent)
        if at - record.happened_at > ONE_TAP:
            operations.send_record(submission_key=f"{key}:{at:%Y%m%d%H%M}", **sent)
    except Invalid as invalid:
        messages.error(request, " ".join(invalid.problems.values()))
        return redirect("pathways:case", found.pk)
    words = f"{answer.label.rstrip('?')}: {given[answer.id]}"
    messages.success(request, f"Written down: {made.label}. {words}. You can put it right below.")
    return redirect("pathways:case", found.pk)


def ways(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Write down how the person wants to be reached, in order; what was written before stays in view."""
    person, at, found = case_of_page(request, case_id, "how to reach the person")
    if not allowed(check_can_write_down_ways, by=person, at=at, case=found)[0] or hasattr(found, "closing"):
        raise Http404
    up = request.POST.get("up", "")
    if request.method == "POST" and up.isdigit():
        form = WaysForm(kept=WaysForm(request.POST, now=at).moved_up(int(up)), now=at)
    else:
        form = WaysForm(request.POST or None, now=at, initial=_first(found, at))
    if request.method == "POST" and form.is_bound and form.is_valid():
        done = tried(
            form,
            lambda: operations.write_down_ways(
                by=person, at=at, case=found, ways=form.ways(), from_on=form.cleaned_data["from_on"]
            ),
        )
        if done is not None:
            messages.success(request, "Written down: how the person wants to be reached.")
            return redirect("pathways:case", found.pk)
    context = {"form": form, "case": found, "before": presenters.ways_before(found), "most": MOST_WAYS}
    return render(request, "pathways/ways.html", context)


def _first(found: PathwayCase, at: datetime) -> dict[str, Any]:
    """What the form begins with: the list that holds today, or an empty one where it cannot be read."""
    try:
        listed = ways_of(preference_in_force(found.person_supported, local_day(at)))
    except CannotDecrypt:
        listed = []
    return WaysForm.initial_of(listed, local_day(at))
