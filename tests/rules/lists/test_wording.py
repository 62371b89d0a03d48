"""Phrases are found by whole words, within a sentence, and no text can stall the search."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.lists.rules.wording import MOST_CHARACTERS, PhraseMistake, Phrases, words_of

pytestmark = pytest.mark.requirement("R13", "R15")

GROUPS = {"staff": ["staff", "nurse", "nurses"], "rule": ["policy", "procedure"]}


def found(text: str, *phrases: str) -> list[str]:
    words = words_of(text)
    return [text[words[f.first].start : words[f.end - 1].end] for f in Phrases(phrases, GROUPS).find(words)]


@pytest.mark.parametrize(
    ("phrase", "text", "expected"),
    [
        ("remind staff", "Remind staff to call.", ["Remind staff"]),
        ("remind staff", "We remind the staff.", []),
        ("remind staff", "Remind. Staff left.", []),
        ("remind staff", "reminders staffing", []),
        ("remind|tell staff", "Tell staff, remind staff", ["Tell staff", "remind staff"]),
        ("remind* ~2 @staff", "Reminding all the nurses", ["Reminding all the nurses"]),
        ("remind* ~2 @staff", "Reminding all of the nurses", []),
        ("@staff ~2 @rule", "The nurse broke the policy; staff policy", ["nurse broke the policy", "staff policy"]),
        ("@staff|team failed", "The team failed", ["team failed"]),
        ("non compliant", "She was non-compliant.", ["non-compliant"]),
        ("didn't call", "He didn’t call", ["didn’t call"]),
        ("staff fault", "It is the staff's fault", ["staff's fault"]),
        ("failed to", "failed\nto call", ["failed\nto"]),
        ("failed to", "failed\n\nto call", []),
        ("failed to", "it failed\n- to call", []),
        ("failed to", "so failed,\nto call", ["failed,\nto"]),
        ("failed to", "FAILED   TO call", ["FAILED   TO"]),
        ("failed to", "failed_to", ["failed_to"]),
        ("café closed", "The Café closed", ["Café closed"]),
        ("a b|c ~1 d", "a b c d a c d", ["a b c d", "a c d"]),
    ],
)
def test_a_phrase_is_found_as_written(phrase: str, text: str, expected: list[str]) -> None:
    assert found(text, phrase) == expected


def test_the_longest_phrase_at_a_place_is_taken_and_none_within_it() -> None:
    assert found("staff failed to follow the policy", "staff failed", "staff failed to ~3 policy", "failed to") == [
        "staff failed to follow the policy"
    ]


@pytest.mark.parametrize(
    ("phrase", "sentence"),
    [
        ("", "write at least one word"),
        ("~2 staff", "write ~1 to ~8 between two words"),
        ("staff ~2", "end with a word"),
        ("staff ~9 call", "write ~1 to ~8 between two words"),
        ("staff ~x call", "write ~1 to ~8 between two words"),
        ("staff ~1 ~1 call", "write ~1 to ~8 between two words"),
        ("@nobody called", "there is no group @nobody. This file has @staff, @rule"),
        ("Staff called", '"Staff" is not one word in small letters'),
        ("non-compliant", "write a hyphen as a space"),
        ("(a+)+$", "is not one word"),
        ("a*", "is not one word"),
        ("staff||nurse", '"" is not one word'),
    ],
)
def test_a_phrase_that_cannot_be_used_says_what_to_write(phrase: str, sentence: str) -> None:
    with pytest.raises(PhraseMistake) as caught:
        Phrases([phrase], GROUPS)
    assert sentence in str(caught.value)


@given(st.text(max_size=300))
def test_words_stand_where_they_say(text: str) -> None:
    words = words_of(text)
    for word, following in itertools.pairwise(words):
        assert word.start < word.end <= following.start
        assert word.sentence <= following.sentence
        assert word.clause <= following.clause
    assert all(text[word.start : word.end].lower().startswith(word.text[:1]) for word in words if word.text.isascii())


@given(
    before=st.text(alphabet="abc ,\n", max_size=40),
    after=st.text(alphabet="abc .\n", max_size=40),
)
def test_a_phrase_is_found_wherever_it_stands(before: str, after: str) -> None:
    text = f"{before}. remind staff {after}"
    assert "remind staff" in found(text, "remind staff")


HOSTILE = {
    "spaces": "failed" + " " * 50_000 + "x",
    "one word": "a" * 50_000,
    "beginnings": "staff " * 9_000,
    "almost": "staff x x x x x " * 3_200,
    "line breaks": "failed" + "\n" * 50_000,
    "breaks and spaces": "failed" + "\n " * 25_000,
    "apostrophes": "a'" * 25_000,
    "hyphens": "a-" * 25_000,
    "punctuation": ".,;:!?" * 9_000,
    "accents": "é\u0301" * 25_000,
    "right to left": "\u202efailed to " * 5_000,
    "nulls": "failed\x00to " * 5_000,
}


@pytest.mark.timeout(30)
@pytest.mark.parametrize("kind", HOSTILE)
def test_no_text_can_stall_the_search(kind: str) -> None:
    phrases = ["staff ~6 x ~6 x ~6 failed", "failed to", "staff ~6 policy", "aaa* ~6 b"]
    assert all(passage.startswith("failed") for passage in found(HOSTILE[kind], *phrases))


def test_what_stands_beyond_the_limit_is_not_read() -> None:
    assert found("x " * (MOST_CHARACTERS // 2) + "remind staff", "remind staff") == []
    assert found("x " * (MOST_CHARACTERS // 2 - 10) + "remind staff", "remind staff") == ["remind staff"]
