"""A reason that nobody can read is none: tried on every operation there is that takes one."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from datetime import date, datetime
from enum import Enum
from itertools import islice, product
from typing import Any, get_args, get_type_hints
from unittest.mock import MagicMock

import pytest
from django.db import models

from saferpractice.access.rules import Place
from saferpractice.trail.operations import OPERATIONS
from saferpractice.trail.refusals import Invalid
from saferpractice.trail.rules import Process
from tests.stages.access.scene import AT, INSPECTED_AT, Scene, taken_back

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R7")]

REASONS = ("reason", "why", "because", "corrected_because", "to_whom", "asked_by")
UNSEEN = "\u200b\u00ad\u3164 \u2800\u034f\n\ufe0f"
WRITTEN = "Because the night shift told us so themselves."
MOST_TRIES = 600
FROM_THE_SOFTWARE = {
    "exchange.hold_row",
    "incidents.end_reviewer_access",
    "incidents.name_reviewer",
    "pathways.replace_pick",
}
"""Their reason is a sentence of ours, given by the operation or the job that calls them."""
TRIED_ELSEWHERE = {
    "evidence.adopt_received",
    "findings.correct_finding",
    "home.release_records",
    "partners.correct_part",
}
"""What must come before their reason is more than can be found by trying. The first two ask the rule that
``tests/rules/design/test_typed.py`` tries, the third has its own test, the last asks as ``pathways.correct_record``."""


def takes_a_reason() -> list[str]:
    """Every operation with a reason among its parameters."""
    taken = {name: inspect.signature(OPERATIONS[name]).parameters for name in OPERATIONS}
    found = {
        name for name, all_ in taken.items() if any(all_[one].annotation == "str" for one in REASONS if one in all_)
    }
    return sorted(found - FROM_THE_SOFTWARE - TRIED_ELSEWHERE)


def test_the_operations_are_found() -> None:
    found = takes_a_reason()
    assert {"evidence.end_inspection", "incidents.decide_restriction", "evidence.release_incident"} <= set(found)
    assert len(found) > 40
    assert set(OPERATIONS) >= FROM_THE_SOFTWARE | TRIED_ELSEWHERE


def values_for(hint: Any, name: str) -> list[Any]:
    """Values that a parameter of this type can take in the scene."""
    kinds = [one for one in get_args(hint) if isinstance(one, type)] if not isinstance(hint, type) else [hint]
    optional = type(None) in kinds
    for kind in kinds:
        if issubclass(kind, models.Model):
            return [*kind._default_manager.order_by("pk")[:12], *([None] if optional else [])]
        if issubclass(kind, Enum):
            return list(kind)[:3]
        if kind is bool:
            return [False, True]
        if kind in SIMPLE:
            return ["themes"] if name == "list_code" else [SIMPLE[kind]]
        if kind is Place:
            return [one.place for one in _model("access.Team")._default_manager.all()[:2]]
    return [None] if optional else [[]] if "Sequence" in str(hint) else [MagicMock(name=name)]


SIMPLE: dict[type, Any] = {str: "1", int: 1, date: AT.date(), datetime: AT}


def _model(label: str) -> type[models.Model]:
    from django.apps import apps

    return apps.get_model(label)


def ways_to_call(name: str, people: list[Any]) -> Iterator[dict[str, Any]]:
    """Arguments for an operation but its reasons, of what there is in the scene."""
    function = inspect.unwrap(OPERATIONS[name])
    hints = get_type_hints(function)
    others = [one for one in inspect.signature(function).parameters if one not in {"by", "at", *REASONS}]
    spread = [values_for(hints[one], one) for one in others]
    for moment in (INSPECTED_AT, AT):
        for values in product(*spread):
            for by in people:
                yield {"by": by, "at": moment, **dict(zip(others, values, strict=True))}


def problems(name: str, given: dict[str, Any], reason: str) -> dict[str, str] | None:
    """What the operation says is wrong with its input; None where it gets on, or says that this person may not."""
    asked = {one: reason for one in REASONS if one in inspect.signature(OPERATIONS[name]).parameters}
    with taken_back():
        try:
            OPERATIONS[name](**given, **asked)
        except Invalid as invalid:
            return invalid.problems
        except Exception:
            return None
    return {}


@pytest.mark.parametrize("name", takes_a_reason())
def test_a_reason_nobody_can_read_is_none(scene: Scene, quiet: None, name: str) -> None:
    """Found by trying: whoever may is told the same as with no reason at all, and something else with a real one."""
    people = [Process("test"), *(scene.people[one] for one in ("lead", "quality_lead", "director", "administrator"))]
    for given in islice(ways_to_call(name, people), MOST_TRIES):
        nothing = problems(name, given, "")
        if not nothing:
            continue
        written = problems(name, given, WRITTEN)
        told = {field: sentence for field, sentence in nothing.items() if (written or {}).get(field) != sentence}
        if told:
            assert problems(name, given, UNSEEN) == nothing
            return
    pytest.fail("nobody was asked for a reason")
