"""The life of a version: drafted, proposed, approved by somebody else, live from a moment, replaced or retired.

Nobody types a state: it is read from what was decided, and when.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from saferpractice.pathways.rules.conditions import Condition
from saferpractice.pathways.rules.definition import Definition
from saferpractice.pathways.rules.spans import local_named

FURTHEST = timedelta(days=366)
"""How far ahead a version may be set to go live. A later day is a slip of the keyboard."""


class Outcome(StrEnum):
    """What became of a proposal."""

    APPROVED = "approved"
    SENT_BACK = "sent-back"
    TAKEN_BACK = "taken-back"

    @property
    def label(self) -> str:
        """In a word, for a tag."""
        return {"approved": "Approved", "sent-back": "Sent back", "taken-back": "Taken back"}[self.value]


class DraftState(StrEnum):
    """Where a draft stands."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    SENT_BACK = "sent-back"
    APPROVED = "approved"
    DROPPED = "dropped"

    @property
    def label(self) -> str:
        """In words, for a tag."""
        return {
            "draft": "Draft",
            "proposed": "Waits for approval",
            "sent-back": "Sent back",
            "approved": "Approved",
            "dropped": "Dropped",
        }[self.value]


class VersionState(StrEnum):
    """Where an approved version stands."""

    COMING = "coming"
    LIVE = "live"
    REPLACED = "replaced"
    RETIRED = "retired"
    CALLED_OFF = "called-off"

    @property
    def label(self) -> str:
        """In words, for a tag."""
        return {
            "coming": "Approved, not yet live",
            "live": "In use",
            "replaced": "Replaced",
            "retired": "Retired",
            "called-off": "Called off",
        }[self.value]


class Step(StrEnum):
    """What somebody can do with a draft, a proposal or a version."""

    EDIT = "change"
    PROPOSE = "propose"
    DROP = "drop"
    APPROVE = "approve"
    SEND_BACK = "send back"
    TAKE_BACK = "take back"
    RETIRE = "retire"


_WORKED_ON = frozenset({Step.EDIT, Step.PROPOSE, Step.DROP})
POSSIBLE: dict[DraftState | VersionState, frozenset[Step]] = {
    DraftState.DRAFT: _WORKED_ON,
    DraftState.SENT_BACK: _WORKED_ON,
    DraftState.PROPOSED: frozenset({Step.APPROVE, Step.SEND_BACK, Step.TAKE_BACK}),
    DraftState.APPROVED: frozenset(),
    DraftState.DROPPED: frozenset(),
    VersionState.COMING: frozenset({Step.RETIRE}),
    VersionState.LIVE: frozenset({Step.RETIRE}),
    VersionState.REPLACED: frozenset(),
    VersionState.RETIRED: frozenset(),
    VersionState.CALLED_OFF: frozenset(),
}
"""What can be done in each state. Whatever stands in no set here is refused."""

_WHY_NOT: dict[DraftState | VersionState, str] = {
    DraftState.DRAFT: "This is a draft and not proposed.",
    DraftState.SENT_BACK: "This was sent back and is not proposed.",
    DraftState.PROPOSED: "This is proposed and waits to be approved. Take it back to work on it.",
    DraftState.APPROVED: "This was approved. Begin a new draft to change it.",
    DraftState.DROPPED: "This draft was dropped. Begin a new one.",
    VersionState.COMING: "This version is approved and not yet live.",
    VersionState.LIVE: "This version is in use.",
    VersionState.REPLACED: "A later version replaced this one.",
    VersionState.RETIRED: "This version is retired.",
    VersionState.CALLED_OFF: "This version was called off before it went live.",
}


def why_not(step: Step, state: DraftState | VersionState) -> str:
    """Why ``step`` cannot be taken in ``state``, as a sentence; nothing when it can."""
    return "" if step in POSSIBLE[state] else _WHY_NOT[state]


