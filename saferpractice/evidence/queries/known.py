"""The names and references that stand on a provider's records: what must not leave it in a text.

The one way to know them: for texts of packs, for what is published, and for what an inspector reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from saferpractice.access.models import Person
from saferpractice.config import encryption
from saferpractice.evidence.models import MeetingAttendance
from saferpractice.incidents.models import Incident, PersonSupported
from saferpractice.incidents.queries import name_context
from saferpractice.partners.models import Contact


@dataclass(frozen=True, slots=True)
class OnRecord:
    """Who can be meant in the words of a provider's records. For looking them up in a text, never to show.

    Attributes:
        names: of everybody who works or worked here, is or was supported, is a partner's contact or came to a meeting.
        references: of the people supported.
    """

    names: frozenset[str]
    references: frozenset[str]


def on_record(
    provider_id: UUID, *, supported: QuerySet[PersonSupported] | None = None, skip_unreadable: bool = False
) -> OnRecord:
    """Who stands on the records of a provider.

    Args:
        supported: the people supported whose names are read, where not all can be meant: each costs a decryption.
        skip_unreadable: whether a name that cannot be decrypted is passed over, or refused.

    Raises:
        CannotDecrypt: a name cannot be read.
    """
    here = PersonSupported.objects.filter(provider_id=provider_id)
    found = set(_names_of(here if supported is None else supported, skip_unreadable=skip_unreadable))
    found |= set(Person.objects.filter(provider_id=provider_id).values_list("name", flat=True))
    found |= set(Contact.objects.filter(agency__provider_id=provider_id).values_list("name", flat=True))
    there = MeetingAttendance.objects.filter(meeting__review__provider_id=provider_id)
    found |= set(there.values_list("name", flat=True))
    references = here.exclude(reference="").values_list("reference", flat=True)
    return OnRecord(frozenset(name for name in found if name.strip()), frozenset(references))


def known_of(provider_id: UUID, *, incidents: bool = True) -> frozenset[str]:
    """Every name and reference of ``on_record``, and of the incidents where ``incidents`` says so.

    What is published may lead to no incident; a pack cites them.

    Raises:
        CannotDecrypt: a name cannot be read.
    """
    found = on_record(provider_id)
    cases = Incident.objects.filter(provider_id=provider_id).values_list("reference", flat=True)
    return found.names | found.references | frozenset(cases if incidents else ())


def _names_of(people: QuerySet[PersonSupported], *, skip_unreadable: bool) -> Iterator[str]:
    for one in people.exclude(name_encrypted="").only("pk", "name_encrypted"):
        try:
            yield encryption.decrypt(one.name_encrypted, name_context(one))
        except encryption.CannotDecrypt:
            if not skip_unreadable:
                raise
