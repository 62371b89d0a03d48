"""Did the change work? Exactly one of six answers, with the reason, the numbers and the version of the rule.

The order of the rules (each only if none before it holds):

1. Cannot be judged: the plan or the counts cannot be used, the definition changed, the baseline is unstable, the
   change was not live by the look, or nothing was counted in either period.
2. Too early to tell: the look has not come.
3. Got worse: the interval at the look's level leaves out no effect, on the wrong side. It stands before the
   arithmetic of rule 5, because a sample too small to show an improvement must never hide harm that it does show.
4. Cannot be judged: the baseline was already as good as it can be, so that no follow-up could show an improvement.
5. Too early to tell: the best result that the look could have had would not reach its level.
6. Improved: the interval leaves out no effect, on the right side.
7. No worthwhile change: the interval leaves out the smallest effect worth having.
8. Not shown: anything else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from saferpractice.assurance.rules import answers, cautions, reach, wording
from saferpractice.assurance.rules.answers import VerdictWord
from saferpractice.assurance.rules.cautions import NOTHING_ELSE, Caution, CautionKind, Circumstances
from saferpractice.assurance.rules.plan import (
    Counts,
    Direction,
    ImpactPlan,
    Kind,
    alpha_at,
    check_baseline,
    check_plan,
    check_result,
    is_exploratory,
    last_look_come,
)
from saferpractice.assurance.rules.proportions import ProportionChange, proportion_change
from saferpractice.assurance.rules.rates import RateRatio, rate_ratio, reaches
from saferpractice.assurance.rules.reach import Reach

RULE = "impact-verdict"
RULE_VERSION = "2"
METHODS = {
    Kind.RATE: "exact conditional rate ratio, central p, Haybittle-Peto looks",
    Kind.PROPORTION: "Newcombe's interval for the difference, Fisher's exact p, Haybittle-Peto looks",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer at one planned look. ``numbers`` is None where nothing was compared, ``alpha`` where no look was."""

    word: VerdictWord
    reason: str
    method: str
    exploratory: bool
    primary: bool
    look_on: date | None = None
    alpha: float | None = None
    numbers: RateRatio | ProportionChange | None = None
    could_be_shown: Reach | None = None
    cautions: tuple[Caution, ...] = ()
    rule: str = field(default=RULE, init=False)
    rule_version: str = field(default=RULE_VERSION, init=False)


def judge(
    plan: ImpactPlan,
    baseline: Counts | None,
    result: Counts | None,
    at_look: date,
    *,
    today: date,
    circumstances: Circumstances = NOTHING_ELSE,
) -> Verdict:
    """The verdict at one planned look, on the counts known at that look.

    ``today`` is the day in Europe/London. Raises ValueError for a day that is no planned look; anything wrong with
    plan or counts is no error but a verdict, "Cannot be judged", with the sentence that says what to do.
    """
    if plan.looks:
        alpha_at(plan, at_look)
    problem = next(_reasons_not_to_judge(plan, baseline, circumstances), None)
    if problem is not None or baseline is None:
        return _without_numbers(plan, VerdictWord.CANNOT_BE_JUDGED, problem or "", at_look)
    if today < at_look:
        return _before_the_look(plan, baseline, at_look)
    if circumstances.not_live:
        waits = f"The change was not live by the look of {wording.day(at_look)}, so there is no effect of it to judge."
        return _without_numbers(plan, VerdictWord.CANNOT_BE_JUDGED, waits, at_look)
    if result is None:
        missing = f"The look of {wording.day(at_look)} has come, but its counts are missing."
        return _without_numbers(plan, VerdictWord.CANNOT_BE_JUDGED, missing, at_look)
    problem = next(iter(check_result(plan, at_look, result).values()), None)
    if problem is not None:
        return _without_numbers(plan, VerdictWord.CANNOT_BE_JUDGED, problem, at_look)
    return _on_the_counts(plan, baseline, result, at_look, circumstances)


def standing_verdict(
    plan: ImpactPlan,
    baseline: Counts | None,
    results: Mapping[date, Counts],
    *,
    today: date,
    circumstances: Circumstances = NOTHING_ELSE,
) -> Verdict:
    """The verdict that stands today: that of the last planned look which has come and has its counts.

    ``results`` holds the counts of each planned look by its day; counts under any other day are data without a
    verdict. Counts of a look that has not come are not looked at.
    """
    come = last_look_come(plan, today)
    entered = max((look for look in plan.looks if look <= today and look in results), default=None)
    look = entered or come or next(iter(plan.looks), today)
    verdict = judge(plan, baseline, results.get(look), look, today=today, circumstances=circumstances)
    if entered is None or come is None:
        return verdict
    return replace(verdict, cautions=(*verdict.cautions, *_since_the_look(plan, entered, come, results, today)))


def _since_the_look(
    plan: ImpactPlan, entered: date, come: date, results: Mapping[date, Counts], today: date
) -> Iterator[Caution]:
    verdict_of = wording.day(entered)
    if entered < come:
        yield Caution(
            CautionKind.LOOK_WITHOUT_COUNTS,
            f"The look of {wording.day(come)} has come, but its counts are missing:"
            f" the verdict of {verdict_of} stands until they are entered.",
        )
    if any(entered < day <= today and day not in plan.looks for day in results):
        until = "for good" if entered == plan.looks[-1] else "until the next planned look"
        yield Caution(
            CautionKind.BETWEEN_LOOKS,
            f"Later counts are shown without a verdict: the one of {verdict_of} stands {until}.",
        )


