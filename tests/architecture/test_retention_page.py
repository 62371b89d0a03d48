"""The page about how long records are kept is made from what ships, and no national minimum is lowered by a slip."""

from __future__ import annotations

import pytest

from saferpractice.home.rules.retention import ANSWER, CASE, OTHER, SERIOUS, HoldKind, OpenWork
from tests.architecture.retention_page import PAGE, page, schedule

pytestmark = pytest.mark.requirement("R34")

MINIMUM = {SERIOUS: 20, OTHER: 10, CASE: 20, ANSWER: 6}
"""Records Management Code of Practice for Health and Social Care 2021, Appendix II."""


def test_it_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8").splitlines() == page(schedule()).splitlines(), "run make fix"


def test_the_minimum_is_that_of_the_code() -> None:
    """Raise these only with the Code before you: a lower one would let records go before their time."""
    shipped = {entry.code: (entry.detail["years"], entry.detail["at_least"]) for entry in schedule().entries}
    assert shipped == {code: (years, years) for code, years in MINIMUM.items()}


def test_everything_that_keeps_a_record_stands_on_it() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [one.label for one in (*OpenWork, *HoldKind) if one.label not in text] == []


def test_a_period_that_changed_is_seen() -> None:
    listed = schedule()
    entry = listed.entries[0].model_copy(update={"detail": {**listed.entries[0].detail, "years": 21}})
    assert page(listed.model_copy(update={"entries": (entry, *listed.entries[1:])})) != page(listed)
