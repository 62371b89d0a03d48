"""What no test repairs: cautions that stand beside a verdict when they apply."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from saferpractice.assurance.rules import wording
from saferpractice.assurance.rules.plan import (
    ALPHA_AT_LAST_LOOK,
    WHOLE_YEAR,
    Counts,
    Direction,
    ImpactPlan,
    Kind,
    days_counted,
    is_exploratory,
)
from saferpractice.assurance.rules.proportions import ProportionChange
from saferpractice.assurance.rules.rates import RateRatio, rate_ratio, reaches


class CautionKind(StrEnum):
    """Which caution it is, for filtering and for tests."""

    EXPLORATORY = "exploratory"
    SUPPORTING = "supporting"
    SHORT_BASELINE = "short-baseline"
    INDEX_IN_BASELINE = "index-in-baseline"
    MORE_REPORTING = "more-reporting"
    REPORTING_CHANGED = "reporting-changed"
    SAME_PERSON = "same-person"
    TIME_AS_EXPOSURE = "time-as-exposure"
    OTHER_CHANGES = "other-changes"
    MISSING_FOLLOW_UP = "missing-follow-up"
    METHODS_DISAGREE = "methods-disagree"
    WRONG_WAY = "wrong-way"
    LOOK_WITHOUT_COUNTS = "look-without-counts"
    BETWEEN_LOOKS = "between-looks"
    LIVE_OUTSIDE_PLAN = "live-outside-plan"


@dataclass(frozen=True, slots=True)
class Caution:
    """One caution: its kind, and a sentence to show."""

    kind: CautionKind
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporting:
    """Reports of every kind, and what they are counted in (1,000 days of people at work), before and after."""

    before: int
    exposure_before: float
    after: int
    exposure_after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What is known about the measure beside its counts.

    ``reporting`` is how much was reported, of any kind, in the baseline and up to the look.
    ``definition_changed`` and ``baseline_unstable`` (somebody judged it so, or a chart of the records shows it) make a
    verdict impossible (statistics of the product, 4.4). ``signals`` are what that chart shows.
    ``other_changes`` are named: whatever else went live between the baseline and the look. ``not_live`` says that the
    change itself was not in use by the look; ``live_on`` is the day it went live, where somebody has said so.
    """

    definition_changed: bool = False
    baseline_unstable: bool = False
    other_changes: tuple[str, ...] = ()
    not_live: bool = False
    live_on: date | None = None
    reporting: Reporting | None = None
    signals: tuple[str, ...] = ()


NOTHING_ELSE = Circumstances()


def plan_cautions(plan: ImpactPlan) -> tuple[Caution, ...]:
    """Cautions that hold from the day of the plan, whatever the counts turn out to be."""
    found = []
    if is_exploratory(plan):
        found.append(
            Caution(
                CautionKind.EXPLORATORY,
                "Exploratory: the plan was declared or edited once results may have been seen,"
                " so chance had more than one try.",
            )
        )
    if not plan.primary:
        found.append(
            Caution(CautionKind.SUPPORTING, "A supporting measure: the primary one decides whether the change worked.")
        )
    if plan.baseline.days < WHOLE_YEAR:
        found.append(
            Caution(
                CautionKind.SHORT_BASELINE,
                "The baseline is shorter than 12 months: a season or a bad spell may pass for the ordinary rate.",
            )
        )
    if plan.kind is Kind.RATE and plan.counts_incidents:
        found += _incident_cautions()
    if plan.exposure_is_time:
        found.append(
            Caution(
                CautionKind.TIME_AS_EXPOSURE,
                "Counted over time alone: fewer people supported would lower the count by itself,"
                " and more would raise it.",
            )
        )
    return tuple(found)


def _incident_cautions() -> list[Caution]:
    return [
        Caution(
            CautionKind.MORE_REPORTING,
            "It counts reported incidents. Better reporting raises the count and worse reporting lowers it,"
            " whatever happens to people; look at the harm-graded count beside it.",
        ),
        Caution(
            CautionKind.SAME_PERSON,
            "Repeated incidents of one person are not independent:"
            " if a few people make up most of the count, count people.",
        ),
    ]


def baseline_cautions(plan: ImpactPlan, baseline: Counts) -> tuple[Caution, ...]:
    """Whether the incident which led to the change sits in its own baseline, and nobody has left it out.

    Source: three bad months as the baseline give six times the false claims of the twelve months up to the change.
    """
    inside = [day for day in plan.index_incidents_on if plan.baseline.holds(day)]
    if not inside or baseline.index_events is not None:
        return ()
    days = ", ".join(wording.day(day) for day in sorted(inside))
    return (
        Caution(
            CautionKind.INDEX_IN_BASELINE,
            f"The incident which led to the change ({days}) lies inside the baseline, and nobody has said that it is"
            " left out. Counted there it makes the time before look worse than it ordinarily was.",
        ),
    )


