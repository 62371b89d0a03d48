"""What an audit asks, for which claim, how many records that takes, and how a record drawn stands (R16, R37)."""

from __future__ import annotations

import calendar
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from statistics import NormalDist

from saferpractice.assurance.rules.sampling import (
    SampleRefused,
    discovery_size,
    lot_plan,
    precision_size,
    rounded_up,
    shared_out,
)
from saferpractice.design.typed import as_written

MOST_LISTED = 5_000
"""Records on one list. A longer one is narrowed: nobody reads from it better, and it takes minutes to count exactly."""
MOST_READ = 300
"""Records one audit asks people to read."""
MOST_QUESTIONS = 5
MONTHS = range(1, 25)
CONFIDENCE = 0.95
LEAST_SEED = 6
"""Characters of a seed: six dice, or a number as long."""


class Source(StrEnum):
    """Where the records come from that an audit reads."""

    CASE_RECORDS = "case_records"
    OBLIGATIONS = "obligations"
    INCIDENTS = "incidents"
    DOCUMENTS = "documents"

    @property
    def label(self) -> str:
        """In words."""
        return {
            "case_records": "Records kept on pathway cases",
            "obligations": "What a pathway asked for, each time it did",
            "incidents": "Incidents",
            "documents": "Documents supplied for reviews",
        }[self.value]


class About(StrEnum):
    """What a question tests."""

    USED = "used"
    LOOP = "loop"

    @property
    def label(self) -> str:
        """As the form asks it."""
        return {"used": "Is the change used?", "loop": "Is the loop closed?"}[self.value]


class Answer(StrEnum):
    """An answer to a question about one record."""

    YES = "yes"
    NO = "no"
    DOES_NOT_APPLY = "na"

    @property
    def label(self) -> str:
        """In words."""
        return {"yes": "Yes", "no": "No", "na": "Does not apply"}[self.value]


@dataclass(frozen=True, slots=True)
class Question:
    """One question asked of every record. ``meets`` is the answer that meets the standard, yes or no."""

    code: str
    ask: str
    look_for: str
    meets: Answer
    about: About
    may_not_apply: bool = False

    @property
    def answers(self) -> tuple[Answer, ...]:
        """What may be answered."""
        return tuple(Answer) if self.may_not_apply else (Answer.YES, Answer.NO)

    def as_data(self) -> dict[str, object]:
        """As it is stored."""
        return {
            "code": self.code,
            "ask": self.ask,
            "look_for": self.look_for,
            "meets": self.meets.value,
            "about": self.about.value,
            "may_not_apply": self.may_not_apply,
        }


def question_from(data: Mapping[str, object]) -> Question:
    """A question as it was stored."""
    return Question(
        code=str(data["code"]),
        ask=str(data["ask"]),
        look_for=str(data["look_for"]),
        meets=Answer(str(data["meets"])),
        about=About(str(data["about"])),
        may_not_apply=bool(data["may_not_apply"]),
    )


def problems_of_questions(questions: Sequence[Question]) -> dict[str, str]:
    """What keeps a question set from being used, by the field it is typed in."""
    if not questions:
        return {"ask_1": "Enter at least one question, such as “Are all four parts of the note filled in?”"}
    found = {
        f"look_for_{number}": "Say what to look for, so that two auditors would answer the same."
        for number, one in enumerate(questions, start=1)
        if not as_written(one.look_for)
    }
    if all(one.may_not_apply for one in questions):
        found["ask_1"] = "At least one question must apply to every record, or a record could meet nothing and pass."
    return found


class Claim(StrEnum):
    """What a sample is to allow somebody to say."""

    DISCOVERY = "discovery"
    DECISION = "decision"
    ESTIMATE = "estimate"

    @property
    def label(self) -> str:
        """In words."""
        return {
            "discovery": "Almost none fail: one failure is one too many",
            "decision": "Good enough or not: a yes or a no, with few errors",
            "estimate": "About how many meet the standard",
        }[self.value]


