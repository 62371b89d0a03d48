"""The tier table: written rules, which fired, and a table that can be proved whole (R8)."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.lists.rules import DATA, ListMistakes, load, load_folder
from saferpractice.lists.rules.files import list_from_data
from saferpractice.triage.rules import (
    Answer,
    Proposal,
    RepeatKind,
    TierCode,
    TierFacts,
    TierTable,
    check_tier_choice,
    propose_tier,
    tier_table,
)
from saferpractice.triage.rules.cells import FACTS, HARM

TABLE = tier_table(load(DATA / "tier-rules.yml"))
NOTHING: dict[str, Any] = {
    "physical_harm": "none",
    "psychological_harm": "none",
    "prolonged_psychological_harm": Answer.NO,
    "repeat_kinds": frozenset(),
    "multi_agency_breakdown": Answer.NO,
    "high_risk_failure": Answer.NO,
    "nationally_required": frozenset(),
}


def proposed(**facts: Any) -> Proposal:
    """The proposal for an incident in which nothing is wrong but ``facts``."""
    return propose_tier(TABLE, TierFacts(**{**NOTHING, **facts}))


@pytest.mark.requirement("R8")
class TestWhichRuleFires:
    """The brief's rules, one by one."""

    @pytest.mark.requirement("R9")
    @pytest.mark.parametrize(
        ("facts", "rule"),
        [
            ({}, "near-miss"),
            ({"physical_harm": "low"}, "low-harm"),
            ({"psychological_harm": "low"}, "low-harm"),
            ({"physical_harm": "low", "psychological_harm": "low"}, "low-harm"),
        ],
    )
    def test_tier_a(self, facts: dict[str, Any], rule: str) -> None:
        found = proposed(**facts)
        assert (found.tier, found.rule_id, found.missing) == (TierCode.A, rule, ())

    @pytest.mark.requirement("R10")
    @pytest.mark.parametrize(
        ("facts", "rule"),
        [
            ({"physical_harm": "moderate"}, "harm-moderate-physical"),
            ({"psychological_harm": "moderate"}, "harm-moderate-psychological"),
            ({"prolonged_psychological_harm": Answer.YES, "psychological_harm": "low"}, "prolonged-psychological-harm"),
            ({"repeat_kinds": frozenset({RepeatKind.PERSON})}, "repeat-person"),
            ({"repeat_kinds": frozenset({RepeatKind.TEAM_THEME})}, "repeat-team-theme"),
            ({"repeat_kinds": frozenset({RepeatKind.SYSTEM_CONDITION})}, "repeat-system-condition"),
            ({"repeat_kinds": frozenset(RepeatKind)}, "repeat-person"),
        ],
    )
    def test_tier_b(self, facts: dict[str, Any], rule: str) -> None:
        found = proposed(**facts)
        assert (found.tier, found.rule_id) == (TierCode.B, rule)

    @pytest.mark.requirement("R11")
    @pytest.mark.parametrize(
        ("facts", "rule"),
        [
            ({"physical_harm": "severe"}, "harm-severe-physical"),
            ({"physical_harm": "fatal"}, "harm-fatal"),
            ({"psychological_harm": "severe"}, "harm-severe-psychological"),
            ({"high_risk_failure": Answer.YES}, "high-risk-failure"),
            ({"multi_agency_breakdown": Answer.YES}, "multi-agency-breakdown"),
            ({"nationally_required": frozenset({"death-in-detention"})}, "nationally-required"),
            ({"physical_harm": "fatal", "repeat_kinds": frozenset({RepeatKind.PERSON})}, "harm-fatal"),
        ],
    )
    def test_tier_c(self, facts: dict[str, Any], rule: str) -> None:
        found = proposed(**facts)
        assert (found.tier, found.rule_id) == (TierCode.C, rule)

    def test_all_that_fired_is_kept_with_the_first(self) -> None:
        found = proposed(physical_harm="moderate", multi_agency_breakdown=Answer.YES)
        assert [fired.rule_id for fired in found.fired] == ["multi-agency-breakdown", "harm-moderate-physical"]
        assert [fired.tier for fired in found.fired] == [TierCode.C, TierCode.B]
        assert found.why == "Agencies did not come together when they needed to, whatever the harm this time."
        assert found.source == "the brief"
        assert found.table_version == "tier-rules 1"

    def test_the_source_is_that_of_the_rule_that_decided(self) -> None:
        assert "regulation 20(7)" in proposed(prolonged_psychological_harm=Answer.YES).source


