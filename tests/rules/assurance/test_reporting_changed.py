"""A count of reports moves with how much people report: said by itself, when reporting moved at the same time (R4)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from saferpractice.assurance.rules import CautionKind, Circumstances, Direction, ImpactPlan, Kind, Reporting, Verdict

from .builders import (
    CONSULTATIONS,
    FIRST_LOOK,
    LAST_LOOK,
    LATE_ESCALATIONS,
    NO_NEXT_REVIEW,
    SAME_DAY_CONSULT,
    verdict,
)

pytestmark = pytest.mark.requirement("R4")

REPORTS = replace(LATE_ESCALATIONS, counts_incidents=True)
"""A fall of 30% in reported incidents is worth having."""


def said(before: tuple[int, float], after: tuple[int, float], *, plan: ImpactPlan = REPORTS, **more: object) -> str:
    """What is said of reporting beside a verdict, or nothing."""
    reporting = Reporting(before=before[0], exposure_before=before[1], after=after[0], exposure_after=after[1])
    found = verdict(plan, (24, 12), (12, 12), circumstances=Circumstances(reporting=reporting), **more)  # type: ignore[arg-type]
    return " ".join(one.sentence for one in found.cautions if one.kind is CautionKind.REPORTING_CHANGED)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ((200, 10), (200, 10), ""),
        ((200, 10), (190, 10), ""),
        ((200, 10), (100, 10), "Less of everything was reported after the change than before (0.50 times"),
        ((200, 10), (300, 10), "More of everything was reported after the change than before (1.50 times"),
        ((400, 10), (480, 10), "More of everything"),
        ((10, 10), (6, 10), "Chance alone could be behind it"),
        ((10, 10), (8, 10), ""),
        ((10, 10), (15, 10), "Chance alone could be behind it"),
        ((200, 10), (100, 5), ""),
        ((0, 10), (0, 10), ""),
        ((0, 10), (9, 10), "More of everything was reported after the change than before: 0 reports before, 9 after"),
        ((9, 10), (0, 10), "Less of everything"),
    ],
)
def test_what_is_said_of_reporting(before: tuple[int, float], after: tuple[int, float], words: str) -> None:
    found = said(before, after)
    assert words in found
    assert bool(words) is bool(found)


def test_a_clear_change_says_nothing_of_chance() -> None:
    assert "Chance" not in said((200, 10), (100, 10))


def test_what_is_clear_at_the_last_look_may_not_be_at_the_first() -> None:
    """1.2 times is smaller than what the plan looks for, and clear at 5% but not at one in a thousand."""
    assert "More of everything" in said((400, 10), (480, 10), look=LAST_LOOK)
    assert said((400, 10), (480, 10), look=FIRST_LOOK) == ""


@pytest.mark.parametrize("plan", [LATE_ESCALATIONS, SAME_DAY_CONSULT, replace(NO_NEXT_REVIEW, counts_incidents=True)])
def test_a_measure_that_no_report_moves_has_no_such_caution(plan: ImpactPlan) -> None:
    assert said((200, 10), (20, 10), plan=plan) == ""


def test_where_nothing_is_known_of_reporting_nothing_is_said() -> None:
    kinds = {one.kind for one in verdict(REPORTS, (24, 12), (12, 12)).cautions}
    assert CautionKind.REPORTING_CHANGED not in kinds
    assert CautionKind.MORE_REPORTING in kinds


counts = st.integers(0, 300)


@given(counts, counts)
def test_it_never_changes_the_verdict_only_stands_beside_it(before: int, after: int) -> None:
    reporting = Reporting(before=before, exposure_before=3.5, after=after, exposure_after=3)
    plain = verdict(REPORTS, (24, 12), (12, 12))
    beside = verdict(REPORTS, (24, 12), (12, 12), circumstances=Circumstances(reporting=reporting))
    assert (beside.word, beside.reason, beside.numbers) == (plain.word, plain.reason, plain.numbers)


@given(counts, counts)
def test_more_one_way_is_less_the_other(before: int, after: int) -> None:
    one, other = said((before, 10), (after, 10)), said((after, 10), (before, 10))
    assert bool(one) is bool(other)
    if one and before != after:
        assert one.startswith("More") is not other.startswith("More")


def mirrored(plan: ImpactPlan) -> ImpactPlan:
    """The same plan the other way round."""
    turned = Direction.INCREASE if plan.direction is Direction.REDUCE else Direction.REDUCE
    effect = plan.smallest_effect if plan.kind is Kind.PROPORTION else 1 / plan.smallest_effect
    return replace(plan, direction=turned, smallest_effect=effect)


class TestMirrored:
    """Turned over, records that fail for records that pass, the verdict is turned over with them."""

    @given(
        st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
        st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
        st.sampled_from([FIRST_LOOK, LAST_LOOK]),
    )
    def test_counting_what_failed_instead_of_what_passed_gives_the_same_answer(
        self, before: tuple[int, int], after: tuple[int, int], look: object
    ) -> None:
        passed = verdict(SAME_DAY_CONSULT, before, after, look=look)  # type: ignore[arg-type]
        failed = verdict(
            mirrored(SAME_DAY_CONSULT),
            (before[1] - before[0], before[1]),
            (after[1] - after[0], after[1]),
            look=look,  # type: ignore[arg-type]
        )
        assert failed.word is passed.word

    @given(st.integers(0, 80), st.integers(0, 80), st.sampled_from([LATE_ESCALATIONS, CONSULTATIONS]))
    def test_a_better_result_one_way_is_a_worse_one_the_other(self, x0: int, x1: int, plan: ImpactPlan) -> None:
        assume(x0 and x1)
        one: Verdict = verdict(plan, (x0, 12), (x1, 12))
        other = verdict(mirrored(plan), (x0, 12), (x1, 12))
        if one.word == "Got worse":
            assert other.word in {"Improved", "Too early to tell"}
        if one.word == "Improved":
            assert other.word == "Got worse"
