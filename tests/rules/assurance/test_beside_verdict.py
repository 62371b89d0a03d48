"""Beside a verdict: was a trend there already, and what happened where the change is not (R4, R31)."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.assurance.rules import Direction, Kind, newcombe
from saferpractice.assurance.rules.beside_verdict import (
    Beside,
    Counted,
    Value,
    _difference,
    _ratio_of_ratios,
    against,
    trend,
    value_of,
)
from saferpractice.assurance.rules.measures.periods import Length, periods

pytestmark = pytest.mark.requirement("R4", "R31")

FIRST_AFTER = date(2026, 4, 1)
OVER = periods(Length.MONTH, date(2025, 1, 1), date(2026, 12, 31))
ROLL_IN = date(2026, 3, 1)


def points(before: list[float | None], after: list[float | None]) -> list[Value]:
    """Months up to February 2026 and months from April 2026; March is the roll-in."""
    early = [one for one in OVER if one.from_on < ROLL_IN]
    early = early[len(early) - len(before) :]
    late = [one for one in OVER if one.from_on >= FIRST_AFTER][: len(after)]
    return [Value(one.from_on, one.to_on, value) for one, value in zip([*early, *late], [*before, *after], strict=True)]


def said(before: list[float | None], after: list[float | None]) -> Beside:
    return trend(points(before, after), FIRST_AFTER, Length.MONTH)


def noise(seed: int, count: int, *, size: float = 0.5) -> list[float]:
    rng = random.Random(seed)
    return [rng.uniform(-size, size) for _ in range(count)]


class TestTrend:
    @pytest.mark.parametrize(
        ("before", "after", "enough"), [(12, 8, True), (11, 8, False), (12, 7, False), (14, 9, True), (0, 0, False)]
    )
    def test_it_takes_twelve_points_before_and_eight_after(self, before: int, after: int, *, enough: bool) -> None:
        found = said([float(i % 3) for i in range(before)], [float(i % 3) for i in range(after)])
        assert ("cannot be seen yet" not in found.sentence) is enough
        if not enough:
            assert f"there are {before} and {after}" in found.sentence and not found.rows

    def test_points_without_a_value_do_not_count_and_are_no_zero(self) -> None:
        steady: list[float | None] = [10.0 + one for one in noise(1, 13)]
        holed = [*steady[:6], None, *steady[6:12]]
        assert "No trend is shown" in said(holed, [10.0 + one for one in noise(2, 8)]).sentence
        few = [*steady[:5], None, None, *steady[5:11]]
        assert "there are 11 and 8" in said(few, [10.0] * 8).sentence

    @pytest.mark.parametrize(("slope", "way"), [(1.0, "up by"), (-1.0, "down by")])
    def test_a_trend_that_went_on_explains_what_came_after(self, slope: float, way: str) -> None:
        # The roll-in keeps its time: the line goes on through March as if it had been counted.
        wobble = noise(3, 22)
        line = [50 + slope * i + wobble[i] for i in range(22)]
        found = said([*line[:13]], [*line[14:22]])
        assert way in found.sentence and "The trend alone could have brought this about" in found.sentence
        assert [row[0] for row in found.rows][1:3] == ["Slope before", "Step at the change"]

    def test_a_step_beyond_the_trend_is_told_from_it(self) -> None:
        wobble = noise(4, 22)
        line = [50 + i + wobble[i] - (20 if i > 13 else 0) for i in range(22)]
        found = said([*line[:13]], [*line[14:22]])
        assert "That step is beyond the trend" in found.sentence
        step = next(row for row in found.rows if row[0] == "Step at the change")
        assert -22 < float(step[1]) < -18 and step[3] == "below 0.001"

    def test_without_a_trend_the_two_times_are_compared_as_they_are(self) -> None:
        found = said([20 + one for one in noise(5, 12)], [10 + one for one in noise(6, 9)])
        assert found == Beside(
            "No trend is shown before the change, so the time before and the time after can be compared as they are."
        )

    @pytest.mark.parametrize("value", [0.0, 3.0])
    def test_values_that_are_all_the_same_have_no_trend(self, value: float) -> None:
        assert "No trend is shown" in said([value] * 12, [value] * 8).sentence

    @given(st.lists(st.floats(0, 1000), min_size=20, max_size=20), st.randoms(use_true_random=False))
    def test_the_order_in_which_points_are_given_does_not_matter(
        self, values: list[float], chance: random.Random
    ) -> None:
        given_in_order = points([*values[:12]], [*values[12:]])
        mixed = list(given_in_order)
        chance.shuffle(mixed)
        assert trend(mixed, FIRST_AFTER, Length.MONTH) == trend(given_in_order, FIRST_AFTER, Length.MONTH)


@pytest.mark.parametrize(
    ("kind", "count", "out_of", "value"),
    [
        (Kind.PROPORTION, 3, 4, 75.0),
        (Kind.RATE, 3, 4, 0.75),
        (Kind.RATE, 3, None, 3),
        (Kind.RATE, None, 4, None),
        (Kind.PROPORTION, 0, 0, None),
        (Kind.RATE, 0, 2, 0.0),
    ],
)
def test_a_point_in_its_unit(kind: Kind, count: float | None, out_of: float | None, value: float | None) -> None:
    assert value_of(kind, count, out_of) == value


OURS = Counted("North team", 40, 12, 10, 12)
THEIRS = Counted("East team", 40, 12, 38, 12)
counts = st.integers(0, 60)
exposures = st.integers(1, 48).map(float)
places = st.builds(Counted, st.just("Some team"), counts, exposures, counts, exposures)


class TestAgainst:
    def test_a_fall_that_the_other_team_did_not_have(self) -> None:
        found = against(Kind.RATE, Direction.REDUCE, OURS, THEIRS, alpha=0.05)
        assert "came to 0.26 times (95% interval 0.10 to 0.6" in found.sentence
        assert found.sentence.endswith("What happened there too does not explain it.")
        assert found.rows == (
            ("North team", "40 of 12 (3.33)", "10 of 12 (0.833)"),
            ("East team", "40 of 12 (3.33)", "38 of 12 (3.17)"),
        )

    @pytest.mark.parametrize(
        ("direction", "end"),
        [(Direction.REDUCE, "It did worse than North team."), (Direction.INCREASE, "does not explain it.")],
    )
    def test_which_way_is_better_decides_what_is_said(self, direction: Direction, end: str) -> None:
        assert against(Kind.RATE, direction, THEIRS, OURS, alpha=0.05).sentence.endswith(end)

    def test_what_happened_there_too_is_not_the_changes_doing(self) -> None:
        found = against(Kind.RATE, Direction.REDUCE, OURS, replace(OURS, name="East team"), alpha=0.05)
        assert "What happened there too, or chance, could explain it." in found.sentence
        assert "1.00 times" in found.sentence

    def test_an_earlier_look_asks_for_more(self) -> None:
        ours = replace(OURS, after=17)
        early, last = (against(Kind.RATE, Direction.REDUCE, ours, THEIRS, alpha=alpha) for alpha in (0.001, 0.05))
        assert "99.9% interval" in early.sentence and "could explain it" in early.sentence
        assert "does not explain it" in last.sentence

    @pytest.mark.parametrize("empty", ["ours", "theirs"])
    def test_nothing_counted_in_a_place_is_said(self, empty: str) -> None:
        none = replace(OURS, before=0, after=0)
        pair = (none, THEIRS) if empty == "ours" else (OURS, none)
        assert against(Kind.RATE, Direction.REDUCE, *pair, alpha=0.05).sentence.startswith("Too little was counted")

    def test_shares_are_set_against_each_other_in_percentage_points(self) -> None:
        ours, theirs = Counted("North team", 20, 40, 38, 40), Counted("East team", 20, 40, 22, 40)
        found = against(Kind.PROPORTION, Direction.INCREASE, ours, theirs, alpha=0.05)
        assert "moved by +40 percentage points" in found.sentence
        assert found.rows[0] == ("North team", "20 of 40 (50%)", "38 of 40 (95%)")

    @given(places, places, st.floats(0.1, 10))
    def test_the_ratio_is_that_of_the_ratios_whatever_exposure_is_counted_in(
        self, ours: Counted, theirs: Counted, scale: float
    ) -> None:
        found = _ratio_of_ratios(ours, theirs, 0.05)
        if found is None:
            return
        value, low, high = found
        assert low <= value and (high is None or value <= high)
        wider = replace(ours, out_of_before=ours.out_of_before * scale, out_of_after=ours.out_of_after * scale)
        again = _ratio_of_ratios(wider, theirs, 0.05)
        assert again is not None and again[0] == pytest.approx(value, rel=1e-6)
        if ours.after == 0:
            assert value == low == 0

    @given(places, places)
    def test_turned_about_it_is_its_inverse(self, ours: Counted, theirs: Counted) -> None:
        one, other = _ratio_of_ratios(ours, theirs, 0.05), _ratio_of_ratios(theirs, ours, 0.05)
        if one is None or other is None or not one[0] or not other[0]:
            return
        assert one[0] * other[0] == pytest.approx(1, rel=1e-6)
        assert one[2] is None or one[2] * other[1] == pytest.approx(1, rel=1e-6)

    @given(counts, counts, counts, counts)
    def test_against_a_team_of_which_all_is_known_it_is_newcombes(self, a: int, b: int, more: int, less: int) -> None:
        ours = Counted("Ours", a, a + more + 1.0, b, b + less + 1.0)
        found = _difference(ours, Counted("Theirs", 10**6, 2e6, 10**6, 2e6), 0.05)
        plain = newcombe(a, a + more + 1, b, b + less + 1, alpha=0.05)
        assert found is not None
        assert found[0] == pytest.approx(b / (b + less + 1) - a / (a + more + 1))
        assert (found[1], found[2]) == pytest.approx((plain.low, plain.high), abs=2e-3)

    @given(places, places)
    def test_of_shares_the_interval_holds_the_difference_and_is_wider_than_either(
        self, ours: Counted, theirs: Counted
    ) -> None:
        read = [
            replace(one, out_of_before=one.before + one.out_of_before, out_of_after=one.after + one.out_of_after)
            for one in (ours, theirs)
        ]
        found = _difference(read[0], read[1], 0.05)
        assert found is not None and found[1] <= found[0] <= found[2]
        mine = newcombe(ours.before, int(read[0].out_of_before), ours.after, int(read[0].out_of_after), alpha=0.05)
        assert found[2] - found[1] >= mine.high - mine.low - 1e-9 and math.isfinite(found[0])

    def test_nothing_read_in_one_period_is_said_of_shares(self) -> None:
        nothing = Counted("East team", 0, 0, 3, 5)
        found = against(Kind.PROPORTION, Direction.INCREASE, Counted("North", 1, 2, 2, 2), nothing, alpha=0.05)
        assert found.sentence.startswith("Too little was counted") and found.rows[1][1] == "0 of 0"
