"""The judgement of the bench."""

from __future__ import annotations

import pytest

from tests.bench import COUNTING_P95, Measured, grown, table, too_slow


def measured(incidents: int, p50: float, *, page: str = "Tracker", database: str = "sqlite") -> Measured:
    return Measured(database, incidents, page, p50=p50, p95=p50 * 2, bare_p50=2.0, statements=9)


@pytest.mark.parametrize(
    ("small", "large", "too_slow"),
    [(20.0, 30.0, False), (20.0, 30.1, True), (1.0, 2.9, False), (20.0, 10.0, False)],
)
def test_growth_is_judged_from_the_smallest_to_the_largest(small: float, large: float, too_slow: bool) -> None:
    assert bool(grown([measured(1000, small), measured(100_000, large)])) is too_slow


def test_pages_and_databases_are_judged_apart() -> None:
    found = [
        measured(1000, 10),
        measured(100_000, 90),
        measured(1000, 90, page="Front page"),
        measured(100_000, 90, page="Front page"),
        measured(1000, 10, database="postgresql"),
        measured(100_000, 10, database="postgresql"),
    ]
    assert grown(found) == ["Tracker on sqlite: 10.0 ms → 90.0 ms"]


def test_one_size_says_nothing_about_growth() -> None:
    assert grown([measured(1000, 10)]) == []


def test_the_table_gives_the_ratio() -> None:
    assert "| Tracker | sqlite | 1,000 | 8.0 | 16.0 | 2.0 | 4.0 | 9 |" in table([measured(1000, 8.0)])


@pytest.mark.parametrize(
    ("page", "database", "p95", "slow"),
    [
        ("Measures of a provider", "postgresql", COUNTING_P95, False),
        ("Measures of a provider", "postgresql", COUNTING_P95 + 1, True),
        ("Measures of a provider", "sqlite", COUNTING_P95 + 1, False),
        ("Tracker", "postgresql", COUNTING_P95 + 1, False),
    ],
)
def test_a_page_that_counts_may_grow_up_to_a_time(page: str, database: str, p95: float, slow: bool) -> None:
    found = [measured(1000, 10, page=page, database=database), measured(100_000, p95 / 2, page=page, database=database)]
    assert bool(too_slow(found)) is slow
    assert bool(grown(found)) is (page == "Tracker")
