"""Pages of how a review ends: nothing found, senior oversight, completion."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from saferpractice.reviews import operations, presenters
from saferpractice.reviews.forms import (
    CompleteForm,
    NothingFoundForm,
    OversightForm,
)
from saferpractice.reviews.queries import (
    held_by,
    missing_of,
    newest_supply,
    nothing_found_in,
)
from saferpractice.reviews.rules import Record
from saferpractice.reviews.views.shared import opened, run


def nothing_found(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """State why nothing about the system was found, in place of findings."""
    person, at, found = opened(request, review_id, "nothing found")
    form = NothingFoundForm(request.POST or None, initial={"because": nothing_found_in(found)})
    if run(
        request,
        form,
        lambda data: operations.state_nothing_found(by=person, at=at, review=found, **data),
        "Recorded. A finding recorded later takes its place.",
    ):
        return redirect("reviews:review", found.pk)
    context = presenters.frame(found, held_by(found), person, at, "review")
    may_review, why_not = context["may"]["review"]
    context |= {
        "form": form,
        "title": "Nothing about the system was found",
        "lead": "It stands in place of findings, and senior oversight tests it like them.",
        "button": "Put it on record",
        "back": ("findings:of_review", found.pk),
        "may": may_review and context["going_on"],
        "why_not": why_not or "This review has ended.",
        "unrecorded": presenters.unrecorded(form),
    }
    return render(request, "reviews/small_form.html", context)


def oversight(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Sign a formal investigation off as senior oversight, or send it back."""
    person, at, found = opened(request, review_id, "oversight")
    if not found.required_documents.filter(record=Record.SIGN_OFF).exists():
        raise Http404
    form = OversightForm(request.POST or None, initial={"seen": newest_supply(found)})
    if run(
        request,
        form,
        lambda data: operations.sign_off_oversight(
            by=person,
            at=at,
            review=found,
            accepted=data["accepted"],
            words=data["words"],
            seen=data["seen"] or None,
        ),
        "Your word is on record.",
    ):
        return redirect("reviews:review", found.pk)
    if form.is_bound:  # from here on they have been told what came since
        form.data = request.POST.copy()
        form.data["seen"] = newest_supply(found)
    held = held_by(found)
    others = tuple(one for one in held.missing() if one.record != Record.SIGN_OFF)
    context = presenters.frame(found, held, person, at, "oversee")
    may = presenters.still_independent(context["may"]["oversee"], found, person, at, oversee=True)
    context |= {
        "form": form,
        "may": {"oversee": may},
        "unrecorded": presenters.unrecorded(form),
        "others": presenters.missing_links(found, others),
        "sign_offs": held.sign_offs,
    }
    return render(request, "reviews/oversight.html", context)


def complete(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Complete the review; while anything is missing the page lists it, each with its link."""
    person, at, found = opened(request, review_id, "complete the review")
    lacking = missing_of(found)
    asks_why_nothing = any(one.record == Record.FINDINGS for one in lacking)
    form = CompleteForm(request.POST or None, asks_why_nothing=asks_why_nothing)
    if run(
        request,
        form,
        lambda data: operations.complete_review(by=person, at=at, review=found, **data),
        "The review is complete. It can be corrected from now on, not added to.",
    ):
        return redirect("reviews:review", found.pk)
    context = presenters.frame(found, held_by(found), person, at, "review")
    may = presenters.still_independent(context["may"]["review"], found, person, at, oversee=False)
    others = tuple(one for one in lacking if one.record != Record.FINDINGS)
    context |= {
        "form": form,
        "others": presenters.missing_links(found, others),
        "asks_why_nothing": asks_why_nothing,
        "findings_href": presenters.address_of(found, "", Record.FINDINGS),
        "no_support": not found.support_offers.exists(),
        "may": {"review": may},
        "unrecorded": presenters.unrecorded(form),
    }
    return render(request, "reviews/complete.html", context)
