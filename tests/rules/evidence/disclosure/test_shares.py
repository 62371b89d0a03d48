"""Shares of published numbers: whole, honest about what rounding leaves open, and nothing where a number is hidden."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.evidence.rules.disclosure.shares import Share, as_cell
from saferpractice.evidence.rules.thematic.small import FEW, HIDDEN, Guard, Guarded, guarded

pytestmark = pytest.mark.requirement("R32")


def rounded(value: int) -> Guarded:
    return Guarded(Guard.ROUNDED, value)


@pytest.mark.parametrize(
    ("count", "out_of", "words"),
    [
        (rounded(40), rounded(45), "about 89%"),
        (rounded(5), rounded(200), "about 3%"),
        (rounded(45), rounded(45), "about 100%"),
        (HIDDEN, rounded(45), "[c]"),
        (FEW, rounded(45), "[c]"),
        (rounded(5), HIDDEN, "[c]"),
        (HIDDEN, HIDDEN, "[c]"),
    ],
)
def test_a_share_in_words(count: Guarded, out_of: Guarded, words: str) -> None:
    share = Share(count, out_of)
    assert share.words == words
    assert share.published == (words != "[c]")


@pytest.mark.parametrize(("one", "words"), [(rounded(1005), "1,005"), (HIDDEN, "[c]"), (FEW, "[c]")])
def test_a_number_in_a_cell(one: Guarded, words: str) -> None:
    assert as_cell(one) == words


@given(st.integers(5, 400), st.data())
def test_the_true_share_lies_within_what_rounding_leaves_open(out_of: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(5, out_of))
    share = Share(guarded(count), guarded(out_of))
    assert share.least <= count / out_of <= share.most
    assert 0 <= (share.per_cent or 0) <= 100


@given(st.integers(0, 4), st.integers(5, 100))
def test_of_a_hidden_number_everything_is_left_open(count: int, out_of: int) -> None:
    share = Share(guarded(count), guarded(out_of))
    assert (share.least, share.most, share.per_cent) == (0.0, 1.0, None)
