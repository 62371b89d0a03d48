"""The rules of an audit: questions, claims and sizes, how a record stands, and what a sample says of all records."""

from __future__ import annotations

import math
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saferpractice.assurance.rules.audit_results import Found, Group, by_question, found_in, sentence_of
from saferpractice.assurance.rules.audits import (
    MOST_READ,
    NUMBERS,
    About,
    Answer,
    Claim,
    Question,
    Reading,
    Standing,
    differ,
    meets,
    months_after,
    per_team,
    problems_of_claim,
    problems_of_period,
    problems_of_reading,
    problems_of_seed,
    question_from,
    size_for,
    standing,
)
from saferpractice.assurance.rules.sampling import Against, SampleRefused
from saferpractice.trail.draws import list_hash, next_in_rank, ranked

pytestmark = pytest.mark.requirement("R16", "R37")

USED = Question("a", "Is it used?", "The new form", Answer.YES, About.USED)
LATE = Question("b", "Was it late?", "The times", Answer.NO, About.LOOP, may_not_apply=True)
BOTH = (USED, LATE)
DECISION = {"acceptable": 5.0, "unacceptable": 25.0, "wrongly_failed": 10.0, "wrongly_passed": 10.0}


class TestQuestions:
    def test_kept_as_data_it_is_the_same_question(self) -> None:
        assert [question_from(one.as_data()) for one in BOTH] == list(BOTH)

    @pytest.mark.parametrize(
        ("answers", "met"),
        [
            ({"a": "yes", "b": "no"}, True),
            ({"a": "yes", "b": "na"}, True),
            ({"a": "no", "b": "no"}, False),
            ({"a": "yes", "b": "yes"}, False),
        ],
    )
    def test_a_record_meets_the_standard_when_every_question_that_applies_does(
        self, answers: dict[str, str], met: bool
    ) -> None:
        assert meets(BOTH, answers) is met

    @pytest.mark.parametrize(
        ("answers", "why_not", "lacking"),
        [
            ({"a": "yes", "b": "na"}, "", []),
            ({"a": "na", "b": "na"}, "", ["a"]),
            ({}, "", ["a", "b"]),
            ({"a": "maybe", "b": "no"}, "", ["a"]),
            ({}, "The page does not open", []),
        ],
    )
    def test_each_question_has_its_answer_or_the_record_cannot_be_audited(
        self, answers: dict[str, str], why_not: str, lacking: list[str]
    ) -> None:
        assert list(problems_of_reading(BOTH, answers, why_not)) == lacking


YES, NO = Reading("A", {"a": "yes", "b": "no"}), Reading("B", {"a": "no", "b": "no"})
GONE = Reading("C", {}, "The page does not open")


class TestHowARecordStands:
    @pytest.mark.parametrize(
        ("readings", "settled", "needed", "stands"),
        [
            ([], None, 1, Standing.TO_READ),
            ([YES], None, 1, Standing.MET),
            ([NO], None, 1, Standing.NOT_MET),
            ([GONE], None, 1, Standing.NOT_AUDITABLE),
            ([YES], None, 2, Standing.TO_READ),
            ([YES, YES], None, 2, Standing.MET),
            ([YES, NO], None, 2, Standing.DIFFERS),
            ([YES, GONE], None, 2, Standing.DIFFERS),
            ([GONE, Reading("D", {}, "Another reason")], None, 2, Standing.NOT_AUDITABLE),
            ([YES, NO], NO, 2, Standing.NOT_MET),
            ([YES, NO], YES, 2, Standing.MET),
            ([YES, NO], GONE, 2, Standing.NOT_AUDITABLE),
        ],
    )
    def test_by_what_was_read_and_settled(
        self, readings: list[Reading], settled: Reading | None, needed: int, stands: Standing
    ) -> None:
        assert standing(BOTH, readings, settled, needed=needed) is stands

    def test_two_who_differ_on_one_question_differ_though_both_fail_the_record(self) -> None:
        assert differ([NO, Reading("D", {"a": "no", "b": "yes"})])

    def test_only_what_is_read_or_differs_waits(self) -> None:
        assert [one for one in Standing if not one.is_final] == [Standing.TO_READ, Standing.DIFFERS]


