"""When deadlines fall: cases worked by hand, and every rule against a slow count of days and minutes."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from saferpractice.deadlines import rules
from saferpractice.deadlines.rules import (
    ENGLAND,
    SAME_DAY_ALWAYS,
    Calendar,
    CalendarError,
    OutOfHours,
    Timescale,
    TimescaleError,
    TimescaleKind,
    due_at,
)

pytestmark = pytest.mark.requirement("R35")

LONDON = ZoneInfo("Europe/London")
EVENING = OutOfHours(after=time(20), due_by=time(10))
EVERY_KIND = [
    rules.same_day(),
    rules.clock_hours(1),
    rules.clock_hours(72),
    rules.working_hours(4),
    rules.working_days(1),
    rules.working_days(10),
    rules.calendar_days(1),
    rules.calendar_days(28),
    rules.weeks(1),
    rules.on_date(date(2030, 6, 1)),
]
CHANGES = [
    datetime(year, month, day, 1, tzinfo=UTC)
    for year in range(2024, 2036)
    for month in (3, 10)
    for day in range(25, 32)
    if date(year, month, day).weekday() == 6
]
"""Every clock change from 2024 to 2035: the last Sundays of March and October, 01:00 UTC."""

start_minutes = st.integers(0, 12 * 366 * 24 * 60).map(
    lambda m: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=m)
)
near_changes = st.builds(
    lambda change, m: change + timedelta(minutes=m), st.sampled_from(CHANGES), st.integers(-3 * 1440, 3 * 1440)
)
starts = start_minutes | near_changes
timescales = st.sampled_from(EVERY_KIND) | st.builds(
    Timescale, st.sampled_from(sorted(rules.LARGEST_AMOUNT)), st.integers(1, 40)
)
evening_rules = st.just(SAME_DAY_ALWAYS) | st.builds(OutOfHours, st.times(), st.times())
providers = st.builds(
    lambda off, weekdays: Calendar(days_off=off, weekdays=weekdays),
    st.frozensets(st.dates(date(2024, 1, 1), date(2035, 12, 31)), max_size=20),
    st.frozensets(st.integers(0, 6), min_size=1),
)


def london(*parts: int, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=LONDON, fold=fold).astimezone(UTC)


def end_of(*parts: int) -> datetime:
    return london(*parts) + timedelta(hours=24)


# The slow reference: no arithmetic on local times, only looking at the clock on the wall, step by step.


def wall(at: datetime) -> datetime:
    return at.astimezone(LONDON)


def slow_end_of_day(day: date) -> datetime:
    at = datetime(day.year, day.month, day.day, 20, tzinfo=UTC)
    while wall(at).date() == day:
        at += timedelta(minutes=1)
    return at


def slow_days(opened: datetime, amount: int, counts) -> datetime:
    day = wall(opened).date()
    while amount:
        day += timedelta(days=1)
        amount -= 1 if counts(day) else 0
    return slow_end_of_day(day)


def slow_working_hours(opened: datetime, amount: int, calendar: Calendar) -> datetime:
    at, left = opened, amount * 60
    while left:
        clock = wall(at).time()
        before_close = calendar.closes == time() or clock < calendar.closes
        if calendar.is_working_day(wall(at).date()) and calendar.opens <= clock and before_close:
            left -= 1
        at += timedelta(minutes=1)
    return at


def slow_due_at(opened: datetime, timescale: Timescale, calendar: Calendar) -> datetime:
    match timescale.kind:
        case TimescaleKind.SAME_DAY:
            return slow_end_of_day(wall(opened).date())
        case TimescaleKind.CLOCK_HOURS:
            return datetime.fromtimestamp(opened.timestamp() + 3600 * timescale.amount, tz=UTC)
        case TimescaleKind.WORKING_HOURS:
            return slow_working_hours(opened, timescale.amount, calendar)
        case TimescaleKind.WORKING_DAYS:
            return slow_days(opened, timescale.amount, calendar.is_working_day)
        case TimescaleKind.CALENDAR_DAYS:
            return slow_days(opened, timescale.amount, lambda day: True)
        case TimescaleKind.WEEKS:
            return slow_days(opened, 7 * timescale.amount, lambda day: True)
        case TimescaleKind.ON_DATE:
            return max(opened, slow_end_of_day(timescale.on))


class TestAgainstASlowCount:
    @settings(deadline=None, max_examples=300)
    @given(starts, timescales.filter(lambda t: t.kind is not TimescaleKind.WORKING_HOURS), providers)
    def test_days_and_clock_hours(self, opened, timescale, calendar):
        assert due_at(opened, timescale, calendar) == slow_due_at(opened, timescale, calendar)

    @settings(deadline=None, max_examples=60)
    @given(starts, st.integers(1, 16))
    def test_working_hours(self, opened, hours):
        assert due_at(opened, rules.working_hours(hours), ENGLAND) == slow_working_hours(opened, hours, ENGLAND)

    @settings(deadline=None, max_examples=60)
    @given(near_changes, st.integers(1, 30), st.sampled_from([(0, 6), (0, 0), (2, 3), (22, 0), (0, 1)]))
    def test_working_hours_at_night_over_both_clock_changes(self, opened, hours, window):
        nights = Calendar(weekdays=frozenset(range(7)), opens=time(window[0]), closes=time(window[1]))
        assert due_at(opened, rules.working_hours(hours), nights) == slow_working_hours(opened, hours, nights)


class TestWhateverTheStart:
    @settings(deadline=None, max_examples=300)
    @given(starts, timescales, evening_rules)
    @example(london(2026, 10, 25, 1, 30, fold=1), rules.same_day(), OutOfHours(time(1, 15), time(1, 30)))
    def test_due_is_in_utc_and_never_before_the_start(self, opened, timescale, evening):
        due = due_at(opened, timescale, ENGLAND, evening)
        assert due.tzinfo is UTC
        assert due >= opened
        if timescale.kind is not TimescaleKind.ON_DATE:
            assert due > opened

    @settings(deadline=None)
    @given(starts, timescales, st.integers(-14, 14))
    def test_the_same_moment_written_in_another_zone_gives_the_same_deadline(self, opened, timescale, offset):
        elsewhere = opened.astimezone(timezone(timedelta(hours=offset)))
        assert due_at(elsewhere, timescale, ENGLAND) == due_at(opened, timescale, ENGLAND)
        assert due_at(opened.astimezone(LONDON), timescale, ENGLAND) == due_at(opened, timescale, ENGLAND)

    @settings(deadline=None)
    @given(starts, starts, timescales)
    def test_what_is_asked_later_is_never_due_earlier(self, one, other, timescale):
        earlier, later = sorted((one, other))
        assert due_at(earlier, timescale, ENGLAND) <= due_at(later, timescale, ENGLAND)

    @settings(deadline=None)
    @given(near_changes, st.integers(0, 300), timescales)
    def test_nor_when_the_two_lie_either_side_of_a_clock_change(self, earlier, minutes, timescale):
        later = earlier + timedelta(minutes=minutes)
        assert due_at(earlier, timescale, ENGLAND) <= due_at(later, timescale, ENGLAND)

    @settings(deadline=None)
    @given(starts, st.sampled_from(sorted(rules.LARGEST_AMOUNT)), st.integers(1, 30))
    def test_a_longer_timescale_is_never_due_earlier(self, opened, kind, amount):
        shorter = due_at(opened, Timescale(kind, amount), ENGLAND)
        assert shorter < due_at(opened, Timescale(kind, amount + 1), ENGLAND)

    @settings(deadline=None)
    @given(starts, timescales, st.frozensets(st.dates(date(2024, 1, 1), date(2035, 12, 31)), max_size=30))
    def test_a_day_off_announced_late_never_brings_a_deadline_forward(self, opened, timescale, days_off):
        assert due_at(opened, timescale, Calendar(days_off=days_off)) >= due_at(opened, timescale, ENGLAND)

    @settings(deadline=None)
    @given(starts, timescales.filter(lambda t: not t.counts_hours))
    def test_deadlines_counted_in_days_fall_at_london_midnight(self, opened, timescale):
        due = due_at(opened, timescale, ENGLAND)
        assert wall(due).time() == time() or due == opened

    @pytest.mark.parametrize("timescale", EVERY_KIND[:-1], ids=lambda t: t.sentence)
    def test_every_quarter_hour_around_every_clock_change(self, timescale):
        last = None
        for change in CHANGES:
            for quarter in range(-4 * 30, 4 * 30):
                opened = change + timedelta(minutes=15 * quarter)
                due = due_at(opened, timescale, ENGLAND)
                assert due > opened
                assert last is None or due >= last
                last = due

    @pytest.mark.parametrize("timescale", EVERY_KIND[:-1], ids=lambda t: t.sentence)
    def test_every_midday_from_2024_to_2035(self, timescale):
        opened, last = datetime(2024, 1, 1, 12, tzinfo=UTC), None
        while opened.year < 2036:
            due = due_at(opened, timescale, ENGLAND)
            assert due > opened
            assert last is None or due >= last
            opened, last = opened + timedelta(days=1), due


@pytest.mark.requirement("R18")
class TestTheSameDay:
    @pytest.mark.parametrize(
        ("opened", "due"),
        [
            (london(2026, 11, 23, 2, 5), london(2026, 11, 24)),
            (london(2026, 11, 23, 0, 0), london(2026, 11, 24)),
            (london(2026, 11, 23, 23, 59), london(2026, 11, 24)),
            (london(2026, 7, 1, 0, 30), london(2026, 7, 2)),  # still 30 June in UTC
            (london(2026, 6, 30, 23, 30), london(2026, 7, 1)),
            (london(2026, 3, 29, 0, 30), london(2026, 3, 30)),
            (london(2026, 10, 25, 1, 30), london(2026, 10, 26)),
            (london(2026, 10, 25, 1, 30, fold=1), london(2026, 10, 26)),
            (london(2027, 12, 25, 9, 0), london(2027, 12, 26)),  # Christmas Day, a Saturday
            (london(2028, 2, 29, 9, 0), london(2028, 3, 1)),
        ],
    )
    def test_it_is_due_at_the_midnight_that_ends_the_day(self, opened, due):
        assert due_at(opened, rules.same_day(), ENGLAND) == due

    @pytest.mark.parametrize(("day", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25), ((2026, 11, 23), 24)])
    def test_the_day_is_as_long_as_the_clocks_make_it(self, day, hours):
        opened = london(*day)
        assert due_at(opened, rules.same_day(), ENGLAND) - opened == timedelta(hours=hours)

    def test_out_of_hours_it_stays_the_same_day_unless_the_provider_says_otherwise(self):
        opened = london(2026, 11, 23, 23, 30)
        assert due_at(opened, rules.same_day(), ENGLAND) == london(2026, 11, 24)
        assert due_at(opened, rules.same_day(), ENGLAND, EVENING) == london(2026, 11, 24, 10)

    @pytest.mark.parametrize(
        ("opened", "due"),
        [
            (london(2026, 11, 23, 19, 59), london(2026, 11, 24)),
            (london(2026, 11, 23, 20, 0), london(2026, 11, 24, 10)),
            (london(2026, 11, 24, 0, 0), london(2026, 11, 25)),  # a new day begins
            (london(2026, 11, 27, 22, 0), london(2026, 11, 28, 10)),  # Friday night is not left until Monday
            (london(2027, 12, 24, 22, 0), london(2027, 12, 25, 10)),  # nor until after Christmas
            (london(2026, 3, 28, 22, 0), london(2026, 3, 29, 10)),
            (london(2026, 10, 24, 22, 0), london(2026, 10, 25, 10)),
        ],
    )
    def test_the_next_morning_rule(self, opened, due):
        assert due_at(opened, rules.same_day(), ENGLAND, EVENING) == due

    @pytest.mark.parametrize(
        ("opened", "due"),
        [
            (london(2026, 3, 28, 22, 0), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),  # 1:30am never comes
            (london(2026, 10, 24, 22, 0), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # the first of two
        ],
    )
    def test_a_morning_in_the_hour_of_a_clock_change_is_the_earlier_moment(self, opened, due):
        assert due_at(opened, rules.same_day(), ENGLAND, OutOfHours(time(20), time(1, 30))) == due

    @given(starts, timescales.filter(lambda t: t.kind is not TimescaleKind.SAME_DAY), evening_rules)
    @settings(deadline=None)
    def test_the_evening_rule_touches_nothing_else(self, opened, timescale, evening):
        assert due_at(opened, timescale, ENGLAND, evening) == due_at(opened, timescale, ENGLAND)

    def test_the_rule_in_words(self):
        assert SAME_DAY_ALWAYS.sentence == "The same day stays the same day at any hour."
        assert EVENING.sentence == "From 20:00 it is due by 10:00 on the next day."

    @pytest.mark.parametrize("times", [(time(20), None), (None, time(10))])
    def test_half_a_rule_is_refused(self, times):
        with pytest.raises(TimescaleError, match="Give both times"):
            OutOfHours(*times)

    def test_a_rule_with_a_time_zone_is_refused(self):
        with pytest.raises(TimescaleError, match="they are London time"):
            OutOfHours(time(20, tzinfo=UTC), time(10, tzinfo=UTC))


class TestClockHours:
    @pytest.mark.parametrize(
        ("opened", "due"),
        [
            (london(2026, 3, 28, 9, 0), london(2026, 3, 29, 10, 0)),
            (london(2026, 10, 24, 9, 0), london(2026, 10, 25, 8, 0)),
            (london(2026, 11, 23, 9, 0), london(2026, 11, 24, 9, 0)),
            (london(2028, 2, 28, 9, 0), london(2028, 2, 29, 9, 0)),
        ],
    )
    def test_24_hours_are_24_true_hours(self, opened, due):
        assert due_at(opened, rules.clock_hours(24), ENGLAND) == due

    def test_one_hour_into_the_repeated_hour_is_its_second_time(self):
        first = london(2026, 10, 25, 1, 30)
        assert due_at(first, rules.clock_hours(1), ENGLAND) == london(2026, 10, 25, 1, 30, fold=1)

    def test_72_hours_from_friday_end_on_monday_and_are_not_3_working_days(self):
        friday = london(2026, 11, 27, 16, 0)
        assert due_at(friday, rules.clock_hours(72), ENGLAND) == london(2026, 11, 30, 16, 0)
        assert due_at(friday, rules.working_days(3), ENGLAND) == end_of(2026, 12, 2)


class TestWorkingHours:
    @pytest.mark.parametrize(
        ("opened", "hours", "due"),
        [
            (london(2026, 11, 23, 10, 0), 4, london(2026, 11, 23, 14, 0)),
            (london(2026, 11, 23, 13, 0), 4, london(2026, 11, 23, 17, 0)),  # to the minute of closing
            (london(2026, 11, 23, 13, 1), 4, london(2026, 11, 24, 9, 1)),
            (london(2026, 11, 23, 6, 0), 4, london(2026, 11, 23, 13, 0)),
            (london(2026, 11, 23, 17, 0), 4, london(2026, 11, 24, 13, 0)),
            (london(2026, 11, 23, 23, 59), 4, london(2026, 11, 24, 13, 0)),
            (london(2026, 11, 27, 16, 0), 4, london(2026, 11, 30, 12, 0)),  # over a weekend
            (london(2026, 11, 28, 11, 0), 4, london(2026, 11, 30, 13, 0)),  # asked on Saturday
            (london(2026, 12, 24, 16, 0), 4, london(2026, 12, 29, 12, 0)),  # Christmas and its substitute
            (london(2026, 11, 23, 9, 0), 8, london(2026, 11, 23, 17, 0)),
            (london(2026, 11, 23, 9, 0), 9, london(2026, 11, 24, 10, 0)),
            (london(2026, 3, 27, 16, 0), 2, london(2026, 3, 30, 10, 0)),  # the clocks went forward between
            (london(2026, 10, 23, 16, 0), 2, london(2026, 10, 26, 10, 0)),  # and back
        ],
    )
    def test_only_time_at_work_counts(self, opened, hours, due):
        assert due_at(opened, rules.working_hours(hours), ENGLAND) == due

    def test_a_provider_with_its_own_hours(self):
        long_days = Calendar(opens=time(8), closes=time(20), weekdays=frozenset(range(7)))
        assert due_at(london(2026, 11, 28, 19, 0), rules.working_hours(2), long_days) == london(2026, 11, 29, 9, 0)

    @pytest.mark.parametrize(
        ("opened", "due"),
        [
            (london(2026, 3, 29, 0, 0), london(2026, 3, 29, 5, 0)),
            (london(2026, 10, 25, 0, 0), london(2026, 10, 25, 3, 0)),
        ],
    )
    def test_four_hours_of_night_work_are_true_hours(self, opened, due):
        nights = Calendar(weekdays=frozenset(range(7)), opens=time(), closes=time(6))
        assert due_at(opened, rules.working_hours(4), nights) == due

    def test_working_hours_inside_the_hour_that_never_happens_are_made_up_next_day(self):
        odd = Calendar(weekdays=frozenset(range(7)), opens=time(1, 10), closes=time(1, 50))
        # 29 March has none of its 40 minutes, so the hour is 40 minutes on the 30th and 20 on the 31st.
        due = due_at(london(2026, 3, 29, 0, 0), rules.working_hours(1), odd)
        assert due == london(2026, 3, 31, 1, 30)


class TestWorkingDays:
    @pytest.mark.parametrize(
        ("opened", "days", "due"),
        [
            (london(2026, 11, 23, 9, 0), 1, end_of(2026, 11, 24)),
            (london(2026, 11, 23, 0, 0), 1, end_of(2026, 11, 24)),
            (london(2026, 11, 23, 23, 59), 1, end_of(2026, 11, 24)),  # the hour of asking makes no difference
            (london(2026, 11, 23, 9, 0), 10, end_of(2026, 12, 7)),
            (london(2026, 11, 27, 16, 0), 1, end_of(2026, 11, 30)),
            (london(2026, 11, 28, 9, 0), 1, end_of(2026, 11, 30)),  # asked on Saturday: Monday is the first
            (london(2026, 11, 29, 9, 0), 1, end_of(2026, 11, 30)),
            (london(2026, 12, 24, 9, 0), 1, end_of(2026, 12, 29)),
            (london(2027, 12, 24, 9, 0), 1, end_of(2027, 12, 29)),  # 27 and 28 December 2027 are substitutes
            (london(2027, 12, 27, 9, 0), 1, end_of(2027, 12, 29)),
            (london(2027, 12, 24, 9, 0), 4, end_of(2028, 1, 4)),  # 3 January 2028 too
            (london(2026, 4, 2, 9, 0), 1, end_of(2026, 4, 7)),  # Easter
            (london(2028, 2, 28, 9, 0), 1, end_of(2028, 2, 29)),
            (london(2028, 2, 29, 9, 0), 1, end_of(2028, 3, 1)),
            (london(2026, 3, 27, 9, 0), 1, london(2026, 3, 31)),  # over the clocks going forward
            (london(2026, 10, 23, 9, 0), 1, london(2026, 10, 27)),  # and back
            (london(2026, 7, 1, 0, 30), 1, london(2026, 7, 3)),  # still 30 June in UTC
        ],
    )
    def test_whole_working_days_after_the_day_of_asking(self, opened, days, due):
        assert due_at(opened, rules.working_days(days), ENGLAND) == due

    def test_a_providers_extra_day_off_does_not_count(self):
        closed = Calendar(days_off=frozenset({date(2026, 11, 24)}))
        assert due_at(london(2026, 11, 23, 9), rules.working_days(1), closed) == end_of(2026, 11, 25)

    def test_a_deadline_beyond_the_known_bank_holidays_is_refused(self):
        with pytest.raises(CalendarError, match="not for 2101"):
            due_at(london(2100, 12, 20, 9), rules.working_days(20), ENGLAND)


class TestDaysWeeksAndDates:
    @pytest.mark.parametrize(
        ("opened", "timescale", "due"),
        [
            (london(2026, 11, 27, 9), rules.calendar_days(1), end_of(2026, 11, 28)),
            (london(2026, 3, 28, 23, 59), rules.calendar_days(1), london(2026, 3, 30)),
            (london(2026, 10, 24, 9), rules.calendar_days(1), london(2026, 10, 26)),
            (london(2026, 12, 24, 9), rules.calendar_days(1), end_of(2026, 12, 25)),  # bank holidays count
            (london(2028, 2, 1, 9), rules.calendar_days(28), end_of(2028, 2, 29)),
            (london(2026, 11, 23, 9), rules.weeks(1), end_of(2026, 11, 30)),
            (london(2026, 3, 25, 9), rules.weeks(1), london(2026, 4, 2)),
            (london(2026, 11, 23, 9), rules.on_date(date(2026, 12, 1)), end_of(2026, 12, 1)),
            (london(2026, 11, 23, 9), rules.on_date(date(2026, 11, 23)), end_of(2026, 11, 23)),
        ],
    )
    def test_they_end_with_the_day(self, opened, timescale, due):
        assert due_at(opened, timescale, ENGLAND) == due

    def test_a_date_already_past_is_due_from_the_start(self):
        opened = london(2026, 11, 23, 9)
        assert due_at(opened, rules.on_date(date(2026, 11, 22)), ENGLAND) == opened

    @settings(deadline=None)
    @given(starts, st.integers(1, 52))
    def test_a_week_is_seven_days(self, opened, amount):
        week, days = rules.weeks(amount), rules.calendar_days(7 * amount)
        assert due_at(opened, week, ENGLAND) == due_at(opened, days, ENGLAND)


@pytest.mark.parametrize("timescale", EVERY_KIND, ids=lambda t: t.sentence)
def test_a_start_without_a_time_zone_is_refused(timescale):
    with pytest.raises(ValueError, match="has no time zone"):
        due_at(datetime(2026, 11, 23, 9), timescale, ENGLAND)  # noqa: DTZ001
