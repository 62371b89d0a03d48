"""Charts of rare events, the run rules, and which chart is drawn."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.assurance.rules.charts import (
    Chart,
    ChartRefused,
    Drawn,
    Number,
    fewest_crossings,
    longer_than_limit,
    read_chart,
    runs_about,
    too_long,
    which_chart,
)

pytestmark = pytest.mark.requirement("R4", "R20", "R25", "R31", "R36")
GAPS = [12.0, 5, 33, 8, 21, 14, 3, 40, 17, 9, 28, 11]


class TestRunRules:
    @pytest.mark.parametrize("useful", range(2, 120))
    def test_fewer_crossings_than_the_quantile_are_rarer_than_one_in_twenty(self, useful: int) -> None:
        steps, fewest = useful - 1, fewest_crossings(useful)
        below = sum(Fraction(math.comb(steps, k), 2**steps) for k in range(fewest))
        assert below < Fraction(1, 20)
        assert below + Fraction(math.comb(steps, fewest), 2**steps) >= Fraction(1, 20)

    @pytest.mark.parametrize("useful", [0, 1])
    def test_nothing_can_cross_with_one_point(self, useful: int) -> None:
        assert fewest_crossings(useful) == 0

    @given(st.lists(st.integers(-5, 5).map(float), max_size=60))
    def test_points_on_the_line_do_not_count(self, values: list[float]) -> None:
        off = [value for value in values if value]
        found = runs_about(0.0, values)
        assert (found.points, found.useful) == (len(values), len(off))
        assert found.longest == max((len(list(run)) for _, run in groupby(value > 0 for value in off)), default=0)
        alone = runs_about(0.0, off)
        assert (found.longest, found.crossings, found.is_signal) == (alone.longest, alone.crossings, alone.is_signal)

    @pytest.mark.parametrize(
        ("values", "signal"),
        [
            ([1.0, -1.0] * 10, False),
            ([1.0] * 8 + [-1.0, 1.0] * 6, True),  # a run of 9 among 20: chance has 7 or fewer
            ([1.0] * 5 + [-1.0] * 5 + [1.0] * 5 + [-1.0] * 5, True),  # 3 crossings among 20: chance has 6 or more
            ([], False),
        ],
    )
    def test_a_long_run_or_few_crossings_are_a_signal(self, values: list[float], signal: bool) -> None:
        assert runs_about(0.0, values).is_signal is signal


class TestLimits:
    def test_more_time_between_events_lies_above_the_limit(self) -> None:
        chart = read_chart(Chart.T, [*GAPS, 400.0], freeze_after=12)
        assert chart.lines[-1].outside
        assert chart.lines[-1].upper is not None
        assert chart.lines[-1].value > chart.lines[-1].upper

    def test_a_t_chart_never_has_a_limit_below_nothing(self) -> None:
        chart = read_chart(Chart.T, [0.1, 90.0, 0.1, 90.0])
        assert chart.lines[0].lower == 0

    def test_the_centre_of_a_g_chart_is_the_median_and_its_limits_use_the_mean(self) -> None:
        chart = read_chart(Chart.G, [1, 2, 3, 4, 90])
        assert chart.lines[0].centre == 3
        assert chart.lines[0].upper == pytest.approx(20 + 3 * math.sqrt(20 * 21))
        assert chart.lines[0].lower == 0

    def test_a_rate_is_all_events_of_all_exposure(self) -> None:
        chart = read_chart(Chart.U, [1, 9], sizes=[10, 30])
        assert chart.lines[0].centre == pytest.approx(0.25)
        assert chart.lines[0].upper == pytest.approx(0.25 + 3 * math.sqrt(0.25 / 10))
        assert [line.value for line in chart.lines] == [0.1, 0.3]

    @given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 20)), min_size=2, max_size=30))
    def test_a_share_and_its_limits_lie_between_none_and_all(self, pairs: list[tuple[int, int]]) -> None:
        values, sizes = [float(met) for met, _ in pairs], [float(met + missed + 1) for met, missed in pairs]
        for line in read_chart(Chart.P, values, sizes=sizes).lines:
            assert line.lower is not None
            assert line.upper is not None
            assert 0 <= line.lower <= line.centre <= line.upper <= 1

    @given(st.lists(st.integers(1, 60).map(float), min_size=4, max_size=30), st.data())
    def test_each_phase_stands_by_itself(self, values: list[float], data: st.DataObject) -> None:
        cut = data.draw(st.integers(2, len(values) - 2))
        both = read_chart(Chart.T, values, part_after=[cut])
        assert both.lines[:cut] == read_chart(Chart.T, values[:cut]).lines
        assert both.lines[cut:] == read_chart(Chart.T, values[cut:]).lines
        assert len(both.phases) == 2

    def test_a_run_chart_has_no_limits_and_so_no_point_outside(self) -> None:
        chart = read_chart(Chart.RUN, [1.0, 100.0, 2.0])
        assert [line.outside for line in chart.lines] == [False] * 3
        assert not longer_than_limit(chart, 1e9)


class TestTheGapThatIsNotOver:
    def test_it_is_longer_than_the_limit_or_nothing_is_said(self) -> None:
        chart = read_chart(Chart.T, GAPS)
        upper = chart.lines[-1].upper
        assert upper is not None
        assert longer_than_limit(chart, upper * 1.01)
        assert not longer_than_limit(chart, upper)
        assert len(chart.lines) == len(GAPS), "it is no point of the chart"


@pytest.mark.parametrize(
    ("chart", "values", "how", "words"),
    [
        (Chart.T, [3.0, 0.0, 4.0], {}, "Two events at one moment"),
        (Chart.T, [3.0], {}, "needs 2 points"),
        (Chart.G, [3.0, -1.0], {}, "whole numbers"),
        (Chart.G, [3.5, 1.0], {}, "whole numbers"),
        (Chart.U, [3.0], {}, "how much it is counted in"),
        (Chart.U, [3.0, 1.0], {"sizes": [1.0]}, "how much it is counted in"),
        (Chart.U, [3.0], {"sizes": [0.0]}, "more than 0"),
        (Chart.P, [3.0], {"sizes": [2.0]}, "among those read"),
        (Chart.P, [-1.0], {"sizes": [2.0]}, "among those read"),
        (Chart.I, [1.0, 2.0, 3.0], {"part_after": [1]}, "needs 2 points"),
        (Chart.RUN, [], {}, "needs 1 points"),
        (Chart.I, [1.0, 2.0], {"freeze_after": 3}, "more points than there are"),
        (Chart.I, [1.0, 2.0], {"freeze_after": 1}, "needs 2 points"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(
    chart: Chart, values: list[float], how: dict[str, list[float]], words: str
) -> None:
    with pytest.raises(ChartRefused, match=words):
        read_chart(chart, values, **how)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("number", "values", "how", "drawn", "because"),
    [
        (Number.COUNT, [1.0] * 24, {"events": 24}, Drawn.T, "fewer than two events a period"),
        (Number.COUNT, [1.9] * 24, {"events": 11}, Drawn.T, "fewer than two"),
        (Number.COUNT, [0.0] * 24, {"events": 4}, Drawn.TABLE, "4 events"),
        (Number.COUNT, [0.5] * 20, {"events": 10}, Drawn.TABLE, "10 events"),
        (Number.COUNT, [], {}, Drawn.TABLE, "There are no events"),
        (Number.COUNT, [0.0] * 24 + [1.0], {"events": 1}, Drawn.TABLE, "There is 1 event: too few"),
        (Number.COUNT, [2.0] * 24, {"events": 48}, Drawn.XMR, "weak"),
        (Number.COUNT, [5.0] * 24, {"events": 99}, Drawn.XMR, "Counts a period."),
        (Number.COUNT, [5.0] * 9, {"events": 45}, Drawn.TABLE, "fewer than 10 points"),
        (Number.RATE, [6.0] * 24, {"events": 99}, Drawn.U, "exposure"),
        (Number.RATE, [1.0] * 24, {"events": 24}, Drawn.T, "fewer than two"),
        (Number.SHARE, [14.0] * 12, {"sizes": [20.0] * 12}, Drawn.P, "how many were read"),
        (Number.SHARE, [900.0] * 12, {"sizes": [1000.0] * 12}, Drawn.P_PRIME, "P'"),
        (Number.SHARE, [14.0] * 9, {"sizes": [20.0] * 9}, Drawn.TABLE, "fewer than 10"),
        (Number.MEASURED, [3.0] * 10, {}, Drawn.XMR, "measured"),
        (Number.MEASURED, [3.0] * 9, {}, Drawn.TABLE, "fewer than 10"),
    ],
)
def test_which_chart_and_why(
    number: Number, values: list[float], how: dict[str, list[float]], drawn: Drawn, because: str
) -> None:
    choice = which_chart(number, values, **how)  # type: ignore[arg-type]
    assert choice.drawn is drawn
    assert because in choice.why


class TestPPrime:
    """Laney's P': the limits of a share are as wide as the shares vary from one period to the next."""

    MET = [812.0, 845, 790, 830, 861, 799, 828, 840, 777, 835]
    READ = [1000.0, 1040, 990, 1010, 1050, 980, 1005, 1020, 995, 1015]

    def test_it_is_the_p_chart_times_how_much_more_shares_vary(self) -> None:
        p, prime = (read_chart(kind, self.MET, sizes=self.READ) for kind in (Chart.P, Chart.P_PRIME))
        centre = sum(self.MET) / sum(self.READ)
        scores = [
            (met / read - centre) / math.sqrt(centre * (1 - centre) / read)
            for met, read in zip(self.MET, self.READ, strict=True)
        ]
        times = sum(abs(b - a) for a, b in itertools.pairwise(scores)) / 9 / 1.128
        for one, other in zip(p.lines, prime.lines, strict=True):
            assert one.upper is not None
            assert other.upper is not None
            assert other.centre == one.centre == pytest.approx(centre)
            assert other.upper - centre == pytest.approx(times * (one.upper - centre))

    @pytest.mark.parametrize("met", [0.0, 1000.0])
    def test_shares_that_cannot_vary_have_limits_on_their_centre(self, met: float) -> None:
        line = read_chart(Chart.P_PRIME, [met] * 5, sizes=[1000.0] * 5).lines[0]
        assert line.lower == line.centre == line.upper == met / 1000

    def test_one_share_is_too_few(self) -> None:
        with pytest.raises(ChartRefused, match="2 points"):
            read_chart(Chart.P_PRIME, [5.0], sizes=[10.0])

    def test_limits_stay_between_none_and_all(self) -> None:
        for line in read_chart(Chart.P_PRIME, [999.0, 600, 999, 500, 1000], sizes=[1000.0] * 5).lines:
            assert line.lower is not None
            assert line.upper is not None
            assert 0 <= line.lower <= line.upper <= 1


class TestLongRuns:
    @given(st.lists(st.sampled_from([-1.0, 0.0, 1.0]), max_size=60))
    def test_a_point_is_in_a_long_run_when_the_rule_says_there_is_one(self, values: list[float]) -> None:
        found, runs = too_long(0.0, values), runs_about(0.0, values)
        assert any(found) is (runs.longest > runs.longest_expected)
        assert all(side in {0, value} for side, value in zip(found, values, strict=True))

    def test_points_on_the_line_neither_belong_nor_break(self) -> None:
        values = [1.0] * 5 + [0.0] + [1.0] * 5 + [-1.0]
        assert too_long(0.0, values) == [1] * 5 + [0] + [1] * 5 + [0]

    def test_a_run_of_the_longest_expected_is_none(self) -> None:
        values = [1.0] * 6 + [-1.0, 1.0]
        assert runs_about(0.0, values).longest_expected == 6
        assert too_long(0.0, values) == [0] * 8