def result_cautions(
    plan: ImpactPlan,
    look: date,
    result: Counts,
    numbers: RateRatio | ProportionChange,
    circumstances: Circumstances,
) -> tuple[Caution, ...]:
    """Cautions that depend on the counts of a look."""
    found = []
    if circumstances.other_changes:
        others = "; ".join(circumstances.other_changes)
        found.append(Caution(CautionKind.OTHER_CHANGES, f"Other things changed in the same time: {others}."))
    found += _reporting_changed(plan, numbers.alpha, circumstances.reporting)
    found += _live_outside_plan(plan, circumstances.live_on)
    if isinstance(numbers, ProportionChange) and numbers.methods_disagree:
        found.append(
            Caution(
                CautionKind.METHODS_DISAGREE,
                f"At the border: the interval and Fisher's exact test (p = {numbers.p_fisher:.3g}) do not agree.",
            )
        )
    found += [Caution(CautionKind.MISSING_FOLLOW_UP, sentence) for sentence in _missing_follow_up(plan, look, result)]
    return tuple(found)


def _reporting_changed(plan: ImpactPlan, alpha: float, reporting: Reporting | None) -> Iterator[Caution]:
    """Where people reported more or less of everything at the same time, a count of reports moved with it.

    Said when it is shown at the level of the look, or when it is as large as the smallest effect worth having: what
    cannot be told from chance can still be all there is to the result.
    """
    if reporting is None or not plan.counts_incidents or plan.kind is not Kind.RATE:
        return
    if not reporting.before + reporting.after:
        return
    found = rate_ratio(
        reporting.before, reporting.exposure_before, reporting.after, reporting.exposure_after, alpha=alpha
    )
    effect = max(plan.smallest_effect, 1 / plan.smallest_effect)
    large = found.ratio is None or not found.ratio or max(found.ratio, 1 / found.ratio) >= effect
    if not found.moved and not large:
        return
    more = found.rate_after > found.rate_before
    size = "" if found.ratio is None else f" ({found.ratio:.2f} times as often for the same days of work)"
    sure = "" if found.moved else " Chance alone could be behind it, but it is as large as what the plan looks for."
    yield Caution(
        CautionKind.REPORTING_CHANGED,
        f"{'More' if more else 'Less'} of everything was reported after the change than before{size}:"
        f" {reporting.before:,} reports before, {reporting.after:,} after. A count of reports"
        f" {'rises' if more else 'falls'} with that, whatever happens to people.{sure}",
    )


def _live_outside_plan(plan: ImpactPlan, live_on: date | None) -> Iterator[Caution]:
    """Where the change went live on another day than planned, some days were counted on the wrong side."""
    if live_on is None:
        return
    went = f"The change went live on {wording.day(live_on)}"
    if live_on <= plan.baseline.to_on:
        yield Caution(
            CautionKind.LIVE_OUTSIDE_PLAN, f"{went}, inside the baseline: days with it were counted as before it."
        )
    elif live_on > plan.roll_in.to_on:
        yield Caution(
            CautionKind.LIVE_OUTSIDE_PLAN,
            f"{went}, after the last team was to start ({wording.day(plan.roll_in.to_on)}):"
            " days without it were counted as after it.",
        )


def _missing_follow_up(plan: ImpactPlan, look: date, result: Counts) -> Iterator[str]:
    counted, due = days_counted(plan, result, look=look), plan.follow_up_from_on
    if counted.from_on > due:
        yield (
            f"Follow-up is missing: the counts begin on {wording.day(counted.from_on)},"
            f" but the first day after the roll-in was {wording.day(due)}."
        )
    # Counts up to the day before the look are whole: the look may come in the morning.
    if counted.to_on < look - timedelta(days=1):
        yield (
            f"Follow-up is missing: the counts end on {wording.day(counted.to_on)},"
            f" but the look is on {wording.day(look)}."
        )


def points_the_wrong_way(plan: ImpactPlan, numbers: RateRatio | ProportionChange) -> bool:
    """Whether the counts would be called worse at the ordinary 5%, whatever the level of the look."""
    if isinstance(numbers, RateRatio):
        rises, p = numbers.rate_after > numbers.rate_before, numbers.p
    else:
        rises, p = numbers.difference > 0, numbers.p_fisher
    return rises == (plan.direction is Direction.REDUCE) and reaches(p, ALPHA_AT_LAST_LOOK)


WRONG_WAY = Caution(
    CautionKind.WRONG_WAY,
    "The counts point the wrong way. That is not proof before the last look, but look for the reason now.",
)
