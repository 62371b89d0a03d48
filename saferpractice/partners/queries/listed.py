"""The agencies and contacts of a provider, and the invitations and looks of a case."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from saferpractice.partners.models import Agency, Contact, PartnerInvitation, PartnerPart, ShownRecord, ShownRecords
from saferpractice.pathways.beside import Partner
from saferpractice.pathways.models import PathwayCase


def agencies_of(provider_id: UUID) -> QuerySet[Agency]:
    """Every agency of a provider, by name; also those no longer worked with."""
    return Agency.objects.filter(provider_id=provider_id).prefetch_related("contacts")


def partners_of(provider_id: UUID) -> list[Partner]:
    """The agencies as records name them."""
    return [Partner(str(agency.pk), agency.name, agency.ended_at is None) for agency in agencies_of(provider_id)]


def written_by_partners(case: PathwayCase) -> frozenset[UUID]:
    """The records of a case that partners wrote."""
    return frozenset(PartnerPart.objects.filter(case=case).values_list("record_id", flat=True))


def agency_listed(provider_id: UUID, agency_id: UUID) -> Agency | None:
    """One agency of a provider, or None."""
    return agencies_of(provider_id).filter(pk=agency_id).first()


def contact_listed(provider_id: UUID, contact_id: UUID) -> Contact | None:
    """One contact at an agency of a provider, or None."""
    return Contact.objects.filter(provider_id=provider_id, pk=contact_id).select_related("agency").first()


def contacts_to_invite(provider_id: UUID) -> QuerySet[Contact]:
    """The contacts that can be invited, by agency and name."""
    found = Contact.objects.filter(provider_id=provider_id, ended_at__isnull=True, agency__ended_at__isnull=True)
    return found.select_related("agency").order_by("agency__name", "name")


def invitations_of(case: PathwayCase) -> list[PartnerInvitation]:
    """Every invitation to a case, the newest first."""
    return list(case.invitations.select_related("contact__agency").order_by("-decided_at", "-pk"))


def invitation_on(case: PathwayCase, invitation_id: UUID) -> PartnerInvitation | None:
    """One invitation to this case, or None."""
    return case.invitations.filter(pk=invitation_id).select_related("contact__agency").first()


def shown_on(case: PathwayCase) -> ShownRecords:
    """Who was shown what of a case, the newest first."""
    return ShownRecord.objects.of_case(case.pk)


def let_in(case: PathwayCase, agency: Agency, at: datetime) -> QuerySet[Contact]:
    """The contacts of an agency who came in by an invitation to this case that was not ended."""
    found = PartnerInvitation.objects.filter(case=case, used_at__isnull=False, ended_at__isnull=True)
    return Contact.objects.filter(agency=agency, ended_at__isnull=True, pk__in=found.values("contact_id"))
