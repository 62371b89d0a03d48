"""Days and times as people type them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.design import moments
from saferpractice.design.moments import HappenedTwice, Unclear, moment, parse_day, parse_time
from saferpractice.design.words import LONDON

pytestmark = pytest.mark.requirement("R6")


class TestDays:
    @pytest.mark.parametrize(
        ("day", "month", "year", "expected"),
        [
            ("3", "2", "2026", date(2026, 2, 3)),
            ("03", "02", "2026", date(2026, 2, 3)),
            (" 3 ", " feb ", " 2026 ", date(2026, 2, 3)),
            ("3", "February", "2026", date(2026, 2, 3)),
            ("3", "FEB.", "2026", date(2026, 2, 3)),
            ("3", "sept", "2026", date(2026, 9, 3)),
            ("29", "2", "2024", date(2024, 2, 29)),
            ("٣", "٢", "٢٠٢٦", date(2026, 2, 3)),
            ("1", "1", "1900", date(1900, 1, 1)),
            ("31", "12", "2100", date(2100, 12, 31)),
        ],
    )
    def test_read(self, day: str, month: str, year: str, expected: date) -> None:
        assert parse_day(day, month, year) == expected

    @pytest.mark.parametrize(
        ("day", "month", "year", "text", "parts"),
        [
            ("31", "2", "2026", "Review date must be a real date", ("day", "month", "year")),
            ("29", "2", "2026", "Review date must be a real date", ("day", "month", "year")),
            ("0", "2", "2026", "Review date must be a real date", ("day", "month", "year")),
            ("32", "1", "2026", "Review date must be a real date", ("day", "month", "year")),
            ("3", "13", "2026", "Review date must be a real date", ("day", "month", "year")),
            ("3", "ju", "2026", "Review date must be a real date", ("month",)),
            ("3", "ma", "2026", "Review date must be a real date", ("month",)),
            ("3", "smarch", "2026", "Review date must be a real date", ("month",)),
            ("x", "2", "2026", "Review date must be a real date", ("day",)),
            ("-3", "2", "2026", "Review date must be a real date", ("day",)),
            ("3", "2", "26", "Year must include 4 numbers, like 2026", ("year",)),
            ("3", "2", "02026", "Year must include 4 numbers, like 2026", ("year",)),
            ("3", "2", "2o26", "Year must include 4 numbers, like 2026", ("year",)),
            ("3", "2", "0026", "Year must be between 1900 and 2100", ("year",)),
            ("3", "2", "2101", "Year must be between 1900 and 2100", ("year",)),
            ("", "2", "2026", "Review date must include a day", ("day",)),
            ("3", "", "", "Review date must include a month and a year", ("month", "year")),
            ("²", "2", "2026", "Review date must be a real date", ("day",)),
            ("3", "2", "²026", "Year must include 4 numbers, like 2026", ("year",)),
        ],
    )
    def test_unclear(self, day: str, month: str, year: str, text: str, parts: tuple[str, ...]) -> None:
        with pytest.raises(Unclear) as caught:
            parse_day(day, month, year, "Review date")
        assert (caught.value.text, caught.value.parts) == (text, parts)

    @given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
    def test_every_day_there_is(self, day: date) -> None:
        assert parse_day(str(day.day), str(day.month), str(day.year)) == day
        assert parse_day(f"{day:%d}", f"{day:%B}", str(day.year)) == day
        assert parse_day(f"{day:%d}", f"{day:%b}", str(day.year)) == day

    @given(st.text(max_size=6), st.text(max_size=6), st.text(max_size=6))
    def test_anything_else_is_unclear_and_never_a_crash(self, day: str, month: str, year: str) -> None:
        try:
            assert isinstance(parse_day(day, month, year), date)
        except Unclear as unclear:
            assert unclear.text
            assert set(unclear.parts) <= {"day", "month", "year"}


class TestTimes:
    @pytest.mark.parametrize(
        ("typed", "expected"),
        [
            ("14:30", time(14, 30)),
            ("14.30", time(14, 30)),
            ("1430", time(14, 30)),
            ("0005", time(0, 5)),
            ("9:05", time(9, 5)),
            ("2:30pm", time(14, 30)),
            ("2.30 PM", time(14, 30)),
            ("2pm", time(14, 0)),
            ("2 p.m.", time(14, 0)),
            ("12am", time(0, 0)),
            ("12pm", time(12, 0)),
            ("12:30am", time(0, 30)),
            (" Midday ", time(12, 0)),
            ("midnight", time(0, 0)),
            ("00:00", time(0, 0)),
            ("23:59", time(23, 59)),
        ],
    )
    def test_read(self, typed: str, expected: time) -> None:
        assert parse_time(typed) == expected

    @pytest.mark.parametrize(
        "typed", ["24:00", "12:60", "0am", "13pm", "half two", "2:3", "14:30:00", "1 430", "²pm", ""]
    )
    def test_unclear(self, typed: str) -> None:
        with pytest.raises(Unclear, match="Enter a time, like 14:30 or 2:30pm"):
            parse_time(typed)

    def test_an_hour_alone_could_be_morning_or_afternoon(self) -> None:
        with pytest.raises(Unclear, match="must say am or pm, or include the minutes, like 9:00"):
            parse_time("9")

    @given(st.times())
    def test_every_minute_there_is(self, at: time) -> None:
        minute = at.replace(second=0, microsecond=0)
        assert parse_time(f"{at:%H:%M}") == minute
        assert parse_time(f"{at:%I:%M%p}".lower()) == minute


FORWARD, BACK = date(2026, 3, 29), date(2026, 10, 25)


class TestClockChanges:
    def test_winter_and_summer(self) -> None:
        assert moment(date(2026, 1, 5), time(9)) == datetime(2026, 1, 5, 9, tzinfo=UTC)
        assert moment(date(2026, 7, 5), time(9)) == datetime(2026, 7, 5, 8, tzinfo=UTC)

    @pytest.mark.parametrize("at", [time(1, 0), time(1, 30), time(1, 59)])
    def test_the_hour_that_was_skipped(self, at: time) -> None:
        with pytest.raises(Unclear, match="did not happen on 29 March 2026, because the clocks went forward"):
            moment(FORWARD, at)

    def test_around_the_hour_that_was_skipped(self) -> None:
        assert moment(FORWARD, time(0, 59)) == datetime(2026, 3, 29, 0, 59, tzinfo=UTC)
        assert moment(FORWARD, time(2, 0)) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)

    @pytest.mark.parametrize("at", [time(1, 0), time(1, 30), time(1, 59)])
    def test_the_hour_that_came_twice_is_asked_about(self, at: time) -> None:
        with pytest.raises(HappenedTwice, match="happened twice on 25 October 2026, because the clocks went back"):
            moment(BACK, at)
        first, second = moment(BACK, at, "first"), moment(BACK, at, "second")
        assert second - first == timedelta(hours=1)
        assert first == datetime(2026, 10, 25, 0, at.minute, tzinfo=UTC)

    def test_an_answer_to_a_question_not_asked_changes_nothing(self) -> None:
        assert moment(date(2026, 7, 5), time(9), "second") == moment(date(2026, 7, 5), time(9))

    def test_which_times_happened_twice(self) -> None:
        assert moments.happened_twice(BACK, time(1, 30))
        assert not moments.happened_twice(BACK, time(2, 0))
        assert not moments.happened_twice(FORWARD, time(1, 30))

    def test_the_end_of_a_day_that_has_23_or_25_hours(self) -> None:
        for day in (FORWARD, BACK):
            last = moments.end_of(day).astimezone(LONDON)
            assert last.date() == day
            assert (last + timedelta(microseconds=1)).astimezone(LONDON).time() == time(0)

    @given(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)))  # noqa: DTZ001
    def test_what_london_clocks_showed(self, local: datetime) -> None:
        try:
            result = moment(local.date(), local.time())
        except Unclear:
            return
        assert result.astimezone(LONDON).replace(tzinfo=None, fold=0) == local
