"""The agencies a provider works with, and the people there."""

from __future__ import annotations

from datetime import datetime

from saferpractice.access.models import Provider
from saferpractice.deadlines.rules import local_day
from saferpractice.design.typed import as_written
from saferpractice.lists.queries import codes
from saferpractice.partners.models import Agency, Contact, PartnerInvitation, PartnerSession
from saferpractice.partners.permissions import check_can_keep_partners
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid
from saferpractice.trail.rules import By

LONGEST_NAME = 200


@operation
def add_agency(*, by: By, at: datetime, provider: Provider, name: str, kind: str) -> Entry[Agency]:
    """Add an agency that the provider works with.

    Raises:
        Refused: ``by`` may not.
        Invalid: no name, one that is there already, or a kind that is not on the list.
    """
    check_can_keep_partners(by=by, at=at, provider_id=provider.pk)
    name = _checked(provider, at, name, kind)
    agency = Agency.objects.create(provider=provider, name=name, kind=kind, added_at=at)
    return Entry(result=agency, subject=agency, sentence=f"added the partner {name}", facts={"kind": kind})


@operation
def change_agency(*, by: By, at: datetime, agency: Agency, name: str, kind: str) -> Entry[Agency] | Already[Agency]:
    """Change the name or kind of an agency. What was written keeps pointing at it.

    Raises:
        Refused: ``by`` may not.
        Invalid: as in ``add_agency``.
    """
    check_can_keep_partners(by=by, at=at, provider_id=agency.provider_id)
    agency = Agency.objects.select_for_update(of=("self",)).get(pk=agency.pk)
    name = _checked(agency.provider, at, name, kind, but=agency)
    if (agency.name, agency.kind) == (name, kind):
        return Already(agency)
    before, agency.name, agency.kind = agency.name, name, kind
    agency.save(update_fields=["name", "kind"])
    sentence = f"changed the partner {before}" + (f" to {name}" if name != before else "")
    return Entry(result=agency, subject=agency, sentence=sentence, facts={"kind": kind})


@operation
def end_agency(*, by: By, at: datetime, agency: Agency) -> Entry[Agency] | Already[Agency]:
    """Stop working with an agency: nobody there can come in any more, at once, and no new record names it.

    Raises:
        Refused: ``by`` may not.
    """
    check_can_keep_partners(by=by, at=at, provider_id=agency.provider_id)
    agency = Agency.objects.select_for_update(of=("self",)).get(pk=agency.pk)
    if agency.ended_at is not None:
        return Already(agency)
    agency.ended_at = at
    agency.save(update_fields=["ended_at"])
    for contact in agency.contacts.filter(ended_at__isnull=True):
        _end(contact, at)
    return Entry(result=agency, subject=agency, sentence=f"ended the work with the partner {agency.name}")


@operation
def add_contact(*, by: By, at: datetime, agency: Agency, name: str, email: str) -> Entry[Contact]:
    """Add somebody at an agency. They hear of it only when they are invited to something.

    Raises:
        Refused: ``by`` may not.
        Invalid: no name, or an address that a contact has already.
    """
    check_can_keep_partners(by=by, at=at, provider_id=agency.provider_id)
    name, email = as_written(" ".join(name.split())), email.strip()
    agency = Agency.objects.select_for_update(of=("self",)).get(pk=agency.pk)
    if agency.ended_at is not None:
        raise Invalid("The work with this partner has ended.")
    if not name or len(name) > LONGEST_NAME:
        raise Invalid({"name": f"Enter the name, {LONGEST_NAME} characters at most."})
    if Contact.objects.filter(provider=agency.provider, email__iexact=email, ended_at__isnull=True).exists():
        raise Invalid({"email": "Somebody has this address already. Each contact needs one of their own."})
    contact = Contact.objects.create(agency=agency, provider_id=agency.provider_id, name=name, email=email, added_at=at)
    return Entry(result=contact, subject=contact, sentence=f"added {name} at {agency.name}")


@operation
def end_contact(*, by: By, at: datetime, contact: Contact) -> Entry[Contact] | Already[Contact]:
    """End a contact: they cannot come in any more, and whoever is in is out at once.

    Raises:
        Refused: ``by`` may not.
    """
    check_can_keep_partners(by=by, at=at, provider_id=contact.provider_id)
    contact = Contact.objects.select_for_update(of=("self",)).select_related("agency").get(pk=contact.pk)
    if contact.ended_at is not None:
        return Already(contact)
    _end(contact, at)
    return Entry(result=contact, subject=contact, sentence=f"ended {contact.name} at {contact.agency.name}")


def _end(contact: Contact, at: datetime) -> None:
    contact.ended_at = at
    contact.save(update_fields=["ended_at"])
    PartnerSession.objects.filter(contact=contact, ended_at__isnull=True).update(ended_at=at)
    PartnerInvitation.objects.filter(contact=contact, ended_at__isnull=True).update(ended_at=at)


def _checked(provider: Provider, at: datetime, name: str, kind: str, but: Agency | None = None) -> str:
    name = as_written(" ".join(name.split()))
    if not name or len(name) > LONGEST_NAME:
        raise Invalid({"name": f"Enter the name, {LONGEST_NAME} characters at most."})
    if kind not in codes("agency-kinds", provider_id=provider.pk, on=local_day(at)):
        raise Invalid({"kind": "Choose one of the list."})
    same = Agency.objects.filter(provider=provider, name__iexact=name)
    if (same.exclude(pk=but.pk) if but else same).exists():
        raise Invalid({"name": f"There is a partner called {name} already."})
    return name
