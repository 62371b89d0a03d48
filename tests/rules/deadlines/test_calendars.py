"""Working days and hours, bank holidays with their substitutes, and a provider's own days."""

import json
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saferpractice.deadlines.rules import ENGLAND, NATIONS, Calendar, CalendarError, bank_holidays

pytestmark = pytest.mark.requirement("R35")

# GOV.UK, "UK bank holidays", England and Wales: the days on which nobody works, as (month, day).
GOV_UK = {
    2024: [(1, 1), (3, 29), (4, 1), (5, 6), (5, 27), (8, 26), (12, 25), (12, 26)],
    2025: [(1, 1), (4, 18), (4, 21), (5, 5), (5, 26), (8, 25), (12, 25), (12, 26)],
    2026: [(1, 1), (4, 3), (4, 6), (5, 4), (5, 25), (8, 31), (12, 25), (12, 28)],
    2027: [(1, 1), (3, 26), (3, 29), (5, 3), (5, 31), (8, 30), (12, 27), (12, 28)],
}
days = st.dates(date(2024, 1, 1), date(2035, 12, 31))
calendars = st.builds(
    lambda nation, off, worked, weekdays, edition: Calendar(nation, edition, off - worked, worked, weekdays),
    st.sampled_from(NATIONS),
    st.frozensets(days, max_size=5),
    st.frozensets(days, max_size=5),
    st.frozensets(st.integers(0, 6), min_size=1),
    st.text(max_size=10),
)


def every_day_of(year):
    return [date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]


@pytest.mark.parametrize("year", sorted(GOV_UK))
def test_england_has_the_bank_holidays_gov_uk_lists(year):
    not_worked = {d for d in every_day_of(year) if d.weekday() < 5 and not ENGLAND.is_working_day(d)}
    assert not_worked == {date(year, month, day) for month, day in GOV_UK[year]}


def test_substitutes_have_names():
    assert bank_holidays("England", 2027)[date(2027, 12, 27)] == "Christmas Day (observed)"
    assert bank_holidays("England", 2027)[date(2027, 12, 28)] == "Boxing Day (observed)"


@pytest.mark.parametrize(
    ("nation", "day", "worked"),
    [
        ("Scotland", date(2026, 1, 2), False),
        ("Scotland", date(2026, 4, 6), True),  # Easter Monday is not a bank holiday in Scotland
        ("Scotland", date(2026, 6, 15), False),  # announced once, for the World Cup
        ("England", date(2026, 6, 15), True),
        ("Northern Ireland", date(2026, 3, 17), False),
        ("England", date(2026, 3, 17), True),
        ("Wales", date(2026, 4, 6), False),
    ],
)
def test_nations_differ(nation, day, worked):
    assert Calendar(nation).is_working_day(day) is worked


@pytest.mark.parametrize("year", range(2024, 2036))
def test_no_weekend_and_no_bank_holiday_is_worked(year):
    for day in every_day_of(year):
        expected = day.weekday() < 5 and day not in bank_holidays("England", year)
        assert ENGLAND.is_working_day(day) is expected


def test_leap_days_are_ordinary_days():
    assert ENGLAND.is_working_day(date(2024, 2, 29))  # a Thursday
    assert ENGLAND.is_working_day(date(2028, 2, 29))  # a Tuesday
    assert not ENGLAND.is_working_day(date(2032, 2, 29))  # a Sunday


class TestAProvidersOwnDays:
    def test_a_day_off_is_not_worked(self):
        assert not Calendar(days_off=frozenset({date(2026, 12, 24)})).is_working_day(date(2026, 12, 24))

    def test_a_bank_holiday_that_was_moved_is_worked(self):
        moved = Calendar(days_off=frozenset({date(2026, 5, 8)}), days_worked=frozenset({date(2026, 5, 4)}))
        assert moved.is_working_day(date(2026, 5, 4))
        assert not moved.is_working_day(date(2026, 5, 8))

    def test_one_saturday_may_be_worked(self):
        assert Calendar(days_worked=frozenset({date(2026, 11, 28)})).is_working_day(date(2026, 11, 28))

    def test_a_service_may_work_every_day_of_the_week_but_not_bank_holidays(self):
        week = Calendar(weekdays=frozenset(range(7)))
        assert week.is_working_day(date(2026, 11, 29))
        assert not week.is_working_day(date(2026, 12, 25))

    def test_a_day_cannot_be_both(self):
        same = frozenset({date(2026, 12, 24)})
        with pytest.raises(CalendarError, match="2026-12-24 is both a day off and a day worked"):
            Calendar(days_off=same, days_worked=same)


