"""Whether a finding is answered, and whether by more than weaker changes."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

WEAKER = "weaker"
"""The weakest grade of the published hierarchy: training, policy, warnings, double checks."""


class Answered(StrEnum):
    """How far a finding is answered by the changes that stand."""

    NOT_YET = "not_yet"
    ONLY_WEAKER = "only_weaker"
    YES = "yes"

    @property
    def label(self) -> str:
        """The state in words."""
        return {
            "not_yet": "No change answers this yet",
            "only_weaker": "Answered only by weaker changes",
            "yes": "Answered by a change",
        }[self.value]

    @property
    def sentence(self) -> str:
        """What it means and what to do; nothing where all is well."""
        return {
            "not_yet": "Agree a change that answers this finding.",
            "only_weaker": (
                "Only weaker changes answer this finding. They ask people to know or remember more, and seldom keep "
                "it from happening again by themselves. Add one that changes the work itself."
            ),
            "yes": "",
        }[self.value]


def answered(strengths: Iterable[str]) -> Answered:
    """How far a finding is answered by standing changes of these strengths.

    At least one stronger or intermediate change is asked for: Institute for Healthcare Improvement, RCA2 (2015).
    """
    given = set(strengths)
    if not given:
        return Answered.NOT_YET
    return Answered.ONLY_WEAKER if given == {WEAKER} else Answered.YES
