"""What was changed after earlier incidents and findings, and whether it worked (R10).

Triage and findings may not know the later stages and several of them are asked, so it is put together here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.assurance.presenters import MEANING
from saferpractice.assurance.queries import newest_check, plans_of
from saferpractice.assurance.rules import VerdictWord
from saferpractice.changes.models import OperationalChange
from saferpractice.changes.presenters import state_tag
from saferpractice.changes.queries import answers_to, changes_after, state_of
from saferpractice.findings.models import Finding
from saferpractice.triage.beside import ChangedAfter


def what_was_changed(incident_ids: Sequence[UUID], by: Person, at: datetime) -> Mapping[UUID, tuple[ChangedAfter, ...]]:
    """What was changed after each of these incidents, which ``by`` may open, oldest first.

    Whoever may open an incident may open the changes that answer its findings. The verdict is the one on record for
    the primary plan of a change: nothing is judged anew by looking.
    """
    found = changes_after(incident_ids)
    shown = {after.change.pk: _shown(after.change) for group in found.values() for after in group}
    return {incident_id: tuple(shown[after.change.pk] for after in group) for incident_id, group in found.items()}


def what_answered(findings: Sequence[Finding]) -> Mapping[UUID, tuple[ChangedAfter, ...]]:
    """The standing changes that answer each of these findings, oldest first. Pass only findings the person may see."""
    found = answers_to(findings)
    return {pk: tuple(_shown(change) for change in answer.changes) for pk, answer in found.items()}


def _shown(change: OperationalChange) -> ChangedAfter:
    tag, verdict = state_tag(state_of(change)), _verdict(change)
    return ChangedAfter(
        title=change.title,
        href=reverse("changes:change", args=[change.pk]),
        state=tag.text,
        meaning=tag.meaning,
        worked=verdict.value if verdict else "",
        worked_meaning=MEANING[verdict] if verdict else "quiet",
    )


def _verdict(change: OperationalChange) -> VerdictWord | None:
    primary = next((plan for plan in plans_of(change) if plan.primary), None)
    check = newest_check(primary) if primary else None
    return VerdictWord(check.verdict) if check else None
