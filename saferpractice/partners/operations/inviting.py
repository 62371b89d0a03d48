"""Invite a contact to a case, and end that."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from saferpractice.access.decisions import decided
from saferpractice.partners.models import Contact, PartnerInvitation
from saferpractice.partners.operations.telling import send_link
from saferpractice.partners.permissions import check_can_share, check_is_ours
from saferpractice.partners.queries.seeing import facts_of
from saferpractice.partners.rules import LINK_LASTS, why_not
from saferpractice.pathways.models import PathwayCase
from saferpractice.pathways.operations import lock_open_case
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid
from saferpractice.trail.rules import By


def hash_of(token: str) -> str:
    """How a link's token is kept. It holds 256 random bits, so a plain hash cannot be searched."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


@operation
def invite(*, by: By, at: datetime, case: PathwayCase, contact: Contact) -> Entry[PartnerInvitation]:
    """Send a contact a link to what is shared with their agency on ``case``. An earlier one not yet used ends.

    Raises:
        Refused: ``by`` may not share here.
        Invalid: nothing may be shared with their agency (with why), or the contact was ended.
    """
    check_can_share(by=by, at=at, case=case)
    check_is_ours(case, contact.agency)
    case = lock_open_case(case)
    problem = why_not(facts_of(case), str(contact.agency_id))
    if contact.ended_at is not None or contact.agency.ended_at is not None:
        problem = "The work with them has ended."
    if problem:
        raise Invalid({"contact": problem})
    case.invitations.filter(contact=contact, used_at__isnull=True, ended_at__isnull=True).update(ended_at=at)
    token = secrets.token_urlsafe(32)
    invitation = PartnerInvitation.objects.create(
        provider_id=case.provider_id,
        case=case,
        contact=contact,
        token_hash=hash_of(token),
        expires_at=at + LINK_LASTS,
        **decided(by, at),
    )
    send_link(contact, at, token=token, key=f"invitation:{invitation.pk}")
    return Entry(
        result=invitation,
        subject=case,
        story_id=case.pk,
        sentence=f"invited {contact.name} of {contact.agency.name} to see what is shared",
        facts={"contact": contact.pk, "expires_at": invitation.expires_at},
    )


@operation
def end_invitation(
    *, by: By, at: datetime, invitation: PartnerInvitation
) -> Entry[PartnerInvitation] | Already[PartnerInvitation]:
    """End an invitation, used or not: the contact does not see the case by it from now on.

    Raises:
        Refused: ``by`` may not share here.
    """
    check_can_share(by=by, at=at, case=invitation.case)
    held = PartnerInvitation.objects.select_for_update(of=("self",)).select_related("contact__agency", "case")
    invitation = held.get(pk=invitation.pk)
    if invitation.ended_at is not None:
        return Already(invitation)
    invitation.ended_at = at
    invitation.save(update_fields=["ended_at"])
    return Entry(
        result=invitation,
        subject=invitation.case,
        story_id=invitation.case_id,
        sentence=f"ended the invitation of {invitation.contact.name} of {invitation.contact.agency.name}",
    )