@pytest.mark.requirement("R8")
class TestNotKnownYet:
    """What is not known leans to the safer tier, or is asked for."""

    @pytest.mark.parametrize("kind", ["physical", "psychological"])
    def test_harm_not_known_is_taken_as_moderate_and_asked_for(self, kind: str) -> None:
        found = proposed(**{f"{kind}_harm": None})
        assert (found.tier, found.rule_id) == (TierCode.B, f"harm-moderate-{kind}")
        assert found.fired[0].leaning
        assert found.why == (
            f"Not known yet: How much {kind} harm was there? Until it is known, "
            "Tier B, structured review is the safer proposal."
        )
        [missing] = found.missing
        assert (missing.fact, missing.could_be) == (f"{kind}_harm", TierCode.C)

    @pytest.mark.parametrize(
        ("fact", "unknown", "could_be"),
        [
            ("high_risk_failure", Answer.UNKNOWN, TierCode.C),
            ("multi_agency_breakdown", Answer.UNKNOWN, TierCode.C),
            ("nationally_required", None, TierCode.C),
            ("prolonged_psychological_harm", Answer.UNKNOWN, TierCode.B),
            ("repeat_kinds", None, TierCode.B),
        ],
    )
    def test_any_other_fact_not_known_is_named_with_the_tier_it_could_lead_to(
        self, fact: str, unknown: object, could_be: TierCode
    ) -> None:
        found = proposed(**{fact: unknown})
        assert found.tier is TierCode.A
        assert [(missing.fact, missing.could_be) for missing in found.missing] == [(fact, could_be)]
        assert FACTS[fact].question in found.missing[0].sentence
        assert could_be.label in found.missing[0].sentence

    def test_each_fact_is_asked_for_once_and_only_where_it_could_raise_the_tier(self) -> None:
        blank = propose_tier(TABLE, TierFacts())
        asked = [missing.fact for missing in blank.missing]
        assert blank.tier is TierCode.B
        assert len(asked) == len(set(asked))
        assert set(asked) == {
            "nationally_required",
            "physical_harm",
            "psychological_harm",
            "high_risk_failure",
            "multi_agency_breakdown",
        }
        assert proposed(physical_harm="fatal", high_risk_failure=Answer.UNKNOWN).missing == ()


levels = st.sampled_from(HARM)
answers = st.sampled_from(Answer)
facts = st.builds(
    TierFacts,
    physical_harm=st.none() | levels,
    psychological_harm=st.none() | st.sampled_from(HARM[:4]),
    prolonged_psychological_harm=answers,
    repeat_kinds=st.none() | st.frozensets(st.sampled_from(RepeatKind)),
    multi_agency_breakdown=answers,
    high_risk_failure=answers,
    nationally_required=st.none() | st.frozensets(st.sampled_from(["death-in-detention", "never-event"])),
)


def with_fact(known: TierFacts, name: str, value: object) -> TierFacts:
    return TierFacts(**{**{field: getattr(known, field) for field in NOTHING}, name: value})


