"""Small numbers, attacked: with the published table, the true total, and the rule itself in hand."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.evidence.rules.thematic.small import (
    FEW,
    FEWEST_PEOPLE,
    HIDDEN,
    Guard,
    Guarded,
    guard_groups,
    guarded,
)

pytestmark = pytest.mark.requirement("R36")
COUNTS = st.lists(st.integers(0, 60), min_size=1, max_size=9)
Table = tuple[Guarded, ...]


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "fewer than 5"), (4, "fewer than 5"), (5, "about 5"), (7, "about 5"), (8, "about 10"), (12, "about 10"),
     (13, "about 15"), (1002, "about 1000"), (1003, "about 1005")],
)  # fmt: skip
def test_one_count_is_shown_by_the_national_rule(count: int, words: str) -> None:
    assert guarded(count).words == words


def test_a_count_cannot_be_below_zero() -> None:
    with pytest.raises(ValueError, match="below zero"):
        guarded(-1)


@given(COUNTS)
def test_no_count_under_five_is_ever_shown(counts: list[int]) -> None:
    for count, shown in zip(counts, guard_groups(counts), strict=True):
        assert count >= 5 or shown.guard is not Guard.ROUNDED
        if shown.guard is Guard.FEW:
            assert count < 5, "a cell that says so must be so"
        if shown.guard is Guard.ROUNDED:
            assert abs(shown.value - count) <= 2


@given(COUNTS)
def test_never_is_one_group_hidden_alone(counts: list[int]) -> None:
    shown = guard_groups(counts)
    hidden = [one for one in shown if one.guard is not Guard.ROUNDED]
    assert len(hidden) != 1 or len(counts) == 1


@given(COUNTS)
def test_which_of_the_hidden_ones_is_small_is_not_said_where_a_large_one_is_among_them(counts: list[int]) -> None:
    shown = guard_groups(counts)
    large_hidden = [one for count, one in zip(counts, shown, strict=True) if count >= 5 and one != guarded(count)]
    if large_hidden:
        assert FEW not in shown


@pytest.mark.parametrize("counts", [[19], [10, 9], [0, 0], [4, 4, 4, 4], []])
def test_fewer_than_twenty_people_show_no_group(counts: list[int]) -> None:
    assert guard_groups(counts) == tuple(HIDDEN for _ in counts)


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ([30, 25], ["about 30", "about 25"]),
        ([30, 3], ["not shown", "not shown"]),
        ([30, 12, 3], ["about 30", "not shown", "not shown"]),
        ([30, 12, 3, 2], ["about 30", "about 10", "fewer than 5", "fewer than 5"]),
        ([30, 11, 12, 3], ["about 30", "not shown", "not shown", "not shown"]),
        ([40, 40, 0, 0], ["about 40", "about 40", "fewer than 5", "fewer than 5"]),
    ],
)
def test_what_is_hidden_beside_a_small_count(counts: list[int], words: list[str]) -> None:
    assert [one.words for one in guard_groups(counts)] == words


def tables(total: int, groups: int) -> Iterator[tuple[int, ...]]:
    """Every way in which so many people can fall into so many groups."""
    for first in itertools.product(range(total + 1), repeat=groups - 1):
        rest = total - sum(first)
        if rest >= 0:
            yield (*first, rest)


ATTACKS = [
    *((2, total) for total in range(20, 46)),
    *((3, total) for total in range(20, 41)),
    (4, 20),
    (4, 24),
    (4, 28),
]


@pytest.mark.parametrize(("groups", "total"), ATTACKS)
def test_nobody_can_work_a_hidden_count_out(groups: int, total: int) -> None:
    """Somebody who knows the rule, the total and the table tries every table that would be published the same way."""
    alike: dict[Table, list[tuple[int, ...]]] = defaultdict(list)
    for counts in tables(total, groups):
        alike[guard_groups(counts)].append(counts)
    for published, possible in alike.items():
        for place, cell in enumerate(published):
            values = {counts[place] for counts in possible}
            if cell.guard is not Guard.ROUNDED:
                assert len(values) >= 2, (published, values)
            if cell.guard is Guard.HIDDEN:
                assert max(values) >= 5, (published, values, "so it is known to be small")


@given(st.lists(st.integers(0, 40), min_size=2, max_size=8))
def test_nor_can_anybody_by_adding_and_subtracting(counts: list[int]) -> None:
    """What the published cells and the total alone allow: at least three values for each hidden count."""
    total, shown = sum(counts), guard_groups(counts)
    if total < FEWEST_PEOPLE or all(one == HIDDEN for one in shown):
        return
    for place, one in enumerate(shown):
        others = [other for at, other in enumerate(shown) if at != place]
        most = min(one.most(total), total - sum(other.least for other in others))
        least = max(one.least, total - sum(other.most(total) for other in others))
        assert one.guard is Guard.ROUNDED or most - least >= 2
        assert least <= counts[place] <= most
