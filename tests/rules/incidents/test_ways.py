"""How a person wants to be reached: what a list of ways may be."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from saferpractice.incidents.rules import LONGEST_DETAIL, MOST_WAYS, ContactMethod, Way, problems_of_ways

pytestmark = pytest.mark.requirement("R21")
TODAY = date(2026, 3, 4)
PHONE, VISIT = Way(ContactMethod.PHONE, "01632 960 018", "Not before 10"), Way(ContactMethod.VISIT)


@pytest.mark.parametrize(
    ("ways", "wrong"),
    [
        pytest.param([PHONE, VISIT], set(), id="two ways"),
        pytest.param([], set(), id="no way: the person wants none, and that is written down"),
        pytest.param([Way(ContactMethod.PHONE, str(n)) for n in range(MOST_WAYS)], set(), id="as many as there may be"),
        pytest.param([Way(ContactMethod.PHONE, str(n)) for n in range(MOST_WAYS + 1)], {""}, id="one more"),
        pytest.param([PHONE, Way(ContactMethod.PHONE, "01632 960 019")], set(), id="two numbers"),
        pytest.param([PHONE, VISIT, PHONE], {"method_3"}, id="the same twice"),
        pytest.param([VISIT, Way(ContactMethod.TEXT, "1" * LONGEST_DETAIL)], set(), id="the longest number"),
        pytest.param([VISIT, Way(ContactMethod.TEXT, "1" * (LONGEST_DETAIL + 1))], {"detail_2"}, id="too long"),
        pytest.param([Way(ContactMethod.TEXT, "", "x" * (LONGEST_DETAIL + 1))], {"note_1"}, id="too much to mind"),
    ],
)
def test_a_list_of_ways(ways: list[Way], wrong: set[str]) -> None:
    assert set(problems_of_ways(ways, TODAY, TODAY)) == wrong


@pytest.mark.parametrize(("days", "wrong"), [(0, set()), (30, set()), (-1, {"from_on"})])
def test_it_holds_from_today_or_later(days: int, wrong: set[str]) -> None:
    assert set(problems_of_ways([PHONE], TODAY + timedelta(days=days), TODAY)) == wrong


def test_every_method_is_said_in_words_of_its_own() -> None:
    labels = [method.label for method in ContactMethod]
    assert len(set(labels)) == len(labels)
