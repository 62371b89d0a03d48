"""Charts worked by hand: small cases whose every number can be checked on paper, and each rule at its exact edge."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.assurance.rules.charts import Better, Signal, TwoInThree, read_xmr
from saferpractice.assurance.rules.charts.rare import Chart, longer_than_limit, read_chart
from saferpractice.assurance.rules.charts.runs import fewest_crossings, runs_about
from saferpractice.assurance.rules.charts.signals import label_points
from saferpractice.assurance.rules.charts.xmr import Group, Point

pytestmark = pytest.mark.requirement("R4", "R20", "R25", "R31")
BEGIN = date(2025, 1, 6)
ABOVE, BELOW = Signal.ABOVE_LIMIT, Signal.BELOW_LIMIT
UP, DOWN = Signal.RISING, Signal.FALLING
HIGH, LOW = Signal.SHIFT_ABOVE, Signal.SHIFT_BELOW
TWO_UP, TWO_DOWN = Signal.TWO_IN_THREE_ABOVE, Signal.TWO_IN_THREE_BELOW
NONE = Signal.NONE


def group(number: int = 0) -> Group:
    """Mean 0, near limits 2 and -2, limits 3 and -3: so that each value says by itself what it is."""
    return Group(number, BEGIN, 20, 20, 0.0, 1.0, 1.0, -3.0, 3.0, -2.0, 2.0, varies=True)


def points(values: list[float | None], of: Group) -> list[Point]:
    found = []
    for i, value in enumerate(values):
        on = BEGIN + timedelta(days=i + 100 * of.number)
        if value is None:
            found.append(Point(on, None, of, None, None, None, None, None))
            continue
        side = (value > 0) - (value < 0)
        found.append(Point(on, value, of, None, None, side, abs(value) > 3, 2 < abs(value) <= 3))
    return found


def signals(*parts: list[float | None], rule: TwoInThree = TwoInThree.OF_THE_TOOL) -> list[tuple[Signal, ...]]:
    """What holds for each point, where each part is a group of its own."""
    every = [point for number, part in enumerate(parts) for point in points(part, group(number))]
    return [one.signals for one in label_points(every, Better.LOWER, rule)]


def first(found: list[tuple[Signal, ...]]) -> list[Signal]:
    return [each[0] if each else NONE for each in found]


value = st.one_of(st.none(), st.sampled_from([-4.0, -3.0, -2.5, -2.0, -1.0, 0.0, 1.0, 2.0, 2.5, 3.0, 4.0]))
rows = st.lists(value, min_size=1, max_size=30)


class TestShifts:
    @pytest.mark.parametrize(
        ("values", "flags"),
        [
            ([1, 0.5] * 3, [NONE] * 6),
            ([1, 0.5] * 3 + [1], [HIGH] * 7),
            ([-1, -0.5] * 3 + [-1], [LOW] * 7),
            ([1, 0.5] * 4, [HIGH] * 8),
            ([1, 0.5, 1, 0, 1, 0.5, 1, 0.5], [NONE] * 8),
            ([1, 0.5, 1, None, 1, 0.5, 1, 0.5], [NONE] * 8),
            ([1, 0.5, 1, -0.1, 1, 0.5, 1, 0.5], [NONE] * 8),
            ([-1, *[1, 0.5] * 3, 1, -1], [NONE, *[HIGH] * 7, NONE]),
            ([0, *[1, 0.5] * 3, 1, 0], [NONE, *[HIGH] * 7, NONE]),
            ([*[1, 0.5] * 3, 1, *[-1, -0.5] * 3, -1], [HIGH] * 7 + [LOW] * 7),
        ],
    )
    def test_seven_and_no_fewer_on_one_side(self, values: list[float | None], flags: list[Signal]) -> None:
        assert first(signals(values)) == flags

    @pytest.mark.parametrize("before", range(1, 7))
    def test_new_limits_within_a_shift_end_it(self, before: int) -> None:
        values: list[float | None] = [1, 0.5] * 7
        assert first(signals(values[:6], values[6:12])) == [NONE] * 12
        assert first(signals(values[:before], values[before : before + 7])) == [NONE] * before + [HIGH] * 7


class TestTrends:
    @pytest.mark.parametrize(
        ("values", "flags"),
        [
            ([-0.3, -0.2, -0.1, 0, 0.1, 0.2], [NONE] * 6),
            ([-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3], [UP] * 7),
            ([0.3, 0.2, 0.1, 0, -0.1, -0.2, -0.3], [DOWN] * 7),
            ([-0.3, -0.2, -0.1, 0, 0, 0.1, 0.2, 0.3], [NONE] * 8),
            ([-0.3, -0.2, -0.1, None, 0.1, 0.2, 0.3], [NONE] * 7),
            ([-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3, 0.3], [UP] * 7 + [NONE]),
            ([-0.3, -0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3], [NONE] + [UP] * 7),
            ([-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3, 0.4, 0.5], [UP] * 9),
            ([-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3, 0.2, 0.1, 0, -0.1, -0.2, -0.3], [UP] * 6 + [DOWN] * 7),
            ([0.3, 0.2, 0.1, 0, -0.1, -0.2, -0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3], [DOWN] * 6 + [UP] * 7),
            ([-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3, 0.2, 0.1, 0, -0.1, -0.2], [UP] * 7 + [NONE] * 5),
        ],
    )
    def test_six_steps_one_way_and_no_fewer(self, values: list[float | None], flags: list[Signal]) -> None:
        assert first(signals(values)) == flags

    def test_new_limits_within_a_trend_end_it(self) -> None:
        values: list[float | None] = [-0.5, -0.4, -0.3, -0.2, -0.1, 0, 0.1, 0.2]
        assert first(signals(values)) == [UP] * 8
        assert first(signals(values[:4], values[4:])) == [NONE] * 8
        assert first(signals(values[:1], values[1:])) == [NONE] + [UP] * 7


class TestTwoInThree:
    @pytest.mark.parametrize(
        ("values", "flags"),
        [
            ([2.5, 2.5, 1], [TWO_UP, TWO_UP, NONE]),
            ([2.5, 1, 2.5], [TWO_UP, NONE, TWO_UP]),
            ([1, 2.5, 2.5], [NONE, TWO_UP, TWO_UP]),
            ([2.5, 2.5, 2.5], [TWO_UP] * 3),
            ([-2.5, -1, -2.5], [TWO_DOWN, NONE, TWO_DOWN]),
            ([2.5, 2.5], [NONE] * 2),
            ([2.5, 2.5, 0], [NONE] * 3),
            ([2.5, 2.5, -1], [NONE] * 3),
            ([2.5, None, 2.5], [NONE] * 3),
            ([2.5, -2.5, 2.5], [NONE] * 3),
            ([2.5, 1, 1, 2.5], [NONE] * 4),
            ([2, 2, 2], [NONE] * 3),
            ([3, 3, 1], [TWO_UP, TWO_UP, NONE]),
            ([2.5, 1, 2.5, 1, 2.5], [TWO_UP, NONE, TWO_UP, NONE, TWO_UP]),
        ],
    )
    def test_three_on_one_side_of_which_two_are_near(self, values: list[float | None], flags: list[Signal]) -> None:
        assert first(signals(values)) == flags

    @pytest.mark.parametrize(
        ("values", "tool", "later"),
        [
            ([4, 2.5, 1], [(ABOVE,), (), ()], [(ABOVE, TWO_UP), (TWO_UP,), ()]),
            ([4, 4, 1], [(ABOVE,), (ABOVE,), ()], [(ABOVE, TWO_UP), (ABOVE, TWO_UP), ()]),
            ([-4, -1, -2.5], [(BELOW,), (), ()], [(BELOW, TWO_DOWN), (), (TWO_DOWN,)]),
            ([4, 1, 1], [(ABOVE,), (), ()], [(ABOVE,), (), ()]),
            ([4, -1, 2.5], [(ABOVE,), (), ()], [(ABOVE,), (), ()]),
            ([4, 2.5, 2.5], [(ABOVE,), (TWO_UP,), (TWO_UP,)], [(ABOVE, TWO_UP), (TWO_UP,), (TWO_UP,)]),
        ],
    )
    def test_a_point_outside_is_near_by_the_rule_of_2023_alone(
        self, values: list[float | None], tool: list[tuple[Signal, ...]], later: list[tuple[Signal, ...]]
    ) -> None:
        assert signals(values) == tool
        assert signals(values, rule=TwoInThree.OF_2023) == later

    @pytest.mark.parametrize("cut", [1, 2])
    def test_new_limits_between_the_three_end_it(self, cut: int) -> None:
        values: list[float | None] = [2.5, 2.5, 1]
        assert first(signals(values[:cut], values[cut:])) == [NONE] * 3

    @given(rows)
    def test_the_rule_of_2023_only_ever_adds(self, values: list[float | None]) -> None:
        for tool, later in zip(signals(values), signals(values, rule=TwoInThree.OF_2023), strict=True):
            assert set(tool) <= set(later)


class TestEveryRule:
    @given(rows)
    def test_turned_upside_down_each_signal_is_its_counterpart(self, values: list[float | None]) -> None:
        turned = {ABOVE: BELOW, UP: DOWN, TWO_UP: TWO_DOWN, HIGH: LOW}
        turned |= {low: high for high, low in turned.items()}
        upside_down = [None if each is None else -each for each in values]
        assert signals(upside_down) == [tuple(turned[one] for one in each) for each in signals(values)]

    @given(rows)
    def test_read_backwards_the_same_points_are_signals(self, values: list[float | None]) -> None:
        back = signals(values[::-1])[::-1]
        assert [bool(each) for each in back] == [bool(each) for each in signals(values)]

    @given(rows, rows)
    def test_a_missing_value_parts_what_lies_on_either_side(
        self, one: list[float | None], other: list[float | None]
    ) -> None:
        assert signals([*one, None, *other]) == [*signals(one), (), *signals(other)]

    @given(rows, rows)
    def test_new_limits_part_what_lies_on_either_side(self, one: list[float | None], other: list[float | None]) -> None:
        assert signals(one, other) == [*signals(one), *signals(other)]

    @given(rows, value)
    def test_one_more_point_takes_no_signal_back(self, values: list[float | None], more: float | None) -> None:
        for before, now in zip(signals(values), signals([*values, more]), strict=False):
            assert bool(now) >= bool(before)

    def test_the_order_in_which_they_are_told(self) -> None:
        assert signals([0.1, 0.5, 1, 1.5, 2.2, 2.6, 4])[-3:] == [
            (UP, TWO_UP, HIGH),
            (UP, TWO_UP, HIGH),
            (ABOVE, UP, HIGH),
        ]


class TestXmrOnPaper:
    def test_every_number_of_thirteen_points(self) -> None:
        """Twelve steps of 2 and a mean of 10 - 1/13: limits 2.66 x 2 away, near ones two thirds of that."""
        values = [9.0, 11.0] * 6 + [9.0]
        days = [BEGIN + timedelta(days=7 * i) for i in range(13)]
        found = read_xmr(days, values, better=Better.LOWER).groups[0]
        mean = 129 / 13
        wanted = (mean, 2.0, 2.0, mean - 5.32, mean + 5.32, mean - 5.32 * 2 / 3, mean + 5.32 * 2 / 3)
        parts = (found.mean, found.range_all, found.range_used, found.lower, found.upper)
        assert (*parts, found.near_lower, found.near_upper) == pytest.approx(wanted)


class TestOnPaper:
    def test_t(self) -> None:
        """1 and 2 to the power of 3.6 become 1 and 2: mean 1.5, sigma 1 / 1.128."""
        found = read_chart(Chart.T, [1.0, 2.0**3.6, 1.0, 2.0**3.6])
        sigma = 1 / 1.128
        assert found.lines[0].centre == pytest.approx(1.5**3.6)
        assert found.lines[0].upper == pytest.approx((1.5 + 3 * sigma) ** 3.6)
        assert found.lines[0].near_upper == pytest.approx((1.5 + 2 * sigma) ** 3.6)
        assert found.lines[0].lower == 0, "1.5 less three sigma lies below nothing"

    @pytest.mark.parametrize(
        ("values", "centre", "upper"),
        [
            ([0, 0, 3, 1], 0.5, 1 + 3 * math.sqrt(2)),
            ([3, 3, 3], 3, 3 + 3 * math.sqrt(12)),
            ([8], 8, 8 + 3 * math.sqrt(72)),
            ([0, 0, 0], 0, 0),
        ],
    )
    def test_g(self, values: list[float], centre: float, upper: float) -> None:
        for line in read_chart(Chart.G, values).lines:
            assert (line.centre, line.lower, line.upper) == pytest.approx((centre, 0, upper))

    def test_u_follows_each_exposure(self) -> None:
        """48 events in 12 units, so 4 a unit; the error at 1 unit is 2, at 4 it is 1, at 7 it is 2 / root 7."""
        found = read_chart(Chart.U, [11.0, 12.0, 25.0], sizes=[1.0, 4.0, 7.0])
        assert [line.value for line in found.lines] == pytest.approx([11, 3, 25 / 7])
        assert {line.centre for line in found.lines} == {4.0}
        assert [line.upper for line in found.lines] == pytest.approx([10, 7, 4 + 6 / math.sqrt(7)])
        assert [line.lower for line in found.lines] == pytest.approx([0, 1, 4 - 6 / math.sqrt(7)])
        assert [line.near_lower for line in found.lines] == pytest.approx([0, 2, 4 - 4 / math.sqrt(7)])
        assert [line.beyond for line in found.lines] == [1, 0, 0]

    def test_p_follows_how_many_were_read(self) -> None:
        """Half of all: the error at 25 records is 0.1, at 100 it is 0.05, at 4 it is 0.25 and the limits are cut."""
        found = read_chart(Chart.P, [4.0, 58.0, 2.5], sizes=[25.0, 100.0, 4.0])
        assert {line.centre for line in found.lines} == {0.5}
        assert [line.lower for line in found.lines] == pytest.approx([0.2, 0.35, 0])
        assert [line.upper for line in found.lines] == pytest.approx([0.8, 0.65, 1])
        assert [line.beyond for line in found.lines] == [-1, 0, 0]

    def test_p_prime_is_wide_where_shares_jump_and_narrow_where_they_hardly_move(self) -> None:
        """Around a half, of 10,000 each: 4,500 and 5,500 lie 10 of chance's errors out, so each step is 20."""
        jumpy = read_chart(Chart.P_PRIME, [4500.0, 5500.0] * 5, sizes=[10_000.0] * 10)
        steady = read_chart(Chart.P_PRIME, [4995.0, 5005.0] * 5, sizes=[10_000.0] * 10)
        assert jumpy.lines[0].upper == pytest.approx(0.5 + 3 * 20 / 1.128 * 0.005)
        assert steady.lines[0].upper == pytest.approx(0.5 + 3 * 0.2 / 1.128 * 0.005)

    def test_i_has_limits_below_nothing(self) -> None:
        line = read_chart(Chart.I, [0.0, 2.0, 0.0, 2.0]).lines[0]
        assert (line.centre, line.lower, line.upper) == pytest.approx((1, 1 - 6 / 1.128, 1 + 6 / 1.128))

    @pytest.mark.parametrize(
        ("kind", "values", "more", "later"),
        [
            (Chart.T, [1.0, 9, 1, 9, 500], {}, 400.0),
            (Chart.G, [1.0, 9, 1, 9, 500], {}, 400.0),
            (Chart.I, [1.0, 9, 1, 9, 500], {}, 400.0),
            (Chart.RUN, [1.0, 9, 1, 9, 500], {}, 400.0),
            (Chart.U, [1.0, 9, 1, 9, 500], {"sizes": [10.0] * 5}, 40.0),
            (Chart.P, [1.0, 9, 1, 9, 10], {"sizes": [10.0] * 5}, 7.0),
            (Chart.P_PRIME, [1.0, 9, 1, 9, 10], {"sizes": [10.0] * 5}, 7.0),
        ],
    )
    def test_frozen_limits_do_not_hear_of_later_points(
        self, kind: Chart, values: list[float], more: dict[str, Any], later: float
    ) -> None:
        lines = read_chart(kind, values, freeze_after=4, **more).lines
        other = read_chart(kind, [*values[:4], later], freeze_after=4, **more).lines
        free = read_chart(kind, values, **more).lines
        assert lines[:4] == other[:4]
        assert lines[:4] != free[:4]

    @given(st.lists(st.integers(1, 40).map(float), min_size=2, max_size=20), st.integers(2, 9))
    def test_ten_times_the_exposure_is_a_tenth_of_every_line_and_moves_no_point_out(
        self, events: list[float], sizes: int
    ) -> None:
        one = read_chart(Chart.U, events, sizes=[float(1 + i % sizes) for i in range(len(events))]).lines
        ten = read_chart(Chart.U, events, sizes=[16.0 * (1 + i % sizes) for i in range(len(events))]).lines
        for before, after in zip(one, ten, strict=True):
            assert after.upper == pytest.approx((before.upper or 0) / 16)
            assert after.value == pytest.approx(before.value / 16)

    def test_the_gap_since_the_last_event_is_held_against_the_newest_limits(self) -> None:
        found = read_chart(Chart.T, [2.0, 3, 2, 3, 200, 300, 200, 300], part_after=[4])
        early, late = found.lines[0].upper, found.lines[-1].upper
        assert early is not None
        assert late is not None
        assert early < 100 < late
        assert not longer_than_limit(found, 100)
        assert not longer_than_limit(found, late)
        assert longer_than_limit(found, math.nextafter(late, math.inf))


class TestRunRules:
    @pytest.mark.parametrize(
        ("useful", "longest", "crossings"),
        [(10, 6, 2), (11, 6, 2), (12, 7, 3), (16, 7, 4), (20, 7, 6), (22, 7, 7), (23, 8, 7), (24, 8, 8), (30, 8, 10)],
    )
    def test_the_published_bounds(self, useful: int, longest: int, crossings: int) -> None:
        """As Anhøj and Olesen (2014) give them for so many useful points."""
        found = runs_about(0.0, [1.0, -1.0] * (useful // 2) + [1.0] * (useful % 2))
        assert (found.longest_expected, fewest_crossings(useful)) == (longest, crossings)

    @pytest.mark.parametrize(("run", "signal"), [(7, False), (8, True)])
    def test_a_run_at_the_bound_is_none_and_one_more_is(self, run: int, signal: bool) -> None:
        rest = [-1.0 if i % 2 == 0 else 1.0 for i in range(20 - run)]
        found = runs_about(0.0, [*[1.0] * run, *rest])
        assert (found.useful, found.longest, found.longest_expected) == (20, run, 7)
        assert found.is_signal is signal
