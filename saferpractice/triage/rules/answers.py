"""The small closed words of triage, and the one question that decides the national event type."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Answer(StrEnum):
    """An answer that may honestly be "not known yet"."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        """The answer in words."""
        return {"yes": "Yes", "no": "No", "unknown": "Not known yet"}[self.value]

    @property
    def known(self) -> bool | None:
        """True, False, or None while it is not known."""
        return {"yes": True, "no": False}.get(self.value)


class TierCode(StrEnum):
    """The three tiers of review. A later letter is a fuller review."""

    A = "A"
    B = "B"
    C = "C"

    @property
    def label(self) -> str:
        """The tier in words."""
        return {"A": "Tier A, rapid review", "B": "Tier B, structured review", "C": "Tier C, formal investigation"}[
            self.value
        ]


class RepeatKind(StrEnum):
    """How an incident can repeat earlier ones."""

    PERSON = "person"
    TEAM_THEME = "team_theme"
    SYSTEM_CONDITION = "system_condition"

    @property
    def label(self) -> str:
        """The kind in words."""
        return {
            "person": "The same person",
            "team_theme": "The same team and theme",
            "system_condition": "The same system condition",
        }[self.value]

    def sentence(self, *, what: str, how_many: int, window_days: int) -> str:
        """What was found: ``how_many`` earlier incidents within ``window_days`` days share ``what``."""
        incidents = "1 other incident" if how_many == 1 else f"{how_many} other incidents"
        return f"{self.label} ({what}): {incidents} within {window_days} days."


class LfpseEventType(StrEnum):
    """The national event types that a safeguarding matter can be."""

    INCIDENT = "incident"
    OUTCOME_4 = "outcome_4"

    @property
    def label(self) -> str:
        """The type as the national service calls it."""
        return {"incident": "Incident", "outcome_4": "Outcome, type 4 (safeguarding)"}[self.value]


@dataclass(frozen=True, slots=True)
class LfpseReading:
    """The national event type, or None while it is undecided, and why in a sentence."""

    event_type: LfpseEventType | None
    sentence: str


def lfpse_reading(healthcare_acts_suspected: Answer) -> LfpseReading:
    """The LFPSE event type from the one question: are acts or omissions by healthcare staff suspected?

    Source: NHS England, policy guidance on recording patient safety events and levels of harm; outcome type 4 of the
    national taxonomy is safeguarding without such a suspicion.
    """
    if healthcare_acts_suspected is Answer.YES:
        return LfpseReading(
            LfpseEventType.INCIDENT,
            "An act or omission by healthcare staff is suspected, so LFPSE records this as an Incident.",
        )
    if healthcare_acts_suspected is Answer.NO:
        return LfpseReading(
            LfpseEventType.OUTCOME_4,
            "No act or omission by healthcare staff is suspected, so LFPSE records this as an Outcome of type 4, "
            "safeguarding.",
        )
    return LfpseReading(
        None,
        "The LFPSE event type is undecided until it is known whether acts or omissions by healthcare staff are "
        "suspected. Any suspicion makes it an Incident; it can be revised later.",
    )
