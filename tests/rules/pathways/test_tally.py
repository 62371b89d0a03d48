"""What a replay adds up to."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.pathways.rules.replaying import Opening, compared
from saferpractice.pathways.rules.tally import Forestalled, Tally, Warned, forestalled
from tests.rules.pathways.cases import hours

pytestmark = pytest.mark.requirement("R20", "R25")
FIRST, SECOND = date(2026, 3, 2), date(2026, 3, 9)


def opening(code: str, day: float, *, late: bool = False) -> Opening:
    return Opening(code, hours(24 * day), hours(24 * day + 8), None, late)


def counted(*cases: tuple[str, list[Opening], list[Opening]]) -> Tally:
    tally = Tally()
    for service, live, candidate in cases:
        tally.add(service, live, candidate, compared(live, candidate))
    return tally


class TestCounting:
    def test_cases(self) -> None:
        same = [opening("consult", 0)]
        tally = counted(
            ("r", same, same), ("r", [], [opening("consult", 1)]), ("h", [opening("refer", 2)], []), ("h", [], [])
        )
        assert (tally.cases, tally.triggered, tally.differ, tally.unread) == (4, [2, 2], 2, 0)
        assert tally.kinds == {"asked": 1, "not-asked": 1}

    def test_a_case_counts_once_for_each_way_in_which_it_differs(self) -> None:
        tally = counted(("r", [], [opening("a", 0), opening("b", 0)]), ("r", [opening("c", 1)], [opening("d", 1)]))
        assert tally.differ == 2
        assert tally.kinds == {"asked": 2, "not-asked": 1}

    def test_weeks_services_and_obligations(self) -> None:
        tally = counted(
            ("r", [opening("consult", 0), opening("refer", 6.5)], [opening("consult", 0)]),
            ("h", [opening("consult", 7)], [opening("consult", 7), opening("consult", 8, late=True)]),
        )
        assert tally.by_week() == [(FIRST, [2, 1]), (SECOND, [1, 2])]
        assert tally.by_service() == {"r": [2, 1], "h": [1, 2]}
        assert tally.by_obligation() == {"consult": [2, 3], "refer": [1, 0]}
        assert tally.late == {"consult": [0, 1], "refer": [0, 0]}

    def test_a_week_without_anything_is_a_week(self) -> None:
        tally = counted(("r", [opening("a", 0)], [opening("a", 21)]))
        assert tally.by_week() == [
            (FIRST, [1, 0]),
            (SECOND, [0, 0]),
            (FIRST + timedelta(weeks=2), [0, 0]),
            (FIRST + timedelta(weeks=3), [0, 1]),
        ]

    def test_nothing(self) -> None:
        assert Tally().by_week() == []
        assert Tally().by_service() == {}


CASES = st.lists(
    st.tuples(
        st.sampled_from(["r", "h"]),
        *[
            st.lists(
                st.builds(opening, st.sampled_from(["a", "b"]), st.integers(0, 30), late=st.booleans()), max_size=3
            ).map(lambda found: sorted(found, key=lambda each: each.opened_at))
        ]
        * 2,
    ),
    max_size=8,
)


@given(CASES, st.integers(0, 8))
def test_parts_add_up_to_the_whole(cases: list[tuple[str, list[Opening], list[Opening]]], cut: int) -> None:
    """What makes chunks safe: counted apart, kept as JSON and joined, it is what counting at once gives."""
    whole = counted(*cases)
    joined = Tally()
    for part in (cases[:cut], cases[cut:]):
        joined.join(Tally.from_data(json.loads(json.dumps(counted(*part).as_data()))))
    assert joined == whole
    assert sum(pair[0] for _, pair in whole.by_week()) == sum(len(live) for _, live, _ in cases)
    assert sum(pair[1] for pair in whole.by_service().values()) == sum(len(candidate) for _, _, candidate in cases)


def test_what_could_not_be_read_is_joined_too() -> None:
    one, other = Tally(unread=2), Tally(unread=3)
    one.join(Tally.from_data(other.as_data()))
    assert one.unread == 5


def warned(incident: str, at: float, live: float | None, candidate: float | None) -> Warned:
    """Days after MONDAY."""
    live_at, candidate_at = (None if day is None else hours(24 * day) for day in (live, candidate))
    return Warned(incident, hours(24 * at), live_at, candidate_at)


class TestForestalling:
    @pytest.mark.parametrize(
        ("found", "before", "earlier", "later"),
        [
            ([], [0, 0], [], []),
            ([warned("x", 10, 4, 4)], [1, 1], [], []),
            ([warned("x", 10, 7, 4)], [1, 1], [3.0], []),
            ([warned("x", 10, 4, 7)], [1, 1], [], [3.0]),
            ([warned("x", 10, 7, 4.33)], [1, 1], [2.7], []),
            # The version in use never asked: the candidate is earlier than the incident itself.
            ([warned("x", 10, None, 4)], [0, 1], [6.0], []),
            # It asked after the incident, which forestalls nothing.
            ([warned("x", 10, 12, 4)], [0, 1], [6.0], []),
            ([warned("x", 10, 4, None)], [1, 0], [], [6.0]),
            ([warned("x", 10, 12, 15)], [0, 0], [], []),
            ([warned("x", 10, None, None)], [0, 0], [], []),
            # At the very moment of the incident is not before it.
            ([warned("x", 10, 10, 10)], [0, 0], [], []),
            ([warned("x", 10, 7, 4), warned("y", 10, 9, 4), warned("z", 10, 4, 5)], [3, 3], [3.0, 5.0], [1.0]),
        ],
    )
    def test_days(self, found: list[Warned], before: list[int], earlier: list[float], later: list[float]) -> None:
        assert forestalled(found) == Forestalled(len(found), before, earlier, later)

    def test_of_several_cases_the_first_warning_counts(self) -> None:
        found = forestalled([warned("x", 10, 8, 9), warned("x", 10, None, 2), warned("x", 10, 6, None)])
        assert found == Forestalled(1, [1, 1], [4.0], [])

    @pytest.mark.parametrize(("days", "middle"), [([], None), ([2.0], 2.0), ([1.0, 4.0], 2.5), ([1.0, 2.0, 9.0], 2.0)])
    def test_the_middle(self, days: list[float], middle: float | None) -> None:
        assert Forestalled(9, [0, 0], days, []).median_earlier == middle

    @given(st.lists(st.tuples(st.integers(0, 3), st.integers(-5, 30) | st.none(), st.integers(-5, 30) | st.none())))
    def test_swapping_the_sides_swaps_the_answer(self, drawn: list[tuple[int, int | None, int | None]]) -> None:
        there = forestalled(warned(str(name), 10 + name, live, candidate) for name, live, candidate in drawn)
        back = forestalled(warned(str(name), 10 + name, candidate, live) for name, live, candidate in drawn)
        assert (there.before, there.earlier, there.later) == (back.before[::-1], back.later, back.earlier)
