"""Read the numbers of a plan from the records: never typed, each kept as it was seen (R4, R20)."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from decimal import Decimal

from saferpractice.access.decisions import decided
from saferpractice.access.models import Person
from saferpractice.assurance.models import CountedFromRecords, ImpactPlan, ImpactResult, OwnMeasure, PlannedLook
from saferpractice.assurance.operations.results import judge_with
from saferpractice.assurance.operations.shared import Declared, Own, standing_change, story_of
from saferpractice.assurance.permissions.impact import check_can_enter_results
from saferpractice.assurance.queries import as_rule
from saferpractice.assurance.queries.measures import measure_of
from saferpractice.assurance.queries.own_measures import (
    Found,
    defined_of,
    own_of,
    places_to_judge,
    read_baseline,
    read_look,
    team_of,
    teams_to_compare,
)
from saferpractice.assurance.rules import own_measures as own_rules
from saferpractice.assurance.rules.measures.defined import Defined
from saferpractice.changes.models import OperationalChange
from saferpractice.deadlines.rules import local_day
from saferpractice.trail.operations import Entry, operation
from saferpractice.trail.refusals import Invalid, Stale
from saferpractice.trail.rules import By

GONE = "This provider has that measure no more. Amend the plan and choose another."


@operation
def read_numbers(*, by: By, at: datetime, plan: ImpactPlan) -> Entry[list[ImpactResult]]:
    """Read from the records what of a plan is over by now and not read yet: its baseline, and every look that has come.

    The rules give their verdict at once, as with results that are entered. What was read once for a plan stays: a
    number is never read again because somebody would like another.

    Raises:
        Refused: ``by`` may not enter results.
        Invalid: nothing is to be read, or the measure is gone.
        Stale: the plan was amended meanwhile, or the change was withdrawn.
    """
    check_can_enter_results(by=by, at=at, change=plan.change)
    change = standing_change(plan.change)
    plan = ImpactPlan.objects.get(pk=plan.pk)
    own = own_of(plan)
    if own is None:
        raise Invalid("The numbers of this plan are entered by hand.")
    if hasattr(plan, "replaced_by"):
        raise Stale("This plan was amended. Read the numbers of the newest plan.")
    defined = defined_of(own, at)
    if defined is None:
        raise Invalid(GONE)
    owing = to_read(plan, at)
    if not owing:
        raise Invalid("There is nothing to read yet: no look has come that was not read.")
    done = [_read_one(own, defined, look, by, at) for look in owing]
    return Entry(
        result=[result for result, _ in done],
        subject=change,
        story_id=story_of(change),
        sentence=f"read the numbers from the records: {'; '.join(said for _, said in done)}",
        facts={
            "plan": str(plan.pk),
            "read": [
                {"look": one.look.on if one.look else None, "count": one.count, "out_of": str(one.out_of)}
                for one, _ in done
            ],
        },
    )


def to_read(plan: ImpactPlan, at: datetime) -> list[PlannedLook | None]:
    """What of a plan is over and not read yet: None for the baseline, then the looks that have come, in order."""
    today = local_day(at)
    if plan.baseline_to >= today:
        return []
    read = set(ImpactResult.objects.filter(plan=plan).values_list("look", flat=True))
    owing: list[PlannedLook | None] = [] if None in read else [None]
    return owing + [look for look in plan.looks.order_by("on") if look.on <= today and look.pk not in read]


def read_what_is_over(plan: ImpactPlan, by: By, at: datetime) -> None:
    """Read what can be read of a plan just declared or amended. Call inside an operation."""
    if own_of(plan) is not None and to_read(plan, at):
        read_numbers(by=by, at=at, plan=plan)


def _read_one(
    own: OwnMeasure, defined: Defined, look: PlannedLook | None, by: By, at: datetime
) -> tuple[ImpactResult, str]:
    declared = as_rule(own.plan)
    found = (
        read_baseline(own, defined, declared, at) if look is None else read_look(own, defined, declared, look.on, at)
    )
    result = ImpactResult.objects.create(
        plan=own.plan,
        look=look,
        count=found.tally.count,
        out_of=Decimal(str(found.tally.out_of)),
        index_events=found.tally.index if look is None else None,
        definition_changed=found.definition_changed,
        unstable=bool(found.signals),
        source=found.source,
        **decided(by, at),
    )
    _keep(result, found, by, at)
    return result, judge_with(result, by, at)


def _keep(result: ImpactResult, found: Found, by: By, at: datetime) -> None:
    CountedFromRecords.objects.create(
        impact_result=result,
        from_on=found.window.from_on,
        to_on=found.window.to_on,
        known_at=found.known_at,
        points=found.points,
        compared=found.compared,
        beside=found.beside,
        left_out=found.left_out,
        signals=found.signals,
        **decided(by, at),
    )


def keep_own(plan: ImpactPlan, own: Own, at: datetime) -> OwnMeasure:
    """Put on record which measure a new plan reads. Call inside an operation, after ``as_defined``."""
    defined = measure_of(own.measure_key, plan.change.provider_id, at)
    if defined is None:
        raise Invalid({"own_measure": GONE})
    return OwnMeasure.objects.create(
        plan=plan,
        measure_key=own.measure_key,
        reads=own_rules.source_of(defined),
        service_id=own.place.service_id,
        team_id=own.place.team_id,
        length=own.length.value,
        compared_with=team_of(own.compared_with),
    )


def as_defined(declared: Declared, *, by: By, at: datetime, change: OperationalChange) -> Declared:
    """What is declared, in the words of the measure of this system where it reads one.

    Raises:
        Invalid: there is no such measure, it cannot be judged or says that the other way is better; the place is not
            one that the change reaches, or ``by`` does not read its numbers; the team compared with has the change.
    """
    own = declared.own
    if own is None:
        return declared
    defined = measure_of(own.measure_key, change.provider_id, at)
    if defined is None:
        raise Invalid({"own_measure": GONE})
    problems = _place_problems(own, by, at, change)
    if not own_rules.can_be_judged(defined):
        problems["own_measure"] = own_rules.NOT_JUDGED
    wrong_way = own_rules.direction_problem(defined, declared.direction)
    if wrong_way:
        problems["direction"] = wrong_way
    if (declared.baseline_to - declared.baseline_from).days > own_rules.LONGEST_BASELINE:
        problems["baseline_from"] = "Choose a baseline of three years at most."
    if problems:
        raise Invalid(problems)
    return replace(declared, **asdict(own_rules.words_of_plan(defined, own.length)))


def _place_problems(own: Own, by: By, at: datetime, change: OperationalChange) -> dict[str, str]:
    """A named process reads every place."""
    if not isinstance(by, Person):
        return {}
    problems = {}
    if own.place not in [each.place for each in places_to_judge(by, at, change)]:
        problems["place"] = "Choose a place that the change reaches and whose numbers you read."
    if own.compared_with and own.compared_with not in [each.place.team_id for each in teams_to_compare(by, at, change)]:
        problems["compared_with"] = "Choose a team that the change does not reach and whose numbers you read."
    return problems
