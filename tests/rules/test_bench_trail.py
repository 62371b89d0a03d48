"""The judgement of the bench of the trail."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bench_trail import MOST_GROWTH_KB, MOST_RESIDENT_KB, Measured, judged, said


def measured(**other: Any) -> Measured:
    usual = {"entries": 1_000_000, "heads": 40, "took": 30.0, "baseline": 15.0, "small_peak": 4000.0, "peak": 4000.0}
    return Measured(database="sqlite", **({"grew": 0.0} | usual | other))


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({}, []),
        ({"took": 59.9}, []),
        ({"took": 60.0}, ["a minute"]),
        ({"entries": 100_000, "took": 5.9}, []),
        ({"entries": 100_000, "took": 6.1}, ["a minute"]),
        ({"peak": 4000.0 + MOST_GROWTH_KB}, []),
        ({"peak": 4001.0 + MOST_GROWTH_KB}, ["more memory"]),
        ({"peak": 1.0}, []),
        ({"grew": MOST_RESIDENT_KB}, []),
        ({"grew": MOST_RESIDENT_KB + 1.0}, ["more memory"]),
        ({"peak": 90_000.0, "took": 61.0}, ["a minute", "more memory"]),
    ],
)
def test_a_minute_for_a_million_in_the_same_memory(other: dict[str, Any], words: list[str]) -> None:
    found = judged(measured(**other))
    assert len(found) == len(words)
    assert all(word in line for word, line in zip(words, found, strict=True))


def test_the_table_gives_rate_and_ratio() -> None:
    assert "| sqlite | 1,000,000 | 40 | 30.0 | 33,333 | 15.0 | 2.0 | 4,000 | 4,000 | 0 |" in said(measured())
