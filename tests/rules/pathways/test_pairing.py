"""Which thing known is the one the engine names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.pathways.rules.pairing import Thing, paired

pytestmark = pytest.mark.requirement("R18", "R22")


def things(*written: str) -> list[Thing]:
    """Each as "code occurrence reasons": "tell 1 ab"."""
    return [Thing(code, int(number), because) for code, number, because in (each.split() for each in written)]


@pytest.mark.parametrize(
    ("asked", "known", "places"),
    [
        (["tell 1 ab"], [], [None]),
        ([], ["tell 1 ab"], []),
        (["tell 1 ab"], ["tell 1 ab"], [0]),
        (["tell 1 ab"], ["tell 1 a"], [0]),
        (["tell 1 ab"], ["tell 2 ab"], [None]),
        (["tell 1 ab"], ["ask 1 ab"], [None]),
        (["tell 1 ab"], ["tell 1 cd"], [None]),
        # A record known later stands before the first: it is still the same thing.
        (["tell 1 xab"], ["tell 1 ab"], [0]),
        # One reason of both, whichever is asked or known first.
        (["tell 1 ab", "tell 1 bc"], ["tell 1 ab", "tell 1 bc"], [0, 1]),
        (["tell 1 bc", "tell 1 ab"], ["tell 1 ab", "tell 1 bc"], [1, 0]),
        (["tell 1 ab", "tell 1 bc"], ["tell 1 bc", "tell 1 ab"], [1, 0]),
        (["tell 1 ab", "tell 1 bc"], ["tell 1 ab"], [0, None]),
        (["tell 1 bc", "tell 1 ab"], ["tell 1 ab"], [None, 0]),
        # What is somebody's by its first reason is nobody else's by another, though it was owed anew since.
        (["tell 1 ab", "tell 1 bc"], ["tell 1 ab", "tell 1 ab"], [1, None]),
        # Both begin with the same reason, which stands all the while: the rest tells them apart.
        (["tell 1 ab", "tell 1 ac"], ["tell 1 ab", "tell 1 ac"], [0, 1]),
        (["tell 1 ac", "tell 1 ab"], ["tell 1 ab", "tell 1 ac"], [1, 0]),
        (["tell 1 ab", "tell 1 acd"], ["tell 1 ab", "tell 1 ac"], [0, 1]),
        (["tell 1 abd", "tell 1 ac"], ["tell 1 ab", "tell 1 ac"], [0, 1]),
        (["tell 1 ab"], ["tell 1 ab", "tell 1 ac"], [0]),
        (["tell 1 abd"], ["tell 1 ab", "tell 1 ac"], [0]),
        (["tell 1 a"], ["tell 1 ab", "tell 1 cd"], [0]),
        (["tell 1 abc"], ["tell 1 abc", "tell 1 ab"], [0]),
        # Of several the newest.
        (["tell 1 ab"], ["tell 1 ab", "tell 1 ab"], [1]),
        (["tell 1 xb"], ["tell 1 ab", "tell 1 bc"], [1]),
        (["tell 1 xab", "tell 1 bc"], ["tell 1 ab", "tell 1 bc"], [0, 1]),
    ],
    ids=str,
)
def test_pairs(asked: list[str], known: list[str], places: list[int | None]) -> None:
    assert paired(things(*asked), things(*known)) == places


def test_what_is_over_is_passed_by() -> None:
    assert paired(things("tell 1 ab"), things("tell 1 ab", "tell 1 ab"), over={1}) == [0]
    assert paired(things("tell 1 ab"), things("tell 1 ab"), over={0}) == [None]


def test_what_nobody_named_has_no_pair() -> None:
    assert paired([Thing("tell", 1, "")], [Thing("tell", 1, "")]) == [None]
    assert paired([Thing("tell", 1, "")], things("tell 1 a")) == [None]


SOME = st.lists(
    st.builds(Thing, st.sampled_from(["tell", "ask"]), st.integers(1, 2), st.text("abcd", min_size=1, max_size=3)),
    max_size=6,
)


@given(SOME, SOME)
def test_no_two_are_one(asked: list[Thing], known: list[Thing]) -> None:
    given_out = [place for place in paired(asked, known) if place is not None]
    assert len(given_out) == len(set(given_out))
    for thing, place in zip(asked, paired(asked, known), strict=True):
        if place is not None:
            assert known[place][:2] == thing[:2]
            assert set(known[place].because) & set(thing.because)


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.text("uvwxyz", max_size=3)), unique_by=lambda each: each[0]))
def test_things_with_first_reasons_of_their_own_find_themselves(named: list[tuple[str, str]]) -> None:
    known = [Thing("tell", 1, first + rest) for first, rest in named]
    assert paired(known, known) == list(range(len(known)))
    assert paired(known[::-1], known) == list(range(len(known)))[::-1]
