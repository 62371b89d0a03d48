"""Pages of a thematic review: the quarters, the numbers with what was said on them, the file."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from saferpractice.access.looks import record_look
from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.access.web import attempt, person_of
from saferpractice.config import clock
from saferpractice.deadlines.rules import time_label
from saferpractice.design.exports import csv_response
from saferpractice.evidence import drafts, operations, presenters
from saferpractice.evidence.forms import CommentaryForm, DrawForm
from saferpractice.evidence.models import ThematicReview
from saferpractice.evidence.permissions import check_can_draft, check_can_minute, check_can_sign, sees_numbers
from saferpractice.evidence.queries.thematic import (
    actions_of,
    changed_since_signed,
    commentary_of,
    decisions_of,
    earlier_commentary,
    meetings_of,
    quarters_to_review,
    review_of_quarter,
    review_seen,
    reviews_seen,
    standing_draft,
    standing_of,
    still_holds,
)
from saferpractice.evidence.rules.thematic.quarters import quarter_from
from saferpractice.evidence.rules.thematic.signing import lacking

TOO_LONG = "This is too long to keep unsent. Shorten it."


def reader(request: HttpRequest) -> tuple[Person, datetime]:
    """Who asks, when thematic reviews are for them; else there is no such page."""
    person, at = person_of(request), clock.now()
    if not presenters.may_read_any(person, at):
        raise Http404
    return person, at


def review_of_page(request: HttpRequest, thematic_id: UUID, page: str) -> tuple[Person, datetime, ThematicReview]:
    """The review of a page, with the look recorded; or ``Http404``."""
    person, at = reader(request)
    found = review_seen(person, at, thematic_id)
    if found is None:
        raise Http404
    record_look(by=person, at=at, page=page, story_id=None, detail=str(found))
    return person, at, found


@require_safe
def thematic_reviews(request: HttpRequest) -> HttpResponse:
    """The quarters, with how far each has come."""
    person, at = reader(request)
    may_draft = allowed(check_can_draft, by=person, at=at, provider_id=person.provider_id)[0]
    context = {
        "rows": presenters.quarter_rows(
            reviews_seen(person, at), quarters_to_review(person.provider, at), at, leads=sees_numbers(person, at)
        ),
        "may_draft": may_draft,
    }
    return render(request, "evidence/thematic_reviews.html", context)


def draw(request: HttpRequest) -> HttpResponse:
    """Draw the numbers of a quarter, or draw them again (``?quarter=2025-3``)."""
    person, at = reader(request)
    if not allowed(check_can_draft, by=person, at=at, provider_id=person.provider_id)[0]:
        raise Http404
    asked = quarter_from(request.GET.get("quarter", ""))
    before = review_of_quarter(person.provider_id, asked) if asked else None
    newest = standing_draft(before) if before else None
    initial = {"quarter": asked.code if asked else "", "supported": newest.supported if newest else None}
    form = DrawForm(request.POST or None, quarters=quarters_to_review(person.provider, at), initial=initial)
    if request.method == "POST" and form.is_valid():
        drawn = attempt(
            form,
            lambda: operations.draw_review(
                by=person,
                at=at,
                provider=person.provider,
                quarter=form.chosen(),
                supported=form.cleaned_data["supported"],
            ),
        )
        if drawn is not None:
            messages.success(request, "The numbers are drawn. Say what they mean beside each section.")
            return redirect("evidence:thematic", drawn.review_id)
    return render(request, "evidence/draw.html", {"form": form})


@require_safe
def thematic(request: HttpRequest, thematic_id: UUID) -> HttpResponse:
    """One review: its numbers, what was said on them, its meetings, its signature."""
    person, at, review = review_of_page(request, thematic_id, "thematic review")
    return review_page(request, review, person, at)


def review_page(
    request: HttpRequest, review: ThematicReview, person: Person, at: datetime, *, typed: CommentaryForm | None = None
) -> HttpResponse:
    """The page of a review; ``typed`` is a commentary that could not be kept, shown with everything in it."""
    draft = standing_draft(review)
    numbers, signed = sees_numbers(person, at), hasattr(review, "signature")
    shown = presenters.sections(draft, person, at, numbers=numbers) if draft else []
    meetings = meetings_of(review)
    decisions = decisions_of(meetings[0]) if meetings else []
    may_draft = not signed and allowed(check_can_draft, by=person, at=at, provider_id=review.provider_id)[0]
    may_sign, why_not_sign = allowed(check_can_sign, by=person, at=at, review=review)
    context: dict[str, Any] = {
        "review": review,
        "quarter": review.quarter,
        "draft": draft,
        "parts": shown,
        "said": commentary_of(review),
        "before": earlier_commentary(review),
        "forms": _forms(review, person, [one.code for one in shown], typed) if may_draft else {},
        "typed": typed,
        "numbers": numbers,
        "signed": signed,
        "may_draft": may_draft,
        "may_minute": not signed and allowed(check_can_minute, by=person, at=at, provider_id=review.provider_id)[0],
        "may_sign": may_sign and not signed,
        "why_not_sign": why_not_sign,
        "lacking": [] if signed else lacking(standing_of(review), {one.code: one.title for one in shown}),
        "meetings": meetings,
        "decisions": presenters.decisions_shown(decisions, actions_of(decisions), person, at),
        "holds": still_holds(review) if signed else True,
        "changed": changed_since_signed(review, at) if signed else [],
    }
    return render(request, "evidence/thematic.html", context, status=409 if typed and typed.sent_before else 200)


def _forms(
    review: ThematicReview, person: Person, codes: list[str], typed: CommentaryForm | None
) -> dict[str, CommentaryForm]:
    """A form for each section, with what the person was typing there before."""
    said, kept = commentary_of(review), drafts.drafts_of(review=review, person=person)
    found = {}
    for code in codes:
        standing = said.get(code)
        words, based_on = kept.get(code, (standing.words if standing else "", standing.number if standing else 0))
        found[code] = CommentaryForm(
            prefix=presenters.prefix_of(code), initial={"words": words, "submission_key": str(based_on)}
        )
        found[code].kept_back = code in kept
    if typed is not None and typed.prefix is not None:
        found = {code: typed if presenters.prefix_of(code) == typed.prefix else form for code, form in found.items()}
    return found


def _typed(request: HttpRequest, review: ThematicReview, person: Person, at: datetime, section: str) -> CommentaryForm:
    draft = standing_draft(review)
    known = draft is not None and section in {one["code"] for one in draft.data["sections"]}
    if not known or not allowed(check_can_draft, by=person, at=at, provider_id=review.provider_id)[0]:
        raise Http404
    return CommentaryForm(request.POST, prefix=presenters.prefix_of(section))


def comment(request: HttpRequest, thematic_id: UUID, section: str) -> HttpResponse:
    """Keep what was said on a section. Where somebody else said something meanwhile, both are shown (409)."""
    person, at, review = review_of_page(request, thematic_id, "thematic review, commentary")
    if request.method != "POST":
        return redirect("evidence:thematic", thematic_id)
    form = _typed(request, review, person, at, section)

    def keep() -> object:
        return operations.keep_commentary(
            by=person,
            at=at,
            review=review,
            section=section,
            words=form.cleaned_data["words"],
            based_on=form.based_on(),
        )

    if form.is_valid():
        kept = attempt(form, keep)
        if kept is not None:
            messages.success(request, "Your commentary is kept.")
            return redirect(f"{reverse('evidence:thematic', args=[review.pk])}#{presenters.anchor_of(section)}")
    if form.sent_before is not None:
        newest = commentary_of(review)[section]
        form.say_sent_before(form.sent_before, key=str(newest.number))
    return review_page(request, review, person, at, typed=form)


@require_POST
def comment_draft(request: HttpRequest, thematic_id: UUID, section: str) -> HttpResponse:
    """Keep a commentary as it is typed. Answers with the London time at which it was saved."""
    person, at = reader(request)
    review = review_seen(person, at, thematic_id)
    if review is None:
        raise Http404
    form = _typed(request, review, person, at, section)
    words = str(form["words"].value() or "")
    if not drafts.save_draft(
        review=review, person=person, section=section, words=words, based_on=form.based_on(), at=at
    ):
        return JsonResponse({"error": TOO_LONG}, status=413)
    return JsonResponse({"saved_at": time_label(at)})


@require_safe
def thematic_file(request: HttpRequest, thematic_id: UUID) -> HttpResponse | StreamingHttpResponse:
    """The tables of a review as a file for a spreadsheet, as the person may read them."""
    person, at, review = review_of_page(request, thematic_id, "thematic review, file")
    draft = standing_draft(review)
    if draft is None:
        return redirect("evidence:thematic", thematic_id)
    shown = presenters.sections(draft, person, at, numbers=sees_numbers(person, at))
    header = ("Section", "Table", "What", "Number")
    return csv_response(f"thematic-review-{review.quarter.code}", header, presenters.file_rows(shown))
