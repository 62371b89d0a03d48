"""Raise each level of what has come due, once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from saferpractice.access.models import Person
from saferpractice.deadlines import ledger
from saferpractice.deadlines.models import Escalation, Obligation
from saferpractice.deadlines.recipients import Recipients, chain_for, recipients_of
from saferpractice.deadlines.rules import (
    OWNER,
    EscalationChain,
    EscalationStep,
    due_label,
    lateness,
    levels_due,
    next_escalation_at,
)
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.rules import By

IN_MAIL = {
    "changes.action": "Do a tracked action",
    "changes.accept_evidence": "Decide on the evidence for a tracked action",
    "triage.safety_action": "Make sure that a safety action is done",
    "pathways.owed": "Do what a pathway asks for",
}
"""What an e-mail says of work whose title holds words somebody typed or names whom it is about: mail is not a safe
place for either."""


def mail_words(obligation: Obligation) -> str:
    """What an e-mail says must be done: the title, where it names nobody and holds nothing that somebody typed."""
    return IN_MAIL.get(obligation.kind, obligation.title)


REMINDER = 0
"""The level of the reminder that comes before the deadline; levels from 1 up come after it."""


@dataclass(frozen=True, slots=True)
class Raised:
    """One level raised: its row, and who was told."""

    escalation: Escalation
    told: Recipients


@operation
def escalate(*, by: By, at: datetime, obligation_id: UUID) -> Entry[list[Escalation]] | Already[list[Escalation]]:
    """Raise every level of one obligation that has come by ``at``, each once, and tell the people of each.

    The chain of its service and role says who (``chain_for``); where nobody holds a role, the next is told.
    The row is locked first and passed over when another worker holds it. What was raised before decides, not the
    clock, and (obligation, level) is unique in the database: killed, raced or run on a clock that jumped back, no
    level is raised twice, and none is left out.
    """
    obligation = (
        Obligation.objects.to_escalate(at)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("team", "owner")
        .filter(pk=obligation_id)
        .first()
    )
    if obligation is None:
        return Already([])
    calendar = ledger.calendar_for(obligation.provider_id)
    chain = chain_of(obligation)
    already = set(obligation.escalations.values_list("level", flat=True))
    raised = []
    if REMINDER not in already and at <= obligation.due_at:
        raised.append(_raise(obligation, REMINDER, _reminder(obligation, chain, at), at))
    for step in levels_due(obligation.due_at, None, None, chain, at=at, already=already, calendar=calendar):
        raised.append(_raise(obligation, step.level, recipients_of(obligation, step, chain, at), at))
    levels = already | {one.escalation.level for one in raised}
    obligation.escalated_level = max(levels, default=-1)
    obligation.next_escalation_at = next_escalation_at(
        obligation.due_at, None, None, chain, already=levels, calendar=calendar
    )
    obligation.save(update_fields=["escalated_level", "next_escalation_at"])
    if not raised:
        return Already([])
    gaps = list(dict.fromkeys(gap for one in raised for gap in one.told.gaps))
    return Entry(
        result=[one.escalation for one in raised],
        subject=obligation,
        story_id=obligation.story_id,
        sentence=_sentence(obligation, raised, gaps, at),
        facts={"levels": [one.escalation.level for one in raised], "due_at": obligation.due_at, "nobody_is": gaps},
    )


def chain_of(obligation: Obligation) -> EscalationChain:
    """The chain by which an obligation is escalated now: its own, or the one its service and role have."""
    if obligation.chain:
        return EscalationChain.from_data(obligation.chain)
    service_id = obligation.team.service_id if obligation.team else None
    return chain_for(obligation.provider_id, service_id, obligation.role).chain


def _reminder(obligation: Obligation, chain: EscalationChain, at: datetime) -> Recipients:
    """A reminder goes to whoever owes it, or, like everything else, to the next when nobody does."""
    return recipients_of(obligation, EscalationStep(1, (OWNER,)), chain, at)


def _raise(obligation: Obligation, level: int, told: Recipients, at: datetime) -> Raised:
    escalation = Escalation.objects.create(obligation=obligation, level=level, at=at, due_at=obligation.due_at)
    late, what = lateness(obligation.due_at, at), mail_words(obligation)
    key = f"escalation:{escalation.pk}"
    for person in told.people.values():
        ledger.tell(
            to=person,
            key=key,
            subject=f"{'Late' if late else 'Due soon'}: {what}",
            body=f"{what}\n{f'{late} late' if late else f'Due {due_label(obligation.due_at)}'}.\n"
            "Sign in to Safer Practice to see it.",
            at=at,
        )
    escalation.told.set(told.people.values())
    if told.nobody:
        ledger.tell_administrators(provider_id=obligation.provider_id, key=key, gaps=told.gaps, at=at)
    return Raised(escalation, told)


def _sentence(obligation: Obligation, raised: list[Raised], gaps: list[str], at: datetime) -> str:
    people = {pk: person for one in raised for pk, person in one.told.people.items()}
    told = _names(people.values()) or "nobody"
    late = lateness(obligation.due_at, at)
    state = f"is {late} late" if late else f"is due {due_label(obligation.due_at)}"
    gap = f"; nobody there is {' or '.join(gaps)}" if gaps else ""
    return f"said that “{obligation.title}” {state}, and told {told}{gap}"


def _names(people: Iterable[Person]) -> str:
    names = sorted({person.name for person in people})
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)
