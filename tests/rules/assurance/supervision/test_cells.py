"""What became of each month, and coverage: a number that adds up and never hides who is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.assurance.rules.supervision import (
    DEFAULT_NEEDS,
    DISCUSSED,
    Cell,
    CellState,
    Coverage,
    Facts,
    Said,
    Span,
    Step,
    cell,
    cells,
    met_on,
    month_after,
    next_step,
)
from saferpractice.deadlines.rules import ENGLAND
from tests.rules.assurance.supervision.builders import (
    MARCH,
    MONTHS,
    TEAM,
    TEAMS,
    WORKER,
    day,
    post,
    spans,
    staff,
    worker,
    workers,
)

pytestmark = pytest.mark.requirement("R38")

SO, NOT_SO, NOTHING = Said.SO, Said.NOT_SO, Said.NOTHING
APRIL, TODAY = month_after(MARCH), day("10 Apr")


def of(facts: Facts, today: str = "20 Apr", month: date = MARCH) -> Cell:
    return cell(facts, month, today=day(today), needs=DEFAULT_NEEDS, calendar=ENGLAND)


def seen(people: Sequence[Facts], today: date = TODAY) -> tuple[Cell, ...]:
    return cells(people, MONTHS, today=today, settings=(), calendar=ENGLAND)


@pytest.mark.parametrize(
    ("held", "state"),
    [
        pytest.param([], CellState.MISSING, id="nothing"),
        pytest.param(["4 Mar"], CellState.UNCONFIRMED, id="held"),
        pytest.param([("4 Mar", SO)], CellState.CONFIRMED, id="held and confirmed"),
        pytest.param([("4 Mar", NOT_SO)], CellState.DISPUTED, id="disputed"),
        pytest.param([("4 Mar", NOT_SO), ("9 Mar", NOTHING)], CellState.UNCONFIRMED, id="disputed, then another"),
        pytest.param([("4 Mar", NOT_SO), ("9 Mar", SO)], CellState.CONFIRMED, id="disputed, then one confirmed"),
        pytest.param(["1 Mar"], CellState.UNCONFIRMED, id="on the first day"),
        pytest.param(["31 Mar"], CellState.UNCONFIRMED, id="on the last day"),
        pytest.param(["28 Feb", "1 Apr"], CellState.MISSING, id="only in the months beside it"),
        pytest.param(["4 Mar 2025"], CellState.MISSING, id="in the same month of another year"),
    ],
)
def test_states(held: list[str], state: CellState) -> None:
    assert of(worker(held=tuple(held))).state is state


@pytest.mark.parametrize(
    ("today", "state", "left"),
    [
        pytest.param("1 Mar", CellState.NOT_YET, 22, id="on the first"),
        pytest.param("27 Mar", CellState.NOT_YET, 3, id="on a Friday"),
        pytest.param("28 Mar", CellState.NOT_YET, 2, id="on a Saturday"),
        pytest.param("31 Mar", CellState.NOT_YET, 1, id="on the last working day"),
        pytest.param("1 Apr", CellState.MISSING, 0, id="when it is over"),
    ],
)
def test_a_running_month_is_not_missing(today: str, state: CellState, left: int) -> None:
    found = of(worker(), today)
    assert (found.state, found.days_left) == (state, left)


def test_it_is_late_after_the_last_working_day_though_the_month_runs() -> None:
    may = date(2026, 5, 1)
    assert [of(worker(), today, may).state for today in ("29 May", "30 May")] == [CellState.NOT_YET, CellState.MISSING]
    assert of(worker(held=("31 May",)), "31 May", may).state is CellState.UNCONFIRMED


def test_what_is_not_expected_says_why_and_what_was_held_all_the_same_is_shown() -> None:
    away = worker(away=("1 Mar to 31 Mar",))
    assert (of(away).state, of(away).why) == (
        CellState.NOT_EXPECTED,
        "Away from Sunday 1 March 2026 to Tuesday 31 March 2026",
    )
    held = of(worker(away=("1 Mar to 31 Mar",), held=(("9 Mar", SO),)))
    assert (held.state, held.owed) == (CellState.CONFIRMED, False)
    assert (Coverage((held,)).owed, Coverage((held,)).discussed, Coverage((held,)).besides) == (0, 0, 1)


@pytest.mark.parametrize(
    ("begun", "state"),
    [
        pytest.param("1 Mar", CellState.MISSING, id="from the first day of the month"),
        pytest.param("18 Mar", CellState.MISSING, id="with as much of the month left as a joiner needs"),
        pytest.param("19 Mar", CellState.NOT_EXPECTED, id="with less of it left"),
        pytest.param("1 Apr", CellState.NOT_EXPECTED, id="in the month after"),
    ],
)
def test_nobody_is_missing_before_supervision_was_kept(begun: str, state: CellState) -> None:
    (found,) = cells([worker()], [MARCH], today=TODAY, settings=(), calendar=ENGLAND, begun=day(begun))
    assert (found.state, found.owed) == (state, state is CellState.MISSING)
    (held,) = cells([worker(held=("4 Mar",))], [MARCH], today=TODAY, settings=(), calendar=ENGLAND, begun=day(begun))
    assert held.state is CellState.UNCONFIRMED


OTHER_TEAM, THIRD_TEAM = UUID(int=8), UUID(int=9)


@pytest.mark.parametrize(
    ("posts", "team"),
    [
        pytest.param([("1 Jan to 20 Mar", TEAM), ("21 Mar", OTHER_TEAM)], OTHER_TEAM, id="the one moved to"),
        pytest.param([("1 Jan", TEAM), ("9 Mar", OTHER_TEAM)], TEAM, id="of two at once the older"),
        pytest.param([("1 Jan", TEAM), ("1 Apr", OTHER_TEAM)], TEAM, id="not the one moved to next month"),
        pytest.param([("1 Jan to 28 Feb", OTHER_TEAM), ("1 Mar", TEAM)], TEAM, id="not the one left last month"),
    ],
)
def test_a_month_is_counted_in_one_team(posts: list[tuple[str, UUID]], team: UUID) -> None:
    assert of(worker(*(post(held, team=where) for held, where in posts))).team == team


def test_a_post_that_needs_no_supervision_says_nothing_of_the_place() -> None:
    facts = worker(post(), post("2 Jan", "reviewer", team=OTHER_TEAM), post("1 Mar 2024", "reviewer", team=THIRD_TEAM))
    assert of(facts).team == TEAM


class TestCoverage:
    PEOPLE = (
        worker(held=(("4 Mar", SO),), pk=UUID(int=11)),
        worker(held=("4 Mar",), pk=UUID(int=12)),
        worker(held=(("4 Mar", NOT_SO),), pk=UUID(int=13)),
        worker(pk=UUID(int=14)),
        worker(away=("1 Mar to 31 Mar",), pk=UUID(int=15)),
    )

    def test_it_names_who_is_missing(self) -> None:
        found = Coverage(tuple(of(one) for one in self.PEOPLE))
        assert (found.owed, found.discussed, found.confirmed, found.besides) == (4, 2, 1, 0)
        assert [one.worker for one in found.missing] == [UUID(int=14)]
        assert [one.worker for one in found.disputed] == [UUID(int=13)]
        assert found.not_yet == ()

    def test_of_a_running_month_nothing_is_missing_yet(self) -> None:
        found = Coverage(tuple(of(one, "20 Mar") for one in self.PEOPLE))
        assert (found.missing, [one.worker for one in found.not_yet]) == ((), [UUID(int=14)])

    def test_nothing_owed_is_nothing_covered(self) -> None:
        assert (Coverage(()).owed, Coverage(()).discussed, Coverage(()).missing) == (0, 0, ())


def numbers(found: Coverage) -> tuple[int, ...]:
    return (
        found.owed,
        found.discussed,
        found.confirmed,
        len(found.disputed),
        len(found.not_yet),
        len(found.missing),
        found.besides,
    )


def added(parts: Sequence[Coverage]) -> tuple[int, ...]:
    return tuple(map(sum, zip(*(numbers(part) for part in parts), strict=True)))


@given(staff(), st.dates(min_value=MARCH, max_value=day("30 Apr")))
def test_it_adds_up_from_teams_to_services_to_the_provider_and_over_months(people: list[Facts], today: date) -> None:
    whole = Coverage(seen(people, today))
    services = [whole.of_service(one) for one in (*sorted(set(TEAMS.values()), key=str), None)]
    assert added(services) == numbers(whole)
    for service in services:
        assert added([service.of_team(one) for one in (*TEAMS, None)]) == numbers(service)
    assert added([whole.in_month(month) for month in MONTHS]) == numbers(whole)
    assert whole.owed == whole.discussed + len(whole.disputed) + len(whole.not_yet) + len(whole.missing)


@given(staff(), st.dates(min_value=MARCH, max_value=day("30 Apr")))
def test_everybody_has_one_cell_a_month_and_nobody_is_both(people: list[Facts], today: date) -> None:
    found = seen(people, today)
    assert len({(one.worker, one.month) for one in found}) == len(found) == len(people) * len(MONTHS)
    for one in found:
        assert (one.days_left > 0) is (one.state is CellState.NOT_YET)
        assert one.owed or one.state not in {CellState.MISSING, CellState.NOT_YET}
        assert not one.owed or one.state is not CellState.NOT_EXPECTED


@given(workers(), spans())
def test_leave_takes_no_discussion_away(facts: Facts, away: Span) -> None:
    before = seen([facts])
    after = seen([replace(facts, absences=(*facts.absences, away))])
    held = DISCUSSED | {CellState.DISPUTED}
    assert [one.state for one in before if one.state in held] == [one.state for one in after if one.state in held]
    assert Coverage(after).owed <= Coverage(before).owed
    assert len(Coverage(after).missing) <= len(Coverage(before).missing)


@given(workers(), st.randoms(use_true_random=False))
def test_cells_do_not_depend_on_the_order_of_entry(facts: Facts, chance: object) -> None:
    mixed = [list(part) for part in (facts.posts, facts.absences, facts.held)]
    for part in mixed:
        chance.shuffle(part)  # type: ignore[attr-defined]
    turned = replace(facts, posts=tuple(mixed[0]), absences=tuple(mixed[1]), held=tuple(mixed[2]))
    assert [(one.state, one.owed, one.days_left) for one in seen([facts])] == [
        (one.state, one.owed, one.days_left) for one in seen([turned])
    ]


class TestWhatIsOwed:
    """The obligation follows what is on record."""

    ANN, BEN = UUID(int=51), UUID(int=52)
    OWED = Cell(WORKER, MARCH, None, TEAM, CellState.MISSING, owed=True)
    EXCUSED = Cell(WORKER, MARCH, None, TEAM, CellState.NOT_EXPECTED, owed=False, why="Away")

    @pytest.mark.parametrize(
        ("one", "held", "is_open", "owner", "step"),
        [
            pytest.param(OWED, [], True, ANN, Step.LEAVE, id="open, by whoever supervises"),
            pytest.param(OWED, [], True, BEN, Step.PASS_ON, id="open, by another"),
            pytest.param(OWED, [], True, None, Step.PASS_ON, id="open, by a role"),
            pytest.param(OWED, [], False, ANN, Step.OPEN, id="met or cancelled, and owed again"),
            pytest.param(OWED, ["9 Mar"], True, ANN, Step.MEET, id="held"),
            pytest.param(OWED, ["9 Mar"], True, BEN, Step.MEET, id="held, whoever owed it"),
            pytest.param(OWED, ["9 Mar"], False, ANN, Step.LEAVE, id="held, and met"),
            pytest.param(OWED, ["2 Apr"], True, ANN, Step.MEET, id="held late"),
            pytest.param(OWED, ["27 Feb"], True, ANN, Step.LEAVE, id="held before"),
            pytest.param(EXCUSED, [], True, ANN, Step.CANCEL, id="excused"),
            pytest.param(EXCUSED, [], False, ANN, Step.LEAVE, id="excused, and cancelled"),
            pytest.param(EXCUSED, ["2 Apr"], True, ANN, Step.CANCEL, id="excused: one held later is no answer"),
            pytest.param(EXCUSED, ["31 Mar"], True, ANN, Step.MEET, id="held though excused"),
        ],
    )
    def test_steps(self, one: Cell, held: list[str], is_open: bool, owner: UUID | None, step: Step) -> None:
        days = [day(text) for text in held]
        assert next_step(one, days, is_open=is_open, owner=owner, supervisor=self.ANN) is step

    def test_owed_by_a_role_while_nobody_supervises(self) -> None:
        assert next_step(self.OWED, [], is_open=True, owner=None, supervisor=None) is Step.LEAVE
        assert next_step(self.OWED, [], is_open=True, owner=self.BEN, supervisor=None) is Step.PASS_ON

    def test_the_first_since_the_month_began_meets_it(self) -> None:
        assert met_on(MARCH, [day("20 Apr"), day("2 Apr"), day("28 Feb")]) == day("2 Apr")
        assert met_on(APRIL, [day("31 Mar")]) is None

    @given(workers(), st.sampled_from([None, ANN]), st.booleans())
    def test_nothing_stays_to_be_done_twice(self, facts: Facts, supervisor: UUID | None, is_open: bool) -> None:
        for one in seen([facts]):
            held = [each.on for each in facts.held]
            step = next_step(one, held, is_open=is_open, owner=supervisor, supervisor=supervisor)
            after = {Step.MEET: False, Step.CANCEL: False, Step.OPEN: True}.get(step, is_open)
            assert next_step(one, held, is_open=after, owner=supervisor, supervisor=supervisor) is Step.LEAVE
