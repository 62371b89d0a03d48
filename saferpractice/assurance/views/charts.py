"""Pages of charts: many of one measure on one page, and new limits that a person decides."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from saferpractice.access.looks import record_look
from saferpractice.access.permissions import allowed
from saferpractice.access.web import attempt, status_of
from saferpractice.assurance import operations
from saferpractice.assurance.forms.charts import RebaseForm, TeamsForm, WithdrawRebaseForm
from saferpractice.assurance.models import ChartRebase
from saferpractice.assurance.permissions.measures import check_can_rebase
from saferpractice.assurance.presenters import charts as shown
from saferpractice.assurance.queries.charts import (
    rebase_seen,
    rebases_at,
    rebases_within,
    series_of_each,
)
from saferpractice.assurance.queries.measures import Each
from saferpractice.assurance.rules.charts.drawn import MeasureChart
from saferpractice.assurance.rules.charts.looking import Need, look_order, need_of
from saferpractice.assurance.rules.measures.defined import Defined
from saferpractice.assurance.rules.measures.periods import is_over
from saferpractice.assurance.views.measures import Asked, asked_of
from saferpractice.deadlines.rules import local_day
from saferpractice.design.exports import csv_response
from saferpractice.trail.operations import twice_at_once


def _may_rebase(asked: Asked) -> bool:
    return allowed(check_can_rebase, by=asked.by, at=asked.at, place=asked.placed.place)[0]


def rebase(request: HttpRequest, measure_key: str) -> HttpResponse:
    """Decide that new limits begin, and see the decisions there are."""
    asked = asked_of(request)
    defined = asked.one(measure_key)
    if not _may_rebase(asked):
        raise Http404
    over = asked.over(shown.POINTS)
    periods = [period for period in over if is_over(period, asked.at)]
    form = RebaseForm(request.POST or None, periods=periods, initial={"submission_key": uuid4().hex})
    if request.method == "POST" and form.is_valid():
        key = f"{asked.by.pk}:{form.cleaned_data['submission_key']}"[:80]
        done = attempt(
            form,
            lambda: twice_at_once(
                lambda: operations.rebase_chart(
                    by=asked.by,
                    at=asked.at,
                    place=asked.placed.place,
                    of=asked.placed.name,
                    measure=defined.measure,
                    periods=periods,
                    on=form.cleaned_data["on"],
                    reason=form.cleaned_data["reason"],
                    submission_key=key,
                    running=next((period for period in over if period not in periods), None),
                )
            ),
        )
        if isinstance(done, ChartRebase):
            messages.success(request, "New limits begin. Your name and reason stand on the chart.")
            return redirect(_measure_page(asked, defined))
    context = {
        "form": form,
        "placed": asked.placed,
        "measure": defined.measure,
        "back": _measure_page(asked, defined),
        "chart": shown.chart_at(defined, asked.placed, over, by=asked.by, at=asked.at),
        "decisions": shown.decision_rows(rebases_at(asked.placed.place, defined.key), defined.key, asked.query),
    }
    return render(request, "assurance/rebase.html", context, status=status_of(form))


def withdraw_rebase(request: HttpRequest, measure_key: str, rebase_id: UUID) -> HttpResponse:
    """Take back a decision that new limits begin."""
    asked = asked_of(request)
    defined, found = asked.one(measure_key), rebase_seen(asked.by.provider_id, measure_key, rebase_id)
    if found is None or not allowed(check_can_rebase, by=asked.by, at=asked.at, place=found.place)[0]:
        raise Http404
    form = WithdrawRebaseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        done = attempt(
            form,
            lambda: operations.withdraw_rebase(by=asked.by, at=asked.at, rebase=found, reason=form.cleaned_data["why"]),
        )
        if done is not None:
            messages.success(request, "The decision is withdrawn. The chart is drawn without it.")
            return redirect(_measure_page(asked, defined))
    back = reverse("assurance:rebase", args=[defined.key]) + f"?{asked.query}"
    context = {"form": form, "measure": defined.measure, "rebase": found, "back": back}
    return render(request, "assurance/rebase_withdraw.html", context)


def _measure_page(asked: Asked, defined: Defined) -> str:
    return reverse("assurance:measure", args=[defined.key]) + f"?{asked.query}"


@require_safe
def teams(request: HttpRequest, measure_key: str) -> HttpResponse:
    """One small chart for each team or service, what needs a look first."""
    asked = asked_of(request, form=TeamsForm)
    defined = asked.one(measure_key)
    charts = _of_each(asked, defined)
    context = {
        "form": asked.form,
        "placed": asked.placed,
        "measure": defined.measure,
        "each": _each(asked).value,
        "back": _measure_page(asked, defined),
        "counts": shown.need_counts([chart for _, chart in charts]),
        "rows": [shown.team_row(code, chart, defined.key, asked.length) for code, chart in _wanted(asked, charts)],
        "file": reverse("assurance:measure_teams_file", args=[defined.key]) + f"?{_query(asked)}",
    }
    return render(request, "assurance/teams.html", context)


@require_safe
def teams_file(request: HttpRequest, measure_key: str) -> StreamingHttpResponse:
    """The same as a file for a spreadsheet."""
    asked = asked_of(request, form=TeamsForm)
    defined = asked.one(measure_key)
    record_look(
        by=asked.by, at=asked.at, page="measure by team export", story_id=None, detail=f"{measure_key} {asked.query}"
    )
    charts = _wanted(asked, _of_each(asked, defined))
    name = f"{measure_key}-by-{_each(asked).value}-{local_day(asked.at).isoformat()}.csv"
    header = (_each(asked).value.capitalize(), *shown.OF_EACH_HEADER)
    return csv_response(name, header, (shown.team_line(chart) for _, chart in charts))


def _of_each(asked: Asked, defined: Defined) -> list[tuple[str, MeasureChart]]:
    """Each team's (or service's) address and chart, what needs a look first."""
    rebases = rebases_within(asked.by.provider_id, defined.key)
    found = [
        (placed.code, shown.read_chart(series, at=asked.at, rebases=rebases.get(placed.place, ())))
        for placed, series in series_of_each(defined, asked.placed, _each(asked), asked.over(shown.POINTS), asked.at)
    ]
    return sorted(found, key=lambda pair: look_order(pair[1]))


def _wanted(asked: Asked, charts: list[tuple[str, MeasureChart]]) -> list[tuple[str, MeasureChart]]:
    need = _need(asked)
    return [pair for pair in charts if need is None or need_of(pair[1]) is need]


def _need(asked: Asked) -> Need | None:
    return asked.form.wanted if isinstance(asked.form, TeamsForm) else None


def _each(asked: Asked) -> Each:
    return asked.form.each_one if isinstance(asked.form, TeamsForm) else Each.TEAM


def _query(asked: Asked) -> str:
    need = _need(asked)
    query = f"{asked.query}&each={_each(asked).value}"
    return query if need is None else f"{query}&need={int(need)}"