class TestSizes:
    @pytest.mark.parametrize(
        ("claim", "percent", "population", "size", "words"),
        [
            # statistics.md: 24 of 80 for 95% under 10%, where no population limit would say 29.
            (Claim.DISCOVERY, {"tolerable": 10.0}, 80, 24, "fewer than 8 of the 80 do not"),
            (Claim.DISCOVERY, {"tolerable": 50.0}, 1, 1, "every one of the 1"),
            (Claim.ESTIMATE, {"expected": 80.0, "half_width": 20.0}, 8, 6, "give or take about 20"),
            (Claim.ESTIMATE, {"expected": 50.0, "half_width": 1.0}, 12, 12, "With 12 of 12"),
            (Claim.DECISION, DECISION, 3, 3, "If none fails"),
        ],
    )
    def test_the_number_and_what_it_allows(
        self, claim: Claim, percent: dict[str, float], population: int, size: int, words: str
    ) -> None:
        found = size_for(claim, percent, population)
        assert found.size == size
        assert words in found.sentence

    def test_a_decision_holds_both_error_rates(self) -> None:
        found = size_for(Claim.DECISION, DECISION, 100)
        assert found.allowed is not None
        for failing, passes_at_least, passes_at_most in ((5, 0.9, 1.0), (25, 0.0, 0.1)):
            passes = sum(
                Fraction(math.comb(failing, k) * math.comb(100 - failing, found.size - k), math.comb(100, found.size))
                for k in range(found.allowed + 1)
            )
            assert passes_at_least <= passes <= passes_at_most

    def test_more_than_anybody_reads_is_refused_with_what_to_do(self) -> None:
        with pytest.raises(SampleRefused, match=f"at most {MOST_READ}"):
            size_for(Claim.ESTIMATE, {"expected": 50.0, "half_width": 2.0}, 5000)

    @pytest.mark.parametrize(
        ("claim", "percent", "fields"),
        [
            (Claim.DISCOVERY, {"tolerable": 10.0}, []),
            (Claim.DISCOVERY, {}, ["tolerable"]),
            (Claim.DISCOVERY, {"tolerable": 100.0}, ["tolerable"]),
            (Claim.DECISION, DECISION, []),
            (Claim.DECISION, DECISION | {"acceptable": 0.0}, []),
            (Claim.DECISION, DECISION | {"unacceptable": 5.0}, ["unacceptable"]),
            (Claim.DECISION, DECISION | {"unacceptable": 6.0}, ["unacceptable"]),
            (Claim.DECISION, DECISION | {"wrongly_passed": 60.0}, ["wrongly_passed"]),
            (Claim.ESTIMATE, {"expected": 0.0, "half_width": 5.0}, ["expected"]),
        ],
    )
    def test_numbers_that_cannot_be_used(self, claim: Claim, percent: dict[str, float], fields: list[str]) -> None:
        assert list(problems_of_claim(claim, percent)) == fields

    @given(
        st.sampled_from([Claim.DISCOVERY, Claim.ESTIMATE]),
        st.floats(1, 99),
        st.floats(1, 99),
        st.integers(1, 400),
    )
    @settings(max_examples=60)
    def test_never_more_than_there_are(self, claim: Claim, one: float, other: float, population: int) -> None:
        percent = dict(zip(NUMBERS[claim], (one, other), strict=False))
        try:
            found = size_for(claim, percent, population)
        except SampleRefused:
            return
        assert 1 <= found.size <= population


LIVE = date(2026, 3, 10)


