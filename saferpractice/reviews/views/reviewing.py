"""Pages of a review: opening it, the list of what it needs, its documents."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from saferpractice.access.permissions import allowed
from saferpractice.access.web import attempt, person_of
from saferpractice.config import clock
from saferpractice.deadlines.rules import local_day, time_label
from saferpractice.incidents.looking import open_incident
from saferpractice.lists.queries import choices
from saferpractice.reviews import drafts, operations, presenters
from saferpractice.reviews.forms import (
    DocumentForm,
    OpenReviewForm,
)
from saferpractice.reviews.looking import open_the_review
from saferpractice.reviews.permissions import check_can_open_review, check_can_review
from saferpractice.reviews.queries import (
    asks_for_review,
    carried_over,
    current_review,
    decisions_of,
    held_by,
    involved_in,
    people_to_ask,
    required_document,
    standing_of,
)
from saferpractice.reviews.rules import SuppliedBy
from saferpractice.reviews.views.shared import opened, run


def open_review(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Open the review the tier decision asks for, and say who carries it out."""
    person, at = person_of(request), clock.now()
    incident = open_incident(by=person, at=at, incident_id=incident_id, page="open a review")
    may_open, why_not = allowed(check_can_open_review, by=person, at=at, incident=incident)
    asked, newest = asks_for_review(incident), current_review(incident)
    if asked is None:
        if newest is not None:
            return redirect("reviews:review", newest.pk)
        return render(
            request, "reviews/not_yet.html", {"incident": incident, "triage": presenters.triage_address(incident)}
        )
    form = OpenReviewForm(
        request.POST or None,
        tier=asked.tier,
        methods=choices("review-methods", provider_id=incident.provider_id, on=local_day(at)),
        people=people_to_ask(incident=incident, at=at),
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        review = attempt(
            form,
            lambda: operations.open_review(
                by=person,
                at=at,
                incident=incident,
                method=data["method"],
                reviewer=data["person"],
                independence=data["independence"],
                despite=data["despite"],
            ),
        )
        if review is not None:
            messages.success(request, f"{presenters.tier_words(review.tier)}, is open.")
            return redirect("reviews:review", review.pk)
    context = {
        "form": form,
        "incident": incident,
        "tier": presenters.tier_words(asked.tier),
        "why": asked.proposal.why,
        "reason": asked.reason,
        "required": presenters.required_rows(asked, at),
        "earlier": newest,
        "may_open": may_open,
        "why_not": why_not,
    }
    return render(request, "reviews/open.html", context)


@require_safe
def review(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """The review as a list of what it needs: there or missing, by when, where to supply it."""
    person, at, found = opened(request, review_id, "review")
    context = presenters.overview(found, person, at)
    context |= {
        "involved": involved_in(found.incident),
        "support": list(found.support_offers.order_by("decided_at")),
    }
    return render(request, "reviews/review.html", context)


@require_POST
def save_draft(request: HttpRequest, review_id: UUID, part: str) -> HttpResponse:
    """Keep a part of the review as it is typed. Answers with the London time at which it was saved."""
    person, at = person_of(request), clock.now()
    found = open_the_review(by=person, at=at, review_id=review_id, page="draft")
    if not standing_of(found).goes_on:
        return JsonResponse({"error": "This review has ended. Copy what you still need."}, status=409)
    if not allowed(check_can_review, by=person, at=at, review=found)[0] or len(part) > 80:
        raise Http404
    answers = drafts.typed_in(request.POST)
    if not drafts.save_draft(review=found, person=person, part=part, answers=answers, at=at):
        return JsonResponse({"error": "This is too long to save as a draft."}, status=413)
    return JsonResponse({"saved_at": time_label(at)})


@require_safe
def required(request: HttpRequest, required_id: UUID) -> HttpResponse:
    """The way from a piece of work to the page where that document is supplied."""
    row = required_document(required_id)
    if row is None:
        raise Http404
    _, _, found = opened(request, row.review_id, "required document")
    return redirect(presenters.address_of(found, row.kind, row.record))


def document(request: HttpRequest, review_id: UUID, kind: str) -> HttpResponse:
    """Supply one document, or read it."""
    person, at, found = opened(request, review_id, "review document")
    row = found.required_documents.filter(kind=kind).exclude(supplied_by=SuppliedBy.RECORD).first()
    if row is None:
        raise Http404
    held = held_by(found)
    before = next(iter(held.of_kind(kind)), None)
    start = carried_over(found, kind)
    kept = None if request.method == "POST" else drafts.read_draft(review=found, person=person, part=kind)
    sent = (request.POST or None, request.FILES or None)
    form = DocumentForm(*sent, kept=kept, required=row, decisions=decisions_of(found), before=start)
    context = presenters.frame(found, held, person, at, "review")
    if "later" in request.POST and context["going_on"] and context["may"]["review"][0]:
        drafts.save_draft(review=found, person=person, part=kind, answers=drafts.typed_in(request.POST), at=at)
        messages.success(request, f"Saved for later, and not supplied yet: {row.label}.")
        return redirect("reviews:review", found.pk)
    if run(
        request,
        form,
        lambda data: operations.supply_document(
            by=person,
            at=at,
            review=found,
            kind=kind,
            answers=form.answers(),
            views=form.views(),
            text=data["text"],
            upload=data["upload"],
        ),
        f"Supplied: {row.label}.",
    ):
        drafts.discard_draft(review=found, person=person, part=kind)
        return redirect("reviews:review", found.pk)
    context |= {
        "form": form,
        "row": row,
        "good": presenters.good_words(row.hint),
        "before": before,
        "file": start.file if start else None,
        "taken_over": start is not None and before is None and kept is None,
        "kept": kept is not None,
        "earlier": held.of_kind(kind)[1:],
        "shown": [one for one in presenters.shown_documents(held) if one["kind"] == kind],
        "unrecorded": presenters.unrecorded(form),
    }
    return render(request, "reviews/document.html", context)