@pytest.mark.requirement("R8")
class TestProperties:
    """What holds whatever the facts."""

    @given(known=facts)
    def test_there_is_always_one_tier_and_the_highest_that_fired_decides(self, known: TierFacts) -> None:
        found = propose_tier(TABLE, known)
        assert found.rule_id == found.fired[0].rule_id
        assert found.tier == max(fired.tier for fired in found.fired)
        assert all(missing.could_be > found.tier for missing in found.missing)

    @given(known=facts, kind=st.sampled_from(["physical_harm", "psychological_harm"]), pair=st.tuples(levels, levels))
    def test_more_harm_never_lowers_the_tier(self, known: TierFacts, kind: str, pair: tuple[str, str]) -> None:
        less, more = sorted(pair, key=HARM.index)
        if more in FACTS[kind].levels:
            low = propose_tier(TABLE, with_fact(known, kind, less))
            high = propose_tier(TABLE, with_fact(known, kind, more))
            assert high.tier >= low.tier
            assert len(high.fired) >= 1

    @given(known=facts, added=st.sampled_from(RepeatKind))
    def test_one_repeat_more_never_lowers_the_tier(self, known: TierFacts, added: RepeatKind) -> None:
        before = known.repeat_kinds or frozenset()
        after = propose_tier(TABLE, with_fact(known, "repeat_kinds", before | {added}))
        assert after.tier >= propose_tier(TABLE, with_fact(known, "repeat_kinds", before)).tier

    @given(known=facts, name=st.sampled_from(sorted(NOTHING)))
    def test_not_known_is_never_lighter_than_nothing_wrong(self, known: TierFacts, name: str) -> None:
        unknown = None if name.endswith("_harm") and "prolonged" not in name else Answer.UNKNOWN
        if name in {"repeat_kinds", "nationally_required"}:
            unknown = None
        blank = propose_tier(TABLE, with_fact(known, name, unknown))
        assert blank.tier >= propose_tier(TABLE, with_fact(known, name, NOTHING[name])).tier

    @given(known=facts)
    def test_an_answer_can_only_raise_the_tier_to_what_was_announced(self, known: TierFacts) -> None:
        found = propose_tier(TABLE, known)
        announced = max((missing.could_be for missing in found.missing), default=found.tier)
        worst = {
            "physical_harm": "fatal",
            "psychological_harm": "severe",
            "repeat_kinds": frozenset(RepeatKind),
            "nationally_required": frozenset({"never-event"}),
        }
        for name in NOTHING:
            value = getattr(known, name)
            if value is None or value is Answer.UNKNOWN:
                after = propose_tier(TABLE, with_fact(known, name, worst.get(name, Answer.YES)))
                assert after.tier <= announced

    @given(known=facts)
    def test_the_facts_can_be_kept_as_plain_data(self, known: TierFacts) -> None:
        kept = json.loads(json.dumps(known.as_data()))
        assert set(kept) == set(NOTHING)
        assert kept["physical_harm"] == known.physical_harm
        assert kept["high_risk_failure"] == known.high_risk_failure.known


@pytest.mark.requirement("R8")
def test_the_same_question_always_gets_the_same_answer() -> None:
    again = tier_table(load(DATA / "tier-rules.yml"))
    for physical, repeat in itertools.product([None, *HARM], [None, frozenset(), frozenset({RepeatKind.PERSON})]):
        known = TierFacts(physical_harm=physical, repeat_kinds=repeat)
        assert propose_tier(TABLE, known) == propose_tier(again, known)


@pytest.mark.requirement("R8")
@pytest.mark.parametrize(("name", "level"), [("physical_harm", "bad"), ("psychological_harm", "fatal")])
def test_a_level_of_harm_that_does_not_exist_is_an_error(name: str, level: str) -> None:
    with pytest.raises(ValueError, match=f"{name} cannot be '{level}'"):
        TierFacts(**{name: level})


@pytest.mark.requirement("R8")
def test_the_levels_are_those_of_the_lists() -> None:
    lists = load_folder()
    assert tuple(entry.code for entry in lists["physical-harm"].entries) == HARM
    assert tuple(entry.code for entry in lists["psychological-harm"].entries) == FACTS["psychological_harm"].levels


