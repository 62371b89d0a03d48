"""How far a change has reached the teams it must reach, and when its rollout is proven (R3)."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, TypeVar

TeamKey = TypeVar("TeamKey", bound=Hashable)

ENOUGH = Fraction(4, 5)
"""The share of the people of a team who need it that must have been reached, where people are counted.

A local standard. One person out of twenty is no proof that the team knows; everybody at once is out of reach of
any team with leave, nights and sickness. Below four in five, the next shift has somebody who was never told.
"""

BY_USE = "pathway-use"
"""The kind of proof that is computed from the records of a pathway: what it asks for was done in the team."""

MOST_PEOPLE = 100_000
"""People in one team. A larger count is a slip of the keyboard."""


@dataclass(frozen=True, slots=True)
class Proof(Generic[TeamKey]):
    """One proof of rollout in one team.

    ``reached`` of ``needed`` different people where the proof counts people; otherwise both are None and the proof
    is a document in use (a revised template, updated guidance), or the use itself (``BY_USE``).
    """

    team: TeamKey
    kind: str
    reached: int | None = None
    needed: int | None = None

    @property
    def share(self) -> Fraction | None:
        """The share of those who need it, or None for a document."""
        return Fraction(self.reached, self.needed) if self.reached is not None and self.needed else None

    @property
    def is_enough(self) -> bool:
        """Whether this proof alone shows that the change reached the team.

        A document in use does: it is in the hands of whoever works the shift. A count does from ``ENOUGH`` on.
        """
        return self.needed is None or (self.share or 0) >= ENOUGH


@dataclass(frozen=True, slots=True)
class TeamCoverage(Generic[TeamKey]):
    """What is proven about one team."""

    team: TeamKey
    proofs: tuple[Proof[TeamKey], ...]

    @property
    def is_reached(self) -> bool:
        """Whether at least one proof shows that the change reached this team."""
        return any(proof.is_enough for proof in self.proofs)

    @property
    def best_count(self) -> Proof[TeamKey] | None:
        """The count with the greatest share, or None where nobody was counted."""
        counts = [proof for proof in self.proofs if proof.share is not None]
        return max(counts, key=lambda proof: (proof.share or 0, proof.needed or 0), default=None)

    def best_of(self, kind: str) -> Proof[TeamKey] | None:
        """The proof of one kind that shows most: enough before not enough, then the greatest share."""
        found = [proof for proof in self.proofs if proof.kind == kind]
        return max(found, key=lambda proof: (proof.is_enough, proof.share or 0, proof.needed or 0), default=None)

    @property
    def missing(self) -> str:
        """What is still lacking, as a sentence; nothing where the team is reached."""
        if self.is_reached:
            return ""
        best = self.best_count
        if best is None:
            return "Nothing yet shows that the change reached this team."
        return (
            f"{best.reached} of {best.needed} people is too few: at least {people_needed(best.needed or 0)} of "
            f"{best.needed} must be reached, or a revised template or guidance be in use."
        )


@dataclass(frozen=True, slots=True)
class Coverage(Generic[TeamKey]):
    """A change's proofs held against its reach."""

    teams: tuple[TeamCoverage[TeamKey], ...]

    @property
    def reached(self) -> int:
        """How many teams are reached."""
        return sum(team.is_reached for team in self.teams)

    @property
    def share(self) -> Fraction:
        """The share of teams in reach that are reached; nothing where there is no reach."""
        return Fraction(self.reached, len(self.teams)) if self.teams else Fraction(0)

    @property
    def is_proven(self) -> bool:
        """Whether every team in reach is reached. A change that must reach nobody is never proven."""
        return bool(self.teams) and all(team.is_reached for team in self.teams)

    @property
    def unreached(self) -> tuple[TeamCoverage[TeamKey], ...]:
        """The teams still to reach, in the order of the reach."""
        return tuple(team for team in self.teams if not team.is_reached)


def coverage(reach: Sequence[TeamKey], proofs: Iterable[Proof[TeamKey]]) -> Coverage[TeamKey]:
    """Hold ``proofs`` against the teams in ``reach``. Proofs of other teams count for nothing.

    A team is reached when one proof alone is enough (``Proof.is_enough``). Counts of several sessions are never
    added up: the same person may have come twice. A later proof can give the total of different people instead.
    """
    by_team: dict[TeamKey, list[Proof[TeamKey]]] = {team: [] for team in reach}
    for proof in proofs:
        if proof.team in by_team:
            by_team[proof.team].append(proof)
    return Coverage(tuple(TeamCoverage(team, tuple(found)) for team, found in by_team.items()))


def people_needed(needed: int) -> int:
    """How many of ``needed`` people must be reached: ``ENOUGH`` of them, rounded up to a whole person."""
    return -(-needed * ENOUGH.numerator // ENOUGH.denominator)
