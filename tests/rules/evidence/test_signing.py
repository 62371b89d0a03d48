"""What a signature covers, who gives it, and what is lacking before it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from saferpractice.evidence.rules.thematic.draft import NEEDS_COMMENTARY, draft
from saferpractice.evidence.rules.thematic.signing import (
    MOST_WORDS,
    SignedMeeting,
    SignedWords,
    Standing,
    changed_since,
    content_to_sign,
    hash_of,
    lacking,
    problems_of_words,
    references_in,
    signer_problem,
)
from tests.rules.evidence.facts import facts, incident

pytestmark = pytest.mark.requirement("R36", "R34")
ONE, OTHER, THIRD = (UUID(int=number) for number in (1, 2, 3))


def standing(**changes: Any) -> Standing:
    given: dict[str, Any] = {
        "draft": 2, "commented": set(NEEDS_COMMENTARY), "meeting_draft": 2, "decisions": 1, "signed": False,
    }  # fmt: skip
    return Standing(**(given | changes))


class TestLacking:
    def test_nothing(self) -> None:
        assert lacking(standing(), {}) == []

    @pytest.mark.parametrize(
        ("changes", "sentences"),
        [
            ({"draft": None}, ["Draw the numbers of the quarter."]),
            ({"meeting_draft": None}, ["Put it before a quality meeting."]),
            ({"decisions": 0}, ["Write down what the meeting decided, also if it is that nothing more is needed."]),
            (
                {"meeting_draft": 1},
                ["The numbers were drawn again after the meeting. Put them before a meeting as they are now."],
            ),
            (
                {"commented": {"overall", "theme:exploitation", "theme:lost-contact"}},
                ["Say something on “Self-neglect”."],
            ),
        ],
    )
    def test_something(self, changes: dict[str, Any], sentences: list[str]) -> None:
        assert lacking(standing(**changes), {"theme:self-neglect": "Self-neglect"}) == sentences

    def test_the_three_patterns_of_the_brief_need_a_word_each(self) -> None:
        assert set(NEEDS_COMMENTARY) == {"overall", "theme:self-neglect", "theme:exploitation", "theme:lost-contact"}
        assert len(lacking(standing(commented=set()), {})) == 4


@pytest.mark.parametrize(
    ("signer", "chair", "drawn_by", "sentence"),
    [
        (ONE, ONE, OTHER, ""),
        (ONE, ONE, None, ""),
        (ONE, None, OTHER, "It has not been before a meeting yet."),
        (ONE, OTHER, OTHER, "Only whoever chaired the meeting signs."),
        (ONE, OTHER, THIRD, "Only whoever chaired the meeting signs."),
        (ONE, ONE, ONE, "You drew these numbers."),
    ],
)
def test_who_signs(signer: UUID, chair: UUID | None, drawn_by: UUID | None, sentence: str) -> None:
    found = signer_problem(signer=signer, chair=chair, drawn_by=drawn_by)
    assert found.startswith(sentence) if sentence else found == ""


class TestHash:
    def content(self, **changes: Any) -> dict[str, Any]:
        given: dict[str, Any] = {
            "draft_sha256": "a" * 64,
            "commentary": [SignedWords(id=ONE, about="overall", words="More.", by="Quill")],
            "meeting": SignedMeeting(
                id=OTHER, held_on=date(2026, 1, 20), chaired_by=THIRD, there=[("Ash", "Expert", True)]
            ),
            "decisions": [SignedWords(id=THIRD, about="m", words="Count.", by="Quill")],
        }
        return content_to_sign(**(given | changes))

    @pytest.mark.parametrize(
        "changes",
        [
            {"draft_sha256": "b" * 64},
            {"commentary": [SignedWords(id=ONE, about="overall", words="Less.", by="Quill")]},
            {"commentary": [SignedWords(id=ONE, about="risks", words="More.", by="Quill")]},
            {"commentary": [SignedWords(id=ONE, about="overall", words="More.", by="Drew")]},
            {"commentary": []},
            {"decisions": []},
            {"decisions": [SignedWords(id=THIRD, about="m", words="Count twice.", by="Quill")]},
            *(
                {"meeting": SignedMeeting(id=OTHER, held_on=day, chaired_by=chair, there=there)}
                for day, chair, there in (
                    (date(2026, 1, 21), THIRD, [("Ash", "Expert", True)]),
                    (date(2026, 1, 20), ONE, [("Ash", "Expert", True)]),
                    (date(2026, 1, 20), THIRD, [("Ash", "Expert", False)]),
                    (date(2026, 1, 20), THIRD, []),
                )
            ),
        ],
    )
    def test_whatever_differs_is_another_hash(self, changes: dict[str, Any]) -> None:
        assert hash_of(self.content(**changes)) != hash_of(self.content())

    def test_the_order_of_rows_makes_no_difference(self) -> None:
        two = [SignedWords(id=uuid4(), about=about, words="W", by="Q") for about in ("b", "a")]
        there = [("Ash", "Expert", True), ("Bo", "Carer", False)]
        meeting = SignedMeeting(id=OTHER, held_on=date(2026, 1, 20), chaired_by=THIRD, there=there)
        turned = SignedMeeting(id=OTHER, held_on=date(2026, 1, 20), chaired_by=THIRD, there=there[::-1])
        assert hash_of(self.content(commentary=two, meeting=meeting)) == hash_of(
            self.content(commentary=two[::-1], meeting=turned)
        )

    def test_a_draft_always_has_the_same_hash(self) -> None:
        days = [incident(str(n), date(2025, 10, 1 + n)) for n in range(5)]
        assert hash_of(draft(facts(*days))) == hash_of(draft(facts(*days[::-1])))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("See 2025-00014.", ("2025-00014",)),
        ("2025-00014, 2025-00015 and 2025-00014", ("2025-00014", "2025-00015")),
        ("in 2025/26, from 2025 to 2026", ()),
        ("call 12025-00014 or 2025-000145", ()),
        ("between 2025-10-01 and 2025-12-31", ()),
    ],
)
def test_incident_numbers_in_words(text: str, found: tuple[str, ...]) -> None:
    assert references_in(text) == found


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Seen.", ""),
        (" \n ", "Enter something."),
        ("x" * (MOST_WORDS + 1), "Shorten this to 20,000 characters."),
        ("See 2025-00014.", "Take out 2025-00014."),
    ],
)
def test_words_that_everybody_reads(text: str, sentence: str) -> None:
    found = problems_of_words(text, field="words", asked="Enter something.")
    assert found.get("words", "").startswith(sentence)
    assert bool(found) == bool(sentence)


class TestChangedSince:
    def test_nothing(self) -> None:
        data = draft(facts(incident("a", date(2025, 11, 1))))
        assert changed_since(data, data) == []

    def test_another_number_and_another_one(self) -> None:
        then = draft(facts(incident("a", date(2025, 11, 1))))
        more = draft(facts(incident("a", date(2025, 11, 1)), incident("b", date(2025, 12, 1))))
        other = draft(facts(incident("b", date(2025, 11, 1))))
        assert "All incidents: 1 when it was signed, 2 now." in changed_since(then, more)
        assert "All incidents: as many as when it was signed, and not the same ones." in changed_since(then, other)

    def test_what_is_open_today_is_not_what_the_quarter_was(self) -> None:
        then = draft(facts(incident("a", date(2025, 11, 1))))
        now = {
            **then,
            "sections": [{**s, "total": 9} if s["code"] == "risks" else s for s in then["sections"]],
        }
        assert changed_since(then, now) == []
