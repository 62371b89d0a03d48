"""Until when a record is kept, and what keeps it longer: open work and holds. Nothing here deletes anything.

The periods stand in the list "retention". A rule that cannot tell keeps the record: unknown harm is serious harm, and
a kind without a period is kept for good.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from saferpractice.deadlines.rules import local_day

SERIOUS, OTHER, CASE, ANSWER = "serious-incident", "incident", "pathway-case", "answer"
"""Codes of the list "retention": incidents, cases opened from none, and answers to who asked what is held."""
OF_INCIDENTS = frozenset({SERIOUS, OTHER})
LISTED = OF_INCIDENTS | {CASE}
"""Those that are listed when their time is over. An answer goes with what it tells of."""
LIGHTER = frozenset({"none", "low", "moderate"})
"""Levels of harm that do not make an incident serious. Every other word does, also one that nobody knows."""
FULLEST_TIER = "C"


class OpenWork(StrEnum):
    """Work that is not over. A record with any of it is never due for disposal."""

    TRIAGE = "triage"
    REVIEW = "review"
    FINDING = "finding"
    CHANGE = "change"
    IMPACT = "impact"
    ACTION = "action"
    DUTY = "duty"
    CASE = "case"
    AUDIT = "audit"
    INSPECTION = "inspection"
    PACK = "pack"
    REQUEST = "request"

    @property
    def label(self) -> str:
        """What is still to be done, or goes on, as a page says it."""
        return {
            "triage": "No tier has been decided",
            "review": "Its review is not complete",
            "finding": "A finding has no change that answers it",
            "change": "A change has not been proven to reach everybody",
            "impact": "Whether a change worked has not been checked at every planned look",
            "action": "A tracked action is not done",
            "duty": "A duty is open",
            "case": "A pathway case is open",
            "audit": "An audit has drawn it and is not finished",
            "inspection": "An inspection covers it",
            "pack": "An evidence pack that is in use tells of it",
            "request": "Somebody asked what is held about the person and has no answer yet",
        }[self.value]


class HoldKind(StrEnum):
    """Why records are kept whatever their age."""

    INQUIRY = "inquiry"
    CLAIM = "claim"
    INVESTIGATION = "investigation"
    REVIEW = "review"
    REQUEST = "request"
    COMPLAINT = "complaint"
    APPRAISAL = "appraisal"

    @property
    def label(self) -> str:
        """In words."""
        return {
            "inquiry": "A statutory inquiry or an inquest",
            "claim": "A claim or another court case",
            "investigation": "An investigation by police or a regulator",
            "review": "A safeguarding adults review, or another from outside",
            "request": "A request for what is held, or to correct or erase it",
            "complaint": "A complaint",
            "appraisal": "Somebody looked, and the records are still needed",
        }[self.value]

    @property
    def hint(self) -> str:
        """Where it comes from, or what to mind."""
        return {
            "inquiry": "Inquiries Act 2005, section 35: to destroy what an inquiry may want is an offence",
            "claim": "UK GDPR, Article 17(3)(e)",
            "request": "Data Protection Act 2018, section 173: erasing records so as not to show them is an offence",
            "appraisal": "Say for what, and until when you will look again",
        }.get(self.value, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionFacts:
    """All that the question is decided by.

    ``happened_at`` is None where nobody knows; ``last_work_at`` is when anything was last done about it. ``harms``
    and ``tiers`` are all that were ever decided, not the newest only: what was once serious stays so. ``holds`` are
    the kinds of those that stand.
    """

    happened_at: datetime | None
    known_at: datetime
    recorded_at: datetime
    last_work_at: datetime | None
    harms: frozenset[str]
    tiers: frozenset[str]
    nationally_required: bool
    open_work: frozenset[OpenWork]
    holds: tuple[HoldKind, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """All that the question is decided by for a pathway case opened from no incident.

    It is a part of the person's record of care, and that is in use while anything is done about the person:
    ``last_work_at`` is when that last was, on this case or on any other record about them.
    """

    opened_at: datetime
    last_work_at: datetime | None
    open_work: frozenset[OpenWork]
    holds: tuple[HoldKind, ...]


@dataclass(frozen=True, slots=True)
class Retained:
    """Where a record stands on a day.

    ``kept_until`` is the last day it must be kept; None where no period is set. ``over`` says that this day is past,
    ``due`` that besides nothing keeps it: only then may anybody propose its disposal.
    """

    code: str
    years: int | None
    kept_until: date | None
    over: bool
    open_work: tuple[OpenWork, ...]
    holds: tuple[HoldKind, ...]

    @property
    def due(self) -> bool:
        """Whether its time is over and nothing keeps it."""
        return self.over and not self.open_work and not self.holds


def is_serious(facts: RetentionFacts) -> bool:
    """Whether the longer period is its own (see the list "retention")."""
    return not facts.harms <= LIGHTER or FULLEST_TIER in facts.tiers or facts.nationally_required


def anniversary(day: date, years: int) -> date:
    """The same day ``years`` later (earlier, where negative); 1 March where that year has no 29 February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def counted_from(facts: RetentionFacts) -> date:
    """The London day from which the years count: the latest of all that is known to have happened."""
    return _latest(facts.happened_at, facts.known_at, facts.recorded_at, facts.last_work_at)


def _latest(*moments: datetime | None) -> date:
    return max(local_day(moment) for moment in moments if moment is not None)


def due_for_disposal(facts: RetentionFacts, years: Mapping[str, int], on: date) -> Retained:
    """Where an incident stands on the London day ``on``, by the periods in ``years`` (by code of the list)."""
    return _retained(SERIOUS if is_serious(facts) else OTHER, counted_from(facts), facts, years, on)


def case_due_for_disposal(facts: CaseFacts, years: Mapping[str, int], on: date) -> Retained:
    """Where a case opened from no incident stands on the London day ``on``, by the periods in ``years``."""
    return _retained(CASE, _latest(facts.opened_at, facts.last_work_at), facts, years, on)


def answer_is_over(given_at: datetime, years: Mapping[str, int], on: date) -> bool:
    """Whether an answer given at a moment need not be kept on the London day ``on``. Without a period it is kept."""
    span = years.get(ANSWER)
    return span is not None and on > anniversary(local_day(given_at), span)


def _retained(
    code: str, since: date, facts: RetentionFacts | CaseFacts, years: Mapping[str, int], on: date
) -> Retained:
    span = years.get(code)
    until = anniversary(since, span) if span is not None else None
    return Retained(
        code=code,
        years=span,
        kept_until=until,
        over=until is not None and on > until,
        open_work=tuple(work for work in OpenWork if work in facts.open_work),
        holds=facts.holds,
    )


def recorded_before(years: Mapping[str, int], on: date, codes: Collection[str] = OF_INCIDENTS) -> date | None:
    """A London day: what was recorded on it or later has not had its time on ``on``. None: no period is set.

    ``codes`` are the kinds that are looked for.
    """
    spans = [span for code, span in years.items() if code in codes]
    return anniversary(on, -min(spans)) if spans else None


class Kept(StrEnum):
    """Which records whose time is over a list shows."""

    DUE = "due"
    BACK = "back"
    ALL = "all"

    @property
    def label(self) -> str:
        """In words."""
        return {"due": "Due for disposal", "back": "Kept all the same", "all": "All of them"}[self.value]

    def shows(self, retained: Retained) -> bool:
        """Whether the list shows it."""
        return retained.over and (self is Kept.ALL or retained.due is (self is Kept.DUE))
