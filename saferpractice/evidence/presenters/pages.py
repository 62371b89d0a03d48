"""What surrounds the numbers of a thematic review: the list of quarters, its meetings and decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.access.rules import REPORTS
from saferpractice.changes.models import TrackedAction
from saferpractice.changes.presenters import action_row
from saferpractice.deadlines.rules import day_label, local_day
from saferpractice.design.words import tag
from saferpractice.evidence.models import MeetingDecision, QualityMeeting, ThematicReview
from saferpractice.evidence.queries.thematic import actions_open_to
from saferpractice.evidence.rules.thematic.quarters import Quarter


def may_read_any(person: Person, at: datetime) -> bool:
    """Whether thematic reviews are for ``person``: everybody who works here. Others read what is made for them."""
    return bool(person.roles_anywhere(at) & REPORTS)


def quarter_rows(
    reviews: Sequence[ThematicReview], quarters: Sequence[Quarter], at: datetime, *, leads: bool
) -> list[list[Any]]:
    """The quarters, newest first: how far each has come. Whoever does not lead sees the signed ones only."""
    by_quarter = {review.quarter: review for review in reviews}
    listed = sorted({*by_quarter, *(quarters if leads else ())}, reverse=True)
    return [_quarter_row(quarter, by_quarter.get(quarter), at) for quarter in listed]


def _quarter_row(quarter: Quarter, review: ThematicReview | None, at: datetime) -> list[Any]:
    label: Any = quarter.label
    if review is not None:
        label = {"text": quarter.label, "href": reverse("evidence:thematic", args=[review.pk])}
    if review is not None and hasattr(review, "signature"):
        signature = review.signature
        when = day_label(local_day(signature.decided_at))
        return [label, tag("Signed", "good"), f"{when}, {signature.decided_by_name}"]
    late = local_day(at) > quarter.sign_by
    drawn = review is not None and bool(review.drafts.all())
    words = "Draft" if drawn else "Not begun"
    state = tag(f"{words}, late" if late else words, "bad" if late else "working" if drawn else "waiting")
    return [label, state, f"To be signed by {day_label(quarter.sign_by)}"]


def prefix_of(section: str) -> str:
    """What the fields of a section's form begin with: letters, digits and hyphens."""
    return f"on-{anchor_of(section)}"


def anchor_of(section: str) -> str:
    """The id of a section in the page."""
    return section.replace(":", "-")


def decisions_shown(
    decisions: Sequence[MeetingDecision],
    actions: Mapping[UUID, Sequence[TrackedAction]],
    person: Person,
    at: datetime,
) -> list[dict[str, Any]]:
    """Each decision with its actions; the link to one is there for those who may open it."""
    seen = actions_open_to(person, at, [action.pk for group in actions.values() for action in group])
    return [
        {
            "decision": one,
            "actions": [
                {"action": action, "row": action_row(action, local_day(at)), "open": action.pk in seen}
                for action in actions.get(one.pk, ())
            ],
        }
        for one in decisions
    ]


def meeting_initial(meeting: QualityMeeting) -> dict[str, Any]:
    """What the form shows of a meeting that is put right."""
    rows = list(meeting.attendance.all())
    named = [f"{row.name}, {row.role}" for row in rows if row.person_id is None]
    return {
        "held_on": meeting.held_on,
        "chaired_by": meeting.chaired_by_id,
        "present": [row.person_id for row in rows if row.person_id and row.present],
        "apologies": [row.person_id for row in rows if row.person_id and not row.present],
        "others": "\n".join(named),
    }