def _reasons_not_to_judge(plan: ImpactPlan, baseline: Counts | None, circumstances: Circumstances) -> Iterator[str]:
    yield from check_plan(plan).values()
    if baseline is None:
        yield "The baseline has not been counted, so there is nothing to compare with."
        return
    yield from check_baseline(plan, baseline).values()
    if circumstances.definition_changed:
        yield "What is counted was defined differently before and after, so the counts cannot be compared."
    if circumstances.baseline_unstable:
        shown = f" ({'; '.join(circumstances.signals)})" if circumstances.signals else ""
        yield f"The measure was unstable before the change{shown}, so there is no one baseline to compare with."


def _without_numbers(plan: ImpactPlan, word: VerdictWord, reason: str, look: date) -> Verdict:
    planned = look in plan.looks
    return Verdict(
        word=word,
        reason=reason,
        method=METHODS[plan.kind],
        exploratory=is_exploratory(plan),
        primary=plan.primary,
        look_on=look if planned else None,
        alpha=alpha_at(plan, look) if planned else None,
        cautions=cautions.plan_cautions(plan),
    )


def _before_the_look(plan: ImpactPlan, baseline: Counts, look: date) -> Verdict:
    could = reach.outlook(plan, baseline)
    room = not reach.nothing_to_gain(plan, baseline)
    reason = answers.before_the_look(plan, look, could, room_to_gain=room)
    verdict = _without_numbers(plan, VerdictWord.TOO_EARLY, reason, look)
    about_baseline = cautions.baseline_cautions(plan, baseline)
    return replace(verdict, could_be_shown=could, cautions=(*verdict.cautions, *about_baseline))


def _on_the_counts(
    plan: ImpactPlan, baseline: Counts, result: Counts, look: date, circumstances: Circumstances
) -> Verdict:
    alpha = alpha_at(plan, look)
    if _nothing_counted(plan, baseline, result):
        return _nothing_to_compare(plan, baseline, result, look)
    numbers = _compare(plan, baseline, result, alpha)
    word = _word(plan, baseline, result, numbers)
    early = word is VerdictWord.TOO_EARLY
    could = reach.outlook(plan, baseline, so_far=(look, result)) if early else None
    verdict = _without_numbers(plan, word, answers.reason(plan, numbers, word, could), look)
    found = [
        *verdict.cautions,
        *cautions.baseline_cautions(plan, baseline),
        *_both_ways(plan, baseline, result, alpha, word),
        *cautions.result_cautions(plan, look, result, numbers, circumstances),
    ]
    if word is not VerdictWord.GOT_WORSE and cautions.points_the_wrong_way(plan, numbers):
        found.append(cautions.WRONG_WAY)
    return replace(verdict, numbers=numbers, could_be_shown=could, cautions=tuple(found))


def _nothing_counted(plan: ImpactPlan, baseline: Counts, result: Counts) -> bool:
    return plan.kind is Kind.RATE and baseline.without_index == 0 and result.count == 0


def _nothing_to_compare(plan: ImpactPlan, baseline: Counts, result: Counts, look: date) -> Verdict:
    apart = "Apart from what led to the change, nothing" if baseline.index_events else "Nothing"
    reason = f"{apart} was counted before or after, so there is nothing to compare."
    verdict = _without_numbers(plan, VerdictWord.CANNOT_BE_JUDGED, reason, look)
    beside = _both_ways(plan, baseline, result, alpha_at(plan, look), verdict.word)
    return replace(verdict, cautions=(*verdict.cautions, *cautions.baseline_cautions(plan, baseline), *beside))


def _compare(plan: ImpactPlan, baseline: Counts, result: Counts, alpha: float) -> RateRatio | ProportionChange:
    if plan.kind is Kind.RATE:
        return rate_ratio(baseline.without_index, baseline.out_of, result.count, result.out_of, alpha=alpha)
    return proportion_change(baseline.count, int(baseline.out_of), result.count, int(result.out_of), alpha=alpha)


def _word(plan: ImpactPlan, baseline: Counts, result: Counts, numbers: RateRatio | ProportionChange) -> VerdictWord:
    better = 1 if plan.direction is Direction.INCREASE else -1
    if numbers.moved == -better:
        return VerdictWord.GOT_WORSE
    if reach.nothing_to_gain(plan, baseline):
        return VerdictWord.CANNOT_BE_JUDGED
    if not reaches(reach.best_p(plan, baseline, result.out_of), numbers.alpha):
        return VerdictWord.TOO_EARLY
    if numbers.moved == better:
        return VerdictWord.IMPROVED
    return VerdictWord.NO_WORTHWHILE_CHANGE if _leaves_out_worthwhile(plan, numbers) else VerdictWord.NOT_SHOWN


def _leaves_out_worthwhile(plan: ImpactPlan, numbers: RateRatio | ProportionChange) -> bool:
    """Whether the smallest effect worth having, and so every larger one, lies outside the interval."""
    if plan.direction is Direction.INCREASE:
        return numbers.high is not None and numbers.high < plan.smallest_effect
    return numbers.low > (plan.smallest_effect if plan.kind is Kind.RATE else -plan.smallest_effect)


def _both_ways(
    plan: ImpactPlan, baseline: Counts, result: Counts, alpha: float, word: VerdictWord
) -> Iterator[Caution]:
    """What led to the change is left out of the baseline; the verdict with it is shown beside."""
    if not baseline.index_events:
        return
    whole = replace(baseline, index_events=0)
    other = _word(plan, whole, result, _compare(plan, whole, result, alpha))
    same = "the same" if other is word else f"“{other}”"
    yield Caution(
        CautionKind.INDEX_IN_BASELINE,
        "Left out of the baseline, because the change followed from it:"
        f" {baseline.index_events:,} of {baseline.count:,} counted. Counted in, the verdict would be {same}.",
    )
