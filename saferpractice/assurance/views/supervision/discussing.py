"""Pages to write down a discussion, to read it with what the worker says, to answer and to correct it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.access.web import attempt, person_of, status_of
from saferpractice.assurance.forms.supervision import AnswerForm, CorrectionForm, DiscussionForm
from saferpractice.assurance.models import SupervisionDiscussion
from saferpractice.assurance.operations.supervision import (
    Account,
    answer_discussion,
    correct_discussion,
    record_discussions,
)
from saferpractice.assurance.permissions.supervision import check_can_answer, check_can_correct, check_can_hold
from saferpractice.assurance.presenters import supervision as presenters
from saferpractice.assurance.queries.supervision import (
    changes_seen_of,
    discussion_seen,
    newest_of,
    own_people,
    pick_to_open,
    picks_for,
    points_for,
    prompted,
    said_of,
    worker_seen,
)
from saferpractice.assurance.rules.supervision import Said
from saferpractice.config import clock
from saferpractice.deadlines.rules import local_day
from saferpractice.design.words import plural
from saferpractice.trail.operations import twice_at_once


def record_discussion(request: HttpRequest) -> HttpResponse:
    """Write down a discussion with one or several people: the points, the day, one sentence."""
    by, at = person_of(request), clock.now()
    named = _named(request, by, at)
    people = {one.pk: one for one in (*named, *own_people(by, at))}
    if not people or len(named) != len(set(request.GET.getlist("worker"))):
        raise Http404
    workers = sorted(people.values(), key=lambda one: (one not in named, one.name, one.pk))
    chosen = named or workers[:1]
    initial = {
        "submission_key": uuid4().hex,
        "workers": [str(one.pk) for one in named],
        "held_on": local_day(at),
    }
    form = DiscussionForm(
        request.POST or None,
        now=at,
        initial=initial,
        workers=workers,
        points=points_for(workers, at),
        prompted=prompted(chosen[0], at) if len(chosen) == 1 else None,
        picks=picks_for(by, at, workers),
    )
    if request.method == "POST" and form.is_valid():
        told, account, pick = form.chosen()
        key = f"{by.pk}:{form.cleaned_data['submission_key']}"[:80]
        done = attempt(
            form,
            lambda: twice_at_once(
                lambda: record_discussions(by=by, at=at, workers=told, account=account, submission_key=key)
            ),
        )
        if done is not None:
            messages.success(
                request, f"{plural(len(done), 'discussion')} written down. Each person is asked whether it is so."
            )
            return redirect("pathways:supervise", pick.pk) if pick else redirect("assurance:my_people")
    title = f"Supervision with {chosen[0].name}" if len(named) == 1 else "Supervision"
    context = {"form": form, "title": title, "button": "Write it down", "back": "assurance:my_people"}
    return render(request, "assurance/supervision/record.html", context, status=status_of(form))


def _named(request: HttpRequest, by: Person, at: datetime) -> list[Person]:
    """The people the address names with whom ``by`` may hold a discussion."""
    found = []
    for text in dict.fromkeys(request.GET.getlist("worker")):
        try:
            worker = worker_seen(by, at, UUID(text))
        except ValueError:
            continue
        if worker is not None and allowed(check_can_hold, by=by, at=at, worker=worker)[0]:
            found.append(worker)
    return found


def _seen(request: HttpRequest, discussion_id: UUID) -> tuple[Person, datetime, SupervisionDiscussion]:
    by, at = person_of(request), clock.now()
    found = discussion_seen(by, at, discussion_id)
    if found is None:
        raise Http404
    return by, at, found


def discussion(request: HttpRequest, discussion_id: UUID) -> HttpResponse:
    """One discussion: what was talked about, and both accounts of it. The worker answers here."""
    by, at, found = _seen(request, discussion_id)
    newest = newest_of(found)
    answers = allowed(check_can_answer, by=by, at=at, discussion=found)[0] and newest == found and not found.taken_back
    if request.method == "POST" and not answers:
        raise Http404
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        so, words = form.cleaned_data["answer"] == "so", form.cleaned_data["words"]
        done = attempt(form, lambda: answer_discussion(by=by, at=at, discussion=found, confirmed=so, words=words))
        if done is not None:
            messages.success(
                request, "Thank you. It stands as confirmed." if so else "Both accounts stand, and the lead is told."
            )
            return redirect("assurance:discussion", found.pk)
    context: dict[str, Any] = {
        "discussion": found,
        "newest": newest if newest != found else None,
        "state": presenters.discussion_state(found, said_of([found.worker_id]).get(found.pk, Said.NOTHING)),
        "points": presenters.points_of(found, changes_seen_of(found, by, at)),
        "story": presenters.account_story(found),
        "pick": pick_to_open(found, by, at),
        "form": form if answers else None,
        "may_correct": newest == found and allowed(check_can_correct, by=by, at=at, discussion=found)[0],
    }
    return render(request, "assurance/supervision/discussion.html", context)


def correct(request: HttpRequest, discussion_id: UUID) -> HttpResponse:
    """Put a discussion on record right, or say that it was not held. The earlier one stays."""
    by, at, found = _seen(request, discussion_id)
    if not allowed(check_can_correct, by=by, at=at, discussion=found)[0]:
        raise Http404
    points = {one.pk: one for one in (*found.points.all(), *points_for([found.worker], at))}
    initial = {
        "submission_key": uuid4().hex,
        "held": "yes",
        "points": [str(one.pk) for one in found.points.all()],
        "held_on": found.held_on,
        "words": found.words,
    }
    form = CorrectionForm(request.POST or None, now=at, initial=initial, points=list(points.values()))
    if request.method == "POST" and form.is_valid():
        held = form.cleaned_data["held"]
        unchanged = Account(points=list(found.points.all()), held_on=found.held_on, words=found.words, pick=found.pick)
        account = form.account(found.pick) if held else unchanged
        made = attempt(
            form,
            lambda: twice_at_once(
                lambda: correct_discussion(
                    by=by,
                    at=at,
                    discussion=found,
                    account=account,
                    because=form.cleaned_data["because"],
                    submission_key=f"{by.pk}:{form.cleaned_data['submission_key']}"[:80],
                    taken_back=not held,
                )
            ),
        )
        if made is not None:
            messages.success(request, "It was corrected. The earlier one stays on record.")
            return redirect("assurance:discussion", made.pk)
    context = {"form": form, "title": f"Correct the supervision of {found.worker.name}", "button": "Correct it"}
    context |= {"back": "assurance:discussion", "of": found.pk}
    return render(request, "assurance/supervision/record.html", context, status=status_of(form))
