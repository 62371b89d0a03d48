"""Where a review stands: told from what is there, never typed in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import takewhile

from saferpractice.deadlines.rules import Calendar, last_day_of, local_day
from saferpractice.reviews.rules.documents import Record


class ReviewState(StrEnum):
    """Where a review stands."""

    WAITING = "waiting"
    UNDER_WAY = "under_way"
    READY = "ready"
    COMPLETE = "complete"
    TAKEN_FURTHER = "taken_further"

    @property
    def label(self) -> str:
        """The state in words."""
        return {
            "waiting": "Waiting for a reviewer",
            "under_way": "Under way",
            "ready": "Ready to complete",
            "complete": "Complete",
            "taken_further": "Taken further by a later review",
        }[self.value]

    @property
    def goes_on(self) -> bool:
        """Whether it can still be added to."""
        return self not in {ReviewState.COMPLETE, ReviewState.TAKEN_FURTHER}


def state_of(*, has_reviewer: bool, anything_missing: bool, complete: bool, taken_further: bool) -> ReviewState:
    """The state of a review, by short questions in order."""
    if complete:
        return ReviewState.COMPLETE
    if taken_further:
        return ReviewState.TAKEN_FURTHER
    if not has_reviewer:
        return ReviewState.WAITING
    return ReviewState.UNDER_WAY if anything_missing else ReviewState.READY


@dataclass(frozen=True, slots=True)
class Need:
    """A document a review needs: its kind, its name in words, and the record it is (or "")."""

    kind: str
    label: str
    record: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """A document that is missing, and why it does not count as there."""

    kind: str
    label: str
    record: str
    why: str


def missing(
    needs: Iterable[Need],
    supplied: Mapping[str, datetime],
    *,
    nothing_found: bool = False,
    signed_at: datetime | None = None,
) -> tuple[Missing, ...]:
    """What a review lacks before it can be completed (R12), in the order of ``needs``.

    Args:
        needs: every document the review requires.
        supplied: when the newest of each kind was supplied.
        nothing_found: the reviewer says why no system condition was found, in place of findings.
        signed_at: when senior oversight accepted last, if it stands accepted. What is supplied later was not seen
            by whoever signed, so it must be signed again.
    """
    needs = tuple(needs)
    others = {need.kind for need in needs if need.record != Record.SIGN_OFF}
    newest = max((at for kind, at in supplied.items() if kind in others), default=None)
    found = []
    for need in needs:
        why = ""
        if need.record == Record.SIGN_OFF:
            why = _why_not_signed(signed_at, newest)
        elif need.kind not in supplied and not (need.record == Record.FINDINGS and nothing_found):
            why = "Not supplied yet."
        if why:
            found.append(Missing(need.kind, need.label, need.record, why))
    return tuple(found)


def _why_not_signed(signed_at: datetime | None, newest: datetime | None) -> str:
    if signed_at is None:
        return "Nobody senior has signed this off yet."
    if newest is not None and newest > signed_at:
        return "Something was supplied after the sign-off: it must be signed off again."
    return ""


def days_left(at: datetime, due_at: datetime, calendar: Calendar) -> int:
    """Whole working days after today until ``due_at``, in London days; 0 on the last day, below 0 once it is late.

    Late days are counted as working days too, so that a weekend makes nobody later.
    """
    today, last = local_day(at), last_day_of(due_at)
    if today <= last:
        return sum(1 for _ in takewhile(lambda day: day <= last, calendar.working_days_after(today)))
    return -sum(1 for _ in takewhile(lambda day: day <= today, calendar.working_days_after(last)))


def due_words(at: datetime, due_at: datetime, calendar: Calendar) -> str:
    """How soon something is due: "Due in 3 working days", "Due today", "2 working days late"."""
    left = days_left(at, due_at, calendar)
    if at > due_at:
        return f"{-left} working {'day' if left == -1 else 'days'} late" if left else "Late"
    if left == 0:
        return "Due today" if local_day(at) == last_day_of(due_at) else "Due before the next working day"
    return f"Due in {left} working {'day' if left == 1 else 'days'}"
