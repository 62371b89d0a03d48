"""Triage at its edges: three-valued conditions, the last day and the last character that still pass."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.triage.rules import (
    Answer,
    CareActTests,
    LfpseEventType,
    RepeatKind,
    ThresholdOutcome,
    TierCode,
    TierFacts,
    TierRule,
    TierTable,
    care_act_reading,
    check_threshold,
    check_tier_choice,
    lfpse_reading,
    propose_tier,
)
from saferpractice.triage.rules.cells import HARM, Cell, CellMistake, all_of, cells_from, meets
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

AT = datetime(2026, 3, 28, 23, 58, tzinfo=UTC)
TODAY = date(2026, 3, 28)
REASON = "Two reviews this year found the same, and the change is under way."
YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN
CODES = {
    "abuse-types": frozenset({"financial", "domestic"}),
    "msp-wishes": frozenset({"asked-expressed", "asked-none", "not-asked"}),
    "nationally-required": frozenset({"never-event"}),
}
readings = st.sampled_from([True, False, None])


def cell(**written: Any) -> Cell:
    words = {"among": "in", "holds": "is"}
    given_as = {words.get(name, name): tuple(v) if isinstance(v, list) else v for name, v in written.items()}
    return Cell.model_validate(given_as)


@pytest.mark.requirement("R8")
class TestConditions:
    """What a condition says of a fact, and of one that is not known."""

    @pytest.mark.parametrize("bound", HARM)
    def test_at_least_begins_at_its_own_level(self, bound: str) -> None:
        reads = [cell(at_least=bound).reads(level) for level in HARM]
        place = HARM.index(bound)
        assert reads == [False] * place + [True] * (len(HARM) - place)

    @pytest.mark.parametrize(
        ("written", "value", "reads"),
        [
            ({"among": ["low", "severe"]}, "low", True),
            ({"among": ["low", "severe"]}, "moderate", False),
            ({"among": ["low", "severe"]}, "severe", True),
            ({"holds": True}, True, True),
            ({"holds": True}, False, False),
            ({"holds": False}, False, True),
            ({"holds": False}, True, False),
            ({"holds": True}, frozenset(), False),
            ({"holds": True}, frozenset({"person"}), True),
            ({"holds": False}, frozenset(), True),
            ({"holds": False}, frozenset({"person"}), False),
            ({"among": ["person"]}, frozenset({"person", "team_theme"}), True),
            ({"among": ["person", "team_theme"]}, frozenset({"team_theme"}), True),
            ({"among": ["person"]}, frozenset({"team_theme"}), False),
            ({"among": ["person"]}, frozenset(), False),
        ],
    )
    def test_of_a_fact_that_is_known(self, written: dict[str, Any], value: Any, reads: bool) -> None:
        assert cell(**written).reads(value) is reads

    @pytest.mark.parametrize("written", [{"among": ["low"]}, {"holds": False}, {"holds": True}, {"at_least": "none"}])
    def test_of_a_fact_that_is_not_known_nothing_is_said(self, written: dict[str, Any]) -> None:
        assert cell(**written).reads(None) is None

    @pytest.mark.parametrize(
        ("parts", "whole"),
        [
            ([], True),
            ([True], True),
            ([False], False),
            ([None], None),
            ([True, None], None),
            ([None, False], False),
            ([False, None], False),
            ([True, True, False], False),
            ([None, None, True], None),
        ],
    )
    def test_all_of_several(self, parts: list[bool | None], whole: bool | None) -> None:
        assert all_of(parts) is whole

    @given(st.lists(readings, max_size=5).flatmap(lambda parts: st.tuples(st.just(parts), st.permutations(parts))))
    def test_the_order_of_conditions_does_not_matter(self, both: tuple[list[bool | None], list[bool | None]]) -> None:
        assert all_of(both[0]) is all_of(both[1])

    @given(st.lists(readings, min_size=1, max_size=5))
    def test_what_is_decided_stays_so_whatever_is_found_out(self, parts: list[bool | None]) -> None:
        decided = all_of(parts)
        spaces = [[part] if part is not None else [True, False] for part in parts]
        outcomes = {all_of(each) for each in itertools.product(*spaces)}
        assert (outcomes == {decided}) if decided is not None else (outcomes == {True, False})

    def test_a_fact_that_nobody_gave_is_not_known(self) -> None:
        when = cells_from({"physical_harm": {"at_least": "low"}, "high_risk_failure": {"is": True}})
        assert meets(when, {"high_risk_failure": True}) is None
        assert meets(when, {"high_risk_failure": False}) is False
        assert meets(when, {"high_risk_failure": True, "physical_harm": "low"}) is True

    @pytest.mark.parametrize(
        ("when", "words"),
        [
            ({"psychological_harm": {"at_least": "fatal"}}, 'cannot be "fatal"'),
            ({"physical_harm": {"is": True}}, 'has no "is"'),
            ({"high_risk_failure": {"in": ["yes"]}}, 'has no "in"'),
            ({"repeat_kinds": {"at_least": "low"}}, 'has no "at_least"'),
            ({"repeat_kinds": {"in": ["person", "moon"]}}, 'cannot be "moon"'),
            ({"high_risk_failure": True}, "Write a condition such as"),
            ({"high_risk_failure": {}}, "exactly one"),
            ({"physical_harm": {"in": ["low"], "at_least": "low"}}, "exactly one"),
        ],
    )
    def test_one_that_does_not_fit_its_fact_is_refused_by_name(self, when: dict[str, Any], words: str) -> None:
        with pytest.raises(CellMistake) as caught:
            cells_from(when)
        assert words in str(caught.value)
        assert next(iter(when)) in str(caught.value)


def rule(name: str, tier: TierCode, when: dict[str, Any], *, counts: bool = False) -> TierRule:
    return TierRule(name, name.capitalize(), tier, cells_from(when), counts, f"Because of {name}.", f"{name} source")


SMALL = TierTable(
    "small 1",
    (
        rule("fatal", TierCode.C, {"physical_harm": {"at_least": "fatal"}}),
        rule("failure", TierCode.C, {"high_risk_failure": {"is": True}, "repeat_kinds": {"is": True}}),
        rule("harm", TierCode.B, {"physical_harm": {"at_least": "moderate"}}, counts=True),
        rule("rest", TierCode.A, {}),
    ),
)


@pytest.mark.requirement("R8")
class TestASmallTable:
    """A table of four rules, small enough to be worked by hand."""

    @pytest.mark.parametrize(
        ("harm", "failure", "repeats", "decides", "fired", "missing"),
        [
            ("none", NO, frozenset(), "rest", ["rest"], {}),
            ("low", YES, frozenset(), "rest", ["rest"], {}),
            ("low", NO, frozenset({RepeatKind.PERSON}), "rest", ["rest"], {}),
            ("low", YES, frozenset({RepeatKind.PERSON}), "failure", ["failure", "rest"], {}),
            ("moderate", NO, frozenset(), "harm", ["harm", "rest"], {}),
            ("severe", YES, frozenset({RepeatKind.PERSON}), "failure", ["failure", "harm", "rest"], {}),
            ("fatal", YES, frozenset({RepeatKind.PERSON}), "fatal", ["fatal", "failure", "harm", "rest"], {}),
            ("fatal", UNKNOWN, None, "fatal", ["fatal", "harm", "rest"], {}),
            (None, NO, frozenset(), "harm", ["harm", "rest"], {"physical_harm": "C"}),
            ("low", UNKNOWN, frozenset(), "rest", ["rest"], {}),
            ("low", NO, None, "rest", ["rest"], {}),
            ("low", YES, None, "rest", ["rest"], {"repeat_kinds": "C"}),
            ("low", UNKNOWN, None, "rest", ["rest"], {"high_risk_failure": "C", "repeat_kinds": "C"}),
            (None, YES, None, "harm", ["harm", "rest"], {"physical_harm": "C", "repeat_kinds": "C"}),
        ],
    )
    def test_the_first_that_fires_decides_and_only_what_could_raise_it_is_asked(
        self,
        harm: str | None,
        failure: Answer,
        repeats: frozenset[RepeatKind] | None,
        decides: str,
        fired: list[str],
        missing: dict[str, str],
    ) -> None:
        found = propose_tier(SMALL, TierFacts(physical_harm=harm, high_risk_failure=failure, repeat_kinds=repeats))
        assert found.rule_id == decides
        assert found.source == f"{decides} source"
        assert [one.rule_id for one in found.fired] == fired
        assert {one.fact: one.could_be.value for one in found.missing} == missing

    def test_a_rule_that_leans_says_what_is_not_known_in_place_of_its_reason(self) -> None:
        leaning, firm = (
            propose_tier(SMALL, TierFacts(physical_harm=harm, high_risk_failure=NO)) for harm in (None, "moderate")
        )
        assert leaning.fired[0].leaning
        assert "How much physical harm was there?" in leaning.why
        assert "Because of harm." not in leaning.why
        assert not firm.fired[0].leaning
        assert firm.why == "Because of harm."


@pytest.mark.requirement("R8")
class TestTheTierChosen:
    @pytest.mark.parametrize("proposed", list(TierCode))
    @pytest.mark.parametrize("chosen", list(TierCode))
    def test_a_reason_is_asked_of_every_departure_and_a_second_thought_of_a_lighter_one(
        self, proposed: TierCode, chosen: TierCode
    ) -> None:
        without = check_tier_choice(proposed=proposed, chosen=chosen, reason="")
        given_one = check_tier_choice(proposed=proposed, chosen=chosen, reason=REASON)
        assert set(without.problems) == ({"reason"} if chosen is not proposed else set())
        assert given_one.problems == {}
        assert set(without.prompts) == set(given_one.prompts) == ({"tier"} if chosen < proposed else set())

    @pytest.mark.parametrize(
        ("length", "chosen", "fields"),
        [
            (LONGEST_TEXT, TierCode.B, set()),
            (LONGEST_TEXT + 1, TierCode.B, {"reason"}),
            (LONGEST_TEXT + 1, TierCode.A, {"reason"}),
        ],
    )
    def test_the_last_character_of_a_reason(self, length: int, chosen: TierCode, fields: set[str]) -> None:
        reason = (REASON + " ") * length
        choice = TierChoice(tier=chosen, reason=reason[:length])
        assert set(problems_of_tier(choice, proposed=TierCode.B, why="A repeat.")) == fields

    def test_a_changed_proposal_is_told_even_where_the_same_tier_was_chosen_as_is_proposed_now(self) -> None:
        choice = TierChoice(tier=TierCode.C, reason=REASON, seen=TierCode.A)
        found = problems_of_tier(choice, proposed=TierCode.C, why="Severe harm was done")
        assert list(found) == ["tier"]
        assert "Tier C, formal investigation: severe harm was done. Look again" in found["tier"]


@pytest.mark.requirement("R7")
class TestTheThreshold:
    @pytest.mark.parametrize(
        ("days", "problem", "prompt"),
        [
            (-1, True, False),
            (0, False, False),
            (1, False, False),
            (7, False, False),
            (8, False, True),
            (60, False, True),
        ],
    )
    def test_the_day_by_which_more_is_known(self, days: int, problem: bool, prompt: bool) -> None:
        found = check_threshold(
            outcome=ThresholdOutcome.MORE_INFORMATION,
            rationale=REASON,
            tests=CareActTests(needs_care_and_support=UNKNOWN, abuse_or_neglect=YES),
            decided_on=TODAY,
            more_information_by=TODAY + timedelta(days=days),
        )
        assert ("more_information_by" in found.problems) is problem
        assert ("more_information_by" in found.prompts) is prompt
        assert not prompt or f"{days} days" in found.prompts["more_information_by"]

    @pytest.mark.parametrize(
        ("outcome", "needs", "abuse", "words"),
        [
            (ThresholdOutcome.REFER, YES, YES, ""),
            (ThresholdOutcome.REFER, YES, UNKNOWN, ""),
            (ThresholdOutcome.REFER, YES, NO, "You may still refer"),
            (ThresholdOutcome.REFER, NO, UNKNOWN, "You may still refer"),
            (ThresholdOutcome.DO_NOT_REFER, YES, YES, "points to a referral"),
            (ThresholdOutcome.DO_NOT_REFER, UNKNOWN, YES, "not known yet"),
            (ThresholdOutcome.DO_NOT_REFER, UNKNOWN, UNKNOWN, "not known yet"),
            (ThresholdOutcome.DO_NOT_REFER, NO, UNKNOWN, ""),
            (ThresholdOutcome.DO_NOT_REFER, NO, NO, ""),
        ],
    )
    def test_what_is_worth_a_second_thought(
        self, outcome: ThresholdOutcome, needs: Answer, abuse: Answer, words: str
    ) -> None:
        tests = CareActTests(needs_care_and_support=needs, abuse_or_neglect=abuse)
        found = check_threshold(outcome=outcome, rationale=REASON, tests=tests, decided_on=TODAY)
        assert found.problems == {}
        assert bool(found.prompts) is bool(words)
        assert words in found.prompts.get("outcome", "")

    @given(*[st.sampled_from(Answer)] * 3)
    def test_it_does_not_matter_which_of_the_first_two_tests_has_which_answer(
        self, one: Answer, other: Answer, third: Answer
    ) -> None:
        here, there = (
            care_act_reading(
                CareActTests(needs_care_and_support=first, abuse_or_neglect=second, unable_to_protect_self=third)
            )
            for first, second in ((one, other), (other, one))
        )
        assert here == there

    @pytest.mark.parametrize(
        ("answer", "event_type", "words"),
        [
            (YES, LfpseEventType.INCIDENT, "as an Incident"),
            (NO, LfpseEventType.OUTCOME_4, "Outcome of type 4"),
            (UNKNOWN, None, "undecided"),
        ],
    )
    def test_the_sentence_names_the_national_type_that_was_read(
        self, answer: Answer, event_type: LfpseEventType | None, words: str
    ) -> None:
        found = lfpse_reading(answer)
        assert found.event_type is event_type
        assert words in found.sentence


def a_form(**changes: Any) -> TriageForm:
    answers: dict[str, Any] = {
        "needs_care_and_support": YES,
        "abuse_or_neglect": YES,
        "abuse_types": ("financial",),
        "wishes": "asked-none",
        "family_warning": NO,
        "healthcare_acts_suspected": UNKNOWN,
        "still_at_risk": NO,
        "safety_actions": (SafetyAction(what="Changed the lock", who="Robin"),),
    }
    return TriageForm(**(answers | changes))


@pytest.mark.requirement("R6")
class TestTheForm:
    @pytest.mark.parametrize(
        ("changes", "fields"),
        [
            ({}, set()),
            ({"abuse_types": ("financial", "domestic")}, set()),
            ({"abuse_types": ("financial", "moon")}, {"abuse_types"}),
            ({"abuse_or_neglect": NO, "abuse_types": ("moon",)}, {"abuse_types"}),
            ({"abuse_or_neglect": UNKNOWN, "abuse_types": ()}, set()),
            ({"wishes": "moon"}, {"wishes"}),
            ({"wishes": "moon", "wishes_words": "x" * (LONGEST_TEXT + 1)}, {"wishes", "wishes_words"}),
            ({"wishes": "asked-expressed", "wishes_words": " \n"}, {"wishes_words"}),
            ({"family_warning": YES}, {"family_warning_words"}),
            ({"family_warning": YES, "family_warning_words": "Her sister rang on Monday."}, set()),
            ({"family_warning": UNKNOWN}, set()),
            ({"nationally_required": "never-event"}, set()),
            ({"nationally_required": "moon"}, {"nationally_required"}),
            ({"still_at_risk": UNKNOWN, "risk_words": "\t"}, {"risk_words"}),
            ({"safety_actions": (), "no_safety_actions_because": "  "}, {"no_safety_actions_because"}),
            (
                {"still_at_risk": YES, "family_warning": YES, "wishes": "not-asked", "abuse_types": ()},
                {"risk_words", "family_warning_words", "wishes_words", "abuse_types"},
            ),
        ],
    )
    def test_all_that_is_wrong_is_said_and_nothing_else(self, changes: dict[str, Any], fields: set[str]) -> None:
        assert set(problems_of_form(a_form(**changes), at=AT, codes=CODES)) == fields

    @pytest.mark.parametrize("over", [0, 1])
    @pytest.mark.parametrize(
        ("name", "more"),
        [
            ("wishes_words", {"wishes": "asked-expressed"}),
            ("family_warning_words", {"family_warning": YES}),
            ("risk_words", {"still_at_risk": YES}),
            ("no_safety_actions_because", {"safety_actions": ()}),
        ],
    )
    def test_the_last_character_of_a_text(self, name: str, more: dict[str, Any], over: int) -> None:
        form = a_form(**more, **{name: "x" * (LONGEST_TEXT + over)})
        assert set(problems_of_form(form, at=AT, codes=CODES)) == ({name} if over else set())

    @pytest.mark.parametrize(
        ("what", "who", "ahead", "faults"),
        [
            ("x" * LONGEST_TEXT, "x" * 200, timedelta(0), set()),
            ("x" * (LONGEST_TEXT + 1), "x" * 200, timedelta(0), {"what"}),
            ("x" * LONGEST_TEXT, "x" * 201, timedelta(0), {"who"}),
            ("Rang", "Robin", CLOCKS_DIFFER, set()),
            ("Rang", "Robin", CLOCKS_DIFFER + timedelta(seconds=1), {"done_at"}),
            ("", "", timedelta(days=1), {"what", "who", "done_at"}),
        ],
    )
    def test_a_safety_action_at_its_ends(self, what: str, who: str, ahead: timedelta, faults: set[str]) -> None:
        action = SafetyAction(what=what, who=who, done_at=AT + ahead)
        found = problems_of_form(a_form(safety_actions=(action,)), at=AT, codes=CODES)
        assert set(found) == {f"action-0-{fault}" for fault in faults}

    def test_as_many_actions_as_there_may_be(self) -> None:
        most = (SafetyAction(what="Rang", who="Robin"),) * MOST_SAFETY_ACTIONS
        assert problems_of_form(a_form(safety_actions=most), at=AT, codes=CODES) == {}

    @pytest.mark.parametrize(
        ("given_to", "faults"),
        [
            ({"state": TellingState.REQUIRED, "reason": "x" * LONGEST_TEXT}, set()),
            ({"state": TellingState.REQUIRED, "reason": "x" * (LONGEST_TEXT + 1)}, {"reason"}),
            ({"state": TellingState.REQUIRED, "done_at": AT + timedelta(days=1)}, set()),
            ({"state": TellingState.DONE, "done_at": AT, "their_reference": "x" * 120}, set()),
            ({"state": TellingState.DONE, "done_at": AT, "their_reference": "x" * 121}, {"their_reference"}),
            ({"state": TellingState.DONE, "done_at": AT + CLOCKS_DIFFER + timedelta(seconds=1)}, {"done_at"}),
            ({"state": TellingState.DONE, "duty": "moon", "their_reference": "x" * 121}, None),
        ],
    )
    def test_a_telling_at_its_ends(self, given_to: dict[str, Any], faults: set[str] | None) -> None:
        found = problems_of_telling(Telling(**({"duty": "police"} | given_to)), at=AT, duties={"police"})
        assert set(found) == ({"duty", "done_at", "their_reference"} if faults is None else faults)
