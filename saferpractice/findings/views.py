"""Pages of stage 4."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from saferpractice.access.looks import record_look
from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.access.web import attempt, person_of
from saferpractice.config import clock
from saferpractice.deadlines.rules import local_day
from saferpractice.design.exports import csv_response
from saferpractice.findings import operations, presenters
from saferpractice.findings.beside import beside
from saferpractice.findings.forms import (
    ConditionsForm,
    CorrectFindingForm,
    FindingForm,
    RapidForm,
    finding_initial,
)
from saferpractice.findings.models import Finding
from saferpractice.findings.permissions import (
    check_can_correct_finding,
    check_can_count_conditions,
    check_can_record_finding,
)
from saferpractice.findings.queries import (
    as_it_stands,
    conditions_counted,
    finding_by_id,
    findings_of,
    found_before_seen,
    seen_by,
    services_seen,
)
from saferpractice.lists.queries import Choice, choices
from saferpractice.reviews import drafts
from saferpractice.reviews.looking import open_the_review
from saferpractice.reviews.models import Review, ReviewCompletion
from saferpractice.reviews.presenters import address_of, missing_links, tier_words, unrecorded
from saferpractice.reviews.queries import entries_of, missing_of, standing_of
from saferpractice.reviews.rules import Record, SuppliedBy
from saferpractice.trail.refusals import Invalid
from saferpractice.triage.rules import TierCode

TEXTS = ("statement", "made_more_likely", "reduces_recurrence")
PART, RAPID = "finding", "rapid"
"""The parts of a review that these pages keep as drafts."""


def _conditions(review: Review, at: datetime, keeps: Finding | None = None) -> tuple[Choice, ...]:
    """The conditions to choose from; the one of a finding that is put right stays, also when it left the list."""
    provider_id = review.incident.provider_id
    listed = choices("system-conditions", provider_id=provider_id, on=local_day(at))
    if keeps is None or keeps.condition in {one.code for one in listed}:
        return listed
    then = choices("system-conditions", provider_id=provider_id, on=local_day(keeps.decided_at))
    return (*listed, *(one for one in then if one.code == keeps.condition))


def _context(review: Review, person: Person, at: datetime) -> dict[str, Any]:
    state = standing_of(review)
    may, why_not = allowed(check_can_record_finding, by=person, at=at, review=review)
    return {
        "review": review,
        "incident": review.incident,
        "tier": tier_words(review.tier),
        "going_on": state.goes_on,
        "may": may,
        "why_not": why_not,
    }


def _wording(form: FindingForm | RapidForm, names: dict[str, str]) -> dict[str, Any]:
    """What the page says of the wording once a form was sent: what points at a person, and hints on the statement."""
    if not form.is_bound:
        return {"wording": [], "hints": []}
    texts = {text: str(form[name].value() or "") for text, name in names.items()}
    return {"wording": presenters.wording(texts), "hints": presenters.hints_for(texts["statement"])}


@require_safe
def of_review(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """The findings of a review, with what each rests on."""
    person, at = person_of(request), clock.now()
    review = open_the_review(by=person, at=at, review_id=review_id, page="findings")
    context = _context(review, person, at)
    earlier = findings_of(review.builds_on) if review.builds_on else []
    for one in (found := findings_of(review)) + earlier:
        one.incident = review.incident
    context |= {
        "findings": presenters.findings_shown(found, by=person, at=at),
        "earlier": presenters.findings_shown(earlier, by=person, at=at),
        "beside": beside(found, by=person, at=at),
    }
    return render(request, "findings/of_review.html", context)


def new(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Record a finding; ``?from=<id>`` begins with one of the review this one builds on."""
    person, at = person_of(request), clock.now()
    review = open_the_review(by=person, at=at, review_id=review_id, page="findings")
    context = _context(review, person, at)
    kept = None if request.method == "POST" else drafts.read_draft(review=review, person=person, part=PART)
    form = FindingForm(
        request.POST or None,
        kept=kept,
        conditions=_conditions(review, at),
        entries=entries_of(review),
        initial=_begin_with(request, review),
    )
    if "later" in request.POST and context["may"] and context["going_on"]:
        drafts.save_draft(review=review, person=person, part=PART, answers=drafts.typed_in(request.POST), at=at)
        messages.success(request, "Saved for later. The finding is not recorded yet.")
        return redirect("findings:of_review", review.pk)
    if request.method == "POST" and form.is_valid() and "check" not in request.POST:
        found = attempt(form, lambda: operations.record_finding(by=person, at=at, review=review, words=form.words()))
        if found is not None:
            drafts.discard_draft(review=review, person=person, part=PART)
            _say_recorded(request, found, person, at)
            return redirect("findings:of_review", review.pk)
    context |= {
        "form": form,
        "kept": kept is not None,
        "title": "Add a finding",
        "button": "Record the finding",
        "no_entries": not entries_of(review).exists(),
        "unrecorded": unrecorded(form),
        "timeline": address_of(review, "", Record.TIMELINE),
        **_wording(form, {name: name for name in TEXTS}),
    }
    return render(request, "findings/form.html", context)


