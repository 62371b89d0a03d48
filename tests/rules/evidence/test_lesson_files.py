"""Every part of a lesson as a file at its bounds, and what could be hidden in one."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.evidence.rules.bundle import (
    BadFile,
    canonical,
    fingerprint,
    hash_of,
    kept_bundle,
    plain_bundle,
    read_bundle,
    same_fingerprint,
    signed_bundle,
    texts_in,
)
from saferpractice.evidence.rules.lessons import why_not_adopt
from saferpractice.trail.rules import Signer
from tests.factories.bundles import a_lesson

pytestmark = pytest.mark.requirement("R33")
SIGNER = Signer("one who signs lessons in this table")
UNSEEN = "characters that cannot be seen"


def with_part(path: str, value: Any, *, pathway: bool = False) -> dict[str, Any]:
    """A lesson in which what stands at ``path`` ("verdict.before.count") is ``value``."""
    lesson = copy.deepcopy(a_lesson() if pathway else a_lesson(pathway=None))
    *above, last = path.split(".")
    part = lesson
    for name in above:
        part = part[name]
    part[last] = value
    return lesson


def reads(lesson: dict[str, Any]) -> str:
    """What is said of a lesson that came as a signed file; "" when it is taken."""
    try:
        read_bundle(signed_bundle(lesson, SIGNER).encode())
    except BadFile as bad:
        return bad.sentence
    return ""


@pytest.mark.parametrize(
    ("path", "value", "taken"),
    [
        ("title", "a" * 300, True), ("title", "a" * 301, False), ("title", " ", False), ("title", 7, False),
        ("provider", "", False), ("provider", "a" * 300, True), ("provider", "a" * 301, False),
        ("problem", "a" * 4000, True), ("problem", "a" * 4001, False), ("problem", "\n", False),
        ("change", "a" * 4000, True), ("change", "a" * 4001, False), ("change", None, False),
        ("advice", "", True), ("advice", "a" * 4000, True), ("advice", "a" * 4001, False), ("advice", None, False),
        ("strength", "", False), ("published_on", "2026-02-29", False), ("published_on", "2028-02-29", True),
        ("published_on", "2026-10-02T09:00:00", False), ("lesson", "", False), ("lesson", None, False),
        ("verdict.sentence", "a" * 4000, True), ("verdict.sentence", "a" * 4001, False),
        ("verdict.measure", "a" * 300, True), ("verdict.measure", "a" * 301, False),
        ("verdict.before.count", 0, True), ("verdict.before.count", 10**9, True),
        ("verdict.before.count", 10**9 + 1, False), ("verdict.before.count", -1, False),
        ("verdict.before.count", "many", False), ("verdict.before.count", None, False),
        ("verdict.after.out_of", "0", True), ("verdict.after.out_of", "999999999.999", True),
        ("verdict.after.out_of", "1234567890", False), ("verdict.after.out_of", "1.2345", False),
        ("verdict.after.out_of", "-1", False), ("verdict.after.out_of", "1e9", False),
        ("verdict.after.out_of", "NaN", False), ("verdict.after.out_of", "", False),
        ("verdict.after.out_of", "٣", False), ("verdict.after.out_of", "5\n", False),
        ("verdict.word", "improved", False), ("verdict.word", "", False), ("verdict.exploratory", None, False),
        ("verdict.looked_on", "soon", False), ("verdict.unknown", 1, False), ("verdict.before.unknown", 1, False),
        ("verdict", None, False), ("unknown", 1, False),
    ],
)  # fmt: skip
def test_each_part_of_a_file_has_its_bounds(path: str, value: Any, taken: bool) -> None:
    assert bool(reads(with_part(path, value))) is not taken


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("pathway.version", 0), ("pathway.version", 100_001), ("pathway.version", None), ("pathway.live_on", "then"),
        ("pathway.code", "Not A Code"), ("pathway.code", "../self-neglect"), ("pathway.title", ""),
        ("pathway.definition", None), ("pathway.definition", []), ("pathway.definition.unknown", 1),
        ("pathway.definition.title", "Of another"), ("pathway.unknown", 1),
    ],
)  # fmt: skip
def test_a_pathway_that_does_not_fit_is_not_taken(path: str, value: Any) -> None:
    assert reads(a_lesson()) == ""
    assert reads(with_part(path, value, pathway=True)) != ""


@pytest.mark.parametrize("place", ["title", "provider", "problem", "change", "advice", "verdict.sentence"])
@pytest.mark.parametrize(
    "letter",
    ["\u202e", "\u202d", "\u2066", "\u2069", "\u200e", "\u200f", "\x00", "\x07", "\x1b", "\x7f", "\x85", "\x9b", "\r"],
)
def test_nothing_that_hides_or_turns_text_round_comes_in(place: str, letter: str) -> None:
    assert UNSEEN in reads(with_part(place, f"Before{letter}after"))


@pytest.mark.parametrize("letter", ["\n", "\t", "é", "🟢", "\u200d", "ع", "—", "\u00a0", "<b>", "\\", '"'])
def test_what_people_write_comes_in_as_it_is(letter: str) -> None:
    lesson = with_part("problem", f"Before{letter}after")
    assert read_bundle(signed_bundle(lesson, SIGNER).encode()).bundle.problem == f"Before{letter}after"


@pytest.mark.parametrize("word", ["Improved", "Got worse", "No worthwhile change", "Not shown"])
@pytest.mark.parametrize("exploratory", [True, False])
@pytest.mark.parametrize("pathway", [True, False])
def test_there_is_one_way_only_to_be_adopted(word: str, exploratory: bool, pathway: bool) -> None:
    lesson = a_lesson() if pathway else a_lesson(pathway=None)
    lesson["verdict"] = lesson["verdict"] | {"word": word, "exploratory": exploratory}
    adoptable = word == "Improved" and not exploratory and pathway
    assert (why_not_adopt(kept_bundle(lesson)) == "") is adoptable


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.text(max_size=12),
    lambda one: st.lists(one, max_size=4) | st.dictionaries(st.text(max_size=6), one, max_size=4),
    max_leaves=12,
)
SHOWN = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=60)


@given(SHOWN, SHOWN, SHOWN, SHOWN)
def test_what_goes_out_comes_in_the_same(title: str, problem: str, change: str, advice: str) -> None:
    lesson = a_lesson(pathway=None, title=title, problem=problem, change=change, advice=advice)
    read = read_bundle(signed_bundle(lesson, SIGNER).encode())
    assert plain_bundle(read.bundle) == lesson
    assert hash_of(read.bundle) == hash_of(kept_bundle(lesson))


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=5))
def test_every_text_is_read_for_identifiers_wherever_it_stands(data: dict[str, Any]) -> None:
    deep = {"a": [{"Wren Ashdown": [data, "rang Wren"]}]}
    found = list(texts_in(deep))
    assert {"Wren Ashdown", "rang Wren", "a", *data} <= set(found)
    assert all(isinstance(one, str) for one in found)


@given(st.permutations(sorted(a_lesson(pathway=None))))
def test_the_order_in_which_parts_are_kept_changes_no_hash(names: list[str]) -> None:
    lesson = a_lesson(pathway=None)
    shuffled = {name: lesson[name] for name in names}
    assert canonical(shuffled) == canonical(lesson)
    assert signed_bundle(shuffled, SIGNER) == signed_bundle(lesson, SIGNER)


@given(st.integers(0, 31), st.sampled_from("0123456789abcdef"))
def test_one_digit_otherwise_is_another_fingerprint(place: int, digit: str) -> None:
    said = fingerprint(SIGNER.public).replace(" ", "")
    typed = said[:place] + digit + said[place + 1 :]
    assert same_fingerprint(typed, SIGNER.public) is (typed == said)


@pytest.mark.parametrize(
    "typed", ["", " ", "\u200b", "0", "fingerprint", "٠" * 32, "a" * 10_000, fingerprint(SIGNER.public) + " 0000"]
)
def test_what_is_no_fingerprint_is_not_the_same(typed: str) -> None:
    assert not same_fingerprint(typed, SIGNER.public)
