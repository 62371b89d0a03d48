"""The files attached to the records of a pack."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from saferpractice.changes.models import CompletionEvidence, RolloutProof
from saferpractice.evidence.queries.packs.naming import said
from saferpractice.evidence.rules.packs.document import Kind, Source
from saferpractice.evidence.rules.packs.facts import Attached, short_reference
from saferpractice.files.models import StoredFile
from saferpractice.incidents.models import Incident
from saferpractice.reviews.models import ReviewDocument


def attached_to(incidents: Sequence[Incident]) -> tuple[Attached, ...]:
    """The files of the incidents' reviews, of proofs of the changes that answer them and of evidence for their actions,
    each once with the record it belongs to."""
    references = {incident.pk: Source(Kind.INCIDENT, incident.reference) for incident in incidents}
    ids = list(references)
    found: dict[UUID, tuple[StoredFile, Source]] = {}
    documents = ReviewDocument.objects.filter(review__incident__in=ids, file__isnull=False)
    for row in documents.select_related("file", "review").order_by("decided_at", "pk"):
        _put(found, row.file, references[row.review.incident_id])
    proofs = RolloutProof.objects.filter(change__findings__incident__in=ids, file__isnull=False).distinct()
    for proof in proofs.select_related("file").order_by("decided_at", "pk"):
        _put(found, proof.file, _source(Kind.CHANGE, proof.change_id))
    evidence = CompletionEvidence.objects.filter(action__incident__in=ids, file__isnull=False)
    for given in evidence.select_related("file").order_by("decided_at", "pk"):
        _put(found, given.file, _source(Kind.TRACKED_ACTION, given.action_id))
    return tuple(_attached(file, source) for file, source in found.values())


def _put(found: dict[UUID, tuple[StoredFile, Source]], file: StoredFile | None, source: Source) -> None:
    if file is not None:
        found.setdefault(file.pk, (file, source))


def _source(kind: Kind, pk: UUID) -> Source:
    return Source(kind, short_reference(kind, str(pk)))


def _attached(file: StoredFile, source: Source) -> Attached:
    return Attached(source=source, name=said(file, "name", source), size=file.size, sha256=file.sha256, path=file.path)
