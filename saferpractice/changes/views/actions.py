"""Tracked actions: giving them out, their evidence, the decision on it, and the plan they make."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.access.web import attempt, person_of
from saferpractice.changes import operations, presenters
from saferpractice.changes.forms import ActionForm, DecisionForm, EvidenceForm, HandOverForm, PlanForm
from saferpractice.changes.looking import OpenAction, open_action, open_change
from saferpractice.changes.models import ActionPlan, OperationalChange, TrackedAction
from saferpractice.changes.permissions import (
    check_can_carry,
    check_can_decide_evidence,
    check_can_give_evidence,
    check_can_hand_over_action,
    check_can_plan,
)
from saferpractice.changes.queries import (
    action_of_evidence,
    evidence_of,
    file_of_evidence,
    newest_plan,
    owners_to_choose,
    plan_is_required,
    planned_actions,
    review_of,
)
from saferpractice.changes.views.shared import found, key_of, must, new_key, one_form
from saferpractice.config import clock
from saferpractice.deadlines.rules import local_day
from saferpractice.files.serving import as_download
from saferpractice.incidents.looking import open_incident
from saferpractice.reviews.models import Review
from saferpractice.trail.operations import twice_at_once


@require_safe
def action(request: HttpRequest, action_id: UUID) -> HttpResponse:
    """One tracked action: what, who, by when, and its evidence."""
    person, at = person_of(request), clock.now()
    opened = open_action(by=person, at=at, action_id=action_id, page="action")
    return _action_page(request, opened, person, at)


def _action_page(
    request: HttpRequest,
    opened: OpenAction,
    person: Person,
    at: datetime,
    *,
    evidence_form: EvidenceForm | None = None,
    decision_form: DecisionForm | None = None,
) -> HttpResponse:
    context = presenters.action_page(opened, person, at) | {
        "evidence_form": evidence_form or EvidenceForm(prefix="evidence"),
        "decision_form": decision_form or DecisionForm(prefix="decision"),
        "files_again": bool(request.FILES),
    }
    return render(request, "changes/action.html", context)


def give_evidence(request: HttpRequest, action_id: UUID) -> HttpResponse:
    """Give evidence that the action is done."""
    person, at = person_of(request), clock.now()
    if request.method != "POST":
        return redirect("changes:action", action_id)
    opened = open_action(by=person, at=at, action_id=action_id, page="give evidence")
    must(allowed(check_can_give_evidence, by=person, at=at, action=opened.action)[0])
    form = EvidenceForm(request.POST, request.FILES, prefix="evidence")

    def give() -> object:
        data = form.cleaned_data
        return operations.give_evidence(
            by=person,
            at=at,
            action=opened.action,
            words=data["words"],
            record=data["record"],
            upload=data["file"],
        )

    if form.is_valid() and attempt(form, give) is not None:
        messages.success(request, "The evidence was given. Somebody else now decides whether it is good enough.")
        return redirect("changes:action", action_id)
    return _action_page(request, opened, person, at, evidence_form=form)


def decide(request: HttpRequest, action_id: UUID) -> HttpResponse:
    """Accept the evidence that waits, or send it back."""
    person, at = person_of(request), clock.now()
    if request.method != "POST":
        return redirect("changes:action", action_id)
    opened = open_action(by=person, at=at, action_id=action_id, page="decide on evidence")
    shown = found(evidence_of(opened.action, request.POST.get("evidence", "")))
    must(allowed(check_can_decide_evidence, by=person, at=at, evidence=shown)[0])
    form = DecisionForm(request.POST, prefix="decision")

    def settle() -> object:
        data = form.cleaned_data
        accepted = data["decision"] == DecisionForm.ACCEPT
        return operations.decide_evidence(
            by=person, at=at, evidence=shown, accepted=accepted, reason="" if accepted else data["reason"]
        )

    if form.is_valid() and attempt(form, settle) is not None:
        accepted = form.cleaned_data["decision"] == DecisionForm.ACCEPT
        messages.success(request, "The evidence was accepted." if accepted else "The evidence was sent back.")
        return redirect("changes:action", action_id)
    return _action_page(request, opened, person, at, decision_form=form)


@require_safe
def evidence(request: HttpRequest, evidence_id: UUID) -> HttpResponse:
    """From a piece of evidence to the action it was given for."""
    person, at = person_of(request), clock.now()
    return redirect("changes:action", found(action_of_evidence(person, at, evidence_id)).pk)


@require_safe
def evidence_file(request: HttpRequest, action_id: UUID, file_id: UUID) -> FileResponse:
    """A file given as evidence, for everybody who may see the action."""
    person, at = person_of(request), clock.now()
    opened = open_action(by=person, at=at, action_id=action_id, page="file of an action")
    return as_download(found(file_of_evidence(opened.action, file_id)))


def hand_over_action(request: HttpRequest, action_id: UUID) -> HttpResponse:
    """Pass the action to another owner."""
    person, at = person_of(request), clock.now()
    opened = open_action(by=person, at=at, action_id=action_id, page="pass an action on")
    must(allowed(check_can_hand_over_action, by=person, at=at, action=opened.action)[0])
    form = HandOverForm(request.POST or None, owners=owners_to_choose(person, at))
    return one_form(
        request,
        form,
        lambda: operations.hand_over_action(by=person, at=at, action=opened.action, **form.cleaned_data),
        back=reverse("changes:action", args=[action_id]),
        done="The action was passed on, and its new owner is told.",
        words={
            "title": "Pass the action to another owner",
            "caption": opened.action.what[:200],
            "lead": "Its day does not move.",
            "button": "Pass it on",
        },
    )


def new_action(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """Give out an action for a change."""
    person, at = person_of(request), clock.now()
    opened = open_change(by=person, at=at, change_id=change_id, page="give out an action")
    must(allowed(check_can_carry, by=person, at=at, change=opened.change)[0])
    back = reverse("changes:change", args=[change_id])
    return _give_out(request, person, at, back=back, caption=opened.change.title, change=opened.change)


def new_review_action(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Give out an action of a review's plan."""
    person, at = person_of(request), clock.now()
    review = found(review_of(review_id))
    incident = open_incident(by=person, at=at, incident_id=review.incident_id, page="give out an action")
    must(allowed(check_can_plan, by=person, at=at, review=review)[0])
    back = reverse("changes:action_plan", args=[review_id])
    return _give_out(request, person, at, back=back, caption=f"Incident {incident.reference}", review=review)


