"""Proposals and certificates as far as whoever asks may know of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from saferpractice.access.models import Person
from saferpractice.home.models import DisposalCertificate, DisposalProposal, ProposedIncident
from saferpractice.home.queries.disposal import rows_of, together, why_not
from saferpractice.incidents.models import Incident


@dataclass(frozen=True, slots=True)
class WouldGo:
    """What would go with an incident, as far as whoever asks may read it, and what keeps it.

    ``whole`` says that they may read all that would go together; else ``incidents`` holds the one alone.
    """

    incident: Incident
    incidents: list[Incident]
    whole: bool
    why: list[str]


def would_go(by: Person, at: datetime, incident_id: UUID) -> WouldGo | None:
    """What would go with an incident; None where ``by`` may not read it."""
    readable = Incident.objects.readable_by(by, at).select_related("team__service")
    found = readable.filter(pk=incident_id).first()
    if found is None:
        return None
    incidents = together(found)
    if readable.filter(pk__in=[one.pk for one in incidents]).count() < len(incidents):
        return WouldGo(found, [found], whole=False, why=[])
    return WouldGo(found, incidents, whole=True, why=why_not(incidents, rows_of(incidents), at))


def proposals_seen(by: Person, at: datetime) -> list[DisposalProposal]:
    """The proposals of incidents all of which ``by`` may read that are open, wait for the worker, or were stopped by
    what keeps them and not made anew since; newest first."""
    found = DisposalProposal.objects.filter(provider_id=by.provider_id, certificate__isnull=True)
    found = found.select_related("decision", "stop").prefetch_related("incidents")
    seen, anew = [], set[UUID]()
    for one in found.order_by("-decided_at", "-pk"):
        ids = {each.incident_id for each in one.incidents.all()}
        refused = hasattr(one, "decision") and not one.decision.approved
        if not refused and not (hasattr(one, "stop") and ids & anew) and may_read_proposal(by, at, one):
            seen.append(one)
        anew |= ids
    return seen


def waiting_for(by: Person, at: datetime) -> list[DisposalProposal]:
    """The proposals that wait for somebody like ``by``: made by somebody else, open, and of incidents all of which
    they may read; the oldest first. Whether they decide about any is not asked here (``permissions``)."""
    found = DisposalProposal.objects.filter(provider_id=by.provider_id).open().exclude(decided_by=by)
    return _all_readable(by, at, found.prefetch_related("incidents").order_by("decided_at", "pk"))


def under_way(by: Person, at: datetime, incident_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """The proposal that is open or waits for the worker, by each of these incidents that has one ``by`` may read."""
    mine = DisposalProposal.objects.filter(provider_id=by.provider_id, incidents__incident_id__in=list(incident_ids))
    found = (mine.open() | mine.to_do()).distinct().prefetch_related("incidents").order_by("decided_at", "pk")
    return {each.incident_id: one.pk for one in _all_readable(by, at, found) for each in one.incidents.all()}


def _all_readable(by: Person, at: datetime, found: Iterable[DisposalProposal]) -> list[DisposalProposal]:
    """Those of incidents all of which are there and ``by`` may read, in two reads however many there are."""
    proposals = list(found)
    ids = {one.pk: {each.incident_id for each in one.incidents.all()} for one in proposals}
    named = {pk for each in ids.values() for pk in each}
    readable = set(Incident.objects.readable_by(by, at).filter(pk__in=named).values_list("pk", flat=True))
    return [one for one in proposals if ids[one.pk] <= readable]


def may_read_proposal(by: Person, at: datetime, proposal: DisposalProposal) -> bool:
    """Whether ``by`` may read every incident of it. Of those that are gone there is nothing left to read."""
    if proposal.provider_id != by.provider_id:
        return False
    ids = [one.incident_id for one in proposal.incidents.all()]
    there = Incident.objects.filter(pk__in=ids).count()
    return Incident.objects.readable_by(by, at).filter(pk__in=ids).count() == there


def proposal_seen(by: Person, at: datetime, proposal_id: UUID) -> DisposalProposal | None:
    """One of them, whatever became of it; None where there is none or ``by`` may not read all of it."""
    found = DisposalProposal.objects.filter(provider_id=by.provider_id, pk=proposal_id)
    proposal = found.select_related("decision", "stop", "certificate", "provider").first()
    return proposal if proposal is not None and may_read_proposal(by, at, proposal) else None


def with_a_page(incident_ids: Iterable[UUID]) -> set[UUID]:
    """Those that are there and not withdrawn: only they have a page."""
    return set(Incident.objects.standing().filter(pk__in=list(incident_ids)).values_list("pk", flat=True))


def certificates(provider_id: UUID) -> list[DisposalCertificate]:
    """What was disposed of at a provider, the newest first. They name incidents by number and tell nothing of them."""
    found = DisposalCertificate.objects.filter(provider_id=provider_id).select_related("proposal__decision")
    return list(found.prefetch_related("proposal__incidents").order_by("-decided_at", "-pk"))


def certificate(provider_id: UUID, certificate_id: UUID) -> DisposalCertificate | None:
    """One of them."""
    found = DisposalCertificate.objects.filter(provider_id=provider_id, pk=certificate_id)
    return found.select_related("proposal__decision").prefetch_related("proposal__incidents").first()


def lost_rows(provider_id: UUID, first: date, last: date) -> bool:
    """Whether an incident that happened between two London days, both counted, was disposed of."""
    gone = ProposedIncident.objects.filter(proposal__provider=provider_id, proposal__certificate__isnull=False)
    return gone.filter(counted_on__range=(first, last)).exists()
