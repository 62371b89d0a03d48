"""The tests of section 42, the threshold decision, and the one question of the national event type."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.lists.rules import Checked
from saferpractice.triage.rules import (
    Answer,
    CareActTests,
    LfpseEventType,
    RepeatKind,
    ThresholdOutcome,
    TierCode,
    care_act_reading,
    check_threshold,
    lfpse_reading,
)

pytestmark = pytest.mark.requirement("R6")

TODAY = date(2026, 11, 23)
GOOD = "She eats again, her sister is with her, and the duty manager saw her this morning."
YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN


def answered(needs: Answer, risk: Answer, unable: Answer = UNKNOWN) -> CareActTests:
    return CareActTests(needs_care_and_support=needs, abuse_or_neglect=risk, unable_to_protect_self=unable)


def check(
    outcome: ThresholdOutcome,
    tests: CareActTests | None = None,
    rationale: str = GOOD,
    by: date | None = None,
) -> Checked:
    return check_threshold(
        outcome=outcome,
        rationale=rationale,
        tests=tests or answered(YES, YES),
        decided_on=TODAY,
        more_information_by=by,
    )


class TestCareActTests:
    """Reasonable cause for the first two; the third is the authority's."""

    @pytest.mark.parametrize("unable", Answer)
    def test_a_concern_is_indicated_by_the_first_two_whatever_the_third(self, unable: Answer) -> None:
        reading = care_act_reading(answered(YES, YES, unable))
        assert reading.concern_indicated is YES
        assert "reasonable cause" in reading.sentence
        if unable is not YES:
            assert "authority" in reading.sentence

    @pytest.mark.parametrize(("needs", "risk"), list(itertools.product(Answer, Answer)))
    def test_the_third_test_never_changes_the_reading(self, needs: Answer, risk: Answer) -> None:
        readings = {care_act_reading(answered(needs, risk, unable)).concern_indicated for unable in Answer}
        assert len(readings) == 1

    @pytest.mark.parametrize(
        ("needs", "risk", "indicated"),
        [
            (YES, NO, NO),
            (NO, YES, NO),
            (NO, NO, NO),
            (NO, UNKNOWN, NO),
            (YES, UNKNOWN, UNKNOWN),
            (UNKNOWN, YES, UNKNOWN),
            (UNKNOWN, UNKNOWN, UNKNOWN),
        ],
    )
    def test_other_answers(self, needs: Answer, risk: Answer, indicated: Answer) -> None:
        assert care_act_reading(answered(needs, risk)).concern_indicated is indicated

    def test_not_known_is_told_that_proof_is_not_needed(self) -> None:
        assert "proof is not needed" in care_act_reading(answered(YES, UNKNOWN)).sentence

    def test_a_no_does_not_forbid_a_referral(self) -> None:
        assert "You may still refer" in care_act_reading(answered(YES, NO)).sentence