class TestDays:
    @pytest.mark.parametrize(
        ("from_on", "to_on", "live_on", "field"),
        [
            (date(2026, 3, 10), date(2026, 3, 20), LIVE, None),
            (date(2026, 3, 1), date(2026, 3, 9), LIVE, None),
            (date(2026, 3, 9), date(2026, 3, 10), LIVE, "period_from"),
            (date(2026, 3, 1), date(2026, 3, 20), None, None),
            (date(2026, 3, 20), date(2026, 3, 19), LIVE, "period_to"),
            (date(2026, 3, 20), date(2026, 4, 1), LIVE, "period_to"),
        ],
    )
    def test_a_period_is_over_and_on_one_side_of_the_change(
        self, from_on: date, to_on: date, live_on: date | None, field: str | None
    ) -> None:
        found = problems_of_period(from_on, to_on, today=date(2026, 4, 1), live_on=live_on)
        assert list(found) == ([field] if field else [])

    @pytest.mark.parametrize(
        ("day", "months", "then"),
        [
            (date(2026, 1, 31), 1, date(2026, 2, 28)),
            (date(2027, 11, 30), 3, date(2028, 2, 29)),
            (date(2026, 12, 15), 12, date(2027, 12, 15)),
            (date(2026, 3, 18), 6, date(2026, 9, 18)),
        ],
    )
    def test_so_many_months_later(self, day: date, months: int, then: date) -> None:
        assert months_after(day, months) == then

    def test_dice_need_no_day(self) -> None:
        given_at: dict[str, Any] = {"on": None, "frozen_on": LIVE, "today": LIVE}
        assert problems_of_seed("123456", published=False, **given_at) == {}
        assert list(problems_of_seed("12345", published=False, **given_at)) == ["seed"]
        assert list(problems_of_seed("123456", published=True, **given_at)) == ["published_on"]


class TestTheDraw:
    ids = st.sets(st.text("abcdef0123456789-", min_size=1, max_size=8), min_size=1, max_size=40)

    @given(ids, st.text(min_size=1, max_size=12), st.randoms(use_true_random=False))
    def test_the_same_list_and_seed_give_the_same_sample_whatever_the_order(
        self, ids: set[str], seed: str, random: Any
    ) -> None:
        listed = sorted(ids)
        shuffled = listed[:]
        random.shuffle(shuffled)
        assert ranked(seed, listed) == ranked(seed, shuffled)
        assert list_hash(listed) == list_hash(shuffled)

    @given(ids, st.text(min_size=1, max_size=12), st.data())
    def test_more_records_keep_those_drawn_before_and_a_replacement_is_never_one_of_them(
        self, ids: set[str], seed: str, data: Any
    ) -> None:
        order = ranked(seed, ids)
        few = data.draw(st.integers(0, len(ids)))
        more = data.draw(st.integers(few, len(ids)))
        assert order[:more][:few] == order[:few]
        put = next_in_rank(order, few, ids)
        assert not set(put) & set(order[:few])

    @given(ids, st.text("xyz", min_size=1, max_size=3))
    def test_a_list_changed_after_it_was_frozen_has_another_hash(self, ids: set[str], extra: str) -> None:
        assert list_hash(ids) != list_hash(ids | {extra})
        assert list_hash(ids) != list_hash(set(list(ids)[1:]))

    @given(st.dictionaries(st.text("abc", min_size=1, max_size=2), st.integers(1, 30), min_size=1), st.integers(1, 60))
    def test_every_team_is_spoken_for(self, teams: dict[str, int], size: int) -> None:
        wanted = per_team(teams, size)
        assert all(1 <= wanted[team] <= teams[team] for team in teams)
        assert sum(wanted.values()) == min(max(size, len(teams)), sum(teams.values()))


