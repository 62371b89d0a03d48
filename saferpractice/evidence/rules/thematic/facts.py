"""What a thematic review is drawn from: facts without words, so that the draft is a function of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from saferpractice.evidence.rules.thematic.quarters import Quarter


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """An incident: the London days on which it happened and became known, its themes, the worse of its two harms.

    Where nobody knows when it happened, that is the day on which it became known. ``harm`` is the national level from
    0 (none) to 4 (the person died). ``person`` is an id, or None where it concerns nobody in particular.
    """

    id: str
    on: date
    known_on: date
    themes: frozenset[str]
    harm: int
    team: str
    service: str
    person: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A system condition that stands, found on a London day in a review of an incident."""

    id: str
    incident: str
    condition: str
    found_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A change: the incidents it answers, when it went live if it did, and what its primary check says if anything.

    ``verdict`` is one of the words of the verdicts; "" where nothing was checked, and then ``planned`` says whether
    anybody has said how it will be.
    """

    id: str
    incidents: frozenset[str]
    agreed_on: date
    live_on: date | None
    verdict: str
    planned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRisks:
    """What was open on the day of the draft. ``at_risk`` are ids of incidents after which somebody may be at risk."""

    late_actions: int
    late_duties: Mapping[str, int]
    at_risk: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The words of the provider's lists on the day of the draft, in the order of the lists."""

    themes: Mapping[str, str]
    conditions: Mapping[str, str]
    harms: tuple[str, ...]
    groups: Mapping[str, Mapping[str, str]]
    """By characteristic in words: the groups in words by code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarterFacts:
    """Everything a draft is drawn from.

    ``incidents`` reach back as far as the charts and the repeats do, ``recorded_since`` to the very first one.
    ``groups`` says of each characteristic in words which group each person belongs to, where that is recorded.
    ``supported`` is how many people the provider says it supported in the quarter, None where it did not say.
    """

    quarter: Quarter
    drawn_on: date
    recorded_since: date
    repeat_days: int
    labels: Labels
    incidents: tuple[Happened, ...]
    findings: tuple[Found, ...]
    changes: tuple[Changed, ...]
    risks: OpenRisks
    groups: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    supported: int | None = None

    @property
    def in_quarter(self) -> tuple[Happened, ...]:
        """The incidents of the quarter, oldest first."""
        found = [one for one in self.incidents if self.quarter.holds(one.on)]
        return tuple(sorted(found, key=lambda one: (one.on, one.id)))
