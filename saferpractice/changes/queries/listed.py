"""What the dated lists say of a change: its type, its place in the hierarchy, the kinds of proof."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from saferpractice.changes.rules import Graded, KindOfProof, TypeOfChange, grade
from saferpractice.lists.queries import Choice, choices

TYPES, HIERARCHY, PROOF_KINDS = "change-types", "action-hierarchy", "rollout-proof-kinds"


def _entry(list_code: str, code: str, *, provider_id: UUID, on: date) -> Choice | None:
    return next((one for one in choices(list_code, provider_id=provider_id, on=on) if one.code == code), None)


def type_of_change(code: str, *, provider_id: UUID, on: date) -> TypeOfChange | None:
    """What the list says of a type of change in force on ``on`` (a London day), or None."""
    entry = _entry(TYPES, code, provider_id=provider_id, on=on)
    if entry is None:
        return None
    return TypeOfChange(entry.label, can_be_impassable=bool(entry.detail.get("when_cannot_be_passed")))


def graded(change_type: str, *, cannot_be_passed: bool, provider_id: UUID, on: date) -> Graded:
    """The place of a change of this type on the published hierarchy, and why. Computed, never chosen.

    Raises:
        KeyError: the type is not in force on ``on`` (a London day).
    """
    entry = _entry(TYPES, change_type, provider_id=provider_id, on=on)
    if entry is None:
        raise KeyError(change_type)
    return grade(entry, choices(HIERARCHY, provider_id=provider_id, on=on), cannot_be_passed=cannot_be_passed)


def kind_of_proof(code: str, *, provider_id: UUID, on: date) -> KindOfProof | None:
    """What the list says of a kind of proof in force on ``on`` (a London day), or None."""
    return next((kind for found, kind in kinds_of_proof(provider_id=provider_id, on=on) if found == code), None)


def kinds_of_proof(*, provider_id: UUID, on: date) -> list[tuple[str, KindOfProof]]:
    """The kinds of proof in force on ``on``, by code, in the order of the list."""
    return [
        (
            one.code,
            KindOfProof(
                one.label,
                counts_people=bool(one.detail.get("counts_people")),
                needs_file=bool(one.detail.get("needs_file")),
                compares_versions=bool(one.detail.get("compares_versions")),
            ),
        )
        for one in choices(PROOF_KINDS, provider_id=provider_id, on=on)
    ]
