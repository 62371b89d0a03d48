"""What a supervisor is prompted with: what is new for that worker's team first."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.assurance.rules.supervision import Prompt, in_order
from tests.rules.assurance.supervision.builders import day

pytestmark = pytest.mark.requirement("R38", "R33")


@pytest.mark.parametrize(
    ("since", "discussed", "last_held", "new"),
    [
        pytest.param("10 Mar", None, "2 Mar", True, id="came since the last discussion"),
        pytest.param("2 Mar", None, "2 Mar", False, id="came on that day, and was not taken up"),
        pytest.param("1 Feb", None, "2 Mar", False, id="is older, and was not taken up"),
        pytest.param("1 Feb", None, None, True, id="there was never one"),
        pytest.param("10 Mar", "12 Mar", "2 Mar", False, id="was discussed"),
        pytest.param(None, None, None, False, id="is not live yet"),
    ],
)
def test_new(since: str | None, discussed: str | None, last_held: str | None, new: bool) -> None:
    one = Prompt("point", day(since) if since else None, day(discussed) if discussed else None)
    assert one.is_new(day(last_held) if last_held else None) is new


def test_order() -> None:
    prompts = [
        Prompt("discussed, newest of all", day("20 Mar"), day("21 Mar")),
        Prompt("not live yet", None),
        Prompt("older", day("1 Feb")),
        Prompt("newer", day("10 Mar")),
        Prompt("discussed long ago", day("1 Jan"), day("3 Jan")),
    ]
    assert [one.point for one in in_order(prompts)] == [
        "newer",
        "older",
        "not live yet",
        "discussed, newest of all",
        "discussed long ago",
    ]


_DAYS = st.none() | st.dates(min_value=date(2025, 1, 1), max_value=date(2026, 12, 31))


@given(st.lists(st.tuples(_DAYS, _DAYS)), _DAYS)
def test_nothing_is_lost_and_what_is_new_stands_first(
    days: list[tuple[date | None, date | None]], last_held: date | None
) -> None:
    order = in_order(Prompt(number, since, held) for number, (since, held) in enumerate(days))
    assert sorted(one.point for one in order) == list(range(len(days)))
    new = [one.is_new(last_held) for one in order]
    assert new == sorted(new, reverse=True)
    assert all(one.since for one in order if one.is_new(last_held))
