"""The six answers, and the sentence that gives the reason for each."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from saferpractice.assurance.rules import reach, wording
from saferpractice.assurance.rules.plan import Direction, ImpactPlan, Kind, alpha_at
from saferpractice.assurance.rules.proportions import ProportionChange
from saferpractice.assurance.rules.rates import RateRatio
from saferpractice.assurance.rules.reach import Reach


class VerdictWord(StrEnum):
    """The answers, in the words that are shown."""

    CANNOT_BE_JUDGED = "Cannot be judged"
    TOO_EARLY = "Too early to tell"
    IMPROVED = "Improved"
    GOT_WORSE = "Got worse"
    NO_WORTHWHILE_CHANGE = "No worthwhile change"
    NOT_SHOWN = "Not shown"


def reason(plan: ImpactPlan, numbers: RateRatio | ProportionChange, word: VerdictWord, could: Reach | None) -> str:
    """Why this answer, from the counts: for a service manager, without a statistical term."""
    counted = wording.counts_in_words(plan, numbers)
    fits = f"The counts fit {wording.range_in_words(numbers)}"
    chance = f"{fits}, so chance alone is an unlikely explanation."
    effect = wording.effect_in_words(numbers)
    wanted = f"what the plan called worth having ({wording.worthwhile_in_words(plan)})"
    match word:
        case VerdictWord.CANNOT_BE_JUDGED:
            return f"{counted} {nothing_to_gain(plan)}"
        case VerdictWord.TOO_EARLY:
            best = f"Even {wording.best_result_in_words(plan)}, this look could not have shown an improvement."
            then = reach.in_words(plan, could, so_far=True) if could else ""
            return f"{counted} {best} {then}".rstrip()
        case VerdictWord.IMPROVED:
            small = "" if _is_worthwhile(plan, numbers) else f" It is smaller than {wanted}."
            return f"{counted} That is {effect}. {chance}{small}"
        case VerdictWord.GOT_WORSE:
            return f"{counted} That is {effect}, the wrong way. {chance}"
        case VerdictWord.NO_WORTHWHILE_CHANGE:
            return f"{counted} {fits}. That rules out {wanted}."
        case VerdictWord.NOT_SHOWN:
            unknown = f"So {wanted} may be there or not: the counts cannot say."
            not_nothing = "This does not mean that the change did nothing."
            return f"{counted} {fits}. {unknown} {not_nothing}{_more_to_come(plan, numbers)}"


def _more_to_come(plan: ImpactPlan, numbers: RateRatio | ProportionChange) -> str:
    last = plan.looks[-1]
    if numbers.alpha == alpha_at(plan, last):
        return ""
    return f" Before the last look, on {wording.day(last)}, only a very clear result counts."


def before_the_look(plan: ImpactPlan, look: date, could: Reach, *, room_to_gain: bool) -> str:
    """Why there is no verdict yet. What a plan can never show, it says from the start."""
    which = "first planned look" if look == plan.looks[0] else "look"
    sentence = f"The {which} is on {wording.day(look)}; no verdict is given before."
    if not room_to_gain:
        return f"{sentence} {nothing_to_gain(plan)}"
    if could.look == look and plan.kind is Kind.RATE:
        return sentence
    return f"{sentence} {reach.in_words(plan, could, so_far=False)}".rstrip()


def nothing_to_gain(plan: ImpactPlan) -> str:
    """The baseline leaves no room for an improvement."""
    other = "" if plan.kind is Kind.PROPORTION else ", such as a records audit or the time to escalation"
    return (
        "The baseline was already as good as it can be, so no follow-up could show an improvement."
        f" Choose another measure{other}."
    )


def _is_worthwhile(plan: ImpactPlan, numbers: RateRatio | ProportionChange) -> bool:
    seen = numbers.ratio if isinstance(numbers, RateRatio) else numbers.difference
    if seen is None:
        return True
    if plan.direction is Direction.INCREASE:
        return seen >= plan.smallest_effect
    return seen <= (plan.smallest_effect if plan.kind is Kind.RATE else -plan.smallest_effect)
