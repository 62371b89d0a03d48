"""What commissioners' pages are made of: published numbers, by what they import."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

pytestmark = pytest.mark.requirement("R32")
ROOM = Path("saferpractice/evidence")
READ = ["queries/commissioning.py", "queries/schedule.py", "presenters/commissioning.py", "presenters/contract.py",
        "views/commissioning.py", "forms/compare.py"]  # fmt: skip
COUNTS = ("saferpractice.assurance.queries", "saferpractice.evidence.queries.counted",
          "saferpractice.evidence.queries.facts", "saferpractice.evidence.queries.to_publish",
          "saferpractice.evidence.rules.disclosure.tables", "saferpractice.incidents", "saferpractice.reviews",
          "saferpractice.changes", "saferpractice.deadlines.models")  # fmt: skip


def imported(path: Path) -> set[str]:
    """Every module that a file names in an import."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
        elif isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
    return found


@pytest.mark.parametrize("name", READ)
def test_what_is_read_imports_nothing_that_counts(name: str) -> None:
    counting = [one for one in imported(ROOM / name) for start in COUNTS if one == start or one.startswith(f"{start}.")]
    assert counting == []


def test_the_same_look_finds_what_publishes() -> None:
    """So the list is not one of things that are nowhere."""
    assert {"saferpractice.evidence.queries.counted", "saferpractice.evidence.rules.disclosure.tables"} & imported(
        ROOM / "queries/to_publish.py"
    )
    assert any(one.startswith("saferpractice.assurance.queries") for one in imported(ROOM / "queries/counted.py"))


@pytest.mark.parametrize("module", ["queries/counted.py"])
def test_true_counts_are_read_where_they_are_guarded_and_nowhere_else(module: str) -> None:
    named = f"saferpractice.evidence.{module.removesuffix('.py').replace('/', '.')}"
    readers = sorted(str(path) for path in Path("saferpractice").rglob("*.py") if named in imported(path))
    assert readers == ["saferpractice/evidence/queries/to_publish.py"]
