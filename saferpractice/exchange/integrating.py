"""The door of integrations: who comes in through a link or a ticket, and what is kept of everybody who asked.

A link opens once. What it opens is a ticket: a text signed by this system that says who, about whom, on which pathway
and until when. It stands in the form itself, so a page in the frame of another site needs no cookie, and nobody can
send the form from elsewhere without it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import structlog
from django.core import signing
from django.db import IntegrityError, transaction

from saferpractice.access.models import Person
from saferpractice.config.encryption import decrypt
from saferpractice.exchange.models import Integration, IntegrationUse, LinkOpened
from saferpractice.exchange.operations.integrations import context_of
from saferpractice.exchange.queries.integrations import (
    Checklist,
    asks_too_often,
    checklist_for,
    integration_in_force,
    key_in_force,
    staff_of,
)
from saferpractice.exchange.rules.links import LINK_LIVES, TICKET_LIVES, Link, problem_with, read_link, sign

LINK, PAGE, CALL = "link", "page", "call"
_SALT = "saferpractice.exchange.ticket"
log = structlog.get_logger()


def keep_use(integration: Integration, at: datetime, way: str, outcome: str, by: Person | None = None) -> None:
    """Keep what an integration asked for and what it got."""
    IntegrationUse.objects.create(integration=integration, at=at, way=way, outcome=outcome[:60], by=by)


def keep_refusal(integration: Integration | None, at: datetime, way: str, why: str, by: Person | None = None) -> None:
    """Keep a refusal: in the log always, and on the integration's page while it does not ask too often."""
    log.warning("an integration was refused", way=way, why=why, integration=str(integration.pk) if integration else "")
    if integration is not None and not asks_too_often(integration, at):
        keep_use(integration, at, way, f"refused: {why}", by)


def link_secret(integration: Integration) -> str:
    """The secret that signs links, as the integration has it."""
    return decrypt(key_in_force(integration).link_secret_encrypted, context_of(integration))


def signed_link(integration: Integration, *, person: str, staff: str, pathway: str, at: datetime) -> dict[str, str]:
    """The parameters of a fresh link, signed, for an integration that asks this system to make it."""
    expires = int((at + LINK_LIVES).astimezone(UTC).timestamp())
    link = Link(
        integration=str(integration.pk), person=person, staff=staff, pathway=pathway, expires=expires, nonce=uuid4().hex
    )
    signature = sign(link_secret(integration), link)
    return {
        "person": person,
        "staff": staff,
        "pathway": pathway,
        "expires": str(expires),
        "nonce": link.nonce,
        "signature": signature,
    }


def open_link(integration_id: UUID, given: dict[str, str], at: datetime) -> Checklist | None:
    """The checklist a link opens, once; None for every link that does not hold, with the reason kept."""
    integration = integration_in_force(integration_id)
    if integration is None:
        keep_refusal(None, at, LINK, "no such integration")
        return None
    link = read_link(str(integration.pk), given)
    if link is None:
        keep_refusal(integration, at, LINK, "not readable")
        return None
    problem = problem_with(link, given.get("signature", ""), link_secret(integration), at)
    if problem is None and not _opened_first(integration, link.nonce, at):
        problem = "opened before"
    if problem is not None:
        keep_refusal(integration, at, LINK, problem)
        return None
    return _admitted(integration, link.staff, link.person, link.pathway, at)


def _admitted(integration: Integration, staff: str, reference: str, pathway: str, at: datetime) -> Checklist | None:
    person = staff_of(integration, staff, at)
    if person is None:
        keep_refusal(integration, at, LINK, "not staff of these services")
        return None
    found = checklist_for(integration, person, reference, pathway, at)
    if found is None:
        keep_refusal(integration, at, LINK, "no such checklist", person)
    return found


def _opened_first(integration: Integration, nonce: str, at: datetime) -> bool:
    try:
        with transaction.atomic():
            LinkOpened.objects.create(integration=integration, nonce=nonce, opened_at=at)
    except IntegrityError:
        return False
    return True


def ticket_for(checklist: Checklist, at: datetime) -> str:
    """A ticket for one checklist, good until it was saved or half an hour went by."""
    return signing.dumps(
        {
            "integration": str(checklist.integration.pk),
            "keys": str(key_in_force(checklist.integration).pk),
            "staff": str(checklist.staff.pk),
            "person": checklist.reference,
            "pathway": checklist.version.pathway,
            "until": int((at + TICKET_LIVES).astimezone(UTC).timestamp()),
            "key": uuid4().hex,
        },
        salt=_SALT,
    )


def made_here(ticket: str) -> bool:
    """Whether this system made ``ticket``, however long ago: not whether it still lets anybody in."""
    try:
        signing.loads(ticket, salt=_SALT)
    except signing.BadSignature:
        return False
    return True


def read_ticket(ticket: str, at: datetime) -> tuple[Checklist, str] | None:
    """The checklist of a ticket, and the key under which it is saved; None when it does not hold, the reason kept.

    Everything is judged anew: the integration, its keys, and the roles of whoever opened it.
    """
    try:
        said: dict[str, Any] = signing.loads(ticket, salt=_SALT)
    except signing.BadSignature:
        keep_refusal(None, at, PAGE, "forged ticket")
        return None
    integration = integration_in_force(UUID(said["integration"]))
    if integration is None:
        keep_refusal(None, at, PAGE, "revoked")
        return None
    staff = Person.objects.filter(pk=said["staff"], provider_id=integration.provider_id, is_active=True).first()
    why = ""
    if str(key_in_force(integration).pk) != said["keys"]:
        why = "keys renewed"
    elif said["until"] <= at.astimezone(UTC).timestamp():
        why = "expired"
    elif staff is None:
        why = "not staff of these services"
    found = checklist_for(integration, staff, said["person"], said["pathway"], at) if staff and not why else None
    if found is None:
        keep_refusal(integration, at, PAGE, why or "no such checklist", staff)
        return None
    return found, said["key"]