NUMBERS: Mapping[Claim, tuple[str, ...]] = {
    Claim.DISCOVERY: ("tolerable",),
    Claim.DECISION: ("acceptable", "unacceptable", "wrongly_failed", "wrongly_passed"),
    Claim.ESTIMATE: ("expected", "half_width"),
}
"""The numbers each claim needs, all in whole or decimal per cent."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many records to read, and what that will allow one to say. ``allowed`` failures still pass a decision."""

    size: int
    allowed: int | None
    sentence: str


def problems_of_claim(claim: Claim, percent: Mapping[str, float]) -> dict[str, str]:
    """What keeps the numbers of a claim from being used, by the field they are typed in."""
    lacking = {name: "Enter this in per cent." for name in NUMBERS[claim] if percent.get(name) is None}
    if lacking:
        return lacking
    found = {
        name: "Enter a number between 0 and 100."
        for name in NUMBERS[claim]
        if not 0 < percent[name] < 100 and not (name == "acceptable" and percent[name] == 0)
    }
    if found or claim is not Claim.DECISION:
        return found
    if percent["unacceptable"] <= percent["acceptable"]:
        return {"unacceptable": "Enter more than what is acceptable."}
    for name in ("wrongly_failed", "wrongly_passed"):
        if percent[name] > 50:
            return {name: "Enter 50 or less: above that a coin would do better."}
    if _about(percent) > MOST_READ:
        return {"unacceptable": f"To tell these apart takes more than {MOST_READ} records. Leave a wider gap."}
    return {}


def _about(percent: Mapping[str, float]) -> float:
    """Roughly how many records a decision needs (normal approximation), to refuse what could not be read anyway."""
    good, bad = percent["acceptable"] / 100, percent["unacceptable"] / 100
    z = NormalDist().inv_cdf
    wide = z(1 - percent["wrongly_failed"] / 100) * math.sqrt(good * (1 - good))
    wide += z(1 - percent["wrongly_passed"] / 100) * math.sqrt(bad * (1 - bad))
    return (wide / (bad - good)) ** 2


def size_for(claim: Claim, percent: Mapping[str, float], population: int) -> Size:
    """How many of ``population`` records to read for a claim; all of them where no sample would do.

    Raises:
        SampleRefused: it takes more records than anybody reads.
    """
    match claim:
        case Claim.DISCOVERY:
            found = _discovery(percent["tolerable"], population)
        case Claim.DECISION:
            found = _decision(percent, population)
        case Claim.ESTIMATE:
            found = _estimate(percent, population)
    if found.size > MOST_READ:
        raise SampleRefused(
            f"This takes {found.size} records, and people read at most {MOST_READ}. Ask for less certainty, "
            "or narrow what is audited."
        )
    return found


def _discovery(tolerable: float, population: int) -> Size:
    size = discovery_size(population, tolerable=tolerable / 100, confidence=CONFIDENCE)
    fewer = rounded_up(tolerable / 100, population)
    return Size(
        size,
        0,
        f"If every one of the {size} records read meets the standard, you may say with 95% confidence that fewer than "
        f"{fewer} of the {population} do not. With one that does not, you may not say it.",
    )


def _decision(percent: Mapping[str, float], population: int) -> Size:
    plan = lot_plan(
        population=population,
        acceptable=percent["acceptable"] / 100,
        unacceptable=percent["unacceptable"] / 100,
        wrongly_failed=percent["wrongly_failed"] / 100,
        wrongly_passed=percent["wrongly_passed"] / 100,
    )
    passing = "none fails" if plan.allowed == 0 else f"at most {plan.allowed} fail"
    return Size(
        plan.size,
        plan.allowed,
        f"Read {plan.size}. If {passing}, you may say it is good enough. Where only {percent['acceptable']:g}% fail, "
        f"that goes wrong in {100 * plan.good_is_failed:.1f}% of audits; where {percent['unacceptable']:g}% fail, it "
        f"passes by mistake in {100 * plan.bad_is_passed:.1f}%.",
    )


