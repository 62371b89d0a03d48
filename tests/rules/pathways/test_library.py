"""The three pathways that ship, told as cases; and a fourth that needs no code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from saferpractice.partners.rules import Facts, may_see
from saferpractice.pathways.rules.reading import LIBRARY as FOLDER
from saferpractice.pathways.rules.reading import definition_from_data, load_library
from saferpractice.pathways.rules.timeline import Record
from tests.rules.pathways.cases import (
    CONSULTATION,
    LIBRARY,
    NOTE,
    REVIEW,
    hours,
    owed_for,
    record,
    standing_of,
    state_of,
    ticks,
)

PRODUCT = FOLDER.parents[1]


class TestFiles:
    @pytest.mark.requirement("R17", "R21", "R26")
    def test_the_three_of_the_brief_ship(self) -> None:
        assert set(LIBRARY) == {"self-neglect", "lost-contact", "exploitation"}

    @pytest.mark.parametrize("code", sorted(LIBRARY))
    def test_no_code_names_one_of_them(self, code: str) -> None:
        """Nor an indicator, a kind of record or an obligation that only one of them has."""
        definition = LIBRARY[code]
        names = {code, *definition.owed, *definition.kinds, *(each.id for each in definition.indicators)}
        told = {name for name in names if "-" in name}
        for file in sorted([*(PRODUCT / "pathways").rglob("*.py"), *(PRODUCT / "partners").rglob("*.py")]):
            text = file.read_text()
            assert [name for name in told if re.search(rf"[\"']{name}[\"']", text)] == [], file.name

    def test_one_taken_out_is_gone(self, tmp_path: Path) -> None:
        (tmp_path / "self-neglect.yaml").write_text((FOLDER / "self-neglect.yaml").read_text())
        assert set(load_library(tmp_path)) == {"self-neglect"}

    def test_a_fourth_needs_no_code(self) -> None:
        definition = definition_from_data(yaml.safe_load(MEDICATION_REFUSAL), name="medication-refusal.yaml")
        refused = [record(str(n), "refusal", n * 24) for n in range(3)]
        assert standing_of(state_of(definition, *refused[:2], at=60)) == {}
        assert standing_of(state_of(definition, *refused, at=50)) == {"ask-prescriber": ["open"]}
        advice = record("a", "advice", 55, advice="Skip today, ring tomorrow.", next_check=hours(80))
        assert standing_of(state_of(definition, *refused, advice, at=60)) == {
            "ask-prescriber": ["met"],
            "check": ["open"],
        }

    @pytest.mark.parametrize("code", sorted(LIBRARY))
    def test_every_local_value_is_used(self, code: str) -> None:
        text = (FOLDER / f"{code}.yaml").read_text()
        texts = {value.id for value in LIBRARY[code].local if value.type == "text"}
        assert [
            value.id for value in LIBRARY[code].local if f"local {value.id}" not in text and value.id not in texts
        ] == []

    @pytest.mark.parametrize("code", sorted(LIBRARY))
    def test_everything_late_reaches_somebody_senior(self, code: str) -> None:
        for obligation in LIBRARY[code].obligations:
            told = {role for step in obligation.then for role in step.tell}
            assert told & {"duty_manager", "safeguarding_lead", "director"}, obligation.id


MEDICATION_REFUSAL = """
pathway: medication-refusal
title: Medication refused
about: What is done when somebody refuses medicine several days in a row.
applies_to: People whose medicine staff give or prompt.
source: Invented for a test.
records:
  - id: refusal
    label: Refusal
    made_by: [support_worker]
    fields: [{id: note, label: Note, type: text}]
  - id: advice
    label: Advice
    made_by: [support_worker, duty_manager]
    fields:
      - {id: advice, label: Advice, type: text, required: true}
      - {id: next-check, label: Next check, type: moment, required: true}
obligations:
  - id: ask-prescriber
    title: Ask the prescriber
    when: {records: {record: refusal, at_least: 3, within: 3 days}}
    again: every time
    who: support_worker
    met_by: [{record: advice}]
    within: 1 working day
    then: [{tell: [owner, duty_manager]}]
  - id: check
    title: Check again
    when: {records: {record: advice}}
    again: every time
    who: support_worker
    met_by: [{record: refusal}, {record: advice}]
    within: the moment in next-check
    then: [{tell: [owner]}]
