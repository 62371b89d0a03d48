"""When a written reason counts as one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.lists.rules import Checked, reason_problem

pytestmark = pytest.mark.requirement("R6", "R8")


@pytest.mark.parametrize(
    "text",
    [
        "She has eaten since Tuesday and the GP visits tomorrow.",
        "Two indicators, but the duty manager saw her today and the risk is lower.",
        "Known risk, plan unchanged, reviewed with police",
        "Naïve reading: café owner saw him daily",
    ],
)
def test_a_reason_somebody_else_can_follow_stands(text: str) -> None:
    assert reason_problem(text) is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "someone who was not there must be able to follow it"),
        ("   \n\t", "someone who was not there must be able to follow it"),
        ("-- ... --", "someone who was not there must be able to follow it"),
        ("n/a", '"n/a" does not tell a later reader anything'),
        ("N/A.", '"N/A." does not tell a later reader anything'),
        ("As above, see notes", "does not tell a later reader anything"),
        ("to be confirmed", "does not tell a later reader anything"),
        ("not applicable", "does not tell a later reader anything"),
        ("Threshold not met", "in a sentence: say what you knew, and why it led to this"),
        ("No concerns", "in a sentence"),
        ("risk risk risk risk risk risk", "in a sentence"),
        ("aaaa bbbb cccc dddd eeee", "in a sentence"),
        ("x" * 20_001, "Shorten the reason to 20,000 characters"),
    ],
)
def test_what_is_no_reason_is_refused_with_what_to_write(text: str, sentence: str) -> None:
    problem = reason_problem(text)
    assert problem is not None
    assert sentence in problem


def test_the_sentence_names_what_is_asked_for() -> None:
    assert (reason_problem("", what="why you depart from the rule") or "").startswith(
        "Write why you depart from the rule:"
    )


@given(st.text(max_size=200))
def test_any_text_is_judged(text: str) -> None:
    problem = reason_problem(text)
    assert problem is None or problem.endswith(".")
    assert (problem is None) == (reason_problem(f"  {text}\n") is None)


def test_prompts_never_block() -> None:
    assert Checked(prompts={"rationale": "Think again."}).stands
    assert not Checked(problems={"rationale": "Write it."}).stands
