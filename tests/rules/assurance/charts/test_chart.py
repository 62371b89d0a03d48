"""The chart of a measure: which one and why, what may be said of it, and what may not."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.assurance.rules.charts import Assurance, ChartRefused, Drawn, Number, Reading, read_xmr
from saferpractice.assurance.rules.charts import Better as Way
from saferpractice.assurance.rules.charts.chart import measure_chart, place_of
from saferpractice.assurance.rules.charts.drawn import MeasureChart, Rebase, in_words
from saferpractice.assurance.rules.charts.sentences import variation_words
from saferpractice.assurance.rules.measures import Better, Point, Series
from tests.rules.assurance.charts.builders import AFTER, calm, chart, events, measure, months, series

pytestmark = pytest.mark.requirement("R4", "R20", "R25", "R31", "R36")

whole = st.integers(-40, 40).map(float)
values_of = st.lists(st.one_of(whole, whole, whole, whole, st.none()), min_size=1, max_size=45)
long_lists = st.lists(whole, min_size=13, max_size=45)
CONCERN = {Reading.CONCERN_HIGH, Reading.CONCERN_LOW}
IMPROVEMENT = {Reading.IMPROVEMENT_HIGH, Reading.IMPROVEMENT_LOW}
SPIKE = [*calm(20), 30.0]
GAPS = [12.0, 5, 33, 8, 21, 14, 3, 40, 17, 9, 28, 11, 19, 6, 24]


def all_said(found: MeasureChart) -> str:
    return " ".join(found.sentences)


def readings(found: MeasureChart) -> list[Reading]:
    return [point.reading for point in found.points]


class TestWhichChart:
    @pytest.mark.parametrize(
        ("number", "values", "more", "drawn"),
        [
            (Number.MEASURED, calm(20), {}, Drawn.XMR),
            (Number.COUNT, [6.0, 8] * 10, {}, Drawn.XMR),
            (Number.COUNT, [0.0, 1] * 18, {"events": events(*GAPS)}, Drawn.T),
            (Number.COUNT, [0.0, 1] * 18, {"events": events(*GAPS, 0)}, Drawn.G),
            (Number.COUNT, [0.0, 1] * 18, {"events": events(*GAPS[:9])}, Drawn.TABLE),
            (Number.RATE, [6.0, 8] * 10, {"sizes": [2.0] * 20}, Drawn.U),
            (Number.RATE, [0.0, 1] * 10, {"sizes": [2.0] * 20, "events": events(*GAPS)}, Drawn.T),
            (Number.SHARE, [6.0, 8] * 10, {"sizes": [10.0] * 20}, Drawn.P),
            (Number.SHARE, [600.0, 800] * 10, {"sizes": [1000.0] * 20}, Drawn.P_PRIME),
            (Number.MEASURED, calm(9), {}, Drawn.TABLE),
            (Number.COUNT, [6.0, 8, 6, 8], {}, Drawn.TABLE),
            (Number.SHARE, [6.0, 8, 6, 8], {"sizes": [10.0] * 4}, Drawn.TABLE),
            (Number.MEASURED, [], {}, Drawn.TABLE),
        ],
    )
    def test_the_data_choose(self, number: Number, values: list[float], more: dict[str, Any], drawn: Drawn) -> None:
        found = chart(values, number=number, **more)
        assert found.drawn is drawn
        assert found.why

    @given(st.lists(st.integers(0, 3).map(float), min_size=1, max_size=40), st.integers(0, 20))
    def test_rare_events_are_never_drawn_as_xmr(self, counts: list[float], happened: int) -> None:
        found = chart(counts, number=Number.COUNT, events=events(*[9.0] * happened))
        if sum(counts) / len(counts) < 2:
            assert found.drawn in {Drawn.T, Drawn.TABLE}

    def test_a_process_that_became_rare_is_judged_as_it_is_now(self) -> None:
        values = [9.0, 11] * 8 + [0.0, 1] * 6
        rebase = Rebase(months(17)[16].from_on, "The ward closed")
        assert chart(values, number=Number.COUNT).drawn is Drawn.XMR
        assert chart(values, number=Number.COUNT, rebases=[rebase], events=events(*GAPS)).drawn is Drawn.T

    def test_rare_and_without_moments_it_is_a_table(self) -> None:
        for number in (Number.COUNT, Number.RATE):
            found = chart([0.0, 1, 2] * 10, number=number, sizes=[4.0] * 30)
            assert found.drawn is Drawn.TABLE
            assert found.variation is None
            assert "fewer than two a period" in all_said(found)

    def test_rare_of_late_and_without_moments_nothing_is_said_of_it(self) -> None:
        values = [9.0, 11] * 8 + [0.0, 1] * 7
        found = chart(values, number=Number.COUNT, rebases=[Rebase(months(17)[16].from_on, "The ward closed")])
        assert found.drawn is Drawn.XMR
        assert found.variation is None
        assert {point.upper for point in found.points[16:]} == {None}

    def test_a_part_too_short_to_judge_by_does_not_choose(self) -> None:
        values = [9.0, 11] * 8 + [0.0, 1]
        rebase = Rebase(months(17)[16].from_on, "The ward closed")
        found = chart(values, number=Number.COUNT, rebases=[rebase])
        assert found.drawn is Drawn.XMR
        assert found.variation is None, "and of so few nothing is said"
        assert "days between events" in found.no_icon

    def test_it_says_why(self) -> None:
        assert "fewer than two events a period" in chart([0.0, 1] * 18, number=Number.COUNT, events=events(*GAPS)).why
        assert "share a moment" in chart([0.0, 1] * 18, number=Number.COUNT, events=events(*GAPS, 0)).why

    @pytest.mark.parametrize(
        ("found", "rules"),
        [
            (chart(calm(20)), "NHSRplotthedots 0.2.2"),
            (chart([6.0, 8] * 10, number=Number.SHARE, sizes=[10.0] * 20), "qicharts2 0.8.1 (p chart)"),
        ],
    )
    def test_it_names_its_rule_set(self, found: MeasureChart, rules: str) -> None:
        assert rules in found.rules


class TestTooFewPoints:
    @pytest.mark.parametrize(("points", "icon"), [(13, True), (12, False)])
    @pytest.mark.parametrize("number", [Number.MEASURED, Number.SHARE])
    def test_no_icon_below_thirteen(self, number: Number, points: int, icon: bool) -> None:
        found = chart([6.0, 8] * 6 + [7.0] * (points - 12), number=number, sizes=[10.0] * points, target=50.0)
        assert (found.variation is not None) is icon
        assert (found.assurance is not None) is icon
        assert found.parts[-1].trial is not icon
        assert ("Limits are trial limits until there are 13" in all_said(found)) is not icon

    def test_missing_values_do_not_make_up_the_thirteen(self) -> None:
        found = chart([*calm(12), None, 10.0][:13])
        assert found.variation is None
        assert "12 values" in found.no_icon

    def test_trial_limits_are_drawn_and_nothing_is_concluded_from_them(self) -> None:
        found = chart([*calm(11), 60.0])
        assert found.points[-1].upper is not None
        assert found.points[-1].said == ("Above the upper limit (trial limits)",)
        assert found.points[-1].reading is Reading.ORDINARY
        assert found.variation is None

    def test_nor_where_limits_follow_what_was_read(self) -> None:
        found = chart([8.0] * 11 + [0.0], number=Number.SHARE, sizes=[10.0] * 12, better=Better.HIGHER)
        assert found.points[-1].said == ("Below the lower limit (trial limits)",)
        assert set(readings(found)) == {Reading.ORDINARY}

    def test_fewer_than_ten_are_a_run_chart_without_limits(self) -> None:
        found = chart([8.0, 9, 7, 30, 8])
        assert {(point.lower, point.upper) for point in found.points} == {(None, None)}
        assert {point.centre for point in found.points} == {8.0}
        assert set(readings(found)) == {Reading.ORDINARY}
        assert "too few for limits" in all_said(found)

    def test_none_at_all(self) -> None:
        found = chart([])
        assert (found.points, found.variation, found.last) == ((), None, None)
        assert found.no_icon == "There are no points yet."

    def test_all_missing(self) -> None:
        for number in Number:
            found = chart([None] * 20, number=number, sizes=[10.0] * 20)
            assert found.variation is None
            assert "20 periods have no value. That is not a zero" in all_said(found)

    def test_a_new_part_begins_with_trial_limits_again(self) -> None:
        found = chart([*calm(20), *calm(5, about=4)], rebases=[Rebase(months(21)[20].from_on, "New form")])
        assert [part.trial for part in found.parts] == [False, True]
        assert found.variation is None
        assert found.points[19].centre == pytest.approx(10, abs=0.1)
        assert found.points[20].centre == pytest.approx(4, abs=0.2)


class TestWhatMayNotBeSaid:
    def test_screened_ranges_give_no_verdict(self) -> None:
        # Reference case s20: screening leaves only ranges of nothing, and every point would be flagged.
        sparse = [0.0] * 8 + [3.0] + [0.0] * 12 + [2.0] + [0.0] * 14
        tool = read_xmr([p.from_on for p in months(36)], sparse, better=Way.LOWER)
        assert any(one.signals for one in tool.points)
        found = chart(sparse)
        assert found.variation is None
        assert found.assurance is None
        assert set(readings(found)) == {Reading.ORDINARY}
        assert {point.said for point in found.points} == {()}
        assert {point.upper for point in found.points} == {None}
        assert "no limits can be drawn that mean anything" in all_said(found)

    @given(st.lists(st.sampled_from([0.0, 0.0, 0.0, 0.0, 0.0, 1.0]), min_size=13, max_size=40))
    def test_collapsed_limits_never_reach_a_verdict(self, values: list[float]) -> None:
        found = chart(values, target=1.0)
        tool = read_xmr([p.from_on for p in months(len(values))], values, better=Way.LOWER)
        if tool.groups[-1].has_collapsed:
            assert (found.variation, found.assurance) == (None, None)
            assert set(readings(found)) == {Reading.ORDINARY}

    @pytest.mark.parametrize("value", [0.1, 3.0, 0.0])
    def test_equal_values_have_no_limits(self, value: float) -> None:
        found = chart([value] * 24, target=1.0)
        assert (found.variation, found.assurance) == (None, None)
        assert found.points[-1].upper is None
        assert "All values are the same" in found.no_icon

    @pytest.mark.parametrize("met", [0.0, 10.0])
    def test_a_share_that_is_always_none_or_all_has_none_either(self, met: float) -> None:
        found = chart([met] * 24, number=Number.SHARE, sizes=[10.0] * 24, target=50.0)
        assert (found.variation, found.points[-1].upper) == (None, None)

    def test_a_missing_last_value_draws_no_calm_icon(self) -> None:
        found = chart([*calm(20), None], target=12.0)
        assert (found.variation, found.assurance) == (None, None)
        assert found.no_icon == "There is no value for Dec 2024."

    @given(values_of, st.sampled_from(list(Number)))
    def test_a_missing_value_has_no_label(self, values: list[float | None], number: Number) -> None:
        found = chart([None if v is None else abs(v) for v in values], number=number, sizes=[50.0] * len(values))
        for point in found.points:
            if point.value is None:
                assert (point.said, point.reading) == ((), Reading.ORDINARY)

    def test_a_period_that_is_not_over_counts_for_nothing(self) -> None:
        over = chart(calm(20))
        running = chart([*calm(20), 900.0], today=months(21)[20].to_on, target=9.0)
        assert running.points[:20] == over.points
        assert running.points[20].running
        assert running.points[20].said == ()
        assert running.points[20].upper is None
        assert running.variation is over.variation
        assert running.last == over.last
        assert "Dec 2024 is not over: 900 so far" in all_said(running)

    @pytest.mark.parametrize(("days_after", "running"), [(0, True), (1, False)])
    def test_a_period_is_over_on_the_day_after_its_last(self, days_after: int, running: bool) -> None:
        found = chart(SPIKE, today=months(21)[20].to_on + timedelta(days=days_after))
        assert found.points[-1].running is running
        assert (found.variation is Reading.CONCERN_HIGH) is not running

    def test_a_period_that_has_not_begun_is_not_shown(self) -> None:
        assert len(chart(calm(20), today=months(11)[10].from_on).points) == 11

    @pytest.mark.parametrize("number", [Number.RATE, Number.SHARE])
    @pytest.mark.parametrize("size", [None, 0.0, float("nan"), -1.0])
    def test_out_of_nothing_there_is_no_value(self, number: Number, size: float | None) -> None:
        found = chart([6.0, 8] * 10, number=number, sizes=[10.0] * 19 + [size])
        assert found.points[-1].value is None
        assert found.variation is None

    def test_more_met_than_read_is_no_value(self) -> None:
        assert chart([6.0] * 14 + [11.0], number=Number.SHARE, sizes=[10.0] * 15).points[-1].value is None


class TestReading:
    @pytest.mark.parametrize(
        ("better", "reading", "words"),
        [
            (Better.LOWER, Reading.CONCERN_HIGH, "higher, and that is a concern"),
            (Better.HIGHER, Reading.IMPROVEMENT_HIGH, "higher, and that is an improvement"),
            (Better.NEITHER, Reading.NEUTRAL_HIGH, "Special cause: higher"),
        ],
    )
    def test_what_a_spike_means(self, better: Better, reading: Reading, words: str) -> None:
        found = chart(SPIKE, better=better)
        assert found.variation is reading
        assert words in variation_words(found)
        assert "Above the upper limit: more than chance explains" in all_said(found)

    @pytest.mark.parametrize(
        ("target", "better", "assurance", "words"),
        [
            (20.0, Better.LOWER, Assurance.WILL_MEET, "on the right side"),
            (1.0, Better.LOWER, Assurance.WILL_MISS, "does not reach it"),
            (10.0, Better.LOWER, Assurance.HIT_OR_MISS, "lies within what chance brings"),
            (20.0, Better.HIGHER, Assurance.WILL_MISS, "does not reach it"),
            (1.0, Better.HIGHER, Assurance.WILL_MEET, "on the right side"),
        ],
    )
    def test_the_target_is_held_against_the_limits(
        self, target: float, better: Better, assurance: Assurance, words: str
    ) -> None:
        found = chart(calm(24), target=target, better=better)
        assert found.assurance is assurance
        assert words in all_said(found)

    @pytest.mark.parametrize("side", ["lower", "upper"])
    def test_a_target_on_a_limit_is_hit_and_miss(self, side: str) -> None:
        limit = getattr(chart(calm(24)).points[-1], side)
        assert chart(calm(24), target=limit).assurance is Assurance.HIT_OR_MISS

    @pytest.mark.parametrize(
        ("more", "why"),
        [
            ({"target": None}, "No target is set."),
            ({"target": 5.0, "better": Better.NEITHER}, "Neither way is better, so there is nothing to assure."),
        ],
    )
    def test_no_assurance_and_why(self, more: dict[str, Any], why: str) -> None:
        found = chart(calm(24), **more)
        assert (found.assurance, found.no_assurance) == (None, why)

    @given(values_of, st.sampled_from([Better.HIGHER, Better.LOWER]), st.none() | whole)
    def test_xmr_says_what_the_rules_say(
        self, values: list[float | None], better: Better, target: float | None
    ) -> None:
        found = chart(values, better=better, target=target)
        if found.drawn is not Drawn.XMR or found.variation is None:
            return
        way = Way.HIGHER if better is Better.HIGHER else Way.LOWER
        tool = read_xmr([p.from_on for p in months(len(values))], values, better=way, target=target)
        assert found.variation is tool.variation
        assert found.assurance is tool.assurance
        assert [p.reading for p in found.points] == [one.reading for one in tool.points]
        assert [(p.centre, p.lower, p.upper) for p in found.points] == [
            (one.point.group.mean, one.point.group.lower, one.point.group.upper) for one in tool.points
        ]

    def test_every_rule_that_holds_is_kept(self) -> None:
        found = chart([*calm(20), 10.2, 10.6, 11.0, 11.4, 11.8, 12.2, 12.6, 30.0])
        assert len(found.points[-1].said) >= 2
        assert found.points[-1].said[0] == "Above the upper limit"

    def test_a_special_point_before_an_ordinary_last_one_is_told(self) -> None:
        found = chart([*calm(20), 30.0, 10.2])
        assert found.variation is Reading.ORDINARY
        assert "Earlier points do not: the newest of them is Dec 2024" in all_said(found)
        assert "no sign of change" not in all_said(found)

    def test_weak_counts_are_said_to_be_weak(self) -> None:
        found = chart([2.0, 5] * 10, number=Number.COUNT)
        assert "this chart is weak" in all_said(found)


class TestSymmetries:
    @given(long_lists, st.randoms(use_true_random=False))
    def test_the_order_given_does_not_matter(self, values: list[float], rng: random.Random) -> None:
        straight = series(values)
        points = list(straight.points)
        rng.shuffle(points)
        mixed = Series(straight.measure, straight.of, tuple(points))
        assert measure_chart(mixed, today=AFTER) == measure_chart(straight, today=AFTER)

    @given(long_lists, st.integers(-50, 50))
    def test_adding_a_constant_shifts_the_limits_and_nothing_else(self, values: list[float], more: int) -> None:
        before, after = chart(values), chart([value + more for value in values])
        assert readings(before) == readings(after)
        assert before.variation is after.variation
        for one, other in zip(before.points, after.points, strict=True):
            for name in ("centre", "lower", "upper"):
                was, now = getattr(one, name), getattr(other, name)
                assert (was is None) is (now is None)
                assert was is None or now == pytest.approx(was + more, abs=1e-9)

    @given(long_lists)
    def test_a_mirror_image_swaps_improvement_and_concern(self, values: list[float]) -> None:
        straight, mirrored = chart(values), chart([-value for value in values])
        for one, other in zip(straight.points, mirrored.points, strict=True):
            assert (one.reading in CONCERN) is (other.reading in IMPROVEMENT)
            assert (one.reading in IMPROVEMENT) is (other.reading in CONCERN)

    @given(st.lists(st.integers(0, 10).map(float), min_size=13, max_size=40))
    def test_what_is_not_met_is_the_mirror_of_what_is(self, met: list[float]) -> None:
        sizes = [10.0] * len(met)
        straight = chart(met, number=Number.SHARE, sizes=sizes, better=Better.HIGHER)
        other = chart([10 - value for value in met], number=Number.SHARE, sizes=sizes, better=Better.LOWER)
        for one, mirror in zip(straight.points, other.points, strict=True):
            assert (one.reading in CONCERN) is (mirror.reading in CONCERN)
            assert (one.reading in IMPROVEMENT) is (mirror.reading in IMPROVEMENT)

    def test_two_periods_of_one_day_are_refused(self) -> None:
        period = months(1)[0]
        twice = Series(measure(), "x", (Point(period, 1.0), Point(period, 2.0), *series(calm(20)).points[1:]))
        with pytest.raises(ChartRefused, match="same date"):
            measure_chart(twice, today=AFTER)


class TestOtherCharts:
    def test_a_long_run_is_marked_from_its_first_point(self) -> None:
        found = chart([6.0] * 12 + [10.0] * 12, number=Number.SHARE, sizes=[10.0] * 24, better=Better.HIGHER)
        assert found.variation is Reading.IMPROVEMENT_HIGH
        assert set(readings(found)[:12]) == {Reading.CONCERN_LOW}
        assert found.points[12].said == ("A long run above the line",)
        assert found.parts[0].unusual_runs
        assert "crossed less often" in all_said(found)

    def test_shares_and_their_limits_are_in_per_cent(self) -> None:
        point = chart([6.0, 8] * 10, number=Number.SHARE, sizes=[10.0] * 20).points[0]
        assert (point.value, point.centre) == (60.0, pytest.approx(70.0))
        assert point.upper == 100.0
        assert point.lower == pytest.approx(70 - 300 * (0.21 / 10) ** 0.5)

    def test_a_rate_is_counted_in_its_exposure(self) -> None:
        point = chart([6.0, 8] * 10, number=Number.RATE, sizes=[4.0] * 20).points[1]
        assert (point.value, point.counted, point.out_of) == (2.0, 8.0, 4.0)

    def test_a_gap_keeps_its_place_and_counts_for_nothing(self) -> None:
        values: list[float | None] = [6.0, 8] * 10
        with_gap = chart([*values[:7], None, *values[7:]], number=Number.SHARE, sizes=[10.0] * 21)
        without = chart(values, number=Number.SHARE, sizes=[10.0] * 20)
        assert with_gap.points[7].value is None
        kept = [(p.value, p.centre, p.upper) for p in with_gap.points if p.value is not None]
        assert kept == [(p.value, p.centre, p.upper) for p in without.points]

    def test_each_part_has_its_own_limits(self) -> None:
        rebase = Rebase(months(21)[20].from_on, "New form")
        both = chart([6.0, 8] * 20, number=Number.SHARE, sizes=[10.0] * 40, rebases=[rebase])
        alone = chart([6.0, 8] * 10, number=Number.SHARE, sizes=[10.0] * 20)
        assert [p.upper for p in both.points[:20]] == [p.upper for p in alone.points]
        assert [p.part for p in both.points] == [0] * 20 + [1] * 20


class TestBetweenEvents:
    def test_rarer_is_better_where_events_are_harm(self) -> None:
        found = chart([0.0, 1] * 18, number=Number.COUNT, events=events(*[9.0, 11] * 8, 400.0))
        assert found.drawn is Drawn.T
        assert found.variation is Reading.IMPROVEMENT_HIGH
        assert variation_words(found) == "Special cause: rarer, and that is an improvement"

    def test_and_worse_where_they_are_good(self) -> None:
        found = chart([0.0, 1] * 18, number=Number.COUNT, better=Better.HIGHER, events=events(*[9.0, 11] * 8, 400.0))
        assert found.variation is Reading.CONCERN_HIGH

    def test_a_target_for_events_is_not_held_against_days(self) -> None:
        found = chart([0.0, 1] * 18, number=Number.COUNT, events=events(*GAPS), target=1.0)
        assert (found.assurance, found.target) == (None, None)
        assert "time between them" in found.no_assurance

    def test_the_gap_that_is_not_over_is_no_point(self) -> None:
        happened = events(*GAPS)
        found = chart(
            [0.0, 1] * 18, number=Number.COUNT, events=happened, at=happened[-1] + timedelta(days=20, hours=5)
        )
        assert len(found.points) == len(GAPS)
        assert "Nothing has happened for 20 days. That gap is not over, so it is not a point." in all_said(found)

    def test_it_is_already_longer_than_the_limit_or_nothing_is_said_of_it(self) -> None:
        happened = events(*GAPS)
        upper = chart([0.0, 1] * 18, number=Number.COUNT, events=happened).points[-1].upper
        assert upper is not None
        for days, longer in ((upper - 0.1, False), (upper + 0.1, True)):
            found = chart([0.0, 1] * 18, number=Number.COUNT, events=happened, at=happened[-1] + timedelta(days=days))
            assert found.gap is not None
            assert found.gap.longer_than_limit is longer
            assert ("already longer than the upper limit" in all_said(found)) is longer
            assert " within" not in all_said(found).partition("Nothing has happened")[2]

    def test_two_events_of_one_moment_are_counted_in_days_without_any(self) -> None:
        happened = events(3.0, 0.0, 1.0, 2.0, *GAPS)
        found = chart([0.0, 1] * 18, number=Number.COUNT, events=happened)
        assert found.drawn is Drawn.G
        assert [point.value for point in found.points[:4]] == [2.0, 0.0, 0.0, 1.0]
        assert found.unit == "event-free days"

    def test_days_are_london_days(self) -> None:
        # 23:30 UTC on 9 May is half past midnight on the 10th in London.
        first = datetime(2023, 5, 9, 23, 30, tzinfo=UTC)
        found = chart([0.0, 1] * 18, number=Number.COUNT, events=events(0.0, *GAPS, first=first))
        assert found.points[0].on == date(2023, 5, 10)

    def test_new_limits_begin_with_the_first_event_from_that_day(self) -> None:
        happened = events(*GAPS, *GAPS)
        from_on = happened[15].date() + timedelta(days=1)
        found = chart([0.0, 1] * 18, number=Number.COUNT, events=happened, rebases=[Rebase(from_on, "New ward")])
        assert [point.part for point in found.points].index(1) == 15
        assert len(found.parts) == 2

    @given(st.lists(st.integers(0, 4), min_size=11, max_size=40), st.integers(0, 150))
    def test_events_of_any_spacing_can_be_drawn(self, spaces: list[int], cut: int) -> None:
        happened = events(*map(float, spaces))
        rebase = Rebase(happened[0].date() + timedelta(days=cut), "x")
        found = chart([0.0, 1] * 18, number=Number.COUNT, events=happened, rebases=[rebase], at=happened[-1])
        assert found.drawn in {Drawn.T, Drawn.G}
        assert len(found.points) == len(spaces)


class TestRebases:
    VALUES = [*calm(20), *calm(16, about=4)]

    def test_a_person_and_a_reason_stand_on_the_chart(self) -> None:
        rebase = Rebase(months(21)[20].from_on, "Two people check", "Quill Harker, Quality lead", date(2025, 2, 3))
        found = chart(self.VALUES, rebases=[rebase])
        assert found.parts[1].rebase == rebase
        assert "New limits from Dec 2024 (Quill Harker, Quality lead): Two people check" in all_said(found)
        assert found.variation is Reading.ORDINARY
        assert chart(self.VALUES).variation in IMPROVEMENT

    def test_a_day_within_a_period_begins_with_the_next_one(self) -> None:
        rebase = Rebase(months(21)[20].from_on - timedelta(days=3), "x")
        assert [p.part for p in chart(self.VALUES, rebases=[rebase]).points] == [0] * 20 + [1] * 16

    @pytest.mark.parametrize("on", [months(1)[0].from_on, date(2001, 1, 1), date(2029, 1, 1)])
    def test_a_day_before_or_after_the_points_changes_nothing(self, on: date) -> None:
        assert chart(self.VALUES, rebases=[Rebase(on, "x")]) == chart(self.VALUES)

    def test_of_two_decisions_for_one_period_the_later_counts(self) -> None:
        on = months(21)[20].from_on
        both = [Rebase(on, "later", decided_on=date(2025, 5, 1)), Rebase(on, "earlier", decided_on=date(2025, 4, 1))]
        part = chart(self.VALUES, rebases=both).parts[1]
        assert part.rebase is not None
        assert part.rebase.reason == "later"


class TestPlaces:
    @pytest.mark.parametrize(
        ("day", "place"),
        [
            (date(2023, 4, 1), -0.5),
            (date(2023, 4, 16), 0.0),
            (date(2023, 5, 1), 0.5),
            (date(2023, 3, 31), None),
            (date(2023, 7, 1), None),
        ],
    )
    def test_a_day_lies_within_its_period(self, day: date, place: float | None) -> None:
        assert place_of(chart([1.0, 2.0, 3.0]), day) == place

    @pytest.mark.parametrize(("days", "place"), [(0, None), (10, 0.0), (15, 0.5), (20, 1.0), (160, 15.0), (161, None)])
    def test_between_events_it_lies_between_their_points(self, days: int, place: float | None) -> None:
        happened = events(*[10.0] * 16)
        found = chart([0.0, 1] * 18, number=Number.COUNT, events=happened)
        assert place_of(found, happened[0].date() + timedelta(days=days)) == place

    def test_in_no_chart_nothing_lies(self) -> None:
        assert place_of(chart([]), date(2024, 1, 1)) is None


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (None, "", "no value"),
        (12.0, "", "12"),
        (12.345, "%", "12.3%"),
        (0.456, "hours", "0.46 hours"),
        (-0.456, "", "-0.46"),
        (129156.9, "", "129,157"),
        (0.0, "days", "0 days"),
        (99.9999, "%", "100%"),
    ],
)
def test_numbers_in_words(value: float | None, unit: str, words: str) -> None:
    assert in_words(value, unit) == words
