"""Local times: what an entry of the list "local-times" holds, and the bounds a provider keeps to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from saferpractice.lists.rules.mistakes import Shape

LIST = "local-times"
Kind = Literal["same_day", "clock_hours", "working_hours", "working_days", "calendar_days", "weeks"]
ClockTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
UNITS = {
    "clock_hours": "hours",
    "working_hours": "working hours",
    "working_days": "working days",
    "calendar_days": "days",
    "weeks": "weeks",
}


class LocalTimescale(Shape):
    """How long somebody has."""

    kind: Kind = Field(description="same_day, clock_hours, working_hours, working_days, calendar_days or weeks")
    amount: int | None = Field(default=None, ge=1, le=3650, description="how many, a whole number")

    @model_validator(mode="after")
    def _amount_fits(self) -> Self:
        if (self.kind == "same_day") != (self.amount is None):
            raise ValueError('needs "amount", a whole number; only same_day stands without one.')
        return self


class Bound(Shape):
    """A way of counting that may be chosen, with the fewest and the most of it; none of either for the same day."""

    kind: Kind = Field(description="same_day, clock_hours, working_hours, working_days, calendar_days or weeks")
    least: int | None = Field(default=None, ge=1, description="the fewest, a whole number")
    most: int | None = Field(default=None, ge=1, description="the most, a whole number")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.kind == "same_day") != (self.least is None) or (self.least is None) != (self.most is None):
            raise ValueError('needs "least" and "most"; only same_day stands without them.')
        if self.least is not None and self.most is not None and self.least > self.most:
            raise ValueError('has "least" above "most".')
        return self

    def allows(self, timescale: LocalTimescale) -> bool:
        """Whether ``timescale`` is counted like this and lies within."""
        if timescale.kind != self.kind:
            return False
        return timescale.amount is None or (self.least or 0) <= timescale.amount <= (self.most or 0)

    @property
    def words(self) -> str:
        """The bound in words."""
        if self.least is None:
            return "the same day"
        return f"{self.least} to {self.most} {UNITS[self.kind]}"


class Evening(Shape):
    """From when "the same day" may wait, and until when: both London times, or neither. The bounds go with it."""

    starts: ClockTime | None = Field(alias="from", description="a time in quotes, like 18:00, or null")
    due_by: ClockTime | None = Field(description="a time next morning in quotes, like 10:00, or null")
    earliest: ClockTime = Field(description="the earliest that may be chosen for from")
    latest: ClockTime = Field(description="the latest that may be chosen for due_by")

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if (self.starts is None) != (self.due_by is None):
            raise ValueError('needs both "from" and "due_by", or null for both.')
        if self.starts is not None and time.fromisoformat(self.starts) < time.fromisoformat(self.earliest):
            raise ValueError(
                f"starts too early. Write {self.earliest} or later, so that the day's work is not put off."
            )
        if self.due_by is not None and time.fromisoformat(self.due_by) > time.fromisoformat(self.latest):
            raise ValueError(f"ends too late. Write {self.latest} or earlier, so that nothing waits all the next day.")
        return self


class LocalTimeDetail(Shape):
    """A local time within its bounds, or the rule of the evening."""

    timescale: LocalTimescale | None = Field(default=None, description="kind and amount")
    bounds: tuple[Bound, ...] = Field(default=(), description="the ways of counting that may be chosen")
    evening: Evening | None = Field(default=None, description="from, due_by, earliest and latest")

    @model_validator(mode="after")
    def _one_or_the_other(self) -> Self:
        if (self.timescale is None) != (not self.bounds) or (self.timescale is None) != (self.evening is not None):
            raise ValueError('needs "timescale" with its "bounds", or "evening".')
        if self.timescale is not None and not any(bound.allows(self.timescale) for bound in self.bounds):
            raise ValueError(f"is outside its bounds. Choose {' or '.join(bound.words for bound in self.bounds)}.")
        return self


def bounds_words(detail: Mapping[str, Any]) -> str:
    """The bounds of an entry, as a page states them."""
    if detail.get("evening"):
        return f"From {detail['evening']['earliest']} on, until {detail['evening']['latest']} at the latest."
    return f"{' or '.join(Bound(**bound).words for bound in detail['bounds'])}.".capitalize()


def bounds_problems(shipped: Mapping[str, Any], proposed: Mapping[str, Any]) -> dict[str, str]:
    """What a replacement may not change: the bounds. They are kept by whoever maintains the product."""
    evening, own = shipped.get("evening") or {}, proposed.get("evening") or {}
    same_evening = all(own.get(name) == evening.get(name) for name in ("earliest", "latest"))
    if shipped.get("bounds", []) == proposed.get("bounds", []) and same_evening:
        return {}
    return {"": "Keep the bounds as they ship: they keep people safe."}