def _give_out(
    request: HttpRequest,
    person: Person,
    at: datetime,
    *,
    back: str,
    caption: str,
    change: OperationalChange | None = None,
    review: Review | None = None,
) -> HttpResponse:
    form = ActionForm(request.POST or None, now=at, owners=owners_to_choose(person, at), initial=new_key())

    def give() -> TrackedAction:
        data, key = form.cleaned_data, key_of(form)
        return twice_at_once(
            lambda: operations.add_action(
                by=person,
                at=at,
                what=data["what"],
                owner=data["owner"],
                due_on=data["due_on"],
                submission_key=key,
                change=change,
                review=review,
            ),
        )

    return one_form(
        request,
        form,
        give,
        back=back,
        done="The action was given out, and its owner is told.",
        words={"title": "Give out an action", "caption": caption, "button": "Give it out"},
    )


def action_plan(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """The tracked action plan of a review: its actions, and supplying it as the document a formal review requires."""
    person, at = person_of(request), clock.now()
    review = found(review_of(review_id))
    incident = open_incident(by=person, at=at, incident_id=review.incident_id, page="action plan")
    may_plan, why_not = allowed(check_can_plan, by=person, at=at, review=review)
    form = PlanForm(request.POST or None)
    if request.method == "POST":
        must(may_plan)
        if form.is_valid() and _supply(form, person, at, review) is not None:
            messages.success(request, "The action plan was supplied to the review.")
            return redirect("changes:action_plan", review_id)
    context: dict[str, Any] = {
        "form": form,
        "review": review,
        "incident": incident,
        "rows": [presenters.action_row(action, local_day(at)) for action in planned_actions(review)],
        "may_plan": may_plan,
        "why_not": why_not,
        "required": plan_is_required(review),
        "plan": newest_plan(review),
    }
    return render(request, "changes/action_plan.html", context)


def _supply(form: PlanForm, person: Person, at: datetime, review: Review) -> ActionPlan | None:
    return attempt(
        form,
        lambda: operations.supply_action_plan(by=person, at=at, review=review, words=form.cleaned_data["words"]),
    )
