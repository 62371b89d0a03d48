"""What a page shows on any day: the verdict of the last planned look, and between looks none of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.assurance.rules import (
    CautionKind,
    Circumstances,
    Counts,
    ImpactPlan,
    Kind,
    VerdictWord,
    judge,
    standing_verdict,
)

from .builders import FIRST_LOOK, LAST_LOOK, LATE_ESCALATIONS, counts, plans

pytestmark = pytest.mark.requirement("R4", "R16")

BEFORE = counts(20, 12)
AT_FIRST, AT_LAST = counts(0, 6), counts(9, 12)
RESULTS = {FIRST_LOOK: AT_FIRST, LAST_LOOK: AT_LAST}


@pytest.mark.parametrize(
    ("today", "look", "word"),
    [
        (date(2025, 2, 1), FIRST_LOOK, VerdictWord.TOO_EARLY),
        (FIRST_LOOK - timedelta(days=1), FIRST_LOOK, VerdictWord.TOO_EARLY),
        (FIRST_LOOK, FIRST_LOOK, VerdictWord.IMPROVED),
        (date(2025, 11, 1), FIRST_LOOK, VerdictWord.IMPROVED),
        (LAST_LOOK - timedelta(days=1), FIRST_LOOK, VerdictWord.IMPROVED),
        (LAST_LOOK, LAST_LOOK, VerdictWord.NOT_SHOWN),
        (date(2035, 1, 1), LAST_LOOK, VerdictWord.NOT_SHOWN),
    ],
)
def test_stands_until_the_next_planned_look(today: date, look: date, word: VerdictWord) -> None:
    found = standing_verdict(LATE_ESCALATIONS, BEFORE, RESULTS, today=today)
    assert (found.look_on, found.word) == (look, word)


@given(st.integers(0, 500), st.integers(0, 60))
def test_counts_between_looks_never_move_it(days_on: int, count: int) -> None:
    day = FIRST_LOOK + timedelta(days=days_on)
    extra = {day: counts(count, 7)} if day not in RESULTS else {}
    with_it = standing_verdict(LATE_ESCALATIONS, BEFORE, RESULTS | extra, today=date(2025, 12, 1))
    without = standing_verdict(LATE_ESCALATIONS, BEFORE, RESULTS, today=date(2025, 12, 1))
    assert (with_it.word, with_it.reason, with_it.numbers) == (without.word, without.reason, without.numbers)


def test_counts_between_looks_are_said_to_have_none() -> None:
    later = RESULTS | {date(2025, 10, 1): counts(9, 8)}
    found = standing_verdict(LATE_ESCALATIONS, BEFORE, later, today=date(2025, 11, 1))
    assert found.cautions[-1].kind is CautionKind.BETWEEN_LOOKS
    assert found.cautions[-1].sentence == (
        "Later counts are shown without a verdict: the one of 31 July 2025 stands until the next planned look."
    )
    after_all = standing_verdict(
        LATE_ESCALATIONS, BEFORE, RESULTS | {date(2026, 6, 1): counts(9, 16)}, today=date(2026, 7, 1)
    )
    assert after_all.cautions[-1].sentence.endswith("the one of 31 January 2026 stands for good.")


def test_counts_of_a_day_to_come_are_not_looked_at() -> None:
    found = standing_verdict(LATE_ESCALATIONS, BEFORE, RESULTS | {date(2026, 6, 1): counts(9, 16)}, today=LAST_LOOK)
    assert CautionKind.BETWEEN_LOOKS not in {caution.kind for caution in found.cautions}


def test_a_look_without_its_counts_leaves_the_earlier_verdict_and_says_so() -> None:
    found = standing_verdict(LATE_ESCALATIONS, BEFORE, {FIRST_LOOK: AT_FIRST}, today=date(2026, 3, 1))
    assert (found.look_on, found.word) == (FIRST_LOOK, VerdictWord.IMPROVED)
    assert found.cautions[-1].kind is CautionKind.LOOK_WITHOUT_COUNTS
    assert "31 January 2026 has come" in found.cautions[-1].sentence


@pytest.mark.parametrize("results", [{}, {date(2025, 4, 1): counts(1, 2)}, {LAST_LOOK: AT_LAST}])
def test_no_counts_at_any_look_that_has_come(results: dict[date, Counts]) -> None:
    found = standing_verdict(LATE_ESCALATIONS, BEFORE, results, today=date(2025, 9, 1))
    assert found.word is VerdictWord.CANNOT_BE_JUDGED
    assert found.reason == "The look of 31 July 2025 has come, but its counts are missing."


def test_without_looks_there_is_a_sentence_and_no_error() -> None:
    found = standing_verdict(replace(LATE_ESCALATIONS, looks=()), BEFORE, {}, today=date(2025, 9, 1))
    assert found.word is VerdictWord.CANNOT_BE_JUDGED
    assert found.reason == "Plan at least one day on which the result is looked at."
    assert (found.look_on, found.alpha) == (None, None)


def test_without_a_baseline() -> None:
    found = standing_verdict(LATE_ESCALATIONS, None, RESULTS, today=date(2026, 3, 1))
    assert found.word is VerdictWord.CANNOT_BE_JUDGED


def test_circumstances_reach_it() -> None:
    changed = Circumstances(definition_changed=True)
    found = standing_verdict(LATE_ESCALATIONS, BEFORE, RESULTS, today=date(2026, 3, 1), circumstances=changed)
    assert found.word is VerdictWord.CANNOT_BE_JUDGED


@given(plans(), st.data())
def test_is_that_of_the_last_look_which_has_come(plan: ImpactPlan, data: st.DataObject) -> None:
    out_of = 40
    before = counts(20, out_of)
    results = {look: counts(data.draw(st.integers(0, out_of)), out_of) for look in plan.looks}
    today = data.draw(st.dates(plan.baseline.from_on, plan.looks[-1] + timedelta(days=400)))
    found = standing_verdict(plan, before, results, today=today)
    come = [look for look in plan.looks if look <= today]
    if come:
        assert found == judge(plan, before, results[come[-1]], come[-1], today=today)
        assert found.word is not VerdictWord.TOO_EARLY or plan.kind is Kind.PROPORTION or found.numbers is not None
    else:
        assert found.word is VerdictWord.TOO_EARLY
        assert found.look_on == plan.looks[0]
