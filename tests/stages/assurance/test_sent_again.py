"""An impact plan sent again with other answers is never silently taken as declared (R4)."""

from __future__ import annotations

import html
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from saferpractice.assurance.models import ImpactPlan
from saferpractice.assurance.operations import amend_plan
from saferpractice.assurance.rules import Direction, Kind
from saferpractice.changes.models import OperationalChange
from saferpractice.trail.refusals import Invalid, SentBefore
from tests.conftest import TestClock
from tests.factories.assurance import DECLARED_AT, a_plan, declared
from tests.factories.changes import a_change
from tests.factories.web import signed_in
from tests.personas import Cast

pytestmark = pytest.mark.requirement("R4")


@pytest.fixture
def change(cast: Cast) -> OperationalChange:
    return a_change(cast)


@pytest.mark.parametrize(
    ("now", "question", "recorded", "typed"),
    [
        ({"measure": "Notes in time"}, "What will show it", "Escalation notes with all four parts", "Notes in time"),
        ({"definition": "By two people"}, "How it is counted", None, "By two people"),
        ({"serves": "outcome"}, "What it tests", "Is the change used?", "Did outcomes improve?"),
        ({"exposure": "referrals"}, "Counted in or out of", "notes", "referrals"),
        ({"counts_incidents": True}, "It counts reported incidents", "No", "Yes"),
        (
            {"smallest_effect": Decimal("0.3")},
            "Smallest improvement worth having",
            None,
            "a rise of 30 percentage points",
        ),
        ({"baseline_from": date(2025, 3, 1)}, "Baseline", None, "Saturday 1 March 2025, Saturday 31 January 2026"),
        ({"roll_in_to": date(2026, 4, 1)}, "Teams start", None, "Monday 16 March 2026, Wednesday 1 April 2026"),
        (
            {"looks": (date(2026, 9, 1),)},
            "Looks",
            "Wednesday 1 July 2026, Thursday 1 October 2026",
            "Tuesday 1 September 2026",
        ),
    ],
)
def test_each_answer_that_differs_is_named(
    cast: Cast, change: OperationalChange, now: dict[str, Any], question: str, recorded: str | None, typed: str
) -> None:
    a_plan(by=cast.lead, change=change, key="k")
    with pytest.raises(SentBefore, match="already sent") as differs:
        a_plan(by=cast.lead, change=change, key="k", **now)
    (found,) = differs.value.differences
    assert (found.question, found.typed) == (question, typed)
    assert recorded in (None, found.recorded)
    assert ImpactPlan.objects.count() == 1


def test_another_kind_of_number_and_another_direction_are_told_in_words(cast: Cast, change: OperationalChange) -> None:
    a_plan(by=cast.lead, change=change, key="k")
    other = {"kind": Kind.RATE, "direction": Direction.REDUCE, "smallest_effect": Decimal("0.7"), "primary": False}
    with pytest.raises(SentBefore) as differs:
        a_plan(by=cast.lead, change=change, key="k", **other)
    assert {one.question: one.typed for one in differs.value.differences} == {
        "Kind of number": "Events over time or contacts",
        "Which way is better": "Fewer or lower",
        "Smallest improvement worth having": "a fall of 30%",
        "It decides whether the change worked": "No",
    }


def test_the_order_of_the_looks_is_no_other_answer(cast: Cast, change: OperationalChange) -> None:
    looks = (date(2026, 10, 1), date(2026, 7, 1))
    one = a_plan(by=cast.lead, change=change, key="k")
    assert a_plan(by=cast.lead, change=change, key="k", looks=looks) == one


def test_an_amendment_with_another_reason_is_another_amendment(cast: Cast, change: OperationalChange) -> None:
    plan = a_plan(by=cast.lead, change=change)
    said: dict[str, Any] = {"by": cast.lead, "at": DECLARED_AT, "plan": plan, "submission_key": "k"}
    one = amend_plan(declared=declared(exposure="letters"), why="The note was given a fifth part", **said)
    assert amend_plan(declared=declared(exposure="letters"), why=" The note was given a fifth part ", **said) == one
    with pytest.raises(SentBefore) as differs:
        amend_plan(declared=declared(exposure="letters"), why="Somebody asked", **said)
    (found,) = differs.value.differences
    assert (found.question, found.typed) == ("Why it is amended", "Somebody asked")
    assert ImpactPlan.objects.count() == 2


def test_somebody_elses_form_tells_nothing_of_what_they_declared(cast: Cast, change: OperationalChange) -> None:
    a_plan(by=cast.lead, change=change, key="k")
    with pytest.raises(Invalid, match="somebody else") as no:
        a_plan(by=cast.quality_lead, change=change, key="k", measure="Another")
    assert not isinstance(no.value, SentBefore)


def test_the_page_keeps_what_was_typed_and_says_what_differs(
    cast: Cast, change: OperationalChange, the_clock: TestClock
) -> None:
    the_clock.stand_at(DECLARED_AT)
    client, address = signed_in(cast.lead), reverse("assurance:new_plan", args=[change.pk])
    typed = {
        "submission_key": "k",
        "measure": "Escalation notes with all four parts",
        "definition": "Notes read against the standard",
        "serves": "used",
        "kind": "proportion",
        "exposure": "notes",
        "direction": "increase",
        "smallest_percent": "20",
        "baseline_from": "2025-02-01",
        "baseline_to": "2026-01-31",
        "roll_in_from": "2026-03-16",
        "roll_in_to": "2026-03-31",
        "look_1": "2026-07-01",
        "primary": "yes",
    }
    assert client.post(address, typed).status_code == 302
    assert client.post(address, typed).status_code == 302
    answer = client.post(address, typed | {"smallest_percent": "35"})
    page = html.unescape(answer.content.decode())
    assert answer.status_code == 409
    assert "You sent this before, with other answers" in page
    assert "a rise of 35 percentage points" in page
    assert 'value="35"' in page
    assert ImpactPlan.objects.get().smallest_effect == Decimal("0.2")
