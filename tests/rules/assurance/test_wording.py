"""Numbers as a service manager would read them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.assurance.rules import proportion_change, rate_ratio, wording

from .builders import LATE_ESCALATIONS, NO_NEXT_REVIEW, PLANS, SAME_DAY_CONSULT

pytestmark = pytest.mark.requirement("R4")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (12, "12"),
        (12.0, "12"),
        (10.2, "10.2"),
        (0.75, "0.75"),
        (1_250_000, "1,250,000"),
        (63.9, "63.9"),
        (0.004, "0.004"),
    ],
)
def test_amount(number: float, words: str) -> None:
    assert wording.amount(number) == words


@pytest.mark.parametrize(
    ("fraction", "words"),
    [
        (0, "0%"),
        (0.001, "less than 1%"),
        (0.006, "1%"),
        (0.5, "50%"),
        (0.905, "91%"),
        (0.994, "99%"),
        (0.9999, "more than 99%"),
        (1, "100%"),
    ],
)
def test_percent_never_rounds_some_to_none_or_nearly_all_to_all(fraction: float, words: str) -> None:
    assert wording.percent(fraction) == words


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (None, "a rise without limit"),
        (0, "a fall to none"),
        (0.0001, "a fall of more than 99%"),
        (0.45, "a fall of 55%"),
        (0.999, "a fall of less than 1%"),
        (1, "no difference"),
        (1.03, "a rise of 3%"),
        (2.0, "a rise to 2 times"),
        (2.44, "a rise to 2.4 times"),
        (30.2, "a rise to 30 times"),
        (1223.9, "a rise to 1,224 times"),
    ],
)
def test_ratio(ratio: float | None, words: str) -> None:
    assert wording.ratio_in_words(ratio) == words


@pytest.mark.parametrize(
    ("difference", "words"),
    [
        (0.34, "a rise of 34 percentage points"),
        (-0.01, "a fall of 1 percentage point"),
        (-0.001, "a fall of less than 1 percentage point"),
        (0, "no difference"),
        (1, "a rise of 100 percentage points"),
    ],
)
def test_difference(difference: float, words: str) -> None:
    assert wording.difference_in_words(difference) == words


@given(st.floats(1e-6, 1e6))
def test_a_fall_is_called_a_fall_and_a_rise_a_rise(ratio: float) -> None:
    words = wording.ratio_in_words(ratio)
    assert ("fall" in words) == (ratio < 1)
    assert ("rise" in words) == (ratio > 1)


def test_both_periods() -> None:
    assert (
        wording.counts_in_words(LATE_ESCALATIONS, rate_ratio(1200, 12, 9, 10.5))
        == "Before: 1,200 in 12 months. After: 9 in 10.5 months."
    )
    assert (
        wording.counts_in_words(SAME_DAY_CONSULT, proportion_change(21, 50, 38, 50))
        == "Before: 21 of 50 records (42%). After: 38 of 50 (76%)."
    )


def test_effect_and_range() -> None:
    numbers = rate_ratio(20, 12, 9, 12)
    assert wording.effect_in_words(numbers) == "a fall of 55%"
    assert wording.range_in_words(numbers) == "anything from a fall of 82% to a rise of 3%"
    assert wording.effect_in_words(rate_ratio(0, 12, 9, 12)) == "a rise from none"
    assert wording.range_in_words(rate_ratio(0, 12, 9, 12)).endswith("to a rise without limit")
    shares = proportion_change(21, 50, 38, 50)
    assert (
        wording.range_in_words(shares)
        == "anything from a rise of 15 percentage points to a rise of 50 percentage points"
    )


def test_what_is_worth_having_has_a_direction() -> None:
    assert [wording.worthwhile_in_words(plan) for plan in PLANS] == [
        "a fall of 30%",
        "a rise of 30%",
        "a rise of 10 percentage points",
        "a fall of 10 percentage points",
    ]


def test_the_best_result() -> None:
    assert wording.best_result_in_words(LATE_ESCALATIONS) == "with none at all counted after the change"
    assert "every one of the records" in wording.best_result_in_words(SAME_DAY_CONSULT)
    assert "none of the records" in wording.best_result_in_words(NO_NEXT_REVIEW)


def test_day() -> None:
    assert wording.day(date(2026, 5, 1)) == "1 May 2026"
