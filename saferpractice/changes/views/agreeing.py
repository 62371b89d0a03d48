"""Agreeing a change, with a way out for what is only a reminder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.access.queries import teams_to_report_from
from saferpractice.access.web import attempt, person_of, status_of
from saferpractice.changes import operations
from saferpractice.changes.forms import ChangeForm
from saferpractice.changes.models import OperationalChange
from saferpractice.changes.permissions import check_can_carry, check_works_on
from saferpractice.changes.queries import (
    changes_after,
    finding_seen,
    findings_to_answer,
    owners_to_choose,
    review_of,
)
from saferpractice.changes.rules import ReminderMatch, reminder_in
from saferpractice.changes.views.shared import found, key_of, must, new_key
from saferpractice.config import clock
from saferpractice.deadlines.rules import local_day
from saferpractice.incidents.looking import open_incident
from saferpractice.lists.queries import choices
from saferpractice.reviews.models import Review
from saferpractice.trail.operations import twice_at_once
from saferpractice.trail.refusals import Invalid, Refused, Stale


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who asks for which review's form, and when."""

    person: Person
    at: datetime
    review: Review

    def form(self, data: Any = None, **given: Any) -> ChangeForm:
        provider_id = self.review.incident.provider_id
        return ChangeForm(
            data,
            now=self.at,
            findings=findings_to_answer(self.review.incident),
            types=choices("change-types", provider_id=provider_id, on=local_day(self.at)),
            owners=owners_to_choose(self.person, self.at),
            teams=teams_to_report_from(self.person),
            **given,
        )


def answer(request: HttpRequest, finding_id: UUID) -> HttpResponse:
    """From a finding to the form that answers it."""
    person, at = person_of(request), clock.now()
    finding = found(finding_seen(person, at, finding_id))
    return redirect(f"{reverse('changes:new', args=[finding.review_id])}?finding={finding.pk}")


def new(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Agree a change that answers findings of a review's incident; ``?finding=`` chooses one beforehand."""
    person, at = person_of(request), clock.now()
    review = found(review_of(review_id))
    open_incident(by=person, at=at, incident_id=review.incident_id, page="agree a change")
    must(allowed(check_works_on, by=person, at=at, incident=review.incident, to_do="agree a change")[0])
    asked = _Asked(person, at, review)
    if request.method == "POST":
        return _sent(request, asked)
    initial = new_key() | {"findings": [request.GET["finding"]] if "finding" in request.GET else None}
    return _page(request, asked, asked.form(initial=initial), None)


def _sent(request: HttpRequest, asked: _Asked) -> HttpResponse:
    form = asked.form(request.POST)
    if "move" in request.POST:
        return _page(request, asked, asked.form(kept=_with_briefing(form.typed())), None)
    if "keep_with" in request.POST:
        kept = _keep_with(request, asked)
        if kept is not None:
            return kept
    if form.is_valid():
        agreed = attempt(form, lambda: _agree(asked, form))
        if agreed is not None:
            messages.success(request, "The change was agreed.")
            return redirect("changes:change", agreed.pk)
    reminder = _reminder(form)
    if reminder is not None and reminder.field not in form.errors:
        form.add_error(reminder.field, reminder.sentence)
    return _page(request, asked, form, reminder)


def _agree(asked: _Asked, form: ChangeForm) -> OperationalChange:
    data, key = form.cleaned_data, key_of(form)

    def agree() -> OperationalChange:
        return operations.agree_change(
            by=asked.person,
            at=asked.at,
            findings=list(data["findings"].select_related("incident__team")),
            proposed=form.proposed(),
            owner=data["owner"],
            reach=list(data["reach"]),
            submission_key=key,
            briefing=data["briefing"],
        )

    return twice_at_once(agree)


def _reminder(form: ChangeForm) -> ReminderMatch | None:
    """The reminder in what was typed, whatever else must be put right."""
    typed = {name: str(form[name].value() or "") for name in ("title", "monday", "change_type")}
    return reminder_in(typed["title"], typed["monday"], typed["change_type"])


def _with_briefing(typed: dict[str, list[str]]) -> dict[str, list[str]]:
    """What was typed, with the words about Monday moved to the briefing."""
    words = [typed.get(name, [""])[0].strip() for name in ("briefing", "monday")]
    return typed | {"briefing": ["\n\n".join(filter(None, words))], "monday": [""]}


def _keep_with(request: HttpRequest, asked: _Asked) -> HttpResponse | None:
    """Keep the words as a briefing beside a change there is already; None when that change is not to be had."""
    targets = {str(change.pk): change for change in _targets(asked)}
    change = targets.get(request.POST["keep_with"])
    text = request.POST.get("monday", "")
    if change is None:
        return None
    try:
        operations.keep_briefing(by=asked.person, at=asked.at, change=change, text=text, submission_key=uuid4().hex)
    except (Invalid, Refused, Stale) as no:
        messages.error(request, str(no))
        return None
    messages.success(request, "The words were kept as a briefing beside this change. The finding still needs a change.")
    return redirect("changes:change", change.pk)


def _targets(asked: _Asked) -> list[OperationalChange]:
    """The standing changes of the incident beside which this person may keep a briefing."""
    changes = changes_after([asked.review.incident_id])[asked.review.incident_id]
    return [
        after.change
        for after in changes
        if not hasattr(after.change, "withdrawal")
        and allowed(check_can_carry, by=asked.person, at=asked.at, change=after.change)[0]
    ]


def _page(request: HttpRequest, asked: _Asked, form: ChangeForm, reminder: ReminderMatch | None) -> HttpResponse:
    context = {
        "form": form,
        "review": asked.review,
        "incident": asked.review.incident,
        "none_to_answer": not findings_to_answer(asked.review.incident).exists(),
        "reminder": reminder,
        "targets": _targets(asked) if reminder else [],
    }
    return render(request, "changes/new.html", context, status=status_of(form))
