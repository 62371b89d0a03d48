"""Who is told when something is late: each level once, in order, whatever the clock or the worker does."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saferpractice.deadlines import rules
from saferpractice.deadlines.rules import (
    DEFAULT_CHAIN,
    ENGLAND,
    Calendar,
    EscalationChain,
    EscalationError,
    EscalationStep,
    ObligationState,
    levels_due,
    next_escalation_at,
    state,
)

pytestmark = pytest.mark.requirement("R35")

DUE = datetime(2026, 11, 23, 10, tzinfo=UTC)  # a Monday
MOMENT = timedelta(microseconds=1)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
afters = st.one_of(
    st.none(),
    st.just(rules.same_day()),
    st.integers(1, 100).map(rules.clock_hours),
    st.integers(1, 20).map(rules.working_hours),
    st.integers(1, 5).map(rules.working_days),
    st.integers(1, 5).map(rules.calendar_days),
    st.integers(1, 3).map(rules.weeks),
)
chains = st.lists(afters, max_size=5).map(
    lambda found: EscalationChain(tuple(EscalationStep(n, ("owner",), after) for n, after in enumerate(found, 1)))
)


def levels(at: datetime, already: set[int] = frozenset(), chain=DEFAULT_CHAIN, due=DUE, met=None, cancelled=None):
    return [step.level for step in levels_due(due, met, cancelled, chain, at=at, already=already)]


class TestTheDefaultChain:
    def test_whom_it_tells(self):
        assert [(s.level, s.to_roles, s.sentence) for s in DEFAULT_CHAIN.steps] == [
            (1, ("owner", "duty_manager"), "As soon as it is late"),
            (2, ("safeguarding_lead",), "If it is still not done within 4 hours of being due"),
            (3, ("director",), "If it is still not done within 24 hours of being due"),
        ]

    @pytest.mark.parametrize(
        ("after_due", "expected"),
        [
            (timedelta(days=-1), []),
            (timedelta(), []),
            (MOMENT, [1]),
            (timedelta(hours=4) - MOMENT, [1]),
            (timedelta(hours=4), [1, 2]),
            (timedelta(hours=24) - MOMENT, [1, 2]),
            (timedelta(hours=24), [1, 2, 3]),
            (timedelta(days=400), [1, 2, 3]),
        ],
    )
    def test_levels_come_in_order_as_time_passes(self, after_due, expected):
        assert levels(DUE + after_due) == expected

    @pytest.mark.parametrize("already", [set(), {1}, {2}, {1, 2}, {1, 2, 3}])
    def test_what_was_raised_is_not_raised_again(self, already):
        assert levels(DUE + timedelta(days=9), already) == [n for n in (1, 2, 3) if n not in already]

    @pytest.mark.parametrize(
        ("already", "expected"),
        [
            (set(), DUE + MOMENT),
            ({1}, DUE + timedelta(hours=4)),
            ({1, 2}, DUE + timedelta(hours=24)),
            ({1, 2, 3}, None),
            ({2}, DUE + MOMENT),
        ],
    )
    def test_when_to_look_next(self, already, expected):
        assert next_escalation_at(DUE, None, None, DEFAULT_CHAIN, already=already) == expected

    @pytest.mark.parametrize("due", [datetime(2026, 3, 28, 22, tzinfo=UTC), datetime(2026, 10, 24, 22, tzinfo=UTC)])
    def test_hours_after_due_are_true_hours_over_a_clock_change(self, due):
        assert levels(due + timedelta(hours=4) - MOMENT, due=due) == [1]
        assert levels(due + timedelta(hours=4), due=due) == [1, 2]


class TestStepsCountedInDays:
    ends_monday = rules.end_of_day(date(2026, 11, 23))

    @pytest.mark.parametrize("due", [ends_monday, DUE])
    @pytest.mark.parametrize(
        ("after", "day"),
        [
            (rules.working_days(1), date(2026, 11, 24)),
            (rules.working_days(5), date(2026, 11, 30)),
            (rules.calendar_days(2), date(2026, 11, 25)),
            (rules.weeks(1), date(2026, 11, 30)),
        ],
    )
    def test_they_run_from_the_day_it_was_due(self, due, after, day):
        chain = EscalationChain((EscalationStep(1, ("owner",), after),))
        assert next_escalation_at(due, None, None, chain, already=set()) == rules.end_of_day(day)

    def test_the_same_day_is_the_day_it_was_due(self):
        chain = EscalationChain((EscalationStep(1, ("owner",), rules.same_day()),))
        assert next_escalation_at(DUE, None, None, chain, already=set()) == self.ends_monday
        assert next_escalation_at(self.ends_monday, None, None, chain, already=set()) == self.ends_monday + MOMENT
        assert chain.steps[0].sentence == "If it is still not done by the end of the day it was due"

    def test_a_step_taken_alone_never_falls_before_it_is_late(self):
        step = EscalationStep(1, ("owner",), rules.same_day())
        assert step.falls_at(self.ends_monday, ENGLAND) == self.ends_monday + MOMENT

    def test_the_providers_calendar_decides_what_a_working_day_is(self):
        chain = EscalationChain((EscalationStep(1, ("owner",), rules.working_days(1)),))
        closed = Calendar(days_off=frozenset({date(2026, 11, 24)}))
        found = next_escalation_at(DUE, None, None, chain, already=set(), calendar=closed)
        assert found == rules.end_of_day(date(2026, 11, 25))
        assert levels_due(DUE, None, None, chain, at=found - MOMENT, already=set(), calendar=closed) == ()
        assert levels_due(DUE, None, None, chain, at=found, already=set(), calendar=closed) == chain.steps

    def test_a_level_set_to_come_sooner_than_the_one_below_waits_for_it(self):
        chain = EscalationChain(
            (
                EscalationStep(1, ("owner",), rules.clock_hours(8)),
                EscalationStep(2, ("director",), rules.clock_hours(2)),
            )
        )
        assert levels(DUE + timedelta(hours=3), chain=chain) == []
        assert levels(DUE + timedelta(hours=8), chain=chain) == [1, 2]


class TestNothingIsRaised:
    @pytest.mark.parametrize("when", [DUE - timedelta(days=1), DUE, DUE + timedelta(days=2)])
    def test_for_what_is_met_or_cancelled_in_time_or_late(self, when):
        much_later = DUE + timedelta(days=30)
        assert levels(much_later, met=when) == []
        assert levels(much_later, cancelled=when) == []
        assert next_escalation_at(DUE, when, None, DEFAULT_CHAIN, already=set()) is None
        assert next_escalation_at(DUE, None, when, DEFAULT_CHAIN, already=set()) is None

    def test_by_an_empty_chain(self):
        assert levels(DUE + timedelta(days=30), chain=EscalationChain()) == []
        assert next_escalation_at(DUE, None, None, EscalationChain(), already=set()) is None


class TestWhateverHappens:
    @settings(deadline=None, max_examples=200)
    @given(moments, chains, st.lists(st.integers(-60 * 24 * 60, 60 * 24 * 60), max_size=30))
    def test_each_level_once_in_order_while_the_clock_jumps_about(self, due, chain, looks):
        raised: list[int] = []
        for minutes in looks:
            raised += levels(due + timedelta(minutes=minutes), set(raised), chain, due)
        furthest = due + timedelta(minutes=max(looks, default=0))
        assert raised == levels(furthest, set(), chain, due)
        assert raised == sorted(set(raised))

    @settings(deadline=None, max_examples=200)
    @given(moments, chains, moments, st.frozensets(st.integers(1, 5)))
    def test_the_next_moment_is_exactly_when_there_is_something_to_raise(self, due, chain, at, already):
        upcoming = next_escalation_at(due, None, None, chain, already=already)
        assert bool(levels(at, already, chain, due)) is (upcoming is not None and at >= upcoming)
        if upcoming is not None:
            assert levels(upcoming, already, chain, due)
            assert not levels(upcoming - MOMENT, already, chain, due)

    @settings(deadline=None)
    @given(moments, chains, moments)
    def test_nothing_is_raised_that_is_not_late(self, due, chain, at):
        if levels(at, set(), chain, due):
            assert state(due, None, None, at) is ObligationState.LATE

    @settings(deadline=None)
    @given(moments, chains)
    def test_a_worker_that_sleeps_until_the_next_moment_raises_every_level(self, due, chain):
        raised: list[int] = []
        while (at := next_escalation_at(due, None, None, chain, already=set(raised))) is not None:
            raised += levels(at, set(raised), chain, due)
        assert raised == [step.level for step in chain.steps]

    @settings(deadline=None)
    @given(moments, moments, moments, st.integers(0, 3))
    def test_once_met_nothing_more_is_raised(self, due, met, at, count):
        assert levels(at, set(range(1, count + 1)), due=due, met=met) == []

    @settings(deadline=None)
    @given(moments, chains, moments, moments)
    def test_a_chain_cut_short_while_levels_are_out_raises_none_twice(self, due, chain, one, other):
        before = set(levels(one, set(), chain, due))
        shorter = EscalationChain(chain.steps[:1])
        assert not before & set(levels(other, before, shorter, due))


class TestAsData:
    @given(chains)
    def test_it_goes_through_json_and_back_unchanged(self, chain):
        assert EscalationChain.from_data(json.loads(json.dumps(chain.as_data()))) == chain

    def test_a_level_without_after_comes_as_soon_as_late(self):
        chain = EscalationChain.from_data([{"level": 1, "to_roles": ["duty_manager"]}])
        assert chain.steps[0].after is None

    @pytest.mark.parametrize(
        ("data", "says"),
        [
            (None, "is a list of levels"),
            ({"level": 1}, "is a list of levels"),
            (["duty_manager"], "Write an escalation level like"),
            ([{"level": 1, "to_role": "owner"}], "Write an escalation level like"),
            ([{"level": 1, "to_roles": "owner"}], "Write an escalation level like"),
            ([{"to_roles": ["owner"]}], "Write an escalation level like"),
            ([{"level": 0, "to_roles": ["owner"]}], "numbered from 1"),
            ([{"level": True, "to_roles": ["owner"]}], "numbered from 1"),
            ([{"level": 1, "to_roles": []}], "Say who is told at level 1"),
            ([{"level": 1, "to_roles": [""]}], "Say who is told at level 1"),
            ([{"level": 1, "to_roles": [7]}], "Say who is told at level 1"),
            ([{"level": 1, "to_roles": ["owner", "owner"]}], "names the same role twice"),
            (
                [{"level": 2, "to_roles": ["owner"], "after": {"kind": "weeks"}}],
                'Level 2: "weeks" needs a whole number',
            ),
            ([{"level": 1, "to_roles": ["owner"], "after": {"kind": "on_date", "on": "2026-11-23"}}], "not a date"),
            ([{"level": 2, "to_roles": ["owner"]}, {"level": 1, "to_roles": ["owner"]}], "upwards, each number once"),
            (
                [{"level": 1, "to_roles": ["owner"]}, {"level": 1, "to_roles": ["director"]}],
                "upwards, each number once",
            ),
        ],
    )
    def test_bad_data_is_refused_with_what_to_write(self, data, says):
        with pytest.raises(EscalationError) as refused:
            EscalationChain.from_data(data)
        assert says in str(refused.value)


@pytest.mark.parametrize("naive", ["due", "at"])
def test_a_moment_without_a_time_zone_is_refused(naive):
    due = DUE.replace(tzinfo=None) if naive == "due" else DUE
    at = DUE.replace(tzinfo=None) if naive == "at" else DUE
    with pytest.raises(ValueError, match="has no time zone"):
        levels_due(due, None, None, DEFAULT_CHAIN, at=at, already=set(), calendar=ENGLAND)
