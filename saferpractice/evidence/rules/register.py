"""When a training need is met, and when a clause of the service specification is agreed (R33)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from saferpractice.design.typed import as_written

LONGEST_WORDS, LONGEST_LINE = 4000, 200


class RegisterState(StrEnum):
    """How something on the register stands. The value is what is shown."""

    DROPPED = "Dropped"
    DONE = "Everybody is trained"
    AGREED = "Agreed"
    NOBODY = "Nobody holds these roles"
    OVERDUE = "Overdue"
    OPEN = "Under way"

    @property
    def meaning(self) -> str:
        """What the tag means, for its colour."""
        return {
            "Overdue": "bad",
            "Under way": "working",
            "Dropped": "quiet",
            "Nobody holds these roles": "warning",
        }.get(self.value, "good")

    @property
    def waits(self) -> bool:
        """Whether somebody has something to do still."""
        return self in {RegisterState.OVERDUE, RegisterState.OPEN, RegisterState.NOBODY}


@dataclass(frozen=True, slots=True)
class TrainingCoverage:
    """How many of those who need it are trained. People who were trained and hold no such role now do not count."""

    trained: int
    needed: int

    @property
    def is_full(self) -> bool:
        """Whether everybody who needs it is trained; with nobody to train it is not."""
        return 0 < self.needed == self.trained

    @property
    def words(self) -> str:
        """In words: "7 of 10 (70%)", never rounded up."""
        if not self.needed:
            return "0 of 0"
        return f"{self.trained} of {self.needed} ({100 * self.trained // self.needed}%)"


def training_coverage(audience: Collection[object], trained: Collection[object]) -> TrainingCoverage:
    """Those of ``audience`` who are among ``trained``, out of all of them."""
    wanted = set(audience)
    return TrainingCoverage(len(wanted & set(trained)), len(wanted))


def need_state(coverage: TrainingCoverage, by_on: date, today: date, *, dropped: bool) -> RegisterState:
    """How a training need stands on ``today`` (a London day). It is overdue from the day after ``by_on``."""
    if dropped:
        return RegisterState.DROPPED
    if coverage.is_full:
        return RegisterState.DONE
    if today > by_on:
        return RegisterState.OVERDUE
    return RegisterState.OPEN if coverage.needed else RegisterState.NOBODY


def clause_state(agreed_on: date | None, wanted_by: date | None, today: date) -> RegisterState:
    """How a clause stands on ``today`` (a London day). It is overdue from the day after ``wanted_by``."""
    if agreed_on is not None:
        return RegisterState.AGREED
    return RegisterState.OVERDUE if wanted_by is not None and today > wanted_by else RegisterState.OPEN


def problems_of_need(
    *, what: str, roles: Collection[object], teams: Collection[object], by_on: date, today: date
) -> dict[str, str]:
    """What must be put right before a training need is recorded, by field."""
    found: dict[str, str] = {}
    if not as_written(what):
        found["what"] = "Enter what they must learn."
    elif len(what.strip()) > LONGEST_WORDS:
        found["what"] = f"Shorten this to {LONGEST_WORDS:,} characters."
    if not roles:
        found["roles"] = "Tick the roles that must learn it."
    if not teams:
        found["teams"] = "Tick the teams that must learn it."
    if by_on < today:
        found["by_on"] = "Enter a day from today on."
    return found


def problems_of_attendance(*, people: Collection[object], trained_on: date, today: date) -> dict[str, str]:
    """What must be put right before an attendance is recorded, by field."""
    found: dict[str, str] = {}
    if not people:
        found["people"] = "Tick who was trained."
    if trained_on > today:
        found["trained_on"] = "Enter a day that has come: training is recorded once it was held."
    return found


def problems_of_clause(
    *, clause: str, wording: str, agreed_with: str, agreed_on: date | None, wanted_by: date | None, today: date
) -> dict[str, str]:
    """What must be put right before a clause is recorded, by field. It is agreed, or wanted by a day."""
    found: dict[str, str] = {}
    if not as_written(clause):
        found["clause"] = "Enter which clause it is."
    elif len(clause.strip()) > LONGEST_LINE:
        found["clause"] = f"Shorten this to {LONGEST_LINE} characters."
    if not as_written(wording):
        found["wording"] = "Enter the wording."
    elif len(wording.strip()) > LONGEST_WORDS:
        found["wording"] = f"Shorten this to {LONGEST_WORDS:,} characters."
    if agreed_on is None and wanted_by is None:
        found["wanted_by"] = "Enter the day by which it should be agreed."
    if agreed_on is not None:
        if not as_written(agreed_with):
            found["agreed_with"] = "Enter with whom it was agreed."
        elif len(agreed_with.strip()) > LONGEST_LINE:
            found["agreed_with"] = f"Shorten this to {LONGEST_LINE} characters."
        if agreed_on > today:
            found["agreed_on"] = "Enter a day that has come: a clause is agreed once it is."
    elif wanted_by is not None and wanted_by < today:
        found["wanted_by"] = "Enter a day from today on."
    return found
