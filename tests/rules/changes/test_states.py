"""The state of a change and of an action follows from facts."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.changes.rules import (
    ActionState,
    ChangeState,
    EvidenceFact,
    Proof,
    action_state,
    change_state,
    coverage,
    is_overdue,
)

NONE = coverage(["north", "south"], [])
SOME = coverage(["north", "south"], [Proof("north", "revised-template")])
ALL = coverage(["north", "south"], [Proof("north", "revised-template"), Proof("south", "briefing", 9, 9)])

WAITING, ACCEPTED, SENT_BACK = EvidenceFact(None), EvidenceFact(True), EvidenceFact(False)


@pytest.mark.requirement("R3")
@pytest.mark.parametrize(
    ("live", "rolled_out", "state"),
    [
        (False, NONE, ChangeState.AGREED),
        (False, SOME, ChangeState.AGREED),
        (False, ALL, ChangeState.AGREED),
        (True, NONE, ChangeState.LIVE),
        (True, SOME, ChangeState.PARTLY_PROVEN),
        (True, ALL, ChangeState.PROVEN),
    ],
)
def test_a_change_is_where_its_facts_put_it(live: bool, rolled_out, state: ChangeState) -> None:
    assert change_state(withdrawn=False, live=live, rolled_out=rolled_out) is state


@pytest.mark.requirement("R3")
@pytest.mark.parametrize(("live", "rolled_out"), list(product([False, True], [NONE, SOME, ALL])))
def test_withdrawn_comes_before_all_else(live: bool, rolled_out) -> None:
    assert change_state(withdrawn=True, live=live, rolled_out=rolled_out) is ChangeState.WITHDRAWN


@pytest.mark.requirement("R35")
@pytest.mark.parametrize(
    ("evidence", "state"),
    [
        ([], ActionState.OPEN),
        ([WAITING], ActionState.EVIDENCE_GIVEN),
        ([SENT_BACK], ActionState.SENT_BACK),
        ([SENT_BACK, WAITING], ActionState.EVIDENCE_GIVEN),
        ([SENT_BACK, ACCEPTED], ActionState.DONE),
        ([ACCEPTED], ActionState.DONE),
    ],
)
def test_an_action_is_where_its_evidence_puts_it(evidence: list[EvidenceFact], state: ActionState) -> None:
    assert action_state(evidence) is state


@pytest.mark.requirement("R35")
@given(st.lists(st.sampled_from([WAITING, ACCEPTED, SENT_BACK]), max_size=5))
def test_only_accepted_evidence_makes_an_action_done(evidence: list[EvidenceFact]) -> None:
    assert (action_state(evidence) is ActionState.DONE) == (ACCEPTED in evidence)


@pytest.mark.requirement("R35")
@given(st.lists(st.sampled_from([WAITING, ACCEPTED, SENT_BACK]), max_size=5))
def test_a_withdrawn_change_takes_its_undone_actions_with_it(evidence: list[EvidenceFact]) -> None:
    expected = ActionState.DONE if ACCEPTED in evidence else ActionState.WITHDRAWN
    assert action_state(evidence, change_withdrawn=True) is expected
    assert expected.is_over


@pytest.mark.requirement("R35")
@pytest.mark.parametrize(
    ("state", "overdue"),
    [
        (ActionState.OPEN, True),
        (ActionState.SENT_BACK, True),
        (ActionState.EVIDENCE_GIVEN, False),
        (ActionState.DONE, False),
        (ActionState.WITHDRAWN, False),
    ],
)
def test_only_what_its_owner_still_owes_is_overdue(state: ActionState, overdue: bool) -> None:
    due = date(2026, 3, 4)
    assert is_overdue(state, due, date(2026, 3, 5)) is overdue
    assert not is_overdue(state, due, due)


@pytest.mark.parametrize("state", [*ChangeState, *ActionState])
def test_every_state_is_said_in_words(state: ChangeState | ActionState) -> None:
    assert state.label[0].isupper()
    assert "_" not in state.label
