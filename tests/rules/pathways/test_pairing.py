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
        # The same reasons in another order are rather the same than others after the same first.
        (["tell 1 abc"], ["tell 1 acb", "tell 1 axy"], [0]),
        # A reason of both stands for the first of them, where nothing else tells.
        (["tell 1 xb", "tell 1 yb"], ["tell 1 ab"], [0, None]),
        (["tell 1 abc"], ["tell 1 abc", "tell 1 ab"], [0]),
        # Of several the newest.
        (["tell 1 ab"], ["tell 1 ab", "tell 1 ab"], [1]),
        (["tell 1 xb"], ["tell 1 ab", "tell 1 bc"], [1]),
        (["tell 1 xab", "tell 1 bc"], ["tell 1 ab", "tell 1 bc"], [0, 1]),
        # A record added later begins the second anew: it shares a reason that is no other's.
        (["tell 1 ab", "tell 1 xc"], ["tell 1 ab", "tell 1 ac"], [0, 1]),
        (["tell 1 ab", "tell 1 xc"], ["tell 1 ab", "tell 1 ad"], [0, None]),
        (["tell 1 ac", "tell 1 xc"], ["tell 1 ac", "tell 1 ac"], [1, None]),
    ],
    ids=str,
)
def test_pairs(asked: list[str], known: list[str], places: list[int | None]) -> None:
    assert paired(things(*asked), things(*known)) == places


def test_what_is_over_is_passed_by() -> None:
    assert paired(things("tell 1 ab"), things("tell 1 ab", "tell 1 ab"), over={1}) == [0]
    assert paired(things("tell 1 ab"), things("tell 1 ab"), over={0}) == [None]


@pytest.mark.parametrize(("once", "place"), [(True, 0), (False, None)])
def test_what_comes_about_once_at_most_is_itself_whatever_its_reasons_are(once: bool, place: int | None) -> None:
    assert paired([Thing("tell", 1, "b", once)], things("tell 1 a")) == [place]


def test_what_comes_about_once_is_rather_the_one_with_its_reasons() -> None:
    assert paired([Thing("tell", 1, "ab", once=True)], things("tell 1 b", "tell 1 c")) == [0]


def test_the_reasons_on_record_may_be_a_list() -> None:
    """As they are in the database."""
    assert paired([Thing("tell", 1, ("a", "b"))], [Thing("tell", 1, ["a"])]) == [0]
    assert paired([Thing("tell", 1, ("a", "b")), Thing("tell", 1, ("a", "c"))], [Thing("tell", 1, ["a", "c"])]) == [
        None,
        0,
    ]


def test_what_nobody_named_is_only_what_nobody_named() -> None:
    """A deadline that passes can make something due, of which no record is the reason."""
    assert paired(things("tell 1 a"), [Thing("tell", 1, "")]) == [None]
    assert paired([Thing("tell", 1, "")], [Thing("tell", 1, "a"), Thing("tell", 1, "")]) == [1]
    assert paired([Thing("tell", 1, "")], things("tell 1 a")) == [None]


SOME = st.lists(
    st.builds(
        Thing,
        st.sampled_from(["tell", "ask"]),
        st.integers(1, 2),
        st.text("abcd", min_size=1, max_size=3),
        st.just(value=False),
    ),
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
