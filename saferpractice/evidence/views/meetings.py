"""Pages of the quality meeting: who was there, what was decided, what follows, the signature."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from saferpractice.access.permissions import allowed
from saferpractice.access.queries import colleagues
from saferpractice.access.web import attempt, status_of
from saferpractice.changes.queries import owners_to_choose
from saferpractice.design.forms import Form
from saferpractice.evidence import operations, presenters
from saferpractice.evidence.forms import DecisionForm, GiveOutForm, MeetingForm, SignForm
from saferpractice.evidence.models import QualityMeeting, ThematicReview
from saferpractice.evidence.permissions import check_can_minute, check_can_sign, sees_numbers
from saferpractice.evidence.queries.thematic import (
    commentary_of,
    decisions_of,
    hash_to_sign,
    may_chair,
    meetings_of,
    standing_draft,
    standing_of,
)
from saferpractice.evidence.rules.thematic.signing import lacking
from saferpractice.evidence.views.thematic import review_of_page
from saferpractice.trail.operations import twice_at_once


def _one_form(
    request: HttpRequest,
    form: Form,
    do: Callable[[], object],
    *,
    review: ThematicReview,
    done: str,
    words: Mapping[str, Any],
) -> HttpResponse:
    """One form, one operation: run it when sent and valid, else show the form again with everything kept."""
    if request.method == "POST" and form.is_valid() and attempt(form, do) is not None:
        messages.success(request, done)
        return redirect("evidence:thematic", review.pk)
    context = {"form": form, "review": review, "quarter": review.quarter, "lead": "", **words}
    return render(request, "evidence/one_form.html", context, status=status_of(form))


def _key(form: Form) -> str:
    return str(form.cleaned_data.get("submission_key") or uuid4().hex)[:60]


def _new_key() -> dict[str, Any]:
    return {"submission_key": uuid4().hex}


def meeting(request: HttpRequest, thematic_id: UUID) -> HttpResponse:
    """Write down a meeting, or (``?instead=``) put right what was written down of one."""
    person, at, review = review_of_page(request, thematic_id, "thematic review, meeting")
    if hasattr(review, "signature"):
        return redirect("evidence:thematic", thematic_id)
    if not allowed(check_can_minute, by=person, at=at, provider_id=review.provider_id)[0]:
        raise Http404
    before = _meeting_to_put_right(review, request.GET.get("instead", ""))
    everybody = colleagues(person)
    form = MeetingForm(
        request.POST or None,
        now=at,
        chairs=everybody.filter(pk__in=[one.pk for one in may_chair(review.provider_id, at)]),
        colleagues=everybody,
        initial=_new_key() | (presenters.meeting_initial(before) if before else {}),
    )
    return _one_form(
        request,
        form,
        lambda: twice_at_once(
            lambda: operations.record_meeting(
                by=person,
                at=at,
                review=review,
                held_on=form.cleaned_data["held_on"],
                chaired_by=form.cleaned_data["chaired_by"],
                there=form.there(),
                submission_key=_key(form),
                replaces=before,
            )
        ),
        review=review,
        done="The meeting is written down, and its chair is asked to sign.",
        words={
            "title": "Put right what is written of the meeting" if before else "The quality meeting",
            "button": "Write down the meeting",
            "lead": "What was written down before stays on record." if before else "",
        },
    )


def _meeting_to_put_right(review: ThematicReview, asked: str) -> QualityMeeting | None:
    return next((one for one in meetings_of(review) if str(one.pk) == asked), None)


def decision(request: HttpRequest, thematic_id: UUID) -> HttpResponse:
    """Write down what the newest meeting decided."""
    person, at, review = review_of_page(request, thematic_id, "thematic review, decision")
    if hasattr(review, "signature"):
        return redirect("evidence:thematic", thematic_id)
    held = next(iter(meetings_of(review)), None)
    if held is None or not allowed(check_can_minute, by=person, at=at, provider_id=review.provider_id)[0]:
        raise Http404
    form = DecisionForm(request.POST or None, now=at, owners=owners_to_choose(person, at), initial=_new_key())
    return _one_form(
        request,
        form,
        lambda: twice_at_once(
            lambda: operations.record_decision(
                by=person,
                at=at,
                meeting=held,
                words=form.cleaned_data["words"],
                submission_key=_key(form),
                to_do=form.to_do(),
            )
        ),
        review=review,
        done="The decision is written down."
        + (" Its action was given out, and its owner is told." if form.data.get("follows") == "yes" else ""),
        words={"title": "What the meeting decided", "button": "Write it down"},
    )


def give_out(request: HttpRequest, thematic_id: UUID, decision_id: UUID) -> HttpResponse:
    """Give out a further action that follows from a decision."""
    person, at, review = review_of_page(request, thematic_id, "thematic review, action")
    if hasattr(review, "signature"):
        return redirect("evidence:thematic", thematic_id)
    listed = [one for held in meetings_of(review)[:1] for one in decisions_of(held)]
    made = next((one for one in listed if one.pk == decision_id), None)
    if made is None or not allowed(check_can_minute, by=person, at=at, provider_id=review.provider_id)[0]:
        raise Http404
    form = GiveOutForm(request.POST or None, now=at, owners=owners_to_choose(person, at), initial=_new_key())
    return _one_form(
        request,
        form,
        lambda: twice_at_once(
            lambda: operations.give_out(by=person, at=at, decision=made, to_do=form.to_do(), submission_key=_key(form))
        ),
        review=review,
        done="The action was given out, and its owner is told.",
        words={"title": "Give out an action", "button": "Give it out", "lead": made.words},
    )


def sign(request: HttpRequest, thematic_id: UUID) -> HttpResponse:
    """The chair reads what the signature covers, and signs it."""
    person, at, review = review_of_page(request, thematic_id, "thematic review, signature")
    if hasattr(review, "signature"):
        return redirect("evidence:thematic", thematic_id)
    if not allowed(check_can_sign, by=person, at=at, review=review)[0]:
        raise Http404
    draft = standing_draft(review)
    shown = presenters.sections(draft, person, at, numbers=sees_numbers(person, at)) if draft else []
    lacks = lacking(standing_of(review), {one.code: one.title for one in shown})
    form = SignForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        done = attempt(
            form,
            lambda: operations.sign_review(by=person, at=at, review=review, sha256=request.POST.get("sha256", "")),
        )
        if done is not None:
            messages.success(request, "The review is signed. Nothing in it changes any more.")
            return redirect("evidence:thematic", review.pk)
    meetings = meetings_of(review)
    context = {
        "form": form,
        "review": review,
        "quarter": review.quarter,
        "parts": shown,
        "said": commentary_of(review),
        "meeting": meetings[0] if meetings else None,
        "decisions": decisions_of(meetings[0]) if meetings else [],
        "lacking": lacks,
        "sha256": hash_to_sign(review),
    }
    return render(request, "evidence/sign.html", context)