def draft_state(outcomes: Sequence[Outcome | None], *, dropped: bool) -> DraftState:
    """Where a draft stands, from what became of its proposals in order (None while nobody decided)."""
    if dropped:
        return DraftState.DROPPED
    if not outcomes:
        return DraftState.DRAFT
    return {
        None: DraftState.PROPOSED,
        Outcome.APPROVED: DraftState.APPROVED,
        Outcome.SENT_BACK: DraftState.SENT_BACK,
        Outcome.TAKEN_BACK: DraftState.DRAFT,
    }[outcomes[-1]]


@dataclass(frozen=True, slots=True)
class VersionFact:
    """A version of one pathway: its number, since when it is to be live, and from when it is retired."""

    number: int
    live_from: datetime
    retired_at: datetime | None = None

    @property
    def called_off(self) -> bool:
        """Whether it was retired before it ever went live."""
        return self.retired_at is not None and self.retired_at <= self.live_from


def states(versions: Collection[VersionFact], at: datetime) -> dict[int, VersionState]:
    """Where each version of one pathway stands at ``at``, by its number.

    The highest number that has come is the one in force, whichever moment each was set to: a later version contains
    the earlier, so an earlier one that would come after it never does. When the one in force is retired, none is:
    what it replaced does not come back.
    """
    found: dict[int, VersionState] = {}
    known = [version for version in versions if not version.called_off]
    come = max((version.number for version in known if version.live_from <= at), default=0)
    for version in versions:
        if version.called_off:
            found[version.number] = VersionState.CALLED_OFF
        elif version.number > come:
            found[version.number] = VersionState.COMING
        elif version.number < come:
            found[version.number] = VersionState.REPLACED
        else:
            over = version.retired_at is not None and version.retired_at <= at
            found[version.number] = VersionState.RETIRED if over else VersionState.LIVE
    return found


def newest(versions: Iterable[VersionFact]) -> int | None:
    """The number of the version that a draft must be begun from: the newest, live or coming, not called off."""
    return max((version.number for version in versions if not version.called_off), default=None)


def live_from_problem(wanted: datetime | None, at: datetime) -> str:
    """Why a version cannot go live at ``wanted`` (None is at once), as what to do; nothing when it can."""
    if wanted is None or at <= wanted <= at + FURTHEST:
        return ""
    if wanted < at:
        return "This has passed. Enter a time from now on, or let it go live at once."
    return "This is more than a year ahead. Enter an earlier day."


def touched(before: Definition | None, after: Definition) -> frozenset[str]:
    """The obligations that ``after`` asks otherwise than ``before``: new, or changed in anything they rest on.

    Only these show, when they are met, that a new version is used; to have done what was asked before shows nothing.
    """
    was = dict(_rests_on(before)) if before else {}
    return frozenset(code for code, asked in _rests_on(after) if was.get(code) != asked)


def _rests_on(definition: Definition) -> Iterator[tuple[str, Any]]:
    """Each obligation with everything that makes it due and that meets it, as plain data."""
    for obligation in definition.obligations:
        conditions = [obligation.when, *([obligation.repeats.until] if obligation.repeats else [])]
        parts = [part for condition in conditions for part in condition.whole()]
        kinds = {way.record for way in obligation.met_by} | set(_kinds(parts))
        ticks = any(part.indicators for part in parts)
        used = obligation.model_dump(mode="json", by_alias=True)
        yield (
            obligation.id,
            (
                used,
                {code: definition.kinds[code].model_dump(mode="json") for code in kinds},
                [each.model_dump(mode="json") for each in definition.indicators] if ticks else [],
                {name: definition.locals[name].default for name in _locals(used) if name in definition.locals},
            ),
        )


def _kinds(parts: Iterable[Condition]) -> Iterator[str]:
    for part in parts:
        for asked in (part.records, part.field, part.level_fallen):
            if asked is not None:
                yield asked.record


def _locals(data: object) -> Iterator[str]:
    """The local values named anywhere in plain data."""
    if isinstance(data, dict):
        data = list(data.values())
    if isinstance(data, list):
        for each in data:
            yield from _locals(each)
    elif isinstance(data, str) and (name := local_named(data)):
        yield name
