"""Holds: records are kept whatever their age, until somebody decides that they need not be."""

from __future__ import annotations

from datetime import datetime

from saferpractice.access.decisions import check_same_answers, decided
from saferpractice.access.models import Person, Provider
from saferpractice.access.turns import after_disposals
from saferpractice.design.typed import as_written
from saferpractice.home.models import HoldEnd, RetentionHold
from saferpractice.home.permissions import check_can_retain
from saferpractice.home.queries.holding import about, may_name_incident, may_name_person, may_read_hold
from saferpractice.home.rules.retention import HoldKind
from saferpractice.incidents.models import Incident, PersonSupported
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid, Refused
from saferpractice.trail.rules import By

LONGEST_REASON = 2000


@operation
def place_hold(
    *,
    by: By,
    at: datetime,
    provider: Provider,
    incident: Incident | None,
    person_supported: PersonSupported | None,
    kind: HoldKind,
    reason: str,
    submission_key: str,
) -> Entry[RetentionHold] | Already[RetentionHold]:
    """Keep the records of an incident, of a person, or (neither named) everything of the provider, until it is ended.

    The reason stays off the trail: what an inquiry or a solicitor says may be about people. Sent twice, it is one hold.

    Raises:
        Refused: ``by`` may not, or may read nothing of what is to be kept.
        Invalid: by field.
    """
    check_can_retain(by=by, at=at, provider_id=provider.pk)
    _check_named(by, at, provider, incident, person_supported)
    words = written(reason)
    after_disposals(provider.pk)
    for named in (incident, person_supported):
        if named is not None and not type(named)._base_manager.filter(pk=named.pk).exists():
            raise Refused("There is no such record at this provider.")
    earlier = RetentionHold.objects.filter(provider=provider, submission_key=submission_key).first()
    if earlier is not None:
        made = RetentionHold(incident=incident, person_supported=person_supported)
        answers = [
            ("What is kept", about(earlier), about(made)),
            ("Why", HoldKind(earlier.kind).label, kind.label),
            ("The reason", earlier.reason, words),
        ]
        check_same_answers(earlier, by=by, sentence="This hold was already placed.", answers=answers)
        return Already(earlier)
    hold = RetentionHold.objects.create(
        provider=provider,
        incident=incident,
        person_supported=person_supported,
        kind=kind,
        reason=words,
        submission_key=submission_key,
        **decided(by, at),
    )
    return Entry(
        result=hold,
        subject=hold,
        story_id=incident.pk if incident else None,
        sentence=f"put a hold on {about(hold)}: {kind.label[:1].lower()}{kind.label[1:]}",
        facts={"kind": kind, "incident": hold.incident_id, "person": hold.person_supported_id},
    )


@operation
def end_hold(*, by: By, at: datetime, hold: RetentionHold, reason: str) -> Entry[HoldEnd] | Already[HoldEnd]:
    """End a hold. Others on the same records stand. Sent twice by one person with the same reason, it is ended once.

    Raises:
        Refused: ``by`` may not, may not read what it keeps, or it was ended already.
        Invalid: no reason.
    """
    check_can_retain(by=by, at=at, provider_id=hold.provider_id)
    if isinstance(by, Person) and not may_read_hold(by, at, hold):
        raise Refused("There is no such hold among those you may see.")
    words = written(reason)
    earlier = HoldEnd.objects.filter(hold=hold).first()
    if earlier is not None:
        if (earlier.reason, earlier.decided_by_id) == (words, by.pk if isinstance(by, Person) else None):
            return Already(earlier)
        raise Refused("Somebody ended this hold already.")
    end = HoldEnd.objects.create(hold=hold, reason=words, **decided(by, at))
    return Entry(
        result=end,
        subject=hold,
        story_id=hold.incident_id,
        sentence=f"ended the hold on {about(hold)}",
        facts={"kind": hold.kind, "incident": hold.incident_id, "person": hold.person_supported_id},
    )


def _check_named(
    by: By, at: datetime, provider: Provider, incident: Incident | None, person: PersonSupported | None
) -> None:
    if incident is not None and person is not None:
        raise Invalid("A hold is on one incident, on one person, or on everything.")
    named = incident or person
    if named is not None and named.provider_id != provider.pk:
        raise Refused("There is no such record at this provider.")
    if not isinstance(by, Person):
        return
    if incident is not None and not may_name_incident(by, at, incident):
        raise Refused("There is no such incident among those you may read.")
    if person is not None and not may_name_person(by, at, person):
        raise Refused("You may read nothing about this person.")


def written(reason: str) -> str:
    """A reason as it is kept.

    Raises:
        Invalid: there is none, or it is too long.
    """
    words = as_written(reason)
    if not words:
        raise Invalid({"reason": "Say why"})
    if len(words) > LONGEST_REASON:
        raise Invalid({"reason": f"Use {LONGEST_REASON} characters or fewer"})
    return words
