"""Cohen's kappa: published values, its interval against another way of working it out, and where it is not defined."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.assurance.rules.agreement import cohens_kappa

pytestmark = pytest.mark.requirement("R37")

Table = Sequence[Sequence[int]]


def pairs_of(table: Table) -> Iterator[tuple[str, str]]:
    """Every pair of a square table: rows are the first auditor's answers, columns the second's."""
    for row, numbers in enumerate(table):
        for column, number in enumerate(numbers):
            for _ in range(number):
                yield str(row), str(column)


@pytest.mark.parametrize(
    ("about", "table", "kappa", "low", "high"),
    [
        # SAS/STAT User's Guide, PROC FREQ, "Cohen's kappa coefficient": two dermatologists, 88 patients.
        ("SAS, skin", [[10, 4, 1, 0], [5, 10, 12, 2], [2, 4, 12, 5], [0, 2, 6, 13]], 0.3449, 0.2030, 0.4868),
        ("half and half, all alike", [[10, 0], [0, 10]], 1.0, 1.0, 1.0),
        ("never alike", [[0, 10], [10, 0]], -1.0, -1.0, -1.0),
        ("no better than chance", [[5, 5], [5, 5]], 0.0, -0.4383, 0.4383),
    ],
)
def test_known_values(about: str, table: Table, kappa: float, low: float, high: float) -> None:
    found = cohens_kappa(pairs_of(table))
    assert (found.kappa, found.low, found.high) == pytest.approx((kappa, low, high), abs=6e-5), about


def test_grant_proposals_read_by_two() -> None:
    """Twenty both would fund, fifteen neither, five and ten only one: 0.7 agreed, 0.5 by chance."""
    found = cohens_kappa(pairs_of([[20, 5], [10, 15]]))
    assert (found.pairs, found.agreed) == (50, pytest.approx(0.7))
    assert found.kappa == pytest.approx(0.4)


def test_one_answer_throughout_leaves_nothing_to_compare_with_chance() -> None:
    found = cohens_kappa([("yes", "yes")] * 12)
    assert (found.pairs, found.agreed, found.kappa, found.low, found.high) == (12, 1.0, None, None, None)
    assert "not defined" in found.why_not


def test_one_auditor_who_always_says_yes_agrees_by_chance_alone() -> None:
    found = cohens_kappa([("yes", "yes")] * 9 + [("yes", "no")])
    assert found.kappa == pytest.approx(0)


def test_nothing_read_by_two_says_so() -> None:
    found = cohens_kappa([])
    assert (found.pairs, found.agreed, found.kappa) == (0, None, None)
    assert found.why_not


def _kappa(shares: Sequence[Sequence[float]]) -> float:
    """Kappa of any table of numbers."""
    total = sum(map(sum, shares))
    agreed = sum(shares[k][k] for k in range(len(shares))) / total
    rows = [sum(row) / total for row in shares]
    columns = [sum(column) / total for column in zip(*shares, strict=True)]
    chance = sum(a * b for a, b in zip(rows, columns, strict=True))
    return (agreed - chance) / (1 - chance)


def _error_by_slopes(table: Table) -> float:
    """The standard error by the delta method, with each slope worked out by a small step."""
    total, step = sum(map(sum, table)), 1e-6
    shares = [[number / total for number in row] for row in table]
    slopes, weights = [], []
    for row in range(len(table)):
        for column in range(len(table)):
            ends = []
            for sign in (1, -1):
                moved = [list(numbers) for numbers in shares]
                moved[row][column] += sign * step
                ends.append(_kappa(moved))
            slopes.append((ends[0] - ends[1]) / (2 * step))
            weights.append(shares[row][column])
    mean = sum(w * s for w, s in zip(weights, slopes, strict=True))
    return math.sqrt(sum(w * (s - mean) ** 2 for w, s in zip(weights, slopes, strict=True)) / total)


square = st.integers(2, 3).flatmap(
    lambda size: st.lists(st.lists(st.integers(1, 20), min_size=size, max_size=size), min_size=size, max_size=size)
)


@given(square)
def test_the_interval_is_that_of_the_delta_method(table: list[list[int]]) -> None:
    found = cohens_kappa(pairs_of(table))
    assert found.kappa is not None and found.low is not None and found.high is not None
    assert found.kappa == pytest.approx(_kappa(table))
    wide = 1.959964 * _error_by_slopes(table)
    assert found.low == pytest.approx(max(-1, found.kappa - wide), abs=1e-4)
    assert found.high == pytest.approx(min(1, found.kappa + wide), abs=1e-4)


@given(st.lists(st.tuples(st.sampled_from("yn-"), st.sampled_from("yn-")), max_size=30))
def test_it_does_not_matter_who_is_first_nor_in_which_order(pairs: list[tuple[str, str]]) -> None:
    found = cohens_kappa(pairs)
    other = cohens_kappa([(b, a) for a, b in reversed(pairs)])
    assert found.why_not == other.why_not
    if found.kappa is not None:
        assert found.kappa == pytest.approx(other.kappa)
        assert found.low is not None and found.high is not None
        assert -1 <= found.low <= found.kappa + 1e-12
        assert found.kappa - 1e-12 <= found.high <= 1


@pytest.mark.parametrize(
    ("about", "pairs", "kappa"),
    [
        ("one record, alike", [("yes", "yes")], None),
        ("one record, not alike", [("yes", "no")], 0.0),
        ("two records, each auditor always the same", [("yes", "no")] * 2, 0.0),
        ("the first always yes, the second never", [("yes", "no")] * 7 + [("yes", "na")] * 2, 0.0),
        ("one of three answers given by one alone", [("yes", "yes"), ("no", "no"), ("no", "na")], 0.5),
        ("words that are no codes", [("🙂", "🙂"), ("", ""), ("é", "e\u0301")], 4 / 7),
    ],
)
def test_at_the_edges(about: str, pairs: list[tuple[str, str]], kappa: float | None) -> None:
    found = cohens_kappa(pairs)
    assert found.kappa == (None if kappa is None else pytest.approx(kappa)), about
    assert bool(found.why_not) is (kappa is None)
    if found.low is not None and found.high is not None and found.kappa is not None:
        assert -1 <= found.low <= found.kappa + 1e-12 and found.kappa - 1e-12 <= found.high <= 1


def test_much_agreement_about_what_is_rare_is_little_beyond_chance() -> None:
    """Ninety in a hundred agreed and a kappa below nothing: why both numbers stand on the page."""
    found = cohens_kappa([("yes", "yes")] * 90 + [("yes", "no")] * 5 + [("no", "yes")] * 5)
    assert found.agreed == pytest.approx(0.9)
    assert found.kappa == pytest.approx(-1 / 19)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=40))
def test_it_never_says_more_than_can_be(pairs: list[tuple[str, str]]) -> None:
    found = cohens_kappa(pairs)
    assert found.pairs == len(pairs)
    assert found.agreed == pytest.approx(sum(one == other for one, other in pairs) / len(pairs))
    if found.kappa is None:
        assert len(set(pairs)) == 1
    else:
        assert -1 - 1e-9 <= found.kappa <= 1 + 1e-9
        assert found.low is not None and found.high is not None
        assert -1 <= found.low <= found.high <= 1
        if found.agreed == 1:
            assert found.kappa == pytest.approx(1)


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("ab")), min_size=2, max_size=30),
    st.integers(2, 5),
)
def test_the_same_again_and_again_moves_nothing_but_narrows(pairs: list[tuple[str, str]], times: int) -> None:
    once, often = cohens_kappa(pairs), cohens_kappa(pairs * times)
    if once.kappa is None or once.low is None or once.high is None:
        assert often.kappa is None
        return
    assert often.kappa == pytest.approx(once.kappa)
    assert often.low is not None and often.high is not None
    assert often.high - often.low <= once.high - once.low + 1e-9
