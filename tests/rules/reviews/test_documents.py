"""Which documents a tier requires, and when one of them is good enough (R9 to R12)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.lists.rules import DATA, load
from saferpractice.reviews.rules import (
    LONGEST_ANSWER,
    DecisionView,
    Question,
    Record,
    SuppliedBy,
    Verdict,
    problems_of_answers,
    problems_of_verdicts,
    required_for,
    working_days_for,
)

pytestmark = pytest.mark.requirement("R12")

SHIPPED = load(DATA / "required-documents.yml").entries

MATRIX = {
    "immediate-actions": {"A": 2, "B": 2, "C": 2},
    "quick-root-cause": {"A": 5},
    "findings": {"A": 5, "B": 20, "C": 60},
    "terms-of-reference": {"C": 10},
    "timeline": {"B": 10, "C": 20},
    "decision-review": {"B": 15, "C": 40},
    "supervision-check": {"B": 15, "C": 40},
    "partner-interface-review": {"B": 15, "C": 40},
    "evidence-pack": {"C": 50},
    "action-plan": {"C": 60},
    "oversight-sign-off": {"C": 60},
}


@dataclass
class Listed:
    code: str = "minutes"
    label: str = "Minutes"
    hint: str = ""
    detail: dict[str, Any] = field(default_factory=dict)


class TestWhatShips:
    @pytest.mark.requirement("R9", "R10", "R11")
    @pytest.mark.parametrize("tier", ["A", "B", "C"])
    def test_each_tier_requires_what_the_brief_says(self, tier: str) -> None:
        found = {document.kind: document.working_days for document in required_for(tier, SHIPPED)}
        assert found == {kind: days[tier] for kind, days in MATRIX.items() if tier in days}

    def test_a_fuller_tier_requires_at_least_as_many(self) -> None:
        counts = [len(required_for(tier, SHIPPED)) for tier in "ABC"]
        assert counts == [3, 6, 10]

    @pytest.mark.parametrize("tier", ["A", "B", "C"])
    def test_soonest_due_stands_first(self, tier: str) -> None:
        days = [document.working_days for document in required_for(tier, SHIPPED)]
        assert days == sorted(days)

    @pytest.mark.parametrize(("tier", "days"), [("A", 5), ("B", 20), ("C", 60)])
    def test_a_review_has_until_its_last_document_is_due(self, tier: str, days: int) -> None:
        assert working_days_for(tier, required_for(tier, SHIPPED)) == days

    def test_every_record_that_is_asked_for_is_one_the_loop_makes(self) -> None:
        records = {document.record for tier in "ABC" for document in required_for(tier, SHIPPED) if document.record}
        assert records <= set(Record)

    def test_what_is_answered_has_questions_and_nothing_else_has(self) -> None:
        for tier in "ABC":
            for document in required_for(tier, SHIPPED):
                assert bool(document.questions) == (document.supplied_by is SuppliedBy.ANSWERS)


class TestWhatAProviderAdds:
    def test_a_document_of_its_own_is_required_too(self) -> None:
        own = Listed(detail={"tiers": ["B"], "due_working_days": {"B": 3}, "supplied_by": "file", "clock": "contract"})
        [document] = required_for("B", [own])
        assert (document.kind, document.working_days, document.supplied_by) == ("minutes", 3, SuppliedBy.FILE)
        assert document.clock == "contract"
        assert required_for("A", [own]) == ()

    def test_questions_of_its_own_come_in_their_order(self) -> None:
        asked = [{"code": "b", "ask": "B?"}, {"code": "a", "ask": "A?", "required": False, "hint": " why "}]
        [document] = required_for("A", [Listed(detail={"tiers": ["A"], "questions": asked})])
        assert document.questions == (Question("b", "B?"), Question("a", "A?", "why", required=False))

    def test_a_day_left_out_falls_back_to_the_tier(self) -> None:
        [document] = required_for("C", [Listed(detail={"tiers": ["C"]})])
        assert document.working_days == 60

    @pytest.mark.parametrize(("tier", "days"), [("A", 5), ("B", 20), ("C", 60)])
    def test_with_every_document_ended_a_review_still_has_a_day(self, tier: str, days: int) -> None:
        assert working_days_for(tier, ()) == days


listed_documents = st.lists(
    st.builds(
        Listed,
        code=st.text("abc", min_size=1, max_size=3),
        detail=st.fixed_dictionaries(
            {
                "tiers": st.lists(st.sampled_from("ABC"), max_size=3, unique=True),
                "due_working_days": st.dictionaries(st.sampled_from("ABC"), st.integers(1, 90)),
            }
        ),
    ),
    max_size=6,
    unique_by=lambda one: one.code,
)


class TestWhateverIsListed:
    @given(listed_documents, st.sampled_from("ABC"))
    def test_a_tier_requires_exactly_what_names_it_and_ends_with_the_last(
        self, listed: list[Listed], tier: str
    ) -> None:
        found = required_for(tier, listed)
        assert {one.kind for one in found} == {one.code for one in listed if tier in one.detail["tiers"]}
        assert [one.working_days for one in found] == sorted(one.working_days for one in found)
        assert all(one.working_days >= 1 for one in found)
        assert all(one.working_days <= working_days_for(tier, found) for one in found)

    @given(listed_documents, st.sampled_from("ABC"), listed_documents)
    def test_one_more_entry_takes_nothing_away(self, listed: list[Listed], tier: str, more: list[Listed]) -> None:
        new = [one for one in more if one.code not in {old.code for old in listed}]
        before, after = required_for(tier, listed), required_for(tier, [*listed, *new])
        assert set(before) <= set(after)
        if before:
            assert working_days_for(tier, before) <= working_days_for(tier, after)

    @given(listed_documents, st.sampled_from("ABC"))
    def test_the_order_of_the_list_moves_no_deadline(self, listed: list[Listed], tier: str) -> None:
        assert set(required_for(tier, listed)) == set(required_for(tier, reversed(listed)))


QUESTIONS = (Question("one", "What was done?"), Question("two", "What else?", required=False))


class TestAnswers:
    def test_all_answered(self) -> None:
        assert problems_of_answers(QUESTIONS, {"one": "We called.", "two": "Nothing."}) == {}

    @pytest.mark.parametrize("answers", [{}, {"one": ""}, {"one": " \n\t"}])
    def test_a_required_one_left_out_says_which(self, answers: dict[str, str]) -> None:
        assert problems_of_answers(QUESTIONS, answers) == {"answer_one": "Answer “What was done?”"}

    def test_an_optional_one_may_stay_empty(self) -> None:
        assert problems_of_answers(QUESTIONS, {"one": "We called."}) == {}

    def test_too_long_says_what_to_do(self) -> None:
        problems = problems_of_answers(QUESTIONS, {"one": "x" * (LONGEST_ANSWER + 1)})
        assert "attach the rest as a file" in problems["answer_one"]
        assert problems_of_answers(QUESTIONS, {"one": "x" * LONGEST_ANSWER}) == {}

    @given(st.dictionaries(st.text(max_size=5), st.text(max_size=50)))
    def test_whatever_is_sent_only_known_questions_are_judged(self, answers: dict[str, str]) -> None:
        assert set(problems_of_answers(QUESTIONS, answers)) <= {"answer_one", "answer_two"}


class TestDecisionReview:
    pytestmark = pytest.mark.requirement("R10")

    def test_every_decision_needs_a_view_and_its_reason(self) -> None:
        assert set(problems_of_verdicts(["a", "b"], {"a": DecisionView(Verdict.SOUND, "The guidance says so.")})) == {
            "verdict_b",
            "why_b",
        }

    @pytest.mark.parametrize("verdict", list(Verdict))
    def test_also_sound_needs_its_reason(self, verdict: Verdict) -> None:
        assert set(problems_of_verdicts(["a"], {"a": DecisionView(verdict, "  ")})) == {"why_a"}
        assert problems_of_verdicts(["a"], {"a": DecisionView(verdict, "Known by then.")}) == {}

    def test_a_view_of_something_else_counts_for_nothing(self) -> None:
        assert problems_of_verdicts([], {"x": DecisionView(None, "")}) == {}

    def test_too_long(self) -> None:
        view = DecisionView(Verdict.SOUND, "x" * (LONGEST_ANSWER + 1))
        assert "Shorten" in problems_of_verdicts(["a"], {"a": view})["why_a"]

    def test_verdicts_judge_what_was_known_then(self) -> None:
        assert [verdict.label for verdict in Verdict] == [
            "Sound on what was known then",
            "Not sound on what was known then",
            "Cannot tell from the record",
        ]
