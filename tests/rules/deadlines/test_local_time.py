"""London days and times, above all in the two nights a year when the clocks change."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saferpractice.deadlines import rules
from saferpractice.deadlines.rules.local_time import settled

pytestmark = pytest.mark.requirement("R35")

NIGHT_FORWARD = date(2026, 3, 29)
NIGHT_BACK = date(2026, 10, 25)
minutes = st.integers(0, 12 * 366 * 24 * 60).map(lambda m: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=m))


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    "call",
    [
        rules.utc,
        rules.local,
        rules.local_day,
        rules.last_day_of,
        rules.local_time_label,
        rules.time_label,
        rules.due_label,
        lambda at: rules.days_between(at, utc(2026, 1, 1)),
        lambda at: rules.days_between(utc(2026, 1, 1), at),
    ],
)
def test_a_moment_without_a_time_zone_is_refused_saying_what_to_give(call):
    with pytest.raises(ValueError, match=r"2026-11-23T02:05:00 has no time zone. Give one"):
        call(datetime(2026, 11, 23, 2, 5))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (utc(2026, 6, 30, 22, 59, 59), date(2026, 6, 30)),
        (utc(2026, 6, 30, 23, 0), date(2026, 7, 1)),  # midnight in summer time
        (utc(2026, 12, 31, 23, 59, 59), date(2026, 12, 31)),
        (utc(2027, 1, 1, 0, 0), date(2027, 1, 1)),
        (datetime(2026, 7, 1, 5, tzinfo=timezone(timedelta(hours=9))), date(2026, 6, 30)),  # typed in Tokyo
    ],
)
def test_the_local_day_is_the_london_day(at, day):
    assert rules.local_day(at) == day


@pytest.mark.parametrize(
    ("day", "ends"),
    [
        (date(2026, 11, 23), utc(2026, 11, 24, 0, 0)),
        (date(2026, 7, 1), utc(2026, 7, 1, 23, 0)),
        (date(2026, 3, 28), utc(2026, 3, 29, 0, 0)),
        (NIGHT_FORWARD, utc(2026, 3, 29, 23, 0)),  # a day of 23 hours
        (NIGHT_BACK, utc(2026, 10, 26, 0, 0)),  # a day of 25 hours
        (date(2028, 2, 28), utc(2028, 2, 29, 0, 0)),
        (date(2028, 2, 29), utc(2028, 3, 1, 0, 0)),
        (date(2026, 12, 31), utc(2027, 1, 1, 0, 0)),
    ],
)
def test_a_day_ends_at_london_midnight(day, ends):
    assert rules.end_of_day(day) == ends


@pytest.mark.parametrize(("day", "hours"), [(NIGHT_FORWARD, 23), (NIGHT_BACK, 25), (date(2026, 6, 1), 24)])
def test_days_of_a_clock_change_are_an_hour_shorter_or_longer(day, hours):
    begins = rules.end_of_day(day - timedelta(days=1))
    assert rules.elapsed(begins, rules.end_of_day(day)) == timedelta(hours=hours)


def test_elapsed_time_counts_the_repeated_hour():
    before = datetime(2026, 10, 25, 0, 30, tzinfo=rules.LONDON)
    after = datetime(2026, 10, 25, 2, 30, tzinfo=rules.LONDON)
    assert after - before == timedelta(hours=2)  # the trap: Python compares the clock faces
    assert rules.elapsed(before, after) == timedelta(hours=3)


def test_days_between_is_true_time_and_signed():
    assert rules.days_between(utc(2026, 3, 28, 9), utc(2026, 3, 29, 8)) == pytest.approx(23 / 24)
    assert rules.days_between(utc(2026, 1, 3), utc(2026, 1, 1)) == -2


def test_a_midnight_belongs_to_the_day_it_ends_when_it_is_a_deadline():
    midnight = rules.end_of_day(date(2026, 11, 23))
    assert rules.last_day_of(midnight) == date(2026, 11, 23)
    assert rules.local_day(midnight) == date(2026, 11, 24)
    assert rules.last_day_of(utc(2026, 11, 23, 10)) == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("at", "label"),
    [
        (utc(2026, 11, 23, 2, 5), "Monday 23 November 2026, 2:05am"),
        (utc(2026, 11, 3, 14, 0), "Tuesday 3 November 2026, 2pm"),
        (utc(2026, 7, 1, 11, 0), "Wednesday 1 July 2026, midday"),
        (utc(2026, 7, 1, 11, 59), "Wednesday 1 July 2026, 12:59pm"),
        (utc(2026, 6, 30, 23, 0), "Wednesday 1 July 2026, midnight"),
        (utc(2026, 6, 30, 23, 7), "Wednesday 1 July 2026, 12:07am"),
        (utc(2026, 10, 25, 0, 30), "Sunday 25 October 2026, 1:30am (BST)"),
        (utc(2026, 10, 25, 1, 30), "Sunday 25 October 2026, 1:30am (GMT)"),
        (utc(2026, 10, 24, 23, 59), "Sunday 25 October 2026, 12:59am"),
        (utc(2026, 10, 25, 2, 0), "Sunday 25 October 2026, 2am"),
        (utc(2026, 3, 29, 0, 59), "Sunday 29 March 2026, 12:59am"),
        (utc(2026, 3, 29, 1, 0), "Sunday 29 March 2026, 2am"),
    ],
)
def test_a_moment_in_words(at, label):
    assert rules.local_time_label(at) == label


def test_every_moment_of_a_clock_change_night_has_its_own_label():
    for night in (NIGHT_FORWARD, NIGHT_BACK):
        begins = rules.end_of_day(night - timedelta(days=1))
        labels = [rules.local_time_label(begins + timedelta(minutes=m)) for m in range(5 * 60)]
        assert len(set(labels)) == len(labels)


def test_a_deadline_at_midnight_is_shown_as_the_end_of_its_day():
    assert rules.due_label(rules.end_of_day(date(2026, 11, 23))) == "the end of Monday 23 November 2026"
    assert rules.due_label(utc(2026, 11, 23, 10)) == "Monday 23 November 2026, 10am"


@pytest.mark.parametrize(
    ("known", "says"),
    [
        (utc(2024, 10, 29), "Tuesday 29 October 2024"),  # a day in a file, kept as its first moment in winter
        (utc(2024, 6, 2, 23), "Monday 3 June 2024"),  # and in summer
        (utc(2024, 10, 29, 0, 1), "Tuesday 29 October 2024, 12:01am"),
        (utc(2024, 6, 3), "Monday 3 June 2024, 1am"),
    ],
)
def test_a_day_without_a_time_is_not_shown_as_a_midnight(known, says):
    assert rules.known_label(known) == says


class TestTimesTypedInAForm:
    def test_an_ordinary_time_is_one_moment(self):
        assert rules.resolve_local(date(2026, 11, 23), time(2, 5)) == utc(2026, 11, 23, 2, 5)
        assert rules.resolve_local(date(2026, 7, 1), time(0, 0)) == utc(2026, 6, 30, 23, 0)

    @pytest.mark.parametrize("occurrence", [None, *rules.Occurrence])
    @pytest.mark.parametrize("clock", [time(1, 0), time(1, 30), time(1, 59, 59, 999999), time(1, 30, fold=1)])
    def test_a_time_that_never_happened_is_told(self, clock, occurrence):
        found = rules.resolve_local(NIGHT_FORWARD, clock, occurrence)
        assert isinstance(found, rules.LocalTimeProblem)
        assert found.trouble is rules.LocalTimeTrouble.NEVER_HAPPENED
        assert found.choices == ()
        assert "did not happen on Sunday 29 March 2026: the clocks went forward from 1am to 2am" in found.sentence

    @pytest.mark.parametrize("clock", [time(0, 59, 59, 999999), time(2, 0)])
    @pytest.mark.parametrize("day", [NIGHT_FORWARD, NIGHT_BACK])
    def test_the_times_beside_a_clock_change_are_ordinary(self, day, clock):
        assert isinstance(rules.resolve_local(day, clock), datetime)

    @pytest.mark.parametrize("clock", [time(1, 0), time(1, 30), time(1, 59, 59), time(1, 30, fold=1)])
    def test_a_time_that_happened_twice_offers_both_an_hour_apart(self, clock):
        found = rules.resolve_local(NIGHT_BACK, clock)
        assert isinstance(found, rules.LocalTimeProblem)
        assert found.trouble is rules.LocalTimeTrouble.HAPPENED_TWICE
        assert "happened twice on Sunday 25 October 2026" in found.sentence
        first, second = found.choices
        assert second - first == timedelta(hours=1)
        assert rules.local(first).time() == rules.local(second).time() == clock.replace(fold=0)

    def test_saying_which_settles_it(self):
        both = rules.resolve_local(NIGHT_BACK, time(1, 30)).choices
        assert tuple(rules.resolve_local(NIGHT_BACK, time(1, 30), which) for which in rules.Occurrence) == both
        assert both == (utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 1, 30))

    def test_which_is_ignored_where_there_is_only_one(self):
        assert rules.resolve_local(date(2026, 11, 23), time(9), rules.Occurrence.SECOND) == utc(2026, 11, 23, 9)

    def test_a_time_with_a_zone_was_not_typed_by_a_person(self):
        with pytest.raises(ValueError, match="without a time zone"):
            rules.resolve_local(date(2026, 11, 23), time(9, tzinfo=UTC))

    @settings(deadline=None)
    @given(minutes)
    def test_what_a_page_shows_can_be_typed_back(self, at):
        shown = rules.local(at)
        which = rules.Occurrence.SECOND if shown.fold else rules.Occurrence.FIRST
        assert rules.resolve_local(shown.date(), shown.time().replace(fold=0), which) == at

    @settings(deadline=None)
    @given(st.dates(date(2024, 1, 1), date(2035, 12, 31)), st.times())
    def test_every_typed_time_is_a_moment_with_that_face_or_a_problem(self, day, clock):
        found = rules.resolve_local(day, clock)
        moments = [found] if isinstance(found, datetime) else list(found.choices)
        for moment in moments:
            assert rules.local(moment).replace(tzinfo=None, fold=0) == datetime.combine(day, clock)
        if not moments:
            assert (day.month, day.weekday(), clock.hour) == (3, 6, 1)


class TestTimesStatedByARule:
    @pytest.mark.parametrize(
        ("day", "clock", "moment"),
        [
            (date(2026, 7, 1), time(10), utc(2026, 7, 1, 9)),
            (NIGHT_FORWARD, time(1, 30), utc(2026, 3, 29, 1, 0)),
            (NIGHT_FORWARD, time(2, 0), utc(2026, 3, 29, 1, 0)),
            (NIGHT_BACK, time(1, 30), utc(2026, 10, 25, 0, 30)),
            (NIGHT_BACK, time(2, 0), utc(2026, 10, 25, 2, 0)),
        ],
    )
    def test_nobody_can_be_asked_so_the_earlier_moment_is_taken(self, day, clock, moment):
        assert settled(day, clock) == moment

    @settings(deadline=None)
    @given(st.dates(date(2024, 1, 1), date(2035, 12, 31)), st.times(), st.times())
    def test_order_is_kept(self, day, one, other):
        earlier, later = sorted((one, other))
        assert settled(day, earlier) <= settled(day, later)
