"""Recording proof that a change reached its teams (R3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.files.base import File

from saferpractice.access.decisions import decided
from saferpractice.access.models import Person, Team
from saferpractice.changes.models import OperationalChange, RolloutProof
from saferpractice.changes.operations import shared
from saferpractice.changes.operations.again import check_same_proof
from saferpractice.changes.permissions import check_can_prove
from saferpractice.changes.queries import coverage_of, kind_of_proof
from saferpractice.changes.rules import KindOfProof, ProposedProof, problems_of_proof
from saferpractice.deadlines import ledger
from saferpractice.deadlines.rules import local_day
from saferpractice.files.models import StoredFile
from saferpractice.files.storage import keep_file
from saferpractice.incidents.models import Incident
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid
from saferpractice.trail.rules import By

Proofs = tuple[RolloutProof, ...]


@operation
def record_proof(
    *,
    by: By,
    at: datetime,
    change: OperationalChange,
    teams: Sequence[Team],
    proof: ProposedProof,
    submission_key: str,
    upload: File[bytes] | None = None,
    previous: File[bytes] | StoredFile | None = None,
) -> Entry[Proofs] | Already[Proofs]:
    """Record a proof of rollout: one row for each team. The same ``submission_key`` again gives the same rows.

    People are counted in one team at a time; a document may be in use in several. When the last team of the reach is
    proven, the obligation to prove the rollout is met by this record.

    Args:
        upload: the new version, or the attendance sheet.
        previous: the version it replaces: a fresh upload, or the file of an earlier proof of this change.

    Raises:
        Refused: ``by`` neither carries the change nor leads every one of the teams.
        Invalid: an answer cannot be used.
        Stale: the change was withdrawn.
    """
    for team in teams:
        check_can_prove(by=by, at=at, change=change, team=team)
    change = shared.locked(change)
    keys = {team.pk: f"{submission_key}:{team.pk.hex}" for team in teams}
    earlier = tuple(RolloutProof.objects.filter(change=change, submission_key__startswith=f"{submission_key}:"))
    if earlier:
        check_same_proof(earlier, by=by, teams=teams, proof=proof, upload=upload, previous=previous)
        return Already(earlier)
    shared.must_stand(change)
    incidents = shared.incidents_of(change)
    kind = kind_of_proof(proof.kind, provider_id=change.provider_id, on=local_day(at))
    problems = problems_of_proof(
        proof,
        kind=kind,
        today=local_day(at),
        earliest=min(local_day(incident.known_at) for incident in incidents),
        has_file=upload is not None,
        has_previous=previous is not None,
    )
    problems |= _problems_of_place(change, teams, kind, previous)
    if kind is None or problems:
        raise Invalid(problems)
    file = _kept(upload, by, at, incidents[0])
    columns = _columns(proof, kind, file, _kept(previous, by, at, incidents[0]))
    rows = tuple(
        RolloutProof.objects.create(
            change=change, team=team, submission_key=keys[team.pk], **columns, **decided(by, at)
        )
        for team in teams
    )
    if coverage_of(change).is_proven:
        ledger.meet(subject=change, kind=shared.PROOF, record=rows[-1], at=at)
    where = ", ".join(team.name for team in teams)
    sentence = f"recorded proof of the change “{change.title}” in {where}: {kind.label.lower()}"
    shared.tell_other_stories(by=by, at=at, change=change, incidents=incidents, sentence=sentence)
    return Entry(
        result=rows,
        subject=change,
        story_id=incidents[0].pk,
        sentence=sentence,
        facts={
            "kind": proof.kind,
            "held_on": proof.held_on,
            "reached": rows[0].reached,
            "needed": rows[0].needed,
            "sha256": file.sha256 if file else None,
        },
    )


def _problems_of_place(
    change: OperationalChange,
    teams: Sequence[Team],
    kind: KindOfProof | None,
    previous: File[bytes] | StoredFile | None,
) -> dict[str, str]:
    problems: dict[str, str] = {}
    in_reach = set(change.reach.values_list("pk", flat=True))
    if not teams:
        problems["teams"] = "Choose the team in which the change was rolled out."
    elif any(team.pk not in in_reach for team in teams):
        problems["teams"] = "Choose teams that this change must reach."
    elif len(teams) > 1 and kind is not None and _counts(kind):
        problems["teams"] = "Choose one team: people are counted team by team."
    if isinstance(previous, StoredFile) and not change.rollout_proofs.filter(file=previous).exists():
        problems["previous_file"] = "Choose a version that was recorded for this change."
    return problems


def _columns(
    proof: ProposedProof, kind: KindOfProof, file: StoredFile | None, replaced: StoredFile | None
) -> dict[str, Any]:
    """What every row of one proof holds.

    Raises:
        Invalid: the two versions are one and the same file.
    """
    if file and replaced and file.sha256 == replaced.sha256:
        raise Invalid({"previous_file": "These two files are the same to the last byte. Attach the one it replaced."})
    counts = _counts(kind)
    return {
        "kind": proof.kind,
        "held_on": proof.held_on,
        "reached": proof.reached if counts else None,
        "needed": proof.needed if counts else None,
        "who": proof.who.strip() if counts else "",
        "words": proof.words.strip(),
        "file": file,
        "previous_file": replaced,
        "no_previous_because": "" if replaced else proof.no_previous_because.strip(),
    }


def _counts(kind: KindOfProof) -> bool:
    """Whether a proof of this kind says who, of how many; one that must show nothing else does."""
    return kind.counts_people or not kind.needs_file


def _kept(given: File[bytes] | StoredFile | None, by: By, at: datetime, incident: Incident) -> StoredFile | None:
    if given is None or isinstance(given, StoredFile):
        return given
    person = by if isinstance(by, Person) else None
    return keep_file(upload=given, by=person, at=at, provider_id=incident.provider_id, story_id=incident.pk)
