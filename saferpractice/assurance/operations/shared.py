"""What the writes of this stage share: a plan as typed, and the change it is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from saferpractice.access.rules import Place
from saferpractice.assurance import rules
from saferpractice.assurance.rules.measures.periods import Length
from saferpractice.changes.models import OperationalChange
from saferpractice.changes.operations.shared import incidents_of, locked
from saferpractice.trail.refusals import Stale

BASELINE = "assurance.baseline"
"""The baseline is counted before the first look."""

LOOK = "assurance.look"
"""The results of a planned look are entered."""
SERVES = {"used": "Is the change used?", "outcome": "Did outcomes improve?"}
"""What a plan can test, by code, as the form asks it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """Which measure of this system a plan reads, of which place, by which period, and beside which team."""

    measure_key: str
    place: Place
    length: Length
    compared_with: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What a plan declares. Days are London days; both ends of a window belong to it.

    Where ``own`` names a measure of this system, the measure itself says what is counted, and how.
    """

    measure: str
    definition: str
    serves: str
    kind: rules.Kind
    direction: rules.Direction
    exposure: str
    counts_incidents: bool
    baseline_from: date
    baseline_to: date
    roll_in_from: date
    roll_in_to: date
    smallest_effect: Decimal
    looks: tuple[date, ...]
    primary: bool
    own: Own | None = None


def rule_of(declared: Declared, declared_on: date) -> rules.ImpactPlan:
    """What is declared, as the rules read it."""
    return rules.ImpactPlan(
        measure=declared.measure,
        kind=declared.kind,
        direction=declared.direction,
        baseline=rules.Window(declared.baseline_from, declared.baseline_to),
        roll_in=rules.Window(declared.roll_in_from, declared.roll_in_to),
        looks=declared.looks,
        smallest_effect=float(declared.smallest_effect),
        declared_on=declared_on,
        exposure=declared.exposure,
        primary=declared.primary,
    )


def standing_change(change: OperationalChange) -> OperationalChange:
    """The change with its row locked, so that plans and results of it come one after the other.

    Raises:
        Stale: it was withdrawn.
    """
    change = locked(change)
    if hasattr(change, "withdrawal"):
        raise Stale("This change was withdrawn, so there is nothing to check.")
    return change


def story_of(change: OperationalChange) -> UUID | None:
    """The incident in whose story it is told what was done about a change."""
    return next((incident.pk for incident in incidents_of(change)), None)
