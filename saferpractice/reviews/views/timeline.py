"""Pages of the timeline."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from saferpractice.access.web import attempt
from saferpractice.design.forms import Form
from saferpractice.reviews import operations, presenters
from saferpractice.reviews.forms import (
    CorrectEntryForm,
    TimelineEntryForm,
    entry_initial,
)
from saferpractice.reviews.queries import (
    entries_of,
    entry_of,
    held_by,
    stands,
)
from saferpractice.reviews.views.shared import opened, run


def timeline(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """The timeline, and a form to add to it."""
    person, at, found = opened(request, review_id, "timeline")
    form = TimelineEntryForm(request.POST or None, now=at)
    if run(
        request,
        form,
        lambda data: operations.add_timeline_entry(by=person, at=at, review=found, **data),
        "Added to the timeline.",
    ):
        return redirect("reviews:timeline", found.pk)
    context = presenters.frame(found, held_by(found), person, at, "review", "correct")
    context |= {
        "form": form,
        "entries": presenters.entry_rows(list(entries_of(found))),
        "unrecorded": presenters.unrecorded(form),
    }
    return render(request, "reviews/timeline.html", context)


@require_POST
def draw(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Draw what the records say into the timeline."""
    person, at, found = opened(request, review_id, "timeline")
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
    person, at, found = opened(request, review_id, "timeline")
    entry = entry_of(found, entry_id)
    if entry is None:
        raise Http404
    if request.method != "POST" and not stands(entry):
        messages.info(request, "Somebody put this entry right meanwhile. This is the timeline as it stands.")
        return redirect("reviews:timeline", found.pk)
    form = CorrectEntryForm(request.POST or None, now=at, initial=entry_initial(entry))
    if run(
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
        "unrecorded": presenters.unrecorded(form),
    }
    return render(request, "reviews/small_form.html", context)
