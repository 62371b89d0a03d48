"""Reads of stage 6: plans, their results, and what the rules make of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import takewhile
from uuid import UUID

from django.db.models import QuerySet

from saferpractice.access.models import Person
from saferpractice.access.rules import Place
from saferpractice.assurance import rules
from saferpractice.assurance.models import ImpactCheck, ImpactPlan, ImpactResult, PlannedLook
from saferpractice.assurance.queries.measures import counts_between
from saferpractice.assurance.queries.own_measures import own_of
from saferpractice.changes.models import OperationalChange
from saferpractice.deadlines.rules import end_of_day, local_day
from saferpractice.incidents.models import Incident

REPORTING_KEY = "incidents.reporting"
"""The measure of how much is reported, of any kind."""


def plans_of(change: OperationalChange) -> list[ImpactPlan]:
    """The plans in force for a change (not replaced by an amendment), the primary one first."""
    found = change.impact_plans.filter(replaced_by__isnull=True).select_related("own_measure").prefetch_related("looks")
    return list(found.order_by("-primary", "decided_at", "pk"))


def changes_of(incident: Incident) -> list[OperationalChange]:
    """The standing changes that answer findings of an incident, oldest first."""
    found = OperationalChange.objects.filter(findings__incident=incident, withdrawal__isnull=True)
    return list(found.distinct().order_by("decided_at", "pk"))


def plan_seen(person: Person, at: datetime, plan_id: UUID) -> ImpactPlan | None:
    """One plan, when ``person`` may open its change."""
    seen = OperationalChange.objects.visible_to(person, at)
    found = ImpactPlan.objects.filter(change__in=seen).select_related("change__owner", "own_measure")
    found = found.prefetch_related("looks")
    return found.filter(pk=plan_id).first()


def plan_of_look(person: Person, at: datetime, look_id: UUID) -> ImpactPlan | None:
    """The plan of a look, when ``person`` may open its change."""
    look = PlannedLook.objects.filter(pk=look_id).first()
    return plan_seen(person, at, look.plan_id) if look else None


def history_of(plan: ImpactPlan) -> list[ImpactPlan]:
    """The plan and those it replaces, newest first."""
    found = [plan]
    while found[-1].replaces is not None:
        found.append(found[-1].replaces)
    return found


def results_of(plan: ImpactPlan) -> QuerySet[ImpactResult]:
    """Every result entered for the plan or for those it replaces, newest first.

    What was read from the records for one plan says nothing of another: an amended one is read anew. What was typed
    stands for an amended plan that is typed too.
    """
    if own_of(plan) is not None:
        ids = [plan.pk]
    else:
        ids = [one.pk for one in takewhile(lambda one: own_of(one) is None, history_of(plan))]
    found = ImpactResult.objects.filter(plan__in=ids).select_related("look", "from_records")
    return found.order_by("-decided_at", "-pk")


def baseline_of(plan: ImpactPlan) -> ImpactResult | None:
    """The newest baseline entered."""
    return results_of(plan).filter(look__isnull=True).first()


def newest_by_look(plan: ImpactPlan) -> dict[date, ImpactResult]:
    """The newest result of each look, by its day."""
    found: dict[date, ImpactResult] = {}
    for result in results_of(plan).filter(look__isnull=False):
        if result.look is not None:
            found.setdefault(result.look.on, result)
    return found


def index_days(change: OperationalChange) -> tuple[date, ...]:
    """The London days of the incidents that led to the change, as far as known."""
    moments = Incident.objects.filter(findings__changes=change).distinct().values_list("occurred_at", flat=True)
    return tuple(sorted({local_day(moment) for moment in moments if moment is not None}))


def as_rule(plan: ImpactPlan) -> rules.ImpactPlan:
    """The plan as the rules read it.

    A baseline entered or corrected after the first look counts as an edit of the plan; one that is read from the
    records does not, since nobody chose its numbers. An edit is held against the looks of the plan it replaced:
    planning later looks does not make it an early one.
    """
    history = history_of(plan)
    baseline = baseline_of(plan) if own_of(plan) is None else None
    last_word = [local_day(one.decided_at) for one in history] + ([local_day(baseline.decided_at)] if baseline else [])
    first = local_day(history[-1].decided_at)
    return rules.ImpactPlan(
        measure=plan.measure,
        kind=rules.Kind(plan.kind),
        direction=rules.Direction(plan.direction),
        baseline=rules.Window(plan.baseline_from, plan.baseline_to),
        roll_in=rules.Window(plan.roll_in_from, plan.roll_in_to),
        looks=tuple(sorted(look.on for look in plan.looks.all())),
        smallest_effect=float(plan.smallest_effect),
        declared_on=first,
        exposure=plan.exposure,
        primary=plan.primary,
        edited_on=max(last_word) if max(last_word) > first else None,
        exploratory=_edited_late(history, baseline),
        counts_incidents=plan.counts_incidents,
        index_incidents_on=index_days(plan.change),
    )


def _edited_late(history: list[ImpactPlan], baseline: ImpactResult | None) -> bool:
    """Whether an amendment, or the baseline, came on or after the first look of the plan in force on that day."""
    decided = [(one.decided_at, one.replaces_id) for one in history if one.replaces_id]
    if baseline is not None:
        decided.append((baseline.decided_at, baseline.plan_id))
    first = {one.pk: min((look.on for look in one.looks.all()), default=None) for one in history}
    looks = [(local_day(at), first[plan_id]) for at, plan_id in decided]
    return any(look is not None and on >= look for on, look in looks)


def as_counts(result: ImpactResult) -> rules.Counts:
    """A result as the rules read it. What was read from the records says over which days."""
    read = getattr(result, "from_records", None)
    return rules.Counts(
        count=result.count,
        out_of=float(result.out_of),
        index_events=result.index_events,
        window=rules.Window(read.from_on, read.to_on) if read else None,
    )


def circumstances_of(plan: ImpactPlan, results: Iterable[ImpactResult], look: date) -> rules.Circumstances:
    """What is known beside the counts of ``look``.

    What the counters said, when the change itself went live, and which other changes went live meanwhile.
    """
    said = list(results)
    said_before = [one for one in said if one.look_id is None and hasattr(one, "from_records")]
    live_on = local_day(plan.change.go_live.live_at) if hasattr(plan.change, "go_live") else None
    teams = plan.change.reach.values("pk")
    others = (
        OperationalChange.objects.filter(
            provider_id=plan.change.provider_id,
            reach__in=teams,
            go_live__live_at__date__gte=plan.baseline_from,
            go_live__live_at__date__lte=look,
            withdrawal__isnull=True,
        )
        .exclude(pk=plan.change_id)
        .distinct()
        .order_by("go_live__live_at")
    )
    return rules.Circumstances(
        definition_changed=any(one.definition_changed for one in said),
        baseline_unstable=any(one.unstable for one in said),
        other_changes=tuple(others.values_list("title", flat=True)[:10]),
        not_live=live_on is None or live_on > look,
        live_on=live_on,
        reporting=reporting_of(plan, look) if plan.counts_incidents else None,
        signals=tuple(said for one in said_before for said in one.from_records.signals),
    )


def reporting_of(plan: ImpactPlan, look: date) -> rules.Reporting | None:
    """How much was reported in the baseline and from the roll-in's end to ``look``.

    In the place whose measure the plan reads; else in the teams that the change reaches.

    None where nobody is known to have worked there in either time, so that nothing can be said.
    """
    own = own_of(plan)
    reached = [
        Place(plan.change.provider_id, team_id=team, service_id=service)
        for team, service in plan.change.reach.values_list("pk", "service_id")
    ]
    places = [own.place] if own else reached or [Place(plan.change.provider_id)]
    windows = ((plan.baseline_from, plan.baseline_to), (plan.roll_in_to + timedelta(days=1), look))
    if windows[1][0] > look:
        return None
    # What was written down by the look is what the look is about, however late somebody reads it.
    at = end_of_day(look)
    read = [[counts_between(REPORTING_KEY, place, *window, at=at) for place in places] for window in windows]
    counts = [round(sum(point.count or 0 for point in points)) for points in read]
    exposures = [sum(point.out_of or 0.0 for point in points) for points in read]
    if min(exposures) <= 0:
        return None
    return rules.Reporting(before=counts[0], exposure_before=exposures[0], after=counts[1], exposure_after=exposures[1])


def verdict_today(plan: ImpactPlan, today: date) -> rules.Verdict:
    """The verdict that stands on ``today`` (a London day), worked out anew from the plan and its results."""
    declared, baseline = as_rule(plan), baseline_of(plan)
    results = newest_by_look(plan)
    planned = {day for day in declared.looks if day <= today and day in results}
    look = max(planned, default=None)
    entered = [one for one in (baseline, results[look] if look else None) if one is not None]
    return rules.standing_verdict(
        declared,
        as_counts(baseline) if baseline else None,
        {day: as_counts(one) for day, one in results.items()},
        today=today,
        circumstances=circumstances_of(plan, entered, look or today),
    )


def newest_check(plan: ImpactPlan) -> ImpactCheck | None:
    """The newest verdict on record for the plan or for those it replaces: that of the latest look."""
    ids = [one.pk for one in history_of(plan)]
    return ImpactCheck.objects.filter(plan__in=ids).order_by("-look__on", "-decided_at", "-pk").first()


def reporter_line(*, incident: Incident) -> str | None:
    """Did it work? In a sentence for the reporter; None while nothing has been checked."""
    words = []
    for change in changes_of(incident):
        primary = next((plan for plan in plans_of(change) if plan.primary), None)
        check = newest_check(primary) if primary else None
        if check is not None:
            words.append(REPORTER_WORDS[rules.VerdictWord(check.verdict)])
    return " ".join(dict.fromkeys(words)) or None


REPORTER_WORDS = {
    rules.VerdictWord.IMPROVED: "Checked, and it worked.",
    rules.VerdictWord.GOT_WORSE: "Checked, and it got worse. It is being looked at again.",
    rules.VerdictWord.NO_WORTHWHILE_CHANGE: "Checked, and it made no worthwhile difference.",
    rules.VerdictWord.NOT_SHOWN: "Checked, and not shown to have worked yet.",
    rules.VerdictWord.TOO_EARLY: "It is too early to tell.",
    rules.VerdictWord.CANNOT_BE_JUDGED: "It could not be judged from the figures there are.",
}


def checks_of(plan: ImpactPlan) -> list[ImpactCheck]:
    """Every verdict on record for the plan and those it replaces, newest first."""
    ids = [one.pk for one in history_of(plan)]
    found = ImpactCheck.objects.filter(plan__in=ids).select_related("look")
    return list(found.order_by("-decided_at", "-look__on", "-pk"))
