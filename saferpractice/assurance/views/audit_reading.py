"""Reading for an audit: one record at a time, what two auditors differ on, and what is done about failures."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from saferpractice.access.looks import record_look
from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.access.web import attempt, person_of
from saferpractice.assurance import operations
from saferpractice.assurance.forms.audits import FollowUpForm, ScoreForm, SettleForm
from saferpractice.assurance.models import AuditSample
from saferpractice.assurance.permissions.audits import check_can_audit, check_can_plan_audit
from saferpractice.assurance.presenters.audit_results import agreed_answers, side_by_side
from saferpractice.assurance.presenters.audits import progress_of
from saferpractice.assurance.queries.audit_reading import GONE, check_reads, is_gone, next_for, record_of_sample
from saferpractice.assurance.queries.audits import is_over, needed, questions_of, sample_seen, state_of_sample
from saferpractice.assurance.rules.audits import Standing
from saferpractice.assurance.views.audits import opened_list
from saferpractice.changes.looking import open_change
from saferpractice.changes.queries import owners_to_choose
from saferpractice.changes.views.shared import found, must, one_form
from saferpractice.config import clock


def _opened(request: HttpRequest, sample_id: UUID, page: str) -> tuple[Person, datetime, AuditSample]:
    by, at = person_of(request), clock.now()
    sample = found(sample_seen(by, at, sample_id))
    open_change(by=by, at=at, change_id=sample.population.plan.change_id, page=page)
    return by, at, sample


def _opened_to_read(request: HttpRequest, sample_id: UUID, page: str) -> tuple[Person, datetime, AuditSample]:
    """The record drawn for an auditor who may read it, with the look at its story recorded; 404 for anybody else."""
    by, at, sample = _opened(request, sample_id, page)
    must(allowed(check_reads, by=by, at=at, sample=sample, why_not="to look at the page")[0])
    must(not is_over(sample.population.plan))
    record_look(
        by=by, at=at, page=page, story_id=record_of_sample(sample).story_id, detail=f"Audit {sample.population_id}"
    )
    return by, at, sample


@require_safe
def go_on(request: HttpRequest, population_id: UUID) -> HttpResponse:
    """To the next record this auditor can read; back to the audit when there is none."""
    by, at, population = opened_list(request, population_id, "audit reading")
    must(allowed(check_can_audit, by=by, at=at, change=population.plan.change)[0])
    waiting = next_for(by, at, population) if hasattr(population, "seed") and not is_over(population.plan) else None
    if waiting is not None:
        return redirect("assurance:audit_sample", waiting.pk)
    messages.info(request, "There is nothing more for you to read in this audit.")
    return redirect("assurance:audit_round", population.pk)


def sample(request: HttpRequest, sample_id: UUID) -> HttpResponse:
    """Read one record: the questions with what to look for, and how far the reading is."""
    by, at, drawn = _opened_to_read(request, sample_id, "audit record")
    plan, gone = drawn.population.plan, is_gone(drawn)
    state = state_of_sample(drawn)
    mine = state.score_by(by.pk)
    closed = state.settled is not None or len(state.scores) >= needed(plan)
    must(not closed or (mine is not None and needed(plan) == 1))
    kept = (
        {**mine.answers, "cannot": bool(mine.why_not), "why_not": mine.why_not, "remark": mine.remark} if mine else {}
    )
    if gone and not mine:
        kept = {"cannot": True, "why_not": GONE}
    form = ScoreForm(request.POST or None, questions=questions_of(plan), initial=kept)
    if request.method == "POST" and form.is_valid():
        remark = form.cleaned_data["remark"]
        score = attempt(
            form,
            lambda: operations.score_record(by=by, at=at, sample=drawn, remark=remark, **form.answered()),
        )
        if score is not None:
            messages.success(request, f"Record {drawn.rank} is read.")
            return redirect("assurance:audit_read", drawn.population_id)
    context = {
        "form": form,
        "sample": drawn,
        "plan": plan,
        "record": record_of_sample(drawn),
        "gone": gone,
        "progress": progress_of(drawn.population, by),
        "mine": mine,
    }
    return render(request, "assurance/audit_sample.html", context)


def settle(request: HttpRequest, sample_id: UUID) -> HttpResponse:
    """Decide what counts where two auditors differ: both side by side."""
    by, at, drawn = _opened_to_read(request, sample_id, "audit disagreement")
    plan, state = drawn.population.plan, state_of_sample(drawn)
    must(state.standing is Standing.DIFFERS or state.settled is not None)
    form = SettleForm(request.POST or None, questions=questions_of(plan), initial=agreed_answers(state))
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        settled = attempt(
            form,
            lambda: operations.settle_record(by=by, at=at, sample=drawn, reason=reason, **form.answered()),
        )
        if settled is not None:
            messages.success(request, f"Record {drawn.rank} is settled.")
            return redirect("assurance:audit_round", drawn.population_id)
    context = {
        "form": form,
        "sample": drawn,
        "plan": plan,
        "record": record_of_sample(drawn),
        "rows": side_by_side(state),
        "names": [one.decided_by_name for one in state.scores],
    }
    return render(request, "assurance/audit_settle.html", context)


def follow_up(request: HttpRequest, sample_id: UUID) -> HttpResponse:
    """Answer for a record that does not meet the standard."""
    by, at, drawn = _opened(request, sample_id, "audit follow-up")
    plan = drawn.population.plan
    must(allowed(check_can_plan_audit, by=by, at=at, change=plan.change)[0] and not is_over(plan))
    form = FollowUpForm(request.POST or None, owners=owners_to_choose(by, at), now=at)

    def answer() -> object:
        data = form.cleaned_data
        if not data["track"]:
            return operations.follow_up(by=by, at=at, sample=drawn, why_none=data["why_none"])
        return operations.follow_up(
            by=by, at=at, sample=drawn, what=data["what"], owner=data["owner"], due_on=data["due_on"]
        )

    return one_form(
        request,
        form,
        answer,
        back=reverse("assurance:audit_round", args=[drawn.population_id]),
        done="That is on record.",
        words={
            "title": f"Record {drawn.rank} does not meet the standard",
            "caption": plan.title,
            "button": "Save",
        },
    )
