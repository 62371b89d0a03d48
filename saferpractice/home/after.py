"""What was changed after earlier incidents and whether it worked, for the repeated patterns of triage (R10).

Triage may not know the later stages and several of them are asked, so it is put together here.
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
from saferpractice.changes.queries import ChangeAfter, changes_after
from saferpractice.triage.beside import ChangedAfter


def what_was_changed(incident_ids: Sequence[UUID], by: Person, at: datetime) -> Mapping[UUID, tuple[ChangedAfter, ...]]:
    """What was changed after each of these incidents, which ``by`` may open, oldest first.

    Whoever may open an incident may open the changes that answer its findings. The verdict is the one on record for
    the primary plan of a change: nothing is judged anew by looking.
    """
    found = changes_after(incident_ids)
    worked = {after.change.pk: _verdict(after.change) for group in found.values() for after in group}
    return {
        incident_id: tuple(_shown(after, worked[after.change.pk]) for after in group)
        for incident_id, group in found.items()
    }


def _shown(after: ChangeAfter, verdict: VerdictWord | None) -> ChangedAfter:
    tag = state_tag(after.state)
    return ChangedAfter(
        title=after.change.title,
        href=reverse("changes:change", args=[after.change.pk]),
        state=tag.text,
        meaning=tag.meaning,
        worked=verdict.value if verdict else "",
        worked_meaning=MEANING[verdict] if verdict else "quiet",
    )


def _verdict(change: OperationalChange) -> VerdictWord | None:
    primary = next((plan for plan in plans_of(change) if plan.primary), None)
    check = newest_check(primary) if primary else None
    return VerdictWord(check.verdict) if check else None
