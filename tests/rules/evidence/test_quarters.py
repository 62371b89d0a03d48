"""Quarters of the financial year in London days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.evidence.rules.thematic.quarters import (
    Quarter,
    finished_since,
    months_up_to,
    newest_finished,
    quarter_from,
    quarter_of,
)

pytestmark = pytest.mark.requirement("R36")
DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))


@pytest.mark.parametrize(
    ("day", "quarter"),
    [
        (date(2025, 4, 1), Quarter(2025, 1)),
        (date(2025, 6, 30), Quarter(2025, 1)),
        (date(2025, 7, 1), Quarter(2025, 2)),
        (date(2025, 12, 31), Quarter(2025, 3)),
        (date(2026, 1, 1), Quarter(2025, 4)),
        (date(2026, 3, 31), Quarter(2025, 4)),
        (date(2026, 4, 1), Quarter(2026, 1)),
    ],
)
def test_a_day_lies_in_the_quarter_of_its_financial_year(day: date, quarter: Quarter) -> None:
    assert quarter_of(day) == quarter
    assert quarter.holds(day)


@pytest.mark.parametrize(
    ("quarter", "label", "short", "last", "sign_by"),
    [
        (
            Quarter(2025, 1), "Quarter 1 of 2025/26, April to June 2025", "Q1 2025/26",
            date(2025, 6, 30), date(2025, 7, 30),
        ),
        (
            Quarter(2025, 4), "Quarter 4 of 2025/26, January to March 2026", "Q4 2025/26",
            date(2026, 3, 31), date(2026, 4, 30),
        ),
        (
            Quarter(2099, 3), "Quarter 3 of 2099/00, October to December 2099", "Q3 2099/00",
            date(2099, 12, 31), date(2100, 1, 30),
        ),
    ],
)  # fmt: skip
def test_how_a_quarter_is_written(quarter: Quarter, label: str, short: str, last: date, sign_by: date) -> None:
    assert (quarter.label, quarter.short, quarter.last, quarter.sign_by) == (label, short, last, sign_by)


def test_its_moments_are_london_midnights() -> None:
    summer = Quarter(2025, 1)
    assert summer.starts_at == datetime(2025, 3, 31, 23, 0, tzinfo=UTC), "clocks went forward the day before"
    assert summer.ends_at == datetime(2025, 6, 30, 23, 0, tzinfo=UTC)
    winter = Quarter(2025, 3)
    assert winter.starts_at == datetime(2025, 9, 30, 23, 0, tzinfo=UTC)
    assert winter.ends_at == datetime(2026, 1, 1, 0, 0, tzinfo=UTC)


@given(DAYS)
def test_quarters_follow_each_other_without_a_gap(day: date) -> None:
    quarter = quarter_of(day)
    assert quarter.first <= day <= quarter.last
    assert quarter.after().first == quarter.last + timedelta(days=1)
    assert quarter.after().before() == quarter
    assert quarter.before(4) == Quarter(quarter.year - 1, quarter.number)
    assert quarter.before() < quarter
    assert quarter_from(quarter.code) == quarter
    assert quarter.after().starts_at == quarter.ends_at


@pytest.mark.parametrize(
    "code", ["", "2025", "2025-0", "2025-5", "2025-33", "25-3", "abcd-1", "٢٠٢٥-1", "0001-1", "2025-3-1"]
)
def test_what_is_no_quarter(code: str) -> None:
    assert quarter_from(code) is None


@pytest.mark.parametrize(("year", "number"), [(2025, 0), (2025, 5), (1, 1), (9999, 4)])
def test_there_is_no_such_quarter(year: int, number: int) -> None:
    with pytest.raises(ValueError, match="there is no quarter"):
        Quarter(year, number)


def test_only_a_quarter_with_no_day_left_is_finished() -> None:
    assert newest_finished(date(2025, 12, 31)) == Quarter(2025, 2)
    assert newest_finished(date(2026, 1, 1)) == Quarter(2025, 3)


def test_the_finished_ones_go_back_to_the_first_day_recorded() -> None:
    found = list(finished_since(date(2025, 5, 20), date(2026, 1, 1)))
    assert found == [Quarter(2025, 3), Quarter(2025, 2), Quarter(2025, 1)]
    assert list(finished_since(date(2026, 1, 1), date(2026, 1, 1))) == []


def test_no_month_before_anything_was_recorded() -> None:
    quarter = Quarter(2025, 3)
    assert months_up_to(quarter, 24, date(2025, 10, 15)) == [date(2025, 10, 1), date(2025, 11, 1), date(2025, 12, 1)]
    whole = months_up_to(quarter, 24, date(2020, 1, 1))
    assert (len(whole), whole[0], whole[-1]) == (24, date(2024, 1, 1), date(2025, 12, 1))
