"""The pure rules of the form: what is asked, and what makes an answer usable."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.triage.rules import Answer, TierCode
from saferpractice.triage.rules.form import (
    CLOCKS_DIFFER,
    LONGEST_TEXT,
    MOST_SAFETY_ACTIONS,
    SafetyAction,
    Telling,
    TellingState,
    TierChoice,
    TriageForm,
    problems_of_form,
    problems_of_telling,
    problems_of_tier,
)

pytestmark = pytest.mark.requirement("R6", "R8")
AT = datetime(2026, 3, 4, 2, 5, tzinfo=UTC)
CODES = {
    "abuse-types": frozenset({"financial", "self-neglect"}),
    "msp-wishes": frozenset({"asked-expressed", "asked-none", "not-asked", "not-known"}),
    "nationally-required": frozenset({"never-event"}),
}
WHY = "The lesson is known from two reviews this year, and acted on."


def a_form(**changes: Any) -> TriageForm:
    answers: dict[str, Any] = {
        "needs_care_and_support": Answer.YES,
        "abuse_or_neglect": Answer.NO,
        "wishes": "not-known",
        "family_warning": Answer.NO,
        "healthcare_acts_suspected": Answer.NO,
        "still_at_risk": Answer.NO,
        "safety_actions": (SafetyAction(what="Rang her", who="Wren", done_at=AT),),
    }
    return TriageForm(**(answers | changes))


def problems(**changes: Any) -> dict[str, str]:
    return problems_of_form(a_form(**changes), at=AT, codes=CODES)


answers = st.sampled_from(Answer)


@given(first=answers, second=answers, third=st.none() | answers)
def test_no_answer_to_the_three_tests_blocks(first: Answer, second: Answer, third: Answer | None) -> None:
    found = problems(
        needs_care_and_support=first,
        abuse_or_neglect=second,
        unable_to_protect_self=third,
        abuse_types=("financial",),
    )
    assert found == {}


def test_the_third_test_left_alone_is_not_known() -> None:
    assert a_form().tests.unable_to_protect_self is Answer.UNKNOWN
    assert a_form(unable_to_protect_self=Answer.NO).tests.unable_to_protect_self is Answer.NO


@pytest.mark.parametrize("answer", list(Answer))
def test_suspected_abuse_needs_its_types_and_only_then(answer: Answer) -> None:
    assert ("abuse_types" in problems(abuse_or_neglect=answer, abuse_types=())) is (answer is Answer.YES)


@pytest.mark.parametrize("answer", list(Answer))
def test_a_risk_that_is_or_may_be_there_needs_words(answer: Answer) -> None:
    assert ("risk_words" in problems(still_at_risk=answer)) is (answer is not Answer.NO)
    assert problems(still_at_risk=answer, risk_words="Her, from her brother; she is at her sister's.") == {}


@pytest.mark.parametrize(
    ("wishes", "needs_words"),
    [("asked-expressed", True), ("not-asked", True), ("asked-none", False), ("not-known", False)],
)
def test_wishes_and_why_nobody_asked_need_words(wishes: str, needs_words: bool) -> None:
    assert ("wishes_words" in problems(wishes=wishes)) is needs_words
    assert problems(wishes=wishes, wishes_words="I want my card back.") == {}


class TestSafetyActions:
    def test_one_of_them_or_a_reason_for_none(self) -> None:
        assert set(problems(safety_actions=())) == {"no_safety_actions_because"}
        assert problems(safety_actions=(), no_safety_actions_because="She had left before we knew.") == {}

    @given(
        what=st.sampled_from(["", "  ", "Rang her"]),
        who=st.sampled_from(["", "\t", "Wren"]),
        ahead=st.timedeltas(-timedelta(days=400), timedelta(days=400)),
    )
    def test_each_needs_what_who_and_a_time_that_has_passed(self, what: str, who: str, ahead: timedelta) -> None:
        action = SafetyAction(what=what, who=who, done_at=AT + ahead)
        found = problems(safety_actions=(action,))
        assert ("action-0-what" in found) is (not what.strip())
        assert ("action-0-who" in found) is (not who.strip())
        assert ("action-0-done_at" in found) is (ahead > CLOCKS_DIFFER)

    def test_the_one_at_fault_is_named(self) -> None:
        good, bad = SafetyAction(what="Rang her", who="Wren"), SafetyAction(what="Rang her", who="")
        assert set(problems(safety_actions=(good, good, bad))) == {"action-2-who"}

    def test_not_without_end(self) -> None:
        many = (SafetyAction(what="Rang her", who="Wren"),) * (MOST_SAFETY_ACTIONS + 1)
        assert set(problems(safety_actions=many)) == {"safety_actions"}
        long = SafetyAction(what="x" * (LONGEST_TEXT + 1), who="x" * 201)
        assert set(problems(safety_actions=(long,))) == {"action-0-what", "action-0-who"}


@given(text=st.text(min_size=0, max_size=60))
def test_any_text_is_taken_or_refused_with_a_sentence(text: str) -> None:
    found = problems(wishes="asked-expressed", wishes_words=text, abuse_types=(text,), nationally_required=text)
    assert all(sentence.endswith(".") for sentence in found.values())


class TestTelling:
    def found(self, **given: Any) -> dict[str, str]:
        telling = Telling(**({"duty": "police", "state": TellingState.REQUIRED} | given))
        return problems_of_telling(telling, at=AT, duties={"police"})

    def test_required_needs_nothing_more(self) -> None:
        assert self.found() == {}

    def test_done_needs_its_time(self) -> None:
        assert set(self.found(state=TellingState.DONE)) == {"done_at"}
        assert self.found(state=TellingState.DONE, done_at=AT) == {}
        assert self.found(state=TellingState.DONE, done_at=AT + CLOCKS_DIFFER) == {}
        assert set(self.found(state=TellingState.DONE, done_at=AT + timedelta(minutes=6))) == {"done_at"}

    @pytest.mark.parametrize("reason", ["", "n/a", "not needed", "as above"])
    def test_need_not_needs_a_reason_one_can_follow(self, reason: str) -> None:
        assert set(self.found(state=TellingState.NOT_REQUIRED, reason=reason)) == {"reason"}
        assert self.found(state=TellingState.NOT_REQUIRED, reason="Nothing here is a crime.") == {}

    def test_only_a_duty_of_the_list(self) -> None:
        assert set(self.found(duty="moon")) == {"duty"}

    def test_each_state_has_its_words(self) -> None:
        assert [state.label for state in TellingState] == ["To be told", "Need not be told", "Told"]


class TestTier:
    @given(proposed=st.sampled_from(TierCode), chosen=st.sampled_from(TierCode))
    def test_a_departure_either_way_needs_a_reason_and_nothing_else_does(
        self, proposed: TierCode, chosen: TierCode
    ) -> None:
        without = problems_of_tier(TierChoice(tier=chosen), proposed=proposed, why="Harm was low.")
        assert set(without) == (set() if chosen is proposed else {"reason"})
        assert problems_of_tier(TierChoice(tier=chosen, reason=WHY), proposed=proposed, why="Harm was low.") == {}

    @given(proposed=st.sampled_from(TierCode), chosen=st.sampled_from(TierCode), seen=st.sampled_from(TierCode))
    def test_a_proposal_not_seen_comes_first(self, proposed: TierCode, chosen: TierCode, seen: TierCode) -> None:
        choice = TierChoice(tier=chosen, reason=WHY, seen=seen)
        found = problems_of_tier(choice, proposed=proposed, why="Harm was low.")
        assert set(found) == (set() if seen is proposed else {"tier"})

    def test_it_says_what_is_proposed_now_and_why(self) -> None:
        choice = TierChoice(tier=TierCode.A, seen=TierCode.A)
        assert problems_of_tier(choice, proposed=TierCode.C, why="The person has died.") == {
            "tier": "The rules now propose Tier C, formal investigation: the person has died. Look again, then choose."
        }

    def test_a_reason_has_an_end(self) -> None:
        long = TierChoice(tier=TierCode.A, reason="word " * LONGEST_TEXT)
        assert set(problems_of_tier(long, proposed=TierCode.A, why="Harm was low.")) == {"reason"}
