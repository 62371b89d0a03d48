"""What nobody can read is nothing, and what somebody can read stays as it was typed."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.design import forms
from saferpractice.design.typed import as_written, is_drawn
from saferpractice.incidents.rules import kept_reference
from saferpractice.lists.rules import reason_problem
from saferpractice.pathways.rules.timeline import is_filled

pytestmark = pytest.mark.requirement("R6", "R7")

UNSEEN = {
    "nothing": "",
    "white space": " \t\n\u00a0\u2003\u3000",
    "zero-width space": "\u200b",
    "zero-width joiner and non-joiner": "\u200d\u200c",
    "word joiner and byte order mark": "\u2060\ufeff",
    "soft hyphens": "\u00ad\u00ad\u00ad",
    "grapheme joiner": "\u034f",
    "fillers of Hangul": "\u115f\u1160\u3164\uffa0",
    "directions of writing": "\u202e\u2066\u2069\u061c",
    "selectors of variants": "\ufe0f\ufe0e\U000e0100",
    "tags of flags": "\U000e0067\U000e007f",
    "a blank in Braille": "\u2800",
    "where a picture was": "\ufffc",
    "half a character": "\ud83d",
    "a mark on nothing": "\u0301",
    "for private use": "\ue000",
    "given to nobody": "\ufffe\U0003fffe\ufdd0\u2065\ufff0\U000e0fff",
    "controls": "\x00\x07\x7f\x85",
    "many kinds at once": " \u200b\u00ad \u3164\n\u034f\u2800",
}
READ = (
    ".",
    "–",
    "0",
    "é",
    "e\u0301",
    "Ж",
    "因为",
    "สวัสดี",
    "نعم",
    "한국",
    "क्षि",
    "👩🏽\u200d⚕\ufe0f",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "می\u200cخواهم",
    "co\u00adoperate",
    "\u202eabc\u202c",
    "\ufeffbegins with a mark",
    "\u200b\u200bx\u200b",
    "\U00018cd6",
    "\U0001f9ff",
)


@pytest.mark.parametrize("kind", sorted(UNSEEN))
class TestWhatNobodyReads:
    def test_is_nothing(self, kind: str) -> None:
        assert as_written(UNSEEN[kind]) == ""

    @pytest.mark.parametrize("field", [forms.TextField, forms.LongTextField])
    def test_is_no_answer_where_one_is_asked(self, kind: str, field: Any) -> None:
        form = form_of(field("Why?", required_message="Say why"), UNSEEN[kind])
        assert form.errors == {"value": ["Say why"]}

    def test_is_left_out_where_none_is_asked(self, kind: str) -> None:
        form = form_of(forms.LongTextField("Why?", required=False), UNSEEN[kind])
        assert form.is_valid() and form.cleaned_data["value"] == ""

    def test_is_no_reason(self, kind: str) -> None:
        words = (f"{UNSEEN[kind]}{one}" for one in ("\u3164", "\u115f\u3164", "\u1160\u3164", "\uffa0\u115f"))
        assert (reason_problem(" ".join(words)) or "").startswith("Write the reason: someone")

    def test_fills_no_field_of_a_record(self, kind: str) -> None:
        assert not is_filled(UNSEEN[kind])


@pytest.mark.parametrize("text", READ)
class TestWhatSomebodyReads:
    def test_stays_to_the_last_character(self, text: str) -> None:
        assert as_written(text) == text
        assert as_written(f"\u00a0{text}\n ") == text

    def test_also_in_a_form(self, text: str) -> None:
        assert form_of(forms.TextField("Why?"), f" {text} ").cleaned_data == {"value": text}


def form_of(field: Any, typed: str) -> forms.Form:
    """A form with one field, sent with ``typed``."""
    made = type("One", (forms.Form,), {"value": field})({"value": typed})
    made.is_valid()
    return made  # type: ignore[no-any-return]


@given(st.text())
def test_nothing_is_altered_but_white_space_around_it(text: str) -> None:
    assert as_written(text) in {text.strip(), ""}
    assert as_written(as_written(text)) == as_written(text)
    assert bool(as_written(text)) is any(is_drawn(one) for one in text)


@given(st.text(st.characters(categories=["Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Me", "Cs", "Co"])))
def test_no_text_without_letter_number_or_sign_is_read(text: str) -> None:
    assert as_written(text) == ""


@given(st.text(min_size=1), st.sampled_from(READ))
def test_one_sign_is_enough(text: str, sign: str) -> None:
    assert sign in as_written(f"{text}{sign}{text}")


@given(st.characters(categories=["L", "N"]).filter(lambda one: "FILLER" not in unicodedata.name(one, "")))
def test_every_letter_and_number_of_the_world_counts(letter: str) -> None:
    assert as_written(letter) == letter
    assert is_filled(letter) is letter.isalnum()


@pytest.mark.parametrize("unseen", ["\u034f", "\u3164", "\u115f", "\u2800", "\ufe0f", "\U000e0100", "\u180b", "\u17b4"])
def test_a_person_is_not_two_for_what_nobody_sees(unseen: str) -> None:
    assert kept_reference(f"P-{unseen}1042{unseen}") == "P-1042"
    assert kept_reference(unseen) == ""


def test_the_marks_of_a_reference_stay() -> None:
    assert kept_reference("andre\u0301-7") == "ANDRE\u0301-7"
