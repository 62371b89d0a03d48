"""Pages of audits: the size, the plan, the list, the seed, the draw and the result."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from saferpractice.access.looks import record_look
from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.access.queries import teams_covered
from saferpractice.access.web import attempt, person_of, status_of
from saferpractice.assurance import operations
from saferpractice.assurance.forms.audits import AuditFilterForm, AuditPlanForm, EndForm, FreezeForm, SeedForm, SizeForm
from saferpractice.assurance.models import AuditPlan, AuditPopulation
from saferpractice.assurance.permissions.audits import check_can_plan_audit
from saferpractice.assurance.presenters import audits as presenters
from saferpractice.assurance.queries.audit_populations import choices_of
from saferpractice.assurance.queries.audits import (
    audit_plan_seen,
    audits_listed,
    is_over,
    population_seen,
    populations_of,
    under_way,
    went_live_on,
)
from saferpractice.assurance.rules.audits import Source, problems_of_claim, size_for
from saferpractice.assurance.rules.sampling import SampleRefused
from saferpractice.changes.looking import open_change
from saferpractice.changes.models import WORKS_IN_TEAMS, OperationalChange
from saferpractice.changes.views.shared import found, must, one_form
from saferpractice.config import clock
from saferpractice.deadlines.rules import local_day
from saferpractice.design.exports import csv_response
from saferpractice.design.words import number_asked
from saferpractice.trail.operations import twice_at_once


def opened_plan(request: HttpRequest, plan_id: UUID, page: str) -> tuple[Person, datetime, AuditPlan]:
    """Who asks, when, and the audit plan with the look recorded; or 404."""
    by, at = person_of(request), clock.now()
    plan = found(audit_plan_seen(by, at, plan_id))
    open_change(by=by, at=at, change_id=plan.change_id, page=page)
    return by, at, plan


def opened_list(request: HttpRequest, population_id: UUID, page: str) -> tuple[Person, datetime, AuditPopulation]:
    """Who asks, when, and one frozen list with the look recorded; or 404."""
    by, at = person_of(request), clock.now()
    population = found(population_seen(by, at, population_id))
    open_change(by=by, at=at, change_id=population.plan.change_id, page=page)
    return by, at, population


def _may_plan(by: Person, at: datetime, change: OperationalChange) -> bool:
    return allowed(check_can_plan_audit, by=by, at=at, change=change)[0]


def _planned_for(request: HttpRequest, change_id: UUID, page: str) -> tuple[Person, datetime, OperationalChange]:
    by, at = person_of(request), clock.now()
    change = open_change(by=by, at=at, change_id=change_id, page=page).change
    must(_may_plan(by, at, change) and not hasattr(change, "withdrawal"))
    return by, at, change


@require_safe
def size(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """How many records to read for what one wants to be able to say."""
    _, _, change = _planned_for(request, change_id, "audit size")
    form = SizeForm(request.GET if "population" in request.GET else None)
    answer = None
    if form.is_bound and form.is_valid():
        claim, numbers = form.claimed()
        percent = {name: float(value) for name, value in numbers.items()}
        for name, sentence in problems_of_claim(claim, percent).items():
            form.add_error(name, sentence)
        if not form.errors:
            try:
                answer = size_for(claim, percent, form.cleaned_data["population"])
            except SampleRefused as refused:
                form.add_error(None, str(refused))
    return render(request, "assurance/audit_size.html", {"form": form, "change": change, "answer": answer})


def new(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """Plan the audit of a change."""
    by, at, change = _planned_for(request, change_id, "audit plan")
    records = [(code, words) for source in Source for code, words in choices_of(change.provider_id, source, at)]
    initial = {"submission_key": uuid4().hex, "first_on": local_day(at) + timedelta(days=91)}
    given = {name: request.GET[name] for name in SizeForm.base_fields if name in request.GET}
    form = AuditPlanForm(request.POST or None, records=records, initial=initial | given)
    if request.method == "POST" and form.is_valid():
        key = f"{by.pk}:{form.cleaned_data['submission_key']}"[:80]
        plan = attempt(
            form,
            lambda: twice_at_once(
                lambda: operations.declare_audit(
                    by=by, at=at, change=change, declared=form.declared(), submission_key=key
                )
            ),
        )
        if plan is not None:
            messages.success(request, "The audit is planned. Freeze the list of records next.")
            return redirect("assurance:audit", plan.pk)
    context = {"form": form, "change": change, "button": "Plan the audit"}
    return render(request, "assurance/audit_plan_form.html", context, status=status_of(form))


@require_safe
def plan(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """One audit plan: what was declared, each audit made by it, and what comes next."""
    by, at, opened = opened_plan(request, plan_id, "audit")
    context = {
        "plan": opened,
        "over": is_over(opened),
        "declared": presenters.declared_rows(opened, at),
        "questions": presenters.question_rows(opened),
        "rows": presenters.audit_rows(opened, populations_of(opened)),
        "under_way": under_way(opened),
        "next_due": presenters.next_due(opened),
        "may_plan": allowed(check_can_plan_audit, by=by, at=at, change=opened.change),
    }
    return render(request, "assurance/audit.html", context)


def freeze(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """Freeze the list of the records of a period."""
    by, at, opened = opened_plan(request, plan_id, "freeze an audit list")
    must(_may_plan(by, at, opened.change) and not is_over(opened))
    last = opened.populations.order_by("-number").first()
    begin = last.period_to + timedelta(days=1) if last else went_live_on(opened.change)
    form = FreezeForm(
        request.POST or None, initial={"period_from": begin, "period_to": local_day(at) - timedelta(days=1)}
    )
    if request.method == "POST" and form.is_valid():
        frozen = attempt(form, lambda: operations.freeze_list(by=by, at=at, plan=opened, **form.cleaned_data))
        if frozen is not None:
            messages.success(request, "The list is frozen. Throw the dice now, and enter the seed.")
            return redirect("assurance:audit_round", frozen.pk)
    return render(request, "assurance/audit_freeze.html", {"form": form, "plan": opened})


def end(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """Audit no more by a plan."""
    by, at, opened = opened_plan(request, plan_id, "end an audit plan")
    must(_may_plan(by, at, opened.change) and not is_over(opened))
    form = EndForm(request.POST or None)
    return one_form(
        request,
        form,
        lambda: operations.end_audits(by=by, at=at, plan=opened, reason=form.cleaned_data["reason"]),
        back=reverse("assurance:audit", args=[plan_id]),
        done="The audit plan is ended. What it found stays.",
        words={"title": "End this audit plan", "caption": opened.title, "button": "End the plan", "warning": True,
               "lead": "What was found stays on record. To audit something else, plan another one."},
    )  # fmt: skip


@require_safe
def audit_round(request: HttpRequest, population_id: UUID) -> HttpResponse:
    """One audit: its list, its draw, how far the reading is, and what it found."""
    by, at, population = opened_list(request, population_id, "audit draw")
    return render(request, "assurance/audit_round.html", presenters.round_page(population, by, at))


def seed(request: HttpRequest, population_id: UUID) -> HttpResponse:
    """Enter the seed, which draws the sample."""
    by, at, population = opened_list(request, population_id, "enter an audit seed")
    must(_may_plan(by, at, population.plan.change) and not is_over(population.plan))
    form = SeedForm(request.POST or None)

    def enter() -> object:
        data = form.cleaned_data
        return operations.enter_seed(
            by=by,
            at=at,
            population=population,
            seed=data["seed"],
            published=data["came_from"] == "published",
            published_on=data["published_on"],
            words=data["words"],
        )

    return one_form(
        request,
        form,
        enter,
        back=reverse("assurance:audit_round", args=[population_id]),
        done="The sample is drawn. Auditors can read it now.",
        words={
            "title": "Enter the seed",
            "caption": population.plan.title,
            "lead": f"The list of {population.count} records is frozen. "
            f"The seed decides which {population.size} are read.",
            "button": "Draw the sample",
        },
    )


@require_safe
def ids(request: HttpRequest, population_id: UUID) -> HttpResponse:
    """The frozen list as a file whose SHA-256 is the hash shown: ids, sorted, a line each, and nothing else."""
    _, _, population = opened_list(request, population_id, "audit list file")
    response = HttpResponse("\n".join(population.lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="audit-list-{population.list_hash[:12]}.csv"'
    response["Cache-Control"] = "no-store"
    return response


def _filter(request: HttpRequest, by: Person, at: datetime) -> AuditFilterForm:
    must(bool(by.roles_anywhere(at) & WORKS_IN_TEAMS))
    teams = teams_covered(by, at, WORKS_IN_TEAMS).order_by("name")
    return AuditFilterForm(request.GET, teams=teams)


PAGE = 25


@require_safe
def audits(request: HttpRequest) -> HttpResponse:
    """The audits of the changes the person may see, newest first."""
    by, at = person_of(request), clock.now()
    form = _filter(request, by, at)
    page = max(1, number_asked(request.GET.get("page", ""), 1))
    rows = list(audits_listed(by, at, form.wanted())[(page - 1) * PAGE : page * PAGE + 1])
    record_look(by=by, at=at, page="audits list", story_id=None, detail=f"{len(rows[:PAGE])} shown")
    kept = request.GET.copy()
    kept.pop("page", None)
    context = {
        "form": form,
        "rows": [presenters.listed_row(one) for one in rows[:PAGE]],
        "narrowed": any(request.GET.get(name) for name in ("q", "answer", "team")),
        "page": page,
        "more": len(rows) > PAGE,
        "query": kept.urlencode(),
    }
    return render(request, "assurance/audits.html", context)


@require_safe
def audits_file(request: HttpRequest) -> StreamingHttpResponse:
    """The list as shown, all its rows, as a file for a spreadsheet."""
    by, at = person_of(request), clock.now()
    wanted = _filter(request, by, at).wanted()
    record_look(by=by, at=at, page="audits export", story_id=None, detail=request.GET.urlencode())
    lines = (presenters.export_line(one) for one in audits_listed(by, at, wanted).iterator(chunk_size=200))
    return csv_response(f"audits-{local_day(at).isoformat()}", presenters.EXPORT_HEADER, lines)