def _begin_with(request: HttpRequest, review: Review) -> dict[str, Any]:
    wanted = request.GET.get("from", "")
    if review.builds_on is None or not wanted:
        return {}
    found = next((one for one in findings_of(review.builds_on) if str(one.pk) == wanted), None)
    return {**finding_initial(found), "evidence": []} if found else {}


def _say_recorded(request: HttpRequest, found: Finding, person: Person, at: datetime) -> None:
    messages.success(request, "The finding is recorded. It now asks for a change.")
    before = found_before_seen(incident=found.incident, condition=found.condition, by=person, at=at)
    if before:
        references = ", ".join(one.reference for one in before[:5])
        messages.warning(
            request,
            f"The same condition was found before in this service: {references}. "
            "The rules were asked for the tier again.",
        )


def _finding(person: Person, at: datetime, finding_id: UUID, page: str) -> Finding:
    """The finding through its review and incident, with the look recorded; or 404."""
    found = finding_by_id(finding_id)
    if found is None:
        raise Http404("There is no such page, or it is not yours to see.")
    found.review = open_the_review(by=person, at=at, review_id=found.review_id, page=page)
    found.incident = found.review.incident
    return found


@require_safe
def finding(request: HttpRequest, finding_id: UUID) -> HttpResponse:
    """The way from a finding to its place among the findings of its review, also when it was put right since."""
    found = as_it_stands(_finding(person_of(request), clock.now(), finding_id, "finding"))
    return redirect(reverse("findings:of_review", args=[found.review_id]) + f"#finding-{found.pk}")


def correct(request: HttpRequest, finding_id: UUID) -> HttpResponse:
    """Put a finding right."""
    person, at = person_of(request), clock.now()
    found = _finding(person, at, finding_id, "finding")
    review = found.review
    if request.method != "POST" and as_it_stands(found) != found:
        messages.info(request, "Somebody put this finding right meanwhile. These are the findings as they stand.")
        return redirect("findings:of_review", review.pk)
    form = CorrectFindingForm(
        request.POST or None,
        conditions=_conditions(review, at, keeps=found),
        entries=entries_of(review),
        initial=finding_initial(found),
    )
    if request.method == "POST" and form.is_valid() and "check" not in request.POST:
        corrected = attempt(
            form,
            lambda: operations.correct_finding(
                by=person,
                at=at,
                finding=found,
                words=form.words(),
                corrected_because=form.cleaned_data["corrected_because"],
            ),
        )
        if corrected is not None:
            messages.success(request, "The finding was put right. What was written before stays beside it.")
            return redirect("findings:of_review", review.pk)
    context = _context(review, person, at)
    may, why_not = allowed(check_can_correct_finding, by=person, at=at, finding=found)
    context |= {
        "form": form,
        "kept": False,
        "may": may,
        "why_not": why_not,
        "going_on": True,
        "title": "Put a finding right",
        "button": "Put it right",
        "no_entries": False,
        "unrecorded": unrecorded(form),
        "timeline": address_of(review, "", Record.TIMELINE),
        **_wording(form, {name: name for name in TEXTS}),
    }
    return render(request, "findings/form.html", context)


