"""Answers to reference cases in the shape of the reference, by the very functions that the pages use.

So anybody can hold the product's figures against those of R and of the field's own tools, on cases of their own.
What the product does not compute is refused with the reason, never guessed. JSON has no infinity and no "not a
number": both are answered as null, as the reference does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from saferpractice.assurance.rules.reference import audit, charts, impact
from saferpractice.assurance.rules.reference.shapes import Answer

METHODS = charts.METHODS | impact.METHODS | audit.METHODS
# Whatever is wrong with one case is an answer to that case, never the end of the others.
_PROBLEMS = (AttributeError, LookupError, RecursionError, TypeError, ValueError)


def answers_to(content: object) -> dict[str, Answer]:
    """The answer to each case of a file of reference cases, by the case's id, or by its place where it has none.

    A case that cannot be answered has ``{"refused": why}``. The file is an object with a list named
    "cases", or that list itself.

    Raises:
        ValueError: the file holds no cases.
    """
    cases = content.get("cases") if isinstance(content, Mapping) else content
    if not isinstance(cases, list):
        raise ValueError('This file holds no reference cases: it has no list named "cases".')  # noqa: TRY004
    found: dict[str, Answer] = {}
    for place, case in enumerate(cases, start=1):
        name = str(case["id"]) if isinstance(case, Mapping) and case.get("id") is not None else f"case {place}"
        found[_free(name, found)] = answer_to(case)
    return found


def _free(name: str, taken: Mapping[str, Answer]) -> str:
    """The name, or the next that nobody has: a second case of one name never hides the first."""
    number, free = 2, name
    while free in taken:
        free, number = f"{name} ({number})", number + 1
    return free


def answer_to(case: object) -> Answer:
    """The answer to one case, or why there is none."""
    if not isinstance(case, Mapping) or not isinstance(case.get("input"), Mapping):
        return {"refused": "A case is an object with an object named “input”."}
    given = case["input"]
    method = case.get("method") or ("chart" if "chart" in given else "xmr" if "dates" in given else "")
    if not isinstance(method, str) or method not in METHODS:
        said = f"“{method}”" if method else "a case that names no method"
        return {"refused": f"This version does not compute {said}. It computes {', '.join(sorted(METHODS))}."}
    try:
        found = METHODS[method](given)
        return {name: _finite(one) for name, one in found.items()}
    except KeyError as problem:
        return {"refused": f"The input lacks or does not know {problem}."}
    except ArithmeticError:
        return {"refused": "The numbers of this case are too large, or too far apart, to be computed with."}
    except _PROBLEMS as problem:
        return {"refused": str(problem) or type(problem).__name__}


def _finite(answer: Any) -> Any:
    """The same, with null for every number that JSON cannot hold."""
    if isinstance(answer, float):
        return answer if math.isfinite(answer) else None
    if isinstance(answer, dict):
        return {name: _finite(one) for name, one in answer.items()}
    if isinstance(answer, list):
        return [_finite(one) for one in answer]
    return answer
