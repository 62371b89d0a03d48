"""Days and times as other systems write them: read as London means them, or told how to write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.deadlines.rules import local_day
from saferpractice.exchange.rules.moments import (
    DAY_FIRST,
    FORMATS_TO_TRY,
    MONTH_FIRST,
    YEAR_FIRST,
    Moment,
    example_of,
    format_problem,
    moment_in,
)

pytestmark = pytest.mark.requirement("R6")

LONDON = ZoneInfo("Europe/London")
WITH_TIME = ("%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%m/%d/%Y %I:%M %p")
DAYS = st.dates(date(1900, 1, 1), date(2100, 1, 1))


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


class TestWhenNothingIsSaid:
    """Day first, as in Britain."""

    @pytest.mark.parametrize(
        ("text", "moment"),
        [
            ("03/04/2025", at(2025, 4, 2, 23)),
            ("3/4/2025", at(2025, 4, 2, 23)),
            ("13-04-2025", at(2025, 4, 12, 23)),
            ("13.04.2025", at(2025, 4, 12, 23)),
            ("3 April 2025", at(2025, 4, 2, 23)),
            ("3 apr 2025", at(2025, 4, 2, 23)),
            ("29/02/2024", at(2024, 2, 29)),
            ("2025-12-01", at(2025, 12, 1)),
            ("2025/12/01", at(2025, 12, 1)),
            ("  03/01/2025  ", at(2025, 1, 3)),
            ("01/01/1900", at(1900, 1, 1)),
        ],
    )
    def test_a_day_is_the_beginning_of_that_london_day(self, text: str, moment: datetime) -> None:
        assert moment_in(text, FORMATS_TO_TRY) == Moment(moment, only_day=True)

    @pytest.mark.parametrize(
        ("text", "moment"),
        [
            ("03/04/2025 09:05", at(2025, 4, 3, 8, 5)),
            ("03/01/2025   09:05", at(2025, 1, 3, 9, 5)),
            ("03/01/2025\n09:05:59", at(2025, 1, 3, 9, 5, 59)),
            ("2025-04-03 00:00", at(2025, 4, 2, 23)),
            ("2025-04-03T09:05:00", at(2025, 4, 3, 8, 5)),
            ("2025-04-03T09:05:00Z", at(2025, 4, 3, 9, 5)),
            ("2025-04-03T09:05:00+05:30", at(2025, 4, 3, 3, 35)),
            ("2025-01-03T00:30:00-0500", at(2025, 1, 3, 5, 30)),
        ],
    )
    def test_a_time_is_london_s_unless_it_names_a_zone(self, text: str, moment: datetime) -> None:
        assert moment_in(text, FORMATS_TO_TRY) == Moment(moment, only_day=False)

    @pytest.mark.parametrize(
        "text",
        [
            "04/25/2025",
            "29/02/2025",
            "31/04/2025",
            "00/01/2025",
            "1/2/25",
            "45750",
            "45750.5",
            "April 2025",
            "2025",
            "yesterday",
            "03/04/2025 25:00",
            "03/04/2025 9pm",
            "03/04/2025 and later",
            "2025-04-03T09:05",
            "٠٣-٠٤",
        ],
    )
    def test_what_is_no_such_day_says_how_to_write_one(self, text: str) -> None:
        assert moment_in(text, FORMATS_TO_TRY) == (
            "Write the date like 31/12/2026 or 31/12/2026 14:30 or 31/12/2026 14:30:15."
        )


class TestTheClocksChange:
    @pytest.mark.parametrize(
        ("text", "moment"),
        [
            ("29/03/2026 00:59", at(2026, 3, 29, 0, 59)),
            ("29/03/2026 02:00", at(2026, 3, 29, 1)),
            ("25/10/2026 00:59", at(2026, 10, 24, 23, 59)),
            ("25/10/2026 02:00", at(2026, 10, 25, 2)),
        ],
    )
    def test_just_before_and_just_after_are_plain(self, text: str, moment: datetime) -> None:
        assert moment_in(text, DAY_FIRST) == Moment(moment, only_day=False)

    @pytest.mark.parametrize("text", ["29/03/2026 01:00", "29/03/2026 01:59", "30/03/2025 01:30:00"])
    def test_a_time_that_never_was_is_not_guessed(self, text: str) -> None:
        assert "did not happen" in str(moment_in(text, DAY_FIRST))

    @pytest.mark.parametrize("text", ["25/10/2026 01:00", "25/10/2026 01:59", "26/10/2025 01:30:00"])
    def test_nor_one_that_was_twice(self, text: str) -> None:
        assert "happened twice" in str(moment_in(text, DAY_FIRST))

    @pytest.mark.parametrize(
        ("text", "moment"),
        [("2026-10-25T01:30:00+0100", at(2026, 10, 25, 0, 30)), ("2026-10-25T01:30:00+0000", at(2026, 10, 25, 1, 30))],
    )
    def test_unless_it_names_its_zone(self, text: str, moment: datetime) -> None:
        assert moment_in(text, YEAR_FIRST) == Moment(moment, only_day=False)

    @pytest.mark.parametrize(
        ("text", "hours"), [("29/03/2026", 23), ("25/10/2026", 25), ("24/10/2026", 24), ("28/03/2026", 24)]
    )
    def test_a_day_alone_is_as_long_as_it_was(self, text: str, hours: int) -> None:
        begins = moment_in(text, DAY_FIRST)
        day = datetime.strptime(text, "%d/%m/%Y").replace(tzinfo=UTC).date() + timedelta(days=1)
        ends = moment_in(f"{day:%d/%m/%Y}", DAY_FIRST)
        assert isinstance(begins, Moment)
        assert isinstance(ends, Moment)
        assert ends.at - begins.at == timedelta(hours=hours)


class TestWhatTheMappingSays:
    @pytest.mark.parametrize(
        ("text", "patterns", "day"),
        [
            ("04/03/2025", DAY_FIRST, date(2025, 3, 4)),
            ("04/03/2025", MONTH_FIRST, date(2025, 4, 3)),
            ("25/12/24", ("%d/%m/%y",), date(2024, 12, 25)),
            ("25/12/69", ("%d/%m/%y",), date(1969, 12, 25)),
            ("Tuesday 4 March 2025", ("%A %d %B %Y",), date(2025, 3, 4)),
            ("20250304", ("%Y%m%d",), date(2025, 3, 4)),
            ("2025-063", ("%Y-%j",), date(2025, 3, 4)),
            ("2025-03-04", ("%d/%m/%Y", "%Y-%m-%d"), date(2025, 3, 4)),
        ],
    )
    def test_counts(self, text: str, patterns: tuple[str, ...], day: date) -> None:
        found = moment_in(text, patterns)
        assert isinstance(found, Moment)
        assert (local_day(found.at), found.only_day) == (day, True)

    @pytest.mark.parametrize(
        ("text", "moment"),
        [("03/04/2025 09:05 PM", at(2025, 3, 4, 21, 5)), ("03/04/2025 12:05 am", at(2025, 3, 4, 0, 5))],
    )
    def test_with_the_clock_of_twelve_hours(self, text: str, moment: datetime) -> None:
        assert moment_in(text, MONTH_FIRST) == Moment(moment, only_day=False)

    @pytest.mark.parametrize(("text", "pattern"), [("01/01/0125", "%d/%m/%Y"), ("31/12/1899", "%d/%m/%Y")])
    def test_a_year_nobody_can_mean_is_a_slip(self, text: str, pattern: str) -> None:
        assert "1900" in str(moment_in(text, [pattern]))

    @pytest.mark.parametrize("pattern", FORMATS_TO_TRY + MONTH_FIRST)
    def test_every_format_that_is_offered_reads_its_own_example(self, pattern: str) -> None:
        assert format_problem(pattern) == ""
        found = moment_in(example_of(pattern), [pattern])
        assert isinstance(found, Moment)
        assert local_day(found.at) == date(2026, 12, 31)

    @pytest.mark.parametrize("pattern", ["%B %Y", "%H:%M %d/%m", "%d/%m/%Y %", "day", "%Y-%W", "%y%d"])
    def test_a_pattern_that_names_no_whole_day_is_refused(self, pattern: str) -> None:
        assert format_problem(pattern).endswith("Write for example %d/%m/%Y, or %Y-%m-%d %H:%M.")


class TestWhateverIsWritten:
    @given(DAYS, st.sampled_from(["%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d %B %Y", "%Y-%m-%d", "%Y/%m/%d"]))
    def test_a_day_comes_back_as_that_day(self, day: date, pattern: str) -> None:
        text = day.strftime(pattern)
        found = moment_in(text, FORMATS_TO_TRY)
        assert isinstance(found, Moment)
        assert (local_day(found.at), found.only_day) == (day, True)
        assert found.at.astimezone(LONDON).time() == time(0) or day.year < 1972, (
            "midnight, but for British summer all year"
        )

    @given(DAYS, st.times(), st.sampled_from(WITH_TIME))
    def test_a_time_comes_back_by_the_london_clock_or_is_a_sentence(self, day: date, clock: time, pattern: str) -> None:
        local = datetime.combine(day, clock.replace(microsecond=0))
        if "%S" not in pattern:
            local = local.replace(second=0)
        found = moment_in(local.strftime(pattern), [pattern])
        if isinstance(found, Moment):
            assert found.at.astimezone(LONDON).replace(tzinfo=None) == local
            assert not found.only_day
        else:
            assert "did not happen" in found or "happened twice" in found

    @given(st.text(max_size=40), st.sampled_from([DAY_FIRST, YEAR_FIRST, MONTH_FIRST]))
    def test_anything_else_is_a_sentence_and_never_an_error(self, text: str, patterns: Any) -> None:
        found = moment_in(text, patterns)
        assert isinstance(found, Moment) or found.endswith(".")
