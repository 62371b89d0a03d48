"""How long records are kept: what an entry of the list "retention" holds, and what a provider may not change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator

from saferpractice.lists.rules.mistakes import Shape

LIST = "retention"
LONGEST = 100
"""Years. A longer time is a slip of the keyboard: nobody would be left to decide."""
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class RetentionDetail(Shape):
    """How many years a kind of record is kept, from when, on what basis, and what happens then."""

    years: int = Field(ge=1, le=LONGEST, description=f"a whole number of years, {LONGEST} at the most")
    at_least: int = Field(ge=1, le=LONGEST, description="the national minimum, a whole number of years")
    counted_from: Words = Field(description="a sentence: the day from which the years are counted")
    basis: tuple[Words, ...] = Field(min_length=1, description="the law that it rests on, with the paragraph")
    afterwards: Words = Field(description="a sentence: what happens when the time is over")

    @model_validator(mode="after")
    def _not_below_the_minimum(self) -> Self:
        if self.years < self.at_least:
            raise ValueError(f'has "years" below the national minimum. Write {self.at_least} or more.')
        return self


def shortening_problems(shipped: Mapping[str, Any], proposed: Mapping[str, Any]) -> dict[str, str]:
    """What a replacement of an entry of this list may not change: all but the years, and those only upwards."""
    if "at_least" not in shipped:
        return {}
    years = proposed.get("years")
    if isinstance(years, int) and years < shipped["at_least"]:
        return {"detail.years": f"Enter {shipped['at_least']} or more: you may keep records longer, never shorter."}
    if any(_plain(proposed.get(key)) != _plain(value) for key, value in shipped.items() if key != "years"):
        return {"": "Only the number of years is yours. The rest stays as it ships: it is the law's and the Code's."}
    return {}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
