"""Changes, actions, evidence and proof for tests, made through the operations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile

from saferpractice.access.models import Person, Team
from saferpractice.changes.models import CompletionEvidence, OperationalChange, RolloutProof, TrackedAction
from saferpractice.changes.operations import add_action, agree_change, give_evidence, go_live, record_proof
from saferpractice.changes.rules import ProposedChange, ProposedProof
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import local_day
from saferpractice.findings.models import Finding
from saferpractice.reviews.models import Review
from saferpractice.trail.rules import By
from tests.factories import findings
from tests.factories.reviews import a_review
from tests.personas import NOW, Cast


def a_finding(cast: Cast, *, review: Review | None = None, at: datetime = NOW, **words: Any) -> Finding:
    """A finding of a structured review carried out by ``cast.reviewer``, which somebody must answer with a change."""
    return findings.a_finding(review or a_review(cast, "B", at=at), cast, at=at, **words)


def proposed(**answers: Any) -> ProposedChange:
    """A usable change of intermediate strength, live in a week; ``answers`` replace parts."""
    given: dict[str, Any] = {
        "title": "Self-neglect checklist in the visit note",
        "change_type": "risk-prompt",
        "monday": "The visit note asks five questions. At two signs you ring the duty manager the same day.",
        "go_live_on": local_day(NOW) + timedelta(days=7),
    }
    return ProposedChange(**(given | answers))


def a_change(
    cast: Cast,
    *,
    findings: Sequence[Finding] = (),
    by: By | None = None,
    owner: Person | None = None,
    reach: Sequence[Team] = (),
    at: datetime = NOW,
    key: str | None = None,
    briefing: str = "",
    **answers: Any,
) -> OperationalChange:
    """A change agreed by the reviewer, owned by the duty manager, that must reach North and South team."""
    answers.setdefault("go_live_on", local_day(at) + timedelta(days=7))
    return agree_change(
        by=by or cast.reviewer,
        at=at,
        findings=list(findings) or [a_finding(cast, at=at)],
        proposed=proposed(**answers),
        owner=owner or cast.duty_manager,
        reach=list(reach) or [cast.north, cast.south],
        submission_key=key or f"test-{uuid4()}",
        briefing=briefing,
    )


def a_live_change(
    cast: Cast, *, live_at: datetime | None = None, at: datetime = NOW, **given: Any
) -> OperationalChange:
    """A change that its owner took live."""
    change = a_change(cast, at=at, **given)
    go_live(by=change.owner, at=live_at or at, change=change, live_at=live_at or at)
    return OperationalChange.objects.get(pk=change.pk)


def a_file(
    name: str = "note.txt", content: bytes = b"What was seen\nWhy it matters\n", kind: str = "text/plain"
) -> Any:
    """An upload."""
    return SimpleUploadedFile(name, content, content_type=kind)


def a_briefing_held(
    cast: Cast, change: OperationalChange, team: Team, *, reached: int = 9, needed: int = 10, at: datetime = NOW
) -> RolloutProof:
    """Proof that a briefing was held in ``team``, recorded by the safeguarding lead."""
    (row,) = record_proof(
        by=cast.lead,
        at=at,
        change=change,
        teams=[team],
        proof=ProposedProof(
            kind="briefing", held_on=local_day(at), reached=reached, needed=needed, who="The day shift and the nights"
        ),
        submission_key=f"test-{uuid4()}",
    )
    return row


def a_template_in_use(
    cast: Cast,
    change: OperationalChange,
    teams: Sequence[Team],
    *,
    old: bytes = b"What was seen\nSigned\n",
    new: bytes = b"What was seen\nFood and drink\nDuty manager told at\nSigned\n",
    name: str = "visit-note.txt",
    kind: str = "text/plain",
    at: datetime = NOW,
) -> tuple[RolloutProof, ...]:
    """Proof that a revised template is in use in ``teams``, with the version it replaces."""
    return record_proof(
        by=cast.lead,
        at=at,
        change=change,
        teams=list(teams),
        proof=ProposedProof(kind="revised-template", held_on=local_day(at)),
        submission_key=f"test-{uuid4()}",
        upload=a_file(name, new, kind),
        previous=a_file(f"old-{name}", old, kind),
    )


def an_action(
    cast: Cast,
    *,
    change: OperationalChange | None = None,
    review: Review | None = None,
    owner: Person | None = None,
    by: By | None = None,
    due_on: date | None = None,
    at: datetime = NOW,
    what: str = "Put the five questions into the visit note form.",
    key: str | None = None,
) -> TrackedAction:
    """An action the reviewer gave the duty manager, due in a fortnight; for a change unless a review is given."""
    if change is None and review is None:
        change = a_change(cast, at=at)
    return add_action(
        by=by or cast.reviewer,
        at=at,
        what=what,
        owner=owner or cast.duty_manager,
        due_on=due_on or local_day(at) + timedelta(days=14),
        submission_key=key or f"test-{uuid4()}",
        change=change,
        review=review,
    )


def some_evidence(
    action: TrackedAction, *, by: By | None = None, at: datetime = NOW, **given: Any
) -> CompletionEvidence:
    """Evidence given by the action's owner: words with a record."""
    answers: dict[str, Any] = {"words": "The form asks them since today.", "record": "Care record, form version 14"}
    return give_evidence(by=by or action.owner, at=at, action=action, **(answers | given))


def owed(subject: Any, kind: str) -> Obligation | None:
    """The open obligation of ``kind`` about ``subject``, if there is one."""
    return Obligation.objects.open().filter(subject_id=subject.pk, kind=kind).first()