@pytest.mark.requirement("R7")
class TestThresholdDecision:
    """Refer, do not refer, more information by a day: with a rationale that says something."""

    @pytest.mark.parametrize("outcome", ThresholdOutcome)
    @pytest.mark.parametrize("rationale", ["", "   ", "n/a", "N/A", "none", "as above", "threshold not met", "no", "."])
    def test_a_rationale_is_always_needed(self, outcome: ThresholdOutcome, rationale: str) -> None:
        checked = check(outcome, rationale=rationale, by=TODAY if outcome == "more_information" else None)
        assert set(checked.problems) == {"rationale"}

    @pytest.mark.parametrize("outcome", [ThresholdOutcome.REFER, ThresholdOutcome.DO_NOT_REFER])
    def test_a_decision_with_a_rationale_stands(self, outcome: ThresholdOutcome) -> None:
        assert check(outcome).stands

    def test_more_information_needs_a_day(self) -> None:
        checked = check(ThresholdOutcome.MORE_INFORMATION)
        assert "Give the day by which the decision is made" in checked.problems["more_information_by"]

    def test_the_day_is_not_in_the_past(self) -> None:
        checked = check(ThresholdOutcome.MORE_INFORMATION, by=TODAY - timedelta(days=1))
        assert "not in the past" in checked.problems["more_information_by"]

    @pytest.mark.parametrize("days", [0, 1, 7])
    def test_a_day_soon_stands_without_a_word(self, days: int) -> None:
        checked = check(ThresholdOutcome.MORE_INFORMATION, by=TODAY + timedelta(days=days))
        assert checked == Checked()

    def test_a_day_far_off_is_asked_about_and_not_blocked(self) -> None:
        checked = check(ThresholdOutcome.MORE_INFORMATION, by=TODAY + timedelta(days=8))
        assert checked.stands
        assert "8 days from now. What keeps the person safe" in checked.prompts["more_information_by"]

    @pytest.mark.parametrize("outcome", [ThresholdOutcome.REFER, ThresholdOutcome.DO_NOT_REFER])
    def test_a_day_belongs_to_more_information_only(self, outcome: ThresholdOutcome) -> None:
        assert "Take the day out" in check(outcome, by=TODAY).problems["more_information_by"]

    def test_two_things_wrong_are_both_said(self) -> None:
        checked = check(ThresholdOutcome.MORE_INFORMATION, rationale="")
        assert set(checked.problems) == {"rationale", "more_information_by"}

    def test_not_referring_against_both_tests_is_prompted_strongly_and_not_blocked(self) -> None:
        checked = check(ThresholdOutcome.DO_NOT_REFER, answered(YES, YES))
        assert checked.stands
        assert "points to a referral" in checked.prompts["outcome"]
        assert "what keeps the person safe instead" in checked.prompts["outcome"]

    def test_being_able_to_protect_oneself_is_no_ground_for_not_referring(self) -> None:
        checked = check(ThresholdOutcome.DO_NOT_REFER, answered(YES, YES, NO))
        assert checked.stands
        assert "is no ground for not referring" in checked.prompts["outcome"]

    def test_not_referring_while_a_test_is_not_known_is_prompted(self) -> None:
        checked = check(ThresholdOutcome.DO_NOT_REFER, answered(YES, UNKNOWN))
        assert checked.stands
        assert "more information by a day" in checked.prompts["outcome"]

    def test_referring_against_a_no_is_allowed(self) -> None:
        checked = check(ThresholdOutcome.REFER, answered(YES, NO))
        assert checked.stands
        assert "You may still refer" in checked.prompts["outcome"]

    @pytest.mark.parametrize(
        ("outcome", "tests"),
        [
            (ThresholdOutcome.REFER, answered(YES, YES)),
            (ThresholdOutcome.REFER, answered(UNKNOWN, YES)),
            (ThresholdOutcome.DO_NOT_REFER, answered(NO, YES)),
        ],
    )
    def test_a_decision_with_the_tests_gets_no_prompt(self, outcome: ThresholdOutcome, tests: CareActTests) -> None:
        assert check(outcome, tests) == Checked()

    @given(
        outcome=st.sampled_from(ThresholdOutcome),
        needs=st.sampled_from(Answer),
        risk=st.sampled_from(Answer),
        unable=st.sampled_from(Answer),
    )
    def test_no_answer_to_the_tests_ever_blocks(
        self, outcome: ThresholdOutcome, needs: Answer, risk: Answer, unable: Answer
    ) -> None:
        by = TODAY if outcome is ThresholdOutcome.MORE_INFORMATION else None
        assert check(outcome, answered(needs, risk, unable), by=by).stands


@pytest.mark.parametrize(
    ("answer", "event_type", "words"),
    [
        (YES, LfpseEventType.INCIDENT, "as an Incident"),
        (NO, LfpseEventType.OUTCOME_4, "Outcome of type 4"),
        (UNKNOWN, None, "undecided until it is known"),
    ],
)
def test_one_question_decides_the_national_event_type(
    answer: Answer, event_type: LfpseEventType | None, words: str
) -> None:
    reading = lfpse_reading(answer)
    assert reading.event_type is event_type
    assert words in reading.sentence


def test_every_word_has_a_label_people_read() -> None:
    for kind in (Answer, TierCode, RepeatKind, LfpseEventType, ThresholdOutcome):
        labels = [member.label for member in kind]  # type: ignore[attr-defined]
        assert len(labels) == len(set(labels))
        assert all("_" not in label for label in labels)


@pytest.mark.requirement("R10")
def test_a_repeat_is_told_in_a_sentence() -> None:
    assert RepeatKind.TEAM_THEME.sentence(what="Self-neglect, North", how_many=1, window_days=90) == (
        "The same team and theme (Self-neglect, North): 1 other incident within 90 days."
    )
    assert "3 other incidents" in RepeatKind.PERSON.sentence(what="P-7", how_many=3, window_days=30)
