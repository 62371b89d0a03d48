"""What a reference case gives, and what is answered."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from saferpractice.assurance.rules.sampling import exact

Given = Mapping[str, Any]
Answer = dict[str, Any]


class CaseRefused(ValueError):
    """A case that cannot be answered. The words say why."""


def confidence_of(given: Given) -> float:
    """The confidence asked for; 95% where nothing is said."""
    found = number(given, "conf_level", 0.95)
    if not 0 < found < 1:
        raise CaseRefused(f"The confidence lies between 0 and 1, not {found}.")
    return float(found)


def level_of(given: Given) -> float:
    """One minus the confidence, as it was written: 0.05 and not the binary number beside it."""
    return float(1 - exact(confidence_of(given)))


def number(given: Given, name: str, otherwise: float | None = None) -> Any:
    """A number of the case.

    Raises:
        CaseRefused: it is not there, or no number.
    """
    found = given.get(name, otherwise)
    if found is None and otherwise is not None:
        found = otherwise
    if not is_number(found):
        raise CaseRefused(f"“{name}” is to be a number.")
    return found


def whole(given: Given, name: str, otherwise: int | None = None) -> int:
    """A whole number of the case; 12.0 is one.

    Raises:
        CaseRefused: it is not there, or not whole.
    """
    found = number(given, name, otherwise)
    if found != int(found):
        raise CaseRefused(f"“{name}” is to be a whole number, not {found}.")
    return int(found)


def numbers(given: Given, name: str, *, gaps: bool = False) -> list[Any]:
    """A list of numbers of the case; with ``gaps`` a missing one is None. A number alone is a list of one.

    Raises:
        CaseRefused: it is not there, or holds something else.
    """
    found = given.get(name)
    if is_number(found):
        return [found]
    if not isinstance(found, list):
        raise CaseRefused(f"“{name}” is to be a list of numbers.")
    if any(not is_number(one) and not (gaps and one is None) for one in found):
        raise CaseRefused(f"“{name}” holds something that is not a number.")
    return found


def is_number(found: object) -> bool:
    """Whether this is a number that can be counted with; yes and no are not."""
    return isinstance(found, int | float) and not isinstance(found, bool) and math.isfinite(found)
