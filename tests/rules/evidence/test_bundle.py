"""Lessons as files: what was signed is what is read, and nothing else gets in."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saferpractice.evidence.rules import bundle as rules
from saferpractice.evidence.rules.bundle import (
    CHANGED,
    LARGEST,
    NOT_A_LESSON,
    ORIGIN,
    BadFile,
    canonical,
    fingerprint,
    hash_of,
    kept_bundle,
    plain_bundle,
    read_bundle,
    same_fingerprint,
    signed_bundle,
)
from saferpractice.evidence.rules.lessons import NO_PATHWAY, NOT_PROVEN, LessonWords, problems_of_words, why_not_adopt
from saferpractice.pathways.rules.reading import load_library
from saferpractice.trail.rules import Forged, PublicKey, Signer, read_head
from tests.factories.bundles import SELF_NEGLECT, a_lesson

pytestmark = pytest.mark.requirement("R33")

SIGNER = Signer("an installation of which nothing is known here")
OTHER = Signer("somebody who wants to be taken for another one")


def a_file(signer: Signer = SIGNER, **changed: Any) -> str:
    return signed_bundle(a_lesson(**changed), signer)


def signed(line: str, *, first: str = ORIGIN, key: str = "") -> bytes:
    """Whatever stands on the line of the lesson, signed as a lesson is."""
    return SIGNER.sign_text(f"{first}\n{line}\nkey {key or SIGNER.public}\n").encode()


def test_what_was_signed_is_read_back_whole() -> None:
    read = read_bundle(a_file().encode())
    assert plain_bundle(read.bundle) == a_lesson()
    assert read.key == SIGNER.public
    assert read.definition == load_library()["self-neglect"]
    assert read.note == a_file()


def test_a_lesson_without_a_pathway_is_read_too() -> None:
    read = read_bundle(a_file(pathway=None).encode())
    assert (read.bundle.pathway, read.definition) == (None, None)


@pytest.mark.parametrize(
    "sent",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: text + "\n\n",
        lambda text: text.rstrip("\n"),
    ],
)
def test_what_mail_and_editors_do_at_the_ends_does_no_harm(sent: Callable[[str], str]) -> None:
    assert read_bundle(sent(a_file()).encode()).sha256 == read_bundle(a_file().encode()).sha256


def test_the_file_of_a_lesson_is_no_head_of_a_trail() -> None:
    with pytest.raises(Forged):
        read_head(a_file(), [SIGNER.public])


def test_a_file_of_the_format_of_today_can_be_read_always() -> None:
    kept = SIGNER.sign_text(f"{ORIGIN}\n{canonical(a_lesson(pathway=None))}\nkey {SIGNER.public}\n")
    assert kept.split("\n")[0] == "saferpractice.lesson/1"
    assert fingerprint(read_bundle(kept.encode()).key) == fingerprint(SIGNER.public)


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", NOT_A_LESSON),
        (b"\xff\xfe\x00", NOT_A_LESSON),
        (b"hello\n" * 6, NOT_A_LESSON),
        (signed(canonical(a_lesson()), first="saferpractice.lesson/2"), "made by a newer version"),
        (signed(canonical(a_lesson()), first="saferpractice.trail/1"), NOT_A_LESSON),
        (a_file().replace("Everybody looks", "Nobody looks").encode(), CHANGED),
        (a_file().replace(str(SIGNER.public), str(OTHER.public)).encode(), CHANGED),
        (a_file().replace("key saferpractice+", "key somebody+").encode(), CHANGED),
        (signed(canonical(a_lesson()), key="not a key"), CHANGED),
        (a_file().rsplit("\n— ", 1)[0].encode(), NOT_A_LESSON),
        ((a_file() + a_file()).encode(), NOT_A_LESSON),
        (b"a" * (LARGEST + 1), "is smaller than"),
        (signed("{"), NOT_A_LESSON),
        (signed("null"), NOT_A_LESSON),
        (signed("[]"), NOT_A_LESSON),
        (signed('"text"'), NOT_A_LESSON),
        (signed("[" * 90_000 + "]" * 90_000), NOT_A_LESSON),
        (signed('{"a":' * 40_000 + "1" + "}" * 40_000), NOT_A_LESSON),
        (signed("9" * 50_000), NOT_A_LESSON),
        (signed('{"a":NaN}'), NOT_A_LESSON),
        (signed('{"a":1e999}'), NOT_A_LESSON),
        (signed('{"a":1,"a":1}'), NOT_A_LESSON),
        (signed('{"b":1,"a":1}'), NOT_A_LESSON),
        (signed(json.dumps(a_lesson())), NOT_A_LESSON),
        (signed(canonical({"a": 1})), "not a whole lesson"),
        (a_file(title="Turned \u202eround").encode(), "characters that cannot be seen"),
        (a_file(change="Nothing\x00 here").encode(), "characters that cannot be seen"),
        (a_file(advice="\ud800").encode(), "characters that cannot be seen"),
        (a_file(extra=1).encode(), "not a whole lesson"),
        (a_file(title="").encode(), "not a whole lesson"),
        (a_file(title="long " * 100).encode(), "not a whole lesson"),
        (a_file(lesson="../../etc").encode(), "not a whole lesson"),
        (a_file(published_on="yesterday").encode(), "not a whole lesson"),
        (a_file(verdict=a_lesson()["verdict"] | {"word": "Wonderful"}).encode(), "not a whole lesson"),
        (a_file(verdict=a_lesson()["verdict"] | {"word": "Too early to tell"}).encode(), "not a whole lesson"),
        (a_file(verdict=a_lesson()["verdict"] | {"before": {"count": -1, "out_of": "5"}}).encode(), "not a whole"),
        (a_file(verdict=a_lesson()["verdict"] | {"before": {"count": 1, "out_of": "many"}}).encode(), "not a whole"),
        (a_file(pathway=a_lesson()["pathway"] | {"definition": {}}).encode(), "cannot be used here"),
        (
            a_file(pathway=a_lesson()["pathway"] | {"definition": SELF_NEGLECT | {"obligations": []}}).encode(),
            "cannot be used here",
        ),
        (a_file(pathway=a_lesson()["pathway"] | {"code": "exploitation"}).encode(), "not the one that"),
        (a_file(pathway=a_lesson()["pathway"] | {"title": "Another"}).encode(), "not the one that"),
    ],
)  # fmt: skip
def test_a_hostile_or_broken_file_is_refused_with_what_to_do(raw: bytes, sentence: str) -> None:
    with pytest.raises(BadFile) as refused:
        read_bundle(raw)
    assert sentence in refused.value.sentence


def test_what_is_wrong_in_a_definition_is_said() -> None:
    broken = SELF_NEGLECT | {"obligations": [SELF_NEGLECT["obligations"][0] | {"within": "soon"}]}
    with pytest.raises(BadFile) as refused:
        read_bundle(a_file(pathway=a_lesson()["pathway"] | {"definition": broken}).encode())
    assert "soon" in " ".join(refused.value.details)
    assert len(refused.value.details) <= rules.MOST_MISTAKES


@given(st.integers(0, len(a_file(pathway=None)) - 1), st.characters(codec="ascii"))
def test_no_letter_of_a_file_can_be_changed(place: int, letter: str) -> None:
    text = a_file(pathway=None)
    changed = text[:place] + letter + text[place + 1 :]
    try:
        read = read_bundle(changed.encode())
    except BadFile:
        return
    assert read.note == text, "only what mail does at the end may differ"


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: signed(text.replace("\n", " "))))
@settings(deadline=None)
def test_any_file_at_all_is_read_or_refused(raw: bytes) -> None:
    with pytest.raises(BadFile):
        read_bundle(raw)


def test_a_fingerprint_is_compared_as_people_say_it() -> None:
    said = fingerprint(SIGNER.public)
    assert len(said.split()) == 8
    assert same_fingerprint(said.upper().replace(" ", "  "), SIGNER.public)
    assert same_fingerprint(said.replace(" ", ""), SIGNER.public)
    assert not same_fingerprint(fingerprint(OTHER.public), SIGNER.public)
    assert not same_fingerprint(said[:-1], SIGNER.public)
    assert not same_fingerprint("", SIGNER.public)


def test_the_hash_of_a_lesson_is_of_everything_in_it() -> None:
    first = hash_of(kept_bundle(a_lesson()))
    assert first == hash_of(read_bundle(a_file().encode()).bundle)
    assert first != hash_of(kept_bundle(a_lesson(advice="Begin small.")))


def test_a_key_is_read_from_its_text_as_it_stands_in_the_file() -> None:
    assert PublicKey.read(a_file().split("\n")[2].removeprefix("key ")) == SIGNER.public


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({}, ""),
        ({"pathway": None}, NO_PATHWAY),
        ({"verdict": a_lesson()["verdict"] | {"word": "Not shown"}}, NOT_PROVEN),
        ({"verdict": a_lesson()["verdict"] | {"word": "Got worse"}}, NOT_PROVEN),
        ({"verdict": a_lesson()["verdict"] | {"word": "No worthwhile change"}}, NOT_PROVEN),
        ({"verdict": a_lesson()["verdict"] | {"exploratory": True}}, NOT_PROVEN),
    ],
)
def test_only_a_pathway_that_is_shown_to_have_worked_is_there_to_adopt(changed: dict[str, Any], why: str) -> None:
    assert why_not_adopt(kept_bundle(a_lesson(**changed))) == why


@pytest.mark.parametrize(
    ("words", "fields"),
    [
        ({}, set()),
        ({"advice": " "}, set()),
        ({"title": "  "}, {"title"}),
        ({"problem": "", "change": "\n"}, {"problem", "change"}),
        ({"title": "a" * 201}, {"title"}),
        ({"title": "a" * 200, "advice": "a" * 4000}, set()),
        ({"change": "a" * 4001, "advice": "a" * 4001}, {"change", "advice"}),
        ({"title": "Turned \u202eround"}, {"title"}),
        ({"problem": "A bell \x07 rang", "advice": "\x85"}, {"problem", "advice"}),
        ({"problem": "One line\nand\tanother, 🧑\u200d🍳 éa\u0301"}, set()),
        ({"title": "\u200f" * 201}, {"title"}),
    ],
)
def test_the_words_of_a_lesson(words: dict[str, str], fields: set[str]) -> None:
    given = LessonWords(**({"title": "A", "problem": "B", "change": "C"} | words))
    assert set(problems_of_words(given)) == fields
