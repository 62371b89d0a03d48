"""What must be put right before a change, an action, its evidence or a proof can stand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from saferpractice.changes.rules import (
    KindOfProof,
    ProposedChange,
    ProposedProof,
    TypeOfChange,
    problems_of_action,
    problems_of_change,
    problems_of_evidence,
    problems_of_proof,
)

TODAY = date(2026, 3, 4)
GOOD = ProposedChange(
    title="Self-neglect checklist in the visit note",
    change_type="risk-prompt",
    monday="The visit note asks five questions and will not close until they are answered.",
    go_live_on=TODAY + timedelta(days=7),
)
PROMPT = TypeOfChange("Revised risk prompt", can_be_impassable=True)
TRAINING = TypeOfChange("Training", can_be_impassable=False)

BRIEFING = KindOfProof("Briefing held", counts_people=True, needs_file=False, compares_versions=False)
TEMPLATE = KindOfProof("Revised template", counts_people=False, needs_file=True, compares_versions=True)
HELD = ProposedProof(kind="briefing", held_on=TODAY, reached=9, needed=11, who="All but two on leave")
IN_USE = ProposedProof(kind="revised-template", held_on=TODAY)


def change_problems(proposed: ProposedChange, **changes: object) -> dict[str, str]:
    given: dict = {"today": TODAY, "chosen_type": PROMPT, "findings": 1, "teams": 1}
    return problems_of_change(proposed, **(given | changes))


def proof_problems(proof: ProposedProof, kind: KindOfProof | None, **changes: object) -> dict[str, str]:
    given: dict = {"today": TODAY, "earliest": TODAY - timedelta(days=30), "has_file": False, "has_previous": False}
    return problems_of_proof(proof, kind=kind, **(given | changes))


@pytest.mark.requirement("R14")
class TestChange:
    def test_a_usable_change_has_no_problems(self) -> None:
        assert change_problems(GOOD) == {}

    @pytest.mark.parametrize(
        ("field", "value", "sentence"),
        [
            ("title", "  ", "Enter a short name for the change."),
            ("title", "x" * 201, "Shorten this to 200 characters."),
            ("monday", "", "Enter what is different for the worker on Monday."),
            ("monday", "x" * 20_001, "Shorten this to 20,000 characters."),
            ("go_live_on", TODAY - timedelta(days=1), "Enter today or a later day as the day it goes live."),
            ("go_live_on", date(2062, 3, 4), "Check the year: 4 March 2062 is more than three years away."),
        ],
    )
    def test_each_answer_says_what_to_do(self, field: str, value: object, sentence: str) -> None:
        assert change_problems(replace(GOOD, **{field: value})) == {field: sentence}

    @pytest.mark.parametrize(
        ("facts", "field"),
        [({"findings": 0}, "findings"), ({"teams": 0}, "reach"), ({"chosen_type": None}, "change_type")],
    )
    def test_a_change_answers_something_and_reaches_somebody(self, facts: dict, field: str) -> None:
        assert list(change_problems(GOOD, **facts)) == [field]

    def test_today_is_early_enough(self) -> None:
        assert change_problems(replace(GOOD, go_live_on=TODAY)) == {}

    def test_a_step_that_cannot_be_passed_says_what_stops_the_work(self) -> None:
        claimed = replace(GOOD, cannot_be_passed=True)
        assert list(change_problems(claimed)) == ["why_not_passed"]
        assert change_problems(replace(claimed, why_not_passed="The note does not close.")) == {}

    def test_training_can_always_be_passed_by(self) -> None:
        claimed = replace(GOOD, cannot_be_passed=True, why_not_passed="It is mandatory.")
        assert change_problems(claimed, chosen_type=TRAINING)["cannot_be_passed"].startswith(
            "Training can always be passed by."
        )

    def test_everything_wrong_is_said_at_once(self) -> None:
        empty = ProposedChange(title="", change_type="", monday="", go_live_on=TODAY - timedelta(days=9))
        found = change_problems(empty, chosen_type=None, findings=0, teams=0)
        assert set(found) == {"title", "monday", "change_type", "findings", "reach", "go_live_on"}


@pytest.mark.requirement("R35")
class TestActionAndEvidence:
    def test_a_usable_action_has_no_problems(self) -> None:
        assert problems_of_action(what="Put the checklist into the form", due_on=TODAY, today=TODAY) == {}

    def test_an_action_needs_words_and_a_day_to_come(self) -> None:
        found = problems_of_action(what=" ", due_on=TODAY - timedelta(days=1), today=TODAY)
        assert found == {
            "what": "Enter what must be done.",
            "due_on": "Enter today or a later day as the day it is due.",
        }

    @pytest.mark.parametrize(("has_file", "record"), [(True, ""), (False, "Care record, note of 3 March"), (True, "x")])
    def test_words_with_a_file_or_a_record_are_evidence(self, has_file: bool, record: str) -> None:
        assert problems_of_evidence(words="It is in use.", has_file=has_file, record=record) == {}

    def test_words_alone_are_no_evidence(self) -> None:
        found = problems_of_evidence(words="Done, honestly.", has_file=False, record="  ")
        assert found == {"file": "Add a file, or enter the record where the evidence can be found."}

    def test_a_file_alone_is_no_evidence(self) -> None:
        assert list(problems_of_evidence(words="", has_file=True, record="")) == ["words"]

    def test_a_record_has_an_end(self) -> None:
        assert list(problems_of_evidence(words="x", has_file=True, record="r" * 301)) == ["record"]


@pytest.mark.requirement("R3")
class TestProof:
    def test_a_briefing_says_who_of_how_many(self) -> None:
        assert proof_problems(HELD, BRIEFING) == {}

    def test_a_template_is_the_new_version_and_the_old(self) -> None:
        assert proof_problems(IN_USE, TEMPLATE, has_file=True, has_previous=True) == {}

    def test_a_first_version_says_so(self) -> None:
        assert list(proof_problems(IN_USE, TEMPLATE, has_file=True)) == ["previous_file"]
        first = replace(IN_USE, no_previous_because="There was no template before.")
        assert proof_problems(first, TEMPLATE, has_file=True) == {}

    def test_an_unknown_kind_is_asked_for_first(self) -> None:
        assert proof_problems(HELD, None) == {"kind": "Choose what kind of proof this is."}

    def test_a_template_without_its_file_is_no_proof(self) -> None:
        assert proof_problems(IN_USE, TEMPLATE) == {"file": "Attach the new version that is now in use."}

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"who": " "}, "who"),
            ({"reached": None}, "reached"),
            ({"reached": 0}, "reached"),
            ({"needed": None}, "needed"),
            ({"needed": 0}, "needed"),
            ({"reached": 12}, "reached"),
            ({"reached": 9, "needed": 100_001}, "needed"),
            ({"who": "x" * 20_001}, "who"),
            ({"words": "x" * 20_001}, "words"),
            ({"no_previous_because": "x" * 301}, "no_previous_because"),
        ],
    )
    def test_each_answer_is_checked(self, changes: dict, field: str) -> None:
        assert list(proof_problems(replace(HELD, **changes), BRIEFING)) == [field]

    def test_proof_is_of_what_has_happened(self) -> None:
        tomorrow = replace(HELD, held_on=TODAY + timedelta(days=1))
        assert list(proof_problems(tomorrow, BRIEFING)) == ["held_on"]

    def test_what_happened_before_the_incident_proves_nothing(self) -> None:
        early = replace(HELD, held_on=TODAY - timedelta(days=31))
        assert proof_problems(early, BRIEFING) == {
            "held_on": "Enter a day from 2 February 2026 on, when the incident became known."
        }

    def test_a_kind_that_asks_for_nothing_counts_people(self) -> None:
        """A provider's own kind must still say something that can be checked."""
        own = KindOfProof("Observed practice", counts_people=False, needs_file=False, compares_versions=False)
        bare = ProposedProof(kind="observed", held_on=TODAY)
        assert set(proof_problems(bare, own)) == {"who", "reached", "needed"}
