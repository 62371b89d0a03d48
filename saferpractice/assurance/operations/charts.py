"""New limits on a chart begin, or the decision is taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from saferpractice.access.decisions import check_same_answers, decided
from saferpractice.access.models import Provider
from saferpractice.access.rules import Place
from saferpractice.assurance.models import ChartRebase, ChartRebaseWithdrawal
from saferpractice.assurance.permissions.measures import check_can_rebase
from saferpractice.assurance.queries.charts import rebases_of
from saferpractice.assurance.rules.charts.rebasing import rebase_problems
from saferpractice.assurance.rules.measures.series import Measure, Period
from saferpractice.deadlines.rules import day_label
from saferpractice.design.typed import as_written
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid, Stale
from saferpractice.trail.rules import By


@operation
def rebase_chart(
    *,
    by: By,
    at: datetime,
    place: Place,
    of: str,
    measure: Measure,
    periods: Sequence[Period],
    on: date,
    reason: str,
    submission_key: str,
    running: Period | None = None,
) -> Entry[ChartRebase] | Already[ChartRebase]:
    """Decide that the process differs from ``on`` (a London day), so that the chart has new limits from there (R4).

    Nothing rebases by itself: a person does, says why, and stands on the chart with the reason.

    Args:
        of: the name of the place, for the trail.
        periods: those of the chart that are over, oldest first; ``on`` begins one of them.
        running: the period that is not over.

    Raises:
        Refused: ``by`` is no quality lead of the place.
        Invalid: no period begins on that day, limits begin there already, or no reason is given; ``SentBefore``: the
            form was sent before with other answers.
    """
    check_can_rebase(by=by, at=at, place=place)
    Provider.objects.select_for_update().get(pk=place.provider_id)  # two may not begin limits on one day at once
    earlier = ChartRebase.objects.filter(submission_key=submission_key).first()
    if earlier is not None:
        check_same_answers(
            earlier,
            by=by,
            sentence="This form was already sent, and new limits were decided with it.",
            answers=[
                ("From which day", day_label(earlier.on), day_label(on)),
                ("Why the process differs", earlier.reason, reason.strip()),
            ],
        )
        return Already(earlier)
    taken = {rebase.on for rebase in rebases_of(place, measure.key)}
    problems = rebase_problems(periods, on, reason, taken=taken, running=running)
    if problems:
        raise Invalid(problems)
    rebase = ChartRebase.objects.create(
        provider_id=place.provider_id,
        service_id=place.service_id,
        team_id=place.team_id,
        measure_key=measure.key,
        on=on,
        reason=reason.strip(),
        submission_key=submission_key,
        **decided(by, at),
    )
    return Entry(
        result=rebase,
        subject=rebase,
        sentence=f"decided that the chart of “{measure.name}”, {of}, has new limits from {day_label(on)}, because: "
        f"{rebase.reason}",
        facts={"measure": measure.key, "on": on, "of": of},
    )


@operation
def withdraw_rebase(*, by: By, at: datetime, rebase: ChartRebase, reason: str) -> Entry[ChartRebaseWithdrawal]:
    """Take back a decision that new limits begin. It stays on record; the chart is drawn without it.

    Raises:
        Refused: ``by`` is no quality lead of the place.
        Invalid: no reason is given.
        Stale: it was withdrawn already.
    """
    check_can_rebase(by=by, at=at, place=rebase.place)
    rebase = ChartRebase.objects.select_for_update().get(pk=rebase.pk)
    if hasattr(rebase, "withdrawal"):
        raise Stale("This decision was withdrawn already.")
    if not as_written(reason):
        raise Invalid({"why": "Say why it is withdrawn. It will stand beside the decision."})
    withdrawal = ChartRebaseWithdrawal.objects.create(rebase=rebase, reason=reason.strip(), **decided(by, at))
    return Entry(
        result=withdrawal,
        subject=rebase,
        sentence=f"withdrew new limits from {day_label(rebase.on)}, because: {withdrawal.reason}",
        facts={"measure": rebase.measure_key, "on": rebase.on},
    )