class TestWorkingWindows:
    def test_an_ordinary_week(self):
        opens, closes = next(ENGLAND.working_windows_from(date(2026, 11, 23)))
        assert (opens, closes) == (datetime(2026, 11, 23, 9, tzinfo=UTC), datetime(2026, 11, 23, 17, tzinfo=UTC))

    def test_summer_time(self):
        opens, closes = next(ENGLAND.working_windows_from(date(2026, 7, 1)))
        assert (opens.hour, closes.hour) == (8, 16)

    def test_a_window_may_run_to_midnight(self):
        _, closes = next(Calendar(opens=time(8), closes=time()).working_windows_from(date(2026, 11, 23)))
        assert closes == datetime(2026, 11, 24, tzinfo=UTC)

    @pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 5), (date(2026, 10, 25), 7)])
    def test_a_night_window_is_true_time_over_a_clock_change(self, day, hours):
        nights = Calendar(weekdays=frozenset(range(7)), opens=time(), closes=time(6))
        opens, closes = next(nights.working_windows_from(day))
        assert closes - opens == timedelta(hours=hours)

    @settings(deadline=None)
    @given(calendars, days)
    def test_windows_are_in_order_and_never_overlap(self, calendar, day):
        windows = list(islice(calendar.working_windows_from(day), 5))
        moments = [moment for window in windows for moment in window]
        assert moments == sorted(moments)

    @settings(deadline=None)
    @given(calendars, days)
    def test_working_days_after_a_day_are_all_of_them(self, calendar, day):
        found = list(islice(calendar.working_days_after(day), 8))
        between = [day + timedelta(days=n) for n in range(1, (found[-1] - day).days + 1)]
        assert found == [d for d in between if calendar.is_working_day(d)]


class TestTheVersion:
    def test_it_says_where_the_days_come_from(self):
        assert ENGLAND.version.startswith("England, holidays 0.")

    def test_the_providers_own_name_for_it_is_kept(self):
        assert Calendar(edition="trust days 2026").version.startswith("England, trust days 2026, holidays 0.")

    @given(calendars, calendars)
    def test_calendars_that_differ_have_different_versions(self, one, other):
        assert (one == other) is (one.version == other.version)
        if one == other:
            assert hash(one) == hash(other)

    def test_a_calendar_can_be_a_key(self):
        assert {ENGLAND: 1}[Calendar()] == 1


class TestAsData:
    @given(calendars)
    def test_it_goes_through_json_and_back_unchanged(self, calendar):
        again = Calendar.from_data(json.loads(json.dumps(calendar.as_data())))
        assert again == calendar
        assert again.version == calendar.version

    def test_what_is_left_out_takes_its_default(self):
        assert Calendar.from_data({}) == ENGLAND
        assert Calendar.from_data({"opens": "08:30"}).opens == time(8, 30)

    @pytest.mark.parametrize(
        ("data", "says"),
        [
            ([], "A calendar is written like"),
            ({"nation": "England", "holidays": []}, "it has no holidays"),
            ({"nation": "Cornwall"}, '"Cornwall" is not a nation with bank holidays here. Choose one of: England'),
            ({"days_off": "2026-12-24"}, "Write days as a list"),
            ({"days_off": 5}, "Write days as a list"),
            ({"days_off": ["Christmas"]}, '"Christmas" is not a date'),
            ({"weekdays": []}, "Choose at least one working weekday"),
            ({"weekdays": [7]}, "from 0 (Monday) to 6 (Sunday)"),
            ({"weekdays": ["Monday"]}, "as a list of numbers"),
            ({"weekdays": "01234"}, "as a list of numbers"),
            ({"opens": "nine"}, '"nine" is not a time of day. Write hours and minutes, like 09:00.'),
            ({"opens": "09:00:30"}, "as hours and minutes"),
            ({"closes": "17:00+01:00"}, "It is London time"),
            ({"opens": "17:00", "closes": "09:00"}, "must end after they start"),
            ({"opens": "09:00", "closes": "09:00"}, "must end after they start"),
        ],
    )
    def test_bad_data_is_refused_with_what_to_write(self, data, says):
        with pytest.raises(CalendarError) as refused:
            Calendar.from_data(data)
        assert says in str(refused.value)


@pytest.mark.parametrize("year", [1989, 2101])
def test_a_year_without_known_bank_holidays_is_refused_not_taken_as_having_none(year):
    with pytest.raises(CalendarError, match=f"not for {year}. Check the date"):
        ENGLAND.is_working_day(date(year, 6, 1))
