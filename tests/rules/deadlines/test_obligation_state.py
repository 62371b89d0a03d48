"""Where an obligation stands, told from its facts, in words people use."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saferpractice.deadlines import rules
from saferpractice.deadlines.rules import ObligationState as S
from saferpractice.deadlines.rules import lateness, standing, state

pytestmark = pytest.mark.requirement("R35")

MONDAY_ENDS = rules.end_of_day(date(2026, 11, 23))
MONDAY_10AM = datetime(2026, 11, 23, 10, tzinfo=UTC)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
maybe = st.none() | moments


def november(day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("due", "met", "cancelled", "at", "expected", "sentence"),
    [
        (MONDAY_ENDS, None, None, november(22), S.OPEN, "Due by the end of Monday 23 November 2026"),
        (MONDAY_ENDS, None, None, november(23), S.DUE_TODAY, "Due by the end of today"),
        (MONDAY_ENDS, None, None, november(23, 23, 59), S.DUE_TODAY, "Due by the end of today"),
        (MONDAY_ENDS, None, None, november(24), S.LATE, "1 day late"),
        (MONDAY_ENDS, None, None, november(25), S.LATE, "2 days late"),
        (MONDAY_10AM, None, None, november(22, 23), S.OPEN, "Due by Monday 23 November 2026, 10am"),
        (MONDAY_10AM, None, None, november(23, 9), S.DUE_TODAY, "Due today by 10am"),
        (MONDAY_10AM, None, None, november(23, 10), S.DUE_TODAY, "Due today by 10am"),
        (MONDAY_10AM, None, None, november(23, 10, 1), S.LATE, "1 minute late"),
        (MONDAY_10AM, november(23, 10), None, november(30), S.MET, "Met in time on Monday 23 November 2026, 10am"),
        (
            MONDAY_10AM,
            november(23, 13),
            None,
            november(30),
            S.MET_LATE,
            "Met 3 hours late on Monday 23 November 2026, 1pm",
        ),
        (MONDAY_ENDS, None, november(23), november(30), S.CANCELLED, "Cancelled on Monday 23 November 2026, 9am"),
        (
            MONDAY_ENDS,
            None,
            november(25),
            november(30),
            S.CANCELLED,
            "Cancelled on Wednesday 25 November 2026, 9am, when it was 2 days late",
        ),
    ],
)
def test_state_and_sentence(due, met, cancelled, at, expected, sentence):
    assert state(due, met, cancelled, at) is expected
    found = standing(due, met, cancelled, at)
    assert (found.state, found.sentence, found.label) == (expected, sentence, expected.label)


def test_labels_are_words_for_a_tag():
    assert [s.label for s in S] == ["Open", "Due today", "Late", "Met", "Met late", "Cancelled"]
    assert [s.is_settled for s in S] == [False, False, False, True, True, True]


@pytest.mark.requirement("R18")
def test_the_same_day_is_in_time_to_its_last_moment_and_late_just_after():
    assert state(MONDAY_ENDS, None, None, MONDAY_ENDS) is S.DUE_TODAY
    assert state(MONDAY_ENDS, None, None, rules.late_from(MONDAY_ENDS)) is S.LATE
    assert state(MONDAY_ENDS, MONDAY_ENDS, None, november(30)) is S.MET
    assert state(MONDAY_ENDS, rules.late_from(MONDAY_ENDS), None, november(30)) is S.MET_LATE


@pytest.mark.parametrize(
    ("late_by", "words"),
    [
        (timedelta(), None),
        (timedelta(hours=-5), None),
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=59, seconds=59), "59 minutes"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=23, minutes=59), "23 hours"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=47, hours=23), "47 days"),
    ],
)
def test_lateness_after_a_moment_is_true_time_rounded_down(late_by, words):
    assert lateness(MONDAY_10AM, MONDAY_10AM + late_by) == words


def test_a_very_late_sentence_begins_with_a_capital():
    assert standing(MONDAY_10AM, None, None, MONDAY_10AM + timedelta(seconds=5)).sentence == "Less than a minute late"


@pytest.mark.parametrize(
    ("day_due", "at", "words"),
    [
        (date(2026, 3, 28), datetime(2026, 3, 29, 22, 59, tzinfo=UTC), "1 day"),  # the day of 23 hours
        (date(2026, 3, 28), datetime(2026, 3, 29, 23, 0, tzinfo=UTC), "2 days"),
        (date(2026, 10, 24), datetime(2026, 10, 25, 23, 59, tzinfo=UTC), "1 day"),  # the day of 25 hours
        (date(2026, 10, 24), datetime(2026, 10, 26, 0, 0, tzinfo=UTC), "2 days"),
        (date(2028, 2, 28), datetime(2028, 3, 1, 9, tzinfo=UTC), "2 days"),
    ],
)
def test_lateness_after_the_end_of_a_day_counts_london_days(day_due, at, words):
    assert lateness(rules.end_of_day(day_due), at) == words


def test_due_today_is_the_london_day():
    due = datetime(2026, 7, 1, 8, tzinfo=UTC)
    assert state(due, None, None, datetime(2026, 6, 30, 22, 59, tzinfo=UTC)) is S.OPEN
    assert state(due, None, None, datetime(2026, 6, 30, 23, 0, tzinfo=UTC)) is S.DUE_TODAY


class TestMetAndCancelled:
    def test_whichever_came_first_counts(self):
        assert state(MONDAY_ENDS, november(20), november(21), november(22)) is S.MET
        assert state(MONDAY_ENDS, november(21), november(20), november(22)) is S.CANCELLED
        assert standing(MONDAY_ENDS, november(21), november(20), november(22)).sentence.startswith(
            "Cancelled on Friday"
        )

    def test_together_it_is_met(self):
        assert state(MONDAY_ENDS, november(20), november(20), november(22)) is S.MET

    def test_work_done_late_stays_visible_when_it_is_cancelled_afterwards(self):
        assert state(MONDAY_ENDS, november(25), november(26), november(27)) is S.MET_LATE


@settings(deadline=None)
@given(moments, maybe, maybe, moments, moments)
def test_what_is_settled_does_not_move_with_the_clock(due, met, cancelled, one, other):
    first = standing(due, met, cancelled, one)
    assert first.state.is_settled is (met is not None or cancelled is not None)
    if first.state.is_settled:
        assert standing(due, met, cancelled, other) == first


@settings(deadline=None)
@given(moments, maybe, maybe, moments)
def test_words_and_state_agree(due, met, cancelled, at):
    found = standing(due, met, cancelled, at)
    assert ("late" in found.sentence.split()) is (
        found.state in {S.LATE, S.MET_LATE} or (found.state is S.CANCELLED and cancelled > due)
    )
    assert "None" not in found.sentence
    assert found.sentence[0].isdigit() or found.sentence[0].isupper()


@settings(deadline=None)
@given(moments, st.lists(moments, min_size=2, max_size=6))
def test_an_unmet_obligation_only_moves_towards_late_as_time_passes(due, times):
    order = [S.OPEN, S.DUE_TODAY, S.LATE]
    seen = [order.index(state(due, None, None, at)) for at in sorted(times)]
    assert seen == sorted(seen)


@pytest.mark.parametrize("position", range(4))
def test_a_moment_without_a_time_zone_is_refused(position):
    facts = [MONDAY_ENDS, november(20), november(21), november(22)]
    facts[position] = facts[position].replace(tzinfo=None)
    with pytest.raises(ValueError, match="has no time zone"):
        state(*facts)
