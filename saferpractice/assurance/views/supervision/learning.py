"""Pages of learning points: what there is to talk about, what nobody has put into words, and taking one back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.access.rules import REPORTS, Role
from saferpractice.access.web import attempt, person_of, status_of
from saferpractice.assurance.forms.supervision import PointForm, WithdrawPointForm
from saferpractice.assurance.operations.supervision import withdraw_learning_point, word_learning_point
from saferpractice.assurance.permissions.supervision import check_can_word
from saferpractice.assurance.presenters import supervision as presenters
from saferpractice.assurance.queries.supervision import point_seen, points_seen, source_seen, without_words
from saferpractice.config import clock
from saferpractice.trail.operations import twice_at_once

MOST = 100


def _somebody(request: HttpRequest) -> tuple[Person, datetime]:
    by, at = person_of(request), clock.now()
    if not by.roles_anywhere(at) & (REPORTS - {Role.ADMINISTRATOR}):
        raise Http404
    return by, at


@require_safe
def learning(request: HttpRequest) -> HttpResponse:
    """The learning points for one's teams, and what waits to be put into words."""
    by, at = _somebody(request)
    changes, findings = without_words(by, at)
    found = list(points_seen(by, at)[: MOST + 1])
    context = {
        "rows": presenters.point_rows(found[:MOST], by, at),
        "more": len(found) > MOST,
        "waiting": presenters.source_rows(changes, findings),
    }
    return render(request, "assurance/supervision/learning.html", context)


def word_point(request: HttpRequest, kind: str, source_id: UUID) -> HttpResponse:
    """Put into words what a change, a briefing or a finding teaches."""
    by, at = _somebody(request)
    source = source_seen(by, at, kind, source_id)
    if source is None or not allowed(check_can_word, by=by, at=at, source=source)[0]:
        raise Http404
    form = PointForm(request.POST or None, initial={"submission_key": uuid4().hex})
    if request.method == "POST" and form.is_valid():
        key = f"{by.pk}:{form.cleaned_data['submission_key']}"[:80]
        wording = form.cleaned_data["wording"]
        made = attempt(
            form,
            lambda: twice_at_once(
                lambda: word_learning_point(by=by, at=at, source=source, wording=wording, submission_key=key)
            ),
        )
        if made is not None:
            messages.success(request, "It is among what supervisors are prompted with now.")
            return redirect("assurance:learning")
    context = {"form": form, "source": source, "kind": kind}
    return render(request, "assurance/supervision/point.html", context, status=status_of(form))


def withdraw_point(request: HttpRequest, point_id: UUID) -> HttpResponse:
    """Take a learning point off what is to be discussed."""
    by, at = _somebody(request)
    point = point_seen(by, at, point_id)
    if point is None or not allowed(check_can_word, by=by, at=at, source=point.source)[0]:
        raise Http404
    form = WithdrawPointForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(form, lambda: withdraw_learning_point(by=by, at=at, point=point, reason=reason)) is not None:
            messages.success(request, "It was withdrawn. Discussions of it stay.")
            return redirect("assurance:learning")
    return render(request, "assurance/supervision/withdraw.html", {"form": form, "point": point})
