"""Wording that blames a person is found, with a question about the system; system statements pass (R13)."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.findings.rules import BlameMatch, blame_in, blame_words
from saferpractice.findings.rules.blame import DATA
from saferpractice.lists.rules import ListFile, ListMistakes, load
from tests.rules.findings.labelled import (
    BEYOND_PHRASES,
    BLAME,
    FALSE_ALARMS,
    FURTHER_BLAME,
    FURTHER_SYSTEM,
    LATER_BLAME,
    LATER_SYSTEM,
    SYSTEM,
)

pytestmark = pytest.mark.requirement("R13")
LISTED = load(DATA / "blame-wording.yml")


@pytest.mark.parametrize("sentence", [*BLAME, *FURTHER_BLAME, *LATER_BLAME])
def test_blame_is_found_with_a_question_about_the_system(sentence: str) -> None:
    found = blame_in(sentence)
    assert found
    for match in found:
        assert sentence[match.start : match.end] == match.words
        assert match.span == (match.start, match.end)
        assert match.question.endswith("?") or "Say it" in match.question


@pytest.mark.parametrize("sentence", [*SYSTEM, *FURTHER_SYSTEM, *LATER_SYSTEM])
def test_a_statement_about_the_system_passes(sentence: str) -> None:
    assert blame_in(sentence) == ()


def test_the_labelled_sentences_are_told_apart_well() -> None:
    blame = [*BLAME, *FURTHER_BLAME, *LATER_BLAME, *BEYOND_PHRASES]
    system = [*SYSTEM, *FURTHER_SYSTEM, *LATER_SYSTEM, *FALSE_ALARMS]
    assert min(len(set(blame)), len(set(system))) >= 250
    found = sum(bool(blame_in(sentence)) for sentence in blame)
    false = sum(bool(blame_in(sentence)) for sentence in system)
    assert found / len(blame) >= 0.97  # recall
    assert found / (found + false) >= 0.98  # precision


def kinds(text: str) -> list[str]:
    return [match.kind for match in blame_in(text)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("The nurse failed to call.", "failed-to"),
        ("The nurse should have called.", "hindsight"),
        ("A careless entry.", "character"),
        ("It was human error.", "error-as-cause"),
        ("The worker did not follow the procedure.", "rule-breach"),
        ("The nurse did not call.", "did-not"),
        ("Notes were poorly completed by the nurse.", "negative-descriptor"),
        ("The worker needs retraining.", "individual-remedy"),
        ("He was non-compliant.", "person-supported"),
    ],
)
def test_each_kind_of_blame_asks_its_own_question(text: str, kind: str) -> None:
    [match] = blame_in(text)
    assert match.kind == kind
    own = next(entry for entry in LISTED.entries if entry.code == kind)
    assert (match.label, match.question) == (own.label, own.detail["question"])


class TestWhoItIsAbout:
    """The subject decides: a person, or a part of the system."""

    @pytest.mark.parametrize(
        ("text", "blames"),
        [
            ("The nurse failed to call.", True),
            ("The form failed to load.", False),
            ("Failed to call the family.", True),
            ("The form was open and failed to load.", False),
            ("Agency staff failed to call.", True),
            ("The agency failed to send anyone.", False),
            ("Staff said the form failed to load.", False),
            ("Staff did not know the policy and failed to call.", True),
            ("The record was closed. The nurse failed to open it.", True),
            ("Failure of the phone line.", False),
            ("Failure of the duty nurse to ring.", True),
            ("Notes were poorly completed by the nurse.", True),
            ("The template was poorly completed in places.", False),
            ("The system should have sent an alert.", False),
            ("The record should have a field for this.", False),
            ("The nurse should have sent an alert.", True),
        ],
    )
    def test_only_people_are_blamed(self, text: str, blames: bool) -> None:
        assert bool(blame_in(text)) is blames


class TestCauses:
    """Not acting, and a rule not followed, are blame only where no cause is given."""

    @pytest.mark.parametrize(
        "cause",
        [
            "because the guidance gave two thresholds",
            "since the line was closed",
            "due to a rota with a gap",
            "as there was nobody to ask",
            "which meant that the call came late",
        ],
    )
    @pytest.mark.parametrize("act", ["The nurse did not call", "The nurse did not follow the procedure"])
    def test_a_cause_in_the_sentence_answers_it(self, act: str, cause: str) -> None:
        assert blame_in(f"{act} {cause}.") == ()
        assert blame_in(f"{act}.") != ()

    def test_a_cause_in_another_sentence_does_not(self) -> None:
        assert kinds("The nurse did not call. The line was closed because of works.") == ["did-not"]

    def test_a_cause_does_not_excuse_a_judgement(self) -> None:
        assert kinds("The nurse did not call because she was careless.") == ["character"]


class TestTurnedRound:
    """Words that deny blame are none."""

    @pytest.mark.parametrize(
        "text",
        [
            "No one was at fault.",
            "The review looked for conditions rather than human error.",
            "Nobody is to blame.",
            "The multi-disciplinary team met.",
            "A clinical negligence claim was received.",
            "Self-neglect and acts of omission were referred.",
        ],
    )
    def test_they_pass(self, text: str) -> None:
        assert blame_in(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "There was no cover that evening and the cause of the delay was human error.",
        "Nobody doubts that the nurse on the late shift was at fault for the delay.",
        "Not one of the five calls was answered, and that came down to an error of judgement.",
    ],
)
def test_a_denial_of_something_else_denies_nothing(text: str) -> None:
    assert "error-as-cause" in kinds(text)


def test_every_place_is_found_in_order_and_none_twice() -> None:
    text = "The nurse failed to call and was careless.\n\nShe should have rung; it was human error."
    found = blame_in(text)
    assert [match.words for match in found] == ["failed to", "careless", "should have", "human error"]
    assert all(one.end <= two.start for one, two in itertools.pairwise(found))


def test_curly_quotes_capitals_and_line_ends_do_not_hide_it() -> None:
    assert [match.words for match in blame_in("The NURSE FAILED\nTO call; she didn’t bother to ring.")] == [
        "FAILED\nTO",
        "bother to",
    ]


@pytest.mark.parametrize("text", ["", " ", "\n\n", "...", "12 34", "é", "\x00"])
def test_nothing_to_read_is_no_blame(text: str) -> None:
    assert blame_in(text) == ()


@given(st.text(max_size=400))
def test_any_text_is_read_and_the_places_are_right(text: str) -> None:
    reached = 0
    for match in blame_in(text):
        assert reached <= match.start < match.end <= len(text)
        assert text[match.start : match.end] == match.words
        reached = match.end


@given(
    before=st.sampled_from(SYSTEM),
    blame=st.sampled_from(["The nurse failed to call.", "It was human error.", "She was careless."]),
    after=st.sampled_from(SYSTEM),
)
def test_blame_is_found_among_system_statements(before: str, blame: str, after: str) -> None:
    text = f"{before} {blame} {after}"
    [match] = blame_in(text)
    assert len(before) < match.start < len(before) + len(blame) + 1


HOSTILE = {
    "one word": "a" * 50_000,
    "failed to": "failed to " * 5_000,
    "staff": "staff " * 8_333,
    "staff made": "staff made a an " * 3_100,
    "beginnings": "carelesscareless" * 3_000,
    "many beginnings": "careles " * 6_000,
    "spaces": "failed" + " " * 50_000,
    "line breaks": "\n" * 50_000,
    "apostrophes": "didn'" * 10_000,
    "no sentence end": "the nurse and the form " * 2_100,
    "signs": "<>&\"'{}[]\\" * 5_000,
}


@pytest.mark.timeout(30)
@pytest.mark.parametrize("kind", HOSTILE)
def test_no_text_can_stall_it(kind: str) -> None:
    """Half a minute is some twenty times what it takes."""
    blame_in(HOSTILE[kind])


class TestTheWordsAreChecked:
    """The list of wording is read whole or refused."""

    def changed(self, **detail: object) -> ListFile:
        first = LISTED.entries[0]
        entry = first.model_copy(update={"detail": {**first.detail, **detail}})
        return LISTED.model_copy(update={"entries": (entry, *LISTED.entries[1:])})

    @pytest.mark.parametrize(
        ("detail", "sentence"),
        [
            ({"phrases": ["@nobody failed"]}, "there is no group @nobody. This file has @staff"),
            ({"phrases": []}, '"detail.phrases": is empty'),
            ({"phrases": ["Failed to"]}, '"Failed" is not one word in small letters'),
            ({"question": ""}, '"detail.question": is empty. Write the question about the system'),
            ({"unless": True}, '"detail.unless": is not a word that stands here'),
            ({"unless_because": "yes"}, "is 'yes'. Write true or false"),
        ],
    )
    def test_a_slip_is_named_with_its_kind(self, detail: dict[str, object], sentence: str) -> None:
        with pytest.raises(ListMistakes) as caught:
            blame_words(self.changed(**detail))
        assert str(caught.value).startswith("blame-wording.yml, failed-to: ")
        assert sentence in str(caught.value)

    def test_a_provider_may_have_its_own_words(self) -> None:
        own = blame_words(self.changed(phrases=["dropped the ball"]))
        found = blame_in("The nurse dropped the ball and failed to call.", own)
        assert [match.words for match in found] == ["dropped the ball"]
        assert isinstance(found[0], BlameMatch)