closing:
  when: {records: {record: advice}}
  says: Advice of the prescriber.
"""


def consultation(key: str, happened: float, *, written: float | None = None, **changes: Any) -> Record:
    return record(key, "consultation", happened, written=written, values=CONSULTATION, **changes)


@pytest.mark.requirement("R18")
class TestSelfNeglect:
    DEFINITION = LIBRARY["self-neglect"]

    @pytest.mark.requirement("R17")
    def test_the_five_of_the_brief(self) -> None:
        assert [indicator.id for indicator in self.DEFINITION.indicators] == [
            "hydration-nutrition",
            "infection-risk",
            "unsafe-environment",
            "refusal-of-care",
            "reduced-capacity",
        ]

    def test_one_indicator_asks_for_nothing(self) -> None:
        assert standing_of(state_of(self.DEFINITION, ticks("c", 0, "infection-risk"), at=1)) == {}

    def test_two_ask_for_a_consultation_the_same_day(self) -> None:
        state = state_of(self.DEFINITION, ticks("c", 0, "infection-risk", "refusal-of-care"), at=1)
        assert standing_of(state) == {"consult": ["due_today"]}
        assert state.next_step == "Consult the duty manager or safeguarding lead. Due by the end of today."
        assert state.present == ("infection-risk", "refusal-of-care")

    @pytest.mark.parametrize("part", sorted(CONSULTATION))
    def test_a_consultation_counts_only_whole(self, part: str) -> None:
        records = [ticks("c", 0, "infection-risk", "refusal-of-care"), consultation("d", 2, **{part: ""})]
        assert "consult" in {each.obligation.id for each in state_of(self.DEFINITION, *records, at=3).open}

    def test_whole_it_meets_it(self) -> None:
        records = [ticks("c", 0, "infection-risk", "refusal-of-care"), consultation("d", 2)]
        assert standing_of(state_of(self.DEFINITION, *records, at=3)) == {"consult": ["met"]}

    def test_the_next_day_it_was_late(self) -> None:
        records = [ticks("c", 0, "infection-risk", "refusal-of-care"), consultation("d", 20)]
        assert standing_of(state_of(self.DEFINITION, *records, at=21)) == {"consult": ["met_late"]}

    def test_to_refer_makes_a_referral_due_in_working_hours(self) -> None:
        records = [ticks("c", 0, "infection-risk", "refusal-of-care"), consultation("d", 6, decision="refer")]
        [owed] = owed_for(state_of(self.DEFINITION, *records, at=7), "refer")
        assert owed.due_at == hours(26)  # two hours on Monday and two on Tuesday
        sent = record("r", "referral", 8, authority="Somewhere", reference="LA-1", told_person="yes")
        assert standing_of(state_of(self.DEFINITION, *records, sent, at=9))["refer"] == ["met"]

    def test_a_referral_without_the_authority_s_reference_does_not_count(self) -> None:
        records = [
            consultation("d", 6, decision="refer"),
            record("r", "referral", 8, authority="Somewhere", told_person="yes"),
        ]
        assert standing_of(state_of(self.DEFINITION, *records, at=9))["refer"] == ["open"]

    def test_more_information_is_a_dated_return(self) -> None:
        first = consultation("d", 2, decision="more-information", more_by=hours(30))
        [owed] = owed_for(state_of(self.DEFINITION, first, at=3), "decide-again")
        assert owed.due_at == hours(30)
        state = state_of(self.DEFINITION, first, consultation("e", 28), at=31)
        assert standing_of(state)["decide-again"] == ["met"]

    def test_more_information_without_a_time_is_no_whole_consultation(self) -> None:
        records = [
            ticks("c", 0, "infection-risk", "refusal-of-care"),
            consultation("d", 2, decision="more-information"),
        ]
        assert standing_of(state_of(self.DEFINITION, *records, at=3))["consult"] == ["due_today"]

    def test_at_the_threshold_again_another_is_due(self) -> None:
        records = [
            ticks("c", 0, "infection-risk", "refusal-of-care"),
            consultation("d", 2),
            ticks("e", 100, "infection-risk", "unsafe-environment"),
        ]
        assert standing_of(state_of(self.DEFINITION, *records, at=101)) == {"consult": ["met", "due_today"]}

    def test_it_closes_below_the_threshold_with_nothing_owed(self) -> None:
        records = [ticks("c", 0, "infection-risk", "refusal-of-care"), consultation("d", 2)]
        assert not state_of(self.DEFINITION, *records, at=3).may_close
        assert state_of(self.DEFINITION, *records, ticks("e", 50, "infection-risk"), at=51).may_close

    @pytest.mark.requirement("R19")
    def test_one_case_a_month_goes_through_supervision(self) -> None:
        assert self.DEFINITION.supervision is not None
        assert self.DEFINITION.supervision.cases == 1

    @pytest.mark.requirement("R20")
    def test_what_shows_whether_it_works(self) -> None:
        assert {(each.of, each.shows) for each in self.DEFINITION.measures} >= {
            ("consult", "share-in-time"),
            ("refer", "time-to-met"),
            ("consult", "repeat"),
        }


def missed(key: str, happened: float, **more: Any) -> Record:
    return record(key, "missed-contact", happened, **{"what": "no-reply", **more})


def note(key: str, happened: float, **changes: Any) -> Record:
    return record(key, "escalation-note", happened, values=NOTE, **changes)


AT_ONCE = ("tell-leadership", "review-risk", "start-welfare-check")


@pytest.mark.requirement("R22")
class TestLostContact:
    DEFINITION = LIBRARY["lost-contact"]

    @pytest.mark.requirement("R21")
    def test_one_missed_contact_asks_for_attempts(self) -> None:
        state = state_of(self.DEFINITION, missed("m", 0), at=1)
        assert standing_of(state) == {"try-preferred-ways": ["due_today"]}
        assert state.owed[0].due_at == hours(4)

    @pytest.mark.requirement("R21")
    def test_an_attempt_written_down_meets_it(self) -> None:
        attempt = record("a", "attempt", 1, method="phone", reached="no")
        assert standing_of(state_of(self.DEFINITION, missed("m", 0), attempt, at=2)) == {"try-preferred-ways": ["met"]}

    def test_an_explained_one_is_not_missed(self) -> None:
        records = [missed("m", 0), missed("n", 24, what="explained")]
        assert set(standing_of(state_of(self.DEFINITION, *records, at=25))) == {"try-preferred-ways"}

    @pytest.mark.parametrize(("hour", "escalates"), [(24, True), (24 * 7, True), (24 * 8, False)])
    def test_a_second_inside_the_window_asks_for_three_things(self, hour: float, escalates: bool) -> None:
        found = standing_of(state_of(self.DEFINITION, missed("m", 0), missed("n", hour), at=hour + 1))
        assert {code in found for code in AT_ONCE} == {escalates}

    @pytest.mark.parametrize("hour", [12, 5 * 24 - 5, 6 * 24 + 3])
    def test_at_night_and_at_the_weekend_it_is_due_as_soon(self, hour: float) -> None:
        state = state_of(self.DEFINITION, missed("m", hour - 1), missed("n", hour), at=hour)
        assert {owed_for(state, code)[0].due_at for code in AT_ONCE} == {hours(hour + 2)}

    def test_a_shorter_window_of_the_service(self) -> None:
        records = [missed("m", 0), missed("n", 24 * 4)]
        found = standing_of(state_of(self.DEFINITION, *records, at=24 * 4 + 1, local={"window": "2 days"}))
        assert set(found) == {"try-preferred-ways"}

    @pytest.mark.requirement("R23")
    def test_one_whole_note_meets_all_three(self) -> None:
        state = state_of(self.DEFINITION, missed("m", 0), missed("n", 24), note("o", 25), at=26)
        assert [standing_of(state)[code] for code in AT_ONCE] == [["met"], ["met"], ["met"]]

    @pytest.mark.requirement("R23")
    @pytest.mark.parametrize(
        ("part", "label"),
        [
            ("risk-indicators", "Risk indicators now"),
            ("actions-taken", "Actions taken"),
            ("partner-contacts", "Partner contacts"),
            ("next-review", "Next review"),
        ],
    )
    def test_a_note_with_an_empty_part_meets_none(self, part: str, label: str) -> None:
        empty = note("o", 25, **{part: None})
        state = state_of(self.DEFINITION, missed("m", 0), missed("n", 24), empty, at=25.5)
        assert [standing_of(state)[code] for code in AT_ONCE] == [["due_today"]] * 3
        assert all(owed_for(state, code)[0].lacking == (label,) for code in AT_ONCE)

    def test_a_welfare_check_that_is_not_needed_says_why(self) -> None:
        for why, standing in ((None, "due_today"), ("-", "due_today"), ("Seen at the day centre.", "met")):
            left = note("o", 25, **{"welfare-check": "not-needed", "why-not-needed": why})
            state = state_of(self.DEFINITION, missed("m", 0), missed("n", 24), left, at=25.5)
            assert standing_of(state)["start-welfare-check"] == [standing], why

    @pytest.mark.requirement("R23")
    def test_the_next_review_is_watched_itself(self) -> None:
        state = state_of(self.DEFINITION, missed("m", 0), missed("n", 24), note("o", 25), at=49)
        assert standing_of(state)["next-review"] == ["late"]
        again = note("p", 47, next_review=hours(70))
        state = state_of(self.DEFINITION, missed("m", 0), missed("n", 24), note("o", 25), again, at=49)
        assert standing_of(state)["next-review"] == ["met", "open"]

    @pytest.mark.requirement("R24")
    def test_contact_regained_closes_only_through_a_follow_up(self) -> None:
        records = [
            missed("m", 0),
            missed("n", 24),
            note("o", 25),
            record("r", "contact-regained", 30, how="By phone", state="Tired"),
        ]
        state = state_of(self.DEFINITION, *records, at=31)
        assert standing_of(state)["follow-up"] == ["open"]
        assert not state.may_close
        done = record("f", "follow-up", 40, outcome="Seen at home", safety_plan="updated")
        assert state_of(
            self.DEFINITION, *records, record("a", "attempt", 1, method="phone", reached="no"), done, at=41
        ).may_close

    @pytest.mark.requirement("R24")
    def test_a_plan_not_yet_up_to_date_needs_a_reason_and_a_day(self) -> None:
        regained = record("r", "contact-regained", 0, how="By phone", state="Tired")
        bare = record("f", "follow-up", 2, outcome="Seen", safety_plan="not-yet")
        assert standing_of(state_of(self.DEFINITION, regained, bare, at=3))["follow-up"] == ["open"]
        whole = record(
            "f", "follow-up", 2, outcome="Seen", safety_plan="not-yet", why_not_yet="Too tired", updated_by=hours(50)
        )
        state = state_of(self.DEFINITION, regained, whole, at=3)
        assert standing_of(state) == {"follow-up": ["met"], "update-safety-plan": ["open"]}
        assert not state.may_close

    @pytest.mark.requirement("R25")
    def test_what_shows_whether_it_works(self) -> None:
        assert {each.shows for each in self.DEFINITION.measures} >= {"completeness", "time-to-met", "repeat"}


@pytest.mark.requirement("R28", "R30")
class TestExploitation:
    DEFINITION = LIBRARY["exploitation"]

    @pytest.mark.requirement("R26")
    @pytest.mark.parametrize("indicator", [each.id for each in LIBRARY["exploitation"].indicators])
    def test_any_one_sign_opens_it(self, indicator: str) -> None:
        state = state_of(self.DEFINITION, ticks("c", 0, indicator), at=1)
        assert standing_of(state) == {
            "share-what-is-known": ["open"],
            "decide-on-sharing": ["open"],
            "review-risk": ["open"],
        }

    @pytest.mark.requirement("R27")
    @pytest.mark.parametrize(
        ("decision", "more", "counts", "shares"),
        [
            ("given", {}, True, True),
            ("refused", {}, True, False),
            ("refused-overridden", {}, False, False),
            ("refused-overridden", {"lawful_basis": "vital-interests"}, False, False),
            ("refused-overridden", {"rationale": "He is in danger tonight"}, False, False),
            ("refused-overridden", {"lawful_basis": "vital-interests", "rationale": "He is in danger"}, True, True),
            ("not-sought", {}, False, False),
            ("not-sought", {"why_not_sought": "Not safe to ask"}, True, False),
            ("not-sought-overridden", {"lawful_basis": "vital-interests", "rationale": "In danger"}, False, False),
            (
                "not-sought-overridden",
                {"lawful_basis": "vital-interests", "rationale": "In danger", "why_not_sought": "Not safe to ask"},
                True,
                True,
            ),
            ("stopped", {}, False, False),
            ("stopped", {"rationale": "The police closed their case"}, True, False),
            ("given", {"told_person": "no"}, False, False),
            ("given", {"told_person": "no", "why_not_told": "He cannot be reached"}, True, True),
            ("given", {"partner": ""}, False, False),
        ],
    )
    def test_a_decision_is_whole_or_it_decides_nothing(
        self, decision: str, more: dict[str, Any], counts: bool, shares: bool
    ) -> None:
        """Without agreement: the basis, the reason, and whether the person was told; else why not."""
        values = {"partner": "police", "told_person": "yes", "decision": decision, **more}
        made = record("d", "sharing-decision", 2, **values)
        state = state_of(self.DEFINITION, ticks("c", 0, "coercion"), made, at=3)
        assert standing_of(state)["decide-on-sharing"] == (["met"] if counts else ["open"])
        assert may_see(Facts(self.DEFINITION, (made,)), "police") is shares

    def test_what_each_partner_sees_differently_is_owed(self) -> None:
        reviews = [self.review("1", 2, dissent="yes"), self.review("2", 3)]
        state = state_of(self.DEFINITION, ticks("c", 0, "coercion"), *reviews, at=80)
        assert [each.because for each in owed_for(state, "write-down-dissent")] == [("1",)]
        agrees = record("a", "partner-view", 74, review="1", partner="police", agrees="agrees")
        other = record("o", "partner-view", 74, review="2", partner="police", agrees="differs", differently="Too low")
        about = record("v", "partner-view", 75, review="1", partner="police", agrees="differs", differently="Too low")
        assert standing_of(state_of(self.DEFINITION, *reviews, agrees, other, at=80))["write-down-dissent"] == ["open"]
        assert standing_of(state_of(self.DEFINITION, *reviews, about, at=80))["write-down-dissent"] == ["met"]

    @staticmethod
    def review(key: str, day: float, **changes: Any) -> Record:
        return record(key, "risk-review", day * 24, values=REVIEW, **changes)

    def test_every_week_until_risk_has_fallen_and_somebody_says_so(self) -> None:
        start = ticks("c", 0, "coercion")
        cases: list[tuple[list[Record], list[str], bool]] = [
            ([self.review("1", 2)], ["met", "open"], False),
            ([self.review("1", 2), self.review("2", 9)], ["met", "met", "open"], False),
            ([self.review("1", 2), self.review("2", 9, risk_level="medium")], ["met", "met", "open"], False),
            ([self.review("1", 2), self.review("2", 9, has_fallen="yes")], ["met", "met", "open"], False),
            ([self.review("1", 2), self.review("2", 9, risk_level="medium", has_fallen="yes")], ["met", "met"], True),
        ]
        for records, standing, over in cases:
            state = state_of(self.DEFINITION, start, *records, at=24 * 9 + 1)
            assert ["open" if each.is_open else "met" for each in owed_for(state, "review-risk")] == standing
            assert (state.why_not_close != self.DEFINITION.closing.says) is over

    def test_a_week_missed_is_late(self) -> None:
        state = state_of(self.DEFINITION, ticks("c", 0, "coercion"), self.review("1", 2), at=24 * 11)
        assert standing_of(state)["review-risk"] == ["met", "late"]

    @pytest.mark.requirement("R29")
    def test_each_action_has_its_own_time_and_outcome(self) -> None:
        def action(key: str, by: float) -> Record:
            owned = {"done_by": "partner", "partner": "police", "by": hours(by)}
            return record(key, "agreed-action", 50, what="police-liaison", detail="Ring", **owned)

        outcome = record("o", "action-outcome", 60, action="b", outcome="They will call")
        state = state_of(self.DEFINITION, action("a", 55), action("b", 90), outcome, at=70)
        assert {each.because[0]: each.state(state.at).value for each in owed_for(state, "do-what-was-agreed")} == {
            "a": "late",
            "b": "met",
        }

    @pytest.mark.requirement("R31")
    def test_what_shows_whether_it_works(self) -> None:
        assert {(each.of, each.shows) for each in self.DEFINITION.measures} >= {
            ("share-what-is-known", "time-to-met"),
            ("decide-on-sharing", "time-to-met"),
            ("review-risk", "share-in-time"),
            ("share-what-is-known", "repeat"),
        }
