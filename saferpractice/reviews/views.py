"""Pages of stage 3."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.access.web import attempt, person_of
from saferpractice.config import clock
from saferpractice.deadlines.rules import local_day, time_label
from saferpractice.design.forms import Form
from saferpractice.incidents.looking import open_incident
from saferpractice.lists.queries import choices
from saferpractice.reviews import drafts, operations, presenters
from saferpractice.reviews.forms import (
    CompleteForm,
    CorrectEntryForm,
    DocumentForm,
    InvolvedForm,
    OpenReviewForm,
    OversightForm,
    ReviewerForm,
    SupportForm,
    TimelineEntryForm,
    entry_initial,
)
from saferpractice.reviews.looking import open_the_review
from saferpractice.reviews.models import Review
from saferpractice.reviews.permissions import check_can_open_review, check_can_review
from saferpractice.reviews.queries import (
    asks_for_review,
    colleagues,
    current_review,
    decisions_of,
    entries_of,
    entry_of,
    held_by,
    involved_in,
    missing_of,
    newest_document,
    people_to_ask,
    required_document,
    reviewer_of,
    stands,
)
from saferpractice.reviews.rules import Record, SuppliedBy


def _opened(request: HttpRequest, review_id: UUID, page: str) -> tuple[Person, datetime, Review]:
    """Who asks, when, and the review with the look recorded; or 404."""
    person, at = person_of(request), clock.now()
    return person, at, open_the_review(by=person, at=at, review_id=review_id, page=page)


def _run(request: HttpRequest, form: Form, do: Callable[[Any], object], done: str) -> bool:
    """Run the operation when the form was sent and is usable; otherwise the form holds what must be put right."""
    if request.method != "POST" or not form.is_valid():
        return False
    if attempt(form, lambda: do(form.cleaned_data)) is None:
        return False
    messages.success(request, done)
    return True


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
            messages.success(request, f"The {presenters.tier_words(review.tier).lower()} is open.")
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


@require_GET
def review(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """The review as a list of what it needs: there or missing, by when, where to supply it."""
    person, at, found = _opened(request, review_id, "review")
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
    if not allowed(check_can_review, by=person, at=at, review=found)[0] or len(part) > 80:
        raise Http404
    answers = drafts.typed_in(request.POST)
    if not drafts.save_draft(review=found, person=person, part=part, answers=answers, at=at):
        return JsonResponse({"error": "This is too long to save as a draft."}, status=413)
    return JsonResponse({"saved_at": time_label(at)})


@require_GET
def required(request: HttpRequest, required_id: UUID) -> HttpResponse:
    """The way from a piece of work to the page where that document is supplied."""
    row = required_document(required_id)
    if row is None:
        raise Http404
    _, _, found = _opened(request, row.review_id, "required document")
    return redirect(presenters.address_of(found, row.kind, row.record))


def document(request: HttpRequest, review_id: UUID, kind: str) -> HttpResponse:
    """Supply one document, or read it."""
    person, at, found = _opened(request, review_id, "review document")
    row = found.required_documents.filter(kind=kind).exclude(supplied_by=SuppliedBy.RECORD).first()
    if row is None:
        raise Http404
    held = held_by(found)
    before = next(iter(held.of_kind(kind)), None)
    start = before or (newest_document(found.builds_on, kind) if found.builds_on else None)
    kept = None if request.method == "POST" else drafts.read_draft(review=found, person=person, part=kind)
    form = DocumentForm(
        request.POST or None,
        request.FILES or None,
        kept=kept,
        required=row,
        decisions=decisions_of(found),
        before=start,
    )
    context = presenters.frame(found, held, person, at, "review")
    if "later" in request.POST and context["may"]["review"][0]:
        drafts.save_draft(review=found, person=person, part=kind, answers=drafts.typed_in(request.POST), at=at)
        messages.success(request, f"Saved for later, and not supplied yet: {row.label}.")
        return redirect("reviews:review", found.pk)
    if request.method == "POST" and form.is_valid():
        supplied = attempt(
            form,
            lambda: operations.supply_document(
                by=person,
                at=at,
                review=found,
                kind=kind,
                answers=form.answers(),
                views=form.views(),
                text=form.cleaned_data["text"],
                upload=form.cleaned_data["upload"],
            ),
        )
        if supplied is not None:
            drafts.discard_draft(review=found, person=person, part=kind)
            messages.success(request, f"Supplied: {row.label}.")
            return redirect("reviews:review", found.pk)
    context |= {
        "form": form,
        "row": row,
        "before": before,
        "taken_over": start is not None and before is None and kept is None,
        "kept": kept is not None,
        "earlier": held.of_kind(kind)[1:],
        "shown": [one for one in presenters.shown_documents(held) if one["kind"] == kind],
    }
    return render(request, "reviews/document.html", context)


def timeline(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """The timeline, and a form to add to it."""
    person, at, found = _opened(request, review_id, "timeline")
    form = TimelineEntryForm(request.POST or None, now=at)
    if _run(
        request,
        form,
        lambda data: operations.add_timeline_entry(by=person, at=at, review=found, **data),
        "Added to the timeline.",
    ):
        return redirect("reviews:timeline", found.pk)
    context = presenters.frame(found, held_by(found), person, at, "review", "correct")
    context |= {"form": form, "entries": presenters.entry_rows(list(entries_of(found)))}
    return render(request, "reviews/timeline.html", context)


@require_POST
def draw(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Draw what the records say into the timeline."""
    person, at, found = _opened(request, review_id, "timeline")
    form = Form({})
    count = attempt(form, lambda: operations.draw_timeline_from_records(by=person, at=at, review=found))
    if count is None:
        messages.error(request, " ".join(map(str, form.non_field_errors())))
    elif count:
        messages.success(request, f"{count} {'entry was' if count == 1 else 'entries were'} drawn from the records.")
    else:
        messages.info(request, "Everything the records say is in the timeline already.")
    return redirect("reviews:timeline", found.pk)


