"""A bulletin fits a page and can be read by somebody of twelve."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.evidence.rules.bulletin import MOST_WORDS, OLDEST, problems_of_bulletin, reading, syllables

pytestmark = pytest.mark.requirement("R33")
PLAIN = "We look for five signs when we call. If we see two of them, we ring the boss on duty. She comes out with us."
HARD = (
    "Multidisciplinary safeguarding consultations necessitate proportionate escalation considerations, notwithstanding "
    "organisational capacity limitations and the contemporaneous documentation requirements of commissioned providers."
)
FINE = {"learned": PLAIN, "different": PLAIN, "worked": "", "ask": ""}


@pytest.mark.parametrize(
    ("word", "many"),
    [("we", 1), ("signs", 1), ("duty", 2), ("table", 2), ("made", 1), ("agree", 2), ("asked", 1), ("wanted", 2),
     ("escalation", 4), ("the", 1), ("rhythm", 1), ("x", 1), ("Boss", 1)],
)  # fmt: skip
def test_about_how_many_syllables_a_word_has(word: str, many: int) -> None:
    assert syllables(word) == many


def test_plain_words_can_be_read_by_a_child_and_hard_ones_cannot() -> None:
    plain, hard = reading(PLAIN), reading(HARD)
    assert plain is not None and hard is not None
    assert plain.age <= 9
    assert hard.age > 20
    assert hard.longest.startswith("Multidisciplinary")


def test_a_list_is_read_line_by_line() -> None:
    lines = reading("look for the five signs\n" * 10)
    one = reading("look for the five signs " * 10)
    assert lines is not None and one is not None
    assert lines.age < one.age
    assert lines.longest == "look for the five signs"


def test_a_few_words_say_nothing_of_a_reading_age() -> None:
    assert reading("Multidisciplinary considerations.") is None
    assert reading("") is None


@given(st.lists(st.sampled_from(["duty", "organisational", "ring", "and"]), min_size=12, max_size=40))
def test_one_more_long_sentence_never_makes_it_easier(words: list[str]) -> None:
    short = reading(". ".join(" ".join(words[place : place + 4]) for place in range(0, len(words), 4)) + ".")
    long = reading(" ".join(words) + ".")
    assert short is not None and long is not None
    assert short.age <= long.age


@pytest.mark.parametrize(
    ("changed", "parts"),
    [
        ({}, set()),
        ({"learned": " "}, {"learned"}),
        ({"different": ""}, {"different"}),
        ({"worked": HARD}, {"worked"}),
        ({"ask": HARD, "learned": HARD}, {"ask", "learned"}),
        ({"learned": "We ring. " * (MOST_WORDS // 2 + 1), "different": "So it is."}, {""}),
        ({"learned": "We ring. " * (MOST_WORDS // 2 - 2), "different": "So it is."}, set()),
    ],
)
def test_what_must_be_put_right(changed: dict[str, str], parts: set[str]) -> None:
    assert set(problems_of_bulletin(FINE | changed)) == parts


def test_it_says_how_old_a_reader_must_be_and_where_to_begin() -> None:
    said = problems_of_bulletin(FINE | {"worked": HARD})["worked"]
    assert f"somebody of {OLDEST} could read it" in said
    assert "begins: “Multidisciplinary" in said
    assert "…”" in said