def rule(code: str, tier: str, when: dict[str, Any], **detail: Any) -> dict[str, Any]:
    return {
        "code": code,
        "label": code,
        "detail": {"tier": tier, "when": when, "why": "Because.", **detail},
        "source": {"title": "the brief"},
        "checked_on": date(2026, 11, 23),
        "valid_from": date(2000, 1, 1),
    }


SEVERE = rule("severe", "C", {"physical_harm": {"at_least": "severe"}})
UNKNOWN = rule("moderate", "B", {"physical_harm": {"at_least": "moderate"}}, if_unknown="counts")
LOW = rule("low", "A", {"physical_harm": {"in": ["none", "low"]}})


def table_of(rules: Iterable[dict[str, Any]]) -> TierTable:
    header = {"list": "tier-rules", "title": "Rules", "version": 3, "editable_by_provider": False}
    return tier_table(list_from_data({**header, "entries": copy.deepcopy(list(rules))}, name="tier-rules.yml"))


def refused(*rules: dict[str, Any]) -> list[str]:
    with pytest.raises(ListMistakes) as caught:
        table_of(rules)
    return [str(mistake) for mistake in caught.value.mistakes]


@pytest.mark.requirement("R8")
class TestTheTableIsChecked:
    """A table with a gap, an idle rule or a slip is refused with what to write."""

    def test_a_whole_table_is_accepted(self) -> None:
        table = table_of([SEVERE, UNKNOWN, LOW])
        assert table.version == "tier-rules 3"
        assert propose_tier(table, TierFacts(physical_harm="low")).rule_id == "low"

    def test_a_gap_is_named_by_the_facts_that_find_no_rule(self) -> None:
        assert refused(SEVERE, LOW) == [
            "tier-rules.yml, table: No rule fires when physical_harm is moderate. Add one, or widen one."
        ]

    def test_not_knowing_is_a_gap_too(self) -> None:
        careless = rule("moderate", "B", {"physical_harm": {"at_least": "moderate"}})
        assert refused(SEVERE, careless, LOW) == [
            "tier-rules.yml, table: No rule fires when physical_harm is not known. Add one, or widen one."
        ]

    @pytest.mark.parametrize(
        ("when", "words"),
        [
            ({"high_risk_failure": {"is": True}}, "high_risk_failure is no"),
            ({"repeat_kinds": {"in": ["person"]}}, "repeat_kinds is none"),
            ({"nationally_required": {"is": False}}, "nationally_required is any-code"),
        ],
    )
    def test_a_gap_is_put_in_words(self, when: dict[str, Any], words: str) -> None:
        [found] = refused(rule("only", "C", when, if_unknown="counts"))
        assert f"No rule fires when {words}. Add one" in found

    def test_a_rule_that_can_never_decide_is_named(self) -> None:
        narrower = rule("fatal", "C", {"physical_harm": {"at_least": "fatal"}})
        assert refused(SEVERE, narrower, UNKNOWN, LOW) == [
            "tier-rules.yml, fatal: This rule can never decide: rules above it always fire first. "
            "Take it out or narrow those."
        ]

    def test_rules_stand_from_c_to_a(self) -> None:
        found = refused(LOW, SEVERE, UNKNOWN)
        assert found[0].startswith("tier-rules.yml, severe: Move this rule above low")

    @pytest.mark.parametrize(
        ("when", "sentence"),
        [
            ({"harm": {"is": True}}, '"harm" is not a fact that can be asked about. Write one of: physical_harm'),
            ({"physical_harm": "severe"}, "Write a condition such as {is: true}"),
            ({"physical_harm": {"is": True}}, '"physical_harm" has no "is". Write at_least or in'),
            ({"high_risk_failure": {"in": ["yes"]}}, '"high_risk_failure" has no "in". Write is'),
            ({"repeat_kinds": {"at_least": "person"}}, '"repeat_kinds" has no "at_least". Write in or is'),
            ({"physical_harm": {"at_least": "sever"}}, '"physical_harm" cannot be "sever". Write one of: none, low'),
            ({"psychological_harm": {"at_least": "fatal"}}, '"psychological_harm" cannot be "fatal"'),
            ({"repeat_kinds": {"in": ["people"]}}, '"repeat_kinds" cannot be "people". Write one of: person'),
            ({"physical_harm": {}}, 'needs exactly one of "in", "is" and "at_least"'),
            ({"physical_harm": {"in": ["low"], "at_least": "low"}}, 'needs exactly one of "in", "is" and "at_least"'),
            ({"physical_harm": {"in": []}}, '"physical_harm.in": is empty. Write a list of codes'),
            ({"physical_harm": {"more_than": "low"}}, '"physical_harm.more_than": is not a word that stands here'),
            ({"high_risk_failure": {"is": "yes"}}, "is 'yes'. Write true or false"),
        ],
    )
    def test_a_slip_in_a_condition_says_what_to_write(self, when: dict[str, Any], sentence: str) -> None:
        found = refused(SEVERE, rule("slip", "B", when), UNKNOWN, LOW)
        assert len(found) == 1
        assert found[0].startswith("tier-rules.yml, slip: ")
        assert sentence in found[0]

    @pytest.mark.parametrize(
        ("detail", "sentence"),
        [
            ({"tier": "D"}, "\"detail.tier\": is 'D'. Write A, B or C"),
            ({"why": ""}, '"detail.why": is empty. Write the sentence shown when the rule fires'),
            ({"if_unknown": "guess"}, "is 'guess'. Write asks or counts"),
            ({"whhy": "x"}, 'Did you mean "why"?'),
        ],
    )
    def test_a_slip_in_a_rule_says_what_to_write(self, detail: dict[str, Any], sentence: str) -> None:
        slip = copy.deepcopy(SEVERE)
        slip["detail"] |= detail
        [found] = refused(slip, UNKNOWN, LOW)
        assert sentence in found

    def test_every_mistake_is_reported(self) -> None:
        found = refused(rule("one", "C", {"x": {"is": True}}), rule("two", "D", {}), rule("three", "B", {"y": 1}))
        assert [text.split(": ")[0] for text in found] == [
            "tier-rules.yml, one",
            "tier-rules.yml, two",
            "tier-rules.yml, three",
        ]


