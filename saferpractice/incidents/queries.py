"""Reads of stage 1, scoped to the person asking."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from saferpractice.access.models import Person
from saferpractice.config import encryption
from saferpractice.incidents.models import (
    ContactPreference,
    Correction,
    Incident,
    Incidents,
    KeptFrom,
    NamedAccess,
    PersonCharacteristics,
    PersonSupported,
    Withdrawal,
)
from saferpractice.incidents.rules import Characteristic, ContactMethod, Way
from saferpractice.lists.queries import choices
from saferpractice.trail.rules import NAME_WITHHELD


def newest_visible(person: Person, at: datetime) -> Incidents:
    """The incidents ``person`` may open, newest first, with what a list shows."""
    incidents = Incident.objects.visible_to(person, at)
    return incidents.select_related("team__service", "person_supported").order_by("-recorded_at", "-pk")


def incident_reported_by(person: Person, incident_id: UUID) -> Incident | None:
    """The incident if ``person`` reported it, also when it was withdrawn since, else None."""
    return Incident.objects.reported_by(person).select_related("team__service").filter(pk=incident_id).first()


def incident_reported_as(person: Person, reference: str) -> Incident | None:
    """What ``person`` reported under this reference, if they did."""
    return Incident.objects.reported_by(person).select_related("team").filter(reference=reference).first()


def incident_sent_with(person: Person, submission_key: str) -> Incident | None:
    """What ``person`` reported with the form of this key, if they did."""
    return Incident.objects.reported_by(person).filter(submission_key=submission_key).first()


def named_access_of(incident: Incident, at: datetime) -> QuerySet[NamedAccess]:
    """Who is named on the incident at ``at``, oldest first."""
    holds = Q(until_at__isnull=True) | Q(until_at__gt=at)
    return incident.named_access.filter(holds, from_at__lte=at).select_related("person").order_by("from_at")


def people_kept_from(incident_id: UUID) -> frozenset[UUID]:
    """The ids of everybody who must never read or hear of the incident."""
    return frozenset(KeptFrom.objects.filter(incident_id=incident_id).values_list("person_id", flat=True))


def corrections_of_reporter(incident: Incident) -> list[Correction]:
    """What the reporter themselves added to their report, oldest first; what others added is not theirs to see."""
    own = Q(decided_by=incident.reporter_id) | Q(decided_by_name=NAME_WITHHELD)
    return list(incident.corrections.filter(own).order_by("decided_at"))


def withdrawal_of(incident: Incident) -> Withdrawal | None:
    """The withdrawal of an incident, or None when it stands."""
    return Withdrawal.objects.filter(incident=incident).first()


def name_of(incident: Incident) -> str:
    """The name of the person an incident concerns, decrypted; "" when none was given."""
    person = incident.person_supported
    if person is None or not person.name_encrypted:
        return ""
    return encryption.decrypt(person.name_encrypted, name_context(person))


def name_context(person: PersonSupported) -> str:
    """What a person's encrypted name is bound to: it cannot be read out of another row."""
    return f"incidents.personsupported:{person.pk}"


def preference_in_force(person: PersonSupported, on: date) -> ContactPreference | None:
    """The newest of what was written down about how ``person`` wants to be reached, of what holds by the day ``on``."""
    found = ContactPreference.objects.filter(person_supported=person, from_on__lte=on)
    return found.order_by("-from_on", "-decided_at", "-pk").first()


def preferences_of(person: PersonSupported) -> list[ContactPreference]:
    """Everything written down about how ``person`` wants to be reached, newest first."""
    return list(ContactPreference.objects.filter(person_supported=person).order_by("-decided_at", "-pk"))


def ways_of(preference: ContactPreference | None) -> list[Way]:
    """The ways, decrypted, in the order in which the person prefers them; none where nothing was written down.

    Raises:
        CannotDecrypt: the row was changed, or its secret is gone.
    """
    if preference is None:
        return []
    listed = json.loads(encryption.decrypt(preference.ways_encrypted, ways_context(preference)))
    return [Way(ContactMethod(one["method"]), one["detail"], one["note"]) for one in listed]


def ways_context(preference: ContactPreference) -> str:
    """What an encrypted list of ways is bound to: it cannot be read out of another row."""
    return f"incidents.contactpreference:{preference.pk}"


def characteristics_context(row: PersonCharacteristics) -> str:
    """What encrypted answers are bound to: they cannot be read out of another row."""
    return f"incidents.personcharacteristics:{row.pk}"


def characteristics_of(people: Iterable[UUID]) -> dict[UUID, dict[Characteristic, str]]:
    """What is recorded of each of these people, decrypted, by its newest row. One that cannot be read is none."""
    rows = PersonCharacteristics.objects.filter(person_supported__in=list(people)).order_by("decided_at", "pk")
    newest = {row.person_supported_id: row for row in rows}
    return {person: _answers(row) for person, row in newest.items()}


def _answers(row: PersonCharacteristics) -> dict[Characteristic, str]:
    try:
        kept = json.loads(encryption.decrypt(row.answers_encrypted, characteristics_context(row)))
    except encryption.CannotDecrypt:
        return {}
    return {Characteristic(what): code for what, code in kept.items()}


def groups_recorded(provider_id: UUID, on: date) -> dict[Characteristic, dict[str, str]]:
    """The characteristics that a provider records on a London day, each with its groups in words by code."""
    listed = choices("characteristics", provider_id=provider_id, on=on)
    found = {what: {one.code: one.label for one in listed if one.detail["of"] == what} for what in Characteristic}
    return {what: groups for what, groups in found.items() if groups}


def reports_of(person: Person) -> Incidents:
    """What ``person`` reported, newest first."""
    found = Incident.objects.reported_by(person).select_related("team__service")
    return found.order_by("-recorded_at", "-pk")
