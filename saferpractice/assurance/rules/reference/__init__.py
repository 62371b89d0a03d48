"""Answers to reference cases in the shape of the reference, by the very functions that the pages use.

So anybody can hold the product's figures against those of R and of the field's own tools, on cases of their own.
What the product does not compute is refused with the reason, never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from saferpractice.assurance.rules.reference import audit, charts, impact
from saferpractice.assurance.rules.reference.shapes import Answer

METHODS = charts.METHODS | impact.METHODS | audit.METHODS


def answers_to(content: Mapping[str, Any]) -> dict[str, Answer]:
    """The answer to each case of a file of reference cases, by the case's id.

    A case that cannot be answered has ``{"refused": why}``.

    Raises:
        ValueError: the file holds no cases.
    """
    cases = content.get("cases")
    if not isinstance(cases, list):
        raise ValueError('This file holds no reference cases: it has no list named "cases".')  # noqa: TRY004
    return {str(case["id"]): answer_to(case) for case in cases}


def answer_to(case: Mapping[str, Any]) -> Answer:
    """The answer to one case, or why there is none."""
    given = case.get("input", {})
    method = case.get("method") or ("chart" if "chart" in given else "xmr" if "dates" in given else "")
    if method not in METHODS:
        return {"refused": f"This version does not compute “{method}”."}
    try:
        return METHODS[method](given)
    except (ValueError, KeyError, TypeError, ArithmeticError) as problem:
        return {"refused": str(problem) or type(problem).__name__}
