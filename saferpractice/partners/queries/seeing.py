"""What partners may see, asked of the rules: the only way from a partner's page to a case or a record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from saferpractice.config import encryption
from saferpractice.incidents.models import RestrictionDecision
from saferpractice.incidents.queries import name_context
from saferpractice.partners.models import Agency, Contact, PartnerInvitation, PartnerPart, PartnerSession
from saferpractice.partners.rules import Facts, Gift, Seen, may_see, seen, shows_name
from saferpractice.pathways.models import PathwayCase, PathwayRecord
from saferpractice.pathways.queries import record_of, worked_by


@dataclass(frozen=True, slots=True)
class Shared:
    """A record a partner sees: the row of the version it sees, and what the rules say of it."""

    row: PathwayRecord
    seen: Seen


def facts_of(case: PathwayCase) -> Facts:
    """``case`` as the rules of sharing read it, from the database as it is now."""
    worked = worked_by(case)
    gifts: dict[str, list[Gift]] = {}
    for decision in case.sharing_decisions.all():
        gift = Gift(str(decision.record_id), decision.shared, decision.decided_at, decision.with_name)
        gifts.setdefault(str(decision.agency_id), []).append(gift)
    return Facts(
        worked.definition,
        tuple(record_of(record, worked) for record in case.records.all()),
        gifts,
        restricted_since=_restricted_since(case),
        closed=hasattr(case, "closing"),
    )


def _restricted_since(case: PathwayCase) -> datetime | None:
    incident = case.incident
    if incident is None or not incident.restricted:
        return None
    newest = RestrictionDecision.objects.filter(incident=incident, restricted=True).order_by("-decided_at").first()
    return newest.decided_at if newest else incident.recorded_at


def shared_with(case: PathwayCase, agency: Agency, facts: Facts | None = None) -> list[Shared]:
    """What ``agency`` sees of ``case`` now, apart from its own part."""
    found = seen(facts or facts_of(case), str(agency.pk))
    rows = {str(row.pk): row for row in case.records.filter(pk__in=[each.record.id for each in found])}
    return [Shared(rows[each.record.id], each) for each in found]


def name_shown(case: PathwayCase, agency: Agency) -> str:
    """The person's name, where it was chosen to tell ``agency``; else ""."""
    person = case.person_supported
    if not person.name_encrypted or not shows_name(facts_of(case), str(agency.pk)):
        return ""
    return encryption.decrypt(person.name_encrypted, name_context(person))


def own_parts(case: PathwayCase, agency: Agency) -> list[PathwayRecord]:
    """What the agency itself wrote on ``case``, oldest first, with its corrections."""
    return list(case.records.filter(partner_part__agency=agency).order_by("decided_at", "pk"))


def part_of(contact: Contact, case: PathwayCase, record_id: UUID) -> PathwayRecord | None:
    """A record that the contact's agency wrote and that stands, or None: also for another agency's."""
    mine = PartnerPart.objects.filter(agency_id=contact.agency_id, case=case).values("record_id")
    found = case.records.filter(pk=record_id, withdrawn=False, corrections__isnull=True)
    return found.filter(pk__in=mine).first()


def cases_for(contact: Contact, at: datetime) -> list[PathwayCase]:
    """The cases of which the contact may see something now, newest first."""
    if contact.ended_at is not None or contact.agency.ended_at is not None:
        return []
    found = PartnerInvitation.objects.filter(contact=contact, used_at__lte=at, ended_at__isnull=True)
    cases = (
        PathwayCase.objects.open()
        .filter(pk__in=found.values("case_id"))
        .select_related("version", "team__service", "incident", "provider", "person_supported", "closing")
        .order_by("-decided_at", "-pk")
    )
    return [case for case in cases if may_see(facts_of(case), str(contact.agency_id))]


def case_for(contact: Contact, at: datetime, case_id: UUID) -> PathwayCase | None:
    """One of the cases of which the contact may see something now, or None: the same for every reason."""
    return next((case for case in cases_for(contact, at) if case.pk == case_id), None)


def contact_in(session_id: str, at: datetime) -> Contact | None:
    """The contact who is in by this session at ``at``; None when it ended, or they or their agency did."""
    try:
        key = UUID(session_id)
    except ValueError:
        return None
    found = (
        PartnerSession.objects.filter(pk=key, ended_at__isnull=True, ends_at__gt=at)
        .filter(contact__ended_at__isnull=True, contact__agency__ended_at__isnull=True)
        .select_related("contact__agency__provider")
        .first()
    )
    return found.contact if found else None


def record_in(case: PathwayCase, record_id: UUID) -> PathwayRecord | None:
    """A record of this case, or None."""
    return case.records.filter(pk=record_id).first()


def session_of(session_id: str) -> PartnerSession | None:
    """The session a browser holds the key of, ended or not; None when there is none."""
    try:
        return PartnerSession.objects.select_related("contact__agency").filter(pk=UUID(session_id)).first()
    except ValueError:
        return None
