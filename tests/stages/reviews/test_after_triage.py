"""From a real triage to the review and back: the stages fit together (R8, R10)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from saferpractice.deadlines.models import Obligation
from saferpractice.findings.queries import findings_of
from saferpractice.incidents.models import Incident
from saferpractice.reviews.models import Review
from saferpractice.reviews.operations import OPEN, draw_timeline_from_records, open_review
from saferpractice.triage.models import ImmediateSafetyAction
from saferpractice.triage.operations import decide_tier, record_safety_action_done
from saferpractice.triage.operations.obligations import DECIDE_TIER
from saferpractice.triage.rules.form import SafetyAction
from tests.factories.findings import a_finding
from tests.factories.incidents import an_incident
from tests.factories.reviews import INDEPENDENT, METHODS
from tests.factories.triage import DEPARTURE, a_triage, choose, do_not_refer
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R8", "R10")]

LATER = NOW + timedelta(days=1)


def triaged(cast: Cast, tier: str, **changes: object) -> Incident:
    incident = an_incident(by=cast.worker, team=cast.north, at=NOW - timedelta(hours=1), psychological_harm="none")
    a_triage(
        by=cast.lead,
        incident=incident,
        threshold=do_not_refer(),
        tier=choose(tier, DEPARTURE),
        **changes,  # type: ignore[arg-type]
    )
    return incident


def opened(cast: Cast, incident: Incident, tier: str, at: object = LATER) -> Review:
    return open_review(
        by=cast.lead,
        at=at,  # type: ignore[arg-type]
        incident=incident,
        method=METHODS[tier],
        reviewer=cast.reviewer,
        independence=INDEPENDENT,
    )


@pytest.mark.parametrize("tier", ["A", "B", "C"])
def test_the_review_that_triage_asks_for_is_opened(cast: Cast, tier: str) -> None:
    incident = triaged(cast, tier)
    assert Obligation.objects.open().filter(subject_id=incident.pk, kind=OPEN).count() == 1
    review = opened(cast, incident, tier)
    assert review.tier == tier
    assert Obligation.objects.get(subject_id=incident.pk, kind=OPEN).met_by_id == review.pk


def test_a_safety_action_done_later_stands_in_the_timeline_when_it_was_done(cast: Cast) -> None:
    action = SafetyAction(what="Change the locks", who="Housing", done_at=None)
    incident = triaged(cast, "B", safety_actions=(action,))
    review = opened(cast, incident, "B")
    draw_timeline_from_records(by=cast.reviewer, at=LATER, review=review)
    assert not review.timeline.filter(what__contains="Change the locks").exists()
    record_safety_action_done(
        by=cast.lead,
        at=LATER,
        safety_action=ImmediateSafetyAction.objects.get(),
        done_at=LATER,
        note="Two new keys, one with the team.",
    )
    draw_timeline_from_records(by=cast.reviewer, at=LATER + timedelta(hours=1), review=review)
    entry = review.timeline.get(what__contains="Change the locks")
    assert (entry.happened_at, entry.what) == (
        LATER,
        "Done to keep people safe: Change the locks (Housing). Two new keys, one with the team.",
    )


def test_a_condition_found_again_raises_the_tier_and_a_further_review_builds_on_this_one(cast: Cast) -> None:
    first = opened(cast, triaged(cast, "A"), "A")
    a_finding(first, cast, at=LATER)
    second = triaged(cast, "A", abuse_or_neglect="no", abuse_types=())
    review = opened(cast, second, "A")
    a_finding(review, cast, at=LATER)
    proposal = second.tier_proposals.order_by("decided_at", "id").last()
    assert proposal is not None
    assert proposal.tier > "A"
    assert Obligation.objects.open().filter(subject_id=second.pk, kind=DECIDE_TIER).count() == 1
    decide_tier(by=cast.lead, at=LATER, incident=second, choice=choose(proposal.tier))
    further = opened(cast, second, proposal.tier, LATER + timedelta(hours=1))
    assert further.builds_on == review
    assert len(findings_of(review)) == 1
