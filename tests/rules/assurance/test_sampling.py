"""What a sample says of all records, and how many to read: against R, and against counting every sample there is."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.assurance.rules.reference import answer_to
from saferpractice.assurance.rules.sampling import (
    Against,
    SampleRefused,
    against_target,
    chance_of_at_least,
    chance_of_at_most,
    chances_at_target,
    conforming_in_population,
    discovery_size,
    exact,
    least_conforming,
    lot_plan,
    lower_bound,
    precision_size,
    shared_out,
)

pytestmark = pytest.mark.requirement("R16", "R37")
REFERENCE = json.loads((Path(__file__).parent / "audit_cases.json").read_text(encoding="utf-8"))
NOTHING_THERE = {"seed": "s", "record_ids": [], "sample_size": 1}
TOO_MANY = {"conforming": 3, "sample_size": 2, "target": 0.9}


@pytest.mark.parametrize("case", REFERENCE["cases"], ids=lambda case: str(case["title"]))
def test_agrees_with_r(case: dict[str, Any]) -> None:
    ours, tolerance = answer_to(case), REFERENCE["tolerance"]
    assert set(ours) == set(case["expected"]), ours
    for name, expected in case["expected"].items():
        if isinstance(expected, dict | list | str):
            assert ours[name] == expected
        else:
            assert ours[name] == pytest.approx(expected, rel=tolerance["relative"], abs=tolerance["absolute"]), name


def counted(found: int, of_kind: int, population: int, size: int) -> Fraction:
    """The chance of at most ``found``, by looking at every sample there is."""
    samples = list(combinations(range(population), size))
    return Fraction(sum(sum(one < of_kind for one in sample) <= found for sample in samples), len(samples))


class TestChances:
    @given(st.data())
    def test_are_those_of_counting_every_sample(self, data: st.DataObject) -> None:
        population = data.draw(st.integers(1, 8))
        size, of_kind = data.draw(st.integers(0, population)), data.draw(st.integers(0, population))
        found = data.draw(st.integers(-1, population))
        expected = counted(found, of_kind, population, size)
        assert chance_of_at_most(found, of_kind=of_kind, population=population, size=size) == expected
        more = chance_of_at_least(found + 1, of_kind=of_kind, population=population, size=size)
        assert more == 1 - expected

    @pytest.mark.parametrize(("share", "fraction"), [(0.05, (1, 20)), (0.1, (1, 10)), (1 - 0.95, (1, 20)), (0, (0, 1))])
    def test_a_share_is_read_as_it_was_written(self, share: float, fraction: tuple[int, int]) -> None:
        assert exact(share) == Fraction(*fraction)


@st.composite
def samples(draw: st.DrawFn, most: int = 40) -> tuple[int, int, int]:
    population = draw(st.integers(1, most))
    size = draw(st.integers(1, population))
    return draw(st.integers(0, size)), size, population


class TestHowManyOfAll:
    @given(samples())
    def test_every_number_left_in_is_not_rejected_and_every_other_is(self, sample: tuple[int, int, int]) -> None:
        met, size, population = sample
        low, high = conforming_in_population(met, size, population)
        half = Fraction(1, 40)
        for k in range(met, population - (size - met) + 1):
            fits = (
                chance_of_at_least(met, of_kind=k, population=population, size=size) > half
                and chance_of_at_most(met, of_kind=k, population=population, size=size) > half
            )
            assert fits is (low <= k <= high)

    @given(samples())
    def test_what_was_seen_is_always_possible(self, sample: tuple[int, int, int]) -> None:
        met, size, population = sample
        low, high = conforming_in_population(met, size, population)
        assert met <= low <= high <= population - (size - met)

    @given(st.integers(1, 60), st.data())
    def test_a_full_count_leaves_no_doubt(self, population: int, data: st.DataObject) -> None:
        met = data.draw(st.integers(0, population))
        assert conforming_in_population(met, population, population) == (met, met)

    def test_all_of_twenty_from_sixty_is_not_all(self) -> None:
        low, high = conforming_in_population(20, 20, 60)
        assert (low / 60 >= 0.86, high) == (True, 60)

    @given(samples(), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
    def test_more_confidence_is_never_narrower(self, sample: tuple[int, int, int], confidence: float) -> None:
        narrow, wide = (conforming_in_population(*sample, confidence=each) for each in (0.5, confidence))
        assert wide[0] <= narrow[0] <= narrow[1] <= wide[1]

    @given(st.integers(1, 60), st.data())
    def test_one_sided_looks_less_far_than_two_sided(self, size: int, data: st.DataObject) -> None:
        met = data.draw(st.integers(0, size))
        low, _ = conforming_in_population(met, size, 60) if size <= 60 else (0, 0)
        assert least_conforming(met, size, 60, error=Fraction(1, 20)) >= low
        assert 0 <= lower_bound(met, size) <= met / size

    @pytest.mark.parametrize("sample", [(3, 2, 10), (-1, 2, 10), (1, 11, 10), (0, 0, 10), (1, 2, 0), (1, 2, 100_001)])
    def test_what_cannot_be_is_refused(self, sample: tuple[int, int, int]) -> None:
        with pytest.raises(SampleRefused):
            conforming_in_population(*sample)


class TestHowManyToRead:
    @given(st.integers(5, 120), st.sampled_from([0.05, 0.1, 0.2, 0.3]), st.integers(0, 2))
    def test_discovery_is_the_smallest_that_is_sure_enough(self, population: int, rate: float, allowed: int) -> None:
        failures = -(-population * round(rate * 100) // 100)
        if failures <= allowed:
            with pytest.raises(SampleRefused, match="Allow fewer"):
                discovery_size(population, tolerable=rate, allowed=allowed)
            return
        size = discovery_size(population, tolerable=rate, allowed=allowed)
        sure = {"of_kind": failures, "population": population}
        assert chance_of_at_most(allowed, size=size, **sure) <= Fraction(1, 20)
        assert size == 1 or chance_of_at_most(allowed, size=size - 1, **sure) > Fraction(1, 20)

    def test_a_small_population_needs_fewer(self) -> None:
        assert discovery_size(80, tolerable=0.1) == 24
        assert discovery_size(100_000, tolerable=0.1) in {28, 29}

    @given(st.integers(10, 60), st.sampled_from([(0.05, 0.3), (0.1, 0.4), (0.0, 0.2)]))
    def test_a_lot_plan_holds_both_errors_and_no_smaller_one_does(
        self, population: int, rates: tuple[float, float]
    ) -> None:
        asked: dict[str, Any] = {"acceptable": rates[0], "unacceptable": rates[1]}
        asked |= {"population": population, "wrongly_failed": 0.1, "wrongly_passed": 0.1}
        plan = lot_plan(**asked)
        assert plan.good_is_failed <= 0.1 + 1e-12
        assert plan.bad_is_passed <= 0.1 + 1e-12
        good, bad = int(round(rates[0] * population, 9)), -int(-round(rates[1] * population, 9) // 1)
        for size in range(1, plan.size):
            for allowed in range(size + 1):
                failed = 1 - chance_of_at_most(allowed, of_kind=good, population=population, size=size)
                passed = chance_of_at_most(allowed, of_kind=bad, population=population, size=size)
                assert failed > Fraction(1, 10) or passed > Fraction(1, 10)

    @pytest.mark.parametrize("rates", [(0.3, 0.3), (0.4, 0.3), (-0.1, 0.3), (0.3, 1.1)])
    def test_the_bad_is_worse_than_the_good(self, rates: tuple[float, float]) -> None:
        with pytest.raises(SampleRefused, match="more than what is acceptable"):
            lot_plan(population=50, acceptable=rates[0], unacceptable=rates[1], wrongly_failed=0.1, wrongly_passed=0.1)

    def test_two_rates_too_close_are_told_apart_by_no_sample(self) -> None:
        with pytest.raises(SampleRefused, match="No sample tells"):
            lot_plan(population=10, acceptable=0.5, unacceptable=0.5 + 1e-11, wrongly_failed=0.1, wrongly_passed=0.1)

    @pytest.mark.parametrize(("share", "width"), [(0, 0.1), (1, 0.1), (0.5, 0), (0.5, 1)])
    def test_no_size_for_a_width_that_cannot_be(self, share: float, width: float) -> None:
        with pytest.raises(SampleRefused):
            precision_size(share, width, population=90)

    @given(st.floats(0.05, 0.95), st.floats(0.02, 0.3), st.integers(20, 5000))
    def test_a_known_population_never_needs_more(self, share: float, width: float, population: int) -> None:
        limited = precision_size(share, width, population=population)
        assert limited <= max(1.0, precision_size(share, width, population=None)) * (1 + 1e-12)
        assert limited <= population + 1e-9


class TestAgainstATarget:
    @pytest.mark.parametrize(
        ("met", "size", "target", "population", "answer"),
        [
            (50, 50, 0.9, None, Against.MEETS),
            (20, 20, 0.9, None, Against.CANNOT_SAY),
            (10, 50, 0.9, None, Against.DOES_NOT),
            (29, 29, 0.9, 30, Against.MEETS),
            (27, 30, 0.9, 30, Against.MEETS),  # every record read: exactly the target is the target
            (26, 30, 0.9, 30, Against.DOES_NOT),
            (9, 10, 0.9, 100, Against.CANNOT_SAY),
            (0, 10, 0.9, 100, Against.DOES_NOT),
        ],
    )
    def test_there_are_three_answers(
        self, met: int, size: int, target: float, population: int | None, answer: Against
    ) -> None:
        assert against_target(met, size, target, population=population) is answer

    @given(st.integers(1, 60), st.floats(0.05, 0.95), st.data())
    def test_one_more_that_conforms_never_makes_it_worse(self, size: int, target: float, data: st.DataObject) -> None:
        order = [Against.DOES_NOT, Against.CANNOT_SAY, Against.MEETS]
        met = data.draw(st.integers(0, size - 1))
        assert order.index(against_target(met, size, target)) <= order.index(against_target(met + 1, size, target))

    @given(st.integers(1, 30), st.sampled_from([0.5, 0.9, 0.95]), st.data())
    def test_the_two_chances_share_only_what_was_seen(self, size: int, target: float, data: st.DataObject) -> None:
        met = data.draw(st.integers(0, size))
        above, below = chances_at_target(met, size, target)
        following = chances_at_target(met + 1, size, target)[0] if met < size else 0.0
        assert below + following == pytest.approx(1)
        assert above >= following


strata = st.dictionaries(st.sampled_from("abcdefg"), st.integers(0, 40), min_size=1)


class TestSharingOut:
    @given(strata, st.data(), st.booleans())
    def test_it_adds_up_and_asks_for_no_more_than_there_is(
        self, sizes: dict[str, int], data: st.DataObject, at_least_one: bool
    ) -> None:
        held = [name for name, number in sizes.items() if number]
        size = data.draw(st.integers(len(held) if at_least_one else 0, sum(sizes.values())))
        given_ = shared_out(sizes, size, at_least_one=at_least_one)
        assert sum(given_.values()) == size
        assert all(0 <= given_[name] <= sizes[name] for name in sizes)
        assert not at_least_one or all(given_[name] for name in held)

    @given(strata, st.data())
    def test_no_share_is_a_whole_record_off(self, sizes: dict[str, int], data: st.DataObject) -> None:
        total = sum(sizes.values())
        size = data.draw(st.integers(0, total))
        for name, number in shared_out(sizes, size).items():
            assert abs(number - Fraction(size * sizes[name], total or 1)) < 1

    @pytest.mark.parametrize(
        ("sizes", "size", "expected"),
        [
            ({"b": 10, "a": 10}, 1, {"b": 0, "a": 1}),  # a tie goes by name
            ({"day": 30, "night": 10}, 2, {"day": 2, "night": 0}),  # and first to the larger
            ({"day": 33, "night": 12}, 10, {"day": 7, "night": 3}),
        ],
    )
    def test_ties_are_settled_the_same_way_everywhere(
        self, sizes: dict[str, int], size: int, expected: dict[str, int]
    ) -> None:
        assert shared_out(sizes, size) == expected

    @pytest.mark.parametrize(
        ("size", "at_least_one", "words"), [(9, False, "larger than"), (-1, False, "larger"), (1, True, "2 groups")]
    )
    def test_what_cannot_be_shared_is_refused(self, size: int, at_least_one: bool, words: str) -> None:
        with pytest.raises(SampleRefused, match=words):
            shared_out({"a": 4, "b": 4, "c": 0}, size, at_least_one=at_least_one)


class TestReferenceFiles:
    @pytest.mark.parametrize(
        ("case", "why"),
        [
            ({"id": "x", "method": "tea_leaves", "input": {}}, "does not compute “tea_leaves”"),
            ({"id": "x", "input": {}}, "does not compute"),
            (
                {"id": "x", "method": "against_target", "input": TOO_MANY},
                "among those read",
            ),
            ({"id": "x", "method": "against_target", "input": {}}, "conforming"),
            (
                {"id": "x", "method": "keyed_hash_draw", "input": {"seed": "s", "record_ids": [], "sample_size": 1}},
                "larger",
            ),
            (
                {
                    "id": "x",
                    "input": {
                        "chart": "t",
                        "values": [0, 1],
                        "denominators": None,
                        "part_after": None,
                        "freeze_after": None,
                    },
                },
                "one moment",
            ),
        ],
    )
    def test_what_cannot_be_answered_is_refused_with_the_reason(self, case: dict[str, Any], why: str) -> None:
        assert why in answer_to(case)["refused"]
