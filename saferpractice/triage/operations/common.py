"""What the operations of triage share: one incident at a time, and what answers a hand-over."""

from __future__ import annotations

from datetime import datetime

from saferpractice.access.models import Person
from saferpractice.deadlines import ledger
from saferpractice.incidents.models import Incident
from saferpractice.trail.rules import By
from saferpractice.triage.models import Submitted
from saferpractice.triage.operations.obligations import HANDOVER
from saferpractice.triage.permissions import ANSWERS


def locked(incident: Incident) -> Incident:
    """The incident as it is now, held until the transaction ends: two people deciding at once queue here."""
    return (
        Incident.objects.select_for_update(no_key=True, of=("self",))
        .select_related("provider", "team__service", "person_supported")
        .get(pk=incident.pk)
    )


def answer_handover(*, by: By, at: datetime, incident: Incident, record: Submitted) -> None:
    """Meet the hand-over when whoever decides is one it could be handed to; others' decisions leave it open."""
    if not isinstance(by, Person) or by.roles(incident.team.place, at) & ANSWERS:
        ledger.meet(subject=incident, kind=HANDOVER, record=record, at=at)
