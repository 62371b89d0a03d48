"""Who may see an incident: restricted or not, who is named, who is kept from it."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from saferpractice.access.decisions import decided
from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.access.rules import Role
from saferpractice.deadlines.models import Obligation
from saferpractice.design.typed import as_written
from saferpractice.incidents.models import (
    Incident,
    KeptFrom,
    NamedAccess,
    RestrictionDecision,
)
from saferpractice.incidents.operations.shared import give, says_the_same
from saferpractice.incidents.permissions import (
    check_can_decide_access,
    check_can_open,
)
from saferpractice.incidents.rules import KeptFromReason
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid, Refused
from saferpractice.trail.rules import By, Process


@operation
def decide_restriction(
    *, by: By, at: datetime, incident: Incident, restricted: bool, reason: str
) -> Entry[RestrictionDecision] | Already[RestrictionDecision]:
    """Restrict an incident to named people, or lift that. Whoever restricts is named, so somebody can act.

    Sent twice, it is one decision.
    """
    check_can_decide_access(by=by, at=at, incident=incident)
    if not as_written(reason):
        raise Invalid({"reason": "Say why."})
    said = {"restricted": restricted, "reason": reason.strip()}
    newest = incident.restriction_decisions.order_by("-decided_at", "-pk").first()
    if newest is not None and says_the_same(newest, said, decided(by, at)):
        return Already(newest)
    if incident.restricted == restricted:
        raise Invalid("This incident is already " + ("restricted." if restricted else "open to its service."))
    decision = RestrictionDecision.objects.create(incident=incident, **said, **decided(by, at))
    Incident.objects.filter(pk=incident.pk).update(restricted=restricted)
    owed = Obligation.objects.filter(story_id=incident.pk)
    owed.update(restricted=restricted)
    if restricted and isinstance(by, Person):
        # Duty managers no longer know of it: what they owed would stand on nobody's list, so it goes to who is named.
        leads = Role.SAFEGUARDING_LEAD in by.roles(incident.team.place, at)
        owed.open().filter(role=Role.DUTY_MANAGER).update(role=Role.SAFEGUARDING_LEAD if leads else Role.DIRECTOR)
    incident.refresh_from_db(fields=["restricted"])
    if restricted and isinstance(by, Person):
        give(incident, by, at, reason="Restricted this incident", given_by=by.name)
    did = "restricted this incident to named people" if restricted else "lifted the restriction"
    return Entry(result=decision, subject=incident, story_id=incident.pk, sentence=did)


@operation
def name_person(
    *, by: By, at: datetime, incident: Incident, person: Person, reason: str
) -> Entry[NamedAccess] | Already[NamedAccess]:
    """Let ``person`` into this incident by name, with the reason. Sent twice, they are named once."""
    check_can_decide_access(by=by, at=at, incident=incident)
    return _named(by, at, incident, person, reason)


@operation
def name_reviewer(
    *, by: By, at: datetime, incident: Incident, person: Person, reason: str
) -> Entry[NamedAccess] | Already[NamedAccess]:
    """Let somebody asked to review into the incident. Whoever may ask for the review may do this with it."""
    check_can_open(by=by, at=at, incident=incident)
    return _named(by, at, incident, person, reason)


def _named(
    by: By, at: datetime, incident: Incident, person: Person, reason: str
) -> Entry[NamedAccess] | Already[NamedAccess]:
    if person.provider_id != incident.provider_id:
        raise Invalid({"person": "Choose somebody of this provider."})
    if incident.kept_from.filter(person=person).exists():
        raise Invalid({"person": f"{person.name} must not read this incident. Choose somebody else."})
    if not as_written(reason):
        raise Invalid({"reason": "Say why they need to see it."})
    # A second row for the same reason would let them in after the first was ended.
    earlier = incident.named_access.filter(person=person, reason=reason.strip()[:300], until_at__isnull=True).first()
    if earlier is not None:
        return Already(earlier)
    named = give(incident, person, at, reason=reason.strip(), given_by=by.signature(at).name)
    return Entry(result=named, subject=incident, story_id=incident.pk, sentence=f"named {person.name} on this incident")


@operation
def end_named_access(*, by: By, at: datetime, named: NamedAccess) -> Entry[NamedAccess]:
    """End somebody's access by name. It takes effect with their next page.

    Raises:
        Refused: ``by`` may not decide on access.
        Invalid: it has ended, or nobody would be left who may open a restricted incident and decide on access.
    """
    incident = Incident.objects.select_for_update(no_key=True).get(pk=named.incident_id)
    check_can_decide_access(by=by, at=at, incident=incident)
    if incident.restricted and not _decides_without(incident, named, at):
        raise Invalid("Let another safeguarding lead or director see this incident first. Nobody could open it.")
    if not NamedAccess.objects.filter(pk=named.pk, until_at__isnull=True).update(until_at=at):
        raise Invalid("This access has already ended.")
    named.refresh_from_db()
    return Entry(
        result=named,
        subject=named.incident,
        story_id=named.incident_id,
        sentence=f"ended the access of {named.person.name}",
    )


def _decides_without(incident: Incident, named: NamedAccess, at: datetime) -> bool:
    """Whether somebody else is named on the incident who may open it and decide on access to it."""
    return _somebody_decides(incident, incident.named_access.filter(until_at__isnull=True).exclude(pk=named.pk), at)


def _somebody_decides(incident: Incident, named: QuerySet[NamedAccess], at: datetime) -> bool:
    """Whether one of those named may open the incident and decide on access to it."""
    people = [one.person for one in named.select_related("person")]
    return any(allowed(check_can_decide_access, by=one, at=at, incident=incident)[0] for one in people)


def pass_on_what_only_they_decide(*, person: Person, at: datetime) -> None:
    """When ``person`` can no longer decide: name others on each restricted incident that nobody else could open.

    Raises:
        Invalid: there is nobody to name. The sentence tells an administrator nothing of which incident.
    """
    named = NamedAccess.objects.filter(person=person, until_at__isnull=True).values("incident_id")
    waiting = Incident.objects.standing().filter(restricted=True, pk__in=named).order_by("pk")
    for incident in waiting.select_for_update(of=("self",), no_key=True).select_related("team"):
        if not _somebody_decides(incident, incident.named_access.filter(until_at__isnull=True), at):
            pass_on(by=STANDS_IN, at=at, incident=incident)


STANDS_IN = Process("Safer Practice")


@operation
def pass_on(*, by: By, at: datetime, incident: Incident) -> Entry[list[NamedAccess]]:
    """Name the safeguarding leads of the place on a restricted incident; where there is none, its directors.

    Raises:
        Refused: ``by`` is a person: this follows from somebody leaving, and is nobody's choice.
        Invalid: there is nobody to name.
    """
    if not isinstance(by, Process):
        raise Refused("This follows from somebody leaving. Name a person on the incident instead.")
    place, kept = incident.team.place, incident.kept_from.values("person_id")
    for role in (Role.SAFEGUARDING_LEAD, Role.DIRECTOR):
        people = list(Person.objects.holding(role, place, at).exclude(pk__in=kept))
        if people:
            break
    else:
        raise Invalid(
            "Nobody else could decide on something that only named people may see. Make somebody else safeguarding "
            "lead or director first."
        )
    reason = "Nobody else could open it"
    made = [give(incident, one, at, reason=reason, given_by=by.signature(at).name) for one in people]
    names = " and ".join(one.name for one in people)
    return Entry(
        result=made,
        subject=incident,
        story_id=incident.pk,
        sentence=f"named {names} on this incident, because nobody else named on it could decide who may see it",
    )


@operation
def end_reviewer_access(
    *, by: By, at: datetime, incident: Incident, person: Person, reason: str
) -> Entry[int] | Already[int]:
    """End what ``name_reviewer`` gave ``person`` for ``reason``, when somebody else takes the review over."""
    check_can_open(by=by, at=at, incident=incident)
    ended = incident.named_access.filter(person=person, reason=reason, until_at__isnull=True).update(until_at=at)
    if not ended:
        return Already(0)
    return Entry(
        result=ended, subject=incident, story_id=incident.pk, sentence=f"ended the access of {person.name} as reviewer"
    )


@operation
def keep_from(
    *, by: By, at: datetime, incident: Incident, person: Person, because: KeptFromReason
) -> Entry[KeptFrom] | Already[KeptFrom]:
    """Keep ``person`` from ever reading this incident: an allegation is about them, they are family…"""
    check_can_decide_access(by=by, at=at, incident=incident)
    if isinstance(by, Person) and by.pk == person.pk:
        raise Invalid({"person": "Ask another safeguarding lead or a director to do this for you."})
    earlier = KeptFrom.objects.filter(incident=incident, person=person).first()
    if earlier is not None:
        return Already(earlier)
    kept = KeptFrom.objects.create(incident=incident, person=person, because=because, **decided(by, at))
    return Entry(
        result=kept, subject=incident, story_id=incident.pk, sentence="recorded a conflict of interest of a colleague"
    )