def correct_entry(request: HttpRequest, review_id: UUID, entry_id: UUID) -> HttpResponse:
    """Put an entry of the timeline right."""
    person, at, found = _opened(request, review_id, "timeline")
    entry = entry_of(found, entry_id)
    if entry is None:
        raise Http404
    if request.method != "POST" and not stands(entry):
        messages.info(request, "Somebody put this entry right meanwhile. This is the timeline as it stands.")
        return redirect("reviews:timeline", found.pk)
    form = CorrectEntryForm(request.POST or None, now=at, initial=entry_initial(entry))
    if _run(
        request,
        form,
        lambda data: operations.correct_timeline_entry(by=person, at=at, entry=entry, **data),
        "The entry was put right. What was written before stays beside it.",
    ):
        return redirect("reviews:timeline", found.pk)
    may_correct, why_not = presenters.may(found, person, at, "correct")["correct"]
    context = {
        "form": form,
        "review": found,
        "title": "Put an entry right",
        "lead": "What was written before stays beside it, with your name and the time.",
        "button": "Put it right",
        "back": ("reviews:timeline", found.pk),
        "may": may_correct,
        "why_not": why_not,
    }
    return render(request, "reviews/small_form.html", context)


def reviewer(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Say who carries out the review."""
    person, at, found = _opened(request, review_id, "who reviews")
    form = ReviewerForm(request.POST or None, people=people_to_ask(incident=found.incident, at=at))
    if _run(
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
    person, at, found = _opened(request, review_id, "who was involved")
    form = InvolvedForm(request.POST or None, people=colleagues(found.incident.provider_id))
    if _run(
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
    person, at, found = _opened(request, review_id, "support")
    form = SupportForm(request.POST or None)
    if _run(
        request,
        form,
        lambda data: operations.offer_support(by=person, at=at, review=found, **data),
        "Recorded. You can add to it, also after the review is complete.",
    ):
        return redirect("reviews:support", found.pk)
    context = presenters.frame(found, held_by(found), person, at, "support")
    context |= {"form": form, "offers": presenters.support_rows(found)}
    return render(request, "reviews/support.html", context)


def oversight(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Sign a formal investigation off as senior oversight, or send it back."""
    person, at, found = _opened(request, review_id, "oversight")
    if not found.required_documents.filter(record=Record.SIGN_OFF).exists():
        raise Http404
    form = OversightForm(request.POST or None)
    if _run(
        request,
        form,
        lambda data: operations.sign_off_oversight(by=person, at=at, review=found, **data),
        "Your word is on record.",
    ):
        return redirect("reviews:review", found.pk)
    held = held_by(found)
    others = tuple(one for one in held.missing() if one.record != Record.SIGN_OFF)
    context = presenters.frame(found, held, person, at, "oversee")
    context |= {
        "form": form,
        "others": presenters.missing_links(found, others),
        "sign_offs": held.sign_offs,
    }
    return render(request, "reviews/oversight.html", context)


def complete(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Complete the review; while anything is missing the page lists it, each with its link."""
    person, at, found = _opened(request, review_id, "complete the review")
    lacking = missing_of(found)
    asks_why_nothing = any(one.record == Record.FINDINGS for one in lacking)
    form = CompleteForm(request.POST or None, asks_why_nothing=asks_why_nothing)
    if _run(
        request,
        form,
        lambda data: operations.complete_review(by=person, at=at, review=found, **data),
        "The review is complete. It can be corrected from now on, not added to.",
    ):
        return redirect("reviews:review", found.pk)
    context = presenters.frame(found, held_by(found), person, at, "review")
    others = tuple(one for one in lacking if one.record != Record.FINDINGS)
    context |= {
        "form": form,
        "others": presenters.missing_links(found, others),
        "asks_why_nothing": asks_why_nothing,
        "findings_href": presenters.address_of(found, "", Record.FINDINGS),
        "no_support": not found.support_offers.exists(),
    }
    return render(request, "reviews/complete.html", context)
