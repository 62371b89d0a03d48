"""The threshold decision, the referral that follows, and the authority's answer."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from saferpractice.deadlines.models import Obligation
from saferpractice.incidents.models import Incident
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused
from saferpractice.triage.models import ReferralAcknowledgement, SafeguardingReferral, ThresholdDecision
from saferpractice.triage.operations import decide_threshold, record_acknowledgement, send_referral
from saferpractice.triage.rules import ThresholdOutcome
from saferpractice.triage.rules.form import ThresholdChoice
from tests.factories.incidents import an_incident
from tests.factories.triage import RATIONALE, a_referral, a_triage, do_not_refer, more_information, refer
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.requirement("R6"), pytest.mark.requirement("R7")]

TOMORROW = date(2026, 3, 5)


@pytest.fixture
def incident(cast: Cast) -> Incident:
    return an_incident(by=cast.worker, team=cast.north)


def owed(kind: str) -> Obligation | None:
    """The newest obligation of ``kind``, open or settled."""
    return Obligation.objects.filter(kind=kind).order_by("-opened_at", "-pk").first()


def decide(cast: Cast, incident: Incident, choice: ThresholdChoice, at: datetime = NOW, **given: Any) -> Any:
    return decide_threshold(by=given.pop("by", cast.duty_manager), at=at, incident=incident, choice=choice, **given)


class TestDeciding:
    @pytest.mark.parametrize(
        ("choice", "sentence"),
        [
            (refer(), "decided to refer to the local authority"),
            (do_not_refer(), "decided not to refer to the local authority"),
            (
                more_information(TOMORROW),
                "asked for more information by Thursday 5 March 2026 before deciding the threshold",
            ),
        ],
    )
    def test_is_told_in_the_story(self, cast: Cast, incident: Incident, choice: ThresholdChoice, sentence: str) -> None:
        decide(cast, incident, choice)
        entry = TrailEntry.objects.story(incident.pk).last()
        assert (entry.by_name, entry.by_role, entry.sentence) == ("Dale Marlow", "Duty manager", sentence)
        assert entry.operation == "triage.decide_threshold"

    def test_not_to_refer_is_a_record_of_its_own(self, cast: Cast, incident: Incident) -> None:
        kept = decide(cast, incident, do_not_refer())
        assert (kept.outcome, kept.rationale) == (
            "do_not_refer",
            "He returned the card by himself and she sees no risk.",
        )
        assert owed("triage.send_referral") is None

    def test_every_decision_stays(self, cast: Cast, incident: Incident) -> None:
        for number, choice in enumerate([more_information(TOMORROW), do_not_refer(), refer()]):
            decide(cast, incident, choice, NOW + timedelta(hours=number))
        assert [d.outcome for d in ThresholdDecision.objects.order_by("decided_at")] == [
            "more_information",
            "do_not_refer",
            "refer",
        ]

    def test_the_same_key_is_the_same_decision(self, cast: Cast, incident: Incident) -> None:
        first = decide(cast, incident, refer(), submission_key="k")
        assert decide(cast, incident, refer(), submission_key="k") == first
        with pytest.raises(Invalid, match="already sent"):
            decide(cast, incident, refer(), submission_key="k", by=cast.lead)

    @pytest.mark.parametrize("outcome", list(ThresholdOutcome))
    @pytest.mark.parametrize("rationale", ["", "   ", "n/a", "as above", "see notes", "ok ok ok ok", "aaaaa"])
    def test_none_without_a_rationale(
        self, cast: Cast, incident: Incident, outcome: ThresholdOutcome, rationale: str
    ) -> None:
        by_day = TOMORROW if outcome is ThresholdOutcome.MORE_INFORMATION else None
        with pytest.raises(Invalid) as invalid:
            decide(cast, incident, ThresholdChoice(outcome=outcome, rationale=rationale, more_information_by=by_day))
        assert set(invalid.value.problems) == {"rationale"}
        assert not ThresholdDecision.objects.exists()

    def test_a_rationale_has_an_end(self, cast: Cast, incident: Incident) -> None:
        with pytest.raises(Invalid) as invalid:
            decide(cast, incident, refer("word and reason " * 2_000))
        assert invalid.value.problems == {"rationale": "Shorten this to 20,000 characters."}

    @pytest.mark.parametrize("by_day", [None, date(2026, 3, 3)], ids=["no day", "yesterday"])
    def test_more_information_needs_a_day_ahead(self, cast: Cast, incident: Incident, by_day: date | None) -> None:
        choice = ThresholdChoice(
            outcome=ThresholdOutcome.MORE_INFORMATION, rationale=RATIONALE, more_information_by=by_day
        )
        with pytest.raises(Invalid) as invalid:
            decide(cast, incident, choice)
        assert set(invalid.value.problems) == {"more_information_by"}

    def test_the_day_is_a_london_day(self, cast: Cast) -> None:
        half_past_midnight = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)  # 1 July in London
        incident = an_incident(by=cast.worker, team=cast.north, at=half_past_midnight - timedelta(hours=1))
        with pytest.raises(Invalid):
            decide(cast, incident, more_information(date(2026, 6, 30)), half_past_midnight)
        decide(cast, incident, more_information(date(2026, 7, 1)), half_past_midnight)

    def test_only_those_who_may(self, cast: Cast, incident: Incident) -> None:
        with pytest.raises(Refused, match="decide on the safeguarding threshold"):
            decide(cast, incident, refer(), by=cast.supervisor)


class TestWhatIsOwedThen:
    def test_refer_is_sent_the_same_day_as_the_list_says(self, cast: Cast, incident: Incident) -> None:
        decide(cast, incident, refer())
        sending = owed("triage.send_referral")
        assert sending.due_at == datetime(2026, 3, 5, tzinfo=UTC)
        assert (sending.clock, sending.role) == ("local", "duty_manager")
        assert sending.clock_source == "the same day; at once if somebody is in danger now"

    def test_refer_again_does_not_restart_it(self, cast: Cast, incident: Incident) -> None:
        decide(cast, incident, refer())
        decide(cast, incident, refer("Her sister confirms it, and she asks for help."), NOW + timedelta(days=2))
        sending = Obligation.objects.get(kind="triage.send_referral")
        assert sending.due_at == datetime(2026, 3, 5, tzinfo=UTC)

    def test_not_to_refer_after_all_takes_it_away_and_says_why(self, cast: Cast, incident: Incident) -> None:
        decide(cast, incident, refer())
        decide(cast, incident, do_not_refer(), NOW + timedelta(hours=1))
        sending = owed("triage.send_referral")
        assert (sending.cancelled_at, sending.cancelled_because) == (
            NOW + timedelta(hours=1),
            "Decided later: do not refer",
        )

    def test_more_information_is_a_dated_return(self, cast: Cast, incident: Incident) -> None:
        decide(cast, incident, more_information(TOMORROW))
        back = owed("triage.more_information")
        assert back.due_at == datetime(2026, 3, 6, tzinfo=UTC), "until the day ends"

    def test_which_the_next_decision_meets(self, cast: Cast, incident: Incident) -> None:
        decide(cast, incident, more_information(TOMORROW))
        later = decide(cast, incident, refer(), NOW + timedelta(hours=30), by=cast.lead)
        assert owed("triage.more_information").met_by_id == later.pk

    def test_putting_it_off_again_is_a_second_return(self, cast: Cast, incident: Incident) -> None:
        decide(cast, incident, more_information(TOMORROW))
        decide(cast, incident, more_information(date(2026, 3, 9)), NOW + timedelta(hours=30))
        returns = Obligation.objects.filter(kind="triage.more_information").order_by("opened_at")
        assert [bool(one.met_at) for one in returns] == [True, False]

    def test_what_triage_left_open_is_met(self, cast: Cast, incident: Incident) -> None:
        a_triage(by=cast.duty_manager, incident=incident)
        decision = decide(cast, incident, refer())
        assert owed("triage.threshold").met_by_id == decision.pk

    def test_a_decision_before_triage_does_not_count_as_triage(self, cast: Cast, incident: Incident) -> None:
        decide(cast, incident, refer())
        assert owed("triage.decide").met_at is None

    def test_a_restricted_incident_is_the_lead_s(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, restricted=True, restricted_reason="A colleague")
        decide(cast, incident, refer(), by=cast.lead)
        assert (owed("triage.send_referral").role, owed("triage.send_referral").restricted) == (
            "safeguarding_lead",
            True,
        )


class TestSending:
    def send(self, cast: Cast, incident: Incident, **changes: Any) -> SafeguardingReferral:
        given: dict[str, Any] = {
            "by": cast.duty_manager,
            "at": NOW,
            "authority": "Norwood County Council",
            "how": "Their web form",
            "sent_at": NOW,
        }
        return send_referral(incident=incident, **(given | changes))

    def test_rests_on_the_decision_in_force(self, cast: Cast, incident: Incident) -> None:
        decide(cast, incident, do_not_refer())
        decision = decide(cast, incident, refer(), NOW + timedelta(minutes=5))
        referral = self.send(cast, incident, at=NOW + timedelta(minutes=9))
        assert referral.threshold_decision == decision

    @pytest.mark.parametrize("choice", [None, do_not_refer(), more_information(TOMORROW)])
    def test_is_refused_without_a_decision_to_refer(
        self, cast: Cast, incident: Incident, choice: ThresholdChoice | None
    ) -> None:
        if choice:
            decide(cast, incident, choice)
        with pytest.raises(Invalid, match="Decide to refer first"):
            self.send(cast, incident)

    def test_meets_what_was_owed_when_it_was_sent(self, cast: Cast, incident: Incident) -> None:
        decide(cast, incident, refer())
        referral = self.send(cast, incident, at=NOW + timedelta(hours=9), sent_at=NOW + timedelta(hours=1))
        sending = owed("triage.send_referral")
        assert (sending.met_at, sending.met_by_id) == (NOW + timedelta(hours=1), referral.pk)

    def test_before_the_form_was_filled_in_counts_from_then(self, cast: Cast, incident: Incident) -> None:
        decide(cast, incident, refer())
        self.send(cast, incident, sent_at=NOW - timedelta(minutes=30))
        sending = owed("triage.send_referral")
        assert sending.met_at == sending.opened_at

    def test_sent_is_not_received(self, cast: Cast, incident: Incident) -> None:
        decide(cast, incident, refer())
        self.send(cast, incident)
        chase = owed("triage.acknowledgement")
        assert chase.met_at is None
        assert chase.due_at == datetime(2026, 3, 7, tzinfo=UTC), "two working days: the end of Friday"
        assert chase.role == "safeguarding_lead"

    @pytest.mark.parametrize(
        ("changes", "problem"),
        [
            ({"authority": " "}, {"authority": "Enter the local authority it was sent to."}),
            ({"authority": "x" * 201}, {"authority": "Shorten this to 200 characters."}),
            (
                {"how": ""},
                {"how": "Enter how it was sent, for example by the authority's web form or by phone to whom."},
            ),
            ({"how": "x" * 201}, {"how": "Shorten this to 200 characters."}),
            (
                {"sent_at": NOW + timedelta(hours=1)},
                {"sent_at": "Enter a time that has passed. This one is in the future."},
            ),
        ],
    )
    def test_each_refusal_says_what_to_do(
        self, cast: Cast, incident: Incident, changes: dict[str, Any], problem: dict[str, str]
    ) -> None:
        decide(cast, incident, refer())
        with pytest.raises(Invalid) as invalid:
            self.send(cast, incident, **changes)
        assert invalid.value.problems == problem
        assert not SafeguardingReferral.objects.exists()

    def test_the_quality_lead_may_send_it_and_a_worker_may_not(self, cast: Cast, incident: Incident) -> None:
        decide(cast, incident, refer())
        with pytest.raises(Refused):
            self.send(cast, incident, by=cast.worker)
        assert self.send(cast, incident, by=cast.quality_lead, submission_key="k")
        self.send(cast, incident, by=cast.quality_lead, submission_key="k")
        assert SafeguardingReferral.objects.count() == 1


class TestAcknowledgement:
    def acknowledge(self, cast: Cast, referral: SafeguardingReferral, **changes: Any) -> ReferralAcknowledgement:
        given: dict[str, Any] = {
            "by": cast.lead,
            "at": NOW + timedelta(hours=8),
            "authority_reference": "NCC/26/114",
            "received_at": NOW + timedelta(hours=7),
        }
        return record_acknowledgement(referral=referral, **(given | changes))

    def test_meets_the_chase(self, cast: Cast, incident: Incident) -> None:
        referral = a_referral(by=cast.duty_manager, incident=incident)
        kept = self.acknowledge(cast, referral)
        chase = owed("triage.acknowledgement")
        assert (chase.met_at, chase.met_by_id) == (NOW + timedelta(hours=7), kept.pk)
        sentence = TrailEntry.objects.story(incident.pk).last().sentence
        assert sentence == "recorded that Norwood County Council has the concern"

    def test_the_authority_s_decision_can_come_later(self, cast: Cast, incident: Incident) -> None:
        referral = a_referral(by=cast.duty_manager, incident=incident)
        self.acknowledge(cast, referral)
        self.acknowledge(
            cast,
            referral,
            at=NOW + timedelta(days=3),
            received_at=NOW + timedelta(days=3),
            authority_reference="",
            answer="They make a section 42 enquiry.",
        )
        assert referral.acknowledgements.count() == 2
        assert owed("triage.acknowledgement").met_at == NOW + timedelta(hours=7), "met once"

    @pytest.mark.parametrize(
        ("changes", "problem"),
        [
            (
                {"authority_reference": " "},
                {"authority_reference": "Enter the authority's reference, or below what it answered."},
            ),
            ({"authority_reference": "x" * 121}, {"authority_reference": "Shorten this to 120 characters."}),
            (
                {"received_at": NOW + timedelta(days=1)},
                {"received_at": "Enter a time that has passed. This one is in the future."},
            ),
            (
                {"received_at": NOW - timedelta(minutes=1)},
                {"received_at": "Enter a time after the referral was sent."},
            ),
            ({"answer": "x" * 20_001}, {"answer": "Shorten this to 20,000 characters."}),
        ],
    )
    def test_each_refusal_says_what_to_do(
        self, cast: Cast, incident: Incident, changes: dict[str, Any], problem: dict[str, str]
    ) -> None:
        referral = a_referral(by=cast.duty_manager, incident=incident)
        with pytest.raises(Invalid) as invalid:
            self.acknowledge(cast, referral, **changes)
        assert invalid.value.problems == problem

    def test_only_those_who_may_and_once(self, cast: Cast, incident: Incident) -> None:
        referral = a_referral(by=cast.duty_manager, incident=incident)
        with pytest.raises(Refused):
            self.acknowledge(cast, referral, by=cast.supervisor)
        self.acknowledge(cast, referral, submission_key="k")
        self.acknowledge(cast, referral, submission_key="k")
        assert ReferralAcknowledgement.objects.count() == 1
