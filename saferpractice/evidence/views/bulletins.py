"""Pages of the learning bulletin: the quarters, one of them, and writing it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from saferpractice.access.looks import record_look
from saferpractice.access.permissions import allowed
from saferpractice.access.web import attempt, status_of
from saferpractice.changes.views.shared import key_of, must, new_key
from saferpractice.deadlines.rules import day_label, local_day
from saferpractice.evidence import operations
from saferpractice.evidence.forms import BulletinForm
from saferpractice.evidence.permissions import check_can_write_bulletin
from saferpractice.evidence.queries.bulletins import (
    bulletin_seen,
    bulletins_seen,
    found_in_bulletin,
    newest_edition,
    suggested_bulletin,
)
from saferpractice.evidence.rules.bulletin import PARTS
from saferpractice.evidence.rules.thematic.quarters import newest_finished, quarter_from, quarter_of
from saferpractice.evidence.views.thematic import reader
from saferpractice.trail.operations import twice_at_once


@require_safe
def bulletins(request: HttpRequest) -> HttpResponse:
    """The bulletins, newest first; for the quality lead those that could be written."""
    person, at = reader(request)
    rows = [
        [
            {"text": one.quarter.label, "href": reverse("evidence:bulletin", args=[one.pk])},
            day_label(local_day(one.decided_at)),
            one.decided_by_name,
        ]
        for one in bulletins_seen(person, at)
    ]
    may = allowed(check_can_write_bulletin, by=person, at=at, provider_id=person.provider_id)[0]
    today = local_day(at)
    context = {"rows": rows, "quarters": [newest_finished(today), quarter_of(today)] if may else []}
    return render(request, "evidence/bulletins.html", context)


@require_safe
def bulletin(request: HttpRequest, bulletin_id: UUID) -> HttpResponse:
    """One bulletin, on one page."""
    person, at = reader(request)
    found = bulletin_seen(person, at, bulletin_id)
    if found is None:
        raise Http404
    record_look(by=person, at=at, page="learning bulletin", story_id=None, detail=str(found))
    newest = newest_edition(found.provider_id, found.quarter)
    context = {
        "bulletin": found,
        "parts": [(heading, found.words[name]) for name, heading in PARTS.items() if found.words.get(name)],
        "later": newest if newest and newest.pk != found.pk else None,
        "may": allowed(check_can_write_bulletin, by=person, at=at, provider_id=person.provider_id)[0],
    }
    return render(request, "evidence/bulletin.html", context)


def write_bulletin(request: HttpRequest, quarter: str) -> HttpResponse:
    """Write and publish the bulletin of a quarter; a later edition begins from the one that stands."""
    person, at = reader(request)
    asked = quarter_from(quarter)
    must(allowed(check_can_write_bulletin, by=person, at=at, provider_id=person.provider_id)[0])
    if asked is None or asked.first > local_day(at):
        raise Http404
    newest = newest_edition(person.provider_id, asked)
    initial: dict[str, Any] = {**new_key(), "edition": newest.edition + 1 if newest else 1}
    if request.method != "POST":
        initial |= newest.words if newest else suggested_bulletin(person.provider, asked)
    form = BulletinForm(
        request.POST or None, look=lambda typed: found_in_bulletin(person.provider_id, typed), initial=initial
    )
    if request.method == "POST" and form.is_valid():
        made = attempt(
            form,
            lambda: twice_at_once(
                lambda: operations.publish_bulletin(
                    by=person,
                    at=at,
                    provider=person.provider,
                    quarter=asked,
                    edition=form.number(),
                    words=form.words(),
                    stays=form.cleaned_data.get("stays") or (),
                    read=form.cleaned_data["read"],
                    submission_key=key_of(form),
                )
            ),
        )
        if made is not None:
            messages.success(request, "The bulletin is published. Everybody who works here can read it.")
            return redirect("evidence:bulletin", made.pk)
    context = {"form": form, "quarter": asked, "newest": newest}
    return render(request, "evidence/write_bulletin.html", context, status=status_of(form))