def rapid(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """A whole rapid review on one page."""
    person, at = person_of(request), clock.now()
    review = open_the_review(by=person, at=at, review_id=review_id, page="rapid review")
    context = _context(review, person, at)
    if review.tier != TierCode.A or (not context["going_on"] and not _typed_too_late(request, review, person)):
        return redirect("reviews:review", review.pk)
    documents = list(review.required_documents.filter(supplied_by=SuppliedBy.ANSWERS))
    here = {document.kind for document in documents}
    elsewhere = [one for one in missing_of(review) if one.record != Record.FINDINGS and one.kind not in here]
    kept = None if request.method == "POST" else drafts.read_draft(review=review, person=person, part=RAPID)
    form = RapidForm(
        request.POST or None,
        kept=kept,
        conditions=_conditions(review, at),
        documents=documents,
        prefill=presenters.rapid_prefill(review),
    )
    if "later" in request.POST and context["may"] and context["going_on"]:
        drafts.save_draft(review=review, person=person, part=RAPID, answers=drafts.typed_in(request.POST), at=at)
        messages.success(request, "Saved for later. The review is not done yet.")
        return redirect("reviews:review", review.pk)
    sent = request.method == "POST" and form.is_valid()
    done = attempt(form, lambda: _do_rapid(form, review, person, at)) if sent else None
    if done is not None:
        next_step = " What was found now asks for a change." if form.words() is not None else ""
        messages.success(request, f"The rapid review is done.{next_step}")
        return redirect("reviews:review", review.pk)
    names = {"statement": "statement", "made_more_likely": form.cause, "reduces_recurrence": "reduces_recurrence"}
    context |= {
        "form": form,
        "kept": kept is not None,
        "elsewhere": missing_links(review, tuple(elsewhere)),
        "unrecorded": unrecorded(form),
        **_wording(form, names),
    }
    return render(request, "findings/rapid.html", context)


def _typed_too_late(request: HttpRequest, review: Review, person: Person) -> bool:
    """Whether ``person`` sends words to a review that ended otherwise than by their own completing it."""
    done = getattr(review, "completion", None)
    return request.method == "POST" and (done is None or done.decided_by_id != person.pk)


def _do_rapid(form: RapidForm, review: Review, person: Person, at: datetime) -> ReviewCompletion:
    try:
        return operations.complete_rapid_review(
            by=person,
            at=at,
            review=review,
            answers=form.answers(),
            words=form.words(),
            nothing_found_because=form.cleaned_data["nothing_found_because"],
        )
    except Invalid as invalid:
        raise Invalid(
            {form.cause if name == "made_more_likely" else name: words for name, words in invalid.problems.items()}
        ) from invalid


def _counted(request: HttpRequest) -> tuple[Person, datetime, ConditionsForm, Any]:
    person, at = person_of(request), clock.now()
    if not allowed(check_can_count_conditions, by=person, at=at)[0]:
        raise Http404
    form = ConditionsForm(request.GET or None, services=services_seen(person, at))
    if form.is_bound and not form.is_valid():  # the whole in place of the part that was asked for would mislead
        return person, at, form, seen_by(person, at).none()
    data = form.cleaned_data if form.is_bound else {}
    found = seen_by(person, at, service=data.get("service"), first=data.get("first"), last=data.get("last"))
    return person, at, form, found


@require_safe
def pareto(request: HttpRequest) -> HttpResponse:
    """Which conditions come up most, over the incidents the person may open."""
    person, at, form, found = _counted(request)
    counted = conditions_counted(found, provider_id=person.provider_id)
    total = sum(one.row.count for one in counted)
    record_look(by=person, at=at, page="conditions", story_id=None, detail=f"{total} findings")
    context = {
        "form": form,
        "bars": presenters.bars(counted),
        "rows": presenters.pareto_rows(counted),
        "total": total,
    }
    return render(request, "findings/pareto.html", context)


@require_safe
def pareto_file(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The same as a file for a spreadsheet; back to the page where it cannot be told what is to be in it."""
    person, at, form, found = _counted(request)
    if form.errors:
        return redirect(f"{reverse('findings:pareto')}?{request.GET.urlencode()}")
    counted = conditions_counted(found, provider_id=person.provider_id)
    record_look(by=person, at=at, page="conditions file", story_id=None)
    header = ("Condition", "Code", "Findings", "Share", "Share so far")
    rows = [(row[0], one.row.code, *row[1:]) for one, row in zip(counted, presenters.pareto_rows(counted), strict=True)]
    return csv_response(f"conditions-{local_day(at).isoformat()}.csv", header, rows)
