"""Both nights on which the clocks change, minute by minute, year after year: read once, refused, or named by a zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.deadlines.rules import local_day
from saferpractice.exchange.example.moments import WEEKDAYS, Calendar
from saferpractice.exchange.rules.moments import Moment, moment_in

pytestmark = pytest.mark.requirement("R6")

FORWARD = [date(2024, 3, 31), date(2025, 3, 30), date(2026, 3, 29), date(2027, 3, 28), date(2028, 3, 26)]
BACK = [date(2024, 10, 27), date(2025, 10, 26), date(2026, 10, 25), date(2027, 10, 31), date(2028, 10, 29)]
MINUTE = timedelta(minutes=1)


def of_the_night(day: date) -> dict[time, Moment | str]:
    """What becomes of each minute from eleven the evening before until four in the morning."""
    begins = datetime.combine(day, time()) - timedelta(hours=1)
    minutes = [begins + number * MINUTE for number in range(5 * 60)]
    return {one.time(): moment_in(f"{one:%d/%m/%Y %H:%M}", ["%d/%m/%Y %H:%M"]) for one in minutes}


class TestMinuteByMinute:
    @pytest.mark.parametrize("day", FORWARD + BACK, ids=str)
    def test_one_hour_is_refused_and_no_other_minute(self, day: date) -> None:
        refused = [clock for clock, found in of_the_night(day).items() if isinstance(found, str)]
        assert refused == [time(1, minute) for minute in range(60)]

    @pytest.mark.parametrize("day", FORWARD, ids=str)
    def test_in_spring_the_minutes_around_it_touch(self, day: date) -> None:
        read = [found.at for found in of_the_night(day).values() if isinstance(found, Moment)]
        assert {later - earlier for earlier, later in pairwise(read)} == {MINUTE}

    @pytest.mark.parametrize("day", BACK, ids=str)
    def test_in_autumn_two_hours_lie_between_them(self, day: date) -> None:
        read = [found.at for found in of_the_night(day).values() if isinstance(found, Moment)]
        gaps = [later - earlier for earlier, later in pairwise(read) if later - earlier != MINUTE]
        assert gaps == [timedelta(hours=2) + MINUTE]

    @pytest.mark.parametrize("day", FORWARD + BACK, ids=str)
    def test_with_the_zone_every_minute_of_the_day_is_read_in_order(self, day: date) -> None:
        begins = datetime.combine(day, time(), tzinfo=UTC) - timedelta(hours=1)
        instants = [begins + number * 7 * MINUTE for number in range(200)]
        texts = [f"{one.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z" for one in instants]
        assert [moment_in(text, ["%Y-%m-%dT%H:%M:%S%z"]) for text in texts] == [
            Moment(one, only_day=False) for one in instants
        ]

    @pytest.mark.parametrize("day", FORWARD + BACK, ids=str)
    @pytest.mark.parametrize("pattern", ["%d/%m/%Y", "%Y-%m-%d", "%d %B %Y"])
    def test_a_day_alone_is_never_refused(self, day: date, pattern: str) -> None:
        found = moment_in(day.strftime(pattern), [pattern])
        assert isinstance(found, Moment)
        assert (local_day(found.at), local_day(found.at - MINUTE)) == (day, day - timedelta(days=1))

    @given(st.datetimes(datetime(1990, 1, 1), datetime(2037, 1, 1)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001 (naive by contract)
    def test_one_instant_is_one_moment_whichever_zone_it_is_written_in(self, at: datetime, offset: int) -> None:
        instant = at.replace(microsecond=0, tzinfo=UTC)
        shown = (instant + timedelta(minutes=offset)).replace(tzinfo=None)
        sign, (hours, minutes) = "-" if offset < 0 else "+", divmod(abs(offset), 60)
        text = f"{shown:%Y-%m-%dT%H:%M:%S}{sign}{hours:02}:{minutes:02}"
        assert moment_in(text, ["%Y-%m-%dT%H:%M:%S%z"]) == Moment(instant, only_day=False)


class TestDayAndMonth:
    """The mistake nobody sees: the fourth of March read as the third of April."""

    @given(st.dates(date(1950, 1, 1), date(2049, 12, 31)))
    def test_what_could_be_read_either_way_is_read_as_the_mapping_says(self, day: date) -> None:
        if day.day > 12:
            assert isinstance(moment_in(f"{day:%m/%d/%Y}", ["%d/%m/%Y"]), str), "refused and never turned round"
            return
        british, american = (moment_in(f"{day:%d/%m/%Y}", [way]) for way in ("%d/%m/%Y", "%m/%d/%Y"))
        assert isinstance(british, Moment)
        assert isinstance(american, Moment)
        assert local_day(british.at) == day
        assert local_day(american.at) == date(day.year, day.day, day.month)

    @pytest.mark.parametrize(
        ("text", "patterns", "day"),
        [
            ("04/03/2025", ["%d/%m/%Y", "%m/%d/%Y"], date(2025, 3, 4)),
            ("04/03/2025", ["%m/%d/%Y", "%d/%m/%Y"], date(2025, 4, 3)),
            ("25/03/2025", ["%m/%d/%Y", "%d/%m/%Y"], date(2025, 3, 25)),
            ("20250304", ["%d%m%Y", "%Y%m%d"], date(2025, 3, 4)),
            ("04/03/25", ["%d/%m/%Y", "%d/%m/%y"], date(2025, 3, 4)),
        ],
    )
    def test_the_first_way_that_fits_counts(self, text: str, patterns: list[str], day: date) -> None:
        found = moment_in(text, patterns)
        assert isinstance(found, Moment), found
        assert local_day(found.at) == day

    @pytest.mark.parametrize("text", ["04/03/0025", "04/03/1025", "31/12/1899"])
    def test_a_year_nobody_can_mean_stops_there_and_tries_no_other_way(self, text: str) -> None:
        assert moment_in(text, ["%d/%m/%Y", "%m/%d/%Y"]) == "Write a year that has passed since 1900."


class TestTheExampleLoadedOnSuchADay:
    """The example may be loaded on any day: also then every moment of it exists, in the order it was written."""

    @pytest.mark.parametrize("day", FORWARD + BACK, ids=str)
    @pytest.mark.parametrize("hour", [0, 1, 2, 12, 22])
    def test_a_moment_told_in_days_falls_on_its_london_day(self, day: date, hour: int) -> None:
        calendar = Calendar(datetime.combine(day + timedelta(days=1), time(hour), tzinfo=UTC))
        for clock in ("00:00", "01:30", "02:00", "23:59"):
            back = (calendar.today - day).days
            moment = calendar.moment(f"d-{back} {clock}")
            assert local_day(moment) == day
            assert moment < calendar.loaded_at

    @pytest.mark.parametrize("day", FORWARD + BACK, ids=str)
    def test_the_clocks_of_that_day_keep_their_order(self, day: date) -> None:
        calendar = Calendar(datetime.combine(day + timedelta(days=3), time(12), tzinfo=UTC))
        clocks = [f"{hour:02}:{minute:02}" for hour in range(24) for minute in (0, 30)]
        moments = [calendar.moment(f"d-3 {clock}") for clock in clocks]
        assert moments == sorted(moments)

    @pytest.mark.parametrize(
        ("loaded", "text", "hours"),
        [
            (datetime(2026, 3, 29, 3, tzinfo=UTC), "now-6h", 6),
            (datetime(2026, 10, 25, 3, tzinfo=UTC), "now-6h", 6),
            (datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "now-45m", 0.75),
            (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "now-45m", 0.75),
        ],
    )
    def test_hours_before_now_are_true_hours(self, loaded: datetime, text: str, hours: float) -> None:
        assert loaded - Calendar(loaded).moment(text) == timedelta(hours=hours)

    @given(st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)), st.integers(1, 60), st.sampled_from(WEEKDAYS))  # noqa: DTZ001 - the zone is put on below
    def test_weeks_are_counted_from_the_monday_of_the_london_week(
        self, loaded: datetime, weeks: int, weekday: str
    ) -> None:
        calendar = Calendar(loaded.replace(tzinfo=UTC))
        back, ahead = calendar.day(f"w-{weeks} {weekday}"), calendar.day(f"w+{weeks} {weekday}")
        assert ahead - back == timedelta(weeks=2 * weeks)
        assert back < calendar.today - timedelta(days=calendar.today.weekday()) <= calendar.today < ahead

    @given(st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)), st.integers(1, 400))  # noqa: DTZ001 - the zone is put on below
    def test_days_back_and_ahead_are_days_of_the_calendar(self, loaded: datetime, days: int) -> None:
        calendar = Calendar(loaded.replace(tzinfo=UTC))
        today = calendar.day("today")
        assert calendar.day(f"d-{days}") + timedelta(days=days) == today
        assert calendar.day(f"d+{days}") - timedelta(days=days) == today
        assert local_day(calendar.moment(f"d-{days} 12:00")) == calendar.day(f"d-{days}")