@pytest.mark.requirement("R8")
class TestDeparture:
    """A person may depart from the proposal either way, with a reason."""

    @pytest.mark.parametrize("tier", TierCode)
    def test_what_is_proposed_needs_no_reason(self, tier: TierCode) -> None:
        assert check_tier_choice(proposed=tier, chosen=tier, reason="") == check_tier_choice(
            proposed=tier, chosen=tier, reason="n/a"
        )
        assert check_tier_choice(proposed=tier, chosen=tier, reason="").stands

    @pytest.mark.parametrize(("proposal", "chosen"), list(itertools.permutations(TierCode, 2)))
    @pytest.mark.parametrize("reason", ["", "  ", "n/a", "as above", "agreed"])
    def test_a_departure_without_a_reason_is_refused_either_way(
        self, proposal: TierCode, chosen: TierCode, reason: str
    ) -> None:
        checked = check_tier_choice(proposed=proposal, chosen=chosen, reason=reason)
        assert not checked.stands
        assert f"why you choose {chosen.label} where the rules propose {proposal.label}" in checked.problems["reason"]

    @pytest.mark.parametrize(("proposal", "chosen"), list(itertools.permutations(TierCode, 2)))
    def test_a_departure_with_a_reason_stands_and_a_lighter_one_is_prompted(
        self, proposal: TierCode, chosen: TierCode
    ) -> None:
        checked = check_tier_choice(
            proposed=proposal, chosen=chosen, reason="The three earlier reviews already show how this comes about."
        )
        assert checked.stands
        assert ("tier" in checked.prompts) == (chosen < proposal)
