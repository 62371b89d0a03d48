"""How a contact comes in: a link or an address gives a code by e-mail, and the code, in the same browser, a session.

A link that is unknown, used, ended or too old, and an address that nobody has, are answered alike: nothing is written
and nothing sent, and the page says the same. What is returned is only a key that the browser keeps.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from saferpractice.config.encryption import blind_index
from saferpractice.partners.models import Contact, PartnerInvitation, PartnerSession, SignInCode
from saferpractice.partners.operations.inviting import hash_of
from saferpractice.partners.operations.telling import send_code
from saferpractice.partners.rules import CODE_LASTS, CODES_AN_HOUR, SESSION_LASTS, TRIES
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.rules import By


@operation
def ask_for_code(*, by: By, at: datetime, token: str) -> Entry[UUID] | Already[UUID]:
    """Send a code to whoever the link was for; the key by which the browser may use it. A link is used by coming in."""
    found = (
        PartnerInvitation.objects.filter(
            token_hash=hash_of(token), expires_at__gt=at, used_at__isnull=True, ended_at__isnull=True
        )
        .filter(contact__ended_at__isnull=True, contact__agency__ended_at__isnull=True)
        .select_related("contact__agency")
        .first()
    )
    return _sent(found.contact, at, found) if found else Already(uuid4())


@operation
def ask_for_code_again(*, by: By, at: datetime, email: str) -> Entry[UUID] | Already[UUID]:
    """Send a code to a contact who came in by a link before; the key by which the browser may use it."""
    came_in = PartnerInvitation.objects.filter(used_at__isnull=False, ended_at__isnull=True).values("contact_id")
    found = (
        Contact.objects.filter(email__iexact=email.strip(), ended_at__isnull=True, agency__ended_at__isnull=True)
        .filter(pk__in=came_in)
        .select_related("agency")
        .order_by("pk")
        .first()
    )
    return _sent(found, at, None) if found else Already(uuid4())


def _sent(contact: Contact, at: datetime, invitation: PartnerInvitation | None) -> Entry[UUID] | Already[UUID]:
    Contact.objects.select_for_update().get(pk=contact.pk)
    if contact.codes.filter(sent_at__gt=at - timedelta(hours=1)).count() >= CODES_AN_HOUR:
        return Already(uuid4())
    code = f"{secrets.randbelow(1_000_000):06}"
    row = SignInCode(contact=contact, invitation=invitation, sent_at=at, expires_at=at + CODE_LASTS)
    row.code_hash = _hash(row.pk, code)
    row.save(force_insert=True)
    send_code(contact, at, code=code, key=f"code:{row.pk}")
    return Entry(result=row.pk, subject=contact, sentence=f"sent a code to {contact.name} of {contact.agency.name}")


def _hash(key: UUID, code: str) -> str:
    return blind_index(f"{key} {code}", "partners.code")


@operation
def come_in(
    *, by: By, at: datetime, key: UUID, code: str
) -> Entry[PartnerSession | None] | Already[PartnerSession | None]:
    """Let a contact in by the code sent for ``key``; None when it does not. A link that led here is used by it.

    Wrong tries are counted, and after a few the code is worth nothing, so the count is kept although nobody comes in.
    """
    held = SignInCode.objects.select_for_update(of=("self",)).select_related("contact__agency", "invitation")
    row = held.filter(pk=key, used_at__isnull=True, expires_at__gt=at, tries__lt=TRIES).first()
    if row is None or row.contact.ended_at is not None or row.contact.agency.ended_at is not None:
        return Already(None)
    contact = row.contact
    if not secrets.compare_digest(row.code_hash, _hash(row.pk, "".join(code.split()))):
        row.tries += 1
        row.save(update_fields=["tries"])
        return Entry(result=None, subject=contact, sentence=f"did not let {contact.name} in: the code was wrong")
    row.used_at = at
    row.save(update_fields=["used_at"])
    if row.invitation is not None and not _used(row.invitation, at):
        return Already(None)
    session = PartnerSession.objects.create(contact=contact, started_at=at, ends_at=at + SESSION_LASTS)
    return Entry(result=session, subject=contact, sentence=f"let {contact.name} of {contact.agency.name} in")


def _used(invitation: PartnerInvitation, at: datetime) -> bool:
    """Use the link, unless it was used or ended since the code was asked for: one link lets in once."""
    free = PartnerInvitation.objects.filter(pk=invitation.pk, used_at__isnull=True, ended_at__isnull=True)
    return free.filter(expires_at__gt=at).update(used_at=at) == 1


@operation
def leave(*, by: By, at: datetime, session: PartnerSession) -> Entry[PartnerSession] | Already[PartnerSession]:
    """End a contact's session."""
    if session.ended_at is not None:
        return Already(session)
    session.ended_at = at
    session.save(update_fields=["ended_at"])
    contact = session.contact
    return Entry(result=session, subject=contact, sentence=f"let {contact.name} of {contact.agency.name} out")
