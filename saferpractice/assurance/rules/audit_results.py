"""What the records read say of all of them: exact, against the target, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from saferpractice.assurance.rules.audits import CONFIDENCE, Answer, Question
from saferpractice.assurance.rules.proportions import clopper_pearson
from saferpractice.assurance.rules.sampling import Against, exact, least_conforming

RULE_VERSION = "audit-result/1"
"""Kept with every result. Another way of counting is another version."""


@dataclass(frozen=True, slots=True)
class Group:
    """One team's part (or the whole): of ``listed`` records that can be audited ``read`` were, and ``met`` met it."""

    listed: int
    read: int
    met: int


@dataclass(frozen=True, slots=True)
class Found:
    """Of ``listed`` records ``read`` were read and ``met`` met the standard; so ``low`` to ``high`` of them do.

    ``estimate`` is the share of all of them, weighted where each team was drawn for by itself.
    """

    listed: int
    read: int
    met: int
    low: int
    high: int
    estimate: float | None
    answer: Against


def found_in(groups: Mapping[str, Group], target: float, *, confidence: float = CONFIDENCE) -> Found:
    """What was found, from one group drawn from at random, or from several each drawn from by itself.

    For several, each bound is the sum of the groups' exact bounds at their share of the error (Bonferroni): it holds
    at least as often as it says, and is wider than an approximation would be.
    """
    held = [one for one in groups.values() if one.listed]
    listed, read, met = sum(g.listed for g in held), sum(g.read for g in held), sum(g.met for g in held)
    if not read:
        return Found(listed, 0, 0, 0, listed, None, Against.CANNOT_SAY)
    error = 1 - exact(confidence)
    low, high = _bounds(held, error / 2)
    least, most = _bounds(held, error)
    goal = exact(target)
    answer = Against.CANNOT_SAY
    if least > goal * listed or (read == listed and met >= goal * listed):
        answer = Against.MEETS
    elif most < goal * listed:
        answer = Against.DOES_NOT
    estimate = None
    if all(one.read for one in held):
        estimate = float(sum((Fraction(one.listed * one.met, one.read) for one in held), Fraction(0)) / listed)
    return Found(listed, read, met, low, high, estimate, answer)


def _bounds(groups: Sequence[Group], error: Fraction) -> tuple[int, int]:
    """The fewest and the most of all groups together that may meet the standard, each side wrong by ``error``."""
    share = error / len(groups)
    low = sum(_least(one.met, one, share) for one in groups)
    high = sum(one.listed - _least(one.read - one.met, one, share) for one in groups)
    return low, high


def _least(seen: int, group: Group, error: Fraction) -> int:
    return least_conforming(seen, group.read, group.listed, error=error) if group.read else 0


@dataclass(frozen=True, slots=True)
class FoundOfQuestion:
    """One question: of ``applied`` records to which it applied ``met`` gave the answer that meets the standard."""

    code: str
    applied: int
    met: int
    low: float | None
    high: float | None


def by_question(
    questions: Sequence[Question], answers: Sequence[Mapping[str, str]], listed: int
) -> list[FoundOfQuestion]:
    """Each question by itself, shares from 0 to 1.

    Where it applied to every record read, the interval is that of the list; else nobody knows to how many on the list
    it applies, and the interval is Clopper and Pearson's.
    """
    found = []
    for one in questions:
        given = [each[one.code] for each in answers if each[one.code] != Answer.DOES_NOT_APPLY]
        met, applied = sum(each == one.meets for each in given), len(given)
        low = high = None
        if applied and applied == len(answers):
            whole = found_in({"": Group(listed, applied, met)}, 0.5)
            low, high = whole.low / listed, whole.high / listed
        elif applied:
            within = clopper_pearson(met, applied, alpha=1 - CONFIDENCE)
            low, high = within.low, within.high
        found.append(FoundOfQuestion(one.code, applied, met, low, high))
    return found


ANSWER_WORDS = {
    Against.MEETS: "So the target of {target} is reached.",
    Against.DOES_NOT: "So the target of {target} is missed.",
    Against.CANNOT_SAY: "That is too few to tell whether the target of {target} is reached: cannot say.",
}


def sentence_of(found: Found, target: float) -> str:
    """The result for somebody who reads no statistics."""
    goal = f"{100 * target:g}%"
    if not found.read:
        return "No record could be audited. Nothing can be said from this sample."
    if found.read == found.listed:
        whole = f"All {found.listed} records were read and {found.met} meet the standard."
        return f"{whole} {ANSWER_WORDS[found.answer].format(target=goal)}"
    low, high = 100 * found.low / found.listed, 100 * found.high / found.listed
    return (
        f"{found.met} of the {found.read} records read meet the standard. Of all {found.listed} it is somewhere "
        f"between {found.low} and {found.high} ({low:.0f}% to {high:.0f}%), with 95% confidence. "
        f"{ANSWER_WORDS[found.answer].format(target=goal)}"
    )
