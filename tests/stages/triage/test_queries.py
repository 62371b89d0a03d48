"""Where triage stands, and what the reporter is told of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import keep_from
from saferpractice.incidents.rules import KeptFromReason
from saferpractice.triage.operations import decide_threshold, decide_tier, hand_over
from saferpractice.triage.queries import reporter_line, state_of, tellings_of, tier_of
from saferpractice.triage.rules import TierCode
from tests.factories.incidents import an_incident
from tests.factories.triage import (
    DEPARTURE,
    a_referral,
    a_triage,
    choose,
    do_not_refer,
    more_information,
    must_be_told,
    refer,
)
from tests.personas import NOW, Cast


@pytest.fixture
def incident(cast: Cast) -> Incident:
    return an_incident(by=cast.worker, team=cast.north)


@pytest.mark.requirement("R7")
class TestState:
    def test_nothing_yet(self, cast: Cast, incident: Incident) -> None:
        state = state_of(incident)
        assert (state.record, state.threshold, state.proposal, state.tier, state.handover) == (None,) * 5
        assert tier_of(incident) is None

    def test_the_newest_is_in_force_and_all_are_there(self, cast: Cast, incident: Incident) -> None:
        a_triage(by=cast.duty_manager, incident=incident, threshold=do_not_refer(), tier=choose("A"))
        second = a_triage(by=cast.lead, incident=incident, at=NOW + timedelta(hours=1), threshold=refer())
        decide_tier(by=cast.lead, at=NOW + timedelta(hours=2), incident=incident, choice=choose("B", DEPARTURE))
        state = state_of(incident)
        assert (state.record, len(state.records)) == (second, 2)
        assert [one.outcome for one in state.thresholds] == ["refer", "do_not_refer"]
        assert [one.tier for one in state.tiers] == ["B", "A"]
        assert tier_of(incident) is TierCode.B

    def test_of_two_at_one_moment_the_one_written_last(self, cast: Cast, incident: Incident) -> None:
        a_triage(by=cast.duty_manager, incident=incident)
        second = a_triage(by=cast.lead, incident=incident)
        assert state_of(incident).record == second

    def test_referrals_come_with_their_answers(self, cast: Cast, incident: Incident) -> None:
        referral = a_referral(by=cast.duty_manager, incident=incident)
        assert state_of(incident).referrals == (referral,)
        assert state_of(incident).referrals[0].answers == []

    def test_costs_a_fixed_number_of_questions(
        self, cast: Cast, incident: Incident, django_assert_max_num_queries: Any
    ) -> None:
        for hours in range(4):
            a_triage(
                by=cast.lead, incident=incident, at=NOW + timedelta(hours=hours), threshold=refer(), tier=choose("A")
            )
        with django_assert_max_num_queries(9):
            state_of(incident)

    def test_so_does_telling(self, cast: Cast, incident: Incident, django_assert_max_num_queries: Any) -> None:
        a_triage(by=cast.lead, incident=incident, tellings=[must_be_told("police"), must_be_told("cqc-18-abuse")])
        with django_assert_max_num_queries(6):
            assert sum(1 for one in tellings_of(incident, at=NOW) if one.obligation) == 2


class TestTheReporterSLine:
    def test_nothing_while_nothing_is_decided(self, cast: Cast, incident: Incident) -> None:
        assert reporter_line(incident=incident) is None

    def test_that_the_lead_was_asked(self, cast: Cast, incident: Incident) -> None:
        hand_over(by=cast.duty_manager, at=NOW, incident=incident, question="Is it section 42?")
        assert reporter_line(incident=incident) == "The safeguarding lead was asked to decide."

    @pytest.mark.parametrize(
        ("choice", "tier", "line"),
        [
            (
                refer(),
                choose("A"),
                "Decided on Wednesday 4 March 2026. A safeguarding concern goes to the local authority. The service "
                "looks at it quickly to learn from it.",
            ),
            (
                do_not_refer(),
                choose("B", DEPARTURE),
                "Decided on Wednesday 4 March 2026. It does not go to the local authority as a safeguarding concern. "
                "The service reviews it step by step to learn from it.",
            ),
            (
                more_information(date(2026, 3, 6)),
                choose("C", DEPARTURE),
                "Decided on Wednesday 4 March 2026. More information is being asked for before it is decided. The "
                "service investigates it formally.",
            ),
            (None, None, "Decided on Wednesday 4 March 2026."),
        ],
    )
    def test_says_what_was_decided(self, cast: Cast, incident: Incident, choice: Any, tier: Any, line: str) -> None:
        a_triage(by=cast.duty_manager, incident=incident, threshold=choice, tier=tier)
        assert reporter_line(incident=incident) == line

    def test_follows_a_later_decision(self, cast: Cast, incident: Incident) -> None:
        a_triage(by=cast.duty_manager, incident=incident, threshold=do_not_refer())
        decide_threshold(by=cast.lead, at=NOW + timedelta(days=1), incident=incident, choice=refer())
        assert reporter_line(incident=incident) == (
            "Decided on Thursday 5 March 2026. A safeguarding concern goes to the local authority."
        )

    def test_names_nobody_and_tells_no_detail(self, cast: Cast, incident: Incident) -> None:
        a_triage(by=cast.duty_manager, incident=incident, threshold=refer(), tier=choose("B", DEPARTURE))
        line = reporter_line(incident=incident) or ""
        for private in ("Dale", "P-1042", "brother", "card", "police", DEPARTURE):
            assert private.lower() not in line.lower()

    def test_says_only_the_day_to_a_reporter_who_must_not_read_it(self, cast: Cast, incident: Incident) -> None:
        keep_from(by=cast.lead, at=NOW, incident=incident, person=cast.worker, because=KeptFromReason.ALLEGED_SOURCE)
        a_triage(by=cast.duty_manager, incident=incident, threshold=refer(), tier=choose("A"))
        assert reporter_line(incident=incident) == "Decided on Wednesday 4 March 2026."
