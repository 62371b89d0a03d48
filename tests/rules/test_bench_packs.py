"""The judgement of the bench of packs, and that it measures what it says."""

from __future__ import annotations

from typing import Any

import pytest

from saferpractice.evidence.rules.packs.document import Chart, Story, Table
from tests.bench_packs import CHARTS, MOST_MEGABYTES, MOST_SECONDS, Measured, judged, long_pack, said, words_of

pytestmark = pytest.mark.requirement("R32")


def measured(**other: Any) -> Measured:
    usual: dict[str, Any] = {
        "incidents": 200, "pages": 400, "kilobytes": 6_000, "pdf": 9.0, "plain": 3.0, "html": 1.0, "data": 0.5,
        "bundle": 11.0, "ours": 90.0, "typst": 280.0,
    }  # fmt: skip
    return Measured(**(usual | other))


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({}, []),
        ({"pdf": MOST_SECONDS - 0.1, "typst": MOST_MEGABYTES - 0.1, "bundle": 90.0}, []),
        ({"pdf": MOST_SECONDS}, ["seconds or longer"]),
        ({"typst": MOST_MEGABYTES}, ["MB or more"]),
        ({"ours": MOST_MEGABYTES}, ["MB or more"]),
        ({"ours": 999.0, "pdf": 99.0}, ["seconds or longer", "MB or more"]),
    ],
)
def test_time_and_memory_have_a_ceiling(other: dict[str, Any], words: list[str]) -> None:
    found = judged(measured(**other))
    assert len(found) == len(words)
    assert all(word in line for word, line in zip(words, found, strict=True))


def test_the_table_gives_the_ratio() -> None:
    assert "| 200 incidents | 400 | 6,000 | 9.0 | 3.0 | 3.0 | 1.0 | 0.5 | 11.0 | 90 | 280 |" in said(measured())


def test_each_incident_has_its_story_and_three_tables() -> None:
    pack = long_pack(30)
    blocks = [block for section in pack.sections for block in section.blocks]
    assert [len(block.moments) for block in blocks if isinstance(block, Story)] == [15] * 30
    assert sum(isinstance(block, Table) for block in blocks) == 90
    assert sum(isinstance(block, Chart) for block in blocks) == CHARTS


def test_the_baseline_sets_the_words_of_the_pack_and_no_markup() -> None:
    words = words_of(long_pack(1))
    assert "Decided on Tier B, structured review" in words
    assert sum("Nobody answered the door" in line for line in words) == 6 + 15
    assert not [line for line in words if "<" in line or "viewBox" in line or "font-size" in line]
