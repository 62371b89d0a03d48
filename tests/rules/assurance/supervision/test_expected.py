"""Who is owed a discussion in a month, and why somebody is not: leave, joiners and leavers treated fairly."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given

from saferpractice.assurance.rules.supervision import (
    DEFAULT_NEEDS,
    Expectation,
    Facts,
    Needs,
    Span,
    due_on,
    expectation,
    last_of,
    month_after,
    months_between,
    needs_for,
    span_of,
    working_days,
)
from saferpractice.deadlines.rules import ENGLAND, Calendar
from tests.rules.assurance.supervision.builders import MARCH, MONTHS, day, post, span, spans, worker, workers

pytestmark = pytest.mark.requirement("R38")


def owed(facts: Facts, month: date = MARCH, needs: Needs = DEFAULT_NEEDS) -> Expectation:
    return expectation(facts, month, needs, ENGLAND)


# March 2026 has 22 working days: Monday the 2nd to Tuesday the 31st. Good Friday is 3 April, Easter Monday the 6th.


@pytest.mark.parametrize(
    ("post_held", "why"),
    [
        pytest.param("1 Jan 2025", "", id="in post throughout"),
        pytest.param("1 Mar", "", id="from a Sunday on: a full month of work"),
        pytest.param("2 Mar", "", id="from the first working day"),
        pytest.param("18 Mar", "", id="joined with ten working days left, the joining day among them"),
        pytest.param(
            "19 Mar", "In post for 9 working days only: joined this month", id="joined with nine working days left"
        ),
        pytest.param("31 Mar", "In post for 1 working day only: joined this month", id="joined on the last day"),
        pytest.param("1 Apr", "Not in a post that needs it", id="joins next month"),
        pytest.param("1 Jan to 31 Mar", "", id="until the last day"),
        pytest.param("1 Jan to 30 Mar", "Left on Monday 30 March 2026", id="left the day before the last"),
        pytest.param("1 Jan to 5 Mar", "Left on Thursday 5 March 2026", id="left early"),
        pytest.param("1 Jan to 1 Mar", "Not in a post that needs it", id="left on the Sunday before the first"),
        pytest.param("1 Jan to 28 Feb", "Not in a post that needs it", id="left last month"),
    ],
)
def test_joiners_and_leavers(post_held: str, why: str) -> None:
    assert owed(worker(post(post_held))) == Expectation(owed=not why, why=why)


def test_a_joiner_is_owed_one_in_the_first_full_month() -> None:
    facts = worker(post("19 Mar"))
    assert [owed(facts, month).owed for month in (MARCH, month_after(MARCH))] == [False, True]


@pytest.mark.parametrize(
    ("away", "why"),
    [
        pytest.param(["2 Mar to 24 Mar"], "", id="back for five working days"),
        pytest.param(
            ["2 Mar to 25 Mar"],
            "Away from Monday 2 March 2026 to Wednesday 25 March 2026",
            id="back for four",
        ),
        pytest.param(["1 Jan"], "Away from Thursday 1 January 2026", id="away until further notice"),
        pytest.param(["7 Mar to 8 Mar"], "", id="a weekend"),
        pytest.param(["9 Mar to 13 Mar"], "", id="a week's holiday excuses nothing"),
        pytest.param(
            ["23 Mar to 31 Mar", "1 Mar to 13 Mar", "16 Mar to 18 Mar"],
            "Away from Sunday 1 March 2026 to Friday 13 March 2026, from Monday 16 March 2026 to "
            "Wednesday 18 March 2026, from Monday 23 March 2026 to Tuesday 31 March 2026",
            id="three times, told in order",
        ),
        pytest.param(["1 Apr to 30 Apr"], "", id="away next month"),
    ],
)
def test_leave(away: list[str], why: str) -> None:
    assert owed(worker(away=tuple(away))) == Expectation(owed=not why, why=why)


def test_a_joiner_who_is_away_needs_the_days_of_a_joiner() -> None:
    assert owed(worker(post("12 Mar"), away=("16 Mar to 19 Mar",))).owed
    assert owed(worker(post("12 Mar"), away=("16 Mar to 20 Mar",))).why.startswith("Away")


def test_bank_holidays_and_days_off_are_no_working_days() -> None:
    april = month_after(MARCH)
    assert len(working_days(april, ENGLAND)) == 20
    assert owed(worker(away=("13 Apr to 30 Apr",)), april).owed  # 1, 2, 7, 8, 9, 10 April
    closed = Calendar(days_off=frozenset({day("8 Apr"), day("9 Apr")}))
    assert not expectation(worker(away=("13 Apr to 30 Apr",)), april, DEFAULT_NEEDS, closed).owed


@pytest.mark.parametrize(
    ("role", "expected"),
    [("support_worker", True), ("duty_manager", True), ("supervisor", False), ("reviewer", False)],
)
def test_the_default_asks_for_whoever_works_with_people(role: str, expected: bool) -> None:
    assert owed(worker(post(role=role))).owed is expected
    assert owed(worker(post(role=role)), needs=Needs(roles=frozenset({role}))).owed


def test_a_change_of_post_within_a_month_is_no_joining() -> None:
    assert owed(worker(post("1 Jan to 27 Mar"), post("28 Mar"))).owed
    assert owed(worker(post("1 Jan to 20 Mar"), post("21 Mar", "duty_manager"))).owed
    assert owed(worker(post("1 Jan to 20 Mar"), post("21 Mar", "reviewer"))).why == "Left on Friday 20 March 2026"


@pytest.mark.parametrize(
    ("month", "last"),
    [
        (date(2026, 3, 1), "31 Mar"),
        (date(2026, 5, 1), "29 May"),  # the 31st is a Sunday
        (date(2026, 1, 1), "30 Jan"),
        (date(2027, 3, 1), "31 Mar 2027"),
        (date(2024, 3, 1), "28 Mar 2024"),  # Good Friday is the 29th
        (date(2026, 12, 1), "31 Dec"),
        (date(2026, 2, 1), "27 Feb"),
    ],
)
def test_it_is_due_on_the_last_working_day(month: date, last: str) -> None:
    assert due_on(month, ENGLAND) == day(last)


def test_a_month_without_a_working_day_is_due_at_its_end() -> None:
    shut = Calendar(days_off=frozenset(working_days(MARCH, ENGLAND)))
    assert due_on(MARCH, shut) == day("31 Mar")
    assert not expectation(worker(), MARCH, DEFAULT_NEEDS, shut).owed


class TestLondonDays:
    """Roles are held from a moment to a moment; months are London's, also over both changes of the clocks."""

    @pytest.mark.parametrize(
        ("from_at", "until_at", "days"),
        [
            pytest.param((2026, 3, 31, 22, 59), None, "31 Mar", id="just before midnight in summer time"),
            pytest.param((2026, 3, 31, 23, 0), None, "1 Apr", id="midnight in summer time"),
            pytest.param((2026, 10, 31, 23, 59), None, "31 Oct", id="just before midnight in winter time"),
            pytest.param((2026, 11, 1, 0, 0), None, "1 Nov", id="midnight in winter time"),
            pytest.param(
                (2026, 1, 5, 9, 0), (2026, 3, 31, 23, 0), "5 Jan to 31 Mar", id="until midnight: the day before"
            ),
            pytest.param((2026, 1, 5, 9, 0), (2026, 3, 31, 23, 1), "5 Jan to 1 Apr", id="until just after midnight"),
            pytest.param((2026, 1, 5, 9, 0), (2026, 11, 1, 0, 0), "5 Jan to 31 Oct", id="until a winter midnight"),
            pytest.param((2026, 3, 29, 0, 30), (2026, 3, 29, 1, 30), "29 Mar to 29 Mar", id="over the spring change"),
            pytest.param((2026, 10, 25, 0, 30), (2026, 10, 25, 1, 30), "25 Oct to 25 Oct", id="over the autumn change"),
        ],
    )
    def test_spans(self, from_at: tuple[int, ...], until_at: tuple[int, ...] | None, days: str) -> None:
        until = datetime(*until_at, tzinfo=UTC) if until_at else None  # type: ignore[arg-type, misc]
        assert span_of(datetime(*from_at, tzinfo=UTC), until) == span(days)  # type: ignore[arg-type, misc]

    def test_what_begins_and_ends_at_one_midnight_holds_on_no_day(self) -> None:
        moment = datetime(2026, 3, 31, 23, 0, tzinfo=UTC)
        assert span_of(moment, moment) is None


