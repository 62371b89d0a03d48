"""Exactly one of six answers, in the order of the rules, each with its reason."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from saferpractice.assurance.rules import (
    RULE,
    RULE_VERSION,
    CautionKind,
    Circumstances,
    Counts,
    Direction,
    ImpactPlan,
    Kind,
    ProportionChange,
    RateRatio,
    Verdict,
    VerdictWord,
    Window,
    alpha_at,
    as_record,
    judge,
    reaches,
)
from saferpractice.assurance.rules.reach import best_p, nothing_to_gain

from .builders import (
    AFTER_ALL,
    CONSULTATIONS,
    FIRST_LOOK,
    LAST_LOOK,
    LATE_ESCALATIONS,
    NO_NEXT_REVIEW,
    PLANS,
    SAME_DAY_CONSULT,
    counts,
    exposures,
    judged,
    shares,
    small_counts,
    verdict,
)

pytestmark = pytest.mark.requirement("R4", "R16")

CANNOT = VerdictWord.CANNOT_BE_JUDGED
EARLY = VerdictWord.TOO_EARLY
IMPROVED = VerdictWord.IMPROVED
WORSE = VerdictWord.GOT_WORSE
NOT_WORTH = VerdictWord.NO_WORTHWHILE_CHANGE
NOT_SHOWN = VerdictWord.NOT_SHOWN

# From best to worst as far as the hoped-for effect goes; used to prove that more harm never looks better.
BY_HOPE = [IMPROVED, NOT_SHOWN, NOT_WORTH, WORSE]


def kinds(given: Verdict) -> set[CautionKind]:
    return {caution.kind for caution in given.cautions}


def test_the_words_are_exactly_these() -> None:
    assert [str(word) for word in VerdictWord] == [
        "Cannot be judged",
        "Too early to tell",
        "Improved",
        "Got worse",
        "No worthwhile change",
        "Not shown",
    ]


class TestTable:
    @pytest.mark.parametrize(
        ("before", "after", "look", "word"),
        [
            # at the last look, 5%
            ((20, 12), (5, 12), LAST_LOOK, IMPROVED),
            ((20, 12), (9, 12), LAST_LOOK, NOT_SHOWN),
            ((20, 12), (20, 12), LAST_LOOK, NOT_SHOWN),
            ((5, 12), (20, 12), LAST_LOOK, WORSE),
            ((400, 12), (400, 12), LAST_LOOK, NOT_WORTH),
            ((4000, 12), (3500, 12), LAST_LOOK, IMPROVED),  # small, but certain
            ((2, 12), (0, 12), LAST_LOOK, EARLY),
            ((1, 12), (0, 468), LAST_LOOK, IMPROVED),
            ((1, 12), (0, 467), LAST_LOOK, EARLY),
            ((6, 12), (0, 10), LAST_LOOK, EARLY),
            ((6, 12), (0, 11), LAST_LOOK, IMPROVED),
            ((0, 12), (0, 12), LAST_LOOK, CANNOT),
            ((0, 12), (2, 12), LAST_LOOK, CANNOT),
            # before the last look, 0.1%
            ((20, 12), (2, 6), FIRST_LOOK, NOT_SHOWN),
            ((20, 12), (0, 6), FIRST_LOOK, IMPROVED),
            ((10, 12), (0, 6), FIRST_LOOK, EARLY),
            ((10, 12), (14, 6), FIRST_LOOK, EARLY),
            ((5, 12), (30, 6), FIRST_LOOK, WORSE),
        ],
    )
    def test_fewer_events(
        self, before: tuple[int, float], after: tuple[int, float], look: date, word: VerdictWord
    ) -> None:
        assert verdict(LATE_ESCALATIONS, before, after, look=look).word is word

    @pytest.mark.parametrize(
        ("before", "after", "word"),
        [
            ((12, 12), (30, 12), IMPROVED),
            ((0, 12), (30, 12), IMPROVED),
            ((30, 12), (12, 12), WORSE),
            ((12, 12), (14, 12), NOT_SHOWN),
            ((900, 12), (905, 12), NOT_WORTH),
            ((0, 12), (0, 12), CANNOT),
            ((2, 12), (0, 12), NOT_SHOWN),  # a rise has no best result, so it is never too early at a look
        ],
    )
    def test_more_events(self, before: tuple[int, float], after: tuple[int, float], word: VerdictWord) -> None:
        assert verdict(CONSULTATIONS, before, after).word is word

    @pytest.mark.parametrize(
        ("before", "after", "look", "word"),
        [
            ((21, 50), (38, 50), LAST_LOOK, IMPROVED),
            ((21, 50), (36, 50), FIRST_LOOK, NOT_SHOWN),
            ((21, 50), (38, 50), FIRST_LOOK, IMPROVED),  # just: Fisher's p is 0.00102
            ((10, 50), (48, 50), FIRST_LOOK, IMPROVED),
            ((38, 50), (21, 50), LAST_LOOK, WORSE),
            ((25, 50), (30, 50), LAST_LOOK, NOT_SHOWN),
            ((900, 1000), (905, 1000), LAST_LOOK, NOT_WORTH),
            ((0, 3), (3, 3), LAST_LOOK, EARLY),
            ((0, 4), (4, 4), LAST_LOOK, IMPROVED),
            ((12, 20), (5, 6), FIRST_LOOK, EARLY),
            ((10, 10), (10, 10), LAST_LOOK, CANNOT),
            ((10, 10), (3, 10), LAST_LOOK, WORSE),
            ((0, 20), (0, 20), LAST_LOOK, NOT_SHOWN),
            ((7, 15), (12, 14), LAST_LOOK, IMPROVED),
        ],
    )
    def test_more_records_that_meet_the_standard(
        self, before: tuple[int, int], after: tuple[int, int], look: date, word: VerdictWord
    ) -> None:
        assert verdict(SAME_DAY_CONSULT, before, after, look=look).word is word


class TestCannotBeJudged:
    @pytest.mark.parametrize(
        ("circumstances", "words"),
        [
            (Circumstances(definition_changed=True), "defined differently"),
            (Circumstances(baseline_unstable=True), "unstable before the change"),
        ],
    )
    @pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.measure)
    def test_no_comparable_baseline(self, plan: ImpactPlan, circumstances: Circumstances, words: str) -> None:
        found = verdict(plan, (5, 40), (30, 40), circumstances=circumstances)
        assert found.word is CANNOT
        assert words in found.reason
        assert found.numbers is None

    def test_no_baseline(self) -> None:
        found = judge(LATE_ESCALATIONS, None, counts(3, 12), LAST_LOOK, today=AFTER_ALL)
        assert found.word is CANNOT
        assert found.reason == "The baseline has not been counted, so there is nothing to compare with."

    def test_no_counts_at_a_look_that_has_come(self) -> None:
        found = judge(LATE_ESCALATIONS, counts(9, 12), None, LAST_LOOK, today=LAST_LOOK)
        assert found.word is CANNOT
        assert found.reason == "The look of 31 January 2026 has come, but its counts are missing."

    @pytest.mark.parametrize(
        ("before", "after", "words"),
        [
            (counts(9, 0), counts(3, 12), "Give the exposure (months)"),
            (counts(9, 12), counts(3, 0), "Give the exposure (months)"),
            (counts(9, 12, window=Window(date(2023, 1, 1), date(2023, 12, 31))), counts(3, 12), "plan declared"),
            (counts(9, 12), counts(3, 12, window=Window(date(2025, 1, 15), LAST_LOOK)), "inside the roll-in"),
            (counts(9, 12), counts(3, 12, window=Window(date(2024, 6, 1), LAST_LOOK)), "overlaps the baseline"),
            (counts(9, 12), counts(3, 12, window=Window(date(2025, 2, 1), AFTER_ALL)), "after the day of the look"),
        ],
    )
    def test_counts_that_cannot_be_used(self, before: Counts, after: Counts, words: str) -> None:
        found = judge(LATE_ESCALATIONS, before, after, LAST_LOOK, today=AFTER_ALL)
        assert found.word is CANNOT
        assert words in found.reason

    def test_a_plan_that_cannot_be_used(self) -> None:
        overlapping = replace(LATE_ESCALATIONS, roll_in=Window(date(2024, 12, 1), date(2025, 1, 31)))
        found = verdict(overlapping, (20, 12), (5, 12))
        assert found.word is CANNOT
        assert "overlaps the roll-in" in found.reason

    def test_nothing_in_either_period(self) -> None:
        found = verdict(LATE_ESCALATIONS, (0, 12), (0, 12))
        assert found.reason == "Nothing was counted before or after, so there is nothing to compare."

    def test_no_room_for_an_improvement_names_another_measure(self) -> None:
        found = verdict(LATE_ESCALATIONS, (0, 12), (2, 12))
        assert found.word is CANNOT
        assert "as good as it can be" in found.reason
        assert "records audit" in found.reason
        assert isinstance(found.numbers, RateRatio)

    def test_a_day_that_is_no_look_is_a_mistake_of_the_caller(self) -> None:
        with pytest.raises(ValueError, match="not a planned look"):
            judge(LATE_ESCALATIONS, counts(9, 12), counts(3, 12), date(2025, 12, 1), today=AFTER_ALL)


class TestTooEarly:
    @pytest.mark.parametrize("look", [FIRST_LOOK, LAST_LOOK])
    @pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.measure)
    def test_before_the_look_whatever_is_known(self, plan: ImpactPlan, look: date) -> None:
        found = judge(plan, counts(5, 40), counts(30, 40), look, today=look - timedelta(days=1))
        assert found.word is EARLY
        assert found.numbers is None

    def test_on_the_day_of_the_look_no_longer(self) -> None:
        found = judge(LATE_ESCALATIONS, counts(20, 12), counts(5, 12), LAST_LOOK, today=LAST_LOOK)
        assert found.word is IMPROVED

    def test_says_when(self) -> None:
        found = judge(LATE_ESCALATIONS, counts(40, 12), None, FIRST_LOOK, today=date(2025, 3, 1))
        assert found.reason == "The first planned look is on 31 July 2025; no verdict is given before."
        assert found.could_be_shown is not None
        assert found.could_be_shown.expected_on == FIRST_LOOK

    def test_a_plan_that_can_never_show_it_says_so_from_the_start(self) -> None:
        found = judge(LATE_ESCALATIONS, counts(2, 12), None, FIRST_LOOK, today=date(2025, 3, 1))
        assert "63.9 months" in found.reason
        assert "No planned look is late enough" in found.reason
        hopeless = judge(LATE_ESCALATIONS, counts(0, 12), None, FIRST_LOOK, today=date(2025, 3, 1))
        assert "no follow-up could show an improvement" in hopeless.reason

    def test_how_many_records_are_needed_is_said_from_the_start(self) -> None:
        found = judge(SAME_DAY_CONSULT, counts(12, 20), None, FIRST_LOOK, today=date(2025, 3, 1))
        assert "It would take 9 records" in found.reason

    def test_two_a_year_cannot_show_it_in_a_year(self) -> None:
        found = verdict(LATE_ESCALATIONS, (2, 12), (0, 12))
        assert found.could_be_shown is not None
        assert found.could_be_shown.needed == pytest.approx(63.894663844)
        assert "with none at all counted after the change, this look could not" in found.reason

    @given(judged())
    def test_whenever_the_best_result_could_not_reach_the_level(
        self, case: tuple[ImpactPlan, Counts, Counts, date]
    ) -> None:
        """Unless what was seen is worse beyond chance: that, a small sample can show, and it is not hidden."""
        plan, before, after, look = case
        found = judge(plan, before, after, look, today=look)
        assume(found.numbers is not None and not nothing_to_gain(plan, before))
        if not reaches(best_p(plan, before, after.out_of), alpha_at(plan, look)):
            assert found.word in (EARLY, WORSE)
            assert (found.word is WORSE) == (found.numbers is not None and found.numbers.moved == _worse(plan))
        else:
            assert found.word is not EARLY

    @given(judged())
    def test_says_what_would_be_enough_and_only_then(self, case: tuple[ImpactPlan, Counts, Counts, date]) -> None:
        plan, before, after, look = case
        found = judge(plan, before, after, look, today=look)
        assert (found.could_be_shown is not None) == (found.word is EARLY)
        if found.could_be_shown is not None:
            enough = found.could_be_shown
            assert enough.look is None or enough.look > look
            # what there is may do already at a later look, which asks for less than this one
            if enough.needed is not None and enough.alpha == alpha_at(plan, look):
                assert enough.needed > (after.out_of if plan.kind is Kind.RATE else 0)

    def test_what_is_too_little_for_an_early_look_may_do_for_the_last(self) -> None:
        found = verdict(LATE_ESCALATIONS, (6, 12), (0, 12), look=FIRST_LOOK)
        assert found.word is EARLY
        assert found.could_be_shown is not None
        assert found.could_be_shown.needed == pytest.approx(12 * ((2 / 0.05) ** (1 / 6) - 1))
        assert "could be the first to show it" in found.reason


def _worse(plan: ImpactPlan) -> int:
    return 1 if plan.direction is Direction.REDUCE else -1


class TestGotWorse:
    def test_harm_is_not_hidden_by_too_small_a_baseline(self) -> None:
        """One before, thirty after: no fall could have been shown, and yet this is no time to wait."""
        found = verdict(LATE_ESCALATIONS, (1, 12), (30, 12))
        assert found.word is WORSE
        assert "the wrong way" in found.reason

    def test_nor_by_a_baseline_without_events(self) -> None:
        assert verdict(LATE_ESCALATIONS, (0, 12), (12, 12)).word is WORSE

    @pytest.mark.parametrize(
        ("plan", "before", "after", "word", "warned"),
        [
            (LATE_ESCALATIONS, (10, 12), (14, 6), EARLY, True),
            (LATE_ESCALATIONS, (20, 12), (22, 6), NOT_WORTH, True),
            (LATE_ESCALATIONS, (20, 12), (12, 6), NOT_SHOWN, False),
            (LATE_ESCALATIONS, (22, 12), (3, 6), NOT_SHOWN, False),
            (LATE_ESCALATIONS, (5, 12), (30, 6), WORSE, False),
            (CONSULTATIONS, (22, 12), (3, 6), NOT_SHOWN, True),
            (SAME_DAY_CONSULT, (30, 50), (18, 50), NOT_WORTH, True),
            (NO_NEXT_REVIEW, (30, 50), (18, 50), NOT_SHOWN, False),
        ],
    )
    def test_the_wrong_way_at_an_early_look_is_warned_of(
        self, plan: ImpactPlan, before: tuple[int, float], after: tuple[int, float], word: VerdictWord, warned: bool
    ) -> None:
        found = verdict(plan, before, after, look=FIRST_LOOK)
        assert found.word is word
        assert (CautionKind.WRONG_WAY in kinds(found)) is warned


class TestWorthHaving:
    def test_a_certain_but_small_improvement_says_that_it_is_small(self) -> None:
        found = verdict(LATE_ESCALATIONS, (4000, 12), (3500, 12))
        assert found.word is IMPROVED
        assert "It is smaller than what the plan called worth having (a fall of 30%)." in found.reason

    def test_a_large_one_does_not(self) -> None:
        for plan, before, after in (
            (LATE_ESCALATIONS, (20, 12), (5, 12)),
            (CONSULTATIONS, (0, 12), (30, 12)),
            (SAME_DAY_CONSULT, (21, 50), (38, 50)),
            (NO_NEXT_REVIEW, (38, 50), (21, 50)),
        ):
            found = verdict(plan, before, after)
            assert found.word is IMPROVED
            assert "smaller" not in found.reason

    @given(judged())
    def test_no_worthwhile_change_leaves_out_what_was_worth_having(
        self, case: tuple[ImpactPlan, Counts, Counts, date]
    ) -> None:
        plan, before, after, look = case
        found = judge(plan, before, after, look, today=look)
        if found.word in (NOT_WORTH, NOT_SHOWN):
            numbers = found.numbers
            assert numbers is not None
            wanted = plan.smallest_effect
            if plan.direction is Direction.INCREASE:
                possible = numbers.high is None or numbers.high >= wanted
            else:
                possible = numbers.low <= (wanted if plan.kind is Kind.RATE else -wanted)
            assert possible == (found.word is NOT_SHOWN)

    def test_a_plan_that_asks_for_more_rules_it_out_sooner(self) -> None:
        modest = verdict(replace(LATE_ESCALATIONS, smallest_effect=0.9), (100, 12), (100, 12))
        ambitious = verdict(replace(LATE_ESCALATIONS, smallest_effect=0.3), (100, 12), (100, 12))
        assert (modest.word, ambitious.word) == (NOT_SHOWN, NOT_WORTH)


class TestNotShown:
    def test_does_not_read_as_no_effect(self) -> None:
        found = verdict(LATE_ESCALATIONS, (20, 12), (9, 12))
        assert found.reason == (
            "Before: 20 in 12 months. After: 9 in 12 months."
            " The counts fit anything from a fall of 82% to a rise of 3%."
            " So what the plan called worth having (a fall of 30%) may be there or not: the counts cannot say."
            " This does not mean that the change did nothing."
        )

    def test_before_the_last_look_says_that_more_is_to_come(self) -> None:
        found = verdict(LATE_ESCALATIONS, (20, 12), (2, 6), look=FIRST_LOOK)
        assert found.reason.endswith("Before the last look, on 31 January 2026, only a very clear result counts.")

    @given(judged())
    def test_no_reason_ever_says_that_there_was_no_effect(self, case: tuple[ImpactPlan, Counts, Counts, date]) -> None:
        plan, before, after, look = case
        reason = judge(plan, before, after, look, today=look).reason.lower()
        assert "no effect" not in reason
        assert "proved" not in reason
        assert "significant" not in reason


class TestInvariants:
    @given(judged(), st.dates(min_value=date(2019, 1, 1), max_value=date(2060, 1, 1)))
    def test_every_case_has_exactly_one_answer_with_its_reason_and_rule(
        self, case: tuple[ImpactPlan, Counts, Counts, date], today: date
    ) -> None:
        plan, before, after, look = case
        found = judge(plan, before, after, look, today=today)
        assert [word for word in VerdictWord if word is found.word] == [found.word]
        assert found.reason.endswith(".")
        assert (found.rule, found.rule_version) == (RULE, RULE_VERSION)
        assert found.alpha == alpha_at(plan, look)
        assert found.look_on == look
        assert (found.word is EARLY) or today >= look
        for caution in found.cautions:
            assert caution.sentence.endswith(".")

    @given(judged())
    def test_the_same_facts_give_the_same_answer(self, case: tuple[ImpactPlan, Counts, Counts, date]) -> None:
        plan, before, after, look = case
        one, other = (judge(plan, before, after, look, today=look) for _ in range(2))
        assert one == other

    @given(judged())
    def test_improved_and_worse_leave_out_no_effect_on_their_own_side(
        self, case: tuple[ImpactPlan, Counts, Counts, date]
    ) -> None:
        plan, before, after, look = case
        found = judge(plan, before, after, look, today=look)
        if found.numbers is None:
            return
        expected = {IMPROVED: -_worse(plan), WORSE: _worse(plan)}.get(found.word)
        if expected is not None:
            assert found.numbers.moved == expected
        elif found.word in (NOT_SHOWN, NOT_WORTH):
            assert found.numbers.moved == 0

    @given(judged())
    def test_a_stricter_look_never_claims_what_the_last_does_not(
        self, case: tuple[ImpactPlan, Counts, Counts, date]
    ) -> None:
        plan, before, after, look = case
        assume(look != plan.looks[-1])
        early = judge(plan, before, after, look, today=look)
        last = judge(replace(plan, looks=(look,)), before, after, look, today=look)
        if early.word in (IMPROVED, WORSE, NOT_WORTH):
            assert last.word in (early.word, IMPROVED, WORSE)

    @given(small_counts, exposures, small_counts, exposures)
    def test_one_more_event_never_looks_better(self, before: int, t_before: float, after: int, t_after: float) -> None:
        one = verdict(LATE_ESCALATIONS, (before, t_before), (after, t_after)).word
        more = verdict(LATE_ESCALATIONS, (before, t_before), (after + 1, t_after)).word
        if one in BY_HOPE and more in BY_HOPE:
            assert BY_HOPE.index(more) >= BY_HOPE.index(one)
        assert one is not WORSE or more is WORSE

    @given(shares(), st.integers(2, 80), st.data())
    def test_one_more_compliant_record_never_looks_worse(
        self, before: tuple[int, int], read: int, data: st.DataObject
    ) -> None:
        met = data.draw(st.integers(0, read - 1))
        one = verdict(SAME_DAY_CONSULT, before, (met, read)).word
        more = verdict(SAME_DAY_CONSULT, before, (met + 1, read)).word
        if one in BY_HOPE and more in BY_HOPE:
            assert BY_HOPE.index(more) <= BY_HOPE.index(one)

    @given(shares(), shares(), st.sampled_from([FIRST_LOOK, LAST_LOOK]))
    def test_counting_the_misses_instead_gives_the_same_answer(
        self, before: tuple[int, int], after: tuple[int, int], look: date
    ) -> None:
        met = verdict(SAME_DAY_CONSULT, before, after, look=look)
        missed = verdict(NO_NEXT_REVIEW, (before[1] - before[0], before[1]), (after[1] - after[0], after[1]), look=look)
        assert missed.word is met.word

    @given(small_counts, small_counts, st.sampled_from([1.0, 30.0, 0.25]))
    def test_the_unit_of_exposure_gives_the_same_answer(self, before: int, after: int, unit: float) -> None:
        months = verdict(LATE_ESCALATIONS, (before, 12.0), (after, 11.0))
        other = verdict(LATE_ESCALATIONS, (before, 12.0 * unit), (after, 11.0 * unit))
        assert other.word is months.word

    def test_cannot_be_altered(self) -> None:
        found = verdict(LATE_ESCALATIONS, (20, 12), (9, 12))
        with pytest.raises(FrozenInstanceError):
            found.word = IMPROVED  # type: ignore[misc]

    def test_a_million_events_take_a_moment(self) -> None:
        found = verdict(LATE_ESCALATIONS, (1_000_000, 12), (900_000, 12))
        assert found.word is IMPROVED


class TestWhatLedToTheChange:
    NOVEMBER = date(2024, 11, 3)

    def test_inside_the_baseline_and_not_said_to_be_left_out(self) -> None:
        plan = replace(LATE_ESCALATIONS, index_incidents_on=(self.NOVEMBER, date(2024, 10, 1)))
        found = verdict(plan, (20, 12), (9, 12))
        sentences = [c.sentence for c in found.cautions if c.kind is CautionKind.INDEX_IN_BASELINE]
        assert len(sentences) == 1
        assert "(1 October 2024, 3 November 2024) lies inside the baseline" in sentences[0]

    @pytest.mark.parametrize("days", [(), (date(2023, 12, 31),), (date(2025, 1, 2),)])
    def test_outside_the_baseline_there_is_nothing_to_say(self, days: tuple[date, ...]) -> None:
        found = verdict(replace(LATE_ESCALATIONS, index_incidents_on=days), (20, 12), (9, 12))
        assert CautionKind.INDEX_IN_BASELINE not in kinds(found)

    def test_said_to_be_left_out(self) -> None:
        plan = replace(LATE_ESCALATIONS, index_incidents_on=(self.NOVEMBER,))
        found = judge(plan, counts(20, 12, index_events=0), counts(9, 12), LAST_LOOK, today=AFTER_ALL)
        assert CautionKind.INDEX_IN_BASELINE not in kinds(found)

    def test_counted_it_is_taken_out_and_shown_both_ways(self) -> None:
        found = judge(LATE_ESCALATIONS, counts(23, 12, index_events=5), counts(9, 12), LAST_LOOK, today=AFTER_ALL)
        assert isinstance(found.numbers, RateRatio)
        assert found.numbers.events_before == 18
        assert found.word is NOT_SHOWN
        sentence = next(c.sentence for c in found.cautions if c.kind is CautionKind.INDEX_IN_BASELINE)
        assert sentence == (
            "Left out of the baseline, because the change followed from it: 5 of 23 counted."
            " Counted in, the verdict would be “Improved”."
        )

    def test_the_same_both_ways(self) -> None:
        found = judge(LATE_ESCALATIONS, counts(21, 12, index_events=1), counts(5, 12), LAST_LOOK, today=AFTER_ALL)
        assert found.word is IMPROVED
        assert any(caution.sentence.endswith("the verdict would be the same.") for caution in found.cautions)

    def test_when_it_is_all_there_was(self) -> None:
        found = judge(LATE_ESCALATIONS, counts(1, 12, index_events=1), counts(0, 12), LAST_LOOK, today=AFTER_ALL)
        assert found.word is CANNOT
        assert found.reason.startswith("Apart from what led to the change, nothing was counted")
        assert any("“Too early to tell”" in caution.sentence for caution in found.cautions)

    def test_an_audit_is_asked_to_leave_the_record_out_of_the_sample(self) -> None:
        found = judge(SAME_DAY_CONSULT, counts(5, 20, index_events=1), counts(9, 20), LAST_LOOK, today=AFTER_ALL)
        assert found.word is CANNOT
        assert "out of the sample" in found.reason


class TestCautionsOfTheResult:
    def test_other_things_that_changed_are_named(self) -> None:
        found = verdict(
            LATE_ESCALATIONS, (20, 12), (5, 12), circumstances=Circumstances(other_changes=("Duty rota", "New ward"))
        )
        assert any(c.sentence == "Other things changed in the same time: Duty rota; New ward." for c in found.cautions)

    @pytest.mark.parametrize(
        ("window", "words"),
        [
            (Window(date(2025, 2, 1), LAST_LOOK), []),
            (Window(date(2025, 2, 1), LAST_LOOK - timedelta(days=1)), []),
            (Window(date(2025, 2, 1), date(2025, 12, 31)), ["end on 31 December 2025"]),
            (Window(date(2025, 4, 1), LAST_LOOK), ["begin on 1 April 2025"]),
            (Window(date(2025, 4, 1), date(2025, 12, 1)), ["begin on 1 April 2025", "end on 1 December 2025"]),
        ],
    )
    def test_missing_follow_up_is_said(self, window: Window, words: list[str]) -> None:
        found = judge(LATE_ESCALATIONS, counts(20, 12), counts(5, 12, window=window), LAST_LOOK, today=AFTER_ALL)
        sentences = [c.sentence for c in found.cautions if c.kind is CautionKind.MISSING_FOLLOW_UP]
        assert len(sentences) == len(words)
        assert all(word in sentence for word, sentence in zip(words, sentences, strict=True))

    def test_two_good_methods_that_disagree(self) -> None:
        found = verdict(SAME_DAY_CONSULT, (7, 15), (12, 14))
        assert found.word is IMPROVED
        assert any("p = 0.0502) do not agree" in caution.sentence for caution in found.cautions)
        assert CautionKind.METHODS_DISAGREE not in kinds(verdict(SAME_DAY_CONSULT, (21, 50), (38, 50)))

    def test_those_of_the_plan_stand_beside_every_verdict(self) -> None:
        plan = replace(LATE_ESCALATIONS, primary=False, counts_incidents=True, exploratory=True)
        for found in (
            verdict(plan, (20, 12), (5, 12)),
            verdict(plan, (2, 12), (0, 12)),
            judge(plan, None, None, LAST_LOOK, today=AFTER_ALL),
            judge(plan, counts(20, 12), None, FIRST_LOOK, today=date(2025, 3, 1)),
        ):
            assert {CautionKind.SUPPORTING, CautionKind.MORE_REPORTING, CautionKind.EXPLORATORY} <= kinds(found)
            assert found.exploratory
            assert not found.primary


class TestRecord:
    @given(judged(), st.booleans())
    def test_holds_only_what_json_holds_without_floats(
        self, case: tuple[ImpactPlan, Counts, Counts, date], come: bool
    ) -> None:
        plan, before, after, look = case
        record = as_record(judge(plan, before, after, look, today=look if come else look - timedelta(days=1)))
        assert json.loads(json.dumps(record, allow_nan=False)) == record
        assert not list(_floats(record))

    def test_reads_as_it_was(self) -> None:
        found = verdict(LATE_ESCALATIONS, (2, 12), (0, 12))
        record: Any = as_record(found)
        assert record["word"] == "Too early to tell"
        assert record["reason"] == found.reason
        assert record["look_on"] == "2026-01-31"
        assert record["alpha"] == "0.05"
        assert record["numbers"]["high"] == "5.32455532034"
        assert record["numbers"]["events_before"] == 2
        assert record["could_be_shown"]["needed"] == "63.894663844"
        assert record["cautions"][0] == {
            "kind": "time-as-exposure",
            "sentence": found.cautions[0].sentence,
        }
        assert (record["rule"], record["rule_version"]) == ("impact-verdict", "2")

    def test_a_proportion_too(self) -> None:
        found = verdict(SAME_DAY_CONSULT, (21, 50), (38, 50))
        assert isinstance(found.numbers, ProportionChange)
        record: Any = as_record(found)
        assert record["numbers"]["wilson_before"] == {"low": "0.293750033547", "high": "0.557665582314"}
        assert "Newcombe" in record["method"]


def _floats(value: object) -> Any:
    if isinstance(value, float):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _floats(item)
    elif isinstance(value, list):
        for item in value:
            yield from _floats(item)
