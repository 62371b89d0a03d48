"""The tests of section 42 and the threshold decision: refer, do not refer, or more information by a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from saferpractice.lists.rules import Checked, reason_problem
from saferpractice.triage.rules.answers import Answer

LONG_WAIT = timedelta(days=7)
"""Waiting longer than this for more information is worth a second thought. A local value: the law has no number."""


class ThresholdOutcome(StrEnum):
    """What was decided about a safeguarding concern."""

    REFER = "refer"
    DO_NOT_REFER = "do_not_refer"
    MORE_INFORMATION = "more_information"

    @property
    def label(self) -> str:
        """The outcome in words."""
        return {
            "refer": "Refer to the local authority",
            "do_not_refer": "Do not refer",
            "more_information": "More information by a day",
        }[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class CareActTests:
    """What is known of the three tests of section 42(1), Care Act 2014."""

    needs_care_and_support: Answer
    abuse_or_neglect: Answer
    unable_to_protect_self: Answer = Answer.UNKNOWN


@dataclass(frozen=True, slots=True)
class CareActReading:
    """Whether a concern is indicated: yes, no, or unknown while one of the first two tests is; and why."""

    concern_indicated: Answer
    sentence: str


def care_act_reading(tests: CareActTests) -> CareActReading:
    """Whether a concern is indicated: reasonable cause for (a) and (b).

    The third test is the authority's to decide and changes nothing here. Source: Care Act 2014, section 42(1); LGA and
    ADASS framework on making decisions about safeguarding concerns (2020).
    """
    first_two = (tests.needs_care_and_support, tests.abuse_or_neglect)
    if Answer.NO in first_two:
        return CareActReading(
            Answer.NO,
            "One of the first two tests is answered no, so section 42 does not point to a concern. You may still "
            "refer, and another route may fit.",
        )
    if Answer.UNKNOWN in first_two:
        return CareActReading(
            Answer.UNKNOWN,
            "One of the first two tests is not known yet. Reasonable cause is enough, proof is not needed: if you "
            "suspect it, answer yes. If you cannot say, find out by a day, or ask the safeguarding lead.",
        )
    third = {
        Answer.YES: "",
        Answer.NO: " You think they can protect themselves: say so in the referral. It does not stop it, "
        "because that test is the authority's to decide.",
        Answer.UNKNOWN: " Whether they can protect themselves is for the authority to decide; it need not be known.",
    }[tests.unable_to_protect_self]
    return CareActReading(
        Answer.YES,
        "There is reasonable cause to think that the person has needs for care and support and is experiencing, or at "
        f"risk of, abuse or neglect. A concern is indicated.{third}",
    )


def check_threshold(
    *,
    outcome: ThresholdOutcome,
    rationale: str,
    tests: CareActTests,
    decided_on: date,
    more_information_by: date | None = None,
) -> Checked:
    """Whether a threshold decision can stand, by field; and what is worth a second thought. Days are London days.

    A rationale is always needed. Deciding against the tests is prompted, never blocked: people decide.
    """
    problems: dict[str, str] = {}
    problem = reason_problem(rationale, what="the rationale")
    if problem:
        problems["rationale"] = problem
    problems |= _day_problems(outcome, more_information_by, decided_on)
    return Checked(problems, _prompts(outcome, tests, decided_on, more_information_by))


def _day_problems(outcome: ThresholdOutcome, by: date | None, decided_on: date) -> dict[str, str]:
    field = "more_information_by"
    if outcome is not ThresholdOutcome.MORE_INFORMATION:
        return {field: f'Take the day out, or choose "{ThresholdOutcome.MORE_INFORMATION.label}".'} if by else {}
    if by is None:
        return {field: "Give the day by which the decision is made, even if the information has not come."}
    if by < decided_on:
        return {field: "Give a day that is not in the past."}
    return {}


def _prompts(outcome: ThresholdOutcome, tests: CareActTests, decided_on: date, by: date | None) -> dict[str, str]:
    indicated = care_act_reading(tests).concern_indicated
    if outcome is ThresholdOutcome.DO_NOT_REFER and indicated is Answer.YES:
        if tests.unable_to_protect_self is Answer.NO:
            return {
                "outcome": "Both of the first two tests are answered yes. That the person can protect themselves is "
                "the authority's to decide, and is no ground for not referring. If you still do not refer, the "
                "rationale must rest on something else."
            }
        return {
            "outcome": "Both of the first two tests are answered yes, which points to a referral. If you still do not "
            "refer, the rationale must say why, and what keeps the person safe instead. Consider asking the "
            "safeguarding lead."
        }
    if outcome is ThresholdOutcome.DO_NOT_REFER and indicated is Answer.UNKNOWN:
        return {
            "outcome": "One of the first two tests is not known yet. Choose more information by a day, or say in the "
            "rationale how you can decide without it."
        }
    if outcome is ThresholdOutcome.REFER and indicated is Answer.NO:
        return {
            "outcome": "One of the first two tests is answered no. You may still refer: say in the rationale what you "
            "ask of the authority."
        }
    if outcome is ThresholdOutcome.MORE_INFORMATION and by is not None and by - decided_on > LONG_WAIT:
        return {
            "more_information_by": f"That is {(by - decided_on).days} days from now. What keeps the person safe until "
            "then?"
        }
    return {}
