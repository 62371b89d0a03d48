"""E-mails to contacts. They say that there is something to see and where, never of whom or of what."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from saferpractice.deadlines import ledger
from saferpractice.partners.models import Agency, Contact
from saferpractice.partners.queries.listed import let_in
from saferpractice.partners.queries.seeing import facts_of
from saferpractice.partners.rules import lets_see, may_see, named_by
from saferpractice.pathways.models import PathwayCase, PathwayRecord
from saferpractice.pathways.queries import record_of, worked_by
from saferpractice.trail.rules import By


def tell_contacts(case: PathwayCase, agency: Agency, at: datetime, *, key: str) -> list[Contact]:
    """Tell the contacts of ``agency`` who were let in that something new waits for them; whom. In an operation."""
    told = list(let_in(case, agency, at))
    for contact in told:
        ledger.tell_address(
            provider_id=case.provider_id,
            address=contact.email,
            key=f"{key}:{contact.pk}",
            subject="Something new was shared with you in Safer Practice",
            body=f"{case.provider.name} shared something new with {agency.name}, or asks something of you.\n\n"
            f"Sign in to see it: {settings.BASE_URL}{reverse('partner:home')}",
            at=at,
        )
    return told


def send_link(contact: Contact, at: datetime, *, token: str, key: str) -> None:
    """Send a contact the link of an invitation. In an operation."""
    link = f"{settings.BASE_URL}{reverse('partner:invitation', args=[token])}"
    ledger.tell_address(
        provider_id=contact.provider_id,
        address=contact.email,
        key=key,
        subject="You are invited to see something in Safer Practice",
        body=f"{contact.agency.provider.name} asks {contact.agency.name} to take part in keeping somebody safe.\n\n"
        f"Open this link to see what is shared with you: {link}\n\n"
        "It works once, for you, and for seven days. If you did not expect it, do not use it and tell us.",
        at=at,
    )


def send_code(contact: Contact, at: datetime, *, code: str, key: str) -> None:
    """Send a contact the code that lets them in. In an operation."""
    ledger.tell_address(
        provider_id=contact.provider_id,
        address=contact.email,
        key=key,
        subject="Your code for Safer Practice",
        body=f"{code} is your code. It works for 15 minutes, in the browser in which you asked for it.\n\n"
        "Nobody from Safer Practice will ever ask you for it.",
        at=at,
    )


def tell_partners(by: By, at: datetime, case: PathwayCase, record: PathwayRecord) -> None:
    """After a record: tell the partners that see something new by it, those it names or now lets see."""
    worked = worked_by(case)
    kind = worked.definition.kinds.get(record.kind)
    if kind is None or kind.sharing not in {"named", "decides"} or record.withdrawn:
        return
    written, facts = record_of(record, worked), facts_of(case)
    for code in sorted(named_by(kind, written)):
        agency = Agency.objects.filter(provider_id=case.provider_id, pk=code).first()
        new = kind.sharing == "named" or lets_see(kind, written, code)
        if agency is not None and new and may_see(facts, code) and not _is_theirs(by, agency):
            tell_contacts(case, agency, at, key=f"named:{record.pk}:{agency.pk}")


def _is_theirs(by: By, agency: Agency) -> bool:
    return isinstance(by, Contact) and by.agency_id == agency.pk
