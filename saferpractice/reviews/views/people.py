"""Pages of who reviews, who was involved, and who was offered support."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from saferpractice.reviews import operations, presenters
from saferpractice.reviews.forms import (
    InvolvedForm,
    ReviewerForm,
    SupportForm,
)
from saferpractice.reviews.queries import (
    colleagues,
    held_by,
    involved_in,
    people_to_ask,
    reviewer_of,
)
from saferpractice.reviews.views.shared import opened, run


def reviewer(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Say who carries out the review."""
    person, at, found = opened(request, review_id, "who reviews")
    form = ReviewerForm(request.POST or None, people=people_to_ask(incident=found.incident, at=at))
    if run(
        request,
        form,
        lambda data: operations.assign_reviewer(by=person, at=at, review=found, **data),
        "They are asked to carry out the review, and may open the incident.",
    ):
        return redirect("reviews:review", found.pk)
    context = presenters.frame(found, held_by(found), person, at, "assign")
    context |= {
        "form": form,
        "before": list(found.reviewers.filter(until_at__isnull=False).select_related("person").order_by("decided_at")),
        "current": reviewer_of(found),
    }
    return render(request, "reviews/reviewer.html", context)


def involved(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Who was involved in the incident, and so neither reviews nor oversees it."""
    person, at, found = opened(request, review_id, "who was involved")
    form = InvolvedForm(request.POST or None, people=colleagues(found.incident.provider_id))
    if run(
        request,
        form,
        lambda data: operations.record_involved(by=person, at=at, incident=found.incident, **data),
        "Recorded.",
    ):
        return redirect("reviews:involved", found.pk)
    context = presenters.frame(found, held_by(found), person, at, "involved")
    context |= {"form": form, "involved": involved_in(found.incident)}
    return render(request, "reviews/involved.html", context)


def support(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Support offered to the person, the family and the staff."""
    person, at, found = opened(request, review_id, "support")
    form = SupportForm(request.POST or None)
    if run(
        request,
        form,
        lambda data: operations.offer_support(by=person, at=at, review=found, **data),
        "Recorded. You can add to it, also after the review is complete.",
    ):
        return redirect("reviews:support", found.pk)
    context = presenters.frame(found, held_by(found), person, at, "support")
    context |= {"form": form, "offers": presenters.support_rows(found)}
    return render(request, "reviews/support.html", context)
