"""The contract's measures, quarter by quarter, from published numbers alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from saferpractice.access.models import Person, Provider
from saferpractice.evidence.models import ContractTarget, PublishedQuarter
from saferpractice.evidence.queries.commissioning import (
    QUARTERS_SHOWN,
    Commissioned,
    Standing,
    quarters_of,
    standing,
    standing_targets,
)
from saferpractice.evidence.rules.commissioning.judging import Kept, judge
from saferpractice.evidence.rules.disclosure.shares import Share
from saferpractice.evidence.rules.thematic.quarters import Quarter


@dataclass(frozen=True, slots=True)
class Line:
    """A measure of the contract in one quarter: its target, its share (None where none was counted), and whether it
    was met."""

    quarter: Quarter
    target: ContractTarget
    share: Share | None
    kept: Kept

    @property
    def asked(self) -> str:
        """The target in words."""
        return f"{'at least' if self.target.at_least else 'at most'} {self.target.target}%"


def schedule(standings: Sequence[Standing]) -> list[Line]:
    """Every target that held in each of these quarters, newest quarter first, then by title."""
    return [
        _line(one, target)
        for one in sorted(standings, key=lambda each: each.quarter, reverse=True)
        for target in standing_targets(one.provider.pk, one.quarter)
    ]


def _line(one: Standing, target: ContractTarget) -> Line:
    measure = one.published.measure(target.measure)
    share = measure.of(one.place) if measure else None
    kept = judge(share, target=target.target or 0, at_least=target.at_least)
    return Line(one.quarter, target, share, kept)


def schedule_read(person: Person, at: datetime, about: Commissioned) -> list[Line]:
    """The schedule of what ``person`` commissions, three years of it at most."""
    return schedule(quarters_of(person, at, about)[:QUARTERS_SHOWN])


def own_schedule(provider: Provider) -> list[Line]:
    """The same as the provider's own people read it: what its commissioners read."""
    rows = PublishedQuarter.objects.filter(provider=provider).order_by("-year", "-number")[:QUARTERS_SHOWN]
    return schedule([standing(Commissioned(provider, None), row) for row in rows])
