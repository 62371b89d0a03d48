"""Many charts of one measure, sorted by what needs a look; and the days on which new limits may begin."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.assurance.rules.charts import Number
from saferpractice.assurance.rules.charts.drawn import MeasureChart, Rebase
from saferpractice.assurance.rules.charts.looking import Need, in_a_sentence, latest_in_words, look_order, need_of
from saferpractice.assurance.rules.charts.rebasing import rebase_problems
from saferpractice.assurance.rules.measures import Better, Period
from tests.rules.assurance.charts.builders import calm, chart, events, months

pytestmark = pytest.mark.requirement("R4", "R25", "R36")

BAD, WORSE, GOOD = 30.0, 40.0, -10.0


def of(name: str, values: list[float | None], **more: Any) -> MeasureChart:
    return chart(values, of=name, **more)


CHARTS = {
    "concern now": of("concern now", [*calm(22), BAD]),
    "concern before": of("concern before", [*calm(21), BAD, 10.5]),
    "misses": of("misses", calm(23), target=2.0),
    "improved": of("improved", [*calm(22), GOOD]),
    "ordinary": of("ordinary", calm(23)),
    "another ordinary": of("another ordinary", calm(23)),
    "too few": of("too few", calm(5)),
}


class TestOrder:
    def test_what_needs_a_look_comes_first(self) -> None:
        for mixed in itertools.islice(itertools.permutations(CHARTS.values()), 0, None, 501):
            assert [one.of for one in sorted(mixed, key=look_order)] == [
                "concern now",
                "concern before",
                "misses",
                "improved",
                "another ordinary",
                "ordinary",
                "too few",
            ]

    @pytest.mark.parametrize(
        ("name", "need"),
        [
            ("concern now", Need.CONCERN),
            ("concern before", Need.CONCERN),
            ("misses", Need.MISSES_TARGET),
            ("improved", Need.IMPROVEMENT),
            ("ordinary", Need.ORDINARY),
            ("too few", Need.TOO_FEW),
        ],
    )
    def test_why_it_stands_there(self, name: str, need: Need) -> None:
        assert need_of(CHARTS[name]) is need
        assert need.words

    def test_a_concern_outranks_a_missed_target_and_that_an_improvement(self) -> None:
        assert need_of(chart([*calm(22), BAD], target=2.0)) is Need.CONCERN
        assert need_of(chart([*calm(22), GOOD], target=-99.0)) is Need.MISSES_TARGET

    @pytest.mark.parametrize(("ago", "need"), [(2, Need.CONCERN), (3, Need.ORDINARY)])
    def test_a_concern_of_long_ago_needs_no_look(self, ago: int, need: Need) -> None:
        assert need_of(chart([*calm(22), BAD, *calm(ago, about=10.3)])) is need

    def test_what_was_before_new_limits_is_behind_us(self) -> None:
        values = [*calm(21), BAD, *calm(2)]
        assert need_of(chart(values)) is Need.CONCERN
        rebase = Rebase(months(23)[22].from_on, "A new form")
        assert need_of(chart(values, rebases=[rebase])) is Need.TOO_FEW

    def test_nothing_is_concluded_where_nothing_may_be(self) -> None:
        assert need_of(chart([*calm(22), BAD, None])) is Need.CONCERN, "a missing value hides no concern"
        assert need_of(chart([*calm(22), None])) is Need.TOO_FEW
        assert need_of(chart([])) is Need.TOO_FEW

    def test_neither_way_better_is_no_concern(self) -> None:
        assert need_of(chart([*calm(22), BAD], better=Better.NEITHER)) is Need.ORDINARY


class TestWords:
    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("concern now", "Above the upper limit. Special cause: higher, and that is a concern."),
            ("concern before", "The last point is ordinary; Jan 2025 was a concern: above the upper limit."),
            ("misses", "The target will be missed unless something changes."),
            ("improved", "Below the lower limit. Special cause: lower, and that is an improvement."),
            ("ordinary", "Ordinary variation: no sign of change."),
            ("too few", "There are fewer than 10 points: too few for limits."),
        ],
    )
    def test_each_row_has_one_sentence(self, name: str, words: str) -> None:
        assert in_a_sentence(CHARTS[name]) == words

    def test_a_gap_longer_than_the_limit_is_told(self) -> None:
        happened = events(*[9.0, 11] * 8)
        found = chart([0.0, 1] * 18, number=Number.COUNT, events=happened, at=happened[-1] + timedelta(days=300))
        assert in_a_sentence(found) == "Nothing has happened for 300 days: already longer than the upper limit."

    @pytest.mark.parametrize(
        ("found", "words"),
        [
            (chart([]), "No points yet"),
            (chart([*calm(20), None]), "No value, Dec 2024"),
            (chart([*calm(20), 12.0], unit="hours"), "12 hours in Dec 2024"),
            (chart([6.0] * 20, number=Number.SHARE, sizes=[10.0] * 20), "60% in Nov 2024"),
            (chart([0.0, 1] * 18, number=Number.COUNT, events=events(*[9.0] * 12)), "9 days before 17 Aug 2023"),
        ],
    )
    def test_the_latest_in_words(self, found: MeasureChart, words: str) -> None:
        assert latest_in_words(found) == words


WHY = "The form has five questions since then"
PERIODS = months(12)


class TestRebasing:
    def test_a_period_of_the_chart_and_a_reason_are_enough(self) -> None:
        assert rebase_problems(PERIODS, PERIODS[5].from_on, WHY) == {}

    @pytest.mark.parametrize("reason", ["", "  \n "])
    def test_never_without_a_reason(self, reason: str) -> None:
        assert set(rebase_problems(PERIODS, PERIODS[5].from_on, reason)) == {"reason"}

    @pytest.mark.parametrize(
        ("on", "words"),
        [
            (date(2023, 9, 16), "No period of the chart begins on 16 September 2023"),
            (date(2023, 9, 16), "Choose 1 September 2023 or 1 October 2023."),
            (date(2023, 4, 20), "Choose 1 May 2023."),
            (date(2031, 1, 1), "Choose 1 March 2024."),
            (date(2001, 1, 1), "No period of the chart begins on 1 January 2001"),
            (PERIODS[0].from_on, "its limits begin there already"),
        ],
    )
    def test_a_day_that_begins_no_period_is_refused_in_words(self, on: date, words: str) -> None:
        assert words in rebase_problems(PERIODS, on, WHY)["on"]

    def test_a_day_is_taken_once(self) -> None:
        on = PERIODS[5].from_on
        assert "Withdraw that decision first" in rebase_problems(PERIODS, on, WHY, taken={on})["on"]
        assert rebase_problems(PERIODS, PERIODS[6].from_on, WHY, taken={on}) == {}

    def test_not_in_a_period_that_is_not_over(self) -> None:
        running = months(13)[12]
        words = rebase_problems(PERIODS, running.from_on, WHY, running=running)["on"]
        assert words == "Apr 2024 is not over, so it is no point of the chart yet. Come back when it is."

    def test_an_empty_chart_has_no_day_to_choose(self) -> None:
        assert "no points yet" in rebase_problems([], PERIODS[0].from_on, WHY)["on"]

    @given(st.dates(date(2020, 1, 1), date(2026, 1, 1)), st.integers(0, 12))
    def test_what_is_allowed_always_begins_a_part(self, on: date, number: int) -> None:
        over: list[Period] = PERIODS[:number]
        if not rebase_problems(over, on, WHY):
            found = chart([*calm(number)], rebases=[Rebase(on, WHY)])
            assert len(found.parts) == 2
            assert found.points[[p.part for p in found.points].index(1)].on == on
