"""What counts as a word of a text, and what may be shown of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.incidents.rules import SAY_NOTHING
from saferpractice.similar.rules import LONGEST, Words, words_in

pytestmark = pytest.mark.requirement("R10")


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("He left the ward. The ward was locked.", {"left": 1, "ward": 2, "locked": 1}),
        ("Café, cafe and CAFÉ", {"cafe": 3}),
        ("wasn’t told", {"wasn": 1, "told": 1}),
        ("A self-neglect checklist", {"self": 1, "neglect": 1, "checklist": 1}),
        ("NHS number 943 476 5919, room 4b", {"nhs": 1, "number": 1, "room": 1}),
        ("on 21/09/2023 at 2:05am", {}),
        ("to be or not to be", {}),
        ("he_said <b>bold</b>", {"said": 1, "bold": 1}),
        ("Ключ от двери", {"ключ": 1, "двери": 1}),
        ("ﬁre and ﬁre, 30m² of ﬂoor", {"fire": 2, "floor": 1}),
        ("", {}),
        ("〇〇〇 room", {"room": 1}),
        ("👋 …", {}),
    ],
)
def test_the_words_of_a_text(text: str, counts: dict[str, int]) -> None:
    assert words_in(text).counts == counts


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Handover failed. The handover was late.", {"handover", "failed", "late"}),
        ("Smith rang. Nobody told Smith.", {"rang", "told"}),
        ("LIGATURE found", {"found"}),
        ("Élan was élan", {"elan"}),
    ],
)
def test_what_is_only_written_with_a_capital_is_known(text: str, plain: set[str]) -> None:
    assert words_in(text).plain == plain


def test_a_very_long_text_is_read_to_a_limit() -> None:
    words = words_in("ward " * LONGEST)
    assert words.counts == {"ward": LONGEST // 5}


@pytest.mark.parametrize(("counts", "length"), [({}, 0), ({"ward": 1}, 1), ({"ward": 3, "leave": 2}, 5)])
def test_the_length_counts_words_said_again(counts: dict[str, int], length: int) -> None:
    assert Words(counts, "").length == length


@given(st.text(max_size=400))
def test_any_text_gives_words_that_say_something(text: str) -> None:
    words = words_in(text)
    assert all(len(word) >= 3 and word not in SAY_NOTHING for word in words.counts)
    assert all(often > 0 for often in words.counts.values())
    assert words.plain <= set(words.counts)
    assert all(word.isalpha() and word == word.lower() for word in words.counts), (
        "they may go into a search as they are"
    )


@given(st.lists(st.sampled_from(["ward", "leave", "door", "handover", "the"]), max_size=20), st.randoms())
def test_the_order_of_words_does_not_matter(words: list[str], random: object) -> None:
    turned = list(words)
    random.shuffle(turned)  # type: ignore[attr-defined]
    assert words_in(" ".join(words)).counts == words_in(" ".join(turned)).counts
