"""A change carried out by a version of a pathway: it goes live with the version, and its use is its proof (R3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from saferpractice.access.decisions import decided
from saferpractice.changes.models import (
    CarriedOutByPathway,
    CarryingTakenOff,
    ChangeWithdrawal,
    GoLive,
    OperationalChange,
    ProofByUse,
)
from saferpractice.changes.operations import shared
from saferpractice.changes.permissions import check_can_carry
from saferpractice.changes.queries import Used, carried_by, coverage_of, shown_used
from saferpractice.deadlines import ledger
from saferpractice.pathways.models import PathwayCase, PathwayDraft, PathwayVersion
from saferpractice.pathways.permissions import check_can_draft
from saferpractice.pathways.queries import state_of_draft
from saferpractice.pathways.rules.versions import DraftState
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid, Refused, Stale
from saferpractice.trail.rules import By, Process

BY_ITSELF = Process("Pathways")
"""What takes a change live with its version, and finds that it is used."""
OVER = frozenset({DraftState.APPROVED, DraftState.DROPPED})


@operation
def carry_out(
    *, by: By, at: datetime, change: OperationalChange, draft: PathwayDraft
) -> Entry[CarriedOutByPathway] | Already[CarriedOutByPathway]:
    """Name ``change`` as one that the version of ``draft`` carries out. It then goes live with the version.

    Raises:
        Refused: ``by`` may not carry the change, or not change pathways.
        Invalid: they are of different providers, it is live already, or it was taken off this draft before.
        Stale: the change was withdrawn, or the draft is approved or dropped.
    """
    check_can_carry(by=by, at=at, change=change)
    check_can_draft(by=by, at=at, provider_id=draft.provider_id)
    if change.provider_id != draft.provider_id:
        raise Invalid({"change": "Choose a change of this provider."})
    change = shared.locked(change)
    earlier = CarriedOutByPathway.objects.filter(change=change, draft=draft).first()
    if earlier is not None and hasattr(earlier, "taken_off"):
        raise Invalid({"change": "This change was taken off this draft. Begin another draft to carry it out."})
    if earlier is not None:
        return Already(earlier)
    shared.must_stand(change)
    _must_be_worked_on(draft)
    if hasattr(change, "go_live"):
        raise Invalid({"change": "This change is live already."})
    link = CarriedOutByPathway.objects.create(change=change, draft=draft, **decided(by, at))
    return _told(link, by, at, f"will carry out the change “{change.title}” by the pathway “{draft.title}”")


@operation
def take_off(
    *, by: By, at: datetime, link: CarriedOutByPathway, reason: str
) -> Entry[CarryingTakenOff] | Already[CarryingTakenOff]:
    """Say that a version does not carry a change out after all. Only until it is approved.

    Raises:
        Refused: ``by`` may not carry the change, or not change pathways.
        Invalid: no reason.
        Stale: the version was approved.
    """
    check_can_carry(by=by, at=at, change=link.change)
    check_can_draft(by=by, at=at, provider_id=link.draft.provider_id)
    shared.locked(link.change)
    earlier = CarryingTakenOff.objects.filter(carried=link).first()
    if earlier is not None:
        return Already(earlier)
    _must_be_worked_on(link.draft)
    words = shared.reason_given(reason, advice="Say why this version does not carry the change out.")
    taken = CarryingTakenOff.objects.create(carried=link, reason=words, **decided(by, at))
    sentence = f"will not carry out the change “{link.change.title}” by the pathway “{link.draft.title}”"
    told = _told(link, by, at, sentence)
    return Entry(result=taken, subject=told.subject, story_id=told.story_id, sentence=told.sentence)


def _told(link: CarriedOutByPathway, by: By, at: datetime, sentence: str) -> Entry[CarriedOutByPathway]:
    incidents = shared.incidents_of(link.change)
    shared.tell_other_stories(by=by, at=at, change=link.change, incidents=incidents, sentence=sentence)
    return Entry(result=link, subject=link.change, story_id=incidents[0].pk, sentence=sentence)


def _must_be_worked_on(draft: PathwayDraft) -> None:
    held = PathwayDraft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    if state_of_draft(held) in OVER:
        raise Stale("This version is approved or dropped. What it carries out does not change any more.")


@operation
def go_live_with_version(
    *, by: By, at: datetime, change: OperationalChange, version: PathwayVersion
) -> Entry[GoLive | None] | Already[GoLive | None]:
    """Record that a change went live with the version that carries it out: that going live is its rollout.

    One that is live already, or withdrawn, stays as it is.

    Raises:
        Refused: a person asks for it; they record the go-live of a change themselves.
    """
    _must_be_process(by)
    change = shared.locked(change)
    if ChangeWithdrawal.objects.filter(change=change).exists() or GoLive.objects.filter(change=change).exists():
        return Already(None)
    live = GoLive.objects.create(
        change=change,
        live_at=min(version.live_from, at),
        words=f"Version {version.number} of the pathway “{version.title}” went live, and this change with it.",
        **decided(by, at),
    )
    incidents = shared.after_go_live(change, live, at)
    sentence = f"took the change “{change.title}” live with version {version.number} of “{version.title}”"
    shared.tell_other_stories(by=by, at=at, change=change, incidents=incidents, sentence=sentence)
    return Entry(
        result=live, subject=change, story_id=incidents[0].pk, sentence=sentence, facts={"version": version.number}
    )


@operation
def prove_by_use(*, by: By, at: datetime, used: Used, case: PathwayCase) -> Entry[ProofByUse] | Already[ProofByUse]:
    """Record that a change is used in the team of ``case``: once for each change and team.

    Raises:
        Refused: a person asks for it. This proof is computed, and nobody enters it.
    """
    _must_be_process(by)
    change = shared.locked(used.change)
    earlier = ProofByUse.objects.filter(change=change, team=case.team_id).first()
    if earlier is not None:
        return Already(earlier)
    proof = ProofByUse.objects.create(
        change=change,
        team=case.team,
        version=used.version,
        case=case,
        code=used.code,
        title=used.title,
        **decided(by, at),
    )
    if coverage_of(change).is_proven:
        ledger.meet(subject=change, kind=shared.PROOF, record=proof, at=at)
    incidents = shared.incidents_of(change)
    sentence = f"found that the change “{change.title}” is used in {case.team.name}: {used.title}"
    shared.tell_other_stories(by=by, at=at, change=change, incidents=incidents, sentence=sentence)
    return Entry(result=proof, subject=change, story_id=incidents[0].pk, sentence=sentence, facts={"code": used.code})


def _must_be_process(by: By) -> None:
    if not isinstance(by, Process):
        raise Refused("This follows from the records by itself.")


def version_went_live(version: PathwayVersion, at: datetime) -> None:
    """Take the changes that ``version`` carries out live with it. Called inside the operation that takes it live."""
    for link in carried_by(version):
        go_live_with_version(by=BY_ITSELF, at=at, change=link.change, version=version)


def met_on_case(case: PathwayCase, codes: Sequence[str], at: datetime) -> None:
    """Record what it proves that obligations were met on ``case``. Called inside the operation that wrote the record.

    A case of a restricted incident proves nothing here: that it is there at all is for few to know.
    """
    if case.incident is not None and case.incident.restricted:
        return
    for used in shown_used(case, codes):
        prove_by_use(by=BY_ITSELF, at=at, used=used, case=case)
