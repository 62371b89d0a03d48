"""Shares, rates, days of exposure, and what is withheld from whom."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.assurance.rules.charts.which import Number
from saferpractice.assurance.rules.measures.defined import Defined, Shows, Source
from saferpractice.assurance.rules.measures.periods import Length, period_of
from saferpractice.assurance.rules.measures.reading import Read, days_within, for_reader, rate_of, share_of
from saferpractice.assurance.rules.measures.series import Better, Measure

pytestmark = pytest.mark.requirement("R32")


def defined(number: Number) -> Defined:
    measure = Measure("a.b", "A measure", number, Better.LOWER, "those", "of those", "rows")
    return Defined(measure, Source(Shows.IN_TIME), "Section")


def test_a_share_of_nothing_is_not_a_zero() -> None:
    assert (share_of(0, 0).count, share_of(0, 0).share) == (None, None)
    assert (share_of(0, 4).count, share_of(0, 4).share) == (0.0, 0.0)


def test_a_rate_without_exposure_is_not_a_zero() -> None:
    assert (rate_of(3, 0.0).count, rate_of(3, 0.0).share) == (None, None)
    assert rate_of(3, 1.5).share == 2.0


def test_what_is_beside_the_number_is_no_part_of_it() -> None:
    found = share_of(3, 4, waiting=2, left_out=5)
    assert (found.share, found.waiting, found.left_out) == (0.75, 2, 5)
    point = found.point(period_of(Length.MONTH, date(2026, 3, 1)))
    assert (point.count, point.out_of, point.period.label) == (3.0, 4.0, "March 2026")


MOMENTS = st.lists(st.integers(0, 5000), min_size=2, max_size=8, unique=True).map(lambda found: [0, *sorted(found)[1:]])
SPANS = st.lists(st.tuples(st.integers(-3000, 6000), st.one_of(st.none(), st.integers(0, 4000))), max_size=20)


@given(MOMENTS, SPANS)
def test_days_open_are_those_of_each_counted_by_itself(moments: list[int], spans: list[tuple[int, int | None]]) -> None:
    def place(at: int) -> int | None:
        if at < moments[0]:
            return -1
        return next((n for n, end in enumerate(moments[1:]) if at < end), None)

    begun: dict[int, tuple[int, float]] = defaultdict(lambda: (0, 0.0))
    ended: dict[int, tuple[int, float]] = defaultdict(lambda: (0, 0.0))
    expected = [0.0] * (len(moments) - 1)
    for begin, lasted in spans:
        end = None if lasted is None else begin + lasted
        for into, at in ((begun, begin), (ended, end)):
            if at is not None and (found := place(at)) is not None:
                into[found] = (into[found][0] + 1, into[found][1] + at)
        for number in range(len(expected)):
            until = moments[number + 1] if end is None else min(end, moments[number + 1])
            expected[number] += max(0, until - max(begin, moments[number])) / 1440
    assert days_within([float(at) for at in moments], begun, ended) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("number", "read", "withheld"),
    [
        (Number.SHARE, Read(4.0, 5.0), False),
        (Number.SHARE, Read(4.0, 4.0), True),
        (Number.SHARE, Read(None, 0.0), True),
        (Number.MEASURED, Read(2.5, 5.0), False),
        (Number.MEASURED, Read(2.5, 4.0), True),
        (Number.RATE, Read(5.0, 0.1), False),
        (Number.RATE, Read(4.0, 50.0), True),
        (Number.RATE, Read(0.0, 50.0), True),
        (Number.COUNT, Read(5.0), False),
        (Number.COUNT, Read(4.0), True),
        (Number.COUNT, Read(0.0), True),
    ],
)
def test_a_small_number_is_kept_from_who_may_not_open_everything(number: Number, read: Read, withheld: bool) -> None:
    found = for_reader(defined(number), read, everything=False)
    assert found.withheld is withheld
    assert (found == read) is not withheld
    assert for_reader(defined(number), read, everything=True) == read


def test_what_is_withheld_says_nothing_at_all() -> None:
    full = Read(1.0, 3.0, waiting=2, left_out=1, still_open=1, low=1.0, high=2.0, mean=1.0, horizon=2.0)
    found = for_reader(defined(Number.SHARE), full, everything=False)
    assert found == Read(None, withheld=True)


def test_none_and_a_few_look_the_same() -> None:
    """Or the first incident would show as a number that turns from none to few."""
    none = for_reader(defined(Number.COUNT), Read(0.0), everything=False)
    one = for_reader(defined(Number.COUNT), Read(1.0), everything=False)
    assert none == one
