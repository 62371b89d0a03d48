"""Pages of stage 6."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.access.web import attempt, person_of, status_of
from saferpractice.assurance import operations, presenters
from saferpractice.assurance.forms.impact import AmendForm, PlanForm, ResultForm
from saferpractice.assurance.forms.own_measures import OwnAmendForm, OwnPlanForm
from saferpractice.assurance.models import ImpactPlan
from saferpractice.assurance.permissions.impact import check_can_enter_results, check_can_plan_impact
from saferpractice.assurance.queries import checks_of, history_of, plan_of_look, plan_seen, verdict_today
from saferpractice.assurance.queries.audits import results_to_count
from saferpractice.assurance.queries.own_measures import (
    measures_to_judge,
    own_of,
    places_to_judge,
    teams_to_compare,
)
from saferpractice.assurance.rules.measures.periods import Length
from saferpractice.changes.looking import open_change
from saferpractice.changes.models import OperationalChange
from saferpractice.config import clock
from saferpractice.deadlines.rules import local_day
from saferpractice.design.forms import Form
from saferpractice.trail.operations import twice_at_once
from saferpractice.trail.refusals import Invalid, SentBefore, Stale


def _plan(request: HttpRequest, plan_id: UUID, page: str) -> tuple[Person, datetime, ImpactPlan]:
    by, at = person_of(request), clock.now()
    plan = plan_seen(by, at, plan_id)
    if plan is None:
        raise Http404
    open_change(by=by, at=at, change_id=plan.change_id, page=page)
    return by, at, plan


def _placed(form: PlanForm, do: object) -> object:
    """Run ``do``; a problem with the looks or the effect is shown beside the field where it was typed."""

    def renamed() -> object:
        try:
            return do()  # type: ignore[operator]
        except SentBefore:
            raise
        except Invalid as invalid:
            raise Invalid(
                {form.PROBLEM_FIELDS.get(name, name): sentence for name, sentence in invalid.problems.items()}
            ) from invalid

    return attempt(form, renamed)


def new_plan(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """Declare how a change will be checked."""
    by, at = person_of(request), clock.now()
    change = open_change(by=by, at=at, change_id=change_id, page="impact plan").change
    if not allowed(check_can_plan_impact, by=by, at=at, change=change)[0]:
        raise Http404
    initial = {"submission_key": uuid4().hex, "roll_in_from": change.go_live_on}
    return _declare(request, change, PlanForm(request.POST or None, initial=initial), by=by, at=at)


def new_own_plan(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """Declare how a change will be checked by a measure of this system, whose numbers are read and never typed."""
    by, at = person_of(request), clock.now()
    change = open_change(by=by, at=at, change_id=change_id, page="impact plan").change
    if not allowed(check_can_plan_impact, by=by, at=at, change=change)[0]:
        raise Http404
    offered = _offered(change, by, at)
    if not offered["places"]:
        messages.info(
            request, "You read the numbers of no place that this change reaches. Plan it on numbers you count."
        )
        return redirect("assurance:new_plan", change.pk)
    initial = {
        "submission_key": uuid4().hex,
        "roll_in_from": change.go_live_on,
        "own_measure": request.GET.get("measure", ""),
        "length": Length.MONTH.value,
    }
    return _declare(request, change, OwnPlanForm(request.POST or None, initial=initial, **offered), by=by, at=at)


def _offered(change: OperationalChange, by: Person, at: datetime) -> dict[str, Any]:
    """What a plan on a measure of this system is chosen from."""
    return {
        "measures": measures_to_judge(change.provider_id, at),
        "places": places_to_judge(by, at, change),
        "others": teams_to_compare(by, at, change),
    }


def _declare(
    request: HttpRequest, change: OperationalChange, form: PlanForm, *, by: Person, at: datetime
) -> HttpResponse:
    """Show the form of a plan, or declare what it holds."""
    if request.method == "POST" and form.is_valid():
        key = f"{by.pk}:{form.cleaned_data['submission_key']}"[:80]
        plan = _placed(
            form,
            lambda: twice_at_once(
                lambda: operations.declare_plan(
                    by=by, at=at, change=change, declared=form.declared(), submission_key=key
                ),
            ),
        )
        if isinstance(plan, ImpactPlan):
            enters = own_of(plan) is None
            messages.success(request, f"The plan is declared.{' Enter the baseline next.' if enters else ''}")
            return redirect("assurance:plan", plan.pk)
    return _plan_form(request, form, change, "Plan the impact check", "Declare the plan")


def _plan_form(request: HttpRequest, form: Form, change: OperationalChange, title: str, button: str) -> HttpResponse:
    own = isinstance(form, OwnPlanForm)
    context = {"form": form, "change": change, "title": title, "button": button, "own": own}
    return render(request, "assurance/plan_form.html", context, status=status_of(form))


def amend(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """Amend a plan, with the reason; the earlier one stays."""
    by, at, plan = _plan(request, plan_id, "amend impact plan")
    if not allowed(check_can_plan_impact, by=by, at=at, change=plan.change)[0]:
        raise Http404
    form = _amending(request, plan, by, at)
    if request.method == "POST" and form.is_valid():
        key = f"{by.pk}:{form.cleaned_data['submission_key']}"[:80]
        amended = _placed(
            form,
            lambda: twice_at_once(
                lambda: operations.amend_plan(
                    by=by,
                    at=at,
                    plan=plan,
                    declared=form.declared(),
                    why=form.cleaned_data["why"],
                    submission_key=key,
                ),
            ),
        )
        if isinstance(amended, ImpactPlan):
            messages.success(request, "The plan was amended. The earlier one stays on record.")
            return redirect("assurance:plan", amended.pk)
    return _plan_form(request, form, plan.change, "Amend the plan", "Amend the plan")


def _amending(request: HttpRequest, plan: ImpactPlan, by: Person, at: datetime) -> AmendForm | OwnAmendForm:
    key = {"submission_key": uuid4().hex}
    if own_of(plan) is None:
        return AmendForm(request.POST or None, initial=AmendForm.initial_from(plan) | key)
    offered = _offered(plan.change, by, at)
    return OwnAmendForm(request.POST or None, initial=OwnAmendForm.initial_from(plan) | key, **offered)


@require_POST
def read_numbers(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """Read from the records what is over and was not read yet."""
    by, at, found = _plan(request, plan_id, "impact results")
    if not allowed(check_can_enter_results, by=by, at=at, change=found.change)[0]:
        raise Http404
    try:
        operations.read_numbers(by=by, at=at, plan=found)
    except (Invalid, Stale) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "The numbers were read from the records.")
    return redirect("assurance:plan", found.pk)


@require_safe
def plan(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """One impact check: what was declared, what was counted, the verdict and why."""
    by, at, found = _plan(request, plan_id, "impact check")
    context = {
        "plan": found,
        "history": history_of(found),
        "replaced_by": getattr(found, "replaced_by", None),
        "verdict": presenters.verdict_words(verdict_today(found, local_day(at))),
        "rows": presenters.result_rows(found),
        "chart": presenters.chart_rows(found),
        "checks": [presenters.check_row(check) for check in checks_of(found)],
        "smallest": presenters.smallest_in_words(found),
        "may_plan": presenters.may_plan(found.change, by, at),
        "may_enter": presenters.may_enter(found, by, at),
        "own": presenters.own_shown(found, by, at),
    }
    return render(request, "assurance/plan.html", context)


@require_safe
def look(request: HttpRequest, look_id: UUID) -> HttpResponse:
    """From a planned look to the page where its results are entered; for others to the plan, which says who may."""
    by, at = person_of(request), clock.now()
    found = plan_of_look(by, at, look_id)
    if found is None:
        raise Http404
    may = own_of(found) is None and allowed(check_can_enter_results, by=by, at=at, change=found.change)[0]
    return redirect("assurance:result" if may else "assurance:plan", found.pk)


def result(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """Enter what was counted."""
    by, at, found = _plan(request, plan_id, "impact results")
    if not allowed(check_can_enter_results, by=by, at=at, change=found.change)[0]:
        raise Http404
    if own_of(found) is not None:
        return redirect("assurance:plan", found.pk)
    looks = [look for look in found.looks.all() if look.on <= local_day(at)]
    audits = {str(one.pk): one for one in results_to_count(found.change)}
    offered = [(key, f"{operations.source_of_result(one)}: {one.met} of {one.read}") for key, one in audits.items()]
    form = ResultForm(request.POST or None, plan=found, looks=looks, audits=offered)

    def enter() -> object:
        data = form.cleaned_data
        look = next((one for one in looks if str(one.pk) == data["look"]), None)
        if data.get("from_audit"):
            return operations.enter_result_from_audit(
                by=by, at=at, plan=found, look=look, audit=audits[data["from_audit"]]
            )
        return operations.enter_result(
            by=by,
            at=at,
            plan=found,
            look=look,
            count=data["count"],
            out_of=data["out_of"],
            source=data["source"],
            index_events=data.get("index_events") if look is None else None,
            definition_changed=data["definition_changed"],
            unstable=data["unstable"],
        )

    if request.method == "POST" and form.is_valid():
        entered = attempt(form, enter)
        if entered is not None:
            messages.success(request, "The numbers are on record.")
            return redirect("assurance:plan", found.pk)
    return render(request, "assurance/result.html", {"form": form, "plan": found})
