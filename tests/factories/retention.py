"""Incidents over which all work has ended, and holds on them, made through the operations."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any

from saferpractice.access.models import Person
from saferpractice.deadlines.models import Obligation
from saferpractice.home.models import RetentionHold
from saferpractice.home.operations import place_hold
from saferpractice.home.rules.retention import HoldKind
from saferpractice.incidents.models import Incident
from tests.factories.reviews import a_review, completed
from tests.personas import NOW, Cast

OVER = datetime(2036, 3, 6, 10, 0, tzinfo=UTC)
"""Ten years and two days after the usual "now": what ended then has had its time."""
OVER_TOO = datetime(2046, 3, 6, 10, 0, tzinfo=UTC)
"""Twenty years and two days after it."""

_keys = count()


def at_rest(*incidents: Incident) -> None:
    """Nobody owes anything about them any more: what was still open was no longer needed on the day of the review."""
    owed = Obligation.objects.open().filter(story_id__in=[one.pk for one in incidents])
    owed.update(cancelled_at=NOW, cancelled_because="No longer needed", next_escalation_at=None)


def a_finished_incident(cast: Cast, tier: str = "A", **changes: Any) -> Incident:
    """An incident whose review is complete and over which all work ended at NOW."""
    review = completed(a_review(cast, tier, **changes), cast)
    at_rest(review.incident)
    return Incident.objects.get(pk=review.incident_id)


def a_hold(
    *, by: Person, at: datetime = NOW, incident: Incident | None = None, key: str | None = None, **changes: Any
) -> RetentionHold:
    """A hold on an incident, on a person, or on everything."""
    given: dict[str, Any] = {
        "provider": by.provider,
        "person_supported": None,
        "kind": HoldKind.INQUIRY,
        "reason": "The inquiry wrote on 1 March.",
        "submission_key": key or f"hold-{next(_keys)}",
    }
    return place_hold(by=by, at=at, incident=incident, **(given | changes))
