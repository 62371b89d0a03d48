"""Holds as far as whoever asks may read what they keep."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from saferpractice.access.models import Person
from saferpractice.home.models import RetentionHold
from saferpractice.home.queries.held import held_about
from saferpractice.incidents.models import Incident, PersonSupported
from saferpractice.incidents.rules import kept_reference
from saferpractice.pathways.models import PathwayCase

EVERYTHING = "everything the provider holds"


def about(hold: RetentionHold) -> str:
    """What a hold keeps, in words."""
    if hold.incident is not None:
        return f"incident {hold.incident.reference}"
    if hold.person_supported is not None:
        return f"the records about {hold.person_supported.reference}"
    return EVERYTHING


def may_name_incident(by: Person, at: datetime, incident: Incident) -> bool:
    """Whether ``by`` may read the incident, a withdrawn one too."""
    return Incident.objects.readable_by(by, at).filter(pk=incident.pk).exists()


def may_name_person(by: Person, at: datetime, person: PersonSupported) -> bool:
    """Whether ``by`` may read anything about the person and is kept from nothing."""
    return held_about(by, at, person.pk) is not None


def may_read_hold(by: Person, at: datetime, hold: RetentionHold) -> bool:
    """Whether ``by`` may read what a hold keeps, and so the hold."""
    if hold.provider_id != by.provider_id:
        return False
    if hold.incident is not None:
        return may_name_incident(by, at, hold.incident)
    return hold.person_supported is None or may_name_person(by, at, hold.person_supported)


def holds_seen(by: Person, at: datetime) -> list[RetentionHold]:
    """The holds whose records ``by`` may read: those that stand first, newest before older."""
    found = RetentionHold.objects.filter(provider_id=by.provider_id).select_related(
        "incident", "person_supported", "end"
    )
    readable = Incident.objects.readable_by(by, at)
    found = found.filter(Q(incident__isnull=True) | Q(incident__in=readable)).order_by("-decided_at", "-pk")
    people: dict[UUID, bool] = {}
    seen = []
    for hold in found:
        if hold.person_supported is not None:
            pk = hold.person_supported.pk
            if pk not in people:
                people[pk] = may_name_person(by, at, hold.person_supported)
            if not people[pk]:
                continue
        seen.append(hold)
    return sorted(seen, key=lambda hold: hasattr(hold, "end"))


def hold_seen(by: Person, at: datetime, hold_id: UUID) -> RetentionHold | None:
    """One of them; None where there is none or ``by`` may not read what it keeps."""
    found = RetentionHold.objects.select_related("incident", "person_supported", "end", "provider")
    hold = found.filter(provider_id=by.provider_id, pk=hold_id).first()
    return hold if hold is not None and may_read_hold(by, at, hold) else None


def incident_named(by: Person, at: datetime, reference: str) -> Incident | None:
    """The incident of this number, if ``by`` may read it."""
    return Incident.objects.readable_by(by, at).filter(reference=reference.strip()).first()


def person_named(by: Person, at: datetime, reference: str) -> PersonSupported | None:
    """The person of this reference, if ``by`` may read anything about them and is kept from nothing."""
    found = PersonSupported.objects.filter(provider_id=by.provider_id, reference=kept_reference(reference)).first()
    return found if found is not None and may_name_person(by, at, found) else None


def standing_holds(provider_id: UUID, incidents: Sequence[Incident]) -> dict[UUID, list[RetentionHold]]:
    """The standing holds that keep each of ``incidents``, whoever may read them, oldest first."""
    concerned = people_concerned(incidents)
    of_these = (
        Q(incident__in=[one.pk for one in incidents])
        | Q(person_supported__in={person for people in concerned.values() for person in people})
        | Q(incident__isnull=True, person_supported__isnull=True)
    )
    found = list(
        RetentionHold.objects.standing().filter(of_these, provider_id=provider_id).order_by("decided_at", "pk")
    )
    return {pk: [hold for hold in found if _keeps(hold, pk, people)] for pk, people in concerned.items()}


def holds_on_people(provider_id: UUID, people: Collection[UUID]) -> dict[UUID, list[RetentionHold]]:
    """The standing holds that keep everything about each of ``people``, whoever may read them, oldest first."""
    of_these = Q(person_supported__in=list(people)) | Q(incident__isnull=True, person_supported__isnull=True)
    standing = RetentionHold.objects.standing().filter(of_these, provider_id=provider_id)
    found = list(standing.order_by("decided_at", "pk"))
    return {pk: [hold for hold in found if hold.person_supported_id in {None, pk}] for pk in people}


def people_concerned(incidents: Sequence[Incident]) -> dict[UUID, set[UUID]]:
    """The people supported whom each of ``incidents`` is about: whom it names, and whom cases opened from it are on."""
    found = {one.pk: {one.person_supported_id} if one.person_supported_id else set() for one in incidents}
    for incident, person in PathwayCase.objects.filter(incident__in=list(found)).values_list(
        "incident_id", "person_supported_id"
    ):
        found[incident].add(person)
    return found


def _keeps(hold: RetentionHold, incident_id: UUID, people: set[UUID]) -> bool:
    if hold.incident_id is not None:
        return hold.incident_id == incident_id
    return hold.person_supported_id is None or hold.person_supported_id in people
