"""When a training need is met, and a clause agreed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.evidence.rules.register import (
    RegisterState,
    TrainingCoverage,
    clause_state,
    need_state,
    problems_of_attendance,
    problems_of_clause,
    problems_of_need,
    training_coverage,
)

pytestmark = pytest.mark.requirement("R33")
DUE = date(2026, 3, 31)
BEFORE, AFTER = DUE - timedelta(days=1), DUE + timedelta(days=1)
State = RegisterState


@pytest.mark.parametrize(
    ("trained", "needed", "today", "dropped", "state"),
    [
        (10, 10, BEFORE, False, State.DONE),
        (10, 10, AFTER, False, State.DONE),
        (9, 10, BEFORE, False, State.OPEN),
        (9, 10, DUE, False, State.OPEN),
        (9, 10, AFTER, False, State.OVERDUE),
        (0, 0, DUE, False, State.NOBODY),
        (0, 0, AFTER, False, State.OVERDUE),
        (10, 10, BEFORE, True, State.DROPPED),
        (0, 10, AFTER, True, State.DROPPED),
    ],
)
def test_how_a_training_need_stands(trained: int, needed: int, today: date, dropped: bool, state: State) -> None:
    assert need_state(TrainingCoverage(trained, needed), DUE, today, dropped=dropped) is state


@pytest.mark.parametrize(
    ("agreed_on", "wanted_by", "today", "state"),
    [
        (BEFORE, None, AFTER, State.AGREED),
        (None, DUE, BEFORE, State.OPEN),
        (None, DUE, DUE, State.OPEN),
        (None, DUE, AFTER, State.OVERDUE),
    ],
)
def test_how_a_clause_stands(agreed_on: date | None, wanted_by: date | None, today: date, state: State) -> None:
    assert clause_state(agreed_on, wanted_by, today) is state


def test_what_waits_is_what_somebody_has_to_do() -> None:
    assert {state for state in State if state.waits} == {State.OVERDUE, State.OPEN, State.NOBODY}
    assert State.OVERDUE.meaning == "bad"
    assert State.DONE.meaning == State.AGREED.meaning == "good"


@pytest.mark.parametrize(
    ("trained", "needed", "words"),
    [
        (0, 0, "0 of 0"),
        (0, 3, "0 of 3 (0%)"),
        (2, 3, "2 of 3 (66%)"),
        (999, 1000, "999 of 1000 (99%)"),
        (7, 7, "7 of 7 (100%)"),
    ],
)
def test_a_share_is_never_rounded_up(trained: int, needed: int, words: str) -> None:
    assert TrainingCoverage(trained, needed).words == words


@given(st.sets(st.integers(0, 30)), st.sets(st.integers(0, 30)))
def test_only_those_who_need_it_count(audience: set[int], trained: set[int]) -> None:
    found = training_coverage(list(audience) * 2, list(trained) * 2)
    assert found.needed == len(audience)
    assert found.trained == len(audience & trained)
    assert found.is_full == (bool(audience) and audience <= trained)


NEED = {"what": "Five signs", "roles": ["worker"], "teams": ["north"], "by_on": DUE, "today": BEFORE}
CLAUSE = {
    "clause": "3.4", "wording": "Same day.", "agreed_with": "", "agreed_on": None, "wanted_by": DUE, "today": BEFORE,
}  # fmt: skip
AGREED = {"agreed_with": "The board", "agreed_on": BEFORE, "wanted_by": None}


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({}, set()),
        ({"by_on": BEFORE}, set()),
        ({"what": "  "}, {"what"}),
        ({"what": "a" * 4001}, {"what"}),
        ({"roles": [], "teams": []}, {"roles", "teams"}),
        ({"by_on": BEFORE - timedelta(days=1)}, {"by_on"}),
    ],
)
def test_a_training_need_says_who_what_and_by_when(changed: dict[str, Any], fields: set[str]) -> None:
    assert set(problems_of_need(**(NEED | changed))) == fields


@pytest.mark.parametrize(
    ("people", "trained_on", "fields"),
    [(["a"], DUE, set()), (["a"], BEFORE, set()), ([], DUE, {"people"}), (["a"], AFTER, {"trained_on"})],
)
def test_training_is_recorded_once_it_was_held(people: list[str], trained_on: date, fields: set[str]) -> None:
    assert set(problems_of_attendance(people=people, trained_on=trained_on, today=DUE)) == fields


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({}, set()),
        (AGREED, set()),
        ({"clause": " ", "wording": ""}, {"clause", "wording"}),
        ({"clause": "a" * 201, "wording": "a" * 4001}, {"clause", "wording"}),
        ({"wanted_by": None}, {"wanted_by"}),
        ({"wanted_by": BEFORE - timedelta(days=1)}, {"wanted_by"}),
        (AGREED | {"agreed_with": " "}, {"agreed_with"}),
        (AGREED | {"agreed_with": "a" * 201}, {"agreed_with"}),
        (AGREED | {"agreed_on": DUE}, {"agreed_on"}),
    ],
)
def test_a_clause_is_agreed_with_somebody_or_wanted_by_a_day(changed: dict[str, Any], fields: set[str]) -> None:
    assert set(problems_of_clause(**(CLAUSE | changed))) == fields
