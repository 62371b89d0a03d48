"""The tier: proposed by the written rules, decided by a person, in either direction with a reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from saferpractice.deadlines.models import Obligation
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import grade_harm
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused
from saferpractice.triage.models import RepeatedPattern, TierDecision, TierProposal
from saferpractice.triage.operations import decide_tier, propose_tier_again
from saferpractice.triage.queries import tier_of
from saferpractice.triage.rules import Answer, TierCode
from saferpractice.triage.rules.form import TierChoice
from tests.factories.incidents import an_incident
from tests.factories.triage import DEPARTURE, a_triage, choose
from tests.personas import NOW, Cast

pytestmark = pytest.mark.requirement("R8")


@pytest.fixture
def incident(cast: Cast) -> Incident:
    return an_incident(by=cast.worker, team=cast.north)


def review_owed() -> list[Obligation]:
    """The obligations to open a review, oldest first."""
    return list(Obligation.objects.filter(kind="reviews.open").order_by("pk"))


class TestTheProposal:
    @pytest.mark.parametrize(
        ("report", "answers", "tier", "rule"),
        [
            ({"psychological_harm": "none"}, {}, "A", "near-miss"),
            ({}, {}, "A", "low-harm"),
            ({"physical_harm": "moderate"}, {}, "B", "harm-moderate-physical"),
            ({"psychological_harm": "moderate"}, {}, "B", "harm-moderate-psychological"),
            ({}, {"prolonged_psychological_harm": Answer.YES}, "B", "prolonged-psychological-harm"),
            ({"physical_harm": "severe"}, {}, "C", "harm-severe-physical"),
            ({"psychological_harm": "severe"}, {}, "C", "harm-severe-psychological"),
            ({"physical_harm": "fatal"}, {}, "C", "harm-fatal"),
            ({}, {"multi_agency_breakdown": Answer.YES}, "C", "multi-agency-breakdown"),
            ({}, {"high_risk_failure": Answer.YES}, "C", "high-risk-failure"),
            ({}, {"nationally_required": "never-event"}, "C", "nationally-required"),
        ],
    )
    def test_keeps_which_rule_fired_and_why(
        self, cast: Cast, report: dict[str, Any], answers: dict[str, Any], tier: str, rule: str
    ) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, **report)
        a_triage(by=cast.duty_manager, incident=incident, **answers)
        kept = TierProposal.objects.get()
        assert (kept.tier, kept.rule_id) == (tier, rule)
        assert kept.why.endswith(".")
        assert kept.table_version == "tier-rules 1"
        assert kept.fired[0]["rule"] == rule

    def test_keeps_the_facts_it_rests_on(self, cast: Cast, incident: Incident) -> None:
        a_triage(by=cast.duty_manager, incident=incident, multi_agency_breakdown=Answer.UNKNOWN)
        facts = TierProposal.objects.get().facts
        assert facts["physical_harm"] == "none"
        assert facts["psychological_harm"] == "low"
        assert facts["multi_agency_breakdown"] is None, "not known stays not known"
        assert facts["repeat_kinds"] == []


class TestDeciding:
    def decide(self, cast: Cast, incident: Incident, choice: TierChoice, at: datetime = NOW, **given: Any) -> Any:
        return decide_tier(by=given.pop("by", cast.duty_manager), at=at, incident=incident, choice=choice, **given)

    def test_as_proposed_needs_no_reason(self, cast: Cast, incident: Incident) -> None:
        a_triage(by=cast.duty_manager, incident=incident)
        kept = self.decide(cast, incident, choose("A"))
        assert (kept.tier, kept.reason, kept.proposal.tier) == ("A", "", "A")
        assert TrailEntry.objects.story(incident.pk).last().sentence == (
            "chose tier A, rapid review, as the rules propose"
        )

    @pytest.mark.parametrize("tier", ["B", "C"])
    def test_heavier_with_a_reason(self, cast: Cast, incident: Incident, tier: str) -> None:
        a_triage(by=cast.duty_manager, incident=incident)
        assert self.decide(cast, incident, choose(tier, DEPARTURE)).reason == DEPARTURE

    @pytest.mark.parametrize("tier", ["A", "B"])
    def test_lighter_with_a_reason(self, cast: Cast, tier: str) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, physical_harm="severe")
        a_triage(by=cast.duty_manager, incident=incident)
        kept = self.decide(cast, incident, choose(tier, DEPARTURE))
        assert (kept.tier, kept.proposal.tier, kept.reason) == (tier, "C", DEPARTURE)

    @pytest.mark.parametrize("reason", ["", "  ", "n/a", "because", "as above", "no no no no no"])
    @pytest.mark.parametrize(("harm", "tier"), [("none", "B"), ("none", "C"), ("severe", "A"), ("severe", "B")])
    def test_neither_without_one(self, cast: Cast, harm: str, tier: str, reason: str) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, physical_harm=harm)
        a_triage(by=cast.duty_manager, incident=incident)
        with pytest.raises(Invalid) as invalid:
            self.decide(cast, incident, choose(tier, reason))
        assert set(invalid.value.problems) == {"reason"}
        assert not TierDecision.objects.exists()

    def test_a_reason_has_an_end(self, cast: Cast, incident: Incident) -> None:
        a_triage(by=cast.duty_manager, incident=incident)
        with pytest.raises(Invalid, match="Shorten this to 20,000 characters"):
            self.decide(cast, incident, choose("B", "word and reason " * 2_000))

    def test_not_before_triage(self, cast: Cast, incident: Incident) -> None:
        with pytest.raises(Invalid, match="Triage the incident first"):
            self.decide(cast, incident, choose("A"))

    def test_only_those_who_may(self, cast: Cast, incident: Incident) -> None:
        a_triage(by=cast.duty_manager, incident=incident)
        with pytest.raises(Refused, match="decide the tier"):
            self.decide(cast, incident, choose("A"), by=cast.quality_lead)

    @pytest.mark.requirement("R7")
    def test_a_later_decision_stands_beside_the_earlier(self, cast: Cast, incident: Incident) -> None:
        a_triage(by=cast.duty_manager, incident=incident, tier=choose("A"))
        self.decide(cast, incident, choose("B", DEPARTURE), NOW + timedelta(days=1), by=cast.lead)
        assert [d.tier for d in incident.tier_decisions.order_by("decided_at")] == ["A", "B"]
        assert tier_of(incident) is TierCode.B

    def test_the_same_key_is_the_same_decision(self, cast: Cast, incident: Incident) -> None:
        a_triage(by=cast.duty_manager, incident=incident)
        first = self.decide(cast, incident, choose("A"), submission_key="k")
        assert self.decide(cast, incident, choose("A"), submission_key="k") == first
        assert TierDecision.objects.count() == 1

    def test_meets_what_triage_left_open(self, cast: Cast, incident: Incident) -> None:
        a_triage(by=cast.duty_manager, incident=incident)
        kept = self.decide(cast, incident, choose("A"))
        assert Obligation.objects.get(kind="triage.decide_tier").met_by_id == kept.pk

    def test_rests_on_what_is_known_now(self, cast: Cast, incident: Incident) -> None:
        a_triage(by=cast.duty_manager, incident=incident)
        grade_harm(
            by=cast.lead,
            at=NOW + timedelta(days=1),
            incident=incident,
            physical_harm="severe",
            psychological_harm="low",
            reason="The X-ray shows a broken hip",
        )
        with pytest.raises(Invalid) as invalid:
            self.decide(cast, incident, TierChoice(tier=TierCode.A, seen=TierCode.A), NOW + timedelta(days=1))
        assert invalid.value.problems["tier"].startswith("The rules now propose Tier C, formal investigation")
        kept = self.decide(cast, incident, choose("C"), NOW + timedelta(days=1))
        assert (kept.proposal.rule_id, TierProposal.objects.count()) == ("harm-severe-physical", 2)

    def test_keeps_no_second_proposal_when_nothing_changed(self, cast: Cast, incident: Incident) -> None:
        a_triage(by=cast.duty_manager, incident=incident)
        self.decide(cast, incident, choose("A"), NOW + timedelta(days=1))
        assert TierProposal.objects.count() == 1

    def test_keeps_the_repeat_found_since(self, cast: Cast, incident: Incident) -> None:
        a_triage(by=cast.duty_manager, incident=incident)
        other = an_incident(by=cast.worker, team=cast.south, at=NOW + timedelta(days=1))
        self.decide(cast, incident, choose("B"), NOW + timedelta(days=2))
        assert list(RepeatedPattern.objects.get().earlier.all()) == [other]


class TestTheReviewThatFollows:
    @pytest.mark.parametrize(
        ("tier", "due"),
        [
            ("A", datetime(2026, 3, 12, tzinfo=UTC)),
            ("B", datetime(2026, 3, 10, tzinfo=UTC)),
            ("C", datetime(2026, 3, 6, tzinfo=UTC)),
        ],
    )
    def test_is_owed_by_the_lead_in_time(self, cast: Cast, incident: Incident, tier: str, due: datetime) -> None:
        a_triage(by=cast.duty_manager, incident=incident, tier=choose(tier, DEPARTURE))
        [owed] = review_owed()
        assert (owed.role, owed.due_at, owed.clock) == ("safeguarding_lead", due, "local")
        assert owed.clock_source.startswith(f"Local standard: a tier {tier} review is opened within")
        assert owed.subject_id == incident.pk

    def test_is_owed_once(self, cast: Cast, incident: Incident) -> None:
        a_triage(by=cast.duty_manager, incident=incident, tier=choose("A"))
        decide_tier(by=cast.lead, at=NOW + timedelta(days=2), incident=incident, choice=choose("A"))
        [owed] = review_owed()
        assert owed.due_at == datetime(2026, 3, 12, tzinfo=UTC), "not restarted"

    def test_a_heavier_tier_asks_for_the_heavier_review(self, cast: Cast, incident: Incident) -> None:
        a_triage(by=cast.duty_manager, incident=incident, tier=choose("A"))
        later = NOW + timedelta(days=2)
        decide_tier(by=cast.lead, at=later, incident=incident, choice=choose("C", DEPARTURE))
        first, second = review_owed()
        assert first.cancelled_because == "The tier is now C"
        assert (second.opened_at, second.title) == (
            later,
            f"Open the review of incident {incident.reference}: tier C, formal investigation",
        )

    def test_a_lighter_tier_counts_from_when_it_was_first_asked(self, cast: Cast, incident: Incident) -> None:
        a_triage(by=cast.duty_manager, incident=incident, tier=choose("C", DEPARTURE))
        decide_tier(by=cast.lead, at=NOW + timedelta(days=2), incident=incident, choice=choose("A"))
        assert review_owed()[1].opened_at == NOW
        assert review_owed()[1].due_at == datetime(2026, 3, 12, tzinfo=UTC)

    @pytest.mark.parametrize(("then", "count"), [("A", 1), ("B", 1), ("C", 2)])
    def test_once_the_review_is_open_only_a_heavier_one_is_asked_for(
        self, cast: Cast, incident: Incident, then: str, count: int
    ) -> None:
        a_triage(by=cast.duty_manager, incident=incident, tier=choose("B", DEPARTURE))
        Obligation.objects.filter(kind="reviews.open").update(met_at=NOW)  # as the next stage does
        decide_tier(by=cast.lead, at=NOW + timedelta(days=2), incident=incident, choice=choose(then, DEPARTURE))
        assert len(review_owed()) == count


@pytest.mark.requirement("R10")
class TestTheSameConditionAgain:
    def again(self, cast: Cast, incident: Incident, earlier: list[Incident], **given: Any) -> TierProposal | None:
        return propose_tier_again(
            by=given.get("by", cast.lead),
            at=given.get("at", NOW + timedelta(days=9)),
            incident=incident,
            condition="Lack of duty cover",
            earlier=earlier,
        )

    @pytest.fixture
    def earlier(self, cast: Cast) -> Incident:
        return an_incident(
            by=cast.worker,
            team=cast.south,
            at=NOW - timedelta(days=30),
            person_reference="P-7",
            themes=("exploitation",),
        )

    def test_raises_the_proposal_and_asks_for_a_decision(
        self, cast: Cast, incident: Incident, earlier: Incident
    ) -> None:
        a_triage(by=cast.duty_manager, incident=incident, tier=choose("A"))
        proposal = self.again(cast, incident, [earlier])
        assert (proposal.tier, proposal.rule_id) == ("B", "repeat-system-condition")
        owed = Obligation.objects.get(kind="triage.decide_tier")
        assert (owed.role, owed.title.endswith("again: it is a repeat")) == ("safeguarding_lead", True)

    def test_changes_nobody_s_decision(self, cast: Cast, incident: Incident, earlier: Incident) -> None:
        a_triage(by=cast.duty_manager, incident=incident, tier=choose("A"))
        self.again(cast, incident, [earlier])
        assert tier_of(incident) is TierCode.A
        decide_tier(by=cast.lead, at=NOW + timedelta(days=10), incident=incident, choice=choose("B"))
        assert Obligation.objects.get(kind="triage.decide_tier").met_at == NOW + timedelta(days=10)

    def test_asks_for_nothing_where_the_tier_is_that_heavy(
        self, cast: Cast, incident: Incident, earlier: Incident
    ) -> None:
        a_triage(by=cast.duty_manager, incident=incident, tier=choose("C", DEPARTURE))
        assert self.again(cast, incident, [earlier]).tier == "B"
        assert not Obligation.objects.filter(kind="triage.decide_tier").exists()

    def test_is_kept_with_the_earlier_incidents(self, cast: Cast, incident: Incident, earlier: Incident) -> None:
        a_triage(by=cast.duty_manager, incident=incident, tier=choose("A"))
        self.again(cast, incident, [earlier, incident, earlier])
        kept = RepeatedPattern.objects.get()
        assert (kept.kind, kept.what, kept.how_many) == ("system_condition", "Lack of duty cover", 1)
        assert list(kept.earlier.all()) == [earlier]

    def test_found_again_it_says_nothing_new(self, cast: Cast, incident: Incident, earlier: Incident) -> None:
        a_triage(by=cast.duty_manager, incident=incident, tier=choose("A"))
        first = self.again(cast, incident, [earlier])
        told = TrailEntry.objects.count()
        assert self.again(cast, incident, [earlier], at=NOW + timedelta(days=12)) == first
        assert TrailEntry.objects.count() == told

    def test_with_no_earlier_incident_nothing_happens(self, cast: Cast, incident: Incident) -> None:
        assert self.again(cast, incident, []) is None
        assert self.again(cast, incident, [incident]) is None
        assert not RepeatedPattern.objects.exists()

    def test_before_triage_the_proposal_waits_for_it(self, cast: Cast, incident: Incident, earlier: Incident) -> None:
        self.again(cast, incident, [earlier], at=NOW)
        a_triage(by=cast.duty_manager, incident=incident, at=NOW + timedelta(hours=1))
        newest = incident.tier_proposals.order_by("-decided_at").first()
        assert newest.rule_id == "repeat-system-condition"

    def test_a_reviewer_named_on_it_may_say_so_a_stranger_may_not(
        self, cast: Cast, incident: Incident, earlier: Incident
    ) -> None:
        with pytest.raises(Refused):
            self.again(cast, incident, [earlier], by=cast.reviewer)
        assert self.again(cast, incident, [earlier], by=cast.supervisor)

    def test_is_told_in_the_story(self, cast: Cast, incident: Incident, earlier: Incident) -> None:
        a_triage(by=cast.duty_manager, incident=incident, tier=choose("A"))
        self.again(cast, incident, [earlier])
        assert TrailEntry.objects.story(incident.pk).last().sentence == (
            "found the same system condition as in 1 earlier review; the rules propose tier B"
        )
