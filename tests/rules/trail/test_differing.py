"""What differs between an answer on record and one that is typed now, and how much of it is shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.trail.refusals import BEFORE, SHOWN, Difference, Invalid, SentBefore, differing

pytestmark = pytest.mark.requirement("R7")
WORDS = st.text(alphabet="abc 😀é\n", max_size=900)


@pytest.mark.parametrize(
    ("recorded", "typed", "shown"),
    [
        ("Yes", "No", ("Yes", "No")),
        ("", "Yes", ("Not given", "Yes")),
        ("Yes", "", ("Yes", "Not given")),
        ("yes", "Yes", ("yes", "Yes")),
        ("a" * SHOWN, "b", ("a" * SHOWN, "b")),
        ("a" * (SHOWN + 1), "b", ("a" * SHOWN + " …", "b")),
    ],
)
def test_what_is_shown(recorded: str, typed: str, shown: tuple[str, str]) -> None:
    assert list(differing([("Why", recorded, typed)])) == [Difference("Why", *shown)]


def test_only_what_differs_in_the_order_asked() -> None:
    answers = [("One", "a", "b"), ("Two", "same", "same"), ("Three", "", "c")]
    assert [one.question for one in differing(answers)] == ["One", "Three"]


def test_long_texts_are_shown_where_they_part() -> None:
    long = "The same words again. " * 400
    (found,) = differing([("Why", f"{long}He left.", f"{long}She stayed 😀.")])
    assert found.recorded.endswith("He left.")
    assert found.typed.endswith("She stayed 😀.")
    assert found.recorded.startswith("… ")


def test_a_text_that_only_went_on_says_where_the_other_ends() -> None:
    long = "x" * 10_000
    (found,) = differing([("Why", long, f"{long}, and more")])
    assert (found.recorded, found.typed) == (f"… {'x' * BEFORE}", f"… {'x' * BEFORE}, and more")


@given(WORDS, WORDS)
def test_what_is_shown_always_differs_and_is_short(recorded: str, typed: str) -> None:
    found = list(differing([("Why", recorded, typed)]))
    assert bool(found) == (recorded != typed)
    for one in found:
        assert max(len(one.recorded), len(one.typed)) <= SHOWN + len("…  …") + len("… (it ends here)")
        if recorded.strip() and typed.strip():
            assert (one.recorded != one.typed) or recorded.strip() == typed.strip()


def test_whoever_only_knows_invalid_still_reads_why() -> None:
    earlier = SentBefore("This form was already sent.", differing([("Why", "a", "b")]))
    assert isinstance(earlier, Invalid)
    assert earlier.problems == {"": "This form was already sent."}
    assert earlier.differences == (Difference("Why", "a", "b"),)