class TestSettings:
    OTHER = Needs(frozenset({"supervisor"}), fewest_days=3, joiner_days=6)
    THIRD = Needs(frozenset({"reviewer"}))

    @pytest.mark.parametrize(
        ("month", "number"), [(-1, 0), (0, 1), (1, 2), (5, 2)], ids=["before", "from its month", "the later", "on"]
    )
    def test_each_holds_from_its_month_on(self, month: int, number: int) -> None:
        settings = [(MARCH, self.OTHER), (month_after(MARCH), self.THIRD)]
        found = needs_for(month_after(MARCH, month), settings)
        assert found == (DEFAULT_NEEDS, self.OTHER, self.THIRD)[number]

    def test_of_two_for_one_month_the_later_decided_holds(self) -> None:
        assert needs_for(MARCH, [(MARCH, self.THIRD), (MARCH, self.OTHER)]) == self.OTHER

    def test_the_number_of_days_is_the_provider_s(self) -> None:
        facts = worker(away=("2 Mar to 26 Mar",))
        assert not owed(facts).owed
        assert owed(facts, needs=replace(DEFAULT_NEEDS, fewest_days=3)).owed
        assert owed(worker(post("24 Mar")), needs=replace(DEFAULT_NEEDS, joiner_days=6)).owed


class TestMonths:
    def test_they_are_counted_over_the_turn_of_the_year(self) -> None:
        assert months_between(date(2025, 11, 17), date(2026, 2, 1)) == (
            date(2025, 11, 1),
            date(2025, 12, 1),
            date(2026, 1, 1),
            date(2026, 2, 1),
        )

    @pytest.mark.parametrize(("number", "month"), [(-3, "1 Dec 2025"), (0, "1 Mar"), (10, "1 Jan 2027")])
    def test_later_and_earlier(self, number: int, month: str) -> None:
        assert month_after(MARCH, number) == day(month)

    def test_the_last_day(self) -> None:
        assert [last_of(date(2028, month, 1)).day for month in (1, 2, 4, 12)] == [31, 29, 30, 31]


@given(workers(), spans())
def test_leave_only_ever_takes_away(facts: Facts, away: Span) -> None:
    with_it = replace(facts, absences=(*facts.absences, away))
    for month in MONTHS:
        assert owed(facts, month).owed or not owed(with_it, month).owed


@given(workers())
def test_the_order_in_which_things_are_entered_says_nothing(facts: Facts) -> None:
    turned = replace(facts, posts=facts.posts[::-1], absences=facts.absences[::-1], held=facts.held[::-1])
    for month in MONTHS:
        assert owed(facts, month).owed == owed(turned, month).owed


@given(workers())
def test_nobody_is_left_out_without_a_reason(facts: Facts) -> None:
    for month in MONTHS:
        found = owed(facts, month)
        assert found.owed is not bool(found.why)
