"""What makes an entry of a timeline usable (R10)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from saferpractice.reviews.rules import ENTRY_PRECISIONS, problems_of_entry

pytestmark = pytest.mark.requirement("R10")

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def problems(**changes: Any) -> dict[str, str]:
    entry: dict[str, Any] = {
        "happened_at": NOON - timedelta(hours=1),
        "precision": "exact",
        "what": "The duty phone was not answered.",
        "source": "Phone log",
        "at": NOON,
    }
    return problems_of_entry(**(entry | changes))


@pytest.mark.parametrize("precision", ENTRY_PRECISIONS)
def test_a_plain_entry_stands(precision: str) -> None:
    assert problems(precision=precision) == {}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"happened_at": None}, "happened_at"),
        ({"happened_at": NOON + timedelta(minutes=6)}, "happened_at"),
        ({"precision": ""}, "precision"),
        ({"precision": "unknown"}, "precision"),
        ({"precision": "exactly"}, "precision"),
        ({"what": ""}, "what"),
        ({"what": " \n "}, "what"),
        ({"what": "x" * 10_001}, "what"),
        ({"source": ""}, "source"),
        ({"source": "x" * 301}, "source"),
    ],
)
def test_each_thing_lacking_is_named_by_its_field(changes: dict[str, Any], field: str) -> None:
    assert list(problems(**changes)) == [field]


def test_clocks_may_differ_by_five_minutes() -> None:
    assert problems(happened_at=NOON + timedelta(minutes=5)) == {}


def test_everything_wrong_at_once_is_said_at_once() -> None:
    found = problems(happened_at=None, precision="", what="", source="")
    assert list(found) == ["happened_at", "precision", "what", "source"]
    assert all(sentence.endswith((".", "?")) for sentence in found.values())
