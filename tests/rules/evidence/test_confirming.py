"""What a person settles before words leave the provider."""

from __future__ import annotations

import pytest

from saferpractice.evidence.rules.confirming import found_in, problems, unsettled

pytestmark = pytest.mark.requirement("R33")
KNOWN = ("Wren Ashdown", "Will May")
FIELDS = ("title", "problem")


def asked(*texts: tuple[str, str], stays: tuple[str, ...] = ()) -> dict[str, str]:
    return problems(found_in(texts, KNOWN), stays, FIELDS)


def test_clean_words_ask_for_nothing() -> None:
    assert asked(("title", "Ask sooner"), ("problem", "We will ask."), ("pathway", "Ring the duty manager")) == {}


def test_what_was_found_is_said_beside_the_field_it_stands_in() -> None:
    found = asked(("title", "Ask Wren"), ("problem", "Ring 0115 496 0123."))
    assert found["title"] == "“Wren” (name) may tell who somebody is. Take it out, or tick below that it names nobody."
    assert "“0115 496 0123” (phone number)" in found["problem"]
    assert set(found) == {"title", "problem"}


def test_what_cannot_be_typed_in_is_said_for_all() -> None:
    found = asked(("pathway", "Ask Wren"), ("verdict", "Mr Pike counted"), ("pathway", "WREN"))
    assert set(found) == {"stays"}
    assert found["stays"].startswith("In what is published with it: “Wren” (name) and “Mr Pike” (titled name)")


@pytest.mark.parametrize("stays", ["May", "may", " MAY "])
def test_what_names_nobody_may_stay_however_it_is_written(stays: str) -> None:
    assert asked(("problem", "In May, and May again"), stays=(stays,)) == {}


def test_ticking_one_settles_no_other() -> None:
    assert set(asked(("title", "In May"), ("problem", "Ask Wren in May"), stays=("May",))) == {"problem"}
    assert set(asked(("title", "In May"), stays=("Wren",))) == {"title"}


def test_each_text_is_asked_for_once_in_a_place() -> None:
    found = found_in([("title", "Wren; WREN; Ashdown"), ("problem", "ashdown")], KNOWN)
    assert {where: len(each) for where, each in found.items()} == {"title": 2, "problem": 1}
    assert list(unsettled(found, ["wren"])) == ["title", "problem"]
    assert unsettled(found, ["wren", "ASHDOWN"]) == {}