def _estimate(percent: Mapping[str, float], population: int) -> Size:
    wanted = precision_size(percent["expected"] / 100, percent["half_width"] / 100, population=population)
    size = min(population, math.ceil(wanted))
    return Size(
        size,
        None,
        f"With {size} of {population} you may say what share meets the standard, give or take about "
        f"{percent['half_width']:g} percentage points, with 95% confidence.",
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """What one auditor found in one record: an answer to each question, or why it cannot be audited."""

    by: str
    answers: Mapping[str, str] = field(default_factory=dict)
    why_not: str = ""

    @property
    def auditable(self) -> bool:
        """Whether the record could be audited."""
        return not self.why_not


def problems_of_reading(questions: Sequence[Question], answers: Mapping[str, str], why_not: str) -> dict[str, str]:
    """What a reading lacks, by question code; nothing is asked of a record that cannot be audited."""
    if as_written(why_not):
        return {}
    return {
        one.code: "Choose an answer, or say that the record cannot be audited."
        for one in questions
        if answers.get(one.code) not in {each.value for each in one.answers}
    }


def meets(questions: Sequence[Question], answers: Mapping[str, str]) -> bool:
    """Whether a record meets the standard: every question that applies has the answer that meets it."""
    return all(answers[one.code] in {one.meets.value, Answer.DOES_NOT_APPLY.value} for one in questions)


class Standing(StrEnum):
    """How a record drawn stands."""

    TO_READ = "to read"
    DIFFERS = "two readings differ"
    MET = "meets the standard"
    NOT_MET = "does not meet the standard"
    NOT_AUDITABLE = "not auditable"

    @property
    def is_final(self) -> bool:
        """Whether nothing more is to be done about it."""
        return self not in {Standing.TO_READ, Standing.DIFFERS}


def differ(readings: Sequence[Reading]) -> bool:
    """Whether two auditors found different things."""
    said = [(one.auditable, dict(one.answers) if one.auditable else {}) for one in readings]
    return any(one != said[0] for one in said)


def standing(
    questions: Sequence[Question], readings: Sequence[Reading], settled: Reading | None, *, needed: int
) -> Standing:
    """How a record stands by the readings that stand, and by what settled them where they differed."""
    if settled is None and len(readings) < needed:
        return Standing.TO_READ
    if settled is None and differ(readings):
        return Standing.DIFFERS
    counts = settled or readings[0]
    if not counts.auditable:
        return Standing.NOT_AUDITABLE
    return Standing.MET if meets(questions, counts.answers) else Standing.NOT_MET


def problems_of_period(from_on: date, to_on: date, *, today: date, live_on: date | None) -> dict[str, str]:
    """What keeps a period from being audited: London days, both in it."""
    if to_on < from_on:
        return {"period_to": "Enter a last day that is not before the first."}
    if to_on >= today:
        return {"period_to": "Enter a day before today: records of a day that is not over may still come."}
    if live_on is not None and from_on < live_on <= to_on:
        return {
            "period_from": f"The change went live on {live_on.day} {live_on:%B %Y}. Audit the days before it or the "
            "days from it on: together they would say nothing of either."
        }
    return {}


def problems_of_seed(seed: str, *, published: bool, on: date | None, frozen_on: date, today: date) -> dict[str, str]:
    """What keeps a seed from being used. ``on`` is the day for which a value was published."""
    found: dict[str, str] = {}
    if len(seed) < LEAST_SEED:
        found["seed"] = f"Enter at least {LEAST_SEED} characters, such as the numbers of six dice."
    if published and on is None:
        found["published_on"] = "Enter the day for which the value was published."
    elif published and on is not None and not frozen_on < on <= today:
        found["published_on"] = (
            f"Enter a day after {frozen_on.day} {frozen_on:%B %Y}, when the list was frozen, and not after today: "
            "a value known before would let somebody choose the list by it."
        )
    return found


def per_team(teams: Mapping[str, int], size: int) -> dict[str, int]:
    """How many records to draw in each team: by largest remainder, at least one each."""
    held = sum(1 for number in teams.values() if number)
    return shared_out(teams, min(max(size, held), sum(teams.values())), at_least_one=True)


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the last of a month that has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