class TestTheResult:
    @pytest.mark.parametrize(
        ("listed", "read", "met", "target", "low", "high", "answer"),
        [
            # statistics.md: all 20 of 20 from 60 is at least 87%.
            (60, 20, 20, 0.9, 52, 60, Against.CANNOT_SAY),
            (60, 20, 20, 0.85, 52, 60, Against.MEETS),
            (60, 20, 5, 0.9, 7, 27, Against.DOES_NOT),
            (10, 10, 9, 0.9, 9, 9, Against.MEETS),
            (10, 10, 8, 0.9, 8, 8, Against.DOES_NOT),
            (10, 0, 0, 0.9, 0, 10, Against.CANNOT_SAY),
        ],
    )
    def test_exact_and_against_the_target(
        self, listed: int, read: int, met: int, target: float, low: int, high: int, answer: Against
    ) -> None:
        found = found_in({"": Group(listed, read, met)}, target)
        assert (found.low, found.high, found.answer) == (low, high, answer)

    @given(st.integers(1, 25), st.data())
    @settings(max_examples=60)
    def test_the_interval_holds_the_truth_at_least_as_often_as_it_says(self, listed: int, data: Any) -> None:
        good = data.draw(st.integers(0, listed))
        read = data.draw(st.integers(1, listed))
        holds = Fraction(0)
        for met in range(max(0, read - (listed - good)), min(read, good) + 1):
            found = found_in({"": Group(listed, read, met)}, 0.5)
            if found.low <= good <= found.high:
                holds += Fraction(math.comb(good, met) * math.comb(listed - good, read - met), math.comb(listed, read))
        assert holds >= Fraction(95, 100)

    @given(st.lists(st.integers(1, 8), min_size=2, max_size=2), st.data())
    @settings(max_examples=40)
    def test_so_it_does_where_each_team_is_drawn_for(self, sizes: list[int], data: Any) -> None:
        good = [data.draw(st.integers(0, size)) for size in sizes]
        read = [data.draw(st.integers(1, size)) for size in sizes]
        holds = Fraction(0)
        for first in range(read[0] + 1):
            for second in range(read[1] + 1):
                mets, chance = (first, second), Fraction(1)
                for size, well, drawn, met in zip(sizes, good, read, mets, strict=True):
                    ways = math.comb(well, met) * math.comb(size - well, drawn - met) if met <= well else 0
                    chance *= Fraction(ways, math.comb(size, drawn))
                groups = {str(k): Group(sizes[k], read[k], mets[k]) for k in (0, 1)}
                found = found_in(groups, 0.5)
                holds += chance * (found.low <= sum(good) <= found.high)
        assert holds >= Fraction(95, 100)

    def test_two_teams_share_the_error_so_each_bound_is_wider_than_alone(self) -> None:
        alone = found_in({"a": Group(40, 8, 8)}, 0.5)
        both = found_in({"a": Group(40, 8, 8), "b": Group(40, 8, 8)}, 0.5)
        by_hand = next(
            good for good in range(8, 41) if Fraction(math.comb(good, 8), math.comb(40, 8)) > Fraction(25, 1000) / 2
        )
        assert both.low == 2 * by_hand < 2 * alone.low

    def test_the_estimate_weighs_each_team_by_its_list(self) -> None:
        found = found_in({"big": Group(90, 9, 9), "small": Group(10, 9, 0)}, 0.5)
        assert found.estimate == pytest.approx(0.9)
        assert found_in({"big": Group(90, 9, 9), "small": Group(10, 0, 0)}, 0.5).estimate is None

    def test_a_question_that_does_not_apply_everywhere_says_nothing_of_the_list(self) -> None:
        answers = [{"a": "yes", "b": "na"}, {"a": "yes", "b": "no"}, {"a": "no", "b": "yes"}]
        used, late = by_question(BOTH, answers, 3)
        assert (used.applied, used.met, used.low, used.high) == (3, 2, pytest.approx(2 / 3), pytest.approx(2 / 3))
        assert (late.applied, late.met) == (2, 1)
        assert late.low == pytest.approx(0.0126, abs=1e-4)
        assert late.high == pytest.approx(0.9874, abs=1e-4)
        assert by_question(BOTH, [{"a": "yes", "b": "na"}], 5)[1].low is None

    @pytest.mark.parametrize(
        ("found", "words"),
        [
            (
                Found(60, 20, 18, 46, 59, 0.9, Against.CANNOT_SAY),
                "18 of the 20 records read meet the standard. Of all 60 it is somewhere between 46 and 59 "
                "(77% to 98%), with 95% confidence. That is too few to tell whether the target of 90% is reached: "
                "cannot say.",
            ),
            (
                Found(10, 10, 9, 9, 9, 0.9, Against.MEETS),
                "All 10 records were read and 9 meet the standard. So the target of 90% is reached.",
            ),
            (Found(5, 0, 0, 0, 5, None, Against.CANNOT_SAY), "No record could be audited."),
        ],
    )
    def test_in_a_sentence_for_somebody_who_reads_no_statistics(self, found: Found, words: str) -> None:
        assert sentence_of(found, 0.9).startswith(words)
