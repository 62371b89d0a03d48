"""What a plan reads of an own measure: which days, which numbers, in which words (R4, R20)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.assurance.rules import Direction, Kind, Window
from saferpractice.assurance.rules.charts import Number
from saferpractice.assurance.rules.charts.drawn import ChartPoint
from saferpractice.assurance.rules.measures import Better, Measure
from saferpractice.assurance.rules.measures.defined import Defined, Shows, Source
from saferpractice.assurance.rules.measures.periods import Length, periods
from saferpractice.assurance.rules.measures.reading import Read
from saferpractice.assurance.rules.own_measures import (
    Tally,
    can_be_judged,
    direction_problem,
    follow_up,
    less,
    signals,
    source_of,
    tally,
    whole_periods,
    words_of_plan,
)
from tests.rules.assurance.builders import LATE_ESCALATIONS

pytestmark = pytest.mark.requirement("R4", "R20")
YEAR = Window(date(2025, 1, 1), date(2025, 12, 31))


def defined(number: Number, shows: Shows = Shows.IN_TIME, better: Better = Better.HIGHER) -> Defined:
    measure = Measure("a.key", "A measure", number, better, "those met", "all of them.", "rows", "1,000 worker days")
    return Defined(measure, Source(shows), "A section")


@pytest.mark.parametrize(
    ("number", "shows", "kind", "exposure", "reports"),
    [
        (Number.SHARE, Shows.IN_TIME, Kind.PROPORTION, "obligations", False),
        (Number.SHARE, Shows.COMPLETE, Kind.PROPORTION, "records", False),
        (Number.SHARE, Shows.UNMANAGED, Kind.PROPORTION, "incidents", False),
        (Number.COUNT, Shows.INCIDENTS, Kind.RATE, "weeks", True),
        (Number.RATE, Shows.INCIDENTS_RATE, Kind.RATE, "1,000 worker days", True),
        (Number.RATE, Shows.AGAIN_RATE, Kind.RATE, "1,000 worker days", False),
        (Number.RATE, Shows.REPORTING, Kind.RATE, "1,000 worker days", False),
    ],
)
def test_a_plan_speaks_in_the_words_of_its_measure(
    number: Number, shows: Shows, kind: Kind, exposure: str, *, reports: bool
) -> None:
    words = words_of_plan(defined(number, shows), Length.WEEK)
    assert (words.kind, words.exposure, words.counts_incidents) == (kind, exposure, reports)
    assert words.definition == "Counted: those met. Out of: all of them."


@pytest.mark.parametrize("number", list(Number))
def test_a_median_is_not_judged(number: Number) -> None:
    assert can_be_judged(defined(number)) is (number is not Number.MEASURED)


@pytest.mark.parametrize(
    ("better", "direction", "refused"),
    [
        (Better.HIGHER, Direction.INCREASE, False),
        (Better.HIGHER, Direction.REDUCE, True),
        (Better.LOWER, Direction.REDUCE, False),
        (Better.LOWER, Direction.INCREASE, True),
        (Better.NEITHER, Direction.REDUCE, False),
        (Better.NEITHER, Direction.INCREASE, False),
    ],
)
def test_a_plan_hopes_for_what_is_better(better: Better, direction: Direction, *, refused: bool) -> None:
    assert bool(direction_problem(defined(Number.SHARE, better=better), direction)) is refused


def test_what_is_read_differs_when_the_source_does_and_not_when_words_do() -> None:
    one = defined(Number.SHARE)
    assert source_of(one) == source_of(replace(one, measure=replace(one.measure, name="Other words"), section="Else"))
    for other in (replace(one.source, within_days=30), replace(one.source, records=("note",))):
        assert source_of(one) != source_of(replace(one, source=other))


@pytest.mark.parametrize(
    ("look", "to_on"), [(date(2025, 7, 31), date(2025, 7, 30)), (date(2025, 2, 1), date(2025, 2, 1))]
)
def test_a_look_counts_whole_days_after_the_last_team_began(look: date, to_on: date) -> None:
    assert follow_up(LATE_ESCALATIONS, look) == Window(date(2025, 2, 1), to_on)


@pytest.mark.parametrize(
    ("number", "whole", "index", "expected"),
    [
        (Number.SHARE, Read(30, 40), Read(2, 5), Tally(28, 35)),
        (Number.SHARE, Read(30, 40), None, Tally(30, 40)),
        (Number.SHARE, Read(None, 0), Read(None, 0), Tally(0, 0)),
        (Number.RATE, Read(9, 1.0954321), Read(2, 1.0954321), Tally(9, 1.095, 2)),
        (Number.RATE, Read(None, 0), None, Tally(0, 0)),
        (Number.COUNT, Read(9), Read(1), Tally(9, 11.992, 1)),
    ],
)
def test_a_tally(number: Number, whole: Read, index: Read | None, expected: Tally) -> None:
    assert tally(defined(number), Length.MONTH, YEAR, whole, index) == expected


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), st.sampled_from(list(Number)))
def test_what_led_to_the_change_and_the_rest_make_the_whole(rest: int, led: int, more: int, number: Number) -> None:
    whole, index = Read(float(rest + led), float(rest + led + more)), Read(float(led), float(led))
    left = less(whole, index, number)
    assert (left.count or 0) + led == whole.count
    if number is Number.SHARE:
        assert (left.out_of, left.count is None) == (rest + more, rest + more == 0)
    else:
        assert left.out_of == whole.out_of


def test_less_of_what_is_not_known_is_not_known() -> None:
    assert less(Read(None, 0.0), Read(3, 3), Number.SHARE).count is None


@given(st.dates(date(2024, 1, 1), date(2025, 1, 1)), st.integers(0, 500), st.sampled_from(list(Length)))
def test_only_whole_periods_are_points(first: date, days: int, length: Length) -> None:
    window = Window(first, first + timedelta(days=days))
    over = periods(length, window.from_on, window.to_on)
    found = whole_periods(window, over)
    assert all(window.holds(one.from_on) and window.holds(one.to_on) for one in found)
    assert len(found) >= len(over) - 2


def point(month: int, *said: str) -> ChartPoint:
    day = date(2025, month, 1)
    return ChartPoint(f"{day:%B}", day, day, 1.0, said=said)


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([], []),
        ([point(1), point(2)], []),
        ([point(1), point(2, "Above UCL")], ["February: above ucl"]),
        ([point(1, "Up"), point(2, "Up"), point(3), point(4, "Up")], ["January to February: up", "April: up"]),
        ([point(1, "Up"), point(2, "Up", "Out")], ["January: up", "February: up, out"]),
    ],
)
def test_signals_in_stretches(points: list[ChartPoint], expected: list[str]) -> None:
    assert signals(points) == expected
