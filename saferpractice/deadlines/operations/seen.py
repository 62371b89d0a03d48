"""Saying that one has seen an escalation."""

from __future__ import annotations

from datetime import datetime

from saferpractice.access.models import Person
from saferpractice.deadlines.models import Escalation, EscalationSeen
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Refused
from saferpractice.trail.rules import By


@operation
def see_escalation(*, by: By, at: datetime, escalation: Escalation) -> Entry[EscalationSeen] | Already[EscalationSeen]:
    """Say that ``by`` has seen an escalation: it leaves their pages, and the trail keeps when.

    It settles nothing: what is late stays late, and the next level comes all the same.

    Raises:
        Refused: ``by`` was not told by it.
    """
    if not isinstance(by, Person) or not escalation.told.filter(pk=by.pk).exists():
        raise Refused("Only somebody who was told of this can say that they have seen it.")
    obligation = escalation.obligation
    seen, added = EscalationSeen.objects.get_or_create(
        escalation=escalation, person=by, defaults={"provider_id": obligation.provider_id, "at": at}
    )
    if not added:
        return Already(seen)
    return Entry(
        result=seen,
        subject=obligation,
        story_id=obligation.story_id,
        sentence=f"saw that “{obligation.title}” is late",
        facts={"level": escalation.level},
    )
